"""Ratios of coordinates are kept exactly where the step multiplies them by one factor."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.derive import coordinates as co
from theory.derive.invariants import ratio_invariant


@pytest.mark.parametrize(("atom", "full"), [("batch", True), ("outside", True), ("batch", False), ("rest", False)])
def test_the_cross_product_vanishes_for_coordinates_of_one_kind(atom, full):
    found = ratio_invariant(atom, full)
    assert found.holds
    assert found.residue == 0


@cache
def data_factor() -> sp.Expr:
    return ratio_invariant().factor


@settings(max_examples=20, deadline=None)
@given(
    c=st.lists(st.fractions(-1, 1, max_denominator=6), min_size=2, max_size=4),
    outside=st.lists(st.fractions(-1, 1, max_denominator=6), max_size=2),
    eta=st.fractions(Fraction(1, 20), 1, max_denominator=20),
)
def test_the_direction_of_the_data_part_is_kept_by_explicit_gradient_descent(c, outside, eta):
    everything = [*c, *outside]
    symbols = sp.symbols(f"c0:{len(everything)}")
    loss = (
        sum((sp.Integer(i == j) - symbols[j] * symbols[i]) ** 2 for i in range(len(c)) for j in range(len(symbols))) / 2
    )
    at = dict(zip(symbols, map(sp.Rational, everything), strict=True))
    moved = [x - eta * Fraction(str(sp.diff(loss, s).subs(at))) for x, s in zip(everything, symbols, strict=True)]
    assert all(moved[k] * c[n] == moved[n] * c[k] for k in range(len(c)) for n in range(len(c)))
    phi, psi = sum(x**2 for x in c), sum((x**2 for x in outside), Fraction(0))
    values = {co.Phi: sp.Rational(phi), co.Psi: sp.Rational(psi), co.eta: sp.Rational(eta)}
    factor = Fraction(str(data_factor().subs(values)))
    assert [factor * x for x in c] == moved[: len(c)]


def test_coordinates_of_different_kinds_do_not_share_a_factor():
    inside, outside = ratio_invariant("batch").factor, ratio_invariant("outside").factor
    assert sp.expand(inside - outside) != 0
