"""Small rational matrices that satisfy the hypotheses of a matrix identity, and for which it fails.

Names get values one after the other.  A name that is the only open one of some hypotheses is solved for: exactly, where
they are linear in its entries (inverses, definitions, commuting matrices, symmetry), else from a list of special
matrices (orthogonal ones by Cayley's transform, projections, partial identities, unit vectors).
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, product
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.kinds import words
from checks.checker.polynomial import Poly
from checks.checker.word_point import Matrix, Point
from checks.checker.word_statement import Statement
from checks.checker.words import UNIT, Value
from checks.engine.budget import Budget, Certificate
from checks.engine.refute.special_matrices import solve, special, transpose

ENTRIES = [Fraction(k) for k in (-1, 0, 1, 2)]
NUMBERS = [Fraction(k) for k in (1, 2, -1, 3, 0)] + [Fraction(1, 2), Fraction(1, 3)]
TRIES_PER_SIZE = 12
LARGEST = 3


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis as a value related to zero, with the names that it holds."""

    sign: str
    value: Value
    divided: tuple[Poly, ...]
    names: frozenset[str]


def find_matrices(formal: Mapping[str, Any], stated: Statement, budget: Budget) -> Certificate | None:
    """Return a certificate that refutes a statement, or None within the budget."""
    search = _Search(formal, stated, random.Random(1))
    for sizes in _sizes(sorted(stated.algebra.sizes)):
        for attempt in range(TRIES_PER_SIZE):
            if budget.spent():
                return None
            found = search.attempt(sizes, attempt, budget)
            if found is not None:
                return found
    return None


def _sizes(names: Sequence[str]) -> Iterator[dict[str, int]]:
    """Yield sizes, small and equal ones first; over and over, as each try draws other matrices."""
    every = [dict(zip(names, values, strict=True)) for values in product((1, 2, 3), repeat=len(names))]
    every.sort(key=lambda sizes: (max(sizes.values(), default=0) > 2, len(set(sizes.values())), sum(sizes.values())))
    if not names:
        every = [{}]
    while True:
        yield from every


