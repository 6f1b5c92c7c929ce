"""Whatever the engine decides about a random claim is true at every point that this file can think of."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import product

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.checker.accept import check
from checks.claim import Part, forall
from checks.engine import decide
from checks.verdict import Evidence, Status

NAMES = ("x", "y")
MONOMIALS = [(i, j) for i in range(3) for j in range(3) if i + j <= 3]
COEFFICIENTS = st.lists(st.fractions(-2, 2, max_denominator=4), min_size=len(MONOMIALS), max_size=len(MONOMIALS))
SIGNS = {
    "<": lambda a: a < 0,
    "<=": lambda a: a <= 0,
    ">": lambda a: a > 0,
    ">=": lambda a: a >= 0,
    "!=": lambda a: a != 0,
}
# two-sided ranges of x and y, open or closed
ENDS = st.tuples(st.sampled_from(["<", "<="]), st.sampled_from(["<", "<="]))
GRID = [Fraction(k, 12) for k in range(13)] + [Fraction(1, 1000), Fraction(999, 1000)]


def text(coefficients: list[Fraction]) -> str:
    return " + ".join(f"({c})*x**{i}*y**{j}" for c, (i, j) in zip(coefficients, MONOMIALS, strict=True))


def value(coefficients: list[Fraction], x: Fraction, y: Fraction) -> Fraction:
    return sum((c * x**i * y**j for c, (i, j) in zip(coefficients, MONOMIALS, strict=True)), Fraction(0))


def inside(v: Fraction, ends: tuple[str, str]) -> bool:
    return (v > 0 or (ends[0] == "<=" and v == 0)) and (v < 1 or (ends[1] == "<=" and v == 1))


def claim(coefficients: list[Fraction], sign: str, xs: tuple[str, str], ys: tuple[str, str]) -> Part:
    given = [f"0 {ends[0]} {name} {ends[1]} 1" for name, ends in zip(NAMES, (xs, ys), strict=True)]
    return forall("random", f"{text(coefficients)} {sign} 0", given=given)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(coefficients=COEFFICIENTS, lift=st.integers(-1, 6), sign=st.sampled_from(list(SIGNS)), xs=ENDS, ys=ENDS)
def test_a_random_polynomial_inequality_on_a_square(coefficients, lift, sign, xs, ys):
    # the lift of the constant term makes claims of every kind: true, tight and false
    moved = [coefficients[0] + (lift if sign in (">", ">=", "!=") else -lift), *coefficients[1:]]
    evidence = decide(claim(moved, sign, xs, ys), seconds=1.0)
    if evidence.status is Status.PROVED:
        for x, y in product(GRID, repeat=2):
            assert not (inside(x, xs) and inside(y, ys)) or SIGNS[sign](value(moved, x, y)), (x, y)
    elif evidence.status is Status.REFUTED:
        x, y = (Fraction(evidence.counterexample[name]) for name in NAMES)
        assert inside(x, xs)
        assert inside(y, ys)
        assert not SIGNS[sign](value(moved, x, y))
    # what the ledger keeps is enough to check it again
    again = Evidence.from_json(json.loads(json.dumps(evidence.as_json())))
    if again.certificate is not None:
        assert check(again.formal, again.certificate) == evidence.status.value


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(coefficients=COEFFICIENTS, lift=st.integers(1, 6))
def test_a_claim_and_its_negation_are_never_both_proved(coefficients, lift):
    moved = [coefficients[0] + lift, *coefficients[1:]]
    both = [decide(claim(moved, sign, ("<=", "<="), ("<=", "<=")), seconds=0.5).status for sign in (">", "<=")]
    assert both != [Status.PROVED, Status.PROVED]
    # at (0, 0) one of the two is false
    assert (both[1] if moved[0] > 0 else both[0]) is not Status.PROVED


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(coefficients=COEFFICIENTS, scale=st.fractions(Fraction(1, 5), 5, max_denominator=5))
def test_a_positive_factor_does_not_turn_a_verdict_round(coefficients, scale):
    verdicts = set()
    for factor in (Fraction(1), scale):
        part = claim([factor * c for c in coefficients], ">=", ("<=", "<="), ("<=", "<="))
        verdicts.add(decide(part, seconds=0.5).status)
    assert not verdicts >= {Status.PROVED, Status.REFUTED}
