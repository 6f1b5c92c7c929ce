"""Claims about all times of a run: an invariant that holds at the start and is kept by every branch of the step.

A step takes one of several *branches* (in the batch, outside it); each has inputs that may be anything that its
hypotheses allow, and gives the next state as expressions.  ``always`` must hold at every time; ``then`` of a branch
relates a state to the next one, whose variables (and abbreviations) carry the suffix ``_next``.  A name of
``parameters`` keeps its value along the run, and so does one of ``start`` or ``always`` that no branch has as an input;
the other names of a branch's inputs are chosen anew at each step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.checker import pointwise, steps
from checks.checker.goal import Rejected
from checks.checker.kinds.instance import lines, read_point

Forall = Callable[[Mapping[str, Any], Mapping[str, Any]], None]
_prime = steps.prime


def obligations(formal: Mapping[str, Any], invariant: list[str]) -> list[dict[str, Any]]:
    """Return the ``forall`` statements whose proofs make the trajectory statement true, in order.

    They are: the start satisfies the invariant; each branch is defined, keeps it and shows its ``then``; it implies
    ``always``.

    Raises
    ------
    Rejected
        When the statement is not well formed.
    """
    steps.constants(formal)
    shared = {"form": "forall", "integers": formal.get("integers", [])}
    parameters, let = list(formal.get("parameters", ())), list(formal.get("let", ()))
    found = [{**shared, "let": let, "given": [*parameters, *formal["start"]], "show": invariant}]
    moved = [steps.prime(line, steps.moving(formal)) for line in invariant]
    for branch in formal["branches"]:
        found.append(
            {
                **shared,
                "let": [*let, *steps.nexts(formal, branch)],
                "given": [*parameters, *invariant, *branch.get("inputs", ())],
                "show": [*steps.quotients(formal, branch), *moved, *branch.get("then", ())],
            }
        )
    found.append({**shared, "let": let, "given": [*parameters, *invariant], "show": list(formal.get("always", ()))})
    return found


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any], forall: Forall) -> None:
    """Accept when every obligation of the certificate's invariant is proved.

    Raises
    ------
    Rejected
        When one of them is not.
    """
    invariant = list(certificate["invariant"])
    if any("taylor" in line for line in invariant):
        raise Rejected("a Taylor coefficient in an invariant")
    if steps.names_in(formal, invariant) - set(formal["state"]) - steps.constants(formal):
        raise Rejected("the invariant mentions what a step may choose anew")
    wanted = obligations(formal, invariant)
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
    shared = {"let": formal.get("let", ()), "integers": formal.get("integers", ())}
    fixed = steps.constants(formal) | set(formal["state"])
    fixed |= steps.names_in(formal, formal["start"]) | steps.names_in(formal, formal.get("always", ()))
    state = dict(certificate["values"])
    start = read_point(shared, {"values": state})
    for node in lines({**formal, "given": [*formal.get("parameters", ()), *formal["start"]]}, "given"):
        if pointwise.holds(node, start) is not True:
            raise Rejected("a hypothesis fails at the start")
    always = lines(formal, "always")
    for step in certificate.get("steps", ()):
        if _violated(always, read_point(shared, {"values": state})):
            return
        branch, chosen = formal["branches"][int(step["branch"])], step.get("inputs", {})
        if set(chosen) - (steps.names_in(formal, branch.get("inputs", ())) - fixed):
            raise Rejected("a step chooses a value that is no input of its branch")
        at = read_point(shared, {"values": {**state, **chosen}})
        if _violated(lines({**shared, "inputs": branch.get("inputs", ())}, "inputs"), at):
            raise Rejected("an input violates its hypotheses")
        let = [*shared["let"], *steps.nexts(formal, branch)]
        if _violated(lines({"let": let, "then": branch.get("then", ())}, "then"), at):
            return
        for name, text in branch["next"].items():
            low, high = pointwise.number(lines({**shared, "n": [text]}, "n")[0], at)
            if low != high:
                raise Rejected("the next state is not rational")
            state[name] = str(low)
    if not _violated(always, read_point(shared, {"values": state})):
        raise Rejected("nothing is violated on the way")


def _violated(nodes: list[Any], at: pointwise.Point) -> bool:
    return any(pointwise.holds(node, at) is not True for node in nodes)
