"""One error probability for the whole suite, divided among the parts that are judged by a test."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class ErrorBudget:
    """Allots equal shares of a total error probability; by the union bound the total is never exceeded.

    Attributes
    ----------
    total
        Error probability of the whole suite.
    shares
        Number of tests that the suite may run.
    """

    total: float = 1e-6
    shares: int = 64
    used: dict[str, float] = field(default_factory=dict)

    def allot(self, name: str) -> float:
        """Return the error probability of one named test (the same again for the same name).

        Raises
        ------
        ValueError
            When more tests ask than there are shares.
        """
        if name not in self.used and len(self.used) >= self.shares:
            raise ValueError(f"the error budget has {self.shares} shares and {name!r} is one test too many")
        return self.used.setdefault(name, self.total / self.shares)
