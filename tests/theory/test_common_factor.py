"""Facts that the derivation records for the compiler: common factors, and the closed map of power sums."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy as sp

from theory.derive import update_map
from theory.derive.reduced import closed_sums, full_batch
from theory.derive.update_map import NoCommonFactor


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_all_coordinates_outside_the_batch_share_one_factor(activation: str) -> None:
    derived = update_map(activation)
    fact = derived.common_factor(atom for atom in derived.rules if not atom.startswith("batch"))
    (eta,) = derived.parameters
    u = derived.reductions[0].symbol
    assert sp.expand(fact.factor - (1 - eta * u)) == 0
    assert not fact.factor.has(derived.coordinate)


def test_different_factors_are_no_common_factor() -> None:
    derived = update_map("linear")
    with pytest.raises(NoCommonFactor, match="batch has the factor"):
        derived.common_factor(["batch", "rest"])
    c = derived.coordinate
    shared = {atom: factor for atom, factor in derived.shared_factor.items() if atom != "rest"}
    shifted = replace(derived, rules={**derived.rules, "rest": c + 1}, shared_factor=shared)
    with pytest.raises(NoCommonFactor, match="rest"):
        shifted.common_factor(["rest", "outside"])


def test_a_false_record_is_found_out() -> None:
    derived = update_map("linear")
    wrong = replace(derived, shared_factor={**derived.shared_factor, "rest": sp.Integer(2)})
    with pytest.raises(NoCommonFactor):
        wrong.common_factor(["rest"])


def test_power_sums_close_as_the_planar_map_does() -> None:
    """Two derivations of one map: from the update map's factors, and from the normal form of sums."""
    closed, planar = closed_sums(update_map("linear")), full_batch()
    names = dict(zip(closed.state, planar.state, strict=True))
    for mine, other in zip(closed.image, planar.image, strict=True):
        eta = {symbol: sp.Symbol("eta") for symbol in (*mine.free_symbols, *other.free_symbols) if symbol.name == "eta"}
        assert sp.expand(mine.subs(names).subs(eta) - other.subs(eta)) == 0


def test_relu_power_sums_follow_a_numeric_step() -> None:
    """c = (1/2, -1/3, 1/4), m = 2, all in the batch: sums of squares by kind before and after one step by hand."""
    closed = closed_sums(update_map("relu"))
    c, eta = [Fraction(1, 2), Fraction(-1, 3), Fraction(1, 4)], Fraction(1, 10)
    u, total = c[0] ** 2, sum(x * x for x in c)
    new = [c[0] * (1 + eta * (2 - u - total)), c[1] * (1 - eta * u), c[2] * (1 - eta * u)]
    values = {name: sp.Rational(x * x) for name, x in zip(closed.state, c, strict=True)}
    for image, x in zip(closed.image, new, strict=True):
        values_and_step = {**values, **{s: sp.Rational(eta) for s in image.free_symbols if s.name == "eta"}}
        assert image.subs(values_and_step) == sp.Rational(x * x)


def test_sums_that_are_no_power_sums_do_not_close() -> None:
    derived = update_map("linear")
    c = derived.coordinate
    odd = replace(derived.reductions[0], summand=c**2 + c)
    with pytest.raises(NoCommonFactor, match="no power sum"):
        closed_sums(replace(derived, reductions=(odd, derived.reductions[1])))
