"""Completing the square: forms with symbolic matrices, with pivots that may vanish, strict and not."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker import polynomial as poly
from checks.checker.accept import check
from checks.checker.goal import Goal, goals
from checks.claim import forall
from checks.engine.budget import Budget, NotFound
from checks.engine.complement import by_complement, form_variables, quadratics
from checks.engine.prove import Search

SECONDS = 30.0
FORM2 = "a*x**2 + 2*b*x*y + c*y**2"
FORM3 = "a*x**2 + b*y**2 + c*z**2 + 2*d*x*y + 2*e*x*z + 2*f*y*z"
DETERMINANT = "a*b*c + 2*d*e*f - a*f**2 - b*e**2 - c*d**2"
LEADING = ["a > 0", "a*b - d**2 > 0"]
PRINCIPAL = ["a >= 0", "b >= 0", "c >= 0", "a*b >= d**2", "a*c >= e**2", "b*c >= f**2", f"{DETERMINANT} >= 0"]

TRUE = [
    (["a > 0", "a*c >= b**2"], f"{FORM2} >= 0"),
    (["a > 0", "a*c > b**2", "y != 0"], f"{FORM2} > 0"),
    (["a > 0", "a*c > b**2", "x**2 + y**2 > 0"], f"{FORM2} > 0"),
    # the first pivot may vanish
    (["a >= 0", "c >= 0", "a*c >= b**2"], f"{FORM2} >= 0"),
    (["a >= 0", "c >= 0", "a*c >= b**2"], f"({FORM2})/3 >= 0"),
    (["a >= 0", "c >= 0", "a*c >= b**2"], f"-({FORM2})/6 <= -(a*x**2/12 + b*x*y/6 + c*y**2/12)"),
    ([*LEADING, f"{DETERMINANT} >= 0"], f"{FORM3} >= 0"),
    ([*LEADING, f"{DETERMINANT} > 0", "x**2 + y**2 + z**2 > 0"], f"{FORM3} > 0"),
    (PRINCIPAL, f"{FORM3} >= 0"),
    (["L >= a", "L >= c", "(L - a)*(L - c) >= b**2"], f"{FORM2} <= L*(x**2 + y**2)"),
    # not only forms
    (["p >= 1", "q >= 1"], "p*x**2 + 2*x + q*(y**2 + 1) >= 0"),
]
FALSE = [
    (["a >= 0", "a*c >= b**2"], f"{FORM2} >= 0"),
    (["a > 0", "a*c > b**2"], f"{FORM2} > 0"),
    (["a > 0", "a*c >= b**2", "x**2 + y**2 > 0"], f"{FORM2} > 0"),
    (["a > 0", "a*b - d**2 > 0"], f"{FORM3} >= 0"),
    (["a >= 0", "a*b >= d**2", f"{DETERMINANT} >= 0"], f"{FORM3} >= 0"),
]


def statement(hypotheses: list[str], show: str) -> tuple[dict[str, Any], Goal]:
    formal = forall("form", [show], given=hypotheses).formal
    (goal,) = goals(formal)
    return formal, goal


def proof(hypotheses: list[str], show: str) -> tuple[dict[str, Any], dict[str, Any]]:
    formal, goal = statement(hypotheses, show)
    prove = Search(Budget(SECONDS), 1).prove
    return formal, {"verdict": "proved", "steps": [by_complement(goal, prove)]}


@pytest.mark.parametrize(("hypotheses", "show"), TRUE)
def test_a_form_is_proved_by_its_complements(hypotheses, show):
    assert check(*proof(hypotheses, show)) == "proved"


@pytest.mark.parametrize(("hypotheses", "show"), FALSE)
def test_a_form_that_may_be_negative_or_zero_is_not(hypotheses, show):
    goal = statement(hypotheses, show)[1]
    with pytest.raises(NotFound):
        by_complement(goal, Search(Budget(1.5), 1).prove)


def value(q: poly.Poly, at: dict[str, int]) -> int:
    return int(poly.evaluate(q, {name: poly.Fraction(v) for name, v in at.items()}))


@settings(max_examples=30, deadline=None)
@given(st.fixed_dictionaries({name: st.integers(-9, 9) for name in "abcdefxyz"}))
def test_the_complement_is_that_of_the_completed_square(at):
    goal = statement([], f"{FORM3} + x*y*a - 3*z >= 0")[1]
    p = goal.difference()[0]
    found = quadratics(goal)
    assert {q.variable for q in found} == {"x", "y", "z"}
    for q in found:
        assert q.value == p
        assert 4 * value(q.a, at) * value(p, at) == value(q.root, at) ** 2 + value(q.complement, at)
        assert q.variable not in poly.generators(q.complement)


def test_the_variables_of_a_form_are_told_from_its_parameters():
    q = next(q for q in quadratics(statement(["a > 0"], f"{FORM3} >= 0")[1]) if q.variable == "y")
    assert form_variables(q) == ["x", "y", "z"]
    q = next(q for q in quadratics(statement([], "a*x**2 + 2*x + y**2 >= 0")[1]) if q.variable == "x")
    assert form_variables(q) == []


def test_integers_and_denominators_are_left_alone():
    (goal,) = goals(forall("form", ["n**2 + n*x + x**2 >= 0"], integers=["n"]).formal)
    assert [q.variable for q in quadratics(goal)] == ["x"]
    assert quadratics(statement(["y > 0"], "x**2/y + x + y >= 0")[1]) == []
