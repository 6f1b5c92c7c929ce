"""Symmetries of the derived step: signs, permutations within a kind, and coordinates that are zero."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import prod

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.derive import UpdateMap, update_map

ENTRIES = st.fractions(-2, 2, max_denominator=8)
STATES = st.lists(ENTRIES, min_size=2, max_size=6)
ETAS = st.fractions(Fraction(1, 50), 2, max_denominator=50)


@cache
def derived(activation: str) -> tuple[UpdateMap, dict[str, sp.Poly], list[sp.Poly]]:
    found = update_map(activation)
    names = [found.coordinate, *found.parameters, *(r.symbol for r in found.reductions)]
    rules = {name: sp.Poly(rule, *names) for name, rule in found.rules.items()}
    return found, rules, [sp.Poly(r.summand, found.coordinate) for r in found.reductions]


def at(p: sp.Poly, *point: Fraction) -> Fraction:
    terms = (
        Fraction(str(v)) * prod((x**e for x, e in zip(point, powers, strict=True)), start=Fraction(1))
        for powers, v in p.terms()
    )
    return sum(terms, Fraction(0))


def kind(activation: str, k: int, c: list[Fraction], m: int, batch: set[int]) -> str:
    if k >= m:
        return "outside"
    sign = "" if activation == "linear" else "+" if c[k] > 0 else "-"
    return ("batch" if k in batch else "rest") + sign


def step(activation: str, c: list[Fraction], m: int, batch: set[int], eta: Fraction) -> list[Fraction]:
    found, rules, summands = derived(activation)
    kinds = [kind(activation, k, c, m, batch) for k in range(len(c))]
    sums = [
        sum((at(s, c[k]) for k in range(len(c)) if kinds[k] in r.atoms), Fraction(0))
        for r, s in zip(found.reductions, summands, strict=True)
    ]
    return [at(rules[kinds[k]], c[k], eta, *sums) for k in range(len(c))]


@st.composite
def runs(draw):
    c = draw(STATES)
    m = draw(st.integers(1, len(c)))
    return c, m, draw(st.sets(st.integers(0, m - 1), min_size=1)), draw(ETAS)


@settings(max_examples=30, deadline=None)
@given(run=runs(), data=st.data())
def test_a_change_of_signs_commutes_with_the_linear_step(run, data):
    # the loss sees a sign of a coordinate through the product of two of them only
    c, m, batch, eta = run
    signs = data.draw(st.lists(st.sampled_from([1, -1]), min_size=len(c), max_size=len(c)))
    moved = step("linear", [s * x for s, x in zip(signs, c, strict=True)], m, batch, eta)
    assert moved == [s * x for s, x in zip(signs, step("linear", c, m, batch, eta), strict=True)]


@pytest.mark.parametrize("activation", ["linear", "relu"])
@settings(max_examples=30, deadline=None)
@given(run=runs(), data=st.data())
def test_a_permutation_of_the_samples_commutes_with_the_step(activation, run, data):
    c, m, batch, eta = run
    order = [*data.draw(st.permutations(range(m))), *range(m, len(c))]
    shuffled = step(activation, [c[k] for k in order], m, {order.index(k) for k in batch}, eta)
    straight = step(activation, c, m, batch, eta)
    assert shuffled == [straight[k] for k in order]


@settings(max_examples=30, deadline=None)
@given(run=runs())
def test_a_relu_step_sees_the_positive_part_of_its_batch(run):
    c, m, batch, eta = run
    positive = {k for k in batch if c[k] > 0}
    expected = step("linear", c, m, positive, eta) if positive else c
    assert step("relu", c, m, batch, eta) == expected


@pytest.mark.parametrize("activation", ["linear", "relu"])
@settings(max_examples=30, deadline=None)
@given(run=runs())
def test_a_coordinate_that_is_zero_stays_zero(activation, run):
    c, m, batch, eta = run
    moved = step(activation, [0, *c[1:]], m, batch, eta)
    assert moved[0] == 0


@settings(max_examples=20, deadline=None)
@given(eta=ETAS, m=st.integers(1, 4), k=st.integers(0, 3))
def test_a_data_point_is_fixed_under_every_batch(eta, m, k):
    # w = a_k is a minimum of each sample's loss that it enters, and unmoved by the others
    c = [Fraction(j == k % m) for j in range(m + 1)]
    for size in range(1, m + 1):
        assert step("linear", c, m, set(range(size)), eta) == c
