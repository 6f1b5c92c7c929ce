r"""Appendix C up to the proof of Proposition 23: positive coordinates, ratio of the factors, expected increments.

Logarithms of positive quotients are compared through their arguments, since the logarithm increases.
"""

from __future__ import annotations

from typing import Any

from checks.claim import Statement, forall, statement, states, trajectory, unformalised
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.appendix_a import BOUNDED, START, STEP_SIZE
from checks.papers.ghosh2023.appendix_b import linked
from theory.algorithms import UNIFORM_SUBSETS
from theory.derive import coordinates as co
from theory.indexed import formal

SIZES = ["1 <= b", "b < m"]
DRIFT = "eta*b*(m - b)**2/(2*m*(m - 1)**2)"
RATIO = f"(({o.in_batch()})/({o.off_batch()}))"
LOGARITHM = "stated for the arguments of the logarithms, which are positive: the logarithm increases"
LIMITS = "Psi_t -> 0 and liminf |w_t| >= 1 almost surely (Propositions 21 and 22) are limits that no method here proves"

# the leading index on its own, and the m - 1 others
LEADING: dict[str, Any] = {
    "atoms": {"leading": "1", "others": "m - 1"},
    "sets": {"data": ["leading", "others"]},
    "families": {"c": None},
    "indices": {},
}


def chance(inside: int, outside: int) -> str:
    """Return the probability that given indices are in the batch and others are not, for all m and b."""
    return f"({formal(UNIFORM_SUBSETS.inclusion(inside, outside, co.m, co.b))})"


