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


def _remainder(a: Coefficients, b: Coefficients) -> Coefficients:
    a = a[:]
    while len(a) >= len(b):
        factor = a[-1] / b[-1]
        for k in range(len(b)):
            a[len(a) - len(b) + k] -= factor * b[k]
        a.pop()
        while a and not a[-1]:
            a.pop()
    return a


def sequence(line: Coefficients) -> list[Coefficients]:
    """Return the Sturm sequence p, p', -rem(p, p'), ..."""
    line = line[:]
    while line and not line[-1]:
        line.pop()
    chain = [line, [k * c for k, c in enumerate(line)][1:]]
    while chain[-1]:
        chain.append([-c for c in _remainder(chain[-2], chain[-1])])
    return chain[:-1]


def _changes(values: list[Fraction]) -> int:
    signs = [v > 0 for v in values if v]
    return sum(a != b for a, b in pairwise(signs)) if signs else 0


def roots(line: Coefficients, low: Fraction | None, high: Fraction | None, low_open: bool, high_open: bool) -> int:
    """Count the distinct roots in the interval; ends count unless they are open."""
    chain = sequence(line)
    if not chain[0]:
        raise Rejected("the zero polynomial")

    def at(x: Fraction | None, sign: int) -> int:
        if x is None:
            return _changes([c[-1] * (sign if len(c) % 2 == 0 else 1) for c in chain])
        return _changes([value(c, x) for c in chain])

    # Sturm: the sequence divided by its last member counts the distinct roots in (low, high]
    count = at(low, -1) - at(high, 1) if _squarefree_ends(chain, low, high) else _deflated(chain, low, high)
    if low is not None and not low_open and not value(line, low):
        count += 1
    if high is not None and high_open and not value(line, high) and low != high:
        count -= 1
    return count


def _squarefree_ends(chain: list[Coefficients], low: Fraction | None, high: Fraction | None) -> bool:
    last = chain[-1]
    return all(x is None or value(last, x) for x in (low, high))


def _deflated(chain: list[Coefficients], low: Fraction | None, high: Fraction | None) -> int:
    """Count where an end is a multiple root: divide the last member out first."""
    quotient = _divide(chain[0], chain[-1])
    fresh = sequence(quotient)

    def at(x: Fraction | None, sign: int) -> int:
        if x is None:
            return _changes([c[-1] * (sign if len(c) % 2 == 0 else 1) for c in fresh])
        return _changes([value(c, x) for c in fresh])

    return at(low, -1) - at(high, 1)


def _divide(a: Coefficients, b: Coefficients) -> Coefficients:
    a = a[:]
    quotient = [Fraction(0)] * (len(a) - len(b) + 1)
    while len(a) >= len(b):
        factor = a[-1] / b[-1]
        quotient[len(a) - len(b)] = factor
        for k in range(len(b)):
            a[len(a) - len(b) + k] -= factor * b[k]
        a.pop()
        while a and not a[-1]:
            a.pop()
    return quotient
