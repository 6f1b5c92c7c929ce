r"""Sums of Styblinski-Tang functions.

The loss of a component is :math:`\tfrac12 \sum_i c_{i,1} x_i^4 + c_{i,2} x_i^2 + c_{i,3} x_i`, minimised over the box
:math:`(-5, 5)^p`.  The paper states no projection, but reports iterates that converge to the corners of the feasible
region (Section 5.2): here every step ends with the projection onto :math:`[-5, 5]^p`.  Source: patel2018, Eq. (54) and
Problem 5.1.
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size

#: No box at all is box = 0.
LEAST = {"box": 0}


def model(box: int = 5) -> ArrayModel:
    """Return the model; a step draws k components independently, and is projected onto [-box, box]^p (0: it is not)."""
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
            f"every step is projected onto [-{box}, {box}]^p" if box else "the iterates are not projected onto a box",
        ),
        box={x: (sp.Integer(-box), sp.Integer(box))} if box else {},
    )
