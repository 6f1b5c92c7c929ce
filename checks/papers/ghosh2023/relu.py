"""Section 5: the ReLU step as a linear step on the positive part of the batch, and the limits of GD and SGD."""

from __future__ import annotations

from typing import Any

import sympy as sp

from checks.claim import Part, Statement, forall, limit, statement, states, trajectory, unformalised
from checks.engine.wording import line_latex
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.runs import full_batch
from checks.verdict import Evidence, Status
from theory.algorithms import UNIFORM_SUBSETS
from theory.derive import coordinates as co
from theory.indexed import EntryDerivative, IndexSum, formal

STEP_SIZE = ["0 < eta <= 1/5"]
# the signs that the atoms of a ReLU's full-batch step stand for, and an admissible start
SIGNS = ["all(i:batchp, c[i] > 0)", "all(i:batchq, c[i] <= 0)"]
START = [*STEP_SIZE, "m >= 1", "n >= m", "0 < sum(i:all, c[i]**2) < 1", *SIGNS]
EMPTY = (
    "A start with no positive coordinate along the data ($\\mathcal S^+ = \\emptyset$, of probability $2^{-m}$ under a "
    "Gaussian initialisation) satisfies every hypothesis; no sample moves it."
)


def relu_factor(atom: str) -> str:
    """Return the factor of a coordinate of one atom in a ReLU step, in u, N, eta, as derived."""
    return formal(sp.cancel(co.named_step(atom, "relu") / co.c[co.k]))


def linear_step_on_positive_batch() -> str:
    """Return the step of the linear activation with the positive part of the batch, unevaluated, from the loss."""
    slope = EntryDerivative(co.sample_loss("linear"), co.c[co.k])
    return formal(co.c[co.k] - co.eta * IndexSum(slope, co.i, sp.Symbol("batchp")))


WORDS = {
    "batchp": "k in the batch, c_k > 0",
    "batchq": "k in the batch, c_k <= 0",
    "restp": "k in [m] outside the batch, c_k > 0",
    "restq": "k in [m] outside the batch, c_k <= 0",
    "outside": "k > m",
}


@states(o.PAPER, "EQ15")
def step_equivalence() -> Statement:
    """State the two gradient cases, the equality of the steps for every kind of k, and that S_t^+ stays S^+."""
    step = {atom: o.RELU.as_formal({"k": atom}) for atom in o.RELU.atoms}
    # only the activation of sample i enters its loss: c_i where c_i > 0, else 0; i and k are any two indices
    one = {"atoms": {"all": "n"}, "indices": {"i": "all", "k": "all"}}
    gradients = [
        forall(
            f"gradient of sample i where {word}",
            f"diff({o.SAMPLE_LOSS_RELU}, c[k]) == {right}",
            index={**one, "families": {"c": None, "f": {"all": activation}}},
        )
        for word, activation, right in (
            ("c_i > 0", "c", f"diff({o.SAMPLE_LOSS}, c[k])"),
            ("c_i <= 0", "0", "0"),
        )
    ]
    # at c_i = 0 the two pieces of the loss meet: the slope along a direction into the active side is zero as well
    kink = {
        "atoms": {"zero": "1", "others": "n - 1"},
        "sets": {"all": ["zero", "others"]},
        "families": {"x": None, "v": None, "c": {"zero": "0", "others": "x"}},
        "indices": {"i": "zero"},
    }
    into = "taylor(sum(j:all, (delta(i,j) - (c[j] + t*v[j])*(c[i] + t*v[i]))**2)/2, t, 1) == 0"
    runs = {"k in S^+": ("x > 0", "batchp", "restp"), "k in [m] outside S^+": ("x <= 0", "batchq", "restq")}
    return statement(
        *gradients,
        forall("gradient of sample i where c_i = 0, along directions with v_i > 0", into, index=kink),
        *(
            forall(
                f"one step, {WORDS[atom]}",
                [f"{o.NEXT_RELU} == {linear_step_on_positive_batch()}", f"{o.NEXT_RELU} == c[k]*({relu_factor(atom)})"],
                let=o.SUMS_RELU,
                index=index,
            )
            for atom, index in step.items()
        ),
        forall(
            "N' in u and N",
            f"{formal(IndexSum(co.step('relu') ** 2, co.k, co.ALL))} == {o.next_norm()}",
            let=o.SUMS_RELU,
            index=o.RELU.as_formal(),
        ),
        *(
            trajectory(
                f"the sign of c_t(k) at all times, {name}",
                state=["x", "N"],
                parameters=STEP_SIZE,
                start=[sign, "0 <= N < 1"],
                branches=[
                    {"inputs": ["0 <= u <= N"], "next": {"x": f"x*({relu_factor(atom)})", "N": o.next_norm()}}
                    for atom in atoms
                ],
                always=[sign],
                invariant=[sign, "0 <= N", "N <= 1 + eta/4"],
                detail=("Here $x = c_t(k)$ and u is the sum of squares over the positive part of the batch.",),
            )
            for name, (sign, *atoms) in runs.items()
        ),
        scope="all m, n, eta, all batches and batch sequences",
        derivation=(
            f"Derived ReLU step: $c'_k = c_k\\,({line_latex(relu_factor('batchp'))})$ for k in the batch with "
            f"$c_k > 0$, $c'_k = c_k\\,({line_latex(relu_factor('restq'))})$ for every other k, with u over the "
            "positive part of the batch.",
        ),
    )


