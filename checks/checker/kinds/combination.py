"""A Handelman or sum-of-squares certificate: the goal is a sum of products of what is known to be nonnegative.

The certificate's ``terms`` are ``coefficient * product of hypotheses * product of squares`` with nonnegative
coefficients; equalities among the hypotheses may carry any multiplier.  A strict goal names a term all of whose
factors are strictly positive hypotheses (or a positive constant).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, chosen, fraction


def verify(p: poly.Poly, sign: str, goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Accept when p equals the sum of the terms.

    Raises
    ------
    Rejected
        When a coefficient is negative, a factor is no hypothesis, or the sum is not p.
    """
    facts = goal.facts()
    total: poly.Poly = {}
    strict = False
    for term in certificate["terms"]:
        coefficient = fraction(term["coefficient"])
        product = poly.constant(coefficient)
        positive, equal = coefficient > 0, False
        for position in term.get("facts", ()):
            fact, relation = chosen(facts, position)
            if relation == "!=":
                raise Rejected("a hypothesis of the form != has no sign")
            equal = equal or relation == "=="
            positive = positive and relation == ">"
            product = poly.multiply(product, fact)
        for text in term.get("squares", ()):
            q = goal.polynomial(text)
            product, positive = poly.multiply(product, poly.multiply(q, q)), False
        if "multiplier" in term:
            if not equal:
                raise Rejected("a free multiplier on a term without an equality")
            product = poly.multiply(product, goal.polynomial(term["multiplier"]))
        if coefficient < 0 and not equal:
            raise Rejected("a negative coefficient")
        strict = strict or (positive and not equal and "multiplier" not in term)
        total = poly.add(total, product)
    if total != p:
        raise Rejected("the terms do not sum to the goal")
    if sign == ">" and not strict:
        raise Rejected("no term is strictly positive")
