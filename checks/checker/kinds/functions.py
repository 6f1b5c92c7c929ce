"""Functions are taken out of a goal: case distinctions, new names for terms, equal terms for one another.

Terms inside sums, derivatives and other binders of names are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import ONE, ZERO, Goal, Rejected, Relation, chosen, comparison, constant
from checks.checker.grammar import BINDERS, Node, names, parts, rebuilt


def inside(node: Node) -> tuple[Node, ...]:
    """Return the parts of an expression that lie outside every sum, derivative and other binder of names."""
    return () if node[0] in (*BINDERS, "diff", "taylor") else parts(node)


def put(node: Node, old: Node, new: Node) -> Node:
    """Return an expression with every occurrence of a term replaced."""
    if node == old:
        return new
    return rebuilt(node, lambda part: put(part, old, new)) if inside(node) else node


def cases(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal for each sign of x in ``abs(x)`` (of a - b in ``min(a, b)``, ``max(a, b)``), a term of it."""
    call = goal.read(certificate["term"])
    if call[0] != "call" or call[1] not in ("abs", "min", "max"):
        raise Rejected("a case distinction is on abs, min or max")
    arguments = call[2]
    if call[1] == "abs":
        a, b, yes, no = arguments[0], ZERO, arguments[0], ("-", ZERO, arguments[0])
    else:
        a, b = arguments[0], arguments[1] if len(arguments) == 2 else ("call", call[1], arguments[1:])
        yes, no = (a, b) if call[1] == "max" else (b, a)
    above, below = (goal.mapped(lambda node, to=to: put(node, call, to)) for to in (yes, no))  # type: ignore[misc]
    return [*goal.defined(call), above.assuming(comparison(a, ">=", b)), below.assuming(comparison(a, "<", b))]


def name(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Let a new name stand for a term; what its function says of every value is a hypothesis."""
    term, fresh = goal.term(certificate["term"]), goal.fresh(certificate["as"])
    new: Node = ("name", fresh)
    known = [comparison(*entry) for entry in _known(term, new)]
    return [*goal.defined(term), goal.mapped(lambda node: put(node, term, new)).assuming(*known)]


def _known(term: Node, value: Node) -> list[Relation]:
    """Return what holds of every value of a root, exponential, sine or cosine, or power with a rational exponent."""
    if term[0] == "call" and term[1] == "sqrt":
        return [(value, ">=", ZERO), (("*", value, value), "==", term[2][0])]
    if term[0] == "call" and term[1] == "exp":
        return [(value, ">", ZERO)]
    if term[0] == "call" and term[1] in ("sin", "cos"):
        return [(value, "<=", ONE), (value, ">=", ("-", ZERO, ONE))]
    if term[0] == "**":
        exponent = constant(term[2])
        if exponent is not None and exponent.denominator != 1:
            root: Node = ("**", value, ("number", Fraction(exponent.denominator)))
            base: Node = ("**", term[1], ("number", Fraction(abs(exponent.numerator))))
            if exponent > 0:
                return [(value, ">=", ZERO), (root, "==", base)]
            return [(value, ">", ZERO), (("*", root, base), "==", ONE)]
    return []


def rewrite(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show that two terms are equal, then the goal with one in the place of the other."""
    old, new = goal.term(certificate["from"]), goal.term(certificate["to"])
    return [goal.showing(old, "==", new), goal.mapped(lambda node: put(node, old, new))]


def numbers(goal: Goal, _: Mapping[str, Any]) -> list[Goal]:
    """Compare two numbers by enclosures."""
    if names(goal.conclusion) or goal.context.indices:
        raise Rejected("the comparison is not one between numbers")
    if pointwise.holds(goal.conclusion, pointwise.Point({})) is not True:
        raise Rejected("the comparison of numbers does not hold")
    return []


def known(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show a comparison that is a hypothesis, word for word."""
    left, sign, right = goal.relation
    a, relation, b = chosen(goal.given, certificate["given"])
    stronger = {sign, {">=": ">", "<=": "<"}.get(sign, sign)}
    if (a, b) != (left, right) or relation not in stronger:
        raise Rejected("the conclusion is not that hypothesis")
    return []


def forget(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal from the hypotheses at the listed positions alone."""
    kept = tuple(chosen(goal.given, i) for i in certificate["keep"])
    return [replace(goal, given=kept, either=())]


RULES = {"cases": cases, "name": name, "rewrite": rewrite, "numbers": numbers, "known": known, "forget": forget}
