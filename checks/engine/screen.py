"""Screen many scalar points at once in floating point: which ones may be counterexamples.

Floats only propose: what passes is evaluated exactly afterwards, and comparisons get a margin so that equality cases
pass the screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.checker.grammar import Node
from checks.checker.polynomial import NotRational

Array = npt.NDArray[Any]
MARGIN = 1e-9
# marks the points where some intermediate value was no finite number: they pass, whatever came out at the end
_ODD = "\0odd"


def suspects(given: Sequence[Node], show: Sequence[Node], points: Sequence[Mapping[str, Fraction]]) -> list[int]:
    """Return the positions of the points where the hypotheses may hold and a conclusion may fail, in order.

    Points at which a term is not a number pass: degenerate cases are what a refuter looks for.
    """
    if not points:
        return []
    values = {name: np.array([float(p[name]) for p in points]) for name in points[0]}
    values[_ODD] = np.zeros(len(points), dtype=bool)
    with np.errstate(all="ignore"):
        try:
            keep = np.ones(len(points), dtype=bool)
            for node in given:
                keep &= _may_hold(node, values)
            fails = np.zeros(len(points), dtype=bool)
            for node in show:
                fails |= _may_fail(node, values)
        except NotRational:
            return list(range(len(points)))
    return [int(i) for i in np.nonzero((keep | values[_ODD]) & (fails | values[_ODD]))[0]]


def _may_hold(node: Node, values: Mapping[str, Array]) -> Array:
    if node[0] == "compare":
        sides = [_number(term, values) for term in node[2]]
        result = np.ones(np.broadcast(*sides).shape or (1,), dtype=bool)
        for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
            gap = np.asarray(b - a)
            slack = MARGIN * (1 + abs(a) + abs(b))
            if sign in ("<", "<="):
                now = gap >= -slack
            elif sign in (">", ">="):
                now = gap <= slack
            elif sign == "==":
                now = abs(gap) <= slack
            else:
                now = np.ones_like(gap, dtype=bool)
            result = result & now
        return result
    if node[0] == "and":
        return _may_hold(node[1], values) & _may_hold(node[2], values)
    if node[0] == "or":
        return _may_hold(node[1], values) | _may_hold(node[2], values)
    if node[0] == "not":
        return _may_fail(node[1], values)
    if node[0] == "implies":
        return _may_fail(node[1], values) | _may_hold(node[2], values)
    raise NotRational(f"{node[0]!r} is not screened")


def _may_fail(node: Node, values: Mapping[str, Array]) -> Array:
    if node[0] == "compare":
        sides = [_number(term, values) for term in node[2]]
        result = np.zeros(np.broadcast(*sides).shape or (1,), dtype=bool)
        for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
            gap = np.asarray(b - a)
            slack = MARGIN * (1 + abs(a) + abs(b))
            if sign in ("<", "<="):
                now = ~(gap > slack)
            elif sign in (">", ">="):
                now = ~(gap < -slack)
            elif sign == "==":
                now = ~(abs(gap) <= 1e-12 * (1 + abs(a) + abs(b)))
            else:
                now = ~(abs(gap) > slack)
            # a weak comparison that holds with equality everywhere is left to the exact test
            result = result | now
        return result
    if node[0] == "and":
        return _may_fail(node[1], values) | _may_fail(node[2], values)
    if node[0] == "or":
        return _may_fail(node[1], values) & _may_fail(node[2], values)
    if node[0] == "not":
        return _may_hold(node[1], values)
    if node[0] == "implies":
        return _may_hold(node[1], values) & _may_fail(node[2], values)
    raise NotRational(f"{node[0]!r} is not screened")


def _number(node: Node, values: Mapping[str, Array]) -> Array:
    kind = node[0]
    if kind == "number":
        return np.asarray(float(node[1]))
    if kind == "name":
        return values[node[1]]
    if kind == "call":
        arguments = [_number(a, values) for a in node[2]]
        table: dict[str, Any] = {"sqrt": np.sqrt, "exp": np.exp, "log": np.log, "abs": np.abs}
        if node[1] == "pi":
            return np.asarray(np.pi)
        if node[1] in table:
            result = np.asarray(table[node[1]](arguments[0]))
            values[_ODD][...] |= ~np.isfinite(result)
            return result
        return np.asarray(
            np.min(np.broadcast_arrays(*arguments), axis=0)
            if node[1] == "min"
            else np.max(np.broadcast_arrays(*arguments), axis=0)
        )
    if kind in ("+", "-", "*", "/", "**"):
        a, b = _number(node[1], values), _number(node[2], values)
        if kind == "+":
            return np.asarray(a + b)
        if kind == "-":
            return np.asarray(a - b)
        if kind == "*":
            return np.asarray(a * b)
        result = np.asarray(a / b if kind == "/" else a**b)
        values[_ODD][...] |= ~np.isfinite(result)
        return result
    raise NotRational(f"{kind!r} is not screened")
