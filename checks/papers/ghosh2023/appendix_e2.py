"""Appendix E.3 and E.4: the arc and the diagonal of the epoch map, and the polynomial lemmas (cyclic SGD)."""

from __future__ import annotations

import re
from typing import Any

from checks.claim import Part, Statement, forall, statement, states, unformalised
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.appendix_e import EPOCH, FACTORS, G_SQUARE, SQUARES, STEP_SIZE, F, G, potential

# L38: w = 1 - eta y^2, b = 1 - eta
CUBIC = "4*w**3 - 5*b*w**2 + 2*w*b**2 - b"
LOWEST = "wmin = (-b**2 + 6*b + 3)/8"
# S39a: f and g as functions of w
F_W = "w*(1 + 2*eta + 2*w**2*(1 - w - eta*r) + (w - 1)*(w + eta*(2 - r))**2)"
G_W = "(1 + w**2*(1 - w - eta*r))*(w + eta*(2 - r))"
P = "eta*(2 - r)*(r - 2 + 4*w)"
Q = "6*(3 - 2*r)*w**2 + 6*(r - 2)*w + 2"
# the diagonal of Lemma 37, in y (y < 1 follows: 2 y^2 <= 17/16) and in Y = y^2
DIAGONAL = [*STEP_SIZE, "0 < y < 1", "2*y**2 <= 1 + eta/4"]
DIAGONAL_SQUARE = [*STEP_SIZE, "0 < Y", "2*Y <= 1 + eta/4"]


def put(text: str, name: str, value: str) -> str:
    """Return a line with a name replaced."""
    return re.sub(rf"\b{name}\b", value, text)


def slope(text: str, name: str) -> str:
    """Return the derivative of a polynomial in a scalar as a Taylor coefficient, for the checker to take."""
    return f"taylor({put(text, name, f'({name} + t)')}, t, 1)"


def on_diagonal(role: str = "claim") -> Part:
    """State that the potential decreases at (y, y): the four factors are positive and A B < C D, in Y = y^2."""
    return forall(
        "V(F(y, y)) < V(y, y)",
        ["A > 0", "B > 0", "C > 0", "D > 0", "A*B < C*D"],
        given=DIAGONAL_SQUARE,
        let=["Z = Y", *SQUARES[:2], *FACTORS],
        role=role,
        detail=("$V(F)/V = AB/(CD)$ with the derived factors, in $Y = y^2$.",),
    )


@states(o.PAPER, "EQ32")
def arc() -> Statement:
    """State the sign of the derivative and the membership in V_- along the whole arc, theta in [0, pi/4]."""
    return statement(
        unformalised(
            "chain rule",
            "no cosine in the checker's language: y = r cos(theta) takes r as the radius, f and g as the squared norm",
        ),
        forall(
            "d/dy (f - g) <= 0 (r the squared norm)",
            f"{slope(f'{F} - ({G})', 'y')} <= 0",
            given=[*STEP_SIZE, "0 <= r <= 1 + eta/4", "0 <= y <= 1"],
        ),
        on_diagonal("context"),
        forall(
            "membership in V_- for all theta in [0, pi/4] (y = |w| cos(theta), z = |w| sin(theta))",
            "z2/y2 < z/y",
            given=[*STEP_SIZE, "0 < y < 1", "0 <= z <= y", "y**2 + z**2 <= 1 + eta/4"],
            let=EPOCH,
        ),
        scope="all eta <= 1/4",
        derivation=(r"At $\theta = 0$ the point is $(r, 0)$: $V = V(F) = 0$, so that it is not in $\mathcal V_-$.",),
    )


@states(o.PAPER, "L37")
def diagonal() -> Statement:
    """State the lemma, and apart from it the equivalence with which its proof begins."""
    lemma, proof = "the lemma", "the lemma with the first line of its proof"
    return statement(
        forall(
            "(y, y) lies in (0,1)^2",
            "Y < 1",
            given=DIAGONAL_SQUARE,
            detail=("$y > 0$, so that $y < 1$ is $Y = y^2 < 1$.",),
        ),
        potential(),
        on_diagonal(),
        forall("V(y, y) = 1", "y/y == 1", given=DIAGONAL, reading=lemma),
        forall(
            "membership, which holds, implies z_2/y_2 - 1 > 0 (as printed)",
            "z2/y2 - 1 > 0",
            given=DIAGONAL,
            let=["z = y", *EPOCH],
            reading=proof,
        ),
        scope="all eta <= 1/4, 0 < y^2 <= (1 + eta/4)/2",
    )


