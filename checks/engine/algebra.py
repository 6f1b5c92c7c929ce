"""Polynomials of the checker in SymPy and back, their factors, and their text in the grammar."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy as sp

from checks.checker import polynomial as poly
from checks.engine.bernstein.chart import text


def to_sympy(p: poly.Poly) -> tuple[sp.Expr, dict[sp.Symbol, Any]]:
    """Return the polynomial as a SymPy expression, with the generator behind each symbol."""
    symbols = {
        g: sp.Symbol(g if isinstance(g, str) else f"g{position}")
        for position, g in enumerate(sorted(poly.generators(p), key=repr))
    }
    expr = sp.Add(
        *(
            sp.Rational(v.numerator, v.denominator) * sp.Mul(*(symbols[g] ** e for g, e in monomial))
            for monomial, v in p.items()
        )
    )
    return expr, {s: g for g, s in symbols.items()}


def from_sympy(expr: sp.Expr, names: Mapping[sp.Symbol, Any]) -> poly.Poly:
    """Return a SymPy polynomial as the checker's dictionary."""
    symbols = list(names)
    if not symbols:
        return poly.constant(Fraction(int(sp.Rational(expr).p), int(sp.Rational(expr).q)))
    result: poly.Poly = {}
    for powers, coefficient in sp.Poly(expr, *symbols).terms():
        monomial = tuple(
            sorted(((names[s], e) for s, e in zip(symbols, powers, strict=True) if e), key=lambda item: repr(item[0]))
        )
        result[monomial] = Fraction(int(sp.Rational(coefficient).p), int(sp.Rational(coefficient).q))
    return result


def factor(p: poly.Poly) -> tuple[Fraction, list[tuple[poly.Poly, int]]]:
    """Return a constant and the irreducible factors with their exponents."""
    expr, names = to_sympy(p)
    constant, factors = sp.factor_list(expr)
    return Fraction(int(sp.Rational(constant).p), int(sp.Rational(constant).q)), [
        (from_sympy(q, names), int(e)) for q, e in factors
    ]


def factored(p: poly.Poly) -> tuple[Fraction, list[tuple[poly.Poly, int]]]:
    """Return `factor` of a polynomial, remembered."""
    return _factored(tuple(sorted(p.items(), key=repr)))


@lru_cache(maxsize=4096)
def _factored(items: tuple[tuple[poly.Monomial, Fraction], ...]) -> tuple[Fraction, list[tuple[poly.Poly, int]]]:
    return factor(dict(items))


def square_part(p: poly.Poly) -> tuple[poly.Poly, poly.Poly]:
    """Return q and r with p = q**2 * r, r without square factors."""
    constant, factors = factor(p)
    square, rest = poly.ONE, poly.constant(constant)
    for q, exponent in factors:
        square = poly.multiply(square, poly.power(q, exponent // 2))
        rest = poly.multiply(rest, poly.power(q, exponent % 2))
    return square, rest


def charts_text(p: poly.Poly) -> str:
    """Print a polynomial, also in indexed generators, in the grammar."""
    plain: poly.Poly = {}
    for monomial, coefficient in p.items():
        words = []
        for g, e in monomial:
            if isinstance(g, str):
                word = g
            elif g[0] == "power-sum":
                word = f"sum(i:{g[1]}, " + "*".join(f"{f}[i]**{k}" for f, k in g[2]) + ")"
            elif g[0] == "delta":
                word = f"delta({g[1]},{g[2]})"
            else:
                word = f"{g[0]}[{g[1]}]"
            words.append((word, e))
        plain[tuple(words)] = coefficient
    return text(plain)
