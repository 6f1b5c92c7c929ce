"""Sections 4 to 4.2: theorems, invariants and bounds (linear activation)."""

from __future__ import annotations

from typing import Any

from checks.claim import (
    Statement,
    aligned_with_probability,
    forall,
    limit,
    statement,
    states,
    tends,
    trajectory,
    unformalised,
)
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.runs import (
    BATCH_SIZE,
    IN_BATCH,
    OFF_BATCH,
    SIGNED_DATA_POINT,
    START,
    STEP_SIZE,
    bounded_norm,
    full_batch,
    full_batch_links,
    step_links,
)


@states(o.PAPER, "T1")
def full_batch_limit() -> Statement:
    """State the limit of full-batch descent; where the start meets the data, its rate."""
    return statement(
        limit(
            "the limit is the unit vector w_GD of the span of the data",
            ["sum(i:data, c[i]**2) == 1", "all(k:outside, c[k] == 0)"],
            given=[*STEP_SIZE, *START, "m >= 1"],
            loss=o.SAMPLE_LOSS,
            index=o.FULL.as_formal(),
            detail=(
                "Of $w_{GD} = \\Pi_m w_0 / \\|\\Pi_m w_0\\|$ only this is stated here: "
                "it exists, has norm 1 and lies in the span.",
            ),
        ),
        full_batch(
            "with Phi_0 > 0: geometric convergence of Phi to 1, and Psi <= (8/5)(1 - Phi)",
            ["Phi0 <= Phi"],
            ["1 - Phi_next <= (1 - 4*eta*Phi0/5)*(1 - Phi)", "Phi <= Phi_next"],
            ["Psi <= 8*(1 - Phi)/5"],
            ["Phi0 <= Phi"],
            parameters=["0 < Phi0 < 1"],
            role="repair",
        ),
        tends(
            "with Phi_0 > 0: w_t tends to w_GD, coordinate by coordinate",
            {"k*R": "k", "Psi": "0"},
            state=["R", "Psi"],
            parameters=[*STEP_SIZE, "0 < R0", "-1 <= k <= 1"],
            start=["R0 == R", "0 <= Psi", "R**2 + Psi < 1"],
            branches=[
                {
                    "next": {
                        "R": f"R*({o.full_factors()[0].replace('Phi', '(R**2)')})",
                        "Psi": o.next_psi().replace("Phi", "(R**2)"),
                    }
                }
            ],
            hint={
                "invariants": [["0 < R0 <= R", "R < 1", "0 <= Psi", "R**2 + 5*Psi/8 < 1"]],
                "potentials": [{"values": ["1 - R"], "drops": ["4*eta*R0**2/5"], "power": 1}],
                "bounds": [{"power": 1, "by": ["1"]}, {"power": 1, "by": ["16/5"]}],
            },
            latex=r"0 < \|\Pi_m w_0\|\ \Longrightarrow\ \lim_t c_t(i) = c_0(i)/\|\Pi_m w_0\|,\quad \lim_t \Psi_t = 0",
            role="repair",
            detail=(
                "$R = \\|\\Pi_m w_t\\|$; by the next part all $c_t(i)$ and $R$ are multiplied by one positive factor, "
                "so $c_t(i) = k R$ with $k = c_0(i)/R_0$, the coordinate of $w_{GD}$.",
            ),
        ),
        forall(
            "all data coordinates keep their ratios",
            f"{o.NEXT} == c[k]*({o.full_factors()[0]})",
            let=o.FULL_SUMS,
            index=o.FULL.as_formal({"k": "batch"}),
            role="repair",
        ),
        scope="all m, n, eta",
        derivation=(
            "Every per-sample gradient has the factor $\\langle w, a_i\\rangle$: "
            "a start orthogonal to the data never moves.",
        ),
    )


@states(o.PAPER, "S1")
def depends_on_the_span() -> Statement:
    """State that the full-batch step sees the data through the projection onto their span only."""
    image = "sum(i:data, c[i]*delta(i,k))"
    spanned = f"{o.NEXT} == c[k]*(1 - eta*Phi) + eta*(2 - N)*{image}"
    let = ["Phi = sum(k:all, sum(i:data, c[i]*delta(i,k))**2)", "N = sum(i:all, c[i]**2)"]
    return statement(
        *(
            forall(
                f"step = (1 - eta |Pw|^2) w + eta (2 - |w|^2) Pw, {words}",
                spanned,
                let=let,
                index=o.FULL.as_formal({"k": atom}),
            )
            for atom, words in (("batch", "coordinate in [m]"), ("outside", "coordinate outside [m]"))
        ),
        forall("Pw lies in the span", f"{image} == 0", index=o.FULL.as_formal({"k": "outside"})),
        forall(
            "w - Pw is orthogonal to the data",
            f"c[k] - {image} == 0",
            index=o.FULL.as_formal({"k": "batch"}),
            detail=(
                "These two relations determine $Pw$ from $w$ and the span alone, and an orthogonal "
                "map that preserves the span carries the data to another "
                "orthonormal basis of it: both data sets give the same step, hence the same run and the same limit.",
            ),
        ),
        scope="all m, n, eta, w_0; the limit wherever it exists",
        derivation=(
            "The step is $w' = (1 - \\eta \\|Pw\\|^2)\\, w + \\eta (2 - \\|w\\|^2)\\, Pw$ "
            "with $P$ the projection onto the span of the data.",
        ),
    )