@states(o.PAPER, "S37")
def diagonal_algebra() -> Statement:
    """State each displayed equality, and the last equivalence as an identity with a positive factor."""
    let = ["z = y", *EPOCH, "w = 1 - eta*y**2", "b = 1 - eta", "d = 2*eta*(1 - y**2)/(1 - eta*y**2)"]
    here: dict[str, Any] = {"given": DIAGONAL, "let": let}
    expanded = "d*z1 - eta*(1 + d)*z1**3 - 2*eta*z1 + 2*eta*z1**3 + eta*(1 + d)**2*z1**3"
    middle = "z1*(d - 2*eta) + eta*z1**3*(2 + d + d**2)"
    bracket = (
        "(eta - 1)/(1 - eta*y**2) + (1 - eta*y**2)**2*(1 + eta*(1 - y**2)/(1 - eta*y**2)"
        " + 2*eta**2*(1 - y**2)**2/(1 - eta*y**2)**2)"
    )
    return statement(
        forall(
            "y_1, z_1 and d", ["y1 == y*(1 + eta*(2 - 3*y**2))", "z1 == y*(1 - eta*y**2)", "y1 == (1 + d)*z1"], **here
        ),
        forall("y_2 - z_2 in z_1 and d", [f"y2 - z2 == {expanded}", f"{expanded} == {middle}"], **here),
        forall("substituted and factored", f"{middle} == 2*eta*z1*y**2*({bracket})", **here),
        forall(
            "the bracket in w and b",
            [
                "eta*(1 - y**2) == w - b",
                f"{bracket} == -b/w + w**2*(1 + (w - b)/w + 2*(w - b)**2/w**2)",
                f"({bracket})*w == {CUBIC}",
            ],
            **here,
        ),
        forall("the factors taken out are positive", ["2*eta*z1*y**2 > 0", "w > 0"], **here),
        forall(
            "both sides of each equivalence hold on the lemma's range, strict or not",
            f"{CUBIC} > 0",
            given=DIAGONAL_SQUARE,
            let=["w = 1 - eta*Y", "b = 1 - eta"],
        ),
        scope="all eta <= 1/4, 0 < y^2 <= (1 + eta/4)/2",
        derivation=(
            r"$y_2 - z_2 = \frac{2\eta z_1 y^2}{w}\,(4w^3 - 5bw^2 + 2wb^2 - b)$ with a positive factor in front.",
        ),
    )


@states(o.PAPER, "L38")
def cubic() -> Statement:
    """State the lemma in eta and y."""
    return statement(
        forall(
            "the cubic is nonnegative",
            f"{CUBIC} >= 0",
            given=[*STEP_SIZE, "2*y**2 <= 1 + eta/4"],
            let=["w = 1 - eta*y**2", "b = 1 - eta"],
            sharpen=("eta", "upper"),
        ),
        scope="all eta <= 1/4, 2 y^2 <= 1 + eta/4",
    )


@states(o.PAPER, "S38")
def cubic_algebra() -> Statement:
    """State each relation of the proof, with the intervals that it names."""
    interval = ["0 < b <= 1", "b <= w <= 1"]
    lowest = "-(b - 1)**2*(b**4 - 6*b**3 - 2*b**2 + 2*b - 27)/128"
    at_lowest = put(CUBIC, "w", "wmin")
    return statement(
        forall("bound on w", "1 - eta*y**2 >= 1 - eta/2 - eta**2/8", given=[*STEP_SIZE, "2*y**2 <= 1 + eta/4"]),
        forall("w_min in b", "1 - eta/2 - eta**2/8 == (-b**2 + 6*b + 3)/8", let=["b = 1 - eta"]),
        forall("df/dw", f"{slope(CUBIC, 'w')} == 12*w**2 - 10*b*w + 2*b**2"),
        forall("its lower bound for w in [b, 1]", "12*w**2 - 10*b*w + 2*b**2 >= 14*b**2 - 10*b", given=interval),
        forall("sign of the lower bound for b >= 5/7", "14*b**2 - 10*b >= 0", given=["b >= 5/7"]),
        forall("8(w_min - b)", "8*(wmin - b) == -(b + 3)*(b - 1)", let=[LOWEST]),
        forall("8(w_min - b) > 0 for b in [0, 1], as printed", "8*(wmin - b) > 0", given=["0 <= b <= 1"], let=[LOWEST]),
        forall(
            "the infimum over [w_min, 1] is at w_min",
            f"{CUBIC} >= {at_lowest}",
            given=["3/4 <= b < 1", "(-b**2 + 6*b + 3)/8 <= w", "w <= 1"],
            let=[LOWEST],
        ),
        forall("f(w_min, b)", f"{at_lowest} == {lowest}", let=[LOWEST]),
        forall("f(w_min, b) > 0 for b in [0, 1)", f"{lowest} > 0", given=["0 <= b < 1"]),
        forall(
            "8(w_min - b) > 0 for b in [0, 1)", "8*(wmin - b) > 0", given=["0 <= b < 1"], let=[LOWEST], role="repair"
        ),
        scope="the intervals that each relation names",
    )


