"""Reduction to invariants: under full-batch descent the directions of the parts of a state never change.

Every coordinate of a class (place and sign) is its start times a product of common factors, so the sums that the
step reads close on the scales: a run costs O(1) a step, and O(n) once.
"""

from __future__ import annotations

from numerics.ir import Base, Kernel, Law
from numerics.passes.lazy import Rewriter
from numerics.passes.report import NotApplicable, Outcome, Report

NAME = "invariants"

#: Scales stay in ``[2^-RANGE, 2^RANGE]``; their squares are normal numbers.
RANGE = 480


def apply(kernel: Kernel, n: int, b: int) -> Outcome:
    """Rewrite a full-batch step in which every class of coordinates has one factor.

    Needs: every rule is ``coordinate * f``; sums that the step reads are power sums over classes.
    """
    if kernel.law is not Law.GD:
        return kernel, Report(NAME, False, "the batch changes from step to step")
    try:
        changed = Rewriter(kernel, Base.BATCH, selected=False).rewrite(0, RANGE)
    except NotApplicable as problem:
        return kernel, Report(NAME, False, str(problem))
    scales = changed.lazy.scales if changed.lazy else ()
    return changed, Report(NAME, True, f"the step closes on {len(scales)} scalars: every class keeps its direction")
