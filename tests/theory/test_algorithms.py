"""Batch laws: enumeration and inclusion probabilities tell the same story."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp

from theory.algorithms import ANY_SEQUENCE, CYCLIC, FULL_BATCH, LAWS, UNIFORM_SUBSETS, AlgorithmError

m, b = sp.symbols("m b", integer=True, positive=True)
PAIRS = [(size, batch) for size in range(2, 6) for batch in range(1, size)]


@pytest.mark.parametrize(("size", "batch"), PAIRS)
def test_the_batches_of_a_step_have_total_probability_one(size, batch):
    listed = list(UNIFORM_SUBSETS.enumerate(size, batch))
    assert sum(p for _, p in listed) == 1
    assert len({x for x, _ in listed}) == len(listed) == sp.binomial(size, batch)
    assert all(len(set(x)) == batch and set(x) <= set(range(size)) for x, _ in listed)


@pytest.mark.parametrize(
    ("size", "batch", "inside", "outside"),
    [(*pair, j, k) for pair in PAIRS for j in range(4) for k in range(3) if j + k <= min(3, pair[0])],
)
def test_symbolic_inclusion_probabilities_are_those_of_the_enumeration(size, batch, inside, outside):
    ins, outs = set(range(inside)), set(range(inside, inside + outside))
    counted = sum(
        (p for x, p in UNIFORM_SUBSETS.enumerate(size, batch) if ins <= set(x) and not outs & set(x)), Fraction(0)
    )
    formula = UNIFORM_SUBSETS.inclusion(inside, outside, m, b)
    assert sp.Rational(counted) == formula.subs({m: size, b: batch})


def test_inclusion_of_one_index_adds_up_over_the_cases_of_another():
    law = UNIFORM_SUBSETS
    assert sp.simplify(law.inclusion(2, 0, m, b) + law.inclusion(1, 1, m, b) - law.inclusion(1, 0, m, b)) == 0
    assert sp.simplify(law.inclusion(1, 1, m, b) + law.inclusion(0, 2, m, b) - law.inclusion(0, 1, m, b)) == 0


def test_gradient_descent_sees_every_sample():
    assert list(FULL_BATCH.enumerate(3, 3)) == [((0, 1, 2), Fraction(1))]


@pytest.mark.parametrize(("size", "batch"), [(3, 0), (3, 3), (3, 4), (1, 1), (2, -1)])
def test_sizes_that_do_not_fit_are_named(size, batch):
    with pytest.raises(AlgorithmError, match=rf"b = {batch} with m = {size}"):
        list(UNIFORM_SUBSETS.enumerate(size, batch))


@pytest.mark.parametrize("law", [CYCLIC, ANY_SEQUENCE])
def test_a_law_without_a_distribution_says_so(law):
    with pytest.raises(AlgorithmError, match="no distribution"):
        list(law.enumerate(3, 1))


@pytest.mark.parametrize("law", [x for x in LAWS.values() if x is not UNIFORM_SUBSETS], ids=lambda x: x.name)
def test_inclusion_probabilities_are_refused_elsewhere(law):
    with pytest.raises(AlgorithmError, match=law.name):
        law.inclusion(1, 0, m, b)
