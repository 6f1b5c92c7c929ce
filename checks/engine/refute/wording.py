"""Exact coordinates as text: rational numbers, square roots and pure radicals, other roots by polynomial and ends."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

from checks.checker.algebraic_number import enclosed
from checks.engine.refute.candidate import Root, real_roots


def point_text(certificate: Mapping[str, Any]) -> dict[str, str]:
    """Return the exact coordinates of a point as text, by name.

    Parameters
    ----------
    certificate
        A refutation of kind ``point`` or ``algebraic``.

    Returns
    -------
    dict
        Text such as ``3/4``, ``1/2 + 3*sqrt(5)/2``, ``2**(1/3)`` or ``root of x**3 - x + 1 in (-2, -1)``.
    """
    if certificate.get("kind") != "algebraic":
        return {name: str(value) for name, value in certificate.get("values", {}).items()}
    alpha = certificate["alpha"]
    root = Root(tuple(Fraction(c) for c in alpha["polynomial"]), Fraction(alpha["low"]), Fraction(alpha["high"]))
    found = {}
    for name, texts in certificate["values"].items():
        line = root.alpha.reduced([Fraction(c) for c in texts])
        value = line[0] if len(line) == 1 else Fraction(0) if not line else _value(root, line)
        found[name] = _text(value) if isinstance(value, Root) else str(value)
    return found


def _value(root: Root, line: list[Fraction]) -> Root | Fraction:
    """Return g(alpha) as a root of its own: of the characteristic polynomial of the multiplication by g."""
    import flint

    alpha, degree = root.alpha, len(root.polynomial) - 1
    columns = [alpha.times(line, [Fraction(0)] * k + [Fraction(1)]) for k in range(degree)]
    entries = [
        flint.fmpq(c[i].numerator, c[i].denominator) if i < len(c) else flint.fmpq(0)
        for i in range(degree)
        for c in columns
    ]
    polynomial = flint.fmpq_mat(degree, degree, entries).charpoly()
    low, high = enclosed(line, alpha.within(256))
    for value in real_roots([Fraction(int(c.p), int(c.q)) for c in polynomial.coeffs()]):
        ends = (value.low, value.high) if isinstance(value, Root) else (value, value)
        if ends[0] <= high and low <= ends[1]:
            return value
    raise ArithmeticError("no root of the characteristic polynomial lies in the enclosure")


def _text(root: Root) -> str:
    line, degree = root.polynomial, len(root.polynomial) - 1
    if degree == 2:
        # x = -b/(2a) +- sqrt((b**2 - 4 a c)/(4 a**2))
        half, square = -line[1] / (2 * line[2]), (line[1] ** 2 - 4 * line[0] * line[2]) / (4 * line[2] ** 2)
        inside, outside = _squarefree(square)
        upper = root.alpha.sign([-half, Fraction(1)]) > 0
        return _sum([(half, ""), (outside if upper else -outside, f"sqrt({inside})")])
    radicand = -line[0] / line[-1]
    if not any(line[1:-1]) and radicand > 0:
        word = f"{radicand}" if radicand.denominator == 1 else f"({radicand})"
        upper = root.alpha.sign([Fraction(0), Fraction(1)]) > 0
        return ("" if upper else "-") + f"{word}**(1/{degree})"
    terms = [(c, "" if k == 0 else "x" if k == 1 else f"x**{k}") for k, c in enumerate(line)]
    return f"root of {_sum(terms[::-1])} in ({root.low}, {root.high})"


def _squarefree(x: Fraction) -> tuple[int, Fraction]:
    """Return n and q with x = n q**2, n an integer without small square factors."""
    n, q, k = x.numerator * x.denominator, Fraction(1, x.denominator), 2
    while k * k <= n and k < 10**4:
        while n % (k * k) == 0:
            n, q = n // (k * k), q * k
        k += 1
    return (1, q * isqrt(n)) if isqrt(n) ** 2 == n else (n, q)


def _sum(terms: list[tuple[Fraction, str]]) -> str:
    text = ""
    for coefficient, word in terms:
        size = abs(coefficient)
        shown = str(size)
        if word:
            shown = ("" if size.numerator == 1 else f"{size.numerator}*") + word
            shown += "" if size.denominator == 1 else f"/{size.denominator}"
        if coefficient:
            sign = "-" if coefficient < 0 else "+"
            text = f"{text} {sign} {shown}" if text else shown if sign == "+" else f"-{shown}"
    return text or "0"
