"""The statements of ghosh2023 are pinned: a published formula cannot be replaced silently by a derived one.

Regenerate the snapshot after a reviewed change with ``UPDATE_SNAPSHOTS=1``.
"""

import hashlib
import json
import os
from pathlib import Path

import pytest

from checks.checker.grammar import parse
from checks.engine.checking import CHECKER
from checks.suite import load
from theory.derive import coordinates as co
from theory.indexed import formal

SNAPSHOT = Path(__file__).parent / "snapshots" / "ghosh2023_statements.txt"
PAPER = load("ghosh2023")
STATED = {claim: statement() for claim, statement in PAPER.statements.items()}
DERIVED = (formal(co.step("linear")), formal(co.step("relu")))


@pytest.fixture(scope="module", autouse=True)
def _checker():
    yield
    CHECKER.close()


def test_every_claim_of_the_list_is_stated_once():
    assert len(PAPER.entries) == 120
    assert {e.id for e in PAPER.entries} == set(STATED)


def test_every_dependency_is_a_claim_of_the_list():
    known = {e.id for e in PAPER.entries}
    free_text = {d for e in PAPER.entries for d in e.depends_on if d not in known}
    assert free_text == set()


def lines():
    for entry in PAPER.entries:
        for part in STATED[entry.id].parts:
            text = json.dumps(part.formal, sort_keys=True, default=str)
            digest = hashlib.sha256(text.encode()).hexdigest()[:16]
            shown = ""
            if part.formal is not None:
                shown = " ;; ".join(
                    [
                        *part.formal.get("show", ()),
                        *part.formal.get("always", ()),
                        *part.formal.get("limit", ()),
                        *(f"{quantity} -> {value}" for quantity, value in part.formal.get("limits", ())),
                    ]
                )
            for text_of_step, name in zip(DERIVED, ("<NEXT>", "<NEXT_RELU>"), strict=True):
                shown = shown.replace(text_of_step, name)
            yield f"{entry.id} | {part.role} | {part.reading} | {part.name} | {digest} | {shown[:300]}"


def test_the_statements_are_those_that_were_reviewed():
    now = "\n".join(lines()) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(now, encoding="utf-8")
    assert now == SNAPSHOT.read_text(encoding="utf-8")


def identities():
    for claim, stated in STATED.items():
        for part in stated.parts:
            if part.formal is None or part.formal["form"] != "forall":
                continue
            for text in part.formal["show"]:
                node = parse(text)
                if node[0] == "compare" and node[1] == ("==",):
                    yield pytest.param(node, id=f"{claim}-{part.name}"[:80])


@pytest.mark.parametrize("node", list(identities()))
def test_no_identity_compares_a_text_with_itself(node):
    left, right = node[2]
    assert left != right


def _derivatives(node):
    if isinstance(node, tuple):
        if node and node[0] == "diff":
            return True
        return any(_derivatives(part) for part in node)
    return False


def updates():
    for claim in ("L14", "EQ8", "S14b", "S14c", "S26", "S16b", "L27"):
        for part in STATED[claim].parts:
            if part.role == "claim" and part.formal is not None and part.formal["form"] == "forall":
                yield pytest.param(part, id=f"{claim}-{part.name}")


@pytest.mark.parametrize("part", list(updates()))
def test_update_claims_have_the_loss_on_one_side_only(part):
    """A derivative of the loss (derived) never stands on both sides: the other side is what the paper prints."""
    for text in part.formal["show"]:
        node = parse(text)
        if node[0] == "compare" and node[1] == ("==",):
            assert [_derivatives(side) for side in node[2]] != [True, True]


def published_updates():
    for claim in ("L14", "EQ8", "S14c", "L27", "D2"):
        for part in STATED[claim].parts:
            if part.role == "claim" and part.formal is not None and part.formal["form"] == "forall":
                for position, text in enumerate(part.formal["show"]):
                    node = parse(text)
                    if node[0] == "compare" and node[1] == ("==",) and _derivatives(node[2][0]):
                        yield pytest.param(part, position, id=f"{claim}-{part.name}-{position}")


@pytest.mark.parametrize("part,position", list(published_updates()))
@pytest.mark.parametrize(
    "change", [("{} + eta*N", "eta*N"), ("({})*(1 + eta/7)", "a factor"), ("({}) - 1/1000", "a shift")]
)
def test_a_changed_formula_is_not_accepted(part, position, change):
    """The certificate of an identity is rejected when the published side is altered."""
    text = part.formal["show"][position]
    left, _, right = text.partition(" == ")
    zero = {**part.formal, "show": [f"{right} == 0"]}
    if change[1] == "a factor" and CHECKER.ask(zero, {"verdict": "proved", "steps": [{"kind": "identity"}]})[0]:
        return  # a gradient that vanishes (a dead ReLU) stays right when multiplied by a factor
    altered = dict(part.formal)
    altered["let"] = [*part.formal.get("let", ())]
    new = change[0].format(right).replace("N", "norm") if "N" in change[0] else change[0].format(right)
    if "norm" in new:
        altered["let"] = [*altered["let"], "norm = sum(i:all, c[i]**2)"]
    altered["show"] = [f"{left} == {new}"]
    accepted, _ = CHECKER.ask(altered, {"verdict": "proved", "steps": [{"kind": "identity"}]})
    assert not accepted
    original = {**part.formal, "show": [text]}
    accepted, why = CHECKER.ask(original, {"verdict": "proved", "steps": [{"kind": "identity"}]})
    assert accepted or "denominator" in why
