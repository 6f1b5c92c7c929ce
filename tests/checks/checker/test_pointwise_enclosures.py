"""Enclosures of functions hold the values that Arb computes with far more digits, at points and over boxes."""

from __future__ import annotations

from fractions import Fraction as Q

import flint
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from checks.checker import pointwise
from checks.checker.grammar import parse
from checks.checker.pointwise import Point, Undefined, Unknown, holds, number

WIDE = st.fractions(min_value=-40, max_value=40, max_denominator=10**6)
TINY = st.integers(-(10**6), 10**6).flatmap(lambda n: st.integers(0, 60).map(lambda k: Q(n, 10**k)))
ANY = st.one_of(WIDE, TINY)
BITS = st.sampled_from((20, 120, 480))


def ball(x: Q) -> flint.arb:
    return flint.arb(flint.fmpq(x.numerator, x.denominator))


def call(name: str, *arguments) -> tuple:
    return ("call", name, tuple(("number", a) if isinstance(a, Q) else a for a in arguments))


def arb(name: str, x: Q) -> flint.arb:
    with flint.ctx.workprec(1500):
        b = ball(x)
        return {
            "sqrt": b.sqrt,
            "exp": b.exp,
            "log": b.log,
            "sin": b.sin,
            "cos": b.cos,
            "tan": b.tan,
        }[name]()


def within(value: flint.arb, ends: tuple[Q, Q]) -> bool:
    """Whether the ball meets the enclosure: it has 1500 bits, the enclosure at most 500."""
    with flint.ctx.workprec(1500):
        return not (value < ball(ends[0]) or value > ball(ends[1]))


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(("sqrt", "exp", "log", "sin", "cos", "tan")), x=ANY, bits=BITS)
@example(name="sin", x=Q(355, 113), bits=20)
@example(name="cos", x=Q(245850922, 2 * 78256779), bits=120)
@example(name="tan", x=Q(11, 7), bits=480)
@example(name="exp", x=Q(-1, 2), bits=20)
def test_a_value_lies_in_its_enclosure(name, x, bits):
    assume(name not in ("sqrt", "log") or x > 0)
    assume(name != "exp" or abs(x) < 1000)
    try:
        ends = number(call(name, x), Point({}, bits=bits))
    except Unknown:  # the tangent next to a pole that so few digits cannot tell from it
        assert name == "tan"
        assert bits == 20 or abs(float(arb("cos", x).mid())) < 1e-30
        return
    assert ends[0] <= ends[1]
    assert within(arb(name, x), ends)
    # and it is narrow: twenty digits of slack for the size of the argument
    scale = 1 + abs(ends[0])
    assert ends[1] - ends[0] <= scale**2 * Q(2) ** (30 - bits)


@settings(max_examples=300, deadline=None)
@given(
    name=st.sampled_from(("sqrt", "exp", "log", "sin", "cos", "tan", "abs")),
    low=WIDE,
    width=st.one_of(st.fractions(0, 7), st.fractions(0, Q(1, 10**4))),
    shares=st.lists(st.fractions(0, 1), min_size=3, max_size=3),
)
def test_an_enclosure_over_an_interval_holds_every_value(name, low, width, shares):
    at = Point({"x": (low, low + width)}, rounding=True)
    try:
        ends = number(parse(f"{name}(x)"), at)
    except Undefined:
        assert name in ("sqrt", "log")
        assert low + width <= 0
        return
    except Unknown:
        assert (low <= 0 and name in ("sqrt", "log")) or name == "tan"
        return
    for share in (Q(0), Q(1), *shares):
        x = low + share * width
        if name == "abs":
            assert ends[0] <= abs(x) <= ends[1]
        else:
            assert within(arb(name, x), ends)


