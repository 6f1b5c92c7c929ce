"""Limits of runs: true ones are proved, and no certificate makes a false one proved."""

import copy

import pytest

from checks.checker.accept import Rejected, check
from checks.checker.goal import goals
from checks.checker.kinds import convergence
from checks.engine.budget import Budget, NotFound
from checks.engine.prove import prove_goal


def motion(**changes):
    """x halves at every step; x tends to 0."""
    formal = {
        "form": "tends",
        "state": ["x"],
        "parameters": ["0 <= r < 1"],
        "let": [],
        "start": ["0 <= x <= 1"],
        "branches": [{"inputs": [], "next": {"x": "r*x"}}],
        "limits": [["x", "0"]],
    }
    return {**formal, **changes}


def plan(**changes):
    found = {
        "verdict": "proved",
        "kind": "convergence",
        "invariants": [["0 <= x <= 1"]],
        "potentials": [{"values": ["x"], "drops": ["1 - r"], "power": 1}],
        "bounds": [{"power": 1, "by": ["1"]}],
    }
    return {**found, **changes}


def potential(value="x", drop="1 - r", power=1, **more):
    return {"values": [value], "drops": [drop], "power": power, **more}


def proved(formal, certificate):
    """Complete a certificate with proofs; NotFound where an obligation is not proved."""
    proofs = [
        {"verdict": "proved", "steps": [prove_goal(goal, Budget(2)) for goal in goals(statement)]}
        for statement in convergence.obligations(formal, certificate)
    ]
    return {**certificate, "proofs": proofs}


def cyclic(**changes):
    """Two steps in turn: the first one quarters x, the second one doubles it."""
    branches = [{"inputs": [], "next": {"x": "x/4"}}, {"inputs": [], "next": {"x": "2*x"}}]
    return motion(parameters=[], branches=branches, cyclic=True, **changes)


