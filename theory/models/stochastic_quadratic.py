r"""The stochastic quadratic problem with finite support.

Atoms :math:`(Q_j, r_j)`, j = 1..J, Q_j symmetric positive semidefinite, r_j in the image of Q_j; the loss of an atom
is :math:`\tfrac12 \theta^T Q_j \theta + r_j^T \theta`.  Source: patel2018, Problem 3.1, on a finite probability space.
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model() -> ArrayModel:
    """Return the model; a step draws k atoms independently (patel2018, Definition 3.5)."""
    atoms, p = sp.symbols("atoms p", integer=True, positive=True)
    theta, r, s = (sp.MatrixSymbol(name, p, 1) for name in ("theta", "r", "s"))
    Q, G = (sp.MatrixSymbol(name, p, p) for name in ("Q", "G"))
    return ArrayModel(
        name="stochastic-quadratic",
        title="stochastic quadratic with finite support",
        source="patel2018, Problem 3.1",
        sizes=(Size(atoms, 200, "atoms of the support, equally likely"), Size(p, 10, "dimension")),
        weights={theta: sp.S.One},
        samples={G: "gaussian", s: "gaussian", Q: G * G.T / p, r: Q * s},
        loss=theta.T * Q * theta / 2 + r.T * theta,
        assumptions=(
            "Q_j is symmetric positive semidefinite: Q_j = G_j G_j^T / p",
            "r_j is in the image of Q_j: r_j = Q_j s_j",
        ),
        symmetric=(Q,),
    )
