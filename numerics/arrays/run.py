"""Runs of array models: check the arguments, compile the step, advance the replicas, return observables."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays import blas_target, numpy_target
from numerics.arrays.data import given_data, instance, shape_of
from numerics.arrays.draws import Sampling
from numerics.arrays.front import lift
from numerics.arrays.ir import ETA, Batch, Form, Leaf, Role
from numerics.arrays.setting import Setting, setting
from numerics.arrays.source import nearest
from numerics.errors import InputError, TargetError, describe, unknown_name
from numerics.random import F64, gaussians, key_of
from numerics.result import RunResult
from theory.models import ArrayModel

BACKENDS = ("cupy", "jit", "numpy")
OBSERVABLES = ("coordinates", "distance", "loss", "norm")
DTYPES = ("float64", "float32")
#: Observables that are recorded, and the step size, when none are given.
DEFAULT, STEP_SIZE = ("loss", "norm", "distance"), Fraction(1, 100)


def simulate_arrays(
    model: str | ArrayModel,
    *,
    parameters: Mapping[str, int] | None = None,
    eta: float | Fraction = STEP_SIZE,
    algorithm: str = "gd",
    b: int | None = None,
    replicas: int = 1,
    steps: int = 100,
    seed: int = 0,
    init: object = "gaussian:1",
    backend: str = "jit",
    record: Iterable[str] = DEFAULT,
    save: Iterable[int] = (),
    data: Mapping[str, object] | None = None,
    data_seed: int = 0,
    dtype: str = "float64",
    chunk: int | None = None,
    workers: int | None = None,
) -> RunResult:
    """Run a gradient method on a model of arrays from its derived gradient.

    Parameters
    ----------
    model
        A model or its name.
    parameters
        Its sizes and whatever fixes the form of its loss, by name; the model has values for those left out.
    eta
        Step size, positive; a step is ``W - eta * (mean or sum of the gradients of the batch)``, as the model says.
    algorithm, b
        ``gd`` (all samples), ``sgd`` (drawn as the model says: with replacement, or a uniform subset), ``epochs`` (a
        uniform permutation of the samples an epoch, b of them a step; b divides their number), ``cyclic`` (the next b
        samples, in order); batch size.
    replicas, steps, seed
        Number of independent runs, number of steps, seed of starts and batches.
    init
        ``gaussian:SIGMA``, SIGMA times the model's own scale, or numbers of shape (D,) or (replicas, D).
    backend
        ``numpy``, ``jit``, or ``cupy`` for a CUDA device.
    record
        ``loss`` (mean over all samples, final state), ``norm``, ``distance`` (from the start), ``coordinates``.
    save
        Steps at which the states are kept.
    data, data_seed
        Arrays of data by name, or the seed from which an instance is drawn.
    dtype
        ``float64``, or ``float32`` for runs of matrix products.
    chunk, workers
        Replicas a chunk, and threads; neither changes a bit.

    Raises
    ------
    InputError
        If an argument has no meaning; the message says what would work.
    """
    _counts(replicas, steps, chunk, workers)
    key_of(seed)
    key_of(data_seed)
    if backend not in BACKENDS:
        raise unknown_name("backend for models of arrays", backend, BACKENDS)
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    recorded = [record] if isinstance(record, str) else list(record)
    for name in recorded:
        if name not in OBSERVABLES:
            raise unknown_name("observable", name, OBSERVABLES)
    saved = _saved(save, steps)
    coefficient = _coefficient(eta)
    begin = time.perf_counter()
    made = setting(model, algorithm, b, parameters or {}, seed)
    program = made.program
    values = instance(made.model, made.sizes, data_seed) if data is None else given_data(made.model, made.sizes, data)
    start = _start(made, init, replicas, seed)
    dense = made.dense or dtype == "float32"
    module = _target(backend, dense)
    precise: dict[str, Any] = {"dtype": dtype} if dense else {}
    if backend == "cupy":
        precise["dense"] = dense
    advance = module.prepare(program, values, made.draws, coefficient, **precise)
    compiled = time.perf_counter()
    state = start.astype(np.dtype(dtype), copy=True)
    kept: dict[int, F64] = {0: start}
    stops = [step for step in saved if 0 < step < steps]
    begin_run = time.perf_counter()
    for low, high in zip([0, *stops], [*stops, steps], strict=True):
        if backend == "cupy":
            advance_all(advance, state, range(low, high), chunk or replicas, 1)
        else:
            advance_all(advance, state, range(low, high), chunk, 1 if dense else workers)
        kept[high] = state.astype(np.float64)
    end_run = time.perf_counter()
    final = state.astype(np.float64)
    final[np.isnan(final)] = np.nan
    return RunResult(
        model=made.model.name,
        algorithm=algorithm,
        parameters=_report(made, eta, parameters or {}, init, None if data is not None else data_seed, dtype),
        replicas=replicas,
        steps=steps,
        seed=int(seed),
        backend=backend,
        device=_device(backend, dense),
        start=start,
        final=final,
        observables={name: _observable(name, made, values, start, final) for name in recorded},
        checkpoint_steps=np.array(saved, np.int64),
        checkpoints=np.array([final if t == steps else kept[t] for t in saved]).reshape(-1, *final.shape),
        compile_seconds=compiled - begin,
        wall_seconds=end_run - begin_run,
        kernel_digest=program.digest(),
    )


def _counts(replicas: int, steps: int, chunk: int | None, workers: int | None) -> None:
    for name, value, low in (
        ("replicas", replicas, 1),
        ("steps", steps, 0),
        ("chunk", chunk, 1),
        ("workers", workers, 1),
    ):
        if value is None and name in ("chunk", "workers"):
            continue
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
            raise InputError(f"{name} is {describe(value)}; it must be an integer of at least {low}")
    if replicas > 2**32:
        raise InputError(f"replicas is {replicas}; there are 2**32 independent streams")


def _saved(save: Iterable[int], steps: int) -> list[int]:
    stops = list(save) if isinstance(save, Iterable) else [save]
    for step in stops:
        if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or not 0 <= step <= steps:
            raise InputError(f"checkpoint {describe(step)}: it must be an integer from 0 to steps = {steps}")
    return sorted({int(step) for step in stops})


def _coefficient(eta: float | Fraction) -> Callable[[sp.Expr], float]:
    """Return the function from exact coefficients to doubles, at a step size."""
    works = "a positive real number, such as 0.1 or Fraction(1, 10)"
    if isinstance(eta, bool) or not isinstance(eta, (int, float, Fraction, np.integer, np.floating)):
        raise InputError(f"step size eta is {describe(eta)}; it must be {works}")
    try:
        finite = math.isfinite(float(eta))
    except OverflowError:
        raise InputError(f"step size eta is too large for a double; it must be {works}") from None
    if not (eta > 0 and finite):
        raise InputError(f"step size eta is {describe(eta)}; it must be {works}")
    exact = Fraction(eta) if not isinstance(eta, np.integer) else Fraction(int(eta))
    value = sp.Rational(exact.numerator, exact.denominator)
    return lambda c: nearest(sp.sympify(c).subs(ETA, value))


def _target(backend: str, dense: bool) -> ModuleType:
    if backend == "cupy":
        from numerics.arrays import cupy_target

        return cupy_target
    if dense:
        return blas_target
    if backend == "numpy":
        return numpy_target
    try:
        from numerics.arrays import jit_target
    except ImportError as error:
        raise TargetError(f"backend 'jit' needs Numba ({error}); use backend 'numpy'") from error
    return jit_target


def _device(backend: str, dense: bool) -> str:
    """Return the device that runs, in words."""
    if backend == "cupy":
        from numerics.targets.cupy_target import device

        return f"{device()} ({'library calls' if dense else 'one launch'})"
    return "CPU (BLAS)" if dense else "CPU (Numba)" if backend == "jit" else "CPU (NumPy)"


def _start(made: Setting, init: object, replicas: int, seed: int) -> F64:
    """Return the starts, shape (replicas, D): the weights one after the other, each in row-major order."""
    dimension = made.program.dimension
    works = (
        f"it must be 'gaussian:SIGMA' with SIGMA >= 0, or numbers of shape ({dimension},) or ({replicas}, {dimension})"
    )
    if isinstance(init, str):
        kind, _, text = init.partition(":")
        try:
            sigma = float(text)
        except ValueError:
            sigma = math.nan
        if kind != "gaussian" or not math.isfinite(sigma) or sigma < 0.0:
            raise InputError(f"start init is {describe(init)}; {works}")
        substitution = [(symbol, sp.Integer(value)) for symbol, value in made.sizes.items()]
        scales = [
            np.full(math.prod(shape_of(symbol, made.sizes)), nearest(sp.sympify(scale).subs(substitution)))
            for symbol, scale in made.model.weights.items()
        ]
        return gaussians(seed, range(replicas), dimension) * (sigma * np.concatenate(scales))
    try:
        given = np.asarray(init)
        if given.dtype.kind == "c":
            raise TypeError
        given = given.astype(np.float64)
    except (TypeError, ValueError):
        raise InputError(f"start init is {describe(init)}; {works}") from None
    if given.shape not in ((dimension,), (replicas, dimension)):
        raise InputError(f"start init has shape {given.shape}; {works}")
    if not np.isfinite(given).all():
        raise InputError("start init has entries that are not finite; all must be")
    return np.array(np.broadcast_to(given, (replicas, dimension)))


def advance_all(advance: Any, state: F64, steps: range, chunk: int | None, workers: int | None) -> None:
    """Advance all replicas, chunk by chunk; the calling thread works too."""
    replicas = len(state)
    threads = workers or len(os.sched_getaffinity(0))
    size = chunk or max(64, -(-replicas // (4 * threads) // 64) * 64)
    parts = iter([range(low, min(low + size, replicas)) for low in range(0, replicas, size)])

    def work() -> None:
        for part in parts:
            advance(state[part.start : part.stop], part, steps)

    others = [_pool(os.getpid(), threads - 1).submit(work) for _ in range(min(threads, -(-replicas // size)) - 1)]
    try:
        work()
    finally:
        for other in others:
            other.result()


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    """Return the threads of this process, kept between runs; a forked process has none of its parent's."""
    return ThreadPoolExecutor(threads)


