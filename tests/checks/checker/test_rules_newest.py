"""Infinite descent, what is known of angles, closed witnesses, several points against an ``exists`` claim."""

from __future__ import annotations

from typing import Any

import pytest
from certificates import (
    CONSTANT,
    GIVEN,
    IDENTITY,
    Json,
    Pair,
    Uses,
    accepted,
    claim,
    known,
    nonzero,
    of,
    proof,
    right_uses,
    step,
    total,
    whole,
    wrong_uses,
)
from test_tamper import tampered

from checks.checker import check

ZERO, NUMBERS = "0 > 0", {"kind": "numbers"}


def pairs(*given: str, show: str = ZERO, integers: tuple[str, ...] = ("m", "n")) -> Json:
    return claim(show, given=given, integers=list(integers))


def parity(given: int, added: int) -> Json:
    """Refute an equality whose sides have different remainders."""
    return step("tighten", known(added), given=given)


def descend(*by: Json, names: tuple[str, ...] = ("m", "n"), new: tuple[str, ...] = ("a", "b"), **more: Any) -> Json:
    found = {"variables": list(names), "as": list(new), "modulus": 2, "nonzero": "n", **more}
    return proof(step("descend", *by, **found))


ROOT_TWO = (known(1), parity(0, 2), parity(0, 2), total(of(0, coefficient="1/4", multiplier="1")), nonzero("b"))
# m == 2 a + 1 and 2 a == 4 (2 b + 1) when b is a, too
SHARED = (known(1), parity(0, 2), parity(0, 2), total(of(0, coefficient="1/2", multiplier="1")), nonzero("a"))
# n == m or n == 2 m, where m >= 1
IN_USE = (
    known(2),
    total(of(1), of(coefficient="2"), of(0, coefficient="-1", multiplier="1")),
    IDENTITY,
    known(1),
    nonzero("m"),
)
DESCENT: Uses = {
    "descend": (
        (pairs("m**2 == 2*n**2", "n != 0"), descend(*ROOT_TWO)),
        {
            "a name that may be zero": (
                pairs("m**2 == 2*n**2"),
                descend(nonzero("n"), parity(0, 1), parity(0, 1), total(of(0, coefficient="1/4", multiplier="1"))),
            ),
            "real names": (pairs("m**2 == 2*n**2", "n != 0", integers=()), descend(*ROOT_TWO)),
            "one real name": (pairs("m**2 == 2*n**2", "n != 0", integers=("n",)), descend(*ROOT_TWO)),
            "another name is not zero": (
                pairs("m**2 == 2*n**2", "k != 0", integers=("m", "n", "k")),
                descend(*ROOT_TWO[:-1], known(1), nonzero="k"),
            ),
            "a remainder that is possible": (pairs("m**2 == 4*n**2", "n != 0"), descend(*ROOT_TWO)),
            "a remainder is left out": (
                pairs("m**2 == 4*n**2", "n != 0"),
                descend(*ROOT_TWO[:2], *ROOT_TWO[3:]),
            ),
            "a modulus of one": (
                whole(ZERO, given=("n != 0",)),
                descend(known(0), nonzero("a"), names=("n",), new=("a",), modulus=1),
            ),
            "a modulus of zero": (
                whole(ZERO, given=("n != 0",)),
                descend(known(0), nonzero("a"), names=("n",), new=("a",), modulus=0),
            ),
            "a negative modulus": (
                whole(ZERO, given=("n != 0",)),
                descend(known(0), nonzero("a"), names=("n",), new=("a",), modulus=-2),
            ),
            "the smaller ones do not satisfy a hypothesis": (
                whole(ZERO, given=("n == 2",)),
                descend(
                    nonzero("n"),
                    parity(0, 1),
                    total(of(0, coefficient="1/2", multiplier="1")),
                    names=("n",),
                    new=("a",),
                ),
            ),
            "a disjunction is forgotten": (
                whole(ZERO, given=("n != 0", "n == 2 or n == 4")),
                descend(
                    known(0),
                    step("choose", parity(1, 2), parity(1, 2), either=0),
                    nonzero("a"),
                    names=("n",),
                    new=("a",),
                ),
            ),
            "a new name for two": (pairs("m == 4*n", "n != 0"), descend(*SHARED, new=("a", "a"))),
            "a name in use": (
                pairs("(n - m)*(n - 2*m) == 0", "m >= 1", "n != 0"),
                descend(*IN_USE, names=("n",), new=("m",)),
            ),
            "a name twice": (
                whole(ZERO, given=("n != 0",)),
                descend(known(0), CONSTANT, CONSTANT, nonzero("a"), names=("n", "n")),
            ),
            "no names": (whole(ZERO, given=("n != 0",)), descend(known(0), known(0), names=(), new=())),
            "too few new names": (
                pairs("m == 4*n", "n != 0"),
                descend(known(1), parity(0, 2), total(of(0, multiplier="1")), known(1), new=("a",)),
            ),
            "to a conclusion that is no contradiction": (
                whole("n != 2*k", given=("n != 0",)) | {"integers": ["n", "k"]},
                descend(known(0), step("deny", parity(1, 2)), nonzero("a"), names=("n",), new=("a",)),
            ),
            "the size of an index set": (
                {**whole(ZERO, given=("n != 0",)), "index": {"atoms": {"A": "n"}}},
                descend(known(0), known(0), nonzero("a"), names=("n",), new=("a",)),
            ),
        },
    ),
}


