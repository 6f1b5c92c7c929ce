"""Stable exponentials: shifted where no value changes, and only there."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from numerics.arrays.blas_target import evaluate_dense
from numerics.arrays.stable import shift_exponentials
from theory.derive.reverse import gradients
from theory.derive.terms import T, Terms

ONE = sp.S.One


def softmax(terms: Terms) -> tuple[int, int, int, int]:
    """z of shape (2, 3); its exponentials, their sums S over the last axis, and e / S."""
    z = terms.leaf("z", (2, 3))
    e = terms.map(sp.exp(T), z)
    total = terms.contract([(e, (0, 1))], (2,))
    quotient = terms.contract([(e, (0, 1)), (terms.map(1 / T, total), (0,))], (2, 3))
    return z, e, total, quotient


def values(terms: Terms, root: int, z: int, at: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        return evaluate_dense(terms, [root], {z: at}, float)[root]


def agrees(terms: Terms, root: int, z: int, expected: bool) -> None:
    (new,), fired = shift_exponentials(terms, [root])
    assert fired is expected
    at = np.random.default_rng(1).normal(size=(2, 3))
    # sums and products of at most ten numbers of size one: 1e2 u
    assert np.abs(values(terms, new, z, at) - values(terms, root, z, at)).max() <= 1e-13
    if expected:
        assert np.isfinite(values(terms, new, z, at + 1000.0)).all()
    else:
        assert new == root


def test_a_quotient_is_shifted():
    terms = Terms()
    z, _, _, quotient = softmax(terms)
    agrees(terms, quotient, z, True)


def test_the_logarithm_of_a_sum_is_shifted():
    terms = Terms()
    z, _, total, _ = softmax(terms)
    agrees(terms, terms.map(sp.log(T), total), z, True)


def test_squares_over_squares_are_shifted():
    terms = Terms()
    z, e, total, _ = softmax(terms)
    squares = terms.contract([(e, (0, 1)), (e, (0, 1))], (2,))
    agrees(terms, terms.contract([(squares, (0,)), (terms.map(T**-2, total), (0,))], (2,)), z, True)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_derivatives_of_the_loss_are_shifted(times):
    """The gradient, the Hessian along a direction, and one derivative more."""
    terms = Terms()
    z, _, total, _ = softmax(terms)
    weights = terms.leaf("v", (2, 3))
    root = terms.contract([(terms.map(sp.log(T), total), (0,))], ())
    for _ in range(times):
        gradient = gradients(terms, root, [z])[z]
        root = terms.contract([(gradient, (0, 1)), (weights, (0, 1))], ())
    (new,), fired = shift_exponentials(terms, [root])
    assert fired
    at, v = np.random.default_rng(1).normal(size=(2, 2, 3))
    for point in (at, at + 1000.0):
        found = evaluate_dense(terms, [new], {z: point, weights: v}, float)[new]
        plain = evaluate_dense(terms, [root], {z: at, weights: v}, float)[root]
        # the shift by 1000 rounds z by 1e-13; derivatives and numbers below 1e2
        assert abs(found - plain) <= 1e-10
        assert abs(plain) > 1e-3


def test_what_is_not_homogeneous_is_left():
    terms = Terms()
    z, e, total, quotient = softmax(terms)
    agrees(terms, e, z, False)
    agrees(terms, terms.map(1 / (1 + T), e), z, False)
    agrees(terms, terms.sum([(ONE, e), (ONE, quotient)], (2, 3)), z, False)
    mixed = terms.contract([(e, (0, 1)), (terms.map(1 / T, total), (2,))], (2, 3))  # divided by the sums of all rows
    agrees(terms, mixed, z, False)
    both = terms.contract([(total, (0,))], ())  # rows of different maxima added
    agrees(terms, terms.contract([(both, ()), (terms.map(1 / T, both), ())], ()), z, False)
    agrees(terms, terms.contract([(quotient, (0, 1)), (total, (0,))], (2, 3)), z, False)


def test_exponentials_of_exponentials_are_left_outside_only():
    terms = Terms()
    z, _, _, quotient = softmax(terms)
    e = terms.map(sp.exp(T), quotient)
    again = terms.contract([(e, (0, 1)), (terms.map(1 / T, terms.contract([(e, (0, 1))], (2,))), (0,))], (2, 3))
    agrees(terms, again, z, True)


def test_one_of_two_exponentials_may_be_shifted():
    terms = Terms()
    z, _, _, quotient = softmax(terms)
    other = terms.map(sp.exp(T), terms.sum([(sp.Rational(1, 9), z)], (2, 3)))
    root = terms.contract([(quotient, (0, 1)), (other, (0, 1))], (2, 3))
    agrees(terms, root, z, True)
