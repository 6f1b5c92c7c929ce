r"""Two-layer ReLU network with softmax cross-entropy, first layer trained.

:math:`f(x; W) = A\, \mathrm{ReLU}(W x)`, loss of a sample :math:`\log \sum_i e^{f_i} - y^T f` with y the indicator of
the label.  The derivative of ReLU at 0 is 1.  Source: liliang2018, Section 3 and Eq. (1).
"""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size


def model() -> ArrayModel:
    """Return the model; a batch is a uniform subset of the samples and a step uses its mean gradient."""
    samples, d, m, classes = sp.symbols("samples d m classes", integer=True, positive=True)
    W, A = sp.MatrixSymbol("W", m, d), sp.MatrixSymbol("A", classes, m)
    C = sp.MatrixSymbol("C", d, classes)
    x, g = (sp.MatrixSymbol(name, d, 1) for name in ("x", "g"))
    y = sp.MatrixSymbol("y", classes, 1)
    z = sp.Symbol("z", real=True)
    relu = sp.Lambda(z, sp.Piecewise((z, z >= 0), (0, True)))
    reciprocal_root = sp.Lambda(z, 1 / sp.sqrt(z))
    output = A * (W * x).applyfunc(relu)
    total = sp.OneMatrix(1, classes) * output.applyfunc(sp.exp)
    centred = C * y + g / 4
    return ArrayModel(
        name="two-layer-relu-softmax",
        title="two-layer ReLU network with softmax cross-entropy",
        source="liliang2018, Section 3",
        sizes=(
            Size(samples, 64, "training samples"),
            Size(d, 8, "input dimension"),
            Size(m, 16, "hidden neurons"),
            Size(classes, 3, "classes"),
        ),
        weights={W: 1 / sp.sqrt(m)},
        samples={g: "gaussian", y: "one-hot", x: centred * (centred.T * centred).applyfunc(reciprocal_root)},
        shared={A: "gaussian", C: "gaussian"},
        loss=total.applyfunc(sp.log) - y.T * output,
        assumptions=(
            "|x| = 1 (A2); x is near the centre of its class, one cluster a class (A1 holds for far centres)",
            "starts W ~ N(0, I/m), top layer A ~ N(0, 1), not trained (A3)",
        ),
        replacement=False,
    )
