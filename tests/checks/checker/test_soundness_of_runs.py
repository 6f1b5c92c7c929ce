"""Runs, limits and symmetry: statements with certificates that a sound checker must reject, next to true ones."""

from __future__ import annotations

from typing import Any

import pytest
from certificates import CONSTANT, GIVEN, IDENTITY, VECTOR, Json, proof

from checks.checker import Rejected, check


def run(values: Json, *steps: Json) -> Json:
    return {"verdict": "refuted", "kind": "run", "values": values, "steps": list(steps)}


def motion(**changes: Any) -> Json:
    formal: Json = {
        "form": "trajectory",
        "state": ["N"],
        "parameters": [],
        "let": [],
        "start": ["N == 0"],
        "branches": [{"inputs": [], "next": {"N": "N + 1"}, "then": []}],
        "always": ["N <= 0"],
    }
    return {**formal, **changes}


def induction(invariant: list[str], *proofs: Json) -> Json:
    return {"verdict": "proved", "kind": "induction", "invariant": invariant, "proofs": list(proofs)}


ONE_MORE = [{"coefficient": "1", "facts": [0]}, {"coefficient": "1"}]
START_RUN = induction(
    ["N <= 0"],
    proof({"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]}),
    proof(GIVEN),
    proof(GIVEN),
)

UNSOUND: dict[str, tuple[Json, Json]] = {
    # runs
    "an abbreviation of the state in an invariant": (
        motion(let=["M = N"], always=["M <= 0"]),
        induction(["M <= 0"], START_RUN["proofs"][0], proof(GIVEN), proof(GIVEN)),
    ),
    "a parameter that bounds the state": (
        motion(parameters=["N <= 0"], start=["N <= 0"], always=["N <= 1"]),
        induction(["N <= 1"], *3 * [proof({"kind": "combination", "terms": ONE_MORE})]),
    ),
    "a state variable that becomes undefined": (
        motion(
            state=["N", "M"],
            start=["N <= 0"],
            branches=[{"inputs": [], "next": {"N": "N + M - M", "M": "1/M"}, "then": []}],
        ),
        induction(["N <= 0"], proof(GIVEN), proof(GIVEN), proof(GIVEN)),
    ),
    "an abbreviation of the next state": (
        motion(let=["M = N_next"], branches=[{"inputs": [], "next": {"N": "N"}, "then": ["M <= 0"]}]),
        run({"N": "0", "N_next": "1"}, {"branch": 0}),
    ),
    "an input that bounds the next state": (
        motion(branches=[{"inputs": ["N_next <= 0"], "next": {"N": "N + 1"}, "then": []}]),
        induction(["N <= 0"], START_RUN["proofs"][0], proof(GIVEN), proof(GIVEN)),
    ),
    "an invariant that ties an input to the start": (
        motion(
            start=["N == 0", "u <= N"],
            branches=[{"inputs": ["u <= 1"], "next": {"N": "N + u"}, "then": []}],
        ),
        induction(
            ["N <= 0", "u <= 0"],
            proof(
                {"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]},
                {
                    "kind": "combination",
                    "terms": [{"coefficient": "1", "facts": [1]}, {"coefficient": "-1", "facts": [0]}],
                },
            ),
            proof(
                {
                    "kind": "combination",
                    "terms": [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [1]}],
                },
                GIVEN,
            ),
            proof(GIVEN),
        ),
    ),
    "a state variable called like another's successor": (
        motion(
            state=["N", "N_next"],
            start=["N == 0", "N_next <= 0"],
            branches=[{"inputs": [], "next": {"N": "N + 1", "N_next": "N_next"}, "then": []}],
        ),
        induction(["N_next <= 0"], proof(GIVEN), proof(GIVEN), proof(GIVEN)),
    ),
    "a run that overrides a state variable": (
        motion(branches=[{"inputs": [], "next": {"N": "N/2"}, "then": []}]),
        run({"N": "0"}, {"branch": 0, "inputs": {"N": "4"}}),
    ),
    "a run that overrides a parameter": (
        motion(
            parameters=["0 <= eta", "eta <= 1"],
            start=["N == 1"],
            branches=[{"inputs": [], "next": {"N": "N*eta"}, "then": []}],
            always=["N <= 1"],
        ),
        run({"N": "1", "eta": "1"}, {"branch": 0, "inputs": {"eta": "2"}}),
    ),
    "a run with a fraction where an integer is asked": (
        motion(parameters=["k >= 0"], start=["N == 2*k"], branches=[], always=["N != 1"], integers=["k"]),
        run({"N": "1", "k": "1/2"}),
    ),
    "a run whose step forgets a state variable": (
        motion(
            state=["N", "M"],
            start=["N == 0", "M == 0"],
            branches=[{"inputs": [], "next": {"N": "N + 1"}, "then": []}],
            always=["N <= M"],
        ),
        run({"N": "0", "M": "0"}, {"branch": 0, "inputs": {}}),
    ),
    # limits and symmetry
    "a stationary start in some coordinates only": (
        {
            "form": "limit",
            "index": {
                "atoms": {"A": "1", "B": "1"},
                "sets": {"all": ["A", "B"]},
                "families": {"c": None},
                "indices": {},
            },
            "given": [],
            "loss": "sum(j:B, c[j])",
            "sample": "i",
            "state": "c",
            "data": "A",
            "coordinates": "A",
            "limit": ["all(i:all, c[i] == 1)"],
        },
        {"verdict": "refuted", "kind": "stationary", "arrays": {"c": ["0", "0"]}, "layout": {"A": [0], "B": [1]}},
    ),
    "an odd scalar called like the state": (
        {
            "form": "mirror",
            "index": VECTOR,
            "loss": "c*sum(j:A, c[j]**2)",
            "sample": "i",
            "state": "c",
            "data": "A",
            "law": "invariant under c -> -c",
            "event": {"some": "A", "at_least": "1"},
            "probability_above": "1/2",
        },
        {"verdict": "refuted", "kind": "antisymmetric"},
    ),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_pairs_are_rejected(name: str) -> None:
    formal, certificate = UNSOUND[name]
    with pytest.raises(Rejected):
        check(formal, certificate)


ACCEPTED: dict[str, tuple[Json, Json]] = {
    "an abbreviation of the state": (
        motion(
            let=["M = N + 1"],
            branches=[{"inputs": [], "next": {"N": "N/2"}, "then": ["M_next <= 1"]}],
            always=["M <= 1"],
        ),
        induction(
            ["N <= 0"],
            proof({"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]}),
            proof(GIVEN, GIVEN),
            proof(GIVEN),
        ),
    ),
    "a state variable that stays defined": (
        motion(
            state=["N", "M"],
            start=["N <= 0", "M > 0"],
            branches=[{"inputs": [], "next": {"N": "N + M - M", "M": "1/M"}, "then": []}],
        ),
        induction(
            ["N <= 0", "M > 0"],
            proof(GIVEN, GIVEN),
            proof(
                {**IDENTITY, "denominator": {"factors": [{"expression": "M"}]}},
                GIVEN,
                {**CONSTANT, "denominator": {"factors": [{"expression": "M"}]}},
            ),
            proof(GIVEN),
        ),
    ),
    "a run that chooses its inputs": (
        motion(branches=[{"inputs": ["0 <= u", "u <= 1"], "next": {"N": "N + u"}, "then": []}], always=["N <= 1"]),
        run({"N": "0", "u": "1"}, {"branch": 0}, {"branch": 0, "inputs": {"u": "1/2"}}),
    ),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_true_neighbours_are_accepted(name: str) -> None:
    formal, certificate = ACCEPTED[name]
    assert check(formal, certificate) == certificate["verdict"]
