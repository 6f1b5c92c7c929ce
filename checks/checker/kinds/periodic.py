"""A refutation of a limit: a run that returns to its state, and so goes round for ever, away from the limit.

The statement has form ``tends``, see `convergence`.  Let a run from an admissible start have the state x at time s and
again at time t > s, with t - s a multiple of the number of phases.  What keeps its value along a run has its value at
both times, so the steps s, ..., t - 1 with their inputs may be taken again and again: that is an infinite run, at which
every state of the times s, ..., t - 1 recurs.  Where a quantity q has a value other than L (or none) at one of them, it
has it at infinitely many times, and q does not tend to L.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker import pointwise, steps
from checks.checker.goal import Rejected, lines
from checks.checker.kinds.convergence import read


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a run that returns to its state at step ``back``, where a quantity is not its limit on the way round.

    Raises
    ------
    Rejected
        When a hypothesis fails on the way, the run does not return, or the quantity is the limit.
    """
    order = read(formal)[1]
    visited = [here for here, _, _ in steps.walk(formal, certificate, order)]
    back, end = int(certificate["back"]), len(visited) - 1
    if not 0 <= back < end or (end - back) % len(order):
        raise Rejected("no whole number of rounds")
    if any(visited[back].values[name] != visited[end].values[name] for name in formal["state"]):
        raise Rejected("the run does not return")
    apart = {"let": formal.get("let", ()), "q": [f"({a}) == ({b})" for a, b in formal["limits"]]}
    if all(pointwise.holds(node, at) is True for node in lines(apart, "q") for at in visited[back:end]):
        raise Rejected("every quantity stays at its limit")
