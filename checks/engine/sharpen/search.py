"""The sharp value of a parameter: the largest (or smallest) bound for which a claim still holds.

All bounds on the parameter alone, on the side asked for, are removed from the hypotheses.  Candidates come from the
faces of the hypotheses (`checks.engine.sharpen.faces`) and from extremal points (`checks.engine.sharpen.boundary`);
proofs and counterexamples at numbers between them say which one it is.  A value is ``exact`` when the claim is proved
up to it and a certificate shows that it fails at the value or for every value just beyond
(`checks.engine.sharpen.exactly`, `checks.engine.sharpen.located`).  Otherwise the answer is a ``bracket``: a value with
proof and one with a counterexample, brought together by bisection.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import islice, pairwise
from math import ceil, floor
from typing import Any

from checks.checker.accept import FAULTS
from checks.engine.sharpen import entry
from checks.engine.sharpen.beyond import Beyond
from checks.engine.sharpen.boundary import Boundary, Located
from checks.engine.sharpen.entry import Entry
from checks.engine.sharpen.exactly import Exactly
from checks.engine.sharpen.faces import Candidate, Faces
from checks.engine.sharpen.fractions import between, simplest
from checks.engine.sharpen.judge import Judge
from checks.engine.sharpen.located import LocatedProofs
from checks.engine.sharpen.located_beyond import LocatedBeyond
from checks.engine.sharpen.number import SHOWN, Threshold
from checks.engine.sharpen.system import System
from checks.verdict import Status

# brackets are not made narrower than this
NARROW = Fraction(1, 10**6)
FAR = (1, 4, 16, 256, 4096)
# candidates with the point behind them that are tried
MOST_LOCATED = 3
# the share of the time for candidates from the faces, before those from extremal points
FIRST_SHARE = 0.5


def sharpen(formal: Mapping[str, Any], exists: list[str], parameter: str, bound: str, seconds: float) -> Entry | None:
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
    return _Search(Judge(formal, exists, parameter, bound == "upper", seconds)).run()


class _Search:
    def __init__(self, judge: Judge) -> None:
        self.judge, self.up, self.parameter, self.seconds = judge, judge.up, judge.parameter, judge.seconds
        self.system = System.read(judge.formal, judge.parameter)
        self.beyond = Beyond(judge.formal, judge.exists, self.system, judge.up)
        self.exactly = Exactly(judge, self.beyond)
        self.proofs = LocatedProofs(judge.formal, judge.parameter, judge.up)
        self.located_beyond = LocatedBeyond(judge.formal, judge.parameter, judge.up)

    def run(self) -> Entry | None:
        """Return the entry."""
        judge = self.judge
        found = judge.under()
        if found.status is Status.PROVED:
            return entry.infinite("oo" if self.up else "-oo")
        if found.at is not None:
            judge.fails(found.at)
        try:
            answer = self.search()
        except FAULTS:  # one step on which a method fails must not cost what is known
            answer = None
        return self.whole(answer or entry.bracket(judge.good, judge.bad, self.up))

    def search(self) -> Entry | None:
        """Return the entry of a threshold that is proved, of the parameter as a real number."""
        judge = self.judge
        found = self.closed() if self.system.partial else None
        candidates = [] if found else self.candidates()
        if found is None:
            whole, judge.budget = judge.budget, judge.budget.part(self.seconds * FIRST_SHARE)
            found = self.among(candidates)
            judge.budget = whole
        if found is None and not self.system.partial:
            found = self.closed()
        if found is None and judge.good is None and not judge.budget.spent():
            found = self.outward()
        return found or self.narrow(candidates)

    def whole(self, found: Entry | None) -> Entry | None:
        """Return the entry where the parameter is an integer: the last integer for which the claim holds."""
        judge = self.judge
        if found is None or self.parameter not in judge.formal.get("integers", ()):
            return found
        inward = floor if self.up else ceil
        side = 1 if self.up else -1
        last: int | None = None
        if found["status"] == "exact" and "oo" not in found["value"]:
            low, high = map(Fraction, found["interval"])
            if low == high:
                last = inward(low) - (side if low.denominator == 1 and not found["attained"] else 0)
            elif floor(low) == floor(high) and low.denominator > 1:
                last = inward(low)
        elif found["status"] == "bracket" and judge.good is not None and judge.bad is not None:
            last = inward(judge.good) if inward(judge.bad) == inward(judge.good) + side else None
        return found if last is None else entry.exact(Threshold.rational(Fraction(last)), self.parameter, True)

    # candidates that are extremal points

    def closed(self) -> Entry | None:
        """Try the candidates that are extremal points of the conclusion's boundary, as expressions."""
        judge = self.judge
        if judge.exists or judge.formal.get("integers"):
            return None
        boundary = Boundary(judge.formal, self.parameter, self.up, judge.budget.part(self.seconds / 4))
        for located in islice(boundary.candidates(), MOST_LOCATED):
            if judge.budget.spent():
                return None
            try:
                found = self.located(located)
            except FAULTS:  # one on which a method fails is none
                continue
            if found is not None:
                return found
        return None

    def located(self, located: Located) -> Entry | None:
        """Return the entry of a candidate with the point behind it, where it is proved to be the threshold."""
        at, judge = located.at.within(SHOWN), self.judge
        if isinstance(at, Threshold) and at.value(self.parameter).startswith("root of"):
            return self.exactly.entry(Candidate(at))
        low, high = (at.low, at.high) if self.up else (at.high, at.low)
        if (judge.good is not None and judge.past(judge.good, high)) or (
            judge.bad is not None and judge.past(low, judge.bad)
        ):
            return None
        part = self.seconds / 5
        missed = self.located_beyond.fails_at(located, judge.budget.part(part / 2))
        fails = missed or self.located_beyond.fails_beyond(located, judge.budget.part(part))
        if fails:
            judge.fails(high)
        holds = self.proofs.holds(located, missed, judge.budget.part(judge.budget.left() * 0.8 if fails else part / 2))
        if holds:
            judge.holds(low)
        return entry.exact(at, self.parameter, not missed) if fails and holds else None

    # candidates from the faces

    def candidates(self) -> list[Candidate]:
        """Return the candidates in the direction of the search, those within the parameter's other bound."""
        judge = self.judge
        found = Faces.of(self.system, judge.budget.part(self.seconds / 5))
        if judge.floor is not None:
            rest = [c for c in found if not judge.past(judge.floor, c.at.low)]
            at = Threshold.rational(judge.floor)
            found = rest if any(c.at == at for c in rest) else [*rest, Candidate(at)]
        return sorted(found, key=lambda c: float(c.at), reverse=not self.up)

    def among(self, candidates: list[Candidate]) -> Entry | None:
        """Find the place of the threshold among the candidates by bisection, then prove it."""
        judge = self.judge
        if not candidates:
            return None
        gaps = self._gaps(candidates)
        high = len(gaps) - 1
        if judge.bad is not None:
            high = self._first_beyond(judge.bad, gaps, high)
        left, right, open_ = -1, high, set[int]()
        while not judge.budget.spent():
            # a gap that stays undecided is passed over: its neighbours may tell more
            inside = [i for i in range(left + 1, right) if i not in open_]
            if not inside:
                break
            middle = min(inside, key=lambda i: (abs(2 * i - left - right), i))
            found = judge.upto(gaps[middle])
            if found.status is Status.PROVED:
                left = middle
            elif found.status is Status.REFUTED:
                right = middle if found.at is None else self._first_beyond(found.at, gaps, middle)
            else:
                open_.add(middle)
        for candidate in candidates[max(left, 0) : right]:
            if judge.budget.spent():
                break
            proved = self.exactly.entry(candidate)
            if proved is not None:
                return proved
        return None

    def _gaps(self, candidates: list[Candidate]) -> list[Fraction]:
        """Return a number before the first candidate, one between any two, and one past the last."""
        side = 1 if self.up else -1
        ends = [c.at.within(SHOWN) for c in candidates]
        gaps = [(ends[0].low if self.up else ends[0].high) - side]
        for a, b in pairwise(ends):
            gaps.append(between(*((a.high, b.low) if self.up else (b.high, a.low))))
        return [*gaps, (ends[-1].high if self.up else ends[-1].low) + side]

    def _first_beyond(self, c: Fraction, gaps: list[Fraction], most: int) -> int:
        return next((i for i, gap in enumerate(gaps[:most]) if not self.judge.past(c, gap)), most)

    # without candidates

    def outward(self) -> Entry | None:
        """Look for a value with a proof, or for a certificate that there is none."""
        judge = self.judge
        if judge.floor is None and self.beyond.at_infinity(judge.budget.part(self.seconds / 8)) is not None:
            return entry.infinite("-oo" if self.up else "oo")
        base = judge.floor if judge.floor is not None else Fraction(0)
        side = 1 if self.up else -1
        inward = [base + side * Fraction(1, d) for d in (1, 2, 8, 256)] + [base]
        for c in inward + ([] if judge.floor is not None else [base - side * d for d in FAR]):
            if judge.inside(c) and (judge.upto(c).status is Status.PROVED or judge.budget.spent()):
                break
        for d in FAR if judge.bad is None and judge.good is not None else ():
            if judge.upto(base + side * d).status is Status.REFUTED or judge.budget.spent():
                break
        return None

    def narrow(self, candidates: list[Candidate]) -> Entry | None:
        """Bisect by short fractions, trying the simplest value inside as the threshold itself."""
        judge = self.judge
        while judge.good is not None and judge.bad is not None and not judge.budget.spent():
            low, high = sorted((judge.good, judge.bad))
            if high - low < NARROW:
                break
            for c in dict.fromkeys((simplest(low, high), judge.bad, judge.good)):
                at = Threshold.rational(c)
                if c.denominator < 1000:
                    found = self.exactly.entry(next((k for k in candidates if k.at == at), Candidate(at)))
                    if found is not None:
                        return found
            low, high = sorted((judge.good, judge.bad))
            third = (high - low) / 3
            if not third or judge.upto(simplest(low + third, high - third)).status not in (
                Status.PROVED,
                Status.REFUTED,
            ):
                break
        return None
