"""Rules about integers: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    CLOSED,
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
    of,
    proof,
    right_uses,
    step,
    total,
    whole,
    wrong_uses,
)

from checks.checker import check

USES: Uses = {
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


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
