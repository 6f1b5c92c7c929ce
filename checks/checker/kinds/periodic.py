"""A refutation of a limit: a run that returns to its state, and so goes round for ever, away from the limit.

The statement has form ``tends``, see `convergence`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import pointwise, steps
from checks.checker.goal import Rejected, lines
from checks.checker.kinds.convergence import read
from checks.checker.kinds.instance import read_point


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a run that returns to its state at step ``back``, where a quantity is not its limit on the way round.

    Raises
    ------
    Rejected
        When a hypothesis fails on the way, the run does not return, or the quantity is the limit.
    """
    fixed, order = read(formal)
    shared = {"let": formal.get("let", ()), "integers": formal.get("integers", ())}
    taken, state, visited = certificate["steps"], dict(certificate["values"]), []
    fixed |= set(formal["state"]) | steps.names_in(formal, formal["start"])
    _hold(shared, [*formal.get("parameters", ()), *formal["start"]], read_point(shared, {"values": state}))
    for time, step in enumerate(taken):
        branch, chosen = order[time % len(order)][int(step["branch"])], step.get("inputs", {})
        if set(chosen) - (steps.names_in(formal, branch.get("inputs", ())) - fixed):
            raise Rejected("a step chooses a value that is no input of its branch")
        visited.append(dict(state))
        at = read_point(shared, {"values": {**state, **chosen}})
        _hold(shared, branch.get("inputs", ()), at)
        for name, text in branch["next"].items():
            low, high = pointwise.number(lines({**shared, "n": [text]}, "n")[0], at)
            if low != high:
                raise Rejected("the next state is not rational")
            state[name] = str(low)
    back = int(certificate["back"])
    if not 0 <= back < len(taken) or (len(taken) - back) % len(order):
        raise Rejected("no whole number of rounds")
    ends = [read_point(shared, {"values": s}).values for s in (visited[back], state)]
    if any(ends[0][name] != ends[1][name] for name in formal["state"]):
        raise Rejected("the run does not return")
    (nodes,) = [lines({**shared, "q": [f"({a}) == ({b})" for a, b in formal["limits"]]}, "q")]
    points = [read_point(shared, {"values": s}) for s in visited[back:]]
    if all(pointwise.holds(node, at) is True for node in nodes for at in points):
        raise Rejected("every quantity stays at its limit")


def _hold(shared: Mapping[str, Any], texts: Sequence[str], at: pointwise.Point) -> None:
    if any(pointwise.holds(node, at) is not True for node in lines({**shared, "x": list(texts)}, "x")):
        raise Rejected("a hypothesis fails on the way")
