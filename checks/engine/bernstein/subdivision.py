"""Search for Bernstein certificates: charts of the domain, then boxes of the unit cube, halved where needed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected
from checks.checker.kinds import bernstein
from checks.engine.bernstein import chart as charts
from checks.engine.bernstein.cubes import NOISE, Array, coefficients, composed, halves, positive_faces, widest
from checks.engine.budget import Budget, Certificate, NotFound

# rounds of the search: how often a box may be halved, and how many boxes a chart may take
ROUNDS = ((1, 4), (4, 40), (10, 600))
# more Bernstein coefficients than this are not looked at
LARGEST = 20000


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
    prepared: list[Cube] = []
    for extra in _closures(set(names), goal):
        for chart in charts.charts(goal, extra):
            if budget.spent():
                raise NotFound(f"out of time after {len(prepared)} charts")
            cube = Cube.of(p, chart)
            if cube is None:
                continue
            found = cube.proved(p, sign, goal, budget, *ROUNDS[0])
            if found is not None:
                return found
            prepared.append(cube)
    prepared.sort(key=lambda cube: cube.start.size)
    for depth, boxes in ROUNDS[1 : effort + 1]:
        for cube in prepared:
            found = cube.proved(p, sign, goal, budget, depth, boxes)
            if found is not None:
                return found
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


@dataclass(frozen=True)
class Cube:
    """A chart with the Bernstein coefficients of the goal's polynomial on its unit cube."""

    chart: tuple[charts.Axis, ...]
    start: Array
    noise: Array

    @classmethod
    def of(cls, p: poly.Poly, chart: tuple[charts.Axis, ...]) -> Cube | None:
        """Return the cube of a chart, None where it is too large."""
        table = composed(p, chart)
        degrees = [max((e[i] for e in table), default=0) for i in range(len(chart))]
        if prod(d + 1 for d in degrees) > LARGEST:
            return None
        noise = coefficients({e: abs(v) for e, v in table.items()}, degrees)
        return cls(chart, coefficients(table, degrees), NOISE * noise)

    def proved(self, p: poly.Poly, sign: str, goal: Goal, budget: Budget, depth: int, boxes: int) -> Certificate | None:
        """Return a certificate with at most so many boxes, halved at most so often, None where there is none."""
        strict = [axis.excluded for axis in self.chart]
        tree = self._tree(strict, sign, budget, depth, boxes)
        if tree is None:
            return None
        listed = [axis.as_json() for axis in self.chart]
        found = {"kind": "bernstein", "chart": listed, "boxes": tree}
        try:
            bernstein.verify(p, sign, goal, found)
            return found
        except Rejected:  # a coefficient that rounding took for zero
            table, degrees = bernstein.unit_cube(p, listed, goal)
            exact = bernstein.bernstein(table, degrees)
            tree = _subdivide(exact, degrees, strict, sign, budget, depth, boxes)
            return None if tree is None else {**found, "boxes": tree}

    def _tree(self, strict: list[tuple[bool, bool]], sign: str, budget: Budget, depth: int, boxes: int) -> Any:
        left = [boxes]

        def walk(b: Array, noise: Array, edges: list[tuple[bool, bool]], depth: int) -> Any:
            left[0] -= 1
            if left[0] < 0 or budget.spent():
                return None
            if np.all(b >= -noise) and (sign != ">" or positive_faces(b - noise, edges)):
                return "leaf"
            corners = tuple(slice(None, None, max(n - 1, 1)) for n in b.shape)
            if np.any(b[corners] < -noise[corners]) or depth == 0 or b.size == 1:
                return None
            axis = widest(b)
            low, high = zip(halves(b, axis), halves(noise, axis), strict=True)
            first = walk(*low, [(lo, False) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)], depth - 1)
            if first is None:
                return None
            right = [(False, hi) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)]
            second = walk(*high, right, depth - 1)
            return None if second is None else {"axis": axis, "left": first, "right": second}

        return walk(self.start, self.noise, strict, depth)


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
