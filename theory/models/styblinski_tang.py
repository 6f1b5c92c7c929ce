r"""Sums of Styblinski-Tang functions.

The loss of a component is :math:`\tfrac12 \sum_i c_{i,1} x_i^4 + c_{i,2} x_i^2 + c_{i,3} x_i`.  Source: patel2018,
Eq. (54) and Problem 5.1.
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model() -> ArrayModel:
    """Return the model; a step draws k components independently."""
    atoms, p = sp.symbols("atoms p", integer=True, positive=True)
    x, *data = (sp.MatrixSymbol(name, p, 1) for name in ("x", "quartic", "square", "linear", "u1", "u2", "u3"))
    c1, c2, c3, u1, u2, u3 = data
    half = sp.OneMatrix(p, 1) / 2
    return ArrayModel(
        name="styblinski-tang",
        title="Styblinski-Tang sums",
        source="patel2018, Eq. (54) and Problem 5.1",
        sizes=(Size(atoms, 1000, "components, equally likely"), Size(p, 50, "dimension")),
        weights={x: sp.S.One},
        samples={
            **dict.fromkeys((u1, u2, u3), "uniform"),
            c1: u1 + half,
            c2: -16 * (u2 + half),
            c3: 5 * (u3 + half),
        },
        loss=(c1.T * sp.HadamardPower(x, 4) + c2.T * sp.HadamardPower(x, 2) + c3.T * x) / 2,
        assumptions=(
            "c_{i,1}, c_{i,3} >= 0, c_{i,2} <= 0: uniform on (1/2, 3/2) times 1, -16, 5 (mean: the classical one)",
            "no projection onto the box (-5, 5)^p to which the paper restricts the minimisation",
        ),
    )
