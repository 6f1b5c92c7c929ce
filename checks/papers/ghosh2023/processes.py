"""Definitions D9 to D12: processes, curvature, cyclic SGD in the plane, against the derivation and the paper's use."""

from __future__ import annotations

from checks.claim import Statement, forall, statement, states, unformalised
from checks.papers.ghosh2023 import objects as o


@states(o.PAPER, "D9")
def half_line_conditions() -> Statement:
    """State the consequence that the text draws from (A1)."""
    return statement(
        forall(
            "one more trial keeps at most a share 1 - eps of the paths below y",
            "r*(1 - p) <= r*(1 - eps)",
            given=["0 <= r <= 1", "0 < eps < 1", "eps <= p <= 1"],
            role="context",
        ),
        unformalised(
            "(A1) implies limsup X_t = oo almost surely",
            "by Levy's 0-1 law the conditional probability of exceeding y after time t, at least eps, tends "
            "to an indicator; no method of the ladder states conditional probabilities",
        ),
    )


@states(o.PAPER, "D10")
def filtration_and_factors() -> Statement:
    """State the factors and sums of Appendix C against the derived step, and the filtration in two readings."""
    index = {**o.STEP.as_formal(), "atoms": {"lead": "1", "tail": "b - 1", "rest": "m - b", "outside": "n - m"}}
    index["sets"] = {
        "batch": ["lead", "tail"],
        "data": ["lead", "tail", "rest"],
        "all": ["lead", "tail", "rest", "outside"],
        "J": ["tail", "rest"],
    }
    other = {**index, "atoms": {"lead": "1", "batch": "b", "rest": "m - b - 1", "outside": "n - m"}}
    other["sets"] = {
        "data": ["lead", "batch", "rest"],
        "all": ["lead", "batch", "rest", "outside"],
        "J": ["batch", "rest"],
    }
    return statement(
        forall("A_t(B)", f"{o.in_batch()} == 1 + eta*(2 - u - N)"),
        forall("B_t(B)", f"{o.off_batch()} == 1 - eta*u"),
        forall("S_t = c_t(i*) exp(-R_t)", "S == a*(1/(a/S))", given=["0 < a", "0 < S"], reading="as defined"),
        forall(
            "S_t for i* in B",
            "sum(l:J, c[l]) == sum(l:tail, c[l]) + sum(l:rest, c[l])",
            index={**index, "families": {"c": None}},
        ),
        forall(
            "S_t for i* outside B",
            "sum(l:J, c[l]) == sum(l:batch, c[l]) + sum(l:rest, c[l])",
            index={**other, "families": {"c": None}},
        ),
        forall(
            "with the drift of Proposition 23: P(i* in B_t | F_t) = b/m",
            "p == b/m",
            given=["p*(1 - p) == 0", "1 <= b < m"],
            integers=["b", "m"],
            reading="as Proposition 23 uses it",
            detail=(
                "$B_t$ is measurable with respect to $F_t = \\sigma(B_0, \\dots, B_t)$, so this conditional "
                "probability $p$ is the indicator of $i^*_t \\in B_t$.",
            ),
        ),
        scope="all m, n, b; R_t where defined",
        reason=(
            "factors and sums are reproduced and R is adapted, but with F_t = sigma(B_0, ..., "
            "B_t) the drift E(R_{t+1} - R_t | F_t) of Proposition 23 "
            "is the increment itself; its proof conditions on F_{t-1}"
        ),
    )


@states(o.PAPER, "D11")
def generalised_sharpness() -> Statement:
    """State what the two curvatures are for a smooth function, in the eigenbasis of its Hessian."""
    index = {"atoms": {"all": "n"}, "sets": {}, "families": {"h": None, "v": None}, "indices": {}}
    along = "f0 + t*sum(i:all, g[i]*v[i]) + t**2*sum(i:all, h[i]*v[i]**2)/2 + r*t**3"
    smooth = {**index, "families": {"h": None, "v": None, "g": None}}
    return statement(
        forall(
            "D_v f is the gradient's component along v", f"taylor({along}, t, 1) == sum(i:all, g[i]*v[i])", index=smooth
        ),
        forall("D_v^2 f is v^T H v", f"taylor({along}, t, 2) == sum(i:all, h[i]*v[i]**2)", index=smooth),
        forall(
            "top - v^T H v, |v| = 1, is a sum of terms (top - h_i) v_i^2",
            "top*sum(i:all, v[i]**2) - sum(i:all, h[i]*v[i]**2) == sum(i:all, (top - h[i])*v[i]**2)",
            index=index,
        ),
        forall("each of these terms is nonnegative", "(top - h)*v**2 >= 0", given=["h <= top"]),
        forall(
            "maximum curvature is the spectral norm of H",
            "top == max(abs(top), abs(low))",
            given=["low <= top"],
            reading="norm",
            detail=("$\\|H\\|_2$ read as the spectral norm: the largest absolute value of an eigenvalue.",),
        ),
        forall("maximum curvature, attained at the top eigenvector", "top*1**2 == top", reading="largest eigenvalue"),
        unformalised(
            "average curvature is the trace",
            "E v_i v_j = delta_ij for a standard Gaussian; expectations over Gaussians are not in the grammar",
        ),
        scope="twice differentiable f, in the eigenbasis of its Hessian",
        reason=(
            "the supremum is the largest eigenvalue; the paper writes it as the norm of H, which differs "
            "when the smallest eigenvalue dominates in absolute value"
        ),
    )


@states(o.PAPER, "D12")
def planar_cyclic() -> Statement:
    """State both half-steps of cyclic SGD in the plane against the derived factors, and where V is defined."""
    even = ["u = y**2", "N = y**2 + z**2"]
    odd = ["u = z**2", "N = y**2 + z**2"]
    grid = ["0 < eta <= 1/4", "0 < y < 1", "0 < z < 1"]
    return statement(
        forall("even t, y", f"y*({o.in_batch()}) == y*(1 + eta*(2 - 2*y**2 - z**2))", let=even),
        forall("even t, z", f"z*({o.off_batch()}) == z*(1 - eta*y**2)", let=even),
        forall("odd t, y", f"y*({o.off_batch()}) == y*(1 - eta*z**2)", let=odd),
        forall("odd t, z", f"z*({o.in_batch()}) == z*(1 + eta*(2 - 2*z**2 - y**2))", let=odd),
        *(
            forall(
                f"the factors are those of the step, {words}",
                f"{o.NEXT} == c[k]*({factor})",
                let=o.SUMS,
                index=o.STEP.as_formal({"k": atom}),
            )
            for atom, words, factor in (("batch", "in the batch", o.in_batch()), ("rest", "outside", o.off_batch()))
        ),
        forall("V is defined after the first half-step", "y*(1 + eta*(2 - 2*y**2 - z**2)) > 0", given=grid),
        forall("V is defined after the epoch", "1 - eta*(z*(1 - eta*y**2))**2 > 0", given=grid),
        scope="m = n = 2, 0 < eta <= 1/4",
        derivation=("With one sample, $u = y^2$ (even t) or $u = z^2$ (odd t), and $N = y^2 + z^2$.",),
    )
