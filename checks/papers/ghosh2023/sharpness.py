"""Theorem 13 and its proof (F.5): maximal and average curvature at the limits of GD and SGD."""

from __future__ import annotations

from typing import Any

import sympy as sp

from checks.claim import Part, Statement, forall, statement, states, unformalised
from checks.engine.wording import line_latex
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.landscape import RAY_G, RAY_LOSS, RAY_SAMPLE, along, rays
from theory.derive import coordinates as co
from theory.derive import kinks, landscape
from theory.indexed import formal
from theory.vectors import N

SIZES = ["1 <= s", "s <= m", "m <= n"]
NORM = ["N = sum(i:positive, x[i]**2)"]
# D_v^2 L at a point supported on S, as derived, with p = <w, v>^2, VS and VK the sums of v_i^2 over S and over the
# kinks on their active side, V = |v|^2; and its Gaussian average, both with N = |w|^2
CURVATURE = kinks.curvature()
_p, _vs, _vk = sp.symbols("p VS VK", nonnegative=True)
DIRECTIONAL = formal(CURVATURE.directional.subs({kinks.wv**2: _p, kinks.vs: _vs, kinks.vk: _vk}))
AVERAGE = formal(CURVATURE.average)
PAPER_GD, PAPER_SGD = "(2*n + 8 - m - s)/(2*m)", "(2*n + 7 - m)/(2*m)"
GAUSSIAN = (
    "For $v \\sim \\mathcal N(0, I)$, $E[v v^T] = I$, so that the mean of $v^T H v$ is the trace, the sum of the "
    "second derivatives along $a_1, \\dots, a_n$; v and -v have the same law and $v_i = 0$ has probability zero, so "
    "that at $c_i = 0$ the mean of $D_v^2 f_i$ is that of $(D_v^2 f_i + D_{-v}^2 f_i)/2$, half a trace."
)


def at_support(flat: bool = False, **indices: str) -> dict[str, Any]:
    """Return the index sets of w = sum_{i in S} c_i a_i and a direction; ``positive`` is S (size s).

    ``up`` and ``down`` are the samples outside S by the sign of v_i (``down``: v_i <= 0); with ``flat`` v_i = 0 there.
    """
    atoms = {"positive": "s", "up": "su", "down": "m - s - su", "outside": "n - m"}
    if flat:
        atoms = {"positive": "s", "flat": "m - s", "outside": "n - m"}
    data = [a for a in atoms if a != "outside"]
    kinked = [a for a in data if a != "positive"]
    return {
        "atoms": atoms,
        "sets": {"data": data, "all": list(atoms), "kinks": kinked},
        "families": {
            "x": None,
            "y": None,
            "c": {a: "x" if a == "positive" else "0" for a in atoms},
            "v": {a: "0" if a == "flat" else "y" for a in atoms},
            "f": {a: "x" if a == "positive" else "0" for a in atoms},
            "h": {a: "y" if a in ("positive", "up") else "0" for a in atoms},
        },
        "indices": indices,
    }


def directional(**more: Any) -> Part:
    """State D_v^2 L at a point supported on S in the sums, as derived."""
    sums = ["VS = sum(i:positive, v[i]**2)", "VK = sum(i:up, v[i]**2)", "V = sum(i:all, v[i]**2)"]
    return forall(
        "second derivative of L in the direction v",
        f"taylor({RAY_LOSS}, t, 2) == {DIRECTIONAL}",
        given=["m >= 1"],
        let=[*NORM, *sums, "p = sum(i:all, c[i]*v[i])**2"],
        index=at_support(),
        **more,
    )


