"""Where growth along a path may start, along which variable, and what to divide by first.

For f = sum_j C_j T_j with products T_j of exponentials and logarithms, f/D is tried for D = 1, the exponential part of
each T_j, and that times C_j: one derivative then removes a term, or lowers its coefficient's degree.  D may also be
the coefficient of the variable's highest power.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ONE, ZERO, Goal
from checks.checker.grammar import Node, names
from checks.checker.kinds.path import derivative, smooth
from checks.checker.kinds.schemas import number
from checks.engine.bernstein.chart import bounds, implied
from checks.engine.budget import NotFound
from checks.engine.functions.atoms import Forms, Samples, positive_gap

# plans whose derivatives are factored, to see which sign is the easiest
MOST_FACTORED = 8
# a place on the path as a share of the way from its start to its end
STEPS = (0.02, 0.2, 0.5, 0.8, 0.98)


@dataclass(frozen=True)
class Plan:
    """Show f = divisor * function from ``start`` along ``variable``, upwards (1), downwards (-1) or both ways (0)."""

    variable: str
    start: Node
    inward: int
    divisor: Node
    function: Node
    strict: str
    cost: tuple[int, ...]


def ordered(goal: Goal, careful: bool) -> list[Plan]:
    """Return the plans that pass at sample points, the easiest first, compared more closely when ``careful``."""
    found = sorted(plans(goal), key=lambda p: p.cost)
    if careful and len(found) > 1:
        found = sorted(found[:MOST_FACTORED], key=lambda p: _factored_cost(goal, p)) + found[MOST_FACTORED:]
    return found


def plans(goal: Goal) -> Iterator[Plan]:
    """Yield plans that pass at sample points."""
    forms = Forms(goal)
    gap = positive_gap(goal)
    top, bottom = forms.ratio(gap)
    if set(bottom) == {()}:
        top, bottom = poly.multiply(top, poly.constant(1 / bottom[()])), poly.ONE
    samples = Samples(goal)
    strict = goal.sign in ("<", ">")
    for variable in sorted(forms.names(top)):
        if not smooth(gap, variable):
            continue
        places = list(starts(goal, forms, gap, variable, samples))
        for divisor, function in _scaled(forms, gap, top, bottom, variable, samples):
            slope = derivative(function, variable)
            for start in places:
                found = direction(function, slope, variable, start, samples, strict)
                if found is None:
                    continue
                inward, by = found
                try:
                    cost = (*_cost(forms, slope, variable), inward == 0, len(repr(start)))
                except (NotFound, poly.NotRational):
                    continue
                yield Plan(variable, start, inward, divisor, function, by, cost)


def _cost(forms: Forms, slope: Node, variable: str) -> tuple[int, ...]:
    """Return how hard the sign of a derivative looks: products of functions in its numerator, then terms."""
    top = forms.ratio(slope)[0]
    shared: dict[poly.Generator, int] | None = None
    for m in top:
        here = dict(m)
        shared = here if shared is None else {g: min(e, here.get(g, 0)) for g, e in shared.items() if g in here}
    moving = {g for g in forms.used(top) if variable in names(forms.atoms[g])}
    kinds = {tuple((g, e - (shared or {}).get(g, 0)) for g, e in m if g in moving) for m in top}
    kinds = {tuple(item for item in kind if item[1]) for kind in kinds}
    return len({kind for kind in kinds if kind}), len(top)


def _factored_cost(goal: Goal, plan: Plan) -> tuple[int, ...]:
    """Return the cost of a plan by the factors of odd exponent of its derivative's numerator."""
    forms = Forms(goal)
    worst = (0, 0)
    for q, exponent in forms.factors(derivative(plan.function, plan.variable))[1]:
        if exponent % 2 and len(q) > 1:
            moving = {g for g in forms.used(q) if plan.variable in names(forms.atoms[g])}
            kinds = {tuple(i for i in m if i[0] in moving) for m in q}
            worst = max(worst, (len({kind for kind in kinds if kind}), len(q)))
    return (*worst, *plan.cost)


