"""Source of the CPU JIT: one Python module a kernel, lanes innermost and time in the middle.

All values of one lane lie in the rows of one scratch array ``w``, so that LLVM sees at compile time that they do
not overlap, and vectorises.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Form, Kernel, Law, Rate, Reduction, Sign, Watch
from numerics.passes.lazy import gain_of
from numerics.targets.emit import PYTHON, Emitter, indent, keeps, tree

_RANGES = {
    Domain.DATA: ("0", "m"),
    Domain.OUTSIDE: ("m", "n"),
    Domain.ALL: ("0", "n"),
    Domain.BATCH: ("0", "b"),
}
_PLACES = (Domain.DATA, Domain.OUTSIDE)
_BITS = ", ".join(f"BIT{j}" for j in range(TREE_WIDTH))
_HEAD = f"""\
from math import sqrt

import numba
import numpy as np

from numerics.targets.jit_random import draw, draw_four, thin

ONE = np.uint64(1)
{_BITS} = (np.uint64(1 << j) for j in range({TREE_WIDTH}))
TABLE = numba.float64[:, ::1]
FLAGS = {{"fastmath": False, "error_model": "numpy", "nogil": True, "cache": CACHE, "no_cfunc_wrapper": True}}
INNER = {{**FLAGS, "no_cpython_wrapper": True}}
"""
_SIGNATURE = (
    "numba.void(TABLE, numba.float64[::1], TABLE, numba.uint64[::1], numba.int64, numba.int64, numba.boolean, "
    "numba.int64, numba.int64, numba.float64[::1], numba.float64[::1], numba.uint64, numba.uint64, "
    "numba.int64[:, ::1], numba.int64, numba.int64, numba.int64)"
)


def write(kernel: Kernel, lanes: int, single: bool) -> str:
    """Return the source of the module that runs one block of at most ``lanes`` lanes.

    ``single`` says that every batch has one member.
    """
    return _Writer(kernel, lanes, single).write()


class _Writer:
    """Writes the source of one kernel for blocks of at most ``lanes`` lanes.

    ``single`` says that every batch has one member, whose coordinate then lies in a row of ``w``.
    """

    def __init__(self, kernel: Kernel, lanes: int, single: bool) -> None:
        self.kernel, self.lanes, self.single = kernel, lanes, single
        self.emitter = Emitter(kernel, PYTHON)
        self.masked = kernel.batch is Form.MASK
        self._rows: dict[str, int] = {}

    def at(self, name: str) -> str:
        """Return the place of a value of one lane."""
        row = self._rows.setdefault(name, len(self._rows))
        return f"w[{row * self.lanes} + l]"

    def write(self) -> str:
        """Return the source of the module."""
        kernel = self.kernel
        body = [*self._step(), *self._leave()]
        head = [
            "lanes = c.shape[1]",
            f"n = c.shape[0] - {kernel.rows}",
            f"w = np.empty({len(self._rows)} * {self.lanes})",
        ]
        head += self._run_values(self.emitter.all_roots())
        if kernel.law is not Law.GD and not self.masked and not self.single:
            head.append("g = np.empty((b, lanes))")
        if kernel.law is Law.SGD:
            head += ["words = np.empty((4, lanes), np.uint64)", "spare = np.empty((4, 1), np.uint64)", "held = -1"]
            head += self._batch_tables()
        head += self._load()
        arguments = "c, flat, watch, replicas, t0, t1, final, m, b, parameters, thresholds, k0, k1, sequence"
        lines = [_HEAD, *self._settling(), f"@numba.njit([{_SIGNATURE}], **FLAGS)"]
        lines += [f"def advance({arguments}, planes, numerator, blocks):", *indent(head + body, 1)]
        return "\n".join(lines) + "\n"

    def _batch_tables(self) -> list[str]:
        """Write the tables of the draws; places are unsigned, so that no negative one is looked for."""
        if self.masked:
            return [
                "masks = np.empty(((m + 63) // 64, lanes), np.uint64)",
                "repairs = np.empty((4 * blocks, lanes), np.uint64)",
            ]
        if self.single:
            return ["places = np.empty((4, lanes), np.uint64)"]
        return [
            "rows = np.zeros((b, lanes), np.uint64)",
            "marks = np.zeros((lanes, (m + 63) // 64), np.uint64)",
        ]

    def _run_values(self, roots: Iterable[int]) -> list[str]:
        """Write the values of a run that ``roots`` need, from the parameters."""
        loads = [f"p{i} = parameters[{i}]" for i in range(len(self.kernel.parameters))]
        values = self.emitter.statements(roots, Rate.RUN)
        return [*loads, *values] if values else []

    # settling

    def _table_names(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        return [*(f"s{j}" for j in range(len(lazy.scales))), *(f"q{i}" for i in range(len(lazy.sums)))]

    def _load(self) -> list[str]:
        return _loop("l", "lanes", [f"{self.at(name)} = c[n + {i}, l]" for i, name in enumerate(self._table_names())])

    def _leave(self) -> list[str]:
        return _loop("l", "lanes", [f"c[n + {i}, l] = {self.at(name)}" for i, name in enumerate(self._table_names())])

    def _settling(self) -> list[str]:
        """Write ``resum`` for the lanes from ``low`` to ``high``, and ``spill`` for bad lanes."""
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        sums = self._run_values([kept.reduction.root for kept in lazy.sums])
        sums += _loop("l", "low, high", [f"{self.at(f's{j}')} = 1.0" for j in range(len(lazy.scales))])
        for i, kept in enumerate(lazy.sums):
            sums += self._sweep(kept.reduction.domain, [(kept.reduction, self.at(f"q{i}"))], "low, high")
        types = "TABLE, numba.float64[::1], numba.float64[::1], numba.int64, numba.int64, numba.int64, numba.int64"
        decorate = f"@numba.njit([numba.void({types})], **INNER)"
        lines = [
            *(decorate, "def resum(c, w, parameters, n, m, low, high):", *indent(sums, 1), ""),
        ]
        masks = ", numba.uint64[:, ::1]" if self.masked else ""
        decorate = f"@numba.njit([numba.void(TABLE, numba.float64[::1], numba.int64, numba.int64{masks})], **INNER)"
        return [*lines, decorate, f"def spill({self._spilt()}):", *indent(self._spill(), 1), ""]

    def _fold(self) -> list[str]:
        """Write the product of all coordinates with their scales."""
        lazy = self.kernel.lazy
        assert lazy is not None
        lines = []
        for domain in self._places():
            where = lazy.of(Domain.DATA if domain is Domain.ALL else domain)
            scale = self._by_class(domain, "x", [self.at(f"s{j}") for j in where])
            body = ["x = c[k, l]", f"c[k, l] = x * {scale}"]
            lines += _loop("k", ", ".join(_RANGES[domain]), _loop("l", "lanes", body))
        return lines

    def _places(self) -> tuple[Domain, ...]:
        """Return the places whose coordinates have different scales."""
        assert self.kernel.lazy is not None
        return (Domain.ALL,) if len({self.kernel.lazy.of(domain) for domain in _PLACES}) == 1 else _PLACES

    def _spilt(self) -> str:
        return "c, w, n, m, masks" if self.masked else "c, w, n, m"

    def _spill(self) -> list[str]:
        """Write the step outside the batch of lanes whose next scale leaves its range; their scales are negated.

        A batch that is a list is moved too, and overwritten afterwards from the copy of its coordinates.
        """
        lazy = self.kernel.lazy
        assert lazy is not None
        body = [f"o{j} = -{self.at(f's{j}')}; f{j} = {self.at(f'f{j}')}" for j in range(len(lazy.scales))]
        for domain in _PLACES if self.masked else self._places():
            where = lazy.of(Domain.DATA if domain is Domain.ALL else domain)
            scale, factor = (self._by_class(domain, "x", [f"{letter}{j}" for j in where]) for letter in "of")
            move = ["x = c[k, l]", f"c[k, l] = x * {scale} * {factor}"]
            if self.masked and domain is Domain.DATA:
                move = ["if masks[k >> 6, l] >> np.uint64(k & 63) & ONE == 0:", *indent(move, 1)]
            body += _loop("k", ", ".join(_RANGES[domain]), move)
        return _loop("l", "c.shape[1]", [f"if {self.at('s0')} < 0.0:", *indent(body, 1)])

    def _by_class(self, domain: Domain, x: str, values: list[str]) -> str:
        """Choose among the values of the classes of a place."""
        return values[0] if len(values) == 1 else PYTHON.select(f"{x} > 0.0", *values)

    def _due(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        test = "t == 0" + (f" or t % {lazy.every} == 0" if lazy.every else "")
        fold = [] if not lazy.every else ["if t > 0:  # at first all scales are 1", *indent(self._fold(), 1)]
        return [f"if {test}:", *indent([*fold, "resum(c, w, parameters, n, m, 0, lanes)"], 1)]

    # one step

    def _step(self) -> list[str]:
        reductions = self.kernel.reductions
        free = [(item, i) for i, item in enumerate(reductions) if item.domain is not Domain.BATCH]
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
            body += _loop("l", "lanes", [*self._lane_values(), *self._carry()])
            body += self._update()
        return _loop("t", "t0, t1 + 1 if final else t1", body)

    def _draw(self) -> list[str]:
        """Write the draw of the batch and the copy of its coordinates."""
        law = self.kernel.law
        if law is Law.GD:
            return []
        if self.masked:
            return [
                "held = thin(masks, repairs, words, spare, held, k0, k1, t, replicas, m, b, planes, numerator)",
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
        return lines + self._members(lambda place, entry: f"{entry} = {place}")

    def _members(self, write: Any) -> list[str]:
        """Write a loop over the members of the batch; ``write`` is given the place and its copy."""
        sgd = self.kernel.law is Law.SGD
        entry = self.at("g") if self.single else "g[i, l]"
        i = "0" if self.single else "i"
        place = "flat[places[t & 3, l]]" if sgd and self.single else f"c[{f'rows[{i}, l]' if sgd else 'row'}, l]"
        body = _loop("l", "lanes", [write(place, entry)])
        if not sgd:
            body = [f"row = {'t % m' if self.kernel.law is Law.CYCLIC else f'sequence[t, {i}]'}", *body]
        return body if self.single else _loop("i", "b", body)

    def _sweep(self, domain: Domain, wanted: list[tuple[Reduction, str]], lanes: str) -> list[str]:
        """Write reductions over one domain into their places, in one pass over the coordinates."""
        if not wanted:
            return []
        masked = domain is Domain.BATCH and self.masked
        low, high = ("0", "m") if masked else _RANGES[domain]
        source = "g" if domain is Domain.BATCH and not masked else "c"
        start = [f"{place} = {'0.0' if item.combine is Combine.SUM else '-np.inf'}" for item, place in wanted]
        full = self._entries(wanted, [f"{source}[k + {j}, l]" for j in range(TREE_WIDTH)], masked)
        rest = self._entries(wanted, [f"{source}[k, l]"], masked)
        return [
            *_loop("l", lanes, start),
            f"top = {low} + ({high} - {low}) // {TREE_WIDTH} * {TREE_WIDTH}",
            *_loop("k", f"{low}, top, {TREE_WIDTH}", _loop("l", lanes, full)),
            *_loop("k", f"top, {high}", _loop("l", lanes, rest)),
        ]

    def _entries(self, wanted: list[tuple[Reduction, str]], places: list[str], masked: bool) -> list[str]:
        """Write the entries of reductions for the coordinates ``k + j``, and their combination."""
        roots = [item.root for item, _ in wanted]
        lines = [*self._scales(roots), *self.emitter.statements(self.emitter.frontier(roots), Rate.LANE)]
        lines += ["bits = masks[k >> 6, l] >> np.uint64(k & 63)"] * masked
        for j, place in enumerate(places):
            lines.append(f"x_{j} = {place}")
            lines += self.emitter.statements(roots, Rate.COORDINATE, f"_{j}")
        for item, target in wanted:
            member = "bits & BIT{} != 0" if masked else ""
            leaves = [self.emitter.entry(item, j, member.format(j)) for j in range(len(places))]
            if item.combine is Combine.SUM:
                lines.append(f"{target} = {target} + {tree(leaves) if len(leaves) > 1 else leaves[0]}")
            else:
                lines.append(f"s = {target}")
                lines += [line for leaf in leaves for line in (f"q = {leaf}", "s = q if q > s else s")]
                lines.append(f"{target} = s")
        return lines

    def _single_step(self, drawn: list[tuple[Reduction, int]]) -> list[str]:
        """Write a step whose batch has one member, in one pass over the lanes."""
        lines = [f"x_0 = {self.at('g')}"]
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
        return ["bad = 0"] * (self.kernel.lazy is not None) + _loop("l", "lanes", lines) + self._rest()

    def _scales(self, roots: list[int]) -> list[str]:
        """Write the loads of scales that summands use."""
        used = {self.emitter.name_of_leaf(i) for i in self.kernel.needs(*roots)} - {""}
        return [f"{name} = {self.at(name)}" for name in sorted(used)]

    def _known(self, roots: list[int], loaded: set[str] = frozenset()) -> list[str]:  # type: ignore[assignment]
        """Write the loads of reductions, scales and kept sums that ``roots`` need, then their lane values."""
        names = {self.emitter.name_of_leaf(i) for i in self.kernel.needs(*roots)} - {""} - loaded
        return [*(f"{name} = {self.at(name)}" for name in sorted(names)), *self.emitter.statements(roots, Rate.LANE)]

    def _watchers(self, drawn: bool) -> list[str]:
        lines = []
        for place, item in enumerate(self.kernel.watchers):
            if self.kernel.drawn(item.root) is drawn:
                lines += [*self._known([item.root]), *self._watch(place)]
        return _loop("l", "lanes", lines) if lines else []

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
        return [
            f"{self.at(f'v{i}')} = {self.emitter.name(i)}"
            for i in self._carried(rule.root for rule in self.kernel.rules)
        ]

    def _carried(self, roots: Any) -> tuple[int, ...]:
        return self.emitter.frontier(roots)

    def _update(self) -> list[str]:
        """Write the update of all coordinates that are touched."""
        kernel = self.kernel
        if kernel.law is Law.GD:
            if kernel.lazy is not None:
                return self._rest()
            return self._rule(Base.BATCH, "c", "m") + self._rule(Base.OUTSIDE, "c", "m, n")
        if self.masked:
            return [*self._bad_lanes(), *self._masked_rule(), *self._outside(), *self._resum()]
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
            lines += self._members(lambda place, entry: f"{place} = {entry}")
        return lines + self._resum()

    def _masked_rule(self) -> list[str]:
        """Write the rules of the batch and, without lazy scales, of the rest, over all data.

        With lazy scales every coordinate is multiplied, those outside the batch by 1: a store that may leave the
        old value would keep LLVM from vectorising the loop.
        """
        inside = self.emitter.rule_roots(Base.BATCH)
        other = self.emitter.rule_roots(Base.REST)
        body = [f"v{i} = {self.at(f'v{i}')}" for i in self._carried([*inside, *other])]
        body.append("x = c[k, l]")
        member = "masks[word, l] >> bit & ONE"
        if self.kernel.lazy is None:
            body += self.emitter.statements([*inside, *other], Rate.COORDINATE)
            body.append(f"c[k, l] = {self._chosen(inside)} if {member} else {self._chosen(other)}")
        else:
            gains = [self.emitter.name(gain_of(self.kernel, rule)) for rule in self.kernel.rules_of(Base.BATCH)]
            body.append(f"c[k, l] = x * ({self._by_class(Domain.DATA, 'x', gains)} if {member} else 1.0)")
        return _loop("k", "m", ["word, bit = k >> 6, np.uint64(k & 63)", *_loop("l", "lanes", body)])

    def _chosen(self, roots: tuple[int, ...]) -> str:
        names = [self.emitter.name(root) for root in roots]
        return names[0] if len(names) == 1 else PYTHON.select(keeps(Sign.POSITIVE, "x"), *names)

    def _rule(self, base: Base, table: str, bounds: str) -> list[str]:
        """Write the rule of one base on rows of a table."""
        roots = self.emitter.rule_roots(base)
        place = f"{table}[k, l]"
        body = [f"v{i} = {self.at(f'v{i}')}" for i in self._carried(roots)]
        body += [f"x = {place}", *self.emitter.statements(roots, Rate.COORDINATE), f"{place} = {self._chosen(roots)}"]
        return _loop("k", bounds, _loop("l", "lanes", body))

    def _bad_lanes(self) -> list[str]:
        return ["if bad > 0:", f"    spill({self._spilt()})"] if self.kernel.lazy is not None else []

    def _resum(self) -> list[str]:
        """Write the fresh start of lanes whose scales left their range."""
        if self.kernel.lazy is None:
            return []
        body = [f"if {self.at('s0')} < 0.0:", "    resum(c, w, parameters, n, m, l, l + 1)"]
        return ["if bad > 0:", *indent(_loop("l", "lanes", body), 1)]


def _loop(name: str, bounds: str, body: list[str]) -> list[str]:
    return [f"for {name} in range({bounds}):", *indent(body, 1)] if body else []