@states(o.PAPER, "L39")
def decreasing() -> Statement:
    """State the lemma for every r that it admits, and for r a squared norm."""
    literal, meant = "r any number up to 1 + eta/4", "r a squared norm, at least 0"
    show = f"{slope(f'{F} - ({G})', 'y')} <= 0"
    return statement(
        forall("d/dy (f - g) <= 0 for r >= 0", show, given=[*STEP_SIZE, "0 <= r <= 1 + eta/4", "0 <= y <= 1"]),
        forall(
            "d/dy (f - g) <= 0 for r = -q <= 0",
            show,
            given=[*STEP_SIZE, "0 <= q", "0 <= y <= 1"],
            let=["r = -q"],
            reading=literal,
        ),
        forall("a squared norm is not negative", "y**2 + z**2 >= 0", reading=meant),
        forall(
            "with the square on 1 - eta y^2 in g",
            f"{slope(f'{F} - ({G_SQUARE})', 'y')} <= 0",
            given=[*STEP_SIZE, "0 <= r <= 1 + eta/4", "0 <= y <= 1"],
            role="context",
        ),
        scope="all eta <= 1/4, y in [0, 1]",
    )


@states(o.PAPER, "S39a")
def substitution() -> Statement:
    """State both substitutions; g with the square of this display, and g of D13."""
    let = ["w = 1 - eta*y**2"]
    return statement(
        forall("f in w", f"{F} == {F_W}", let=let),
        forall("g in w", f"{G_SQUARE} == {G_W}", let=let, reading="g as displayed here"),
        forall(
            "g of the lemma is the g displayed here",
            f"{G} == {G_SQUARE}",
            given=[*STEP_SIZE, "0 <= r <= 1 + eta/4", "0 <= y <= 1"],
            reading="g as the lemma defines it",
        ),
        scope="all y, r, eta",
    )


@states(o.PAPER, "S39b")
def derivative_in_w() -> Statement:
    """State the derivative of f - g in w, with f and g as functions of w."""
    return statement(
        forall("d/dw (f - g)", f"{slope(f'{F_W} - ({G_W})', 'w')} == eta*({P} + {Q})"),
        scope="all w, r, eta",
    )


@states(o.PAPER, "S39c")
def nonnegative_parts() -> Statement:
    """State each relation of the two chains."""
    given = [*STEP_SIZE, "0 <= r <= 1 + eta/4", "1 - eta <= w <= 1"]
    at = "6*(3 - 2*(1 + eta))*w**2 - 6*(1 - eta)*w + 2"
    larger = [*STEP_SIZE, "0 <= r", "r < rr", "rr <= 1 + eta", "1 - eta <= w <= 1"]
    return statement(
        forall(
            "p >= 0, by 2 - r >= 0 and 4w >= 3",
            ["2 - r >= 0", "4*w >= 4*(1 - eta)", "4*(1 - eta) >= 3", "r - 2 + 4*w >= r + 1", "r + 1 >= 0", f"{P} >= 0"],
            given=given,
        ),
        forall(
            "q in r, and its value at 1 + eta",
            [f"{Q} == 6*r*w*(1 - 2*w) + s", f"{put(Q, 'r', '(1 + eta)')} == {at}"],
            let=["s = 18*w**2 - 12*w + 2"],
        ),
        forall(
            "1 - 2w <= 0",
            ["1 - 2*w <= 1 - 2*(1 - eta)", "1 - 2*(1 - eta) == -1 + 2*eta", "-1 + 2*eta <= 0"],
            given=given,
        ),
        forall("q does not increase in r", f"{Q} >= {put(Q, 'r', 'rr')}", given=larger),
        forall(
            "chain for q",
            [
                f"{Q} >= {put(Q, 'r', '(1 + eta/4)')}",
                f"{put(Q, 'r', '(1 + eta/4)')} >= {at}",
                f"{at} >= 3*w**2 - 9*w/2 + 2",
                "3*w**2 - 9*w/2 + 2 >= 3*(3/4)**2 - 9/2*(3/4) + 2",
                "3*(3/4)**2 - 9/2*(3/4) + 2 == 5/16",
                f"{Q} >= 0",
            ],
            given=given,
        ),
        scope="all 0 <= r <= 1 + eta/4, eta <= 1/4, 1 - eta <= w <= 1",
    )
