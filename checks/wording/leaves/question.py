"""What a certificate of a sign is about."""

from __future__ import annotations

from dataclasses import dataclass

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Goal


@dataclass(frozen=True)
class Question:
    """Show ``p > 0`` or ``p >= 0``, with p a positive multiple of the difference of the two sides of a goal."""

    p: poly.Poly
    sign: str
    goal: Goal
    bottom: poly.Poly
    factor: bool = False

    @property
    def subject(self) -> str:
        """What p is, as the subject of a sentence; a factor of the difference is named where it is shown."""
        if self.factor:
            return "this factor"
        if self.goal.conclusion == FALSE:
            return "zero"
        if set(self.bottom) != {()}:
            return "the numerator of the difference"
        scale = abs(self.bottom[()])
        return "the difference" if scale == 1 else f"{scale} times the difference"
