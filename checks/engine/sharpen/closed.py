"""Thresholds in closed form: numbers such as log(2), exp(-1) or pi/4, given by an expression of the claim grammar.

Their interval is an enclosure by ball arithmetic, so that a comparison with a rational number is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp

from checks.checker.grammar import Node, parse
from checks.engine.sharpen.fractions import simplest

FUNCTIONS = {name: getattr(mp, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan")}
MOST_BITS = 4096


@dataclass(frozen=True)
class Closed:
    """The number that an expression without names stands for, in [low, high]."""

    expression: str
    low: Fraction
    high: Fraction

    polynomial: tuple[int, ...] = ()
    is_rational = False

    @classmethod
    def read(cls, expression: str) -> Closed:
        """Return the number of an expression.

        Raises
        ------
        ValueError
            When the expression has no value.
        """
        return cls(expression, Fraction(0), Fraction(1)).within(Fraction(1, 1000))

    def within(self, width: Fraction) -> Closed:
        """Return the same number with a narrower interval."""
        if self.high - self.low <= width:
            return self
        low, high = enclosure(self.expression, width / 4)
        return Closed(self.expression, simplest(low - width / 4, low), simplest(high, high + width / 4))

    def __float__(self) -> float:
        near = self.within(Fraction(1, 10**18))
        return float((near.low + near.high) / 2)

    def value(self, name: str) -> str:
        """Return the expression."""
        return self.expression


def enclosure(expression: str, width: Fraction) -> tuple[Fraction, Fraction]:
    """Return rational numbers at most ``width`` apart with the value of an expression between them.

    Raises
    ------
    ValueError
        When the expression has no value, or one that is not found to that width.
    """
    import flint

    node = parse(expression)
    bits = 64
    while bits <= MOST_BITS:
        with flint.ctx.workprec(bits):
            ball = _ball(node)
            if ball.is_finite():
                low, high = _fraction(ball.lower()), _fraction(ball.upper())
                if high - low <= width:
                    return low, high
        bits *= 2
    raise ValueError(f"{expression} has no value to within {width}")


def _fraction(exact: Any) -> Fraction:
    q = exact.fmpq()
    return Fraction(int(q.p), int(q.q))


def _ball(node: Node) -> Any:
    import flint

    kind = node[0]
    if kind == "number":
        return flint.arb(flint.fmpq(node[1].numerator, node[1].denominator))
    if kind == "call":
        if node[1] == "pi":
            return flint.arb.pi()
        if node[1] not in FUNCTIONS:
            raise ValueError(f"{node[1]} in a closed form")
        return getattr(_ball(node[2][0]), node[1])()
    if kind not in ("+", "-", "*", "/", "**"):
        raise ValueError(f"{kind} in a closed form")
    a, b = _ball(node[1]), _ball(node[2])
    if kind == "**":
        return a**b
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


class Undefined(ArithmeticError):
    """A term has no real value at a point."""


def value(node: Node, at: Mapping[str, mp.mpf]) -> mp.mpf:
    """Return the value of an expression at a point, at the working precision of mpmath.

    Raises
    ------
    Undefined
        When it has none.
    """
    kind = node[0]
    if kind == "number":
        return mp.mpf(node[1].numerator) / node[1].denominator
    if kind == "name":
        return at[node[1]]
    if kind == "call":
        return _call(node[1], [value(part, at) for part in node[2]])
    if kind not in ("+", "-", "*", "/", "**"):
        raise Undefined(kind)
    a, b = value(node[1], at), value(node[2], at)
    if kind == "/" and not b:
        raise Undefined("division by zero")
    if kind == "**" and ((a < 0 and not mp.isint(b)) or (not a and b < 0)):
        raise Undefined("a power")
    if kind == "**" and abs(b) * abs(mp.mag(a) if a else 0) > 10**6:
        raise Undefined("a large power")
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "**": lambda: a**b}[kind]()


def _call(name: str, x: list[mp.mpf]) -> mp.mpf:
    if name == "pi":
        return +mp.pi
    if name in ("min", "max", "abs"):
        return abs(x[0]) if name == "abs" else min(x) if name == "min" else max(x)
    if (name == "sqrt" and x[0] < 0) or (name == "log" and x[0] <= 0) or (name == "exp" and x[0] > 10**6):
        raise Undefined(name)
    return FUNCTIONS[name](x[0])
