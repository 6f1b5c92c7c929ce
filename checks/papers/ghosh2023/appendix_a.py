r"""Appendix A: coordinate updates and bounds along arbitrary mini-batch sequences (linear activation)."""

from __future__ import annotations

from typing import Any

from checks.claim import Statement, forall, statement, states, trajectory
from checks.papers.ghosh2023 import objects as o

STEP_SIZE = ["0 < eta <= 1/5"]
# a start w_0 that D3 and Assumption 1 admit, with a proper mini-batch (with `let=o.SUMS`)
START = ["0 < eta <= 1/5", "1 <= b", "b < m", "m <= n", "0 < N < 1"]
# what Proposition 15 gives at every time
BOUNDED = ["0 < eta <= 1/5", "0 <= u", "u <= N", "N <= 1 + eta/4"]

F = "(u*(1 + eta*(2 - u - N))**2 + (N - u)*(1 - eta*u)**2)"
F_ZERO = "(u*(1 + eta*(2 - u))**2 - u*(1 - eta*u)**2)"
F_MAX = "(u*(1 + eta*(2 - u - M))**2 + (M - u)*(1 - eta*u)**2)"
MAXIMUM = "M = (1 + eta/4)"


@states(o.PAPER, "L14")
def coordinate_updates() -> Statement:
    """State both updates of Lemma 14 against the step derived from the loss."""
    return statement(
        forall(
            "k in the batch",
            f"{o.NEXT} == c[k]*(1 + eta*(2 - u - N))",
            let=o.SUMS,
            index=o.STEP.as_formal({"k": "batch"}),
        ),
        forall(
            "k in [m] outside the batch",
            f"{o.NEXT} == c[k]*(1 - eta*u)",
            let=o.SUMS,
            index=o.STEP.as_formal({"k": "rest"}),
        ),
        forall("k > m", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=o.STEP.as_formal({"k": "outside"})),
        scope="all m, n, b, eta",
        derivation=(
            r"The loss in coordinates, $\ell = \tfrac12 \sum_j (\delta_{ij} - c_j c_i)^2$, is differentiated "
            r"in $c_k$ and summed over the batch; "
            r"$u$ and $N$ stand for $\sum_{i \in B} c_i^2$ and $\sum_j c_j^2$.",
        ),
    )


@states(o.PAPER, "S14a")
def gradient_products() -> Statement:
    """State the three relations of the display; the matrix product of the first is defined for n = 1 only."""
    gradient = f"diff({o.SAMPLE_LOSS}, c[k])"
    pair = o.FULL.as_formal({"i": "batch", "k": "batch"})
    norm = ["N = sum(j:all, c[j]**2)"]
    line: dict[str, Any] = {"let": ["w = a*c[i]"], "given": ["n == 1", "m == 1", "a**2 == 1"], "index": pair}
    note = (
        "w a_i w^T is a product of an n x 1, an n x 1 and a 1 x n matrix: it exists for n = 1 only, where "
        "a_i = a with a^2 = 1 and w = a c(i)",
    )
    second = "delta(i,k)*N*c[i] - c[i]*delta(i,k) + c[k]*c[i]**2 - c[i]*delta(i,k)"
    return statement(
        forall(
            "first relation at n = 1, as printed",
            f"{gradient} == (w*a*w + c[i]*(w*c[i] - a))*a",
            reading="sum as printed",
            detail=note,
            **line,
        ),
        forall(
            "first relation at n = 1, factor in brackets",
            f"{gradient} == (w*a*w + c[i])*(w*c[i] - a)*a",
            reading="brackets of Eq. (4)",
            detail=note,
            **line,
        ),
        forall("second line against the derived gradient", f"{gradient} == {second}", let=norm, index=pair),
        forall("third line", f"{second} == c[i]*(delta(i,k)*(N - 2) + c[k]*c[i])", let=norm, index=pair),
        forall(
            "with the matrix a_i w^T + <w,a_i> I_n of Eq. (4) applied to the bracket",
            f"{gradient} == delta(i,k)*sum(j:all, c[j]*(c[j]*c[i] - delta(i,j))) + c[i]*(c[k]*c[i] - delta(i,k))",
            index=pair,
            role="repair",
        ),
        scope="all m, n, i, k in [m]",
        derivation=(
            r"The derived product is $\partial \ell(w; a_i) / \partial c_k$ with $\ell = \tfrac12 \sum_j "
            r"(\delta_{ij} - c_j c_i)^2$.",
        ),
    )


