"""Certificates of signs: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    CONSTANT,
    GIVEN,
    IDENTITY,
    OPEN,
    UNIT,
    Json,
    Uses,
    accepted,
    axis,
    chart,
    claim,
    nonzero,
    of,
    proof,
    right_uses,
    sturm,
    total,
    wrong_uses,
)

from checks.checker import check

USES: Uses = {
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


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
