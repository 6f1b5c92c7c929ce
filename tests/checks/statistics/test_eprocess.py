"""The sequential test: its e-value is the mixture integral, and it seldom decides falsely however often one looks."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from checks.statistics import ErrorBudget, ShareTest


def exact_e(s: int, f: int, p0: Fraction) -> Fraction:
    """Return (1/(1-p0)) times the integral from p0 to 1 of (q/p0)^s ((1-q)/(1-p0))^f, expanded and integrated."""
    total = Fraction(0)
    for k in range(f + 1):
        # (1-q)^f = sum C(f,k) (-q)^k
        total += Fraction(math.comb(f, k) * (-1) ** k, s + k + 1) * (1 - p0 ** (s + k + 1))
    return total / (p0**s * (1 - p0) ** f) / (1 - p0)


@settings(max_examples=80, deadline=None)
@given(s=st.integers(0, 25), f=st.integers(0, 25), p0=st.integers(1, 19).map(lambda k: Fraction(k, 20)))
def test_the_e_value_is_the_integral(s, f, p0):
    test = ShareTest(float(p0), 0.05)
    result = test.update(s, f)
    with mpmath.workdps(50):
        exact = exact_e(s, f, p0)
        expected = float(mpmath.log(mpmath.mpf(exact.numerator) / exact.denominator))
    # p0 is rounded to a double: a relative change of 2**-53 in p0 or 1 - p0 moves log E by at most
    # (s + f) / min(p0, 1 - p0) times that; SciPy states its incomplete beta function to 1e-13 relative for such
    # arguments, and the sum has terms of this size
    size = abs(expected) + (s + f + 1) * (1 + abs(math.log(p0)) + abs(math.log(1 - p0)))
    assert abs(result.log_e - expected) <= 1e-12 * (1 + size / float(min(p0, 1 - p0)))


@pytest.mark.parametrize("p0", [Fraction(1, 2), Fraction(9, 10), Fraction(1, 20)])
@pytest.mark.parametrize("p", [Fraction(1), Fraction(1, 2)])
def test_the_e_value_is_a_supermartingale_under_the_null(p0, p):
    # E(E_{t+1} | s, f) = p E(s+1, f) + (1-p) E(s, f+1) <= E(s, f) for p <= p0, with equality at p = p0
    for s in range(6):
        for f in range(6):
            here = exact_e(s, f, p0)
            assert p0 * exact_e(s + 1, f, p0) + (1 - p0) * exact_e(s, f + 1, p0) == here
            q = p * p0
            assert q * exact_e(s + 1, f, p0) + (1 - q) * exact_e(s, f + 1, p0) <= here
    assert exact_e(0, 0, p0) == 1
    assert ShareTest(float(p0), 0.5).log_e() == pytest.approx(0, abs=1e-12)


def false_alarms(p: float, p0: float, alpha: float, runs: int, steps: int, seed: int) -> int:
    """Count the runs that ever decide, with a look after every replica (counts repeat: E is tabulated by them)."""
    rng = np.random.default_rng(seed)
    table: dict[tuple[int, int], bool] = {}
    alarms = 0
    for _ in range(runs):
        hits = np.cumsum(rng.random(steps) < p)
        for t, s in enumerate(hits.tolist(), 1):
            if (s, t - s) not in table:
                test = ShareTest(p0, alpha)
                table[s, t - s] = test.update(s, t - s).decided
            if table[s, t - s]:
                alarms += 1
                break
    return alarms


@pytest.mark.parametrize(("p0", "seed"), [(0.5, 1), (0.9, 2), (0.99, 3), (0.05, 4)])
def test_false_alarms_stay_within_the_stated_probability(p0, seed):
    # at p = p0, the worst case of the null; more than `bound` alarms have probability 1e-6 if the test is honest
    runs, alpha = 400, 0.05
    bound = int(binom.isf(1e-6, runs, alpha))
    assert binom.sf(bound, runs, alpha) <= 1e-6
    assert false_alarms(p0, p0, alpha, runs, 250, seed) <= bound


def test_an_honest_property_is_supported_in_the_end():
    test = ShareTest(0.9, 1e-6)
    assert not test.update(5).decided
    # after s successes the e-value is at least the integral over the upper half of [p0, 1]: ((1 + p0)/2/p0)**s / 2
    needed = math.ceil(math.log(2e6) / math.log(0.95 / 0.9))
    assert test.update(needed).decided


def test_a_decision_once_made_stays():
    test = ShareTest(0.5, 0.05)
    assert test.update(60).decided
    result = test.update(0, 500)
    assert result.decided
    assert result.log_e < 0
    assert (result.successes, result.failures) == (60, 500)
    assert "exceeds" in result.sentence()


def test_the_order_of_updates_within_a_look_does_not_matter():
    one, other = ShareTest(0.7, 0.05), ShareTest(0.7, 0.05)
    one.update(30, 4)
    for _ in range(30):
        other.update(1)
    other.update(0, 4)
    assert one.log_e() == other.log_e()


@pytest.mark.parametrize(("s", "f", "p0"), [(0, 500, 0.99), (3, 2000, 0.9), (0, 20000, 0.5)])
def test_hopeless_counts_have_a_finite_e_value(s, f, p0):
    assert math.isfinite(ShareTest(p0, 0.05).update(s, f).log_e)


@pytest.mark.parametrize(("p0", "alpha"), [(0, 0.5), (1, 0.5), (0.5, 0), (0.5, 1), (-0.1, 0.5), (float("nan"), 0.5)])
def test_shares_and_error_probabilities_lie_strictly_between_zero_and_one(p0, alpha):
    with pytest.raises(ValueError, match="strictly between 0 and 1"):
        ShareTest(p0, alpha)


def test_the_sentence_names_counts_share_and_threshold():
    words = ShareTest(0.9, 0.001).update(10, 2).sentence()
    assert "10 of 12" in words
    assert "0.9" in words
    assert "1e+03" in words
    assert "stays below" in words


# --- the budget ----------------------------------------------------------------------------------------------------


def test_a_budget_is_never_overdrawn():
    budget = ErrorBudget(1e-6, 4)
    allotted = [budget.allot(f"test {n}") for n in range(4)]
    assert sum(allotted) <= 1e-6
    assert len(set(allotted)) == 1
    with pytest.raises(ValueError, match=r"4 shares.*'one more'"):
        budget.allot("one more")


def test_asking_again_for_the_same_test_costs_nothing():
    budget = ErrorBudget(1e-6, 1)
    assert budget.allot("a") == budget.allot("a") == 1e-6
    assert budget.used == {"a": 1e-6}
