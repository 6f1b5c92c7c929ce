"""``gdproof simulate`` for the models that are found by name."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass

import numpy as np
import pytest

from checks.cli import main
from theory.models import names


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@pytest.fixture
def simulate(monkeypatch, capsys, tmp_path):
    """Run ``gdproof simulate`` on the NumPy target in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str, backend: str = "numpy") -> Answer:
        monkeypatch.setattr(sys, "argv", ["gdproof", "simulate", *arguments, "--backend", backend])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Answer(0 if ended.value.code is None else ended.value.code, captured.out, captured.err)

    return run


def refused(answer: Answer, *words: str) -> None:
    assert answer.code == 2
    assert answer.out == ""
    assert "Traceback" not in answer.err
    assert sum(line.lower().startswith("error:") for line in answer.err.splitlines()) == 1
    for word in words:
        assert word in answer.err


FEW = ("--replicas", "3", "--steps", "4")
ARRAYS = [name for name in names() if name != "autoencoder"]


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("algorithm", ["gd", "sgd", "cyclic"])
def test_every_model_runs_by_name_with_the_json_of_the_contract(simulate, name, algorithm):
    answer = simulate(name, "--algorithm", algorithm, "--set", "eta=1/1000", *FEW, "--json", "-")
    assert answer.code == 0, answer.err
    result = json.loads(answer.out)
    expected = {"model": name, "algorithm": algorithm, "replicas": 3, "steps": 4, "seed": 0, "backend": "numpy"}
    assert {key: result[key] for key in expected} == expected
    keys = {"parameters", "device", "compile_seconds", "wall_seconds", "throughput", "state_digest", "summary"}
    assert keys <= set(result)
    assert set(result["summary"]) == {"loss", "norm", "distance"}
    again = json.loads(simulate(name, "--algorithm", algorithm, "--set", "eta=0.001", *FEW, "--json", "-").out)
    assert again["state_digest"] == result["state_digest"]
    other = simulate(name, "--algorithm", algorithm, "--set", "eta=0.001", *FEW, "--seed", "1", "--json", "-")
    assert json.loads(other.out)["state_digest"] != result["state_digest"]


def test_the_digest_is_that_of_the_jit(simulate):
    arguments = ("stochastic-quadratic", "--algorithm", "sgd", "--set", "p=3", "--set", "atoms=5", *FEW, "--json", "-")
    slow, fast = (json.loads(simulate(*arguments, backend=backend).out) for backend in ("numpy", "jit"))
    assert slow["state_digest"] == fast["state_digest"]


def test_explain_prints_the_passes(simulate):
    answer = simulate("stochastic-quadratic", "--algorithm", "sgd", "--set", "b=200", *FEW, "--explain")
    assert answer.code == 0
    assert "finite-support batches as counts" in answer.out
    assert "chosen" in answer.out
    told = simulate("diagonal-linear", *FEW, "--explain", "--json", "-")
    assert any("diagonal decoupling" in line for line in json.loads(told.out)["explain"])


def test_explain_of_the_autoencoder_says_what_the_kernel_uses(simulate):
    answer = simulate("autoencoder", *FEW, "--explain", "--json", "-")
    assert answer.code == 0, answer.err
    assert any(line.startswith("pass ") for line in json.loads(answer.out)["explain"])


def test_sizes_depth_and_records_are_set_by_name(simulate):
    answer = simulate("deep-linear", "--set", "depth=2", "--set", "d=3", *FEW, "--record", "coordinates", "--json", "-")
    result = json.loads(answer.out)
    assert result["parameters"]["depth"] == 2
    assert len(result["summary"]["coordinates"]["mean"]) == 2 * 3 * 3


def test_data_and_start_come_from_files(simulate, tmp_path):
    np.savez(tmp_path / "data.npz", Q=np.full((2, 1, 1), 2.0), r=np.full((2, 1), -2.0))
    np.save(tmp_path / "start.npy", np.array([5.0]))
    answer = simulate(
        *("stochastic-quadratic", "--set", "p=1", "--set", "atoms=2", "--set", "eta=1/4", "--data", "data.npz"),
        *("--init", "start.npy", *FEW, "--record", "coordinates", "--json", "-", "--save", "run.npz"),
    )
    assert json.loads(answer.out)["summary"]["coordinates"]["mean"] == [1 + 4 * 0.5**4]
    with np.load(tmp_path / "run.npz") as kept:
        assert kept["checkpoints"][:, 0, 0].tolist() == [1 + 4 * 0.5**t for t in range(5)]


WRONG = [
    (("deep-liner",), ("deep-liner", "deep-linear", "Known", "autoencoder")),
    (("deep-linear", "--set", "width=3"), ("width", "depth", "samples", "eta")),
    (("deep-linear", "--set", "depth=0"), ("depth", "0", "at least 1")),
    (("deep-linear", "--set", "d=1.5"), ("d=1.5", "integer")),
    (("deep-linear", "--set", "eta=-1"), ("eta", "positive")),
    (("deep-linear", "--algorithm", "sgd", "--set", "b=33"), ("b", "33", "32")),
    (("deep-linear", "--record", "phi"), ("phi", "loss")),
    (("deep-linear", "--data", "missing.npz"), ("missing.npz",)),
    (("deep-linear", "--init", "missing.npy"), ("missing.npy",)),
    (("deep-linear", "--init", "gaussian:-1"), ("gaussian:-1",)),
    (("deep-linear", "--replicas", "0"), ("replicas", "0")),
    (("autoencoder", "--data", "missing.npz"), ("--data",)),
    (("autoencoder", "--dtype", "float32"), ("--dtype", "autoencoder")),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda x: " ".join(x))
def test_wrong_usage_is_named(simulate, arguments, words):
    refused(simulate(*arguments), *words)


def test_a_backend_that_has_no_such_models_is_named(simulate):
    refused(simulate("deep-linear", backend="cupy"), "cupy", "numpy", "jit")
