"""Short fractions between two numbers."""

from __future__ import annotations

from fractions import Fraction


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of least denominator strictly between two numbers (the middle of equal ones)."""
    if low == high:
        return low
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1) if whole + 1 > low else Fraction(whole + 2)
    # strictly between: no integer lies inside, so that the continued fractions share their integer part
    return whole + _inside(low - whole, high - whole)


def _inside(low: Fraction, high: Fraction) -> Fraction:
    if high > 1 and low < 1:
        return Fraction(1)
    if not low:
        return Fraction(1, int(1 / high) + 1)
    inner = simplest(1 / high if high else Fraction(0), 1 / low)
    return 1 / inner


def between(low: Fraction, high: Fraction) -> Fraction:
    """Return a short fraction well inside two numbers."""
    third = (high - low) / 3
    return simplest(low + third, high - third)
