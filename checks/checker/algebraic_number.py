"""A real algebraic number, and the exact sign of a polynomial at it.

The number alpha is the only root of a squarefree polynomial p between two rational ends.  The sign of g(alpha) is

    sign g(alpha) = V(low) - V(high),

V the sign changes in the signed remainder sequence of p and p' g: the Cauchy index of p' g / p between the ends is the
sum of the signs of g over the roots of p there (Tarski).
"""

from __future__ import annotations

from fractions import Fraction

from checks.checker.enclosures import Enclosure, product
from checks.checker.goal import Rejected
from checks.checker.roots import Coefficients, changes, divided, roots, sequence, value


class Alpha:
    """The root of a polynomial (coefficients from the constant upwards) between two rational ends.

    Raises
    ------
    Rejected
        When the polynomial has a square factor, or not exactly one root between the ends.
    """

    def __init__(self, polynomial: Coefficients, low: Fraction, high: Fraction) -> None:
        self.polynomial, self.low, self.high = trimmed(polynomial), low, high
        if len(self.polynomial) < 2 or len(sequence(self.polynomial)[-1]) != 1:
            raise Rejected("alpha is no root of a squarefree polynomial")
        ends = value(polynomial, low), value(polynomial, high)
        if low >= high or not all(ends) or roots(self.polynomial, low, high, True, True) != 1:
            raise Rejected("the interval does not hold exactly one root, inside")
        self.slope = [k * c for k, c in enumerate(self.polynomial)][1:]

    def reduced(self, line: Coefficients) -> Coefficients:
        """Return a polynomial with the same value at alpha, of lower degree than alpha's."""
        return divided(trimmed(line), self.polynomial)[1]

    def times(self, a: Coefficients, b: Coefficients) -> Coefficients:
        """Return a product, reduced."""
        return self.reduced(_multiplied(a, b))

    def sign(self, line: Coefficients) -> int:
        """Return the exact sign of a polynomial at alpha."""
        chain = [self.polynomial, self.reduced(_multiplied(self.slope, line))]
        while chain[-1]:
            chain.append([-c for c in divided(chain[-2], chain[-1])[1]])
        low, high = ([value(c, x) for c in chain[:-1]] for x in (self.low, self.high))
        return changes(low) - changes(high)

    def within(self, bits: int) -> Enclosure:
        """Return ends around alpha less than 2**-bits apart, by bisection."""
        low, high = self.low, self.high
        rising = value(self.polynomial, high) > 0
        while high - low > Fraction(1, 1 << bits):
            middle = (low + high) / 2
            at = value(self.polynomial, middle)
            if not at:
                return middle, middle
            low, high = (low, middle) if (at > 0) == rising else (middle, high)
        return low, high


def trimmed(line: Coefficients) -> Coefficients:
    """Return the coefficients without leading zeros."""
    while line and not line[-1]:
        line = line[:-1]
    return line


def plus(a: Coefficients, b: Coefficients, scale: int) -> Coefficients:
    """Return a + scale b."""
    size = max(len(a), len(b))
    return trimmed([(a + [Fraction(0)] * size)[k] + scale * (b + [Fraction(0)] * size)[k] for k in range(size)])


def _multiplied(a: Coefficients, b: Coefficients) -> Coefficients:
    total = [Fraction(0)] * max(0, len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            total[i + j] += x * y
    return trimmed(total)


def enclosed(line: Coefficients, x: Enclosure) -> Enclosure:
    """Enclose the values of a polynomial on an interval (Horner)."""
    low = high = Fraction(0)
    for c in reversed(line):
        low, high = product((low, high), x)
        low, high = low + c, high + c
    return low, high
