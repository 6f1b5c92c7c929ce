"""Two sides with the same normal form."""

from __future__ import annotations

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.wording.notation import node_latex, width
from checks.wording.printer import Printer
from checks.wording.structure import Block

_LETTERS = 160  # of a normal form that is printed
_INLINE = 60


def describe(goal: Goal, out: Printer) -> tuple[Block, ...]:
    """Show what both sides expand to."""
    if not out.normal_forms:
        return ()
    sides = [poly.ratio(node, goal.context) for node in (goal.left, goal.right)]
    top, bottom = min(sides, key=lambda side: (len(side[1]), len(side[0])))
    words = "Both sides have the same normal form"
    if set(bottom) != {()} or set(sides[0][1]) != {()} or set(sides[1][1]) != {()}:
        words += " over a common denominator"
    if goal.context.indices or goal.context.atoms:
        words += " in power sums, with derivatives taken and deltas resolved"
    node = out.polynomial(top) if bottom == poly.ONE else ("/", out.polynomial(top), out.polynomial(bottom))
    if set(bottom) == {()}:
        node = out.polynomial(poly.multiply(top, poly.constant(1 / bottom[()])))
    letters = width(node_latex(node))
    if letters > min(_LETTERS, out.letters // 2):
        return (f"{words}, with {len(top)} terms.",)
    return (f"{words}:", out.node(node)) if letters > _INLINE else (f"{words}: {out.inline(node)}.",)
