"""The derivation sections of an appendix: a model, its step and what follows from it, as derived."""

from __future__ import annotations

from checks.report.latex import Section
from theory.study import Autoencoder, Formulas


def autoencoder_sections() -> tuple[Section, ...]:
    """Return the sections on the single-neuron autoencoder, from its loss to its Hessian."""
    linear, relu = Autoencoder(), Autoencoder("relu")
    loss = Section(
        "Model and loss",
        (
            r"A single neuron $f(x; w) = w\,\phi(\langle w, x\rangle)$ on orthonormal data $a_1, \dots, a_m$ in "
            r"$\mathbb{R}^n$, completed to a basis; $c_j = \langle w, a_j\rangle$. In these coordinates",
            *_displayed(linear.loss()),
            r"For the ReLU, $f_i = \max(c_i, 0)$ takes the place of the factor $c_i$ of the output.",
        ),
    )
    step = Section(
        "Mini-batch step",
        (
            r"The step $w' = w - \eta \sum_{i \in \mathcal{B}} \nabla \ell(w; a_i)$, differentiated and summed for all "
            r"$m$, $n$ and batches, with $u = \sum_{i \in \mathcal{B}} c_i^2$ and $N = \|w\|^2$ (linear activation):",
            *_displayed(linear.update()),
            r"For the ReLU, with $u$ over the positive coordinates of the batch:",
            *_displayed(relu.update()),
        ),
    )
    reduced = Section(
        "Reduced systems and invariant",
        (
            r"Coordinates of one kind share their factor, so sums of squares map to sums of squares; for a full batch "
            r"$\Phi = \sum_{i \le m} c_i^2$ and $\Psi = \sum_{j > m} c_j^2$:",
            *_displayed(linear.reduced()),
            r"All data coordinates share one full-batch factor, so $c'_k c_l = c'_l c_k$: their ratios are invariant.",
            *_displayed(linear.invariant()),
        ),
    )
    points = Section("Fixed points of the full-batch step", tuple(_fixed_points(linear)))
    return (loss, step, reduced, points, *_landscape())


def _displayed(formulas: Formulas) -> list[str]:
    return [rf"\[ {line} \]" for line in formulas.latex_lines()]


def _fixed_points(model: Autoencoder) -> list[str]:
    import sympy as sp

    rows = []
    for point in model.fixed_points():
        sums = r",\; ".join(rf"{sp.latex(name)} = {sp.latex(value)}" for name, value in point.sums.items())
        multipliers = r",\; ".join(rf"\text{{{name}: }} {sp.latex(value)}" for name, value in point.multipliers.items())
        rows.append(rf"\[ {sums} \quad \text{{({point.kind})}} \qquad {multipliers} \]")
    threshold = sp.latex(model.stability_threshold())
    rows.append(
        rf"The minima $\Phi = 1, \Psi = 0$ have all multipliers in $[-1, 1]$ exactly for $\eta \le {threshold}$."
    )
    return rows


def _landscape() -> tuple[Section, ...]:
    linear, relu = Autoencoder(), Autoencoder("relu")
    return (
        Section(
            "Hessians, kinks and minima",
            (
                r"Hessian of the loss of one active sample, by structure:",
                *_displayed(linear.sample_hessian()),
                r"At a unit $w$ supported on $s$ data points the linear model has the Hessian "
                r"$\alpha P + \beta w w^T + \gamma I$, with $P$ the projector on the data:",
                *_displayed(linear.hessian()),
                r"For the ReLU, the one-sided second derivative in direction $v$, its Gaussian average and its maximum "
                r"over the unit sphere, with $r = \langle w, v\rangle$, $V = \|v\|^2$, $V_S$ over the support of $w$ "
                r"and $V_K$ over the kinks with $v_i > 0$:",
                *_displayed(relu.curvature()),
                r"The loss depends on $w$ through sums of squares, and its minimum over $\mathbb{R}^n$ is",
                *_displayed(relu.minimum()),
            ),
        ),
    )
