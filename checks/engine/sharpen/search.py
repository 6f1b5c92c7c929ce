"""The sharp value of a parameter: the largest (or smallest) bound for which a claim still holds.

All bounds on the parameter alone, on the side asked for, are removed from the hypotheses.  Candidates come from the
faces of the hypotheses (`checks.engine.sharpen.faces`); proofs and counterexamples at numbers between them say which
one it is.  A value is ``exact`` when the claim is proved up to it and a certificate shows that it fails at the value or
for every value just beyond (`checks.engine.sharpen.beyond`).  Otherwise the answer is a ``bracket``: a value with proof
and one with a counterexample, brought together by bisection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from math import ceil, floor
from typing import Any

from checks.checker.accept import FAULTS
from checks.checker.goal import Rejected, goals
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.prove import prove_goal
from checks.engine.quantified import decide_claim
from checks.engine.refute.search import find_point
from checks.engine.sharpen.beyond import Beyond
from checks.engine.sharpen.boundary import Boundary, Located
from checks.engine.sharpen.bounds import without_bounds
from checks.engine.sharpen.faces import Candidate, Faces
from checks.engine.sharpen.fractions import between, simplest
from checks.engine.sharpen.located import LocatedProofs
from checks.engine.sharpen.number import SHOWN, Threshold
from checks.engine.sharpen.recognise import Number
from checks.engine.sharpen.system import System
from checks.verdict import Evidence, Status

__all__ = ["sharpen", "simplest", "without_bounds"]

# brackets are not made narrower than this
NARROW = Fraction(1, 10**6)
FAR = (1, 4, 16, 256, 4096)
# candidates with the point behind them that are tried
MOST_LOCATED = 3
# the share of the time for candidates from the faces, before those from extremal points
FIRST_SHARE = 0.5


def sharpen(
    formal: Mapping[str, Any], exists: list[str], parameter: str, bound: str, seconds: float
) -> dict[str, Any] | None:
    """Return the ``sharp`` entry of a result, or None when no value is proved and none refuted.

    Parameters
    ----------
    formal, exists
        The claim, as for `checks.engine.quantified.decide_claim`.
    parameter
        The name whose bound is sought.
    bound
        ``upper``: the supremum of c such that the claim holds whenever the parameter is at most c; ``lower``: the
        infimum, at least c.
    seconds
        Budget of the whole search, in processor time.
    """
    return _Search(formal, exists, parameter, bound, seconds).run()


@dataclass(frozen=True)
class _Judged:
    """What is known of the claim with the parameter bounded: its status, and a value at which it fails."""

    status: Status
    at: Fraction | None = None


class _Search:
    def __init__(
        self, formal: Mapping[str, Any], exists: list[str], parameter: str, bound: str, seconds: float
    ) -> None:
        self.parameter, self.exists, self.budget, self.seconds = parameter, exists, Budget(seconds), seconds
        self.up = bound == "upper"
        given, self.floor = without_bounds(formal, parameter, self.up)
        self.formal = {**formal, "given": given}
        self.system = System.read(self.formal, parameter)
        self.beyond = Beyond(self.formal, exists, self.system, self.up)
        self.proofs = LocatedProofs(self.formal, exists, parameter, self.up)
        self.known: dict[tuple[str, ...], _Judged] = {}
        self.good: Fraction | None = None
        self.bad: Fraction | None = None
        self.failed: set[Threshold] = set()

    # the claim under bounds

    def judge(self, *extra: str, most: float = 0.0) -> _Judged:
        """Judge the claim under more hypotheses on the parameter."""
        if extra not in self.known:
            formal = {**self.formal, "given": [*self.formal["given"], *extra]}
            try:
                found = decide_claim(formal, self.exists, min(max(0.5, self.budget.left()), most or self.seconds / 8))
            except FAULTS:
                found = Evidence("claim", Status.UNDECIDED, "none")
            values = (found.certificate or {}).get("values", {}) if found.status is Status.REFUTED else {}
            at = values.get(self.parameter)
            plain = (found.certificate or {}).get("kind") == "point"
            self.known[extra] = _Judged(found.status, Fraction(at) if plain and at is not None else None)
        return self.known[extra]

    def upto(self, c: Fraction, strict: bool = False) -> _Judged:
        """Judge the claim with the parameter bounded by a rational number, and remember what follows."""
        sign = ("<" if self.up else ">") + ("" if strict else "=")
        found = self.judge(f"{self.parameter} {sign} ({c})")
        if found.status is Status.PROVED and (self.good is None or self.past(c, self.good)):
            self.good = c
        if found.status is Status.REFUTED:
            self.fails(c if found.at is None else found.at)
        return found

    def fails(self, c: Fraction) -> None:
        if self.bad is None or self.past(self.bad, c):
            self.bad = c

    def past(self, a: Any, b: Any) -> bool:
        """Return whether a lies beyond b, in the direction of the search."""
        return bool(a > b) if self.up else bool(a < b)

    # the search

    def run(self) -> dict[str, Any] | None:
        whole = self.judge()
        far, near = ("oo", "-oo") if self.up else ("-oo", "oo")
        if whole.status is Status.PROVED:
            return _entry("exact", far, None, (far, far), False)
        if whole.at is not None:
            self.fails(whole.at)
        try:
            found = self.search(near)
        except FAULTS:  # one step on which a method fails must not cost what is known
            found = self.bracket()
        return self.whole(found)

    def search(self, near: str) -> dict[str, Any] | None:
        """Return the entry of the parameter as a real number."""
        found = self.closed() if self.system.partial else None
        candidates = [] if found else self.candidates()
        if found is None:
            whole, self.budget = self.budget, self.budget.part(self.seconds * FIRST_SHARE)
            found = self.among(candidates)
            self.budget = whole
        if found is None and not self.system.partial:
            found = self.closed()
        if found is None and self.good is None and not self.budget.spent():
            found = self.outward(near)
        if found is None:
            found = self.narrow(candidates)
        return found or self.bracket()

    def whole(self, found: dict[str, Any] | None) -> dict[str, Any] | None:
        """Return the entry where the parameter is an integer: the last integer for which the claim holds."""
        if found is None or self.parameter not in self.formal.get("integers", ()):
            return found
        last: int | None = None
        if found["status"] == "exact" and "oo" not in found["value"]:
            low, high = map(Fraction, found["interval"])
            if low == high:
                last = (floor if self.up else ceil)(low)
                if last == low and not found["attained"]:
                    last += -1 if self.up else 1
            elif floor(low) == floor(high) and low.denominator > 1:
                last = floor(low) if self.up else ceil(high)
        elif found["status"] == "bracket" and self.good is not None and self.bad is not None:
            good, bad = (floor(self.good), ceil(self.bad)) if self.up else (ceil(self.good), floor(self.bad))
            last = good if abs(bad - good) == 1 else None
        return found if last is None else self.entry(Threshold.rational(Fraction(last)), True)

    def closed(self) -> dict[str, Any] | None:
        """Try the candidates that are extremal points of the conclusion's boundary, as expressions."""
        if self.exists or self.formal.get("integers"):
            return None
        boundary = Boundary(self.formal, self.parameter, self.up, self.budget.part(self.seconds / 4))
        for located in islice(boundary.candidates(), MOST_LOCATED):
            if self.budget.spent():
                return None
            found = self.safely(located)
            if found is not None:
                return found
        return None

    def safely(self, located: Located) -> dict[str, Any] | None:
        """Try a candidate; one on which a method fails is none."""
        try:
            return self.located(located)
        except FAULTS:
            return None

    def located(self, located: Located) -> dict[str, Any] | None:
        """Return the entry of a candidate with the point behind it, where it is proved to be the threshold."""
        at = located.at.within(SHOWN)
        low, high = (at.low, at.high) if self.up else (at.high, at.low)
        if (self.good is not None and self.past(self.good, high)) or (
            self.bad is not None and self.past(low, self.bad)
        ):
            return None
        part = self.seconds / 5
        missed = self.proofs.fails_at(located, self.budget.part(part / 2))
        fails = missed or self.proofs.fails_beyond(located, self.budget.part(part))
        if fails and (self.bad is None or self.past(self.bad, high)):
            self.bad = high
        holds = self.proofs.holds(located, missed, self.budget.part(self.budget.left() * 0.8 if fails else part / 2))
        if holds and (self.good is None or self.past(low, self.good)):
            self.good = low
        if fails and holds:
            return self.entry(at, not missed)
        return None

    def candidates(self) -> list[Candidate]:
        """Return the candidates in the direction of the search, those within the parameter's other bound."""
        try:
            found = Faces(self.system, self.budget.part(self.seconds / 5)).candidates()
        except (ValueError, OverflowError):
            found = []
        if self.floor is not None:
            rest = [c for c in found if not self.past(self.floor, c.at.low) and c.at.polynomial]
            at = Threshold.rational(self.floor)
            found = rest if any(c.at == at for c in rest) else [*rest, Candidate(at)]
        return sorted(found, key=lambda c: float(c.at), reverse=not self.up)

    def among(self, candidates: list[Candidate]) -> dict[str, Any] | None:
        """Find the place of the threshold among the candidates by bisection, then prove it."""
        if not candidates:
            return None
        side = 1 if self.up else -1
        ends = [c.at.within(SHOWN) for c in candidates]
        gaps = [(ends[0].low if self.up else ends[0].high) - side]
        for a, b in pairwise(ends):
            gaps.append(between(*((a.high, b.low) if self.up else (b.high, a.low))))
        gaps.append((ends[-1].high if self.up else ends[-1].low) + side)
        high = len(gaps) - 1
        if self.bad is not None:
            high = next((i for i, g in enumerate(gaps) if not self.past(self.bad, g)), high)
        left, right, open_ = -1, high, set[int]()
        while not self.budget.spent():
            # a gap that stays undecided is passed over: its neighbours may tell more
            inside = [i for i in range(left + 1, right) if i not in open_]
            if not inside:
                break
            middle = min(inside, key=lambda i: (abs(2 * i - left - right), i))
            found = self.upto(gaps[middle])
            if found.status is Status.PROVED:
                left = middle
            elif found.status is Status.REFUTED:
                right = middle
                if found.at is not None:
                    right = min(right, next(i for i, g in enumerate(gaps) if not self.past(found.at, g)))
            else:
                open_.add(middle)
        for i in range(left + 1, right + 1):
            if 1 <= i <= len(candidates) and not self.budget.spent():
                found_exact = self.exact(candidates[i - 1])
                if found_exact is not None:
                    return found_exact
        return None

    def outward(self, near: str) -> dict[str, Any] | None:
        """Look for a value with a proof, or for a certificate that there is none."""
        if self.floor is None and self.beyond.at_infinity(self.budget.part(self.seconds / 8)) is not None:
            return _entry("exact", near, None, (near, near), False)
        base = self.floor if self.floor is not None else Fraction(0)
        side = 1 if self.up else -1
        inward = [base + side * Fraction(1, d) for d in (1, 2, 8, 256)] + [base]
        for c in inward + ([] if self.floor is not None else [base - side * d for d in FAR]):
            if self.bad is not None and not self.past(self.bad, c):
                continue
            if self.upto(c).status is Status.PROVED or self.budget.spent():
                break
        for d in FAR if self.bad is None and self.good is not None else ():
            if self.upto(base + side * d).status is Status.REFUTED or self.budget.spent():
                break
        return None

    def narrow(self, candidates: list[Candidate]) -> dict[str, Any] | None:
        """Bisect by short fractions, trying the simplest value inside as the threshold itself."""
        while self.good is not None and self.bad is not None and not self.budget.spent():
            low, high = sorted((self.good, self.bad))
            if high - low < NARROW:
                break
            for c in dict.fromkeys((simplest(low, high), self.bad, self.good)):
                at = Threshold.rational(c)
                if at not in self.failed and c.denominator < 1000:
                    exact = self.exact(next((k for k in candidates if k.at == at), Candidate(at)))
                    if exact is not None:
                        return exact
            low, high = sorted((self.good, self.bad))
            third = (high - low) / 3
            if not third:
                break
            middle = simplest(low + third, high - third)
            if self.upto(middle).status not in (Status.PROVED, Status.REFUTED):
                break
        return None

    def bracket(self) -> dict[str, Any] | None:
        if self.good is None and self.bad is None:
            return None
        ends = (self.good, self.bad) if self.up else (self.bad, self.good)
        shown = ("-oo" if ends[0] is None else str(ends[0]), "oo" if ends[1] is None else str(ends[1]))
        value = self.good if self.good is not None else self.bad
        return _entry("bracket", str(value), None, shown, self.good is not None)

    # one candidate

    def exact(self, candidate: Candidate) -> dict[str, Any] | None:
        """Return the entry of a candidate that is proved to be the threshold."""
        at = candidate.at
        if at in self.failed:
            return None
        self.failed.add(at)
        failing = self.fails_at(at) or self.beyond.there(candidate, self.budget.part(1.0)) is not None
        attained = Status.REFUTED if failing else self.holds(at, strict=False)
        if attained is Status.PROVED:
            if self.fails_beyond(candidate):
                return self.entry(at, True)
        elif attained is Status.REFUTED and self.holds(at, strict=True) is Status.PROVED:
            return self.entry(at, False)
        self.around(at)
        return None

    def fails_beyond(self, candidate: Candidate) -> bool:
        try:
            return self.beyond.certificate(candidate, self.budget.part(self.seconds / 4)) is not None
        except FAULTS:
            return False

    def around(self, at: Threshold) -> None:
        """Bring the ends of the bracket close to a number that is not proved to be the threshold."""
        for side in (self.up, not self.up):
            for width in (Fraction(1, 1000), Fraction(1, 10**6)):
                if self.budget.spent():
                    return
                c = _short_of(at, side, width, None)
                if (self.good is not None and not self.past(c, self.good)) or (
                    self.bad is not None and not self.past(self.bad, c)
                ):
                    continue
                wanted = Status.PROVED if side == self.up else Status.REFUTED
                if self.upto(c).status is not wanted:
                    break

    def slices(self, at: Threshold, strict: bool) -> Iterator[list[tuple[str, ...]]]:
        """Yield sets of hypotheses on the parameter that together say: at most (below, where strict) the number."""
        name, end = self.parameter, "" if strict else "="
        toward, back = ("<", ">") if self.up else (">", "<")
        if at.is_rational:
            yield [(f"{name} {toward}{end} ({at.low})",)]
            if self.floor is None or self.past(at.low, self.floor):
                start = _short_of(at, self.up, Fraction(1, 10), self.floor)
                yield [
                    (f"{name} {toward}= ({start})",),
                    (f"{name} {toward}{end} ({at.low})", f"{name} {back} ({start})"),
                ]
            return
        near = at.within(Fraction(1, 1000))
        outer = near.high if self.up else near.low
        side = "<" if (at.rising > 0) == self.up else ">"
        close = (f"{at.text(name)} {side}{end} 0", f"{name} {toward} ({outer})")
        if self.floor is not None and at.alone(*sorted((self.floor, outer))):
            yield [close]
        for width in (Fraction(1, 1000), Fraction(1, 20)):
            start = _short_of(at, self.up, width, self.floor)
            if at.alone(*sorted((start, outer))):
                yield [(f"{name} {toward}= ({start})",), (*close, f"{name} {back} ({start})")]

    def holds(self, at: Threshold, strict: bool) -> Status:
        """Judge the claim with the parameter at most (below) a number."""
        for slices in self.slices(at, strict):
            found = Status.PROVED
            for part in slices:
                found = self.shown(part, self.seconds / (12 if len(slices) == 1 else 4))
                if found is not Status.PROVED:
                    break
            if found in (Status.PROVED, Status.REFUTED) or self.budget.spent():
                return found
        return Status.UNDECIDED

    def shown(self, extra: tuple[str, ...], seconds: float) -> Status:
        """Look for a proof under more hypotheses, and for no counterexample but a quick one."""
        if self.exists or extra in self.known:
            return self.judge(*extra, most=seconds).status
        formal = {**self.formal, "given": [*self.formal["given"], *extra]}
        found = Status.UNDECIDED
        try:
            if find_point(formal, Budget(0.1)) is not None:
                found = Status.REFUTED
            else:
                budget = self.budget.part(seconds)
                certificate = {"verdict": "proved", "steps": [prove_goal(g, budget) for g in goals(formal)]}
                if CHECKER.ask(formal, certificate)[0]:
                    found = Status.PROVED
        except (NotFound, NotRational, Rejected, *FAULTS):
            pass
        self.known[extra] = _Judged(found)
        return found

    def fails_at(self, at: Threshold) -> bool:
        """Return whether a counterexample has the parameter equal to a number."""
        if self.exists:
            return False
        near = at.within(Fraction(1, 1000))
        own = [f"{at.text(self.parameter)} == 0"]
        if not at.is_rational:
            own += [f"{self.parameter} > ({near.low})", f"{self.parameter} < ({near.high})"]
        formal = {**self.formal, "given": [*self.formal["given"], *own]}
        point = find_point(formal, self.budget.part(0.5))
        return point is not None and CHECKER.ask(formal, point)[0]

    def entry(self, at: Number, attained: bool) -> dict[str, Any]:
        near = at.within(SHOWN)
        polynomial = at.text(self.parameter) if isinstance(at, Threshold) else None
        return _entry("exact", at.value(self.parameter), polynomial, (str(near.low), str(near.high)), attained)


def _short_of(at: Threshold, up: bool, width: Fraction, floor: Fraction | None) -> Fraction:
    """Return a short fraction about a relative width before a number, not before the floor."""
    near = at.within(width / 1000)
    scale = width * max(Fraction(1, 100), min(abs(near.low), abs(near.high)))
    low, high = (near.low - scale, near.low) if up else (near.high, near.high + scale)
    if floor is not None:
        low, high = (max(low, floor), high) if up else (low, min(high, floor))
    return between(low, high)


def _entry(
    status: str, value: str, polynomial: str | None, interval: tuple[str, str], attained: bool
) -> dict[str, Any]:
    return {
        "status": status,
        "value": value,
        "minimal_polynomial": polynomial,
        "interval": list(interval),
        "attained": attained,
    }
