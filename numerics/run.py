"""Runs: check the arguments, compile the step, stream the trajectories, return observables."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.along import Along
from numerics.arguments import check_counts, check_memory, integer, number, start_of, step_size, steps_of
from numerics.batches import Batches, batches_of, law_of
from numerics.errors import InputError, describe, unknown_name
from numerics.front import lower
from numerics.ir import Law
from numerics.observables import DEFAULT, Context, blank_watch, evaluate, plan
from numerics.passes import PASSES, rewrite
from numerics.random import key_of
from numerics.result import RunResult
from numerics.stream import stream, threads_of
from numerics.targets import Problem, backends, target
from theory.derive.update_map import UpdateMap


def simulate(
    update_map: UpdateMap,
    *,
    m: int,
    n: int,
    eta: float | Fraction,
    algorithm: str = "gd",
    b: int | None = None,
    replicas: int = 1,
    steps: int = 100,
    seed: int = 0,
    init: str | npt.ArrayLike = "gaussian:0.5",
    backend: str = "jit",
    record: Iterable[str] = DEFAULT,
    at: Iterable[int] = (),
    save: Iterable[int] = (),
    sequence: object | None = None,
    parameters: Mapping[str, float | Fraction] | None = None,
    tolerance: float = 1e-6,
    chunk: int | None = None,
    workers: int | None = None,
    passes: Iterable[str] = tuple(PASSES),
) -> RunResult:
    """Run a gradient method from its derived update map.

    The final states have the same bits for every backend, chunk size and number of workers.

    Parameters
    ----------
    update_map
        What theory derived.
    m, n
        Sample count and ambient dimension, ``1 <= m <= n``.
    eta
        Step size, positive and finite; a fraction is rounded once to the nearest double.
    algorithm, b
        ``gd``, ``sgd`` (uniform b-subsets), ``cyclic`` or ``sequence``; batch size (see ``batches_of``).
    replicas, steps, seed
        Number of independent runs, number of steps, seed of all draws.
    init
        ``gaussian:SIGMA`` for ``N(0, SIGMA^2/n I_n)``, or coordinates of shape (n,) or (replicas, n).
    backend
        One of ``numerics.targets.backends()``.
    record
        Observables, see ``numerics.observables``: of the final state, and streamed maxima and first passages.
    at
        Steps at which the observables of the state are recorded too.
    save
        Steps at which the states are kept.
    sequence
        Explicit batches for the algorithm ``sequence``.
    parameters
        Values of further parameters of the update map, by name.
    tolerance
        Distance at which an iterate counts as at a data point.
    chunk, workers
        Replicas a chunk, and threads.  Neither changes a bit.
    passes
        Names of the passes that may use derived properties of the step (see ``numerics.passes``); ``()`` runs the
        dense kernel.  They change the rounding, within the bound of ``docs/kernels.md``.

    Raises
    ------
    InputError
        If an argument has no meaning; the message says what would work.
    LoweringError, TargetError
        If the update map has no kernel, or the backend cannot run here.
    """
    _check_sizes(m, n)
    check_counts(replicas, steps, chunk, workers)
    m, n, replicas, steps = int(m), int(n), int(replicas), int(steps)
    if not number("tolerance", tolerance) >= 0.0:
        raise InputError(f"tolerance is {describe(tolerance)}; it must not be negative, such as 1e-6")
    key_of(seed)
    law = law_of(algorithm)
    batches = batches_of(law, m, b, seed, steps, sequence)
    values = _parameter_values(update_map, eta, parameters or {})
    start = start_of(init, replicas, n, seed, lambda sigma: sigma / math.sqrt(n))
    recorded = plan(record, (item.symbol.name for item in update_map.reductions))
    seen, saved = steps_of("recorded step", at, steps), steps_of("checkpoint", save, steps)
    check_memory("checkpoints", len(saved) * start.size)
    along = Along(
        recorded.state,
        seen,
        start,
        lambda names, states, starts: evaluate(names, states, Context(m, starts, tolerance)),
    )
    stops = [*(step for step in sorted({*seen, *saved}) if 0 < step < steps), steps]
    module = target(backend)

    begin = time.perf_counter()
    kernel, _ = rewrite(lower(update_map, law, recorded.watches, batches.form), n, batches.b, passes)
    problem = Problem(kernel, batches, n, tuple(values[name] for name in kernel.parameters), recorded.thresholds)
    advance = module.prepare(problem)
    compiled = time.perf_counter()

    watch = blank_watch(recorded, replicas)
    along.see(0, slice(0, replicas), start)
    kept = {step: np.empty_like(start) for step in {*saved, steps}}
    size = chunk or module.share(problem, replicas, threads_of(workers))
    begin_run, begin_cpu = time.perf_counter(), time.process_time()
    stream(problem, advance, start, watch, stops, size, workers, kept, along.see)
    end_run, end_cpu = time.perf_counter(), time.process_time()
    final = kept[steps]
    if steps:
        kept[0] = start

    context = Context(m, start, tolerance)
    observables = evaluate(recorded.state, final, context)
    observables.update(zip(recorded.watched, watch, strict=True))
    return RunResult(
        model=update_map.model,
        algorithm=law.value,
        parameters=_report(update_map, batches, n, values, init),
        replicas=replicas,
        steps=steps,
        seed=int(seed),
        backend=backend,
        device=module.device(),
        start=start,
        final=final,
        observables=observables,
        checkpoint_steps=np.array(saved, np.int64),
        checkpoints=np.array([kept[t] for t in saved]).reshape(-1, replicas, n),
        compile_seconds=compiled - begin,
        wall_seconds=end_run - begin_run,
        cpu_seconds=end_cpu - begin_cpu,
        kernel_digest=kernel.digest(),
        at=along.steps,
        along=along.values(),
    )


def _check_sizes(m: int, n: int) -> None:
    """Check sample count and dimension."""
    integer("sample count m", m, 1, "an integer of at least 1")
    integer("ambient dimension n", n, 1, "an integer of at least 1")
    if m > n:
        raise InputError(f"sample count m is {m} and ambient dimension n is {n}: orthonormal data need m <= n")
    if m >= 2**31:
        raise InputError(f"sample count m is {m}; it must be below 2**31")


def _parameter_values(update_map: UpdateMap, eta: object, others: Mapping[str, float | Fraction]) -> dict[str, float]:
    """Return the value of every parameter of the map."""
    values = {"eta": step_size(eta)}
    names = [symbol.name for symbol in update_map.parameters]
    for name, value in others.items():
        if name not in names or name == "eta":
            raise unknown_name("parameter", name, (item for item in names if item != "eta"))
        values[name] = number(f"parameter {name}", value)
    missing = [name for name in names if name not in values]
    if missing:
        raise InputError(f"no value for {', '.join(missing)}: pass parameters={{{missing[0]!r}: ...}}")
    return values


def _report(
    update_map: UpdateMap, batches: Batches, n: int, values: Mapping[str, float], init: object
) -> dict[str, Any]:
    """Return the parameters of a run as JSON."""
    report: dict[str, Any] = {"activation": update_map.activation, "m": batches.m, "n": n, "b": batches.b}
    report.update(values)
    report["init"] = init if isinstance(init, str) else "given"
    if batches.law is Law.SEQUENCE:
        report["sequence"] = "given"
    return report


__all__ = ["backends", "simulate"]
