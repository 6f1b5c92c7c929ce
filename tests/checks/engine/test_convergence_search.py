"""The engine's proposals for limits of runs: proofs from potentials, periodic runs against false limits."""

import pytest

from checks.claim import tends
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
