"""Sequential tests that may be looked at after every replica: e-processes, valid at any stopping time."""

from checks.statistics.eprocess import ShareTest, TestResult
from checks.statistics.budget import ErrorBudget

__all__ = ["ErrorBudget", "ShareTest", "TestResult"]
