r"""Appendix C after the proof of Proposition 23: (A1) and (A2), the last step of Theorem 2, and Lemma 25."""

from __future__ import annotations

from checks.claim import Part, Statement, forall, statement, states, unformalised
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.appendix_a import BOUNDED
from checks.papers.ghosh2023.appendix_b import linked
from checks.papers.ghosh2023.appendix_c import LEADING, LOGARITHM, RATIO

# a start of m = n = 3 positive coordinates (x the largest) with b = 2: x and y in the batch, z outside it
THREE = [
    "u = (x**2 + y**2)",
    "N = (x**2 + y**2 + z**2)",
    f"A = ({o.in_batch()})",
    f"B = ({o.off_batch()})",
    "largest = max(x*A, y*A, z*B)",
    "ratio = (x/(y + z))",
    "ratio_next = (largest/(x*A + y*A + z*B - largest))",
]
THREE_START = ["0 < eta <= 1/5", "0 < y", "y < x", "0 < z", "z < x", "N < 1"]


@states(o.PAPER, "SA1")
def constant_increments() -> Statement:
    """State the increment for m = n = 3, b = 2 from an admissible start; the repair is b = 1."""
    return statement(
        *(Part(p.name, p.formal, role="context") for p in linked("batch", "rest")),
        forall(
            "increment at t = 0 for m = n = 3, b = 2 with the leading index in the batch",
            "ratio_next >= (1 + 19/20*eta)*ratio",
            let=THREE,
            given=THREE_START,
            detail=(LOGARITHM, "exp(R) is the largest coordinate over the sum of the others"),
        ),
        forall(
            "b = 1: the increment is log(A/B) as Y = S",
            "S/(S - (1 - B/A)*S) == A/B",
            given=["S > 0", "A > 0", "B > 0"],
            role="repair",
        ),
        forall("b = 1: its bound", f"{RATIO} >= 1 + 19/20*eta", given=BOUNDED, role="repair"),
        scope="all m, n, 1 <= b < m, positive coordinates",
    )


@states(o.PAPER, "SA1a")
def replacing_the_outer_sum() -> Statement:
    """State the bound that replaces Y by S, for m = n = 3, b = 2 at an admissible start."""
    general = ["0 < Y", "Y <= S", "0 < B", "B < A"]
    return statement(
        *(Part(p.name, p.formal, role="context") for p in linked("batch", "rest")),
        forall(
            "increment at t = 0 for m = n = 3, b = 2 with the leading index in the batch",
            "ratio_next >= ratio*(y + z)/((y + z) - (1 - B/A)*(y + z))",
            let=THREE,
            given=THREE_START,
            detail=(LOGARITHM, "S = y + z and Y = z"),
        ),
        forall("second relation", "S/(S - (1 - B/A)*S) == A/B", given=["S > 0", "A > 0", "B > 0"]),
        forall("A > B", f"{o.in_batch()} > {o.off_batch()}", given=BOUNDED, role="context"),
        forall(
            "the bound holds the other way round",
            "S/(S - (1 - B/A)*Y) <= S/(S - (1 - B/A)*S)",
            given=general,
            role="repair",
        ),
        scope="all m, n, 1 <= b < m, positive coordinates",
    )


@states(o.PAPER, "SA1b")
def factor_bound() -> Statement:
    """State the three relations for the ratio of the factors."""
    middle = f"1 + eta*(2 - N)/({o.off_batch()})"
    return statement(
        *linked("batch", "rest"),
        forall("first relation", f"{RATIO} >= {middle}", given=BOUNDED),
        forall("second relation", f"{middle} >= 1 + eta*(1 - eta/4)", given=BOUNDED),
        forall("third relation", "1 + eta*(1 - eta/4) >= 1 + 19/20*eta", given=["0 < eta <= 1/5"]),
        scope="all m, n, b, 0 <= u <= N <= 1 + eta/4, 0 < eta <= 1/5",
    )


