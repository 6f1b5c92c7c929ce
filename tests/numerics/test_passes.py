"""Passes that use a derived property: when they fire, that the map stays the same, and how far sums drift."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics import InputError, Law, Watch, explain, lower, simulate
from numerics.ir import Domain, Form, Kernel, Rate
from numerics.passes import PASSES, optimise, rewrite
from numerics.passes.homogeneous import NOT_HOMOGENEOUS, degree
from numerics.passes.uniform_scaling import schedule
from numerics.targets import balls, exact
from numerics.targets.interpreter import Interpreter
from numerics.targets.rounded_target import Rounded
from theory.derive.update_map import Reduction, UpdateMap

MapOf = Callable[..., UpdateMap]
c, eta, u, N = sp.symbols("c eta u N", real=True)
UNIT = Fraction(1, 2**53)
LAWS = (Law.GD, Law.SGD, Law.CYCLIC, Law.SEQUENCE)
START = [Fraction(3, 10), Fraction(-1, 5), Fraction(2, 7), Fraction(1, 9), Fraction(-2, 5)]


def lazy_of(
    update_map: UpdateMap, law: Law, every: int | None = None, names: tuple[str, ...] = tuple(PASSES)
) -> Kernel:
    """Lower with passes, and settle every so many steps where a schedule exists."""
    kernel, _ = rewrite(lower(update_map, law, [(Watch.MAXIMUM, "norm2")]), 5, 1, names)
    if every is not None and kernel.lazy is not None and kernel.lazy.every:
        kernel = replace(kernel, lazy=replace(kernel.lazy, every=every))
    return kernel


def batches_of(law: Law, steps: int, m: int = 3) -> list[list[int]]:
    draw = random.Random(5)
    if law is Law.GD:
        return [list(range(m))] * steps
    return [sorted(draw.sample(range(m), draw.randint(1, m))) for _ in range(steps)]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize("source", ["written", "derived"])
def test_the_property_of_the_law_decides_which_pass_fires(
    map_of: MapOf, activation: str, source: str, law: Law
) -> None:
    _, reports = rewrite(lower(map_of(activation, source), law), 5, 1)
    assert [item.name for item in reports if item.fired] == ["invariants" if law is Law.GD else "uniform-scaling"]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_rewritten_step_is_the_same_map(map_of: MapOf, activation: str, law: Law, form: Form) -> None:
    """In rational arithmetic both kernels give equal states, through settlings (every 2 steps)."""
    dense, lazy = lower(map_of(activation), law), lazy_of(map_of(activation), law, every=2)
    batches = batches_of(law, 5)
    parameters = {"eta": Fraction(1, 5)}
    expected = exact.trajectory(dense, START, batches, parameters, 3)
    assert exact.trajectory(replace(lazy, batch=form), START, batches, parameters, 3) == expected


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_scale_out_of_range_changes_nothing_exactly(map_of: MapOf, activation: str, law: Law) -> None:
    """eta = 5 makes factors negative, so lanes settle by themselves; u = 1/eta makes a factor zero."""
    dense, lazy = lower(map_of(activation), law), lazy_of(map_of(activation), law)
    batches = batches_of(law, 4)
    for start, step_size in ((START, Fraction(5)), ([Fraction(1), Fraction(0), Fraction(0), *START[3:]], Fraction(1))):
        expected = exact.trajectory(dense, start, batches, {"eta": step_size}, 3)
        assert exact.trajectory(lazy, start, batches, {"eta": step_size}, 3) == expected


@pytest.mark.parametrize("law", [Law.GD, Law.SEQUENCE])
def test_balls_of_both_kernels_enclose_one_trajectory_for_hundreds_of_steps(map_of: MapOf, law: Law) -> None:
    batches = batches_of(law, 200)
    dense, lazy = lower(map_of("linear"), law), lazy_of(map_of("linear"), law, every=16)
    runs = [balls.replay(item, START, batches, {"eta": Fraction(1, 5)}, 3)[0] for item in (dense, lazy)]
    for one, other in zip(*runs, strict=True):
        assert all(a.overlaps(b) for a, b in zip(one, other, strict=True))


def drift_bound(steps: int, n: int, listed: int, largest: float) -> Fraction:
    """The bound of docs/kernels.md on |Q - sum of d^2|, ``steps`` after a settling."""
    return UNIT * Fraction(101, 100) * (steps * (2 * (listed // 8) + 30) + n // 8 + 11) * Fraction(largest)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("step_size", [0.2, 0.9])
@pytest.mark.parametrize("b", [1, 7, 30])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_kept_sums_stay_within_the_written_bound(
    map_of: MapOf, activation: str, b: int, step_size: float, form: Form
) -> None:
    """At every step, against the exact sum of the squares of the stored doubles."""
    m, n, draw = 31, 40, random.Random(b)
    kernel = replace(lazy_of(map_of(activation), Law.SEQUENCE, every=200), batch=form)
    assert kernel.lazy is not None
    interpreter = Interpreter(kernel, Rounded(), {"eta": step_size}, m)
    table = interpreter.enter([draw.gauss(0.0, 0.15) for _ in range(n)])
    since, largest, errors = 0, 0.0, []
    for t in range(450):
        if kernel.lazy.settles(t):
            since, largest = 0, 0.0
        scale = table[n]
        table = interpreter.step(table, sorted(draw.sample(range(m), b)), t)
        if table[n] == 1.0 != scale:  # the lane has settled by itself
            since, largest = 0, 0.0
        since, largest = since + 1, max(largest, table[n + 1])
        error = abs(Fraction(table[n + 1]) - sum(Fraction(x) ** 2 for x in table[:n]))
        assert error <= drift_bound(since, n, m if form is Form.MASK else b, largest)
        errors.append(error)
    assert any(errors)


@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize("algorithm", ["gd", "sgd", "cyclic"])
def test_runs_with_and_without_passes_agree(map_of: MapOf, activation: str, algorithm: str) -> None:
    """On stable runs, which contract errors: 300 steps of some 50 rounded operations, each below 2^-53."""
    runs = [
        simulate(
            map_of(activation),
            m=6,
            n=9,
            eta=0.1,
            algorithm=algorithm,
            replicas=20,
            steps=300,
            seed=2,
            backend="numpy",
            record=("max:norm2", "max:phi", "max:psi"),
            passes=names,
        )
        for names in ((), tuple(PASSES))
    ]
    assert np.abs(runs[0].final - runs[1].final).max() < 300 * 50 * 2**-53
    for name, values in runs[0].observables.items():
        assert np.abs(values - runs[1].observables[name]).max() < 300 * 50 * 2**-53


def test_a_full_batch_run_touches_no_coordinate(map_of: MapOf) -> None:
    kernel = lazy_of(map_of("relu"), Law.GD)
    assert kernel.lazy is not None
    assert (kernel.rules, kernel.reductions, kernel.lazy.every) == ((), (), 0)


def test_a_batch_step_touches_the_batch_only(map_of: MapOf) -> None:
    kernel = lazy_of(map_of("relu"), Law.SGD)
    assert {item.domain for item in kernel.reductions} == {Domain.BATCH}
    assert {rule.base.value for rule in kernel.rules} == {"batch"}
    assert all(kernel.rates()[root] is not Rate.COORDINATE for root in kernel.lane_roots())


def other_map(rest: sp.Expr, outside: sp.Expr, summand: sp.Expr = c**2, batch: sp.Expr = c * (1 - u)) -> UpdateMap:
    rules = {"batch": batch, "rest": rest, "outside": outside}
    factors = {atom: sp.cancel(rule / c) for atom, rule in rules.items() if not sp.cancel(rule / c).has(c)}
    sums = (Reduction(u, c**2, ("batch",)), Reduction(N, summand, ("batch", "rest", "outside")))
    return UpdateMap("other", "linear", c, (eta,), sums, rules, factors)


def test_the_pass_is_general(map_of: MapOf) -> None:
    """Two places with two factors, a cubic sum: not the autoencoder, but it has the property."""
    update_map = other_map(c * (1 - eta * u / 3), c * (1 + eta * N / 5), c**3, c * (1 - N * u / 7))
    dense, lazy = lower(update_map, Law.SGD), lazy_of(update_map, Law.SGD, every=2)
    assert lazy.lazy is not None
    assert len(lazy.lazy.scales) == 2
    assert len(lazy.lazy.sums) == 4  # the cubes of the step and the squares that are watched, in two places each
    batches = batches_of(Law.SGD, 4)
    runs = [exact.trajectory(item, START, batches, {"eta": Fraction(1, 5)}, 3) for item in (dense, lazy)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    ("update_map", "reason"),
    [
        (other_map(c + eta, c * N), "rest is no common factor"),
        (other_map(c, c - N), "outside is no common factor"),
        (other_map(c * (1 - eta), c * N, c**2 + eta), "reads N, which cannot be kept|no power sum"),
        (other_map(c * (1 - eta), c * (1 - N), batch=c - u), "batch is no factor"),
    ],
)
def test_a_missing_property_is_named_and_leaves_the_kernel(update_map: UpdateMap, reason: str) -> None:
    dense = lower(update_map, Law.SGD)
    kernel, reports = rewrite(dense, 5, 1)
    assert kernel is dense
    assert not any(item.fired for item in reports)
    assert any(part in reports[0].reason for part in reason.split("|"))


def test_passes_are_switched_by_name(map_of: MapOf) -> None:
    dense = lower(map_of("linear"), Law.SGD)
    assert rewrite(dense, 5, 1, ())[0] is dense
    assert rewrite(dense, 5, 1, ("invariants",))[0] is dense
    assert rewrite(dense, 5, 1, "uniform-scaling")[0].lazy is not None
    with pytest.raises(InputError, match=r"unknown pass 'uniform_scaling'.*did you mean 'uniform-scaling'"):
        rewrite(dense, 5, 1, ["uniform_scaling"])


@pytest.mark.parametrize(("n", "b"), [(1, 1), (32, 1), (4096, 1), (4096, 1024), (10**6, 3)])
def test_settling_adds_at_most_the_cost_of_a_batch(n: int, b: int) -> None:
    every = schedule(n, b)
    assert every & (every - 1) == 0
    assert n <= every * b
    assert every == 256 or every < 2 * n / b


@pytest.mark.parametrize(
    ("summand", "expected"),
    [
        (c, 1),
        (c**2, 2),
        (-3 * c**5 / 7, 5),
        (eta * c, 1),
        (c**2 + c, 0),
        (c**2 + 3 * c**2 * eta, 2),
        (1 / c, 0),
        (eta, 0),
    ],
)
def test_degrees_of_summands(map_of: MapOf, summand: sp.Expr, expected: int) -> None:
    base = map_of("linear")
    sums = (replace(base.reductions[0], summand=summand), base.reductions[1])
    kernel = lower(replace(base, reductions=sums), Law.SGD)
    (item,) = (item for item in kernel.reductions if item.name == "u")
    assert degree(kernel, item.root) == (expected or NOT_HOMOGENEOUS)


def test_optimising_twice_changes_nothing(map_of: MapOf) -> None:
    for law in LAWS:
        kernel = lazy_of(map_of("relu"), law)
        assert optimise(kernel) == kernel


def test_explanations_name_pass_property_formula_and_cost(map_of: MapOf) -> None:
    text = "\n".join(explain(map_of("linear", "derived"), m=32, n=40, algorithm="sgd", b=2, record=()))
    assert "pass uniform-scaling: fired: all coordinates outside the batch" in text
    assert "c' = (-eta*u + 1) c for rest" in text
    assert "every 256 steps" in text
    assert "dense: 2*b + 3*n + 6 = 130" in text
    full = "\n".join(explain(map_of("linear", "derived"), m=32, n=40))
    assert "pass invariants: fired" in full
    assert "P_outside_2' = P_outside_2*(P_batch_2*eta - 1)**2" in full
    off = "\n".join(explain(map_of("linear", "derived"), m=32, n=40, passes=()))
    assert "pass invariants: not fired: switched off" in off
    with pytest.raises(InputError, match="batch size b"):
        explain(map_of("linear"), m=3, n=3, algorithm="sgd", b=9)
