"""Rational matrices with properties that quadratic equations ask for: orthogonal ones, projections, unit vectors."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction

from checks.checker.word_point import Matrix

ENTRIES = (-1, 0, 1, 2)
TURNS = ((3, 4, 5), (5, 12, 13))
ROUNDS = 3


def identity(rows: int, columns: int) -> Matrix:
    """Return ones on the diagonal, zeros elsewhere."""
    return [[Fraction(i == j) for j in range(columns)] for i in range(rows)]


def transpose(a: Matrix) -> Matrix:
    """Return the transpose."""
    return [list(column) for column in zip(*a, strict=True)]


def times(a: Matrix, b: Matrix) -> Matrix:
    """Return the product."""
    columns = transpose(b)
    return [[sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in columns] for row in a]


def solve(rows: Matrix, right: Sequence[Fraction], free: Sequence[Fraction]) -> list[Fraction] | None:
    """Return a solution of a linear system whose free unknowns have given values, or None.

    Examples
    --------
    >>> solve([[Fraction(1), Fraction(2)]], [Fraction(5)], [Fraction(0), Fraction(1)])
    [Fraction(3, 1), Fraction(1, 1)]
    """
    system = [[*row, b] for row, b in zip(rows, right, strict=True)]
    unknowns, pivots, at = len(free), list[int](), 0
    for column in range(unknowns):
        pivot = next((k for k in range(at, len(system)) if system[k][column]), None)
        if pivot is None:
            continue
        system[at], system[pivot] = system[pivot], system[at]
        scale = system[at][column]
        system[at] = [x / scale for x in system[at]]
        for k, row in enumerate(system):
            if k != at and row[column]:
                system[k] = [x - row[column] * y for x, y in zip(row, system[at], strict=True)]
        pivots.append(column)
        at += 1
    if any(row[unknowns] for row in system[at:]):
        return None
    solution = list(free)
    for k, column in enumerate(pivots):
        others = (j for j in range(unknowns) if j not in pivots)
        solution[column] = system[k][unknowns] - sum((system[k][j] * solution[j] for j in others), Fraction(0))
    return solution


def inverse(a: Matrix) -> Matrix | None:
    """Return the inverse of a square matrix, or None."""
    size = len(a)
    columns = [solve(a, row, [Fraction(0)] * size) for row in identity(size, size)]
    found = transpose([column for column in columns if column is not None])
    return found if None not in columns and times(a, found) == identity(size, size) else None


def special(shape: tuple[int, int], draws: random.Random) -> Iterator[Matrix]:
    """Yield special matrices of a shape, in an order drawn at random."""
    rows, columns = shape
    found = [identity(rows, columns), [[Fraction(0)] * columns for _ in range(rows)]]
    for _ in range(ROUNDS):
        turned = _orthogonal(max(rows, columns), draws)
        found.append([row[:columns] for row in turned[:rows]])
        found.append([[draws.choice((-1, 1)) * x for x in row] for row in identity(rows, columns)])
        if rows == columns:
            found += [one for one in (_projection(rows, draws), _oblique(rows, draws), _nilpotent(rows, draws)) if one]
            found.append([[x * draws.randint(0, 1) for x in row] for row in identity(rows, rows)])
    draws.shuffle(found)
    yield from found


def _orthogonal(size: int, draws: random.Random) -> Matrix:
    """Return a signed permutation times Cayley's transform (I - S)(I + S)^-1 of a skew matrix S."""
    skew = [[Fraction(0)] * size for _ in range(size)]
    for i in range(size):
        for j in range(i):
            skew[i][j] = Fraction(draws.choice(ENTRIES), draws.choice((1, 2, 3)))
            skew[j][i] = -skew[i][j]
    one = identity(size, size)
    plus = [[a + b for a, b in zip(u, v, strict=True)] for u, v in zip(one, skew, strict=True)]
    back = inverse(plus)
    assert back is not None, "I + S is invertible for every skew S"
    order = list(range(size))
    draws.shuffle(order)
    signs = [draws.choice((-1, 1)) for _ in order]
    return [[signs[k] * x for x in times(transpose(plus), back)[order[k]]] for k in range(size)]


def _projection(size: int, draws: random.Random) -> Matrix | None:
    """Return V (V'V)^-1 V' for a drawn V."""
    wide = draws.randint(1, size)
    v = [[Fraction(draws.choice(ENTRIES)) for _ in range(wide)] for _ in range(size)]
    back = inverse(times(transpose(v), v))
    return None if back is None else times(times(v, back), transpose(v))


def _oblique(size: int, draws: random.Random) -> Matrix | None:
    """Return V (U'V)^-1 U', a projection that is not symmetric."""
    wide = draws.randint(1, size)
    u, v = ([[Fraction(draws.choice(ENTRIES)) for _ in range(wide)] for _ in range(size)] for _ in range(2))
    back = inverse(times(transpose(u), v))
    return None if back is None else times(times(v, back), transpose(u))


def _nilpotent(size: int, draws: random.Random) -> Matrix:
    """Return a strictly triangular matrix, one way or the other."""
    upper = [[Fraction(draws.choice(ENTRIES) if j > i else 0) for j in range(size)] for i in range(size)]
    return upper if draws.randint(0, 1) else transpose(upper)
