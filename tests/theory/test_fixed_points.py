"""Fixed points: they are fixed, none is missing, and their multipliers are eigenvalues of an explicit Jacobian."""

from __future__ import annotations

from functools import cache

import pytest
import sympy as sp

from theory.derive import coordinates as co
from theory.derive import fixed_points as fp
from theory.derive.reduced import full_batch

X = sp.Symbol("X")


@cache
def found() -> tuple[fp.FixedPoint, ...]:
    return tuple(fp.fixed_points())


@cache
def explicit_step(m: int, n: int) -> tuple[tuple[sp.Symbol, ...], sp.Matrix]:
    """Return the coordinates and the full-batch step on them, by differentiating the loss of all samples."""
    cs = sp.symbols(f"c0:{n}", real=True)
    loss = sum((sp.Integer(i == j) - cs[j] * cs[i]) ** 2 for i in range(m) for j in range(n)) / 2
    return cs, sp.Matrix([x - co.eta * sp.diff(loss, x) for x in cs])


def weights(point: fp.FixedPoint, m: int, n: int, at: dict[sp.Symbol, sp.Rational]) -> list[sp.Expr]:
    """Return coordinates with the point's sums of squares, no two of a kind alike."""
    phi, psi = (sp.sqrt(point.sums[s].subs(at)) for s in (co.Phi, co.Psi))
    shares = {1: [sp.S.One], 2: [sp.Rational(3, 5), sp.Rational(-4, 5)]}
    return [phi * s for s in shares[m]] + [psi * s for s in shares[n - m]]


# step sizes at which some of the families exist and others do not; Psi is free where it is a symbol
CASES = [sp.Rational(1, 10), sp.Rational(2, 3), sp.Rational(5, 2), sp.Integer(4)]


@pytest.mark.parametrize("eta", CASES)
@pytest.mark.parametrize(("m", "n"), [(2, 4), (1, 2), (2, 3)])
def test_points_are_fixed_and_multipliers_are_the_eigenvalues(m, n, eta):
    cs, step = explicit_step(m, n)
    seen = 0
    for point in found():
        at = {co.eta: eta, co.Psi: sp.Rational(9, 4)}
        values = {s: v.subs(at) for s, v in point.sums.items()}
        if min(values.values()) < 0:
            continue
        seen += 1
        here = dict(zip(cs, weights(point, m, n, at), strict=True))
        moved = step.subs({co.eta: eta}).subs(here)
        signs = [sp.simplify(a / b) for a, b in zip(moved, here.values(), strict=True) if b != 0]
        expected = {1} if point.kind == "fixed" else {1, -1}
        assert set(signs) <= expected
        if point.kind == "two-cycle":
            assert -1 in signs
        assert all(a == 0 for a, b in zip(moved, here.values(), strict=True) if b == 0)
        jacobian = step.subs({co.eta: eta}).jacobian(cs).subs(here).applyfunc(sp.simplify)
        radial = [v.subs(at) for name, v in point.multipliers.items() if name.startswith("radial")]
        tangential = m - (values[co.Phi] != 0)
        outside = n - m - (values[co.Psi] != 0)
        claimed = (X - point.multipliers["tangential"].subs(at)) ** tangential
        claimed *= (X - point.multipliers["outside"].subs(at)) ** outside
        claimed *= sp.prod(X - r for r in radial)
        assert len(radial) + tangential + outside == n
        actual = sp.Poly(jacobian.charpoly(X).as_expr(), X)
        assert all(sp.nsimplify(sp.simplify(v)) == 0 for v in (actual - sp.Poly(sp.expand(claimed), X)).all_coeffs())
    assert seen >= 3


@pytest.mark.parametrize("eta", CASES)
def test_no_fixed_point_of_the_sums_is_missing(eta):
    phi, psi = sp.symbols("Phi Psi", real=True)
    planar = full_batch()
    image = [v.subs({co.Phi: phi, co.Psi: psi, co.eta: eta}) for v in planar.image]
    known = [{s: v.subs(co.eta, eta) for s, v in point.sums.items()} for point in found()]
    # the image of Phi is Phi times a square, likewise Psi: solve on each face and inside
    solutions = sp.solve([sp.expand(image[0] - phi), sp.expand(image[1] - psi)], [phi, psi], dict=True)
    for solution in solutions:
        a, b = solution.get(phi, phi), solution.get(psi, psi)
        if a.is_negative or b.is_negative:
            continue
        assert any(k[co.Phi] == a and (k[co.Psi] == b or k[co.Psi] == co.Psi) for k in known), (a, b)


def test_the_sums_of_every_point_are_fixed_by_the_reduced_map():
    planar = full_batch()
    for point in found():
        for old, new in zip(planar.state, planar.image, strict=True):
            assert sp.simplify((new - old).subs(point.sums, simultaneous=True)) == 0


def test_the_threshold_separates_stable_from_unstable_minima():
    threshold = fp.stability_threshold()
    (minimum,) = [q for q in found() if q.sums[co.Phi] == 1 and q.sums[co.Psi] == 0]
    largest = lambda eta: max(abs(v.subs(co.eta, eta)) for v in minimum.multipliers.values())  # noqa: E731
    assert largest(threshold) == 1
    for ratio in (sp.Rational(1, 100), sp.Rational(1, 2), sp.Rational(999, 1000)):
        assert largest(threshold * ratio) <= 1
    assert largest(threshold * sp.Rational(1001, 1000)) > 1


def test_the_threshold_is_the_sharpness_bound():
    # gradient descent on a quadratic is stable up to 2 over the largest eigenvalue of the Hessian of m L
    cs, step = explicit_step(2, 3)
    hessian = (sp.eye(3) - step.jacobian(cs)) / co.eta
    at = dict(zip(cs, (sp.Rational(3, 5), sp.Rational(4, 5), 0), strict=True))
    sharpness = max(hessian.subs(at).applyfunc(sp.simplify).eigenvals())
    assert fp.stability_threshold() == 2 / sharpness
