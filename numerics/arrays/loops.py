"""The source of a program's step, one loop nest for each node that is stored; here as Python for the CPU JIT.

What depends on the language stands in four methods: ``body``, ``load``, ``put`` and ``loop``.  Two layouts, the same
bits:

* *lanes*: the innermost loop runs over a fixed number of replicas; used where no data are gathered by replica;
* *rows*: the innermost loop runs over the last axis of a node, one replica after the other; data that a replica
  draws are contiguous there.  Last axes are padded to whole vectors; nothing reads the padding into an entry.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from numerics.arrays.ir import TREE_WIDTH, Form, Leaf, Program, Role, static, summed
from numerics.arrays.scalar import fold
from numerics.arrays.source import Body, indent, nearest
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


class Loops:
    """Writes the step of a program."""

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

    def put(self, cell: str, value: str) -> str:
        """Return the statement that writes a cell."""
        return f"poke({cell}, {value})"

    def loop(self, name: str, start: Index, stop: Index, step: int, lines: Sequence[str]) -> list[str]:
        """Return a loop over integers."""
        bounds = f"{start}, {stop}, {step}" if step > 1 else f"{start}, {stop}" if start != 0 else f"{stop}"
        return [f"for {name} in range({bounds}):", *indent(lines)]

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

    # --- loops --------------------------------------------------------------------------------------------------

    def nest(
        self,
        place: int,
        target: str,
        body: Body,
        value: str,
        half: tuple[int, int] | None = None,
        others: Sequence[tuple[str, str]] = (),
        mirrored: Sequence[Index] | None = None,
    ) -> list[str]:
        """Return the loops over the entries of a node around a body that stores a value.

        ``half`` restricts them to i_a <= i_b; ``others`` are more targets of the same shape with their values;
        ``mirrored`` is the entry that is stored where it is not that of the loops.
        """
        sizes = self.extents(place)
        index = mirrored or [f"i{axis}" for axis in range(len(sizes))]
        stores = [(target, value), *others]
        lines = [*body.lines, *(self.put(self.cell(to, index, sizes), made) for to, made in stores)]
        ranges = self._rows(sizes)
        if self.lanes:
            lines = self.loop("l", 0, "LANES", 1, lines)
        for axis in reversed(range(len(sizes))):
            start: Index = f"i{half[0]}" if half and axis == half[1] else 0
            # in lanes the bounds are not constants, so that the compiler keeps the loops: it compiles faster
            stop: Index = f"{ranges[axis]}*whole" if self.lanes else ranges[axis]
            lines = self.loop(f"i{axis}", start, stop, 1, lines)
        return lines

    def symmetric(self, place: int) -> tuple[int, int] | None:
        """Return two axes that a stored contraction is symmetric in, because one factor is."""
        term = self.terms[place]
        found = [(a, x) for a, x in zip(term.args, term.axes, strict=True) if self.terms[a].symmetric]
        if not self.halves or len(found) != 1:
            return None
        pair = found[0][1][-2:]
        others = [axis for a, axes in zip(term.args, term.axes, strict=True) if a != found[0][0] for axis in axes]
        if max(pair) >= term.rank or pair[0] == pair[1] or set(pair) & set(others):
            return None
        return min(pair), max(pair)

    def store(self, place: int, target: str) -> list[str]:
        """Return the statements that store all entries of a node."""
        term = self.terms[place]
        rank = term.rank
        index: list[Index] = [f"i{axis}" for axis in range(rank)]
        self._inner = f"i{rank - 1}" if rank else ""
        if term.kind is Kind.LARGEST:
            return self._largest(place, target, index)
        if self._is_long(place):
            return self._long([place], [target])
        body = self.body()
        value = self.value(body, place, index)
        return self.nest(place, target, body, value)

    def _is_long(self, place: int) -> bool:
        return self.terms[place].kind is Kind.CONTRACT and self._terms_of(place) > UNROLL

    def _long(self, places: Sequence[int], targets: Sequence[str]) -> list[str]:
        """Store long sums of one shape in one pass: trees of eight, the loop over the summed axes outside."""
        place, target = places[0], targets[0]
        index: list[Index] = [f"i{axis}" for axis in range(self.terms[place].rank)]
        self._inner = str(index[-1]) if index else ""
        count = self._terms_of(place)
        whole = count // TREE_WIDTH * TREE_WIDTH
        cells = [self.cell(to, index, self.extents(place)) for to in targets]
        half = self.symmetric(place)
        lines = []
        for first, (start, stop, stride) in enumerate([(0, TREE_WIDTH, 8), (8, whole, 8), (whole, count, 1)]):
            if start >= stop:
                continue
            body, values = self.body(), []
            for item, cell in zip(places, cells, strict=True):
                entries = [self._product(body, item, index, self._decoded(item, u)) for u in range(stride)]
                value = self._tree(body, entries)
                values.append(body.let(f"{self.load(cell)} + {value}") if first else value)
            others = list(zip(targets[1:], values[1:], strict=True))
            nest = self.nest(place, target, body, values[0], half, others)
            lines += self.loop("f", start, stop, stride, nest)
        if half:
            mirrored = list(index)
            mirrored[half[0]], mirrored[half[1]] = index[half[1]], index[half[0]]
            body = self.body()
            value = body.let(self.load(cells[0]))
            lines += self.nest(place, target, body, value, half, mirrored=mirrored)
        return lines

    def _together(self, stored: Sequence[int]) -> list[list[int]]:
        """Group long sums that follow each other, have one shape and one list, and do not read each other."""
        groups: list[list[int]] = []
        for place in stored:
            last = groups[-1] if groups else []
            alike = (
                not self.lanes
                and last
                and self._is_long(place)
                and self._is_long(last[0])
                and self.extents(place) == self.extents(last[0])
                and summed(self.terms, place) == summed(self.terms, last[0])
                and not set(last) & set(self.terms.reachable([place]))
            )
            if alike:
                last.append(place)
            else:
                groups.append([place])
        return groups

    def _decoded(self, place: int, step: int) -> dict[int, Index]:
        """Return the indices of the summed axes at position ``f + step`` of the list."""
        sizes = self.terms.sizes(place)
        over = self._over(place)
        at = f"f + {step}" if step else "f"
        if len(over) == 1:
            return {over[0]: at}
        found: dict[int, Index] = {}
        stride = 1
        for axis in reversed(over):
            found[axis] = f"(({at}) // {stride}) % {int(sizes[axis])}"
            stride *= int(sizes[axis])
        return found

    def _largest(self, place: int, target: str, index: list[Index]) -> list[str]:
        body = self.body()
        argument = self.terms[place].args[0]
        value = self.read(body, argument, [*index, 0])
        for i in range(1, int(self.terms[argument].shape[-1])):
            other = self.read(body, argument, [*index, i])
            value = body.select(">", other, value, other, value)
        return self.nest(place, target, body, value)

    def step(self) -> list[str]:
        """Return the statements of one step of one replica, or of all lanes."""
        lines: list[str] = []
        for group in self._together([p for p in self._steps if p not in self._roots and not self.inlined(p)]):
            self.buffers.update((place, self.stored(place)) for place in group)
            names = [f"b{place}" for place in group]
            lines += self._long(group, names) if len(group) > 1 else self.store(group[0], names[0])
        updates = self.program.updates
        if self.program.decoupled:
            return lines + self._in_place()
        for _, _, new in updates:
            self.buffers[new] = self.stored(new)
            lines += self.store(new, f"b{new}")
        for name, leaf, new in updates:
            total = self.stored(leaf)
            span, base = (f"{total}*LANES", "") if self.lanes else (total, self.replica(total))
            lines += self.loop("i", 0, span, 1, [self.put(f"s_{name}, {base}i", self.load(f"b{new}, i"))])
        return lines

    def replica(self, size: int) -> str:
        """Return where a replica's part of the local state begins, with a sign to add to it."""
        return f"l*{size} + "

    def _in_place(self) -> list[str]:
        """Return one loop that computes all new values of a coordinate, then writes them over the old ones."""
        body, index = self.body(), ["i0"]
        self._inner = "i0"
        made = [(f"s_{name}", self.value(body, new, index)) for name, _, new in self.program.updates]
        leaf = self.program.updates[0][1]
        return self.nest(leaf, made[0][0], body, made[0][1], others=made[1:])
