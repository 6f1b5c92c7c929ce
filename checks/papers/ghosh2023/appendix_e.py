"""Appendix E.1 to E.3: cyclic SGD in two dimensions (linear activation)."""

from __future__ import annotations

import sympy as sp

from checks.claim import Part, Statement, forall, statement, states, trajectory, unformalised
from checks.papers.ghosh2023 import objects as o
from theory.derive import coordinates as co
from theory.indexed import formal

STEP_SIZE = ["0 < eta <= 1/4"]
y, z, y1, z1, Y, Z, Y1, Z1 = sp.symbols("y z y1 z1 Y Z Y1 Z1")


def sampled(own: sp.Expr, other: sp.Expr) -> str:
    """Return the derived factor of the sampled coordinate (m = n = 2, b = 1), in the squares of both coordinates."""
    return f"({formal((co.named_step('batch') / co.c[co.k]).subs({co.u: own, co.N: own + other}))})"


def skipped(own: sp.Expr) -> str:
    """Return the derived factor of the other coordinate, in the square of the sampled one."""
    return f"({formal((co.named_step('rest') / co.c[co.k]).subs({co.u: own}))})"


# F(y, z) = (y2, z2): a_0 is sampled at even times, a_1 at odd times
EPOCH = [
    f"y1 = y*{sampled(y**2, z**2)}",
    f"z1 = z*{skipped(y**2)}",
    f"y2 = y1*{skipped(z1**2)}",
    f"z2 = z1*{sampled(z1**2, y1**2)}",
]
# the same in the squares Y = y^2, Z = z^2
SQUARES = [
    f"Y1 = Y*{sampled(Y, Z)}**2",
    f"Z1 = Z*{skipped(Y)}**2",
    f"Y2 = Y1*{skipped(Z1)}**2",
    f"Z2 = Z1*{sampled(Z1, Y1)}**2",
]
# (1 - eta y_0^2)(1 + eta(2 - 2z_1^2 - y_1^2)) and (1 - eta z_1^2)(1 + eta(2 - 2y_0^2 - z_0^2)), as printed, in squares
LEFT = "(1 - eta*Y)*(1 + eta*(2 - 2*Z1 - Y1))"
RIGHT = "(1 - eta*Z1)*(1 + eta*(2 - 2*Y - Z))"
# the four factors of an epoch, as derived; their quotient is V(F)/V
FACTORS = [f"A = {skipped(Y)}", f"B = {sampled(Z1, Y1)}", f"C = {sampled(Y, Z)}", f"D = {skipped(Z1)}"]
BOX = [*STEP_SIZE, "0 < Y < 1", "0 < Z < 1"]
PRINTED_SET = [*STEP_SIZE, "0 < Z <= Y", "Y + Z <= 1 + eta/4"]
# D13, with y for y_0 and r for the squared norm
F = "(1 - eta*y**2)*(1 + eta*(2 - 2*(r - y**2)*(1 - eta*y**2)**2 - y**2*(1 + eta*(2 - r - y**2))**2))"
G = "(1 - eta*(r - y**2)*(1 - eta*y**2))*(1 + eta*(2 - r - y**2))"
G_SQUARE = "(1 - eta*(r - y**2)*(1 - eta*y**2)**2)*(1 + eta*(2 - r - y**2))"


def potential() -> Part:
    """Link the potential after an epoch to the four derived factors, cross-multiplied."""
    return forall(
        "V(F(y,z)) = V(y,z) A B / (C D), cross-multiplied",
        f"z2*y*({sampled(y**2, z**2)}*{skipped(z1**2)}) == z*y2*({skipped(y**2)}*{sampled(z1**2, y1**2)})",
        let=EPOCH,
        detail=("$A, B$ multiply $z$ and $C, D$ multiply $y$ in the two steps of an epoch.",),
    )


