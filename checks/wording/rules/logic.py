"""The rules of logic in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker.goal import FALSE, Goal
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words, ending


def parts(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say that every part of a conjunction is shown."""
    return Words("every part of a conjunction")


def side(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which side of a disjunction is shown."""
    if certificate.get("alone"):
        return Words("one side of a disjunction", ("One of the two statements always holds.",))
    return Words(
        "one side of a disjunction",
        ("It is enough to show one of the two statements where the other one fails.",),
        ending(inner, "where the other fails", first="the other side is defined"),
        flows=True,
    )


def choose(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which hypothesis is a disjunction."""
    _, first, second = goal.either[int(certificate["either"])]
    return Words(
        "case distinction",
        (f"One of two hypotheses holds: {out.inline(first)} or {out.inline(second)}.",),
        ("first case", "second case"),
    )


def split(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say on whose sign the cases are."""
    at = out.tex(goal.read(certificate["at"]))
    return Words(
        "case distinction",
        (f"By the sign of ${at}$.",),
        ending(inner, "not negative", "negative", first="the term is defined"),
    )


def lemma(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what is shown first."""
    return Words("a lemma first", (), ("lemma", "then"), rewritten=True, flows=True)


def absurd(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say that there is no case."""
    return Words("there is no such case", ("The hypotheses contradict each other here.",), flows=True)


def deny(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what is supposed."""
    supposed = inner[-1].given[-1] if inner[-1].conclusion == FALSE and inner[-1].given else None
    words = "Suppose that it fails."
    if supposed is not None and len(inner[-1].given) == len(goal.given) + 1:
        words = f"Suppose that ${out.relation(supposed)}$."
    return Words("by contradiction", (words,), ending(inner, "then"), rewritten=True, flows=True)


def both(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say that an equality is two inequalities."""
    return Words("two inequalities", (), ("not above", "not below"))


WORDS: dict[str, Describe] = {
    "parts": parts,
    "side": side,
    "choose": choose,
    "split": split,
    "lemma": lemma,
    "absurd": absurd,
    "deny": deny,
    "both": both,
}