class _Search:
    def __init__(self, formal: Mapping[str, Any], stated: Statement, draws: random.Random) -> None:
        self.formal, self.stated, self.draws, self.number = formal, stated, draws, 0
        self.hypotheses = [self._hypothesis(*line) for line in stated.hypotheses]
        self.goals = [self._hypothesis("==", *pair) for pair in stated.shown]

    def _hypothesis(self, sign: str, left: Any, right: Any) -> Hypothesis:
        divided: list[Poly] = []
        value = self.stated.difference(left, right, divided)
        held = _names(value, divided)
        return Hypothesis(sign, value, tuple(divided), frozenset(held - self.stated.algebra.sizes))

    def attempt(self, sizes: Mapping[str, int], number: int, budget: Budget) -> Certificate | None:
        """Draw one point; return the certificate when it satisfies the hypotheses and violates a line."""
        self.number = number
        algebra = self.stated.algebra
        point: Point | None = Point(algebra, {name: Fraction(size) for name, size in sizes.items()}, {})
        left = [*algebra.letters, *sorted(algebra.numbers)]
        self.draws.shuffle(left)
        while left:
            single = [n for n in left if any(h.names & set(left) == {n} for h in self.hypotheses)]
            name = single[0] if single else left[0]
            left.remove(name)
            ruling = [h for h in self.hypotheses if name in h.names and not h.names & set(left)]
            assert point is not None
            point = None if budget.spent() else self._assigned(point, name, ruling)
            if point is None:
                return None
        assert point is not None
        if not all(_holds(point, h) for h in self.hypotheses):
            return None
        for line, goal in enumerate(self.goals):
            if self.stated.modulo is not None or not _holds(point, goal):
                certificate = _certificate(point, sizes, line)
                if self._accepted(certificate):
                    return self._shortened(certificate, budget)
        return None

    def _shortened(self, certificate: Certificate, budget: Budget) -> Certificate:
        """Put 0 or 1 for entries and numbers as long as the point still refutes the statement."""
        places = [(row, j) for rows in certificate["matrices"].values() for row in rows for j in range(len(row))]
        places += [(certificate["numbers"], name) for name in certificate["numbers"]]
        for holder, place in places:
            kept = holder[place]
            for shorter in ("0", "1"):
                if kept in ("0", shorter) or budget.spent():
                    break
                holder[place] = shorter
                if self._accepted(certificate):
                    break
                holder[place] = kept
        return certificate

    def _accepted(self, certificate: Certificate) -> bool:
        try:
            words.refute(self.formal, certificate)
        except Rejected:
            return False
        return True

    def _assigned(self, point: Point, name: str, ruling: list[Hypothesis]) -> Point | None:
        """Return the point with a value for a name that satisfies the hypotheses in which it is the last one."""
        equalities = [h for h in ruling if h.sign == "=="]
        shape = self._shape(point, name)
        candidates: Iterable[Matrix] = [self._random(name, shape) for _ in range(4)]
        if name in self.stated.algebra.numbers:
            candidates = [[[x]] for x in self.draws.sample(NUMBERS, len(NUMBERS))]
        if equalities:
            solution = self._solved(point, name, equalities)
            # zero solves a homogeneous quadratic equation too: the special ones say more
            candidates = chain([solution] if solution else [], special(shape, self.draws), candidates)
        for entries in candidates:
            tried = _with(point, name, entries)
            if self._fits(name, entries) and all(_holds(tried, h) for h in ruling):
                return tried
        return None

    def _fits(self, name: str, entries: Matrix) -> bool:
        if name in self.stated.algebra.symmetric and entries != transpose(entries):
            return False
        size = range(len(entries))
        return name not in self.stated.diagonal or not any(entries[i][j] for i in size for j in size if i != j)

    def _shape(self, point: Point, name: str) -> tuple[int, int]:
        rows, columns = self.stated.algebra.letters.get(name, UNIT)
        return point.size(rows), point.size(columns)

    def _random(self, name: str, shape: tuple[int, int]) -> Matrix:
        rows, columns = shape
        if self.number == 0:  # degenerate cases first
            return [[Fraction(0)] * columns for _ in range(rows)]
        entries = [[self.draws.choice(ENTRIES) for _ in range(columns)] for _ in range(rows)]
        for i, j in product(range(rows), range(columns)):
            if name in self.stated.algebra.symmetric and j < i:
                entries[i][j] = entries[j][i]
            if name in self.stated.diagonal and j != i:
                entries[i][j] = Fraction(0)
        return entries

    def _basis(self, name: str, shape: tuple[int, int]) -> list[Matrix]:
        """Return matrices that span those of the declared symmetry."""
        rows, columns = shape
        found = []
        for i, j in product(range(rows), range(columns)):
            if (name in self.stated.algebra.symmetric and j < i) or (name in self.stated.diagonal and j != i):
                continue
            entries = [[Fraction(0)] * columns for _ in range(rows)]
            entries[i][j] = Fraction(1)
            if name in self.stated.algebra.symmetric:
                entries[j][i] = Fraction(1)
            found.append(entries)
        return found

    def _solved(self, point: Point, name: str, equalities: list[Hypothesis]) -> Matrix | None:
        """Solve equalities that are linear in the entries of a name; its free entries are drawn."""
        shape = self._shape(point, name)
        basis = self._basis(name, shape)
        zero = [[Fraction(0)] * shape[1] for _ in range(shape[0])]

        def residual(entries: Matrix) -> list[Fraction]:
            tried = _with(point, name, entries)
            return [x for h in equalities for row in tried.matrix(h.value) for x in row]

        constant = residual(zero)
        slopes = [[a - b for a, b in zip(residual(e), constant, strict=True)] for e in basis]
        drawn = [self.draws.choice(ENTRIES) for _ in basis]
        solution = solve(transpose(slopes), [-x for x in constant], drawn)
        if solution is None:
            return None
        entries = zero
        for x, e in zip(solution, basis, strict=True):
            entries = [[a + x * b for a, b in zip(u, v, strict=True)] for u, v in zip(entries, e, strict=True)]
        return None if any(residual(entries)) else entries


def _names(value: Value, divided: Sequence[Poly]) -> set[str]:
    held = {name for word in value.top for name, _ in word}
    for p in (*value.top.values(), *divided):
        for g in poly.generators(p):
            held |= {name for name, _ in g[1]} if isinstance(g, tuple) else {g}
    return held


def _with(point: Point, name: str, entries: Matrix) -> Point:
    """Return a point with a value for one more name."""
    numbers = {g: x for g, x in point.numbers.items() if not isinstance(g, tuple)}
    if name in point.algebra.letters:
        return Point(point.algebra, numbers, {**point.matrices, name: entries})
    return Point(point.algebra, {**numbers, name: entries[0][0]}, point.matrices)


def _holds(point: Point, hypothesis: Hypothesis) -> bool:
    return point.defined(list(hypothesis.divided)) and point.compares(hypothesis.value, hypothesis.sign)


def _certificate(point: Point, sizes: Mapping[str, int], line: int) -> Certificate:
    numbers = {name: str(point.numbers[name]) for name in sorted(point.algebra.numbers)}
    entries = {name: [[str(x) for x in row] for row in point.matrices[name]] for name in point.algebra.letters}
    texts = {name: str(size) for name, size in sizes.items()}
    return {
        "verdict": "refuted",
        "kind": "matrices",
        "sizes": texts,
        "numbers": numbers,
        "matrices": entries,
        "line": line,
    }
