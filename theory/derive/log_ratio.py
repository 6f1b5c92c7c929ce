r"""The log-ratio process :math:`R_t = \log\big(|c_t(i^*)| / \sum_{l \ne i^*} |c_t(l)|\big)` and its drift over batches.

One step multiplies the coordinates of the batch by A and the others by B (both derived).  With the leading index
frozen, S the sum of the other coordinates and Y (X) the part of it outside (inside) the batch, the increment is

.. math:: \log\frac{S}{S - (1 - B/A)\,Y} \quad (i^* \in \mathcal B), \qquad
          -\log\Big(1 + (A/B - 1)\,\frac{X}{S}\Big) \quad (i^* \notin \mathcal B).

Near a single data point A/B tends to a constant; the expectations of X and Y follow from the inclusion probabilities
of the batch law for symbolic m and b.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from theory.algorithms import UNIFORM_SUBSETS
from theory.derive import coordinates as co


@dataclass(frozen=True)
class Drift:
    """The conditional drift of R at an explicit state: exact argument of each batch's logarithm and its probability."""

    terms: tuple[tuple[tuple[int, ...], Fraction, Fraction], ...]

    def value(self, digits: int = 15) -> sp.Expr:
        """Return the drift as a number with the given digits."""
        return sp.N(sum(sp.Rational(p) * sp.log(sp.Rational(q)) for _, p, q in self.terms), digits)

    def exact(self) -> sp.Expr:
        """Return the drift as a sum of logarithms of rationals."""
        return sp.Add(*(sp.Rational(p) * sp.log(sp.Rational(q)) for _, p, q in self.terms))


@cache
def _factors() -> tuple[sp.Expr, sp.Expr]:
    """Return the factors of a coordinate in the batch and outside it."""
    return sp.cancel(co.named_step("batch") / co.c[co.k]), sp.cancel(co.named_step("rest") / co.c[co.k])


def factor_ratio() -> sp.Expr:
    """Derive A/B, the ratio of the in-batch factor to the other one, in u, N and eta."""
    inside, outside = _factors()
    return sp.factor(inside / outside)


def conditional_drift(state: Sequence[Fraction], outside: Fraction, eta: Fraction, b: int) -> Drift:
    """Enumerate all batches at an explicit positive state and return the exact drift of R over one step.

    Parameters
    ----------
    state
        The data coordinates c_t(1..m), positive rationals.
    outside
        The sum of squares of the coordinates orthogonal to the data.
    eta, b
        Step size and batch size.

    Raises
    ------
    ValueError
        When a coordinate is not positive or m < 2 (R has no value there), or R has none after the step.
    """
    if len(state) < 2 or min(state) <= 0:
        raise ValueError(f"the log-ratio needs m >= 2 positive data coordinates, not {tuple(map(str, state))}")
    inside, other = _factors()
    norm = sum(x * x for x in state) + outside
    terms = []
    for batch, probability in UNIFORM_SUBSETS.enumerate(len(state), b):
        u = sum(state[i] ** 2 for i in batch)
        at = {co.u: sp.Rational(u), co.N: sp.Rational(norm), co.eta: sp.Rational(eta)}
        a, rest = (Fraction(str(f.subs(at))) for f in (inside, other))
        new = [abs(x * (a if i in batch else rest)) for i, x in enumerate(state)]
        if max(new) == sum(new):
            raise ValueError(f"the log-ratio has no value after the batch {batch}: one coordinate or none is left")
        before = max(state) / (sum(state) - max(state))
        after = max(new) / (sum(new) - max(new))
        terms.append((batch, probability, after / before))
    return Drift(tuple(terms))


def expected_shares() -> dict[str, sp.Expr]:
    """Derive E(Y | i* in B)/S and E(X | i* not in B)/S for uniform subsets, for all m and b."""
    law = UNIFORM_SUBSETS
    return {
        "Y given i* in the batch": sp.factor(law.inclusion(1, 1, co.m, co.b) / law.inclusion(1, 0, co.m, co.b)),
        "X given i* not in the batch": sp.factor(law.inclusion(1, 1, co.m, co.b) / law.inclusion(0, 1, co.m, co.b)),
    }


def asymptotic_drift() -> sp.Expr:
    r"""Derive the limit of the frozen-index drift for b = 1 as w approaches one data point (u, N -> 1 or u -> 0).

    It is :math:`\tfrac1m \log(A/B)|_{u=N=1} - \tfrac1m \sum_l \log(1 + (A/B|_{u=0,N=1} - 1) x_l)` with the shares
    :math:`x_l` of the other coordinates; the worst case of the second part is one share equal to 1.
    """
    ratio = factor_ratio()
    gain = sp.simplify(ratio.subs({co.u: 1, co.N: 1}))
    loss = sp.simplify(ratio.subs({co.u: 0, co.N: 1}))
    return (sp.log(gain) - sp.log(loss)) / co.m
