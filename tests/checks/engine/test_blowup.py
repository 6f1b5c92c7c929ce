"""Blow-up charts: zeros at corners are resolved, what is false is not proved, and the checker accepts every proof."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker import polynomial as poly
from checks.checker.accept import check
from checks.checker.goal import Goal, goals
from checks.checker.grammar import parse
from checks.claim import forall
from checks.engine.bernstein.blowup import by_blowup
from checks.engine.bernstein.corners import corner_zero, pair, without_monomial
from checks.engine.budget import Budget, NotFound
from checks.engine.prove import Search

SECONDS = 20.0
SQUARE = ["0 <= x <= 1", "0 <= y <= 1"]
CUBE = [*SQUARE, "0 <= z <= 1"]

TRUE = [
    (SQUARE, "x**2 - 3*x*y**2 + 4*y**4 >= 0"),
    (SQUARE, "x**4 + y**6 >= x**2*y**3"),
    (SQUARE, "x**4 + y**10 >= x**2*y**5 + x**3*y**7/10"),
    (SQUARE, "x**7 + y**11 + x**3*y**4/3 >= x**3*y**6 + x**6*y**6/10"),
    # strict, where the corner is excluded by one of the variables
    (["0 < x <= 1", "0 <= y <= 1"], "x**2 - 3*x*y**2 + 4*y**4 > 0"),
    (["0 <= x <= 1", "0 < y <= 1"], "x**2 - 3*x*y**2 + 4*y**4 > 0"),
    # corners that are not the origin, and a zero inside an edge
    (SQUARE, "(1 - x)**2 - 3*(1 - x)*y**2 + 4*y**4 >= 0"),
    (["-2 <= x <= -1", "3 <= y <= 4"], "(x + 1)**4 + (y - 3)**6 >= (x + 1)**2*(y - 3)**3"),
    (SQUARE, "(x - 1/3)**4 + (y - 1)**6 >= (x - 1/3)**2*(1 - y)**3"),
    # constant denominators
    (SQUARE, "x**2 + (y - 1/2)**2 - 3/2*x*(y - 1/2) >= 0"),
    (SQUARE, "(x**2 - 3*x*y**2 + 4*y**4)/7 >= (x**2 - 3*x*y**2 + 4*y**4)/9"),
    # a zero along the exceptional line of a chart
    (["x >= 0", "y >= 0"], "x**2 - 2*x*y**2 + y**4 + x**3*y >= 0"),
    # terms of higher weight, held down by a short range
    (["0 <= x <= 1/10", "0 <= y <= 1/10"], "x**2 - 3*x*y**2 + 4*y**4 >= x**3 + y**5"),
    # three variables; bounds that follow from several hypotheses
    (CUBE, "x**3 + y**3 + z**6 + x*y*z >= 3*x*y*z**2"),
    (["x >= 0", "y >= 0", "x + y <= 1"], "x**2 - 3*x*y**2 + 4*y**4 >= 0"),
]
FALSE = [
    (SQUARE, "x**2 - 3*x*y**2 + 2*y**4 >= 0"),
    (SQUARE, "x**2 - 3*x*y**2 + 4*y**4 > 0"),
    (["x >= 0", "y >= 0"], "x**2 - 2*x*y**2 + y**4 - x**3*y >= 0"),
    (SQUARE, "x**4 + y**6 >= 201*x**2*y**3/100"),
    (["-1 <= x <= 1", "0 <= y <= 1"], "x**4 + y**5 >= x**3*y"),
]


def the_goal(hypotheses: list[str], show: str) -> tuple[dict[str, Any], Goal]:
    formal = forall("corner", [show], given=hypotheses).formal
    (goal,) = goals(formal)
    return formal, goal


def blown_up(hypotheses: list[str], show: str) -> tuple[dict[str, Any], dict[str, Any]]:
    formal, goal = the_goal(hypotheses, show)
    budget = Budget(SECONDS)
    return formal, {"verdict": "proved", "steps": [by_blowup(goal, Search(budget, 0).prove, budget)]}


@pytest.mark.parametrize(("hypotheses", "show"), TRUE)
def test_a_corner_zero_is_resolved_in_a_short_certificate(hypotheses, show):
    formal, certificate = blown_up(hypotheses, show)
    assert check(formal, certificate) == "proved"
    assert len(json.dumps(certificate, separators=(",", ":"))) < 10_000


@pytest.mark.parametrize(("hypotheses", "show"), FALSE)
def test_what_is_false_near_a_corner_is_not_proved(hypotheses, show):
    with pytest.raises(NotFound):
        blown_up(hypotheses, show)


def test_without_a_zero_at_a_corner_there_is_nothing_to_blow_up():
    with pytest.raises(NotFound, match="no zero at a corner"):
        blown_up(SQUARE, "x**2 + y**2 + 1 >= x*y")


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.fractions(Fraction(1, 10), Fraction(19, 10), max_denominator=10))
def test_any_weights_come_out_of_charts_of_charts(a, b, c):
    # t^2 - c t + 1 > 0 for c < 2 at t = x^a / y^b
    formal, certificate = blown_up(SQUARE, f"x**{2 * a} + y**{2 * b} >= {c}*x**{a}*y**{b}")
    assert check(formal, certificate) == "proved"


def polynomial(text: str) -> poly.Poly:
    return poly.ratio(parse(text), poly.Context())[0]


exponents = st.tuples(st.integers(0, 4), st.integers(0, 4))


@given(st.dictionaries(exponents, st.integers(-3, 3).filter(bool), min_size=1, max_size=5), exponents)
def test_the_largest_monomial_is_divided_out(terms, shift):
    p = {monomial(m): Fraction(v) for m, v in terms.items()}
    q = without_monomial(poly.multiply(p, {monomial(shift): Fraction(1)}))
    assert q == without_monomial(p)
    for name in ("x", "y"):
        assert any(name not in dict(m) for m in q)


def monomial(m: tuple[int, int]) -> poly.Monomial:
    return tuple((name, e) for name, e in zip(("x", "y"), m, strict=True) if e)


def test_the_pair_of_variables_makes_minimal_monomials_comparable():
    assert pair(polynomial("x**2 + y**4 + x*y*z"), ["x", "y", "z"]) == ("x", "y")
    with pytest.raises(NotFound):
        pair(polynomial("x + x*y"), ["x", "y"])


@pytest.mark.parametrize(
    ("hypotheses", "text", "corner"),
    [
        (SQUARE, "x**2 + y**3", {"x": (0, True), "y": (0, True)}),
        (SQUARE, "(1 - x)**2 + y", {"x": (1, False), "y": (0, True)}),
        (CUBE, "x**2 + y**3*z", {"x": (0, True), "y": (0, True)}),
        (SQUARE, "(2*x - 1)**2 + y", {"x": (Fraction(1, 2), True), "y": (0, True)}),
        (SQUARE, "x + y + 1", None),
        # the corner is cut off
        ([*SQUARE, "x + y >= 1/2"], "x + y", None),
    ],
)
def test_corner_zeros(hypotheses, text, corner):
    goal = the_goal(hypotheses, f"{text} >= 0")[1]
    assert corner_zero(polynomial(text), goal) == corner
