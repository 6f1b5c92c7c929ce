"""Replays of array models: the exact step is the step, and what a run reports is decided."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from written_models import WRITTEN

from numerics.arrays import simulate_arrays
from numerics.arrays.data import instance
from numerics.arrays.interpreter import EXACT, step
from numerics.arrays.ir import ETA
from numerics.arrays.setting import setting
from numerics.errors import InputError
from numerics.replay import Bound, Outcome, replay, replay_suspects, trajectory_of
from numerics.replay.array_map import ExactArrays
from numerics.targets.exact import Rational

FIFTIETH = {"eta": Fraction(1, 50)}
SMALL = {
    "stochastic-quadratic": {"atoms": 4, "p": 2},
    "styblinski-tang": {"atoms": 4, "p": 2},
    "diagonal-linear": {"samples": 4, "d": 2, "depth": 3},
    "deep-linear": {"samples": 4, "d": 2, "depth": 2},
    "low-rank-regression": {"samples": 4, "d": 2, "r": 2},
}
NETWORK = {"samples": 5, "d": 3, "m": 4, "classes": 3}


def run(name, sizes, **options):
    arguments = {"eta": Fraction(1, 50), "algorithm": "sgd", "b": 2, "replicas": 12, "steps": 20, "seed": 3}
    return simulate_arrays(name, parameters=sizes, backend="numpy", **(arguments | options))


def over_rationals(trajectory):
    values = {name: Fraction(value) for name, value in trajectory.parameters.items()}
    return trajectory.over(Rational(), values)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(("algorithm", "b"), [("gd", None), ("sgd", 3), ("cyclic", None)])
def test_the_exact_step_is_the_step_of_the_compiled_program_in_rationals(name, algorithm, b):
    """Two independent readings: sample by sample from the derivation, and the program after its passes."""
    result = run(name, SMALL[name], algorithm=algorithm, b=b, replicas=2, steps=2)
    trajectory = trajectory_of(name, result, 1, FIFTIETH)
    exact, state = over_rationals(trajectory), list(trajectory.start)
    made = setting(name, algorithm, b, SMALL[name], 3)
    data = {
        key: {p: Fraction(float(x)) for p, x in np.ndenumerate(value)}
        for key, value in instance(made.model, made.sizes, 0).items()
    }

    def entries(flat):
        found, offsets = {}, made.program.offsets()
        for key, leaf, _ in made.program.updates:
            shape = tuple(int(s) for s in made.program.terms[leaf].shape)
            points = list(np.ndindex(*shape))
            found[key] = dict(zip(points, flat[offsets[key] :][: len(points)], strict=True))
        return found

    def coefficient(c):
        value = c.subs(ETA, "1/50")
        return Fraction(int(value.p), int(value.q))

    weights = entries(list(trajectory.start))
    for batch in trajectory.batches():
        state = exact.step(state, batch)
        weights = step(made.program, EXACT, weights, data, batch, coefficient)
        assert entries(state) == weights


def test_the_trajectory_of_a_replica_is_the_run_within_rounding():
    for name, sizes in SMALL.items():
        result = run(name, sizes, steps=3)
        trajectory = trajectory_of(name, result, 7, FIFTIETH)
        exact, state = over_rationals(trajectory), list(trajectory.start)
        for batch in trajectory.batches():
            state = exact.step(state, batch)
        # three steps of at most 1e3 operations an entry on numbers below 1e3: 1e7 u < 1e-8
        assert np.abs(np.array([float(c) for c in state]) - result.final[7]).max() <= 1e-8


def test_a_true_violation_is_confirmed():
    result = run("stochastic-quadratic", {"atoms": 20, "p": 4}, b=30, steps=40)
    norms = np.sort(result.observables["norm"])
    limit = Fraction(float(norms[5] + norms[6])) / 2
    found = replay_suspects("stochastic-quadratic", result, Bound("norm", "<=", limit, final=True), parameters=FIFTIETH)
    assert len(found) == 6
    for item, judged in found:
        assert judged.outcome is Outcome.VIOLATED
        assert judged.step == 40
        assert judged.method == "balls"
        assert item.value > limit


def test_a_violation_by_rounding_is_not_one():
    """The limit lies between the exact and the rounded loss."""
    result = run("styblinski-tang", SMALL["styblinski-tang"], steps=2, replicas=12)
    seen = 0
    for replica, rounded in enumerate(result.observables["loss"].tolist()):
        trajectory = trajectory_of("styblinski-tang", result, replica, FIFTIETH)
        exact, state = over_rationals(trajectory), list(trajectory.start)
        for batch in trajectory.batches():
            state = exact.step(state, batch)
        true = exact.quantity("loss", state, ())
        bound = Bound("loss", "<=", (true + Fraction(rounded)) / 2, final=True)
        judged = replay(trajectory, bound)
        if Fraction(rounded) > true:
            seen += 1
            assert judged.outcome is Outcome.HOLDS
        elif Fraction(rounded) < true:
            assert judged.outcome is Outcome.VIOLATED
    assert seen > 0


def test_exponentials_are_enclosed():
    result = run("two-layer-relu-softmax", NETWORK, steps=6, eta=Fraction(1, 2))
    loss = float(result.observables["loss"][4])
    trajectory = trajectory_of("two-layer-relu-softmax", result, 4, {"eta": Fraction(1, 2)})
    for limit, outcome in ((loss + 1e-9, Outcome.HOLDS), (loss - 1e-9, Outcome.VIOLATED)):
        judged = replay(trajectory, Bound("loss", "<=", Fraction(limit), final=True))
        assert (judged.outcome, judged.method) == (outcome, "balls")


def test_the_kink_at_zero_is_on_the_side_of_the_model():
    """All weights zero: W x = 0 exactly, where the derivative of ReLU is 1, so the first step moves."""
    result = run("two-layer-relu-softmax", NETWORK, steps=1, init="gaussian:0", algorithm="gd", b=None)
    trajectory = trajectory_of("two-layer-relu-softmax", result, 0, FIFTIETH)
    distance = float(result.observables["distance"][0])
    assert distance > 0
    judged = replay(trajectory, Bound("distance", ">", Fraction(distance) / 2, final=True))
    assert judged.outcome is Outcome.HOLDS


def test_equality_at_a_fixed_point_is_decided():
    """Q = 2, r = -2: the minimiser is 1, and the start is there."""
    data = {"Q": np.array([[[2.0]], [[2.0]]]), "r": np.array([[-2.0], [-2.0]])}
    options = {"init": np.array([1.0]), "data": data, "b": 1, "replicas": 1}
    result = run("stochastic-quadratic", {"atoms": 2, "p": 1}, **options)
    for relation, outcome in (("<=", Outcome.HOLDS), ("<", Outcome.VIOLATED)):
        trajectory = trajectory_of("stochastic-quadratic", result, 0, FIFTIETH, data=data)
        judged = replay(trajectory, Bound("norm2", relation, 1))
        assert judged.outcome is outcome


def test_the_box_of_a_model_is_part_of_its_step():
    """At a corner of the box the squared norm is 25 p exactly."""
    sizes = {"atoms": 4, "p": 2}
    result = run("styblinski-tang", sizes, eta=Fraction(1, 2), steps=60, replicas=4)
    assert (np.abs(result.final[0]) == 5).all()
    trajectory = trajectory_of("styblinski-tang", result, 0, {"eta": Fraction(1, 2)})
    assert replay(trajectory, Bound("norm2", "<=", 50)).outcome is Outcome.HOLDS
    assert replay(trajectory, Bound("norm2", "<", 50, final=True)).outcome is Outcome.VIOLATED


def test_what_cannot_be_replayed_is_named():
    result = run("styblinski-tang", SMALL["styblinski-tang"], steps=1)
    with pytest.raises(InputError, match="not of deep-linear"):
        trajectory_of("deep-linear", result, 0)
    with pytest.raises(InputError, match="replicas 0 to 11"):
        trajectory_of("styblinski-tang", result, 12)
    with pytest.raises(InputError, match="eta"):
        trajectory_of("styblinski-tang", result, 0, {"eta": Fraction(1, 51)})
    with pytest.raises(InputError, match="bogus"):
        replay(trajectory_of("styblinski-tang", result, 0), Bound("bogus", "<=", 1))
    data = {"Q": np.array([[[2.0]]]), "r": np.array([[-2.0]])}
    given = run("stochastic-quadratic", {"atoms": 1, "p": 1}, data=data, steps=1, init=np.array([5.0]))
    with pytest.raises(InputError, match="data"):
        trajectory_of("stochastic-quadratic", given, 0)


def test_quantities_are_what_they_say():
    made = setting("diagonal-linear", "gd", None, {"samples": 1, "d": 2, "depth": 1})
    data = {"x": np.array([[1.0, 2.0]]), "y": np.array([[1.0, 1.0]])}
    exact = ExactArrays(made, data, Rational(), Fraction(1, 2), (Fraction(0), Fraction(0)))
    state = [Fraction(3), Fraction(4)]
    values = {name: exact.quantity(name, state, ()) for name in ("norm", "norm2", "distance", "loss")}
    assert values == {"norm": 5, "norm2": 25, "distance": 5, "loss": Fraction((3 - 1) ** 2 + (8 - 1) ** 2, 2)}


def test_a_bound_along_the_run_is_replayed_from_the_streamed_maximum():
    result = run("stochastic-quadratic", SMALL["stochastic-quadratic"], record=["max:norm2", "norm2"])
    middle = Fraction(float(np.median(result.observables["max:norm2"])))
    bound = Bound("norm2", "<=", middle)
    found = replay_suspects("stochastic-quadratic", result, bound, parameters=FIFTIETH)
    assert 0 < len(found) < 12
    assert {judged.outcome for _, judged in found} == {Outcome.VIOLATED}
    others = set(range(12)) - {suspect.replica for suspect, _ in found}
    for replica in sorted(others)[:2]:
        trajectory = trajectory_of("stochastic-quadratic", result, replica, FIFTIETH)
        assert replay(trajectory, bound).outcome is not Outcome.VIOLATED


def test_a_model_of_the_user_is_replayed():
    model = WRITTEN["bias"]
    result = simulate_arrays(model, eta=Fraction(1, 50), steps=5, backend="numpy", record="norm", replicas=2)
    exact = over_rationals(trajectory_of(model, result, 1, FIFTIETH))
    state = list(trajectory_of(model, result, 1, FIFTIETH).start)
    for _ in range(5):
        state = exact.step(state, range(3))
    assert np.abs(np.array([float(x) for x in state]) - result.final[1]).max() <= 1e-13
    with pytest.raises(InputError, match="the run is one of bias, not of distance"):
        trajectory_of(WRITTEN["distance"], result, 0)
    with pytest.raises(InputError, match="replica is 'first'"):
        trajectory_of(model, result, "first")
