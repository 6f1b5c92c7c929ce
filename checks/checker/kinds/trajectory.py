"""Claims about all times of a run: an invariant that holds at the start and is kept by every branch of the step.

A step takes one of several *branches* (in the batch, outside it); each has inputs that may be anything that its
hypotheses allow, and gives the next state as expressions.  ``always`` must hold at every time; ``then`` of a branch
relates a state to the next one, whose variables carry the suffix ``_next``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import Rejected
from checks.checker.kinds.instance import lines, read_point

Forall = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


def obligations(formal: Mapping[str, Any], invariant: list[str]) -> list[dict[str, Any]]:
    """Return the ``forall`` statements whose proofs make the trajectory statement true, in order.

    They are: the start satisfies the invariant; each branch keeps it and shows its ``then``; it implies ``always``.
    """
    shared = {"form": "forall", "index": formal.get("index"), "integers": formal.get("integers", [])}
    parameters, let = list(formal.get("parameters", ())), list(formal.get("let", ()))
    found = [{**shared, "let": let, "given": [*parameters, *formal["start"]], "show": invariant}]
    for branch in formal["branches"]:
        nexts = [f"{name}_next = {text}" for name, text in branch["next"].items()]
        if set(branch["next"]) != set(formal["state"]):
            raise Rejected("a branch does not give every state variable")
        moved = [_prime(line, formal["state"]) for line in invariant]
        found.append(
            {
                **shared,
                "let": [*let, *nexts],
                "given": [*parameters, *invariant, *branch.get("inputs", ())],
                "show": [*moved, *branch.get("then", ())],
            }
        )
    found.append({**shared, "let": let, "given": [*parameters, *invariant], "show": list(formal.get("always", ()))})
    return found


def _prime(line: str, state: list[str]) -> str:
    import re

    return re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda m: m[0] + "_next" if m[0] in state else m[0], line)


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any], forall: Forall) -> None:
    """Accept when every obligation of the certificate's invariant is proved.

    Raises
    ------
    Rejected
        When one of them is not.
    """
    wanted = obligations(formal, list(certificate["invariant"]))
    proofs = certificate["proofs"]
    if len(proofs) != len(wanted):
        raise Rejected(f"{len(wanted)} obligations, {len(proofs)} proofs")
    for statement, proof in zip(wanted, proofs, strict=True):
        forall(statement, proof)


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a run of finitely many steps from an admissible start that violates ``always`` or a ``then``.

    Raises
    ------
    Rejected
        When a hypothesis fails on the way or nothing is violated.
    """
    shared = {"index": formal.get("index"), "let": formal.get("let", ())}
    state = dict(certificate["values"])
    start = read_point(shared, {"values": state})
    for node in lines({**formal, "given": [*formal.get("parameters", ()), *formal["start"]]}, "given"):
        if pointwise.holds(node, start) is not True:
            raise Rejected("a hypothesis fails at the start")
    for step in certificate.get("steps", ()):
        if _violated(lines({**shared, "show": formal.get("always", ())}, "show"), read_point(shared, {"values": state})):
            return
        branch = formal["branches"][int(step["branch"])]
        here = {**state, **step.get("inputs", {})}
        at = read_point(shared, {"values": here})
        if any(pointwise.holds(node, at) is not True for node in lines({**shared, "g": branch.get("inputs", ())}, "g")):
            raise Rejected("an input violates its hypotheses")
        nexts = [f"{name}_next = {text}" for name, text in branch["next"].items()]
        if _violated(lines({"let": [*shared["let"], *nexts], "t": branch.get("then", ())}, "t"), at):
            return
        for name, text in branch["next"].items():
            low, high = pointwise.number(lines({**shared, "n": [text]}, "n")[0], at)
            if low != high:
                raise Rejected("the next state is not rational")
            state[name] = str(low)
    if not _violated(lines({**shared, "show": formal.get("always", ())}, "show"), read_point(shared, {"values": state})):
        raise Rejected("nothing is violated on the way")


def _violated(nodes: list[Any], at: pointwise.Point) -> bool:
    return any(pointwise.holds(node, at) is not True for node in nodes)
