"""Interval arithmetic on small boxes, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker.goal import Goal, fraction
from checks.wording.notation import name_latex
from checks.wording.printer import Printer, number
from checks.wording.rules.words import Describe, Words


def enclose(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say on which box, and into how many boxes it is cut."""
    ends = {name: tuple(number(fraction(end)) for end in pair) for name, pair in certificate["box"].items()}
    box = out.listed(rf"{low} \le {name_latex(name)} \le {high}" for name, (low, high) in ends.items())
    count = _leaves(certificate["tree"])
    cut = "" if count == 1 else f", cut into {count} boxes by halving: on each of them"
    return Words(
        "enclosures on small boxes",
        (f"The hypotheses give {box}{cut or ':'} interval arithmetic shows the claim, or that a hypothesis fails.",),
        ("in the box",) * len(inner),
    )


def _leaves(tree: Any) -> int:
    return 1 if tree == "leaf" else _leaves(tree["low"]) + _leaves(tree["high"])


WORDS: dict[str, Describe] = {"enclose": enclose}
