"""Traces and extreme eigenvalues: estimates inside their stated errors, bounds that hold, draws that repeat."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from numerics.errors import InputError
from numerics.hessian import (
    DiagonalPlusLowRank,
    HessianOperator,
    coordinate_hessian,
    eigenvalues,
    exact_trace,
    hutchinson,
    rademacher,
)
from numerics.hessian.trace import PROBES
from numerics.random import words
from theory.derive import update_map

RNG = np.random.Generator(np.random.PCG64(7))


def symmetric(n: int) -> tuple[HessianOperator, np.ndarray[Any, Any]]:
    matrix = RNG.normal(size=(n, n))
    matrix = (matrix + matrix.T) / 2
    return HessianOperator(lambda v: matrix @ v, n), matrix


def low_rank(n: int) -> DiagonalPlusLowRank:
    rows = RNG.normal(size=(2, n))
    return DiagonalPlusLowRank(RNG.normal(size=n), rows, rows)


def test_signs_are_bits_of_philox_words() -> None:
    signs = rademacher(11, range(3, 6), 70)
    for probe, row in zip(range(3, 6), signs, strict=True):
        for k, sign in enumerate(row):
            word = int(words(11, np.uint64(probe), np.uint64(k // 32), stream=PROBES))
            assert sign == (-1.0 if word >> (k % 32) & 1 else 1.0)
    assert np.array_equal(rademacher(11, range(3, 6), 40), signs[:, :40])
    assert not np.array_equal(rademacher(12, range(3, 6), 70), signs)


def test_exact_traces() -> None:
    operator, matrix = symmetric(30)
    assert exact_trace(operator) == pytest.approx(np.trace(matrix), rel=1e-14)
    assert operator.products == 30
    structured = low_rank(30)
    assert exact_trace(structured) == pytest.approx(np.trace(structured.dense()), rel=1e-13)


def test_the_standard_error_is_that_of_the_exact_variance() -> None:
    """20000 samples of a chi-square-like law: their standard deviation is within a few per cent of the exact one."""
    operator = low_rank(25)
    found = hutchinson(operator, probes=20_000, seed=1)
    exact = np.sqrt(2 * operator.off_diagonal_norm2() / 20_000)
    assert found.standard_error == pytest.approx(exact, rel=0.1)
    assert found.guaranteed == pytest.approx(exact * 10)  # 1/sqrt(1 - 0.99)
    assert abs(found.value - operator.trace()) < found.guaranteed


def test_stated_errors_hold_as_often_as_stated() -> None:
    """300 fixed seeds at level 0.9: Chebyshev's bound must not fail more than 30 times, Student's about 30 times."""
    operator = low_rank(20)
    truth = operator.trace()
    estimates = [hutchinson(operator, probes=40, seed=seed, confidence=0.9) for seed in range(300)]
    misses = sum(abs(e.value - truth) > (e.guaranteed or 0.0) for e in estimates)
    assert misses <= 30
    # binomial(300, 0.1) exceeds 60 with probability 2e-7; the law of a sample is skewed, so the level is approximate
    assert sum(abs(e.value - truth) > e.half_width for e in estimates) <= 60
    assert np.mean([e.value for e in estimates]) == pytest.approx(
        truth, abs=5 * np.sqrt(2 * operator.off_diagonal_norm2() / 12_000)
    )


def test_a_diagonal_matrix_has_no_error() -> None:
    operator = DiagonalPlusLowRank(np.array([1.5, -2.0, 4.0]), np.zeros((0, 3)), np.zeros((0, 3)))
    found = hutchinson(operator, probes=2)
    assert (found.value, found.standard_error, found.guaranteed) == (3.5, 0.0, 0.0)
    assert "3.5 +- 0 (Student, 99 %, guaranteed +- 0), standard error 0, 2 probes" in found.sentence()
    assert hutchinson(symmetric(4)[0]).guaranteed is None


def test_an_estimate_of_the_autoencoder_holds_its_closed_trace() -> None:
    state = RNG.normal(size=500) / 20
    operator = coordinate_hessian(update_map("linear"), state, m=200)
    found = hutchinson(operator, probes=50, seed=3, confidence=0.9999)
    assert found.guaranteed is not None
    assert abs(found.value - operator.trace()) <= found.guaranteed
    assert hutchinson(operator, probes=50, seed=3, confidence=0.9999) == found


@pytest.mark.parametrize("n", [1, 2, 5, 60, 200])
@pytest.mark.parametrize("end", ["largest", "smallest", "magnitude"])
def test_eigenvalues_lie_within_their_residuals(n: int, end: str) -> None:
    operator, matrix = symmetric(n)
    spectrum = np.linalg.eigvalsh(matrix)
    wanted = {"largest": spectrum[::-1], "smallest": spectrum, "magnitude": spectrum[np.argsort(-abs(spectrum))]}[end]
    for k in {1, min(n, 4)}:
        found = eigenvalues(operator, k, end)
        assert found.values.shape == (k,)
        assert found.vectors.shape == (n, k)
        # eigvalsh itself is within a small multiple of 1.1e-16 |H| of the spectrum
        assert np.all(abs(found.values - wanted[:k]) <= found.residuals + 1e-15 * n * abs(spectrum).max())
        assert np.all(found.residuals <= 1e-10 * abs(spectrum).max())
        assert np.allclose(np.linalg.norm(found.vectors, axis=0), 1.0)


def test_lanczos_takes_far_fewer_products_than_the_matrix() -> None:
    operator = low_rank(3000)
    found = eigenvalues(operator, 2)
    assert 0 < found.products < 300
    again = eigenvalues(operator, 2)
    assert np.array_equal(found.values, again.values)
    assert np.array_equal(found.vectors, again.vectors)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda h: eigenvalues(h, 0), r"k is 0 \(int\); it must be an integer from 1 to n = 6"),
        (lambda h: eigenvalues(h, 7), "from 1 to n = 6"),
        (lambda h: eigenvalues(h, 1, "top"), "unknown end of the spectrum 'top'"),
        (lambda h: hutchinson(h, 1), r"probes is 1 \(int\); it must be an integer of at least 2"),
        (lambda h: hutchinson(h, 5, confidence=1.0), "strictly between 0 and 1"),
    ],
)
def test_errors_name_what_was_given(call: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        call(symmetric(6)[0])
