"""A box is cut into smaller ones, on each of which enclosures decide.

On each box the conclusion holds by interval arithmetic, or a hypothesis fails by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import Goal, Rejected, comparison, fraction

Box = dict[str, tuple[Fraction, Fraction]]


def enclose(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show a statement on the box that ``box`` gives, after showing that the hypotheses put every variable into it.

    ``tree`` is "leaf", or halves the box along a variable: {"along": x, "low": tree, "high": tree}.
    """
    box: Box = {goal.scalar(name): (fraction(ends[0]), fraction(ends[1])) for name, ends in certificate["box"].items()}
    if not goal.names <= set(box) or any(low > high for low, high in box.values()):
        raise Rejected("the box does not bound every name, or is empty")
    _walk(goal, box, certificate["tree"])
    found = []
    for name, (low, high) in box.items():
        if name in goal.names:
            found += [goal.showing(("name", name), ">=", ("number", low))]
            found += [goal.showing(("name", name), "<=", ("number", high))]
    return found


def _walk(goal: Goal, box: Box, tree: Any) -> None:
    if tree == "leaf":
        if not decided(goal, box):
            raise Rejected("the enclosures do not decide on a box")
        return
    low, high = box[tree["along"]]
    middle = (low + high) / 2
    _walk(goal, {**box, tree["along"]: (low, middle)}, tree["low"])
    _walk(goal, {**box, tree["along"]: (middle, high)}, tree["high"])


def decided(goal: Goal, box: Box, bits: int = 40) -> bool:
    """Return whether on the whole box the conclusion holds, or some hypothesis fails."""
    at = pointwise.Point(box, bits=bits)
    wanted = [(goal.conclusion, True), *((comparison(*entry), False) for entry in goal.given)]
    for statement, value in [*wanted, *((node, False) for node in goal.either)]:
        try:
            if pointwise.holds(statement, at) is value:
                return True
        except (pointwise.Unknown, pointwise.Undefined):
            continue
    return False


RULES = {"enclose": enclose}
