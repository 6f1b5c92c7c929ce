"""Certificates made shorter: they prove the same goal, and lose the steps that nothing needs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from checks.checker.accept import RULES, Rejected, prove_goal
from checks.checker.goal import Goal, goals
from checks.engine import shorter
from checks.engine.budget import Budget, Certificate


def goal_of(given: list[str], show: str) -> Goal:
    """Return the one goal of a statement."""
    (found,) = goals({"form": "forall", "given": given, "show": [show]})
    return found


def kinds(certificate: Certificate) -> list[str]:
    """Return the kinds of a certificate's steps."""
    return [certificate["kind"], *(kind for inner in certificate.get("by", []) for kind in kinds(inner))]


@pytest.fixture(autouse=True)
def _small_ones_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shorter, "ENOUGH", 0)


def lemma(show: str, *by: Certificate) -> Certificate:
    """Return a lemma's step."""
    return {"kind": "lemma", "show": show, "by": list(by)}


KNOWN: dict[str, Any] = {"kind": "known", "given": 0}
LAST = {"kind": "combination", "terms": [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [1]}]}


def test_a_lemma_that_nothing_uses_is_left_out_and_the_hypotheses_are_counted_again() -> None:
    goal = goal_of(["x >= 0", "y >= 0"], "x + y >= 0")
    idle = {"kind": "combination", "terms": [{"coefficient": "1"}, {"coefficient": "1", "facts": [0]}]}
    # hypotheses 0 and 1, the idle lemma 2, the lemma 3, which the end uses
    end = {**LAST, "terms": [{"coefficient": "1", "facts": [1]}, {"coefficient": "1/2", "facts": [3]}]}
    long = lemma("x + 1 >= 0", idle, lemma("2*x >= 0", {"kind": "given"}, end))
    prove_goal(goal, long)
    found = shorter.shortened(goal, long, Budget(10))
    prove_goal(goal, found)
    assert kinds(found) == ["lemma", "given", "combination"]
    assert found["by"][1]["terms"][1] == {"coefficient": "1/2", "facts": [2]}


def test_a_forgotten_hypothesis_comes_back_in_its_place() -> None:
    goal = goal_of(["z >= 0", "x >= 0", "y >= 0"], "x + y >= 0")
    found = shorter.shortened(goal, {"kind": "forget", "keep": [1, 2], "by": [LAST]}, Budget(10))
    assert found["terms"] == [{"coefficient": "1", "facts": [1]}, {"coefficient": "1", "facts": [2]}]
    prove_goal(goal, found)


def test_a_step_that_is_needed_stays() -> None:
    goal = goal_of(["x > 0"], "exp(x) >= 1 + x")
    axiom = {"kind": "axiom", "axiom": "exp-lower", "at": ["x"], "order": 1}
    named = {"kind": "name", "term": "exp(x)", "as": "v", "by": [{"kind": "given"}]}
    certificate = {**axiom, "by": [named]}
    prove_goal(goal, certificate)
    assert shorter.shortened(goal, certificate, Budget(10)) == certificate


def test_short_certificates_and_spent_budgets_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    goal = goal_of(["x >= 0", "y >= 0"], "x + y >= 0")
    long = lemma("x >= 0", KNOWN, LAST)
    assert shorter.shortened(goal, long, Budget(0)) == long
    monkeypatch.setattr(shorter, "ENOUGH", len(json.dumps(long)) + 1)
    assert shorter.shortened(goal, long, Budget(10)) == long


def test_every_kind_that_may_be_left_out_is_a_rule() -> None:
    assert set(shorter.DROPPED) <= set(RULES)
    with pytest.raises(Rejected):
        prove_goal(goal_of(["x >= 0"], "x > 0"), shorter.shortened(goal_of(["x >= 0"], "x > 0"), KNOWN, Budget(10)))
