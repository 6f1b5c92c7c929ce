r"""An e-process for the share of replicas that have a property.

To support "the property has probability more than p0", the null is :math:`p \le p_0` and the wealth after s successes
and f failures is the mixture likelihood ratio

.. math:: E = \frac{1}{1 - p_0} \int_{p_0}^1 \Big(\frac{q}{p_0}\Big)^s \Big(\frac{1-q}{1-p_0}\Big)^f dq .

Under every p <= p0 it is a nonnegative supermartingale that starts at 1, so by Ville's inequality
:math:`P(\sup_t E_t \ge 1/\alpha) \le \alpha`, however often one looks and wherever one stops.  The test in the other
direction (excluding "probability at least p0") exchanges successes and failures.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import betainc, betaln, gammaln, logsumexp


@dataclass(frozen=True)
class TestResult:
    """What the test says so far: decided, log of the e-value, counts."""

    decided: bool
    log_e: float
    successes: int
    failures: int
    p0: float
    alpha: float

    def sentence(self) -> str:
        """Return the result in words."""
        total = self.successes + self.failures
        state = "exceeds" if self.decided else "stays below"
        return (
            f"{self.successes} of {total} replicas; the e-value 10^{self.log_e / log(10):.2f} against "
            f"'probability at most {self.p0:g}' {state} the threshold {1 / self.alpha:.3g}"
        )


def _log_binomial_tail(n: int, k: int, p: float) -> float:
    r"""Return :math:`\log \sum_{j \ge k} \binom{n}{j} p^j (1-p)^{n-j} = \log I_p(k, n - k + 1)`, all terms positive."""
    j = np.arange(k, n + 1)
    terms = gammaln(n + 1) - gammaln(j + 1) - gammaln(n - j + 1) + j * log(p) + (n - j) * np.log1p(-p)
    return float(logsumexp(terms))


class ShareTest:
    """Test whether a property has probability more than p0, one replica after another.

    Parameters
    ----------
    p0
        The share to exceed, in (0, 1).
    alpha
        Probability of a false decision, over all times together.

    Raises
    ------
    ValueError
        When p0 or alpha is not strictly between 0 and 1.
    """

    def __init__(self, p0: float, alpha: float) -> None:
        if not 0 < p0 < 1 or not 0 < alpha < 1:
            raise ValueError(f"p0 = {p0} and alpha = {alpha} must lie strictly between 0 and 1")
        self.p0, self.alpha = p0, alpha
        self.successes = self.failures = 0
        self._best = 0.0

    def update(self, successes: int, failures: int = 0) -> TestResult:
        """Add replicas and return the result; a decision once made stays."""
        self.successes += successes
        self.failures += failures
        self._best = max(self._best, self.log_e())
        return self.result()

    def log_e(self) -> float:
        """Return the logarithm of the present e-value."""
        s, f = self.successes, self.failures
        upper = float(betainc(f + 1, s + 1, 1 - self.p0))
        # where the share of the mixture above p0 underflows, its logarithm is that of a binomial tail
        tail = log(upper) if upper > 1e-290 else _log_binomial_tail(s + f + 1, f + 1, 1 - self.p0)
        mixture = float(betaln(s + 1, f + 1)) + tail - log(1 - self.p0)
        return mixture - s * log(self.p0) - f * log(1 - self.p0)

    def result(self) -> TestResult:
        """Return the result so far."""
        return TestResult(
            self._best >= -log(self.alpha), self.log_e(), self.successes, self.failures, self.p0, self.alpha
        )
