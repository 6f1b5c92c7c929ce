"""Propose a certificate for the limits of runs: prove what a hint's potentials need, or find a start that stays put.

A hint holds ``invariants``, ``potentials`` and ``bounds`` as in `checks.checker.kinds.convergence`, and optionally
``lemmas``: by the positions of an obligation and of a goal in it (from 0), statements to prove first.  They may
use the abbreviations of the statement and, in a step, the names that end in ``_next``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, goals, lines
from checks.checker.kinds import convergence, periodic
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.prove import prove_at_once, prove_goal
from checks.engine.refute import search
from checks.engine.tactics import by_rule
from checks.engine.unparse import unparse

HINTS = ("invariants", "potentials", "bounds")
# share of the time left that a goal in squares may take
IN_SQUARES = 0.3


def propose(
    formal: Mapping[str, Any], hint: Mapping[str, Any], budget: Budget, seconds: float
) -> tuple[Certificate | None, str]:
    """Return a certificate for a ``tends`` statement, or None and the reason."""
    found = stays(formal, Budget(min(1.0, seconds * 0.1)))
    if found is not None:
        return found, ""
    if not all(key in hint for key in HINTS):
        return None, "no periodic run among small exact starts contradicts the limit; no potential is proposed"
    certificate = {"verdict": "proved", "kind": "convergence", **{key: hint[key] for key in HINTS}}
    proofs: list[Certificate] = []
    for position, statement in enumerate(convergence.obligations(formal, certificate)):
        lemmas = hint.get("lemmas", {}).get(position, {})
        steps = []
        for place, goal in enumerate(goals(statement)):
            try:
                steps.append(_proved(goal, _written_out(statement, lemmas.get(place, ())), budget))
            except (NotFound, NotRational, Rejected) as error:
                return None, f"obligation {position + 1}, goal {place + 1} ({unparse(goal.conclusion)}): {error}"
        proofs.append({"verdict": "proved", "steps": steps})
    return {**certificate, "proofs": proofs}, ""


def _written_out(statement: Mapping[str, Any], lemmas: Sequence[str]) -> list[str]:
    """Return lemmas without abbreviations."""
    return [unparse(node) for node in lines({**statement, "lemmas": list(lemmas)}, "lemmas")]


def _proved(goal: Goal, lemmas: Sequence[str], budget: Budget) -> Certificate:
    """Prove a goal, after its lemmas."""
    if lemmas:
        provers = [lambda g: _proved(g, (), budget), lambda g: _proved(g, lemmas[1:], budget)]
        return by_rule(goal, provers, "lemma", show=lemmas[0])
    try:
        return prove_at_once(goal, budget)
    except NotFound:
        pass
    try:
        return _in_squares(goal, budget.part(IN_SQUARES * budget.left()))
    except NotFound:
        return prove_goal(goal, budget)


def _in_squares(goal: Goal, budget: Budget) -> Certificate:
    """Prove a comparison in the squares of the variables that it has to even powers only.

    Hypotheses with odd powers of them are not used: a norm at most 1 and its like say more than the sign of a
    coordinate, and in squares they are linear.

    Raises
    ------
    NotFound
        When there is no such variable, or no proof.
    """
    if goal.conclusion[0] != "compare" or len(goal.conclusion[1]) != 1:
        raise NotFound("no comparison")
    sides = goal.difference()
    names = {g for p in sides for g in poly.generators(p) if isinstance(g, str)}
    even = names - {g for p in sides for monomial in p for g, exponent in monomial if exponent % 2}
    if not even - goal.context.size_names():
        raise NotFound("no variable stands there in its square")
    return by_rule(goal, lambda g: prove_goal(g, budget), "squares", variables=sorted(even - goal.context.size_names()))


def stays(formal: Mapping[str, Any], budget: Budget) -> Certificate | None:
    """Return a start that every branch leaves where it is and that is not at the limits, or None."""
    branches = formal["branches"]
    inputs = [line for branch in branches for line in branch.get("inputs", ())]
    fixed = [f"{name} == {text}" for branch in branches for name, text in branch["next"].items()]
    shown = [f"({quantity}) == ({value})" for quantity, value in formal["limits"]]
    given = [*formal["parameters"], *formal["start"], *inputs, *fixed]
    statement = {"form": "forall", "let": list(formal["let"]), "given": given, "show": shown}
    point = search.find_point(statement, budget, rational=True)
    if point is None:
        return None
    values = {name: str(value) for name, value in point["values"].items()}
    steps = [{"branch": 0, "inputs": {}} for _ in (branches if formal["cyclic"] else branches[:1])]
    certificate = {"verdict": "refuted", "kind": "periodic", "values": values, "steps": steps, "back": 0}
    try:
        periodic.refute(formal, certificate)
    except (Rejected, ArithmeticError, ValueError, LookupError):
        return None
    return certificate
