"""Bit parity: generated code gives the bits of the interpreter, however a run is cut."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from numerics import RunResult, simulate
from numerics.targets import jit_cache
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]
RECORD = ("max:norm2", "max:u", "max:peak2", "max:phi", "max:psi", "first:norm2>=0.9", "first:peak2>=0.2")

KEY = ("algorithm", "m", "n", "b")
RUNS: list[dict[str, Any]] = [
    {"m": 2, "n": 2, "algorithm": "gd"},
    {"m": 19, "n": 27, "algorithm": "gd"},
    {"m": 1, "n": 1, "algorithm": "sgd", "b": 1},
    {"m": 2, "n": 2, "algorithm": "sgd", "b": 1},
    {"m": 8, "n": 16, "algorithm": "sgd", "b": 1},
    {"m": 19, "n": 27, "algorithm": "sgd", "b": 1},
    {"m": 19, "n": 27, "algorithm": "sgd", "b": 2},
    {"m": 19, "n": 27, "algorithm": "sgd", "b": 5},
    {"m": 19, "n": 19, "algorithm": "sgd", "b": 16},
    {"m": 19, "n": 27, "algorithm": "sgd", "b": 17},
    {"m": 19, "n": 27, "algorithm": "sgd", "b": 19},
    {"m": 5, "n": 9, "algorithm": "cyclic"},
    {"m": 9, "n": 12, "algorithm": "sequence", "sequence": [[8, 1], [0, 3], [4, 5], [2, 1], [7, 8]] * 5},
]


def run(update_map: UpdateMap, backend: str, **options: Any) -> RunResult:
    arguments: dict[str, Any] = {"eta": 0.2, "replicas": 7, "steps": 25, "seed": 3, "init": "gaussian:0.9"}
    return simulate(update_map, backend=backend, record=RECORD, **(arguments | options))


def same(a: RunResult, b: RunResult) -> bool:
    assert set(a.observables) == set(b.observables)
    watched = all(np.array_equal(a.observables[name], b.observables[name]) for name in a.observables)
    return watched and a.state_digest == b.state_digest and a.final.tobytes() == b.final.tobytes()


@pytest.mark.parametrize("options", RUNS, ids=lambda run: "-".join(str(run.get(key, "")) for key in KEY))
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_targets_give_the_bits_of_the_interpreter(map_of: MapOf, activation: str, options: dict[str, Any]) -> None:
    expected = run(map_of(activation), "rounded", **options)
    assert not np.array_equal(expected.final, expected.start)
    for backend in ("numpy", "jit"):
        assert same(run(map_of(activation), backend, **options), expected), backend


@pytest.mark.parametrize("options", [RUNS[1], RUNS[6], RUNS[8]], ids=["gd", "list", "mask"])
def test_dense_kernels_run_with_parity(map_of: MapOf, options: dict[str, Any]) -> None:
    runs = [run(map_of("relu"), backend, **options, passes=()) for backend in ("rounded", "numpy", "jit")]
    assert same(runs[0], runs[1])
    assert same(runs[0], runs[2])


@pytest.mark.parametrize("eta", [0.2, 1.5])
@pytest.mark.parametrize("b", [1, 2, 7])
def test_parity_holds_through_settling_and_scales_out_of_range(map_of: MapOf, b: int, eta: float) -> None:
    """600 steps settle twice on schedule; eta = 1.5 makes common factors negative, so lanes settle by themselves."""
    options = {"m": 19, "n": 27, "algorithm": "sgd", "b": b, "eta": eta, "init": "gaussian:1", "steps": 600}
    expected = run(map_of("linear"), "rounded", **options | {"replicas": 3})
    for backend in ("numpy", "jit"):
        assert same(run(map_of("linear"), backend, **options | {"replicas": 3}), expected), backend


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_derived_maps_run_with_parity(map_of: MapOf, activation: str) -> None:
    runs = [
        run(map_of(activation, "derived"), backend, m=6, n=10, algorithm="sgd", b=2)
        for backend in ("rounded", "numpy", "jit")
    ]
    assert same(runs[0], runs[1])
    assert same(runs[0], runs[2])


@pytest.mark.parametrize("backend", ["numpy", "jit"])
@pytest.mark.parametrize(("chunk", "workers"), [(1, 1), (3, 2), (64, 1), (1000, 3)])
@pytest.mark.parametrize("b", [1, 4])
def test_no_bit_depends_on_chunks_workers_or_checkpoints(
    map_of: MapOf, backend: str, chunk: int, workers: int, b: int
) -> None:
    options = {"m": 9, "n": 11, "algorithm": "sgd", "b": b, "replicas": 150, "steps": 30}
    whole = run(map_of("relu"), backend, **options)
    cut = run(map_of("relu"), backend, **options, chunk=chunk, workers=workers, save=[1, 7, 30])
    assert same(whole, cut)


@pytest.mark.parametrize(("eta", "init"), [(0.2, "gaussian:0.9"), (0.9, "gaussian:2.5")], ids=["tame", "settling"])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_updates_of_masks_that_wait_for_the_next_sum_keep_the_bits(
    map_of: MapOf, activation: str, eta: float, init: str
) -> None:
    """Nothing streamed reads the coordinates, so a step's update is done with the sums of the next one."""
    options = {"m": 131, "n": 140, "algorithm": "sgd", "b": 64, "replicas": 21, "eta": eta, "init": init}
    results = [
        simulate(map_of(activation), backend=backend, record=("max:norm2",), steps=steps, save=save, **options)
        for backend, steps, save in (("numpy", 259, (1, 5, 255, 256, 257)), ("jit", 259, (1, 5, 255, 256, 257)))
    ]
    whole = simulate(map_of(activation), backend="jit", record=("max:norm2",), steps=259, chunk=3, **options)
    assert np.array_equal(results[0].checkpoints, results[1].checkpoints, equal_nan=True)
    assert same(results[0], results[1])
    assert same(results[0], whole)


