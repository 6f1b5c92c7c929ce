r"""Inner-product calculus: gradients and Hessians of losses that see the weights through inner products only.

A loss :math:`\ell(w; x)` built from :math:`\langle w, x\rangle` and :math:`\|w\|^2` has gradient
:math:`\ell_z\, x + 2 \ell_N\, w` and Hessian
:math:`\ell_{zz}\, x x^T + 2 \ell_{zN} (x w^T + w x^T) + 4 \ell_{NN}\, w w^T + 2 \ell_N I`, with z and N these two
numbers: derived by structure in a fixed number of operations, whatever the dimension.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

Z = sp.Symbol("z", real=True)
N = sp.Symbol("N", nonnegative=True)
X2 = sp.Symbol("q", nonnegative=True)
"""The inner products that a single-index loss may use: <w, x>, |w|^2 and |x|^2."""


@dataclass(frozen=True)
class Vector:
    """A combination of the two base vectors ``w`` and ``x`` with scalar coefficients."""

    parts: Mapping[str, sp.Expr]

    def __add__(self, other: Vector) -> Vector:
        keys = {*self.parts, *other.parts}
        return Vector({k: self.parts.get(k, sp.S.Zero) + other.parts.get(k, sp.S.Zero) for k in sorted(keys)})

    def __sub__(self, other: Vector) -> Vector:
        return self + other * -1

    def __mul__(self, scale: sp.Expr | int) -> Vector:
        return Vector({k: scale * v for k, v in self.parts.items()})

    def coefficient(self, base: str) -> sp.Expr:
        """Return the coefficient of ``w`` or ``x``, expanded."""
        return sp.expand(self.parts.get(base, sp.S.Zero))


W = Vector({"w": sp.S.One})
X = Vector({"x": sp.S.One})


def inner(u: Vector, v: Vector) -> sp.Expr:
    """Return the inner product as a polynomial in z = <w, x>, N = |w|^2 and q = |x|^2."""
    table = {("w", "w"): N, ("w", "x"): Z, ("x", "w"): Z, ("x", "x"): X2}
    return sp.expand(sum((a * b * table[s, t] for s, a in u.parts.items() for t, b in v.parts.items()), sp.S.Zero))


def gradient(loss: sp.Expr) -> Vector:
    """Return the gradient in w of a loss in (z, N, q)."""
    return Vector({"x": sp.diff(loss, Z), "w": 2 * sp.diff(loss, N)})


@dataclass(frozen=True)
class SymmetricMatrix:
    """``xx * x x^T + xw * (x w^T + w x^T) + ww * w w^T + identity * I``, the form of a single-index Hessian."""

    xx: sp.Expr
    xw: sp.Expr
    ww: sp.Expr
    identity: sp.Expr

    def quadratic(self, vx: sp.Expr, vw: sp.Expr, vv: sp.Expr) -> sp.Expr:
        """Return ``v^T H v`` from <v, x>, <v, w> and |v|^2."""
        return sp.expand(self.xx * vx**2 + 2 * self.xw * vx * vw + self.ww * vw**2 + self.identity * vv)

    def trace(self, dimension: sp.Expr) -> sp.Expr:
        """Return the trace in the given dimension."""
        return sp.expand(self.xx * X2 + 2 * self.xw * Z + self.ww * N + self.identity * dimension)


def hessian(loss: sp.Expr) -> SymmetricMatrix:
    """Return the Hessian in w of a loss in (z, N, q)."""
    return SymmetricMatrix(
        xx=sp.expand(sp.diff(loss, Z, 2)),
        xw=sp.expand(2 * sp.diff(loss, Z, N)),
        ww=sp.expand(4 * sp.diff(loss, N, 2)),
        identity=sp.expand(2 * sp.diff(loss, N)),
    )
