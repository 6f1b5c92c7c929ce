"""Axiom schemas for sine, cosine and tangent."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from checks.checker.goal import ZERO
from checks.checker.grammar import Node
from checks.checker.kinds.schemas import Known, Schema, call, either, law, order_of, series


def _quarter(name: str, first: int) -> Schema:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """sin(x) is 0, 1, 0, -1 and cos(x) is 1, 0, -1, 0 where x == n pi/2 and n = 0, 1, 2, 3 modulo 4."""
        (n,) = orders
        return law("x", f"x == {n}*pi/2", f"{name}(x) == {(0, 1, 0, -1)[(n + first) % 4]}")(terms, orders)

    return schema


def _half_turn(name: str, first: int) -> Schema:
    """sin(x) >= 0 on [0, pi], cos(x) >= 0 on [-pi/2, pi/2] (order 1); > 0 inside (order 2)."""
    closed, inside = (
        law("x", f"x {more} {first}*pi/2", f"x {less} {first + 2}*pi/2", f"{name}(x) {more} 0")
        for more, less in ((">=", "<="), (">", "<"))
    )
    return either(closed, inside)


def _alternating(name: str, first: int) -> Schema:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """The Taylor polynomial with n terms at 0 lies above for odd n, below for even n, where x >= 0."""
        (x,), n = terms, order_of(orders)
        coefficients = [Fraction(0)] * (first + 2 * n - 1)
        for k in range(n):
            coefficients[first + 2 * k] = Fraction((-1) ** k, factorial(first + 2 * k))
        return [(x, ">=", ZERO)], (call(name, x), "<=" if n % 2 else ">=", series(x, coefficients))

    return schema


SCHEMAS: dict[str, Schema] = {
    "circle": law("x", "sin(x)**2 + cos(x)**2 == 1"),
    "sin-quarter": _quarter("sin", 0),
    "cos-quarter": _quarter("cos", 1),
    "sin-half-turn": _half_turn("sin", 0),
    "cos-half-turn": _half_turn("cos", -1),
    "tangent": law("x", "cos(x) != 0", "tan(x)*cos(x) == sin(x)"),
    "sin-sum": law("u v w", "u == v + w", "sin(u) == sin(v)*cos(w) + cos(v)*sin(w)"),
    "cos-sum": law("u v w", "u == v + w", "cos(u) == cos(v)*cos(w) - sin(v)*sin(w)"),
    "sin-series": _alternating("sin", 1),
    "cos-series": _alternating("cos", 0),
}
