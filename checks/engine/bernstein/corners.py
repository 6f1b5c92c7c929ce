"""Where a polynomial vanishes at a corner of its domain, and which two variables to blow up there."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations, product

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine import polynomials
from checks.engine.algebra import factored
from checks.engine.budget import NotFound

Corner = dict[str, tuple[Fraction, bool]]


def corner_zero(q: poly.Poly, goal: Goal) -> Corner | None:
    """Return values of two or more variables, ends of their ranges, where q vanishes whatever the others are.

    Each comes with whether the domain lies above it.  One value may be a double zero inside an edge instead.
    """
    names = sorted(map(str, poly.generators(q)))
    ends: dict[str, list[tuple[Fraction, bool]]] = {name: [] for name in names}
    for fact, relation in goal.facts():
        name = next((str(g) for m in fact for g, _ in m), "")
        if relation in (">", ">=") and name in ends and set(fact) <= {(), ((name, 1),)}:
            slope = fact[((name, 1),)]
            ends[name].append((-fact.get((), Fraction(0)) / slope, slope > 0))
    for name in names:
        ends[name].sort(key=lambda end: (end[0] != 0, not end[1]))
    for count in range(2, len(names) + 1):
        for chosen in combinations(names, count):
            for values in product(*(ends[n] for n in chosen)):
                corner = dict(zip(chosen, values, strict=True))
                if not _at(q, corner) and _allowed(goal, corner):
                    return corner
    for free in names:
        others = [n for n in names if n != free]
        for values in product(*(ends[n] for n in others)):
            edge = dict(zip(others, values, strict=True))
            for root in _double_roots(_at(q, edge), free):
                corner = {**edge, free: (root, True)}
                if _allowed(goal, corner):
                    return corner
    return None


def _at(q: poly.Poly, corner: Corner) -> poly.Poly:
    for name, (value, _) in corner.items():
        q = polynomials.replace(q, name, poly.constant(value))
    return q


def _allowed(goal: Goal, corner: Corner) -> bool:
    """Return whether no hypothesis fails at a corner of the closed domain."""
    for fact, relation in goal.facts():
        rest = _at(fact, corner)
        if relation in (">", ">=") and set(rest) <= {()} and rest.get((), Fraction(0)) < 0:
            return False
    return True


def _double_roots(r: poly.Poly, name: str) -> list[Fraction]:
    """Return the rational zeros of even order of a polynomial in one variable."""
    if poly.generators(r) != {name}:
        return []
    line = ((name, 1),)
    return [
        -q.get((), Fraction(0)) / q[line]
        for q, exponent in factored(r)[1]
        if exponent % 2 == 0 and set(q) <= {(), line} and line in q
    ]


def without_monomial(p: poly.Poly) -> poly.Poly:
    """Return p divided by the largest monomial that divides it."""
    common: dict[object, int] | None = None
    for m in p:
        powers = dict(m)
        common = powers if common is None else {g: min(e, powers[g]) for g, e in common.items() if g in powers}
    least = common or {}
    return {tuple((g, e - least.get(g, 0)) for g, e in m if e > least.get(g, 0)): v for m, v in p.items()}


def pair(q: poly.Poly, names: list[str]) -> tuple[str, str]:
    """Return the two variables whose blow-up makes most pairs of minimal monomials comparable."""
    found = {tuple(dict(m).get(n, 0) for n in names) for m in q}
    least = [m for m in found if not any(o != m and all(a <= b for a, b in zip(o, m, strict=True)) for o in found)]
    score: dict[tuple[int, int], int] = {}
    for first, second in combinations(sorted(least), 2):
        gap = [a - b for a, b in zip(first, second, strict=True)]
        for i, j in combinations(range(len(names)), 2):
            if gap[i] * gap[j] < 0:
                score[i, j] = score.get((i, j), 0) + 1
    if not score:
        raise NotFound("no two monomials to compare")
    i, j = max(score, key=lambda k: (score[k], k))
    return names[i], names[j]
