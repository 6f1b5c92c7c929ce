"""Monotone functions and positive factors, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker.goal import Goal
from checks.wording.notation import name_latex, numeric
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words


def grow(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say along which path the difference grows."""
    x, s = name_latex(certificate["variable"]), name_latex(certificate["as"])
    start, up = out.tex(goal.read(certificate["from"])), int(certificate["inward"]) > 0
    ends = rf"{start} \le {s} \le {x}" if up else rf"{x} \le {s} \le {start}"
    words = (
        f"Let $f({s})$ be the difference of the two sides with ${s}$ in the place of ${x}$, on the path ${ends}$. "
        f"It has the right sign at ${s} = {start}$ and {'does not fall' if up else 'does not rise'} in ${s}$, "
        f"so it has the right sign at ${s} = {x}$."
    )
    defined = ("it is defined on the path",) * (len(inner) - 3)
    return Words(
        "sign of the derivative along a path",
        (words,),
        ("order of the ends", f"$f({start})$", *defined, "$f'$" if up else "$-f'$"),
    )


def scale(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which positive factor is taken out."""
    factor, rest = goal.read(certificate["factor"]), goal.read(certificate["to"])
    value = numeric(factor)
    if value is not None:
        words = f"The difference of the two sides is {out.inline(('*', factor, rest))}."
        return Words("another form of the difference", (words,), ("the same", "the factor", "then"), flows=True)
    words = f"The difference of the two sides is the product of {out.inline(factor)} and {out.inline(rest)}."
    return Words("positive factor", (words,), ("the product", "the factor", "then the rest"), flows=True)


WORDS: dict[str, Describe] = {"grow": grow, "scale": scale}
