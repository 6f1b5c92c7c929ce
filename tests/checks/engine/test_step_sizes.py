"""Sharp step sizes of the statements of a paper: line by line, and along runs."""

import pytest

from checks.claim import forall, trajectory
from checks.engine.checking import CHECKER
from checks.engine.sharpen.steps import bounded, first_steps, least, sharp_step

ENTRY = {"minimal_polynomial": None, "attained": True}


@pytest.fixture(scope="module", autouse=True)
def _checker():
    yield
    CHECKER.close()


def exact(value, attained=True):
    return {**ENTRY, "status": "exact", "value": value, "interval": [value, value], "attained": attained}


def bracket(low, high):
    return {**ENTRY, "status": "bracket", "value": low, "interval": [low, high]}


def shrinking(**more):
    """x' = (1 - eta) x, of which |x| <= 1 is claimed for eta <= 1; it holds up to 2."""
    return trajectory(
        "bounded",
        state=["x"],
        parameters=["0 < eta <= 1"],
        start=["-1 <= x <= 1"],
        branches=[{"next": {"x": "(1 - eta)*x"}}],
        always=["-1 <= x <= 1"],
        **more,
    )


def test_the_least_value_is_exact_where_the_others_are_larger():
    assert least([exact("1"), bracket("2", "3"), exact("oo")]) == exact("1")
    assert least([])["value"] == "oo"


def test_of_equal_values_the_one_that_is_not_attained_counts():
    assert least([exact("1"), exact("1", attained=False)])["attained"] is False


def test_an_open_bracket_below_leaves_a_bracket():
    found = least([exact("1"), bracket("1/2", "3")])
    assert (found["status"], found["interval"]) == ("bracket", ["1/2", "1"])
    found = least([bracket("1/2", "3"), bracket("1/4", "2")])
    assert (found["status"], found["interval"], found["value"]) == ("bracket", ["1/4", "2"], "1/4")


def test_the_value_of_several_lines_is_that_of_the_worst():
    part = forall("lines", ["x**2 >= 0", "eta*x <= 2", "eta*x <= 3"], given=["0 < eta <= 1", "0 <= x <= 1"])
    found = sharp_step(part.formal, {}, "eta", "upper", 5)
    assert (found["status"], found["value"], found["attained"]) == ("exact", "2", True)


def test_a_derivative_is_taken_before_the_search():
    part = forall("slope", "taylor(eta*(x + t)**2, t, 1) <= 2", given=["0 < eta <= 1/2", "0 <= x <= 1"])
    found = sharp_step(part.formal, {}, "eta", "upper", 5)
    assert (found["status"], found["value"]) == ("exact", "1")


def test_along_runs_induction_and_the_first_step_meet():
    part = shrinking()
    found = sharp_step(part.formal, part.hint, "eta", "upper", 5)
    assert (found["status"], found["value"], found["attained"]) == ("exact", "2", True)


def test_an_invariant_that_is_kept_for_fewer_step_sizes_leaves_a_bracket():
    part = shrinking(invariant=["-1 <= x <= 1", "eta <= 3/2"])
    found = sharp_step(part.formal, part.hint, "eta", "upper", 5)
    assert (found["status"], found["interval"]) == ("bracket", ["3/2", "2"])


def test_a_value_that_the_induction_does_not_attain_is_none_of_a_bracket():
    part = shrinking(invariant=["-1 <= x <= 1", "eta < 3/2"])
    found = sharp_step(part.formal, part.hint, "eta", "upper", 5)
    assert (found["status"], found["interval"], found["attained"]) == ("bracket", ["3/2", "2"], False)


def test_a_derivative_in_a_hypothesis_is_that_of_what_a_name_stands_for():
    given = ["0 < eta <= 1/2", "taylor(f, t, 1) <= 2", "x >= 0"]
    part = forall("slope", "eta*x <= 1", let=["f = (x + t)**2"], given=given)
    found = sharp_step(part.formal, {}, "eta", "upper", 5)
    assert (found["status"], found["value"]) == ("exact", "1")


def test_a_counterexample_at_an_irrational_value_shows_that_it_is_not_attained():
    given = ["0 < eta <= 1/5", "0 <= u", "u <= N", "N <= 1 + eta/4"]
    found = sharp_step(forall("positive", "1 - eta*u > 0", given=given).formal, {}, "eta", "upper", 10)
    assert (found["status"], found["minimal_polynomial"], found["attained"]) == ("exact", "eta**2 + 4*eta - 4", False)


def test_counterexamples_that_leave_a_strict_bound_later_than_the_others():
    given = ["0 < eta <= 1/5", "0 < X < 1", "0 < W < 1", "X + W <= 1 + eta/4"]
    part = forall("below one", "X*(1 + eta*(2 - 2*X - W))**2 < 1", given=given)
    found = sharp_step(part.formal, {}, "eta", "upper", 10)
    assert (found["status"], found["value"], found["attained"]) == ("exact", "1/4", True)


def test_the_first_steps_are_the_start_and_each_branch():
    shown = [statement["show"] for statement in first_steps(shrinking().formal)]
    assert shown == [["-1 <= x <= 1"], ["-1 <= x_next <= 1"]]


def test_which_statements_bound_a_step_size():
    given = ["0 < eta <= 1"]
    assert bounded(forall("a", "eta < 2", given=given).formal, "eta")
    assert not bounded(forall("a", "eta == eta*1", given=given).formal, "eta")
    assert not bounded(forall("a", "eta < 2", given=["0 < eta"]).formal, "eta")
    assert bounded(shrinking().formal, "eta")
