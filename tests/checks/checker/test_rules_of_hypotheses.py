"""Rules that change hypotheses and variables: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    ALL,
    CLOSED,
    CONSTANT,
    GIVEN,
    IDENTITY,
    VECTOR,
    Json,
    Uses,
    accepted,
    change,
    claim,
    enclose,
    known,
    nonzero,
    of,
    proof,
    right_uses,
    step,
    total,
    wrong_uses,
)

from checks.checker import check

USES: Uses = {
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
            "a position without a hypothesis": (
                claim("x > 5", given=CLOSED),
                proof(step("clear", CONSTANT, enclose(ALL, "leaf", known(0), known(1)), given=99, sign=1)),
            ),
            "a negative position": (
                claim("x > 5", given=CLOSED),
                proof(step("clear", CONSTANT, enclose(ALL, "leaf", known(0), known(1)), given=-3, sign=-1)),
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
}


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
