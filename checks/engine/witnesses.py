"""Values for existential names: simple ones first, then a game of choices and counterexamples.

For finitely many points x_1, ..., x_k of the other names, "the hypotheses on e hold, and the conclusion holds at every
x_i" is a statement about e alone.  The refuter looks for such an e where all of it holds with the largest slack, then
for a point x at which that e fails by as much as possible; x becomes x_{k+1}.  The game ends with an e at which no
counterexample is found, or with points that may admit no e: the claim's negation then rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

from checks.checker import pointwise
from checks.checker.enclosures import Unknown
from checks.checker.goal import lines
from checks.checker.grammar import Node, ParseError, names, substitute
from checks.checker.kinds import quantified as kind
from checks.checker.polynomial import NotRational, constant, node
from checks.engine.budget import Budget
from checks.engine.refute import search
from checks.engine.refute.local import near_optima
from checks.engine.refute.statement import FAULTS, Statement
from checks.engine.refute.wording import point_text
from checks.engine.unparse import unparse

Values = dict[str, Fraction]
# numbers, or texts of numbers that are not rational
Choice = Mapping[str, Fraction | str]

SIMPLE_TEXT = (
    "1 0 1/2 2 1/10 -1 1/4 3 1/100 4 10 1/5 100 3/4 1/1000 5 8 1000 -2 1/3 3/2 2/3 4/3 5/4 7/4 9/5 5/2 8/5 7/5 6/5 "
    "9/10 19/10 1/8 1/16 6 20 50 1/50"
)
SIMPLE = list(map(Fraction, SIMPLE_TEXT.split()))
MOST_SIMPLE, MOST_ROUNDS, MOST_POINTS = 4000, 40, 24
# seconds of the search for one choice, and for a counterexample to it
QUICK, LONG = 0.12, 0.6


class Game:
    """Choices for the existential names of a statement, and the points at which earlier choices failed."""

    def __init__(self, formal: Mapping[str, Any]) -> None:
        self.formal = formal
        self.chosen = list(formal["exists"])
        self.own, self.rest = kind.split(formal)
        self.conditions = lines({**formal, "own": self.own}, "own")
        self.show = lines(formal, "show")
        self.points: list[Values] = []

    def simple(self) -> Iterator[Values]:
        """Yield short values that satisfy the hypotheses on them, and the conclusion at every point found so far."""
        integers = set(self.formal.get("integers", ()))
        pools = [[x for x in SIMPLE if name not in integers or x.denominator == 1] for name in self.chosen]
        entries = islice(product(*pools), MOST_SIMPLE)
        for values in sorted(entries, key=lambda vs: sum(v.denominator + abs(v.numerator) for v in vs)):
            choice = dict(zip(self.chosen, values, strict=True))
            if self.admits(choice):
                yield choice

    def played(self, budget: Budget) -> Iterator[Choice]:
        """Yield choices that satisfy all that is known of them; the caller adds a point before asking for the next."""
        for _ in range(MOST_ROUNDS):
            before = len(self.points)
            choice = None if budget.spent() else self._choice(budget)
            if choice is None:
                return
            yield choice
            if len(self.points) == before:
                return

    def admits(self, choice: Values) -> bool:
        """Return whether a choice satisfies the hypotheses on it, and is not refuted at a point found so far."""
        try:
            if any(pointwise.holds(line, pointwise.Point(choice)) is not True for line in self.conditions):
                return False
        except (ArithmeticError, ValueError):
            return False
        return all(self._holds_at(point, choice) for point in self.points)

    def _holds_at(self, point: Values, choice: Values) -> bool:
        at = pointwise.Point({**point, **choice})
        for line in self.show:
            try:
                if pointwise.holds(line, at) is not True:
                    return False
            except Unknown:
                continue
            except (ArithmeticError, ValueError, KeyError):
                return False
        return True

    def fixed(self, choice: Choice) -> dict[str, Any]:
        """Return what is left to show at a choice."""
        return {**kind.at_values(self.formal, choice), "given": self.rest}

    def refuted(self, choice: Choice, budget: Budget) -> bool:
        """Return whether a choice fails; where it does at a rational point, the point is kept."""
        statement = self.fixed(choice)
        found = _far(statement, budget.part(QUICK))
        if found is None:
            certificate = search.find_point(statement, budget.part(LONG))
            if certificate is None:
                return False
            texts = certificate["values"]
            found = {n: Fraction(t) for n, t in texts.items()} if certificate["kind"] == "point" else None
        if found is not None and len(self.points) < MOST_POINTS and found not in self.points:
            self.points.append(found)
        return True

    def instances(self) -> list[Node]:
        """Return the conclusions at the points found so far, with what makes these admissible."""
        found = []
        for point in self.points:
            put = {name: node(constant(value)) for name, value in point.items()}
            inside = [substitute(line, put) for line in lines({**self.formal, "rest": self.rest}, "rest")]
            needed = [line for line in inside if names(line)]
            for line in self.show:
                shown = substitute(line, put)
                for condition in reversed(needed):
                    shown = ("implies", condition, shown)
                found.append(shown)
        return found

    def _choice(self, budget: Budget) -> Choice | None:
        """Return a choice that is right at every point found so far, with room to spare where there is any."""
        try:
            given = [*self.own, *(unparse(line) for line in self.instances())]
        except (ValueError, ParseError):
            return None
        kept = [n for n in self.formal.get("integers", ()) if n in self.chosen]
        let = list(self.formal.get("let", ()))
        statement = {"form": "forall", "let": let, "given": given, "show": ["0 > 1"], "integers": kept}
        found = _far(statement, budget.part(LONG))
        if found is None:
            certificate = search.find_point(statement, budget.part(2 * LONG))
            if certificate is None or "arrays" in certificate:
                return None
            if certificate["kind"] == "algebraic":
                texts = point_text(certificate)
                roots = any(text.startswith("root of") for text in texts.values())
                return None if roots else {name: texts.get(name, "0") for name in self.chosen}
            found = {n: Fraction(t) for n, t in certificate["values"].items()}
        return {name: found.get(name, Fraction(0)) for name in self.chosen}


def _far(formal: Mapping[str, Any], budget: Budget) -> Values | None:
    """Return a rational point that refutes a statement by as much as local search finds."""
    try:
        statement = Statement.read(formal)
        for candidate in near_optima(statement, 0, budget.spent):
            if candidate.root is None and candidate.refutes(statement):
                return dict(candidate.rational)
    except (*FAULTS, NotRational, RecursionError, TypeError, IndexError):
        return None
    return None


def moving(formal: Mapping[str, Any], points: Sequence[Values]) -> Iterator[dict[str, str]]:
    """Yield points of the other names as texts: those given, then with one name an expression in the choice."""
    chosen = list(formal["exists"])
    plain = {key: part for key, part in formal.items() if key != "exists"}
    others = [name for name in search._free_names(plain) if name not in chosen]
    for point in points:
        yield {name: str(point.get(name, Fraction(0))) for name in others}
    size = " + ".join(f"abs({name})" for name in chosen)
    total = " + ".join(chosen)
    texts = [*chosen, *(f"{name} + 1" for name in chosen), f"{size} + 1", f"1/({size} + 1)", f"1/({size} + 2)"]
    texts += [f"-({size} + 1)", f"2*({size}) + 2", f"({total})/2", *(f"{name} - 1" for name in chosen)]
    real = [name for name in others if name not in formal.get("integers", ())]
    bases = [*points[-2:], dict.fromkeys(others, Fraction(0)), dict.fromkeys(others, Fraction(1))]
    for name in real:
        for text in texts:
            for base in bases if len(others) > 1 else bases[:1]:
                yield {**{n: str(base.get(n, Fraction(0))) for n in others}, name: text}
