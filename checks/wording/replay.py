"""A certificate replayed as a tree of steps: each rule is applied again, and says what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from checks.checker.accept import RULES
from checks.checker.goal import Goal, constant, goals
from checks.wording.leaves import leaf
from checks.wording.printer import Printer
from checks.wording.rules import WORDS, Words
from checks.wording.structure import Step

# what a rule, or a certificate that this version does not know, may raise while it is described
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, StopIteration, RecursionError)
_HYPOTHESES = 5


def forall(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer, role: str = "") -> Step:
    """Return the proof of a ``forall`` statement: one step a comparison."""
    wanted, steps = goals(formal), certificate["steps"]
    found = [replay(goal, step, out) for goal, step in zip(wanted, steps, strict=True)]
    if len(found) == 1:
        return _for(found[0], role)
    return Step("every comparison by itself", role=role, parts=tuple(found))


def replay(goal: Goal, certificate: Mapping[str, Any], out: Printer, role: str = "", above: Goal | None = None) -> Step:
    """Return the step that a certificate makes from a goal, and all below it.

    A step that cannot be described (of a kind that this version does not know) still says its rule and its goal.
    """
    kind = str(certificate.get("kind", ""))
    assumed = () if above is None else _assumed(goal, above, out)
    try:
        rule = RULES.get(kind)
        if rule is None:
            return _for(leaf(goal, certificate, out), role, assumed)
        inner = rule(goal, certificate)
    except FAULTS as error:
        note = f"This step cannot be shown here ({type(error).__name__}); the certificate has it."
        return Step(kind.replace("-", " "), _shown(goal, out), role, assumed, (note,))
    given = certificate.get("by", [])
    given = given if isinstance(given, list) else []
    if kind == "lemma" and len(given) == 2 and _of_numbers(inner[0]):
        return replay(inner[1], given[1], out, role, above)
    words = _words(kind, goal, certificate, inner, out)
    roles = (*words.roles, *("" for _ in inner))
    parts = [
        replay(one, step, out, role, None if words.rewritten else goal)
        for one, step, role in zip(inner, given, roles, strict=False)
        if one is inner[-1] or not _of_numbers(one)
    ]
    then: tuple[Step, ...] = ()
    if words.flows and len(inner) == len(given) and parts:
        last = parts.pop()
        same = inner[-1].conclusion == goal.conclusion
        then = (replace(last, then=(), shows=None if same else last.shows), *last.then)
    return Step(words.title, _shown(goal, out), role, assumed, words.body, tuple(parts), then)


def _of_numbers(goal: Goal) -> bool:
    """Return whether a goal compares two rational numbers: that is no step of its own."""
    return goal.conclusion[0] == "compare" and all(constant(term) is not None for term in goal.conclusion[2])


def _for(step: Step, role: str, assumed: tuple[str, ...] = ()) -> Step:
    return replace(step, role=role, assumed=assumed)


def _shown(goal: Goal, out: Printer) -> Any:
    try:
        return out.node(goal.conclusion)
    except FAULTS:
        return None


def _words(kind: str, goal: Goal, certificate: Mapping[str, Any], inner: list[Goal], out: Printer) -> Words:
    """Return a rule in words; a rule without words of its own gets its name."""
    describe = WORDS.get(kind)
    if describe is None:
        return Words(f"rule {kind.replace('-', ' ')!r}")
    try:
        return describe(goal, certificate, inner, out)
    except FAULTS:
        return Words(f"rule {kind.replace('-', ' ')!r}")


def _assumed(goal: Goal, above: Goal, out: Printer) -> tuple[str, ...]:
    """Return the hypotheses of a goal that the goal above it does not have."""
    fresh = [
        out.relation((a, sign, b))
        for a, sign, b in goal.given
        if (a, sign, b) not in above.given and not (constant(a) is not None and constant(b) is not None)
    ]
    fresh += [out.tex(node) for node in goal.either if node not in above.either]
    if len(fresh) <= _HYPOTHESES:
        return tuple(fresh)
    return (*fresh[:_HYPOTHESES], rf"\text{{{len(fresh) - _HYPOTHESES} more}}")
