"""CUDA C of an array program: the whole time loop of one replica in one thread, from the same loops as the CPU JIT.

State and buffers of a thread lie in its local memory, or, where they are large, in a workspace whose neighbours belong
to neighbouring threads.  Compile with ``numerics.targets.nvrtc.OPTIONS``: without contraction the bits are those of
the other targets, except where the program has exponentials or logarithms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp

from numerics.arrays.draws import Draws, Sampling
from numerics.arrays.entries import Index, Operand
from numerics.arrays.ir import Form, Leaf, Program, Role
from numerics.arrays.loops import Loops
from numerics.arrays.numpy_target import static_values
from numerics.arrays.source import Body, indent
from numerics.random import F64
from numerics.targets.cuda_random import RANDOM
from numerics.thinning import pays, thinning

ENTRY = "advance_arrays"
THREADS = 64
#: Most doubles of one thread in local memory, and most bytes of its batch there.
_LOCAL, _TABLE = 1 << 11, 1 << 15


class CBody(Body):
    """Straight-line C with the values that are already named."""

    def let(self, expression: str) -> str:
        """Name an expression, once."""
        if expression not in self.names:
            name = f"x{len(self.names)}"
            self.lines.append(f"const double {name} = {expression};")
            self.names[expression] = name
        return self.names[expression]

    def constant(self, value: Fraction) -> str:
        """Return a literal; every digit that a double needs is written."""
        return f"({float(value)!r})"

    def call(self, name: str, a: str) -> str:
        """Name the result of a function."""
        return self.let(f"{name}({a})")

    def select(self, relation: str, a: str, b: str, yes: str, no: str) -> str:
        """Name a selected value."""
        return self.let(f"{a} {relation} {b} ? {yes} : {no}")


class CudaLoops(Loops):
    """Writes the step of a program for one thread."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self.lanes, self.halves = False, True

    def body(self) -> Body:
        """Return an empty list of statements."""
        return CBody()

    def load(self, cell: str) -> str:
        """Return the expression that reads a cell."""
        name, at = cell.split(", ", 1)
        return f"{name}[{at}]" if name.startswith("a") else f"AT({name}, {at})"

    def put(self, cell: str, value: str) -> str:
        """Return the statement that writes a cell."""
        return f"{self.load(cell)} = {value};"

    def loop(self, name: str, start: Index, stop: Index, step: int, lines: Sequence[str]) -> list[str]:
        """Return a loop over integers."""
        return [f"for (int {name} = {start}; {name} < {stop}; {name} += {step}) {{", *indent(lines), "}"]

    def replica(self, size: int) -> str:
        """Return where a replica's part of the local state begins: a thread has one replica."""
        return ""

    def _decoded(self, place: int, step: int) -> dict[int, Index]:
        return {axis: str(at).replace("//", "/") for axis, at in super()._decoded(place, step).items()}

    def _rows(self, sizes: Sequence[int]) -> list[int]:
        return list(sizes)

    def _leaf(self, place: int, index: Sequence[Index]) -> str:
        leaf = self.terms[place].leaf
        assert isinstance(leaf, Leaf)
        if leaf.role is Role.COUNTS:
            return f"counts, {index[0]}"
        if leaf.role is Role.ROWS:
            drawn = self.program.batch.size > 1
            which, rest = (index[0], index[1:]) if drawn else (0, index)
            return self._operand(place, rest, f"(i64)ROW({which})")
        return self.cell(f"s_{leaf.name}", index, self.extents(place))


@dataclass(frozen=True)
class Source:
    """CUDA C with what a launch needs.

    Attributes
    ----------
    text
        The source; the entry point takes state (replicas x D), workspace, given, scalars, the operands (device
        pointers), replicas, first, atoms (u64), t0, t1 (i64), k0, k1 (u32).
    operands
        The constant arrays, in order.
    workspace
        Doubles a replica of the workspace; zero where local memory is enough.
    given
        Whether the batches are handed over: 32-bit integers of shape (t1 - t0, k, replicas).
    """

    text: str
    operands: tuple[Operand, ...]
    workspace: int
    given: bool


def generate(program: Program, draws: Draws) -> Source:
    """Return the source of a program with its draws."""
    loops = CudaLoops(program)
    step = loops.step()
    arrays = {f"s_{name}": loops.stored(leaf) for name, leaf, _ in program.updates}
    arrays.update((f"b{place}", size) for place, size in loops.buffers.items())
    if program.batch.form is Form.COUNTS:
        arrays["counts"] = program.batch.atoms
    local = sum(arrays.values()) <= _LOCAL
    given = not _on_device(program, draws)
    body = [
        "const u64 r = (u64)blockIdx.x * blockDim.x + threadIdx.x;",
        "if (r >= replicas) return;",
        *_memory(arrays, local),
        *(f"const double {name} = scalars[{i}];" for i, name in enumerate(loops.scalars.values())),
        *_copies(loops, True),
        *_tables(program, draws, given),
        "for (i64 t = t0; t < t1; ++t) {",
        *indent([*_draw(program, draws, given), *step]),
        "}",
        *_copies(loops, False),
    ]
    tables = "".join(f" const double *a{i}," for i in range(len(loops.operands)))
    text = "\n".join(
        [
            RANDOM,
            "#define AT(name, i) name[i]" if local else "#define AT(name, i) name[(u64)(i) * replicas]",
            _row(program, draws, given),
            f'extern "C" __global__ void {ENTRY}(',
            f"    double *state, double *workspace, const u32 *given, const double *scalars,{tables}",
            "    u64 replicas, u64 first, u64 atoms, i64 t0, i64 t1, u32 k0, u32 k1)",
            "{",
            *indent(body),
            "}",
            "",
        ]
    )
    return Source(text, tuple(loops.operands), 0 if local else sum(arrays.values()), given)


