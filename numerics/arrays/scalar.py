"""Functions of one number: a map's expression as a fixed sequence of operations, for every target."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol, TypeVar

import sympy as sp

from numerics.errors import LoweringError
from theory.derive.terms import T

V = TypeVar("V")
RELATIONS = {sp.Ge: ">=", sp.Gt: ">", sp.Le: "<=", sp.Lt: "<"}
FUNCTIONS = {sp.exp: "exp", sp.log: "log", sp.tanh: "tanh", sp.sin: "sin", sp.cos: "cos"}


class Operations(Protocol[V]):
    """What a target does with numbers of its own kind."""

    def constant(self, value: Fraction) -> V:
        """Return the number nearest to a rational."""

    def binary(self, sign: str, a: V, b: V) -> V:
        """Apply ``+ - * /``."""

    def call(self, name: str, a: V) -> V:
        """Apply ``sqrt`` or one of `FUNCTIONS`."""

    def select(self, relation: str, a: V, b: V, yes: V, no: V) -> V:
        """Return ``yes`` where ``a relation b``, else ``no``."""


def fold(expression: sp.Expr, value: V, operations: Operations[V]) -> V:
    """Evaluate an expression in `T`: sums and products from left to right, powers by repeated multiplication.

    Raises
    ------
    LoweringError
        For a function that the targets do not have.
    """
    if expression == T:
        return value
    if expression.is_Rational:
        return operations.constant(Fraction(int(expression.p), int(expression.q)))
    if isinstance(expression, (sp.Add, sp.Mul)):
        sign = "+" if isinstance(expression, sp.Add) else "*"
        parts = [fold(part, value, operations) for part in sorted(expression.args, key=sp.default_sort_key)]
        result = parts[0]
        for part in parts[1:]:
            result = operations.binary(sign, result, part)
        return result
    if isinstance(expression, sp.Pow):
        return _power(fold(expression.base, value, operations), expression, operations)
    if type(expression) in FUNCTIONS:
        return operations.call(FUNCTIONS[type(expression)], fold(expression.args[0], value, operations))
    if isinstance(expression, sp.Piecewise):
        return _cases(list(expression.args), expression, value, operations)
    raise LoweringError(
        f"the map {expression} has no operation on numbers; known: powers, {', '.join(FUNCTIONS.values())}"
    )


def _power(base: V, expression: sp.Pow, operations: Operations[V]) -> V:
    exponent = expression.exp
    if exponent in (sp.Rational(1, 2), sp.Rational(-1, 2)):
        result = operations.call("sqrt", base)
    elif exponent.is_Integer and exponent != 0:
        result = base
        for _ in range(abs(int(exponent)) - 1):
            result = operations.binary("*", result, base)
    else:
        raise LoweringError(f"the map {expression} has the exponent {exponent}; known are integers and 1/2")
    return operations.binary("/", operations.constant(Fraction(1)), result) if exponent.is_negative else result


def _cases(cases: list[tuple[sp.Expr, sp.Basic]], whole: sp.Expr, value: V, operations: Operations[V]) -> V:
    chosen, condition = cases[0]
    yes = fold(chosen, value, operations)
    if condition == sp.true or len(cases) == 1:
        return yes
    if type(condition) not in RELATIONS:
        raise LoweringError(f"the map {whole} has the condition {condition}; known are < <= > >=")
    sides = [fold(side, value, operations) for side in condition.args]
    return operations.select(
        RELATIONS[type(condition)], sides[0], sides[1], yes, _cases(cases[1:], whole, value, operations)
    )
