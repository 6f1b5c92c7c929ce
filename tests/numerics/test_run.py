"""Runs: the contract of ``simulate``, what it records, and every wrong argument with its message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics import DEFAULT, STATE, InputError, NumericsError, backends, simulate
from numerics.observables import Context, evaluate, summarise
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]
KEYS = [
    "model",
    "algorithm",
    "parameters",
    "replicas",
    "steps",
    "seed",
    "backend",
    "device",
    "compile_seconds",
    "wall_seconds",
    "throughput",
    "state_digest",
    "summary",
]
GOOD: dict[str, Any] = {"m": 4, "n": 6, "eta": 0.1, "replicas": 3, "steps": 5, "backend": "numpy"}


def test_json_has_the_keys_of_the_contract_and_is_json(map_of: MapOf) -> None:
    run = simulate(map_of("linear"), **GOOD, algorithm="sgd", record=[*DEFAULT, "coordinates", "first:u>=9"])
    data = run.as_json()
    assert list(data) == KEYS
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["parameters"] == {
        "activation": "linear",
        "m": 4,
        "n": 6,
        "b": 1,
        "eta": 0.1,
        "init": "gaussian:0.5",
    }
    assert data["throughput"] == 3 * 5 * 6 / run.wall_seconds
    assert data["summary"]["first:u>=9"] == {
        "mean": None,
        "std": None,
        "min": None,
        "max": None,
        "finite": 0,
        "share": 0.0,
    }


def test_digest_is_of_the_little_endian_states_replica_major(map_of: MapOf) -> None:
    run = simulate(map_of("linear"), **GOOD)
    assert run.final.shape == (3, 6)
    assert run.state_digest == hashlib.sha256(run.final.astype("<f8").tobytes("C")).hexdigest()


def test_the_start_is_kept_and_never_overwritten(map_of: MapOf) -> None:
    for shape in ((1, 1), (1, 5), (5, 1)):
        start = np.full(shape, 0.5)
        run = simulate(map_of("linear"), **GOOD | {"m": 1, "n": shape[1], "replicas": shape[0]}, init=start)
        assert (start == 0.5).all()
        assert (run.start == 0.5).all()
        assert (run.final != 0.5).all()


def test_no_steps_leave_the_start(map_of: MapOf) -> None:
    for backend in ("numpy", "jit", "rounded"):
        run = simulate(map_of("relu"), **GOOD | {"steps": 0, "backend": backend}, save=[0])
        assert np.array_equal(run.final, run.start)
        assert np.array_equal(run.checkpoints, run.start[None])
        assert np.allclose(run.observables["max:norm2"], np.sum(run.start**2, axis=1), rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "jit"])
def test_streamed_values_are_those_of_the_whole_trajectory(map_of: MapOf, backend: str) -> None:
    """All steps are saved; sums in another order differ by at most n u relative, far below 1e-13."""
    steps = 60
    run = simulate(
        map_of("linear"),
        m=4,
        n=6,
        eta=0.2,
        algorithm="sgd",
        replicas=30,
        steps=steps,
        backend=backend,
        save=range(steps + 1),
        record=("max:norm2", "max:phi", "max:psi", "max:peak2", "first:peak2>=0.5", "first:psi>=0.01"),
    )
    c = run.checkpoints
    assert c.shape == (steps + 1, 30, 6)
    assert np.array_equal(c[0], run.start)
    assert np.array_equal(c[-1], run.final)
    squares = {
        "norm2": np.sum(c**2, axis=2),
        "phi": np.sum(c[..., :4] ** 2, axis=2),
        "psi": np.sum(c[..., 4:] ** 2, axis=2),
        "peak2": np.max(c[..., :4] ** 2, axis=2),
    }
    for name, values in squares.items():
        assert np.allclose(run.observables[f"max:{name}"], values.max(axis=0), rtol=1e-13, atol=0)
    for name, threshold in (("peak2", 0.5), ("psi", 0.01)):
        reached = squares[name] >= threshold
        expected = np.where(reached.any(axis=0), reached.argmax(axis=0), -1)
        assert np.array_equal(run.observables[f"first:{name}>={threshold}"], expected)
        assert reached.any()
        assert not reached.all()


@pytest.mark.parametrize("backend", ["numpy", "jit"])
@pytest.mark.parametrize(
    ("activation", "algorithm", "n"), [("linear", "sgd", 6), ("relu", "gd", 5), ("linear", "sgd", 40)]
)
def test_what_is_along_a_run_is_what_shorter_runs_end_with(
    map_of: MapOf, backend: str, activation: str, algorithm: str, n: int
) -> None:
    options = GOOD | {
        "n": n,
        "algorithm": algorithm,
        "backend": backend,
        "replicas": 70,
        "record": [*STATE, "max:norm2"],
    }
    long = simulate(map_of(activation), **options | {"steps": 300, "at": (300, 0, 7, 256, 7)})
    plain = simulate(map_of(activation), **options | {"steps": 300})
    assert long.state_digest == plain.state_digest
    assert (long.observables["max:norm2"] == plain.observables["max:norm2"]).all()
    assert long.at.tolist() == [0, 7, 256, 300]
    assert set(long.along) == set(STATE)
    for place, steps in enumerate((0, 7, 256, 300)):
        short = simulate(map_of(activation), **options | {"steps": steps, "chunk": 9, "workers": 2})
        for name in STATE:
            assert long.along[name][place].tobytes() == short.observables[name].tobytes(), (name, steps)


def test_observables_follow_their_definitions() -> None:
    """By hand: c = (3, -4, 12)/13, m = 2, so |w| = 1, R = log(4/3) and the largest cosine is 3/13."""
    c = np.array([[3.0, -4.0, 12.0]]) / 13
    start = np.array([[0.0, 0.0, 2.0]])
    values = evaluate(STATE, c, Context(2, start, 1e-6))
    expected = {
        "norm": 1.0,
        "norm2": 1.0,
        "phi": 25 / 169,
        "psi": 144 / 169,
        "log_ratio": np.log(4 / 3),
        "cossim_data": 3 / 13,
        "cossim_start": 12 / 13,
    }
    for name, value in expected.items():
        assert values[name][0] == pytest.approx(value, rel=1e-14)
    assert values["limit_point"][0] == 0.0
    near = np.array([[1e-9, -1.0, 0.0], [1.0, 0.0, 1e-9], [0.0, 0.0, 1.0]])
    assert evaluate(["limit_point"], near, Context(2, near, 1e-6))["limit_point"].tolist() == [-2.0, 1.0, 0.0]
    assert summarise("limit_point", np.array([-2.0, 1.0, 0.0, 1.0])) == {
        "counts": {"-2": 1, "none": 1, "+1": 2},
        "share": 0.75,
    }


def test_summary_skips_what_is_not_finite() -> None:
    assert summarise("norm", np.array([1.0, 3.0, np.inf, np.nan])) == {
        "mean": 2.0,
        "std": pytest.approx(2**0.5),
        "min": 1.0,
        "max": 3.0,
        "finite": 2,
    }
    assert summarise("norm", np.array([1e308, 1.5e308]))["mean"] == pytest.approx(1.25e308)


def test_sgd_ends_at_data_points_and_gd_at_the_projection(map_of: MapOf) -> None:
    """Theorems 1 and 2 of the autoencoder paper, at one seed: what the kernels are for."""
    options: dict[str, Any] = {"m": 4, "n": 6, "eta": 0.2, "replicas": 50, "steps": 4000, "backend": "jit"}
    sgd = simulate(map_of("linear"), **options, algorithm="sgd", record=["limit_point"])
    limit = sgd.observables["limit_point"].astype(int)
    assert (limit != 0).all()
    place = np.abs(limit) - 1
    assert (np.sign(limit) == np.sign(sgd.start[np.arange(50), place])).all()
    gd = simulate(map_of("linear"), **options, algorithm="gd")
    data = np.where(np.arange(6) < 4, gd.start, 0.0)
    assert np.abs(gd.final - data / np.linalg.norm(data, axis=1, keepdims=True)).max() < 1e-12


def test_gaussian_starts_scale_with_sigma_and_dimension(map_of: MapOf) -> None:
    one = simulate(map_of("linear"), **GOOD | {"steps": 0}, init="gaussian:1").start
    two = simulate(map_of("linear"), **GOOD | {"steps": 0}, init="gaussian:2").start
    assert np.array_equal(2.0 * one, two)
    assert (simulate(map_of("linear"), **GOOD, init="gaussian:0").final == 0.0).all()


def test_gaussian_starts_have_squared_norm_sigma_squared(map_of: MapOf) -> None:
    """The mean of |w_0|^2 has standard error sqrt(2/(n R)); beyond 6 of them once in 5e8 seeds."""
    start = simulate(map_of("linear"), **GOOD | {"steps": 0, "replicas": 20_000}, init="gaussian:1").start
    assert abs(np.mean(np.sum(start**2, axis=1)) - 1.0) < 6 * np.sqrt(2 / (6 * 20_000))


def test_numpy_integers_are_integers(map_of: MapOf) -> None:
    sizes = {key: np.int64(GOOD[key]) for key in ("m", "n", "replicas", "steps")}
    run = simulate(map_of("linear"), **GOOD | sizes, seed=np.uint64(7), save=np.array([1, 2]))  # type: ignore[arg-type]
    assert json.dumps(run.as_json())


def test_a_fraction_is_rounded_once(map_of: MapOf) -> None:
    exact = simulate(map_of("linear"), **GOOD | {"eta": Fraction(1, 10)})
    assert exact.state_digest == simulate(map_of("linear"), **GOOD).state_digest


def test_archive_holds_checkpoints_and_observables(map_of: MapOf, tmp_path: Path) -> None:
    run = simulate(map_of("linear"), **GOOD, save=[2, 5])
    run.save_npz(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as archive:
        assert archive["checkpoint_steps"].tolist() == [2, 5]
        assert np.array_equal(archive["checkpoints"], run.checkpoints)
        assert np.array_equal(archive["observable:phi"], run.observables["phi"])


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"eta": 0.0}, r"eta is 0.0 \(float\); it must be positive"),
    ({"eta": -1}, r"eta is -1 \(int\); it must be positive"),
    ({"eta": float("nan")}, "eta is nan .*finite real number"),
    ({"eta": Fraction(10**400)}, "eta is .*finite real number"),
    ({"eta": "0.1"}, r"eta is '0.1' \(str\).*finite real number"),
    ({"m": 0}, "m is 0 .*at least 1"),
    ({"m": 7}, "m is 7 and ambient dimension n is 6"),
    ({"m": 2.0}, r"m is 2.0 \(float\)"),
    ({"algorithm": "sgd", "b": 5}, "b is 5 .*from 1 to m = 4"),
    ({"algorithm": "sgd", "b": 0}, "b is 0 .*from 1 to m = 4"),
    ({"algorithm": "gd", "b": 2}, "algorithm 'gd' has b = m = 4"),
    ({"algorithm": "cyclic", "b": 2}, "algorithm 'cyclic' has b = 1"),
    ({"algorithm": "sdg"}, "unknown algorithm 'sdg' .*did you mean 'sgd'"),
    ({"algorithm": None}, "unknown algorithm None"),
    ({"backend": "nunpy"}, "unknown backend 'nunpy' .*did you mean 'numpy'"),
    ({"record": ["nrom"]}, "unknown observable 'nrom' .*did you mean 'norm'"),
    ({"record": ["max:pis"]}, "'max:pis'.*did you mean 'psi'"),
    ({"record": ["first:phi>=much"]}, "threshold 'much'"),
    ({"replicas": -1}, "replicas is -1 .*at least 1"),
    ({"replicas": 0}, "replicas is 0 .*at least 1"),
    ({"steps": -1}, "steps is -1 .*at least 0"),
    ({"seed": -3}, "seed is -3"),
    ({"chunk": 0}, "chunk is 0"),
    ({"workers": 0}, "workers is 0"),
    ({"tolerance": -1.0}, "tolerance is -1.0"),
    ({"save": 6}, "checkpoint 6 .*from 0 to steps = 5"),
    ({"save": [1.5]}, "checkpoint 1.5 .*from 0 to steps = 5"),
    ({"init": np.full(6, 1j)}, "init is .*gaussian:SIGMA"),
    ({"save": [6]}, "checkpoint 6 .*from 0 to steps = 5"),
    ({"at": [6]}, "recorded step 6 .*from 0 to steps = 5"),
    ({"at": [-1]}, "recorded step -1 .*from 0 to steps = 5"),
    ({"at": [1], "record": "max:phi"}, "at has steps, but no observable of a state"),
    ({"record": None}, "record is None"),
    ({"eta": Fraction(1, 10**400)}, "eta is .*rounds to zero; it must be positive"),
    ({"replicas": 2**32, "init": [0.0] * 6}, "starts of this run take 192 GiB"),
    ({"init": [0.1, float("inf"), 0, 0, 0, 0]}, r"entry inf at \[1\]"),
    ({"init": [0.1, 0.2]}, r"shape \(2,\).*shape \(6,\) or \(3, 6\)"),
    ({"init": np.zeros((6, 3))}, r"shape \(6, 3\).*shape \(6,\) or \(3, 6\)"),
    ({"init": "gauss:1"}, "init is 'gauss:1' .*gaussian:SIGMA"),
    ({"init": "gaussian"}, "init is 'gaussian' .*gaussian:SIGMA"),
    ({"init": "gaussian:-1"}, "init is 'gaussian:-1' .*SIGMA >= 0"),
    ({"init": [["a"] * 6]}, "init is .*gaussian:SIGMA"),
    ({"algorithm": "sequence"}, "needs sequence="),
    ({"algorithm": "sequence", "sequence": [[0]] * 4}, "4 batches, but 5 steps"),
    ({"algorithm": "sequence", "sequence": [[0, 4]] * 5}, r"batch 0 of the sequence is \[0, 4\].*m - 1 = 3"),
    ({"algorithm": "sequence", "sequence": [[1, 1]] * 5}, "distinct"),
    ({"algorithm": "sequence", "sequence": [[1], [0, 1]]}, "ragged"),
    ({"algorithm": "sequence", "sequence": [[0.5]] * 5}, "float64"),
    ({"sequence": [[0]] * 5}, "use 'sequence'"),
    ({"parameters": {"beta": 1.0}}, "unknown parameter 'beta'"),
]


@pytest.mark.parametrize(("change", "message"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_arguments_are_named_shown_and_answered(map_of: MapOf, change: dict[str, Any], message: str) -> None:
    assert issubclass(InputError, NumericsError)
    assert issubclass(NumericsError, ValueError)
    with pytest.raises(InputError, match=message):
        simulate(map_of("linear"), **GOOD | change)


def test_backends_are_found_by_name() -> None:
    assert set(backends()) == {"cupy", "jit", "numpy", "rounded"}
