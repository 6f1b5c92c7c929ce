"""Replays: what a run reports as a counterexample is one, or is not, or is said to be open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics import Kernel, Law, RunResult, lower, simulate
from numerics.errors import InputError, LoweringError
from numerics.replay import Bound, Outcome, Trajectory, replay, replay_suspects, suspects, trajectory_of
from numerics.replay.exact_map import ExactMap
from numerics.targets import exact
from numerics.targets.exact import Rational
from theory.derive import update_map
from theory.derive.update_map import Reduction, UpdateMap

MapOf = Callable[..., UpdateMap]
FIFTH = {"eta": Fraction(1, 5)}
eta = sp.Symbol("eta", positive=True)
c = sp.Symbol("c", real=True)


def run(the_map: UpdateMap, **options: Any) -> RunResult:
    arguments: dict[str, Any] = {"m": 3, "n": 4, "eta": Fraction(1, 5), "algorithm": "sgd", "b": 1, "seed": 5}
    arguments |= {"replicas": 40, "steps": 60, "backend": "numpy", "record": ("max:norm2", "norm2", "max:peak2")}
    return simulate(the_map, **(arguments | options))


derived = cache(update_map)


@cache
def kernel_of(activation: str) -> Kernel:
    return lower(derived(activation), Law.SEQUENCE)


def norms(trajectory: Trajectory) -> list[Fraction]:
    """The squared norms of the exact trajectory, by the oracle that interprets the compiled kernel."""
    kernel = kernel_of(trajectory.update_map.activation)
    states = exact.trajectory(
        kernel, trajectory.start, list(trajectory.batches()), dict(trajectory.parameters), trajectory.m
    )
    return [sum((x * x for x in state), Fraction(0)) for state in states]


def given_start(the_map: UpdateMap, start: tuple[Fraction, ...], steps: int, m: int = 2) -> Trajectory:
    return Trajectory(the_map, m, start, lambda: iter([list(range(m))] * steps), FIFTH)


def test_a_true_violation_is_confirmed_at_its_step(map_of: MapOf) -> None:
    the_map = map_of("linear", "derived")
    result = run(the_map, record=("max:norm2", "first:norm2>=1.001"))
    bound = Bound("norm2", "<=", Fraction("1.001"))
    found = replay_suspects(the_map, result, bound, parameters=FIFTH)
    expected = [r for r, value in enumerate(result.observables["max:norm2"]) if value > 1.001]
    assert sorted(item.replica for item, _ in found) == expected
    assert len(expected) > 5
    for item, judged in found:
        assert judged.outcome is Outcome.VIOLATED
        assert judged.method == "balls"
        assert judged.step == result.observables["first:norm2>=1.001"][item.replica]
        assert item.margin == 1.001 - item.value < 0
        assert "violated at step" in judged.sentence()


def test_what_the_theory_proves_is_not_violated(map_of: MapOf) -> None:
    """P15 of ghosh2023: |w|^2 <= 1 + eta/4, against the closest replicas."""
    the_map = map_of("linear", "derived")
    result = run(the_map, init="gaussian:0.3")
    assert (result.start**2).sum(axis=1).max() < 1.0
    bound = Bound("norm2", "<=", 1 + eta / 4)
    assert suspects(result, bound, FIFTH) == []
    worst = int(result.observables["max:norm2"].argmax())
    judged = replay(trajectory_of(the_map, result, worst, FIFTH), bound)
    assert judged.outcome is Outcome.HOLDS
    margin = 1.05 - float(result.observables["max:norm2"][worst])
    assert float(judged.margin.strip("[").split(" ")[0]) == pytest.approx(margin, rel=1e-9)  # ten digits are printed


def test_a_violation_by_rounding_is_not_one(map_of: MapOf) -> None:
    """The limit lies between the exact and the rounded maximum, where the rounded one is larger."""
    the_map = map_of("linear", "derived")
    result = run(the_map, steps=3, replicas=60)
    seen = 0
    for replica, rounded in enumerate(result.observables["max:norm2"].tolist()):
        trajectory = trajectory_of(the_map, result, replica, FIFTH)
        true = max(norms(trajectory))
        bound = Bound("norm2", "<=", (true + Fraction(rounded)) / 2)
        judged = replay(trajectory, bound)
        if Fraction(rounded) > true:
            seen += 1
            assert judged.outcome is Outcome.HOLDS
        else:
            assert judged.outcome is Outcome.VIOLATED
    assert 0 < seen < 60


def test_a_reported_violation_by_rounding_is_taken_back(map_of: MapOf) -> None:
    """Start (0.1, 0.2): the sum of squares is rounded up, above its exact value."""
    the_map = map_of("linear", "derived")
    start = [0.1, 0.2]
    result = run(the_map, m=2, n=2, algorithm="gd", b=None, steps=0, replicas=1, init=start)
    true = sum(Fraction(x) ** 2 for x in start)
    rounded = result.observables["max:norm2"][0]
    assert Fraction(float(rounded)) > true
    bound = Bound("norm2", "<", (true + 3 * Fraction(float(rounded))) / 4)
    ((item, judged),) = replay_suspects(the_map, replace(result), replace(bound, limit=bound.limit))
    assert item.replica == 0
    assert judged.outcome is Outcome.HOLDS


def test_the_exact_step_size_decides_not_its_double(map_of: MapOf) -> None:
    the_map = map_of("linear", "derived")
    result = run(the_map, steps=4)
    fifth, double = trajectory_of(the_map, result, 0, FIFTH), trajectory_of(the_map, result, 0)
    ends = [norms(fifth)[-1], norms(double)[-1]]
    bound = Bound("norm2", "<=", sum(ends) / 2, final=True)
    outcomes = [replay(trajectory, bound).outcome for trajectory in (fifth, double)]
    expected = [Outcome.VIOLATED, Outcome.HOLDS] if ends[0] > ends[1] else [Outcome.HOLDS, Outcome.VIOLATED]
    assert outcomes == expected


@pytest.mark.parametrize(
    ("relation", "outcome"),
    [("<=", Outcome.HOLDS), (">=", Outcome.HOLDS), ("<", Outcome.VIOLATED), (">", Outcome.VIOLATED)],
)
def test_equality_is_decided_in_rationals(map_of: MapOf, relation: str, outcome: Outcome) -> None:
    """(3/5, 4/5) is a fixed point under the full batch; its balls have a radius at every precision."""
    trajectory = given_start(map_of("linear", "derived"), (Fraction(3, 5), Fraction(4, 5)), 50)
    judged = replay(trajectory, Bound("norm2", relation, 1))
    assert (judged.outcome, judged.method, judged.margin, judged.step) == (outcome, "rationals", "0", 0)


def test_equality_that_no_oracle_sees_is_undecided() -> None:
    """c' = sqrt(c^2 + 1) from 1: |w_1|^2 = sqrt(2)^2 = 2, neither rational on the way nor exact in balls."""
    total = sp.Symbol("N", nonnegative=True)
    kinds = ("batch", "rest", "outside")
    rooted = UpdateMap(
        "root", "linear", c, (eta,), (Reduction(total, c**2, kinds),), dict.fromkeys(kinds, sp.sqrt(c**2 + 1)), {}
    )
    trajectory = given_start(rooted, (Fraction(1),), 1, m=1)
    judged = replay(trajectory, Bound("norm2", "<=", 2), max_bits=2048)
    assert (judged.outcome, judged.step, judged.bits) == (Outcome.UNDECIDED, 1, 2048)
    assert judged.sentence().startswith("undecided at 2048 bits: the margin [")
    nearly = Bound("norm2", "<=", 2 - Fraction(1, 10**300))
    assert replay(trajectory, nearly).outcome is Outcome.VIOLATED
    assert replay(trajectory, replace(nearly, limit=2 + Fraction(1, 10**300))).outcome is Outcome.HOLDS