def decreases(name: str, given: list[str]) -> Part:
    """State V(F(y,z)) < V(y,z) as: all four factors are positive and A B < C D, in the squares."""
    return forall(
        name,
        ["C > 0", "D > 0", "A*B < C*D"],
        given=given,
        let=[*SQUARES[:2], *FACTORS],
        detail=("$V(F)/V = AB/(CD)$ with the derived factors, in $Y = y^2$, $Z = z^2$.",),
    )


@states(o.PAPER, "SE1")
def cyclic_bounds() -> Statement:
    """State the bounds for every cyclic run; s is the square of the coordinate to be sampled next, q of the other."""
    s, q, norm = sp.symbols("s q N")
    other, own = f"q*{skipped(s)}**2", f"s*{sampled(s, q)}**2"
    return statement(
        forall(
            "sampled coordinate",
            f"{o.NEXT} == c[k]*({o.in_batch()})",
            let=o.SUMS,
            index=o.STEP.as_formal({"k": "batch"}),
        ),
        forall(
            "other coordinate", f"{o.NEXT} == c[k]*({o.off_batch()})", let=o.SUMS, index=o.STEP.as_formal({"k": "rest"})
        ),
        trajectory(
            "signs and bounds at all times",
            state=["s", "q"],
            parameters=STEP_SIZE,
            start=["0 < q <= s", "s + q < 1"],
            branches=[{"next": {"s": other, "q": own}, "then": [f"{skipped(s)} > 0", f"{sampled(s, q)} > 0"]}],
            always=["0 < s < 1", "0 < q < 1", "s + q <= 1 + eta/4"],
            detail=("The factors are positive, so that $y_t, z_t > 0$; $0 < y_t < 1$ is then $0 < y_t^2 < 1$.",),
        ),
        trajectory(
            "the norm never falls below its start, as 0 < s < 1 at all times",
            state=["N"],
            parameters=[*STEP_SIZE, "0 < N0 < 1"],
            start=["N0 == N"],
            branches=[
                {
                    "inputs": ["0 < s < 1", "s <= N"],
                    "next": {"N": f"(N - s)*{skipped(s)}**2 + s*{sampled(s, norm - s)}**2"},
                }
            ],
            always=["0 < N0 <= N"],
        ),
        scope="all starts y_0 >= z_0 > 0 with norm below 1, all eta <= 1/4, every t",
    )


@states(o.PAPER, "SE2")
def invariant_and_compact_set() -> Statement:
    """State the invariance of A, that the even iterates stay in K_1, and that K_1 lies in V_-."""
    x, w = sp.symbols("X W")
    return statement(
        forall(
            "F(A) in A: either step keeps (0,1)^2 and the norm bound (X is sampled, W is not)",
            [
                f"0 < W*{skipped(x)}**2 < 1",
                f"0 < X*{sampled(x, w)}**2 < 1",
                f"W*{skipped(x)}**2 + X*{sampled(x, w)}**2 <= 1 + eta/4",
                f"{skipped(x)} > 0",
                f"{sampled(x, w)} > 0",
            ],
            given=[*STEP_SIZE, "0 < X < 1", "0 < W < 1", "X + W <= 1 + eta/4"],
        ),
        potential(),
        decreases("F(A) in A: order, by V(F) < V <= 1 (on a larger set)", PRINTED_SET),
        forall(
            "radii of the iterates: N_0^2 <= N_t <= (1 + eta/4)^2",
            ["N0**2 <= N", "N <= (1 + eta/4)**2"],
            given=[*STEP_SIZE, "0 < N0 < 1", "N0 <= N <= 1 + eta/4"],
        ),
        forall(
            "K_1 in V_-: the potential decreases on the part in (0,1)^2",
            "A*B < C*D",
            given=[*STEP_SIZE, "0 < Z <= Y", "Y < 1", "Y + Z <= (1 + eta/4)**2"],
            let=[*SQUARES[:2], *FACTORS],
            detail=(
                "In $Y = y^2$, $Z = z^2$ with $r^2 = Y + Z$ and $\\tan\\theta = z/y$; such a point lies in $K_1$ for "
                "$V_* = z/y$ and a small $N_0$. The diagonal lies in $K_1$ whatever $V_* \\leq 1$ is.",
            ),
        ),
        forall(
            "K_1 with r^2 in [N_0, 1 + eta/4] lies in the set on which the potential decreases",
            ["0 < Z <= Y", "Y + Z <= 1 + eta/4"],
            given=[
                *STEP_SIZE,
                "0 < v <= 1",
                "0 < Y",
                "0 < Z",
                "v**2*Y <= Z",
                "Z <= Y",
                "N0 <= Y + Z",
                "Y + Z <= 1 + eta/4",
            ],
            role="repair",
        ),
        scope="all eta <= 1/4",
    )


