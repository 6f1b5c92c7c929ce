"""Runs of array models: check the arguments, compile the step, advance the replicas, return observables."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp

from numerics.arguments import check_counts, check_memory, start_of, step_size, steps_of
from numerics.arrays import blas_target, numpy_target
from numerics.arrays.chunks import advance_all
from numerics.arrays.data import given_data, instance, shape_of
from numerics.arrays.draws import Sampling
from numerics.arrays.ir import ETA
from numerics.arrays.observables import DEFAULT, OBSERVABLES, Observer, Recorder, plan
from numerics.arrays.setting import Setting, setting
from numerics.arrays.source import nearest
from numerics.errors import TargetError, unknown_name
from numerics.random import F64, key_of
from numerics.result import RunResult
from theory.models import ArrayModel

BACKENDS = ("cupy", "jit", "numpy")
DTYPES = ("float64", "float32")
#: The step size when none is given.
STEP_SIZE = Fraction(1, 100)


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
    at: Iterable[int] = (),
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
        Observables, see ``numerics.arrays.observables``: of the final state, and maxima and first passages, for which
        every step is looked at.
    at
        Steps at which the observables of the state are recorded too.
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
    check_counts(replicas, steps, chunk, workers)
    key_of(seed)
    key_of(data_seed)
    if backend not in BACKENDS:
        raise unknown_name("backend for models of arrays", backend, BACKENDS)
    if dtype not in DTYPES:
        raise unknown_name("dtype", dtype, DTYPES)
    recorded = plan(record)
    seen, saved = steps_of("recorded step", at, steps), steps_of("checkpoint", save, steps)
    coefficient = _coefficient(eta)
    begin = time.perf_counter()
    made = setting(model, algorithm, b, parameters or {}, seed)
    values = instance(made.model, made.sizes, data_seed) if data is None else given_data(made.model, made.sizes, data)
    start = start_of(init, replicas, made.program.dimension, seed, lambda sigma: sigma * _scales(made))
    check_memory("checkpoints", len(saved) * start.size)
    dense = made.dense or dtype == "float32"
    advance = _prepared(backend, dense, dtype, made, values, coefficient)
    compiled, cpu_compiled = time.perf_counter(), time.process_time()
    state = start.astype(np.dtype(dtype), copy=True)
    alone = backend == "cupy" or dense
    observer = Observer(made, values)
    with blas_target.single_threaded() if dense or "loss" in recorded.quantities() else nullcontext():
        recorder = Recorder(recorded, observer, start, steps, saved, seen)
        advance_all(
            advance,
            state,
            range(steps),
            (chunk or replicas) if backend == "cupy" else chunk,
            1 if alone else workers,
            recorder.stops,
            recorder.see,
        )
        end, cpu_end = time.perf_counter(), time.process_time()
        final = state.astype(np.float64)
        final[np.isnan(final)] = np.nan
        observables = recorder.observables(final)
    return RunResult(
        model=made.model.name,
        algorithm=algorithm,
        parameters=_report(made, eta, init, None if data is not None else data_seed, dtype),
        replicas=replicas,
        steps=steps,
        seed=int(seed),
        backend=backend,
        device=_device(backend, dense),
        start=start,
        final=final,
        observables=observables,
        checkpoint_steps=np.array(saved, np.int64),
        checkpoints=recorder.checkpoints,
        compile_seconds=compiled - begin,
        wall_seconds=end - compiled,
        cpu_seconds=cpu_end - cpu_compiled,
        kernel_digest=made.program.digest(),
        at=recorder.along.steps,
        along=recorder.along.values(),
    )


def _coefficient(eta: float | Fraction) -> Callable[[sp.Expr], float]:
    """Return the function from exact coefficients to doubles, at a step size."""
    double = step_size(eta)
    exact = eta if isinstance(eta, Fraction) else Fraction(int(eta) if isinstance(eta, int | np.integer) else double)
    value = sp.Rational(exact.numerator, exact.denominator)
    return lambda c: nearest(sp.sympify(c).subs(ETA, value))


def _prepared(
    backend: str,
    dense: bool,
    dtype: str,
    made: Setting,
    data: Mapping[str, F64],
    coefficient: Callable[[sp.Expr], float],
) -> Any:
    """Return the compiled program."""
    precise: dict[str, Any] = {"dtype": dtype} if dense else {}
    if backend == "cupy":
        precise["dense"] = dense
    return _target(backend, dense).prepare(made.program, data, made.draws, coefficient, **precise)


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


def _scales(made: Setting) -> F64:
    """Return the model's standard deviation of every coordinate of a start, shape (D,)."""
    values = [(symbol, sp.Integer(value)) for symbol, value in made.sizes.items()]
    scales = [
        np.full(math.prod(shape_of(symbol, made.sizes)), nearest(sp.sympify(scale).subs(values)))
        for symbol, scale in made.model.weights.items()
    ]
    return np.concatenate(scales)


def _report(made: Setting, eta: float | Fraction, init: object, data_seed: int | None, dtype: str) -> dict[str, Any]:
    """Return the parameters of a run as JSON."""
    law = {
        Sampling.GD: "all samples",
        Sampling.EPOCHS: "epochs without replacement",
        Sampling.CYCLIC: "cyclic order",
    }.get(made.draws.law, "with replacement" if made.draws.replacement else "uniform subsets")
    return {
        **{str(symbol.name): value for symbol, value in made.sizes.items()},
        **made.structural,
        "b": made.draws.size,
        "eta": float(eta),
        "batch_law": law,
        "gradient": "mean" if made.model.mean else "sum",
        "dtype": dtype,
        "data": "given" if data_seed is None else f"seed {data_seed}",
        "init": init if isinstance(init, str) else "given",
    }


__all__ = ["BACKENDS", "DEFAULT", "DTYPES", "OBSERVABLES", "STEP_SIZE", "advance_all", "setting", "simulate_arrays"]
