"""Source of the CPU JIT: one Python module a kernel, lanes innermost and time in the middle."""

from __future__ import annotations

from numerics.ir import Base, Combine, Domain, Kernel, Law, Rate, Reduction, Watch
from numerics.targets.emit import indent
from numerics.targets.jit_settling import Settling
from numerics.targets.jit_sums import loop

_HEAD = """\
from math import sqrt

import numba
import numpy as np

from numerics.targets.jit_memory import stack
from numerics.targets.jit_random import draw, draw_four, thin

ONE = np.uint64(1)
TABLE = numba.float64[:, ::1]
FLAGS = {"fastmath": False, "error_model": "numpy", "nogil": True, "cache": CACHE, "no_cfunc_wrapper": True}
INNER = {**FLAGS, "no_cpython_wrapper": True}
"""
_SIGNATURE = (
    "numba.void(TABLE, numba.float64[::1], numba.uint64[::1], TABLE, numba.uint64[::1], numba.int64, numba.int64, "
    "numba.boolean, numba.int64, numba.int64, numba.float64[::1], numba.float64[::1], numba.uint64, numba.uint64, "
    "numba.int64[:, ::1], numba.int64, numba.int64, numba.int64)"
)


def write(kernel: Kernel, lanes: int, single: bool) -> str:
    """Return the source of the module that runs one block of at most ``lanes`` lanes.

    ``single`` says that every batch has one member.
    """
    return _Writer(kernel, lanes, single).write()