@pytest.mark.parametrize("backend", ["numpy", "jit"])
def test_a_replica_is_a_function_of_its_number(map_of: MapOf, backend: str) -> None:
    """More replicas or more steps never change what is already there."""
    short = run(map_of("linear"), backend, m=5, n=8, algorithm="sgd", b=2, replicas=70, steps=11)
    long = run(map_of("linear"), backend, m=5, n=8, algorithm="sgd", b=2, replicas=90, steps=20, save=[11])
    assert np.array_equal(long.checkpoints[0, :70], short.final)


@pytest.mark.parametrize("options", RUNS[1:], ids=lambda run: "-".join(str(run.get(key, "")) for key in KEY))
def test_parity_holds_for_everything_that_the_ir_can_say(map_of: MapOf, options: dict[str, Any]) -> None:
    """Every domain, filter and operation; some coordinates start exactly at the kink."""
    start = np.linspace(-1.0, 1.0, 7 * options["n"]).reshape(7, options["n"])
    start[:, ::3] = 0.0
    arguments = {**options, "init": start, "record": ["max:d", "max:p", "max:q", "max:s", "max:t"]}
    runs = [
        simulate(map_of("artificial"), eta=0.2, replicas=7, steps=25, backend=backend, **arguments)
        for backend in ("rounded", "numpy", "jit")
    ]
    assert np.isfinite(runs[0].final).all()
    for run in runs[1:]:
        assert run.state_digest == runs[0].state_digest
        for name, values in runs[0].observables.items():
            assert np.array_equal(run.observables[name], values)


def test_divergent_runs_keep_parity_through_infinity_and_nan(map_of: MapOf) -> None:
    start = [0.0, 3.0, -4.0, 2.0]  # zero times infinity is NaN
    options = {"m": 3, "n": 4, "algorithm": "sgd", "b": 1, "eta": 5.0, "init": start, "steps": 20}
    expected = run(map_of("linear"), "rounded", **options)
    assert np.isnan(expected.final).any()
    assert np.isinf(expected.observables["max:norm2"]).any()
    for backend in ("numpy", "jit"):
        assert same(run(map_of("linear"), backend, **options), expected)


def test_seeds_and_replicas_give_different_runs(map_of: MapOf) -> None:
    options = {"m": 5, "n": 5, "algorithm": "sgd", "b": 1, "init": np.full(5, 0.3)}
    first, second = (run(map_of("linear"), "jit", **options, seed=seed) for seed in (1, 2))
    assert first.state_digest != second.state_digest
    assert len(np.unique(first.final, axis=0)) > 1


def test_compiled_code_has_no_fused_multiply_add(map_of: MapOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiled afresh, because Numba shows no code that comes from its cache."""
    monkeypatch.setenv("GDPROOF_CACHE", "off")
    monkeypatch.setattr(jit_cache, "_loaded", {})
    for algorithm in ("gd", "sgd"):
        run(map_of("linear"), "jit", m=4, n=4, algorithm=algorithm, replicas=1, steps=1)
    assert len(jit_cache._loaded) == 2
    for compiled in jit_cache._loaded.values():
        for text in compiled.inspect_asm().values():
            assert "mul" in text
            assert "fmadd" not in text
            assert "fmsub" not in text
