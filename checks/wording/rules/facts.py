"""The rules that rewrite hypotheses, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal
from checks.checker.kinds.facts import linear
from checks.wording.notation import name_latex
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words


def clear(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which hypothesis loses its denominator."""
    entry = goal.given[int(certificate["given"])]
    how = {1: "its denominator, which is positive", -1: "its denominator, which is negative"}
    by = how.get(int(certificate.get("sign", 0)), "its denominator" if entry[1] in ("==", "!=") else "its square")
    if len(inner) == 1:
        by = "its denominator" if entry[1] in ("==", "!=") else "the square of its denominator"
        by += ", which is not zero where it holds"
    return Words(
        "denominators cleared",
        (f"The hypothesis ${out.relation(entry)}$ is multiplied by {by}.",),
        (("sign of the denominator",) if len(inner) > 1 else ()) + ("with the new hypothesis",),
        flows=True,
    )


def divide(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say by which factor a hypothesis is divided."""
    fact, relation = goal.facts()[int(certificate["fact"])]
    old = out.relation((out.polynomial(fact), relation, ZERO))
    factor, rest = goal.read(certificate["factor"]), goal.read(certificate["to"])
    words = f"The hypothesis ${old}$ is divided by {out.inline(factor)}: ${out.relation((rest, relation, ZERO))}$."
    roles = (("the factor",) if len(inner) > 1 else ()) + ("then",)
    return Words("a hypothesis divided by a factor", (words,), roles, rewritten=True, flows=True)


def substitute(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which variable an equality gives."""
    name = certificate["variable"]
    slope, rest = linear(goal.facts()[int(certificate["fact"])][0], name)
    minus = poly.multiply(rest, poly.constant(-1))
    if set(slope) == {()}:
        value = out.polynomial(poly.multiply(minus, poly.constant(1 / slope[()])))
    else:
        value = ("/", out.polynomial(minus), out.polynomial(slope))
    return Words(
        "elimination by an equality",
        (f"A hypothesis gives ${name_latex(name)} = {out.tex(value)}$.",),
        (("its denominator",) if len(inner) > 1 else ()) + (f"without ${name_latex(name)}$",),
        rewritten=True,
        flows=True,
    )


def squares(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which variables stand for their squares."""
    names = set(certificate["variables"])
    shown = out.listed(rf"{name_latex(n)}^2 \to {name_latex(n)} \ge 0" for n in certificate["variables"])
    odd = any(g in names and e % 2 for fact, _ in goal.facts() for monomial in fact for g, e in monomial)
    first = "Only even powers occur"
    if odd:
        first = "The claim has even powers only; hypotheses with odd ones are left out"
    return Words(
        "reduction to squares",
        (f"{first}; from here on each of these letters stands for its square: {shown}.",),
        ("in the squares",),
        rewritten=True,
        flows=True,
    )


def change(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what a variable becomes."""
    old, new = name_latex(certificate["variable"]), name_latex(certificate["as"])
    value, back = (out.tex(goal.read(certificate[key])) for key in ("value", "inverse"))
    return Words(
        "change of variable",
        (f"Let ${old} = {value}$, with ${new} = {back}$.",),
        (f"every ${old}$ has this form", f"in terms of ${new}$"),
        rewritten=True,
        flows=True,
    )


WORDS: dict[str, Describe] = {
    "clear": clear,
    "divide": divide,
    "substitute": substitute,
    "squares": squares,
    "change": change,
}
