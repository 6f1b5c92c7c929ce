"""What a pass says about a kernel: whether it fired, and why."""

from __future__ import annotations

from dataclasses import dataclass

from numerics.ir import Kernel


@dataclass(frozen=True)
class Report:
    """Outcome of one pass.

    Attributes
    ----------
    name
        Name of the pass.
    fired
        Whether it changed the kernel.
    reason
        The property that it used, or the one that is missing, in words.
    """

    name: str
    fired: bool
    reason: str


class NotApplicable(Exception):
    """The kernel lacks the property that a pass needs; the message names it."""


Outcome = tuple[Kernel, Report]
