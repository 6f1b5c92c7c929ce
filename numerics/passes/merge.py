"""Merge equal operations (value numbering) and reductions of equal meaning."""

from __future__ import annotations

from dataclasses import replace

from numerics.ir import Kernel, Kind, Op, Reduction

_COMMUTATIVE = frozenset({Kind.ADD, Kind.MUL})


def merge(kernel: Kernel) -> Kernel:
    """Return the kernel with every distinct operation evaluated once.

    Two operations are equal when kind, payload and operands are; operands of ``+`` and ``*`` are put in
    order first, which IEEE addition and multiplication allow bit for bit (NaN payloads apart).  A reduction
    that equals an earlier one is dropped, and everything that used it uses the earlier one.

    Needs: operations in dependence order.  Keeps: that order.
    """
    ops: list[Op] = []
    position: dict[Op, int] = {}
    moved: list[int] = []

    def place(op: Op) -> int:
        if op not in position:
            position[op] = len(ops)
            ops.append(op)
        return position[op]

    reductions = list(kernel.reductions)
    # Summands contain no reduction, so one sweep over the operations decides which reductions are equal.
    renamed: dict[str, str] = {}
    for op in kernel.ops:
        args = tuple(moved[arg] for arg in op.args)
        if op.kind in _COMMUTATIVE:
            args = tuple(sorted(args))
        moved.append(place(replace(op, args=args)))
    reductions = [replace(item, root=moved[item.root]) for item in reductions]
    first: dict[object, int] = {}
    kept: list[Reduction] = []
    target: list[int] = []
    for item in reductions:
        if item.meaning() not in first:
            first[item.meaning()] = len(kept)
            kept.append(item)
        target.append(first[item.meaning()])
        renamed[item.name] = kept[target[-1]].name
    merged = replace(
        kernel,
        ops=tuple(replace(op, name=renamed[op.name]) if op.kind is Kind.REDUCTION else op for op in ops),
        reductions=tuple(kept),
        rules=tuple(replace(rule, root=moved[rule.root]) for rule in kernel.rules),
        watchers=tuple(replace(item, reduction=target[item.reduction]) for item in kernel.watchers),
    )
    # Renaming a reduction can make more operations equal: repeat until nothing changes.
    return merged if merged == kernel else merge(merged)
