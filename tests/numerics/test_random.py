"""Draws: Philox against known answers and an independent implementation; exactly uniform subsets."""

from __future__ import annotations

from itertools import product
from math import comb, factorial

import numpy as np
import pytest
from randomgen import Philox as Independent
from scipy import stats

from numerics.errors import InputError
from numerics.random import (
    BATCHES,
    consecutive_words,
    floyd,
    gaussians,
    integers,
    key_of,
    philox,
    subsets,
    words,
)
from numerics.targets import jit_random

#: False-alarm rate of every statistical test in this file, over the choice of its seed.
ALARM = 1e-6

# Known-answer vectors of Random123 (kat_vectors, philox4x32 10).
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def reference_word(seed: int, replica: int, index: int, attempt: int, stream: int = BATCHES) -> int:
    """The word of an address, by the independent implementation (which counts up before it generates)."""
    counter = index >> 2 | replica << 64 | (attempt * 16 + stream) << 96
    generator = Independent(key=seed, counter=(counter - 1) % 2**128, number=4, width=32)
    raw = generator.random_raw(4)
    return int(raw[index & 3]) & 0xFFFFFFFF


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    state = tuple(np.array([int(word, 16)], np.uint64) for word in counter.split())
    k0, k1 = (int(word, 16) for word in key.split())
    assert [int(word[0]) for word in philox(state, (k0, k1))] == [int(word, 16) for word in answer.split()]


@pytest.mark.parametrize("seed", [0, 7, 2**32 + 5, 2**64 - 1])
@pytest.mark.parametrize("index", [0, 3, 4, 10**6 + 1, 2**34 + 6])
def test_words_are_the_independent_generators_words_at_their_address(seed: int, index: int) -> None:
    for replica, attempt, stream in [(0, 0, 0), (5, 0, 1), (2**32 - 1, 3, 0)]:
        mine = words(seed, np.uint64(replica), np.uint64(index), attempt, stream)
        assert int(mine) == reference_word(seed, replica, index, attempt, stream)


@pytest.mark.parametrize("first", [0, 1, 2, 3, 4, 17])
@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_consecutive_words_are_the_words(first: int, count: int) -> None:
    who = np.array([0, 9, 2**31], np.uint64)
    index = np.arange(first, first + count, dtype=np.uint64)[:, None]
    assert np.array_equal(consecutive_words(11, who, first, count), words(11, who[None, :], index))


@pytest.mark.parametrize("size", [1, 2, 7, 1000, 2**31 - 1, 3 * 2**30, 2**32 - 1])
def test_integers_repeat_rejected_words_exactly(size: int) -> None:
    """Sizes just above a divisor of 2**32 reject many words, so the repetition is exercised."""
    seed, count = 123, 40
    expected = []
    for replica in range(count):
        attempt = 0
        while reference_word(seed, replica, 6, attempt) * size % 2**32 < 2**32 % size:
            attempt += 1
        expected.append(reference_word(seed, replica, 6, attempt) * size >> 32)
    who = np.arange(count, dtype=np.uint64)
    assert integers(seed, who, np.uint64(6), size).tolist() == expected

    table, spare, out = (
        np.empty((4, count), np.uint64),
        np.empty((4, 1), np.uint64),
        np.empty(count, np.int64),
    )
    k0, k1 = (np.uint64(word) for word in key_of(seed))
    jit_random.fill(table, k0, k1, np.uint64(1), who, np.uint64(0))
    jit_random.integers(out, table, spare, k0, k1, np.uint64(6), who, np.uint64(size))
    assert out.tolist() == expected
    places = np.empty((4, count), np.uint64)
    jit_random.draw_four(places, k0, k1, 1, who, size)
    every = [integers(seed, who, np.uint64(4 + i), size) * count + np.arange(count) for i in range(4)]
    assert np.array_equal(places, np.array(every))
    if size == 3 * 2**30:  # one word in four is rejected
        assert any(reference_word(seed, r, 6, 0) * size % 2**32 < 2**32 % size for r in range(count))