# f and g multiply the new and the old leading coordinate; the new one leads after the step
LEADERS = [
    "0 < eta <= 1/5",
    "1 - 2*eta <= f",
    "f <= 1 + 2*eta",
    "1 - 2*eta <= g",
    "g <= 1 + 2*eta",
    "0 < new",
    "new <= old",
    "f*new >= g*old",
]


def new_leader() -> list[Part]:
    """Return the parts that bound the new leading coordinate below by gamma times the old one, before the step."""
    terms = ["(1 + 2*eta - f)*new", "(f*new - g*old)", "(g - (1 - 2*eta))*old"]
    return [
        forall(
            "new leading coordinate: three terms",
            f"new - (1 - 2*eta)/(1 + 2*eta)*old == ({' + '.join(terms)})/(1 + 2*eta)",
            given=["0 < eta <= 1/5"],
        ),
        forall("new leading coordinate: their signs", [f"{x} >= 0" for x in terms], given=LEADERS),
    ]


@states(o.PAPER, "SA2")
def bounded_increments() -> Statement:
    """State the bounds on the factors, on I_1, on I_2 with and without a change of the leading index, and on I."""
    inside, outside = o.in_batch(), o.off_batch()
    let = ["beta = (1 - 2*eta)", "gamma = ((1 - 2*eta)/(1 + 2*eta))"]
    eta = ["0 < eta <= 1/5"]
    bounds = [f"{x} >= 1 - 2*eta" for x in (inside, outside)] + [f"{x} <= 1 + 2*eta" for x in (inside, outside)]
    return statement(
        *linked("batch", "rest"),
        forall("factors", [*bounds, "1 + 2*eta <= 1/beta"], let=let, given=BOUNDED),
        forall("I_1 <= 1/beta", "f*new/old <= 1/beta", let=let, given=LEADERS),
        forall(
            "I_1 >= beta: two terms", "f*new/old - beta == (f*new - g*old)/old + (g - beta)", let=let, given=["old > 0"]
        ),
        forall("I_1 >= beta: their signs", ["(f*new - g*old)/old >= 0", "g - beta >= 0"], let=let, given=LEADERS),
        forall(
            "I_2 without a change",
            ["W/V >= gamma*beta", "W/V <= 1/beta"],
            let=let,
            given=[*eta, "0 < W", "0 < V", "beta*W <= V", "beta*V <= W"],
            detail=(
                "W and V sum the other coordinates before and after the step: each term changes by a factor "
                "in [beta, 1/beta]",
            ),
        ),
        *new_leader(),
        forall(
            "I_2 with a change: lower bound term by term",
            ["gamma*beta*V <= W", "gamma*beta*g*old <= gamma*old"],
            let=let,
            given=[*eta, "0 <= V", "beta*V <= W", "0 < old", "beta*g <= 1"],
            detail=(
                "W and V sum over [m] without both leading indices, before and after the step; gamma old <= "
                "new by the part before",
            ),
        ),
        forall(
            "I_2 with a change: upper bound term by term",
            ["beta*W <= V", "beta*new <= g*old"],
            let=let,
            given=[*LEADERS, "beta*W <= V"],
        ),
        forall(
            "quotient of sums from below",
            "(P + p)/(Q + q) >= k",
            given=["0 < k", "0 <= Q", "0 < q", "P >= k*Q", "p >= k*q"],
        ),
        forall(
            "quotient of sums from above",
            "(P + p)/(Q + q) <= 1/k",
            given=["0 < k", "0 <= P", "0 < p", "Q >= k*P", "q >= k*p"],
        ),
        forall(
            "I = I_1 I_2",
            ["first*second >= low*less", "first*second <= high*more"],
            given=["0 < low", "low <= first", "first <= high", "0 < less", "less <= second", "second <= more"],
            detail=(
                "with [beta, 1/beta] and [gamma beta, 1/beta]; |log I| is at most the larger |log| of the "
                "ends, as the logarithm increases",
            ),
        ),
        scope="all m >= 2, n, b, positive coordinates, 0 < eta <= 1/5",
    )


