"""What is said of one use of a rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.checker.goal import Goal
from checks.wording.printer import Printer
from checks.wording.structure import Block


@dataclass(frozen=True)
class Words:
    """A rule in words.

    Attributes
    ----------
    title
        The rule in a few words.
    body
        Sentences and formulas.
    roles
        What each goal that the rule leaves is for, in order.
    rewritten
        The goals have other hypotheses throughout: the sentences say how they change.
    flows
        The last goal is the old one in another form: the proof goes on with it.
    """

    title: str
    body: tuple[Block, ...] = ()
    roles: tuple[str, ...] = ()
    rewritten: bool = False
    flows: bool = False


# a use of a rule: the goal, the parameters of the certificate, the goals that are left, and how formulas are printed
Describe = Callable[[Goal, Mapping[str, Any], Sequence[Goal], Printer], Words]


def ending(inner: Sequence[Goal], *last: str, first: str = "the terms are defined") -> tuple[str, ...]:
    """Return roles for goals whose last ones have the given roles; all before them have ``first``."""
    return (*(first for _ in range(len(inner) - len(last))), *last)
