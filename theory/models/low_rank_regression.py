r"""Low-rank matrix regression.

:math:`f(X; \Theta) = \mathrm{trace}(\Theta^T X \Theta)` with Theta in R^{d x r}, loss :math:`\tfrac12 (y - f)^2`.

Source: oymak2019, Eq. (4.4); its experiments (Section 6.2) draw Gaussian X and signs y.
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model() -> ArrayModel:
    """Return the model; a step uses the sum of the batch's gradients, as the paper's loss is a sum."""
    samples, d, r = sp.symbols("samples d r", integer=True, positive=True)
    Theta, X, y = sp.MatrixSymbol("Theta", d, r), sp.MatrixSymbol("X", d, d), sp.MatrixSymbol("y", 1, 1)
    residual = y[0, 0] - sp.Trace(Theta.T * X * Theta)
    return ArrayModel(
        name="low-rank-regression",
        title="low-rank matrix regression",
        source="oymak2019, Eq. (4.4)",
        sizes=(Size(samples, 8, "training samples"), Size(d, 8, "dimension"), Size(r, 2, "rank of the factor")),
        weights={Theta: 1 / sp.sqrt(d)},
        samples={X: "gaussian", y: "rademacher"},
        loss=residual**2 / 2,
        assumptions=("entries of X are independent standard normal; labels are independent signs",),
        mean=False,
    )
