"""Certificates made shorter: steps that what follows does not need are left out.

A step that only adds hypotheses, drops some, names a term or spells the conclusion otherwise is left out where the
proof of the goal that it leaves, its references to hypotheses renumbered, proves the goal before it as well.  The
checker's own code decides that.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from checks.checker.accept import RULES, Rejected, prove_goal
from checks.checker.goal import Goal, polynomial_fact
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate

# certificates of fewer characters are short enough; parts of more are not proved again for every step
ENOUGH, LARGEST = 6_000, 3_000
DROPPED = ("lemma", "axiom", "clear", "divide", "forget", "name", "scale")
FAULTS = (Rejected, NotRational, ValueError, ArithmeticError, LookupError, TypeError, RecursionError)
# where the hypotheses of a goal are among those of another
Places = Sequence[int | None]


class Lost(Exception):
    """A proof refers to a hypothesis that the other goal does not have."""


def shortened(goal: Goal, certificate: Certificate, budget: Budget) -> Certificate:
    """Return a certificate of the same goal, shorter where that is found within the budget."""
    return certificate if _length(certificate) < ENOUGH else _shorter(goal, certificate, budget)


def _length(certificate: Certificate) -> int:
    return len(json.dumps(certificate, separators=(",", ":")))


def _shorter(goal: Goal, certificate: Certificate, budget: Budget) -> Certificate:
    kind = certificate["kind"]
    if kind not in RULES or budget.spent():
        return certificate
    wanted = RULES[kind](goal, certificate)
    by = [_shorter(inner, proof, budget) for inner, proof in zip(wanted, certificate.get("by", []), strict=True)]
    found = {**certificate, "by": by} if by else certificate
    if kind not in DROPPED or _length(by[-1]) > LARGEST or budget.spent():
        return found
    try:
        shorter = _renumbered(wanted[-1], goal, by[-1], _kept(goal, wanted[-1], found))
        prove_goal(goal, shorter)
    except (Lost, *FAULTS):
        return found
    return shorter


def _kept(before: Goal, after: Goal, step: Certificate) -> Places:
    """Return where the hypotheses that a step leaves are among those before it."""
    if step["kind"] == "forget":
        return [int(k) for k in step["keep"]]
    return [n if n < len(before.given) else None for n in range(len(after.given))]


def _renumbered(old: Goal, new: Goal, proof: Certificate, places: Places) -> Certificate:
    """Return a proof of a goal with its hypotheses counted as in another."""
    found = {**proof, **_references(old, new, proof, places)}
    if proof["kind"] not in RULES or not proof.get("by"):
        return found
    below, above = RULES[proof["kind"]](old, proof), RULES[proof["kind"]](new, found)
    if len(below) != len(above):
        raise Lost
    found["by"] = [
        _renumbered(a, b, inner, _inner(old, new, a, b, found, proof, places))
        for a, b, inner in zip(below, above, proof["by"], strict=True)
    ]
    return found


def _references(old: Goal, new: Goal, proof: Certificate, places: Places) -> dict[str, Any]:
    kind = proof["kind"]
    if kind in ("known", "clear", "tighten"):
        return {"given": _place(places, int(proof["given"]))}
    if kind == "forget":
        return {"keep": [k for k in (places[int(k)] for k in proof["keep"]) if k is not None]}
    if kind in ("divide", "substitute"):
        return {"fact": _fact(old, new, places, int(proof["fact"]))}
    if kind == "combination":
        terms = [dict(term) for term in proof["terms"]]
        for term in terms:
            if term.get("facts"):
                term["facts"] = [_fact(old, new, places, int(i)) for i in term["facts"]]
        return {"terms": terms}
    return {}


def _place(places: Places, position: int) -> int:
    found = places[position]
    if found is None:
        raise Lost
    return found


def _fact(old: Goal, new: Goal, places: Places, number: int) -> int:
    """Return the number of a polynomial hypothesis among those of the other goal."""
    return _polynomial(new).index(_place(places, _polynomial(old)[number]))


def _polynomial(goal: Goal) -> list[int]:
    return [n for n, entry in enumerate(goal.given) if polynomial_fact(entry, goal.context) is not None]


def _inner(
    old: Goal, new: Goal, below: Goal, above: Goal, found: Certificate, proof: Certificate, places: Places
) -> Places:
    """Return the places for a goal that a rule leaves: the hypotheses in order, then those that the rule adds."""
    if found["kind"] == "forget":
        kept = [places[int(k)] for k in proof["keep"]]
        order = iter(range(len(found["keep"])))
        return [None if k is None else next(order) for k in kept]
    if len(below.given) - len(old.given) != len(above.given) - len(new.given) or len(below.given) < len(old.given):
        raise Lost
    more = len(below.given) - len(old.given)
    return [*places, *(len(new.given) + n for n in range(more))]
