"""The drift of the log-ratio against enumeration of all batches with an independent step."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.derive import coordinates as co
from theory.derive import log_ratio
from theory.study import Autoencoder

STATES = st.lists(st.fractions(Fraction(1, 10), 1, max_denominator=10), min_size=2, max_size=4)


def moved(c: list[Fraction], outside: Fraction, batch: tuple[int, ...], eta: Fraction) -> list[Fraction]:
    """Return the data coordinates after one step: minus eta times the gradient, written out for each sample."""
    norm, new = sum(x * x for x in c) + outside, list(c)
    for i in batch:
        # gradient of sum_j (delta_ij - c_j c_i)^2 / 2 in c_k: c_k c_i^2 - 2 delta_ik c_i + delta_ik c_i |c|^2
        for k in range(len(c)):
            new[k] -= eta * (c[k] * c[i] ** 2 + (c[i] * (norm - 2) if k == i else 0))
    return new


def ratio(c: list[Fraction]) -> Fraction:
    sizes = [abs(x) for x in c]
    return max(sizes) / (sum(sizes) - max(sizes))


@settings(max_examples=10, deadline=None)
@given(
    c=STATES,
    outside=st.fractions(0, 1, max_denominator=5),
    eta=st.fractions(Fraction(1, 50), Fraction(1, 5), max_denominator=50),
    data=st.data(),
)
def test_the_drift_is_the_average_over_all_batches(c, outside, eta, data):
    b = data.draw(st.integers(1, len(c) - 1))
    batches = list(combinations(range(len(c)), b))
    drift = log_ratio.conditional_drift(c, outside, eta, b)
    expected = [(x, Fraction(1, len(batches)), ratio(moved(c, outside, x, eta)) / ratio(c)) for x in batches]
    assert list(drift.terms) == expected


def test_the_drift_takes_absolute_values_after_a_large_step():
    c, eta = [Fraction(1), Fraction(1, 2)], Fraction(3)
    new = [moved(c, Fraction(0), (i,), eta) for i in range(2)]
    assert any(x < 0 for state in new for x in state)
    drift = log_ratio.conditional_drift(c, Fraction(0), eta, 1)
    assert [q for _, _, q in drift.terms] == [ratio(state) / ratio(c) for state in new]


def test_value_and_exact_are_the_same_number():
    drift = log_ratio.conditional_drift(
        [Fraction(1, 2), Fraction(1, 3), Fraction(1, 7)], Fraction(0), Fraction(1, 5), 2
    )
    assert drift.value(30) == sp.N(drift.exact(), 30)
    assert Autoencoder().log_ratio_drift(["1/2", "1/3", "1/7"], eta="0.2", b=2) == drift.exact()


@pytest.mark.parametrize("state", [[Fraction(1)], [Fraction(1), Fraction(0)], [Fraction(1), Fraction(-1)], []])
def test_states_without_a_log_ratio_are_refused(state):
    with pytest.raises(ValueError, match="positive data coordinates"):
        log_ratio.conditional_drift(state, Fraction(0), Fraction(1, 5), 1)


def test_the_factor_ratio_is_that_of_an_explicit_step():
    c, outside, eta, batch = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 5)], Fraction(1, 7), Fraction(1, 9), (0, 2)
    new = moved(c, outside, batch, eta)
    at = {co.u: c[0] ** 2 + c[2] ** 2, co.N: sum(x * x for x in c) + outside, co.eta: eta}
    found = log_ratio.factor_ratio().subs({s: sp.Rational(v) for s, v in at.items()})
    assert Fraction(str(found)) == (new[0] / c[0]) / (new[1] / c[1]) == (new[2] / c[2]) / (new[1] / c[1])


@pytest.mark.parametrize(("m", "b"), [(m, b) for m in range(2, 6) for b in range(1, m)])
def test_expected_shares_are_those_of_the_enumeration(m, b):
    shares = log_ratio.expected_shares()
    # weights of the other coordinates: the share of S must not depend on them
    weights = [Fraction(1, k + 2) for k in range(1, m)]
    total, batches = sum(weights), list(combinations(range(m), b))
    part = {True: Fraction(0), False: Fraction(0)}
    count = {True: 0, False: 0}
    for batch in batches:
        inside = 0 in batch
        count[inside] += 1
        part[inside] += sum((w for k, w in enumerate(weights, 1) if (k in batch) != inside), Fraction(0))
    names = {True: "Y given i* in the batch", False: "X given i* not in the batch"}
    for inside, name in names.items():
        found = shares[name].subs({co.m: m, co.b: b})
        assert Fraction(str(found)) == part[inside] / (count[inside] * total)


def test_the_asymptotic_drift_is_the_limit_of_explicit_drifts():
    # u and N are eps^2 away from their limits; |d log A| <= eta (|du| + |dN|) / A and
    # |d log B| <= eta |du| / B with A >= 1, B >= 4/5 and eta = 1/5, in total below 1
    for eps in (Fraction(1, 10**6), Fraction(1, 10**9)):
        drift = log_ratio.conditional_drift([Fraction(1), eps], Fraction(0), Fraction(1, 5), 1)
        limit = log_ratio.asymptotic_drift().subs({co.m: 2, co.eta: sp.Rational(1, 5)})
        assert abs(drift.value(40) - sp.N(limit, 40)) <= sp.Rational(eps) ** 2
