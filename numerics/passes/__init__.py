"""The passes over the IR.

``optimise`` merges equal operations and reductions and prunes what is unused; it changes no bit of any result.
``rewrite`` runs the passes that use a derived property of the step.  They change how values are rounded, so the
bits of a run are those of the rewritten IR, on every target; ``docs/kernels.md`` states the error bound.
"""

from __future__ import annotations

from collections.abc import Iterable

from numerics.errors import unknown_name
from numerics.ir import Kernel
from numerics.passes import invariants, uniform_scaling
from numerics.passes.merge import merge
from numerics.passes.prune import prune
from numerics.passes.report import Report

#: Passes that use a derived property, in the order in which they run.
PASSES = {module.NAME: module.apply for module in (uniform_scaling, invariants)}

__all__ = ["PASSES", "Report", "merge", "optimise", "prune", "rewrite"]


def optimise(kernel: Kernel) -> Kernel:
    """Merge what is equal and drop what is unused."""
    return prune(merge(kernel))


def rewrite(kernel: Kernel, n: int, b: int, names: Iterable[str] = tuple(PASSES)) -> tuple[Kernel, list[Report]]:
    """Run passes by name on an optimised kernel and say which fired.

    Parameters
    ----------
    kernel
        A kernel without lazy scales.
    n, b
        Ambient dimension and batch size; they decide the re-summation schedule.
    names
        Keys of ``PASSES``; an empty tuple keeps the dense kernel.

    Raises
    ------
    InputError
        If a name is unknown.
    """
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in PASSES:
            raise unknown_name("pass", name, PASSES)
    reports = []
    for name, apply in PASSES.items():
        if name not in wanted:
            reports.append(Report(name, False, "switched off"))
            continue
        if kernel.lazy is not None:
            reports.append(Report(name, False, "an earlier pass fired"))
            continue
        changed, report = apply(kernel, n, b)
        reports.append(report)
        kernel = optimise(changed) if report.fired else kernel
    return kernel, reports