@states(o.PAPER, "T2")
def sgd_limit() -> Statement:
    """State that mini-batch SGD converges to a signed data point, for every start of the theorem."""
    return statement(
        limit(
            "the limit is a signed data point",
            SIGNED_DATA_POINT,
            given=[*BATCH_SIZE, *STEP_SIZE, *START],
            loss=o.SAMPLE_LOSS,
            index=o.STEP.as_formal(),
            detail=("The set of the theorem is smaller: the signs are those of $w_0$.",),
        ),
        scope="all m, n, b, eta",
        reason="no method proves almost sure limits; no start that every sample leaves unmoved contradicts it",
        derivation=(
            "Every per-sample gradient has the factor $\\langle w, a_i\\rangle$: "
            "a start orthogonal to the data never moves.",
        ),
    )


@states(o.PAPER, "C3")
def gaussian_start() -> Statement:
    """State part (iii) as a probability above 1/2, which 1 - O(1/n) is for large n; the other parts stay open."""
    return statement(
        aligned_with_probability(
            "(iii) cossim(w_t, D) -> 1 for SGD",
            above="1/2",
            loss=o.SAMPLE_LOSS,
            index=o.STEP.as_formal(),
            law="invariant under c -> -c",
            detail=(
                "$1 - O(1/n) > 1/2$ for large n; $\\mathrm{cossim}(w, D) = \\max_i "
                "\\langle w/\\|w\\|, a_i\\rangle$ has no "
                "absolute value (Eq. 7), and is 0 at $-a_j$.",
            ),
        ),
        *(
            forall(
                f"{p.name}: odd in c, as u and N are even",
                p.formal["show"],
                let=o.SUMS,
                index=p.formal["index"],
                role="context",
            )
            for p in step_links()[:3]
            if p.formal is not None
        ),
        unformalised(
            "(i), (ii), (iv)",
            "rates that hold with high probability over a Gaussian start: no method of the ladder states them",
        ),
        scope="large n",
        derivation=(
            "Each factor of the step is even in $w$: the run from $-w_0$ with "
            "the same batches is minus the run from $w_0$.",
        ),
    )


@states(o.PAPER, "S2")
def cyclic_remarks() -> Statement:
    """State the belief that cyclic SGD converges to a data point from every start."""
    return statement(
        limit(
            "(a) the limit is a data point up to sign, for arbitrary m, n and w_0 with |w_0| < 1",
            SIGNED_DATA_POINT,
            given=["0 < eta <= 1/4", *START, "b == 1", "m >= 1"],
            loss=o.SAMPLE_LOSS,
            index=o.STEP.as_formal(),
        ),
        unformalised(
            "(b) bias towards the sample that the iterate is most correlated with", "an intuition, not a statement"
        ),
        scope="all m, n",
        derivation=(
            "Every per-sample gradient has the factor $\\langle w, a_i\\rangle$: a start orthogonal to "
            "the data never moves, in whatever order the samples come.",
        ),
    )


@states(o.PAPER, "EQ8")
def full_batch_updates() -> Statement:
    """State both full-batch updates against the step derived from the loss."""
    return statement(
        forall(
            "i in [m]",
            f"{o.NEXT} == c[k]*(1 + eta*(2 - 2*Phi - Psi))",
            let=o.FULL_SUMS,
            index=o.FULL.as_formal({"k": "batch"}),
        ),
        forall("j > m", f"{o.NEXT} == c[k]*(1 - eta*Phi)", let=o.FULL_SUMS, index=o.FULL.as_formal({"k": "outside"})),
        scope="all m, n, eta",
    )


@states(o.PAPER, "EQ9")
def direction_invariant() -> Statement:
    """State Eq. (9) at t = 0 and that each step keeps it."""
    index = o.FULL.as_formal({"k": "batch"})
    kept = f"({o.NEXT})**2*Phi == c[k]**2*{o.next_sum('batch')}"
    factor = o.full_factors()[0]
    return statement(
        forall("t = 0", "c[k] == c[k]*sqrt(Phi/Phi)", given=[*STEP_SIZE, *START], let=o.FULL_SUMS, index=index),
        forall("c(i)^2 / Phi is kept", kept, let=o.FULL_SUMS, index=index),
        full_batch("no sign changes", [], [f"{factor} > 0"], [], []),
        full_batch(
            "with Phi_0 > 0: Phi_t > 0, so the quotient is defined",
            ["0 < Phi"],
            [f"{factor} > 0"],
            ["Phi > 0"],
            ["0 < Phi"],
            role="repair",
        ),
        scope="all m, n, eta, t",
        derivation=(f"All data coordinates share the factor ${o.FULL_FACTOR_LATEX}$.",),
    )


