"""Uniform scaling of untouched state: coordinates outside the batch share one factor, kept as a lazy scale.

A step then costs O(b) instead of O(n).
"""

from __future__ import annotations

from numerics.ir import Base, Kernel, Law
from numerics.passes.lazy import Rewriter
from numerics.passes.report import NotApplicable, Outcome, Report

NAME = "uniform-scaling"

#: Scales stay in ``[2^-RANGE, 2^RANGE]``: squares of stored coordinates neither overflow nor vanish before 2^448.
RANGE = 64
_LEAST = 256


def schedule(n: int, b: int) -> int:
    """Return the steps between two settlings: at least n/b, so that settling adds O(b) a step; a power of two."""
    return max(_LEAST, 1 << (-(-n // b) - 1).bit_length())


def apply(kernel: Kernel, n: int, b: int) -> Outcome:
    """Rewrite a mini-batch step whose untouched coordinates share one factor for each place.

    Needs: every rule of ``rest`` and ``outside`` is ``coordinate * f`` (theory's shared factor); the rules of the
    batch too; sums that the step reads are power sums.
    """
    if kernel.law is Law.GD:
        return kernel, Report(NAME, False, "the batch is all data: no coordinate is outside it")
    try:
        changed = Rewriter(kernel, Base.REST, selected=True).rewrite(schedule(n, b), RANGE)
    except NotApplicable as problem:
        return kernel, Report(NAME, False, str(problem))
    return changed, Report(NAME, True, "all coordinates outside the batch are multiplied by one common factor")
