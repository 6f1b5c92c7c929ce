"""What is known of a claim whose parameter is bounded, and between which numbers the threshold lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from checks.checker.accept import FAULTS
from checks.checker.goal import Rejected, goals
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.prove import prove_goal
from checks.engine.quantified import decide_claim
from checks.engine.refute.search import find_point
from checks.engine.sharpen.bounds import without_bounds
from checks.engine.sharpen.statement import assuming, conclusive
from checks.verdict import Evidence, Status


@dataclass(frozen=True)
class Judged:
    """What is known of the claim with the parameter bounded: its status, and a value at which it fails."""

    status: Status
    at: Fraction | None = None


class Judge:
    """The claim without the bounds on the side asked for; ``good`` and ``bad`` hold the threshold between them.

    Up to ``good`` (from it on, for a lower bound) the claim is proved; the threshold is at most (at least) ``bad``.
    """

    def __init__(
        self, formal: Mapping[str, Any], exists: Iterable[str], parameter: str, up: bool, seconds: float
    ) -> None:
        self.parameter, self.exists, self.up, self.seconds = parameter, list(exists), up, seconds
        self.budget = Budget(seconds)
        given, self.floor = without_bounds(formal, parameter, up)
        self.formal = {**formal, "given": given}
        if not self.exists:
            self.formal = conclusive(self.formal)
        self.known: dict[tuple[str, ...], Judged] = {}
        self.good: Fraction | None = None
        self.bad: Fraction | None = None

    def past(self, a: Any, b: Any) -> bool:
        """Return whether a lies beyond b, in the direction of the search."""
        return bool(a > b) if self.up else bool(a < b)

    def holds(self, c: Fraction) -> None:
        """Remember that the claim is proved with the parameter bounded by a number."""
        if self.good is None or self.past(c, self.good):
            self.good = c

    def fails(self, c: Fraction) -> None:
        """Remember that the claim fails at a number, or that the threshold is not beyond it."""
        if self.bad is None or self.past(self.bad, c):
            self.bad = c

    def inside(self, c: Fraction) -> bool:
        """Return whether a number is strictly between what is proved and what is refuted."""
        return (self.good is None or self.past(c, self.good)) and (self.bad is None or self.past(self.bad, c))

    def upto(self, c: Fraction) -> Judged:
        """Judge the claim with the parameter bounded by a number, and remember what follows."""
        found = self.under(f"{self.parameter} {'<' if self.up else '>'}= ({c})")
        if found.status is Status.PROVED:
            self.holds(c)
        if found.status is Status.REFUTED:
            self.fails(c if found.at is None else found.at)
        return found

    def under(self, *extra: str, most: float = 0.0) -> Judged:
        """Judge the claim under more hypotheses on the parameter."""
        if extra not in self.known:
            seconds = min(max(0.5, self.budget.left()), most or self.seconds / 8)
            try:
                found = decide_claim(assuming(self.formal, *extra), self.exists, seconds)
            except FAULTS:
                found = Evidence("claim", Status.UNDECIDED, "none")
            certificate = (found.certificate or {}) if found.status is Status.REFUTED else {}
            at = certificate.get("values", {}).get(self.parameter) if certificate.get("kind") == "point" else None
            self.known[extra] = Judged(found.status, None if at is None else Fraction(at))
        return self.known[extra]

    def shown(self, extra: tuple[str, ...], seconds: float) -> Status:
        """Look for a proof under more hypotheses, and for no counterexample but a quick one."""
        if self.exists or extra in self.known:
            return self.under(*extra, most=seconds).status
        try:
            found = self._shown(assuming(self.formal, *extra), self.budget.part(seconds))
        except (NotFound, NotRational, Rejected, *FAULTS):
            found = Status.UNDECIDED
        self.known[extra] = Judged(found)
        return found

    def _shown(self, formal: Mapping[str, Any], budget: Budget) -> Status:
        point = find_point(formal, budget.part(0.1))
        if point is not None and CHECKER.ask(formal, point)[0]:
            return Status.REFUTED
        certificate = {"verdict": "proved", "steps": [prove_goal(g, budget) for g in goals(formal)]}
        return Status.PROVED if CHECKER.ask(formal, certificate)[0] else Status.UNDECIDED

    def refuted_with(self, *extra: str, seconds: float) -> bool:
        """Return whether an accepted counterexample is found under more hypotheses."""
        if self.exists:
            return False
        formal = assuming(self.formal, *extra)
        point = find_point(formal, self.budget.part(seconds))
        return point is not None and CHECKER.ask(formal, point)[0]
