"""Noncommutative words: expressions in matrices in normal form.

A *value* maps words (tuples of letters, each with a mark for its transpose) to polynomials in numbers and traces, over
a polynomial in numbers and traces.  A trace is a generator: the least of all rotations of its word and of the
transposed word.  A 1 x 1 matrix is a number; a word that passes through size 1 twice is cut there, since what lies
between is a number.  Nothing is cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.grammar import Node
from checks.checker.polynomial import ONE, Poly
from checks.checker.word_grammar import factors

Word = tuple[tuple[str, bool], ...]
Shape = tuple[str, str]
UNIT = ("1", "1")
LARGEST_PRODUCT = 1_000_000


@dataclass(frozen=True)
class Value:
    """A matrix ``top / bottom``; shape None is a multiple of the identity of a size that is not said."""

    shape: Shape | None
    top: Mapping[Word, Poly]
    bottom: Poly

    @property
    def number(self) -> Poly:
        """The numerator of a number."""
        return self.top.get((), {})


@dataclass(frozen=True)
class Algebra:
    """The declared names: letters with shape, symmetric ones, numbers; ``bound`` are names with a value."""

    letters: Mapping[str, Shape]
    symmetric: frozenset[str]
    numbers: frozenset[str]
    sizes: frozenset[str]
    bound: Mapping[str, Value]

    def value(self, node: Node, divided: list[Poly]) -> Value:
        """Return the normal form of an expression; what it divides by is added to ``divided``.

        Raises
        ------
        Rejected
            For an unknown name, sizes that do not fit, or a division by a matrix or by zero.
        """
        kind = node[0]
        if kind == "number":
            return Value(UNIT, {(): poly.constant(node[1])}, ONE) if node[1] else Value(None, {}, ONE)
        if kind == "name":
            return self._name(node[1])
        if kind == "I":
            self.size(node[1])
            return Value((node[1], node[1]), {(): ONE}, ONE)
        if kind == "**":
            return self._power(node[1], node[2], divided)
        if kind == "/":
            return self.times(self.value(node[1], divided), self._inverse(node[2], divided))
        if kind not in ("+", "-", "*", "'", "tr"):
            raise Rejected(f"{kind!r} is no operation with matrices")
        parts = [self.value(part, divided) for part in node[1:]]
        if kind == "*":
            return self.times(*parts)
        if kind == "'":
            top = {self.transposed(word): p for word, p in parts[0].top.items()}
            return Value(parts[0].shape and parts[0].shape[::-1], top, parts[0].bottom)
        return self.trace(parts[0]) if kind == "tr" else self.add(parts[0], parts[1], -1 if kind == "-" else 1)

    def _name(self, name: str) -> Value:
        if name in self.bound:
            return self.bound[name]
        if name == "I":
            return Value(None, {(): ONE}, ONE)
        if name in self.letters:
            scalar, word = self._cut(((name, False),))
            return Value(self.letters[name], {word: scalar}, ONE)
        if name in self.numbers | self.sizes:
            return Value(UNIT, {(): poly.generator(name)}, ONE)
        known = ", ".join(sorted({*self.letters, *self.numbers, *self.sizes})) or "nothing"
        raise Rejected(f"{name!r} is not declared; declared are {known}")

    def size(self, text: str) -> Poly:
        """Return a size as a polynomial.

        Raises
        ------
        Rejected
            When it is neither a declared size nor a positive whole number.
        """
        if text in self.sizes:
            return poly.generator(text)
        if not text.isdigit() or text != str(int(text)) or text == "0":
            raise Rejected(f"{text!r} is no size: neither in a declaration nor a positive whole number")
        return poly.constant(int(text))

    def add(self, a: Value, b: Value, sign: int = 1) -> Value:
        """Return a + sign * b.

        Raises
        ------
        Rejected
            When the sizes differ.
        """
        shape = a.shape or b.shape
        for one in (a, b):
            identity = one.shape is None and bool(one.top)
            if identity and shape is not None and (shape == UNIT or shape[0] != shape[1]):
                raise Rejected(f"I is added to or compared with {_shown(shape)}; beside a number write 1")
            if one.shape is not None and one.shape != shape:
                raise Rejected(f"{_shown(a.shape)} is added to or compared with {_shown(b.shape)}")
        if a.bottom != b.bottom:
            a, b = (
                Value(x.shape, _scaled(x.top, y.bottom), poly.multiply(a.bottom, b.bottom)) for x, y in ((a, b), (b, a))
            )
        top = dict(a.top)
        for word, p in b.top.items():
            _put(top, word, poly.add(top.get(word, {}), p, sign))
        return Value(shape, top, a.bottom)

    def times(self, a: Value, b: Value) -> Value:
        """Return a * b.

        Raises
        ------
        Rejected
            When the inner sizes differ.
        """
        shape: Shape | None
        if UNIT in (a.shape, b.shape):
            shape = b.shape if a.shape == UNIT else a.shape
        elif a.shape is None or b.shape is None:
            shape = a.shape or b.shape
        elif a.shape[1] != b.shape[0]:
            raise Rejected(f"{_shown(a.shape)} is multiplied by {_shown(b.shape)}")
        else:
            shape = (a.shape[0], b.shape[1])
        if len(a.top) * len(b.top) > LARGEST_PRODUCT:
            raise Rejected("a product with too many words")
        top: dict[Word, Poly] = {}
        for u, p in a.top.items():
            for v, q in b.top.items():
                scalar, word = self._cut(u + v)
                _put(top, word, poly.add(top.get(word, {}), poly.multiply(poly.multiply(p, q), scalar)))
        return Value(shape, top, poly.multiply(a.bottom, b.bottom))

    def _power(self, base: Node, exponent: int, divided: list[Poly]) -> Value:
        if exponent < 0:
            return self._power(("/", ("number", Fraction(1)), base), -exponent, divided)
        value = self.value(base, divided)
        if (not value.top and value.shape is None) or (value.shape is not None and value.shape[0] != value.shape[1]):
            raise Rejected(f"a power of {_shown(value.shape)}")
        result = Value(value.shape, {(): ONE}, ONE)
        for _ in range(exponent):
            result = self.times(result, value)
        return result

    def _inverse(self, node: Node, divided: list[Poly]) -> Value:
        value = self.value(node, divided)
        if value.shape != UNIT and value.top:
            raise Rejected(f"a division by {_shown(value.shape)}; declare a letter that is its inverse")
        if not value.top:
            raise Rejected("a division by zero")
        parts = [self.value(factor, []) for factor in factors(node)]
        divided += [part.number for part in (parts if all(part.shape == UNIT for part in parts) else [value])]
        if set(value.number) == {()}:
            return Value(UNIT, {(): poly.multiply(value.bottom, poly.constant(1 / value.number[()]))}, ONE)
        return Value(UNIT, {(): value.bottom}, value.number)

    def transposed(self, word: Word) -> Word:
        """Return the transpose of a word."""
        return tuple((name, name not in self.symmetric and not mark) for name, mark in reversed(word))

    def rows(self, letter: tuple[str, bool]) -> str:
        """Return the number of rows of a letter of a word."""
        return self.letters[letter[0]][letter[1]]

    def _cut(self, word: Word) -> tuple[Poly, Word]:
        """Return a word without its stretches from size 1 to size 1, and their product."""
        ends = [k for k, letter in enumerate(word) if self.rows(letter) == "1"]
        if word and self.letters[word[-1][0]][not word[-1][1]] == "1":
            ends.append(len(word))
        if len(ends) < 2:
            return ONE, word
        scalar = ONE
        for first, last in pairwise(ends):
            scalar = poly.multiply(scalar, poly.generator(self.cyclic(word[first:last])))
        return scalar, word[: ends[0]] + word[ends[-1] :]

    def cyclic(self, word: Word) -> tuple[str, Word]:
        """Return the generator of the trace of a word."""
        both = (word, self.transposed(word))
        return ("tr", min(w[k:] + w[:k] for w in both for k in range(len(word))))

    def trace(self, value: Value) -> Value:
        """Return the trace.

        Raises
        ------
        Rejected
            When the matrix is not square, or a multiple of I whose size is not said.
        """
        if value.shape == UNIT:
            return value
        if value.shape is None or value.shape[0] != value.shape[1]:
            raise Rejected(
                f"the trace of {_shown(value.shape)}" + ("" if value.shape else "; write I(n) for its size n")
            )
        total: Poly = {}
        for word, p in value.top.items():
            start = next((k for k, letter in enumerate(word) if self.rows(letter) == "1"), None)
            if not word:
                factor = self.size(value.shape[0])
            elif start is None:
                factor = poly.generator(self.cyclic(word))
            else:
                factor = self._cut(word[start:] + word[:start])[0]
            total = poly.add(total, poly.multiply(p, factor))
        return Value(UNIT, {(): total} if total else {}, value.bottom)


def _put(top: dict[Word, Poly], word: Word, p: Poly) -> None:
    if p:
        top[word] = p
    else:
        top.pop(word, None)


def _scaled(top: Mapping[Word, Poly], factor: Poly) -> dict[Word, Poly]:
    return {word: poly.multiply(p, factor) for word, p in top.items()}


def _shown(shape: Shape | None) -> str:
    if shape is None:
        return "a multiple of I"
    return "a number" if shape == UNIT else f"a matrix of size {shape[0]} x {shape[1]}"
