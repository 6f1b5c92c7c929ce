"""How long a search may take, and how it says that it found nothing."""

from __future__ import annotations

import time
from typing import Any

Certificate = dict[str, Any]


class NotFound(Exception):
    """No certificate was found within the budget; the message says what was tried."""


class Budget:
    """Seconds that a search may still take."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def spent(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() > self.end
