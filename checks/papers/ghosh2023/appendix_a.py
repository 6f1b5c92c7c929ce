"""Appendix A: coordinate updates and bounds along arbitrary mini-batch sequences (linear activation)."""

from __future__ import annotations

from checks.claim import Statement, forall, limit, statement, states, trajectory
from checks.papers.ghosh2023 import objects as o

STEP_SIZE = ["0 < eta <= 1/5"]


@states(o.PAPER, "L14")
def coordinate_updates() -> Statement:
    """State both updates of Lemma 14 against the step derived from the loss."""
    return statement(
        forall("k in the batch", f"{o.NEXT} == c[k]*(1 + eta*(2 - u - N))", let=o.SUMS, index=o.STEP.as_formal({"k": "batch"})),
        forall("k in [m] outside the batch", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=o.STEP.as_formal({"k": "rest"})),
        forall("k > m", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=o.STEP.as_formal({"k": "outside"})),
        scope="all m, n, b, eta",
    )


@states(o.PAPER, "S14b")
def outside_the_batch() -> Statement:
    """State the two relations that the proof displays for k outside the batch, as printed."""
    outside = o.STEP.as_formal({"k": "rest"})
    return statement(
        forall("first relation", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=outside),
        forall("second relation, as printed", "c[k]*(1 - eta*u) == c[k]*(1 - u)", let=o.SUMS, index=outside),
        forall("with the factor eta", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=outside, role="repair"),
        scope="all m, n, b, eta",
    )


@states(o.PAPER, "P15")
def bounded_iterates() -> Statement:
    """State the bound for every run; N' is linked to the derived step by an identity of its own."""
    return statement(
        forall("N' in u and N", f"{o.next_sum('all')} == {o.next_norm()}", let=o.SUMS, index=o.STEP.as_formal(), role="context"),
        trajectory(
            "bound at all times",
            state=["N"],
            parameters=STEP_SIZE,
            start=["0 <= N < 1"],
            branches=[{"inputs": ["0 <= u <= N"], "next": {"N": o.next_norm()}}],
            always=["N <= 1 + eta/4"],
            invariant=["0 <= N", "N <= 1 + eta/4"],
        ),
        scope="all m, n, eta and all batch sequences",
    )


@states(o.PAPER, "L17")
def norm_growth() -> Statement:
    """State the growth of the norm with the hypothesis as printed; the repaired one turns it round."""
    common = ["0 < eta <= 1/5", "0 < eps < 1", "0 <= u <= N", "N <= 1 + eta/4"]
    grown = f"{o.next_norm()} >= N + 4*eta*eps*u"
    return statement(
        forall("as printed", grown, given=[*common, "N >= 1 - eps"]),
        forall("with |w_t|^2 <= 1 - eps", grown, given=[*common, "N <= 1 - eps"], role="repair"),
        scope="all m, n, batches",
    )
