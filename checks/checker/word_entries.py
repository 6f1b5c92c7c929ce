"""Matrices of sizes that are numbers in place of letters: their entries are numbers, or free generators."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, ClassVar, Generic, TypeVar

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.polynomial import Poly
from checks.checker.words import Algebra, Value, Word

LARGEST_SIZE = 6
T = TypeVar("T")


@dataclass
class Entries(ABC, Generic[T]):
    """Numbers and matrices, one for each declared name, with entries in a commutative ring."""

    algebra: Algebra
    numbers: dict[Any, T]
    matrices: Mapping[str, list[list[T]]]
    _words: dict[Word, list[list[T]]] = field(default_factory=dict)
    constant: ClassVar[Callable[..., Any]]
    plus: ClassVar[Callable[..., Any]]
    times: ClassVar[Callable[..., Any]]

    @abstractmethod
    def size(self, text: str) -> int:
        """Return a size as a number."""

    def letter(self, name: str) -> list[list[T]]:
        """Return the entries of a letter."""
        return self.matrices[name]

    def number(self, p: Poly) -> T:
        """Return the value of a polynomial in numbers and traces."""
        return self._sum(reduce(self._power, monomial, self.constant(c)) for monomial, c in p.items())

    def _power(self, start: T, item: tuple[Any, int]) -> T:
        g, exponent = item
        if g not in self.numbers:
            product = self.word(g[1])
            self.numbers[g] = self._sum(product[k][k] for k in range(len(product)))
        for _ in range(exponent):
            start = self.times(start, self.numbers[g])
        return start

    def _sum(self, parts: Iterable[T]) -> T:
        return reduce(self.plus, parts, self.constant(0))

    def word(self, word: Word) -> list[list[T]]:
        """Return the product of the letters of a word."""
        if word not in self._words:
            name, mark = word[-1]
            last = [list(column) for column in zip(*self.letter(name), strict=True)] if mark else self.letter(name)
            self._words[word] = self._product(self.word(word[:-1]), last) if len(word) > 1 else last
        return self._words[word]

    def _product(self, a: list[list[T]], b: list[list[T]]) -> list[list[T]]:
        columns = list(zip(*b, strict=True))
        return [[self._sum(map(self.times, row, column)) for column in columns] for row in a]

    def matrix(self, value: Value) -> list[list[T]]:
        """Return the numerator of a value, a matrix of one entry for a number."""
        assert value.shape is not None
        height, width = map(self.size, value.shape)
        total = [[self.constant(0)] * width for _ in range(height)]
        for word, p in value.top.items():
            factor = self.number(p)
            one = [[self.constant(int(i == j)) for j in range(width)] for i in range(height)]
            total = [
                [self.plus(a, self.times(factor, b)) for a, b in zip(x, y, strict=True)]
                for x, y in zip(total, self.word(word) if word else one, strict=True)
            ]
        return total


class Expansion(Entries[Poly]):
    """Each entry of a letter is a commuting generator."""

    constant, plus, times = staticmethod(poly.constant), staticmethod(poly.add), staticmethod(poly.multiply)

    def __init__(self, algebra: Algebra, diagonal: frozenset[str]) -> None:
        super().__init__(algebra, {name: poly.generator(name) for name in algebra.numbers | algebra.sizes}, {})
        self.diagonal = diagonal

    def polynomials(self, value: Value) -> list[Poly]:
        """Return the entries of the numerator of a value, row by row.

        Raises
        ------
        Rejected
            When a size is a name, or large.
        """
        return [entry for row in self.matrix(value) for entry in row]

    def size(self, text: str) -> int:
        """Return a size that is a number."""
        if not text.isdigit() or int(text) > LARGEST_SIZE:
            raise Rejected(f"entries need sizes that are numbers up to {LARGEST_SIZE}, not {text!r}")
        return int(text)

    def letter(self, name: str) -> list[list[Poly]]:
        """Return the entries of a letter: a symmetric one has the same on both sides, a diagonal one zeros."""
        rows, columns = map(self.size, self.algebra.letters[name])

        def entry(i: int, j: int) -> Poly:
            if name in self.diagonal and i != j:
                return {}
            places = sorted((i, j)) if name in self.algebra.symmetric else (i, j)
            return poly.generator(("entry of", name, *places))

        return [[entry(i, j) for j in range(columns)] for i in range(rows)]
