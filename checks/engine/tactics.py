"""Rules of the checker, used by the engine: apply one to a goal and prove what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from checks.checker import RULES, Rejected
from checks.checker.goal import Goal
from checks.checker.polynomial import NotRational
from checks.engine.budget import Certificate, NotFound

Prover = Callable[[Goal], Certificate]


def leaves(goal: Goal, kind: str, **parameters: Any) -> list[Goal]:
    """Return the goals that a rule leaves.

    Raises
    ------
    NotFound
        When the rule does not apply.
    """
    try:
        return RULES[kind](goal, {"kind": kind, **parameters})
    except (Rejected, NotRational, ValueError, ArithmeticError, LookupError) as error:
        raise NotFound(f"{kind}: {error}") from error


def by_rule(goal: Goal, prover: Prover | list[Prover], kind: str, **parameters: Any) -> Certificate:
    """Return the certificate of a rule with the proofs of what it leaves.

    Parameters
    ----------
    prover
        Proves every goal, or one prover a goal.
    kind, parameters
        The rule of `checks.checker.accept.RULES` and its parameters.

    Raises
    ------
    NotFound
        When the rule does not apply or a goal is not proved.
    """
    wanted = leaves(goal, kind, **parameters)
    provers = prover if isinstance(prover, list) else [prover] * len(wanted)
    return {"kind": kind, **parameters, "by": [prove(g) for prove, g in zip(provers, wanted, strict=True)]}
