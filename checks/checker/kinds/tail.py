"""Tail probabilities by Chernoff's method: Markov's inequality for exp(t X), where the law of X is one of `laws.LAWS`.

A statement says: for all values of the names that satisfy every line of ``given``, every random variable X of the law
has Pr[X rel a] <= B, with rel one of <=, <, >=, >.  It is proved by a multiplier t and an exponent e, expressions in
those names: the law's parameters are allowed, t >= 0 for an upper tail and t <= 0 for a lower one, t in the domain of
the law, and log E exp(t X) - t a <= e, exp(e) <= B; for then Pr[X rel a] <= E exp(t (X - a)) <= exp(e) <= B.
It is refuted by values at which B < 0, or at which B < 1 and the range of X makes the event sure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checks.checker.goal import ONE, ZERO, Goal, Rejected, bounded, comparison, goals, lines, pieces
from checks.checker.grammar import Node, holds_kind, names, parse, substitute
from checks.checker.kinds.instance import decided, read_point
from checks.checker.kinds.laws import LAWS, Law

ProveGoal = Callable[[Goal, Mapping[str, Any]], None]
# statements, and what needs index sets: neither is an expression in the names of a tail statement
FOREIGN = ("compare", "and", "or", "not", "implies", "all", "any", "sum", "diff", "taylor", "entry", "delta", "size")


@dataclass(frozen=True)
class Tail:
    """A tail statement, parsed; ``goal`` holds its hypotheses."""

    law: Law
    values: dict[str, Node]
    relation: str
    threshold: Node
    bound: Node
    goal: Goal

    def lines(self, *texts: str, **more: Node) -> list[Node]:
        """Return lines of the law with the statement's parameters in them."""
        return [bounded(substitute(parse(text), {**self.values, **more})) for text in texts]


def read(formal: Mapping[str, Any]) -> Tail:
    """Return a statement of the form ``tail``, parsed.

    Raises
    ------
    Rejected
        When the law or relation is none of the list, a parameter is missing, unknown or should be an integer and is
        not, or a part is no expression.
    """
    given, event = dict(formal["law"]), formal["event"]
    name = given.pop("name", "")
    if name not in LAWS or set(given) != set(LAWS[name].parameters):
        raise Rejected(f"no law {name!r} with the parameters {sorted(given)}")
    if set(event) != {"relation", "threshold"} or event["relation"] not in ("<", "<=", ">", ">="):
        raise Rejected(f"{event!r} is no event of a tail")
    texts = [*given.values(), event["threshold"], formal["bound"]]
    found = lines({"let": formal.get("let", ()), "part": texts}, "part")
    for text, node in zip(texts, found, strict=True):
        _look(node, text)
    values = dict(zip(given, found, strict=False))
    for parameter in LAWS[name].whole:
        if not _whole(values[parameter], set(formal.get("integers", ()))):
            raise Rejected(f"{parameter} is not an integer whatever its names are")
    shared = {key: formal[key] for key in ("let", "given", "integers") if key in formal}
    (goal,) = goals({**shared, "show": ["0 > 0"]})
    return Tail(LAWS[name], values, event["relation"], found[-2], found[-1], goal)


def _look(node: Node, text: object) -> None:
    if holds_kind(node, FOREIGN):
        raise Rejected(f"{text!r} is no expression in numbers and names")


def _whole(node: Node, integers: set[str]) -> bool:
    if node[0] in ("+", "-", "*"):
        return all(_whole(part, integers) for part in node[1:])
    return bool(node[0] == "number" and node[1].denominator == 1) or (node[0] == "name" and node[1] in integers)


def obligations(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[Goal]:
    """Return what has to be shown for the certificate's ``multiplier`` and ``exponent``, in order.

    Raises
    ------
    Rejected
        When the statement is malformed, or one of the two is no expression in its names.
    """
    tail = read(formal)
    t, e = (tail.goal.read(certificate[key]) for key in ("multiplier", "exponent"))
    known = set(tail.goal.names).union(*map(names, (*tail.values.values(), tail.threshold, tail.bound)))
    for node, key in ((t, "multiplier"), (e, "exponent")):
        _look(node, certificate[key])
        if not names(node) <= known:
            raise Rejected(f"the {key} mentions a name that the statement does not have")
    side = comparison(t, ">=" if tail.relation in (">", ">=") else "<=", ZERO)
    chernoff = comparison(("-", *tail.lines(tail.law.log_mgf, t=t), ("*", t, tail.threshold)), "<=", e)
    within = comparison(("call", "exp", (e,)), "<=", tail.bound)
    shown = [*tail.lines(*tail.law.allowed), side, *tail.lines(*tail.law.domain, t=t), chernoff, within]
    return [replace(tail.goal, conclusion=piece) for node in shown for piece in pieces(node)]


def prove(formal: Mapping[str, Any], certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept a multiplier and an exponent with a proof of each obligation.

    Raises
    ------
    Rejected
        When one of them has no proof.
    """
    wanted, steps = obligations(formal, certificate), certificate["steps"]
    if len(wanted) != len(steps):
        raise Rejected(f"{len(wanted)} obligations, {len(steps)} certificates")
    for goal, step in zip(wanted, steps, strict=True):
        prove_goal(goal, step)


def fails(tail: Tail, event: str) -> tuple[list[Node], Node]:
    """Return conditions on the names, and what the statement then implies: B >= 1 (``sure``) or B >= 0 (``any``).

    Raises
    ------
    Rejected
        When the law has no range that could make the event sure.
    """
    if event == "any":
        return tail.lines(*tail.law.allowed), comparison(tail.bound, ">=", ZERO)
    end = tail.law.least if tail.relation in (">", ">=") else tail.law.greatest
    if event != "sure" or not end:
        raise Rejected(f"the law does not make the event {event!r}")
    sure = comparison(tail.lines(end)[0], tail.relation, tail.threshold)
    return [*tail.lines(*tail.law.allowed), sure], comparison(tail.bound, ">=", ONE)


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept values at which the bound is negative, or below 1 though the event is sure.

    Raises
    ------
    Rejected
        When a hypothesis or condition is not shown to hold there, or the bound not shown to fail.
    """
    conditions, implied = fails(read(formal), certificate["event"])
    at = read_point({"integers": formal.get("integers", ())}, certificate).with_digits
    for node in (*lines(formal, "given"), *conditions):
        if decided(node, at) is not True:
            raise Rejected("a hypothesis, or a condition of the law or event, fails at the point")
    if decided(implied, at) is True:
        raise Rejected("the bound is not too small at the point")