@states(o.PAPER, "P35")
def lyapunov_exit() -> Statement:
    """State the proposition and the step of its proof apart."""
    return statement(
        unformalised(
            "some x_t leaves K",
            "a statement on all continuous maps; a limit point x of a run in K would have V(F(x)) = V(x), "
            "as V is continuous on K and F(x) is again in K",
        ),
        unformalised(
            "the supremum of V(F(x)) - V(x) over K is negative",
            "needs V continuous on F(K) too, which is not assumed",
        ),
        forall(
            "on K = [0,1] with F(x) = x + 2, V = 0 on K, V(2) = -1, V(2 + x) = -x else: the supremum is 0",
            ["-x < 0", "-x > -e"],
            given=["0 < e < 1", "x == e/2"],
            role="context",
        ),
        reason="it quantifies over all continuous maps; its proof uses the continuity of V where it is not assumed",
    )


@states(o.PAPER, "P36")
def contained() -> Statement:
    """State the inclusion for the set A of E.1 and for the set as printed here."""
    first, second = "A and V_- as in E.1, within (0,1)^2", "the set as printed here"
    return statement(
        potential(),
        decreases("the potential decreases on the printed set, and so on its part A", PRINTED_SET),
        forall(
            "A lies in (0,1)^2",
            ["0 < Y < 1", "0 < Z < 1"],
            given=[*PRINTED_SET, "0 < Y < 1", "0 < Z < 1"],
            reading=first,
        ),
        forall("the printed set lies in (0,1)^2", ["0 < Y < 1", "0 < Z < 1"], given=PRINTED_SET, reading=second),
        scope="all eta <= 1/4",
    )


@states(o.PAPER, "S36a")
def change_of_potential() -> Statement:
    """State the displayed change of the potential, and that membership in V_- is the displayed inequality."""
    factor = "(1 - eta*y**2)/(1 + eta*(2 - 2*y**2 - z**2))*((1 + eta*(2 - 2*z1**2 - y1**2))/(1 - eta*z1**2)) - 1"
    circle = [*BOX, "Y + Z <= 1 + eta/4"]
    square = ("$V(F) < V$ is $Z_2/Y_2 < Z/Y$ in the squares $Y = y_0^2$, $Z = z_0^2$.",)
    abstract = ["v > 0", "a > 0", "b > 0", "c > 0", "d > 0"]
    return statement(
        forall(
            "change of the potential (tan(theta) = z/y)",
            f"z2/y2 - z/y == z/y*({factor})",
            given=[*STEP_SIZE, "0 < y < 1", "0 < z < 1"],
            let=EPOCH,
        ),
        forall(
            "the four factors are positive",
            ["A > 0", "B > 0", "C > 0", "D > 0"],
            given=circle,
            let=[*SQUARES[:2], *FACTORS],
        ),
        forall(
            "membership implies the inequality (v = V, a b and c d its two sides)",
            "a*b > c*d implies v*a*b/(c*d) >= v",
            given=abstract,
            detail=("The contrapositive, with $V(F) = v\\,ab/(cd)$ from the first part.",),
        ),
        forall(
            "the inequality implies membership, where both sides agree (|w_0| = 1, k = eta y_0^2)",
            f"{LEFT} <= {RIGHT} implies Z2*Y < Z*Y2",
            given=["0 < k < 1/2", "0 < eta <= 1/4"],
            let=["Y = (1 - k)*(1 - 2*k)/((1 - k)*(1 - 2*k) + 1)", "Z = 1 - Y", "eta = k/Y", *SQUARES],
            detail=square,
        ),
        forall(
            "the inequality implies membership, theta in [0, pi/2)",
            f"{LEFT} <= {RIGHT} implies Z2*Y < Z*Y2",
            given=[*STEP_SIZE, "0 < Y < 1", "0 <= Z < 1", "Y + Z <= 1 + eta/4"],
            let=SQUARES,
            detail=square,
        ),
        forall(
            "the strict inequality implies membership, and conversely (contrapositive)",
            ["a*b < c*d implies v*a*b/(c*d) < v", "a*b >= c*d implies v*a*b/(c*d) >= v"],
            given=abstract,
            role="repair",
        ),
        scope="all y, z in (0,1) with y^2 + z^2 <= 1 + eta/4",
    )


