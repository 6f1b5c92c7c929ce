"""Matrices of sizes that are numbers, entry by entry: each entry of a letter is a commuting generator."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.polynomial import ONE, Generator, Poly
from checks.checker.words import Algebra, Value, Word

LARGEST_SIZE = 6
Entries = list[list[Poly]]


@dataclass
class Expansion:
    """Words and traces as polynomials in the entries of the letters."""

    algebra: Algebra
    diagonal: frozenset[str]
    _words: dict[Word, Entries] = field(default_factory=dict)

    def polynomials(self, value: Value) -> list[Poly]:
        """Return the entries of the numerator of a value, row by row.

        Raises
        ------
        Rejected
            When a size is a name, or large.
        """
        assert value.shape is not None
        rows, columns = map(self._size, value.shape)
        total: Entries = [[{} for _ in range(columns)] for _ in range(rows)]
        for word, p in value.top.items():
            factor = self._polynomial(p)
            product = (
                self._word(word) if word else [[ONE if i == j else {} for j in range(columns)] for i in range(rows)]
            )
            total = [
                [poly.add(a, poly.multiply(factor, b)) for a, b in zip(u, v, strict=True)]
                for u, v in zip(total, product, strict=True)
            ]
        return [entry for row in total for entry in row]

    def _size(self, text: str) -> int:
        if not text.isdigit() or int(text) > LARGEST_SIZE:
            raise Rejected(f"entries need sizes that are numbers up to {LARGEST_SIZE}, not {text!r}")
        return int(text)

    def _polynomial(self, p: Poly) -> Poly:
        total: Poly = {}
        for monomial, c in p.items():
            term = poly.constant(c)
            for g, e in monomial:
                term = poly.multiply(term, poly.power(self._generator(g), e))
            total = poly.add(total, term)
        return total

    def _generator(self, g: Generator) -> Poly:
        if not isinstance(g, tuple):
            return poly.generator(g)
        product = self._word(g[1])
        total: Poly = {}
        for k in range(len(product)):
            total = poly.add(total, product[k][k])
        return total

    def _word(self, word: Word) -> Entries:
        if word not in self._words:
            last = self._letter(*word[-1])
            self._words[word] = _times(self._word(word[:-1]), last) if len(word) > 1 else last
        return self._words[word]

    def _letter(self, name: str, mark: bool) -> Entries:
        rows, columns = map(self._size, self.algebra.letters[name])

        def entry(i: int, j: int) -> Poly:
            if name in self.diagonal and i != j:
                return {}
            i, j = (min(i, j), max(i, j)) if name in self.algebra.symmetric else (i, j)
            return poly.generator(("entry of", name, i, j))

        found = [[entry(i, j) for j in range(columns)] for i in range(rows)]
        return [list(column) for column in zip(*found, strict=True)] if mark else found


def _times(a: Entries, b: Entries) -> Entries:
    found: Entries = [[{} for _ in b[0]] for _ in a]
    for i, row in enumerate(a):
        for j in range(len(b[0])):
            for k, left in enumerate(row):
                found[i][j] = poly.add(found[i][j], poly.multiply(left, b[k][j]))
    return found
