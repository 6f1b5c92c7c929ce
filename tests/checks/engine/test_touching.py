"""Proofs up to an algebraic end of the domain, where both sides of an inequality become equal."""

import pytest

from checks.checker.goal import goals
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.prove import Search, prove_at_once
from checks.engine.sharpen.touching import by_touching


@pytest.fixture(scope="module", autouse=True)
def _checker():
    yield
    CHECKER.close()


def touched(given, show):
    """Return whether the checker accepts what `by_touching` finds; the parts are left to a plain search."""
    formal = {"form": "forall", "let": [], "given": given, "show": [show]}
    budget = Budget(20)
    found = by_touching(goals(formal)[0], lambda goal: Search(budget, 1, plain=True).prove(goal), budget)
    return CHECKER.ask(formal, {"verdict": "proved", "steps": [found]}) == (True, "proved")


def test_zero_at_a_corner_for_the_square_root_of_two():
    # c**2 <= 2: 2 + x - c**2 is zero at x = 0
    assert touched(["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 1"], "c**2*(1 + x) <= 2 + 3*x")


def test_zero_inside_a_face_whose_place_moves_with_the_end():
    # x**2 - 2*c*x + 2 = (x - c)**2 + 2 - c**2
    assert touched(["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 2*c*x + 2 >= 0")


def test_a_strict_inequality_below_a_strict_end():
    assert touched(["1 < c", "c**2 < 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 2*c*x + 2 > 0")


def test_zero_inside_a_face_with_another_variable_beside_it():
    given = ["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 3", "0 <= y <= 1"]
    assert touched(given, "x**2 - 2*c*x + 2 + y*(1 + x) >= 0")


def test_the_bound_of_proposition_15_up_to_its_sharp_step_size():
    given = ["5/12 < e", "64*e**3 + 69*e**2 - 60*e + 8 <= 0", "e < 103/240", "0 <= u", "u <= N", "N <= 1 + e/4"]
    assert touched(given, "u*(1 + e*(2 - u - N))**2 + (N - u)*(1 - e*u)**2 <= 1 + e/4")


def test_another_zero_close_to_the_point_of_contact_stays_outside_its_neighbourhood():
    # N == u == 1 + e/4 at the end; N == u == 1 is a zero for every e
    ended = "e**4 + 4*e**3 - 4*e**2 - 16*e + 4 >= 0"
    given = ["61/255 < e", ended, "e < 6/25", "0 <= u", "u <= N", "1 <= N", "N <= 1 + e/4"]
    assert touched(given, "u*(1 + e*(2 - u - N))**2 + (N - u)*(1 - e*u)**2 >= 1")


@pytest.mark.parametrize(
    ("given", "show"),
    [
        # false just below the end
        (["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 2*c*x + 19/10 >= 0"),
        # not zero at the end, and not of one sign
        (["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 3*x + 2 >= 0"),
        # strict, with equality at the end
        (["1 < c", "c**2 <= 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 2*c*x + 2 > 0"),
        # the other side of the end
        (["1 < c", "c**2 >= 2", "c < 3/2", "0 <= x <= 3"], "x**2 - 2*c*x + 2 >= 0"),
    ],
)
def test_nothing_is_proved_where_the_inequality_fails(given, show):
    with pytest.raises(NotFound):
        touched(given, show)


@pytest.mark.parametrize("given", [["x >= 1", "x <= 1 - 1/10**12"], ["x > 1", "x <= 1"], ["x >= 1", "x < 1"]])
@pytest.mark.parametrize("show", ["y > 0", "0 > 0"])
def test_bounds_that_contradict_each_other_by_little_are_seen_exactly(given, show):
    formal = {"form": "forall", "let": [], "given": given, "show": [show]}
    found = prove_at_once(goals(formal)[0], Budget(5))
    assert CHECKER.ask(formal, {"verdict": "proved", "steps": [found]}) == (True, "proved")


def test_bounds_that_meet_in_a_point_contradict_nothing():
    formal = {"form": "forall", "let": [], "given": ["x >= 1", "x <= 1"], "show": ["0 > 0"]}
    with pytest.raises(NotFound):
        prove_at_once(goals(formal)[0], Budget(5))


def test_without_an_algebraic_end_it_does_not_apply():
    with pytest.raises(NotFound):
        touched(["1 < c", "c <= 7/5", "0 <= x <= 3"], "x**2 - 2*c*x + 2 >= 0")
