"""Words that claims about runs share: starts, branches of a step, bounds along every run, links to the derived step."""

from __future__ import annotations

from typing import Any

from checks.claim import Part, forall, trajectory
from checks.papers.ghosh2023 import objects as o

STEP_SIZE = ["0 < eta <= 1/5"]
# w_0 is nonzero (Section 3) and |w_0| < 1
START = ["sum(i:all, c[i]**2) > 0", "sum(i:all, c[i]**2) < 1"]
BATCH_SIZE = ["1 <= b", "b <= m - 1"]
SIGNED_DATA_POINT = ["any(i:data, c[i]**2 == 1)", "sum(i:all, c[i]**2) == 1"]
IN_BATCH = {"inputs": ["x <= u", "0 <= u <= N"], "next": {"x": f"x*({o.in_batch()})**2", "N": o.next_norm()}}
OFF_BATCH = {"inputs": ["0 <= u", "u + x <= N"], "next": {"x": f"x*({o.off_batch()})**2", "N": o.next_norm()}}


def step_links() -> tuple[Part, ...]:
    """Return the identities that tie the scalar factors to the step derived from the loss."""
    kinds = (
        ("batch", "in the batch", o.in_batch()),
        ("rest", "in [m] outside the batch", o.off_batch()),
        ("outside", "k > m", o.off_batch()),
    )
    return (
        *(
            forall(f"factor of the step, {w}", f"{o.NEXT} == c[k]*({f})", let=o.SUMS, index=o.STEP.as_formal({"k": a}))
            for a, w, f in kinds
        ),
        forall("N' in u and N", f"{o.next_sum('all')} == {o.next_norm()}", let=o.SUMS, index=o.STEP.as_formal()),
    )


def bounded_norm(name: str, **more: Any) -> Part:
    """Return |w_t|^2 <= 1 + eta/4 along every run of Assumption 1, with relations that each step shows."""
    return trajectory(
        name,
        state=["N"],
        parameters=STEP_SIZE,
        start=["0 <= N < 1"],
        branches=[{"inputs": ["0 <= u <= N"], "next": {"N": o.next_norm()}, "then": more.pop("then", [])}],
        always=["N <= 1 + eta/4"],
        invariant=["0 <= N", "N <= 1 + eta/4"],
        **more,
    )


def full_batch(
    name: str, start: list[str], then: list[str], always: list[str], invariant: list[str], **more: Any
) -> Part:
    """Return a statement on every full-batch run (Phi, Psi) with |w_0| < 1."""
    return trajectory(
        name,
        state=["Phi", "Psi"],
        parameters=[*STEP_SIZE, *more.pop("parameters", [])],
        start=[*start, "0 <= Phi", "0 <= Psi", "Phi + Psi < 1"],
        branches=[{"next": {"Phi": o.next_phi(), "Psi": o.next_psi()}, "then": then}],
        always=always,
        invariant=[*invariant, "0 <= Phi", "0 <= Psi", "Phi + 5*Psi/8 < 1"],
        **more,
    )


def full_batch_links() -> tuple[Part, ...]:
    """Return the identities that tie (Phi', Psi') to the step derived from the loss."""
    index = o.FULL.as_formal()
    return (
        forall("Phi' in Phi and Psi", f"{o.next_sum('batch')} == {o.next_phi()}", let=o.FULL_SUMS, index=index),
        forall("Psi' in Phi and Psi", f"{o.next_sum('outside')} == {o.next_psi()}", let=o.FULL_SUMS, index=index),
    )
