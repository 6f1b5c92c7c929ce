"""Certificates with witnesses, negations, contradictions, cases, roots and eliminations: accepted and rejected ones."""

import copy

import pytest

from checks.checker import Rejected, check
from checks.claim import forall
from checks.engine import decide
from checks.engine.checking import CHECKER
from checks.engine.quantified import decide_claim
from checks.verdict import Status


@pytest.fixture(scope="module", autouse=True)
def _checker():
    yield
    CHECKER.close()


def claim(show, given=(), **more):
    shown = [show] if isinstance(show, str) else list(show)
    return {"form": "forall", "let": [], "given": list(given), "show": shown, **more}


TRUE = [
    claim("abs(x*y) <= (x**2 + y**2)/2", ["-1 <= x <= 1", "-1 <= y <= 1"]),
    claim("abs(x + y) <= abs(x) + abs(y)"),
    claim("x**2 <= 1", ["abs(x) <= 1"]),
    claim("max(a, b) <= a + b", ["0 <= a <= 1", "0 <= b <= 1"]),
    claim("min(x, 1 - x) <= 1/2", ["0 <= x <= 1"]),
    claim("sqrt(x) <= (1 + x)/2", ["x >= 0"]),
    claim("x**3 <= 1", ["x <= 1"]),
    claim("x**2 + y**2 >= 1/2", ["x + y == 1"]),
    claim("x**3 == y**6", ["x == y**2"]),
    claim("x <= z", ["x <= y", "y <= z"]),
    claim("x < z", ["x < y", "y <= z"]),
    claim("x*y <= x + y - x*y", ["0 <= x <= 1", "0 <= y <= 1"]),
    claim("3 < pi"),
    claim("2 < E < 3"),
    claim("x == 1", ["x <= 1", "x >= 1"]),
    claim("x**2 > 0", ["x != 0"]),
]
FALSE = [
    claim("abs(x) + abs(y) <= abs(x + y)", ["-1 <= x <= 1", "-1 <= y <= 1"]),
    claim("sqrt(x) <= x", ["0 <= x <= 1"]),
    claim("sqrt(x) >= 0", ["-1 <= x <= 1"]),
    claim("x**2 >= 1", ["abs(x) <= 1"]),
    claim("max(a, b) <= a + b", ["-1 <= a <= 1", "-1 <= b <= 1"]),
    claim("x**3 <= 1", ["x <= 2"]),
    claim("x**2 + y**2 >= 1", ["x + y == 1"]),
    claim("x**3 == y**5", ["x == y**2"]),
    claim("x < z", ["x <= y", "y <= z"]),
    claim("x <= z", ["x <= y"]),
    claim("pi < 3"),
    claim("sqrt(2) == 3/2"),
    claim("x == 1", ["x <= 1", "x >= 0"]),
    claim("x**2 > 0"),
    claim("x**3 > 0", ["x != 0"]),
]


def proof_of(formal):
    found = decide(forall("c", formal["show"], given=formal["given"]), seconds=8.0)
    assert found.status is Status.PROVED, found.detail
    return found.certificate


@pytest.mark.parametrize("formal", TRUE, ids=lambda f: f["show"][0])
def test_true_claims_are_proved(formal):
    assert check(formal, proof_of(formal)) == "proved"


@pytest.mark.parametrize("formal", FALSE, ids=lambda f: f["show"][0])
def test_false_claims_are_refuted_exactly(formal):
    found = decide(forall("c", formal["show"], given=formal["given"]), seconds=8.0)
    assert found.status is Status.REFUTED


@pytest.mark.parametrize("true", TRUE, ids=lambda f: f["show"][0])
@pytest.mark.parametrize("false", FALSE, ids=lambda f: f["show"][0])
def test_no_proof_of_a_true_claim_proves_a_false_one(true, false):
    with pytest.raises(Rejected):
        check(false, proof_of(true))


def test_a_root_needs_a_new_name():
    formal = claim("sqrt(x) <= (1 + x)/2", ["x >= 0"])
    forged = copy.deepcopy(proof_of(formal))
    forged["steps"][0]["as"] = "x"
    with pytest.raises(Rejected, match="no new name"):
        check(formal, forged)


def test_the_radicand_is_not_shown_by_a_hypothesis_about_the_root():
    formal = claim("sqrt(x) + 1 >= 0", ["-1 <= x <= 1"])
    step = {"kind": "name", "term": "sqrt(x)", "as": "r", "by": [{"kind": "given"}, {"kind": "given"}]}
    with pytest.raises(Rejected):
        check(formal, {"verdict": "proved", "steps": [step]})


def test_cases_do_not_reach_into_sums():
    index = {"atoms": {"A": "m"}, "sets": {}, "families": {"c": None}, "indices": {"i": "A"}}
    formal = claim("sum(i:A, abs(c[i])) == sum(i:A, c[i])", ["c[i] >= 0"], index=index)
    step = {"kind": "cases", "term": "abs(c[i])", "by": [{"kind": "identity"}, {"kind": "identity"}]}
    with pytest.raises(Rejected):
        check(formal, {"verdict": "proved", "steps": [step]})


