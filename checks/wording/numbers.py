"""Exact numbers as a reader wants them: fractions, decimals, and long ones cut."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

LONGEST = 14  # digits of a fraction that is printed as it stands


def is_long(value: Fraction) -> bool:
    """Return whether a number has so many digits that it is printed as a decimal that breaks off."""
    return len(str(abs(value.numerator))) + len(str(value.denominator)) - (value.denominator == 1) > LONGEST


def number_latex(value: Fraction) -> str:
    """Return a rational number as LaTeX mathematics, with all its digits."""
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size.denominator == 1:
        return f"{sign}{size.numerator}"
    return rf"{sign}\tfrac{{{size.numerator}}}{{{size.denominator}}}"


def cut_latex(value: Fraction, digits: int = 6) -> str:
    r"""Return a number as a decimal that breaks off: the digits printed are right, more follow.

    Examples
    --------
    >>> cut_latex(Fraction(1, 3))
    '0.333333\\ldots'
    >>> cut_latex(Fraction(-1, 3 * 10**9))
    '-3.33333\\ldots \\cdot 10^{-10}'
    """
    exact = Context(prec=digits, rounding=ROUND_DOWN).divide(Decimal(value.numerator), Decimal(value.denominator))
    if Fraction(exact) == value:
        return _scientific(exact, "")
    return _scientific(exact, r"\ldots")


def decimal_text(value: Fraction, digits: int = 6) -> str:
    """Return a number rounded to significant digits, as plain text.

    Examples
    --------
    >>> decimal_text(Fraction(2, 3)), decimal_text(Fraction(5, 4))
    ('0.666667', '1.25')
    """
    rounded = Context(prec=digits, rounding=ROUND_HALF_EVEN).divide(
        Decimal(value.numerator), Decimal(value.denominator)
    )
    text = f"{rounded.normalize():f}" if -6 < rounded.adjusted() < 12 else f"{rounded.normalize():e}"
    return text.replace("e+", "e")


def with_decimal(text: str) -> str:
    """Return the text of a value with its decimal behind it where it is a fraction that hides its size.

    Examples
    --------
    >>> with_decimal("1/2"), with_decimal("355/113"), with_decimal("{1}")
    ('1/2', '355/113 ≈ 3.14159', '{1}')
    """
    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError):
        return text
    if value.denominator < 10 or "/" not in text:
        return text
    return f"{text} ≈ {decimal_text(value)}"


def _scientific(value: Decimal, tail: str) -> str:
    exponent = value.adjusted()
    if -5 < exponent < 9:
        return f"{value:f}{tail}"
    sign, digits, _ = value.as_tuple()
    mantissa = str(digits[0]) + ("." + "".join(map(str, digits[1:])) if len(digits) > 1 else "")
    return ("-" if sign else "") + mantissa + tail + rf" \cdot 10^{{{exponent}}}"
