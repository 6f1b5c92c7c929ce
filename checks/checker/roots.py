"""Real roots of a polynomial in one variable: Sturm sequences over the rationals."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from checks.checker.goal import Rejected

Coefficients = list[Fraction]


def value(line: Coefficients, x: Fraction) -> Fraction:
    """Return the value at a point (the coefficients go from the constant upwards)."""
    total = Fraction(0)
    for coefficient in reversed(line):
        total = total * x + coefficient
    return total


def divided(a: Coefficients, b: Coefficients) -> tuple[Coefficients, Coefficients]:
    """Return the quotient and the remainder of a by b."""
    a, quotient = a[:], [Fraction(0)] * max(0, len(a) - len(b) + 1)
    while len(a) >= len(b):
        factor = a[-1] / b[-1]
        quotient[len(a) - len(b)] = factor
        for k in range(len(b)):
            a[len(a) - len(b) + k] -= factor * b[k]
        a.pop()
        while a and not a[-1]:
            a.pop()
    return quotient, a


def sequence(line: Coefficients) -> list[Coefficients]:
    """Return the Sturm sequence p, p', -rem(p, p'), ..."""
    line = line[:]
    while line and not line[-1]:
        line.pop()
    chain = [line, [k * c for k, c in enumerate(line)][1:]]
    while chain[-1]:
        chain.append([-c for c in divided(chain[-2], chain[-1])[1]])
    return chain[:-1]


def changes(values: list[Fraction]) -> int:
    """Return the number of sign changes, zeros left out."""
    signs = [v > 0 for v in values if v]
    return sum(a != b for a, b in pairwise(signs)) if signs else 0


def roots(line: Coefficients, low: Fraction | None, high: Fraction | None, low_open: bool, high_open: bool) -> int:
    """Count the distinct roots in the interval; ends count unless they are open."""
    chain = sequence(line)
    if not chain[0]:
        raise Rejected("the zero polynomial")
    if any(x is not None and not value(chain[-1], x) for x in (low, high)):  # an end is a multiple root
        chain = [divided(c, chain[-1])[0] for c in chain]

    def at(x: Fraction | None, sign: int) -> int:
        if x is None:
            return changes([c[-1] * (sign if len(c) % 2 == 0 else 1) for c in chain])
        return changes([value(c, x) for c in chain])

    # Sturm: the sequence, also when divided by its last member, counts the distinct roots in (low, high]
    count = at(low, -1) - at(high, 1)
    if low is not None and not low_open and not value(line, low):
        count += 1
    if high is not None and high_open and not value(line, high) and low != high:
        count -= 1
    return count