IN_TURN = plan(
    invariants=[["0 <= x <= 1"], ["0 <= x <= 1/4"]],
    potentials=[{"values": ["x", "2*x"], "drops": ["1/2", "0"], "power": 1}],
)
TRUE = {
    "a geometric rate that is a parameter": (motion(), plan()),
    "a bound by an even power": (motion(), plan(bounds=[{"power": 2, "by": ["1"]}])),
    "x - x**2 falls more slowly than any geometric sequence": (
        motion(parameters=[], branches=[{"next": {"x": "x - x**2"}}]),
        plan(potentials=[potential(drop="1", power=2)]),
    ),
    "a rate that is kept from the start": (
        motion(
            state=["x", "N"],
            parameters=["0 < N0"],
            start=["0 <= x <= 1", "N == N0", "N0 < 1"],
            branches=[{"inputs": ["N <= u <= 1"], "next": {"x": "(1 - N)*x", "N": "u"}}],
        ),
        plan(invariants=[["0 <= x <= 1", "N0 <= N <= 1", "N0 < 1"]], potentials=[potential(drop="N0")]),
    ),
    "a second potential driven by the first": (
        motion(
            state=["x", "y"],
            parameters=[],
            start=["0 <= x", "0 <= y"],
            branches=[{"next": {"x": "x/2", "y": "y/3 + 5*x"}}],
            limits=[["y", "0"]],
        ),
        plan(
            invariants=[["0 <= x", "0 <= y"]],
            potentials=[potential(drop="1/2"), potential("y", "2/3", add=["5"])],
            bounds=[{"power": 1, "by": ["0", "1"]}],
        ),
    ),
    "branches in turn, of which one grows": (cyclic(), IN_TURN),
}
FALSE = {
    "the rate depends on the state": (
        motion(parameters=[], start=["0 < x <= 1"], branches=[{"next": {"x": "x/2 + 1/4"}}]),
        plan(invariants=[["0 < x <= 1"]], potentials=[potential(drop="1/2 - 1/(4*x)")]),
    ),
    "the factor is 1": (motion(parameters=["0 <= r <= 1"]), plan()),
    "no drop at all": (motion(parameters=["r == 1"]), plan(potentials=[potential(drop="0")])),
    "a drop of zero, spelt otherwise": (motion(parameters=["r == 1"]), plan(potentials=[potential(drop="0*1")])),
    "a negative drop": (motion(parameters=["r == 2"], start=["x == 1"]), plan(potentials=[potential(drop="-1")])),
    "a rate that a step may change": (
        motion(branches=[{"inputs": ["0 <= r <= 1"], "next": {"x": "r*x"}}], parameters=[], start=["x == 1", "r < 1"]),
        plan(),
    ),
    "a rate that the step alone names": (
        motion(branches=[{"inputs": ["0 <= u < 1"], "next": {"x": "u*x"}}]),
        plan(potentials=[potential(drop="1 - u")]),
    ),
    "a rate that no line names": (motion(parameters=["r == 1"]), plan(potentials=[potential(drop="k")])),
    "a potential that mentions an input": (
        motion(branches=[{"inputs": ["0 <= u <= 1"], "next": {"x": "x"}}]),
        plan(potentials=[potential("u*x", "1/2")]),
    ),
    "a negative potential": (
        motion(parameters=["r == 1"], branches=[{"next": {"x": "x - 1"}}]),
        plan(invariants=[["x <= 1"]], potentials=[potential("x", "1", power=2)], bounds=[{"power": 1, "by": ["1"]}]),
    ),
    "a quantity that is undefined": (motion(limits=[["x/x - 1", "0"]]), plan()),
    "an undefined potential": (
        motion(parameters=["r == 1"]),
        plan(potentials=[potential("x/x - 1", "1/2")], bounds=[{"power": 1, "by": ["0"]}]),
    ),
    "a next state that is undefined": (motion(branches=[{"next": {"x": "0/x"}}], parameters=[]), plan()),
    "a bound by a coefficient of the state": (
        motion(limits=[["1", "0"]], start=["0 < x <= 1"], parameters=["0 < r < 1"]),
        plan(invariants=[["0 < x <= 1"]], bounds=[{"power": 1, "by": ["1/x"]}]),
    ),
    "a potential that feeds itself": (
        motion(parameters=["r == 1"]),
        plan(potentials=[potential("x", "1/2", add=["1/2"])]),
    ),
    "a bound with power 3, where the left side may be negative": (
        motion(limits=[["-1", "0"]]),
        plan(bounds=[{"power": 3, "by": ["1"]}]),
    ),
    "a bound with power 0": (motion(limits=[["5", "0"]]), plan(bounds=[{"power": 0, "by": ["1"]}])),
    "a power that is no number": (motion(), plan(potentials=[potential(power=True)])),
    "a limit that moves": (motion(limits=[["x", "x"]]), plan()),
    "a limit at another value": (motion(limits=[["x", "1"]]), plan()),
    "a text that closes its bracket": (
        motion(parameters=["r == 1"]),
        plan(potentials=[potential("x) >= 0 or (x", "1/2")]),
    ),
    "a drop that is a statement": (motion(parameters=["r == 1"]), plan(potentials=[potential(drop="r > 0")])),
    "an invariant that fails at the start": (motion(start=["0 <= x <= 2"]), plan()),
    "an invariant that a step leaves": (
        motion(parameters=[], branches=[{"next": {"x": "x + 1"}}]),
        plan(potentials=[potential(drop="1/2")]),
    ),
    "a name of the next state": (
        motion(parameters=["r == 1"]),
        plan(potentials=[potential("x_next", "1/2")]),
    ),
    "no potential": (motion(limits=[["x", "x*0"]]), plan(potentials=[], bounds=[{"power": 1, "by": []}])),
    "the branches in any order, proved as if in turn": ({**cyclic(), "cyclic": False}, IN_TURN),
    "the drop of the wrong phase": (
        cyclic(),
        {**IN_TURN, "potentials": [{"values": ["x", "x"], "drops": ["1/2", "0"], "power": 1}]},
    ),
    "both phases with one invariant": (
        cyclic(),
        {**IN_TURN, "invariants": [["0 <= x <= 1/4"], ["0 <= x <= 1/4"]]},
    ),
}


@pytest.mark.parametrize("name", TRUE)
def test_a_true_limit_is_proved(name):
    formal, certificate = TRUE[name]
    assert check(formal, proved(formal, certificate)) == "proved"


