"""Integer points: all small ones, the integer solutions of an equation in its last unknown, and Pell's equation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, product
from math import ceil, floor

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.polynomial import NotRational
from checks.engine.refute.candidate import Candidate
from checks.engine.refute.domain import Bound, Domain
from checks.engine.refute.equations import solutions
from checks.engine.refute.screen import Screen
from checks.engine.refute.statement import Clause, Statement

# the sizes up to which all integer points are tried, by the number of names
RADIUS = {1: 20000, 2: 150, 3: 24, 4: 8, 5: 4}
MOST_FOUND, MOST_SOLVED, LARGEST = 60, 600, 10**6


def integer_points(statement: Statement) -> Iterator[Candidate]:
    """Yield integer points at which the statement may fail."""
    names = [name for name in statement.names if name in statement.integers]
    if not names:
        return
    if len(names) == len(statement.names) and len(names) in RADIUS:
        yield from _small(statement, names)
    for clause in statement.cases:
        yield from _solved(statement, clause)
        yield from _pell(statement, clause)


def _small(statement: Statement, names: Sequence[str]) -> Iterator[Candidate]:
    radius = RADIUS[len(names)]
    for clause in statement.hypotheses[:4]:
        box = Domain(clause, names, statement.integers).box
        sides = []
        for name in names:
            low, high = box[name]
            start, end = _reach(low, high, radius)
            sides.append(np.arange(start, end + 1, dtype=float))
        if any(not len(side) for side in sides):
            continue
        grid = np.array([axis.ravel() for axis in np.meshgrid(*sides, indexing="ij")])
        grid = grid[:, np.argsort(np.abs(grid).sum(axis=0), kind="stable")]
        with np.errstate(all="ignore"):
            try:
                screen = Screen(dict(zip(names, grid, strict=True)), grid.shape[1])
                keep = np.ones(grid.shape[1], dtype=bool)
                for node in statement.given:
                    keep &= screen.states(node)[0]
                fails = np.zeros_like(keep)
                for node in statement.show:
                    fails |= screen.states(node)[1]
            except NotRational:
                return
        for place in np.nonzero(keep & fails)[0][:MOST_FOUND]:
            yield Candidate({name: Fraction(int(grid[k, place])) for k, name in enumerate(names)})


def _reach(low: Bound, high: Bound, radius: int) -> tuple[int, int]:
    """Return the integers of a range next to zero."""
    if low >= 0:
        return ceil(low), floor(min(high, low + 2 * radius))
    if high <= 0:
        return ceil(max(low, high - 2 * radius)), floor(high)
    return ceil(max(low, -radius)), floor(min(high, radius))


def _solved(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Solve an equation for one integer name over small values of the others."""
    equations = [p for atom in clause if atom.relation == "==" and (p := atom.polynomial)]
    for p in equations[:3]:
        inside = [str(g) for g in sorted(map(str, poly.generators(p)))]
        if not 1 <= len(inside) <= 3 or not set(inside) <= statement.integers:
            continue
        others = [name for name in statement.names if name not in inside]
        if others:
            continue
        unknown = min(inside, key=lambda n: max(dict(m).get(n, 0) for m in p) * 100 - len(n))
        free = [name for name in inside if name != unknown]
        side = range(-MOST_SOLVED // 2, MOST_SOLVED // 2) if len(free) == 1 else range(-12, 13)
        points = sorted(product(side, repeat=len(free)), key=lambda v: sum(map(abs, v)))
        for values in islice(points, MOST_SOLVED):
            fixed = {name: Fraction(v) for name, v in zip(free, values, strict=True)}
            for candidate in solutions([p], fixed, [unknown], systems=False):
                if candidate.root is None and all(x.denominator == 1 for x in candidate.rational.values()):
                    yield candidate


def _pell(statement: Statement, clause: Clause) -> Iterator[Candidate]:
    """Solve ``a x**2 - c y**2 == e`` through ``(a x)**2 - (a c) y**2 == a e``."""
    for p in (q for atom in clause if atom.relation == "==" and (q := atom.polynomial)):
        inside = sorted(str(g) for g in poly.generators(p))
        squares = {((name, 2),) for name in inside}
        if len(inside) != 2 or set(p) - {()} != squares or set(inside) != set(statement.names):
            continue
        scale = Fraction(1)
        for value in p.values():
            scale = max(scale, Fraction(value.denominator))
        a, c, e = (p.get(key, Fraction(0)) * scale for key in (((inside[0], 2),), ((inside[1], 2),), ()))
        if any(v.denominator != 1 for v in (a, c, e)) or max(abs(a), abs(c), abs(e)) > LARGEST or a * c >= 0:
            continue
        from sympy.solvers.diophantine.diophantine import diop_DN

        for x, y in diop_DN(int(-a * c), int(-a * e)):
            for u, v in ((int(x), int(y)), (-int(x), int(y)), (int(x), -int(y)), (-int(x), -int(y))):
                if u % int(a) == 0:
                    yield Candidate({inside[0]: Fraction(u, int(a)), inside[1]: Fraction(v)})
