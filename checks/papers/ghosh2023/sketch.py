"""Proposition 7 and Sections 4.3 to 4.5: the process R and the sketch of its transience (linear activation)."""

from __future__ import annotations

from typing import Any

import numpy as np

from checks.claim import Statement, forall, limit, statement, states, unformalised
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.runs import (
    BATCH_SIZE,
    START,
    STEP_SIZE,
    bounded_norm,
    full_batch,
    full_batch_links,
    step_links,
)
from checks.statistics import share_of_runs

# |c_t(l)| of the data coordinates, the leading one set apart
LEADING: dict[str, Any] = {"atoms": {"lead": "1", "J": "m - 1"}, "sets": {}, "families": {"d": None}, "indices": {}}
# b = 1 and a sample other than the leading one is drawn
OTHER_DRAWN: dict[str, Any] = {
    "atoms": {"lead": "1", "batch": "1", "others": "m - 2", "outside": "n - m"},
    "sets": {
        "J": ["batch", "others"],
        "data": ["lead", "batch", "others"],
        "all": ["lead", "batch", "others", "outside"],
    },
    "families": {"c": None},
    "indices": {},
}


@states(o.PAPER, "P7")
def mass_outside_vanishes() -> Statement:
    """State both almost sure limits for every start of the standing assumptions."""
    common: dict[str, Any] = {
        "given": [*BATCH_SIZE, *STEP_SIZE, *START],
        "loss": o.SAMPLE_LOSS,
        "index": o.STEP.as_formal(),
    }
    positive = {**common, "given": [*common["given"], "all(k:all, c[k] > 0)"]}
    vanishes, grows = ["all(k:outside, c[k] == 0)"], ["sum(i:all, c[i]**2) >= 1"]
    alone, both = "Assumption 1, as Section 4.2 has it", "Assumptions 1 and 2"
    return statement(
        limit("Psi_t -> 0", vanishes, reading=alone, **common),
        limit("liminf |w_t| >= 1", grows, reading=alone, **common),
        limit("Psi_t -> 0, positive start", vanishes, reading=both, **positive),
        limit("liminf |w_t| >= 1, positive start", grows, reading=both, **positive),
        scope="all m, n, b, eta",
        reason="the proposition does not say which standing assumptions it needs; without Assumption 2, "
        "or some nonzero coordinate along the data, both halves fail",
        derivation=(
            "Every per-sample gradient has the factor $\\langle w, a_i\\rangle$: "
            "a start orthogonal to the data never moves.",
        ),
    )


@states(o.PAPER, "P8")
def transience_criterion() -> Statement:
    """State the imported criterion."""
    return statement(
        unformalised(
            "(A1), (A2) and a positive limiting drift imply X_t -> oo",
            "a theorem on adapted processes, quoted from the literature; "
            "conditional expectations are not in the grammar",
        )
    )


@states(o.PAPER, "P9")
def transience() -> Statement:
    """State the transience of R."""
    return statement(
        share_of_runs(
            "R_t -> oo almost surely",
            lambda result: np.asarray(result.observables["log_ratio"] > 10),
            surrogate="from Gaussian starts, R_T > 10 in more than 99 % of the replicas, for (m, n, b) = (2, 2, 1) at "
            "T = 5000, (4, 6, 1) at T = 10000 and (4, 4, 3) at T = 20000, eta = 1/5; signs do not matter, as R depends "
            "on absolute values only",
            settings=[
                {"m": m, "n": n, "b": b, "eta": 0.2, "algorithm": "sgd", "steps": steps, "init": "gaussian:0.5"}
                for m, n, b, steps in ((2, 2, 1, 5000), (4, 6, 1, 10000), (4, 4, 3, 20000))
            ],
            record=["log_ratio"],
            latex=r"R_T > 10",
        ),
        scope="starts with at least two nonzero data coordinates",
    )


@states(o.PAPER, "S4")
def range_and_constancy() -> Statement:
    """State the lower bounds of R through exp(R), and that a full-batch step keeps exp(R)."""
    sizes: dict[str, Any] = {"given": ["0 < a", "0 < S", "S <= (m - 1)*a", "m >= 2"], "integers": ["m"]}
    factor = o.full_factors()[0]
    return statement(
        forall(
            "(m - 1) a - S is the sum of a - |c(l)| over J",
            "(m - 1)*a - sum(l:J, d[l]) == sum(l:J, a - d[l])",
            index=LEADING,
        ),
        forall("each of these terms is nonnegative", "a - d >= 0", given=["0 <= d <= a"]),
        forall(
            "(a) R >= -log(m - 1)",
            "a/S >= 1/(m - 1)",
            **sizes,
            detail=("$\\exp(R) = a/S$ with $a = |c(i^*)|$ and $S$ the sum over $J$; the logarithm is increasing.",),
        ),
        forall("(a) as in Appendix C: R >= -log(m)", "a/S >= 1/m", **sizes),
        forall(
            "(b) one factor for all data coordinates",
            f"{o.NEXT} == c[k]*({factor})",
            let=o.FULL_SUMS,
            index=o.FULL.as_formal({"k": "batch"}),
        ),
        full_batch("(b) the factor is positive along every run", [], [f"{factor} > 0"], [], []),
        forall(
            "(b) exp(R) is kept",
            "(g*a)/(g*S) == a/S",
            given=["g != 0", "0 < a", "0 < S"],
            detail=("$g$ is the common factor; its absolute value cancels and the leading index stays.",),
        ),
        *full_batch_links(),
        scope="all m, n, eta under Assumption 1, wherever R is defined (at least two nonzero data coordinates)",
    )


