"""Section 5.1 and Appendix F.1 to F.4: global minima, one-sided derivatives, and the Hessian of each term."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from checks.claim import Part, Statement, forall, statement, states, unformalised
from checks.engine.wording import line_latex
from checks.papers.ghosh2023 import objects as o
from theory.derive import coordinates as co
from theory.derive import kinks, landscape
from theory.indexed import entries, formal

SIZES = ["m >= 1", "n >= m"]
# g_i and f_i as the paper prints them, at w and along the ray w + t v (h is the slope of the activation)
TERM_G = "c[i]**2*(sum(j:all, c[j]**2)/2 - 1)"
TERM_F = "f[i]**2*(sum(j:all, c[j]**2)/2 - 1)"
RAY_G = "(c[i] + t*v[i])**2*(sum(j:all, (c[j] + t*v[j])**2)/2 - 1)"
RAY_F = "(f[i] + t*h[i])**2*(sum(j:all, (c[j] + t*v[j])**2)/2 - 1)"
MINIMUM = "(m - 1)/(2*m)"


def along(expr: sp.Expr, direction: str = "v") -> str:
    """Return a derived loss along the ray: every coordinate moves, c[j] + t v[j], and with it the activation.

    The families ``v`` and ``h`` hold the direction and the slope of the activation along it.
    """
    slopes = {"c": direction, "f": "h"}
    t = sp.Symbol("t")
    moved = expr.replace(
        lambda e: isinstance(e, sp.Indexed), lambda e: e + t * entries(slopes[str(e.base)])[e.indices[0]]
    )
    return formal(moved)


# l(w + t v; a_i) for the ReLU, L(w + t v), and l(w + t v; a_i) for the linear activation
RAY_SAMPLE = along(co.sample_loss("relu"))
RAY_LOSS = along(co.loss("relu"))
RAY_SAMPLE_LINEAR = along(co.sample_loss("linear"))


def rays(**indices: str) -> dict[str, Any]:
    """Return the index sets of any point w and direction v, by the signs of c_i and v_i.

    Samples: ``positive`` (c_i > 0), ``up``, ``flat``, ``down`` (c_i = 0 and v_i > 0, = 0, < 0), ``negative``
    (c_i < 0); the family f is the activation at w and h its slope along v, for t -> 0+.
    """
    zero = ("up", "flat", "down")
    data = ("positive", *zero, "negative")
    atoms = {"positive": "s", "up": "su", "flat": "sf", "down": "sd"}
    atoms.update(negative="m - s - su - sf - sd", outside="n - m")
    active = ("positive", "up")
    return {
        "atoms": atoms,
        "sets": {"data": list(data), "all": [*data, "outside"]},
        "families": {
            "x": None,
            "y": None,
            "c": {a: "0" if a in zero else "x" for a in atoms},
            "v": {a: "0" if a == "flat" else "y" for a in atoms},
            "f": {a: "x" if a == "positive" else "0" for a in atoms},
            "h": {a: "y" if a in active else "0" for a in atoms},
        },
        "indices": indices,
    }


def _span(full: Mapping[str, Any]) -> dict[str, Any]:
    """Return the index sets of a point in the span of the data."""
    atoms = {a: size for a, size in full["atoms"].items() if a != "outside"}
    sets = {name: [a for a in parts if a != "outside"] for name, parts in full["sets"].items()}
    return {**full, "atoms": atoms, "sets": sets}


def below(name: str, loss: str, first: str, others: tuple[str, ...], least: str, given: list[str]) -> list[Part]:
    """State that a function of nonnegative sums is at least ``least``, exactly where ``first`` = 1 and the rest 0."""
    signs = [*given, *(f"{q} >= 0" for q in (first, *others))]
    rest = " + ".join(others)
    vanish = [f"{first} = 1", *(f"{q} = 0" for q in others)]
    return [
        forall(
            f"{name}: lower bound",
            [f"{first} <= 1 implies {loss} >= {least}", f"{first} >= 1 implies {loss} >= {least}"],
            given=signs,
        ),
        forall(f"{name}: value attained", f"{loss} == {least}", let=vanish, given=given),
        forall(
            f"{name}: nowhere else, {first} not 1",
            [f"{first} < 1 implies {loss} > {least}", f"{first} > 1 implies {loss} > {least}"],
            given=signs,
        ),
        forall(
            f"{name}: nowhere else, {first} = 1",
            f"{loss} > {least}",
            let=[f"{first} = 1"],
            given=[*signs, f"{rest} > 0"],
        ),
    ]


@states(o.PAPER, "S12a")
def loss_in_coordinates() -> Statement:
    """State each line of the display, and that leaving the span never lowers the loss."""
    full = o.RELU_FULL.as_formal()
    lines = {
        "sum over j != i": "1/(2*m)*sum(i:data, (1 - c[i]*f[i])**2 + sum(j:data, (1 - delta(i,j))*c[j]**2*f[i]**2))",
        "with B": "1/(2*m)*sum(i:data, (1 - c[i]*f[i])**2 + f[i]**2*(B - c[i]**2))",
        "expanded": "1/(2*m)*(m - 2*sum(i:data, c[i]*f[i]) + sum(i:data, c[i]**2*f[i]**2)"
        " + sum(i:data, f[i]**2*(B - c[i]**2)))",
        "collected": "1/(2*m)*(m - 2*sum(i:data, c[i]*f[i]) + B*sum(i:data, f[i]**2))",
        "final": "1/(2*m)*(m - 2*sum(i:data, c[i]*f[i]) + sum(i:data, c[i]**2)*sum(i:data, f[i]**2))",
    }
    inside = o.LOSS_RELU.replace("j:all", "j:data")
    return statement(
        forall(
            "every line of the display, in the span",
            [f"{o.LOSS_RELU} == {line}" for line in lines.values()],
            given=["m >= 1"],
            let=["B = sum(j:data, c[j]**2)"],
            index=_span(full),
        ),
        forall(
            "the loss at w and at its projection on the span",
            f"{o.LOSS_RELU} == {inside} + sum(j:outside, c[j]**2)*sum(i:data, f[i]**2)/(2*m)",
            given=["m >= 1"],
            index=full,
        ),
        forall(
            "the span may be left only upwards",
            "Psi*P/(2*m) >= 0",
            given=["m >= 1", "Psi >= 0", "P >= 0"],
            detail=("Here $\\Psi = \\sum_{j>m} c_j^2$ and $P = \\sum_i \\phi(c_i)^2$.",),
        ),
        scope="all m, n, w",
        derivation=(f"Derived loss: $L = {sp.latex(landscape.loss_in_sums())}$ with $P = \\sum_{{c_i>0}} c_i^2$.",),
    )


@states(o.PAPER, "EQ33")
def reduced_objective() -> Statement:
    """State Eq. (33) in P and N, and that its minimum over P, N >= 0 lies exactly at (1, 0)."""
    sums = ["P = sum(i:batchp, c[i]**2)", "N = sum(i:batchq, c[i]**2)"]
    printed = "-2*sum(i:data, c[i]*f[i]) + sum(i:data, c[i]**2)*sum(i:data, f[i]**2)"
    return statement(
        forall(
            "Eq. (33) in P and N",
            [f"{printed} == -2*P + P*(P + N)", "-2*P + P*(P + N) == P**2 - 2*P + P*N"],
            let=sums,
            index=o.RELU_FULL.as_formal(),
            detail=("Coordinates that are zero add nothing to N.",),
        ),
        *below("minimum of the objective", "(P**2 - 2*P + P*N)", "P", ("N",), "-1", []),
        scope="all P, N >= 0",
        derivation=("$P^2 - 2P + PN + 1 = (P-1)^2 + PN$.",),
    )


@states(o.PAPER, "T12")
def global_minima() -> Statement:
    """State the value, that it is attained on M, and that nothing else attains it; then for the linear activation."""
    sums = ["P = sum(i:batchp, c[i]**2)", "Nneg = sum(i:batchq, c[i]**2)", "Psi = sum(i:outside, c[i]**2)"]
    linear = ["P = sum(i:batch, c[i]**2)", "Psi = sum(i:outside, c[i]**2)"]
    relu_loss, linear_loss = (f"({formal(landscape.loss_in_sums(a))})" for a in ("relu", "linear"))
    return statement(
        forall(
            "L in the sums",
            f"{o.LOSS_RELU} == {relu_loss}",
            given=["m >= 1"],
            let=sums,
            index=o.RELU_FULL.as_formal(),
        ),
        *below("ReLU", relu_loss, "P", ("Nneg", "Psi"), MINIMUM, ["m >= 1"]),
        forall(
            "linear activation: L in the sums",
            f"{o.LOSS} == {linear_loss}",
            given=["m >= 1"],
            let=linear,
            index=o.FULL.as_formal(),
        ),
        *below("linear activation", linear_loss, "P", ("Psi",), MINIMUM, ["m >= 1"]),
        scope="all m, n and all w in R^n",
        derivation=(
            f"Derived: $L = {sp.latex(landscape.minimum().loss)}$ with P the sum of squares of the positive "
            "coordinates along the data, Nneg of the other ones, $\\Psi$ outside the span. P = 1 and Nneg = $\\Psi$ "
            "= 0 says that w is in $\\mathcal M$ (linear: P over all of [m], so no sign is asked for).",
        ),
    )


@states(o.PAPER, "EQ34")
def decomposition() -> Statement:
    """State every line of the expansion of L, and Eq. (35) along every ray."""
    norm = "sum(j:all, c[j]**2)"
    lines = [
        f"1/m*sum(i:data, 1/2*sum(j:all, delta(i,j)**2) - c[i]*f[i] + 1/2*{norm}*f[i]**2)",
        f"1/2 + 1/m*sum(i:data, -f[i]**2 + 1/2*{norm}*f[i]**2)",
        f"1/2 + 1/m*sum(i:data, {TERM_F})",
    ]
    return statement(
        forall(
            "every line of the expansion",
            [f"{o.LOSS_RELU} == {line}" for line in lines],
            given=["m >= 1"],
            index=o.RELU_FULL.as_formal(),
        ),
        forall(
            "Eq. (35) along every ray",
            f"taylor({RAY_LOSS}, t, 2) == 1/m*sum(i:data, taylor({RAY_F}, t, 2))",
            given=["m >= 1"],
            index=rays(),
            detail=("The k-th derivative in t at t = 0+ along $w + tv$; samples by the signs of $c_i$ and $v_i$.",),
        ),
        scope="all m, n, w and all directions v",
        derivation=(f"Derived: $\\ell(w; a_i) = {line_latex(o.SAMPLE_LOSS_RELU)}$ with $f_i = \\phi(c_i)$.",),
    )


@states(o.PAPER, "EQ36")
def one_sided_second_derivative() -> Statement:
    """State the printed case distinction, one part for each sign pattern of <w, a_i> and <v, a_i>."""
    derived, smooth = f"taylor({RAY_SAMPLE}, t, 2)", f"taylor({RAY_G}, t, 2)"
    cases = [
        ("c_i > 0 and v_i >= 0", "positive", ["c[i] > 0", "v[i] >= 0"], smooth),
        ("c_i = 0 and v_i > 0", "up", [], smooth),
        ("c_i = 0 and v_i = 0", "flat", [], smooth),
        ("c_i > 0 and v_i < 0", "positive", ["c[i] > 0", "v[i] < 0"], "0"),
        ("c_i = 0 and v_i < 0", "down", [], "0"),
        ("c_i < 0", "negative", [], "0"),
    ]
    return statement(
        *(
            forall(
                name,
                f"{derived} == {right}",
                given=given,
                index=rays(i=atom),
                latex="D_v^2 f_i(w) = "
                + ("0" if right == "0" else "D_v^2 g_i(w)")
                + "\\text{ where }"
                + name.replace(">=", "\\ge").replace("and", "\\text{ and }"),
            )
            for name, atom, given, right in cases
        ),
        forall(
            "with c_i > 0: the second derivative of g_i, whatever v_i is",
            f"{derived} == {smooth}",
            index=rays(i="positive"),
            latex="D_v^2 f_i(w) = D_v^2 g_i(w) \\text{ for } \\langle w, a_i\\rangle > 0 \\text{ and every } v",
            role="repair",
        ),
        scope="all m, n, w, v",
        derivation=(
            "Along $w + tv$, $t \\to 0^+$, sample i is active when $c_i > 0$, or $c_i = 0$ and $v_i > 0$; there "
            f"$D_v^2 f_i = {sp.latex(kinks.ray(1, 1).value)}$, elsewhere 0; z is $c_i$, r is $\\langle w, v\\rangle$, "
            "V is $\\|v\\|^2$. The sign of $v_i$ matters only where $c_i = 0$.",
        ),
    )


@states(o.PAPER, "EQ37")
def gradient_and_hessian() -> Statement:
    """State the entries of the gradient and of the Hessian of g_i, and the trace."""
    one: dict[str, Any] = {"atoms": {"all": "n"}, "families": {"c": None}}
    norm = ["N = sum(j:all, c[j]**2)"]
    hessian = "(N - 2)*delta(i,k)*delta(i,l) + 2*c[i]*(delta(i,k)*c[l] + c[k]*delta(i,l)) + c[i]**2*delta(k,l)"
    return statement(
        forall(
            "gradient",
            f"diff({TERM_G}, c[k]) == c[i]*(N - 2)*delta(i,k) + c[i]**2*c[k]",
            let=norm,
            index={**one, "indices": {"i": "all", "k": "all"}},
        ),
        forall(
            "Hessian",
            f"diff(diff({TERM_G}, c[k]), c[l]) == {hessian}",
            let=norm,
            index={**one, "indices": {"i": "all", "k": "all", "l": "all"}},
        ),
        forall(
            "trace",
            f"sum(k:all, diff(diff({TERM_G}, c[k]), c[k])) == (N - 2) + (n + 4)*c[i]**2",
            let=norm,
            index={**one, "indices": {"i": "all"}},
        ),
        forall(
            "g_i is the derived loss of one sample up to a constant",
            f"{o.SAMPLE_LOSS} == 1/2 + {TERM_G}",
            index={**one, "indices": {"i": "all"}},
            role="context",
        ),
        scope="all n, w, i",
        derivation=(
            "Derived Hessian of one sample: $"
            f"({sp.latex(landscape.sample_hessian().xx)})\\, a_i a_i^T + {sp.latex(landscape.sample_hessian().xw)}\\, "
            f"(a_i w^T + w a_i^T) + {sp.latex(landscape.sample_hessian().identity)}\\, I$ with "
            "$z = \\langle w, a_i\\rangle$.",
        ),
    )


def _kinked() -> dict[str, Any]:
    """Return the index sets of a point with a zero coordinate k along the data (c_k = 0)."""
    atoms = {"zero": "z", "positive": "s", "negative": "m - z - s", "outside": "n - m"}
    return {
        "atoms": atoms,
        "sets": {"data": ["zero", "positive", "negative"], "all": list(atoms)},
        "families": {
            "x": None,
            "c": {a: "0" if a == "zero" else "x" for a in atoms},
            "f": {a: "x" if a == "positive" else "0" for a in atoms},
        },
        "indices": {"k": "zero"},
    }


def _near_a_kink(atom: str) -> dict[str, Any]:
    """Return the index sets of w + h with <w, a_k> = 0; l is any coordinate of the given atom."""
    return {
        "atoms": {"zero": "1", "others": "n - 1"},
        "sets": {"all": ["zero", "others"]},
        "families": {"x": None, "h": None, "c": {"zero": "0", "others": "x"}},
        "indices": {"k": "zero", "l": atom},
    }


@states(o.PAPER, "SF2")
def smoothness() -> Statement:
    """State the slopes at a kink, the jump of the second derivative at every kink, and the one-sided derivatives."""
    sides = [
        f"sum(i:data, sum(j:all, (delta(i,j) - (c[j] {sign} t*delta(j,k))*(f[i]{slope}))**2)/2)/m"
        for sign, slope in (("+", " + t*delta(i,k)"), ("-", ""))
    ]
    return statement(
        forall(
            "once differentiable: at c_i = 0 the slope is zero in every direction",
            f"taylor({RAY_SAMPLE}, t, 1) == 0",
            index=rays(i="up"),
            detail=("Elsewhere, and on the inactive side, the loss of a sample is a polynomial or constant.",),
        ),
        forall(
            "the second derivatives of L along a_k and -a_k differ by (|w|^2 - 2)/m where c_k = 0",
            f"taylor({sides[0]}, t, 2) - taylor({sides[1]}, t, 2) == (N - 2)/m",
            given=["m >= 1"],
            let=["N = sum(j:all, c[j]**2)"],
            index=_kinked(),
        ),
        forall(
            "not twice differentiable at any w with some c_k = 0: the jump is never zero, N = |w|^2",
            "(N - 2)/m != 0",
            given=["m >= 1", "N >= 0"],
            detail=(
                "At $w = a_2 + a_3$, m = n = 3, k = 1, the jump is zero, and L is twice differentiable: the gradient "
                "of $f_k$ at $w + h$ is $\\phi(h_k)(2\\langle w, h\\rangle + \\|h\\|^2) a_k + \\phi(h_k)^2 (w + h)$, "
                "of order $\\|h\\|^2$, so that its derivative at w exists and is zero; the other samples have "
                "positive coordinates, where the loss is a polynomial.",
            ),
        ),
        unformalised(
            "one-sided derivatives of all orders",
            "along a ray the loss is a polynomial in t for small t >= 0; the grammar has derivatives of a given order",
        ),
        forall(
            "not twice differentiable wherever c_k = 0 and |w|^2 is not 2",
            ["N < 2 implies (N - 2)/m < 0", "N > 2 implies (N - 2)/m > 0"],
            given=["m >= 1"],
            latex="D_{a_k}^2 L(w) - D_{-a_k}^2 L(w) = (\\|w\\|^2 - 2)/m \\ne 0 "
            "\\text{ where } c_k = 0, \\|w\\|^2 \\ne 2",
            role="repair",
        ),
        *(
            forall(
                f"gradient of f_k at w + h with h_k > 0, {place}: its only term of order one is (|w|^2 - 2) h_k a_k",
                "diff(h[k]**2*(sum(j:all, (c[j] + h[j])**2)/2 - 1), h[l]) == (N - 2)*h[k]*delta(k,l)"
                " + h[k]*(2*sum(j:all, c[j]*h[j]) + sum(j:all, h[j]**2))*delta(k,l) + h[k]**2*(c[l] + h[l])",
                let=["N = sum(j:all, c[j]**2)"],
                index=_near_a_kink(atom),
                role="context",
            )
            for atom, place in (("zero", "along a_k"), ("others", "along the others"))
        ),
        scope="all m, n, w",
        derivation=(
            "Where $c_i = 0$: $D_v^2 f_i = (\\|w\\|^2 - 2) v_i^2$ for $v_i > 0$ and 0 for $v_i \\le 0$; a kink in the "
            "second derivative unless $\\|w\\|^2 = 2$.",
        ),
    )