@states(o.PAPER, "S36b")
def reduction() -> Statement:
    """State the substitutions with r the radius, as defined, and with r the squared norm."""
    radius, square = "r is the radius", "r is the squared norm"
    polar = [*BOX, "r > 0", "Y + Z == r**2"]
    return statement(
        forall("z_0^2 = r - y_0^2", "Z == r - Y", given=polar, reading=radius),
        forall("z_0^2 = r - y_0^2, r the squared norm", "Z == r - Y", given=[*BOX], let=["r = Y + Z"], reading=square),
        forall("z_1^2", "Z1 == (r - Y)*(1 - eta*Y)**2", let=["r = Y + Z", *SQUARES], reading=square),
        forall("y_1^2, first form", "y1**2 == y**2*(1 + eta*(2 - 2*y**2 - z**2))**2", let=EPOCH),
        forall(
            "y_1^2, second form as printed (y_0 in the inner bracket)",
            "y**2*(1 + eta*(2 - 2*y**2 - z**2))**2 == y**2*(1 + eta*(2 - r - y))**2",
            given=[*STEP_SIZE, "0 < y < 1", "0 < z < 1", "y**2 + z**2 <= 1"],
            let=["r = y**2 + z**2"],
            reading=square,
        ),
        forall(
            "f - g <= 0 is the inequality of S36a",
            "(1 - eta*y**2)*(1 + eta*(2 - 2*z1**2 - y1**2)) - (1 - eta*z1**2)*(1 + eta*(2 - 2*y**2 - z**2))"
            f" == {F} - {G}",
            given=[*STEP_SIZE, "0 < y < 1", "0 < z < 1", "y**2 + z**2 <= 1"],
            let=["r = y**2 + z**2", *EPOCH],
            reading=square,
        ),
        forall(
            "with r the squared norm and y_0^2",
            ["z1**2 == (r - y**2)*(1 - eta*y**2)**2", "y1**2 == y**2*(1 + eta*(2 - r - y**2))**2"],
            let=["r = y**2 + z**2", *EPOCH],
            role="repair",
        ),
        scope="all y_0, z_0 in (0,1)",
    )


@states(o.PAPER, "D13")
def polynomials() -> Statement:
    """State that f and g, as defined, are the two sides of the inequality that S36a derives."""
    let = ["r = y**2 + z**2", *EPOCH]
    right = f"{skipped(z1**2)}*{sampled(y**2, z**2)}"
    given = [*STEP_SIZE, "0 < y < 1", "0 < z < 1", "y**2 + z**2 <= 1"]
    return statement(
        forall("f is the left-hand side", f"{F} == {skipped(y**2)}*{sampled(z1**2, y1**2)}", let=let),
        forall("g is the right-hand side", f"{G} == {right}", given=given, let=let),
        forall("g with the square on 1 - eta y^2", f"{G_SQUARE} == {right}", let=let, role="repair"),
        scope="all y_0, z_0, eta; r the squared norm",
    )