@pytest.mark.parametrize(
    ("text", "low", "high", "expected"),
    [
        ("sin(x)", Q(0), Q(1, 100), (Q(0), Q(1, 99))),
        ("sin(x)", Q(15, 10), Q(16, 10), (Q(997, 1000), Q(1))),
        ("sin(x)", Q(16, 10), Q(161, 100), (Q(999, 1000), Q(9996, 10000))),  # behind the maximum
        ("cos(x)", Q(31, 10), Q(32, 10), (Q(-1), Q(-998, 1000))),
        ("cos(x)", Q(0), Q(7), (Q(-1), Q(1))),
        ("sin(x)", Q(-100), Q(100), (Q(-1), Q(1))),
        ("tan(x)", Q(-1), Q(1), (Q(-156, 100), Q(156, 100))),
    ],
)
def test_circular_functions_over_intervals_are_tight(text, low, high, expected):
    ends = number(parse(text), Point({"x": (low, high)}))
    assert expected[0] <= ends[0] <= ends[1] <= expected[1]


def test_a_tangent_over_a_pole_is_unknown():
    with pytest.raises(Unknown):
        number(parse("tan(x)"), Point({"x": (Q(1), Q(2))}))


EXPRESSIONS = [
    "x*y - y**2 + 1/3",
    "(x - y)**4 - x",
    "x/(2 + y**2)",
    "min(x, y) - max(x, -y, 1/2)",
    "abs(x*y)*exp(x/5)",
    "sqrt(x**2 + 1)*log(2 + y**2)",
    "sin(x)*cos(y) + tan(x/20)",
    "(x**2 + 1)**(1/3) - (y**2 + 1)**(-3/2)",
    "(1 + x**2)**y",
    "x**-2 + y**3",
    "(x - y)/(x + y)",
    "sqrt(x) + log(y)",
    "1/sin(x)",
]


@settings(max_examples=300, deadline=None)
@given(
    text=st.sampled_from(EXPRESSIONS),
    ends=st.tuples(WIDE, st.fractions(0, 3), WIDE, st.fractions(0, 3)),
    shares=st.tuples(st.fractions(0, 1), st.fractions(0, 1)),
    bits=st.sampled_from((40, 120)),
)
def test_natural_interval_extensions_are_inclusions(text, ends, shares, bits):
    a, w, b, v = ends
    node = parse(text)
    try:
        box = number(node, Point({"x": (a, a + w), "y": (b, b + v)}, bits=bits, rounding=True))
    except (Unknown, Undefined):
        return
    x, y = a + shares[0] * w, b + shares[1] * v
    point = number(node, Point({"x": x, "y": y}))  # defined: the box was defined everywhere
    assert box[0] <= point[1]
    assert point[0] <= box[1]


@settings(max_examples=200, deadline=None)
@given(
    text=st.sampled_from(
        ["x*y > 1 or x < 2", "not (x**2 > y)", "x > y implies x**3 > y", "1/x > y and y > 0", "sqrt(x) < y or 1/y > 0"]
    ),
    ends=st.tuples(WIDE, st.fractions(0, 3), WIDE, st.fractions(0, 3)),
    shares=st.tuples(st.fractions(0, 1), st.fractions(0, 1)),
)
def test_what_is_decided_over_a_box_is_so_at_its_points(text, ends, shares):
    a, w, b, v = ends
    node = parse(text)
    try:
        told = holds(node, Point({"x": (a, a + w), "y": (b, b + v)}))
    except Unknown:
        return
    assert holds(node, Point({"x": a + shares[0] * w, "y": b + shares[1] * v})) is told


EXACT = [
    ("sqrt(9/4)", Q(3, 2)),
    ("sqrt(0)", Q(0)),
    ("exp(0)", Q(1)),
    ("log(1)", Q(0)),
    ("sin(0)", Q(0)),
    ("cos(0)", Q(1)),
    ("tan(0)", Q(0)),
    ("(8/27)**(2/3)", Q(4, 9)),
    ("(4/9)**(-1/2)", Q(3, 2)),
    ("32**0.2", Q(2)),
    ("0**(1/3)", Q(0)),
    ("0**0", Q(1)),
    ("(-2)**3", Q(-8)),
    ("(-8)**(6/3)", Q(64)),
    ("2**(-3)", Q(1, 8)),
    ("4**(-0.5)", Q(1, 2)),
    ("1**(10**9)", Q(1)),
    ("(-1)**(10**9 + 1)", Q(-1)),
]