@states(o.PAPER, "S14b")
def outside_the_batch() -> Statement:
    """State the two relations that the proof displays for k outside the batch, as printed."""
    outside = o.STEP.as_formal({"k": "rest"})
    first = f"{o.NEXT} == c[k]*(1 - eta*sum(i:batch, c[i]**2))"
    return statement(
        forall("first relation, k in [m]", first, index=outside),
        forall("first relation, k > m", first, index=o.STEP.as_formal({"k": "outside"})),
        forall(
            "second relation, as printed",
            "c[k]*(1 - eta*sum(i:batch, c[i]**2)) == c[k]*(1 - u)",
            given=START,
            let=o.SUMS,
            index=outside,
        ),
        forall("with the factor eta", f"{o.NEXT} == c[k]*(1 - eta*u)", let=o.SUMS, index=outside, role="repair"),
        scope="all m, n, b, eta",
    )


@states(o.PAPER, "S14c")
def inside_the_batch() -> Statement:
    """State both relations that the proof displays for k in the batch."""
    inside = o.STEP.as_formal({"k": "batch"})
    middle = "c[k] - eta*(c[k]*(N - 2 + c[k]**2) + c[k]*sum(i:batch, (1 - delta(i,k))*c[i]**2))"
    return statement(
        forall("first relation", f"{o.NEXT} == {middle}", let=o.SUMS, index=inside),
        forall("second relation", f"{middle} == c[k]*(1 - eta*(N + u - 2))", let=o.SUMS, index=inside),
        scope="all m, n, b, eta",
    )


@states(o.PAPER, "P15")
def bounded_iterates() -> Statement:
    """State the bound for every run; N' is linked to the derived step by an identity of its own."""
    return statement(
        forall("N' in u and N", f"{o.next_sum('all')} == {o.next_norm()}", let=o.SUMS, index=o.STEP.as_formal()),
        trajectory(
            "bound at all times",
            state=["N"],
            parameters=STEP_SIZE,
            start=["0 <= N < 1"],
            branches=[{"inputs": ["0 <= u <= N"], "next": {"N": o.next_norm()}}],
            always=["N <= 1 + eta/4"],
            invariant=["0 <= N", "N <= 1 + eta/4"],
        ),
        forall(
            "one step keeps the bound",
            f"{o.next_norm()} <= 1 + eta/4",
            given=["0 < eta <= 1/5", "0 <= u", "u <= N", "N <= 1 + eta/4"],
            role="context",
            sharpen=("eta", "upper"),
        ),
        scope="all m, n, eta and all batch sequences",
        derivation=(
            r"The squares of the derived step sum to $N' = A^2 u + B^2 (N - u)$ with the two factors $A$ (in "
            r"the batch) and $B$ (outside it).",
        ),
    )


