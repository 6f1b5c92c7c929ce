"""Triangular charts of a domain, found from the hypotheses: bounds of each variable in the earlier ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal


@dataclass(frozen=True)
class Bound:
    """A bound of one variable with the combination of hypotheses that implies it."""

    value: poly.Poly
    by: tuple[tuple[Fraction, int], ...]
    strict: bool


@dataclass(frozen=True)
class Axis:
    """One variable of a chart with its bounds in the earlier variables (None: no bound on that side)."""

    variable: str
    lower: Bound | None
    upper: Bound | None

    @property
    def low(self) -> poly.Poly | None:
        """The lower bound, or None."""
        return None if self.lower is None else self.lower.value

    @property
    def excluded(self) -> tuple[bool, bool]:
        """Whether strict hypotheses exclude the ends t = 0 and t = 1 (an end at infinity is excluded)."""
        if self.lower is None or self.upper is None:
            only = self.lower or self.upper
            return only is not None and only.strict, True
        return self.lower.strict, self.upper.strict

    @property
    def high(self) -> poly.Poly | None:
        """The upper bound, or None."""
        return None if self.upper is None else self.upper.value

    def as_json(self) -> dict[str, Any]:
        """Return the entry of a Bernstein certificate."""
        return {
            "variable": self.variable,
            "low": None if self.lower is None else text(self.lower.value),
            "low_by": None if self.lower is None else [[str(q), i] for q, i in self.lower.by],
            "high": None if self.upper is None else text(self.upper.value),
            "high_by": None if self.upper is None else [[str(q), i] for q, i in self.upper.by],
        }


def text(p: poly.Poly) -> str:
    """Print a polynomial in named scalars in the grammar."""
    if not p:
        return "0"
    found = ""
    for monomial, coefficient in sorted(p.items(), key=repr):
        factors = [f"{g}**{e}" if e > 1 else str(g) for g, e in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        sign = (" - " if found else "-") if coefficient < 0 else " + " if found else ""
        found += sign + "*".join(factors)
    return found


Combination = tuple[poly.Poly, bool, dict[int, Fraction]]


def implied(goal: Goal, rounds: int = 2) -> list[Combination]:
    """Return the hypotheses as ``p >= 0`` and what follows by eliminating a variable between two of them.

    Each entry holds p, whether it is strict, and the nonnegative combination of hypotheses that gives it.
    """
    found: list[Combination] = []
    for position, (fact, relation) in enumerate(goal.facts()):
        if relation in (">", ">="):
            found.append((fact, relation == ">", {position: Fraction(1)}))
        elif relation == "==":
            found.append((fact, False, {position: Fraction(1)}))
            found.append((poly.multiply(fact, poly.constant(-1)), False, {position: Fraction(-1)}))
    for _ in range(rounds):
        fresh: list[Combination] = []
        for p, p_strict, p_by in found:
            for q, q_strict, q_by in found:
                scale = cancelling(p, q)
                if scale is None or len(found) + len(fresh) > 60:
                    continue
                r = poly.add(p, q, scale)
                if not r or any(r == old for old, _, _ in (*found, *fresh)):
                    continue
                by = dict(p_by)
                for position, value in q_by.items():
                    by[position] = by.get(position, Fraction(0)) + scale * value
                fresh.append((r, p_strict or q_strict, by))
        found += fresh
    return found


def cancelling(p: poly.Poly, q: poly.Poly) -> Fraction | None:
    """Return the positive scale with which q cancels a variable that p holds linearly, if there is one."""
    for monomial, value in p.items():
        if len(monomial) == 1 and monomial[0][1] == 1 and value > 0 and q.get(monomial, Fraction(0)) < 0:
            name = monomial[0][0]
            if sum(name in dict(m) for m in p) == 1 and sum(name in dict(m) for m in q) == 1:
                return -value / q[monomial]
    return None


def bounds(goal: Goal, name: str, known: list[Combination] | None = None) -> tuple[list[Bound], list[Bound]]:
    """Return lower and upper bounds of a variable that follow from the hypotheses, as polynomials in the others."""
    lows: list[Bound] = []
    highs: list[Bound] = []
    for fact, strict, by in implied(goal) if known is None else known:
        slope = {m: v for m, v in fact.items() if name in dict(m)}
        if set(slope) != {((name, 1),)}:
            continue
        factor = slope[((name, 1),)]
        rest = poly.multiply({m: v for m, v in fact.items() if name not in dict(m)}, poly.constant(-1 / factor))
        scaled = tuple((q / abs(factor), i) for i, q in by.items())
        side = lows if factor > 0 else highs
        if all(old.value != rest for old in side):
            side.append(Bound(rest, scaled, strict))
    return _tightest(lows, max), _tightest(highs, min)


def _tightest(side: list[Bound], choose: Any) -> list[Bound]:
    """Keep one constant bound, the tightest (the strict one of equals), and every other bound."""
    constants = [b for b in side if set(b.value) <= {()}]
    if not constants:
        return side
    best = choose(b.value.get((), Fraction(0)) for b in constants)
    kept = sorted((b for b in constants if b.value.get((), Fraction(0)) == best), key=lambda b: not b.strict)[0]
    return [kept, *(b for b in side if set(b.value) - {()})]


def charts(goal: Goal, variables: set[str], most: int = 40) -> Iterator[tuple[Axis, ...]]:
    """Yield charts of the domain that cover the variables, the tighter ones first."""
    known = implied(goal)
    table = {name: bounds(goal, name, known) for name in sorted(variables)}

    def choices(name: str, earlier: set[str]) -> list[Axis]:
        lows: list[Bound | None] = [x for x in table[name][0] if poly.generators(x.value) <= earlier]
        highs: list[Bound | None] = [x for x in table[name][1] if poly.generators(x.value) <= earlier]
        found = [Axis(name, low, high) for low in (lows or [None]) for high in (highs or [None]) if low or high]
        found.sort(
            key=lambda a: (
                a.high is None or a.low is None,
                -len(poly.generators(a.high or {})),
                -len(poly.generators(a.low or {})),
            )
        )
        return found

    def orders(options: list[list[Axis]], left: list[str]) -> Iterator[list[list[Axis]]]:
        if not left:
            yield options
        earlier = {option[0].variable for option in options}
        for name in left:
            if found := choices(name, earlier):
                yield from orders([*options, found], [n for n in left if n != name])

    def covered() -> bool:
        """Return whether some order gives every variable a bound: then no order is a dead end."""
        placed: set[str] = set()
        while new := {n for n in variables - placed if choices(n, placed)}:
            placed |= new
        return placed == variables

    def all_charts() -> Iterator[tuple[Axis, ...]]:
        for options in orders([], sorted(variables)):
            yield from product(*options)

    if not covered():
        return
    yield from islice(sorted(islice(all_charts(), 400), key=_looseness), most)


def _looseness(chart: tuple[Axis, ...]) -> tuple[int, int]:
    unbounded = sum(axis.high is None or axis.low is None for axis in chart)
    dependent = sum(bool(poly.generators(axis.high or {})) + bool(poly.generators(axis.low or {})) for axis in chart)
    return unbounded, -dependent


def point(chart: tuple[Axis, ...], at: tuple[Fraction, ...]) -> dict[str, Fraction] | None:
    """Return the point of a chart at parameters in [0, 1] (None where an end at infinity is hit)."""
    values: dict[str, Fraction] = {}
    for axis, t in zip(chart, at, strict=True):
        low, high = (None if p is None else poly.evaluate(p, values) for p in (axis.low, axis.high))
        if low is not None and high is not None:
            values[axis.variable] = low + t * (high - low)
        elif t == 1:
            return None
        elif low is not None:
            values[axis.variable] = low + t / (1 - t)
        elif high is not None:
            values[axis.variable] = high - t / (1 - t)
    return values
