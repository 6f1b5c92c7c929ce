"""Merge equal operations (value numbering) and reductions of equal meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from numerics.ir import KeptSum, Kernel, Kind, Lazy, Op, Reduction

_COMMUTATIVE = frozenset({Kind.ADD, Kind.MUL})


def merge(kernel: Kernel) -> Kernel:
    """Return the kernel with every distinct operation evaluated once.

    Two operations are equal when kind, payload and operands are; operands of ``+`` and ``*`` are put in
    order first, which IEEE addition and multiplication allow bit for bit (NaN payloads apart).  A reduction
    that equals an earlier one is dropped, and everything that used it uses the earlier one; so is a kept sum: two
    sums of one list are updated alike.

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

    # Summands contain no reduction, so one sweep over the operations decides which reductions are equal.
    for op in kernel.ops:
        args = tuple(moved[arg] for arg in op.args)
        if op.kind in _COMMUTATIVE:
            args = tuple(sorted(args))
        moved.append(place(replace(op, args=args)))
    lazy = kernel.lazy and renumber(kernel.lazy, moved)
    first: dict[object, Reduction] = {}
    renamed: dict[str, str] = {}
    for item in kernel.reductions:
        item = replace(item, root=moved[item.root])
        renamed[item.name] = first.setdefault(item.meaning(), item).name
    kept: dict[object, KeptSum] = {}
    for sum_ in lazy.sums if lazy else ():
        renamed[sum_.reduction.name] = kept.setdefault(sum_.reduction.meaning(), sum_).reduction.name
    merged = replace(
        kernel,
        ops=tuple(replace(op, name=renamed[op.name]) if op.kind in (Kind.REDUCTION, Kind.KEPT) else op for op in ops),
        reductions=tuple(first.values()),
        rules=tuple(replace(rule, root=moved[rule.root]) for rule in kernel.rules),
        watchers=tuple(replace(item, root=moved[item.root]) for item in kernel.watchers),
        lazy=lazy and replace(lazy, sums=tuple(kept.values())),
    )
    # Renaming a reduction can make more operations equal: repeat until nothing changes.
    return merged if merged == kernel else merge(merged)


def renumber(lazy: Lazy, moved: Mapping[int, int] | Sequence[int]) -> Lazy:
    """Return the lazy scales with every position of an operation replaced."""
    return replace(
        lazy,
        scales=tuple(replace(item, factor=moved[item.factor]) for item in lazy.scales),
        sums=tuple(
            KeptSum(replace(item.reduction, root=moved[item.reduction.root]), moved[item.update]) for item in lazy.sums
        ),
    )
