"""Drop operations and reductions that no rule and no watcher uses."""

from __future__ import annotations

from dataclasses import replace

from numerics.ir import Kernel
from numerics.passes.merge import renumber


def prune(kernel: Kernel) -> Kernel:
    """Return the kernel without unused operations and reductions.

    What remains is what some rule, some reduction of a live rule, or some watcher needs, numbered afresh.

    Needs: operations in dependence order.  Keeps: that order, all rules, all watchers.
    """
    lazy = kernel.lazy
    roots = [rule.root for rule in kernel.rules] + [item.root for item in kernel.watchers] + [*kernel.lane_roots()]
    names = {kernel.ops[position].name for position in kernel.needs(*roots)}
    live = [item for item in kernel.reductions if item.name in names]
    kept = [item.reduction.root for item in lazy.sums] if lazy else []
    positions = kernel.needs(*roots, *(item.root for item in live), *kept)
    number = {old: new for new, old in enumerate(positions)}
    ops = tuple(replace(kernel.ops[old], args=tuple(number[arg] for arg in kernel.ops[old].args)) for old in positions)
    return replace(
        kernel,
        ops=ops,
        reductions=tuple(replace(item, root=number[item.root]) for item in live),
        rules=tuple(replace(rule, root=number[rule.root]) for rule in kernel.rules),
        watchers=tuple(replace(item, root=number[item.root]) for item in kernel.watchers),
        lazy=lazy and renumber(lazy, number),
    )
