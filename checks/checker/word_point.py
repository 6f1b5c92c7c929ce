"""Rational matrices in place of letters: the values of expressions at a point, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected, fraction
from checks.checker.polynomial import Poly
from checks.checker.words import UNIT, Algebra, Value, Word

Matrix = list[list[Fraction]]
LARGEST_SIZE = 12


@dataclass
class Point:
    """Sizes, numbers and matrices, one for each declared name."""

    algebra: Algebra
    numbers: dict[Any, Fraction]
    matrices: Mapping[str, Matrix]
    _words: dict[Word, Matrix] = field(default_factory=dict)

    @classmethod
    def read(cls, algebra: Algebra, diagonal: frozenset[str], certificate: Mapping[str, Any]) -> Point:
        """Read the point of a certificate.

        Raises
        ------
        Rejected
            When a name has no value or a matrix not the shape or symmetry that is declared.
        """
        sizes = {str(name): fraction(text) for name, text in certificate["sizes"].items()}
        numbers = {str(name): fraction(text) for name, text in certificate["numbers"].items()}
        given = {name: [[fraction(e) for e in row] for row in rows] for name, rows in certificate["matrices"].items()}
        if any(size.denominator != 1 or not 1 <= size <= LARGEST_SIZE for size in sizes.values()):
            raise Rejected(f"a size is a whole number between 1 and {LARGEST_SIZE}")
        if set(sizes) != algebra.sizes or set(numbers) != algebra.numbers or set(given) != set(algebra.letters):
            raise Rejected("the point does not give a value to each declared name, and to no other")
        point = cls(algebra, {**numbers, **sizes}, given)
        for name, rows in given.items():
            height, width = (point.size(size) for size in algebra.letters[name])
            if len(rows) != height or any(len(row) != width for row in rows):
                raise Rejected(f"{name} is not of its size at the point")
            if name in algebra.symmetric and rows != [list(column) for column in zip(*rows, strict=True)]:
                raise Rejected(f"{name} is not symmetric at the point")
            if name in diagonal and any(rows[i][j] for i in range(height) for j in range(width) if i != j):
                raise Rejected(f"{name} is not diagonal at the point")
        return point

    def size(self, text: str) -> int:
        """Return a size at the point."""
        return int(text) if text.isdigit() else int(self.numbers[text])

    def number(self, p: Poly) -> Fraction:
        """Return the value of a polynomial in numbers and traces."""
        for g in poly.generators(p):
            if g not in self.numbers:
                product = self.word(g[1])
                self.numbers[g] = sum((product[k][k] for k in range(len(product))), Fraction(0))
        return poly.evaluate(p, self.numbers)

    def word(self, word: Word) -> Matrix:
        """Return the product of the letters of a word."""
        if word not in self._words:
            name, mark = word[-1]
            last = self.matrices[name]
            last = [list(column) for column in zip(*last, strict=True)] if mark else last
            self._words[word] = _times(self.word(word[:-1]), last) if len(word) > 1 else last
        return self._words[word]

    def matrix(self, value: Value) -> Matrix:
        """Return the numerator of a value, a matrix of one entry for a number."""
        assert value.shape is not None
        height, width = map(self.size, value.shape)
        total = [[Fraction(0)] * width for _ in range(height)]
        for word, p in value.top.items():
            factor = self.number(p)
            entries = self.word(word) if word else [[Fraction(i == j) for j in range(width)] for i in range(height)]
            total = [[a + factor * b for a, b in zip(x, y, strict=True)] for x, y in zip(total, entries, strict=True)]
        return total

    def defined(self, divided: list[Poly]) -> bool:
        """Return whether nothing is divided by zero."""
        return all(self.number(q) for q in divided)

    def compares(self, value: Value, sign: str) -> bool:
        """Return whether a value that is defined is related to zero."""
        entries = self.matrix(value)
        if sign == "==":
            return not any(any(row) for row in entries)
        if value.shape != UNIT:
            raise Rejected(f"{sign!r} compares numbers, not matrices")
        x = entries[0][0] * self.number(value.bottom)
        return {"!=": x != 0, "<": x < 0, "<=": x <= 0, ">": x > 0, ">=": x >= 0}[sign]


def _times(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[sum((x * y for x, y in zip(row, column, strict=True)), Fraction(0)) for column in columns] for row in a]