def instance(axiom: str, show: str, given: tuple[str, ...], *by: Json, at: str = "x", order: Any = 1) -> Pair:
    return claim(show, given=given), proof(step("axiom", *by, axiom=axiom, at=at.split(", "), order=order))


def quarter(show: str, angle: str, order: Any, *by: Json) -> Pair:
    return instance(show[:3] + "-quarter", show, (f"x == {angle}",), *(by or (known(0), known(1))), order=order)


def half(show: str, *given: str, order: Any = 1) -> Pair:
    return instance(show[:3] + "-half-turn", show, given, known(0), known(1), known(2), order=order)


SINE, COSINE = "sin(u) == sin(v)*cos(w) + cos(v)*sin(w)", "cos(u) == cos(v)*cos(w) - sin(v)*sin(w)"
PRODUCT = "tan(x)*cos(x) == sin(x)"
UP, DOWN = ("x >= 0*pi/2", "x <= 2*pi/2"), ("x >= (0 - 1)*pi/2", "x <= 1*pi/2")
ANGLES: Uses = {
    "sin-quarter": (
        quarter("sin(x) == 1", "1*pi/2", 1),
        {
            "at another angle": quarter("sin(x) == 1", "2*pi/2", 1),
            "with the sign of the opposite angle": quarter("sin(x) == 1", "3*pi/2", 3),
            "at a negative angle": quarter("sin(x) == 1", "(0 - 1)*pi/2", -1),
            "an order that is true": quarter("sin(x) == 1", "0*pi/2", True),
            "an order in words": quarter("sin(x) == 1", "2*pi/2", "2"),
            "a huge order": quarter("sin(x) == 1", "102*pi/2", 102),
            "a premise of no comparison": quarter("sin(x) == 1", "2*pi/2", 1, known(1), known(1)),
            "any angle": instance("sin-quarter", "sin(x) == 1", (), GIVEN, known(0)),
            "two orders": quarter("sin(x) == 1", "2*pi/2", [1, 2]),
            "no order": quarter("sin(x) == 1", "2*pi/2", []),
            "an angle of another name": instance("sin-quarter", "sin(x) == 1", ("x >= 0",), IDENTITY, known(1), at="y"),
        },
    ),
    "cos-quarter": (
        quarter("cos(x) == 0 - 1", "2*pi/2", 2),
        {
            "as if it were a sine": quarter("cos(x) == 1", "1*pi/2", 1),
            "with the wrong sign": quarter("cos(x) == 1", "2*pi/2", 2),
            "a quarter too far": quarter("cos(x) == 1", "3*pi/2", 3),
            "at a negative angle": quarter("cos(x) == 1", "(0 - 2)*pi/2", -2),
        },
    ),
    "sin-half-turn": (
        half("sin(x) >= 0", *UP),
        {
            "on the interval of the cosine": half("sin(x) >= 0", *DOWN),
            "without an end": half("sin(x) >= 0", UP[0], "x >= 0"),
            "without a start": half("sin(x) >= 0", UP[1], UP[1]),
            "strictly at the ends": half("sin(x) > 0", *UP, order=2),
            "strictly by an order that is neither": half("sin(x) > 0", *UP, order=3),
            "an order of zero": half("sin(x) > 0", *UP, order=0),
            "on a whole turn": half("sin(x) >= 0", "x >= 0*pi/2", "x <= 4*pi/2"),
        },
    ),
    "cos-half-turn": (
        half("cos(x) > 0", "x > (0 - 1)*pi/2", "x < 1*pi/2", order=2),
        {
            "on the interval of the sine": half("cos(x) >= 0", *UP),
            "strictly at the ends": half("cos(x) > 0", *DOWN, order=2),
            "strictly with one open end": half("cos(x) > 0", DOWN[0], "x < 1*pi/2", order=2),
            "a sign the other way": half("cos(x) <= 0", *DOWN),
        },
    ),
    "tangent": (
        instance("tangent", PRODUCT, ("cos(x) != 0",), known(0), known(1)),
        {
            "where the cosine is zero": instance("tangent", PRODUCT, ("x == 1*pi/2",), GIVEN, known(1)),
            "anywhere": instance("tangent", PRODUCT, (), nonzero("1"), known(0)),
            "where the fact itself serves": instance("tangent", PRODUCT, (), known(1), known(0)),
            "where the sine is not zero": instance("tangent", PRODUCT, ("sin(x) != 0",), known(0), known(1)),
            "where another cosine is not zero": instance("tangent", PRODUCT, ("cos(y) != 0",), known(0), known(1)),
            "of a term that is undefined": instance(
                "tangent", "tan(1/x)*cos(1/x) == sin(1/x)", ("x >= 0",), nonzero("x"), nonzero("1"), known(1), at="1/x"
            ),
            "a quotient the other way": instance(
                "tangent", "tan(x)*sin(x) == cos(x)", ("cos(x) != 0",), known(0), known(1)
            ),
            "two terms": instance("tangent", PRODUCT, ("x == y",), known(0), known(1), at="x, y"),
        },
    ),
    "sin-sum": (
        instance("sin-sum", SINE, ("u == v + w",), known(0), known(1), at="u, v, w"),
        {
            "of a difference": instance("sin-sum", SINE, ("u == v - w",), known(0), known(1), at="u, v, w"),
            "of no sum": instance("sin-sum", SINE, (), IDENTITY, known(0), at="u, v, w"),
            "of names that repeat": instance("sin-sum", SINE, ("u == v",), IDENTITY, known(1), at="u, u, w"),
            "with the terms of the cosine": instance(
                "sin-sum", SINE.replace("sin(u)", "cos(u)"), ("u == v + w",), known(0), known(1), at="u, v, w"
            ),
            "of two terms": instance("sin-sum", SINE, ("u == v",), known(0), known(1), at="u, v"),
            "of logarithms that are undefined": instance(
                "sin-sum",
                "sin(log(x) + 0) == sin(log(x))*cos(0) + cos(log(x))*sin(0)",
                (),
                GIVEN,
                IDENTITY,
                known(1),
                at="log(x) + 0, log(x), 0",
            ),
        },
    ),
    "cos-sum": (
        instance("cos-sum", COSINE, ("u == v + w",), known(0), known(1), at="u, v, w"),
        {
            "of a difference": instance("cos-sum", COSINE, ("u == v - w",), known(0), known(1), at="u, v, w"),
            "with a plus": instance(
                "cos-sum", COSINE.replace(" - ", " + "), ("u == v + w",), known(0), known(1), at="u, v, w"
            ),
            "of no sum": instance("cos-sum", COSINE, (), IDENTITY, known(0), at="u, v, w"),
        },
    ),
}


