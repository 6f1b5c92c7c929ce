"""CPU JIT: the loops of a program compiled by Numba, replicas in blocks, the time loop inside.

Buffers lie on the stack, so the compiler knows that they overlap nothing.  Code is compiled without fast-math: nothing
is reassociated or contracted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays import memory
from numerics.arrays.draws import Draws
from numerics.arrays.ir import Form, Leaf, Program
from numerics.arrays.loops import Index, Loops, Operand, indent, padded
from numerics.arrays.numpy_target import static_values
from numerics.random import F64
from numerics.targets.jit_cache import load

#: Replicas of a block, and entries of its table of draws.
LANES, _DRAWS = 32, 1 << 16
#: Most doubles on the stack.
_STACK = 1 << 16


def generate(loops: Loops) -> str:
    """Return the source of the function that runs one block of replicas."""
    program = loops.program
    step = loops.step()
    head, enter, leave = [], [], []
    names = {name: leaf for name, leaf, _ in program.updates}
    for name, leaf in names.items():
        head += _reserve(f"s_{name}", loops.stored(leaf) * LANES)
        enter += _copy(loops, name, leaf, True)
        leave += _copy(loops, name, leaf, False)
    for place, count in loops.buffers.items():
        head += _reserve(f"b{place}", count * (LANES if loops.lanes else 1), not loops.lanes)
    head += [f"{name} = coefficients[{i}]" for i, name in enumerate(loops.scalars.values())]
    counts = []
    if program.batch.form is Form.COUNTS:
        head += _reserve("counts", program.batch.atoms * LANES)
        counts = [
            f"for i in range({program.batch.atoms}*LANES):",
            "    poke(counts, i, 0.0)",
            f"for d in range({program.batch.size}):",
            "    for l in range(LANES):",
            "        at = rows[t, d, l]*LANES + l",
            "        poke(counts, at, peek(counts, at) + 1.0)",
        ]
    if not loops.lanes:
        step = ["for l in range(used):", *indent(step)]
    body = [*enter, "for t in range(steps):", *indent([*counts, *step]), *leave]
    arguments = [
        "s",
        "rows",
        "steps",
        "low",
        "used",
        "whole",
        "coefficients",
        *(f"{name}_" for name in loops.operands.values()),
    ]
    head += [f"{name} = pointer({name}_)" for name in loops.operands.values()]
    return "\n".join([f"def advance({', '.join(arguments)}):", *indent([*head, *body])]) + "\n"


def _reserve(name: str, count: int, blank: bool = True) -> list[str]:
    """Reserve doubles; ``blank`` ones begin as zeros."""
    if count <= _STACK:
        zeros = [f"for i in range({count}):", f"    poke({name}, i, 0.0)"] if blank else []
        return [f"{name} = stack({count})", *zeros]
    return [f"{name}_ = np.zeros({count})", f"{name} = pointer({name}_)"]


def _copy(loops: Loops, name: str, leaf: int, into: bool) -> list[str]:
    """Write the copy of a weight between the run's state and the local one."""
    real = loops.extents(leaf)
    offset = loops.program.offsets()[name]
    index: list[Index] = [f"i{axis}" for axis in range(len(real))]
    local = loops.cell(f"s_{name}", index, real)
    place = f"s[low + l, {offset} + {loops.linear(index, real)}]"
    lines = [f"poke({local}, {place})" if into else f"{place} = peek({local})"]
    for axis in reversed(range(len(real))):
        lines = [f"for i{axis} in range({real[axis]}):", *indent(lines)]
    return ["for l in range(used):", *indent(lines)]


def _laid_out(loops: Loops, operand: Operand, value: F64) -> F64:
    """Return a constant array in the order and the padding that the kernel reads."""
    lead = 1 if operand.table else 0
    array = value.transpose(*range(lead), *(lead + i for i in operand.order))
    if not loops.lanes and array.ndim > lead:
        array = np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, padded(array.shape[-1]) - array.shape[-1])])
    return _aligned(np.ascontiguousarray(array).ravel())


def _aligned(array: F64) -> F64:
    """Copy an array to the beginning of a cache line."""
    memory = np.empty(array.size + 8)
    start = -(memory.ctypes.data // 8) % 8
    made = memory[start : start + array.size]
    made[:] = array
    return made


def module_of(source: str) -> str:
    """Return the source of the module that holds the compiled function, for the compile cache."""
    digest = hashlib.sha256(Path(memory.__file__).read_bytes()).hexdigest()
    return "\n".join(
        [
            "import math",
            "import numba",
            "import numpy as np",
            "from numerics.arrays.memory import peek, pointer, poke, stack",
            f"MEMORY = {digest!r}",
            f"LANES = {LANES}",
            "",
            "@numba.njit(fastmath=False, error_model='numpy', nogil=True, cache=CACHE)",
            source,
        ]
    )


def prepare(
    program: Program, data: Mapping[str, F64], draws: Draws, coefficient: Callable[[sp.Expr], float]
) -> Callable[[F64, range, range], None]:
    """Compile a program and return the driver: it advances a flat state of shape (replicas, dimension) in place."""
    loops = Loops(program)
    run = load(module_of(generate(loops)))
    fixed = static_values(program, data, coefficient)
    operands = []
    for operand in loops.operands:
        leaf = program.terms[operand.place].leaf
        if operand.table and isinstance(leaf, Leaf):
            operands.append(_laid_out(loops, operand, np.asarray(data[leaf.name], np.float64)))
        else:
            operands.append(_laid_out(loops, operand, fixed[operand.place][..., 0]))
    scalars = np.array([coefficient(c) for c in program.coefficients()] or [0.0])
    size = program.batch.size
    nothing = np.zeros((1, 1, LANES), np.int64)

    def call(state: F64, rows: Any, steps: int, low: int, used: int) -> None:
        run(state, rows, steps, low, used, 1, scalars, *operands)

    def advance(state: F64, replicas: range, steps: range) -> None:
        span = len(steps) if program.batch.form is Form.ALL else max(1, _DRAWS // (size * LANES))
        for low in range(0, len(replicas), LANES):
            part = replicas[low : low + LANES]
            for start in range(steps.start, steps.stop, max(1, span)):
                some = range(start, min(start + span, steps.stop))
                rows = nothing
                if program.batch.form is not Form.ALL:
                    rows = draws.compiled_rows(part, some)
                    if len(part) < LANES:
                        rows = np.concatenate([rows, np.zeros((*rows.shape[:2], LANES - len(part)), np.int64)], axis=2)
                call(state, rows, len(some), low, len(part))

    # compile before the clock of the run starts
    draws.compiled_rows(range(1), range(1))
    call(np.zeros((1, program.dimension)), np.zeros((1, max(1, size), LANES), np.int64), 0, 0, 0)
    return advance
