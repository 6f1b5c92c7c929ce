"""Rational zeros of the target on the domain: each gives exact kernel vectors of the Gram matrices.

At a point of the domain where the target is zero, every term of a certificate is zero.  A block whose product of
hypotheses is positive there has the basis, evaluated at the point, in the kernel of its matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product

import numpy as np

from checks.engine.squares.faces import complement, echelon
from checks.engine.squares.model import Dense, Matrix, Model, degree, restricted, without_dead_rows

Point = tuple[Fraction, ...]
# values that variables take on the faces of the domain, and shares of their intervals
VALUES = tuple(Fraction(v) for v in ("0", "1", "-1", "1/2", "2", "-2"))
SHARES = tuple(Fraction(v) for v in ("0", "1", "1/2", "1/3", "2/3", "1/4", "3/4"))
MOST_POINTS = 20_000
SMALL = 1e-9


def through_zeros(model: Model) -> Model:
    """Return the model on the complement of the kernel vectors that rational zeros of the target give."""
    zeros = rational_zeros(model)
    blocks = []
    for block in model.blocks:
        rows = [[value(b, x) for b in block.basis] for x in zeros if value(block.factor, x) > 0]
        kernel = echelon([row for row in rows if any(row)])
        if len(kernel) < len(block.basis):
            blocks.append(restricted(block, complement(kernel)) if kernel else block)
    return without_dead_rows(replace(model, blocks=tuple(blocks)))


def rational_zeros(model: Model) -> list[Point]:
    """Return rational points of the domain at which the target is zero, among those of :func:`candidates`."""
    points = list(candidates(model))
    if not points:
        return []
    table = np.array([[float(v) for v in x] for x in points])
    near = abs(_values(model.target, table)) < SMALL * max(1.0, *(float(abs(v)) for v in model.target.values()))
    for block in model.blocks:
        near &= _values(block.factor, table) > -SMALL
    found = [points[i] for i in np.flatnonzero(near)]
    return [
        x
        for x in found
        if value(model.target, x) == 0
        and all(value(block.factor, x) >= 0 for block in model.blocks)
        and all(value(term.value, x) == 0 for term in model.free)
    ]


def candidates(model: Model) -> Iterator[Point]:
    """Yield points on the faces that the linear hypotheses cut out, the other variables at simple values."""
    width = len(next(iter(model.target)))
    linear = {tuple(sorted(b.factor.items())) for b in model.blocks if degree(b.factor) == 1}
    linear |= {tuple(sorted(t.value.items())) for t in model.free if degree(t.value) == 1}
    rows = [_row(dict(items), width) for items in sorted(linear)]
    seen: set[Point] = set()
    for count in range(width + 1):
        for chosen in combinations(rows, count):
            solved = echelon([list(row) for row in chosen])
            pivots = [next(i for i, v in enumerate(row) if v) for row in solved]
            if width in pivots:
                continue
            others = [i for i in range(width) if i not in pivots]
            for simple in product(*(_simple(rows, i, width) for i in others)):
                x = [Fraction(0)] * width
                for i, v in zip(others, simple, strict=True):
                    x[i] = v
                for row, pivot in zip(solved, pivots, strict=True):
                    x[pivot] = row[width] - sum((row[i] * x[i] for i in others), Fraction(0))
                if tuple(x) not in seen:
                    seen.add(tuple(x))
                    yield tuple(x)
                if len(seen) > MOST_POINTS:
                    return


def _row(q: Dense, width: int) -> list[Fraction]:
    """Return the coefficients of the variables of a linear polynomial, then minus its constant."""
    row = [Fraction(0)] * (width + 1)
    for m, v in q.items():
        if any(m):
            row[m.index(1)] = v
        else:
            row[width] = -v
    return row


def _simple(rows: Matrix, i: int, width: int) -> list[Fraction]:
    """Return simple values of a variable: shares of its interval where the linear hypotheses bound it."""
    ends = [row[width] / row[i] for row in rows if row[i] and not any(v for k, v in enumerate(row[:width]) if k != i)]
    if len(ends) >= 2 and min(ends) < max(ends):
        return [min(ends) + s * (max(ends) - min(ends)) for s in SHARES]
    return list(dict.fromkeys([*ends, *VALUES]))


def value(q: Dense, x: Point) -> Fraction:
    """Return the exact value of a polynomial at a point."""
    total = Fraction(0)
    for m, v in q.items():
        for base, e in zip(x, m, strict=True):
            if e:
                v *= base**e
        total += v
    return total


def _values(q: Dense, table: np.ndarray) -> np.ndarray:
    """Return the values of a polynomial at the rows of a table, in floating point."""
    total = np.zeros(len(table))
    for m, v in q.items():
        total += float(v) * np.prod(table ** np.array(m), axis=1)
    return total
