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

from numerics.arrays import jit_draws, memory
from numerics.arrays.draws import Draws, Sampling
from numerics.arrays.entries import Index, Operand, padded
from numerics.arrays.ir import Form, Leaf, Program
from numerics.arrays.loops import Loops
from numerics.arrays.numpy_target import static_values
from numerics.arrays.source import indent
from numerics.random import F64, key_of
from numerics.targets.jit_cache import load

#: Replicas of a block, entries of its table of draws, and most entries of a step of a table that is handed over.
LANES, _DRAWS, _GIVEN = 32, 1 << 16, 1 << 22
#: Most doubles on the stack, of one array and of all: a thread has 8 MiB, or what its system gives it.
_STACK, _STACKS = 1 << 16, 1 << 19


def generate(loops: Loops, drawn: bool) -> str:
    """Return the source of the function that advances all replicas; ``drawn``: it makes the draws."""
    program = loops.program
    step = loops.step()
    enter, leave = [], []
    for name, leaf, _ in program.updates:
        enter += _copy(loops, name, leaf, True)
        leave += _copy(loops, name, leaf, False)
    head, kept = _memory(loops)
    head += [f"{name} = coefficients[{i}]" for i, name in enumerate(loops.scalars.values())]
    counts = []
    if program.batch.form is Form.COUNTS:
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
    names = list(loops.operands.values())
    head += [f"{name} = pointer({name}_)" for name in names]
    tables = "".join(f", {name}_" for name in names)
    return "\n".join(
        [
            "@numba.njit(fastmath=False, error_model='numpy', nogil=True, cache=CACHE)",
            f"def advance(s, given, first, start, stop, k0, k1, atoms, whole, coefficients{tables}):",
            *indent([*head, *_blocks(program, body, drawn), *kept]),
            "",
        ]
    )


def _blocks(program: Program, body: list[str], drawn: bool) -> list[str]:
    """Write the loops over blocks of replicas and spans of steps; the draws of a span are made here or given."""
    size = program.batch.size
    blocks = ["for low in range(0, len(s), LANES):", "    used = min(LANES, len(s) - low)"]
    if not drawn:
        return [*blocks, "    steps = stop - start", "    rows = given[:, :, low : low + LANES]", *indent(body)]
    span = max(1, _DRAWS // (size * LANES))
    return [
        f"span = min({span}, max(1, stop - start))",
        f"table = np.empty((span*{size}, LANES), np.int64)",
        f"rows = table.reshape((span, {size}, LANES))",
        "who = np.empty(LANES, np.uint64)",
        *blocks,
        "    for l in range(LANES):",
        "        who[l] = np.uint64(first + low + l)",
        "    for begin in range(start, stop, span):",
        "        steps = min(span, stop - begin)",
        f"        fill_rows(table[: steps*{size}], k0, k1, begin*{size}, who, atoms)",
        *indent(indent(body)),
    ]


def _memory(loops: Loops) -> tuple[list[str], list[str]]:
    """Reserve state, counts and buffers, on the stack while it has room; what lanes read, they have written.

    Numba frees an array after the last statement that names it, and a pointer does not count: the second part, at the
    end of the function, names those that are not on the stack.
    """
    program, width = loops.program, LANES if loops.lanes else 1
    sizes = {f"s_{name}": loops.stored(leaf) * LANES for name, leaf, _ in program.updates}
    if program.batch.form is Form.COUNTS:
        sizes["counts"] = program.batch.atoms * LANES
    buffers = {f"b{place}": count * width for place, count in loops.buffers.items()}
    lines: list[str] = []
    arrays: list[str] = []
    left = _STACKS
    for name, count in {**sizes, **buffers}.items():
        if count > min(_STACK, left):
            arrays.append(f"{name}_.size")
            lines += [f"{name}_ = np.zeros({count})", f"{name} = pointer({name}_)"]
            continue
        left -= count
        lines.append(f"{name} = stack({count})")
        if name in sizes or not loops.lanes:
            lines += [f"for i in range({count}):", f"    poke({name}, i, 0.0)"]
    return lines, [f"return {' + '.join(['0', *arrays])}"]


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
    """Return the source of the module that holds the compiled functions, for the compile cache."""
    files = (memory.__file__, jit_draws.__file__)
    digest = hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()
    head = [
        "import math",
        "import numba",
        "import numpy as np",
        "from numerics.arrays.jit_draws import fill_rows",
        "from numerics.arrays.memory import peek, pointer, poke, stack",
        f"SOURCES = {digest!r}",
        f"LANES = {LANES}",
        "",
        source,
    ]
    return "\n".join(head)


def prepare(
    program: Program, data: Mapping[str, F64], draws: Draws, coefficient: Callable[[sp.Expr], float]
) -> Callable[[F64, range, range], None]:
    """Compile a program and return the driver: it advances a flat state of shape (replicas, dimension) in place."""
    loops = Loops(program)
    here = draws.law is Sampling.SGD and draws.replacement
    run = load(module_of(generate(loops, here)))
    fixed = static_values(program, data, coefficient)
    operands = []
    for operand in loops.operands:
        leaf = program.terms[operand.place].leaf
        if operand.table and isinstance(leaf, Leaf):
            operands.append(_laid_out(loops, operand, np.asarray(data[leaf.name], np.float64)))
        else:
            operands.append(_laid_out(loops, operand, fixed[operand.place][..., 0]))
    scalars = np.array([coefficient(c) for c in program.coefficients()] or [0.0])
    k0, k1 = (np.uint64(word) for word in key_of(draws.seed))
    nothing = np.zeros((1, program.batch.size, LANES), np.int64)

    def call(state: F64, rows: Any, first: int, start: int, stop: int) -> None:
        run(state, rows, first, start, stop, k0, k1, np.uint64(draws.atoms), 1, scalars, *operands)

    def advance(state: F64, replicas: range, steps: range) -> None:
        if here or program.batch.form is Form.ALL:
            call(state, nothing, replicas.start, steps.start, steps.stop)
            return
        width = max(1, _GIVEN // (program.batch.size * LANES)) * LANES
        for low in range(0, len(replicas), width):
            follow(state[low : low + width], replicas[low : low + width], steps)

    def follow(state: F64, replicas: range, steps: range) -> None:
        count = -(-len(replicas) // LANES) * LANES
        span = max(1, _DRAWS // (program.batch.size * count))
        for start in range(steps.start, steps.stop, span):
            some = range(start, min(start + span, steps.stop))
            rows = np.zeros((len(some), program.batch.size, count), np.int64)
            rows[:, :, : len(replicas)] = draws.rows(replicas, some)
            call(state, rows, replicas.start, some.start, some.stop)

    call(np.zeros((1, program.dimension)), nothing, 0, 0, 0)  # compile before the clock of the run starts
    return advance
