"""Sign of a function of one variable built from a rational function and logarithms, by its derivative.

``f = P + sum q_i log(R_i)`` with rational constants q_i satisfies f >= 0 on the interval when f at the anchoring end is
>= 0 and f' (a rational function) has the sign that carries it inwards; f > 0 inside when f' is strictly signed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, fraction, same_up_to_scale
from checks.checker.grammar import Node
from checks.checker.kinds.sign import Prove, denominator_sign

Terms = list[tuple[Fraction, Node]]


def verify(goal: Goal, certificate: Mapping[str, Any], prove: Prove) -> None:
    """Accept ``left sign right`` (one variable, logarithms with constant factors).

    Raises
    ------
    Rejected
        When an argument of a logarithm is not positive, the anchor has the wrong sign, or the derivative has.
    """
    name, domain = certificate["variable"], goal
    if goal.squared:
        raise Rejected("a monotone certificate in squares")
    anchor, inward = fraction(certificate["anchor"]), int(certificate["inward"])
    goal = path(domain, name, anchor, inward)
    big, small = (goal.right, goal.left) if goal.sign in ("<", "<=") else (goal.left, goal.right)
    if goal.sign not in ("<", "<=", ">", ">="):
        raise Rejected("only inequalities have a monotone certificate")
    rational, logs = _collect(("-", big, small), Fraction(1))
    slope_top: poly.Poly = {}
    slope_bottom = poly.ONE
    defined = list(certificate["defined"])
    for coefficient, node in rational:
        top, bottom = poly.ratio(node, goal.context)
        if not (poly.generators(top) | poly.generators(bottom)) <= {name}:
            raise Rejected("the certificate covers one variable only")
        slope_top, slope_bottom = _plus((slope_top, slope_bottom), _slope(top, bottom, name), coefficient)
        if set(bottom) != {()}:
            denominator_sign(bottom, goal, defined.pop(0), prove)
    for (coefficient, node), inside in zip(logs, certificate["arguments"], strict=True):
        top, bottom = poly.ratio(node, goal.context)
        if not (poly.generators(top) | poly.generators(bottom)) <= {name}:
            raise Rejected("the certificate covers one variable only")
        sign = denominator_sign(bottom, goal, inside, prove)
        prove(poly.multiply(top, poly.constant(sign)), ">", goal, inside["positive"])
        # (log(top/bottom))' = top'/top - bottom'/bottom
        for p, factor in ((top, coefficient), (bottom, -coefficient)):
            if p is top or set(p) != {()}:
                slope_top, slope_bottom = _plus((slope_top, slope_bottom), (poly.scalar_derivative(p, name), p), factor)
    wanted = poly.add(poly.generator(name), poly.constant(anchor), -1)
    wanted = poly.multiply(wanted, poly.constant(inward))
    known = [relation for fact, relation in domain.facts() if same_up_to_scale(fact, wanted)]
    ends = [relation for relation in known if relation in (">", ">=")]
    if not ends or inward not in (1, -1):
        raise Rejected("the anchor is no end of the interval")
    strict = goal.sign in ("<", ">")
    low = pointwise.number(("-", big, small), pointwise.Point({name: anchor}))[0]
    if low < 0 or (strict and ">" not in ends and low <= 0):
        raise Rejected("the anchor has the wrong sign")
    bottom_sign = denominator_sign(slope_bottom, goal, certificate["slope"], prove)
    if not bottom_sign:
        raise Rejected("the sign of the slope's denominator is not known")
    signed = poly.multiply(slope_top, poly.constant(bottom_sign * inward))
    prove(signed, ">" if strict and low == 0 else ">=", goal, certificate["slope"]["by"])


def path(goal: Goal, name: str, anchor: Fraction, inward: int) -> Goal:
    """Return the goal on the way from the anchor to a point of the domain.

    Every point of that way lies strictly inside the anchor and keeps the bounds on the far side; nothing else that
    the hypotheses say about the end of the way holds before it.  Hypotheses keep their positions.
    """
    nothing = (("number", Fraction(0)), "==", ("number", Fraction(0)))
    kept = []
    for a, sign, b in goal.given:
        facts = replace(goal, given=((a, sign, b),)).facts()
        if not facts:
            continue
        fact, relation = facts[0]
        slope = inward * fact.get(((name, 1),), Fraction(0))
        if relation not in (">", ">=") or set(fact) - {(), ((name, 1),)} or not slope:
            kept.append(nothing)
        elif slope < 0:
            kept.append((a, sign, b))
        else:
            implied = poly.evaluate(fact, {name: anchor}) >= 0
            kept.append((a, sign.rstrip("="), b) if implied else nothing)
    return replace(goal, given=tuple(kept))


def _collect(node: Node, scale: Fraction) -> tuple[Terms, Terms]:
    if node[0] in ("+", "-"):
        left = _collect(node[1], scale)
        right = _collect(node[2], scale if node[0] == "+" else -scale)
        return left[0] + right[0], left[1] + right[1]
    if node[0] == "call" and node[1] == "log":
        return [], [(scale, node[2][0])]
    if node[0] == "*":
        for factor, other in ((node[1], node[2]), (node[2], node[1])):
            try:
                value = poly.ratio(factor, poly.Context())
            except poly.NotRational:
                continue
            if set(value[0]) <= {()} and value[1] == poly.ONE:
                return _collect(other, scale * value[0].get((), Fraction(0)))
    if node[0] == "/" and node[2][0] == "number" and node[2][1]:
        return _collect(node[1], scale / node[2][1])
    return [(scale, node)], []


def _slope(top: poly.Poly, bottom: poly.Poly, name: str) -> poly.Ratio:
    if set(bottom) == {()}:
        return poly.multiply(poly.scalar_derivative(top, name), poly.constant(1 / bottom[()])), poly.ONE
    rise = poly.multiply(poly.scalar_derivative(top, name), bottom)
    return poly.add(rise, poly.multiply(top, poly.scalar_derivative(bottom, name)), -1), poly.multiply(bottom, bottom)


def _plus(a: poly.Ratio, b: poly.Ratio, scale: Fraction) -> poly.Ratio:
    if a[1] == b[1]:
        return poly.add(a[0], b[0], scale), a[1]
    return poly.add(poly.multiply(a[0], b[1]), poly.multiply(b[0], a[1]), scale), poly.multiply(a[1], b[1])
