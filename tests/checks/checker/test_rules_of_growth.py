"""Growth along a path, products and enclosures: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    ALL,
    CLOSED,
    CONSTANT,
    GIVEN,
    IDENTITY,
    Json,
    Uses,
    accepted,
    claim,
    enclose,
    grow,
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
}


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
