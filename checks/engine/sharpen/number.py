"""Thresholds as real algebraic numbers: their conditions in the claim grammar and their text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import mpmath as mp
import sympy as sp

# width of the isolating interval of an irrational threshold that is shown
SHOWN = Fraction(1, 10**9)


@dataclass(frozen=True)
class Threshold:
    """The only root of an irreducible integer polynomial (constant first) in [low, high]; low = high if rational."""

    polynomial: tuple[int, ...]
    low: Fraction
    high: Fraction

    @classmethod
    def rational(cls, value: Fraction) -> Threshold:
        """Return a rational number."""
        return cls((-value.numerator, value.denominator), value, value)

    @property
    def is_rational(self) -> bool:
        """Whether the polynomial is linear."""
        return len(self.polynomial) == 2

    def at(self, x: Fraction) -> Fraction:
        """Return the value of the polynomial."""
        total = Fraction(0)
        for c in reversed(self.polynomial):
            total = total * x + c
        return total

    @property
    def rising(self) -> int:
        """The sign of the polynomial just above the root."""
        return 1 if self.is_rational or self.at(self.high) > 0 else -1

    def within(self, width: Fraction) -> Threshold:
        """Return the same number with a narrower interval, by bisection."""
        low, high = self.low, self.high
        while high - low > width:
            middle = (low + high) / 2
            if (self.at(middle) > 0) == (self.rising > 0):
                high = middle
            else:
                low = middle
        return Threshold(self.polynomial, low, high)

    def __float__(self) -> float:
        near = self.within(Fraction(1, 10**18))
        return float((near.low + near.high) / 2)

    def digits(self, count: int) -> mp.mpf:
        """Return the number with so many decimal digits, at the working precision of mpmath."""
        near = self.within(Fraction(1, 10**count))
        return mp.mpf(near.low.numerator) / near.low.denominator

    def alone(self, low: Fraction, high: Fraction) -> bool:
        """Return whether the polynomial has no other root in [low, high]."""
        x = sp.Symbol("x")
        p = sp.Poly([*reversed(self.polynomial)], x)
        return int(p.count_roots(*(sp.Rational(v.numerator, v.denominator) for v in (low, high)))) <= 1

    def beyond(self, name: str, up: bool, low: Fraction, high: Fraction) -> list[str]:
        """Return hypotheses that place a name strictly past the number, inside (low, high)."""
        if self.is_rational:
            return (
                [f"{name} > ({self.low})", f"{name} < ({high})"]
                if up
                else [f"{name} < ({self.low})", f"{name} > ({low})"]
            )
        side = ">" if (self.rising > 0) == up else "<"
        return [f"{name} > ({low})", f"{name} < ({high})", f"{self.text(name)} {side} 0"]

    def text(self, name: str) -> str:
        """Return the polynomial as text, highest power first."""
        terms: list[str] = []
        for power in range(len(self.polynomial) - 1, -1, -1):
            c = self.polynomial[power]
            if not c:
                continue
            word = "" if power == 0 else name if power == 1 else f"{name}**{power}"
            size = str(abs(c)) if not word else word if abs(c) == 1 else f"{abs(c)}*{word}"
            terms.append((("- " if c < 0 else "+ ") if terms else ("-" if c < 0 else "")) + size)
        return " ".join(terms)

    def value(self, name: str) -> str:
        """Return readable text: a rational, an expression with square roots or one root, or the root's description."""
        if self.is_rational:
            return str(self.low)
        found = self._radical()
        if found is not None:
            return found
        near = self.within(Fraction(1, 10**6))
        return f"root of {self.text(name)} in ({near.low}, {near.high})"

    def _radical(self) -> str | None:
        p = self.polynomial
        if len(p) == 3:
            disc = sp.sqrt(p[1] ** 2 - 4 * p[2] * p[0])
            options = [(-p[1] + s * disc) / (2 * sp.Integer(p[2])) for s in (1, -1)]
        elif not any(p[1:-1]):
            root = sp.root(sp.Rational(abs(p[0]), abs(p[-1])), len(p) - 1)
            options = [root, -root]
        elif len(p) == 5 and not p[1] and not p[3]:
            disc = sp.sqrt(p[2] ** 2 - 4 * p[4] * p[0])
            inner = [(-p[2] + s * disc) / (2 * sp.Integer(p[4])) for s in (1, -1)]
            options = [s * sp.sqrt(sp.expand(v)) for v in inner if v.is_real for s in (1, -1)]
        else:
            return None
        low, high = (sp.Rational(v.numerator, v.denominator) for v in (self.low, self.high))
        close = [v for v in options if v.is_real and bool(low <= v) and bool(v <= high)]
        if not close:
            return None
        terms = sorted(
            sp.expand(close[0]).as_ordered_terms(),
            key=lambda v: (str(v).startswith("-"), v.is_number and v.is_rational),
        )
        text = str(terms[0])
        for term in terms[1:]:
            text += f" - {-term!s}" if str(term).startswith("-") else f" + {term}"
        return text


def thresholds(coefficients: Sequence[int]) -> list[Threshold]:
    """Return the real roots of an irreducible integer polynomial (constant first), in order."""
    line = [int(c) for c in coefficients]
    if line[-1] < 0:
        line = [-c for c in line]
    if len(line) == 2:
        return [Threshold.rational(Fraction(-line[0], line[1]))]
    p = sp.Poly(list(reversed(line)), sp.Symbol("x"))
    found = []
    for (low, high), _ in p.intervals(eps=sp.Rational(1, 1000)):
        found.append(Threshold(tuple(line), Fraction(int(low.p), int(low.q)), Fraction(int(high.p), int(high.q))))
    return found
