"""Sums and values of one lane in the source of the CPU JIT: what the parts of a kernel share.

All values of one lane lie in the rows of one scratch array ``w``, so that LLVM sees at compile time that they do
not overlap, and vectorises.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Form, Kernel, Rate, Reduction, Sign
from numerics.passes.lazy import gain_of
from numerics.targets.emit import PYTHON, Emitter, indent, keeps, tree

RANGES = {
    Domain.DATA: ("0", "m"),
    Domain.OUTSIDE: ("m", "n"),
    Domain.ALL: ("0", "n"),
    Domain.BATCH: ("0", "b"),
}


def loop(name: str, bounds: str, body: list[str]) -> list[str]:
    """Write a loop, or nothing where its body is empty."""
    return [f"for {name} in range({bounds}):", *indent(body, 1)] if body else []


class Sums:
    """Writes reductions and lane values of one kernel for blocks of at most ``lanes`` lanes.

    ``single`` says that every batch has one member, whose coordinate then lies in a row of ``w``.
    """

    def __init__(self, kernel: Kernel, lanes: int, single: bool) -> None:
        self.kernel, self.lanes, self.single = kernel, lanes, single
        self.emitter = Emitter(kernel, PYTHON)
        self.masked = kernel.batch is Form.MASK
        #: A masked update waits for the sums of the next step, and both are one pass over the table.
        self.waits = self.masked and kernel.lazy is not None and not self._free()
        self._rows: dict[str, int] = {}

    def at(self, name: str) -> str:
        """Return the place of a value of one lane."""
        row = self._rows.setdefault(name, len(self._rows))
        return f"w[{row * self.lanes} + l]"

    def _run_values(self, roots: Iterable[int]) -> list[str]:
        """Write the values of a run that ``roots`` need, from the parameters."""
        loads = [f"p{i} = parameters[{i}]" for i in range(len(self.kernel.parameters))]
        values = self.emitter.statements(roots, Rate.RUN)
        return [*loads, *values] if values else []

    def _free(self) -> list[tuple[Reduction, int]]:
        """Return the reductions that do not need the batch."""
        return [(item, i) for i, item in enumerate(self.kernel.reductions) if item.domain is not Domain.BATCH]

    def _sweep(self, domain: Domain, wanted: list[tuple[Reduction, str]], lanes: str) -> list[str]:
        """Write reductions over one domain into their places, in one pass over the coordinates."""
        if not wanted:
            return []
        masked = domain is Domain.BATCH and self.masked
        low, high = ("0", "m") if masked else RANGES[domain]
        start = [f"{place} = {'0.0' if item.combine is Combine.SUM else '-np.inf'}" for item, place in wanted]
        lines = [*loop("l", lanes, start), f"top = {low} + ({high} - {low}) // {TREE_WIDTH} * {TREE_WIDTH}"]
        for bounds, count in ((f"{low}, top, {TREE_WIDTH}", TREE_WIDTH), (f"top, {high}", 1)):
            if masked:
                lines += loop("k", bounds, self._masked_entries(wanted, count))
            else:
                source = "g" if domain is Domain.BATCH else "c"
                places = [f"{source}[k + {j}, l]" for j in range(count)]
                lines += loop("k", bounds, loop("l", lanes, self._entries(wanted, places)))
        return lines

    def _masked_entries(self, wanted: list[tuple[Reduction, str]], count: int) -> list[str]:
        """Write the entries of the coordinates ``k, ..., k + count - 1`` of a batch that is a mask, for all lanes.

        The update of the step before is done first where it waits.  Tables have a fixed number of lanes and unsigned
        places, so that LLVM sees that their rows do not overlap; the test of a sign is one instruction.
        """
        shift = f"np.uint64({64 - count} - (k & 63))"
        head = [f"at, here = np.uint64(k * {self.lanes}), np.uint64((now + (k >> 6)) * {self.lanes})", f"up = {shift}"]
        body = ["lane = np.uint64(l)", "member = bits[here + lane] << up"]
        places = [f"flat[at + lane + np.uint64({j * self.lanes})]" for j in range(count)]
        tests = [f"np.int64(member << np.uint64({count - 1 - j})) < 0" for j in range(count)]
        if not self.waits:
            return [*head, *loop("l", "lanes", body + self._entries(wanted, places, tests))]
        head.append(f"before = np.uint64((span - now + (k >> 6)) * {self.lanes})")
        body.append("moved = bits[before + lane] << up")
        gains = [f"g{i}" for i in range(len(self._gains()))]
        body += [f"{gain} = {self.at(gain)}" for gain in gains]
        for j, place in enumerate(places):
            factor = self._by_class(Domain.DATA, f"y_{j}", gains)
            body += [
                f"y_{j} = {place}",
                f"x_{j} = y_{j} * ({factor} if np.int64(moved << np.uint64({count - 1 - j})) < 0 else 1.0)",
                f"{place} = x_{j}",
            ]
        return [*head, *loop("l", "lanes", body + self._entries(wanted, [""] * count, tests))]

    def _gains(self) -> list[str]:
        """Return the names of the values by which a masked update multiplies, one for each sign."""
        return [self.emitter.name(gain_of(self.kernel, rule)) for rule in self.kernel.rules_of(Base.BATCH)]

    def _entries(
        self, wanted: list[tuple[Reduction, str]], places: list[str], members: Sequence[str] = ()
    ) -> list[str]:
        """Write the entries of reductions for the coordinates at some places, and their combination.

        An empty place is one whose coordinate has its name already.
        """
        roots = [item.root for item, _ in wanted]
        lines = [*self._scales(roots), *self.emitter.statements(self.emitter.frontier(roots), Rate.LANE)]
        for j, place in enumerate(places):
            lines += [f"x_{j} = {place}"] * (place != "")
            lines += self.emitter.statements(roots, Rate.COORDINATE, f"_{j}")
        for item, target in wanted:
            leaves = [self.emitter.entry(item, j, members[j] if members else "") for j in range(len(places))]
            if item.combine is Combine.SUM:
                lines.append(f"{target} = {target} + {tree(leaves) if len(leaves) > 1 else leaves[0]}")
            else:
                lines.append(f"s = {target}")
                lines += [line for leaf in leaves for line in (f"q = {leaf}", "s = q if q > s else s")]
                lines.append(f"{target} = s")
        return lines

    def _scales(self, roots: list[int]) -> list[str]:
        """Write the loads of scales that summands use."""
        used = {self.emitter.name_of_leaf(i) for i in self.kernel.needs(*roots)} - {""}
        return [f"{name} = {self.at(name)}" for name in sorted(used)]

    def _known(self, roots: list[int], loaded: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
        """Write the loads of reductions, scales and kept sums that ``roots`` need, then their lane values."""
        names = {self.emitter.name_of_leaf(i) for i in self.kernel.needs(*roots)} - {""} - loaded
        return [*(f"{name} = {self.at(name)}" for name in sorted(names)), *self.emitter.statements(roots, Rate.LANE)]

    def _by_class(self, domain: Domain, x: str, values: list[str]) -> str:
        """Choose among the values of the classes of a place."""
        return values[0] if len(values) == 1 else PYTHON.select(f"{x} > 0.0", *values)

    def _chosen(self, roots: tuple[int, ...]) -> str:
        names = [self.emitter.name(root) for root in roots]
        return names[0] if len(names) == 1 else PYTHON.select(keeps(Sign.POSITIVE, "x"), *names)

    def _carried(self, roots: Any) -> tuple[int, ...]:
        return self.emitter.frontier(roots)
