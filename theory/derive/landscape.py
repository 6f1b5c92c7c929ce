r"""The loss landscape: Hessians, spectra on the unit sphere, and the global minimum, for all m, n and |S|.

For one sample a_i the loss sees the weights through :math:`z = \langle w, a_i\rangle` and
:math:`N = \|w\|^2`; `theory.vectors.hessian` gives

.. math:: \nabla^2 \ell = h_{xx}\, a_i a_i^T + h_{xw} (a_i w^T + w a_i^T) + h_{ww}\, w w^T + h_I I .

At :math:`w = \sum_{i \in S} c_i a_i` with :math:`\sum_{i \in S} c_i^2 = 1` the sum over the active samples A
(all of [m] for a linear activation, S for a ReLU whose other coordinates count as inactive) is

.. math:: H = \alpha P_A + \beta\, w w^T + \gamma I,

with :math:`P_A` the projector on their span, hence with the eigenvalues :math:`\alpha + \beta + \gamma`
(once, along w), :math:`\alpha + \gamma` (|A| - 1 times) and :math:`\gamma` (n - |A| times).  What a ReLU does
where a coordinate is exactly zero is in `theory.derive.kinks`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.indexed import IndexSum, name_sums, normal_form
from theory.models.autoencoder import per_sample_loss
from theory.vectors import X2, N, SymmetricMatrix, Z, hessian

P = sp.Symbol("P", nonnegative=True)
"""Sum of the squares of the positive coordinates along the data (linear: of all of them)."""
Nneg = sp.Symbol("Nneg", nonnegative=True)
"""Sum of the squares of the other coordinates along the data."""
Psi = co.Psi
s = sp.Symbol("s", integer=True, positive=True)
"""The size of the set S on which w is supported."""


@dataclass(frozen=True)
class SphereHessian:
    r"""The Hessian :math:`\alpha P_A + \beta w w^T + \gamma I` at a unit w in the span of A, |A| = rank.

    ``spectrum`` lists pairs (eigenvalue, multiplicity); a multiplicity may be zero for some sizes.
    """

    alpha: sp.Expr
    beta: sp.Expr
    gamma: sp.Expr
    rank: sp.Expr
    dimension: sp.Expr

    @property
    def spectrum(self) -> tuple[tuple[sp.Expr, sp.Expr], ...]:
        """Return the eigenvalues with multiplicities: along w, in the rest of the span of A, outside it."""
        along, inside = self.alpha + self.beta + self.gamma, self.alpha + self.gamma
        return (
            (sp.factor(along), sp.S.One),
            (sp.factor(inside), self.rank - 1),
            (sp.factor(self.gamma), self.dimension - self.rank),
        )

    @property
    def trace(self) -> sp.Expr:
        r"""Return :math:`\sum_k \mu_k \lambda_k = \alpha |A| + \beta + \gamma n`."""
        return sp.factor(sum((value * count for value, count in self.spectrum), sp.S.Zero))

    @property
    def largest(self) -> sp.Expr:
        """Return the largest eigenvalue: the maximum of the eigenvalues that are there for some sizes."""
        return sp.Max(*(value for value, _ in self.spectrum))


@dataclass(frozen=True)
class Minimum:
    """The global minimum of the loss: ``loss`` in the sums, its ``value``, and the sums of a minimiser.

    ``slopes`` are the derivatives of the loss in the sums that a minimiser sets to zero: nonnegative, and
    positive where P is; ``curvature`` is the second derivative in P along the remaining ray, positive.
    """

    loss: sp.Expr
    value: sp.Expr
    sums: tuple[tuple[sp.Symbol, sp.Expr], ...]
    slopes: tuple[sp.Expr, ...]
    curvature: sp.Expr


def sample_hessian(active: bool = True) -> SymmetricMatrix:
    r"""Return the Hessian of one sample's loss in w, in z and N.

    :math:`\nabla^2 \ell(w; a_i) = (N-2)\, a_i a_i^T + 2z\, (a_i w^T + w a_i^T) + z^2 I` where the sample is
    active; zero where a ReLU is inactive, since the loss is constant there.
    """
    h = hessian(per_sample_loss(Z if active else sp.S.Zero))
    unit = {X2: 1}
    return SymmetricMatrix(h.xx.subs(unit), h.xw.subs(unit), h.ww.subs(unit), h.identity.subs(unit))


def _proportional(expr: sp.Expr, power: int) -> sp.Expr:
    """Return k where the expression is k z**power at N = 1; only such coefficients sum up on the sphere.

    Raises
    ------
    ValueError
        For anything else.
    """
    factor = sp.cancel(expr.subs(N, 1) / Z**power)
    if factor.has(Z):
        raise ValueError(f"{expr} is not a multiple of z**{power}: its sum over the samples is not known")
    return factor


def sphere_hessian(activation: str = "linear") -> SphereHessian:
    r"""Return the Hessian of L, summed over the active samples, at a unit :math:`w = \sum_{i \in S} c_i a_i`.

    The coefficient of :math:`a_i a_i^T` is the same for every active sample, so that a projector comes out;
    and :math:`\sum_i c_i (a_i w^T + w a_i^T) = 2 w w^T`, :math:`\sum_i c_i^2 = 1`.  For a ReLU this is the
    Hessian of the smooth piece on which the coordinates outside S are inactive.
    """
    h = sample_hessian()
    active = co.m if activation == "linear" else s
    return SphereHessian(
        alpha=_proportional(h.xx, 0) / co.m,
        beta=(2 * _proportional(h.xw, 1) + active * _proportional(h.ww, 0)) / co.m,
        gamma=_proportional(h.identity, 2) / co.m,
        rank=active,
        dimension=co.n,
    )


def loss_in_sums(activation: str = "relu") -> sp.Expr:
    r"""Return L(w) in the sums: :math:`\tfrac12 + \tfrac{P}{m} \left(\tfrac{P + N_- + \Psi}{2} - 1\right)`.

    For a linear activation P is the sum over all of [m] and Nneg does not occur.
    """
    d = co.domain(activation, full_batch=True)
    named = {"batch": P, "batchp": P, "batchq": Nneg, "outside": Psi}
    names = [(named[a], normal_form(IndexSum(co.c[co.i] ** 2, co.i, sp.Symbol(a)), d, {})) for a in d.atoms]
    return name_sums(normal_form(co.loss(activation), d, {}), names)


def minimum(activation: str = "relu") -> Minimum:
    r"""Return the global minimum of L over R^n: :math:`\tfrac{m-1}{2m}`, at P = 1 and the other sums zero.

    L does not decrease in the other sums, and along the ray where they vanish it is a convex quadratic in P.
    """
    expr = loss_in_sums(activation)
    others = (Nneg, Psi) if activation == "relu" else (Psi,)
    slopes = tuple(sp.factor(sp.diff(expr, q)) for q in others)
    if not all(slope.is_nonnegative for slope in slopes):
        raise ValueError("the loss is not monotone in the sums outside P")
    ray = expr.subs(dict.fromkeys(others, 0))
    (best,) = sp.solve(sp.diff(ray, P), P)
    return Minimum(
        loss=expr,
        value=sp.factor(ray.subs(P, best)),
        sums=((P, best), *((q, sp.S.Zero) for q in others)),
        slopes=slopes,
        curvature=sp.factor(sp.diff(ray, P, 2)),
    )