@states(o.PAPER, "SA2a")
def change_of_leading_index() -> Statement:
    """State when the leading index changes, and the auxiliary ratios as printed for m = n = 2, b = 1."""
    # x leads and is outside the batch, y is in it and leads after the step
    two = [
        "u = y**2",
        "N = (x**2 + y**2)",
        f"fy = ({o.in_batch()})",
        f"fx = ({o.off_batch()})",
        "A = (fy*y/x)",
        "B = (fx*x/x)",
    ]
    start = ["0 < eta <= 1/5", "0 < y", "y <= x", "N < 1", "fy*y > fx*x"]
    a, b = o.in_batch(), o.off_batch()
    return statement(
        *(Part(p.name, p.formal, role="context") for p in linked("batch", "rest")),
        forall(
            "no other index overtakes otherwise",
            [f"({a})*y <= ({a})*x", f"({b})*y <= ({b})*x", f"({b})*y <= ({a})*x"],
            given=[*BOUNDED, "0 < y", "y <= x"],
            detail=(
                "both in the batch, both outside it, only the leading one in it; ties resolved alike at both times",
            ),
        ),
        *new_leader(),
        forall(
            "ratio through A and B, at t = 0 for m = n = 2, b = 1, as printed",
            "fy*y/(fx*x) == (y/x)*(A/B)",
            let=two,
            given=start,
        ),
        forall("A is one of the two factors, as printed", "A == fy or A == fx", let=two, given=start),
        forall(
            "ratio with A = c_{t+1}(i*_{t+1})/c_t(i*_{t+1})",
            "f*y/(g*x) == (y/x)*((f*y/y)/(g*x/x))",
            given=["0 < y", "0 < x", "0 < g"],
            role="repair",
        ),
        scope="all m, n, b, positive coordinates",
    )


@states(o.PAPER, "SC2")
def final_step() -> Statement:
    """State the chain for the leading coordinate; the limits that it uses and gives stay open."""
    return statement(
        forall(
            "the square of the leading coordinate",
            "sum(l:leading, c[l]**2) == sum(l:data, c[l]**2) - sum(l:others, c[l]**2)",
            index=LEADING,
        ),
        forall(
            "squares of the others", "x**2 <= x", given=["0 <= x", "x < 1"], detail=("with x = |c_t(l)|, |c_t(l)| < 1",)
        ),
        forall(
            "chain",
            ["lead**2 <= 1", "N - squares - Psi >= N - lead*r - Psi", "N - lead*r - Psi >= N - r - Psi"],
            given=["0 < lead", "lead < 1", "0 <= r", "0 <= squares", "squares <= lead*r"],
            detail=(
                "lead = |c_t(i*_t)|, r = exp(-R_t) and lead r = S_t, the sum of the |c_t(l)| over J_t, which "
                "is at least the sum of their squares",
            ),
        ),
        unformalised(
            "limits",
            "R_t -> oo, Psi_t -> 0, liminf |w_t| >= 1 and the eventual constancy of i*_t are limits that no "
            "method here proves",
        ),
        scope="all m, n, b",
    )


@states(o.PAPER, "L25")
def small_increments() -> Statement:
    """State an explicit bound, linear in eps, for every place of the coordinate and of the batch."""
    near = ["0 < eps <= 1", "n >= 1", "0 <= u", "u <= N", "N <= (1 + eps)**2 + (n - 1)*eps**2"]
    return statement(
        *linked("batch", "rest", "outside"),
        forall(
            "increments", [f"c*({o.in_batch()}) - c == c*(eta*(2 - u - N))", f"c*({o.off_batch()}) - c == -c*(eta*u)"]
        ),
        forall("any coordinate but i", ["2 - u - N <= 2*n + 4", "2 - u - N >= -(2*n + 4)", "u <= 2*n + 4"], given=near),
        forall(
            "coordinate i in the batch",
            ["2 - u - N <= (2*n + 4)*eps", "2 - u - N >= -(2*n + 4)*eps"],
            given=[*near, "(1 - eps)**2 <= u"],
            detail=("u is at least the square of c_t(i), which is at least 1 - eps",),
        ),
        forall(
            "coordinate i outside the batch",
            "u <= (2*n + 4)*eps",
            given=["0 < eps <= 1", "n >= 1", "0 <= u", "u <= n*eps**2"],
        ),
        forall(
            "products",
            ["a <= eps implies a*s <= 2*(2*n + 4)*eps", "a <= 1 + eps implies a*t <= 2*(2*n + 4)*eps"],
            given=["0 < eps <= 1", "n >= 1", "0 <= a", "0 <= s", "s <= 2*n + 4", "0 <= t", "t <= (2*n + 4)*eps"],
            detail=(
                "a = |c_t(l)|, s and t bound the brackets for l other than i and for l = i: the increment is "
                "at most eta (4 n + 8) eps for all eps <= 1",
            ),
        ),
        scope="all m, n, b, batches and eta > 0, with the constant eta (4 n + 8) for eps <= 1",
    )