def some(show: str, *given: str, integers: tuple[str, ...] = (), **more: Any) -> Json:
    return claim(show, given=given, exists=["c"], integers=list(integers), **more)


def witness(value: Any, *steps: Json, own: tuple[Json, ...] = (), **more: Any) -> Json:
    return {**proof(*steps), "witness": {"c": value, **more}, "own": list(own)}


def against(by: Json, *points: tuple[Json, list[Json]]) -> Json:
    found = [{"values": values, "given": given} for values, given in points]
    return {"verdict": "refuted", "points": found, "by": by}


ROOT = step("name", CONSTANT, known(1), term="sqrt(2)", **{"as": "s"})
IMAGINARY = step("name", CONSTANT, known(1), term="sqrt(0 - 1)", **{"as": "s"})
# from "c == 0" and "c == 1"
APART = total(of(), of(1, multiplier="1"), of(0, coefficient="-1", multiplier="1"))
# from "0 == 1"
ONE_IS_ZERO = total(of(), of(0, multiplier="1"))
# from "0 != 0"
EMPTY = {"kind": "factors", "factors": [{"expression": "0", "power": 2}]}
# from "c*(1/c) != 1" and "c != 0"
CANCELLED = step("clear", EMPTY, given=0)
CHOICES: Uses = {
    "a closed witness": (
        (some("c*c == 2", "c >= 0"), witness("sqrt(2)", ROOT, own=(NUMBERS,))),
        {
            "that depends on a name": (some("c == x"), witness("x", IDENTITY)),
            "that breaks out of its brackets": (some("c == x"), witness("0) + (x", IDENTITY)),
            "that names itself": (some("c == x"), witness("c", IDENTITY)),
            "with a name that is not chosen": (some("c == x"), witness("0", IDENTITY, x="0")),
            "with a name in a name's place": (some("c == x"), witness("0", IDENTITY, **{"x = 0*x": "0"})),
            "of an integer": (
                some("c*c == 2", "c >= 0", integers=("c",)),
                witness("sqrt(2)", ROOT, own=(NUMBERS,)),
            ),
            "against its hypothesis": (
                some("c*c == 2", "c <= 1", "c >= 0"),
                witness("sqrt(2)", ROOT, own=(NUMBERS, NUMBERS)),
            ),
            "with no proof of its hypothesis": (some("c*c == 2", "c <= 1", "c >= 0"), witness("sqrt(2)", ROOT)),
            "whose hypothesis is used for itself": (
                some("c*c == 2", "c <= 1", "c >= 0"),
                witness("sqrt(2)", ROOT, own=(known(0), known(1))),
            ),
            "an undefined root": (some("c*c == 0 - 1"), witness("sqrt(0 - 1)", IMAGINARY)),
            "an undefined logarithm": (
                some("exp(c) == 0"),
                witness("log(0)", step("axiom", CONSTANT, CONSTANT, known(0), axiom="exp-log", at=["0"])),
            ),
            "an undefined quotient": (some("c*0 == 1"), witness("1/(1 - 1)", IDENTITY)),
            "an undefined tangent": (some("c*0 == 1"), witness("tan(pi/2)", IDENTITY)),
            "an undefined bound": (some(ZERO, "x >= c"), witness("1/(1 - 1)", EMPTY)),
            "an undefined bound inside of a case": (some(ZERO, "x >= min(c, 0*c)"), witness("1/(1 - 1)", EMPTY)),
            "an undefined root of a bound": (
                some(ZERO, "x >= c"),
                witness("sqrt(0 - 1)", total(of(0), of())),
            ),
            "a statement": (some("c == x"), witness("1 < 2", IDENTITY)),
            "an entry": (some("c == x"), witness("v[i]", IDENTITY)),
            "a sum over nothing": (some("c == x"), witness("sum(i:A, x)", IDENTITY)),
            "a Taylor coefficient of something": (some("c == x"), witness("taylor(x, t, 0)", IDENTITY)),
            "no value": (some("c == x"), {**proof(IDENTITY), "witness": {}, "own": []}),
            "another number": (some("c == x"), witness(True, IDENTITY)),
            "that a line shadows": (some("c == x", let=["c = x + 1"]), witness("0", IDENTITY)),
            "that a line moves": (some("c == x", let=["c = c + 2*x"]), witness("0", IDENTITY)),
        },
    ),
    "several points": (
        (some("c == x"), against(APART, ({"x": "0"}, []), ({"x": "1"}, []))),
        {
            "one of them not admissible": (
                some("c == x", "x == 0"),
                against(APART, ({"x": "0"}, [IDENTITY]), ({"x": "1"}, [IDENTITY])),
            ),
            "one of them without its proofs": (
                some("c == x", "x == 0"),
                against(APART, ({"x": "0"}, []), ({"x": "1"}, [])),
            ),
            "admissible by the choice alone": (
                some("c == x", "x == c"),
                against(APART, ({"x": "0"}, [known(0)]), ({"x": "1"}, [known(0)])),
            ),
            "a point that gives the choice": (some("c == 1"), against(ONE_IS_ZERO, ({"c": "0"}, []))),
            "a point that is undefined for one choice": (
                some("c*x != 1"),
                against(CANCELLED, ({"x": "1/c"}, [])),
            ),
            "an integer that is a fraction": (
                some("n*(n - 1) >= c", "c == 0", integers=("n",)),
                against(
                    total(of(1), of(0, multiplier="1"), of(coefficient="1/4")),
                    ({"n": "1/2"}, []),
                ),
            ),
            "no point": (some("c == 1"), against(ONE_IS_ZERO)),
            "no point and a proof by nothing": (some("c == 1"), against(total())),
            "a name in a name's place": (some("c == 1"), against(ONE_IS_ZERO, ({"c = 0 ": "0"}, []))),
            "an integer name that is chosen": (
                some("2*c == c + 1", integers=("c",)),
                against(step("tighten", known(1), given=0), ({"x": "0"}, [])),
            ),
            "a point left open": (some("c == x*0"), against(APART, ({}, []), ({"x": "1"}, []))),
            "an undefined number": (some("c != 1"), against(ONE_IS_ZERO, ({"x": "1/0.0"}, []))),
            "half of a disjunction": (
                some("c == x or c == 1 - x", "x*(1 - x) == 0"),
                against(APART, ({"x": "0"}, [IDENTITY]), ({"x": "1"}, [IDENTITY])),
            ),
        },
    ),
}
ODD: list[Any] = [
    None,
    True,
    1.9,
    "1",
    -1,
    [],
    {},
    "x",
    "c",
    float("nan"),
    float("inf"),
    [[]],
    GIVEN,
    "1/0",
    "E",
    "9**9**9",
]
EVERYTHING: Uses = {**DESCENT, **ANGLES, **CHOICES}