@states(o.PAPER, "EQ12")
def frozen_leading_index() -> Statement:
    """State the bound through exponentials, with the relations that the text gives for it."""
    after: dict[str, Any] = {"given": ["0 < frozen <= top", "top < T"]}
    return statement(
        forall("sum over J_{t+1} <= sum over J_t", "T - top <= T - frozen", **after),
        forall(
            "exp(R_{t+1} - R_t) >= exp(Delta_t)",
            "(top/(T - top))/(a/S) >= (frozen/(T - frozen))/(a/S)",
            given=[*after["given"], "0 < a", "0 < S"],
            detail=(
                "At time $t+1$: top $= |c(i^*_{t+1})|$, frozen $= |c(i^*_t)| \\le$ top, $T = "
                "\\sum_{[m]} |c(l)|$; at time $t$: $\\exp(R_t) = a/S$. "
                "The logarithm is increasing.",
            ),
        ),
        scope="all m, n, b, wherever R_t, R_{t+1} and Delta_t are defined",
    )


@states(o.PAPER, "EQ13")
def concentration() -> Statement:
    """State the chain of bounds on the mass off the leading coordinate; the limit stays open."""
    index = {
        "atoms": {"lead": "1", "J": "m - 1", "outside": "n - m"},
        "sets": {"all": ["lead", "J", "outside"]},
        "families": {"c": None},
        "indices": {},
    }
    return statement(
        forall(
            "|w|^2 - c(i*)^2 - Psi is the sum of squares over J",
            "sum(i:all, c[i]**2) - sum(i:lead, c[i]**2) - sum(i:outside, c[i]**2) == sum(l:J, c[l]**2)",
            index=index,
        ),
        forall("0 <= c(l)^2 <= |c(l)|, term by term", "0 <= d**2 <= d", given=["0 <= d < 1"]),
        forall("sum over J of |c(l)| = |c(i*)| exp(-R)", "S == a*(1/(a/S))", given=["0 < a < 1", "0 < S"]),
        forall("|c(i*)| exp(-R) <= exp(-R)", "a*(1/(a/S)) <= 1/(a/S)", given=["0 < a < 1", "0 < S"]),
        unformalised("|w_t|^2 and c_t(i*)^2 tend to 1 as R_t, t -> oo", "needs both limits of Proposition 7"),
        scope="wherever R_t is defined",
        reason="the limit rests on both limits of Proposition 7",
    )


