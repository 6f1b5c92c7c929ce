"""Claims with existential names, and claims whose hypotheses contradict each other.

"There are e such that for all x: given implies show" is proved by values for e that satisfy the hypotheses on e alone,
and a proof of the rest at those values.  It is refuted by a point x and a proof that for all e satisfying the
hypotheses on e alone, the other hypotheses hold at x and one comparison of the conclusion fails there; x may be
given by expressions in e.  It is also refuted by points x_1, ..., x_k, defined and admissible for all those e, at which
the conclusion cannot hold together: if the claim were true for some e, it would hold (and be defined) at each x_i.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import NEGATED, Goal, Rejected, fraction, goals, lines
from checks.checker.grammar import Node, names, parse

ProveGoal = Callable[[Goal, Mapping[str, Any]], None]
Forall = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


def split(formal: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """Return the hypotheses whose names are all existential, and the others."""
    chosen = set(formal["exists"])
    own: list[str] = []
    rest: list[str] = []
    for text, node in zip(formal.get("given", ()), lines(formal, "given"), strict=True):
        found = names(node)
        (own if found and found <= chosen else rest).append(text)
    return own, rest


def prove(formal: Mapping[str, Any], certificate: Mapping[str, Any], forall: Forall) -> None:
    """Accept values for the existential names with a proof at those values.

    Raises
    ------
    Rejected
        When a value is missing, a hypothesis on them fails, or the proof does.
    """
    if "own" in certificate:
        _prove_closed(formal, certificate, forall)
        return
    values = {name: fraction(text) for name, text in certificate["witness"].items()}
    if set(values) != set(formal["exists"]) or any(
        values[name].denominator != 1 for name in formal.get("integers", ()) if name in values
    ):
        raise Rejected("the witness does not give each existential name a value of its kind")
    own, rest = split(formal)
    at = pointwise.Point(values)
    if any(pointwise.holds(node, at) is not True for node in lines({**formal, "own": own}, "own")):
        raise Rejected("the witness violates a hypothesis on the existential names")
    forall({**at_values(formal, values), "given": rest}, certificate)


def _prove_closed(formal: Mapping[str, Any], certificate: Mapping[str, Any], forall: Forall) -> None:
    """Accept expressions without names, such as ``1 + sqrt(2)``, with proofs of what is required of them (``own``)."""
    values = {name: str(text) for name, text in certificate["witness"].items()}
    if set(values) != set(formal["exists"]) or set(values) & set(formal.get("integers", ())):
        raise Rejected("the witness does not give each existential name a value, or an integer name an expression")
    if any(names(parse(text)) for text in values.values()):
        raise Rejected("the witness depends on something")
    own, rest = split(formal)
    for text in values.values():
        pointwise.number(parse(text), pointwise.Point({}))  # raises where it is not defined
    plain = at_values(formal, values)
    forall({**plain, "given": [], "show": own}, {"steps": certificate["own"]})
    forall({**plain, "given": rest}, certificate)


def at_values(formal: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement without ``exists`` where the given names stand for numbers (or texts of expressions)."""
    fixed = [f"{name} = ({value})" for name, value in sorted(values.items())]
    kept = {key: part for key, part in formal.items() if key != "exists"}
    integers = [name for name in formal.get("integers", ()) if name not in values]
    return {**kept, "let": [*fixed, *formal.get("let", ())], "integers": integers}


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept a point at which the claim fails whatever the existential names are.

    Raises
    ------
    Rejected
        When a hypothesis is not shown to hold at the point, or the conclusion not shown to fail.
    """
    if "points" in certificate:
        _refute_together(formal, certificate, prove_goal)
        return
    own, _ = split(formal)
    fixed = _admissible(formal, certificate, prove_goal)
    conclusion = goals({**fixed, "given": own})[int(certificate["relation"])]
    left, sign, right = conclusion.relation
    prove_goal(conclusion.showing(left, NEGATED[sign], right), certificate["by"])


def _admissible(formal: Mapping[str, Any], point: Mapping[str, Any], prove_goal: ProveGoal) -> dict[str, Any]:
    """Return the statement at a point, after the proofs that the other hypotheses hold there."""
    values = {name: str(text) for name, text in point["values"].items()}
    if set(values) & set(formal["exists"]) or any(
        fraction(values[name]).denominator != 1 for name in formal.get("integers", ()) if name in values
    ):
        raise Rejected("the point gives an existential name, or an integer name no integer")
    if any(not names(parse(text)) <= set(formal["exists"]) for text in values.values()):
        raise Rejected("the point depends on more than the existential names")
    own, rest = split(formal)
    fixed = at_values(formal, values)
    wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
    if len(wanted) != len(point["given"]):
        raise Rejected("a hypothesis has no proof at the point")
    for goal, step in zip(wanted, point["given"], strict=True):
        prove_goal(goal, step)
    return fixed


def _refute_together(formal: Mapping[str, Any], certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept numbers x_1, ..., x_k at which the conclusion cannot hold together.

    What is assumed at each x_i is all of the conclusion, and that its terms are defined; the x_i are numbers, so that
    they are defined themselves.
    """
    own, _ = split(formal)
    found: list[Node] = []
    for point in certificate["points"]:
        for text in point["values"].values():
            fraction(text)
        fixed = _admissible(formal, point, prove_goal)
        found += lines(fixed, "show")
        if any(not names(node) <= set(formal["exists"]) for node in found):
            raise Rejected("a point leaves a name open")
    (start,) = goals({**at_values(formal, {}), "given": own, "show": ["0 > 0"]})
    prove_goal(start.assuming(*found), certificate["by"])


def contradiction(formal: Mapping[str, Any], certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept a proof that the hypotheses contradict each other.

    Raises
    ------
    Rejected
        When it is none.
    """
    (goal,) = goals({**formal, "show": ["0 > 0"]})
    prove_goal(goal, certificate["by"])
