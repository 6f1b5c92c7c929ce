"""CuPy: array programs on a device, as one launch of generated CUDA C, or, for large steps, as calls of its library.

The launch has the bits of the other targets (``numerics.arrays.cuda_target``); the calls have the tolerance of the
BLAS (``docs/models.md``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays import cuda_target
from numerics.arrays.blas_target import evaluate_dense, one_step
from numerics.arrays.draws import Draws
from numerics.arrays.ir import Form, Leaf, Program, Role, static
from numerics.random import F64, key_of
from numerics.targets import nvrtc
from numerics.targets.cupy_target import _cupy

#: Most bytes of the workspace of a launch, and most entries of batches that are handed over.
_BYTES, _ENTRIES = 1 << 30, 1 << 24

Advance = Callable[[F64, range, range], None]


def prepare(
    program: Program,
    data: Mapping[str, F64],
    draws: Draws,
    coefficient: Callable[[sp.Expr], float],
    dense: bool = False,
    dtype: str = "float64",
) -> Advance:
    """Return the driver: it advances a flat state of shape (replicas, dimension) in place.

    Raises
    ------
    TargetError
        If there is no CuPy or no device.
    """
    cupy = _cupy()
    if dense:
        return by_calls(cupy, program, data, draws, coefficient, dtype)
    source = cuda_target.generate(program, draws)
    run = cupy.RawModule(code=source.text, options=nvrtc.OPTIONS).get_function(cuda_target.ENTRY)
    scalars = cupy.asarray(cuda_target.scalar_values(program, coefficient))
    operands = [cupy.asarray(v) for v in cuda_target.operand_values(program, source, data, coefficient)]

    def launch(state: Any, given: Any, workspace: Any, replicas: range, steps: range) -> None:
        run(
            (-(-len(replicas) // cuda_target.THREADS),),
            (cuda_target.THREADS,),
            (state, workspace, given, scalars, *operands, *launch_numbers(draws, replicas, steps)),
        )

    def advance(state: F64, replicas: range, steps: range) -> None:
        for part, spans in parts(source, draws, replicas, steps):
            rows = slice(part.start - replicas.start, part.stop - replicas.start)
            block = cupy.asarray(np.ascontiguousarray(state[rows]))
            workspace = cupy.empty(max(1, source.workspace * len(part)))
            for some in spans:
                handed = draws.rows(part, some).astype(np.uint32) if source.given else np.zeros(1, np.uint32)
                launch(block, cupy.asarray(handed), workspace, part, some)
            state[rows] = cupy.asnumpy(block)

    return advance


def launch_numbers(draws: Draws, replicas: range, steps: range) -> tuple[Any, ...]:
    """Return the numbers of a launch, after its arrays."""
    k0, k1 = key_of(draws.seed)
    return (
        np.uint64(len(replicas)),
        np.uint64(replicas.start),
        np.uint64(draws.atoms),
        np.int64(steps.start),
        np.int64(steps.stop),
        np.uint32(k0),
        np.uint32(k1),
    )


def parts(source: cuda_target.Source, draws: Draws, replicas: range, steps: range) -> list[tuple[range, list[range]]]:
    """Split replicas so that the workspace fits, and steps so that the batches that are handed over fit."""
    most = max(1, _BYTES // (8 * source.workspace)) if source.workspace else len(replicas)
    found = []
    for low in range(replicas.start, replicas.stop, most):
        part = range(low, min(low + most, replicas.stop))
        span = max(1, _ENTRIES // (draws.size * len(part))) if source.given else max(1, len(steps))
        found.append((part, [range(t, min(t + span, steps.stop)) for t in range(steps.start, steps.stop, span)]))
    return found


def by_calls(
    xp: Any,
    program: Program,
    data: Mapping[str, F64],
    draws: Draws,
    coefficient: Callable[[sp.Expr], float],
    dtype: str,
) -> Advance:
    """Return a driver that evaluates node by node on the device, one replica after the other.

    ``xp`` is CuPy; nothing is used of it that NumPy has not too, except ``asnumpy``.
    """
    terms, batch, kind = program.terms, program.batch, np.dtype(dtype)
    tables = {name: xp.asarray(np.ascontiguousarray(array, kind)) for name, array in data.items()}
    order = terms.reachable(program.roots())
    leaves = {place: leaf for place in order if isinstance(leaf := terms[place].leaf, Leaf)}
    shared = {place: tables[leaf.name] for place, leaf in leaves.items() if leaf.role.static}
    fixed = evaluate_dense(terms, static(terms, program.roots()), shared, coefficient, xp)

    def values_of(rows: Any) -> dict[int, Any]:
        values: dict[int, Any] = dict(fixed)
        for place, leaf in leaves.items():
            if leaf.role is Role.ROWS:
                values[place] = (
                    tables[leaf.name][int(rows[0])] if batch.size == 1 else tables[leaf.name][xp.asarray(rows)]
                )
            elif leaf.role is Role.COUNTS:
                values[place] = xp.asarray(np.bincount(rows, minlength=batch.atoms).astype(kind))
        return values

    def advance(state: F64, replicas: range, steps: range) -> None:
        span = max(1, (1 << 16) // max(1, batch.size))
        for place, replica in enumerate(replicas):
            own = xp.asarray(np.ascontiguousarray(state[place]))
            for low in range(steps.start, steps.stop, span):
                some = range(low, min(low + span, steps.stop))
                drawn = None if batch.form is Form.ALL else draws.rows(range(replica, replica + 1), some)[:, :, 0]
                for t in range(len(some)):
                    one_step(program, own, values_of(None if drawn is None else drawn[t]), coefficient, xp)
            state[place] = xp.asnumpy(own)

    return advance