@right_uses(EVERYTHING)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == certificate["verdict"]


@wrong_uses(EVERYTHING)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)


@pytest.mark.parametrize("rule", CHOICES)
def test_no_change_of_one_field_makes_a_wrong_choice_right(rule: str) -> None:
    (_, right), wrong = CHOICES[rule]
    for formal, certificate in wrong.values():
        for changed in (*tampered(certificate), *tampered(right)):
            assert not accepted(formal, changed), (formal, changed)


@pytest.mark.parametrize("rule", CHOICES)
def test_odd_json_is_rejected_or_harmless(rule: str) -> None:
    (formal, right), wrong = CHOICES[rule]
    false = [pair[0] for pair in wrong.values()]
    for key in right:
        for odd in ODD:
            for changed in ({**right, key: odd}, {**right, key: [odd]}, {**right, key: {"c": odd, "x": odd}}):
                assert not any(accepted(statement, changed) for statement in false), changed
                accepted(formal, changed)  # nothing but Rejected leaves the checker


def test_contradictory_hypotheses_on_the_choice_make_a_claim_false() -> None:
    empty = some("c == c", "c > 1", "c < 1")
    assert check(empty, against(total(of(0), of(1)))) == "refuted"
    assert not accepted(empty, witness("1", IDENTITY, own=(CONSTANT, CONSTANT)))
    # without the second of them it is true
    assert not accepted(some("c == c", "c > 1"), against(total(of(0), of(1))))
    assert not accepted(some("c == c", "c > 1"), against(total(of(0), of(0))))


