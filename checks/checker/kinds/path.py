"""A function that is right at one end of a path and grows along it is right at the other end.

``f >= 0`` at x follows from ``f(a) >= 0``, where a lies on one side of x, and from ``f' >= 0`` (``<= 0`` when a is
above x) strictly between: f is continuous on the closed path, where all its terms are shown to be defined, and
differentiable inside it, where the proof about f' shows that f' is defined.  The other variables stay fixed, and x
keeps its hypotheses: the point on the path has a name of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker.goal import ONE, ZERO, Goal, Rejected, comparison, constant
from checks.checker.grammar import Node, names, substitute
from checks.checker.kinds.functions import inside

TWO: Node = ("number", Fraction(2))


def grow(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show an inequality from its truth at ``from`` and the sign of a derivative along the path from there to x.

    ``inward`` is 1 when the path goes upwards to x.  A strict inequality comes from the start (``strict`` = "start")
    or from the derivative (``strict`` = "slope"; then the path is shown not to be a point).
    """
    variable, moving = goal.scalar(certificate["variable"]), goal.fresh(certificate["as"])
    start, upward = goal.term(certificate["from"]), int(certificate["inward"]) > 0
    if goal.sign not in ("<", "<=", ">", ">="):
        raise Rejected("only an inequality grows")
    function = goal.gap()
    if not smooth(function, variable):
        raise Rejected("the goal is not made of differentiable functions")
    strict = goal.sign in ("<", ">")
    by_slope = strict and certificate.get("strict") == "slope"
    here: Node = ("name", moving)
    end: Node = ("name", variable)
    low, high = (start, end) if upward else (end, start)
    along = substitute(function, {variable: here})
    closed = goal.assuming(comparison(low, "<=", here), comparison(here, "<=", high))
    opened = goal.assuming(comparison(low, "<", here), comparison(here, "<", high))
    slope = derivative(along, moving)
    return [
        goal.showing(low, "<" if by_slope else "<=", high),
        goal.showing(substitute(function, {variable: start}), ">" if strict and not by_slope else ">=", ZERO),
        *closed.defined(along),
        opened.showing(slope if upward else ("-", ZERO, slope), ">" if by_slope else ">=", ZERO),
    ]


def scale(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show f >= 0 (f > 0) by f == h g with h = ``factor`` > 0 and g = ``to`` >= 0 (> 0)."""
    factor, rest = goal.term(certificate["factor"]), goal.term(certificate["to"])
    if goal.sign not in ("<", "<=", ">", ">="):
        raise Rejected("only an inequality is scaled")
    sign = ">" if goal.sign in ("<", ">") else ">="
    equal = goal.showing(goal.gap(), "==", ("*", factor, rest))
    return [equal, goal.showing(factor, ">", ZERO), goal.showing(rest, sign, ZERO)]


def smooth(node: Node, name: str) -> bool:
    """Return whether an expression is differentiable in a name wherever it and its formal derivative are defined."""
    if name not in names(node) and node[0] not in ("sum", "diff", "taylor"):
        return True
    if node[0] == "call":
        return node[1] in ("exp", "log", "sqrt", "sin", "cos", "tan") and all(smooth(p, name) for p in node[2])
    if node[0] == "**" and constant(node[2]) is None:
        return False
    return node[0] in ("name", "+", "-", "*", "/", "**") and all(smooth(p, name) for p in inside(node))


def derivative(node: Node, name: str) -> Node:
    """Return the formal derivative of a smooth expression.

    It may be defined where the expression is not: that is shown apart.
    """
    if name not in names(node):
        return ZERO
    kind = node[0]
    if kind == "name":
        return ONE
    if kind == "call":
        (inner,) = node[2]
        slope = derivative(inner, name)
        if node[1] == "log":
            return quotient(slope, inner)
        outer = {
            "exp": node,
            "sqrt": ("/", ONE, ("*", TWO, node)),
            "sin": ("call", "cos", node[2]),
            "cos": ("-", ZERO, ("call", "sin", node[2])),
            "tan": ("+", ONE, ("**", node, TWO)),
        }[node[1]]
        return product(slope, outer)
    first, second = node[1], node[2]
    if kind == "**":
        exponent = constant(second)
        if exponent is None:
            raise Rejected("a power with a variable exponent")
        lower: Node = ONE if exponent == 1 else first if exponent == 2 else ("**", first, _number(exponent - 1))
        return product(product(_number(exponent), lower), derivative(first, name))
    a, b = derivative(first, name), derivative(second, name)
    if kind in ("+", "-"):
        return a if b == ZERO else b if a == ZERO and kind == "+" else (kind, a, b)
    if kind == "*":
        left, right = product(a, second), product(first, b)
        return left if right == ZERO else right if left == ZERO else ("+", left, right)
    if b == ZERO:
        return quotient(a, second)
    return quotient(("-", product(a, second), product(first, b)), ("**", second, TWO))


def product(a: Node, b: Node) -> Node:
    """Return a * b without factors 1 and 0."""
    return ZERO if ZERO in (a, b) else a if b == ONE else b if a == ONE else ("*", a, b)


def quotient(a: Node, b: Node) -> Node:
    """Return a / b, 0 where a is."""
    return ZERO if a == ZERO else ("/", a, b)


def _number(value: Fraction) -> Node:
    if value < 0:
        return ("-", ZERO, _number(-value))
    whole: Node = ("number", Fraction(value.numerator))
    return whole if value.denominator == 1 else ("/", whole, ("number", Fraction(value.denominator)))


RULES = {"grow": grow, "scale": scale}
