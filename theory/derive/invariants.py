r"""Invariants of a step: ratios of coordinates whose updates share one factor.

When :math:`c'_k = c_k F` with the same F for all k of an atom, the cross products :math:`c'_k c_l - c'_l c_k` vanish:
the direction of that part of w never changes, and :math:`c_t(k) = \pm c_0(k) \sqrt{\Phi_t / \Phi_0}` wherever
:math:`\Phi_0 > 0`, with the sign of the product of the factors.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.indexed import normal_form


@dataclass(frozen=True)
class RatioInvariant:
    """The statement that two coordinates of one atom keep their ratio, with the shared factor and the residue."""

    atom: str
    factor: sp.Expr
    residue: sp.Expr

    @property
    def holds(self) -> bool:
        """Whether the cross product of the new and old coordinates vanishes identically."""
        return self.residue == 0


def ratio_invariant(atom: str = "batch", full_batch: bool = True) -> RatioInvariant:
    """Derive the cross product ``c'_k c_l - c'_l c_k`` for two coordinates of one atom, for all sizes."""
    d = co.domain("linear", full_batch)
    other = sp.Symbol("l", integer=True)
    new_k = normal_form(co.step("linear"), d, {"k": atom})
    new_l = new_k.subs(co.k, other)
    residue = sp.expand(new_k * co.c[other] - new_l * co.c[co.k])
    factor = sp.cancel(co.named_step(atom, full_batch=full_batch) / co.c[co.k])
    return RatioInvariant(atom, sp.collect(sp.expand(factor), co.eta), residue)