@states(o.PAPER, "S25")
def increments_near_a_data_point() -> Statement:
    """State both displays; the second also for a batch that does not hold i, as a limit along admissible starts."""
    near = ["0 < eps", "n >= 1", "0 <= u", "u <= N", "N <= (1 + eps)**2 + (n - 1)*eps**2"]
    # m = n = 2, b = 1, i = 1 outside the batch {2}: w_0 = ((1 - eps), q eps)
    away = ["u = (q*eps)**2", "N = ((1 - eps)**2 + (q*eps)**2)"]
    value = "(2 - u - N)"
    note = (
        "the start w_0 = (1 - eps, q eps) with batch {2} satisfies the lemma's hypotheses and |w_0| < 1 for "
        "every eps in (0, 1/2]",
        "a bound for all small eps holds in the limit eps -> 0 as well, and the limit is the value of the "
        "polynomial at eps = 0",
    )
    return statement(
        *linked("batch", "rest"),
        forall("l outside the batch: increment", f"c - c*({o.off_batch()}) == eta*c*u"),
        forall(
            "l outside the batch, l other than i",
            "eta*a*u <= eta*m*eps",
            given=["0 < eta", "0 < eps", "m >= 1", "0 <= a", "a <= eps", "0 <= u", "u <= m"],
            detail=("a = |c_t(l)|; u <= m as every coordinate is below one (Corollary 16)",),
        ),
        forall(
            "l = i outside the batch",
            ["eps <= 1 implies eta*a*u <= eta*m*eps", "eps >= 1 implies eta*a*u <= eta*m*eps"],
            given=["0 < eta", "0 < eps", "m >= 1", "0 <= a", "a <= 1", "0 <= u", "u <= m", "u <= m*eps**2"],
        ),
        forall("lower bound", f"{value} >= -4*eps - 2*n*eps**2", given=near),
        forall("upper bound, i in the batch", f"{value} <= 4*eps - 2*eps**2", given=[*near, "(1 - eps)**2 <= u"]),
        forall(
            "upper bound for all small eps, i outside the batch",
            "taylor(4*eps - 2*eps**2 - (2 - (q*eps)**2 - ((1 - eps)**2 + (q*eps)**2)), eps, 0) >= 0",
            given=["0 < q <= 1"],
            detail=note,
        ),
        forall(
            "that start is admissible",
            ["N < 1", "q*eps <= eps"],
            let=away,
            given=["0 < q <= 1", "0 < eps <= 1/2"],
            role="context",
        ),
        forall(
            "the upper bound fails there for every eps in (0, 1/5]",
            f"{value} > 4*eps - 2*eps**2",
            let=away,
            given=["0 < q <= 1", "0 < eps <= 1/5"],
            role="context",
        ),
        forall(
            "i outside the batch: the increment is O(eps) all the same",
            ["a*(2 - u - N) <= 2*eps", "a*(2 - u - N) >= -(2*n + 4)*eps"],
            given=[*near, "eps <= 1", "0 <= a", "a <= eps"],
            role="repair",
        ),
        scope="all m, n, b",
    )
