"""Search for counterexamples: short and degenerate points first, then ranges, equations, integers, local search.

Floats only propose; every candidate is evaluated exactly by the checker's code before it counts, and what is found is
shortened.  The stages and their sizes are fixed, so that what is found does not depend on time unless the budget ends
the search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import islice
from typing import Any

from checks.checker.goal import Rejected
from checks.checker.grammar import names, parse
from checks.checker.kinds import algebraic, instance
from checks.engine.budget import Budget
from checks.engine.refute import smt, streams
from checks.engine.refute.candidate import Candidate
from checks.engine.refute.instances import instances, layouts
from checks.engine.refute.local import near_optima
from checks.engine.refute.screen import suspects
from checks.engine.refute.shorten import length, shortened
from checks.engine.refute.statement import Statement
from checks.engine.refute.streams import PARAMETERS, SMALL
from checks.engine.refute.whole import integer_points

__all__ = ["PARAMETERS", "SMALL", "find_point", "find_stationary", "layouts"]

# suspects of one block that are evaluated exactly; the first blocks are small, so that a short witness is found at once
MOST_EXACT, FIRST_BLOCK, LARGEST_BLOCK = 200, 256, 2048
LONG = 14
# seconds of an SMT solver
MOST_SOLVER = 6.0


def find_point(
    formal: Mapping[str, Any], budget: Budget, seed: int = 0, rational: bool = False
) -> dict[str, Any] | None:
    """Return a refuting certificate of a ``forall`` statement, or None.

    Parameters
    ----------
    formal
        The statement; with indexed families, explicit small instances are tried.
    budget
        Time for the search.
    seed
        Of the random points and the starts of the local search; smaller seeds are tried before it.
    rational
        Whether only points with rational coordinates are wanted (certificates of kind ``point``).
    """
    index = formal.get("index") or {}
    if index.get("families") or index.get("atoms"):
        return _first(formal, instances(formal, _free_names(formal), seed), budget)
    statement = Statement.read(formal)
    for stage in stages(statement, seed, budget.spent):
        block = FIRST_BLOCK
        candidates = stage()
        while chunk := _taken(candidates, block, budget):
            block = min(LARGEST_BLOCK, 4 * block)
            places = suspects(statement.given, statement.show, [c.floats() for c in chunk])
            for place in places[:MOST_EXACT]:
                if rational and chunk[place].algebraic:
                    continue
                if chunk[place].refutes(statement):
                    return _certificate(formal, statement, chunk[place])
                if budget.spent():
                    return None
        if budget.spent():
            return None
    return None


def from_solver(
    formal: Mapping[str, Any], budget: Budget, seconds: float, rational: bool = False
) -> tuple[dict[str, Any] | None, bool]:
    """Return a refuting certificate that an SMT solver's model leads to, and whether the solver finds none possible.

    The latter is no proof: it only says that more time for the search is ill spent.
    """
    index = formal.get("index") or {}
    if index.get("families") or index.get("atoms"):
        return None, False
    statement = Statement.read(formal)
    word, found = smt.find_point(statement, budget, min(seconds, MOST_SOLVER))
    if found is None or (rational and found.algebraic):
        return None, word == "unsat"
    return _certificate(formal, statement, found), False


def stages(
    statement: Statement, seed: int, spent: Callable[[], bool] = lambda: False
) -> list[Callable[[], Iterator[Candidate]]]:
    """Return the stages of the search, in order; ``spent`` ends one early."""
    cases, hypotheses = statement.cases, statement.hypotheses[: streams.MOST_CLAUSES]
    few = streams.MOST_GRID if len(hypotheses) == 1 else streams.MOST_GRID // 2
    return [
        lambda: streams.ranges(statement, hypotheses, few, 4) if any(hypotheses) else iter(()),
        lambda: streams.small(statement),
        lambda: streams.ranges(statement, cases, streams.MOST_CASE, 2),
        lambda: streams.on_equalities(statement, spent),
        lambda: integer_points(statement),
        *((lambda s=s: streams.at_random(statement, s)) for s in range(seed + 1)),
        *((lambda s=s: near_optima(statement, s, spent)) for s in range(seed + 1)),
    ]


def _taken(candidates: Iterator[Candidate], most: int, budget: Budget) -> list[Candidate]:
    """Return the next candidates; fewer where the budget ends, or a stage cannot take the statement."""
    chunk: list[Candidate] = []
    try:
        for candidate in islice(candidates, most):
            chunk.append(candidate)
            if budget.spent():
                break
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
        pass  # sums, numbers beyond floats: what the other stages find still counts
    return chunk


def _certificate(formal: Mapping[str, Any], statement: Statement, found: Candidate) -> dict[str, Any] | None:
    if found.root is None and any(length(value) > LONG for value in found.rational.values()):
        found = Candidate(shortened(found.rational, statement.refuted_by))
    plain = Candidate(found.rational, found.root, found.algebraic)
    if found.roots and plain.refutes(statement):
        found = plain
    certificate = found.certificate()
    try:
        (instance if certificate["kind"] == "point" else algebraic).verify(formal, certificate)
    except (Rejected, ArithmeticError, ValueError, KeyError):
        return None
    return certificate


def _first(formal: Mapping[str, Any], candidates: Iterator[dict[str, Any]], budget: Budget) -> dict[str, Any] | None:
    statement = Statement.read(formal)
    for candidate in candidates:
        try:
            at = instance.read_point(formal, candidate)
        except (Rejected, ArithmeticError, ValueError, KeyError):
            at = None
        if at is not None and statement.refuted_at(at.with_digits):
            instance.verify(formal, candidate)
            return {"verdict": "refuted", "kind": "point", **candidate}
        if budget.spent():
            return None
    return None


def _free_names(formal: Mapping[str, Any]) -> list[str]:
    found: set[str] = set(formal.get("integers", ()))
    for key in ("given", "show"):
        for node in instance.lines(formal, key):
            found |= names(node)
    index = formal.get("index") or {}
    for size in index.get("atoms", {}).values():
        found |= names(parse(size))
    return sorted(found)


def _scalar_points(formal: Mapping[str, Any], scalars: list[str], seed: int) -> Iterator[dict[str, Fraction]]:
    """Yield rational points of the domain in the order of the search."""
    statement = Statement.read(formal)
    for stage in stages(statement, seed)[:3]:
        for candidate in stage():
            if candidate.root is None:
                yield dict(candidate.rational)


def find_stationary(formal: Mapping[str, Any], budget: Budget) -> dict[str, Any] | None:
    """Return a start that no sample moves and that violates a claimed limit, or None."""
    from checks.checker.kinds import limit

    for candidate in instances(
        {**formal, "show": [], "index": {**formal["index"], "indices": {}}}, _limit_names(formal), 1
    ):
        if budget.spent():
            return None
        try:
            limit.verify(formal, candidate)
        except (Rejected, ArithmeticError, ValueError, KeyError):
            continue
        return {"verdict": "refuted", "kind": "stationary", **candidate}
    return None


def _limit_names(formal: Mapping[str, Any]) -> list[str]:
    return _free_names({**formal, "show": formal["limit"]})
