"""The refuter: known counterexamples are found, short ones first; what is true is never refuted."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker.kinds import instance
from checks.engine.budget import Budget
from checks.engine.refute import search
from checks.engine.refute.screen import suspects

SHORT = {*search.SMALL, *search.PARAMETERS}
LONGEST = max(x.denominator for x in SHORT)


def formal(show: str, given: list[str] = (), **more) -> dict:
    return {"form": "forall", "let": [], "given": list(given), "show": [show], **more}


def find(show: str, given: list[str] = (), **more) -> dict[str, Fraction] | None:
    statement = formal(show, given, **more)
    found = search.find_point(statement, Budget(3.0))
    if found is None:
        return None
    instance.verify(statement, found)  # the checker's code: hypotheses hold, the conclusion does not
    return {name: Fraction(text) for name, text in found["values"].items()}


EIGHTHS = st.integers(-16, 16).map(lambda k: Fraction(k, 8))


@settings(max_examples=40, deadline=None)
@given(a=EIGHTHS, width=st.integers(1, 8).map(lambda k: Fraction(k, 4)))
def test_a_parabola_below_zero_on_an_interval(a, width):
    # false exactly where |x - a| < width; the interval is at least 1/2 wide
    at = find(f"(x - ({a}))**2 >= {width**2}")
    assert at is not None
    assert abs(at["x"] - a) < width
    assert at["x"].denominator <= LONGEST


@settings(max_examples=30, deadline=None)
@given(a=st.integers(1, 15).map(lambda k: Fraction(k, 16)), strict=st.booleans())
def test_a_bound_below_the_end_of_the_domain(a, strict):
    at = find(f"x <= {a}", ["0 <= x", "x < 1" if strict else "x <= 1"])
    assert at is not None
    assert a < at["x"] <= 1
    assert at["x"] in SHORT or at["x"].denominator <= LONGEST


@settings(max_examples=30, deadline=None)
@given(p=st.integers(1, 5), q=st.integers(1, 5), r=st.integers(0, 3))
def test_a_weighted_sum_that_is_too_large_in_a_corner(p, q, r):
    # the maximum p + q on the square is attained at the corner (1, 1) alone
    at = find(f"{p}*x + {q}*y + {r}*x*y < {p + q + r}", ["0 <= x", "x <= 1", "0 <= y", "y <= 1"])
    assert at == {"x": 1, "y": 1}


@settings(max_examples=20, deadline=None)
@given(eta=st.sampled_from(["1/5", "1/4", "1/2"]), slack=st.integers(1, 5))
def test_a_coupled_domain(eta, slack):
    # u <= N <= 1 and u N can be 1, so u N <= 1 - slack/10 fails; every hypothesis is respected
    at = find(f"u*N <= 1 - {slack}/10", ["0 <= u", "u <= N", "N <= 1", f"0 < eta <= {eta}"])
    assert at is not None
    assert 0 <= at["u"] <= at["N"] <= 1


DEGENERATE = [
    ("x/x == 1", [], {"x": 0}),
    ("x**2 > 0", [], {"x": 0}),
    ("a/S > 0", ["0 < a", "a < 1", "0 <= S"], {"S": 0}),
    ("x < 1", ["0 <= x", "x <= 1"], {"x": 1}),
    ("b < m", ["1 <= b", "b <= m", "m <= 4"], None),
    ("x*y != 0", [], None),
    ("sqrt(x) >= 0", [], None),
    ("log(x) < x", ["x >= 0"], {"x": 0}),
]


@pytest.mark.parametrize(("show", "given", "expected"), DEGENERATE)
def test_degenerate_cases_are_found(show, given, expected):
    at = find(show, given)
    assert at is not None
    for name, value in (expected or {}).items():
        assert at[name] == value
    assert all(x.denominator <= LONGEST for x in at.values())


def test_the_first_counterexample_is_a_short_one():
    # every x in (1/4, 1/3) u (3/5, 7) is a counterexample: 1, 2, 3, 5 are the short ones
    at = find("(4*x - 1)*(3*x - 1)*(5*x - 3)*(x - 7) >= 0")
    assert at["x"] in {1, 2, 3, 5, Fraction(3, 4), Fraction(9, 10)}


POLYNOMIALS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=3)


@settings(max_examples=25, deadline=None)
@given(rows=POLYNOMIALS, margin=st.integers(0, 2))
def test_a_sum_of_squares_is_never_refuted(rows, margin):
    squares = " + ".join(f"({a}*x + {b}*y + {c})**2" for a, b, c in rows)
    assert search.find_point(formal(f"{squares} + {margin} >= {margin}"), Budget(0.3)) is None


TRUE = [
    ("x*(1 - x) > 0", ["0 < x", "x < 1"]),
    ("log(1 + x) <= x", ["x > -1"]),
    ("exp(x) >= 1 + x", []),
    ("sqrt(x)**2 == x", ["x >= 0"]),
    ("abs(x + y) <= abs(x) + abs(y)", []),
    ("min(x, y) + max(x, y) == x + y", []),
    ("x == 0 or x**2 > 0", []),
    ("x > 1 implies x**2 > x", []),
    ("x/(1 + x) < 1", ["x > 0"]),
]


@pytest.mark.parametrize(("show", "given"), TRUE)
def test_a_true_statement_is_never_refuted(show, given):
    for seed in range(2):
        assert search.find_point(formal(show, given), Budget(1.0), seed) is None


def test_floats_propose_but_do_not_decide():
    # at x = 1/10 this is an identity of rationals and 5.6e-17 in floats
    assert search.find_point(formal("x + x + x == 3*x"), Budget(0.5)) is None
    # and a difference far below the precision of floats is not taken for a strict inequality that fails
    assert search.find_point(formal("x + 1/10**30 > x", ["0 <= x", "x <= 1"]), Budget(0.5)) is None


def test_a_strict_inequality_that_fails_by_equality_passes_the_screen():
    show = [instance.lines(formal("x**2 > 0"), "show")[0]]
    points = [{"x": Fraction(1)}, {"x": Fraction(0)}]
    assert suspects([], show, points) == [1]
    assert suspects([], show, []) == []


INDEX = {"atoms": {"A": "p", "B": "q"}, "sets": {"all": ["A", "B"]}, "families": {"c": None}, "indices": {}}


def test_the_smallest_instances_come_first():
    sizes = [tuple(len(m) for m in layout.values()) for layout in search.layouts(INDEX)]
    assert [sum(s) for s in sizes] == sorted(sum(s) for s in sizes)
    assert sizes[0] in {(0, 1), (1, 0)}
    for layout in search.layouts(INDEX):
        positions = sorted(p for members in layout.values() for p in members)
        assert positions == list(range(len(positions)))


def test_indexed_claims_are_refuted_by_the_smallest_instance():
    # true for one position in each atom, false for two in A: (c_0 + c_1)**2 is not c_0**2 + c_1**2
    statement = formal("sum(i:A, c[i])**2 == sum(i:A, c[i]**2)", index=INDEX)
    found = search.find_point(statement, Budget(3.0))
    assert found is not None
    instance.verify(statement, found)
    assert len(found["layout"]["A"]) == 2


def test_an_indexed_truth_is_not_refuted():
    statement = formal("sum(i:all, c[i]**2) >= sum(i:A, c[i]**2)", index=INDEX)
    assert search.find_point(statement, Budget(1.0)) is None


def test_an_integer_that_the_statement_does_not_mention_does_not_stop_the_search():
    assert find("x > 0", integers=["k"]) is not None