@states(o.PAPER, "EQ14")
def increment_when_leading_drawn() -> Statement:
    """State both forms of exp(Delta) for b = 1 when the leading sample is drawn, and the value at the limit."""
    bounds = [*STEP_SIZE, "0 < u <= N", "N <= 1 + eta/4"]
    printed = "(1 + eta*(2 - u - N))/(1 - eta*u)"
    return statement(
        *step_links()[:1],
        forall(
            "sum over J after the step",
            f"{o.next_over('rest')} == ({o.off_batch()})*sum(l:rest, c[l])",
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        bounded_norm("|w_t|^2 <= 1 + eta/4"),
        forall(
            "first form",
            f"((a*({o.in_batch()}))/(S*({o.off_batch()})))/(a/S) == {printed}",
            given=[*bounds, "0 < a", "0 < S"],
            detail=(
                "$a = c_t(i^*)$, $u = a^2$ as $B_t = \\{i^*\\}$, $S$ the sum "
                "over $J_t$; stated for $\\exp(\\Delta_t)$.",
            ),
        ),
        forall("second form", f"{printed} == 1 + eta*(2 - N)/(1 - eta*u)", given=bounds),
        forall("the logarithm is defined", f"{printed} > 0", given=bounds),
        forall(
            "limit",
            "(1 + eta*(2 - u - N))/(1 - eta*u) == 1/(1 - eta)",
            given=STEP_SIZE,
            let=["u = 1", "N = 1"],
            detail=(
                "A quotient whose denominator does not vanish at the limit point is "
                "continuous there, and so is its logarithm.",
            ),
        ),
        scope="b = 1, all m, n, eta under Assumption 1, wherever R_t is defined",
    )


@states(o.PAPER, "S5")
def expansion_when_another_drawn() -> Statement:
    """State the three printed expressions for the ratio of sums against the derived one."""
    let = ["ci = sum(i:batch, c[i])", "u = sum(i:batch, c[i]**2)", "N = sum(i:all, c[i]**2)", "S = sum(l:J, c[l])"]
    first = "(eta*ci*(1 + eta*(2 - u - N)) + (1 - eta*u)*sum(l:others, c[l]))/S"
    second = "(ci*(2 - N) + (1 - eta*u)*S)/S"
    derived = f"{o.next_over('J')}/S"
    run = [*STEP_SIZE, "N < 1", "all(l:all, c[l] > 0)", "all(l:J, c[l] < sum(i:lead, c[i]))"]
    here: dict[str, Any] = {"let": let, "index": OTHER_DRAWN}
    return statement(
        forall("(i) is the ratio", f"{derived} == {first}", given=run, **here),
        forall("(i) = (ii)", f"{first} == {second}", given=run, **here),
        forall(
            "the ratio, without the factor eta in (i)",
            f"{derived} == (ci*(1 + eta*(2 - u - N)) + (1 - eta*u)*sum(l:others, c[l]))/S",
            given=["S > 0"],
            role="repair",
            **here,
        ),
        forall(
            "the ratio, with the factor eta in (ii)",
            f"{derived} == (eta*ci*(2 - N) + (1 - eta*u)*S)/S",
            given=["S > 0"],
            role="repair",
            **here,
        ),
        forall(
            "ratio - (iii), which vanishes as N -> 1",
            f"{derived} - (eta*ci/S + (1 - eta*u)) == eta*ci*(1 - N)/S",
            given=["S > 0"],
            role="context",
            **here,
        ),
        scope="b = 1, all m, n, eta",
        derivation=(
            "The drawn coordinate is multiplied by $1 + \\eta (2 - c(i)^2 - N)$ and the others by $1 - \\eta c(i)^2$.",
        ),
    )


@states(o.PAPER, "S6")
def drift_for_single_samples() -> Statement:
    """State the exact relations of the drift bound; the asymptotic one stays open."""
    return statement(
        forall("log(1 + x) <= x", "log(1 + x) <= x", given=["0 <= x < 1"]),
        forall(
            "sum over J of c(l)/S is 1",
            "sum(l:J, d[l])/S == 1",
            let=["S = sum(l:J, d[l])"],
            given=["S > 0"],
            index=LEADING,
        ),
        forall("log(1/(1-x)) >= x (1 + x/2)", "log(1/(1 - x)) >= x*(1 + x/2)", given=["0 < x < 1"]),
        forall(
            "(1/m)[log(1/(1-eta)) - eta] >= eta^2/(2m), times m",
            "log(1/(1 - eta)) - eta >= eta**2/2",
            given=STEP_SIZE,
            detail=("Both sides have the factor $1/m > 0$.",),
        ),
        unformalised(
            "E Delta_t is at least (1/m)[log(1/(1-eta)) - eta] up to an error that vanishes as R_t, t -> oo",
            "an asymptotic relation that rests on Proposition 7",
        ),
        reason="the asymptotic relation rests on both limits of Proposition 7",
    )


@states(o.PAPER, "S7")
def constant_increment() -> Statement:
    """State the bound on exp(Delta) along every run, and that it exceeds 1."""
    bounds = [*STEP_SIZE, "0 < u <= N", "N <= 1 + eta/4"]
    return statement(
        *step_links()[:1],
        forall(
            "sum over J after the step",
            f"{o.next_over('rest')} == ({o.off_batch()})*sum(l:rest, c[l])",
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        forall("N' in u and N", f"{o.next_sum('all')} == {o.next_norm()}", let=o.SUMS, index=o.STEP.as_formal()),
        bounded_norm(
            "exp(Delta) >= 1 + eta (1 - eta/4) at every step",
            then=[f"({o.in_batch()})/({o.off_batch()}) >= 1 + eta*(1 - eta/4)"],
            detail=(
                "With $B_t = \\{i^*_t\\}$ and $u = c_t(i^*)^2$: $\\exp(\\Delta_t)$ is the quotient "
                "of the two factors. The logarithm is increasing.",
            ),
        ),
        forall(
            "the quotient of sums is the quotient of the factors",
            f"((a*({o.in_batch()}))/(S*({o.off_batch()})))/(a/S) == ({o.in_batch()})/({o.off_batch()})",
            given=[*bounds, "0 < a", "0 < S"],
        ),
        forall("the bound exceeds 1", "1 + eta*(1 - eta/4) > 1", given=STEP_SIZE),
        scope="b = 1, all m, n, eta under Assumption 1, wherever R_t is defined",
    )
