"""The engine's proposals for limits of runs: proofs from potentials, periodic runs against false limits."""

from dataclasses import replace

import pytest

from checks.checker.goal import goals
from checks.claim import tends
from checks.engine import convergence
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.decide import decide
from checks.verdict import Status


@pytest.fixture(scope="module", autouse=True)
def _checker():
    yield
    CHECKER.close()


HINT = {
    "invariants": [["0 < x0 <= x <= 1"]],
    "potentials": [{"values": ["1 - x"], "drops": ["x0/2"], "power": 1}],
    "bounds": [{"power": 1, "by": ["1"]}],
}


def logistic(limit="1", start=("0 < x <= 1", "x0 == x"), **more):
    """x' = x + x (1 - x)/2 has the fixed points 0 and 1."""
    branches = [{"next": {"x": "x + x*(1 - x)/2"}}]
    return tends(
        "limit", {"x": limit}, state=["x"], parameters=[], start=start, branches=branches, latex="x_t \\to 1", **more
    )


def test_a_limit_is_proved_from_its_potential():
    found = decide(logistic(hint=HINT), seconds=5)
    assert found.status is Status.PROVED
    assert found.method.startswith("potentials that fall to zero")


def test_a_degenerate_start_refutes_the_limit():
    found = decide(logistic(start=("0 <= x <= 1", "x0 == x"), hint=HINT), seconds=5)
    assert found.status is Status.REFUTED
    assert found.counterexample == {"x": "0", "x0": "0"}


def test_without_a_potential_a_true_limit_stays_undecided():
    found = decide(logistic(), seconds=5)
    assert found.status is Status.UNDECIDED
    assert "no potential" in found.detail[-1]


def test_a_wrong_limit_is_not_proved():
    assert (
        decide(logistic("1/2", start=("1/4 < x <= 3/4", "x0 == x"), hint=HINT), seconds=3).status is not Status.PROVED
    )


# both coordinates shrink at even times and change places at odd ones
IN_TURN = tends(
    "limit",
    {"x": "0", "y": "0"},
    state=["x", "y"],
    parameters=["0 < c <= 1/4"],
    let=["D = 1 - c"],
    start=["0 < x < 1", "0 < y <= x", "x**2 + y**2 <= 1"],
    branches=[{"next": {"x": "x*D", "y": "y*D"}}, {"next": {"x": "y", "y": "x"}}],
    cyclic=True,
    hint={
        "invariants": [["x > 0", "y > 0", "x**2 + y**2 <= 1"]] * 2,
        "potentials": [{"values": ["x**2 + y**2"] * 2, "drops": ["c", "0"], "power": 1}],
        "bounds": [{"power": 2, "by": ["1"]}] * 2,
        "lemmas": {1: {2: ["D**2 <= 1", "x_next**2 <= x**2 and y_next**2 <= y**2"]}},
    },
    latex="x_t \\to 0",
)


def test_lemmas_of_a_goal_may_use_abbreviations_and_the_next_state():
    found = decide(IN_TURN, seconds=10)
    assert found.status is Status.PROVED


def test_a_false_lemma_is_never_used():
    hint = {**IN_TURN.hint, "lemmas": {1: {2: ["x_next > x"]}}}
    found = decide(replace(IN_TURN, hint=hint), seconds=3)
    assert found.status is Status.UNDECIDED
    assert "obligation 2, goal 3" in found.detail[-1]


def test_a_goal_in_even_powers_is_proved_in_squares():
    """The hypotheses x <= y and x > 0 have odd powers: in squares they are left out, and the bound is linear."""
    statement = {"form": "forall", "let": [], "given": ["x <= y", "x > 0", "x**2 + y**2 <= 1"], "show": ["x**2 <= 1"]}
    (goal,) = goals(statement)
    found = convergence._in_squares(goal, Budget(5))
    assert (found["kind"], found["variables"]) == ("squares", ["x"])
    (odd,) = goals({**statement, "show": ["x <= 1"]})
    with pytest.raises(NotFound, match="square"):
        convergence._in_squares(odd, Budget(5))