def maximum() -> list[Part]:
    """State that the supremum over unit directions is 4/m at every unit w supported on S."""
    square = "sum(i:positive, sum(j:positive, (x[i]*y[j] - x[j]*y[i])**2))/2"
    along_w = along(co.loss("relu"), "c").replace("h[", "f[")
    return [
        directional(),
        forall(
            "Cauchy-Schwarz as an identity: N V_S - <w, v>^2 is half a sum of squares",
            f"sum(i:positive, x[i]**2)*sum(i:positive, y[i]**2) - sum(i:positive, x[i]*y[i])**2 == {square}",
            index=at_support(),
        ),
        forall(
            "at most 4/m over unit v",
            f"{DIRECTIONAL} <= 4/m",
            let=["N = 1", "V = 1"],
            given=["m >= 1", "0 <= p", "p <= VS", "0 <= VK", "VS + VK <= 1"],
            detail=(
                "$p = \\langle w, v\\rangle^2 \\le N V_S = V_S$ is the identity above; $V_S$ and $V_K$ are sums of "
                "$v_i^2$ over disjoint sets of samples.",
            ),
        ),
        forall(
            "second derivative in the direction w",
            f"taylor({along_w}, t, 2) == 2*N*(3*N - 1)/m",
            given=["m >= 1"],
            let=NORM,
            index=at_support(),
        ),
        forall("attained at v = w", "2*N*(3*N - 1)/m == 4/m", let=["N = 1"], given=["m >= 1"]),
    ]


def traces() -> list[Part]:
    """State the average curvature: smooth samples, kinks by symmetry, and the sum of the traces."""
    # the derived loss of one sample, active, along a_k
    moved = formal(
        co.sample_loss("linear").replace(
            lambda e: isinstance(e, sp.Indexed),
            lambda e: e + sp.Symbol("t") * sp.KroneckerDelta(e.indices[0], co.k),
        )
    )
    smooth, linear = f"taylor({moved}, t, 2)", f"taylor({RAY_G}, t, 2)"
    return [
        forall(
            "c_i > 0: D_v^2 f_i is the quadratic form of the Hessian of g_i",
            f"taylor({RAY_SAMPLE}, t, 2) == {linear}",
            index=rays(i="positive"),
        ),
        forall(
            "c_i = 0, v_i > 0: D_v^2 f_i = D_v^2 g_i", f"taylor({RAY_SAMPLE}, t, 2) == {linear}", index=rays(i="up")
        ),
        forall("c_i = 0, v_i < 0: D_v^2 f_i = 0", f"taylor({RAY_SAMPLE}, t, 2) == 0", index=rays(i="down")),
        forall(
            "sum of the traces, kinks counted half",
            f"sum(k:all, sum(i:positive, {smooth}) + sum(i:kinks, {smooth})/2)/m == {AVERAGE}",
            given=["m >= 1"],
            let=NORM,
            index=at_support(),
            detail=(GAUSSIAN,),
        ),
    ]


@states(o.PAPER, "T13")
def sharpness() -> Statement:
    """State both measures at both limits, for 1 <= |S^+| <= m <= n."""
    derived = sp.together(CURVATURE.average.subs(N, 1))
    once = sp.together(derived.subs(landscape.s, 1))
    return statement(
        *maximum(),
        *traces(),
        forall("trace at w_GD, s = |S^+|", f"{AVERAGE} == {PAPER_GD}", let=["N = 1"], given=SIZES),
        forall(
            "trace at w_SGD, one data point",
            f"{AVERAGE} == {PAPER_SGD}",
            let=["N = 1", "s = 1"],
            given=["1 <= m", "m <= n"],
        ),
        scope="all 1 <= |S^+| <= m <= n; the maximal curvature is 4/m at every minimiser, w_GD and w_SGD alike",
        derivation=(
            "Differentiated from the loss, at $w = \\sum_{i \\in \\mathcal S} c_i a_i$, $c_i > 0$, $\\|w\\| = 1$: "
            f"$m\\, D_v^2 L = {sp.latex(sp.expand(co.m * CURVATURE.directional.subs(N, 1)))}$ with "
            "$V = \\|v\\|^2$, $V_S = \\sum_{i \\in \\mathcal S} v_i^2$, $V_K = \\sum_{c_i = 0,\\, v_i > 0} v_i^2$, "
            "$r = \\langle w, v\\rangle$.",
            f"Its average over Gaussian v is $\\tfrac1m [\\, {sp.latex(CURVATURE.active.subs(N, 1))} + (m - s)"
            f"({sp.latex(CURVATURE.kink.subs(N, 1))})\\, ]$, $s = |\\mathcal S|$.",
            f"Derived traces: $\\mathrm{{Tr}}(H_{{GD}}) = {sp.latex(derived)}$ with $s = |\\mathcal S^+|$, and "
            f"$\\mathrm{{Tr}}(H_{{SGD}}) = {sp.latex(once)}$ (s = 1). The paper prints ${line_latex(PAPER_GD)}$ and "
            f"${line_latex(PAPER_SGD)}$: the same functions of m, n and $|\\mathcal S^+|$, for all sizes.",
            f"Largest curvature, derived: ${sp.latex(CURVATURE.maximum)}$, along w. Where some $c_i = 0$ on the unit "
            "sphere the loss has no Hessian; both measures are those of its one-sided second derivatives (D11).",
        ),
    )


