"""Propose certificates for identities between matrices: expansion, reduction by the hypotheses, or a counterexample."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.kinds import words
from checks.checker.polynomial import NotRational
from checks.checker.word_entries import Expansion
from checks.checker.word_statement import Statement, read
from checks.checker.words import Value
from checks.engine.budget import Budget, Certificate
from checks.engine.refute.matrices import find_matrices
from checks.engine.words.rewriting import Rewriter, Rule
from checks.engine.words.text import poly_text, top_text

# shares of what is left of the budget: rules as they stand, a first look for a counterexample, the completion
REDUCTION, LOOK, COMPLETION = 0.2, 0.03, 0.6
LONGEST = 300


def propose(formal: Mapping[str, Any], budget: Budget) -> tuple[Certificate | None, str]:
    """Return a certificate of a ``matrices`` statement, or None and what was tried.

    Raises
    ------
    Rejected
        When the statement is malformed.
    """
    stated = read(formal)
    reason = ""
    try:
        goals = [stated.difference(*pair, []) for pair in stated.shown]
        rewriter = Rewriter(stated, budget.part(budget.left() * REDUCTION))
        reduced = [_start(stated, rewriter, Value(goal.shape, goal.top, poly.ONE)) for goal in goals]
        proof, reason = _checked(formal, rewriter, reduced)
        if proof is not None:
            return proof, ""
        point = find_matrices(formal, stated, budget.part(budget.left() * LOOK))
        if point is not None:
            return point, ""
        rewriter.budget = budget.part(budget.left() * COMPLETION)
        completion = rewriter.complete()
        reduced = [_completed(rewriter, completion, one) for one in reduced]
        proof, reason = _checked(formal, rewriter, reduced)
        if proof is not None:
            return proof, ""
    except NotRational as error:
        reason = f"the expansion is too large ({error})"
    point = find_matrices(formal, stated, budget)
    return point, "" if point is not None else f"no small matrices satisfy the hypotheses and violate it; {reason}"


@dataclass(frozen=True)
class Reduction:
    """What is left of a goal, times each of some numbers that are never zero, and what was added up on the way."""

    rests: tuple[tuple[str, Value, tuple[str, ...]], ...]

    @property
    def best(self) -> tuple[str, Value, tuple[str, ...]]:
        """The first multiple of which nothing is left, else the goal itself."""
        return next((one for one in self.rests if not one[1].top), self.rests[0])


def _start(stated: Statement, rewriter: Rewriter, goal: Value) -> Reduction:
    """Reduce a goal, and its products with the numbers that a hypothesis separates from zero."""
    rest, pieces = rewriter.reduce(goal)
    rests = [("1", rest, tuple(pieces))]
    for sign, *sides in stated.hypotheses:
        if sign in ("!=", "<", ">") and rest.top:
            factor = stated.difference(sides[0], sides[1], [])
            if factor.bottom == poly.ONE and set(factor.number) != {()}:
                own, more = rewriter.reduce(stated.algebra.times(factor, goal))
                rests.append((poly_text(factor.number), own, tuple(more)))
    return Reduction(tuple(rests))


def _completed(rewriter: Rewriter, completion: Iterator[Rule], goal: Reduction) -> Reduction:
    """Reduce further, by the rules that there are and by ones that follow from them."""
    while True:
        rests = []
        for text, rest, pieces in goal.rests:
            left, more = rewriter.reduce(rest)
            rests.append((text, left, (*pieces, *more)))
        goal = Reduction(tuple(rests))
        if not goal.best[1].top or next(completion, None) is None:
            return goal


def _checked(
    formal: Mapping[str, Any], rewriter: Rewriter, reduced: Sequence[Reduction]
) -> tuple[Certificate | None, str]:
    """Return the certificate of reductions to zero, or None and what is left."""
    steps = [_step(rewriter, *one.best) for one in reduced]
    rests = [one.best[1] for one in reduced]
    left = [rest for rest, step in zip(rests, steps, strict=True) if rest.top and step["kind"] != "entries"]
    if left:
        text = top_text(left[0].top)
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
        return None, f"the hypotheses reduce the difference to {shown}"
    certificate = {"verdict": "proved", "kind": "words", "steps": steps}
    try:
        words.prove(formal, certificate)
    except Rejected as error:
        return None, str(error)
    return certificate, ""


def _step(rewriter: Rewriter, multiplier: str, rest: Value, pieces: tuple[str, ...]) -> dict[str, Any]:
    kind = "combine" if pieces else "expand"
    if rest.top and _vanishes(rewriter.stated, rest):
        kind = "entries"
    if not pieces:
        return {"kind": kind, "lemmas": [], "combination": "0"}
    found = {"kind": kind, **_with_lemmas(rewriter, pieces)}
    return found if multiplier == "1" else {**found, "multiplier": multiplier}


def _vanishes(stated: Statement, rest: Value) -> bool:
    """Return whether all entries of a matrix are zero, where its sizes are numbers."""
    try:
        found = Expansion(stated.algebra, stated.diagonal).polynomials(rest)
    except (Rejected, NotRational):
        return False
    return not any(part for p in found for part in words.lower(p, stated.modulo))


def _with_lemmas(rewriter: Rewriter, pieces: Sequence[str]) -> dict[str, Any]:
    """Return a combination with the lemmas that it needs, numbered in order."""
    first, combination = rewriter.first, " + ".join(pieces)
    needed: list[int] = []
    open_ones = _numbers(combination)
    while open_ones:
        number = max(open_ones)
        open_ones.discard(number)
        if number > first:
            needed.insert(0, number)
            open_ones |= _numbers(rewriter.lemmas[number - first - 1])
    names = {number: first + k + 1 for k, number in enumerate(needed)}

    def renumbered(text: str) -> str:
        return re.sub(r"@(\d+)", lambda found: f"@{names.get(int(found[1]), int(found[1]))}", text)

    lemmas = [renumbered(rewriter.lemmas[number - first - 1]) for number in needed]
    return {"lemmas": lemmas, "combination": renumbered(combination)}


def _numbers(text: str) -> set[int]:
    return {int(number) for number in re.findall(r"@(\d+)", text)}
