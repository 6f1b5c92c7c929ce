"""Appendix D: the tail bounds of Appendix D.2 (Lemmas 32 and 33), and what the proof of Corollary 3 makes of them."""

from __future__ import annotations

from typing import Any

from checks.claim import Statement, forall, statement, states, tail
from checks.papers.ghosh2023 import objects as o


@states(o.PAPER, "SC3")
def gaussian_start() -> Statement:
    """State both tail bounds for all sizes, what the two lemmas say of them, and the quotient that follows."""
    start: dict[str, Any] = {"given": ["n >= m", "m >= 1", "sigma > 0"], "integers": ["m", "n"]}
    coordinates = {"number": "m", "variance": "sigma**2/n"}
    return statement(
        tail(
            "Phi = sum_i c_0(i)^2 is at least (sigma^2/n)(m/4), w.h.p.",
            {"name": "gaussian-squares", **coordinates},
            event="X < sigma**2/n*(m/4)",
            at_most="8/m",
            **start,
        ),
        tail(
            "max_i |c_0(i)| is at most 3 sigma sqrt(log(2m)/n), w.h.p.",
            {"name": "largest-gaussian", **coordinates},
            event="X > 3*sigma*sqrt(log(2*m)/n)",
            at_most="1/m",
            **start,
        ),
        forall("both fail with probability O(1/m)", "8/m + 1/m <= 9/m", given=["m >= 1"]),
        forall("Lemma 32 at t = 3/4 gives the first", "exp(-m*(3/4)**2/8) <= 8/m", given=["m >= 1"]),
        forall(
            "Lemma 34 at t = (3 - sqrt(2)) sigma sqrt(log(2m)/n) >= 0 gives the second, as logarithms",
            ["(3 - sqrt(2))**2/2*log(2*m) >= log(2*m)", "log(2*m) >= log(m)"],
            given=["m >= 1"],
        ),
        forall(
            "product of the two bounds, squared (L = log(2m), s2 = sigma^2)",
            "4*n/(s2*m)*(9*s2*L/n) == 36*L/m",
            given=["n > 0", "m > 0", "s2 > 0"],
            detail=("Both sides are squares of nonnegative quantities.",),
        ),
        forall(
            "quotient, squared (P = n Phi, Q = n max c_0^2)",
            "36*L*P >= m*Q",
            given=["4*P >= s2*m", "0 <= Q <= 9*s2*L", "0 <= s2", "0 <= m", "0 <= L"],
        ),
        forall("the quotient is O(sqrt(log(m)/m)), squared", "36*log(2*m)/m <= 72*log(m)/m", given=["m >= 2"]),
        forall(
            "where m <= c n, that is O(sqrt(n log(m))/m), squared",
            "log(m)/m <= c*(n*log(m)/m**2)",
            given=["1 <= m <= c*n", "n >= 1"],
        ),
        scope="all m, n, sigma",
        derivation=(
            r"Coordinates of $N(0, (\sigma^2/n) I_n)$ along orthonormal vectors are independent $N(0, \sigma^2/n)$; "
            r"$\Phi$ is the sum of their squares.",
        ),
    )


@states(o.PAPER, "L32")
def chi_square_tail() -> Statement:
    """State the lemma as printed."""
    return statement(
        tail(
            "tail of the chi-squared law",
            {"name": "chi-squared", "degrees": "k"},
            event="X <= k*(1 - t)",
            at_most="exp(-k*t**2/8)",
            given=["k >= 1", "0 < t < 1"],
            integers=["k"],
        ),
        scope="all k, t",
    )


@states(o.PAPER, "L33")
def chernoff_tail() -> Statement:
    """State the lemma as printed, for every sum with mean mu."""
    return statement(
        tail(
            "tail of a sum of independent Bernoulli variables",
            {"name": "bernoulli-sum", "mean": "mu"},
            event="X <= (1 - delta)*mu",
            at_most="exp(-mu*delta**2/2)",
            given=["mu >= 0", "0 < delta < 1"],
        ),
        scope="all n, p_i, delta",
    )