@pytest.mark.parametrize("count", [1, 7, 8, 9, 15, 16, 19])
def test_compiled_words_do_not_depend_on_the_number_of_lanes(count: int) -> None:
    """Groups of eight lanes overlap where eight does not divide their number; fewer go one by one."""
    seed, who = 2**63 + 5, np.arange(count, dtype=np.uint64) + np.uint64(2**32 - 20)
    k0, k1 = (np.uint64(word) for word in key_of(seed))
    block, tag = 2**40 + 3, 5 * 16 + 2
    table, places = np.full((4, count), 9, np.uint64), np.full((4, count), 9, np.uint64)
    jit_random.fill(table, k0, k1, np.uint64(block), who, np.uint64(tag))
    index = np.arange(4 * block, 4 * block + 4, dtype=np.uint64)[:, None]
    assert np.array_equal(table, words(seed, who[None], index, 5, 2))
    jit_random.draw_four(places, k0, k1, block, who, 11)
    assert np.array_equal(places, integers(seed, who[None], index, 11) * count + np.arange(count))


@pytest.mark.parametrize(("m", "b"), [(1, 1), (4, 1), (5, 2), (5, 3), (5, 5), (6, 4)])
def test_every_subset_has_equally_many_sequences_of_draws(m: int, b: int) -> None:
    """Exact uniformity: all equally likely draws are enumerated, and each subset is hit b! times."""
    draws = np.array(list(product(*(range(m - b + i + 1) for i in range(b)))), np.int64)
    found = floyd(draws.T[None], m)[0].T
    subsets_found, counts = np.unique(found, axis=0, return_counts=True)
    assert len(subsets_found) == comb(m, b)
    assert set(counts.tolist()) == {factorial(b)}
    assert (np.diff(found, axis=1) > 0).all()


def test_subsets_of_one_run_look_uniform_and_independent_over_steps() -> None:
    """Chi-square over pairs of successive 2-subsets of [0, 4): 36 cells; false-alarm rate ALARM."""
    who = np.arange(20_000, dtype=np.uint64)
    drawn = subsets(5, who, range(2), 4, 2)
    label = drawn[:, 0] * 4 + drawn[:, 1]
    _, counts = np.unique(label[0] * 16 + label[1], return_counts=True)
    assert len(counts) == 36
    assert stats.chisquare(counts).pvalue > ALARM


@pytest.mark.parametrize(("m", "b"), [(9, 1), (9, 4), (9, 9), (40, 30)])
def test_subsets_do_not_depend_on_how_a_run_is_cut(m: int, b: int) -> None:
    whole = subsets(3, np.arange(6, dtype=np.uint64), range(7), m, b)
    late = subsets(3, np.arange(4, 6, dtype=np.uint64), range(5, 7), m, b)
    assert np.array_equal(whole[5:, :, 4:], late)


def test_gaussians_have_the_normal_law_and_do_not_depend_on_other_replicas() -> None:
    """Kolmogorov-Smirnov for the law, Pearson for the pairs; false-alarm rate ALARM each."""
    sample = gaussians(8, range(20_000), 2)
    assert stats.kstest(sample.ravel(), "norm").pvalue > ALARM
    assert stats.pearsonr(sample[:, 0], sample[:, 1]).pvalue > ALARM
    assert np.array_equal(gaussians(8, range(17, 19), 2), sample[17:19])
    assert np.array_equal(gaussians(8, range(3), 1)[:, 0], sample[:3, 0])


@pytest.mark.parametrize("seed", [-1, 2**64, 1.5, True, "7"])
def test_a_seed_outside_its_range_is_named(seed: object) -> None:
    with pytest.raises(InputError, match="it must be an integer from 0"):
        key_of(seed)  # type: ignore[arg-type]
