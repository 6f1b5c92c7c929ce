"""Rules of logic: the right use of each is accepted, wrong uses are rejected."""

from __future__ import annotations

from certificates import (
    CONSTANT,
    IDENTITY,
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
    wrong_uses,
)

from checks.checker import check

USES: Uses = {
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
}


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)
