r"""One-sided second derivatives of the ReLU loss, in every direction, also where a coordinate is zero.

Along the ray :math:`w + tv`, t -> 0+, a sample is active when :math:`c_i = \langle w, a_i\rangle > 0`, or
when :math:`c_i = 0` and :math:`v_i = \langle v, a_i\rangle > 0`; there its loss is that of the linear
activation, elsewhere it is constant.  Hence :math:`D_v^2 \ell_i` is the second derivative of one of two
polynomials in t,

.. math:: D_v^2 \ell_i = (N - 2) v_i^2 + 4 c_i v_i \langle w, v\rangle + c_i^2 \|v\|^2 \quad\text{or}\quad 0 .

Averages over :math:`v \sim \mathcal N(0, I)` use :math:`E[v v^T] = I` and, where :math:`c_i = 0`, the
symmetry of the law under v -> -v: exactly one of v and -v is active, so that :math:`D_v^2 \ell_i + D_{-v}^2
\ell_i = v^T \nabla^2 g_i v` and the average is half a trace.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.derive.landscape import s, sample_hessian
from theory.models.autoencoder import per_sample_loss
from theory.vectors import X2, N, Z

t = sp.Symbol("t", positive=True)
vi, wv = sp.symbols("v_i r", real=True)
vv = sp.Symbol("V", nonnegative=True)
"""<v, a_i>, <w, v> and |v|^2."""
vs, vk = sp.symbols("V_S V_K", nonnegative=True)
"""Sums of v_i^2 over S, and over the kinks (c_i = 0) on their active side (v_i > 0)."""
SIGNS = (-1, 0, 1)


@dataclass(frozen=True)
class Ray:
    """D_v^2 of one sample's loss where c_i and v_i have the given signs.

    ``value`` is a polynomial in N = |w|^2, z = c_i, v_i, r = <w, v> and V = |v|^2; ``first`` is D_v of the
    loss.
    """

    coordinate: int
    direction: int
    active: bool
    first: sp.Expr
    value: sp.Expr


@dataclass(frozen=True)
class Curvature:
    r"""D_v^2 L at :math:`w = \sum_{i \in S} c_i a_i` with c_i > 0, |w|^2 = N, |S| = s.

    ``directional`` is D_v^2 L in N, V = |v|^2, V_S, V_K and r; ``average`` its mean over Gaussian v, which is
    (``active`` + (m - s) ``kink``) / m: what S adds, and what each sample with c_i = 0 adds.  ``maximum`` is the
    supremum over unit v at N = 1, attained at v = w.
    """

    directional: sp.Expr
    average: sp.Expr
    active: sp.Expr
    kink: sp.Expr
    maximum: sp.Expr


def is_active(coordinate: int, direction: int) -> bool:
    """Return whether a sample is active along the ray, for t -> 0+, from the signs of c_i and v_i."""
    return coordinate > 0 or (coordinate == 0 and direction > 0)


def ray(coordinate: int, direction: int) -> Ray:
    """Return the one-sided derivatives for given signs of c_i and v_i, by expanding the loss along the ray.

    Raises
    ------
    ValueError
        For a sign that is not -1, 0 or 1.
    """
    if coordinate not in SIGNS or direction not in SIGNS:
        raise ValueError(f"signs ({coordinate}, {direction}): use -1, 0 or 1")
    active = is_active(coordinate, direction)
    loss = per_sample_loss(Z if active else sp.S.Zero)
    moved = loss.subs({Z: Z + t * vi, N: N + 2 * t * wv + t**2 * vv, X2: 1}, simultaneous=True)
    at = {**({Z: 0} if coordinate == 0 else {}), **({vi: 0} if direction == 0 else {})}
    first, second = (sp.expand(sp.diff(moved, t, order).subs(t, 0).subs(at)) for order in (1, 2))
    return Ray(coordinate, direction, active, first, second)


def table() -> tuple[Ray, ...]:
    """Return all nine cases, by the sign of c_i and then of v_i."""
    return tuple(ray(a, b) for a in SIGNS for b in SIGNS)


def gaussian(form: sp.Expr) -> sp.Expr:
    r"""Return the mean over Gaussian v of a quadratic form in v_i, r = <w, v>, V = |v|^2.

    :math:`E v_i^2 = 1`, :math:`E[v_i \langle w, v\rangle] = c_i`, :math:`E \langle w, v\rangle^2 = N`,
    :math:`E \|v\|^2 = n`.
    """
    moments = {(2, 0, 0): sp.S.One, (1, 1, 0): Z, (0, 2, 0): N, (0, 0, 1): co.n}
    terms = sp.Poly(form, vi, wv, vv).terms() if form != 0 else []
    return sp.expand(sum((coefficient * moments[powers] for powers, coefficient in terms), sp.S.Zero))


def average(coordinate: int) -> sp.Expr:
    r"""Return :math:`E_v D_v^2 \ell_i` for a given sign of c_i.

    The directions v and -v are equally likely, so that this is the mean of :math:`(D_v^2 + D_{-v}^2) / 2`;
    directions with v_i = 0 have probability zero.
    """
    return sp.expand((gaussian(ray(coordinate, 1).value) + gaussian(ray(coordinate, -1).value)) / 2)


def curvature() -> Curvature:
    r"""Return the directional, average and maximal curvature of L at a point supported on S.

    Summed over S: :math:`\sum v_i^2 = V_S`, :math:`\sum c_i v_i = \langle w, v\rangle`, :math:`\sum c_i^2 = N`.
    On the sphere :math:`\langle w, v\rangle^2 \le V_S \le \|v\|^2` (Cauchy and Schwarz), so that a linear form with
    nonnegative slope in r^2 and then in V_S, and nonpositive slope in V_K, is largest at v = w.
    """
    sums = {(0, 2): vs, (1, 1): wv, (2, 0): N}
    terms = sp.Poly(ray(1, 1).value, Z, vi).terms()
    smooth = sum((coefficient * sums[powers] for powers, coefficient in terms), sp.S.Zero)
    directional = sp.expand((smooth + ray(0, 1).value.subs(vi**2, vk)) / co.m)
    square = sp.Symbol("square", nonnegative=True)
    linear = directional.subs({wv**2: square, N: 1})
    bound = linear.subs({square: vs, vk: 0})
    if linear.has(wv) or not (linear.diff(square) >= 0 and linear.diff(vk) <= 0 and bound.diff(vs) >= 0):
        raise ValueError("the directional curvature is not of the form that Cauchy-Schwarz bounds")
    counts = {(0,): s, (2,): N}
    means = sp.Poly(average(1), Z).terms()
    active = sp.expand(sum((coefficient * counts[power] for power, coefficient in means), sp.S.Zero))
    kink = average(0)
    return Curvature(
        directional=directional,
        average=sp.expand((active + (co.m - s) * kink) / co.m),
        active=active,
        kink=kink,
        maximum=bound.subs({vs: 1, vv: 1}),
    )


def trace(coordinate: int = 1) -> sp.Expr:
    r"""Return :math:`\mathrm{Tr}\, \nabla^2 g_i = (N - 2) + (n + 4) c_i^2` (at c_i = 0: its value there)."""
    value = sample_hessian().trace(co.n).subs(X2, 1)
    return sp.expand(value.subs(Z, 0) if coordinate == 0 else value)