def _scaled(
    forms: Forms, gap: Node, top: poly.Poly, bottom: poly.Poly, variable: str, samples: Samples
) -> Iterator[tuple[Node, Node]]:
    """Yield divisors, positive on the domain, with the quotients."""
    yield ONE, gap
    if set(bottom) != {()}:
        return
    groups: dict[poly.Monomial, poly.Poly] = {}
    for monomial, value in top.items():
        kind = tuple(i for i in monomial if i[0] in forms.atoms and variable in names(forms.atoms[i[0]]))
        rest = tuple(i for i in monomial if i not in kind)
        groups.setdefault(kind, {})[rest] = value
    yield from _monic(forms, top, variable, samples)
    seen: list[poly.Poly] = [poly.ONE]
    for kind, coefficient in groups.items():
        outer: poly.Poly = {tuple(i for i in kind if forms.atoms[i[0]][1] == "exp"): Fraction(1)}
        for divisor in (outer, poly.multiply(outer, coefficient)):
            if divisor in seen or (len(groups) == 1 and len(coefficient) > 1 and divisor != outer):
                continue
            if variable not in forms.names(divisor):
                continue
            seen.append(divisor)
            sign, away = samples.sign(forms.node(divisor))
            if not sign or not away:
                continue
            divisor = poly.multiply(divisor, poly.constant(sign))
            below = forms.node(divisor)
            total: Node | None = None
            for other, c in groups.items():
                part = poly.multiply({other: Fraction(1)}, c)
                term = _quotient(forms, part, divisor)
                total = term if total is None else ("+", total, term)
            if total is not None:
                yield below, total


def _monic(forms: Forms, top: poly.Poly, variable: str, samples: Samples) -> Iterator[tuple[Node, Node]]:
    """Yield the coefficient of the variable's highest power, where it holds functions of it, with the quotient."""
    rows: dict[int, poly.Poly] = {}
    for m, value in top.items():
        rows.setdefault(dict(m).get(variable, 0), {})[tuple(i for i in m if i[0] != variable)] = value
    most = max(rows)
    lead = rows[most]
    if not most or len(lead) < 2 or not any(variable in names(forms.atoms[g]) for g in forms.used(lead)):
        return
    if any(forms.atoms[g][1] == "log" for g in forms.used(lead)):  # that it does not vanish is too hard to show
        return
    sign, away = samples.sign(forms.node(lead))
    if not sign or not away:
        return
    lead = poly.multiply(lead, poly.constant(sign))
    x: Node = ("name", variable)
    total: Node = x if most == 1 else ("**", x, number(most))
    total = total if sign > 0 else ("-", ZERO, total)
    for k, row in sorted(rows.items(), reverse=True):
        if k < most:
            part: Node = (
                "/",
                forms.node(poly.multiply(row, {((variable, k),) if k else (): Fraction(1)})),
                forms.node(lead),
            )
            total = ("+", total, part)
    yield forms.node(lead), total


def _quotient(forms: Forms, p: poly.Poly, divisor: poly.Poly) -> Node:
    """Return p over a divisor, the latter's powers of single generators cancelled, logarithms kept as factors."""
    (first, *more) = divisor
    shared = dict(first if not more else ())
    for m in p:
        here = dict(m)
        shared = {g: min(e, here.get(g, 0)) for g, e in shared.items()}
    p = {tuple((g, e - shared.get(g, 0)) for g, e in m if e > shared.get(g, 0)): v for m, v in p.items()}
    q = {tuple((g, e - shared.get(g, 0)) for g, e in m if e > shared.get(g, 0)): v for m, v in divisor.items()}
    if set(q) == {()}:
        return forms.node(poly.multiply(p, poly.constant(1 / q[()])))
    scale = _multiple(p, q)
    if scale is not None:
        return scale
    logs = {g for g in forms.used(p) if forms.atoms[g][1] == "log"}
    common = {g for g in logs if all(dict(m).get(g, 0) == 1 for m in p)}
    if common:
        g = min(common)
        rest = {tuple(i for i in m if i[0] != g): v for m, v in p.items()}
        return ("*", _quotient(forms, rest, q), forms.atoms[g])
    return ("/", forms.node(p), forms.node(q))


