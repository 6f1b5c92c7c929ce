"""How long a search may take, and how it says that it found nothing."""

from __future__ import annotations

import time
from typing import Any

Certificate = dict[str, Any]


class NotFound(Exception):
    """No certificate was found within the budget; the message says what was tried."""


class Budget:
    """Seconds of processor time that a search may still take: what else the machine does changes no verdict."""

    def __init__(self, seconds: float) -> None:
        self.end = time.process_time() + seconds

    def spent(self) -> bool:
        """Return whether the time is over."""
        return time.process_time() > self.end

    def left(self) -> float:
        """Return the seconds left."""
        return max(0.0, self.end - time.process_time())

    def part(self, seconds: float) -> Budget:
        """Return a budget of at most some seconds that ends with this one at the latest."""
        return Budget(min(seconds, self.left()))
