r"""Fixed points of the full-batch step, with their multipliers.

The reduced map of :math:`(\Phi, \Psi)` is solved exactly.  A fixed point of the squares lifts to a set of weights; it
is fixed there too when the shared factors of its nonzero parts are +1, and a two-cycle in sign when one of them is -1.
Multipliers are the eigenvalues of the Jacobian of the full step at such a point: directions orthogonal to w within the
data or outside it are multiplied by the shared factors; the plane of the two lengths is left, a 2 x 2 matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from theory.derive import coordinates as co
from theory.derive.reduced import full_batch


@dataclass(frozen=True)
class FixedPoint:
    """One family of fixed points.

    Attributes
    ----------
    sums
        Values of Phi and Psi (a free Psi stays a symbol).
    kind
        ``fixed`` or ``two-cycle`` (the signs of the data coordinates alternate).
    multipliers
        By kind of direction: ``tangential`` (data directions orthogonal to w), ``outside`` (directions orthogonal to
        the data and to w), ``radial`` (along the parts of w that are not zero).
    """

    sums: dict[sp.Symbol, sp.Expr]
    kind: str
    multipliers: dict[str, sp.Expr]


def fixed_points() -> list[FixedPoint]:
    """Derive all fixed points of (Phi, Psi) with Phi, Psi >= 0 for some step size eta > 0."""
    reduced = full_batch()
    inside = sp.cancel(co.named_step("batch", full_batch=True) / co.c[co.k])
    outside = sp.cancel(co.named_step("outside", full_batch=True) / co.c[co.k])
    phi, psi = sp.symbols("Phi Psi", real=True)
    plain = {co.Phi: phi, co.Psi: psi}
    equations = [sp.expand((new - old).subs(plain)) for old, new in zip(reduced.state, reduced.image, strict=True)]
    found = []
    for solution in sp.solve(equations, [phi, psi], dict=True):
        values = {co.Phi: sp.simplify(solution.get(phi, phi)), co.Psi: sp.simplify(solution.get(psi, psi))}
        values = {name: value.subs({phi: co.Phi, psi: co.Psi}) for name, value in values.items()}
        if any(_negative(value) for value in values.values()):
            continue
        factors = [sp.simplify(f.subs(values, simultaneous=True)) for f in (inside, outside)]
        multipliers = {"tangential": factors[0], "outside": factors[1], **_radial(inside, outside, values)}
        flips = [value != 0 and sp.simplify(f + 1) == 0 for f, value in zip(factors, values.values(), strict=True)]
        found.append(FixedPoint(values, "two-cycle" if any(flips) else "fixed", multipliers))
    return found


def _radial(inside: sp.Expr, outside: sp.Expr, values: dict[sp.Symbol, sp.Expr]) -> dict[str, sp.Expr]:
    """Return the multipliers in the plane of the two lengths r = sqrt(Phi), s = sqrt(Psi)."""
    r, s = sp.symbols("r s", positive=True)
    step = sp.Matrix([r * inside.subs({co.Phi: r**2, co.Psi: s**2}), s * outside.subs({co.Phi: r**2, co.Psi: s**2})])
    jacobian = step.jacobian(sp.Matrix([r, s]))
    at = {r: sp.sqrt(values[co.Phi]), s: sp.sqrt(values[co.Psi])}
    kept = [i for i, name in enumerate((co.Phi, co.Psi)) if values[name] != 0]
    eigenvalues = jacobian.subs(at, simultaneous=True).extract(kept, kept).eigenvals(multiple=True) if kept else []
    return {
        f"radial {position + 1}" if len(eigenvalues) > 1 else "radial": sp.factor(sp.simplify(value))
        for position, value in enumerate(eigenvalues)
    }


def _negative(value: sp.Expr) -> bool:
    """Return whether a closed form in eta > 0 is negative (as its leading behaviour at eta = 1/10 and 10 shows)."""
    if value.free_symbols - {co.eta}:
        return False
    samples = [value.subs(co.eta, sp.Rational(1, 10)), value.subs(co.eta, 10)]
    return all(s.is_negative for s in samples)


def stability_threshold() -> sp.Expr:
    """Derive the step size below which the minima (Phi, Psi) = (1, 0) attract: all multipliers in [-1, 1]."""
    (minimum,) = [p for p in fixed_points() if p.sums[co.Phi] == 1 and p.sums[co.Psi] == 0]
    ends = []
    for value in minimum.multipliers.values():
        if co.eta in value.free_symbols:
            ends += sp.solve(sp.Eq(value, -1), co.eta)
    return sp.Min(*ends)
