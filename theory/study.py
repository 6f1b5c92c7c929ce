"""One object for a model in closed form: what a person at work types in the REPL or a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory import vectors
from theory.derive import coordinates as co
from theory.derive import fixed_points, invariants, kinks, landscape, log_ratio, reduced


@dataclass(frozen=True)
class Formulas:
    """Named formulas that show themselves as mathematics in a notebook and as text in a terminal."""

    title: str
    lines: Mapping[str, Any]
    where: str = ""

    def __getitem__(self, name: str) -> Any:
        return self.lines[name]

    def _repr_latex_(self) -> str:
        rows = r" \\ ".join(f"{_math(name)} &= {sp.latex(value)}" for name, value in self.lines.items())
        return rf"$\displaystyle \begin{{aligned}} {rows} \end{{aligned}}$"

    def __repr__(self) -> str:
        rows = [f"  {_plain(name)} = {value}" for name, value in self.lines.items()]
        return "\n".join([self.title, *rows, *([f"  where {self.where}"] if self.where else [])])

    def latex_lines(self) -> list[str]:
        """Return one displayed formula a line, for an appendix."""
        return [f"{_math(name)} = {sp.latex(value)}" for name, value in self.lines.items()]


_GREEK = {"Psi", "Phi", "eta", "alpha", "beta", "gamma"}


def _math(name: str) -> str:
    head, bracket, tail = name.partition(" (")
    if head in _GREEK:
        head = "\\" + head
    elif head.replace(" ", "").isalnum() and len(head) > 1:
        head = rf"\text{{{head}}}"
    return head + (rf"\quad \text{{({tail}}}".replace("<=", r"$\le$").replace("_k", "$_k$") if bracket else "")


def _plain(name: str) -> str:
    return name.replace("\\", "").replace("{", "").replace("}", "").replace("mathrm", "")


@dataclass(frozen=True)
class Autoencoder:
    """The single-neuron autoencoder on orthonormal data, for all m, n and b.

    Examples
    --------
    >>> Autoencoder().update()["c'_k (k in batch)"]
    (eta*(-N - u + 2) + 1)*c[k]
    """

    activation: str = "linear"

    def __post_init__(self) -> None:
        if self.activation not in ("linear", "relu"):
            raise ValueError(f"activation {self.activation!r}: use 'linear' or 'relu'")

    def loss(self) -> Formulas:
        """Return the loss of one sample and of the data set in coordinates."""
        return Formulas(
            "Loss", {r"\ell(w; a_i)": co.sample_loss(self.activation), r"L(w)": co.loss(self.activation)}, _WHERE
        )

    def update(self) -> Formulas:
        """Return the update map of a mini-batch step, by kind of coordinate."""
        names = {"batch": "batch", "rest": "[m] outside the batch", "outside": "k > m"}
        if self.activation == "relu":
            names = {
                "batchp": "batch, c_k > 0",
                "batchq": "batch, c_k <= 0",
                "restp": "[m] outside the batch, c_k > 0",
                "restq": "[m] outside the batch, c_k <= 0",
                "outside": "k > m",
            }
        lines = {
            f"c'_k (k in {names[a]})" if a != "outside" else "c'_k (k > m)": co.named_step(a, self.activation)
            for a in names
        }
        positive = "positive coordinates of the " if self.activation == "relu" else ""
        return Formulas("Update map", lines, f"u = sum of c_i^2 over the {positive}batch, N = |w|^2")

    def reduced(self) -> Formulas:
        """Return the two-variable systems (u, N) and (Phi, Psi) of the linear model.

        Raises
        ------
        ValueError
            For the ReLU model, which follows the linear one on its positive coordinates.
        """
        self._linear_only("reduced")
        small, full = reduced.mini_batch(), reduced.full_batch()
        lines = {"u'": small.image[0], "N'": small.image[1], r"\Phi'": full.image[0], r"\Psi'": full.image[1]}
        return Formulas(
            "Reduced systems", lines, "u over the batch, N = |w|^2; Phi over the data, Psi outside (full batch)"
        )

    def invariant(self) -> Formulas:
        """Return the full-batch invariant: all data coordinates share one factor, so their ratios are kept."""
        self._linear_only("invariant")
        found = invariants.ratio_invariant()
        lines = {"c'_k / c_k (every k <= m)": found.factor, "c'_k c_l - c'_l c_k": found.residue}
        return Formulas(
            "Full-batch invariant",
            lines,
            "hence c_t(k) = c_0(k) sqrt(Phi_t/Phi_0) while the factor is positive and Phi_0 > 0",
        )

    def fixed_points(self) -> list[fixed_points.FixedPoint]:
        """Return the fixed points of the full-batch step with their multipliers."""
        self._linear_only("fixed_points")
        return fixed_points.fixed_points()

    def stability_threshold(self) -> sp.Expr:
        """Return the largest step size at which the minima are stable under the full batch."""
        self._linear_only("stability_threshold")
        return fixed_points.stability_threshold()

    def _linear_only(self, name: str) -> None:
        if self.activation != "linear":
            raise ValueError(
                f"{name}() is that of the linear model: the ReLU model follows it on its positive data coordinates "
                f"(see as_linear()); ask Autoencoder().{name}()"
            )

    def as_linear(self) -> Formulas:
        """Return the ReLU step minus the linear step on the positive part of the batch: zero for every kind.

        Raises
        ------
        ValueError
            For the linear model.
        """
        if self.activation != "relu":
            raise ValueError("the linear model is its own reduction; ask Autoencoder('relu')")
        linear = {"batchp": "batch", "batchq": "rest", "restp": "rest", "restq": "rest", "outside": "outside"}
        lines = {
            f"relu - linear (k in {atom})": sp.expand(co.named_step(atom, "relu") - co.named_step(kind))
            for atom, kind in linear.items()
        }
        where = "batchp, restp: c_k > 0; batchq, restq: c_k <= 0; the linear step sees the batch 'batchp' only"
        return Formulas("ReLU step as a linear step on the positive part of the batch", lines, where)

    def sample_hessian(self) -> Formulas:
        """Return the Hessian of one active sample's loss, coefficient by coefficient."""
        h = landscape.sample_hessian()
        lines = {"a_i a_i^T": h.xx, "a_i w^T + w a_i^T": h.xw, "w w^T": h.ww, "I": h.identity}
        return Formulas(
            "Hessian of the loss of an active sample: sum of coefficient times", lines, "z = <w, a_i>, N = |w|^2"
        )

    def hessian(self) -> Formulas:
        """Return the Hessian at a unit w supported on s data points, with its spectrum."""
        h = landscape.sphere_hessian(self.activation)
        lines = {r"\alpha": h.alpha, r"\beta": h.beta, r"\gamma": h.gamma}
        lines |= {f"eigenvalue {i + 1} (times {count})": value for i, (value, count) in enumerate(h.spectrum)}
        piece = "" if self.activation == "linear" else " of the smooth piece (kinks: see curvature())"
        return Formulas(
            f"Hessian alpha P + beta w w^T + gamma I{piece}", lines, "P: projector on the active data; s = |S|"
        )

    def hessian_trace(self) -> sp.Expr:
        """Return the trace at a unit w supported on s data points; for a ReLU, the Gaussian average over its kinks."""
        if self.activation == "linear":
            return landscape.sphere_hessian("linear").trace
        return sp.factor(kinks.curvature().average.subs(vectors.N, 1))

    def curvature(self) -> Formulas:
        """Return the one-sided second derivative of the ReLU loss: every direction, average and maximum.

        Raises
        ------
        ValueError
            For the linear model, which has no kinks.
        """
        if self.activation != "relu":
            raise ValueError("the linear model has no kinks; ask hessian(), or Autoencoder('relu')")
        found = kinks.curvature()
        largest = r"\max D_v^2 L (|v| = 1, N = 1)"
        lines = {"D_v^2 L": found.directional, "E_v D_v^2 L": found.average, largest: found.maximum}
        where = "r = <w, v>, V = |v|^2, V_S over the support, V_K over the kinks with v_i > 0, s = |S|"
        return Formulas("One-sided second derivatives at a point supported on S", lines, where)

    def minimum(self) -> Formulas:
        """Return the loss in the sums of squares, its minimum value and the sums of a minimiser."""
        found = landscape.minimum(self.activation)
        lines = {
            "L": found.loss,
            r"\min L": found.value,
            **{f"{name} (minimiser)": value for name, value in found.sums},
        }
        return Formulas(
            "Global minimum", lines, "P: squares of the active coordinates; Nneg: of the others; Psi: outside the data"
        )

    def log_ratio_drift(self, state: Any, eta: Any, b: int, outside: Any = 0) -> sp.Expr:
        """Return the exact conditional drift of R_t at an explicit state, over all batches."""
        from fractions import Fraction

        return log_ratio.conditional_drift(
            [Fraction(str(x)) for x in state], Fraction(str(outside)), Fraction(str(eta)), b
        ).exact()


_WHERE = "c_j = <w, a_j>, 'all' = [n], 'data' = [m]; f[i] = max(c_i, 0) for a ReLU"
