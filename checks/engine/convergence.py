"""Propose a certificate for the limits of runs: prove what a hint's potentials need, or find a start that stays put.

A hint holds ``invariants``, ``potentials`` and ``bounds`` as in `checks.checker.kinds.convergence`, and optionally
``lemmas``: by the position of an obligation, statements to prove first where its goals do not go at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker.goal import Goal, Rejected, goals
from checks.checker.kinds import convergence, periodic
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.prove import prove_goal
from checks.engine.refute import search
from checks.engine.tactics import by_rule

HINTS = ("invariants", "potentials", "bounds")


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
        lemmas = list(dict(hint.get("lemmas", {})).get(position, ()))
        steps = []
        for goal in goals(statement):
            try:
                steps.append(_proved(goal, lemmas, budget))
            except (NotFound, NotRational, Rejected) as error:
                return None, f"obligation {position + 1} ({'; '.join(statement['show'])}): {error}"
        proofs.append({"verdict": "proved", "steps": steps})
    return {**certificate, "proofs": proofs}, ""


def _proved(goal: Goal, lemmas: list[str], budget: Budget) -> Certificate:
    """Prove a goal, after lemmas where it does not go at once."""
    if not lemmas:
        return prove_goal(goal, budget)
    try:
        return prove_goal(goal, budget.part(2.0))
    except NotFound:
        provers = [lambda g: prove_goal(g, budget), lambda g: _proved(g, lemmas[1:], budget)]
        return by_rule(goal, provers, "lemma", show=lemmas[0])


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
