"""Inequalities f(x) >= 0 on an interval at both ends of which f may vanish, with one maximum in between.

With q < r close to the maximum, one before and one after it, f grows from the left end to q and from the right end down
to r, and f > 0 on [q, r] with a margin that enclosures see.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction

import mpmath as mp

from checks.checker.goal import Goal
from checks.checker.grammar import Node, names
from checks.checker.kinds.path import derivative, smooth
from checks.engine.budget import Certificate, NotFound
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.fractions import simplest
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, by_rule
from checks.engine.unparse import unparse

# how near q and r are to the maximum, as shares of the way to the ends
SHARES = (Fraction(1, 5), Fraction(1, 50))
GRID = 24


def by_hill(goal: Goal, prove: Prover) -> Certificate:
    """Prove an inequality in one variable between two numbers by its growth on both sides of its maximum.

    Raises
    ------
    NotFound
        Where it has no such form, or a part is not proved.
    """
    found = names(goal.conclusion)
    if len(found) != 1 or goal.sign not in ("<=", ">="):
        raise NotFound("more than one variable")
    (x,) = found
    gap = goal.gap()
    if not smooth(gap, x):
        raise NotFound("a gap that is not smooth")
    low, high = _ends(goal, x)
    slope = derivative(gap, x)
    try:
        top = _maximum(lambda at: value(slope, {x: at}), value(low, {}), value(high, {}))
    except (ArithmeticError, ValueError, KeyError) as error:
        raise NotFound(f"the slope is not known ({error})") from error
    reasons = []
    for share in SHARES:
        q, r = (_between(top, value(end, {}), share) for end in (low, high))

        def left(inner: Goal, q: Fraction = q) -> Certificate:
            return _split(inner, x, q, prove, lambda g: _grown(g, x, low, 1, prove))

        with suppress(NotFound):
            return _split(goal, x, r, lambda g: _grown(g, x, high, -1, prove), left)
        reasons.append(f"not with {q} and {r}")
    raise NotFound("; ".join(reasons))


def _ends(goal: Goal, x: str) -> tuple[Node, Node]:
    ends: dict[int, list[Node]] = {1: [], -1: []}
    for a, sign, b in goal.given:
        if a == ("name", x) and not names(b):
            ends[-1 if sign in ("<", "<=") else 1 if sign in (">", ">=") else 0].append(b)
        elif b == ("name", x) and not names(a):
            ends[1 if sign in ("<", "<=") else -1 if sign in (">", ">=") else 0].append(a)
    if not ends[1] or not ends[-1]:
        raise NotFound("no bounds on both sides")
    return max(ends[1], key=lambda n: value(n, {})), min(ends[-1], key=lambda n: value(n, {}))


def _maximum(slope: Callable[[mp.mpf], mp.mpf], low: mp.mpf, high: mp.mpf) -> mp.mpf:
    """Return the place where the slope turns from positive to negative, once."""
    places = [low + (high - low) * (2 * k + 1) / (2 * GRID) for k in range(GRID)]
    signs = [slope(at) > 0 for at in places]
    turns = [k for k in range(GRID - 1) if signs[k] != signs[k + 1]]
    if len(turns) != 1 or not signs[0]:
        raise NotFound("not one maximum")
    a, b = places[turns[0]], places[turns[0] + 1]
    for _ in range(60):
        middle = (a + b) / 2
        a, b = (middle, b) if slope(middle) > 0 else (a, middle)
    return a


def _between(top: mp.mpf, end: mp.mpf, share: Fraction) -> Fraction:
    """Return a short fraction at about a share of the way from the maximum to an end."""
    near, far = (Fraction(float(top + (end - top) * float(share * k))) for k in (Fraction(1, 2), Fraction(1)))
    return simplest(*sorted((near, far)))


def _split(goal: Goal, x: str, at: Fraction, above: Prover, below: Prover) -> Certificate:
    return by_rule(goal, [above, below], "split", at=f"{x} - ({at})")


def _grown(goal: Goal, x: str, start: Node, way: int, prove: Prover) -> Certificate:
    parameters = {"variable": x, "as": new_name(goal, "u"), "from": unparse(start), "inward": way, "strict": "start"}
    return by_rule(goal, prove, "grow", **parameters)