@states(o.PAPER, "T10")
def gd_limit() -> Statement:
    """State the limit as a unit vector in the span of S^+, from every start that the hypotheses allow."""
    rest = " + ".join(formal(IndexSum(co.step("relu") ** 2, co.k, sp.Symbol(atom))) for atom in ("batchq", "outside"))
    return statement(
        limit(
            "limit of GD",
            ["sum(i:all, c[i]**2) == 1", "all(i:batchq, c[i] == 0)", "all(i:outside, c[i] == 0)"],
            given=START,
            loss=o.SAMPLE_LOSS_RELU,
            index=o.RELU_FULL.as_formal(),
            detail=(EMPTY, "There $\\Pi_{\\mathcal S^+}(w_0) / \\|\\Pi_{\\mathcal S^+}(w_0)\\|$ is 0/0."),
        ),
        full_batch(
            "with S^+ nonempty: Phi, the sum of squares over S^+, tends to 1 at a geometric rate, the rest Psi to 0",
            ["Phi0 <= Phi"],
            ["1 - Phi_next <= (1 - 4*eta*Phi0/5)*(1 - Phi)", "Phi <= Phi_next"],
            ["Psi <= 8*(1 - Phi)/5"],
            ["Phi0 <= Phi"],
            parameters=["0 < Phi0 < 1"],
            latex="\\mathcal S^+ \\ne \\emptyset \\Longrightarrow 1 - \\Phi_{t+1} \\le (1 - \\tfrac45 \\eta \\Phi_0)"
            "(1 - \\Phi_t),\\ \\Psi_t \\le \\tfrac85 (1 - \\Phi_t)",
            role="repair",
        ),
        *(
            forall(
                f"the sum of squares {words} after a ReLU step",
                f"{formal(IndexSum(co.step('relu') ** 2, co.k, sp.Symbol('batchp')))} == {o.next_phi()}"
                if positive
                else f"{rest} == {o.next_psi()}",
                let=["Phi = sum(i:batchp, c[i]**2)", "Psi = sum(i:batchq, c[i]**2) + sum(i:outside, c[i]**2)"],
                index=o.RELU_FULL.as_formal(),
                role="context",
            )
            for words, positive in (("over S^+", True), ("over the rest", False))
        ),
        forall(
            "the direction of Pi_{S^+}(w_t) never changes",
            f"({o.NEXT_RELU})*c[l] == ({formal(co.step('relu').subs(co.k, sp.Symbol('l')))})*c[k]",
            index=o.RELU_FULL.as_formal({"k": "batchp", "l": "batchp"}),
            latex="c_{t+1}(k)\\, c_t(l) = c_{t+1}(l)\\, c_t(k) \\text{ for } k, l \\in \\mathcal S^+",
            role="repair",
        ),
        scope="all m, n, eta",
        derivation=(
            "On $\\mathcal S^+$ the full-batch ReLU step is the linear step of the samples in $\\mathcal S^+$ (EQ15): "
            f"all positive coordinates share the factor ${line_latex(relu_factor('batchp'))}$ with u their sum of "
            "squares.",
        ),
    )