def _memory(arrays: dict[str, int], local: bool) -> list[str]:
    """Declare state and buffers."""
    if local:
        return [f"double {name}[{size}];" for name, size in arrays.items()]
    lines, start = [], 0
    for name, size in arrays.items():
        lines.append(f"double *{name} = workspace + (u64){start} * replicas + r;")
        start += size
    return lines


def _copies(loops: CudaLoops, into: bool) -> list[str]:
    lines = []
    for name, leaf, _ in loops.program.updates:
        offset, size = loops.program.offsets()[name], loops.stored(leaf)
        place = f"state[r * {loops.program.dimension} + {offset} + i]"
        cell = f"AT(s_{name}, i)"
        lines += loops.loop("i", 0, size, 1, [f"{cell} = {place};" if into else f"{place} = {cell};"])
    return lines


def _uniform(draws: Draws) -> bool:
    """Whether a draw is one uniform integer of all atoms: with replacement, or a subset of one."""
    return draws.law is Sampling.SGD and (draws.replacement or draws.size == 1)


def _on_device(program: Program, draws: Draws) -> bool:
    """Whether the kernel makes the batches itself; epochs, and what takes large tables, are handed over."""
    if program.batch.form is Form.ALL or draws.law is Sampling.CYCLIC:
        return True
    rows = 4 * draws.size if program.batch.form is Form.ROWS else 0
    mask = 0 if _uniform(draws) else 8 * -(-draws.atoms // 64)
    return draws.law is Sampling.SGD and rows + mask <= _TABLE


def _row(program: Program, draws: Draws, given: bool) -> str:
    """Write how the i-th sample of the batch is read."""
    if program.batch.form is Form.ALL:
        return ""
    if given:
        return f"#define ROW(i) given[((u64)(t - t0) * {draws.size} + (i)) * replicas + r]"
    if draws.law is Sampling.CYCLIC:
        return f"#define ROW(i) (((u64)t * {draws.size} + (i)) % atoms)"
    return "#define ROW(i) rows[i]"


def _tables(program: Program, draws: Draws, given: bool) -> list[str]:
    """Declare what the draws need."""
    if given or draws.law is not Sampling.SGD:
        return []
    lines = ["Words w = {0u, 0u, 0u, 0u};", "i64 held = -1;"]
    if program.batch.form is Form.ROWS:
        lines.append(f"u32 rows[{draws.size}];")
    if not _uniform(draws):
        lines.append(f"u64 mask[{-(-draws.atoms // 64)}];")
    return lines


def _draw(program: Program, draws: Draws, given: bool) -> list[str]:
    """Write the draw of the batch of a step."""
    k, m = draws.size, draws.atoms
    counts = program.batch.form is Form.COUNTS
    lines = [f"for (int i = 0; i < {m}; ++i) AT(counts, i) = 0.0;"] if counts else []
    add = "AT(counts, {row}) = AT(counts, {row}) + 1.0;"
    if given or draws.law is not Sampling.SGD:
        return [*lines, f"for (int i = 0; i < {k}; ++i) {add.format(row='ROW(i)')}"] if counts else []
    if _uniform(draws):
        integer = f"integer(w, held, k0, k1, (u64)t * {k} + i, (u32)(first + r), (u32)atoms)"
        body = [f"const u32 row = {integer};", add.format(row="row")] if counts else [f"rows[i] = {integer};"]
        return [*lines, f"for (int i = 0; i < {k}; ++i) {{", *indent(body), "}"]
    words = -(-m // 64)
    if pays(m, k):
        law = thinning(m, k)
        chosen = [f"thin(mask, k0, k1, t, (u32)(first + r), {m}u, {k}u, {law.planes}u, {law.numerator}u);"]
    else:  # Floyd's algorithm, see numerics.random.subsets
        chosen = [
            f"for (int i = 0; i < {words}; ++i) mask[i] = 0;",
            f"for (u32 i = 0; i < {k}u; ++i) {{",
            f"    u32 last = {m - k}u + i;",
            f"    u32 value = integer(w, held, k0, k1, (u64)t * {k} + i, (u32)(first + r), last + 1u);",
            "    if (mask[value >> 6] >> (value & 63) & 1) value = last;",
            "    mask[value >> 6] |= (u64)1 << (value & 63);",
            "}",
        ]
    return [
        *chosen,
        f"for (u32 i = 0, q = 0; q < {m}u; ++q)",
        "    if (mask[q >> 6] >> (q & 63) & 1) rows[i++] = q;",
    ]


def operand_values(
    program: Program, source: Source, data: Mapping[str, F64], coefficient: Callable[[sp.Expr], float]
) -> list[F64]:
    """Return the constant arrays of a source, flat, in the order of its operands."""
    fixed = static_values(program, data, coefficient)
    found = []
    for operand in source.operands:
        leaf = program.terms[operand.place].leaf
        if operand.table and isinstance(leaf, Leaf):
            value = np.asarray(data[leaf.name], np.float64).transpose(0, *(1 + i for i in operand.order))
        else:
            value = fixed[operand.place][..., 0].transpose(operand.order)
        found.append(np.ascontiguousarray(value).ravel())
    return found


def scalar_values(program: Program, coefficient: Callable[[sp.Expr], float]) -> F64:
    """Return the coefficients of a run; one zero where there is none."""
    return np.array([coefficient(c) for c in program.coefficients()] or [0.0])
