"""Points where a polynomial inequality becomes an equality at an algebraic end of its domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine import polynomials
from checks.engine.algebra import factored
from checks.engine.bernstein import chart as charts
from checks.engine.budget import Budget
from checks.engine.sharpen.field import in_field

DIGITS = 60
MOST_DEGREE = 8


@dataclass(frozen=True)
class End:
    """A hypothesis m(e) >= 0 or m(e) > 0, by its position, and the root of m at which it ends the domain."""

    position: int
    name: str
    m: poly.Poly
    root: Fraction

    @property
    def degree(self) -> int:
        """The degree of m."""
        return max(e for monomial in self.m for _, e in monomial)


@dataclass(frozen=True)
class Contact:
    """A zero at the end: the faces that hold it (variable, bound, +1 for a lower one) and the free coordinates.

    ``extents`` says how far the domain reaches from each face, at most 1.
    """

    faces: tuple[tuple[str, poly.Poly, int], ...]
    free: tuple[tuple[str, poly.Poly, Fraction], ...]
    extents: tuple[Fraction, ...] = ()


def ends(goal: Goal, used: set[Any], relations: tuple[str, ...]) -> Iterator[End]:
    """Yield the hypotheses m(e) >= 0 (or > 0, as ``relations`` say) that end the domain at an irrational number."""
    for position, (fact, relation) in enumerate(goal.facts()):
        names = poly.generators(fact)
        if relation not in relations or len(names) != 1 or not names <= used:
            continue
        (name,) = names
        degree = max(e for monomial in fact for _, e in monomial)
        if not isinstance(name, str) or not 2 <= degree <= MOST_DEGREE:
            continue
        factors = factored(fact)[1]
        if len(factors) != 1 or factors[0][1] != 1:
            continue
        lows, highs = charts.bounds(goal, name)
        sides = [[b.value.get((), Fraction(0)) for b in side if set(b.value) <= {()}] for side in (lows, highs)]
        if sides[0] and sides[1]:
            roots = _roots(fact, name, max(sides[0]), min(sides[1]))
            if len(roots) == 1:
                yield End(position, name, fact, roots[0])


def _roots(m: poly.Poly, name: str, low: Fraction, high: Fraction) -> list[Fraction]:
    """Return the roots of m in an interval to many digits."""
    import sympy as sp

    x = sp.Symbol(name)
    line = sp.Poly(sum(sp.Rational(v.numerator, v.denominator) * x ** dict(k).get(name, 0) for k, v in m.items()), x)
    inside = [sp.Rational(v.numerator, v.denominator) for v in (low, high)]
    found = line.intervals(inf=inside[0], sup=inside[1], eps=sp.Rational(1, 10 ** (DIGITS + 5)))
    return [Fraction(int(a.p), int(a.q)) for (a, _), _ in found]


def contacts(p: poly.Poly, goal: Goal, end: End, budget: Budget) -> Iterator[Contact]:
    """Yield the zeros of p at the end of the domain whose coordinates are found exactly."""
    seen: list[Contact] = []
    others = {str(g) for g in poly.generators(p)} - {end.name}
    for chart in islice(charts.charts(goal, {end.name, *others}), 24):
        if chart[0].variable != end.name or any(axis.low is None or axis.high is None for axis in chart):
            continue
        for cube in _minima(p, chart, end, budget):
            contact = _exact(p, chart, end, cube)
            if contact is not None and contact not in seen:
                seen.append(contact)
                yield contact
        if seen:
            return


def _minima(p: poly.Poly, chart: tuple[charts.Axis, ...], end: End, budget: Budget) -> Iterator[tuple[float, ...]]:
    """Yield local minima of p on the unit cube of a chart, at the end, where p is zero to rounding."""
    from scipy.optimize import minimize

    size = len(chart) - 1

    def value(cube: Any) -> float:
        at: dict[Any, float] = {end.name: float(end.root)}
        for axis, t in zip(chart[1:], cube, strict=True):
            low, high = _float(axis.low or {}, at), _float(axis.high or {}, at)
            at[axis.variable] = low + float(t) * (high - low)
        return _float(p, at)

    steps = {1: 41, 2: 13, 3: 7}.get(size, 5)
    grid = sorted((value(t), t) for t in product(np.linspace(0, 1, steps), repeat=size))
    scale = max(1e-3, max(abs(v) for v, _ in grid))
    found: list[Any] = []
    for _, start in grid[:12]:
        if budget.spent():
            return
        solved = minimize(
            value, start, method="L-BFGS-B", bounds=[(0.0, 1.0)] * size, options={"ftol": 1e-15, "gtol": 1e-12}
        )
        if abs(solved.fun) > 1e-9 * scale:
            continue
        cube = tuple(0.0 if t < 1e-5 else 1.0 if t > 1 - 1e-5 else float(t) for t in solved.x)
        if all(max(abs(a - b) for a, b in zip(cube, old, strict=True)) > 1e-4 for old in found):
            found.append(cube)
            yield cube


def _float(p: poly.Poly, at: dict[Any, float]) -> float:
    total = 0.0
    for monomial, coefficient in p.items():
        term = float(coefficient)
        for g, e in monomial:
            term *= at[g] ** e
        total += term
    return total


def _exact(p: poly.Poly, chart: tuple[charts.Axis, ...], end: End, cube: tuple[float, ...]) -> Contact | None:
    """Return the face and the free coordinates as polynomials in the end, or None where they are not found."""
    faces: list[tuple[str, poly.Poly, int]] = []
    free: list[tuple[str, float]] = []
    extents: list[Fraction] = []
    at = {end.name: float(end.root)}
    for axis, t in zip(chart[1:], cube, strict=True):
        low, high = axis.low or {}, axis.high or {}
        extent = _float(high, at) - _float(low, at)
        x = _float(low, at) + t * extent
        at[axis.variable] = x
        if t in (0.0, 1.0):
            faces.append((axis.variable, low if t == 0.0 else high, 1 if t == 0.0 else -1))
            extents.append(min(Fraction(1), Fraction(extent).limit_denominator(100)))
        else:
            free.append((axis.variable, x))
    inner = on_face(p, tuple(faces))
    if len(free) > 2 or not inner:
        return None
    values = _refined(inner, end, free) if free else []
    if values is None:
        return None
    coordinates = []
    for (name, x), value in zip(free, values, strict=True):
        r = _in_field(value, end)
        if r is None:
            return None
        coordinates.append((name, r, Fraction(x).limit_denominator(1000)))
    return Contact(tuple(faces), tuple(coordinates), tuple(extents))


def on_face(p: poly.Poly, faces: tuple[tuple[str, poly.Poly, int], ...]) -> poly.Poly:
    """Return a polynomial on the faces of a point of contact."""
    for name, bound, _ in reversed(faces):
        p = polynomials.replace(p, name, bound)
    return p


def _refined(inner: poly.Poly, end: End, free: list[tuple[str, float]]) -> list[Any] | None:
    """Return a critical point of p on the face, to many digits."""
    import mpmath as mp

    slopes = [polynomials.scalar_derivative(inner, name) for name, _ in free]
    with mp.workdps(DIGITS):
        root = mp.mpf(end.root.numerator) / end.root.denominator

        def system(*point: Any) -> Any:
            at = {end.name: root, **{name: x for (name, _), x in zip(free, point, strict=True)}}
            values = [_precise(s, at) for s in slopes]
            return values if len(values) > 1 else values[0]

        starts = [mp.mpf(x) for _, x in free]
        try:
            found = mp.findroot(system, starts if len(starts) > 1 else starts[0], tol=mp.mpf(10) ** (-2 * DIGITS + 20))
        except (ValueError, ZeroDivisionError):
            return None
        values = list(found) if len(starts) > 1 else [found]
        near = all(abs(a - b) < mp.mpf("1e-4") for a, b in zip(values, starts, strict=True))
        return values if near else None


def _precise(p: poly.Poly, at: dict[Any, Any]) -> Any:
    import mpmath as mp

    total = mp.mpf(0)
    for monomial, coefficient in p.items():
        term = mp.mpf(coefficient.numerator) / coefficient.denominator
        for g, e in monomial:
            term *= at[g] ** e
        total += term
    return total


def _in_field(x: Any, end: End) -> poly.Poly | None:
    """Return a number as a rational polynomial in the end, as far as the digits show."""
    import mpmath as mp

    with mp.workdps(DIGITS):
        found = in_field(x, mp.mpf(end.root.numerator) / end.root.denominator, end.degree, DIGITS - 12, 10**8)
    return None if found is None else {((end.name, k),) if k else (): c for k, c in enumerate(found) if c}
