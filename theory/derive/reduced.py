r"""Reduction of a step to two scalars by the symmetry between coordinates of one kind.

All coordinates of an atom share one factor, so sums of squares over atoms map to sums of squares over atoms.  A
mini-batch step closes in :math:`u = \sum_{i \in B} c_i^2` and :math:`N = \|w\|^2` (for a fixed batch); the full-batch
step closes in :math:`\Phi = \sum_{i \le m} c_i^2` and :math:`\Psi = \sum_{j > m} c_j^2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.derive.update_map import NoCommonFactor, UpdateMap
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


@dataclass(frozen=True)
class ClosedSums:
    r"""Full-batch descent as a map of power sums: one new value for each pair (atom, degree).

    With the factor :math:`F_A` of atom A, :math:`P_{A,p} = \sum_{k \in A} c_k^p` becomes :math:`F_A^p P_{A,p}`, and
    every sum that a factor reads is a sum of such :math:`P`: the system closes, whatever the sizes.  For signed atoms
    this holds as long as the factors are positive.
    """

    state: tuple[sp.Symbol, ...]
    image: tuple[sp.Expr, ...]
    factors: Mapping[str, sp.Expr]


def closed_sums(update_map: UpdateMap) -> ClosedSums:
    """Derive the closed map of power sums of a full-batch step from its update map.

    Raises
    ------
    NoCommonFactor
        If an atom has no common factor, or a reduction is no power sum.
    """
    atoms = [atom for atom in update_map.rules if not atom.startswith("rest")]
    factors = {atom: update_map.common_factor([atom]).factor for atom in atoms}
    c, names, values = update_map.coordinate, {}, {}
    for item in update_map.reductions:
        degree = sp.degree(item.summand, c) if item.summand.is_polynomial(c) else 0
        coefficient = sp.cancel(item.summand / c**degree)
        if degree < 1 or coefficient.has(c):
            raise NoCommonFactor(f"the sum {item.symbol} of {item.summand} is no power sum")
        over = [atom for atom in atoms if atom in item.atoms]
        for atom in over:
            names[atom, degree] = sp.Symbol(f"P_{atom}_{degree}", real=True)
        values[item.symbol] = coefficient * sum(names[atom, degree] for atom in over)
    reduced = {atom: factor.subs(values, simultaneous=True) for atom, factor in factors.items()}
    image = tuple(sp.factor(symbol * reduced[atom] ** p) for (atom, p), symbol in names.items())
    return ClosedSums(tuple(names.values()), image, reduced)
