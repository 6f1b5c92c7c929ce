"""Sequential tests that may be looked at after every replica: e-processes, valid at any stopping time."""

from checks.statistics.budget import ErrorBudget
from checks.statistics.eprocess import ShareTest, TestResult
from checks.statistics.runs import share_of_runs

__all__ = ["ErrorBudget", "ShareTest", "TestResult", "share_of_runs"]