@states(o.PAPER, "S15a")
def worst_norm_zero() -> Statement:
    """State convexity in N, the value at N = 0, where it increases, and the bound."""
    return statement(
        forall("f is the derived N'", f"{F} == {o.next_norm()}", role="context"),
        forall("quadratic in N", f"taylor({F}, N, 3) == 0"),
        forall("convex in N", f"taylor({F}, N, 2) >= 0", given=["0 < eta <= 1/5", "u >= 0"]),
        forall(
            "below the chord from N = 0 to Nmax",
            f"M*{F} <= (M - N)*{F_ZERO} + N*{F_MAX}",
            let=[MAXIMUM],
            given=["0 < eta <= 1/5", "u >= 0", "0 <= N", "N <= 1 + eta/4"],
            detail=("a value below a chord is at most the larger end value, so the maximum is at an end point",),
        ),
        forall("f(0,u)", f"taylor({o.next_norm()}, N, 0) == 4*eta*u*(1 + eta*(1 - u))"),
        forall(
            "f(0,u) increases for u < (1 + eta)/(2 eta)",
            "taylor(4*eta*(u + h)*(1 + eta*(1 - u - h)), h, 1) > 0",
            given=["0 < eta <= 1/5", "2*eta*u < 1 + eta"],
            detail=("a positive derivative below the bound; the bound itself is included by continuity",),
        ),
        forall("Nmax <= (1 + eta)/(2 eta)", "M <= (1 + eta)/(2*eta)", let=[MAXIMUM], given=STEP_SIZE),
        forall("first bound", "4*eta*M*(1 + eta*(1 - M)) <= M*(1 - eta**2/4)", let=[MAXIMUM], given=STEP_SIZE),
        forall("second bound", "M*(1 - eta**2/4) <= M", let=[MAXIMUM], given=STEP_SIZE),
        scope="all u >= 0, 0 <= N <= Nmax, 0 < eta <= 1/5",
    )


@states(o.PAPER, "S15b")
def worst_norm_full() -> Statement:
    """State the expansion at N = Nmax and the signs of its coefficients."""
    middle = "(eta*u*(2 - M)*(2 - 2*eta*u + eta*(2 - M)) + M*(1 - eta*u)**2)"
    return statement(
        forall("f is the derived N'", f"{F} == {o.next_norm()}", role="context"),
        forall("first line of the expansion", f"{o.next_norm()} == {middle}", let=["N = M"]),
        forall(
            "second line of the expansion",
            f"{middle} == eta**2*(3*M - 4)*u**2 + eta*u*(eta*(2 - M)**2 + 4*(1 - M)) + M",
        ),
        forall(
            "first coefficient", ["3*M - 4 == 3 + 3*eta/4 - 4", "3 + 3*eta/4 - 4 <= 0"], let=[MAXIMUM], given=STEP_SIZE
        ),
        forall("second coefficient", "eta*(2 - M)**2 + 4*(1 - M) == eta*(1 - eta/4)**2 - eta", let=[MAXIMUM]),
        forall("its sign", "eta*(1 - eta/4)**2 - eta <= 0", given=STEP_SIZE),
        scope="all u, 0 < eta <= 1/5",
    )


@states(o.PAPER, "L17")
def norm_growth() -> Statement:
    """State the growth of the norm with the hypothesis as printed, at an admissible start."""
    return statement(
        forall(
            "at t = 0, as printed",
            f"{o.next_sum('all')} >= N + 4*eta*eps*u",
            given=[*START, "0 < eps < 1", "N >= 1 - eps"],
            let=o.SUMS,
            index=o.STEP.as_formal(),
        ),
        forall(
            "N' in u and N",
            f"{o.next_sum('all')} == {o.next_norm()}",
            let=o.SUMS,
            index=o.STEP.as_formal(),
            role="context",
        ),
        forall(
            "with |w_t|^2 <= 1 - eps",
            f"{o.next_norm()} >= N + 4*eta*eps*u",
            given=["0 < eta <= 1/5", "0 < eps < 1", "0 <= u <= N", "N <= 1 - eps"],
            role="repair",
        ),
        scope="all m, n, batches",
    )


