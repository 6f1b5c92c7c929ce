"""Rules of logic: conclusions and hypotheses that are more than one comparison.

A rule takes a goal and a certificate's parameters and returns the goals that together imply it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.checker.goal import FALSE, ZERO, Goal, Rejected, chosen, comparison, normal, pieces


def parts(goal: Goal, _: Mapping[str, Any]) -> list[Goal]:
    """Show every part of a conjunction or chain."""
    return [replace(goal, conclusion=part) for part in pieces(normal(goal.conclusion))]


def side(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show ``A or B`` by one side (``side`` 0 or 1), where the other is false.

    The other side must then be defined everywhere; with ``alone`` it is not used at all.
    """
    conclusion = normal(goal.conclusion)
    if conclusion[0] != "or":
        raise Rejected("the conclusion is no disjunction")
    shown, other = (conclusion[1], conclusion[2]) if int(certificate["side"]) == 0 else (conclusion[2], conclusion[1])
    rest = replace(goal, conclusion=shown)
    if certificate.get("alone"):
        return [rest]
    return [*goal.defined(other), rest.assuming(normal(other, positive=False))]


def choose(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Use a hypothesis ``A or B``: show the goal where A holds, and where B holds."""
    position, statement = int(certificate["either"]), chosen(goal.either, certificate["either"])
    if statement[0] != "or":
        raise Rejected("the hypothesis is no disjunction")
    _, first, second = statement
    rest = replace(goal, either=goal.either[:position] + goal.either[position + 1 :])
    return [rest.assuming(first), rest.assuming(second)]


def split(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show the goal where an expression is nonnegative, and where it is negative."""
    at = goal.read(certificate["at"])
    return [*goal.defined(at), *(goal.assuming(comparison(at, sign, ZERO)) for sign in (">=", "<"))]


def lemma(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show a statement first, then the goal with it as one more hypothesis."""
    statement = goal.read(certificate["show"])
    if statement[0] not in ("compare", "and", "or", "not", "implies"):
        raise Rejected("a lemma is a statement")
    return [replace(goal, conclusion=statement), goal.assuming(statement)]


def absurd(goal: Goal, _: Mapping[str, Any]) -> list[Goal]:
    """Show that the hypotheses contradict each other; then anything follows."""
    return [replace(goal, conclusion=FALSE)]


def deny(goal: Goal, _: Mapping[str, Any]) -> list[Goal]:
    """Show that the hypotheses and the conclusion's negation, where it is defined, contradict each other."""
    left, sign, right = goal.relation
    return [
        *goal.defined(goal.conclusion),
        replace(goal, conclusion=FALSE).assuming(("not", comparison(left, sign, right))),
    ]


def both(goal: Goal, _: Mapping[str, Any]) -> list[Goal]:
    """Show an equality by two inequalities."""
    if goal.sign != "==":
        raise Rejected("two inequalities make an equality, and nothing else")
    return [goal.showing(goal.left, sign, goal.right) for sign in ("<=", ">=")]


RULES = {
    "parts": parts,
    "side": side,
    "choose": choose,
    "split": split,
    "lemma": lemma,
    "absurd": absurd,
    "deny": deny,
    "both": both,
}
