"""Claims of claim files: contradictory hypotheses, existential names by witnesses, and their negations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

from checks.checker.goal import FALSE, NEGATED, Goal, Rejected, goals, lines
from checks.checker.kinds import quantified as kind
from checks.checker.polynomial import NotRational
from checks.claim import Part
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.decide import IllFormed, decide
from checks.engine.prove import prove_goal
from checks.engine.refute import search
from checks.engine.sample import inhabited
from checks.engine.witnesses import Game, moving
from checks.engine.wording import formal_latex
from checks.verdict import Evidence, Status

# what a method may raise on a claim that it cannot take; Rejected and NotRational are ValueErrors
FAULTS = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError)


def decide_claim(formal: Mapping[str, Any], exists: list[str], seconds: float) -> Evidence:
    """Decide one claim of a claim file.

    Parameters
    ----------
    formal
        A ``forall`` statement.
    exists
        Names quantified existentially, outermost.
    seconds
        Budget of the search.

    Returns
    -------
    Evidence
        ``data["vacuous"]`` is True where the hypotheses contradict each other.

    Raises
    ------
    IllFormed
        When the statement is not in the grammar.
    """
    if not exists:
        empty = contradiction(formal, Budget(min(2.0, seconds / 10)))
        if empty is not None:
            return _checked(formal, empty, "contradictory hypotheses", {"vacuous": True})
        return decide(Part("claim", formal), seconds)
    full = {**formal, "exists": list(exists)}
    try:
        return _quantified(full, Budget(seconds))
    except (Rejected, NotRational) as error:
        raise IllFormed(f"the claim is not well formed: {error}") from error


def contradiction(formal: Mapping[str, Any], budget: Budget) -> dict[str, Any] | None:
    """Return a certificate that no point satisfies the hypotheses, or None when none is found."""
    try:
        (probe,) = goals({**formal, "show": ["0 > 0"]})
        if not formal.get("given"):
            return None
        return {"verdict": "proved", "kind": "contradiction", "by": prove_goal(probe, budget)}
    except (NotFound, Rejected, NotRational, ValueError):
        return None


def _quantified(formal: Mapping[str, Any], budget: Budget) -> Evidence:
    game, reasons, tried = Game(formal), [], 0
    start = budget.left()
    for source, share in ((game.simple(), 0.3), (game.played(budget.part(0.6 * start)), 0.4)):
        part = budget.part(share * start)
        for values in source:
            if part.spent():
                break
            tried += 1
            if game.refuted(values, part):
                continue
            try:
                found = _witness(game, values, part.part(part.left() / 2))
            except (NotFound, *FAULTS) as error:
                reasons.append(f"at {_shown(values)}: {error}")
                continue
            return _checked(formal, found, f"witness {_shown(values)}", {})
        if game.points and not reasons:  # a few points may settle it, before more choices are tried
            against = negation(formal, budget.part(0.1 * start), moving(formal, game.points))
            if against is not None:
                return _checked(formal, against, "certificate of the negation", {})
    for attempt in (
        lambda: _together(game, budget.part(budget.left() / 3)),
        lambda: negation(formal, budget.part(budget.left() / 2), moving(formal, game.points)),
        lambda: negation(formal, budget),
    ):
        try:
            against = attempt()
        except FAULTS as error:  # one method that fails must not cost what the others find
            reasons.append(f"{type(error).__name__}: {error}")
            continue
        if against is not None and CHECKER.ask(formal, against)[0]:
            return _checked(formal, against, "certificate of the negation", {})
    reason = f"{tried} values tried for {', '.join(formal['exists'])}; " + (
        reasons[0] if reasons else "none survives the search for counterexamples"
    )
    return Evidence("claim", Status.UNDECIDED, "none", formal_latex(formal), formal, detail=(reason,))


def _witness(game: Game, values: Mapping[str, Fraction | str], budget: Budget) -> dict[str, Any]:
    """Return the certificate that a choice, numbers or texts of numbers, makes the claim true."""
    found: dict[str, Any] = {"verdict": "proved", "witness": {name: str(value) for name, value in values.items()}}
    if any(isinstance(value, str) for value in values.values()):
        plain = {**game.fixed(values), "given": [], "show": game.own}
        found["own"] = [prove_goal(goal, budget) for goal in goals(plain)] if game.own else []
    return {**found, "steps": _shown_at(game.fixed(values), budget)}


def _together(game: Game, budget: Budget) -> dict[str, Any] | None:
    """Return a certificate that the conclusion cannot hold at all points found so far, whatever is chosen, or None."""
    formal, own, rest = game.formal, game.own, game.rest
    points, shown = [], []
    try:
        for point in game.points:
            fixed = kind.at_values(formal, point)
            wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
            given = [prove_goal(g, budget.part(0.5)) for g in wanted]
            points.append({"values": {name: str(value) for name, value in point.items()}, "given": given})
            shown.append(lines(fixed, "show"))
        (start,) = goals({**kind.at_values(formal, {}), "given": own, "show": ["0 > 0"]})
    except (NotFound, NotRational, Rejected):
        return None
    # the last points are the closest to the choices that were hardest to refute
    for size in sorted({min(size, len(points)) for size in (1, 2, 3, 4, 6, len(points))}):
        goal = start.assuming(*(node for lines_ in shown[-size:] for node in lines_))
        try:
            by = prove_goal(goal, budget.part(budget.left() / 2))
        except (NotFound, NotRational, Rejected):
            continue
        return {"verdict": "refuted", "kind": "negation", "points": points[-size:], "by": by}
    return None


def _shown_at(fixed: Mapping[str, Any], budget: Budget) -> list[dict[str, Any]]:
    """Return the proofs of what is left to show at a choice."""
    wanted = goals(fixed)
    if wanted and not inhabited(wanted[0]):
        try:
            empty = prove_goal(replace(wanted[0], conclusion=FALSE), budget.part(budget.left() / 3))
            return [{"kind": "absurd", "by": [empty]} for _ in wanted]
        except (NotFound, NotRational):
            pass
    return [prove_goal(goal, budget) for goal in wanted]


def negation(
    formal: Mapping[str, Any], budget: Budget, candidates: Iterable[Mapping[str, Any]] | None = None
) -> dict[str, Any] | None:
    """Return a point at which the claim fails for every admissible choice of the existential names, or None.

    Parameters
    ----------
    formal
        A ``forall`` statement with ``exists``.
    budget
        Time for the search.
    candidates
        Points to try, as numbers or texts in the existential names (default: what the refuter finds).
    """
    own, rest = kind.split(formal)
    for values in candidates if candidates is not None else _points(formal, own, rest, budget):
        if budget.spent():
            return None
        fixed = kind.at_values(formal, values)
        try:
            given = [prove_goal(g, budget.part(0.5)) for g in goals({**fixed, "given": own, "show": rest})]
        except (NotFound, NotRational, Rejected):
            continue
        for position, goal in enumerate(goals({**fixed, "given": own})):
            try:
                opposite = goal.showing(goal.left, NEGATED[goal.sign], goal.right)
                by = _opposite(opposite, budget.part(0.5))
            except (NotFound, NotRational, Rejected):
                continue
            shown = {name: str(value) for name, value in values.items()}
            return {
                "verdict": "refuted",
                "kind": "negation",
                "values": shown,
                "given": given if rest else [],
                "relation": position,
                "by": by,
            }
    return None


def _opposite(goal: Goal, budget: Budget) -> dict[str, Any]:
    """Return a proof, by a contradiction between the hypotheses where they admit no sample."""
    if not inhabited(goal):
        try:
            return {"kind": "absurd", "by": [prove_goal(replace(goal, conclusion=FALSE), budget)]}
        except (NotFound, NotRational):
            pass
    return prove_goal(goal, budget)


def _points(
    formal: Mapping[str, Any], own: list[str], rest: list[str], budget: Budget
) -> Iterator[dict[str, Fraction]]:
    """Yield points of the other names: those that refute the claim for short choices first."""
    chosen = set(formal["exists"])
    plain = {key: part for key, part in formal.items() if key != "exists"}
    game = Game(formal)
    for values in islice(game.simple(), 6):
        game.refuted(values, budget.part(0.3))
    yield from game.points
    scalars = [name for name in search._free_names(plain) if name not in chosen]
    for values in islice(search._scalar_points({**plain, "given": rest}, scalars, 0), 400):
        yield {name: value for name, value in values.items() if name in scalars}


def _shown(values: Mapping[str, Fraction | str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in values.items())


def _checked(formal: Mapping[str, Any], certificate: dict[str, Any], method: str, data: dict[str, Any]) -> Evidence:
    accepted, word = CHECKER.ask(formal, certificate)
    if not accepted:
        return Evidence(
            "claim",
            Status.UNDECIDED,
            "none",
            formal_latex(formal),
            formal,
            detail=(f"the checker rejected the proposed certificate: {word}",),
        )
    return Evidence("claim", Status(word), method, formal_latex(formal), formal, certificate, data=data)