@states(o.PAPER, "EQ10")
def weighted_norm() -> Statement:
    """State Eq. (10) for every full-batch run."""
    return statement(
        *full_batch_links(),
        full_batch("Phi + (5/8) Psi < 1 at all times", [], [], ["Phi + (5/8)*Psi < 1"], []),
        scope="all m, n, eta, t",
    )


@states(o.PAPER, "P5")
def bounded_iterates() -> Statement:
    """State the bound for every batch sequence; N' is linked to the derived step."""
    return statement(
        *step_links()[3:], bounded_norm("bound at all times"), scope="all m, n, b, eta and all batch sequences"
    )


@states(o.PAPER, "S3")
def consequences_of_the_bound() -> Statement:
    """State the three consequences with their strict inequalities, for every coordinate of every run."""
    common: dict[str, Any] = {
        "state": ["c", "N"],
        "parameters": STEP_SIZE,
        "start": ["-1 < c < 1", "c**2 <= N", "0 < N < 1"],
    }
    kept = ["0 <= N", "N <= 1 + eta/4"]
    batch = {"inputs": ["c**2 <= u", "0 <= u <= N"], "next": {"c": f"c*({o.in_batch()})", "N": o.next_norm()}}
    rest = {"inputs": ["0 <= u <= N", "u + c**2 <= N"], "next": {"c": f"c*({o.off_batch()})", "N": o.next_norm()}}
    moved = {**common, "start": [*common["start"], "c >= 1/4"]}
    smaller, ratio = {**rest, "then": ["c_next**2 < c**2"]}, {**rest, "then": ["c_next/c < 1"]}
    state = [*STEP_SIZE, "0 <= u <= N", "N <= 1 + eta/4"]
    return statement(
        *step_links(),
        trajectory("|c_{t+1}(j)| < |c_t(j)| for j outside the batch", **common, branches=[smaller], invariant=kept),
        trajectory("c_{t+1}(j)/c_t(j) < 1 for j outside the batch", **common, branches=[ratio], invariant=kept),
        trajectory(
            "c_{t+1}(l)/c_t(l) > 0 for l in the batch",
            **common,
            branches=[{**batch, "then": ["c_next/c > 0"]}],
            invariant=kept,
        ),
        trajectory(
            "c_{t+1}(l)/c_t(l) > 0 for l outside the batch",
            **common,
            branches=[{**rest, "then": ["c_next/c > 0"]}],
            invariant=kept,
        ),
        trajectory(
            "the first of these where c_0(j) >= 1/4",
            **moved,
            branches=[smaller],
            invariant=kept,
            role="context",
            detail=("A run of this kind: $m = n = 2$, $w_0 = (1/4, 0)$, $B_0 = \\{2\\}$.",),
        ),
        forall("the factor in the batch is positive", f"{o.in_batch()} > 0", given=state, role="repair"),
        forall("the factor outside the batch is in (0, 1]", f"0 < {o.off_batch()} <= 1", given=state, role="repair"),
        forall("it is below 1 when the batch sees w_t", f"{o.off_batch()} < 1", given=[*state, "u > 0"], role="repair"),
        scope="all m, n, b, eta, batch sequences and coordinates",
        derivation=(
            "A batch whose samples are orthogonal to $w_t$ has $u_t = 0$ and leaves every "
            "other coordinate where it is; a coordinate 0 stays 0.",
        ),
    )


@states(o.PAPER, "C6")
def coordinate_bounds() -> Statement:
    """State the bound and the sign of every coordinate, and that Psi never grows, for every run."""
    mass = trajectory(
        "Psi never grows",
        state=["x", "N"],
        parameters=STEP_SIZE,
        start=["0 <= x <= N", "0 <= N < 1"],
        branches=[{**OFF_BATCH, "then": ["x_next <= x"]}],
        invariant=["0 <= x", "0 <= N", "N <= 1 + eta/4"],
        detail=(
            "$x = \\Psi_t$; $\\Psi_{t+1}$ is the sum of the squares of coordinates "
            "that share the factor outside the batch.",
        ),
    )
    return statement(
        *step_links(),
        forall(
            "Psi' in u and Psi",
            f"{o.next_sum('outside')} == ({o.off_batch()})**2*sum(j:outside, c[j]**2)",
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        trajectory(
            "c_t(i)^2 < 1, and the factor of each step is positive, so signs are kept",
            state=["x", "N"],
            parameters=STEP_SIZE,
            start=["0 <= x <= N", "0 <= N < 1"],
            branches=[{**IN_BATCH, "then": [f"{o.in_batch()} > 0"]}, {**OFF_BATCH, "then": [f"{o.off_batch()} > 0"]}],
            always=["x < 1"],
            invariant=["0 <= x < 1", "0 <= N", "N <= 1 + eta/4"],
            detail=("$x = c_t(i)^2$; in the batch $x \\le u$, outside $u + x \\le N$.",),
        ),
        mass,
        scope="all m, n, b, eta, batch sequences and coordinates; decreasing in the wide sense",
    )
