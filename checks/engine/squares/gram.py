"""Exact Gram matrices: the affine space that the equations leave, rounding into it, and LDL^T over the rationals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from checks.engine.budget import Budget, NotFound
from checks.engine.squares.model import Dense, Exponents, Matrix, Model, plus

# denominators of a rounding, the coarse ones first: a short certificate is a coarse one
DENOMINATORS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 30, 48, 60, 120, 240, 360, 720, 10**4, 10**5, 2**20, 2**24, 2**30, 2**36)
# beyond this many entries the exact elimination costs more than a search may take
MOST_ENTRIES = 400_000


def ldl(matrix: Matrix) -> list[tuple[Fraction, list[Fraction]]] | None:
    """Return positive numbers d and vectors l with ``matrix = sum of d * l * l^T``, or None if it is not PSD.

    Exact, without square roots: a zero pivot must stand in a zero row.
    """
    n = len(matrix)
    rest = [list(row) for row in matrix]
    found = []
    for k in range(n):
        pivot = rest[k][k]
        if pivot < 0 or (pivot == 0 and any(rest[k][k:])):
            return None
        if pivot == 0:
            continue
        column = [Fraction(0)] * k + [rest[i][k] / pivot for i in range(k, n)]
        found.append((pivot, column))
        for i in range(k + 1, n):
            if column[i]:
                for j in range(k + 1, n):
                    rest[i][j] -= column[i] * pivot * column[j]
    return found


@dataclass(frozen=True)
class Solution:
    """Exact values of a model's unknowns: for every block the terms of its LDL^T, and the free numbers."""

    squares: list[list[tuple[Fraction, list[Fraction]]]]
    free: list[Fraction]


class Affine:
    """All exact solutions of a model's equations: pivots as affine functions of the other unknowns.

    Raises
    ------
    NotFound
        When the equations have no solution, or are too many for an exact elimination.
    """

    def __init__(self, model: Model) -> None:
        import flint

        columns = model.columns
        rows: dict[Exponents, int] = {}
        for p in (model.target, *columns):
            for m in p:
                rows.setdefault(m, len(rows))
        if len(rows) * (len(columns) + 1) > MOST_ENTRIES:
            raise NotFound(f"{len(rows)} equations in {len(columns)} unknowns are too many for exact elimination")
        self.model = model
        self.owners = model.owners
        # pivots are taken from the left: free numbers, then diagonals, so that off-diagonal entries can become zero
        self.order = sorted(range(len(columns)), key=lambda c: (self.owners[c][0] != -1, _off_diagonal(self.owners[c])))
        table = flint.fmpq_mat(len(rows), len(columns) + 1)
        for place, c in enumerate(self.order):
            _fill(table, place, columns[c], rows)
        _fill(table, len(columns), model.target, rows)
        reduced, rank = table.rref()
        self.pivots: list[int] = []
        for r in range(rank):
            start = self.pivots[-1] + 1 if self.pivots else 0
            self.pivots.append(next(c for c in range(start, len(columns) + 1) if reduced[r, c]))
        if self.pivots and self.pivots[-1] == len(columns):
            raise NotFound("no matrices satisfy the equations")
        taken = set(self.pivots)
        self.others = [c for c in range(len(columns)) if c not in taken]
        self.slopes = flint.fmpq_mat(rank, len(self.others), [reduced[r, c] for r in range(rank) for c in self.others])
        self.start = [reduced[r, len(columns)] for r in range(rank)]
        self._float_slopes = np.array([float(v.p) / float(v.q) for v in self.slopes.entries()]).reshape(rank, -1)
        self._float_start = np.array([float(v.p) / float(v.q) for v in self.start])

    def only(self) -> Solution | None:
        """Return the solution where there is exactly one, if it is positive semidefinite."""
        return None if self.others else self._exact([])

    def near(self, values: np.ndarray, scale: Fraction, budget: Budget) -> Solution:
        """Return an exact solution near a numeric one.

        Raises
        ------
        NotFound
            When no rounding of it is positive semidefinite.
        """
        numbers = np.array([values[self.order[c]] for c in self.others], dtype=float)
        for step in _steps(scale):
            if budget.spent():
                break
            rounded = [round(v / float(step)) for v in numbers]
            if not self._plausible(np.array(rounded, dtype=float) * float(step)):
                continue
            solution = self._exact([r * step for r in rounded])
            if solution is not None:
                return solution
        raise NotFound("no rounding of the matrices is positive semidefinite")

    def _plausible(self, others: np.ndarray) -> bool:
        """Return whether the matrices look positive semidefinite in floating point."""
        values = np.zeros(len(self.order))
        for c, v in zip(self.others, others, strict=True):
            values[self.order[c]] = v
        for c, v in zip(self.pivots, self._float_start - self._float_slopes @ others, strict=True):
            values[self.order[c]] = v
        return all(np.linalg.eigvalsh(s)[0] > -1e-9 * max(1.0, abs(s).max()) for s in matrices(self.model, values))

    def _exact(self, others: list[Fraction]) -> Solution | None:
        import flint

        column = flint.fmpq_mat(len(others), 1, [flint.fmpq(v.numerator, v.denominator) for v in others])
        moved: list[Any] = (self.slopes * column).entries() if others else [0] * len(self.pivots)
        values: list[Fraction] = [Fraction(0)] * len(self.order)
        for c, v in zip(self.others, others, strict=True):
            values[self.order[c]] = v
        for c, a, b in zip(self.pivots, self.start, moved, strict=True):
            exact = a - b
            values[self.order[c]] = Fraction(int(exact.p), int(exact.q))
        squares = []
        for matrix in _exact_matrices(self.model, values):
            found = ldl(matrix)
            if found is None:
                return None
            squares.append(found)
        return Solution(squares, values[len(values) - len(self.model.free) :])


def _off_diagonal(owner: tuple[int, int, int]) -> bool:
    return owner[1] != owner[2]


def _fill(table: Any, place: int, p: Dense, rows: dict[Exponents, int]) -> None:
    import flint

    for m, v in p.items():
        table[rows[m], place] = flint.fmpq(v.numerator, v.denominator)


def _steps(scale: Fraction) -> Iterator[Fraction]:
    for denominator in DENOMINATORS:
        yield scale / denominator


def matrices(model: Model, values: np.ndarray) -> list[np.ndarray]:
    """Return the numeric matrices of the blocks from the vector of unknowns."""
    found, at = [], 0
    for block in model.blocks:
        s = np.zeros((len(block.basis), len(block.basis)))
        for i, j in block.entries():
            s[i, j] = s[j, i] = values[at]
            at += 1
        found.append(s)
    return found


def _exact_matrices(model: Model, values: list[Fraction]) -> Iterator[Matrix]:
    at = 0
    for block in model.blocks:
        n = len(block.basis)
        s = [[Fraction(0)] * n for _ in range(n)]
        for i, j in block.entries():
            s[i][j] = s[j][i] = values[at]
            at += 1
        yield s


def combined(weights: list[Fraction], basis: tuple[Dense, ...]) -> Dense:
    """Return the polynomial with the given weights on a basis."""
    value: Dense = {}
    for weight, b in zip(weights, basis, strict=True):
        if weight:
            value = plus(value, b, weight)
    return value
