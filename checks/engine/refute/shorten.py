"""Shorter witnesses: every coordinate is replaced by the simplest fraction near it that still refutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice

# how far to look from a coordinate, in shares of it, the widest interval first
SHARES = [Fraction(1), *(Fraction(1, 2**k) for k in (1, 2, 3, 5, 7, 10, 14, 20, 30))]
MOST_TESTS = 200


def shortened(values: Mapping[str, Fraction], refutes: Callable[[Mapping[str, Fraction]], bool]) -> dict[str, Fraction]:
    """Return values with numerators and denominators as short as a few exact tests allow.

    Parameters
    ----------
    values
        A counterexample.
    refutes
        The exact test.
    """
    best, tests = dict(values), 0
    for _ in range(2):
        before = dict(best)
        for name in sorted(best, key=lambda n: -length(best[n])):
            for value in islice(_simpler(best[name]), 20):
                if length(value) >= length(best[name]) or tests >= MOST_TESTS:
                    break
                tests += 1
                if refutes({**best, name: value}):
                    best[name] = value
                    break
        if best == before:
            break
    return best


def length(value: Fraction) -> int:
    """Return the digits of a fraction in base two."""
    return value.numerator.bit_length() + value.denominator.bit_length()


def _simpler(value: Fraction) -> Iterator[Fraction]:
    """Yield simple fractions in ever narrower intervals around a value, without repetition."""
    seen = {value}
    size = 1 if value > 0 else -1
    round_numbers = [Fraction(size * k) for k in (2, 3, 10, 100, 1000, 10**4) if k < abs(value)]
    round_shares = [Fraction(size, k) for k in (2, 3, 10, 100, 1000, 10**4) if abs(value) * k < 1]
    whole = [Fraction(value.numerator // value.denominator + k) for k in (0, 1)] if abs(value) > 4 else []
    for x in (Fraction(0), Fraction(1), Fraction(-1), *round_numbers, *round_shares, *whole):
        if x not in seen:
            seen.add(x)
            yield x
    for share in SHARES:
        x = simplest(value - share * abs(value), value + share * abs(value))
        if x not in seen:
            seen.add(x)
            yield x


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction with the least denominator in a closed interval, of these the one nearest to zero."""
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = low.numerator // low.denominator
    return below + 1 / simplest(1 / (high - below), 1 / (low - below))