def _observable(name: str, made: Setting, data: Mapping[str, F64], start: F64, final: F64) -> F64:
    """Return one observable of the final states, shape (replicas,) or (replicas, D)."""
    with np.errstate(all="ignore"):
        if name == "coordinates":
            return final
        if name == "norm":
            return np.asarray(np.sqrt(np.sum(final * final, axis=1)))
        if name == "distance":
            return np.asarray(np.sqrt(np.sum((final - start) ** 2, axis=1)))
    return mean_loss(made, data, final)


def mean_loss(made: Setting, data: Mapping[str, F64], state: F64) -> F64:
    """Return the mean of the per-sample loss over all samples, for states of shape (replicas, D)."""
    from numerics.arrays.stable import shift_exponentials

    batch = Batch(Form.ALL, made.draws.atoms, made.draws.atoms, False)
    lifted = lift(made.derived, made.sizes, batch)
    (root,), _ = shift_exponentials(lifted.terms, [lifted.loss])
    values = []
    with blas_target.single_threaded():
        for row in state:
            leaves: dict[int, F64] = {}
            for place in lifted.terms.reachable([root]):
                leaf = lifted.terms[place].leaf
                if isinstance(leaf, Leaf):
                    shape = tuple(int(size) for size in lifted.terms[place].shape)
                    offset = made.program.offsets().get(leaf.name, 0)
                    own = (
                        row[offset : offset + math.prod(shape)].reshape(shape)
                        if leaf.role is Role.STATE
                        else data[leaf.name]
                    )
                    leaves[place] = np.asarray(own)
            values.append(float(np.mean(blas_target.evaluate_dense(lifted.terms, [root], leaves, nearest)[root])))
    return np.array(values)


def _report(
    made: Setting, eta: float | Fraction, given: Mapping[str, int], init: object, data_seed: int | None, dtype: str
) -> dict[str, Any]:
    """Return the parameters of a run as JSON."""
    sizes = {str(symbol.name): value for symbol, value in made.sizes.items()}
    structural = {} if not given else {name: value for name, value in given.items() if name not in sizes}
    law = {
        Sampling.GD: "all samples",
        Sampling.EPOCHS: "epochs without replacement",
        Sampling.CYCLIC: "cyclic order",
    }.get(made.draws.law, "with replacement" if made.draws.replacement else "uniform subsets")
    return {
        **sizes,
        **structural,
        "b": made.draws.size,
        "eta": float(eta),
        "batch_law": law,
        "gradient": "mean" if made.model.mean else "sum",
        "dtype": dtype,
        "data": "given" if data_seed is None else f"seed {data_seed}",
        "init": init if isinstance(init, str) else "given",
    }


__all__ = ["BACKENDS", "DTYPES", "OBSERVABLES", "Setting", "advance_all", "mean_loss", "setting", "simulate_arrays"]
