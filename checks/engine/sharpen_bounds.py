"""The bounds on the parameter alone among the hypotheses of a claim."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import pieces
from checks.checker.grammar import Node, names, parse, substitute
from checks.engine.unparse import unparse


def without_bounds(formal: Mapping[str, Any], parameter: str, up: bool) -> tuple[list[str], Fraction | None]:
    """Return the hypotheses without the parameter's own bounds on one side, and its bound on the other side."""
    let: dict[str, Node] = {}
    for line in formal.get("let", ()):
        name, _, text = line.partition("=")
        let[name.strip()] = substitute(parse(text), let)
    kept: list[str] = []
    other: Fraction | None = None
    for line in formal.get("given", ()):
        node = parse(line)
        full = substitute(node, let)
        if names(full) != {parameter} or node[0] not in ("compare", "and"):
            kept.append(line)
            continue
        for piece in pieces(node):
            (sign,), (a, b) = piece[1:]
            side = _side(substitute(a, let), sign, substitute(b, let), parameter)
            if side is None or (side[0] > 0) != up:
                kept.append(f"{unparse(a)} {sign} {unparse(b)}")
            if side is not None and (side[0] > 0) != up:
                other = side[1]
    return kept, other


def _side(a: Node, sign: str, b: Node, parameter: str) -> tuple[int, Fraction] | None:
    """Return +1 and the value for an upper bound on the parameter, -1 for a lower one, None for anything else."""
    if sign in (">", ">="):
        a, b, sign = b, a, {">": "<", ">=": "<="}[sign]
    if sign not in ("<", "<="):
        return None
    try:
        top, bottom = poly.ratio(("-", b, a), poly.Context())
    except (poly.NotRational, ValueError):
        return None
    slope = top.get(((parameter, 1),), Fraction(0))
    if set(bottom) != {()} or set(top) - {(), ((parameter, 1),)} or not slope:
        return None
    return (1 if slope < 0 else -1) * (1 if bottom[()] > 0 else -1), -top.get((), Fraction(0)) / slope
