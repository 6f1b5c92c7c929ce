r"""Appendix A on coordinates and on Phi (Corollary 16, Lemma 19), and Appendix B on almost-sure limits."""

from __future__ import annotations

from checks.claim import Part, Statement, forall, limit, statement, states, trajectory
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.appendix_a import BOUNDED, START, STEP_SIZE

# a start that D3 and Assumption 1 admit, in the index sets of the full data
START_FULL = ["0 < eta <= 1/5", "1 <= b", "b < m", "m <= n", "0 < sum(i:all, c[i]**2) < 1"]


def linked(*atoms: str) -> list[Part]:
    """Return the identities that tie the factors in u and N to the step derived from the loss."""
    factor = {"batch": o.in_batch(), "rest": o.off_batch(), "outside": o.off_batch()}
    words = {"batch": "in the batch", "rest": "in [m] outside the batch", "outside": "beyond the data"}
    return [
        forall(f"step {words[a]}", f"{o.NEXT} == c[k]*({factor[a]})", let=o.SUMS, index=o.STEP.as_formal({"k": a}))
        for a in atoms
    ]


@states(o.PAPER, "C16")
def bounded_coordinates() -> Statement:
    """State the bound and the sign of every coordinate, and that Psi does not increase."""
    inside, outside = o.in_batch(), o.off_batch()
    return statement(
        *linked("batch", "rest", "outside"),
        forall(
            "Psi'",
            f"{o.next_sum('outside')} == ({outside})**2*sum(i:outside, c[i]**2)",
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        trajectory(
            "squares of the coordinates, signs and Psi at all times",
            state=["p", "N", "Psi"],
            parameters=STEP_SIZE,
            start=["0 <= p", "p <= N", "0 <= Psi", "Psi <= N", "N < 1"],
            branches=[
                {
                    "inputs": ["p <= u", "u <= N"],
                    "next": {"p": f"p*({inside})**2", "N": o.next_norm(), "Psi": f"({outside})**2*Psi"},
                    "then": [f"{inside} > 0", "Psi_next <= Psi"],
                },
                {
                    "inputs": ["0 <= u", "u + p <= N"],
                    "next": {"p": f"p*({outside})**2", "N": o.next_norm(), "Psi": f"({outside})**2*Psi"},
                    "then": [f"{outside} > 0", "Psi_next <= Psi"],
                },
            ],
            always=["p < 1"],
            invariant=["0 <= p", "p < 1", "0 <= Psi", "0 <= N", "N <= 1 + eta/4"],
            detail=(
                "p is the square of one coordinate; the first branch has it in the batch, the second outside it",
                "a coordinate is multiplied by a positive factor at every step, so that its sign never changes",
            ),
        ),
        scope="all m, n, b, eta, batch sequences, coordinates and times; decreasing is read as not increasing",
        derivation=(
            r"Coordinates in the batch are multiplied by $A$ and all others by $B$, which are derived from "
            r"the loss and depend on $u$ and $N$ only.",
        ),
    )


@states(o.PAPER, "S16a")
def in_batch_factor() -> Statement:
    """State the chain for the factor in the batch and the bound that Lemma 20 needs."""
    inside = o.in_batch()
    member = ["0 < eta <= 1/5", "0 <= x < 1", "x**2 <= u", "u <= N", "N <= 1 + eta/4"]
    return statement(
        *linked("batch"),
        forall(
            "chain for the factor",
            ["1 + eta*(2 - u - N) >= 1 + eta*(2 - 2*N)", "1 + eta*(2 - 2*N) >= 1 - eta**2/2", "1 - eta**2/2 > 0"],
            given=BOUNDED,
        ),
        forall("|c'| with x = |c|", [f"{inside} > 0", f"x*({inside}) <= x*(1 + 2*eta*(1 - x**2))"], given=member),
        forall(
            "Lemma 20 with lambda = 2 eta",
            ["2*eta <= 1/2", "x*(1 + 2*eta*(1 - x**2)) < 1"],
            given=["0 < eta <= 1/5", "0 <= x < 1"],
        ),
        scope="all m, n, b, eta; x^2 <= u because the coordinate is in the batch",
    )


@states(o.PAPER, "S16b")
def off_batch_factor() -> Statement:
    """State the update with the square as printed, the open interval, and the bounds given for it."""
    rest = o.STEP.as_formal({"k": "rest"})
    outside = o.off_batch()
    return statement(
        forall(
            "update outside the batch at t = 0, as printed",
            f"{o.NEXT} == c[k]*(1 - eta*u)**2",
            given=START,
            let=o.SUMS,
            index=rest,
        ),
        forall(
            "multiplier in (0,1) at t = 0",
            ["(1 - eta*u)**2 > 0", "(1 - eta*u)**2 < 1"],
            given=START,
            let=o.SUMS,
            index=rest,
        ),
        forall("upper bound", "1 - eta*u <= 1", given=BOUNDED),
        forall(
            "lower bounds",
            ["1 - eta*u >= 1 - eta*N", "1 - eta*N >= 1 - eta*(1 + eta/4)", "1 - eta*(1 + eta/4) > 0"],
            given=BOUNDED,
        ),
        *(Part(p.name + ", without the square", p.formal, role="repair") for p in linked("rest", "outside")),
        forall("the multiplier lies in (0,1]", [f"0 < {outside}", f"{outside} <= 1"], given=BOUNDED, role="repair"),
        forall("it is below one where the batch has mass", f"{outside} < 1", given=[*BOUNDED, "u > 0"], role="repair"),
        scope="all m, n, b, eta",
    )


@states(o.PAPER, "L19")
def data_mass_bounded_below() -> Statement:
    """State that Phi stays at or above delta, and that delta is positive."""
    inside, outside = o.in_batch(), o.off_batch()
    phi = f"(({inside})**2*u + ({outside})**2*(Phi - u))"
    psi = f"(({outside})**2*Psi)"
    named = [
        "u = sum(i:batch, c[i]**2)",
        "N = sum(i:all, c[i]**2)",
        "Phi = sum(i:data, c[i]**2)",
        "Psi = sum(i:outside, c[i]**2)",
    ]
    given = ["0 < eta <= 1/5", "0 <= u", "u <= Phi", "0 <= Psi", "N <= 1 + eta/4"]
    let = ["N = (Phi + Psi)"]
    squares = ["eta**2*u*(2 - u - N)**2", "eta**2*u**2*(Phi - u)", "eta**2*u**2*Psi"]
    below = ["2*eta*u*(2 - N - Phi)", *squares[:2]]
    above = ["(N - 1)*(1 - 4*eta*u)", *squares]
    lower = trajectory(
        "Phi_t >= delta at all times",
        state=["Phi", "Psi"],
        parameters=["0 <= delta"],
        start=["0 <= Psi", "delta <= Phi", "delta <= 1 - Psi", "Phi + Psi < 1"],
        branches=[
            {"inputs": ["Phi + Psi <= 1", "g >= Phi", "0 <= h", "h <= Psi"], "next": {"Phi": "g", "Psi": "h"}},
            {"inputs": ["Phi + Psi >= 1", "g + h >= 1", "0 <= h", "h <= Psi"], "next": {"Phi": "g", "Psi": "h"}},
        ],
        always=["Phi >= delta"],
        invariant=["0 <= Psi", "Psi <= 1 - delta", "Phi >= delta"],
        detail=(
            "delta is any number in [0, min(Phi_0, 1 - Psi_0)]; g and h are Phi' and Psi', with what the two "
            "cases before prove about them",
        ),
    )
    positive = "min(Phi, 1 - Psi) > 0"
    return statement(
        forall(
            "Phi' and Psi'",
            [f"{o.next_sum('data')} == {phi}", f"{o.next_sum('outside')} == {psi}"],
            let=named,
            index=o.STEP.as_formal(),
        ),
        forall("Psi' <= Psi", [f"0 <= {psi}", f"{psi} <= Psi"], let=let, given=given),
        forall("Phi' - Phi", f"{phi} - Phi == {' + '.join(below)}", let=let),
        forall(
            "its terms where the norm is at most one", [f"{x} >= 0" for x in below], let=let, given=[*given, "N <= 1"]
        ),
        forall("N' - 1", f"{phi} + {psi} - 1 == {' + '.join(above)}", let=let),
        forall(
            "its terms where the norm is at least one", [f"{x} >= 0" for x in above], let=let, given=[*given, "N >= 1"]
        ),
        lower,
        forall("delta > 0", positive, given=START_FULL, let=o.FULL_SUMS, index=o.FULL.as_formal()),
        forall(
            "delta > 0 where Phi_0 > 0",
            ["Phi > 0", "1 - Psi > 0"],
            given=["0 < Phi", "0 <= Psi", "Phi + Psi < 1"],
            role="repair",
        ),
        scope="all m, n, b, eta and batch sequences",
    )


@states(o.PAPER, "P21")
def mass_off_the_data() -> Statement:
    """State the limit under the standing assumptions, and the contraction that holds where Phi_0 > 0."""
    return statement(
        limit(
            "Psi_t -> 0",
            ["sum(i:outside, c[i]**2) == 0"],
            given=START_FULL,
            loss=o.SAMPLE_LOSS,
            index=o.FULL.as_formal(),
            latex=r"\|w_0\| < 1,\ 0 < \eta \le \tfrac15,\ w_0 \ne 0 \implies \Psi_t \to 0 \text{ a.s.}",
            detail=(
                "at the start shown no sample has a gradient: every run stays there, whatever the batches, "
                "and Psi_t = Psi_0",
            ),
        ),
        forall(
            "contraction whenever the batch holds the largest coordinate, for delta > 0",
            [f"({o.off_batch()})**2*Psi <= (1 - eta*delta/m)**2*Psi", "(1 - eta*delta/m)**2 < 1"],
            given=[
                "0 < eta <= 1/5",
                "0 < delta <= 1",
                "m >= 1",
                "m*u >= delta",
                "0 <= u",
                "u <= 1 + eta/4",
                "Psi >= 0",
            ],
            role="repair",
            detail=(
                "u >= delta/m once the batch holds the largest of the m coordinates, since Phi_t >= delta "
                "(Lemma 19); this happens infinitely often with probability one",
            ),
        ),
        scope="linear activation, all starts that the assumptions admit",
    )


@states(o.PAPER, "S21")
def contraction_step() -> Statement:
    """State every relation of the contradiction's chain."""
    given = [
        "0 < eta <= 1/5",
        "m >= 1",
        "0 < delta <= 1",
        "0 < star",
        "0 <= Psi",
        "Psi <= top",
        "top <= (1 + eta*delta/m)*star",
        "m*u >= delta",
        "0 <= u",
        "u <= 1 + eta/4",
    ]
    r = ["r = (eta*delta/m)"]
    unit = ["0 < r <= 1/5", "0 < star"]
    return statement(
        forall(
            "eps = eta delta/m lies in (0, 1/5]",
            ["r > 0", "r <= 1/5"],
            let=r,
            given=["0 < eta <= 1/5", "m >= 1", "0 < delta <= 1"],
        ),
        forall(
            "Psi_{t+1}",
            f"{o.next_sum('outside')} == (1 - eta*u)**2*sum(i:outside, c[i]**2)",
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        forall("the multiplier", ["0 <= 1 - eta*u", "1 - eta*u <= 1 - eta*delta/m"], given=given),
        forall(
            "first relation",
            ["f**2*Psi <= g**2*Psi", "g**2*Psi <= g**2*top"],
            given=["0 <= f", "f <= g", "0 <= Psi", "Psi <= top"],
        ),
        forall(
            "Psi_T <= (1 + eps) Psi*", "(1 - r)**2*top <= (1 + r)*(1 - r)**2*star", given=[*unit, "top <= (1 + r)*star"]
        ),
        forall("second relation", "(1 + r)*(1 - r)**2*star <= (1 + r)*(1 - r)*star", given=unit),
        forall("third relation", "(1 + r)*(1 - r)*star < star", given=unit),
        forall(
            "at delta = 0 the last relation is an equality",
            "(1 + r)*(1 - r)*star == star",
            let=["r = (eta*0/m)"],
            given=["m >= 1"],
            role="context",
        ),
        scope="all eta, m, Psi* > 0 and delta > 0 (Eq. 20 includes delta > 0; the proof assumes Psi* > 0)",
    )


@states(o.PAPER, "P22")
def norm_at_least_one() -> Statement:
    """State the lower limit under the standing assumptions, and the growth that holds where Phi_0 > 0."""
    return statement(
        limit(
            "lower limit of the norm at least one",
            ["sum(i:all, c[i]**2) >= 1"],
            given=START_FULL,
            loss=o.SAMPLE_LOSS,
            index=o.FULL.as_formal(),
            latex=r"\|w_0\| < 1,\ 0 < \eta \le \tfrac15,\ w_0 \ne 0 \implies \liminf_t \|w_t\| \ge 1 \text{ a.s.}",
            detail=(
                "at the start shown no sample has a gradient: every run stays there, whatever the batches, "
                "and its norm is below one at all times",
            ),
        ),
        forall(
            "growth whenever the batch holds the largest coordinate, for delta > 0",
            f"{o.next_norm()} >= N + 4*eta*eps*u",
            given=["0 < eta <= 1/5", "0 < eps < 1", "0 <= u <= N", "N <= 1 - eps"],
            role="repair",
            detail=("with u >= delta/m > 0 where Phi_0 > 0 and the batch holds the largest of the m coordinates",),
        ),
        scope="linear activation, all starts that the assumptions admit",
    )
