"""The two-variable systems against the explicit step on coordinates, for arbitrary states."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import prod

import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.derive import coordinates as co
from theory.derive import reduced

ENTRIES = st.fractions(-2, 2, max_denominator=8)
ETAS = st.fractions(Fraction(1, 20), 2, max_denominator=20)


def gradient_step(c: list[Fraction], batch: list[int], eta: Fraction) -> list[Fraction]:
    """Return c - eta * sum of gradients of sum_j (delta_ij - c_j c_i)^2 / 2, entry by entry."""
    moved = list(c)
    for i in batch:
        residual = [Fraction(i == j) - c[j] * c[i] for j in range(len(c))]
        for k in range(len(c)):
            # d/dc_k: the factor c_k of its own residual, and c_i in all of them
            slope = -residual[k] * c[i] - (sum(r * x for r, x in zip(residual, c, strict=True)) if k == i else 0)
            moved[k] -= eta * slope
    return moved


@cache
def image(kind: str) -> tuple[sp.Poly, sp.Poly]:
    """Return the derived image as polynomials in the two sums and eta."""
    planar = getattr(reduced, kind)()
    assert planar.state == ((co.u, co.N) if kind == "mini_batch" else (co.Phi, co.Psi))
    return tuple(sp.Poly(x, *planar.state, co.eta) for x in planar.image)


def exact(p: sp.Poly, *values: Fraction) -> Fraction:
    terms = (
        Fraction(str(c)) * prod((x**e for x, e in zip(values, powers, strict=True)), start=Fraction(1))
        for powers, c in p.terms()
    )
    return sum(terms, Fraction(0))


@settings(max_examples=40, deadline=None)
@given(c=st.lists(ENTRIES, min_size=1, max_size=5), eta=ETAS, data=st.data())
def test_mini_batch_sums_move_as_the_coordinates_do(c, eta, data):
    m = data.draw(st.integers(1, len(c)))
    batch = sorted(data.draw(st.sets(st.integers(0, m - 1), min_size=1)))
    moved = gradient_step(c, batch, eta)
    sums = sum(c[i] ** 2 for i in batch), sum(x**2 for x in c)
    u, norm = image("mini_batch")
    assert exact(u, *sums, eta) == sum(moved[i] ** 2 for i in batch)
    assert exact(norm, *sums, eta) == sum(x**2 for x in moved)


@settings(max_examples=40, deadline=None)
@given(c=st.lists(ENTRIES, min_size=1, max_size=5), eta=ETAS, data=st.data())
def test_full_batch_sums_move_as_the_coordinates_do(c, eta, data):
    m = data.draw(st.integers(1, len(c)))
    moved = gradient_step(c, list(range(m)), eta)
    sums = sum(x**2 for x in c[:m]), sum((x**2 for x in c[m:]), Fraction(0))
    phi, psi = image("full_batch")
    assert exact(phi, *sums, eta) == sum(x**2 for x in moved[:m])
    assert exact(psi, *sums, eta) == sum((x**2 for x in moved[m:]), Fraction(0))


def test_the_step_of_this_file_is_the_gradient():
    # the entry-by-entry slope above, against SymPy's derivative of the loss
    cs = sp.symbols("c0:3")
    for i in range(2):
        loss = sum(((i == j) * 1 - cs[j] * cs[i]) ** 2 for j in range(3)) / 2
        point = [Fraction(1, 2), Fraction(-2, 3), Fraction(3, 5)]
        at = dict(zip(cs, (sp.Rational(x) for x in point), strict=True))
        moved = gradient_step(point, [i], Fraction(1))
        assert moved == [x - Fraction(str(sp.diff(loss, s).subs(at))) for x, s in zip(point, cs, strict=True)]


def test_increments_and_jacobian_are_those_of_the_image():
    for planar in (reduced.mini_batch(), reduced.full_batch()):
        for increment, new, old in zip(planar.increments(), planar.image, planar.state, strict=True):
            assert sp.expand(increment - (new - old)) == 0
        explicit = sp.Matrix(2, 2, lambda r, s, planar=planar: sp.diff(planar.image[r], planar.state[s]))
        assert (planar.jacobian() - explicit).applyfunc(sp.expand) == sp.zeros(2, 2)
