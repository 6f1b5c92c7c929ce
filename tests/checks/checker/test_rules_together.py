"""All rules together: none lacks tests, and none takes hours, another rule's certificate or odd JSON."""

from __future__ import annotations

from typing import Any

import pytest
from certificates import CONSTANT, GIVEN, IDENTITY, Uses, accepted, claim, of, proof, step, total
from test_rules_newest import ANGLES, DESCENT
from test_rules_of_axioms import USES as axioms
from test_rules_of_functions import USES as functions
from test_rules_of_growth import USES as growth
from test_rules_of_hypotheses import USES as hypotheses
from test_rules_of_integers import USES as integers
from test_rules_of_logic import USES as logic
from test_signs import USES as SIGNS
from test_tamper import tampered

from checks.checker import Rejected, check
from checks.checker.accept import RULES

RULED: Uses = {
    name: use
    for table in (logic, hypotheses, functions, axioms, growth, integers, DESCENT)
    for name, use in table.items()
}
TABLE: Uses = {**RULED, **SIGNS, **ANGLES}


def test_every_rule_has_a_right_use_and_two_wrong_ones() -> None:
    assert set(RULED) == set(RULES)
    assert all(len(wrong) >= 2 for _, wrong in TABLE.values())


@pytest.mark.slow
def test_a_wrong_use_proves_no_other_wrong_claim() -> None:
    certificates = [pair[1] for right, wrong in TABLE.values() for pair in (right, *wrong.values())]
    false = [pair[0] for _, wrong in TABLE.values() for pair in wrong.values()]
    for formal in false:
        for certificate in certificates:
            assert not accepted(formal, certificate), (formal, certificate)


@pytest.mark.parametrize("rule", TABLE)
def test_no_change_of_one_field_makes_a_wrong_use_right(rule: str) -> None:
    (_, right), wrong = TABLE[rule]
    for formal, certificate in wrong.values():
        for changed in (*tampered(certificate), *tampered(right)):
            assert not accepted(formal, changed), (formal, changed)


# certificates that would take hours or all memory, small as they are
HUGE = {
    "a factor's power": {"kind": "factors", "factors": [{"expression": "x", "power": 10**9, "by": GIVEN}]},
    "a denominator's power": {**CONSTANT, "denominator": {"factors": [{"expression": "x", "power": 10**9}]}},
    "a rational number": total(of(0, coefficient="1e999999999")),
    "the order of a Taylor coefficient": step("lemma", IDENTITY, GIVEN, show="taylor(x, t, 100000000) >= 0"),
    "a tower of powers": step("split", GIVEN, GIVEN, at="((2**4096)**4096)**4096"),
    "a remainder's modulus": step("residue", variable="n", modulus=10**9, **{"as": "k"}),
    "a descent's modulus": step("descend", variables=["n"], modulus=10**9, nonzero="n", **{"as": ["k"]}),
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


@pytest.mark.parametrize("rule", TABLE)
def test_odd_json_is_rejected_or_harmless(rule):
    # nothing but Rejected leaves the checker, and a false claim is not proved by what stands in a field
    formal, certificate = TABLE[rule][0]
    false = next(iter(TABLE[rule][1].values()))[0]
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
