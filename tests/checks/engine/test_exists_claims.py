"""Claims with existential names: benchmarks/claims/fresh_exists.toml, and properties of the search for witnesses."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from checks.claimfile import judge_claim, read
from checks.engine.budget import Budget
from checks.engine.witnesses import Game, moving
from checks.verdict import Status

PATH = Path(__file__).resolve().parents[3] / "benchmarks" / "claims" / "fresh_exists.toml"
CLAIMS = {claim.id: claim for claim in read(PATH).claims}
LINES = PATH.read_text().splitlines()
# decided when this file was written, at most two seconds each: a later engine must not lose them
QUICK = {
    "bound": Status.PROVED,
    "disc": Status.PROVED,
    "disc-low": Status.REFUTED,
    "square-bound": Status.REFUTED,
    "exp-bound": Status.REFUTED,
    "root-slope-low": Status.REFUTED,
    "chord": Status.PROVED,
    "centre": Status.PROVED,
    "step-size-large": Status.REFUTED,
    "contraction-rate": Status.PROVED,
    "integer-root": Status.PROVED,
    "integer-root-none": Status.REFUTED,
    "log-slope-low": Status.REFUTED,
    "chebyshev": Status.PROVED,
    "contradictory-choice": Status.REFUTED,
    "reciprocal-bound": Status.REFUTED,
    "separated-weak": Status.PROVED,
    "vacuous": Status.PROVED,
    "lyapunov": Status.PROVED,
}


def truth(name: str) -> bool:
    """Return what the comment before a claim says."""
    word = LINES[LINES.index(f'id = "{name}"') - 2]
    assert word.startswith(("# true: ", "# false: "))
    return word.startswith("# true: ")


def test_every_claim_says_whether_it_is_true():
    assert len(CLAIMS) >= 25
    assert {truth(name) for name in CLAIMS} == {True, False}


@pytest.mark.parametrize("name", list(QUICK))
def test_the_engine_decides(name):
    assert (QUICK[name] is Status.PROVED) is truth(name)
    assert judge_claim(CLAIMS[name], 8.0).status is QUICK[name]


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in CLAIMS if name not in QUICK])
def test_no_verdict_is_wrong(name):
    assert judge_claim(CLAIMS[name], 8.0).status is not (Status.REFUTED if truth(name) else Status.PROVED)


def game(given, show, exists, integers=()):
    return Game(
        {"form": "forall", "let": [], "given": given, "show": show, "integers": list(integers), "exists": exists}
    )


def test_a_choice_that_failed_at_a_point_is_not_made_again():
    played = game(["0 <= x <= 3", "c <= 10"], ["x <= c"], ["c"])
    assert played.refuted({"c": Fraction(1)}, Budget(5))
    assert len(played.points) == 1
    assert not played.admits({"c": Fraction(1)})
    assert played.admits({"c": Fraction(3)})
    assert not played.admits({"c": Fraction(11)})  # a hypothesis on the choice


def test_choices_come_close_to_a_sharp_constant():
    played = game(["x**2 + y**2 <= 1", "c <= 14143/10000"], ["x + y <= c"], ["c"])
    found = None
    for choice in played.played(Budget(20)):
        if not played.refuted(choice, Budget(5)):
            found = choice
            break
    assert found is not None
    assert found["c"] <= Fraction(14143, 10000)
    assert found["c"] ** 2 >= 2


def test_points_may_move_with_the_choice():
    formal = {"form": "forall", "let": [], "given": [], "show": ["x <= c"], "integers": [], "exists": ["c"]}
    texts = list(moving(formal, [{"x": Fraction(2)}]))
    assert texts[0] == {"x": "2"}
    assert {"x": "c + 1"} in texts
    assert all(set(point) == {"x"} for point in texts)
