"""Rules for names that range over the integers: bounds moved to integers, residues, induction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, gcd, lcm
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, ONE, Goal, Rejected, chosen, comparison, polynomial_fact
from checks.checker.grammar import Node, names, substitute

LARGEST_MODULUS = 64


def tighten(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Use that a polynomial with integer coefficients in integer names has integer values.

    The hypothesis ``given``, scaled to q + r with q such a polynomial of content 1, gives q > -r as q >= the next
    integer; an equality with r no integer contradicts itself.
    """
    found = polynomial_fact(chosen(goal.given, certificate["given"]), goal.context)
    if found is None or not poly.generators(found[0]) <= goal.integers:
        raise Rejected("the hypothesis is no polynomial in integer names")
    fact, relation = found
    moving = {m: v for m, v in fact.items() if m}
    if not moving or relation == "!=":
        raise Rejected("the hypothesis has nothing to tighten")
    scale = Fraction(lcm(*(v.denominator for v in moving.values())))
    scale /= gcd(*(int(v * scale) for v in moving.values()))
    rest = -scale * fact.get((), Fraction(0))
    if relation == "==":
        if rest.denominator == 1:
            raise Rejected("the equality may hold")
        return [goal.assuming(FALSE)]
    least = floor(rest) + 1 if relation == ">" else ceil(rest)
    value = poly.node(poly.multiply(moving, poly.constant(scale)))
    return [goal.assuming(comparison(value, ">=", poly.node(poly.constant(least))))]


def residue(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal for n = M k + r, with each remainder r = 0, ..., M - 1 and a new integer k."""
    variable, modulus = goal.scalar(certificate["variable"]), int(certificate["modulus"])
    new = goal.fresh(certificate["as"])
    if variable not in goal.integers or not 2 <= modulus <= LARGEST_MODULUS:
        raise Rejected("remainders are of integers, to a modulus from 2")
    multiple: Node = ("*", ("number", Fraction(modulus)), ("name", new))
    return [goal.put(variable, ("+", multiple, ("number", Fraction(r))), new) for r in range(modulus)]


def induct(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal for all integers n >= ``start``: at the start, and at n + 1 where it holds at n.

    The hypotheses that mention n serve only to show n >= start.
    """
    variable, start = goal.scalar(certificate["variable"]), int(certificate["start"])
    if variable not in goal.integers:
        raise Rejected("induction is on an integer name")
    name, first = ("name", variable), poly.node(poly.constant(start))
    given = tuple(entry for entry in goal.given if variable not in names(entry[0]) | names(entry[2]))
    either = tuple(node for node in goal.either if variable not in names(node))
    free = replace(goal, given=given, either=either)
    step = free.assuming(comparison(name, ">=", first), goal.conclusion)
    later: Node = ("+", name, ONE)
    return [
        goal.showing(name, ">=", first),
        free.put(variable, first),
        replace(step, conclusion=substitute(goal.conclusion, {variable: later})),
    ]


def pinned(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal for each integer from ``low`` to ``high``, after showing that a name lies between them."""
    variable, low, high = goal.scalar(certificate["variable"]), int(certificate["low"]), int(certificate["high"])
    if variable not in goal.integers or high - low > 4 * LARGEST_MODULUS:
        raise Rejected("a list of cases is for an integer name, and short")
    ends = [goal.showing(("name", variable), ">=", poly.node(poly.constant(low)))]
    ends += [goal.showing(("name", variable), "<=", poly.node(poly.constant(high)))]
    return [*ends, *(goal.put(variable, poly.node(poly.constant(value))) for value in range(low, high + 1))]


def descend(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show that no integers v_1, ..., v_k (``variables``) satisfy the hypotheses, by infinite descent.

    Let S be the set of integer vectors v that satisfy them, all other names fixed.  If v_j != 0 on S (``nonzero``), if
    every v in S is p w with an integer vector w (each remainder of each name but zero is refuted, the names before it
    being multiples), and if that w lies in S again, then S is empty: |v_j| would decrease for ever.
    """
    variables = [goal.scalar(name) for name in certificate["variables"]]
    new = [goal.fresh(name) for name in certificate["as"]]
    divisor = int(certificate["modulus"])
    if goal.conclusion != FALSE or not variables or not set(variables) <= goal.integers:
        raise Rejected("a descent is on integer names, to a contradiction")
    if len({*variables, *new}) != 2 * len(variables) or len(new) != len(variables):
        raise Rejected("each name needs a new one of its own")
    if not 2 <= divisor <= LARGEST_MODULUS:
        raise Rejected("the names are divided by a number from 2")
    if certificate["nonzero"] not in variables:
        raise Rejected("the name that is not zero is none of them")
    found = [goal.showing(("name", certificate["nonzero"]), "!=", poly.node({}))]
    here = goal
    for old, name in zip(variables, new, strict=True):
        multiple: Node = ("*", ("number", Fraction(divisor)), ("name", name))
        found += [here.put(old, ("+", multiple, ("number", Fraction(r))), name) for r in range(1, divisor)]
        here = here.put(old, multiple, name)
    smaller: dict[str, Node] = {old: ("name", name) for old, name in zip(variables, new, strict=True)}
    for a, sign, b in goal.given:
        found.append(here.showing(substitute(a, smaller), sign, substitute(b, smaller)))
    return [*found, *(replace(here, conclusion=substitute(node, smaller)) for node in goal.either)]


RULES = {"descend": descend, "tighten": tighten, "residue": residue, "induct": induct, "pinned": pinned}