@pytest.mark.parametrize("name", FALSE)
def test_what_does_not_follow_is_rejected(name):
    """Either the checker refuses the certificate by its form, or an obligation is false: no proof of it exists."""
    formal, certificate = FALSE[name]
    try:
        wanted = convergence.obligations(formal, certificate)
    except ValueError:
        with pytest.raises(Rejected):
            check(formal, {**certificate, "proofs": []})
        return
    unproved = []
    for statement in wanted:
        for goal in goals(statement):
            try:
                prove_goal(goal, Budget(1))
            except NotFound:
                unproved.append(goal)
    assert unproved


@pytest.mark.parametrize("change", ["drop", "invariant", "missing", "limit", "then"])
def test_a_tampered_certificate_is_rejected(change):
    formal, certificate = copy.deepcopy(TRUE["a geometric rate that is a parameter"])
    whole = proved(formal, certificate)
    if change == "drop":
        whole["potentials"][0]["drops"] = ["2 - r"]
    elif change == "invariant":
        whole["invariants"] = [["0 <= x <= 2"]]
    elif change == "missing":
        whole["proofs"] = whole["proofs"][:-1]
    elif change == "limit":
        formal["limits"] = [["x", "1/2"]]
    else:
        formal["branches"][0]["then"] = ["x_next < 0"]
    with pytest.raises(Rejected):
        check(formal, whole)


def test_a_statement_with_an_unknown_part_is_rejected():
    formal, certificate = TRUE["a geometric rate that is a parameter"]
    with pytest.raises(Rejected, match="always"):
        check({**formal, "always": ["x < 0"]}, proved(formal, certificate))


def orbit(values, steps, back=0):
    return {"verdict": "refuted", "kind": "periodic", "values": values, "steps": steps, "back": back}


STEP = {"branch": 0}
FLIP = motion(parameters=[], start=["x**2 == 1"], branches=[{"next": {"x": "-x"}}], limits=[["x", "1"]])


def test_a_periodic_run_refutes_a_limit():
    assert check(FLIP, orbit({"x": "1"}, [STEP, STEP])) == "refuted"
    assert check(motion(limits=[["x", "1"]]), orbit({"x": "0", "r": "1/2"}, [STEP])) == "refuted"
    with_input = motion(branches=[{"inputs": ["0 <= u <= 1"], "next": {"x": "u*x"}}])
    assert check(with_input, orbit({"x": "1", "r": "0"}, [{"branch": 0, "inputs": {"u": "1"}}])) == "refuted"


@pytest.mark.parametrize(
    "formal, certificate",
    [
        pytest.param(FLIP, orbit({"x": "1"}, [STEP]), id="it does not return"),
        pytest.param(FLIP, orbit({"x": "2"}, [STEP, STEP]), id="not an admissible start"),
        pytest.param(FLIP, orbit({"x": "1"}, []), id="no step"),
        pytest.param(FLIP, orbit({"x": "1"}, [STEP, STEP], -2), id="back before the start"),
        pytest.param({**FLIP, "limits": [["x**2", "1"]]}, orbit({"x": "1"}, [STEP, STEP]), id="at the limit"),
        pytest.param(motion(), orbit({"x": "1/2", "r": "1"}, [STEP]), id="a parameter that is not allowed"),
        pytest.param(
            motion(parameters=["r == 1"]),
            orbit({"x": "1", "r": "1"}, [{"branch": 0, "inputs": {"r": "1"}}]),
            id="a parameter is chosen",
        ),
        pytest.param(
            motion(branches=[{"inputs": ["0 <= u < 1"], "next": {"x": "u*x"}}]),
            orbit({"x": "1", "r": "0"}, [{"branch": 0, "inputs": {"u": "1"}}]),
            id="an input that is not allowed",
        ),
        pytest.param(cyclic(limits=[["x", "1"]]), orbit({"x": "0"}, [STEP]), id="half a round"),
    ],
)
def test_what_is_no_periodic_counterexample_is_rejected(formal, certificate):
    with pytest.raises(Rejected):
        check(formal, certificate)