def _whole_positive_part(**sizes: str) -> dict[str, Any]:
    """Return the atoms of a batch that holds all of S^+: ``lead`` and ``chosen``; ``batchq``, ``restq`` are idle."""
    sets = {"all": list(sizes), "batch": ["lead", "chosen", "batchq"], "positive": ["lead", "chosen"]}
    return {
        "atoms": sizes,
        "sets": {name: [a for a in atoms if a in sizes] for name, atoms in sets.items()},
        "families": {"c": None, "f": {a: "c" if a in sets["positive"] else "0" for a in sizes}},
    }


def _conditional_law(part: Part, _: Any) -> Evidence:
    """Enumerate the law of the positive part of a uniform batch, given its size."""
    largest = 6
    for m in range(2, largest + 1):
        for b in range(1, m):
            for s in range(1, m + 1):
                counts: dict[tuple[int, ...], int] = {}
                for batch, _p in UNIFORM_SUBSETS.enumerate(m, b):
                    kept = tuple(i for i in batch if i < s)
                    counts[kept] = counts.get(kept, 0) + 1
                for size in range(1, min(b, s) + 1):
                    seen = {counts.get(kept, 0) for kept in counts if len(kept) == size}
                    expected = sp.binomial(s, size) if m - s >= b - size else 0
                    if len(seen) > 1 or sum(len(k) == size for k in counts) != expected:
                        found = {"m": str(m), "b": str(b), "s": str(s)}
                        return Evidence(part.name, Status.REFUTED, "exact enumeration", counterexample=found)
    return Evidence(
        part.name,
        Status.PROVED_FOR,
        "exact enumeration",
        part.latex,
        detail=(
            "Every subset of $\\mathcal S^+$ of size $\\tilde b$ is the positive part of equally many batches, in "
            "general $\\binom{m-|\\mathcal S^+|}{b-\\tilde b}$ of them.",
        ),
        data={"scope": f"the conditional law for all 1 <= b < m <= {largest} and all |S^+|"},
    )


@states(o.PAPER, "S8")
def effective_batch() -> Statement:
    """State the conditional law, and the positive drift that Proposition 8 needs, given the effective batch size."""
    lead, others = (formal(IndexSum(co.step("relu"), co.k, sp.Symbol(a))) for a in ("lead", "chosen"))
    now = ("sum(i:lead, c[i])", "sum(i:chosen, c[i])")
    # the smallest sizes at which a proper batch can hold all of S^+, and all sizes
    small = _whole_positive_part(lead="1", chosen="1", restq="1", outside="n - 3")
    small["indices"] = {"k": "lead", "l": "chosen", "q": "restq"}
    whole = _whole_positive_part(lead="1", chosen="s - 1", batchq="b - s", restq="m - b", outside="n - m")
    return statement(
        Part(
            "given its size, the effective batch is uniform",
            latex="\\Pr[\\tilde{\\mathcal B}_t = A \\mid \\tilde b_t = |A|] = 1 / \\binom{|\\mathcal S^+|}{|A|}",
            judge=_conditional_law,
        ),
        forall(
            "given the effective size |S^+|, the log-ratio rises on average: m = 3, b = 2, |S^+| = 2",
            f"({lead})*({now[1]}) > ({now[0]})*({others})",
            given=[*STEP_SIZE, "n >= 3", "sum(i:all, c[i]**2) < 1", "c[k] > c[l]", "c[l] > 0", "c[q] <= 0"],
            index=small,
            latex="E[\\tilde R_{t+1} - \\tilde R_t \\mid \\tilde b_t] > 0 \\text{ at } \\tilde b_t = |\\mathcal S^+|",
            detail=(
                "$\\tilde R_{t+1} > \\tilde R_t$, the logarithm taken away. $b < m$ allows $\\tilde b_t = "
                "|\\mathcal S^+|$; then $\\tilde{\\mathcal B}_t = \\mathcal S^+$ for certain, this increment is the "
                "whole conditional drift, and Proposition 8 needs it above a positive number for large $\\tilde R_t$.",
            ),
        ),
        unformalised(
            "from the conditional to the unconditional properties",
            "the step from conditional drift bounds to unconditional ones is a statement on conditional expectations "
            "with o(1) terms, outside the grammar",
        ),
        forall(
            "given the effective size |S^+|, the log-ratio does not move at all",
            f"({lead})*({now[1]}) == ({now[0]})*({others})",
            index=whole,
            latex="\\tilde R_{t+1} = \\tilde R_t \\text{ whenever } \\tilde{\\mathcal B}_t = \\mathcal S^+",
            role="repair",
        ),
        scope="all m, n, b, |S^+|",
        derivation=(
            "With $\\tilde{\\mathcal B}_t = \\mathcal S^+$ all positive coordinates are multiplied by the same "
            f"$A = {line_latex(relu_factor('batchp'))}$, so that $\\tilde R_{{t+1}} = \\tilde R_t$: the argument for "
            "batch sizes below the number of samples covers $\\tilde b_t < |\\mathcal S^+|$ only.",
        ),
    )


