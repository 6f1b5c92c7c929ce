r"""Diagonal linear network: :math:`f(x) = w_L \circ \dots \circ w_1 \circ x`, loss :math:`\tfrac12 \|f(x) - y\|^2`.

Source: beneventano2024, Proposition 2 (diagonal linear networks).
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model(depth: int = 2) -> ArrayModel:
    """Return the network with the given number of layers."""
    samples, d = sp.symbols("samples d", integer=True, positive=True)
    weights = [sp.MatrixSymbol(f"w{layer}", d, 1) for layer in range(1, depth + 1)]
    x, y, target, noise = (sp.MatrixSymbol(name, d, 1) for name in ("x", "y", "target", "noise"))
    output = x
    for weight in weights:
        output = sp.HadamardProduct(weight, output)
    residual = output - y
    return ArrayModel(
        name="diagonal-linear",
        title=f"diagonal linear network of depth {depth}",
        source="beneventano2024, Proposition 2",
        sizes=(Size(samples, 32, "training samples"), Size(d, 8, "dimension")),
        weights=dict.fromkeys(weights, sp.S.One),
        samples={x: "gaussian", noise: "gaussian", y: sp.HadamardProduct(target, x) + noise / 2},
        shared={target: "gaussian"},
        loss=residual.T * residual / 2,
        assumptions=("E[x_j^2] > 0; the data are misspecified: y = target o x + noise / 2",),
        replacement=False,
    )