def test_precision_is_doubled_as_far_as_needed(map_of: MapOf) -> None:
    """A chaotic run (step size 3/4, beyond stability) loses a digit every few steps."""
    the_map = map_of("linear", "derived")
    result = run(the_map, eta=Fraction(3, 4), m=2, n=2, algorithm="gd", b=None, steps=400, replicas=1)
    assert 1.0 < result.observables["max:norm2"][0] < 3.0
    trajectory = trajectory_of(the_map, result, 0, {"eta": Fraction(3, 4)})
    judged = replay(trajectory, Bound("norm2", "<=", 3))
    assert judged.outcome is Outcome.HOLDS
    assert judged.bits > 128
    short = replay(trajectory, Bound("norm2", "<=", 3), max_bits=128)
    assert short.outcome is Outcome.UNDECIDED
    assert short.bits == 128


@given(
    st.lists(st.fractions(min_value=-1, max_value=1, max_denominator=50), min_size=3, max_size=3),
    st.lists(st.sets(st.integers(0, 1), min_size=1), min_size=1, max_size=3),
    st.sampled_from(["<=", "<", ">=", ">"]),
    st.sampled_from([Fraction(0), Fraction(1, 10**60), Fraction(-1, 10**60), Fraction(1, 7)]),
    st.integers(0, 3),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_the_outcome_is_the_truth(
    start: list[Fraction], drawn: list[set[int]], relation: str, away: Fraction, at: int, relu: bool
) -> None:
    """Limits at, next to and away from a value that the trajectory takes; truth by rational arithmetic."""
    the_map = derived("relu" if relu else "linear")
    batches = [sorted(batch) for batch in drawn]
    trajectory = Trajectory(the_map, 2, tuple(start), lambda: iter(batches), FIFTH)
    values = norms(trajectory)
    limit = values[min(at, len(batches))] + away
    holds = {"<=": lambda q: q <= limit, "<": lambda q: q < limit, ">=": lambda q: q >= limit, ">": lambda q: q > limit}
    truth = all(holds[relation](value) for value in values)
    judged = replay(trajectory, Bound("norm2", relation, limit))
    assert judged.outcome is (Outcome.HOLDS if truth else Outcome.VIOLATED)


@pytest.mark.parametrize("activation", ["linear", "relu", "artificial"])
def test_the_exact_map_is_the_oracle_of_the_compiled_kernel(map_of: MapOf, activation: str) -> None:
    the_map = map_of(activation)
    start = [Fraction(3, 10), Fraction(-1, 5), Fraction(0), Fraction(1, 9), Fraction(-2, 5)]
    if activation == "artificial":  # it has a square root: leave it out by its atoms, batch and rest positive
        start = [Fraction(3, 10), Fraction(1, 5), Fraction(1, 2), Fraction(1, 9), Fraction(-2, 5)]
    stepped = ExactMap(the_map, Rational(), FIFTH, 3)
    batches = [[0, 2], [1, 2]] if activation != "artificial" else [[0, 2]]
    states = [start]
    for batch in batches:
        states.append(stepped.step(states[-1], batch))
    kernel = lower(the_map, Law.SEQUENCE)
    assert states == exact.trajectory(kernel, start, batches, FIFTH, 3)


def test_quantities(map_of: MapOf) -> None:
    stepped = ExactMap(map_of("relu"), Rational(), FIFTH, 3)
    state = [Fraction(i) for i in (1, -5, 3, 7)]
    found = {name: stepped.quantity(name, state, [0, 1]) for name in ("norm2", "phi", "psi", "peak2", "u", "N")}
    assert found == {"norm2": 84, "phi": 35, "psi": 49, "peak2": 25, "u": 1, "N": 84}
    assert [stepped.drawn(name) for name in ("u", "N", "norm2")] == [True, False, False]


def test_a_sum_over_the_batch_is_read_before_the_last_step(map_of: MapOf) -> None:
    """u_0 = 1/4, u_1 = 4/25 + ...: at t = T = 1 there is no batch."""
    trajectory = given_start(map_of("linear"), (Fraction(1, 2), Fraction(0)), 1)
    judged = replay(trajectory, Bound("u", "<=", Fraction(1, 4)))
    assert (judged.outcome, judged.step) == (Outcome.HOLDS, 0)
    assert replay(trajectory, Bound("norm2", "<=", Fraction(1, 4))).step == 1


def test_errors_name_what_was_given(map_of: MapOf) -> None:
    the_map = map_of("linear", "derived")
    result = run(the_map, steps=2, replicas=3, record=("norm",))
    bound = Bound("norm2", "<=", 1)
    with pytest.raises(InputError, match=r"recorded norm; .*norm2 <= 1 record 'max:norm2'"):
        suspects(result, bound)
    with pytest.raises(InputError, match="replay the replicas that matter"):
        suspects(result, Bound("norm2", ">=", 1))
    with pytest.raises(InputError, match=r"replica is 3 \(int\); the run has replicas 0 to 2"):
        trajectory_of(the_map, result, 3)
    with pytest.raises(InputError, match=r"but the run used 0\.2"):
        trajectory_of(the_map, result, 0, {"eta": Fraction(1, 4)})
    with pytest.raises(InputError, match="unknown parameter 'etta'"):
        trajectory_of(the_map, result, 0, {"etta": Fraction(1, 5)})
    with pytest.raises(InputError, match="unknown relation"):
        Bound("norm2", "==", 1)
    for bad in (0.5, sp.Float(1), True, "1"):
        with pytest.raises(InputError, match="limit is"):
            Bound("norm2", "<=", bad)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown quantity 'norm3'"):
        replay(trajectory_of(the_map, result, 0), Bound("norm3", "<=", 1))
    with pytest.raises(InputError, match=r"parameter in the limit alpha \+ 1: 'alpha'"):
        replay(trajectory_of(the_map, result, 0), Bound("norm2", "<=", 1 + sp.Symbol("alpha")))
    with pytest.raises(LoweringError, match=r"exp\(eta\)"):
        replay(trajectory_of(the_map, result, 0), Bound("norm2", "<=", sp.exp(eta)))


def test_explicit_batches_are_handed_over_again(map_of: MapOf) -> None:
    the_map = map_of("linear", "derived")
    batches = [[0, 1], [1, 2], [0, 2]]
    result = run(the_map, algorithm="sequence", sequence=batches, b=None, steps=3, replicas=2)
    trajectory = trajectory_of(the_map, result, 1, FIFTH, sequence=batches)
    assert list(trajectory.batches()) == batches
    with pytest.raises(InputError, match="needs sequence"):
        trajectory_of(the_map, result, 1, FIFTH)
