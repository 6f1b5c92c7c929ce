"""Whether points along a curve are counterexamples, as far as many digits show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

import mpmath as mp

from checks.checker.grammar import Node, parse
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.recognise import DIGITS


def fails_along(
    nodes: Mapping[str, Sequence[Node]], values: Mapping[str, str], t: str, places: Iterable[mp.mpf]
) -> bool:
    """Return whether every hypothesis holds and a conclusion fails at places of a curve.

    Parameters
    ----------
    nodes
        The lines under ``given`` and ``show``.
    values
        The coordinates, as texts in t.
    t, places
        The name along the curve, and its values.
    """
    curve = {n: parse(text) for n, text in values.items()}
    with mp.workdps(DIGITS):
        for place in places:
            try:
                at = {n: value(node, {t: place}) for n, node in curve.items()}
                if not all(_true(node, at) for node in nodes["given"]):
                    return False
            except (ArithmeticError, ValueError, KeyError):
                return False
            with suppress(ArithmeticError, ValueError, KeyError):
                if all(_true(node, at) for node in nodes["show"]):
                    return False
    return True


def _true(node: Node, at: Mapping[str, mp.mpf]) -> bool:
    if node[0] == "and":
        return _true(node[1], at) and _true(node[2], at)
    if node[0] == "or":
        return _true(node[1], at) or _true(node[2], at)
    if node[0] == "implies":
        return not _true(node[1], at) or _true(node[2], at)
    if node[0] == "not":
        return not _true(node[1], at)
    sides = [value(side, at) for side in node[2]]
    small = mp.mpf(10) ** (-DIGITS // 2)
    for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
        near = abs(a - b) <= small * max(1, abs(a))
        if sign in ("==", "!="):
            if near != (sign == "=="):
                return False
        elif near:
            if "=" not in sign:
                return False
        elif (a < b) != (sign[0] == "<"):
            return False
    return True