@states(o.PAPER, "S10")
def positive_coordinates() -> Statement:
    """State the coupling with |c_0| through the signs of the factors, and that |c_0| satisfies Assumption 2."""
    inside, outside = o.in_batch(), o.off_batch()
    grow = {"N": o.next_norm()}
    return statement(
        trajectory(
            "factors are positive at all times, hence |c_t| follows the coupled run",
            state=["N"],
            parameters=STEP_SIZE,
            start=["0 <= N < 1"],
            branches=[{"inputs": ["0 <= u <= N"], "next": grow, "then": [f"{inside} > 0", f"{outside} > 0"]}],
            invariant=["0 <= N", "N <= 1 + eta/4"],
            detail=(
                "the factors depend on squares only, so that both runs have the same ones: |c'| = |c| times the factor",
            ),
        ),
        forall(
            "the coupled start |c_0| satisfies Assumption 2",
            "all(l:all, abs(c[l]) > 0)",
            given=START,
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        trajectory(
            "a coordinate that does not vanish at the start never does",
            state=["x", "N"],
            parameters=STEP_SIZE,
            start=["0 < x", "0 <= N < 1"],
            branches=[
                {"inputs": ["0 <= u <= N"], "next": {"x": f"x*({inside})", **grow}},
                {"inputs": ["0 <= u <= N"], "next": {"x": f"x*({outside})", **grow}},
            ],
            always=["x > 0"],
            invariant=["x > 0", "0 <= N", "N <= 1 + eta/4"],
            role="repair",
            detail=("x is |c_t(l)|: the reduction needs c_0(l) != 0 for all l",),
        ),
        scope="all starts that D3 and Assumption 1 admit",
    )


@states(o.PAPER, "P23")
def conditional_drift() -> Statement:
    """State what is exact about the drift of R; the bound itself is a statement about unspecified functions."""
    return statement(
        unformalised(
            "drift bound",
            "delta_1 and delta_2 are any functions with the stated limits, so that no finite instance "
            "decides the bound; "
            "with F_t = sigma(B_0,...,B_t) of D10 the increment R_{t+1} - R_t is itself F_t-measurable and "
            "the conditional "
            "expectation is no average over B_t (F_{t-1} of the proof is meant); the proof gives eta^2 where "
            "the bound has eta",
        ),
        forall("the constant at m = 2, b = 1", f"{DRIFT} == eta/4", let=["m = 2", "b = 1"], role="context"),
        forall(
            "m = 2, b = 1: ratio of the factors at u = N = 1",
            f"{RATIO} == 1/(1 - eta)",
            let=["u = 1", "N = 1"],
            given=STEP_SIZE,
            role="context",
        ),
        forall(
            "m = 2, b = 1: ratio of the factors at u = 0, N = 1",
            f"{RATIO} == 1 + eta",
            let=["u = 0", "N = 1"],
            given=STEP_SIZE,
            role="context",
        ),
        forall(
            "the drift in that limit is below the constant eta/4",
            "log(1/(1 - eta))/2 - log(1 + eta)/2 < eta/4",
            given=STEP_SIZE,
            role="context",
        ),
        forall(
            "constant that the last display of the proof gives",
            f"eta*(b/m)*q*(1 + eta/2*q) - eta*((m - b)/m)*(b/(m - 1)) == eta*({DRIFT})",
            let=["q = ((m - b)/(m - 1))"],
            given=SIZES,
            role="context",
        ),
    )


@states(o.PAPER, "S11")
def tail_process() -> Statement:
    """State the algebra of the threshold; that the last exit time is a stopping time has no formal statement."""
    half = "eta*b*(m - b)**2/(4*m*(m - 1)**2)"
    return statement(
        forall("constant minus eps is eps", f"{DRIFT} - {half} == {half}", given=SIZES),
        forall("eps > 0", f"{half} > 0", given=["0 < eta <= 1/5", *SIZES]),
        unformalised(
            "tau(eps) is a stopping time, and Proposition 8 applies from then on",
            "the event tau <= s depends on delta_2(w_t) at all later times, so that tau is a last exit time "
            "and no stopping time in "
            "general; whether it is one depends on the unspecified delta_2",
        ),
        scope="all 1 <= b < m",
    )


@states(o.PAPER, "L24")
def factor_ratio() -> Statement:
    """State both bounds with explicit error terms; that the terms vanish rests on two limits."""
    quotient, rate = f"(1 + 2*eta*(1 - u))/({o.off_batch()})", "eta/(1 - 2*eta)"
    return statement(
        *linked("batch", "rest"),
        forall(
            "i* in B: the two parts of the ratio",
            f"{RATIO} == {quotient} - eta*(N - u)/({o.off_batch()})",
            given=BOUNDED,
        ),
        forall(
            "i* in B: second part, s = S_t + Psi_t",
            f"eta*(N - u)/({o.off_batch()}) <= {rate}*s",
            given=[*BOUNDED, "N - u <= s"],
        ),
        forall(
            "i* in B: first part",
            [
                f"u <= 1 implies {quotient} >= 1/(1 - eta) - {rate}*s",
                f"u >= 1 implies {quotient} >= 1/(1 - eta) - {rate}*s",
            ],
            given=["0 < eta <= 1/5", "0 <= u", "u <= 1 + eta/4", "s >= 0", "u <= 1 + s"],
            detail=(
                "together: A/B >= 1/(1 - eta) - 2 eta/(1 - 2 eta) (S_t + Psi_t), with S_t <= exp(-R_t)",
                "N - u <= S_t + Psi_t and u <= N <= 1 + S_t + Psi_t, as all coordinates lie in (0,1)",
            ),
        ),
        forall("i* not in B: the ratio", f"{RATIO} == 1 + eta*(2 - N)*(1/({o.off_batch()}))", given=BOUNDED),
        forall("i* not in B: the quotient", f"0 <= 1/({o.off_batch()}) <= 1 + {rate}*S", given=[*BOUNDED, "u <= S"]),
        forall(
            "i* not in B: explicit upper bound, N >= 1 - d and u <= S_t",
            "eta*p*q <= eta*(1 + d)*(1 + r)",
            given=["0 < eta", "0 <= p", "p <= 1 + d", "0 <= q", "q <= 1 + r"],
            detail=(
                "p = 2 - N, q = 1/(1 - eta u), r = eta/(1 - 2 eta) S_t; d = max(0, 1 - |w_t|^2) is a "
                "function of w_t, and S_t <= exp(-R_t)",
            ),
        ),
        unformalised("the terms in Psi_t and d vanish almost surely", LIMITS),
        scope="all m, n, b, batches, 0 < eta <= 1/5",
    )


@states(o.PAPER, "S24a")
def leading_in_batch() -> Statement:
    """State the algebra for a batch that holds the leading index, and the bound on N - u."""
    split = f"(1 + 2*eta*(1 - u))/({o.off_batch()}) - eta*(N - u)/({o.off_batch()})"
    wide = ["0 < eta <= 1/5", "0 <= u", "u <= N", "N <= 2"]
    away = "sum(i:all, c[i]**2) - sum(i:batch, c[i]**2) == sum(i:rest, c[i]**2) + sum(i:outside, c[i]**2)"
    return statement(
        forall("identity", f"{RATIO} == {split}", given=wide),
        forall(
            "lower bound", f"{split} >= (1 + 2*eta*(1 - u))/({o.off_batch()}) - eta/(1 - 2*eta)*(N - u)", given=wide
        ),
        forall("N - u", away, index=o.STEP.as_formal()),
        forall("squares of coordinates in (0,1)", "x**2 <= x", given=["0 < x < 1"]),
        forall(
            "N - u <= S + Psi",
            "squares + Psi <= (inside + outside) + Psi",
            given=["0 <= squares", "squares <= outside", "0 <= inside", "Psi >= 0"],
            detail=(
                "squares and outside are the sums of c^2 and of c over [m] outside the batch, inside that of "
                "c over the batch without i*, "
                "so that S is inside + outside",
            ),
        ),
        scope="all m, n, b, positive coordinates below one, 0 < eta <= 1/5",
    )


@states(o.PAPER, "S24b")
def decreasing_quotient() -> Statement:
    """State the derivative, its sign, that f decreases on the whole line, and f(1)."""
    f = "(1 + 2*eta*(1 - {0}))/(1 - eta*{0})"
    line = {"atoms": {"point": "1"}, "sets": {}, "families": {"x": None}, "indices": {"k": "point"}}
    slope = "eta*(2*eta - 1)/(1 - eta*{0})**2"
    given = ["0 < eta", "eta < 1/2"]
    return statement(
        forall(
            "derivative",
            f"diff({f.format('x[k]')}, x[k]) == {slope.format('x[k]')}",
            given=[*given, "1 - eta*x[k] != 0"],
            index=line,
        ),
        forall(
            "its sign on both sides of the pole",
            [f"1 - eta*x > 0 implies {slope.format('x')} < 0", f"1 - eta*x < 0 implies {slope.format('x')} < 0"],
            given=given,
        ),
        forall(
            "decreasing for all x in R",
            f"{f.format('y')} < {f.format('x')}",
            given=[*given, "x < y", "1 - eta*x != 0", "1 - eta*y != 0"],
            detail=("stated for x < y where both values exist: f has a pole at 1/eta",),
        ),
        forall("f(1)", f"{f.format('1')} == 1/(1 - eta)", given=given),
        forall(
            "decreasing below the pole, where it is used",
            f"{f.format('y')} < {f.format('x')}",
            given=["0 < eta <= 1/5", "0 <= x", "x < y", "y <= 2"],
            role="repair",
        ),
        scope="all 0 < eta < 1/2",
    )


@states(o.PAPER, "S24c")
def leading_outside_batch() -> Statement:
    """State the algebra for a batch without the leading index; the bound on the norm is a limit."""
    return statement(
        forall("identity", f"{RATIO} == 1 + eta*(2 - N)/({o.off_batch()})", given=BOUNDED),
        forall("squares of coordinates in (0,1)", "x**2 <= x", given=["0 < x < 1"]),
        forall(
            "u <= S",
            "u <= inside + outside",
            given=["0 <= u", "u <= inside", "0 <= outside"],
            detail=(
                "inside and outside are the sums of c over the batch and over [m] outside it, both without "
                "i*; u is the sum of c^2 over the batch",
            ),
        ),
        unformalised("N >= 1 - o(t)", LIMITS),
        scope="all m, n, b, positive coordinates below one",
    )


@states(o.PAPER, "EQ24")
def increment_with_leading_index() -> Statement:
    """State Eq. (23) and every line of Eq. (24) for positive coordinates."""
    given = ["0 < lead", "0 <= X", "0 < Y", "0 < A", "0 < B"]
    frozen = "(lead*A/(A*X + B*Y))/(lead/S)"
    middle = "A*S/(A*(S - Y) + B*Y)"
    last = "S/(S - (1 - B/A)*Y)"
    let = ["S = (X + Y)"]
    return statement(
        *linked("batch", "rest"),
        forall("factors are positive", [f"{o.in_batch()} > 0", f"{o.off_batch()} > 0"], given=BOUNDED),
        forall(
            "increment at least with the leading index frozen",
            "top/(total - top) >= x/(total - x)",
            given=["0 < x", "x <= top", "top < total"],
            detail=(
                LOGARITHM,
                "x is c_{t+1}(i*_t), top the largest coordinate and total the sum over [m], which exceeds it as m >= 2",
            ),
        ),
        forall("second line", f"{frozen} == {middle}", let=let, given=given, detail=(LOGARITHM,)),
        forall("third line", f"{middle} == {last}", let=let, given=given, detail=(LOGARITHM,)),
        scope="all m, n, 1 <= b < m, batches with i*_t, positive coordinates",
        derivation=(
            r"In the batch coordinates are multiplied by $A$ and outside it by $B$: $\sum_{J_t} c_{t+1} = A "
            r"\tilde X + B Y$.",
        ),
    )


@states(o.PAPER, "S23a")
def expectation_with_leading_index() -> Statement:
    """State the conditional expectation of Y; the limit that Jensen's inequality gives is asymptotic."""
    given_inside = f"{chance(1, 1)}/{chance(1, 0)}"
    return statement(
        forall("chance that another index is outside", f"{given_inside} == (m - b)/(m - 1)", given=SIZES),
        forall(
            "E(Y | i* in B)",
            f"sum(l:others, {given_inside}*c[l]) == (m - b)/(m - 1)*sum(l:others, c[l])",
            given=SIZES,
            index=LEADING,
        ),
        forall(
            "the logarithm's argument without the vanishing term",
            "S/(S - eta*((m - b)/(m - 1)*S)) == 1/(1 - eta*(m - b)/(m - 1))",
            given=[*SIZES, "S > 0", "0 < eta <= 1/5"],
        ),
        unformalised(
            "bound on the conditional increment",
            "it rests on the vanishing terms of Lemma 24, which no method here judges",
        ),
        scope="all 1 <= b < m",
    )


@states(o.PAPER, "S23b")
def expectation_without_leading_index() -> Statement:
    """State the frozen increment, its bound for a given ratio of the factors, and the conditional expectation of X."""
    given_outside = f"{chance(1, 1)}/{chance(0, 1)}"
    positive = ["0 < lead", "0 < X", "0 <= Y", "0 < A", "0 < B"]
    return statement(
        forall(
            "increment at least with the leading index frozen",
            "top/(total - top) >= x/(total - x)",
            given=["0 < x", "x <= top", "top < total"],
            detail=(LOGARITHM,),
        ),
        forall(
            "frozen increment",
            "(Y*B + X*A)/(lead*B)*(lead/(X + Y)) == (Y + X*(A/B))/(X + Y)",
            given=positive,
            detail=(LOGARITHM, "X sums the batch, Y the others without i*, and S = X + Y"),
        ),
        forall(
            "with A/B <= 1 + e",
            "(Y + X*q)/(X + Y) <= 1 + X/(X + Y)*e",
            given=["0 < X", "0 <= Y", "0 < q", "q <= 1 + e"],
            detail=("e is eta and the vanishing terms of Lemma 24",),
        ),
        forall("log(1 + z) <= z", "log(1 + z) <= z", given=["z >= 0"]),
        forall("chance that another index is in the batch", f"{given_outside} == b/(m - 1)", given=SIZES),
        forall(
            "E(X | i* not in B)",
            f"sum(l:others, {given_outside}*c[l]) == b/(m - 1)*sum(l:others, c[l])",
            given=SIZES,
            index=LEADING,
        ),
        unformalised(
            "bounds with eta + o", "they rest on the vanishing terms of Lemma 24, which no method here judges"
        ),
        scope="all 1 <= b < m",
    )


@states(o.PAPER, "S23c")
def total_drift() -> Statement:
    """State the three relations of the display without its vanishing terms, which cannot absorb a constant."""
    q = ["q = ((m - b)/(m - 1))"]
    sizes: dict[str, Any] = {"given": ["0 < eta <= 1/5", *SIZES], "integers": ["m", "b"]}
    gained = "eta*(b/m)*q*(1 + eta/2*q) - eta*((m - b)/m)*(b/(m - 1))"
    note = ("both sides carry a term that vanishes as R_t and t grow: it can absorb no difference between constants",)
    return statement(
        forall(
            "law of total probability",
            [f"{chance(1, 0)}*g + {chance(0, 1)}*(-eta*(b/(m - 1))) == (b/m)*g - eta*((m - b)/m)*(b/(m - 1))"],
            given=SIZES,
            detail=("g is the logarithm of the first case",),
        ),
        forall(
            "logarithm",
            "log(1/(1 - x)) >= x*(1 + x/2)",
            given=["0 < x < 1"],
            detail=("at x = eta (m - b)/(m - 1), which lies in (0,1)",),
        ),
        forall("last relation, as printed", f"{gained} == {DRIFT}", let=q, detail=note, **sizes),
        forall("last relation with eta^2", f"{gained} == eta*({DRIFT})", let=q, role="repair", **sizes),
        scope="all 1 <= b < m, 0 < eta <= 1/5",
    )


@states(o.PAPER, "S23d")
def log_inequality() -> Statement:
    """State the inequality for the logarithm."""
    return statement(forall("on (0,1)", "log(1/(1 - x)) >= x*(1 + x/2)", given=["0 < x < 1"]), scope="all x in (0,1)")
