"""Masks: exactly uniform subsets, the same on every target, addressed by (seed, replica, step)."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from scipy import stats

from numerics.batches import batches_of
from numerics.ir import Form, Law
from numerics.random import I64, REPAIRS, THINNING, U64, words
from numerics.targets import jit_random
from numerics.thinning import MAX_PLANES, inside, members, pays, thin, thinning

#: False-alarm rate of every statistical test in this file, over the choice of its seed.
ALARM = 1e-6
SIZES = [(5, 2), (19, 5), (64, 32), (65, 64), (100, 33), (129, 1), (256, 64)]
REPLICAS = np.array([0, 1, 7, 2**32 - 1], np.uint64)


@pytest.mark.parametrize(("m", "b"), SIZES)
def test_masks_have_b_members_below_m(m: int, b: int) -> None:
    rows = members(thin(3, np.arange(50, dtype=np.uint64), range(4), m, b), m)
    assert rows.shape == (4, b, 50)
    assert rows.min() >= 0
    assert rows.max() < m
    assert (np.diff(rows, axis=1) > 0).all()


def scalar(seed: int, replica: int, step: int, m: int, b: int) -> set[int]:
    """The text of numerics.thinning, one bit at a time."""
    law, width = thinning(m, b), -(-m // 64)
    who = np.array(replica, np.uint64)
    chosen = set()
    for k in range(m):
        keep = False
        for i in range(law.planes):
            q = (step * width + k // 64) * law.planes + i
            word = int(words(seed, who, np.array(2 * q + k % 64 // 32, np.uint64), 0, THINNING))
            bit = bool(word >> k % 32 & 1)
            keep = keep or bit if law.numerator >> i & 1 else keep and bit
        chosen |= {k} if keep else set()
    draw, remove = 0, len(chosen) > b
    while len(chosen) != b:
        word = int(words(seed, who, np.array(4 * step + draw % 4, np.uint64), draw // 4, REPAIRS))
        draw += 1
        if word * m % 2**32 < 2**32 % m:
            continue
        k = word * m >> 32
        if (k in chosen) is remove:
            chosen ^= {k}
    return chosen


@pytest.mark.parametrize(("m", "b"), SIZES)
def test_masks_follow_the_written_text(m: int, b: int) -> None:
    rows = members(thin(2**40 + 3, REPLICAS, range(5, 7), m, b), m)
    for i, step in enumerate(range(5, 7)):
        for lane, replica in enumerate(REPLICAS):
            assert set(rows[i, :, lane].tolist()) == scalar(2**40 + 3, int(replica), step, m, b)


@pytest.mark.parametrize("blocks", [0, 1, 3])
@pytest.mark.parametrize(("m", "b"), SIZES)
def test_compiled_masks_are_the_same_whatever_is_computed_ahead(m: int, b: int, blocks: int) -> None:
    law, expected = thinning(m, b), thin(9, REPLICAS, range(3, 6), m, b)
    masks: U64 = np.zeros(expected.shape[1:], np.uint64)
    tables = (np.empty((4 * blocks, 4), np.uint64), np.empty((4, 4), np.uint64), np.empty((4, 1), np.uint64))
    held = -1
    for i, step in enumerate(range(3, 6)):
        held = jit_random.thin(
            masks, *tables, held, np.uint64(9), np.uint64(0), step, REPLICAS, m, b, law.planes, law.numerator
        )
        assert np.array_equal(masks, expected[i])


def test_chunks_of_steps_and_replicas_do_not_enter() -> None:
    whole = thin(1, np.arange(9, dtype=np.uint64), range(10), 70, 20)
    part = thin(1, np.arange(4, 7, dtype=np.uint64), range(3, 8), 70, 20)
    assert np.array_equal(whole[3:8, :, 4:7], part)


@pytest.mark.parametrize(("m", "b"), [(5, 2), (6, 3), (8, 1), (9, 7)])
def test_every_subset_is_equally_likely(m: int, b: int) -> None:
    rows: I64 = members(thin(11, np.arange(4000, dtype=np.uint64), range(15), m, b), m)
    codes = (1 << rows).sum(axis=1).ravel()
    counts = [int(np.count_nonzero(codes == sum(1 << k for k in s))) for s in combinations(range(m), b)]
    assert sum(counts) == codes.size
    assert len(counts) == comb(m, b)
    assert stats.chisquare(counts).pvalue > ALARM


def law_of_the_method(m: int, b: int, p: Fraction) -> dict[frozenset[int], Fraction]:
    """The exact law of thinning and repair, by enumeration of all thinned sets and all repairs."""
    found: dict[frozenset[int], Fraction] = {}

    def repair(chosen: frozenset[int], weight: Fraction) -> None:
        if len(chosen) == b:
            found[chosen] = found.get(chosen, Fraction(0)) + weight
            return
        others = chosen if len(chosen) > b else frozenset(range(m)) - chosen
        for k in others:
            repair(chosen ^ {k}, weight / len(others))

    for size in range(m + 1):
        for chosen in combinations(range(m), size):
            repair(frozenset(chosen), p**size * (1 - p) ** (m - size))
    return found


@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(1, 4), Fraction(7, 8)])
def test_the_law_is_exactly_uniform_for_any_probability(p: Fraction) -> None:
    for m, b in ((4, 2), (5, 1), (5, 4)):
        law = law_of_the_method(m, b, p)
        assert set(law.values()) == {Fraction(1, comb(m, b))}
        assert len(law) == comb(m, b)


def test_probabilities_are_near_b_over_m_in_lowest_terms() -> None:
    for m in range(2, 70):
        for b in range(1, m):
            law = thinning(m, b)
            assert 1 <= law.planes <= MAX_PLANES
            assert law.numerator % 2 == 1
            assert 0 < law.numerator < 2**law.planes
    assert (thinning(4096, 1024).planes, thinning(4096, 1024).numerator) == (2, 1)


def test_single_draws_and_rare_samples_stay_lists() -> None:
    assert not any(pays(m, 1) for m in (2, 10, 1000))
    assert not pays(4096, 16)
    assert pays(4096, 1024)
    assert batches_of(Law.SGD, 4096, 1024, 0, 1).form is Form.MASK
    assert batches_of(Law.GD, 4096, None, 0, 1).form is Form.LIST


def test_truth_values_of_masks() -> None:
    masks = thin(1, REPLICAS, range(2), 70, 20)
    kept = inside(masks, 70)
    assert kept.shape == (2, 70, 4)
    assert np.array_equal(np.nonzero(kept[1, :, 2])[0], members(masks, 70)[1, :, 2])
