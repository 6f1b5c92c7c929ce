"""Claims about all times of a run: an invariant that holds at the start and is kept by every branch of the step.

A step takes one of several *branches* (in the batch, outside it); each has inputs that may be anything that its
hypotheses allow, and gives the next state as expressions.  ``always`` must hold at every time; ``then`` of a branch
relates a state to the next one, whose variables (and abbreviations) carry the suffix ``_next``.  A name of
``parameters`` keeps its value along the run, and so does one of ``start`` or ``always`` that no branch has as an input;
the other names of a branch's inputs are chosen anew at each step.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import Rejected
from checks.checker.grammar import is_name, names
from checks.checker.kinds.instance import lines, read_point

Forall = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


def obligations(formal: Mapping[str, Any], invariant: list[str]) -> list[dict[str, Any]]:
    """Return the ``forall`` statements whose proofs make the trajectory statement true, in order.

    They are: the start satisfies the invariant; each branch keeps it and shows its ``then``; it implies ``always``.

    Raises
    ------
    Rejected
        When the statement is not well formed, or the invariant mentions what a step may choose anew.
    """
    constants = _constants(formal)
    if _names(formal, invariant) - set(formal["state"]) - constants:
        raise Rejected("the invariant mentions a name that is neither state nor parameter")
    shared = {"form": "forall", "integers": formal.get("integers", [])}
    parameters, let = list(formal.get("parameters", ())), list(formal.get("let", ()))
    found = [{**shared, "let": let, "given": [*parameters, *formal["start"]], "show": invariant}]
    moved = [_prime(line, _moving(formal)) for line in invariant]
    for branch in formal["branches"]:
        found.append(
            {
                **shared,
                "let": [*let, *_nexts(formal, branch)],
                "given": [*parameters, *invariant, *branch.get("inputs", ())],
                "show": [*moved, *branch.get("then", ())],
            }
        )
    found.append({**shared, "let": let, "given": [*parameters, *invariant], "show": list(formal.get("always", ()))})
    return found


def _constants(formal: Mapping[str, Any]) -> set[str]:
    """Return the names that keep their value along a run, after a look at how the statement uses its names."""
    state, moving = set(formal["state"]), _moving(formal)
    parameters = _names(formal, formal.get("parameters", ()))
    whole = _names(formal, formal["start"]) | _names(formal, formal.get("always", ()))
    inputs: set[str] = set()
    steps: set[str] = set()
    for branch in formal["branches"]:
        if set(branch["next"]) != state or set(branch) - {"inputs", "next", "then"}:
            raise Rejected("a branch does not give every state variable, or something else")
        inputs |= _names(formal, branch.get("inputs", ()))
        steps |= _names(formal, branch["next"].values())
    if not all(is_name(name) for name in state) or len(set(moving)) < len(moving) or state & parameters:
        raise Rejected("a state variable is also a parameter or an abbreviation")
    if {f"{name}_next" for name in moving} & (set(moving) | parameters | whole | inputs | steps):
        raise Rejected("a name that ends in _next is used outside of 'then'")
    return parameters | (whole - inputs)


def _names(formal: Mapping[str, Any], texts: Iterable[str]) -> set[str]:
    nodes = lines({"let": formal.get("let", ()), "text": list(texts)}, "text")
    return set().union(*(names(node) for node in nodes))


def _moving(formal: Mapping[str, Any]) -> list[str]:
    """Return the names that have a successor: the state, and the abbreviations that may mention it."""
    return [*formal["state"], *(line.partition("=")[0].strip() for line in formal.get("let", ()))]


def _nexts(formal: Mapping[str, Any], branch: Mapping[str, Any]) -> list[str]:
    """Return the ``let`` lines of a step: the next state, and the abbreviations at the next state."""
    later = [line.partition("=") for line in formal.get("let", ())]
    return [
        *(f"{name}_next = {text}" for name, text in branch["next"].items()),
        *(f"{name.strip()}_next = {_prime(text, _moving(formal))}" for name, _, text in later),
    ]


def _prime(line: str, moving: Sequence[str]) -> str:
    return re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda m: m[0] + "_next" if m[0] in moving else m[0], line)


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
    shared = {"let": formal.get("let", ()), "integers": formal.get("integers", ())}
    fixed = _constants(formal) | set(formal["state"])
    fixed |= _names(formal, formal["start"]) | _names(formal, formal.get("always", ()))
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
        if set(chosen) - (_names(formal, branch.get("inputs", ())) - fixed):
            raise Rejected("a step chooses a value that is no input of its branch")
        at = read_point(shared, {"values": {**state, **chosen}})
        if any(pointwise.holds(node, at) is not True for node in lines({**shared, "g": branch.get("inputs", ())}, "g")):
            raise Rejected("an input violates its hypotheses")
        if _violated(lines({"let": [*shared["let"], *_nexts(formal, branch)], "t": branch.get("then", ())}, "t"), at):
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
