"""Values: floating-point runs against exact rationals, within an error bound that is computed alongside."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from numerics import IndeterminateError, Law, lower, simulate
from numerics.ir import Kind
from numerics.passes import PASSES, rewrite
from numerics.targets import balls, exact
from numerics.targets.interpreter import Interpreter
from numerics.targets.rounded_target import Rounded
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]
UNIT = Fraction(1, 2**53)
TINY = Fraction(1, 2**1075)


@dataclass(frozen=True)
class Bounded:
    """A computed double and a bound of its distance from the exact value.

    The bound is rounded up to a double: exact bounds would square their denominators at every division.
    """

    value: float
    error: Fraction

    def __post_init__(self) -> None:
        if self.error:
            object.__setattr__(self, "error", Fraction(math.nextafter(float(self.error), math.inf)))


class RunningError:
    """Running error analysis, with every bound rounded up.

    For ``z = fl(x op y)`` the rounding error is at most ``u |z| + 2**-1075``, and the errors ``e, f`` of the
    operands add ``e + f`` for + and -, ``|x| f + |y| e + e f`` for *, and for / they add
    ``(e + (|x| + e) / (|y| - f) f) / |y|``, since ``x'/y' - x/y = (x' - x - (x'/y') (y' - y)) / y``.
    """

    def constant(self, value: Fraction) -> Bounded:
        near = float(value)
        return Bounded(near, abs(Fraction(near) - value))

    def binary(self, kind: Kind, a: Bounded, b: Bounded) -> Bounded:
        value = Rounded().binary(kind, a.value, b.value)
        rounding = UNIT * abs(Fraction(value)) + TINY
        if kind is Kind.DIV:
            assert b.error < abs(Fraction(b.value)), "the divisor is not certain"
            quotient = (abs(Fraction(a.value)) + a.error) / (abs(Fraction(b.value)) - b.error)
            return Bounded(value, (a.error + quotient * b.error) / abs(Fraction(b.value)) + rounding)
        if kind in (Kind.ADD, Kind.SUB):
            return Bounded(value, a.error + b.error + rounding)
        assert kind is Kind.MUL
        moved = abs(Fraction(a.value)) * b.error + abs(Fraction(b.value)) * a.error + a.error * b.error
        return Bounded(value, moved + rounding)

    def unary(self, kind: Kind, a: Bounded) -> Bounded:
        assert kind is Kind.NEG
        return Bounded(-a.value, a.error)

    def positive(self, a: Bounded) -> bool:
        assert abs(Fraction(a.value)) > a.error, "the sign is not certain"
        return a.value > 0

    def greater(self, a: Bounded, b: Bounded) -> bool:
        raise NotImplementedError  # observables compare, steps do not: the runs here have no observable

    def at_least(self, a: Bounded, b: Bounded) -> bool:
        return a.value >= b.value


START = [Fraction(3, 10), Fraction(-1, 5), Fraction(2, 7), Fraction(1, 9), Fraction(-2, 5)]
BATCHES = [[0, 2], [1, 2], [0, 1], [0, 2], [1, 2]]


@pytest.mark.parametrize("names", [(), tuple(PASSES)], ids=["dense", "passes"])
@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize("backend", ["numpy", "jit"])
def test_runs_stay_within_the_running_error_bound(
    map_of: MapOf, activation: str, backend: str, names: tuple[str, ...]
) -> None:
    """Five steps: 1/5 and the starts are no doubles, so their rounding is part of the bound."""
    dense, m = lower(map_of(activation), Law.SEQUENCE), 3
    kernel, _ = rewrite(dense, 5, 2, names)
    true = exact.trajectory(dense, START, BATCHES, {"eta": Fraction(1, 5)}, m)[-1]
    arithmetic = RunningError()
    interpreter = Interpreter(kernel, arithmetic, {"eta": arithmetic.constant(Fraction(1, 5))}, m)
    table = interpreter.enter([arithmetic.constant(value) for value in START])
    for t, batch in enumerate(BATCHES):
        table = interpreter.step(table, batch, t)
    state = interpreter.leave(table)

    run = simulate(
        map_of(activation),
        m=m,
        n=5,
        eta=Fraction(1, 5),
        algorithm="sequence",
        sequence=BATCHES,
        steps=5,
        init=[float(value) for value in START],
        backend=backend,
        passes=names,
    )
    assert run.final[0].tolist() == [entry.value for entry in state]
    for entry, value in zip(state, true, strict=True):
        assert abs(Fraction(entry.value) - value) <= entry.error
        assert entry.error < 100 * UNIT * len(BATCHES)  # the bound says something: about 100 operations a step


def test_exact_runs_follow_the_printed_step(map_of: MapOf) -> None:
    """One step by hand: c = (1/2, 1/3, 1/4), m = 2, B = {0}, eta = 1/10."""
    kernel = lower(map_of("linear"), Law.SGD)
    c = [Fraction(1, 2), Fraction(1, 3), Fraction(1, 4)]
    state = exact.trajectory(kernel, c, [[0]], {"eta": Fraction(1, 10)}, 2)[1]
    u, total = Fraction(1, 4), Fraction(61, 144)
    inside, other = 1 + Fraction(1, 10) * (2 - u - total), 1 - Fraction(1, 10) * u
    assert state == [c[0] * inside, c[1] * other, c[2] * other]


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_balls_contain_the_exact_trajectory(map_of: MapOf, activation: str) -> None:
    kernel = lower(map_of(activation), Law.SGD)
    eta = {"eta": Fraction(1, 5)}
    true = exact.trajectory(kernel, START, BATCHES, eta, 3)
    enclosures = balls.trajectory(kernel, START, BATCHES, eta, 3, bits=60)
    for state, ball_state in zip(true, enclosures, strict=True):
        for value, ball in zip(state, ball_state, strict=True):
            with balls.precision(3000):
                assert ball.contains(balls.Ball().constant(value))


def test_balls_replay_hundreds_of_steps(map_of: MapOf) -> None:
    kernel = lower(map_of("linear"), Law.GD)
    batches = [[0, 1, 2]] * 300
    states, bits = balls.replay(kernel, START, batches, {"eta": Fraction(1, 5)}, 3)
    norm = sum((value * value for value in states[-1]), balls.Ball().constant(Fraction(0)))
    assert len(states) == 301
    assert norm.overlaps(balls.Ball().constant(Fraction(1)))
    assert bits >= 128


def test_an_undecided_sign_is_an_error_and_no_guess(map_of: MapOf) -> None:
    """1/3 - 1/3 is a ball around zero, whatever the precision."""
    ball = balls.Ball()
    with balls.precision(64):
        third = ball.constant(Fraction(1, 3))
        with pytest.raises(IndeterminateError, match="overlap"):
            ball.positive(ball.binary(Kind.SUB, third, third))
        wide = ball.binary(Kind.ADD, ball.constant(Fraction(1)), arb(0, 2))
        with pytest.raises(IndeterminateError, match="overlap"):
            ball.positive(wide)
        assert ball.positive(ball.binary(Kind.ADD, wide, ball.constant(Fraction(2))))


def test_the_kink_belongs_to_the_inactive_side(map_of: MapOf) -> None:
    """A coordinate that is exactly zero is updated by the rule of c <= 0 on every target, and stays zero."""
    kernel = lower(map_of("relu"), Law.SGD)
    rule = kernel.rules_of(kernel.rules[0].base)
    interpreter = Interpreter(kernel, exact.Rational(), {"eta": Fraction(1, 5)}, 1)
    assert interpreter._pick(rule, Fraction(0)) is rule[1]
    start = np.array([0.0, 0.5, -0.5])
    for backend in ("numpy", "jit", "rounded"):
        run = simulate(map_of("relu"), m=3, n=3, eta=0.1, steps=3, init=start, backend=backend)
        assert run.final[0, 0] == 0.0
