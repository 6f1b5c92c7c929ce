"""``gdproof hessian``: figures along a run, against closed forms at its minimum."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from checks.cli import group


def gdproof(*words: object) -> Result:
    return CliRunner().invoke(group, ["hessian", *(str(word) for word in words)])


def test_the_trace_at_the_limit_is_the_closed_form() -> None:
    """(n + 4)/m - 1 and the largest eigenvalue 4/m, at a minimum of the linear model."""
    done = gdproof("autoencoder", "--set", "m=4", "--set", "n=6", "--at", "0,2000", "--probes", "50", "--json", "-")
    answer = json.loads(done.output)
    start, end = answer["iterates"]
    assert (start["step"], end["step"]) == (0, 2000)
    assert end["norm2"] == pytest.approx(1.0, abs=1e-9)
    assert end["trace"] == pytest.approx(10 / 4 - 1, abs=1e-9)
    assert end["eigenvalues"][0] == pytest.approx(1.0, abs=1e-9)
    assert abs(end["estimate"]["value"] - end["trace"]) <= end["estimate"]["guaranteed"]


def test_a_start_from_a_file_and_the_text(tmp_path: Path) -> None:
    np.save(tmp_path / "w.npy", np.array([0.6, 0.8, 0.0]))
    done = gdproof("relu-autoencoder", "--set", "m=3", "--init", tmp_path / "w.npy", "--at", "0", "--top", "9")
    assert done.exit_code == 0, done.output
    assert "step 0" in done.output
    assert "|w|^2 1 " in done.output
    assert "residuals at most" in done.output
    gdproof("autoencoder", "--at", "3", "--json", tmp_path / "h.json")
    assert json.loads((tmp_path / "h.json").read_text())["iterates"][0]["step"] == 3


def test_models_of_arrays(tmp_path: Path) -> None:
    """The Hessian of a stochastic quadratic does not move along its run, and is the mean of its matrices."""
    from numerics.arrays.data import instance
    from theory.models import array_model

    words = ["--set", "atoms=5", "--set", "p=4", "--set", "eta=1/20", "--set", "data_seed=2", "--top", "4"]
    done = gdproof("stochastic-quadratic", *words, "--at", "0,20", "--json", tmp_path / "h.json")
    assert done.exit_code == 0, done.output
    first, last = json.loads((tmp_path / "h.json").read_text())["iterates"]
    model = array_model("stochastic-quadratic")
    mean = instance(model, {size.symbol: n for size, n in zip(model.sizes, (5, 4), strict=True)}, 2)["Q"].mean(axis=0)
    assert first["norm2"] != last["norm2"]
    for found in (first, last):
        assert found["trace"] == pytest.approx(np.trace(mean), rel=1e-13)
        assert found["eigenvalues"] == pytest.approx(np.linalg.eigvalsh(mean)[::-1], rel=1e-12)


def test_an_operator_that_is_zero_has_eigenvalues_zero() -> None:
    """At weights of size 1e6 the softmax is saturated: every probability is 0 or 1 in doubles."""
    done = gdproof("two-layer-relu-softmax", "--init", "gaussian:1e6", "--at", "0", "--json", "-")
    assert done.exit_code == 0, done.output
    (found,) = json.loads(done.output)["iterates"]
    assert found["eigenvalues"] == [0.0, 0.0, 0.0]
    assert found["residuals"] == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--set", "k=3"], "autoencoder has the parameters m, n, b and eta"),
        (["--set", "m=2,3"], "give one number for each setting"),
        (["--set", "m=1/2"], "an integer is expected"),
        (["--at", "x"], "give steps as integers"),
        (["--init", "nowhere.npy"], "neither gaussian:SIGMA nor a readable .npy file"),
    ],
)
def test_wrong_usage_is_named(words: list[str], says: str) -> None:
    done = gdproof("autoencoder", *words)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