@states(o.PAPER, "T11")
def sgd_limit() -> Statement:
    """State that every admissible start leads to a data point of S^+."""
    point = "any(i:batchp, c[i] == 1 and all(j:all, delta(i,j) == 1 or c[j] == 0))"
    return statement(
        limit(
            "limit of SGD",
            [point],
            given=[*START, "m >= 2"],
            loss=o.SAMPLE_LOSS_RELU,
            index=o.RELU_FULL.as_formal(),
            detail=(EMPTY, "The claimed set of limits is empty there."),
        ),
        scope="all m >= 2, n, eta, b < m",
        derivation=(
            "A sample whose coordinate is not positive has gradient zero (EQ15); where no coordinate is positive the "
            "iterates stay at $w_0$ under every batch sequence.",
        ),
    )


@states(o.PAPER, "EQ16")
def limits_as_minima() -> Statement:
    """State that both formulas give unit vectors with nonnegative coordinates, from every admissible start."""
    index = o.RELU_FULL.as_formal()
    phi = ["Phi = sum(i:batchp, c[i]**2)"]
    return statement(
        forall(
            "w_GD is defined and has norm one: (1/Phi) times the sum of squares over S^+, Phi itself",
            "Phi/Phi == 1",
            given=["0 <= Phi", "Phi <= N", "0 < N < 1"],
            detail=(
                "$\\Phi = \\sum_{i \\in \\mathcal S^+} \\langle w_0, a_i\\rangle^2$ and $N = \\|w_0\\|^2$ take all "
                "these values; $\\Phi = 0$ for $w_0 = -\\sqrt N a_1$, say.",
                EMPTY,
                "There $\\langle w_0, a_i\\rangle / \\sqrt\\Phi$ is no vector, and no i in $\\mathcal S^+$ is left for "
                "$w_{SGD}$.",
            ),
        ),
        forall(
            "w_SGD = a_i has norm one",
            "sum(j:all, delta(i,j)**2) == 1",
            index=o.RELU_FULL.as_formal({"i": "batchp"}),
        ),
        forall(
            "with S^+ nonempty: w_GD has norm one",
            "sum(i:batchp, c[i]**2/Phi) == 1",
            given=["Phi > 0"],
            let=phi,
            index=index,
            role="repair",
        ),
        scope="all m, n and all starts",
        derivation=(
            "The coordinates of $w_{GD}$ on $\\mathcal S^+$ are $c_0(i) / \\sqrt\\Phi > 0$, the others vanish: a "
            "point of $\\mathcal M$ exactly when $\\Phi > 0$, that is when $\\mathcal S^+$ is not empty.",
        ),
    )
