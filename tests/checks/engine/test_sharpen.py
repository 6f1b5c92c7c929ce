"""Sharp values of parameters, with answers worked out by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest

from checks.checker.grammar import parse
from checks.engine.sharpen.bounds import without_bounds
from checks.engine.sharpen.fractions import simplest
from checks.engine.sharpen.number import thresholds
from checks.engine.sharpen.search import sharpen
from checks.engine.sharpen.statement import conclusive, fresh

SECONDS = 20.0


def sought(given, show, bound="upper", parameter="c", let=(), exists=(), **more):
    formal = {"form": "forall", "let": list(let), "given": given, "show": show, **more}
    return sharpen(formal, list(exists), parameter, bound, SECONDS)


# hypotheses, conclusions, side, value, minimal polynomial, attained
EXACT = {
    "root of two": (["0 <= x <= c"], ["x**2 <= 2"], "upper", "sqrt(2)", "c**2 - 2", True),
    "root of two, strict conclusion": (["0 <= x <= c"], ["x**2 < 2"], "upper", "sqrt(2)", "c**2 - 2", False),
    "root of two, strict hypothesis": (["0 <= x < c"], ["x**2 < 2"], "upper", "sqrt(2)", "c**2 - 2", True),
    "cube root": (["0 <= x <= c"], ["x**3 <= 2"], "upper", "2**(1/3)", "c**3 - 2", True),
    "logistic step": (["0 < c <= 1", "0 < x < 1"], ["x*(1 + c*(1 - x)) < 1"], "upper", "1", "c - 1", True),
    "linear growth": (["c > 0", "0 <= x <= 1"], ["c*x*(1 - x) <= x"], "upper", "1", "c - 1", True),
    "disc": (["x**2 + y**2 <= 1"], ["x + y <= c"], "lower", "sqrt(2)", "c**2 - 2", True),
    "contraction": (["0 < c"], ["(1 - c)**2 <= 2"], "upper", "sqrt(2) + 1", "c**2 - 2*c - 1", True),
    "step of gradient descent": (["0 < l <= 3", "c > 0"], ["abs(1 - c*l) < 1"], "upper", "2/3", "3*c - 2", False),
    "step, closed": (["0 < l <= 3", "c > 0"], ["abs(1 - c*l) <= 1"], "upper", "2/3", "3*c - 2", True),
    "discriminant": ([], ["c*x**2 + x + 1 >= 0"], "lower", "1/4", "4*c - 1", True),
    "discriminant, strict": ([], ["c*x**2 + x + 1 > 0"], "lower", "1/4", "4*c - 1", False),
    "parabola": ([], ["x**2 + c >= 0"], "lower", "0", "c", True),
    "golden": (["0 < c"], ["c**2 <= c + 1"], "upper", "sqrt(5)/2 + 1/2", "c**2 - c - 1", True),
    "fails at once": (["0 < c"], ["(1 - c)**2 <= 1/2"], "upper", "0", "c", True),
    "nothing beyond zero": (["0 < c"], ["c < 0"], "upper", "0", "c", True),
    "not even zero": (["0 <= c"], ["c < 0"], "upper", "0", "c", False),
    "rational": (["x <= c"], ["3*x <= 1"], "upper", "1/3", "3*c - 1", True),
    "rational, strict": (["x <= c"], ["3*x < 1"], "upper", "1/3", "3*c - 1", False),
    "two bounds given": (["0 < c", "c < 2", "c <= 1", "0 <= x <= c"], ["x <= 3"], "upper", "3", "c - 3", True),
    "as given refuted": (["0 <= c <= 5", "0 <= x <= c"], ["x**2 <= 3"], "upper", "sqrt(3)", "c**2 - 3", True),
    "square root of the parameter": (["c >= 0"], ["sqrt(c) <= 3"], "upper", "9", "c - 9", True),
    "interior point": (["0 <= x <= 1", "c >= 0"], ["c*x*(1 - x) <= 1"], "upper", "4", "c - 4", True),
    "cubic map": (["0 < c <= 1/2", "0 < x < 1"], ["x*(1 + c*(1 - x**2)) < 1"], "upper", "1/2", "2*c - 1", True),
}


@pytest.mark.parametrize("name", EXACT)
def test_exact(name):
    given, show, bound, value, polynomial, attained = EXACT[name]
    found = sought(given, show, bound)
    assert found is not None
    assert (found["status"], found["value"], found["minimal_polynomial"], found["attained"]) == (
        "exact",
        value,
        polynomial,
        attained,
    )


@pytest.mark.parametrize(
    ("given", "show", "bound", "value"),
    [
        ([], ["x**2 + 1 > 0*c"], "upper", "oo"),
        (["0 < c < 1", "0 <= x"], ["c*x >= 0"], "upper", "oo"),
        (["0 < c", "c < x", "x < 0"], ["c > 5"], "upper", "oo"),
        ([], ["x >= c"], "upper", "-oo"),
        ([], ["x <= c"], "lower", "oo"),
        ([], ["x**2 >= -1 + 0*c"], "lower", "-oo"),
    ],
)
def test_no_finite_threshold(given, show, bound, value):
    found = sought(given, show, bound)
    assert found is not None
    assert (found["status"], found["value"], found["minimal_polynomial"]) == ("exact", value, None)
    assert found["interval"] == [value, value]
    assert found["attained"] is False


def test_a_root_of_degree_four_on_a_curved_face():
    # ghosh2023, Lemma 38: the cubic vanishes at y**2 = (1 + c/4)/2
    found = sought(
        ["0 < c", "2*y**2 <= 1 + c/4"],
        ["4*w**3 - 5*b*w**2 + 2*w*b**2 - b >= 0"],
        let=["w = 1 - c*y**2", "b = 1 - c"],
    )
    assert found is not None
    assert (found["status"], found["attained"]) == ("exact", True)
    assert found["minimal_polynomial"] == "c**4 + 2*c**3 - 14*c**2 + 16*c - 32"
    low, high = map(Fraction, found["interval"])
    assert (
        (low**4 + 2 * low**3 - 14 * low**2 + 16 * low - 32) < 0 < high**4 + 2 * high**3 - 14 * high**2 + 16 * high - 32
    )
    assert 2 < low < high < 3


@pytest.mark.parametrize("bound", ["c**3 <= 8", "c**2 < 4", "1/c >= 1/2", "exp(c) <= 7", "sqrt(2 - c) >= 1"])
def test_any_upper_bound_on_the_parameter_alone_is_removed(bound):
    found = sought([bound, "c > 0", "0 <= x <= c"], ["x <= 3"])
    assert found is not None
    assert (found["status"], found["value"], found["attained"]) == ("exact", "3", True)


def test_a_closed_form_is_no_algebraic_number_and_has_no_polynomial():
    found = sought(["0 <= c"], ["exp(c) <= 2"])
    assert found is not None
    assert (found["status"], found["value"], found["minimal_polynomial"]) == ("exact", "log(2)", None)
    low, high = map(Fraction, found["interval"])
    assert low < Fraction(693147180559945, 10**15) < Fraction(693147180559946, 10**15) < high


def test_a_bracket_holds_the_threshold_where_no_closed_form_is_known():
    found = sharpen({"form": "forall", "given": ["0 <= x <= c"], "show": ["cos(x) >= x"]}, [], "c", "upper", 6.0)
    assert found is not None
    assert found["status"] == "bracket"
    low, high = map(Fraction, found["interval"])
    assert low < Fraction(73908513, 10**8) < high


def test_an_engine_that_fails_costs_no_crash(monkeypatch):
    from checks.engine.sharpen import judge as module

    def broken(*_, **__):
        raise IndexError("index -1 is out of bounds")

    for name in ("decide_claim", "prove_goal", "find_point"):
        monkeypatch.setattr(module, name, broken)
    assert sharpen({"form": "forall", "given": ["x >= 0"], "show": ["c*x <= x"]}, [], "c", "upper", 2.0) is None


def test_nothing_is_said_where_nothing_is_known(monkeypatch):
    from checks.engine.sharpen import judge as module
    from checks.verdict import Evidence, Status

    monkeypatch.setattr(module, "decide_claim", lambda *_: Evidence("claim", Status.UNDECIDED, "none"))
    assert sharpen({"form": "forall", "given": [], "show": ["sin(x*c) < 2"]}, [], "c", "upper", 2.0) is None


def test_bounds_on_the_side_asked_for_are_removed():
    formal = {"form": "forall", "given": ["0 < c <= 1", "c < 2", "x <= c", "3 - c >= 0"], "show": ["x <= 1"]}
    kept, other = without_bounds(formal, "c", True)
    assert (kept, other) == (["0 < c", "x <= c"], 0)
    kept, other = without_bounds(formal, "c", False)
    assert "0 < c" not in kept
    assert other is not None


@pytest.mark.parametrize(
    ("line", "up", "kept"),
    [
        ("c**2 <= 4", True, ["c >= -2"]),
        ("c**2 < 4", False, ["c < 2"]),
        ("1/c >= 3", True, ["c > 0"]),
        ("1/c >= 3", False, ["c <= 1/3"]),
        ("c**3 <= 8", True, []),
        ("c/(1 + c) <= 1/2", True, ["c > -1"]),
        ("exp(c) <= 3", True, []),
        ("log(c) <= 1", True, ["c > 0"]),
        ("2*c + 1 < pi", True, []),
        ("exp(-c) >= 1/2", True, []),
        ("c**2 <= 2", True, ["((c ** 2) <= 2) or c > 0"]),
        # conditions with gaps, or without an end on that side, are no bounds
        ("c**2 >= 2", True, ["(c ** 2) >= 2"]),
        ("(c - 1)*(c - 2)*(c - 3) <= 0", True, ["(((c - 1) * (c - 2)) * (c - 3)) <= 0"]),
        ("c == 1", True, ["c == 1"]),
        ("c <= 1 or c >= 2", True, ["c <= 1 or c >= 2"]),
        ("c**2 + 1 > 0", True, ["((c ** 2) + 1) > 0"]),
        ("exp(c) >= 3", True, ["exp(c) >= 3"]),
    ],
)
def test_what_stays_of_a_condition_on_the_parameter(line, up, kept):
    assert list(map(parse, without_bounds({"given": [line]}, "c", up)[0])) == list(map(parse, kept))


def test_an_irrational_end_that_another_bound_says_is_dropped():
    assert without_bounds({"given": ["c >= 0", "c**2 <= 2"]}, "c", True) == (["c >= 0"], 0)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        # a bound inside a chain or a conjunction is one as well
        (["0 <= x <= c <= 1"], ["0 <= x and x <= c"]),
        (["c <= 1 and x >= 0"], ["x >= 0"]),
        (["0 < c <= 1 and x >= 0"], ["0 < c", "x >= 0"]),
        # without one a line stays word for word
        (["0<c<x"], ["0<c<x"]),
        (["c <= 1 or x >= 0"], ["c <= 1 or x >= 0"]),
        # an alternative that the claim states itself says more than that the parameter is past an end
        (["c >= 0", "c**2 <= 1 or c >= 2"], ["c >= 0", "c**2 <= 1 or c >= 2"]),
    ],
)
def test_bounds_in_lines_that_say_more(given, kept):
    assert list(map(parse, without_bounds({"given": given}, "c", True)[0])) == list(map(parse, kept))


def test_a_bound_in_a_chain_does_not_limit_the_search():
    found = sought(["0 <= x <= c <= 1"], ["x**2 <= 3"])
    assert found is not None
    assert (found["status"], found["value"]) == ("exact", "sqrt(3)")


@pytest.mark.parametrize(
    "more", [{"let": ["t = c/2"]}, {"integers": ["t"]}, {"let": ["t = 3", "t0 = t"], "integers": ["t1"]}]
)
def test_the_name_for_values_past_a_threshold_is_new(more):
    formal = {"form": "forall", "given": ["0 <= x <= c"], "show": ["x <= 2"], **more}
    used = {"x", "c", "t", "t0", "t1"} if len(more) > 1 else {"x", "c", "t"}
    assert fresh(formal, ["t2"]) not in {*used, "t2"}


def test_one_alternative_of_a_conclusion_becomes_a_hypothesis_where_it_is_always_defined():
    assert conclusive({"given": ["x > 0"], "show": ["x < 1 or y > 2"]}) == {
        "given": ["x > 0", "x >= 1"],
        "show": ["y > 2"],
    }
    assert conclusive({"given": [], "show": ["x >= 1 implies y > 2"]}) == {"given": ["x >= 1"], "show": ["y > 2"]}


@pytest.mark.parametrize("show", [["1/x < 1 or y > 2"], ["x < 1 or y > 2", "y > 3"], ["x < 1 and y > 2"], ["x < 1"]])
def test_other_conclusions_stay(show):
    assert conclusive({"given": [], "show": show})["show"] == show


def test_a_conclusion_with_alternatives_has_a_sharp_value():
    found = sought(["0 <= x <= c"], ["x < 1 or x**2 <= 2"])
    assert found is not None
    assert (found["status"], found["value"], found["attained"]) == ("exact", "sqrt(2)", True)


def test_a_point_that_the_checker_does_not_accept_says_nothing(monkeypatch):
    from checks.engine.sharpen import judge as module

    monkeypatch.setattr(module, "find_point", lambda *_, **__: {"verdict": "refuted", "kind": "point", "values": {}})
    judge = module.Judge({"form": "forall", "given": ["c >= 0"], "show": ["c*x**2 >= 0"]}, [], "c", True, 5.0)
    assert judge.shown(("c <= 1",), 1.0) is module.Status.PROVED
    assert not judge.refuted_with("c == 1", seconds=1.0)


def test_counterexamples_with_coordinates_that_shrink_towards_the_threshold():
    found = sought(["c > 0", "1 - 2*c <= g", "0 < x", "x <= y"], ["(1 - 2*c)*x <= g*y"])
    assert found is not None
    assert (found["status"], found["value"], found["attained"]) == ("exact", "1/2", True)


def test_a_form_that_vanishes_along_a_line():
    found = sought(["c >= 0"], ["x**2 + y**2 + z**2 + 2*c*(x*y + y*z) >= 0"])
    assert found is not None
    assert (found["status"], found["value"], found["attained"]) == ("exact", "sqrt(2)/2", True)


def test_numbers_close_to_each_other_keep_their_own_radicals():
    low, high = thresholds([10**20 - 2, -2 * 10**10, 1])  # 10**10 - sqrt(2), 10**10 + sqrt(2)
    assert low.value("c") == "10000000000 - sqrt(2)"
    assert high.value("c") == "sqrt(2) + 10000000000"


@pytest.mark.parametrize(("low", "high", "value"), [("1/3", "1/2", "2/5"), ("0", "1", "1/2"), ("7/5", "3/2", "10/7")])
def test_simplest(low, high, value):
    assert simplest(Fraction(low), Fraction(high)) == Fraction(value)
