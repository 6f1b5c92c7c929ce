"""Runs: check the arguments, compile the step, stream the trajectories, return observables."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from numerics.batches import Batches, batches_of, law_of
from numerics.errors import InputError, describe, unknown_name
from numerics.front import lower
from numerics.ir import Law, Watch
from numerics.observables import DEFAULT, Context, Plan, evaluate, plan
from numerics.passes import PASSES, rewrite
from numerics.random import F64, gaussians, key_of
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
        Observables, see ``numerics.observables``.
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
    _check_sizes(m, n, replicas, steps, chunk, workers)
    m, n, replicas, steps = int(m), int(n), int(replicas), int(steps)
    if not _number("tolerance", tolerance) >= 0.0:
        raise InputError(f"tolerance is {describe(tolerance)}; it must not be negative, such as 1e-6")
    key_of(seed)
    law = law_of(algorithm)
    batches = batches_of(law, m, b, seed, steps, sequence)
    values = _parameter_values(update_map, eta, parameters or {})
    start = _start(init, replicas, n, seed)
    recorded = plan(record, (item.symbol.name for item in update_map.reductions))
    saved = _saved(save, steps)
    stops = [*(step for step in saved if 0 < step < steps), steps]
    module = target(backend)

    begin = time.perf_counter()
    kernel, _ = rewrite(lower(update_map, law, recorded.watches, batches.form), n, batches.b, passes)
    problem = Problem(kernel, batches, n, tuple(values[name] for name in kernel.parameters), recorded.thresholds)
    advance = module.prepare(problem)
    compiled = time.perf_counter()

    watch = _blank_watch(recorded, replicas)
    size = chunk or module.share(problem, replicas, threads_of(workers))
    begin_run, begin_cpu = time.perf_counter(), time.process_time()
    states = stream(problem, advance, start, watch, stops, size, workers)
    end_run, end_cpu = time.perf_counter(), time.process_time()
    kept = {0: start, **dict(zip(stops, states, strict=True))}
    final = states[-1]

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
    )


def _integer(name: str, value: object, low: int, works: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise InputError(f"{name} is {describe(value)}; it must be {works}")


def _check_sizes(m: int, n: int, replicas: int, steps: int, chunk: int | None, workers: int | None) -> None:
    """Check all counts."""
    _integer("sample count m", m, 1, "an integer of at least 1")
    _integer("ambient dimension n", n, 1, "an integer of at least 1")
    if m > n:
        raise InputError(f"sample count m is {m} and ambient dimension n is {n}: orthonormal data need m <= n")
    if m >= 2**31:
        raise InputError(f"sample count m is {m}; it must be below 2**31")
    _integer("replicas", replicas, 1, "an integer of at least 1")
    _integer("steps", steps, 0, "an integer of at least 0")
    if replicas > 2**32:
        raise InputError(f"replicas is {replicas}; there are 2**32 independent streams")
    if chunk is not None:
        _integer("chunk", chunk, 1, "an integer of at least 1, or None")
    if workers is not None:
        _integer("workers", workers, 1, "an integer of at least 1, or None")


def _number(name: str, value: object) -> float:
    """Convert a parameter to the double nearest to it."""
    works = "a finite real number, such as 0.1 or Fraction(1, 10)"
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction, np.integer, np.floating)):
        raise InputError(f"{name} is {describe(value)}; it must be {works}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise InputError(f"{name} is {describe(value)}; it must be {works}")
    return number


def _parameter_values(update_map: UpdateMap, eta: object, others: Mapping[str, float | Fraction]) -> dict[str, float]:
    """Return the value of every parameter of the map."""
    values = {"eta": _number("step size eta", eta)}
    if values["eta"] <= 0.0:
        raise InputError(f"step size eta is {describe(eta)}; it must be positive, such as 0.1")
    names = [symbol.name for symbol in update_map.parameters]
    for name, value in others.items():
        if name not in names or name == "eta":
            raise unknown_name("parameter", name, (item for item in names if item != "eta"))
        values[name] = _number(f"parameter {name}", value)
    missing = [name for name in names if name not in values]
    if missing:
        raise InputError(f"no value for {', '.join(missing)}: pass parameters={{{missing[0]!r}: ...}}")
    return values


def _start(init: object, replicas: int, n: int, seed: int) -> F64:
    """Return the starts, shape (replicas, n)."""
    works = f"it must be 'gaussian:SIGMA' with SIGMA >= 0, or numbers of shape ({n},) or ({replicas}, {n})"
    if isinstance(init, str):
        kind, _, text = init.partition(":")
        try:
            sigma = float(text)
        except ValueError:
            sigma = math.nan
        if kind != "gaussian" or not math.isfinite(sigma) or sigma < 0.0:
            raise InputError(f"start init is {describe(init)}; {works}")
        return gaussians(seed, range(replicas), n) * (sigma / math.sqrt(n))
    try:
        given = np.asarray(init)
        if np.iscomplexobj(given):
            raise TypeError("complex numbers are no coordinates")
        given = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"start init is {describe(init)}; {works}") from None
    if given.shape not in ((n,), (replicas, n)):
        raise InputError(f"start init has shape {given.shape}; {works}")
    if not np.isfinite(given).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(given))[0])
        raise InputError(f"start init has the entry {given[at]} at {list(at)}; all entries must be finite")
    return np.array(np.broadcast_to(given, (replicas, n)))


def _saved(save: Iterable[int], steps: int) -> list[int]:
    """Check the steps of checkpoints and return them in order."""
    save = list(save) if isinstance(save, Iterable) else [save]
    for step in save:
        if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or not 0 <= step <= steps:
            raise InputError(f"checkpoint {describe(step)}: it must be an integer from 0 to steps = {steps}")
    return sorted({int(step) for step in save})


def _blank_watch(recorded: Plan, replicas: int) -> F64:
    """Return the streamed values before the first step."""
    starts = [-np.inf if watch is Watch.MAXIMUM else -1.0 for watch, _ in recorded.watches]
    return np.repeat(np.array(starts, np.float64)[:, None], replicas, axis=1)


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