@pytest.mark.parametrize(("text", "value"), EXACT)
def test_recognised_values_are_exact(text, value):
    assert number(parse(text), Point({})) == (value, value)


OUTSIDE = ["(-8)**(1/3)", "0**(-1)", "0**(-1/2)", "(-1)**0.5", "sqrt(-1/10**9)", "log(0)", "log(-1)", "1/(1/3 - 1/3)"]


@pytest.mark.parametrize("text", OUTSIDE)
def test_outside_the_domain_nothing_is_defined(text):
    with pytest.raises(Undefined):
        number(parse(text), Point({}))


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("x", (Q(-1), Q(1)), "x**(1/3)"),
        ("x", (Q(-2), Q(-1)), "(-8)**x"),
        ("x", (Q(0), Q(1)), "x**(-1/2)"),
        ("x", (Q(0), Q(1)), "1/x"),
        ("x", (Q(-1), Q(1)), "log(x)"),
        ("x", (Q(-1), Q(0)), "sqrt(x)"),
        ("x", (Q(-1), Q(1)), "0**x"),
        ("x", (Q(-1), Q(1)), "x**(-2)"),
    ],
)
def test_partly_outside_the_domain_nothing_is_said(name, value, text):
    with pytest.raises(Unknown):
        number(parse(text), Point({name: value}))


@pytest.mark.parametrize(
    "text",
    [
        "exp(10**9) > 1",
        "2**(10**9) > 1",
        "(3/2)**(2**4000) > 1",
        "exp(exp(exp(exp(2)))) > 0",
        "((7**4000)**4000)**4000 > 1",
        "2**(10**9/3) > 0",
        "sin(exp(60000)) <= 1/2 or exp(10**9) < 0",
    ],
)
def test_numbers_that_grow_too_long_are_unknown_at_once(text):
    # a program that starts to write their 10**8 digits does not come back
    with pytest.raises(Unknown):
        holds(parse(text), Point({}))


def test_small_exponentials_stay_decidable():
    assert holds(parse("exp(-1000) > 0"), Point({})) is True
    assert holds(parse("exp(-60000) > 0"), Point({})) is True
    assert holds(parse("10**8685 < exp(20000) < 10**8687"), Point({})) is True  # 20000/log(10) = 8685.9
    assert holds(parse("exp(-10**9) < 1/10**9"), Point({})) is True
    assert holds(parse("2**(1/2) < 1.4142136 and 2**(1/2) > 1.4142135"), Point({})) is True
    assert holds(parse("x**y > 2.2"), Point({"x": Q(3, 2), "y": Q(2)})) is True


def test_one_side_that_decides_is_enough():
    unknown = "exp(10**9) > 1"
    for text, told in (("or 1 > 0", True), ("and 1 < 0", False), ("implies 1 > 0", True)):
        assert holds(parse(f"({unknown}) {text}"), Point({})) is told
        assert holds(parse(f"(1 > 2) implies {unknown}"), Point({})) is True
    with pytest.raises(Unknown):
        holds(parse(f"({unknown}) or 1 < 0"), Point({}))
    assert holds(parse("1 < 2 < 1 < exp(10**9 - 10**9)"), Point({})) is False


def test_more_digits_decide_what_few_do_not():
    node = parse("sqrt(2) + 1/10**60 > sqrt(2)")
    assert list(pointwise.BITS) == sorted(pointwise.BITS)
    with pytest.raises(Unknown):
        holds(node, Point({}, bits=pointwise.BITS[0]))
    assert holds(node, Point({}, bits=pointwise.BITS[-1])) is True
