"""Counterexamples at algebraic points: accepted where SymPy agrees that they refute, rejected everywhere else."""

from __future__ import annotations

import copy
import itertools
from fractions import Fraction as Q
from math import isqrt

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checks.checker.algebraic_number import Alpha
from checks.checker.goal import Rejected
from checks.checker.kinds import algebraic

ROOT2 = {"polynomial": ["-2", "0", "1"], "low": "1", "high": "2"}
CUBE = {"polynomial": ["-2", "0", "0", "1"], "low": "5/4", "high": "13/10"}


def formal(show, given=(), **more):
    shows = [show] if isinstance(show, str) else list(show)
    return {"form": "forall", "let": [], "given": list(given), "show": shows, **more}


def accepted(statement, alpha, **values) -> bool:
    certificate = {"verdict": "refuted", "kind": "algebraic", "alpha": alpha, "values": values}
    try:
        algebraic.verify(statement, certificate)
    except Rejected:
        return False
    return True


X = sp.Symbol("x")
COEFFICIENTS = st.lists(st.integers(-6, 6), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(p=st.lists(st.integers(-5, 5), min_size=3, max_size=5), g=COEFFICIENTS, q=COEFFICIENTS, data=st.data())
def test_the_sign_at_a_root_is_exact(p, g, q, data):
    assume(p[-1])
    poly = sp.Poly(p[::-1], X)
    assume(poly.is_sqf)
    around = sp.Poly(p[::-1], X).intervals(eps=sp.Rational(1, 1000))
    assume(around)
    (low, high), _ = data.draw(st.sampled_from(around))
    low, high = Q(int(low.p), int(low.q)) - Q(1, 10**7), Q(int(high.p), int(high.q)) + Q(1, 10**7)
    try:
        alpha = Alpha([Q(c) for c in p], low, high)
    except Rejected:
        assert poly.count_roots(sp.Rational(low), sp.Rational(high)) != 1 or not poly.eval(low) or not poly.eval(high)
        return
    root = next(r for r in poly.real_roots() if low < r < high)
    # g itself, and a multiple of p's factor that vanishes at the root when p is reducible
    for line in (g, [sum(g[i] * q[k - i] for i in range(len(g)) if 0 <= k - i < len(q)) for k in range(7)]):
        exact = sp.Poly([*line[::-1]], X).eval(root) if any(line) else sp.Integer(0)
        value = sp.minimal_polynomial(exact, X) if exact.is_number and not exact.is_Rational else None
        wanted = 0 if value is not None and value == X else int(sp.sign(sp.N(exact, 60)))
        assert alpha.sign([Q(c) for c in line]) == wanted


def test_signs_that_digits_cannot_tell():
    alpha = Alpha([Q(-2), Q(0), Q(1)], Q(1), Q(2))
    near = Q(isqrt(2 * 10**600), 10**300)
    assert alpha.sign([-near, Q(1)]) == 1
    assert alpha.sign([-near - Q(1, 10**300), Q(1)]) == -1
    assert alpha.sign([Q(-4), Q(0), Q(0), Q(0), Q(1)]) == 0
    # a reducible polynomial: x**2 - 2 is a zero divisor modulo it, and zero at one of the roots only
    both = [Q(6), Q(0), Q(-5), Q(0), Q(1)]
    assert Alpha(both, Q(1), Q(3, 2)).sign([Q(-2), Q(0), Q(1)]) == 0
    assert Alpha(both, Q(3, 2), Q(2)).sign([Q(-2), Q(0), Q(1)]) == 1


REFUTED = [
    ("x**2 != 2", ["x >= 0"], ROOT2, {"x": ["0", "1"]}),
    ("x**2 > 2", ["x > 1"], ROOT2, {"x": ["0", "1"]}),
    ("x + y <= 141/100", ["x**2 + y**2 == 1"], ROOT2, {"x": ["0", "1/2"], "y": ["0", "1/2"]}),
    ("x*y != 1", ["x**3 == 2", "y > 0"], CUBE, {"x": ["0", "1"], "y": ["0", "0", "1/2"]}),
    ("1/(x**2 - 2) != 1", [], ROOT2, {"x": ["0", "1"]}),  # undefined
    ("log(x**2 - 2) < 5", ["x > 0"], ROOT2, {"x": ["0", "1"]}),
    ("sqrt(2 - x**2) < x - x", ["x > 0"], ROOT2, {"x": ["0", "1"]}),
    ("sqrt(x**2 - 3) >= 0", [], ROOT2, {"x": ["0", "1"]}),
    ("(x**2 - 2)**(-1) == 1", [], ROOT2, {"x": ["0", "1"]}),
    ("exp(x) <= 4", ["x**2 == 2", "x > 0"], ROOT2, {"x": ["0", "1"]}),
    ("abs(-x) != x", ["min(x**2, 5) == 2"], ROOT2, {"x": ["0", "1"]}),
    ("max(x, y) < x", ["y == 0"], ROOT2, {"x": ["0", "1"], "y": []}),
    ("x**2 != 2 or x < n", ["x > 0"], ROOT2, {"x": ["0", "1"], "n": ["1"]}),
    ("sin(x) < 0", ["x**2 == 2"], ROOT2, {"x": ["0", "1"]}),
]


@pytest.mark.parametrize(("show", "given", "alpha", "values"), REFUTED)
def test_true_counterexamples_are_accepted(show, given, alpha, values):
    integers = ["n"] if "n" in values else []
    statement = formal(show, given, integers=integers)
    assert accepted(statement, alpha, **values)


MUTANTS = [
    {"polynomial": ["-3", "0", "1"]},
    {"polynomial": ["-2", "0", "2"]},
    {"low": "-2", "high": "-1"},
]


@pytest.mark.parametrize(("place", "change"), list(itertools.product(range(4), MUTANTS)))
def test_another_number_is_no_counterexample(place, change):
    show, given, alpha, values = REFUTED[place]
    changed = {**alpha, **change}
    assert not accepted(formal(show, given), changed, **values)


WRONG = [
    # a true statement
    ("x**2 >= 0", [], ROOT2, {"x": ["0", "1"]}),
    # a hypothesis fails, strictly or by a hair
    ("x**2 != 2", ["x < 0"], ROOT2, {"x": ["0", "1"]}),
    ("x**2 != 2", ["x**2 > 2"], ROOT2, {"x": ["0", "1"]}),
    ("x**2 != 2", ["x <= 1.41421356237309504880168872420969807"], ROOT2, {"x": ["0", "1"]}),
    # a hypothesis is undefined, or not decided
    ("x**2 != 2", ["1/(x**2 - 2) != 1"], ROOT2, {"x": ["0", "1"]}),
    ("x**2 != 2", ["sqrt(x**2) == x"], ROOT2, {"x": ["0", "1", "1"]}),
    ("exp(log(x)) == x", [], ROOT2, {"x": ["0", "1"]}),
    # no root, two roots, a root at an end, an empty or a point-like interval, a square factor, a constant
    ("x**2 != 2", [], {**ROOT2, "low": "3/2"}, {"x": ["0", "1"]}),
    ("x**2 != 2", [], {**ROOT2, "low": "-2"}, {"x": ["0", "1"]}),
    ("x != 1", [], {"polynomial": ["-1", "0", "1"], "low": "0", "high": "1"}, {"x": ["0", "1"]}),
    ("x**2 != 2", [], {**ROOT2, "low": "2", "high": "1"}, {"x": ["0", "1"]}),
    ("x != 1", [], {"polynomial": ["-1", "1"], "low": "1", "high": "1"}, {"x": ["0", "1"]}),
    ("x**2 != 2", [], {"polynomial": ["4", "0", "-4", "0", "1"], "low": "1", "high": "2"}, {"x": ["0", "1"]}),
    ("x != 1", [], {"polynomial": ["1"], "low": "0", "high": "2"}, {"x": ["0", "1"]}),
    ("x != 1", [], {"polynomial": [], "low": "0", "high": "2"}, {"x": ["0", "1"]}),
]


@pytest.mark.parametrize(("show", "given", "alpha", "values"), WRONG)
def test_false_counterexamples_are_rejected(show, given, alpha, values):
    assert not accepted(formal(show, given), alpha, **values)


def test_integers_have_to_be_integers():
    statement = formal("n**2 != 2", integers=["n"])
    assert not accepted(statement, ROOT2, n=["0", "1"])
    assert not accepted(formal("n != 1/2", integers=["n"]), ROOT2, n=["1/2"])
    # sqrt(2)**2 is the integer 2, and is recognised as one
    assert accepted(formal("n != 2", integers=["n"]), ROOT2, n=["0", "0", "1"])
    with pytest.raises(KeyError):
        accepted(statement, ROOT2, x=["0", "1"])


def test_square_roots_are_exact_where_the_certificate_names_them():
    statement = formal("x + y < sqrt(2)", ["x**2 + y**2 == 1"])
    half = ["0", "1/2"]
    good = {"verdict": "refuted", "kind": "algebraic", "alpha": ROOT2, "values": {"x": half, "y": half}}
    with pytest.raises(Rejected):
        algebraic.verify(statement, good)
    algebraic.verify(statement, {**good, "roots": [["0", "1"]]})
    # the negative root, another number, and a root of a negative number prove nothing
    for line in (["0", "-1"], ["0", "2"], ["7/5"], [], ["1", "1"]):
        with pytest.raises(Rejected):
            algebraic.verify(statement, {**good, "roots": [line]})
    # where the strict inequality holds, no root makes it fail
    with pytest.raises(Rejected):
        algebraic.verify(formal("x + y < sqrt(3)", ["x**2 + y**2 == 1"]), {**good, "roots": [["0", "1"]]})


def test_index_sets_have_no_algebraic_points():
    index = {"atoms": {"A": "1"}, "families": {"c": None}}
    assert not accepted(formal("sum(i:A, c[i]) > x", index=index), ROOT2, x=["0", "1"])


def test_a_changed_digit_is_rejected():
    statement = formal("x*y != 1", ["x**3 == 2", "y > 0"])
    good = {"alpha": CUBE, "values": {"x": ["0", "1"], "y": ["0", "0", "1/2"]}}
    algebraic.verify(statement, good)
    for name, place in (("x", 0), ("x", 1), ("y", 0), ("y", 1), ("y", 2)):
        for digit in ("-1", "2", "1/3"):
            bad = copy.deepcopy(good)
            bad["values"][name][place] = digit
            with pytest.raises(Rejected):
                algebraic.verify(statement, bad)
