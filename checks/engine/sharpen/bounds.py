"""The bounds on the parameter alone among the hypotheses of a claim.

A bound is a hypothesis on the parameter alone whose solutions have no gap and an end on the side asked for: it may be
linear, rational (c**2 <= 2, 1/c >= 3) or made of increasing functions (exp(c) <= 3).  What it says of the other side
stays a hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath as mp
import sympy as sp

from checks.checker import polynomial as poly
from checks.checker.goal import pieces
from checks.checker.grammar import Node, names, parse, substitute
from checks.engine.sharpen.closed import Undefined, value
from checks.engine.sharpen.fractions import between
from checks.engine.sharpen.number import Threshold, thresholds
from checks.engine.unparse import unparse

FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
LARGEST_DEGREE = 12


@dataclass(frozen=True)
class _Solutions:
    """The real solutions of a condition: an interval, None for an end at infinity, with a point strictly inside."""

    low: Threshold | None
    high: Threshold | None
    inside: Fraction
    low_sign: str = ">"
    high_sign: str = "<"


@dataclass(frozen=True)
class _Rest:
    """What stays of a condition on the parameter (None: all of it), and its end on the other side.

    Where that end is irrational it is ``far``, and the one line says no more than that the parameter is past it.
    """

    lines: list[str] | None
    end: Fraction | None = None
    far: Threshold | None = None


def without_bounds(formal: Mapping[str, Any], parameter: str, up: bool) -> tuple[list[str], Fraction | None]:
    """Return the hypotheses without the parameter's own bounds on one side, and its bound on the other side.

    A bound is one also as a part of a chain or of a conjunction; a line without such a bound stays as it is.
    """
    let: dict[str, Node] = {}
    for line in formal.get("let", ()):
        name, _, text = line.partition("=")
        let[name.strip()] = substitute(parse(text), let)
    kept: list[tuple[str, Threshold | None]] = []
    other: Fraction | None = None
    for line in formal.get("given", ()):
        parts = [(piece, substitute(piece, let)) for piece in pieces(parse(line))]
        alone = [(piece, _rest(full, parameter, up)) for piece, full in parts if names(full) == {parameter}]
        ends = [rest.end for _, rest in alone if rest.end is not None]
        if ends:
            other = (max if up else min)(*ends, *([] if other is None else [other]), ends[0])
        if all(rest.lines is None for _, rest in alone):
            kept.append((line, None))
            continue
        for piece, rest in alone:
            kept += [(text, rest.far) for text in ([unparse(piece)] if rest.lines is None else rest.lines)]
        mixed = [unparse(piece) for piece, full in parts if names(full) != {parameter}]
        if mixed:  # one line: which names a line has tells which it restricts
            kept.append((" and ".join(f"({text})" for text in mixed), None))
    return [line for line, far in kept if not _said(far, other, up)], other


def _said(far: Threshold | None, end: Fraction | None, up: bool) -> bool:
    """Return whether an irrational bound follows from a rational one."""
    if far is None or end is None:
        return False
    return end >= far.high if up else end <= far.low


def _rest(full: Node, parameter: str, up: bool) -> _Rest:
    """Return what stays of a condition on the parameter, and its end on the other side."""
    if full[0] != "compare" or full[1][0] not in FLIPPED:
        return _Rest(None)
    (sign,), (a, b) = full[1:]
    found = _solutions(a, sign, b, parameter)
    if found is None:
        return _Rest(_increasing(a, sign, b, parameter, up))
    near, far = (found.high, found.low) if up else (found.low, found.high)
    far_sign = found.low_sign if up else found.high_sign
    end = far.low if far is not None and far.is_rational else None
    if near is None:
        return _Rest(None, end)
    if far is None:
        return _Rest([])
    if end is not None:
        return _Rest([f"{parameter} {far_sign} {end}"], end)
    return _Rest([f"({unparse(full)}) or {parameter} {'>' if up else '<'} {found.inside}"], far=far)


def _solutions(a: Node, sign: str, b: Node, parameter: str) -> _Solutions | None:
    """Return the solutions of a comparison of rational functions of the parameter, None where they have gaps."""
    if sign in (">", ">="):
        a, b, sign = b, a, FLIPPED[sign]
    try:
        top, bottom = poly.ratio(("-", b, a), poly.Context())  # top/bottom > 0, or >= 0
    except (poly.NotRational, ValueError):
        return None
    x = sp.Symbol("x")
    above, below = (
        sp.Poly(
            sum(
                (sp.Rational(v.numerator, v.denominator) * x ** dict(m).get(parameter, 0) for m, v in p.items()),
                sp.Integer(0),
            ),
            x,
        )
        for p in (top, bottom)
    )
    if not 1 <= max(above.degree(), below.degree()) <= LARGEST_DEGREE or above.is_zero:
        return None
    ends: dict[tuple[Any, ...], tuple[Threshold, bool]] = {}
    for p, pole in ((above, False), (below, True)):
        for factor, _ in p.factor_list()[1]:
            line = [int(v) for v in reversed(factor.clear_denoms(convert=True)[1].primitive()[1].all_coeffs())]
            for n, number in enumerate(thresholds(line)):
                ends[(number.polynomial, n)] = (number, pole or ends.get((number.polynomial, n), (0, False))[1])
    marks = [(number.within(Fraction(1, 10**12)), pole) for number, pole in ends.values()]
    marks.sort(key=lambda mark: mark[0].low)
    if not marks:
        return None
    if any(p.high >= q.low for (p, _), (q, _) in pairwise(marks)):
        return None
    gaps = [marks[0][0].low - 1]
    gaps += [between(p.high, q.low) for (p, _), (q, _) in pairwise(marks)]
    gaps.append(marks[-1][0].high + 1)

    def holds(at: Fraction) -> bool:
        value_ = sp.Rational(at.numerator, at.denominator)
        return bool(above.eval(value_) * below.eval(value_) > 0)

    true = [n for n, at in enumerate(gaps) if holds(at)]
    if not true or true != list(range(true[0], true[-1] + 1)):
        return None
    loose = sign == "<="
    if any(pole or not loose for _, pole in marks[true[0] : true[-1]]):
        return None  # a hole inside
    outside = [n for n, (_, pole) in enumerate(marks) if loose and not pole and not true[0] - 1 <= n <= true[-1]]
    if outside:
        return None  # single points besides
    low, high = (marks[n] if 0 <= n < len(marks) else None for n in (true[0] - 1, true[-1]))
    return _Solutions(
        low and low[0],
        high and high[0],
        gaps[true[0]],
        ">=" if loose and low and not low[1] else ">",
        "<=" if loose and high and not high[1] else "<",
    )


def _increasing(a: Node, sign: str, b: Node, parameter: str, up: bool) -> list[str] | None:
    """Return what stays of a bound made of monotone functions, None where the condition is none on that side."""
    if names(a) and names(b):
        return None
    if not names(a):
        a, b, sign = b, a, FLIPPED[sign]
    try:
        with mp.workdps(30):
            level = value(b, {})
            stays: list[str] = []
            while a[0] != "name":
                if a[0] == "call" and a[1] in ("exp", "log", "sqrt"):
                    if (a[1] == "exp" and level <= 0) or (a[1] == "sqrt" and level < 0):
                        return None
                    (inner,) = a[2]
                    if a[1] != "exp":
                        stays.append(f"{unparse(inner)} {'>' if a[1] == 'log' else '>='} 0")
                    level = {"exp": mp.log, "log": mp.exp, "sqrt": lambda v: v * v}[a[1]](level)
                    a = inner
                    continue
                if a[0] not in ("+", "-", "*", "/") or (names(a[1]) and names(a[2])):
                    return None
                first = bool(names(a[1]))
                inner, number = (a[1], value(a[2], {})) if first else (a[2], value(a[1], {}))
                if (a[0] == "/" and not first) or (a[0] in ("*", "/") and not number):
                    return None
                if (a[0] == "-" and not first) or (a[0] in ("*", "/") and number < 0):
                    sign = FLIPPED[sign]
                level = _inverse(a[0], level, number, first)
                a = inner
    except (Undefined, ArithmeticError, ValueError):
        return None
    if (sign[0] == "<") != up:
        return None
    found: list[str] = []
    for line in stays:
        node = parse(line)
        rest = _rest(node, parameter, up).lines
        found += [line] if rest is None else rest
    return found


def _inverse(operation: str, level: mp.mpf, number: mp.mpf, first: bool) -> mp.mpf:
    """Return u where an operation on u and a number (u first, or last) gives a level."""
    if operation == "+":
        return level - number
    if operation == "-":
        return level + number if first else number - level
    return level / number if operation == "*" else level * number