class _Writer(Settling):
    """Writes the source of one kernel: its driver, the draws, and one step."""

    def write(self) -> str:
        """Return the source of the module."""
        kernel = self.kernel
        body = [*self._step(), *self._leave()]
        head = [
            "lanes = replicas.shape[0]",
            f"n = c.shape[0] - {kernel.rows}",
            f"room = stack({len(self._rows) * self.lanes})",
            f"w = numba.carray(room, {len(self._rows) * self.lanes}, np.float64)",
        ]
        head += self._run_values(self.emitter.all_roots())
        if kernel.law is not Law.GD and not self.masked and not self.single:
            head.append("g = np.empty((b, lanes))")
        if kernel.law is Law.SGD:
            head += ["words = np.empty((4, lanes), np.uint64)", "spare = np.empty((4, 1), np.uint64)", "held = -1"]
            head += self._batch_tables()
        head += self._load()
        arguments = "c, flat, cells, watch, replicas, t0, t1, final, m, b, parameters, thresholds, k0, k1, sequence"
        lines = [_HEAD, *self._settling(), f"@numba.njit([{_SIGNATURE}], **FLAGS)"]
        lines += [f"def advance({arguments}, planes, numerator, blocks):", *indent(head + body, 1)]
        return "\n".join(lines) + "\n"

    def _batch_tables(self) -> list[str]:
        """Write the tables of the draws; places are unsigned, so that no negative one is looked for."""
        if self.masked:
            return [
                "span = (m + 63) // 64",
                f"masks = np.zeros(({2 if self.waits else 1} * span, {self.lanes}), np.uint64)",
                "bits = masks.reshape(-1)",
                "now = 0",
                "repairs = np.empty((4 * blocks, lanes), np.uint64)",
            ]
        if self.single:
            return [
                f"places = numba.carray(stack({4 * self.lanes}), (4, lanes), np.uint64)",
                f"row = numba.carray(room, {len(self._rows) * self.lanes}, np.uint64)",
            ]
        return [
            "rows = np.zeros((b, lanes), np.uint64)",
            "marks = np.zeros((lanes, (m + 63) // 64), np.uint64)",
        ]

    def _step(self) -> list[str]:
        reductions = self.kernel.reductions
        free = self._free()
        drawn = [(item, i) for i, item in enumerate(reductions) if item.domain is Domain.BATCH]
        body = self._due()
        for domain in Domain:
            body += self._sweep(
                domain, [(item, self.at(f"r{i}")) for item, i in free if item.domain is domain], "lanes"
            )
        body += self._watchers(drawn=False)
        body += ["if t == t1:", "    break", *self._draw()]
        if self.single:
            body += self._single_step(drawn)
        else:
            body += self._sweep(Domain.BATCH, [(item, self.at(f"r{i}")) for item, i in drawn], "lanes")
            body += self._watchers(drawn=True)
            body += ["bad = 0"] * (self.kernel.lazy is not None)
            body += loop("l", "lanes", [*self._lane_values(), *self._carry()])
            body += self._update()
        return loop("t", "t0, t1 + 1 if final else t1", body)

    def _draw(self) -> list[str]:
        """Write the draw of the batch and the copy of its coordinates."""
        law = self.kernel.law
        if law is Law.GD:
            return []
        if self.masked:
            return [
                "held = thin(masks[now : now + span], repairs, words, spare, held, k0, k1, t, replicas, m, b, "
                "planes, numerator)",
            ]
        lines = []
        if law is Law.SGD and self.single:
            lines = [
                "if t >> 2 != held:",
                "    held = t >> 2",
                "    draw_four(places, k0, k1, held, replicas, m)",
            ]
        elif law is Law.SGD:
            lines = ["held = draw(rows, marks, words, spare, held, k0, k1, t, replicas, m)"]
        return lines if law is Law.SGD and self.single else lines + self._members("{entry} = {place}")

    def _members(self, write: str) -> list[str]:
        """Write a loop over the members of the batch; ``write`` names the place and its copy."""
        sgd = self.kernel.law is Law.SGD
        entry = self.at("g") if self.single else "g[i, l]"
        i = "0" if self.single else "i"
        body = loop("l", "lanes", [write.format(entry=entry, place=f"c[{f'rows[{i}, l]' if sgd else 'row'}, l]")])
        if not sgd:
            body = [f"row = {'t % m' if self.kernel.law is Law.CYCLIC else f'sequence[t, {i}]'}", *body]
        return body if self.single else loop("i", "b", body)

    def _single_step(self, drawn: list[tuple[Reduction, int]]) -> list[str]:
        """Write a step whose batch has one member, in one pass over the lanes."""
        drawn_here = self.kernel.law is Law.SGD
        lines = [f"x_0 = {'flat[places[t & 3, l]]' if drawn_here else self.at('g')}"]
        for item, i in drawn:
            lines += [
                *self._scales([item.root]),
                *self.emitter.statements(self.emitter.frontier([item.root]), Rate.LANE),
            ]
            lines += self.emitter.statements([item.root], Rate.COORDINATE, "_0")
            entry = self.emitter.entry(item, 0)
            lines.append(
                f"r{i} = 0.0 + {entry}"
                if item.combine is Combine.SUM
                else f"r{i} = {entry} if {entry} > -np.inf else -np.inf"
            )
        known = {f"r{i}" for _, i in drawn}
        for place, watcher in enumerate(self.kernel.watchers):
            if self.kernel.drawn(watcher.root):
                lines += [*self._known([watcher.root], known), *self._watch(place)]
        lines += self._lane_values(known)
        if self.kernel.lazy is None:
            lines += self._carry()
        roots = self.emitter.rule_roots(Base.BATCH)
        lines += [
            "x = x_0",
            *self.emitter.statements(roots, Rate.COORDINATE),
            f"{self.at('g')} = {self._chosen(roots)}",
        ]
        return ["bad = 0"] * (self.kernel.lazy is not None) + loop("l", "lanes", lines) + self._rest()

    def _watchers(self, drawn: bool) -> list[str]:
        lines = []
        for place, item in enumerate(self.kernel.watchers):
            if self.kernel.drawn(item.root) is drawn:
                lines += [*self._known([item.root]), *self._watch(place)]
        return loop("l", "lanes", lines) if lines else []

    def _watch(self, place: int) -> list[str]:
        """Write the streaming of one watcher whose value is known."""
        item = self.kernel.watchers[place]
        value, old = self.emitter.name(item.root), f"watch[{place}, l]"
        if item.watch is Watch.MAXIMUM:
            return [f"seen = {old}", f"{old} = {value} if {value} > seen else seen"]
        return [f"seen = {old}", f"{old} = float(t) if seen < 0.0 and {value} >= thresholds[{place}] else seen"]

    def _lane_values(self, loaded: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
        """Write the values of one lane: next scales before what uses their inverses, then the new table rows."""
        kernel, lazy = self.kernel, self.kernel.lazy
        if lazy is None:
            return self._known([*self.emitter.step_roots()], loaded)
        factors = [item.factor for item in lazy.scales]
        first = self._known(factors, loaded)
        low, high = (repr(2.0**power) for power in (-lazy.range, lazy.range))
        scales = [f"s{j}" for j in range(len(factors))]
        first += [f"{name} = {self.at(name)}" for name in scales if f"{name} = {self.at(name)}" not in first]
        first += [f"w{j} = s{j} * {self.emitter.name(factor)}" for j, factor in enumerate(factors)]
        first.append("good = " + " & ".join(f"(w{j} >= {low}) & (w{j} <= {high})" for j in range(len(factors))))
        first += [f"inverse{j} = 1.0 / w{j} if good else 1.0" for j in range(len(factors))] * bool(kernel.rules)
        done = set(first)
        lines = [*first, *(line for line in self._known([*self.emitter.step_roots()], loaded) if line not in done)]
        lines.append("bad += 0 if good else 1")
        for j, factor in enumerate(factors):
            lines += [
                f"{self.at(f's{j}')} = w{j} if good else -s{j}",
                f"{self.at(f'f{j}')} = {self.emitter.name(factor)}",
            ]
        for i, kept in enumerate(lazy.sums):
            value = self.emitter.name(kept.update)
            lines += [f"{self.at(f'q{i}')} = {value}"] * (value != f"q{i}")
        return lines

    def _carry(self) -> list[str]:
        """Write the stores of the lane values that the rules read."""
        if self.masked and self.kernel.lazy is not None:
            return [f"{self.at(f'g{i}')} = {gain}" for i, gain in enumerate(self._gains())]
        return [
            f"{self.at(f'v{i}')} = {self.emitter.name(i)}"
            for i in self._carried(rule.root for rule in self.kernel.rules)
        ]

    def _update(self) -> list[str]:
        """Write the update of all coordinates that are touched."""
        kernel = self.kernel
        if kernel.law is Law.GD:
            if kernel.lazy is not None:
                return self._rest()
            return self._rule(Base.BATCH, "c", "m") + self._rule(Base.OUTSIDE, "c", "m, n")
        if self.masked:
            if not self.waits:
                return [*self._bad_lanes(), *self._masked_rule(), *self._outside(), *self._resum()]
            now = [*self._bad_lanes(), *self._masked_rule(), *self._resum(), "masks[now : now + span] = np.uint64(0)"]
            due = f" or {self._settles('(t + 1)')}" if self.kernel.lazy and self.kernel.lazy.every else ""
            return [f"if bad > 0 or t + 1 == t1{due}:", *indent(now, 1), "now = span - now"]
        return [*self._rule(Base.BATCH, "g", "b"), *self._rest()]

    def _outside(self) -> list[str]:
        return self._rule(Base.OUTSIDE, "c", "m, n") if self.kernel.lazy is None else []

    def _rest(self) -> list[str]:
        """Write the update outside the batch, and put the batch back."""
        kernel = self.kernel
        if kernel.lazy is not None:
            lines = self._bad_lanes()
        elif self.emitter.rule_roots(Base.REST) == self.emitter.rule_roots(Base.OUTSIDE):
            lines = self._rule(Base.REST, "c", "n")
        else:
            lines = self._rule(Base.REST, "c", "m") + self._outside()
        if kernel.law is not Law.GD:
            lines += self._put_back()
        return lines + self._resum()

    def _put_back(self) -> list[str]:
        """Write the copies of the batch's coordinates into the table.

        One coordinate a lane moves as an integer, of which a processor stores more at once.
        """
        if self.kernel.law is Law.SGD and self.single:
            return loop("l", "lanes", [f"cells[places[t & 3, l]] = {self.at('g').replace('w', 'row', 1)}"])
        return self._members("{place} = {entry}")

    def _masked_rule(self) -> list[str]:
        """Write the rules of the batch and, without lazy scales, of the rest, over all data.

        With lazy scales every coordinate is multiplied, those outside the batch by 1: a store that may leave the
        old value would keep LLVM from vectorising the loop.
        """
        member = "bits[here + np.uint64(l)] << up"
        head = [f"here, up = np.uint64((now + (k >> 6)) * {self.lanes}), np.uint64(63 - (k & 63))"]
        if self.kernel.lazy is None:
            inside, other = self.emitter.rule_roots(Base.BATCH), self.emitter.rule_roots(Base.REST)
            body = [f"v{i} = {self.at(f'v{i}')}" for i in self._carried([*inside, *other])]
            body += ["x = c[k, l]", *self.emitter.statements([*inside, *other], Rate.COORDINATE)]
            value = f"{self._chosen(inside)} if np.int64({member}) < 0 else {self._chosen(other)}"
        else:
            names = [f"g{i}" for i in range(len(self._gains()))]
            body = [*(f"{name} = {self.at(name)}" for name in names), "x = c[k, l]"]
            value = f"x * ({self._by_class(Domain.DATA, 'x', names)} if np.int64({member}) < 0 else 1.0)"
        return loop("k", "m", [*head, *loop("l", "lanes", [*body, f"c[k, l] = {value}"])])

    def _rule(self, base: Base, table: str, bounds: str) -> list[str]:
        """Write the rule of one base on rows of a table."""
        roots = self.emitter.rule_roots(base)
        place = f"{table}[k, l]"
        body = [f"v{i} = {self.at(f'v{i}')}" for i in self._carried(roots)]
        body += [f"x = {place}", *self.emitter.statements(roots, Rate.COORDINATE), f"{place} = {self._chosen(roots)}"]
        return loop("k", bounds, loop("l", "lanes", body))
