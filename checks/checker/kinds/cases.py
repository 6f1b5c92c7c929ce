"""Absolute values, minima, maxima and square roots are taken out of a goal.

``cases``: for the first ``abs(x)``, ``min(a, b)`` or ``max(a, b)`` of the goal, one proof for each sign of x (of
a - b), which is added to the hypotheses.  ``root``: for the first ``sqrt(x)``, x >= 0 is proved and the root becomes
a new name r with the hypotheses r >= 0 and r**2 == x.  The arguments are polynomials, with values everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected
from checks.checker.grammar import Node, is_name, names

ProveGoal = Callable[[Goal, Mapping[str, Any]], None]
ZERO: Node = ("number", Fraction(0))


def first(goal: Goal, wanted: tuple[str, ...]) -> Node:
    """Return the first innermost call of one of the functions in the goal or its hypotheses.

    Raises
    ------
    Rejected
        When there is none.
    """
    for node in (goal.left, goal.right, *(side for a, _, b in goal.given for side in (a, b))):
        found = _innermost(node, wanted)
        if found is not None:
            return found
    raise Rejected(f"the goal holds none of {', '.join(wanted)}")


def _parts(node: Node) -> tuple[Node, ...]:
    """Return the parts that lie outside every sum, derivative and other binder of names."""
    if node[0] == "call":
        return tuple(node[2])
    return tuple(node[1:]) if node[0] in ("+", "-", "*", "/", "**") else ()


def _innermost(node: Node, wanted: tuple[str, ...]) -> Node | None:
    for part in _parts(node):
        found = _innermost(part, wanted)
        if found is not None:
            return found
    return node if node[0] == "call" and node[1] in wanted else None


def _put(node: Node, old: Node, new: Node) -> Node:
    if node == old:
        return new
    parts = tuple(_put(part, old, new) for part in _parts(node))
    if node[0] == "call":
        return ("call", node[1], parts)
    return (node[0], *parts) if parts else node


def everywhere(goal: Goal, old: Node, new: Node, *more: tuple[Node, str, Node]) -> Goal:
    """Return the goal with a node replaced, in the hypotheses too, and more hypotheses in front."""
    if goal.squared or goal.eliminated:
        raise Rejected("functions are taken out before squares and eliminations")
    given = tuple((_put(a, old, new), sign, _put(b, old, new)) for a, sign, b in goal.given)
    return replace(goal, left=_put(goal.left, old, new), right=_put(goal.right, old, new), given=(*more, *given))


def branches(goal: Goal) -> tuple[Goal, Goal]:
    """Return the two goals of a case distinction.

    Raises
    ------
    Rejected
        When an argument is no polynomial.
    """
    call = first(goal, ("abs", "min", "max"))
    arguments = call[2]
    if call[1] == "abs":
        a, b, yes, no = arguments[0], ZERO, arguments[0], ("-", ZERO, arguments[0])
    else:
        a, b = arguments[0], arguments[1] if len(arguments) == 2 else ("call", call[1], arguments[1:])
        yes, no = (a, b) if call[1] == "max" else (b, a)
    if set(poly.ratio(("-", a, b), goal.context)[1]) != {()}:
        raise Rejected("a case distinction on a quotient")
    return everywhere(goal, call, yes, (a, ">=", b)), everywhere(goal, call, no, (a, "<", b))


def verify(goal: Goal, certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept when both cases are proved.

    Raises
    ------
    Rejected
        When one of them is not.
    """
    yes, no = branches(goal)
    prove_goal(yes, certificate["yes"])
    prove_goal(no, certificate["no"])


def rooted(goal: Goal, name: str) -> tuple[Goal, Goal]:
    """Return the goal that the radicand is nonnegative, and the goal with the root as a new name.

    Raises
    ------
    Rejected
        When the radicand is no polynomial or the name is used already.
    """
    call = first(goal, ("sqrt",))
    (radicand,) = call[2]
    if set(poly.ratio(radicand, goal.context)[1]) != {()}:
        raise Rejected("the root of a quotient")
    used = names(goal.left) | names(goal.right)
    for a, _, b in goal.given:
        used |= names(a) | names(b)
    if not is_name(name) or name in used:
        raise Rejected(f"{name} is no new name")
    root: Node = ("name", name)
    defined = replace(goal, left=radicand, sign=">=", right=ZERO, given=_before(goal, call))
    square: Node = ("*", root, root)
    return defined, everywhere(goal, call, root, (root, ">=", ZERO), (square, "==", radicand))


def _before(goal: Goal, call: Node) -> tuple[tuple[Node, str, Node], ...]:
    return tuple(entry for entry in goal.given if not any(_holds(side, call) for side in (entry[0], entry[2])))


def _holds(node: Node, call: Node) -> bool:
    return _put(node, call, ZERO) != node


def verify_root(goal: Goal, certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept when the radicand is nonnegative and the goal holds with the new name.

    Raises
    ------
    Rejected
        When one of them is not proved.
    """
    defined, rest = rooted(goal, certificate["name"])
    prove_goal(defined, certificate["defined"])
    prove_goal(rest, certificate["by"])
