"""Propose certificates for inequalities in one variable with logarithms: anchor at an end, sign of the derivative."""

from __future__ import annotations

from fractions import Fraction

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.checker.grammar import Node
from checks.checker.kinds import log_monotone
from checks.engine import chart as charts
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.signs import denominator, prove


def prove_log(goal: Goal, budget: Budget) -> Certificate:
    """Find a ``log-monotone`` certificate.

    Raises
    ------
    NotFound
        When the goal has another shape, or no end of the interval anchors it.
    """
    big, small = (goal.right, goal.left) if goal.sign in ("<", "<=") else (goal.left, goal.right)
    if goal.sign not in ("<", "<=", ">", ">="):
        raise NotFound("no method for this relation between functions that are not rational")
    difference: Node = ("-", big, small)
    rational, logs = log_monotone._collect(difference, Fraction(1))
    try:
        slope, defined, arguments, name = _derivative(goal, rational, logs, budget)
    except poly.NotRational as error:
        raise NotFound(str(error)) from error
    lows, highs = charts.bounds(goal, name)
    ends = [(x.value.get((), Fraction(0)), 1) for x in lows if set(x.value) <= {()}] + [
        (x.value.get((), Fraction(0)), -1) for x in highs if set(x.value) <= {()}
    ]
    reasons = []
    for anchor, inward in ends:
        try:
            low = pointwise.number(difference, pointwise.Point({name: anchor}))[0]
        except (pointwise.Undefined, pointwise.Unknown):
            continue
        if low < 0:
            reasons.append(f"the difference is negative at {anchor}")
            continue
        try:
            certificate, sign = ({"factors": []}, 1) if slope[1] == poly.ONE else denominator(slope[1], goal, budget)
            signed = poly.multiply(slope[0], poly.constant(sign * inward))
            strict = goal.sign in ("<", ">") and low == 0
            by = prove(signed, ">" if strict else ">=", goal, budget)
        except NotFound as error:
            reasons.append(str(error))
            continue
        return {
            "kind": "log-monotone",
            "variable": name,
            "anchor": str(anchor),
            "inward": inward,
            "defined": defined,
            "arguments": arguments,
            "slope": {**certificate, "by": by},
        }
    raise NotFound("no end of the interval anchors a monotone certificate: " + ("; ".join(reasons) or "no closed ends"))


def _derivative(
    goal: Goal, rational: log_monotone.Terms, logs: log_monotone.Terms, budget: Budget
) -> tuple[poly.Ratio, list[Certificate], list[Certificate], str]:
    slope: poly.Ratio = ({}, poly.ONE)
    names: set[str] = set()
    pairs = [(q, poly.ratio(node, goal.context)) for q, node in rational]
    inside = [(q, poly.ratio(node, goal.context)) for q, node in logs]
    for _, (top, bottom) in pairs + inside:
        names |= {str(g) for g in poly.generators(top) | poly.generators(bottom)}
    if len(names) != 1:
        raise NotFound(f"logarithms in {len(names)} variables ({', '.join(sorted(names))})")
    (name,) = names
    defined = []
    for q, (top, bottom) in pairs:
        slope = log_monotone._plus(slope, log_monotone._slope(top, bottom, name), q)
        if set(bottom) != {()}:
            defined.append(denominator(bottom, goal, budget)[0])
    arguments = []
    for q, (top, bottom) in inside:
        entry, sign = ({"factors": []}, 1) if set(bottom) == {()} else denominator(bottom, goal, budget)
        if set(bottom) == {()} and bottom[()] < 0:
            sign = -1
        entry["positive"] = prove(poly.multiply(top, poly.constant(sign)), ">", goal, budget)
        arguments.append(entry)
        slope = log_monotone._plus(slope, (poly.scalar_derivative(top, name), top), q)
        if set(bottom) != {()}:
            slope = log_monotone._plus(slope, (poly.scalar_derivative(bottom, name), bottom), -q)
    return slope, defined, arguments, name
