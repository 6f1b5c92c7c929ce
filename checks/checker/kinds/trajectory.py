"""Claims about all times of a run: an invariant that holds at the start and is kept by every branch of the step.

A step takes one of several *branches* (in the batch, outside it); each has inputs that may be anything that its
hypotheses allow, and gives the next state as expressions.  ``always`` must hold at every time; ``then`` of a branch
relates a state to the next one, whose variables (and abbreviations) carry the suffix ``_next``.  A name of
``parameters`` keeps its value along the run, and so does one of ``start`` or ``always`` that no branch has as an input;
the other names of a branch's inputs are chosen anew at each step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from checks.checker import pointwise, steps
from checks.checker.goal import Rejected, lines

Forall = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


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
    moved = [steps.prime(line, steps.moving(formal)) for line in invariant]
    return [
        steps.at_once(formal, formal["start"], invariant),
        *(steps.after(formal, x, invariant, [*moved, *x.get("then", ())]) for x in formal["branches"]),
        steps.at_once(formal, invariant, formal.get("always", ())),
    ]


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
    require(obligations(formal, invariant), certificate["proofs"], forall)


def require(wanted: Sequence[Mapping[str, Any]], proofs: Sequence[Mapping[str, Any]], forall: Forall) -> None:
    """Accept a proof of each statement.

    Raises
    ------
    Rejected
        When one of them has none.
    """
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
    always, let = lines(formal, "always"), list(formal.get("let", ()))
    for here, at, branch in steps.walk(formal, certificate, [formal["branches"]]):
        if any(pointwise.holds(node, here) is not True for node in always):
            return
        if at is None or branch is None:
            break
        then = lines({"let": [*let, *steps.nexts(formal, branch)], "then": branch.get("then", ())}, "then")
        if any(pointwise.holds(node, at) is not True for node in then):
            return
    raise Rejected("nothing is violated on the way")
