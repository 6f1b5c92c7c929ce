"""Decide a bound along one exact trajectory: balls of doubling precision, rationals where equality is suspected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Generic, TypeVar

from numerics.errors import IndeterminateError, LoweringError
from numerics.front import QUANTITIES
from numerics.replay.bound import Bound, limit_of
from numerics.replay.suspects import ArrayTrajectory, Suspect, Trajectory, suspects, trajectory_of
from numerics.result import RunResult
from numerics.targets.balls import MAX_BITS, Ball, precision
from numerics.targets.exact import Rational
from theory.derive.update_map import UpdateMap
from theory.models import ArrayModel

T = TypeVar("T")

#: Bits of the first replay.
FIRST_BITS = 128
#: Precision from which equality is suspected, and the first steps are decided in rationals.
_SUSPECT_BITS = 512
#: Longest numerator or denominator of a rational state, in bits.
_EXACT_BITS = 1 << 17


class Outcome(StrEnum):
    """What the replay found about the claim along one trajectory."""

    VIOLATED = "violated"
    HOLDS = "not violated"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class Replay:
    """What a replay found.

    Attributes
    ----------
    outcome
        Violated, not violated or undecided.
    step
        The step of the violation, the first step that stays open, or the step of the smallest margin.
    margin
        The margin there as text: a ball, or a rational.
    bits
        The largest precision that was used.
    method
        ``balls`` or ``rationals``: what decided the step.
    reason
        Why it is undecided; else empty.
    """

    outcome: Outcome
    step: int | None
    margin: str
    bits: int
    method: str
    reason: str = ""

    def sentence(self) -> str:
        """Return the result in words."""
        if self.outcome is Outcome.UNDECIDED:
            return f"undecided at {self.bits} bits: {self.reason}"
        at = f" at step {self.step}" if self.outcome is Outcome.VIOLATED else f", smallest at step {self.step}"
        where = "in rationals" if self.method == "rationals" else f"in balls of {self.bits} bits"
        return f"{self.outcome}{at}: margin {self.margin}, {where}"


def replay(
    trajectory: Trajectory | ArrayTrajectory, bound: Bound, *, bits: int = FIRST_BITS, max_bits: int = MAX_BITS
) -> Replay:
    """Decide a claim along one exact trajectory.

    Parameters
    ----------
    trajectory
        See `trajectory_of`.
    bound
        The claim.
    bits, max_bits
        First precision, and where doubling stops.

    Raises
    ------
    InputError
        If the claim speaks of an unknown quantity or parameter.
    """
    settled: dict[int, tuple[bool, Fraction]] | None = None
    while True:
        with precision(bits):
            watched = _Watch(bound, settled or {})
            reason = watched.follow(_Margins(trajectory, bound, Ball()))
        if watched.violation is not None:
            return Replay(Outcome.VIOLATED, *watched.violation, bits, watched.method())
        if not reason and not watched.open:
            return Replay(Outcome.HOLDS, *watched.smallest(), bits, watched.method())
        if settled is None and bits >= min(_SUSPECT_BITS, max_bits):
            settled = dict(_settled(trajectory, bound))
        elif 2 * bits <= max_bits:
            bits *= 2
        else:
            step, margin = watched.open[0] if watched.open else (None, "")
            why = reason or f"the margin {margin} of step {step} may be zero"
            return Replay(Outcome.UNDECIDED, step, margin, bits, "balls", why)


def replay_suspects(
    model: UpdateMap | ArrayModel | str,
    run: RunResult,
    bound: Bound,
    *,
    parameters: Mapping[str, Fraction] | None = None,
    sequence: object | None = None,
    data: Mapping[str, object] | None = None,
    most: int | None = None,
    max_bits: int = MAX_BITS,
) -> list[tuple[Suspect, Replay]]:
    """Replay every trajectory that a run reports as a counterexample, the worst first, and at most ``most``.

    Arguments are those of `trajectory_of` and `replay`.
    """
    found = []
    for item in suspects(run, bound, parameters)[:most]:
        trajectory = trajectory_of(model, run, item.replica, parameters, sequence, data)
        found.append((item, replay(trajectory, bound, max_bits=max_bits)))
    return found


class _Margins(Generic[T]):
    """The margins of a claim along a trajectory, over any arithmetic."""

    def __init__(self, trajectory: Trajectory | ArrayTrajectory, bound: Bound, arithmetic: Any) -> None:
        self.trajectory, self.bound, self.arithmetic = trajectory, bound, arithmetic
        values = {name: arithmetic.constant(value) for name, value in trajectory.parameters.items()}
        self.limit = limit_of(bound, arithmetic, values)
        self.map = trajectory.over(arithmetic, values)

    def __iter__(self) -> Iterator[tuple[int, T]]:
        self.state = [self.arithmetic.constant(value) for value in self.trajectory.start]
        last = 0
        for batch in self.trajectory.batches():
            if not self.bound.final:
                yield last, self._margin(batch)
            self.state = self.map.step(self.state, batch)
            last += 1
        if self.bound.final or self.bound.quantity in QUANTITIES or not self.map.drawn(self.bound.quantity):
            yield last, self._margin(())

    def _margin(self, batch: Sequence[int]) -> T:
        value = self.map.quantity(self.bound.quantity, self.state, batch)
        return self.bound.margin(value, self.limit, lambda a, b: a - b)  # type: ignore[operator]


class _Watch:
    """Collects what the margins of one replay decide; settled steps are not looked at in balls."""

    def __init__(self, bound: Bound, settled: Mapping[int, tuple[bool, Fraction]]) -> None:
        self.bound, self.settled = bound, settled
        self.violation: tuple[int, str] | None = None
        self.open: list[tuple[int, str]] = []
        self._least: tuple[int, Any] | None = None

    def follow(self, margins: _Margins[Any]) -> str:
        """Look at all margins; returns why the trajectory broke off, or nothing."""
        try:
            for step, margin in margins:
                right, value = self.settled.get(step, (self.bound.decided(margin), margin))
                if right is None:
                    self.open.append((step, _text(margin)))
                elif not right:
                    self.violation = (step, _text(value))
                    return ""
                elif self._least is None or float(value) < float(self._least[1]):
                    self._least = (step, value)
        except IndeterminateError as problem:
            return str(problem)
        return ""

    def method(self) -> str:
        """Return what decided the step that is reported."""
        step = self.violation[0] if self.violation else self.smallest()[0]
        return "rationals" if step in self.settled else "balls"

    def smallest(self) -> tuple[int | None, str]:
        """Return the step of the smallest margin, and that margin."""
        return (None, "") if self._least is None else (self._least[0], _text(self._least[1]))


def _settled(trajectory: Trajectory | ArrayTrajectory, bound: Bound) -> Iterator[tuple[int, tuple[bool, Fraction]]]:
    """Decide the first steps in rationals, while the fractions of the state are short."""
    margins: _Margins[Fraction] = _Margins(trajectory, bound, Rational())
    try:
        for step, margin in margins:
            right = bound.decided(margin)
            assert right is not None
            yield step, (right, margin)
            longest = max(max(abs(c.numerator), c.denominator) for c in margins.state)
            if longest.bit_length() > _EXACT_BITS // 3:  # a step of a cubic map triples it
                return
    except (LoweringError, ZeroDivisionError):
        return  # a square root that is not rational, or a step that is not defined: balls alone


def _text(margin: Any) -> str:
    if isinstance(margin, Fraction):
        text = str(margin)
        return text if len(text) <= 40 else f"{float(margin):.10g} (exact, {len(text)} characters)"
    return str(margin.str(10))
