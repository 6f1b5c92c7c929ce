r"""Reduction of a step to two scalars by the symmetry between coordinates of one kind.

All coordinates of an atom share one factor, so sums of squares over atoms map to sums of squares over atoms.  A
mini-batch step closes in :math:`u = \sum_{i \in B} c_i^2` and :math:`N = \|w\|^2` (for a fixed batch); the full-batch
step closes in :math:`\Phi = \sum_{i \le m} c_i^2` and :math:`\Psi = \sum_{j > m} c_j^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.indexed import IndexSum, name_sums, normal_form


@dataclass(frozen=True)
class PlanarMap:
    """A map of two scalars, one new value for each state variable."""

    state: tuple[sp.Symbol, sp.Symbol]
    image: tuple[sp.Expr, sp.Expr]

    def increments(self) -> tuple[sp.Expr, sp.Expr]:
        """Return the increments of both variables, factored."""
        return tuple(sp.factor(new - old) for old, new in zip(self.state, self.image, strict=True))  # type: ignore[return-value]

    def jacobian(self) -> sp.Matrix:
        """Return the Jacobian matrix of the map."""
        return sp.Matrix(self.image).jacobian(sp.Matrix(self.state))


def _summed(over: str, full_batch: bool) -> sp.Expr:
    d = co.domain("linear", full_batch)
    form = normal_form(IndexSum(co.step("linear") ** 2, co.k, sp.Symbol(over)), d, {})
    if full_batch:
        names = [(co.Phi, co._sums(d, ("batch",))), (co.Psi, co._sums(d, ("outside",)))]
    else:
        names = [(co.u, co._sums(d, ("batch",))), (co.N, co._sums(d, tuple(d.atoms)))]
    return sp.factor(name_sums(form, names))


def mini_batch() -> PlanarMap:
    """Derive (u, N) -> (u', N') of one step, u' over the same batch."""
    return PlanarMap((co.u, co.N), (_summed("batch", False), _summed("all", False)))


def full_batch() -> PlanarMap:
    """Derive (Phi, Psi) -> (Phi', Psi') of a full-batch step."""
    return PlanarMap((co.Phi, co.Psi), (_summed("batch", True), _summed("outside", True)))
