"""Rules about functions and numbers: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    CONSTANT,
    GIVEN,
    IDENTITY,
    VECTOR,
    Json,
    Uses,
    accepted,
    claim,
    known,
    nonzero,
    proof,
    right_uses,
    step,
    wrong_uses,
)

from checks.checker import check

USES: Uses = {
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
}


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
