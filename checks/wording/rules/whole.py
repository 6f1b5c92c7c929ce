"""The rules for names that range over the integers, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker.goal import FALSE, Goal
from checks.wording.notation import name_latex
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words


def tighten(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what an integer bound gives."""
    old, new = out.relation(goal.given[int(certificate["given"])]), inner[0].given[-1]
    if len(inner[0].given) == len(goal.given) or new == (FALSE[2][0], FALSE[1][0], FALSE[2][1]):
        return Words("no integer satisfies an equality", (f"For integers, ${old}$ cannot hold.",), rewritten=True)
    return Words(
        "bounds moved to integers", (f"For integers, ${old}$ gives ${out.relation(new)}$.",), rewritten=True, flows=True
    )


def residue(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say by what the cases are."""
    old, new, modulus = name_latex(certificate["variable"]), name_latex(certificate["as"]), int(certificate["modulus"])
    return Words(
        "remainders",
        (f"Let ${old} = {modulus} {new} + r$ with an integer ${new}$ and $0 \\le r < {modulus}$.",),
        tuple(f"remainder {r}" for r in range(modulus)),
        rewritten=True,
    )


def induct(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say on which name the induction is."""
    n, start = name_latex(certificate["variable"]), int(certificate["start"])
    return Words(
        "induction on an integer",
        (f"Induction on ${n} \\ge {start}$.",),
        ("range", f"start ${n} = {start}$", f"step from ${n}$ to ${n} + 1$"),
        rewritten=True,
    )


def pinned(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which values there are."""
    n, low, high = name_latex(certificate["variable"]), int(certificate["low"]), int(certificate["high"])
    return Words(
        "list of cases",
        (f"The hypotheses give ${low} \\le {n} \\le {high}$; each value is a case.",),
        ("at least", "at most", *(f"${n} = {value}$" for value in range(low, high + 1))),
        rewritten=True,
    )


def descend(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say what decreases for ever."""
    names, p = [name_latex(name) for name in certificate["variables"]], int(certificate["modulus"])
    first = name_latex(certificate["nonzero"])
    cases = [f"${name} = {p} k + {r}$" for name in names for r in range(1, p)]
    text = f"Every solution is ${p}$ times another one, and ${first} \\ne 0$: $|{first}|$ would decrease for ever."
    smaller = (f"the smaller {out.listed(names)}",) * (len(inner) - 1 - len(cases))
    return Words("infinite descent", (text,), (f"${first} \\ne 0$", *cases, *smaller), rewritten=True)


WORDS: dict[str, Describe] = {
    "tighten": tighten,
    "residue": residue,
    "induct": induct,
    "pinned": pinned,
    "descend": descend,
}
