"""The rules that take functions out of a goal, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import ZERO, Goal
from checks.wording.notation import name_latex
from checks.wording.numbers import decimal_text
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words, ending


def cases(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say between which values an absolute value, minimum or maximum chooses."""
    call = goal.read(certificate["term"])
    a, b = (*call[2], ZERO)[:2] if len(call[2]) < 3 else (call[2][0], ("call", call[1], call[2][1:]))
    first, second = (out.relation((a, sign, b)) for sign in (">=", "<"))
    return Words(
        "case distinction",
        (f"By the value of {out.inline(call)}.",),
        ending(inner, f"where ${first}$", f"where ${second}$", first="the term is defined"),
        rewritten=True,
    )


def name(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what a new name stands for, and what is known of it."""
    term, new = goal.read(certificate["term"]), certificate["as"]
    words = f"Let ${name_latex(new)} = {out.tex(term)}$"
    known = [out.relation(entry) for entry in inner[-1].given[len(goal.given) :]]
    words += f"; then {out.listed(known)}." if known else "."
    return Words(
        "a name for a term",
        (words,),
        ending(inner, f"in terms of ${name_latex(new)}$", first="the term is defined"),
        rewritten=True,
        flows=True,
    )


def rewrite(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which term is replaced by which."""
    old, new = goal.read(certificate["from"]), goal.read(certificate["to"])
    return Words(
        "equal terms",
        (f"The term {out.inline(old)} is replaced by {out.inline(new)}.",),
        ("they are equal", "after the replacement"),
        rewritten=True,
        flows=True,
    )


def numbers(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what the two numbers are."""
    values = []
    for node in (goal.left, goal.right):
        low, high = pointwise.number(node, pointwise.Point({}))
        values.append(f"${out.tex(node)}$" + ("" if low == high else f" ≈ {decimal_text((low + high) / 2, 9)}"))
    return Words("enclosures of numbers", (f"Rational enclosures compare {values[0]} with {values[1]}.",))


def known(goal: Goal, _: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say that it is a hypothesis."""
    return Words("a hypothesis")


def forget(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which hypotheses are kept."""
    kept = out.listed(out.relation(entry) for entry in inner[0].given)
    return Words(
        "fewer hypotheses", (f"From these hypotheses alone: {kept}." if kept else "From no hypothesis.",), flows=True
    )


WORDS: dict[str, Describe] = {
    "cases": cases,
    "name": name,
    "rewrite": rewrite,
    "numbers": numbers,
    "known": known,
    "forget": forget,
}