@states(o.PAPER, "S17")
def norm_increments() -> Statement:
    """State every relation of the two displayed increments and of their sum."""
    plus = ["0 < eta", "u >= 0", "v >= 0"]
    grown = "u*(1 + eta*(2 - 2*u - v))**2 - u"
    lost = "v*((1 - eta*u)**2 - 1)"
    split = ["u = sum(i:batch, c[i]**2)", "v = (sum(i:rest, c[i]**2) + sum(i:outside, c[i]**2))"]
    step = o.STEP.as_formal()
    away = f"({o.next_sum('rest')} + {o.next_sum('outside')})"
    return statement(
        forall("in-batch increment", f"{o.next_sum('batch')} - u == {grown}", let=split, index=step),
        forall("in-batch product", f"{grown} == eta*u*(2 - 2*u - v)*(2 + eta*(2 - 2*u - v))"),
        forall("in-batch expansion", f"{grown} == 2*eta*u*(2 - 2*u - v) + eta**2*u*(2 - 2*u - v)**2"),
        forall("in-batch bound", f"{grown} >= 2*eta*u*(2 - 2*u - v)", given=plus),
        forall("out-of-batch increment", f"{away} - v == {lost}", let=split, index=step),
        forall("out-of-batch product", f"{lost} == -eta*v*u*(2 - eta*u)"),
        forall("out-of-batch bound", "-eta*v*u*(2 - eta*u) >= -2*eta*v*u", given=plus),
        forall(
            "sum of the increments",
            f"{grown} + {lost} - 2*eta*u*(2 - 2*u - 2*v) == eta**2*u*(2 - 2*u - v)**2 + eta**2*v*u**2",
        ),
        forall("what the bounds leave out", ["eta**2*u*(2 - 2*u - v)**2 >= 0", "eta**2*v*u**2 >= 0"], given=plus),
        forall("last bound", "2*eta*u*(2 - 2*u - 2*v) >= 4*eta*u*(1 - (u + v))", given=plus),
        scope="all m, n, b, batches and eta > 0; the u_t of this proof is the u_t of Lemma 14",
    )


@states(o.PAPER, "L18")
def absorbing_norm() -> Statement:
    """State that every run keeps the norm at least one, with the relations that the proof uses."""
    return statement(
        forall("N' in u and N", f"{o.next_sum('all')} == {o.next_norm()}", let=o.SUMS, index=o.STEP.as_formal()),
        trajectory(
            "a norm of at least one is kept",
            state=["N"],
            parameters=STEP_SIZE,
            start=["0 <= N < 1"],
            branches=[
                {"inputs": ["0 <= u <= N"], "next": {"N": o.next_norm()}, "then": ["N >= 1 implies N_next >= 1"]}
            ],
            invariant=["0 <= N", "N <= 1 + eta/4"],
        ),
        forall(
            "N' - N - 4 eta u (1 - N)",
            f"{o.next_norm()} - N - 4*eta*u*(1 - N) == eta**2*u*(2 - u - N)**2 + eta**2*u**2*(N - u)",
        ),
        forall("its two terms", ["eta**2*u*(2 - u - N)**2 >= 0", "eta**2*u**2*(N - u) >= 0"], given=BOUNDED),
        forall("the equivalent product", "N + 4*eta*u*(1 - N) - 1 == (1 - 4*eta*u)*(N - 1)"),
        forall("its sign", "(1 - 4*eta*u)*(N - 1) >= 0", given=[*BOUNDED, "N >= 1"]),
        forall(
            "step-size chain",
            [
                "4*eta*u <= 4*eta*N",
                "4*eta*N <= 4*eta*(1 + eta/4)",
                "4*eta*(1 + eta/4) <= 4/5*(1 + 1/20)",
                "4/5*(1 + 1/20) <= 1",
            ],
            given=BOUNDED,
        ),
        scope="all m, n, eta, batch sequences and times",
    )


@states(o.PAPER, "L20")
def cubic_map() -> Statement:
    """State that the cubic maps (0,1) into itself."""
    return statement(
        forall(
            "f((0,1)) in (0,1)",
            ["0 < x*(1 + lam*(1 - x**2))", "x*(1 + lam*(1 - x**2)) < 1"],
            given=["0 < lam <= 1/2", "0 < x < 1"],
            sharpen=("lam", "upper"),
        ),
        scope="all lambda in (0, 1/2] and x in (0,1)",
    )
