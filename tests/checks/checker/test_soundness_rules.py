"""Every rule of the checker next to wrong uses of it: the right use is accepted, the wrong ones are rejected.

A wrong use is a certificate for a false statement that would be accepted if the rule forgot one of its conditions.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checks.checker import Rejected, check
from checks.checker.accept import RULES
from checks.checker.grammar import Node, parse
from checks.checker.kinds import axioms

Json = dict[str, Any]
Pair = tuple[Json, Json]
VECTOR: Json = {"atoms": {"A": "n"}, "sets": {}, "families": {"c": None}, "indices": {"k": "A"}}
GIVEN, IDENTITY, CONSTANT = {"kind": "given"}, {"kind": "identity"}, {"kind": "constant"}


def claim(*show: str, given: tuple[str, ...] = (), **more: Any) -> Json:
    return {"form": "forall", "let": [], "given": list(given), "show": list(show), **more}


def step(kind: str, *by: Json, **more: Any) -> Json:
    return {"kind": kind, "by": list(by), **more}


def proof(*steps: Json) -> Json:
    return {"verdict": "proved", "steps": list(steps)}


def known(position: int) -> Json:
    return {"kind": "known", "given": position}


def total(*terms: Json) -> Json:
    return {"kind": "combination", "terms": list(terms)}


def of(*facts: int, coefficient: str = "1", **more: Any) -> Json:
    return {"coefficient": coefficient, "facts": list(facts), **more}


def nonzero(expression: str) -> Json:
    return {"kind": "nonzero", "factors": [{"expression": expression}]}


def sturm(variable: str, low: str | None = None, high: str | None = None, **more: Any) -> Json:
    return {"kind": "sturm", "variable": variable, "low": low, "high": high, **more}


def grow(*by: Json, **more: Any) -> Json:
    return step("grow", *by, **{"variable": "x", "as": "s", "from": "0", "inward": 1, **more})


def enclose(box: Json, tree: Any, *by: Json) -> Json:
    return step("enclose", *by, box=box, tree=tree)


def chart(*entries: Json, boxes: Any = "leaf") -> Json:
    return {"kind": "bernstein", "chart": list(entries), "boxes": boxes}


def axis(variable: str, low: str | None, high: str | None, low_by: Any = None, high_by: Any = None) -> Json:
    return {"variable": variable, "low": low, "high": high, "low_by": low_by, "high_by": high_by}


def change(value: str, inverse: str, *by: Json, name: str = "t") -> Json:
    return step("change", *by, variable="x", value=value, inverse=inverse, **{"as": name})


def whole(*show: str, given: tuple[str, ...] = ()) -> Json:
    return claim(*show, given=given, integers=["n"])


UNIT = axis("x", "0", "1", [["1", 0]], [["1", 1]])
CLOSED, OPEN = ("x >= 0", "x <= 1"), ("x > 0", "x < 1")
ALL = {"x": ["0", "1"]}

# rule: (a true statement with its certificate, false ones with a wrong use of the rule)
USES: dict[str, tuple[Pair, dict[str, Pair]]] = {
    "parts": (
        (
            claim("x > 0", given=("x > 1",)),
            proof(
                step(
                    "lemma",
                    step("parts", known(0), total(of(0), of())),
                    known(2),
                    show="x > 1 and x > 0",
                )
            ),
        ),
        {
            "one part is left out": (
                claim("x > 2", given=("x > 1",)),
                proof(step("lemma", step("parts", known(0)), known(2), show="x > 1 and x > 2")),
            ),
            "the parts of a disjunction": (claim("x > 0 or x > 1", given=("x > -1",)), proof(step("parts", known(0)))),
        },
    ),
    "side": (
        (claim("x > 0 or x <= 0"), proof(step("side", known(0), side=0))),
        {
            "the other side is undefined somewhere": (
                claim("x < 1/y or x >= 1/y"),
                proof(step("side", nonzero("y"), known(0), side=0)),
            ),
            "the other side is taken as it stands": (
                claim("x > 0 or x > 1"),
                proof(step("side", known(0), side=0)),
            ),
            "alone uses nothing of the other side": (
                claim("x > 0 or x < 0"),
                proof(step("side", known(0), side=0, alone=True)),
            ),
            "the conclusion is a conjunction of a lemma": (
                claim("x > 1", given=("x > 0",)),
                proof(
                    step("lemma", step("side", known(0), side=0, alone=True), known(2), show="x > 0 and x > 1"),
                ),
            ),
            "the conclusion is a conjunction": (
                claim("not (x > 0 or x < 0)", given=("x >= 0",)),
                proof(step("side", known(0), side=1, alone=True), known(0)),
            ),
        },
    ),
    "choose": (
        (
            claim("x > 1", given=("x > 1 or x > 2",)),
            proof(step("choose", known(0), total(of(0), of()), either=0)),
        ),
        {
            "one case is not shown": (
                claim("x > 1", given=("x > 1 or x > 0",)),
                proof(step("choose", known(0), known(0), either=0)),
            ),
            "one case is left out": (
                claim("x > 1", given=("x > 1 or x > 0",)),
                proof(step("choose", known(0), either=0)),
            ),
            "a negative position": (
                claim("x > 1", given=("x > 1 or x > 0",)),
                proof(step("choose", known(0), known(0), either=-1)),
            ),
            "a negated conjunction is no conjunction": (
                claim("x <= 0", given=("not (x > 0 and y > 0)",)),
                proof(step("choose", known(0), known(0), either=0)),
            ),
        },
    ),
    "split": (
        (claim("x*x >= 0"), proof(step("split", total(of(0, 0)), total(of(0, 0)), at="x"))),
        {
            "at an expression that is undefined somewhere": (
                claim("x != 0"),
                proof(step("split", nonzero("x"), known(1), known(1), at="1/x")),
            ),
            "one case is not shown": (claim("x >= 0"), proof(step("split", known(0), known(0), at="x"))),
            "at a statement": (
                claim("x >= 0"),
                proof(step("split", known(0), known(0), at="x >= 0")),
            ),
        },
    ),
    "lemma": (
        (
            claim("x**2 > 1", given=("x > 1",)),
            proof(step("lemma", total(of(0), of()), total(of(0, 0), of(0, coefficient="2")), show="x > 0")),
        ),
        {
            "that is false": (claim("x > 0"), proof(step("lemma", CONSTANT, known(0), show="x > 0"))),
            "that shows itself": (
                claim("x > 0"),
                proof(step("lemma", step("lemma", known(0), known(0), show="x > 0"), known(0), show="x > 0")),
            ),
            "that is undefined somewhere": (
                claim("x != 0"),
                proof(step("lemma", IDENTITY, known(1), show="1/x == 1/x")),
            ),
            "that is no statement": (claim("x > 0"), proof(step("lemma", CONSTANT, CONSTANT, show="x"))),
        },
    ),
    "absurd": (
        (claim("y > 5", given=("x > 0", "x < 0")), proof(step("absurd", total(of(0), of(1))))),
        {
            "hypotheses that hold at one point": (
                claim("y > 5", given=("x >= 0", "x <= 0")),
                proof(step("absurd", total(of(0), of(1)))),
            ),
            "by the conclusion": (claim("0 > 1"), proof(step("absurd", step("absurd", CONSTANT)))),
        },
    ),
    "deny": (
        (claim("x > 0", given=("x > 1",)), proof(step("deny", total(of(0), of(1), of())))),
        {
            "a conclusion that is undefined somewhere": (
                claim("1/x > 0", given=("x >= 0",)),
                proof(step("deny", nonzero("x"), step("clear", known(2), CONSTANT, given=1, sign=1))),
            ),
            "without a contradiction": (claim("x > 0", given=("x >= 0",)), proof(step("deny", total(of(0), of(1))))),
        },
    ),
    "both": (
        (claim("x == 1", given=("x <= 1", "x >= 1")), proof(step("both", known(0), known(1)))),
        {
            "one inequality alone": (claim("x == 1", given=("x <= 1",)), proof(step("both", known(0), known(0)))),
            "for an inequality": (
                claim("x > 1", given=("x <= 1", "x >= 1")),
                proof(step("both", known(0), known(1))),
            ),
        },
    ),
    "clear": (
        (
            claim("x < 1", given=("1/x > 1", "x > 0")),
            proof(step("clear", GIVEN, GIVEN, given=0, sign=1)),
        ),
        {
            "a denominator of unknown sign": (
                claim("x > 1", given=("1/x < 1",)),
                proof(step("clear", GIVEN, GIVEN, given=0, sign=1)),
            ),
            "a negative one as if positive": (
                claim("x > 1", given=("1/x < 1", "x < 0")),
                proof(step("clear", GIVEN, GIVEN, given=0, sign=1)),
            ),
            "the square is not the denominator": (
                claim("x > 1", given=("1/x < 1",)),
                proof(step("clear", GIVEN, given=0, sign=0)),
            ),
            "an inequality with an empty sum": (
                claim("y*(n + y) > 0", given=("sum(i:A, 1/y) + 1 > 0",), index=VECTOR),
                proof(step("clear", GIVEN, given=0)),
            ),
            "something not zero with an empty sum": (
                claim("n + y != 0", given=("sum(i:A, 1/y) + 1 != 0",), index=VECTOR),
                proof(step("clear", nonzero("n + y"), given=0)),
            ),
            "an empty sum has no denominator": (
                claim("y != 0", given=("sum(i:A, 1/y) == 0",), index=VECTOR),
                proof(step("clear", known(1), given=0)),
            ),
            "an inequality with sign 0 that holds a sum": (
                claim("y*n >= 1", given=("sum(i:A, 1/y) >= 0",), index=VECTOR),
                proof(step("clear", GIVEN, given=0)),
            ),
        },
    ),
    "divide": (
        (
            claim("y > 0", given=("x*y > 0", "x > 0")),
            proof(step("divide", known(1), known(2), fact=0, factor="x", to="y")),
        ),
        {
            "by a factor that may be negative": (
                claim("y > 0", given=("x*y > 0",)),
                proof(step("divide", GIVEN, known(1), fact=0, factor="x", to="y")),
            ),
            "an equality by a factor that may vanish": (
                claim("y == 0", given=("x*y == 0",)),
                proof(step("divide", nonzero("x"), total(of(1, multiplier="1")), fact=0, factor="x", to="y")),
            ),
            "another product": (
                claim("y > 1", given=("x*y > 0", "x > 0")),
                proof(step("divide", known(1), known(2), fact=0, factor="x", to="y - 1")),
            ),
            "a product with another rest": (
                claim("y > 1", given=("x*y > 0", "x > 0")),
                proof(step("divide", known(1), GIVEN, fact=0, factor="x", to="y - 1")),
            ),
            "a quotient of the hypothesis": (
                claim("1/x > 0", given=("y > 0",)),
                proof(step("divide", CONSTANT, known(1), fact=0, factor="x*y", to="1/x")),
            ),
            "a position without a hypothesis": (
                claim("y > 0", given=("x > 0",)),
                proof(step("divide", CONSTANT, known(1), fact=7, factor="1", to="y")),
            ),
        },
    ),
    "substitute": (
        (
            claim("x**2 == 4*y**2", given=("x == 2*y",)),
            proof(step("substitute", IDENTITY, variable="x", fact=0)),
        ),
        {
            "a Taylor variable would catch the value": (
                claim("taylor(x*t, t, 1) == 0", given=("x == t",)),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "a derivative would reach into the value": (
                claim("diff(x*c[k], c[k]) == 2*c[k]", given=("x == c[k]",), index=VECTOR),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "a derivative would reach into a sum": (
                claim("diff(x, c[k]) == 1", given=("x == sum(i:A, c[i])",), index=VECTOR),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "an index would catch the value": (
                claim("sum(k:A, x*c[k]) == sum(i:A, c[i]**2)", given=("x == c[k]",), index=VECTOR),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "the slope may vanish": (
                claim("x == 1", given=("y*x == y",)),
                proof(step("substitute", nonzero("y"), IDENTITY, variable="x", fact=0)),
            ),
            "an inequality": (
                claim("x == 1", given=("x >= 1",)),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "an equality with two solutions": (
                claim("x == 1", given=("x**2 == 1",)),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "an equality that is not linear": (
                claim("x == y", given=("x**2 == y*x",)),
                proof(step("substitute", IDENTITY, variable="x", fact=0)),
            ),
            "the size of an index set": (
                claim("sum(i:A, 1) == 2", given=("n == m",), index=VECTOR),
                proof(step("substitute", IDENTITY, variable="n", fact=0)),
            ),
        },
    ),
    "squares": (
        (claim("x**4 + x**2 >= 0"), proof(step("squares", total(of(0, 0), of(0)), variables=["x"]))),
        {
            "an odd power": (claim("x**3 >= 0"), proof(step("squares", total(of(0)), variables=["x"]))),
            "a square may vanish": (claim("x**2 > 0"), proof(step("squares", total(of(0)), variables=["x"]))),
            "a hypothesis with an odd power": (
                claim("x**2 <= 1", given=("x <= 1",)),
                proof(step("squares", total(of(0)), variables=["x"])),
            ),
            "an odd power inside a product": (
                claim("x*y >= 0"),
                proof(step("squares", total(of(0, 1)), variables=["x", "y"])),
            ),
        },
    ),
    "change": (
        (claim("x > 0", given=("2*x > 0",)), proof(change("t/2", "2*x", IDENTITY, GIVEN))),
        {
            "that is not onto": (claim("x >= 0"), proof(change("t**2", "x", IDENTITY, total(of(squares=["t"]))))),
            "whose inverse is undefined somewhere": (
                claim("x != 0"),
                proof(change("1/t", "1/x", IDENTITY, nonzero("1"))),
            ),
            "a Taylor variable would catch the new name": (
                claim("taylor(x*t, t, 1) == 0"),
                proof(change("t", "x", IDENTITY, IDENTITY)),
            ),
            "a Taylor variable of the value would catch the inverse": (
                claim("x == 0", given=("s == 1",)),
                proof(change("taylor(t*s, s, 2)/2", "x*s", IDENTITY, IDENTITY)),
            ),
            "a derivative of the value would reach into the inverse": (
                claim("x == 0", index=VECTOR),
                proof(change("diff(diff(t*c[k], c[k]), c[k])/2", "x*c[k]", IDENTITY, IDENTITY)),
            ),
            "to a name in use": (
                claim("x == t", given=("t > 0",)),
                proof(change("t", "x", IDENTITY, IDENTITY)),
            ),
            "to the old name": (claim("x == 0"), proof(change("x - x", "x", IDENTITY, IDENTITY, name="y"))),
            "to a name that nothing binds": (claim("x == z"), proof(change("z", "x", known(0), IDENTITY))),
        },
    ),
    "cases": (
        (claim("abs(x) >= 0"), proof(step("cases", known(0), GIVEN, term="abs(x)"))),
        {
            "the sign of the second case": (
                claim("abs(x) == x"),
                proof(step("cases", IDENTITY, IDENTITY, term="abs(x)")),
            ),
            "min for max": (claim("min(x, y) >= x"), proof(step("cases", IDENTITY, GIVEN, term="min(x, y)"))),
            "an argument that is undefined somewhere": (
                claim("abs(1/x) >= 0"),
                proof(step("cases", nonzero("x"), known(0), GIVEN, term="abs(1/x)")),
            ),
            "a function of one argument as a maximum": (
                claim("x >= sin(x)"),
                proof(step("cases", known(0), CONSTANT, term="sin(x)")),
            ),
            "another function": (claim("sin(x) >= x"), proof(step("cases", IDENTITY, IDENTITY, term="sin(x)"))),
        },
    ),
    "name": (
        (claim("exp(x) > 0"), proof(step("name", known(0), term="exp(x)", **{"as": "z"}))),
        {
            "a term that is undefined somewhere": (
                claim("sqrt(x) >= 0"),
                proof(step("name", known(0), known(0), term="sqrt(x)", **{"as": "z"})),
            ),
            "a name in use": (
                claim("exp(x) == y"),
                proof(step("name", IDENTITY, term="exp(x)", **{"as": "y"})),
            ),
            "a logarithm has every sign": (
                claim("log(x) > 0", given=("x > 0",)),
                proof(step("name", known(0), known(1), term="log(x)", **{"as": "z"})),
            ),
            "an even root of a negative base": (
                claim("(x**3)**(1/2) >= 0"),
                proof(step("name", known(0), known(0), term="(x**3)**(1/2)", **{"as": "z"})),
            ),
            "a word of the grammar": (
                claim("exp(x) > 3"),
                proof(step("name", {"kind": "numbers"}, term="exp(x)", **{"as": "pi"})),
            ),
            "a name that an integer has": (
                claim("exp(x) != 1/2", integers=["n"]),
                proof(step("name", known(0), term="exp(x)", **{"as": "n"})),
            ),
            "a statement as a number": (
                claim("exp((x < y)) > 0"),
                proof(step("name", known(0), term="exp((x < y))", **{"as": "z"})),
            ),
            "inside a sum": (
                claim("sum(i:A, exp(x)) == 0", index=VECTOR),
                proof(step("name", IDENTITY, term="exp(x)", **{"as": "z"})),
            ),
        },
    ),
    "rewrite": (
        (
            claim("exp(x) == exp(y)", given=("x == y",)),
            proof(
                step(
                    "rewrite",
                    known(0),
                    step("name", IDENTITY, term="exp(y)", **{"as": "z"}),
                    **{"from": "x", "to": "y"},
                )
            ),
        ),
        {
            "terms that differ": (
                claim("x == y"),
                proof(step("rewrite", IDENTITY, IDENTITY, **{"from": "x", "to": "y"})),
            ),
            "a term that is undefined somewhere": (
                claim("x/x == 1"),
                proof(step("rewrite", IDENTITY, IDENTITY, **{"from": "x/x", "to": "1"})),
            ),
            "by itself": (
                claim("x == y"),
                proof(
                    step(
                        "rewrite",
                        step("rewrite", IDENTITY, IDENTITY, **{"from": "x", "to": "x"}),
                        IDENTITY,
                        **{"from": "x", "to": "y"},
                    )
                ),
            ),
            "to a name that nothing binds": (
                claim("x == x + z"),
                proof(step("rewrite", IDENTITY, IDENTITY, **{"from": "x", "to": "w"})),
            ),
        },
    ),
    "numbers": (
        (claim("pi > 3"), proof({"kind": "numbers"})),
        {
            "the other way round": (claim("pi < 3"), proof({"kind": "numbers"})),
            "a name is no number": (claim("x > 0"), proof({"kind": "numbers"})),
            "an undefined number": (claim("1/(sqrt(2)**2 - 2) > 0"), proof({"kind": "numbers"})),
            "two numbers that no enclosure tells apart": (claim("sqrt(2)**2 != 2"), proof({"kind": "numbers"})),
            "a negation of something undefined": (claim("not (log(-1) > 0)"), proof({"kind": "numbers"})),
        },
    ),
    "known": (
        (claim("x >= 1", given=("x > 1",)), proof(known(0))),
        {
            "a weaker sign": (claim("x > 1", given=("x >= 1",)), proof(known(0))),
            "the sides exchanged": (claim("1 > x", given=("x > 1",)), proof(known(0))),
            "another term": (claim("x > 2", given=("x > 1",)), proof(known(0))),
            "a multiple of it": (claim("2*x > 3", given=("x > 1",)), proof(known(0))),
            "a negative position": (claim("x > 1", given=("y > 1", "x > 0")), proof(known(-1))),
            "an inequality for an equality": (claim("x == 1", given=("x >= 1",)), proof(known(0))),
        },
    ),
    "forget": (
        (claim("x > 0", given=("y > 0", "x > 0")), proof(step("forget", known(0), keep=[1]))),
        {
            "what is forgotten is gone": (
                claim("x > 1", given=("x > 0",)),
                proof(step("forget", known(0), keep=[])),
            ),
            "a position without a hypothesis": (
                claim("x > 1", given=("x > 0",)),
                proof(step("forget", known(1), keep=[0, 1])),
            ),
        },
    ),
    "axiom": (
        (
            claim("exp(x) >= 1 + x"),
            proof(
                step("axiom", step("name", GIVEN, term="exp(x)", **{"as": "z"}), axiom="exp-lower", at=["x"], order=1)
            ),
        ),
        {
            name: (claim(shown, given=hypotheses), proof(step("axiom", *by, axiom=axiom, at=at, order=order)))
            for name, (shown, hypotheses, axiom, at, order, by) in {
                "an even lower bound below 0": (
                    "exp(x) >= 1 + x*(1 + x*(1/2))",
                    ("x >= -1",),
                    "exp-lower",
                    ["x"],
                    2,
                    (GIVEN, known(1)),
                ),
                "an upper bound above 0": (
                    "exp(x) <= 1 + x*(1 + x*(1/2))",
                    (),
                    "exp-upper",
                    ["x"],
                    2,
                    (GIVEN, known(0)),
                ),
                "an odd upper bound": (
                    "exp(x) <= 1 + x*1",
                    ("x <= 0",),
                    "exp-upper",
                    ["x"],
                    1,
                    (known(0), known(1)),
                ),
                "a logarithm of anything": (
                    "log(x) <= (x - 1)*1",
                    (),
                    "log-upper",
                    ["x"],
                    1,
                    (GIVEN, known(0)),
                ),
                "a term that is undefined somewhere": (
                    "exp(1/x) >= 1 + 1/x*1",
                    (),
                    "exp-lower",
                    ["1/x"],
                    1,
                    (nonzero("x"), known(0)),
                ),
                "an exponent that is not the sum": (
                    "exp(x) == 1*exp(y)**1",
                    (),
                    "exp-sum",
                    ["x", "y"],
                    [1],
                    (IDENTITY, known(0)),
                ),
                "as many terms as multiples": (
                    "exp(x) == 1*exp(y)**1",
                    ("x >= y",),
                    "exp-sum",
                    ["x", "y"],
                    [1, 1],
                    (IDENTITY, known(0)),
                ),
                "strictly increasing at equal terms": (
                    "exp(x) < exp(y)",
                    ("x <= y",),
                    "exp-increasing",
                    ["x", "y"],
                    2,
                    (GIVEN, known(1)),
                ),
                "a power of a negative base": (
                    "x**y == exp(y*log(x))",
                    (),
                    "power",
                    ["x", "y"],
                    1,
                    (GIVEN, known(0)),
                ),
                "a sine below 0": (
                    "sin(x) <= 0 + x*1",
                    (),
                    "sin-series",
                    ["x"],
                    1,
                    (GIVEN, known(0)),
                ),
                "the logarithmic mean below 1": (
                    "(x + 1)*log(x) >= 2*(x - 1)",
                    ("x > 0",),
                    "log-mean",
                    ["x"],
                    1,
                    (GIVEN, known(1)),
                ),
                "an odd lower bound of the logarithm": (
                    "log(x) >= 0 + (x - 1)*1",
                    ("x >= 1",),
                    "log-lower",
                    ["x"],
                    1,
                    (known(0), known(1)),
                ),
                "an order of zero": ("exp(x) >= 1", (), "exp-lower", ["x"], 0, (known(0),)),
                "no such axiom": ("exp(x) >= 1", (), "exp-large", ["x"], 1, (known(0),)),
            }.items()
        },
    ),
    "grow": (
        (
            claim("x**3 + x >= 0", given=("x >= 0",)),
            proof(grow(GIVEN, CONSTANT, total(of(coefficient="3", squares=["s"]), of()))),
        ),
        {
            "across a pole": (
                claim("-1/x >= 1", given=("x >= -1", "x != 0")),
                proof(
                    grow(
                        GIVEN,
                        CONSTANT,
                        nonzero("s"),
                        total(of()),
                        **{"from": "-1"},
                    )
                ),
            ),
            "across a pole of the tangent": (
                claim("tan(x) >= 0", given=("x >= 0", "x <= 3")),
                proof(grow(GIVEN, {"kind": "numbers"}, nonzero("cos(s)"), total(of(), of(squares=["tan(s)"])))),
            ),
            "a function that falls": (
                claim("-x >= 0", given=("x >= 0",)),
                proof(grow(GIVEN, CONSTANT, CONSTANT)),
            ),
            "the other direction": (
                claim("x >= 0", given=("x <= 0",)),
                proof(grow(GIVEN, CONSTANT, CONSTANT, inward=-1)),
            ),
            "from a place beyond": (
                claim("x >= 0"),
                proof(grow(GIVEN, CONSTANT, CONSTANT)),
            ),
            "from a wrong start": (
                claim("x >= 1", given=("x >= 0",)),
                proof(grow(GIVEN, CONSTANT, CONSTANT)),
            ),
            "strict by its slope on a path that may be a point": (
                claim("x > 0", given=("x >= 0",)),
                proof(grow(GIVEN, CONSTANT, CONSTANT, strict="slope")),
            ),
            "strict from a start that is not": (
                claim("x**3 > 0", given=("x >= 0",)),
                proof(grow(GIVEN, CONSTANT, total(of(coefficient="3", squares=["s"])))),
            ),
            "an absolute value": (
                claim("x - abs(x) >= 0", given=("x >= -1",)),
                proof(grow(GIVEN, {"kind": "numbers"}, CONSTANT, **{"from": "0"})),
            ),
            "an equality": (claim("x == 0", given=("x >= 0",)), proof(grow(GIVEN, CONSTANT, CONSTANT))),
            "a power with a moving exponent": (
                claim("(1/2)**x >= 1", given=("x >= 0",)),
                proof(grow(GIVEN, CONSTANT, CONSTANT)),
            ),
        },
    ),
    "scale": (
        (
            claim("x*y > 0", given=("x > 0", "y > 0")),
            proof(step("scale", IDENTITY, known(0), known(1), factor="x", to="y")),
        ),
        {
            "by a factor that may vanish": (
                claim("x*y > 0", given=("x >= 0", "y > 0")),
                proof(step("scale", IDENTITY, known(0), known(1), factor="x", to="y")),
            ),
            "a rest that may vanish": (
                claim("x*y > 0", given=("x > 0", "y >= 0")),
                proof(step("scale", IDENTITY, known(0), known(1), factor="x", to="y")),
            ),
            "an equality": (
                claim("x*y == 0", given=("x > 0", "y >= 0")),
                proof(step("scale", IDENTITY, known(0), known(1), factor="x", to="y")),
            ),
            "another product": (
                claim("x*y > 1", given=("x > 0", "y > 0")),
                proof(step("scale", IDENTITY, known(0), known(1), factor="x", to="y")),
            ),
            "a factor that is undefined somewhere": (
                claim("x**2 > 0"),
                proof(step("scale", IDENTITY, total(of(squares=["x"])), CONSTANT, factor="x**4/x**2", to="1")),
            ),
        },
    ),
    "enclose": (
        (claim("x**2 - x + 2 > 0", given=CLOSED), proof(enclose(ALL, "leaf", known(0), known(1)))),
        {
            "a box that the hypotheses leave": (
                claim("x <= 1", given=("x >= 0", "x <= 2")),
                proof(enclose(ALL, "leaf", known(0), known(1))),
            ),
            "a box without a name": (
                claim("x + y <= 1", given=CLOSED),
                proof(enclose(ALL, "leaf", known(0), known(1))),
            ),
            "a half where the claim fails": (
                claim("x <= 1/2", given=CLOSED),
                proof(enclose(ALL, {"along": "x", "low": "leaf", "high": "leaf"}, known(0), known(1))),
            ),
            "an empty box": (
                claim("x > 5", given=CLOSED),
                proof(enclose({"x": ["1", "0"]}, "leaf", known(0), known(1))),
            ),
            "a quotient by an enclosure of zero": (
                claim("x/x > 0", given=CLOSED),
                proof(enclose(ALL, "leaf", known(0), known(1))),
            ),
            "a hypothesis that fails only at an end": (
                claim("x > 5", given=("x > 0", "x < 1")),
                proof(enclose(ALL, "leaf", known(0), known(1))),
            ),
            "a root of an enclosure of zero": (
                claim("sqrt(x - 1/2) >= 0", given=CLOSED),
                proof(enclose(ALL, {"along": "x", "low": "leaf", "high": "leaf"}, known(0), known(1))),
            ),
            "an even power across zero": (
                claim("x**2 >= 1", given=("x >= -1", "x <= 1")),
                proof(enclose({"x": ["-1", "1"]}, "leaf", known(0), known(1))),
            ),
            "a tangent across its pole": (
                claim("tan(x) >= 0", given=("x >= 1", "x <= 2")),
                proof(enclose({"x": ["1", "2"]}, "leaf", known(0), known(1))),
            ),
        },
    ),
    "tighten": (
        (whole("n >= 1", given=("n > 0",)), proof(step("tighten", known(1), given=0))),
        {
            "a real name": (claim("x >= 1", given=("x > 0",)), proof(step("tighten", known(1), given=0))),
            "one integer too far": (whole("n >= 2", given=("n > 0",)), proof(step("tighten", known(1), given=0))),
            "a weak inequality": (whole("n >= 1", given=("n >= 0",)), proof(step("tighten", known(1), given=0))),
            "coefficients that are no integers": (
                whole("n >= 1", given=("n/2 > 0 - 1/2",)),
                proof(step("tighten", GIVEN, given=0)),
            ),
            "an equality that may hold": (
                whole("n > 5", given=("2*n == 4",)),
                proof(step("tighten", step("absurd", known(1)), given=0)),
            ),
            "something that is not zero": (
                whole("n >= 0", given=("n != 0",)),
                proof(step("tighten", known(1), given=0)),
            ),
            "half of an integer": (
                claim("m >= 1", given=("2*m > 0", "2*m == n"), integers=["n"]),
                proof(step("tighten", known(2), given=0)),
            ),
        },
    ),
    "residue": (
        (whole("n == n"), proof(step("residue", IDENTITY, IDENTITY, variable="n", modulus=2, **{"as": "k"}))),
        {
            "of a real name": (
                claim("x != 1/2"),
                proof(step("residue", nonzero("1"), nonzero("1"), variable="x", modulus=2, **{"as": "k"})),
            ),
            "one remainder is left out": (
                whole("n >= n**2"),
                proof(step("residue", GIVEN, variable="n", modulus=2, **{"as": "k"})),
            ),
            "a name in use": (
                whole("n == 2*k", given=("k > 0",)),
                proof(step("residue", IDENTITY, IDENTITY, variable="n", modulus=2, **{"as": "k"})),
            ),
            "a modulus of zero": (
                whole("n > 5"),
                proof(step("residue", variable="n", modulus=0, **{"as": "k"})),
            ),
            "a Taylor variable would catch the new name": (
                whole("taylor(n*k, k, 1) == 0"),
                proof(step("residue", IDENTITY, variable="n", modulus=2, **{"as": "k"})),
            ),
        },
    ),
    "induct": (
        (
            whole("2*n >= n", given=("n >= 0",)),
            proof(step("induct", known(0), CONSTANT, total(of(0), of()), variable="n", start=0)),
        ),
        {
            "from a start that is not shown": (
                whole("2*n >= n"),
                proof(step("induct", GIVEN, CONSTANT, total(of(0), of()), variable="n", start=0)),
            ),
            "a step that fails": (
                whole("n <= 5", given=("n >= 0",)),
                proof(step("induct", known(0), CONSTANT, known(1), variable="n", start=0)),
            ),
            "a base that fails": (
                whole("n >= 1", given=("n >= 0",)),
                proof(step("induct", known(0), CONSTANT, total(of(1), of()), variable="n", start=0)),
            ),
            "the step forgets what is known of n": (
                whole("n <= 5", given=("n >= 0", "2*n <= 11")),
                proof(step("induct", known(0), CONSTANT, known(1), variable="n", start=0)),
            ),
            "on the size of an index set": (
                {**whole("sum(i:A, 1) != n or n == 0", given=("n >= 0",)), "index": {**VECTOR, "indices": {}}},
                proof(
                    step(
                        "induct",
                        known(0),
                        step("side", IDENTITY, side=1, alone=True),
                        step("side", {"kind": "nonzero", "factors": []}, side=0, alone=True),
                        variable="n",
                        start=0,
                    )
                ),
            ),
            "on a real name": (
                claim("x*(x - 1) >= 0", given=("x >= 0",)),
                proof(step("induct", known(0), CONSTANT, total(of(1), of(0, coefficient="2")), variable="x", start=0)),
            ),
        },
    ),
    "pinned": (
        (
            whole("n**2 == n", given=("n >= 0", "n <= 1")),
            proof(step("pinned", known(0), known(1), IDENTITY, IDENTITY, variable="n", low=0, high=1)),
        ),
        {
            "a list that ends too early": (
                whole("n**2 == n", given=("n >= 0", "n <= 2")),
                proof(step("pinned", known(0), known(1), IDENTITY, IDENTITY, variable="n", low=0, high=1)),
            ),
            "a real name": (
                claim("x**2 == x", given=CLOSED),
                proof(step("pinned", known(0), known(1), IDENTITY, IDENTITY, variable="x", low=0, high=1)),
            ),
            "an empty list": (
                whole("n > 5", given=("n >= 0", "n <= 1")),
                proof(step("pinned", known(0), known(1), variable="n", low=1, high=0)),
            ),
            "one case is not shown": (
                whole("n**2 == 0", given=("n >= 0", "n <= 1")),
                proof(step("pinned", known(0), known(1), IDENTITY, IDENTITY, variable="n", low=0, high=1)),
            ),
        },
    ),
}

# the same for certificates of signs
SIGNS: dict[str, tuple[Pair, dict[str, Pair]]] = {
    "constant": (
        (claim("2 > 1"), proof(CONSTANT)),
        {
            "zero is not positive": (claim("0 > 0"), proof(CONSTANT)),
            "a denominator of unknown sign": (
                claim("1/x >= 0", given=("x != 0",)),
                proof({**CONSTANT, "denominator": {"factors": [{"expression": "x"}]}}),
            ),
            "a square in the denominator that may vanish": (
                claim("1/x**2 > 0"),
                proof({**CONSTANT, "denominator": {"factors": [{"expression": "x", "power": 2}]}}),
            ),
            "for an equality": (claim("x == 1"), proof(CONSTANT)),
            "a variable is no constant": (claim("x > 0"), proof(CONSTANT)),
            "a negative denominator": (claim("1/(0 - 2) > 0"), proof(CONSTANT)),
        },
    ),
    "identity": (
        (claim("(x + 1)**2 == x**2 + 2*x + 1"), proof(IDENTITY)),
        {
            "an exponent that is no integer": (claim("x**0.5 == 1"), proof(IDENTITY)),
            "an exponent that is no number": (claim("x**y == 1"), proof(IDENTITY)),
            "another polynomial": (claim("(x + 1)**2 == x**2 + 1"), proof(IDENTITY)),
            "0*(1/x) is undefined at 0": (claim("0*(1/x) == 0"), proof(IDENTITY)),
            "x**0*(1/x)**0 is undefined at 0": (claim("x**0*(1/x)**0 == 1"), proof(IDENTITY)),
            "for an inequality": (claim("x < x"), proof(IDENTITY)),
        },
    ),
    "nonzero": (
        (claim("x != 0", given=("x > 0",)), proof(nonzero("x"))),
        {
            "the zero polynomial": (claim("x - x != 0"), proof({"kind": "nonzero", "factors": []})),
            "the zero polynomial as its own factor": (claim("x - x != 0"), proof(nonzero("0"))),
            "a weak inequality": (claim("x != 0", given=("x >= 0",)), proof(nonzero("x"))),
            "another factor": (claim("x != 1", given=("x > 0",)), proof(nonzero("x"))),
        },
    ),
    "given": (
        (claim("2*x > 2", given=("x > 1",)), proof(GIVEN)),
        {
            "a weak inequality for a strict one": (claim("x > 1", given=("x >= 1",)), proof(GIVEN)),
            "a negative multiple": (claim("-x > -1", given=("x > 1",)), proof(GIVEN)),
            "something not zero": (claim("x > 0", given=("x != 0",)), proof(GIVEN)),
            "an equality for a strict inequality": (claim("x > 0", given=("x == 0",)), proof(GIVEN)),
        },
    ),
    "factors": (
        (
            claim("x**2*y >= 0", given=("y >= 0",)),
            proof(
                {
                    "kind": "factors",
                    "factors": [{"expression": "x", "power": 2}, {"expression": "y", "by": GIVEN}],
                }
            ),
        ),
        {
            "a factor of odd power without a proof": (
                claim("x*y >= 0", given=("y >= 0",)),
                proof(
                    {
                        "kind": "factors",
                        "factors": [{"expression": "x", "by": GIVEN}, {"expression": "y", "by": GIVEN}],
                    }
                ),
            ),
            "a negative multiple of the goal": (
                claim("-x > 0", given=("x > 0",)),
                proof({"kind": "factors", "factors": [{"expression": "x", "by": GIVEN}]}),
            ),
            "an empty product": (claim("-1 > 0"), proof({"kind": "factors", "factors": []})),
        },
    ),
    "combination": (
        (claim("x + y > 0", given=("x > 0", "y >= 0")), proof(total(of(0), of(1)))),
        {
            "a negative coefficient": (
                claim("x - y > 0", given=("x > 0", "y >= 0")),
                proof(total(of(0), of(1, coefficient="-1"))),
            ),
            "no strict term": (claim("x + y > 0", given=("x >= 0", "y >= 0")), proof(total(of(0), of(1)))),
            "a square is not strict": (claim("x**2 > 0"), proof(total(of(squares=["x"])))),
            "a coefficient of zero is not strict": (
                claim("x**2 > 0", given=("y > 0",)),
                proof(total(of(squares=["x"]), of(0, coefficient="0"))),
            ),
            "a hypothesis that says not zero": (claim("x > 0", given=("x != 0",)), proof(total(of(0)))),
            "a multiplier of an inequality": (
                claim("x*y >= 0", given=("x >= 0",)),
                proof(total(of(0, multiplier="y"))),
            ),
            "nonnegative terms for an equality": (claim("x == 0", given=("x >= 0",)), proof(total(of(0)))),
            "a square with a denominator": (claim("1/x**2 >= 0"), proof(total(of(squares=["1/x"])))),
            "an equality is not strict": (
                claim("y > 0", given=("x == y", "x == 0")),
                proof(total(of(0, coefficient="-1"), of(1))),
            ),
        },
    ),
    "sturm": (
        (claim("x**2 - x + 1 > 0"), proof(sturm("x"))),
        {
            "an end that is no hypothesis": (claim("x > 0"), proof(sturm("x", low="0"))),
            "an end that belongs to the interval": (claim("x > 0", given=("x >= 0",)), proof(sturm("x", low="0"))),
            "a square that vanishes inside": (
                claim("(x - 1)**2 > 0", given=("x > 0",)),
                proof(sturm("x", low="0", square="x - 1", rest="1")),
            ),
            "a double root at a closed end": (
                claim("(x - 1)**2*(x + 5) > 0", given=("x >= 1",)),
                proof(sturm("x", low="1")),
            ),
            "a polynomial that is negative": (claim("-x > 0", given=("x > 0",)), proof(sturm("x", low="0"))),
            "an end from the other side": (claim("x > 0", given=("x < 0",)), proof(sturm("x", low="0"))),
            "two variables": (claim("x + y > 0", given=("x > 0",)), proof(sturm("x", low="0"))),
            "a square that does not divide the goal": (claim("x >= 0"), proof(sturm("x", square="x", rest="1"))),
            "the zero polynomial": (claim("x - x > 0"), proof(sturm("x"))),
        },
    ),
    "bernstein": (
        (claim("x*(1 - x) > 0", given=OPEN), proof(chart(UNIT))),
        {
            "a closed end where the goal vanishes": (
                claim("x*(1 - x) > 0", given=("x >= 0", "x < 1")),
                proof(chart(UNIT)),
            ),
            "an end that follows from nothing": (claim("x > 0", given=("x > -1", "x < 1")), proof(chart(UNIT))),
            "a middle that a cut makes an end": (
                claim("(2*x - 1)**2 > 0", given=OPEN),
                proof(chart(UNIT, boxes={"axis": 0, "left": "leaf", "right": "leaf"})),
            ),
            "a variable that the chart leaves out": (claim("x + y > 0", given=OPEN), proof(chart(UNIT))),
            "a hypothesis the wrong way round": (
                claim("x >= 0", given=("x < 0", "x < 1")),
                proof(chart(axis("x", "0", "1", [["-1", 0]], [["1", 1]]))),
            ),
            "an open end far away": (
                claim("1 - x > 0", given=("x > 0",)),
                proof(chart(axis("x", "0", None, [["1", 0]]))),
            ),
            "a bound in a later variable, lost on the way": (
                claim("-x >= 0", given=("x >= 0", "x <= 2*y - y**2", "y >= 0", "y <= 1")),
                proof(
                    chart(
                        axis("x", "0", "2*y - y**2", [["1", 0]], [["1", 1]]),
                        axis("y", "0", "1", [["1", 2]], [["1", 3]]),
                    )
                ),
            ),
            "a bound by a later variable": (
                claim("y - 2*x > 0", given=("x > 0", "y > x", "y < 1")),
                proof(
                    chart(
                        axis("x", "0", "y", [["1", 0]], [["1", 1]]),
                        axis("y", "x", "1", [["1", 1]], [["1", 2]]),
                        boxes={"axis": 5, "left": "leaf", "right": "leaf"},
                    )
                ),
            ),
            "a box of no axis": (
                claim("x - 1/2 > 0", given=OPEN),
                proof(chart(UNIT, boxes={"axis": -1, "left": "leaf", "right": "leaf"})),
            ),
        },
    ),
}


def run_proof(invariant: list[str], *proofs: Json) -> Json:
    return {"verdict": "proved", "kind": "induction", "invariant": invariant, "proofs": list(proofs)}


def motion(**changes: Any) -> Json:
    formal: Json = {
        "form": "trajectory",
        "state": ["N"],
        "parameters": [],
        "let": [],
        "start": ["N == 0"],
        "branches": [{"inputs": ["t == 1"], "next": {"N": "N + t"}, "then": []}],
        "always": ["N <= 0"],
    }
    return {**formal, **changes}


def negation(values: Json, by: Json, *given: Json) -> Json:
    return {"verdict": "refuted", "kind": "negation", "values": values, "given": list(given), "relation": 0, "by": by}


START = proof(total(of(0, coefficient="-1", multiplier="1")))
FIRST, LAST = {"side": 0, "alone": True}, {"side": 1, "alone": True}
THREE = "N == 1 or N == 1/2 or N == 0"
FORMS: dict[str, Pair] = {
    "a Taylor variable would catch the next state in an abbreviation": (
        motion(let=["y = taylor(N*t, t, 1)"], always=["y <= 0"]),
        run_proof(["y <= 0"], START, proof(GIVEN), proof(GIVEN)),
    ),
    "a Taylor variable would catch the next state in the invariant": (
        motion(),
        run_proof(["taylor(N*t, t, 1) <= 0"], START, proof(GIVEN), proof(GIVEN)),
    ),
    "that an integer state stays an integer is not shown": (
        motion(
            integers=["N"],
            start=["N == 1"],
            branches=[{"inputs": [], "next": {"N": "N/2"}, "then": []}],
            always=[THREE],
        ),
        run_proof(
            [THREE],
            proof(step("side", step("side", known(0), **FIRST), **FIRST)),
            proof(
                step(
                    "choose",
                    step(
                        "choose",
                        step("side", step("side", total(of(0, multiplier="1")), **LAST), **FIRST),
                        step("tighten", step("absurd", known(1)), given=0),
                        either=0,
                    ),
                    step("side", total(of(0, multiplier="1")), **LAST),
                    either=0,
                )
            ),
            proof(
                step(
                    "choose",
                    step(
                        "choose",
                        step("side", step("side", known(0), **FIRST), **FIRST),
                        step("side", step("side", known(0), **LAST), **FIRST),
                        either=0,
                    ),
                    step("side", known(0), **LAST),
                    either=0,
                )
            ),
        ),
    ),
    "an invariant about what a step chooses anew": (
        motion(always=["N >= 0"], start=["N == 0"], branches=[{"inputs": ["t >= -1"], "next": {"N": "N + t"}}]),
        run_proof(
            ["N >= 0", "t >= 0"],
            proof(total(of(0, multiplier="1")), GIVEN),
            proof(total(of(0), of(1)), GIVEN),
            proof(GIVEN),
        ),
    ),
    "a Taylor variable would catch the value of a point": (
        claim("taylor(x*e, e, 1) == x", given=("e > 0",), exists=["e"]),
        negation({"x": "e"}, nonzero("e")),
    ),
    "a hypothesis on the entries restricts no choice": (
        claim("e < 0", given=("e > c[k]**2",), exists=["e"], index=VECTOR),
        negation({}, total(of(0), of(squares=["c[k]"]))),
    ),
    "an index set without a size": (
        claim("e < e", exists=["e"], index={"atoms": {"A": "0-1"}, "sets": {}, "families": {}, "indices": {}}),
        negation({}, CONSTANT),
    ),
    "a point that violates a hypothesis": (
        claim("x > e", given=("x > 5",), exists=["e"]),
        negation({"x": "e"}, CONSTANT, GIVEN),
    ),
    "a choice that fails for some e only": (
        claim("x*x >= e", exists=["e"]),
        negation({"x": "0"}, GIVEN),
    ),
    "an integer name with a value that is none": (
        claim("n != 1/2", exists=["e"], integers=["n"]),
        negation({"n": "1/2"}, IDENTITY),
    ),
    "a witness that violates a hypothesis of its own": (
        claim("x > e", given=("x > 0", "e > 1"), exists=["e"]),
        {"verdict": "proved", "witness": {"e": "0"}, "steps": [GIVEN]},
    ),
    "a witness that is no integer": (
        claim("2*e == 1", exists=["e"], integers=["e"]),
        {"verdict": "proved", "witness": {"e": "1/2"}, "steps": [IDENTITY]},
    ),
    "a witness without every name": (
        claim("e == f + 1", exists=["e", "f"]),
        {"verdict": "proved", "witness": {"e": "1"}, "steps": [IDENTITY]},
    ),
    "hypotheses that contradict each other, for a claim with exists": (
        claim("e == 1", given=("e > 0", "e < 0"), exists=["e"]),
        {"verdict": "proved", "kind": "contradiction", "by": total(of(0), of(1)), "steps": [], "witness": {"e": "1"}},
    ),
    "hypotheses that hold at a point": (
        claim("x > 5", given=("x >= 0", "x <= 0")),
        {"verdict": "proved", "kind": "contradiction", "by": total(of(0), of(1))},
    ),
    "a state variable in a hypothesis on the parameters": (
        motion(parameters=["N <= 0"]),
        run_proof([], proof(), proof(), proof(known(0))),
    ),
    "a run from a start that the statement excludes": (
        motion(branches=[{"inputs": [], "next": {"N": "N"}}]),
        {"verdict": "refuted", "kind": "run", "values": {"N": "5"}, "steps": []},
    ),
    "a run with an input that the statement excludes": (
        motion(branches=[{"inputs": ["t <= 0"], "next": {"N": "N + t"}}]),
        {"verdict": "refuted", "kind": "run", "values": {"N": "0"}, "steps": [{"branch": 0, "inputs": {"t": "1"}}]},
    ),
    "a run that violates nothing": (
        motion(branches=[{"inputs": [], "next": {"N": "N"}}]),
        {"verdict": "refuted", "kind": "run", "values": {"N": "0"}, "steps": [{"branch": 0}]},
    ),
    "a point outside the hypotheses": (
        claim("x > 0", given=("x > 1",)),
        {"verdict": "refuted", "kind": "point", "values": {"x": "-1"}},
    ),
    "a point with a hypothesis that no enclosure decides": (
        claim("x > 0", given=("sqrt(2)**2 != 2",)),
        {"verdict": "refuted", "kind": "point", "values": {"x": "-1"}},
    ),
    "a point with a set of another size": (
        claim("sum(i:A, 1) == n", index={**VECTOR, "indices": {}}),
        {"verdict": "refuted", "values": {"n": "5"}, "arrays": {"c": ["0"]}, "layout": {"A": [0]}},
    ),
    "a point with an index outside its set": (
        claim("c[k] == 0", given=("all(i:A, c[i] == 0)",), index={**VECTOR, "atoms": {"A": "1", "B": "1"}}),
        {
            "verdict": "refuted",
            "values": {},
            "arrays": {"c": ["0", "1"]},
            "layout": {"A": [0], "B": [1]},
            "indices": {"k": 1},
        },
    ),
    "a point with a position in two sets": (
        claim("diff(sum(i:B, c[i]), c[k]) == 0", index={**VECTOR, "atoms": {"A": "1", "B": "1"}}),
        {
            "verdict": "refuted",
            "values": {},
            "arrays": {"c": ["0"]},
            "layout": {"A": [0], "B": [0]},
            "indices": {"k": 0},
        },
    ),
    "a set that holds an atom twice": (
        claim("sum(i:S, 1) == 2*n", index={**VECTOR, "sets": {"S": ["A", "A"]}}),
        proof(IDENTITY),
    ),
    "a part of an event that is not understood": (
        {
            "form": "mirror",
            "law": "invariant under c -> -c",
            "index": {**VECTOR, "indices": {}},
            "loss": "c[i]**2",
            "sample": "i",
            "state": "c",
            "data": "A",
            "event": {"some": "A", "at_least": "3/4", "unless": "n > 1"},
            "probability_above": "1/2",
        },
        {"verdict": "refuted", "kind": "antisymmetric"},
    ),
    "a part of the statement that is not understood": (
        {**claim("x == x"), "unless": ["x == 0"]},
        proof(IDENTITY),
    ),
    "a verdict of another kind": (claim("x == x"), {"verdict": "supported", "steps": [IDENTITY]}),
    "another verdict for a claim with exists": (claim("x == x", exists=["e"]), {"verdict": "supported"}),
    "text after the end of a line": (claim("1 > 0 ) or ("), proof(CONSTANT)),
    "a point for a claim with exists": (
        claim("x > e", exists=["e"], given=("x > 0",)),
        {"verdict": "refuted", "kind": "point", "values": {"x": "1", "e": "2"}},
    ),
}


def pairs(table: dict[str, tuple[Pair, dict[str, Pair]]]) -> list[Any]:
    return [
        pytest.param(*pair, id=f"{rule}: {name}") for rule, (_, wrong) in table.items() for name, pair in wrong.items()
    ]


@pytest.mark.parametrize("name", [*USES, *SIGNS])
def test_the_right_use_is_accepted(name):
    formal, certificate = {**USES, **SIGNS}[name][0]
    assert check(formal, certificate) == "proved"


@pytest.mark.parametrize(("formal", "certificate"), [*pairs(USES), *pairs(SIGNS)])
def test_a_wrong_use_is_rejected(formal, certificate):
    with pytest.raises(Rejected):
        check(formal, certificate)


@pytest.mark.parametrize("name", FORMS)
def test_a_wrong_use_of_a_form_is_rejected(name):
    with pytest.raises(Rejected):
        check(*FORMS[name])


def test_every_rule_has_a_right_use_and_two_wrong_ones():
    assert set(USES) == set(RULES)
    assert all(len(wrong) >= 2 for _, wrong in {**USES, **SIGNS}.values())


@pytest.mark.slow
def test_a_wrong_use_proves_no_other_wrong_claim():
    certificates = [
        pair[1] for table in (USES, SIGNS) for right, wrong in table.values() for pair in (right, *wrong.values())
    ]
    false = [pair[0] for table in (USES, SIGNS) for _, wrong in table.values() for pair in wrong.values()]
    for formal in false:
        for certificate in certificates:
            with pytest.raises(Rejected):
                check(formal, certificate)


# certificates that would take hours or all memory, small as they are
HUGE = {
    "a factor's power": {"kind": "factors", "factors": [{"expression": "x", "power": 10**9, "by": GIVEN}]},
    "a denominator's power": {**CONSTANT, "denominator": {"factors": [{"expression": "x", "power": 10**9}]}},
    "a rational number": total(of(0, coefficient="1e999999999")),
    "the order of a Taylor coefficient": step("lemma", IDENTITY, GIVEN, show="taylor(x, t, 100000000) >= 0"),
    "a tower of powers": step("split", GIVEN, GIVEN, at="((2**4096)**4096)**4096"),
    "a remainder's modulus": step("residue", variable="n", modulus=10**9, **{"as": "k"}),
    "a list of cases": step("pinned", variable="n", low=0, high=10**9),
    "the order of an axiom": step("axiom", GIVEN, axiom="exp-lower", at=["x"], order=10**9),
    "a power in a comparison of numbers": step("lemma", {"kind": "numbers"}, GIVEN, show="exp(10**4000) > 1"),
}


@pytest.mark.parametrize("name", HUGE)
def test_a_small_certificate_for_a_huge_computation_is_rejected(name):
    with pytest.raises(Rejected):
        check(claim("x > 0", "n > 0", given=("x > 1",), integers=["n"]), proof(HUGE[name], GIVEN))
    with pytest.raises(Rejected):
        check(claim("1/x > 0", given=("x > 1",)), proof(HUGE[name]))


def test_a_certificate_that_doubles_a_goal_again_and_again_is_rejected():
    certificate = GIVEN
    for _ in range(18):
        certificate = step("rewrite", IDENTITY, certificate, **{"from": "x", "to": "x + (x - x)"})
    with pytest.raises(Rejected):
        check(claim("x > 0", given=("x > 0",)), proof(certificate))


ODD: list[Any] = [None, True, 1.9, "1", -1, [], {}, "leaf", float("nan"), float("inf"), [[]], {"kind": "given"}]


@pytest.mark.parametrize("rule", [*USES, *SIGNS])
def test_odd_json_is_rejected_or_harmless(rule):
    # nothing but Rejected leaves the checker, and a false claim is not proved by what stands in a field
    formal, certificate = {**USES, **SIGNS}[rule][0]
    false = next(iter({**USES, **SIGNS}[rule][1].values()))[0]
    (first,) = certificate["steps"]
    for key in first:
        for value in ODD:
            for statement in (formal, false):
                try:
                    verdict = check(statement, proof({**first, key: value}))
                except Rejected:
                    continue
                assert statement is formal, (key, value)
                assert verdict == "proved"


def arb(node: Node, values: dict[str, Fraction]) -> flint.arb | None:
    """Return the value of a term in balls, or None where it has none (or may have none)."""
    kind = node[0]
    if kind in ("number", "name"):
        x = node[1] if kind == "number" else values[node[1]]
        return flint.arb(flint.fmpq(x.numerator, x.denominator))
    if kind == "call":
        (x,) = (arb(part, values) for part in node[2])
        if x is None or (node[1] == "log" and not x > 0) or (node[1] == "sqrt" and not x >= 0):
            return None
        return {"exp": x.exp, "log": x.log, "sin": x.sin, "cos": x.cos, "sqrt": x.sqrt}[node[1]]()
    a, b = arb(node[1], values), arb(node[2], values)
    if a is None or b is None or (kind == "/" and b.contains(0)):
        return None
    if kind == "**":
        whole_number = b.unique_fmpz()
        return (
            a ** int(whole_number)
            if whole_number is not None and (a != 0 or whole_number >= 0)
            else (a**b if a > 0 else None)
        )
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


def surely(left: flint.arb, sign: str, right: flint.arb) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
    }[sign]


def surely_not(left: flint.arb, sign: str, right: flint.arb) -> bool:
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
    return left != right if sign == "==" else surely(left, opposite[sign], right)


# each schema with the numbers of terms and multiples that it takes
TERMS = ("x", "y", "x*y", "0 - x", "x + y", "1/x", "x**2", "y - 1")
TWO = ("exp-increasing", "log-increasing", "sqrt-increasing", "power")
PRODUCTS = ("exp-sum", "log-product")


@st.composite
def instances(draw: Any) -> tuple[str, list[str], list[int]]:
    """Draw a schema, terms and orders, such that its premises have a chance to hold."""
    name = draw(st.sampled_from(sorted(axioms.SCHEMAS)))
    if name not in PRODUCTS:
        terms = draw(st.lists(st.sampled_from(TERMS), min_size=1 + (name in TWO), max_size=1 + (name in TWO)))
        return name, terms, [draw(st.integers(1, 8))]
    orders = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=2))
    others = draw(st.lists(st.sampled_from(TERMS), min_size=len(orders), max_size=len(orders)))
    parts = [f"({k})*({v})" if name == "exp-sum" else f"({v})**({k})" for v, k in zip(others, orders, strict=True)]
    whole_term = (" + " if name == "exp-sum" else " * ").join(parts)
    return name, [draw(st.sampled_from((whole_term, "x"))), *others], orders


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(instance=instances(), x=st.fractions(-4, 4, max_denominator=9), y=st.fractions(-4, 4, max_denominator=9))
def test_an_axiom_is_true_wherever_its_premises_hold(instance, x, y):
    name, terms, orders = instance
    try:
        premises, (left, sign, right) = axioms.SCHEMAS[name]([parse(term) for term in terms], orders)
    except Rejected:
        assume(False)
    values = {"x": x, "y": y}
    with flint.ctx.workprec(300):
        assume(all(arb(parse(term), values) is not None for term in terms))
        for a, relation, b in premises:
            low, high = arb(a, values), arb(b, values)
            # an equality of terms that are rational at the point holds, up to rounding, or is far from it
            assume(low is not None and high is not None and not surely_not(low, relation, high))
        below, above = arb(left, values), arb(right, values)
        assert below is not None, "where its premises hold an axiom is defined"
        assert above is not None
        assert not surely_not(below, sign, above)