@states(o.PAPER, "S9")
def trace_gap() -> Statement:
    """State the trace at |S^+| = m/2, the limit of the gap as m grows, and the comparison."""
    x = sp.Symbol("x")
    at_one = CURVATURE.average.subs(N, 1)
    gap = sp.expand(at_one.subs(landscape.s, co.m / 2) - at_one.subs(landscape.s, 1))
    growing = formal(sp.expand(gap.subs(co.m, 1 / x)))
    half = formal(at_one.subs(landscape.s, co.m / 2))
    return statement(
        forall("trace with |S^+| = m/2", f"{half} == (2*n + 8 - m - m/2)/(2*m)", given=["m >= 1"]),
        forall(
            "for large m the gap is -1/2",
            "gap == -1/2",
            given=[f"gap == taylor({growing}, x, 0)"],
            latex="\\lim_{m \\to \\infty} [\\mathrm{Tr}(H_{GD}) - \\mathrm{Tr}(H_{SGD})] = -\\tfrac12",
            detail=(
                f"With $|\\mathcal S^+| = m/2$ the gap $\\mathrm{{Tr}}(H_{{GD}}) - \\mathrm{{Tr}}(H_{{SGD}})$ is "
                f"${sp.latex(gap)}$, whatever n is; with $x = 1/m$ its limit is the value at x = 0, which is -1/4. "
                "A relative error of order $m^{-1/2}$ in $|\\mathcal S^+| \\approx m/2$ does not change the limit.",
            ),
        ),
        forall("the trace at w_GD is smaller", f"{formal(gap)} < 0", given=["m > 2"]),
        unformalised(
            "|S^+| is about m/2 with high probability",
            "|S^+| is binomial (m, 1/2): a law of large numbers, outside the grammar",
        ),
        forall(
            "for large m the gap is -1/4",
            f"taylor({growing}, x, 0) == -1/4",
            latex="\\lim_{m \\to \\infty} [\\mathrm{Tr}(H_{GD}) - \\mathrm{Tr}(H_{SGD})] = -\\tfrac14",
            role="repair",
        ),
        scope="all m, n",
        derivation=(
            f"Derived gap with $|\\mathcal S^+| = s$: ${sp.latex(sp.factor(at_one - at_one.subs(landscape.s, 1)))}$; "
            f"with $s = m/2$: ${sp.latex(gap)}$.",
        ),
    )


