"""Models of arrays that are in no folder: losses of other forms than those of the papers."""

from __future__ import annotations

import sympy as sp

from theory.models import ArrayModel, Size

N, p, q = sp.symbols("N p q", integer=True, positive=True)
theta, v, x = (sp.MatrixSymbol(name, p, 1) for name in ("theta", "v", "x"))
y, w = (sp.MatrixSymbol(name, 1, 1) for name in ("y", "w"))
Q, P, G = (sp.MatrixSymbol(name, p, p) for name in "QPG")
W, X = (sp.MatrixSymbol(name, p, q) for name in "WX")


def made(name, loss, weights, samples, atoms=3, **more) -> ArrayModel:
    sizes = (Size(N, atoms, "samples"), Size(p, 2, "rows"), Size(q, 2, "columns"))
    return ArrayModel(
        name=name,
        title=name,
        source="",
        sizes=sizes,
        weights=dict.fromkeys(weights, sp.S.One),
        samples=samples,
        loss=loss,
        assumptions=(),
        **more,
    )


def squared(residual: sp.MatrixExpr) -> sp.MatrixExpr:
    return residual.T * residual / 2


SPREAD = W - X - theta * sp.OneMatrix(1, q)
REPEATED = sp.OneMatrix(q, 1) * theta.T * x
#: In every sum of these a weight stands beside data, so it is the same for every sample or along an axis.
WRITTEN = {
    model.name: model
    for model in (
        made("distance", squared(theta - x), [theta], {x: "gaussian"}),
        made("weight without a part", squared(theta - x), [theta, v], {x: "gaussian"}),
        made("matrix", sp.Trace((W - X).T * (W - X)) / 2, [W], {X: "gaussian"}),
        made("bias", squared(x.T * theta + w - y), [theta, w], {x: "gaussian", y: "gaussian"}),
        made("one column for all", sp.Trace(SPREAD.T * SPREAD) / 2, [W, theta], {X: "gaussian"}),
        made("repeated", REPEATED.T * REPEATED / 2, [theta], {x: "gaussian"}),
        made("weights alone", theta.T * theta / 2, [theta], {x: "gaussian"}),
    )
}
#: One table is symmetric, the other is not; sums over all atoms are long.
TABLES = made(
    "two tables",
    theta.T * Q * theta / 2 + theta.T * P * theta + x.T * theta,
    [theta],
    {G: "gaussian", Q: G * G.T / p, P: "gaussian", x: "gaussian"},
    atoms=40,
    symmetric=(Q,),
)
