"""The passes over the IR, in order: merge equal operations and reductions, then prune what is unused.

No pass changes a bit of any result: merging evaluates the same operation once, pruning drops values that
nothing uses.
"""

from __future__ import annotations

from numerics.ir import Kernel
from numerics.passes.merge import merge
from numerics.passes.prune import prune

__all__ = ["merge", "optimise", "prune"]


def optimise(kernel: Kernel) -> Kernel:
    """Run all passes."""
    return prune(merge(kernel))
