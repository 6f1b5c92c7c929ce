"""The source of one entry of a node: where it lies, or how it is computed; here as Python for the CPU JIT.

Two layouts, the same bits:

* *lanes*: the innermost loop runs over a fixed number of replicas; used where no data are gathered by replica;
* *rows*: the innermost loop runs over the last axis of a node, one replica after the other; data that a replica
  draws are contiguous there.  Last axes are padded to whole vectors; nothing reads the padding into an entry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from numerics.arrays.ir import TREE_WIDTH, Form, Leaf, Program, Role, static
from numerics.arrays.scalar import fold
from numerics.arrays.source import Body, nearest
from theory.derive.terms import Kind

#: Sums of at most this many terms are written out inside the loop over the result.
UNROLL = 24
VECTOR = 4
Index = int | str


@dataclass(frozen=True)
class Operand:
    """A constant array that the kernel takes: a node, the order of its axes, and whether a table of atoms."""

    place: int
    order: tuple[int, ...]
    table: bool


def padded(size: int) -> int:
    """Return the size of a last axis in whole vectors."""
    return size if size < VECTOR - 1 else -(-size // VECTOR) * VECTOR


class Entries:
    """Writes entries of the nodes of a program; what depends on the language stands in ``body`` and ``load``."""

    def __init__(self, program: Program) -> None:
        self.program, self.terms = program, program.terms
        self.lanes = self.halves = program.batch.form is not Form.ROWS
        self.static = static(self.terms, program.roots())
        self.operands: dict[Operand, str] = {}
        self.buffers: dict[int, int] = {}
        self.scalars = {c: f"q{i}" for i, c in enumerate(program.coefficients())}
        self._steps = program.step_nodes()
        self._roots = set(program.roots())
        self._uses: dict[int, list[int]] = {}
        for place in self._steps:
            for argument in self.terms[place].args:
                self._uses.setdefault(argument, []).append(place)
        self._inner = ""

    # --- the language -------------------------------------------------------------------------------------------

    def body(self) -> Body:
        """Return an empty list of statements."""
        return Body()

    def load(self, cell: str) -> str:
        """Return the expression that reads a cell: a pointer and a position, with a comma."""
        return f"peek({cell})"

    # --- sizes and places ---------------------------------------------------------------------------------------

    def extents(self, place: int) -> list[int]:
        """Return the sizes of the axes of a node."""
        return [int(size) for size in self.terms[place].shape]

    def stored(self, place: int) -> int:
        """Return the number of entries of the buffer of a node."""
        return math.prod(self._rows(self.extents(place)))

    def _rows(self, sizes: Sequence[int]) -> list[int]:
        """Pad the last axis in the layout of rows."""
        return list(sizes) if self.lanes or not sizes else [*sizes[:-1], padded(sizes[-1])]

    def linear(self, index: Sequence[Index], sizes: Sequence[int], offset: str = "") -> str:
        """Return the position of an entry in a flat array."""
        constant, parts, stride = 0, [offset] if offset else [], 1
        for at, size in zip(reversed(index), reversed(sizes), strict=True):
            if isinstance(at, int):
                constant += at * stride
            else:
                parts.append(at if stride == 1 else f"({at})*{stride}")
            stride *= size
        if constant or not parts:
            parts.append(str(constant))
        return " + ".join(parts)

    # --- reading ------------------------------------------------------------------------------------------------

    def inlined(self, place: int) -> bool:
        """Whether a node is written where it is used instead of being stored."""
        term = self.terms[place]
        if term.kind is Kind.LEAF or place in self.static or place in self._roots or term.kind is Kind.LARGEST:
            return False
        if term.kind is Kind.CONTRACT and not term.args:
            return True
        if term.kind is Kind.CONTRACT and self._terms_of(place) > UNROLL:
            return False
        users = self._uses.get(place, [])
        if len(users) != 1:
            return False
        user = self.terms[users[0]]
        if user.kind in (Kind.SUM, Kind.MAP):
            return True
        if user.kind is not Kind.CONTRACT or user.args.count(place) > 1:
            return False
        axes = set(user.axes[user.args.index(place)])
        return axes == set(self.terms.sizes(users[0]))

    def _terms_of(self, place: int) -> int:
        sizes = self.terms.sizes(place)
        rank = self.terms[place].rank
        return math.prod(int(size) for axis, size in sizes.items() if axis >= rank)

    def read(self, body: Body, place: int, index: Sequence[Index]) -> str:
        """Return the name of an entry, with the statements that compute it if it is not stored."""
        term = self.terms[place]
        if place in self.static:
            if term.kind is Kind.CONTRACT and not term.args:
                return "1.0"
            return body.let(self.load(self._operand(place, index, "")))
        if term.kind is Kind.LEAF:
            return body.let(self.load(self._leaf(place, index)))
        if not self.inlined(place):
            return body.let(self.load(self.cell(f"b{place}", index, self.extents(place))))
        return self.value(body, place, index)

    def cell(self, name: str, index: Sequence[Index], sizes: Sequence[int]) -> str:
        """Return the pointer and the position of an entry of a buffer or of the local state."""
        at = self.linear(index, self._rows(sizes))
        if self.lanes:
            return f"{name}, ({at})*LANES + l"
        size = math.prod(self._rows(sizes))
        return f"{name}, {self.replica(size)}{at}" if name.startswith("s_") else f"{name}, {at}"

    def replica(self, size: int) -> str:
        """Return where a replica's part of the local state begins, with a sign to add to it."""
        return f"l*{size} + "

    def _leaf(self, place: int, index: Sequence[Index]) -> str:
        leaf = self.terms[place].leaf
        assert isinstance(leaf, Leaf)
        if leaf.role is Role.COUNTS:
            return f"counts, ({index[0]})*LANES + l"
        if leaf.role is Role.ROWS:
            drawn = self.program.batch.size > 1
            which, rest = (index[0], index[1:]) if drawn else (0, index)
            return self._operand(place, rest, f"rows[t, {which}, l]")
        return self.cell(f"s_{leaf.name}", index, self.extents(place))

    def _operand(self, place: int, index: Sequence[Index], row: str) -> str:
        """Return an entry of a constant array, its axes ordered so that the innermost loop runs over the last one."""
        sizes = self.extents(place)
        if row:
            sizes = sizes[1:] if self.program.batch.size > 1 else sizes
        inner = [i for i, at in enumerate(index) if at == self._inner and not self.lanes]
        order = tuple(i for i in range(len(index)) if i not in inner[:1]) + tuple(inner[:1])
        key = Operand(place, order, bool(row))
        name = self.operands.setdefault(key, f"a{len(self.operands)}")
        ordered = self._rows([sizes[i] for i in order])
        stride = math.prod(ordered)
        offset = f"{row}*{stride}" if row else ""
        return f"{name}, {self.linear([index[i] for i in order], ordered, offset)}"

    # --- values -------------------------------------------------------------------------------------------------

    def value(self, body: Body, place: int, index: Sequence[Index]) -> str:
        """Return the name of an entry of a node computed here."""
        term = self.terms[place]
        if term.kind is Kind.SUM:
            return self._sum(body, place, index)
        if term.kind is Kind.MAP:
            assert term.function is not None
            return fold(term.function, self.read(body, term.args[0], index), body)
        over = self._over(place)
        entries = [self._product(body, place, index, dict(zip(over, q, strict=True))) for q in self._points(place)]
        return self._fold(body, entries)

    def _over(self, place: int) -> list[int]:
        return [axis for axis in sorted(self.terms.sizes(place)) if axis >= self.terms[place].rank]

    def _points(self, place: int) -> list[tuple[int, ...]]:
        sizes = self.terms.sizes(place)
        return list(product(*(range(int(sizes[axis])) for axis in self._over(place))))

    def _sum(self, body: Body, place: int, index: Sequence[Index]) -> str:
        total = ""
        term = self.terms[place]
        for c, argument in zip(term.coefficients, term.args, strict=True):
            value = self.read(body, argument, index)
            if c not in (1, -1):
                scale = self.scalars.get(c) or f"({nearest(c)!r})"
                value = body.let(f"{scale} * {value}")
            if total:
                total = body.let(f"{total} {'-' if c == -1 else '+'} {value}")
            else:
                total = body.let(f"-{value}") if c == -1 else value
        return total or "0.0"

    def _product(self, body: Body, place: int, index: Sequence[Index], summed: Mapping[int, Index]) -> str:
        term = self.terms[place]
        at: dict[int, Index] = {**dict(enumerate(index)), **summed}
        value = ""
        for argument, axes in zip(term.args, term.axes, strict=True):
            part = self.read(body, argument, [at[axis] for axis in axes])
            value = body.let(f"{value} * {part}") if value else part
        return value or "1.0"

    def _tree(self, body: Body, entries: list[str]) -> str:
        while len(entries) > 1:
            entries = [body.let(f"{entries[i]} + {entries[i + 1]}") for i in range(0, len(entries), 2)]
        return entries[0]

    def _fold(self, body: Body, entries: list[str]) -> str:
        whole = len(entries) // TREE_WIDTH * TREE_WIDTH
        heads = [self._tree(body, entries[i : i + TREE_WIDTH]) for i in range(0, whole, TREE_WIDTH)]
        total = ""
        for entry in [*heads, *entries[whole:]]:
            total = body.let(f"{total} + {entry}") if total else entry
        return total
