"""Rules that bring hypotheses into a form that sign certificates can use.

``clear`` multiplies out a denominator of known sign, ``substitute`` eliminates a variable by an equality that is
linear in it, ``squares`` lets a variable stand for its own square, ``change`` changes a variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, Rejected, Relation, chosen, comparison
from checks.checker.grammar import holds_kind, names, substitute


def clear(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Multiply out the denominator of a hypothesis: positive (``sign`` 1), negative (-1), or of an equality.

    With ``sign`` 0 the hypothesis is multiplied by the square of its denominator, which is not zero where it holds.
    """
    a, relation, b = chosen(goal.given, certificate["given"])
    top, bottom = poly.ratio(("-", a, b), goal.context)
    sign = int(certificate.get("sign", 0))
    if relation in ("==", "!=") or not sign:
        # an empty sum is defined whatever its terms are
        if any(holds_kind(side, ("sum", "diff", "taylor")) for side in (a, b)):
            raise Rejected("a sum with denominators")
        whole = top if relation in ("==", "!=") else poly.multiply(top, bottom)
        return [goal.assuming(comparison(poly.node(whole), relation, ZERO))]
    sign = 1 if sign > 0 else -1
    positive = goal.showing(poly.node(poly.multiply(bottom, poly.constant(sign))), ">", ZERO)
    cleared = comparison(poly.node(poly.multiply(top, poly.constant(sign))), relation, ZERO)
    return [positive, goal.assuming(positive.conclusion, cleared)]


def divide(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Divide a hypothesis by a positive factor (one that is not zero, for an equality; any, for ``!=``)."""
    fact, relation = chosen(goal.facts(), certificate["fact"])
    factor, rest = goal.read(certificate["factor"]), goal.read(certificate["to"])
    if poly.multiply(poly.whole(factor, goal.context), poly.whole(rest, goal.context)) != fact:
        raise Rejected("the hypothesis is not that product")
    needed = {"==": "!=", "!=": ""}.get(relation, ">")
    shown = [goal.showing(factor, needed, ZERO)] if needed else []
    return [*shown, goal.assuming(comparison(rest, relation, ZERO))]


def linear(fact: poly.Poly, variable: str) -> tuple[poly.Poly, poly.Poly]:
    """Return q and r with fact = q * variable + r.

    Raises
    ------
    Rejected
        When the fact is not linear in the variable, or does not contain it.
    """
    parts = poly.powers(fact, variable)
    if max(parts, default=0) != 1:
        raise Rejected(f"the hypothesis is not linear in {variable}")
    return parts[1], parts.get(0, {})


def by_equality(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Eliminate a variable that an equality ``q * variable + r == 0`` gives, with q shown not to be zero."""
    variable = goal.scalar(certificate["variable"])
    fact, relation = chosen(goal.facts(), certificate["fact"])
    if relation != "==":
        raise Rejected(f"the hypothesis does not give {variable}")
    slope, rest = linear(fact, variable)
    shown = []
    if set(slope) == {()}:
        value = poly.node(poly.multiply(rest, poly.constant(-1 / slope[()])))
    else:
        value = ("/", poly.node(poly.multiply(rest, poly.constant(-1))), poly.node(slope))
        shown = [goal.showing(poly.node(slope), "!=", ZERO)]
    return [*shown, goal.put(variable, value)]


def squares(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Let each variable stand for its own square, which is nonnegative; hypotheses with odd powers are dropped."""
    variables = frozenset(goal.scalar(name) for name in certificate["variables"])
    top, bottom = (halved(p, variables) for p in goal.difference())
    given: list[Relation] = []
    for fact, sign in goal.facts():
        try:
            given.append((poly.node(halved(fact, variables)), sign, ZERO))
        except OddPower:
            continue
    given += [(("name", name), ">=", ZERO) for name in sorted(variables)]
    left, sign = ("/", poly.node(top), poly.node(bottom)), goal.sign
    shown = comparison(left, {"<": ">", "<=": ">="}.get(sign, sign), ZERO)
    return [replace(goal, conclusion=shown, given=tuple(given), either=(), integers=goal.integers - variables)]


class OddPower(Rejected):
    """A variable that should stand for its square occurs to an odd power."""


def halved(p: poly.Poly, variables: Iterable[str]) -> poly.Poly:
    """Return p with every ``x**(2k)`` of the given variables written as ``x**k``.

    Raises
    ------
    OddPower
        When one of them occurs to an odd power.
    """
    result: poly.Poly = {}
    for monomial, coefficient in p.items():
        if any(g in variables and e % 2 for g, e in monomial):
            raise OddPower("a variable occurs to an odd power")
        result[tuple((g, e // 2 if g in variables else e) for g, e in monomial)] = coefficient
    return result


def change(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Change a variable: x = value(t) for a new name t, after showing x == value(inverse(x))."""
    variable, name = goal.scalar(certificate["variable"]), goal.fresh(certificate["as"])
    value, inverse = goal.read(certificate["value"]), goal.term(certificate["inverse"])
    if variable in names(value) or not names(value) <= goal.names | {name}:
        raise Rejected("the new value mentions the old variable, or a name that nothing binds")
    onto = goal.showing(("name", variable), "==", substitute(value, {name: inverse}))
    return [onto, goal.put(variable, value)]


RULES = {"clear": clear, "divide": divide, "substitute": by_equality, "squares": squares, "change": change}