def test_an_elimination_needs_an_equality():
    formal = claim("x <= y**2", ["x >= y**2"])
    for relation in ("given", "constant", "identity"):
        step = {"kind": "substitute", "variable": "x", "fact": 0, "by": [{"kind": relation}]}
        with pytest.raises(Rejected, match="does not give x"):
            check(formal, {"verdict": "proved", "steps": [step]})


def test_an_elimination_is_linear_in_its_variable():
    formal = claim("x == y", ["x**2 == y**2"])
    step = {"kind": "substitute", "variable": "x", "fact": 0, "by": [{"kind": "identity"}]}
    with pytest.raises(Rejected):
        check(formal, {"verdict": "proved", "steps": [step]})


VACUOUS = [["x > 1", "x < 1"], ["x + y > 1", "x < 0", "y <= 1"], ["x >= 2", "x <= 1"]]


@pytest.mark.parametrize("given", VACUOUS)
def test_contradictory_hypotheses_are_reported_as_such(given):
    found = decide_claim(claim("x == 7", given), [], 5.0)
    assert found.status is Status.PROVED
    assert found.data["vacuous"] is True


@pytest.mark.parametrize("given", [["x > 1", "x < 2"], ["x >= 1", "x <= 1"], []])
def test_satisfiable_hypotheses_are_not_contradictory(given):
    found = decide_claim(claim("x >= 0", given), [], 5.0)
    assert "vacuous" not in found.data
    terms = [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [1]}]
    for by in ({"kind": "combination", "terms": terms}, {"kind": "combination", "terms": []}, {"kind": "constant"}):
        with pytest.raises(Rejected):
            check(claim("x >= 0", given), {"verdict": "proved", "kind": "contradiction", "by": by})


def test_a_witness_proves_an_existential_claim():
    formal = claim("x*(1 - x) <= c", ["c < 1/2", "0 <= x <= 1"])
    found = decide_claim(formal, ["c"], 8.0)
    assert found.status is Status.PROVED
    full = {**formal, "exists": ["c"]}
    for value in ("1/5", "1/2", "-1"):
        with pytest.raises(Rejected):
            check(full, {**found.certificate, "witness": {"c": value}})
    with pytest.raises(Rejected):
        check(full, {**found.certificate, "witness": {}})
    with pytest.raises(Rejected):
        check(formal, {**found.certificate})


def test_a_false_existential_claim_has_a_certificate_of_its_negation():
    formal = claim("x <= c", ["c <= 1", "0 <= x <= 2"])
    found = decide_claim(formal, ["c"], 8.0)
    assert found.status is Status.REFUTED
    assert found.counterexample is None
    full = {**formal, "exists": ["c"]}
    for value in ("1", "3", "c + 1", "y"):
        with pytest.raises(Rejected):
            check(full, {**found.certificate, "values": {"x": value}})


def test_a_certificate_for_another_choice_of_names_is_rejected():
    formal = claim("x <= c", ["c <= 1", "0 <= x <= 2"])
    found = decide_claim(formal, ["c"], 8.0)
    with pytest.raises(Rejected):
        check({**formal, "exists": ["x"]}, found.certificate)
    with pytest.raises(Rejected):
        check(claim("x <= c", ["0 <= x <= 2"], exists=["c"]), found.certificate)


@pytest.mark.parametrize(
    "text", ["x > 0", "x - x == 0", "1/0 == 1", "sqrt(0 - 1) >= 0", "log(0) < 0", "1 == 2", "2 < sqrt(4)"]
)
def test_numbers_are_numbers(text):
    with pytest.raises(Rejected):
        check(claim(text), {"verdict": "proved", "steps": [{"kind": "numbers"}]})


def test_sums_are_no_numbers():
    index = {"atoms": {"A": "2"}, "sets": {}, "families": {"c": None}, "indices": {}}
    for text in ("sum(i:A, c[i]**2) >= 0", "size(A) == 2", "sum(i:A, c[i]) == 0"):
        with pytest.raises(Rejected):
            check(claim(text, index=index), {"verdict": "proved", "steps": [{"kind": "numbers"}]})


def test_two_inequalities_make_an_equality_only():
    step = {"kind": "both", "by": [{"kind": "given"}, {"kind": "given"}]}
    with pytest.raises(Rejected, match="equality"):
        check(claim("x < 1", ["x <= 1", "x >= 1"]), {"verdict": "proved", "steps": [step]})
    with pytest.raises(Rejected):
        check(claim("x == 1", ["x <= 1"]), {"verdict": "proved", "steps": [step]})


def test_a_combination_with_a_changed_coefficient_is_rejected():
    formal = claim("x <= z", ["x <= y", "y <= z"])
    proof = proof_of(formal)
    for position in range(len(proof["steps"][0]["terms"])):
        for value in ("2", "-1", "0", "1/2"):
            forged = copy.deepcopy(proof)
            forged["steps"][0]["terms"][position]["coefficient"] = value
            with pytest.raises(Rejected):
                check(formal, forged)
