"""Charts and their cubes: exact composition as the checker's, floating-point coefficients near the exact ones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker import boxes
from checks.checker import polynomial as poly
from checks.checker.accept import prove as verify
from checks.checker.goal import Goal, Rejected, goals
from checks.checker.grammar import parse
from checks.checker.kinds import bernstein
from checks.claim import forall
from checks.engine.bernstein import chart as charts
from checks.engine.bernstein.cubes import coefficients, composed, halves, positive_faces, widest
from checks.engine.bernstein.subdivision import by_bernstein
from checks.engine.budget import Budget, NotFound

DOMAINS = [
    ["0 <= x <= 1", "x <= y <= 2"],
    ["x >= 0", "0 <= y <= 3*x + 1"],
    ["x <= 1/3", "-x*x <= y", "y <= 5"],
    ["0 <= x", "y >= 0", "x + y <= 1"],
]
powers = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)),
    st.fractions(Fraction(-9), Fraction(9), max_denominator=7).filter(bool),
    min_size=1,
    max_size=6,
)


def goal_of(given_lines: list[str], show: str) -> Goal:
    (goal,) = goals(forall("chart", [show], given=given_lines).formal)
    return goal


def polynomial(terms: dict[tuple[int, int], Fraction]) -> poly.Poly:
    return {tuple((n, e) for n, e in zip("xy", m, strict=True) if e): v for m, v in terms.items()}


@settings(max_examples=60, deadline=None)
@given(powers, st.sampled_from(DOMAINS))
def test_composition_is_that_of_the_checker(terms, domain):
    goal, p = goal_of(domain, "x >= y"), polynomial(terms)
    found = list(charts.charts(goal, {"x", "y"}))
    assert found
    for chart in found:
        table, degrees = bernstein.unit_cube(p, [axis.as_json() for axis in chart], goal)
        mine = composed(p, chart)
        assert {m: Fraction(int(v.p), int(v.q)) for m, v in mine.items()} == table
        exact = boxes.bernstein(table, degrees)
        floats = coefficients(mine, degrees)
        size = sum(abs(v) for v in table.values())
        # each entry is a convex combination of sums of power coefficients: a few roundings of their total size
        assert all(abs(floats[i] - float(v)) <= 1e-13 * float(size) for i, v in exact.items())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-9, 9), min_size=6, max_size=6), st.sampled_from([0, 1]))
def test_halves_are_those_of_the_checker(values, axis):
    degrees = (2, 1)
    b = np.array(values, dtype=float).reshape(3, 2)
    exact = {(i, j): Fraction(values[2 * i + j]) for i in range(3) for j in range(2)}
    for mine, theirs in zip(halves(b, axis), boxes.halve(exact, degrees, axis), strict=True):
        # halves of small integers are exact
        assert all(mine[i] == float(v) for i, v in theirs.items())
    for edges in ([(False, False), (True, False)], [(True, True), (False, True)]):
        try:
            boxes.require_positive_faces(exact, degrees, edges)
            positive = True
        except Rejected:
            positive = False
        assert positive_faces(b, edges) is positive


def test_the_widest_axis_is_where_coefficients_vary():
    assert widest(np.array([[0.0, 1.0], [0.0, 1.0]])) == 1
    assert widest(np.array([[0.0], [3.0]])) == 0


def test_many_variables_without_bounds_have_no_chart():
    names = [f"x{i}" for i in range(14)]
    goal = goal_of(["x0 >= 0", "x1 >= x0"], f"{' + '.join(names)} >= 0")
    assert list(charts.charts(goal, set(names))) == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_chart_is_triangular_and_covers_the_variables(domain):
    for chart in charts.charts(goal_of(domain, "x >= y"), {"x", "y"}):
        earlier: set[str] = set()
        for axis in chart:
            for end in (axis.low, axis.high):
                assert end is None or poly.generators(end) <= earlier
            earlier.add(axis.variable)
        assert earlier == {"x", "y"}


@pytest.mark.parametrize(
    ("domain", "show"),
    [
        (["0 <= x <= 1", "0 <= y <= 1"], "x**2 - x*y + y**2 + 1/100 > x/40"),
        (["0 < x <= 1", "0 <= y <= x"], "x*y*(1 - x) + 1/10 > (x - y)*x*y/4 - y/50"),
        (["0 <= x <= 1", "0 <= y <= 1"], "4*x**2 - 4*x + 21/10 > y"),
        # coefficients of very different size
        (["0 <= x <= 1", "0 <= y <= 1"], "10**20*x*y + x**2 + y + 1/10**9 > 0"),
    ],
)
def test_what_is_found_in_floats_is_verified_exactly(domain, show):
    goal = goal_of(domain, show)
    p = goal.difference()[0]
    verify(p, ">", goal, by_bernstein(p, ">", goal, Budget(10.0)))


def test_a_value_below_zero_by_less_than_rounding_is_no_proof():
    goal = goal_of(["0 <= x <= 1", "0 <= y <= 1"], "x*y + 1 - 1 >= 0")
    p = poly.ratio(parse("10**20*x*y - 1/10**9 + x"), poly.Context())[0]
    with pytest.raises(NotFound):
        by_bernstein(p, ">=", goal, Budget(5.0))


def test_a_zero_that_rounding_hides_is_found_exactly():
    # zero at x = 1/3, y = 0 and y = 1, where floats may leave a rounding error
    goal = goal_of(["0 <= x <= 1/3", "0 <= y <= 1"], "x >= y")
    p = poly.ratio(parse("1/3 - x + y*(1 - y)/7"), poly.Context())[0]
    verify(p, ">=", goal, by_bernstein(p, ">=", goal, Budget(5.0)))
