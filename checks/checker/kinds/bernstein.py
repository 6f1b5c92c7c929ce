"""Nonnegativity on a triangular chart of the domain by Bernstein coefficients with subdivision.

Each variable runs, in order, between bounds that are expressions in the earlier ones, ``x = low + t (high - low)``
with t in [0, 1]; without an upper bound ``x = low + t / (1 - t)`` with t in [0, 1), without a lower one
``x = high - t / (1 - t)``.  The bounds follow from the hypotheses.  The goal becomes a polynomial in the t's (times a
positive power of 1 - t); on every box of a subdivision of the unit cube all its Bernstein coefficients are
nonnegative.  Strictness: on each face of a box that the strict hypotheses leave in the domain, some coefficient that
lives on the face is positive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.boxes import Box, bernstein, halve, require_positive_faces
from checks.checker.goal import Goal, Rejected, chosen, fraction

__all__ = ["bernstein", "halve", "needs", "require_positive_faces", "unit_cube", "verify"]


def verify(p: poly.Poly, sign: str, goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Accept when p >= 0 (p > 0) on the chart.

    Raises
    ------
    Rejected
        When a bound is no hypothesis, a coefficient is negative, or a face is not strictly positive.
    """
    facts = goal.facts()
    chart = certificate["chart"]
    variables = [entry["variable"] for entry in chart]
    if len(set(variables)) != len(variables) or not poly.generators(p) <= set(variables):
        raise Rejected("the chart does not cover the variables of the goal")
    strict: list[tuple[bool, bool]] = []
    for position, entry in enumerate(chart):
        name, ends = entry["variable"], [True, True]
        for end, side in enumerate(("low", "high")):
            if entry.get(side) is not None:
                gap = poly.add(poly.generator(name), _bound(entry[side], set(variables[:position]), goal), -1)
                by = entry.get(f"{side}_by")
                ends[end] = needs(gap if side == "low" else poly.multiply(gap, poly.constant(-1)), facts, by)
        # with an upper bound alone, t = 0 is there
        strict.append((ends[0], ends[1]) if entry.get("low") is not None else (ends[1], True))
    coefficients, degrees = unit_cube(p, chart, goal)
    _subdivide(coefficients, degrees, strict, certificate["boxes"], sign)


def _bound(text: str, earlier: set[str], goal: Goal) -> poly.Poly:
    bound = goal.polynomial(text)
    if not poly.generators(bound) <= earlier:
        raise Rejected(f"the bound {text} is not a polynomial in the earlier variables")
    return bound


def needs(p: poly.Poly, facts: list[tuple[poly.Poly, str]], by: Sequence[Sequence[Any]] | None) -> bool:
    """Return whether p > 0 strictly, after showing p >= 0 as a nonnegative combination of hypotheses.

    ``by`` lists pairs (coefficient, position of the hypothesis).

    Raises
    ------
    Rejected
        When the combination is not p or uses a hypothesis without a sign.
    """
    total: poly.Poly = {}
    strict = False
    for text, position in by or ():
        coefficient = fraction(text)
        fact, relation = chosen(facts, position)
        if relation == "!=" or (coefficient < 0 and relation != "=="):
            raise Rejected("a bound of the chart uses a hypothesis the wrong way round")
        total = poly.add(total, fact, coefficient)
        strict = strict or (relation == ">" and coefficient > 0)
    if total != p:
        raise Rejected("a bound of the chart does not follow from the hypotheses")
    return strict


def unit_cube(p: poly.Poly, chart: Sequence[Mapping[str, Any]], goal: Goal) -> tuple[dict[Box, Fraction], list[int]]:
    """Return the power coefficients of p on the unit cube, by exponents, and the degrees.

    Variables with one bound are replaced by ``low + t/(1-t)`` or ``high - t/(1-t)`` and cleared of the denominator.
    """
    everywhere = {entry["variable"] for entry in chart}
    for entry in reversed(chart):
        name, t = entry["variable"], poly.generator(("t", entry["variable"]))
        low, high = (
            None if entry.get(end) is None else _bound(entry[end], everywhere, goal) for end in ("low", "high")
        )
        end = high if low is None else low
        if end is None:
            raise Rejected("a variable without bounds")
        if low is not None and high is not None:
            value, gap = poly.add(low, poly.multiply(t, poly.add(high, low, -1))), poly.ONE
        else:
            gap = poly.add(poly.ONE, t, -1)
            value = poly.add(poly.multiply(end, gap), t, -1 if low is None else 1)
        parts, p = poly.powers(p, name), {}
        for e, rest in parts.items():
            factor = poly.multiply(poly.power(value, e), poly.power(gap, max(parts) - e))
            p = poly.add(p, poly.multiply(rest, factor))
    names = [("t", entry["variable"]) for entry in chart]
    table: dict[Box, Fraction] = {}
    for monomial, coefficient in p.items():
        exponents = dict(monomial)
        table[tuple(exponents.get(n, 0) for n in names)] = coefficient
    degrees = [max((e[i] for e in table), default=0) for i in range(len(names))]
    return table, degrees


def _subdivide(
    table: Mapping[Box, Fraction], degrees: list[int], strict: list[tuple[bool, bool]], tree: Any, sign: str
) -> None:
    def walk(b: dict[Box, Fraction], node: Any, edges: list[tuple[bool, bool]]) -> None:
        if node != "leaf":
            axis = int(node["axis"])
            left, right = halve(b, degrees, axis)
            walk(left, node["left"], [(lo, False) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)])
            walk(right, node["right"], [(False, hi) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)])
            return
        if any(value < 0 for value in b.values()):
            raise Rejected("a Bernstein coefficient is negative")
        if sign == ">":
            require_positive_faces(b, degrees, edges)

    walk(bernstein(table, degrees), tree, list(strict))