def _multiple(p: poly.Poly, q: poly.Poly) -> Node | None:
    first = next(iter(q))
    k = p.get(first, Fraction(0)) / q[first]
    return number(k) if k and p == poly.multiply(q, poly.constant(k)) else None


def starts(goal: Goal, forms: Forms, gap: Node, variable: str, samples: Samples) -> Iterator[Node]:
    """Yield expressions from which a path may start."""
    listed: list[Node] = []
    for side in bounds(goal, variable, implied(goal)):
        listed += [forms.node(b.value) for b in side]
    others = sorted((goal.names & forms.names(forms.ratio(gap)[0])) - {variable})
    listed += [("name", n) for n in others]
    listed += [number(v) for v in (0, 1, -1, Fraction(1, 2))]
    if goal.names == {variable}:
        listed += [number(v) for v in _lowest(gap, variable, samples)]
    for n in others:
        y: Node = ("name", n)
        listed += [("-", ONE, y), ("/", ONE, y), ("-", ZERO, y), ("call", "log", (y,)), ("call", "exp", (y,))]
    if len(others) in (2, 3):
        for y, z in permutations([("name", n) for n in others], 2):
            listed.append(("/", y, z))
            listed += [("/", ("*", y, ("name", w)), z) for w in others if y[1] < w != z[1]]
    constants = [a for a in forms.atoms.values() if not names(a)]
    for c in constants:
        listed += [c, ("/", ONE, c), ("/", c, number(2)), ("-", ZERO, c), ("*", c, number(2))]
    for node in dict.fromkeys(listed):
        if variable not in names(node):
            yield node


def _lowest(gap: Node, variable: str, samples: Samples) -> Iterator[Fraction]:
    """Yield rationals near where a function of one variable is least among the samples, refined."""
    x = np.sort(samples.values[variable])
    value = samples.of(gap, {variable: x})
    if not np.any(np.isfinite(value)):
        return
    at = int(np.nanargmin(np.where(np.isfinite(value), value, np.inf)))
    if not 0 < at < len(x) - 1:
        return
    low, high = x[at - 1], x[at + 1]
    for _ in range(4):
        grid = np.linspace(low, high, len(x))
        value = samples.of(gap, {variable: grid})
        at = int(np.nanargmin(np.where(np.isfinite(value), value, np.inf)))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, len(x) - 1)]
    middle = float((low + high) / 2)
    seen = set()
    for most in (6, 40, 300):
        found = Fraction(middle).limit_denominator(most)
        if found not in seen:
            seen.add(found)
            yield found


def direction(
    function: Node, slope: Node, variable: str, start: Node, samples: Samples, strict: bool
) -> tuple[int, str] | None:
    """Return which way a plan goes, and where strictness comes from; None when it fails at samples."""
    a, x = samples.of(start), samples.values[variable]
    if np.any(np.isnan(a)):
        return None
    at = {**samples.values, variable: a}
    value, noise = samples.both(function, at)
    if np.any(np.isnan(value)) or np.any(value < -noise - 1e-12):
        return None
    above, below = x > a + 1e-12 * (1 + np.abs(a)), x < a - 1e-12 * (1 + np.abs(a))
    if not np.any(above) and not np.any(below):
        return None
    by = "start" if np.all(value > noise + 1e-12) else "slope"
    for t in STEPS:
        here = a + t * (x - a)
        found, off = samples.both(slope, {**samples.values, variable: here})
        wrong = np.where(above, found < -off, np.where(below, found > off, False))
        sure = np.isfinite(found)
        if np.any(wrong & sure) or np.count_nonzero(sure) < 0.6 * sure.size:
            return None
        if strict and by == "slope" and np.any((above | below) & sure & (np.abs(found) <= off) & (off < 1e-9)):
            return None
    if strict and by == "slope" and np.any(~above & ~below):
        return None
    return (0 if np.any(above) and np.any(below) else 1 if np.any(above) else -1), by
