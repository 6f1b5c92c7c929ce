r"""Deep linear network: :math:`f(x) = W_L \cdots W_1 x`, loss :math:`\tfrac12 \|f(x) - y\|^2`.

Source: beneventano2024, Theorem 1 (linear networks of any depth).
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model(depth: int = 3) -> ArrayModel:
    """Return the network with the given number of layers, all of one width."""
    samples, d = sp.symbols("samples d", integer=True, positive=True)
    weights = [sp.MatrixSymbol(f"W{layer}", d, d) for layer in range(1, depth + 1)]
    target = sp.MatrixSymbol("target", d, d)
    x, y, noise = (sp.MatrixSymbol(name, d, 1) for name in ("x", "y", "noise"))
    residual = sp.MatMul(*reversed(weights), x) - y
    return ArrayModel(
        name="deep-linear",
        title=f"deep linear network of depth {depth}",
        source="beneventano2024, Theorem 1",
        sizes=(Size(samples, 32, "training samples"), Size(d, 4, "width of every layer")),
        weights=dict.fromkeys(weights, 1 / sp.sqrt(d)),
        samples={x: "gaussian", noise: "gaussian", y: target * x / sp.sqrt(d) + noise / 10},
        shared={target: "gaussian"},
        loss=residual.T * residual / 2,
        assumptions=("y = target x / sqrt(d) + noise / 10, x standard normal",),
        replacement=False,
    )
