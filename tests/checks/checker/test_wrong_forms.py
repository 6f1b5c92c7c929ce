"""Runs, choices, points and whole statements: wrong certificates of every form are rejected."""

from __future__ import annotations

from typing import Any

import pytest
from certificates import (
    CONSTANT,
    GIVEN,
    IDENTITY,
    VECTOR,
    Json,
    Pair,
    accepted,
    claim,
    known,
    nonzero,
    of,
    proof,
    step,
    total,
)


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


@pytest.mark.parametrize("name", FORMS)
def test_a_wrong_use_of_a_form_is_rejected(name: str) -> None:
    assert not accepted(*FORMS[name])
