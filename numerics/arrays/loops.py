"""The source of a program's step: one loop nest for each node that is stored; here as Python for the CPU JIT.

What depends on the language stands in four methods: ``body`` and ``load`` of the entries, ``put`` and ``loop``.
"""

from __future__ import annotations

from collections.abc import Sequence

from numerics.arrays.entries import UNROLL, Entries, Index
from numerics.arrays.ir import TREE_WIDTH, summed
from numerics.arrays.source import Body, indent
from theory.derive.terms import Kind


class Loops(Entries):
    """Writes the step of a program."""

    # --- the language -------------------------------------------------------------------------------------------

    def put(self, cell: str, value: str) -> str:
        """Return the statement that writes a cell."""
        return f"poke({cell}, {value})"

    def loop(self, name: str, start: Index, stop: Index, step: int, lines: Sequence[str]) -> list[str]:
        """Return a loop over integers."""
        bounds = f"{start}, {stop}, {step}" if step > 1 else f"{start}, {stop}" if start != 0 else f"{stop}"
        return [f"for {name} in range({bounds}):", *indent(lines)]

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
        """Group long sums that follow each other, have one shape and one list, and do not read each other.

        Sums of symmetric data stand alone: half of them is computed.
        """
        groups: list[list[int]] = []
        for place in stored:
            last = groups[-1] if groups else []
            alike = (
                not self.lanes
                and last
                and self._is_long(place)
                and self._is_long(last[0])
                and self.symmetric(place) is None
                and self.symmetric(last[0]) is None
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

    def _in_place(self) -> list[str]:
        """Return one loop that computes all new values of a coordinate, then writes them over the old ones."""
        body, index = self.body(), ["i0"]
        self._inner = "i0"
        made = [(f"s_{name}", self.value(body, new, index)) for name, _, new in self.program.updates]
        leaf = self.program.updates[0][1]
        return self.nest(leaf, made[0][0], body, made[0][1], others=made[1:])
