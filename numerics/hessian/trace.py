r"""The trace of a Hessian: exact, or Hutchinson's estimate with its error.

With independent signs :math:`z_k = \pm 1`, :math:`z^T H z = \mathrm{Tr}\, H + \sum_{k \ne l} H_{kl} z_k z_l` has
mean :math:`\mathrm{Tr}\, H` and variance :math:`2 \sum_{k \ne l} H_{kl}^2`.

Source: M. F. Hutchinson, A stochastic estimator of the trace of the influence matrix, Comm. Statist. Simulation
Comput. 19 (1990).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from numerics.errors import InputError, describe
from numerics.hessian.operators import DiagonalPlusLowRank, HessianOperator
from numerics.random import F64, words

#: Stream of the signs, beside those of `numerics.random`.
PROBES = 15
#: Signs drawn at once.
_BLOCK = 1 << 16


@dataclass(frozen=True)
class TraceEstimate:
    r"""Hutchinson's estimate of a trace.

    Attributes
    ----------
    value
        Mean of :math:`z^T H z` over the probes.
    standard_error
        Sample standard deviation divided by the root of the number of probes.
    probes, seed
        Number of sign vectors, and their seed.
    confidence
        Level of both half-widths.
    half_width
        Of Student's interval: ``value`` plus or minus this holds the trace with about the stated confidence (exactly
        if the samples were Gaussian).
    guaranteed
        Half-width by Chebyshev's inequality from the exact variance: the confidence is at least the stated one.
        None where the variance is not known.
    """

    value: float
    standard_error: float
    probes: int
    seed: int
    confidence: float
    half_width: float
    guaranteed: float | None

    def sentence(self) -> str:
        """Return the estimate in words."""
        level = f"{100 * self.confidence:g} %"
        bound = "" if self.guaranteed is None else f", guaranteed +- {self.guaranteed:.3g}"
        return (
            f"{self.value:.8g} +- {self.half_width:.3g} (Student, {level}{bound}), "
            f"standard error {self.standard_error:.3g}, {self.probes} probes"
        )


def rademacher(seed: int, probes: range, n: int) -> F64:
    """Return independent signs +1 and -1, shape (len(probes), n): bits of Philox words, 32 a word.

    A sign is a function of (seed, probe, coordinate).
    """
    index = np.arange((n + 31) // 32, dtype=np.uint64)[None, :]
    drawn = words(seed, np.asarray(probes, np.uint64)[:, None], index, stream=PROBES)
    bits = (drawn[:, :, None] >> np.arange(32, dtype=np.uint64)) & np.uint64(1)
    signs: F64 = 1.0 - 2.0 * bits.reshape(len(probes), -1)[:, :n].astype(np.float64)
    return signs


def exact_trace(operator: HessianOperator) -> float:
    """Return the trace: from the diagonal where the operator knows it, else by n products."""
    if isinstance(operator, DiagonalPlusLowRank):
        return operator.trace()
    n = operator.shape[0]
    total = []
    for k in range(n):
        unit = np.zeros(n)
        unit[k] = 1.0
        total.append(float(operator.matvec(unit)[k]))
    return math.fsum(total)


def hutchinson(operator: HessianOperator, probes: int = 100, seed: int = 0, confidence: float = 0.99) -> TraceEstimate:
    """Estimate the trace from products with random sign vectors.

    Parameters
    ----------
    operator
        The Hessian.
    probes
        Number of sign vectors, at least 2.
    seed
        Seed of the signs.
    confidence
        Level of the error bounds, in (0, 1).

    Raises
    ------
    InputError
        If an argument has no meaning.
    """
    if isinstance(probes, bool) or not isinstance(probes, (int, np.integer)) or probes < 2:
        raise InputError(f"probes is {describe(probes)}; it must be an integer of at least 2")
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence is {describe(confidence)}; it must lie strictly between 0 and 1, such as 0.99")
    n = operator.shape[0]
    block = max(1, _BLOCK // n)
    samples = np.empty(probes)
    for low in range(0, probes, block):
        part = range(low, min(low + block, probes))
        for probe, z in zip(part, rademacher(seed, part, n), strict=True):
            samples[probe] = float(z @ operator.matvec(z))
    error = float(np.std(samples, ddof=1)) / math.sqrt(probes)
    guaranteed = None
    if isinstance(operator, DiagonalPlusLowRank):
        guaranteed = math.sqrt(2.0 * operator.off_diagonal_norm2() / (probes * (1.0 - confidence)))
    return TraceEstimate(
        value=math.fsum(samples) / probes,
        standard_error=error,
        probes=int(probes),
        seed=int(seed),
        confidence=float(confidence),
        half_width=float(student.ppf((1.0 + confidence) / 2.0, probes - 1)) * error,
        guaranteed=guaranteed,
    )
