"""CuPy: runs the generated CUDA C on a device."""

from __future__ import annotations

from typing import Any

import numpy as np

from numerics.errors import TargetError
from numerics.random import F64, key_of
from numerics.targets import Advance, Problem, cuda, nvrtc


def _cupy() -> Any:
    """Return CuPy with a device, or say what is missing."""
    try:
        import cupy
    except ImportError:
        raise TargetError(
            "backend 'cupy' needs the package cupy-cuda12x (pip install 'gdproof[gpu]'); "
            "without it use backend 'jit', which gives the same bits"
        ) from None
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as problem:
        raise TargetError(f"backend 'cupy' finds no CUDA device ({problem}); use backend 'jit'") from None
    if count < 1:
        raise TargetError("backend 'cupy' finds no CUDA device; use backend 'jit', which gives the same bits")
    return cupy


def device() -> str:
    """Return the device that runs, in words."""
    name: bytes = _cupy().cuda.runtime.getDeviceProperties(0)["name"]
    return name.decode()


def share(problem: Problem, replicas: int, threads: int) -> int:
    """Return all replicas: one launch runs them."""
    return replicas


def prepare(problem: Problem) -> Advance:
    """Compile the source of a problem for the current device and return its driver."""
    cupy = _cupy()
    module = cupy.RawModule(code=cuda.generate(problem), options=nvrtc.OPTIONS)
    run = module.get_function(cuda.ENTRY)
    k0, k1 = (np.uint32(word) for word in key_of(problem.batches.seed))
    parameters = cupy.asarray(np.array([*problem.parameters, 0.0]))
    thresholds = cupy.asarray(np.array([*problem.thresholds, 0.0]))
    sequence = cupy.asarray(problem.batches.sequence)

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        on_device, seen = (cupy.asarray(np.ascontiguousarray(part)) for part in (state, watch))
        count = len(replicas)
        run(
            (-(-count // cuda.THREADS),),
            (cuda.THREADS,),
            (
                on_device,
                seen,
                sequence,
                parameters,
                thresholds,
                np.uint64(count),
                np.uint64(replicas.start),
                np.int64(steps.start),
                np.int64(steps.stop),
                np.int32(final),
                k0,
                k1,
            ),
            shared_mem=cuda.shared_bytes(problem.n + problem.kernel.rows),
        )
        state[:], watch[:] = cupy.asnumpy(on_device), cupy.asnumpy(seen)

    return advance
