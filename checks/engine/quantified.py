"""Claims of claim files: contradictory hypotheses, existential names by witnesses, and their negations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import islice, product
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import NEGATED, Rejected, goals, lines
from checks.checker.kinds import quantified as kind
from checks.checker.polynomial import NotRational
from checks.claim import Part
from checks.engine import search
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.decide import IllFormed, decide
from checks.engine.prove import prove_goal
from checks.engine.wording import formal_latex
from checks.verdict import Evidence, Status

WITNESSES = [
    Fraction(x)
    for x in (
        "1",
        "0",
        "1/2",
        "2",
        "1/10",
        "-1",
        "1/4",
        "3",
        "1/100",
        "4",
        "10",
        "1/5",
        "100",
        "3/4",
        "1/1000",
        "5",
        "8",
        "1000",
        "-2",
        "1/3",
        "3/2",
        "2/3",
        "4/3",
        "5/4",
        "7/4",
        "9/5",
        "5/2",
        "8/5",
        "7/5",
        "6/5",
        "9/10",
        "19/10",
        "1/8",
        "1/16",
        "6",
        "20",
        "50",
        "1/50",
    )
]


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
    own, rest = kind.split(formal)
    tried, reasons = 0, []
    for values in _witnesses(formal, own):
        if budget.spent():
            break
        fixed = {**kind.at_values(formal, values), "given": rest}
        tried += 1
        if search.find_point(fixed, Budget(0.15)) is not None:
            continue
        try:
            steps = [prove_goal(g, budget) for g in goals(fixed)]
        except (NotFound, NotRational) as error:
            reasons.append(f"at {_shown(values)}: {error}")
            continue
        witness = {name: str(value) for name, value in values.items()}
        return _checked(
            formal, {"verdict": "proved", "witness": witness, "steps": steps}, f"witness {_shown(values)}", {}
        )
    found = negation(formal, budget)
    if found is not None:
        return _checked(formal, found, "certificate of the negation", {})
    reason = f"{tried} values tried for {', '.join(formal['exists'])}; " + (
        reasons[0] if reasons else "none survives the search for counterexamples"
    )
    return Evidence("claim", Status.UNDECIDED, "none", formal_latex(formal), formal, detail=(reason,))


def _witnesses(formal: Mapping[str, Any], own: list[str]) -> Iterator[dict[str, Fraction]]:
    names = list(formal["exists"])
    integers = set(formal.get("integers", ()))
    conditions = lines({**formal, "own": own}, "own")
    pools = [[x for x in WITNESSES if name not in integers or x.denominator == 1] for name in names]
    candidates = sorted(islice(product(*pools), 4000), key=lambda vs: sum(v.denominator + abs(v.numerator) for v in vs))
    for entries in candidates:
        values = dict(zip(names, entries, strict=True))
        try:
            if all(pointwise.holds(node, pointwise.Point(values)) is True for node in conditions):
                yield values
        except ArithmeticError:
            continue


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
            given = [prove_goal(g, Budget(0.5)) for g in goals({**fixed, "given": own, "show": rest})] if rest else []
        except (NotFound, NotRational, Rejected):
            continue
        for position, goal in enumerate(goals({**fixed, "given": own})):
            try:
                opposite = goal.showing(goal.left, NEGATED[goal.sign], goal.right)
                by = prove_goal(opposite, Budget(0.5))
            except (NotFound, NotRational, Rejected):
                continue
            shown = {name: str(value) for name, value in values.items()}
            return {
                "verdict": "refuted",
                "kind": "negation",
                "values": shown,
                "given": given,
                "relation": position,
                "by": by,
            }
    return None


def _points(
    formal: Mapping[str, Any], own: list[str], rest: list[str], budget: Budget
) -> Iterator[dict[str, Fraction]]:
    """Yield points of the other names: first those that refute the claim for some choice of the existential ones."""
    chosen = set(formal["exists"])
    plain = {key: part for key, part in formal.items() if key != "exists"}
    seen: list[dict[str, Fraction]] = []
    for values in islice(_witnesses(formal, own), 6):
        point = search.find_point({**kind.at_values(formal, values), "given": rest}, Budget(0.3), rational=True)
        if point is not None:
            seen.append({name: Fraction(text) for name, text in point["values"].items() if name not in chosen})
    yield from seen
    scalars = [name for name in search._free_names(plain) if name not in chosen]
    for values in islice(search._scalar_points({**plain, "given": rest}, scalars, 0), 400):
        yield {name: value for name, value in values.items() if name in scalars}


def _shown(values: Mapping[str, Fraction]) -> str:
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
