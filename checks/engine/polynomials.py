"""What the engine does with polynomials beyond the checker's arithmetic: substitution and derivatives in a name."""

from __future__ import annotations

from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.polynomial import Generator, Poly


def replace(p: Poly, g: Generator, value: Poly) -> Poly:
    """Return p with the generator g replaced by a polynomial."""
    result: Poly = {}
    for exponent, rest in poly.powers(p, g).items():
        result = poly.add(result, poly.multiply(rest, poly.power(value, exponent)))
    return result


def scalar_derivative(p: Poly, name: str) -> Poly:
    """Return the derivative with respect to a scalar name."""
    result: Poly = {}
    for exponent, rest in poly.powers(p, name).items():
        if exponent:
            lower: Poly = {((name, exponent - 1),) if exponent > 1 else (): Fraction(exponent)}
            result = poly.add(result, poly.multiply(rest, lower))
    return result
