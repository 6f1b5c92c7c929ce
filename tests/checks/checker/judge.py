"""Statements evaluated in fractions and Arb balls, with none of the checker's arithmetic: only its parser is used."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

import flint

from checks.checker.goal import lines
from checks.checker.grammar import Node, names

Number = Fraction | flint.arb
Values = Mapping[str, Number]


class Undefined(ArithmeticError):
    """A term has no value at the point."""


class Undecided(ArithmeticError):
    """The balls overlap."""


def ball(x: Number) -> flint.arb:
    return flint.arb(flint.fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x


def compare(a: Number, sign: str, b: Number) -> bool:
    exact = isinstance(a, Fraction) and isinstance(b, Fraction)
    below, above = (a < b, a > b) if exact else (ball(a) < ball(b), ball(a) > ball(b))
    if not exact and not below and not above:
        raise Undecided
    return {"<": below, "<=": not above, ">": above, ">=": not below, "==": not below and not above}.get(
        sign, below or above
    )


def value(node: Node, values: Values) -> Number:
    """Return the value of a term; rational operations on fractions are exact.

    Raises
    ------
    Undefined
        Where it has none.
    Undecided
        Where the balls do not tell whether it has one, or it is no number.
    """
    kind = node[0]
    if kind == "number":
        return Fraction(node[1])
    if kind == "name":
        return values[node[1]]
    if kind == "call":
        return function(node[1], [value(part, values) for part in node[2]])
    if kind not in ("+", "-", "*", "/", "**"):
        raise Undecided
    a, b = value(node[1], values), value(node[2], values)
    if kind == "**":
        return power(a, b)
    if kind == "/" and compare(b, "==", Fraction(0)):
        raise Undefined
    if not isinstance(a, Fraction) or not isinstance(b, Fraction):
        a, b = ball(a), ball(b)
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


def power(a: Number, b: Number) -> Number:
    if not isinstance(b, Fraction):
        raise Undecided
    if b.denominator == 1:
        if abs(b) > 60:
            raise Undecided
        if b < 0 and compare(a, "==", Fraction(0)):
            raise Undefined
        return a ** int(b)
    zero = compare(a, "==", Fraction(0))
    if compare(a, "<", Fraction(0)) or (zero and b < 0):
        raise Undefined
    return Fraction(0) if zero else ball(a) ** ball(b)


def function(name: str, found: list[Number]) -> Number:
    if name in ("min", "max"):
        best = found[0]
        for other in found[1:]:
            if compare(other, "<" if name == "min" else ">", best):
                best = other
        return best
    if name == "pi":
        return flint.arb.pi()
    (x,) = found
    if name == "abs":
        return abs(x)
    if (name == "log" and not compare(x, ">", Fraction(0))) or (name == "sqrt" and compare(x, "<", Fraction(0))):
        raise Undefined
    if isinstance(x, Fraction):
        root = Fraction(isqrt(abs(x.numerator)), isqrt(x.denominator))
        if name == "sqrt" and root**2 == x:
            return root
        if (x == 0 and name in ("exp", "sin", "cos", "tan")) or (x == 1 and name == "log"):
            return Fraction(int(name in ("exp", "cos")))
    return getattr(ball(x), name)()


def truth(node: Node, values: Values) -> bool | None:
    """Return whether a statement holds: None where an undefined term leaves it open.

    Raises
    ------
    Undecided
        Where the balls overlap.
    """
    kind = node[0]
    if kind == "compare":
        try:
            sides = [value(part, values) for part in node[2]]
        except Undefined:
            return None
        return all(compare(a, sign, b) for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True))
    if kind == "not":
        inner = truth(node[1], values)
        return None if inner is None else not inner
    first, second = truth(node[1], values), truth(node[2], values)
    if kind == "implies":
        first, kind = (None if first is None else not first), "or"
    decisive = kind == "or"
    return decisive if decisive in (first, second) else None if None in (first, second) else not decisive


def holds(formal: Mapping[str, Any], key: str, values: Values) -> bool:
    """Return whether every line under a key is true at the point (an undefined one is not)."""
    with flint.ctx.workprec(200):
        return all(truth(node, values) is True for node in lines(formal, key))


def points(formal: Mapping[str, Any], count: int, seed: int = 7) -> Iterator[dict[str, Fraction]]:
    """Yield points for the names of a statement: its own numbers, their near neighbours, and small fractions."""
    text = " ".join([*formal.get("let", ()), *formal.get("given", ()), *formal.get("show", ())])
    ends = {Fraction(x) for x in re.findall(r"(?<![\w.])\d+(?:/\d+)?", text) if len(x) < 6} | {Fraction(0), Fraction(1)}
    near = {s * e + d for e in ends for s in (1, -1) for d in (Fraction(0), Fraction(1, 100), Fraction(-1, 100))}
    pool, draw = sorted(near | {Fraction(k, 4) for k in range(-12, 17)}), random.Random(seed)
    words = sorted(set().union(*(names(node) for key in ("given", "show") for node in lines(formal, key))))
    for _ in range(count):
        point = {word: draw.choice(pool) for word in words}
        yield {w: Fraction(round(x)) if w in formal.get("integers", ()) else x for w, x in point.items()}


def violation(formal: Mapping[str, Any], count: int = 400) -> dict[str, Fraction] | None:
    """Return a point at which every hypothesis of a ``forall`` statement holds and a conclusion does not, or None."""
    for point in points(formal, count):
        try:
            if holds(formal, "given", point) and not holds(formal, "show", point):
                return point
        except Undecided:
            continue
    return None
