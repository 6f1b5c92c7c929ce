"""Propose a certificate for one goal: functions and equalities taken out first, then identities, signs, logarithms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected
from checks.checker.grammar import names
from checks.checker.kinds import cases
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.logarithms import prove_log
from checks.engine.signs import denominator, prove

__all__ = ["Budget", "Certificate", "NotFound", "prove_goal"]


def prove_goal(goal: Goal, budget: Budget, hint: Mapping[str, Any] | None = None) -> Certificate:
    """Find a certificate that the checker's ``prove_goal`` accepts.

    Raises
    ------
    NotFound
        When none of the methods succeeds.
    """
    if not _names(goal) and not goal.context.indices and not _indexed(goal):
        try:
            if pointwise.holds(("compare", (goal.sign,), (goal.left, goal.right)), pointwise.Point({})) is True:
                return {"kind": "numbers"}
        except (ArithmeticError, ValueError) as error:
            raise NotFound(f"the enclosures of the two numbers do not decide: {error}") from error
        raise NotFound("the comparison of numbers does not hold")
    taken = _without_functions(goal, budget) or _by_substitution(goal, budget)
    if taken is not None:
        return taken
    try:
        top, bottom = goal.difference()
    except poly.NotRational as error:
        try:
            return prove_log(goal, budget)
        except NotFound as inner:
            raise NotFound(f"{error}; {inner}") from inner
    even = even_variables(goal, top, bottom)
    if even and goal.sign != "==":
        return {"kind": "squares", "variables": sorted(even), "by": prove_goal(goal.with_squares(even), budget)}
    certificate: Certificate = {}
    sign = 1 if bottom.get((), Fraction(1)) > 0 else -1
    if set(bottom) != {()}:
        certificate["denominator"], sign = denominator(bottom, goal, budget)
    if goal.sign == "==":
        if top:
            below, above = replace(goal, sign="<="), replace(goal, sign=">=")
            try:
                return {"kind": "both", "below": prove_goal(below, budget), "above": prove_goal(above, budget)}
            except NotFound as error:
                raise NotFound("the two normal forms differ") from error
        return {"kind": "identity", **certificate}
    if goal.sign == "!=":
        for side in (1, -1):
            try:
                return {
                    **prove(poly.multiply(top, poly.constant(side)), ">", goal, budget),
                    "side": side,
                    **certificate,
                }
            except NotFound:
                continue
        raise NotFound("neither sign of the difference was proved")
    if sign == 0:
        raise NotFound("the sign of the denominator is not known")
    p = poly.multiply(top, poly.constant(sign))
    return {**prove(p, ">" if goal.sign in ("<", ">") else ">=", goal, budget), **certificate}


def _without_functions(goal: Goal, budget: Budget) -> Certificate | None:
    """Take absolute values, minima, maxima and roots out of a goal, where there are some."""
    if goal.squared or goal.eliminated:
        return None
    try:
        yes, no = cases.branches(goal)
    except Rejected:
        pass
    else:
        return {"kind": "cases", "yes": prove_goal(yes, budget), "no": prove_goal(no, budget)}
    name = next(f"root{i}" for i in range(1, 99) if f"root{i}" not in _names(goal))
    try:
        defined, rest = cases.rooted(goal, name)
    except Rejected:
        return None
    return {"kind": "root", "name": name, "defined": prove_goal(defined, budget), "by": prove_goal(rest, budget)}


def _names(goal: Goal) -> set[str]:
    found = names(goal.left) | names(goal.right)
    for a, _, b in goal.given:
        found |= names(a) | names(b)
    return found


def _indexed(goal: Goal) -> bool:
    """Return whether a goal speaks of entries or sums, which are no numbers."""
    try:
        top, bottom = goal.difference()
    except (poly.NotRational, Rejected, ValueError):
        return bool(goal.context.atoms)
    return bool(poly.generators(top) | poly.generators(bottom)) or bool(goal.context.atoms)


def _by_substitution(goal: Goal, budget: Budget) -> Certificate | None:
    """Eliminate a variable that an equality among the hypotheses gives as a polynomial in the others."""
    try:
        top, bottom = goal.difference()
    except (poly.NotRational, Rejected):
        return None
    if goal.sign == "==" and not top:
        return None
    used = {g for p in (top, bottom, *(fact for fact, _ in goal.facts())) for g in poly.generators(p)}
    for position, (fact, relation) in enumerate(goal.facts()):
        if relation != "==" or not fact:
            continue
        for variable in sorted(str(g) for g in poly.generators(fact) if isinstance(g, str) and g in used):
            try:
                smaller = goal.without(variable, position)
            except Rejected:
                continue
            return {"kind": "substitute", "variable": variable, "fact": position, "by": prove_goal(smaller, budget)}
    return None


def even_variables(goal: Goal, top: poly.Poly, bottom: poly.Poly) -> set[str]:
    """Return the variables that occur in even powers only, there and in every hypothesis that bounds them."""
    if goal.squared or goal.eliminated:
        return set()
    odd: set[Any] = set()
    seen: set[str] = set()
    for p in (top, bottom, *(fact for fact, _ in goal.facts())):
        for monomial in p:
            odd |= {g for g, e in monomial if e % 2}
            seen |= {g for g, e in monomial if isinstance(g, str)}
    return seen - odd
