"""Axiom schemas for sine, cosine and tangent."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from checks.checker.goal import ONE, ZERO
from checks.checker.grammar import Node
from checks.checker.kinds.schemas import Known, Schema, call, number, order_of, series


def circle(terms: list[Node], orders: list[int]) -> Known:
    """sin(x)**2 + cos(x)**2 == 1."""
    (x,), two = terms, number(2)
    return [], (("+", ("**", call("sin", x), two), ("**", call("cos", x), two)), "==", ONE)


def _right_angles(n: int) -> Node:
    return ("/", ("*", number(n), call("pi")), number(2))


def _quarter(name: str, first: int) -> Schema:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """sin(x) is 0, 1, 0, -1 and cos(x) is 1, 0, -1, 0 where x == n pi/2 and n = 0, 1, 2, 3 modulo 4."""
        (x,), (n,) = terms, orders
        return [(x, "==", _right_angles(n))], (call(name, x), "==", number((0, 1, 0, -1)[(n + first) % 4]))

    return schema


def _half_turn(name: str, first: int) -> Schema:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """sin(x) >= 0 on [0, pi], cos(x) >= 0 on [-pi/2, pi/2] (order 1); > 0 inside (order 2)."""
        (x,), n = terms, order_of(orders)
        less, more = ("<", ">") if n == 2 else ("<=", ">=")
        ends = [(x, more, _right_angles(first)), (x, less, _right_angles(first + 2))]
        return ends, (call(name, x), more, ZERO)

    return schema


def tangent(terms: list[Node], orders: list[int]) -> Known:
    """tan(x) cos(x) == sin(x) where cos(x) != 0."""
    (x,) = terms
    return [(call("cos", x), "!=", ZERO)], (("*", call("tan", x), call("cos", x)), "==", call("sin", x))


def sine_sum(terms: list[Node], orders: list[int]) -> Known:
    """sin(u) == sin(v) cos(w) + cos(v) sin(w) where u == v + w."""
    u, v, w = terms
    total: Node = ("+", ("*", call("sin", v), call("cos", w)), ("*", call("cos", v), call("sin", w)))
    return [(u, "==", ("+", v, w))], (call("sin", u), "==", total)


def cosine_sum(terms: list[Node], orders: list[int]) -> Known:
    """cos(u) == cos(v) cos(w) - sin(v) sin(w) where u == v + w."""
    u, v, w = terms
    total: Node = ("-", ("*", call("cos", v), call("cos", w)), ("*", call("sin", v), call("sin", w)))
    return [(u, "==", ("+", v, w))], (call("cos", u), "==", total)


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
    "circle": circle,
    "sin-quarter": _quarter("sin", 0),
    "cos-quarter": _quarter("cos", 1),
    "sin-half-turn": _half_turn("sin", 0),
    "cos-half-turn": _half_turn("cos", -1),
    "tangent": tangent,
    "sin-sum": sine_sum,
    "cos-sum": cosine_sum,
    "sin-series": _alternating("sin", 1),
    "cos-series": _alternating("cos", 0),
}
