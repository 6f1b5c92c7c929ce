"""Rational matrices in place of letters: the values of expressions at a point, exactly."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker.goal import Rejected, fraction
from checks.checker.pointwise import holds_for
from checks.checker.polynomial import Poly
from checks.checker.word_entries import Entries
from checks.checker.words import UNIT, Algebra, Value

Matrix = list[list[Fraction]]
LARGEST_SIZE = 12


class Point(Entries[Fraction]):
    """Sizes, numbers and matrices, one for each declared name."""

    constant, plus, times = Fraction, operator.add, operator.mul

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
        return holds_for(sign, entries[0][0] * self.number(value.bottom))
