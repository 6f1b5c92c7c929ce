"""Drop operations and reductions that no rule and no watcher uses."""

from __future__ import annotations

from dataclasses import replace

from numerics.ir import Kernel, Kind


def prune(kernel: Kernel) -> Kernel:
    """Return the kernel without unused operations and reductions.

    What remains is what some rule, some reduction of a live rule, or some watcher needs, numbered afresh.

    Needs: operations in dependence order.  Keeps: that order, all rules, all watchers.
    """
    used = kernel.needs(*(rule.root for rule in kernel.rules))
    names = {kernel.ops[position].name for position in used if kernel.ops[position].kind is Kind.REDUCTION}
    watched = {item.reduction for item in kernel.watchers}
    live = [i for i, item in enumerate(kernel.reductions) if item.name in names or i in watched]
    roots = [rule.root for rule in kernel.rules] + [kernel.reductions[i].root for i in live]
    positions = kernel.needs(*roots)
    number = {old: new for new, old in enumerate(positions)}
    ops = tuple(replace(kernel.ops[old], args=tuple(number[arg] for arg in kernel.ops[old].args)) for old in positions)
    index = {old: new for new, old in enumerate(live)}
    return replace(
        kernel,
        ops=ops,
        reductions=tuple(replace(kernel.reductions[i], root=number[kernel.reductions[i].root]) for i in live),
        rules=tuple(replace(rule, root=number[rule.root]) for rule in kernel.rules),
        watchers=tuple(replace(item, reduction=index[item.reduction]) for item in kernel.watchers),
    )
