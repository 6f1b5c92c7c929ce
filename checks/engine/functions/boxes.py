"""A bounded domain cut into boxes on which enclosures decide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from checks.checker.goal import Goal
from checks.checker.grammar import names
from checks.checker.kinds.enclosure import Box, decided
from checks.engine.bernstein.chart import bounds, implied
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.functions.atoms import Samples, positive_gap
from checks.engine.tactics import Prover, by_rule

MOST_BOXES = (0, 300, 1500)
SECONDS = (0.0, 1.5, 6.0)
DEEPEST = 12


def by_boxes(goal: Goal, prove: Prover, effort: int, budget: Budget) -> Certificate:
    """Prove an inequality with a margin on a box that the hypotheses give.

    Raises
    ------
    NotFound
        Where the domain is no box, there is no margin, or more boxes are needed than tried.
    """
    if not MOST_BOXES[effort] or goal.sign not in (">=", "<=", ">", "<") or len(names(goal.conclusion)) > 3:
        raise NotFound("")
    value = Samples(goal).of(positive_gap(goal))
    if not np.min(value) > 1e-6:
        raise NotFound("no margin for enclosures")
    known = implied(goal)
    box: Box = {}
    for name in goal.names:
        ends = [
            [b.value.get((), Fraction(0)) for b in side if set(b.value) <= {()}] for side in bounds(goal, name, known)
        ]
        if not all(ends):
            raise NotFound(f"{name} has no constant bounds")
        box[name] = (max(ends[0]), min(ends[1]))
    tree = _tree(goal, box, [MOST_BOXES[effort]], 0, budget.part(SECONDS[effort]))
    if tree is None:
        raise NotFound("the enclosures decide on too few boxes")
    listed = {name: [str(low), str(high)] for name, (low, high) in box.items()}
    return by_rule(goal, prove, "enclose", box=listed, tree=tree)


def _tree(goal: Goal, box: Box, left: list[int], depth: int, budget: Budget) -> Any:
    left[0] -= 1
    if decided(goal, box):
        return "leaf"
    if left[0] < 0 or depth >= DEEPEST * len(box) or budget.spent():
        return None
    along = max(sorted(box), key=lambda name: box[name][1] - box[name][0])
    low, high = box[along]
    middle = (low + high) / 2
    first = _tree(goal, {**box, along: (low, middle)}, left, depth + 1, budget)
    if first is None:
        return None
    second = _tree(goal, {**box, along: (middle, high)}, left, depth + 1, budget)
    return None if second is None else {"along": along, "low": first, "high": second}
