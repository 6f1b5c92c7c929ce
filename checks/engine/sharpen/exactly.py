"""Proofs that an algebraic number is the threshold of a claim.

Up to the number the claim is proved, in slices of the parameter where that is easier; a certificate shows that it fails
at the number or for every value just beyond (`checks.engine.sharpen.beyond`).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from checks.checker.accept import FAULTS
from checks.engine.sharpen.beyond import Beyond
from checks.engine.sharpen.entry import Entry, exact
from checks.engine.sharpen.faces import Candidate
from checks.engine.sharpen.fractions import between
from checks.engine.sharpen.judge import Judge
from checks.engine.sharpen.number import Threshold
from checks.verdict import Status

# relative distances of the bounds that bring a bracket close to a number
CLOSE = (Fraction(1, 1000), Fraction(1, 10**6))
# relative widths of the slice next to an irrational number
SLICES = (Fraction(1, 1000), Fraction(1, 20))
# a set of slices, with the number up to which the first one goes
Slices = tuple[Fraction | None, list[tuple[str, ...]]]


class Exactly:
    """The proofs at one claim; a number is tried once."""

    def __init__(self, judge: Judge, beyond: Beyond) -> None:
        self.judge, self.beyond = judge, beyond
        self.tried: set[Threshold] = set()

    def entry(self, candidate: Candidate) -> Entry | None:
        """Return the entry of a candidate that is proved to be the threshold."""
        at, judge = candidate.at, self.judge
        if at in self.tried:
            return None
        self.tried.add(at)
        failing = self._fails_at(at) or self.beyond.there(candidate, judge.budget.part(1.0)) is not None
        status = Status.REFUTED if failing else self._holds(at, strict=False)
        if status is Status.PROVED and self._fails_beyond(candidate):
            return exact(at, judge.parameter, True)
        if status is Status.REFUTED and self._holds(at, strict=True) is Status.PROVED:
            return exact(at, judge.parameter, False)
        self._close_in(at)
        return None

    def _fails_at(self, at: Threshold) -> bool:
        """Return whether a counterexample has the parameter equal to a number."""
        name, near = self.judge.parameter, at.within(Fraction(1, 1000))
        own = [f"{at.text(name)} == 0"]
        if not at.is_rational:
            own += [f"{name} > ({near.low})", f"{name} < ({near.high})"]
        return self.judge.refuted_with(*own, seconds=0.5)

    def _fails_beyond(self, candidate: Candidate) -> bool:
        try:
            return self.beyond.certificate(candidate, self.judge.budget.part(self.judge.seconds / 4)) is not None
        except FAULTS:
            return False

    def _close_in(self, at: Threshold) -> None:
        """Bring the ends of the bracket close to a number that is not proved to be the threshold."""
        judge = self.judge
        for side in (judge.up, not judge.up):
            for width in CLOSE:
                if judge.budget.spent():
                    return
                c = _short_of(at, side, width, None)
                wanted = Status.PROVED if side == judge.up else Status.REFUTED
                if judge.inside(c) and judge.upto(c).status is not wanted:
                    break

    def _holds(self, at: Threshold, strict: bool) -> Status:
        """Judge the claim with the parameter at most (below) a number."""
        judge = self.judge
        for start, slices in self._slices(at, strict):
            found = Status.PROVED
            for part in slices:
                found = judge.shown(part, judge.seconds / (12 if len(slices) == 1 else 4))
                if found is not Status.PROVED:
                    break
                if start is not None and part is slices[0]:
                    judge.holds(start)
            if found in (Status.PROVED, Status.REFUTED) or judge.budget.spent():
                return found
        return Status.UNDECIDED

    def _slices(self, at: Threshold, strict: bool) -> Iterator[Slices]:
        """Yield sets of hypotheses on the parameter that together say: at most (below, where strict) the number."""
        up, floor, name, end = self.judge.up, self.judge.floor, self.judge.parameter, "" if strict else "="
        toward, back = ("<", ">") if up else (">", "<")
        if at.is_rational:
            yield None, [(f"{name} {toward}{end} ({at.low})",)]
            if floor is None or self.judge.past(at.low, floor):
                start = _short_of(at, up, Fraction(1, 10), floor)
                rest = (f"{name} {toward}{end} ({at.low})", f"{name} {back} ({start})")
                yield start, [(f"{name} {toward}= ({start})",), rest]
            return
        near = at.within(Fraction(1, 1000))
        outer = near.high if up else near.low
        side = "<" if (at.rising > 0) == up else ">"
        close = (f"{at.text(name)} {side}{end} 0", f"{name} {toward} ({outer})")
        if floor is not None and at.alone(*sorted((floor, outer))):
            yield None, [close]
        for width in SLICES:
            start = _short_of(at, up, width, floor)
            if at.alone(*sorted((start, outer))):
                yield start, [(f"{name} {toward}= ({start})",), (*close, f"{name} {back} ({start})")]


def _short_of(at: Threshold, up: bool, width: Fraction, floor: Fraction | None) -> Fraction:
    """Return a short fraction about a relative width before a number, not before the floor."""
    near = at.within(width / 1000)
    scale = width * max(Fraction(1, 100), min(abs(near.low), abs(near.high)))
    low, high = (near.low - scale, near.low) if up else (near.high, near.high + scale)
    if floor is not None:
        low, high = (max(low, floor), high) if up else (low, min(high, floor))
    return between(low, high)