@states(o.PAPER, "S13a")
def maximal_curvature_proof() -> Statement:
    """State the comparison at the kinks, the restriction of v, each line of the display for such v, and the maximum."""
    restricted = at_support(flat=True)
    # the same at w = a_k: coordinates and activations are delta(., k)
    single = {**restricted, "atoms": {"positive": "1", "flat": "m - 1", "outside": "n - m"}}
    single["families"] = {name: rule for name, rule in restricted["families"].items() if name in ("y", "v", "h")}
    at_one = RAY_LOSS.replace("c[j]", "delta(j,k)").replace("f[i]", "delta(i,k)")
    terms = "sum(i:positive, taylor(" + RAY_G + ", t, 2))/m"
    form = "sum(i:all, c[i]*v[i])"
    second, smooth = f"taylor({RAY_SAMPLE}, t, 2)", f"taylor({RAY_G}, t, 2)"
    return statement(
        forall("c_i = 0, v_i > 0: D_v^2 f_i = D_v^2 g_i", f"{second} == {smooth}", index=rays(i="up")),
        forall(
            "c_i = 0, v_i < 0: D_v^2 f_i = 0 and D_v^2 g_i = (N - 2) v_i^2",
            [f"{second} == 0", f"{smooth} == (N - 2)*v[i]**2"],
            let=["N = sum(j:all, c[j]**2)"],
            index=rays(i="down"),
        ),
        forall("Hess g_i is negative semidefinite there, D_v^2 f_i >= D_v^2 g_i", "0 >= (N - 2)*v**2", let=["N = 1"]),
        forall(
            "for such v, the sum over S", f"taylor({RAY_LOSS}, t, 2) == {terms}", given=["m >= 1"], index=restricted
        ),
        forall(
            "for such v, D_v^2 L = (4/m) <w, v>^2, at w = a_k, S = {k}",
            f"taylor({at_one}, t, 2) == 4/m*v[k]**2",
            given=["m >= 1", "n >= m"],
            index={**single, "indices": {"k": "positive"}},
            detail=(
                "Such v: $\\langle v, a_i\\rangle = 0$ for i in $[m] \\setminus \\mathcal S$, the samples of which the "
                "proof speaks. For $n > m$ they include directions orthogonal to the data, where the display drops "
                "$\\tfrac1m(\\|v\\|^2 - \\sum_{i \\in \\mathcal S} v_i^2)$.",
            ),
        ),
        *maximum(),
        forall(
            "for such v, D_v^2 L with the part outside the data",
            f"taylor({RAY_LOSS}, t, 2) == (4*{form}**2 + N*sum(i:all, v[i]**2) - (2 - N)*sum(i:positive, v[i]**2))/m",
            given=["m >= 1"],
            let=NORM,
            index=restricted,
            latex="D_v^2 L(w) = \\tfrac4m \\langle w, v\\rangle^2 + \\tfrac1m \\sum_{j > m} \\langle v, a_j\\rangle^2",
            role="repair",
        ),
        scope="all 1 <= |S| <= m <= n",
        derivation=(
            f"Derived, with $\\|w\\| = 1$: $m\\, D_v^2 L = "
            f"{sp.latex(sp.expand(co.m * CURVATURE.directional.subs({N: 1, kinks.vk: 0})))}$ for such v; "
            "$V - V_S$ is the part of v outside the data. The maximum 4/m over all unit v stands.",
        ),
    )


@states(o.PAPER, "S13b")
def average_curvature_proof() -> Statement:
    """State both cases of the trace of a term, and each equality of the last display."""
    return statement(
        *traces(),
        forall(
            "last display: sum of the traces",
            f"{AVERAGE} == 1/m*(sum(i:positive, (N - 2) + (n + 4)*x[i]**2) + sum(i:kinks, (N - 2)/2))",
            given=["m >= 1"],
            let=NORM,
            index=at_support(),
        ),
        forall(
            "last display: with |w| = 1",
            [
                "1/m*(s*(N - 2) + (n + 4)*N + (m - s)*(N - 2)/2) == 1/m*(-s + (n + 4) - (m - s)/2)",
                f"1/m*(-s + (n + 4) - (m - s)/2) == {PAPER_GD}",
            ],
            let=["N = 1"],
            given=SIZES,
        ),
        forall("for one data point", f"{PAPER_GD} == {PAPER_SGD}", let=["s = 1"], given=["m >= 1"]),
        scope="all 1 <= |S| <= m <= n",
        derivation=(f"Derived average of $m\\, D_v^2 L$: ${sp.latex(sp.expand(co.m * CURVATURE.average))}$.",),
    )