def test_a_point_may_use_what_restricts_the_choice() -> None:
    formal = some("c >= 2*x", "0 < c", "c < 1", "x <= 1")
    by = total(of(1), of(2))  # 1 - c > 0 and c - 2 >= 0 do not hold together
    found = against(total(of(1), of(2), of()), ({"x": "1"}, [CONSTANT]))
    assert check(formal, found) == "refuted"
    assert not accepted(formal, against(by, ({"x": "1"}, [CONSTANT])))


def test_a_descent_on_three_names() -> None:
    cubes = pairs("k**3 + 2*m**3 + 4*n**3 == 0", "n != 0", integers=("k", "m", "n"))
    smaller = total(of(0, coefficient="1/8", multiplier="1"))
    by = (known(1), parity(0, 2), parity(0, 2), parity(0, 2), smaller, nonzero("c"))
    found = descend(*by, names=("k", "m", "n"), new=("a", "b", "c"))
    assert check(cubes, found) == "proved"
    # in another order the first name need not be even
    assert not accepted(cubes, descend(*by, names=("m", "k", "n"), new=("a", "b", "c")))
    assert not accepted(pairs("k**3 + 2*m**3 + 3*n**3 == 0", "n != 0", integers=("k", "m", "n")), found)


@pytest.mark.parametrize("order", [1.5, 1.0, float("nan"), float("inf"), "1.5", None, {"1": 1}, [[1]]])
def test_an_order_that_is_no_integer_says_nothing_of_other_angles(order: Any) -> None:
    for angle in ("1.5*pi/2", "2*pi/2", "0*pi/2"):
        assert not accepted(*quarter("sin(x) == 1", angle, order))


def test_a_number_with_a_denominator_of_zero_is_no_number() -> None:
    formal = some("c == x")
    assert not accepted(formal, against(APART, ({"x": "0"}, []), ({"x": "1/0"}, [])))
    assert not accepted(formal, witness("1/0", IDENTITY))
