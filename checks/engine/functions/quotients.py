"""Inequalities that hold with equality at an end of the domain: divided by the distance from it, then by growth.

A concave f with f(a) = f(b) = 0 has f(x)/(x - a) decreasing to 0 at b.  The case x = a is taken apart first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, comparison
from checks.checker.grammar import Node, names
from checks.checker.kinds.path import derivative, smooth
from checks.engine.bernstein.chart import bounds, implied
from checks.engine.budget import Certificate, NotFound
from checks.engine.functions.atoms import Forms, Samples, positive_gap
from checks.engine.functions.growth import carried_out
from checks.engine.functions.plans import Plan, direction, starts
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, by_rule, leaves
from checks.engine.unparse import unparse

NEAR = 1e-9
MOST_TRIED = 3


def by_quotient(goal: Goal, prove: Prover) -> Certificate:
    """Prove f >= 0, zero at an end a of a variable's range, from the growth of f/(x - a)**k along a path.

    Raises
    ------
    NotFound
        Where no end has a zero, or no such quotient grows.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms, gap = Forms(goal), positive_gap(goal)
    reasons = ["no end of the domain at which both sides agree"]
    tried = 0
    for variable in sorted(names(gap) & goal.names):
        if not smooth(gap, variable):
            continue
        for end, closed in _zeros(goal, forms, gap, variable):
            inner = goal
            if closed:  # x == end is a case of its own
                at: Node = ("-", ("name", variable), end)
                inner = goal.assuming(comparison(at, "!=", ZERO))
            for plan in _plans(inner, forms, gap, variable, end):
                if tried == MOST_TRIED:
                    raise NotFound(reasons[-1])
                tried += 1
                try:
                    return _carried(goal, plan, end, closed, prove)
                except NotFound as error:
                    reasons.append(str(error))
    raise NotFound(reasons[-1])


def _zeros(goal: Goal, forms: Forms, gap: Node, variable: str) -> Iterator[tuple[Node, bool]]:
    """Yield ends of a variable's range at which the gap vanishes, with whether the range holds them."""
    samples = Samples(goal)
    for side in bounds(goal, variable, implied(goal)):
        for bound in side:
            end = forms.node(bound.value)
            if variable in names(end):
                continue
            value = samples.of(gap, {**samples.values, variable: samples.of(end)})
            if np.all(np.isfinite(value)) and np.all(np.abs(value) <= NEAR):
                yield end, not _excluded(goal, variable, end)


def _excluded(goal: Goal, variable: str, end: Node) -> bool:
    at = poly.ratio(("-", ("name", variable), end), goal.context)[0] if not _functions(end) else None
    x: Node = ("name", variable)
    if any(sign in ("<", ">") and {repr(a), repr(b)} == {repr(x), repr(end)} for a, sign, b in goal.given):
        return True
    return at is not None and any(
        relation == ">" and fact in (at, poly.multiply(at, poly.constant(-1))) for fact, relation in goal.facts()
    )


def _functions(node: Node) -> bool:
    return node[0] == "call" or any(_functions(p) for p in node[1:] if isinstance(p, tuple) and p)


def _plans(goal: Goal, forms: Forms, gap: Node, variable: str, end: Node) -> Iterator[Plan]:
    samples = Samples(goal)
    x: Node = ("name", variable)
    distance: Node = ("-", x, end) if np.all(samples.of(("-", x, end)) >= 0) else ("-", end, x)
    for power in (1, 2):
        divisor: Node = distance if power == 1 else ("**", distance, ("number", Fraction(power)))
        function: Node = ("/", gap, divisor)
        slope = derivative(function, variable)
        for start in starts(goal, forms, gap, variable, samples):
            found = direction(function, slope, variable, start, samples, goal.sign in ("<", ">"))
            if found is not None and found[0]:
                yield Plan(variable, start, found[0], divisor, function, found[1], ())


def _carried(goal: Goal, plan: Plan, end: Node, closed: bool, prove: Prover) -> Certificate:
    if not closed:
        return carried_out(goal, plan, prove)
    # x >= end gives x == end where end - x >= 0, and x > end elsewhere
    x: Node = ("name", plan.variable)
    above = np.all(Samples(goal).of(("-", x, end)) >= 0)
    at: Node = ("-", end, x) if above else ("-", x, end)
    wanted = leaves(goal, "split", at=unparse(at))
    proofs = [prove(inner) for inner in wanted[:-2]]
    proofs.append(_at_end(wanted[-2], x, end, prove))
    proofs.append(carried_out(wanted[-1], plan, prove))
    return {"kind": "split", "at": unparse(at), "by": proofs}


def _at_end(goal: Goal, x: Node, end: Node, prove: Prover) -> Certificate:
    """Prove a goal at one point of a variable."""

    def substituted(inner: Goal) -> Certificate:
        parameters = {"from": unparse(x), "to": unparse(end)}
        return by_rule(inner, prove, "rewrite", **parameters)

    show = unparse(comparison(x, "==", end)) if x[0] != "compare" else ""
    first, second = leaves(goal, "lemma", show=show)
    return {"kind": "lemma", "show": show, "by": [by_rule(first, prove, "both"), substituted(second)]}


def by_reflection(goal: Goal, prove: Prover) -> Certificate:
    """Prove a goal with a variable x = -t: what tends to its limit at infinity may be started from the other side.

    Raises
    ------
    NotFound
        Where every variable has hypotheses on it, or was reflected before.
    """
    for variable in sorted(names(goal.conclusion) - goal.integers):
        if variable.startswith("mirror") or any(variable in names(a) | names(b) for a, _, b in goal.given):
            continue
        fresh = new_name(replace(goal), "mirror")
        value, inverse = unparse(("-", ZERO, ("name", fresh))), unparse(("-", ZERO, ("name", variable)))
        return by_rule(goal, prove, "change", variable=variable, value=value, inverse=inverse, **{"as": fresh})
    raise NotFound("")
