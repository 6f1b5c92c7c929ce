"""Search for Bernstein certificates: charts of the domain, then boxes of the unit cube, halved where needed."""

from __future__ import annotations

from fractions import Fraction
from math import prod
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected
from checks.checker.kinds import bernstein
from checks.engine import chart as charts
from checks.engine.budget import Budget, Certificate, NotFound

# rounds of the search: how often a box may be halved, and how many boxes a chart may take
ROUNDS = ((1, 4), (4, 40), (10, 600))


def by_bernstein(p: poly.Poly, sign: str, goal: Goal, budget: Budget, effort: int = 2) -> Certificate:
    """Find a Bernstein certificate of ``p > 0`` or ``p >= 0``: every chart shallowly first, then deeper.

    Raises
    ------
    NotFound
        When no chart works within the budget.
    """
    names = poly.generators(p)
    if not all(isinstance(g, str) for g in names):
        raise NotFound("indexed generators have no chart")
    prepared: list[tuple[list[dict[str, Any]], dict[Any, Fraction], list[int], list[tuple[bool, bool]]]] = []
    for extra in _closures(set(names), goal):
        for chart in charts.charts(goal, extra):
            if budget.spent():
                raise NotFound(f"out of time after {len(prepared)} charts")
            listed = [axis.as_json() for axis in chart]
            table, degrees = bernstein.unit_cube(p, listed, goal)
            if prod(d + 1 for d in degrees) > 20000:
                continue
            strict = [axis.excluded for axis in chart]
            coefficients = bernstein.bernstein(table, degrees)
            tree = _subdivide(coefficients, degrees, strict, sign, budget, *ROUNDS[0])
            if tree is not None:
                return {"kind": "bernstein", "chart": listed, "boxes": tree}
            prepared.append((listed, coefficients, degrees, strict))
    prepared.sort(key=lambda entry: prod(d + 1 for d in entry[2]))
    for depth, boxes in ROUNDS[1 : effort + 1]:
        for listed, coefficients, degrees, strict in prepared:
            tree = _subdivide(coefficients, degrees, strict, sign, budget, depth, boxes)
            if tree is not None:
                return {"kind": "bernstein", "chart": listed, "boxes": tree}
            if budget.spent():
                raise NotFound(f"out of time on {len(prepared)} charts")
    raise NotFound(
        f"no Bernstein certificate on {len(prepared)} charts"
        if prepared
        else "the hypotheses bound no chart of the domain"
    )


def _closures(names: set[str], goal: Goal) -> list[set[str]]:
    """Return the variables of the goal, and them with every variable that bounds one of them."""
    known = charts.implied(goal)
    wider = set(names)
    while True:
        reach = set(wider)
        for name in wider:
            lows, highs = charts.bounds(goal, name, known)
            for bound in (*lows, *highs):
                reach |= {g for g in poly.generators(bound.value) if isinstance(g, str)}
        if reach == wider:
            break
        wider = reach
    return [names] if wider == names else [names, wider]


def _subdivide(
    b: dict[Any, Fraction],
    degrees: list[int],
    strict: list[tuple[bool, bool]],
    sign: str,
    budget: Budget,
    depth: int,
    boxes: int,
) -> Any:
    """Return the tree of a subdivision on which all coefficients have the right sign, or None."""
    left = [boxes]

    def walk(b: dict[Any, Fraction], edges: list[tuple[bool, bool]], depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0 or budget.spent():
            return None
        if min(b.values()) >= 0:
            if sign != ">":
                return "leaf"
            try:
                bernstein.require_positive_faces(b, degrees, edges)
                return "leaf"
            except Rejected:
                pass
        corners = [value for i, value in b.items() if all(e in (0, d) for e, d in zip(i, degrees, strict=True))]
        if min(corners) < 0 or depth == 0 or not any(degrees):
            return None
        axis = max((a for a, d in enumerate(degrees) if d), key=lambda a: _variation(b, degrees, a))
        low, high = bernstein.halve(b, degrees, axis)
        first = walk(low, [(lo, False) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)], depth - 1)
        if first is None:
            return None
        second = walk(high, [(False, hi) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)], depth - 1)
        return None if second is None else {"axis": axis, "left": first, "right": second}

    return walk(b, strict, depth)


def _variation(b: dict[Any, Fraction], degrees: list[int], axis: int) -> float:
    total = 0.0
    for i, value in b.items():
        if i[axis] < degrees[axis]:
            total += abs(float(b[(*i[:axis], i[axis] + 1, *i[axis + 1 :])] - value))
    return total
