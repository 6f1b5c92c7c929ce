"""Identities between matrices: a combination of the hypotheses, or matrices for which the identity fails.

A proof of a line of ``show`` is an expression in the numbered equalities @1, @2, ... of `checks.checker.word_statement`
that vanishes where all of them are zero, and equals the numerator of the difference of the two sides (times a number
that is never zero) where each stands for the numerator of left minus right.  Lemmas are such expressions too, each
numbered on, in those before it.  Where all sizes are numbers, a step of kind ``entries`` compares entry by entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected, chosen, same_up_to_scale
from checks.checker.polynomial import Poly
from checks.checker.word_entries import Expansion
from checks.checker.word_grammar import read_expression
from checks.checker.word_point import Point
from checks.checker.word_statement import read
from checks.checker.words import UNIT, Algebra, Value


def lower(p: Poly, modulo: tuple[str, int] | None) -> Iterator[Poly]:
    """Yield the coefficients of the powers that count, or the whole polynomial."""
    if modulo is None:
        yield p
        return
    parts = poly.powers(p, modulo[0])
    yield from (parts.get(power, {}) for power in range(modulo[1]))


def _parts(p: Poly, modulo: tuple[str, int] | None) -> Iterable[Poly]:
    """Return the coefficients of all powers of the number that tends to zero."""
    return poly.powers(p, modulo[0]).values() if modulo else [p]


def _near(p: Poly, modulo: tuple[str, int] | None) -> Poly:
    """Return a polynomial where the number that tends to zero is zero."""
    return next(lower(p, modulo)) if modulo else p


def prove(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a combination of the known equalities for each line of ``show``.

    Raises
    ------
    Rejected
        When it does not vanish with them, is not the difference of the sides, or a denominator may vanish.
    """
    stated, steps = read(formal), certificate["steps"]
    if len(steps) != len(stated.shown):
        raise Rejected(f"{len(stated.shown)} equalities, {len(steps)} combinations")
    nonzero, known = stated.nonzero(), stated.differences()
    for (left, right), step in zip(stated.shown, steps, strict=True):
        divided: list[Poly] = []
        wanted = stated.difference(left, right, divided)
        bound = dict(known)
        for text in step.get("lemmas", ()):
            bound[f"@{len(bound) + 1}"] = _combined(stated.algebra, text, bound, divided)
        found = _combined(stated.algebra, step["combination"], bound, divided)
        if not all(_never_zero(_near(q, stated.modulo), nonzero) for q in divided):
            raise Rejected("a denominator is not known to be different from zero")
        multiplier = stated.algebra.value(read_expression(step.get("multiplier", "1")), [])
        if not _never_zero(_near(multiplier.number, stated.modulo), nonzero):
            raise Rejected("the multiplier is not known to be different from zero")
        gap = stated.algebra.add(_times(stated.algebra, multiplier, wanted), found, -1)
        left_over = list(gap.top.values())
        if step["kind"] not in ("expand", "combine", "entries"):
            raise Rejected(f"{step['kind']!r} is no kind of step")
        if step["kind"] == "entries":
            left_over = Expansion(stated.algebra, stated.diagonal).polynomials(gap)
        if any(part for p in left_over for part in lower(p, stated.modulo)):
            raise Rejected("the combination is not the difference of the two sides")


def _times(algebra: Algebra, multiplier: Value, value: Value) -> Value:
    """Return the numerator of a value times a number.

    Raises
    ------
    Rejected
        When the multiplier is no polynomial in numbers and traces.
    """
    if multiplier.shape != UNIT or multiplier.bottom != poly.ONE:
        raise Rejected("the multiplier is no number without denominators")
    return algebra.times(multiplier, Value(value.shape, value.top, poly.ONE))


def _combined(algebra: Algebra, text: str, bound: Mapping[str, Value], divided: list[Poly]) -> Value:
    """Return an expression in equalities that vanishes where they hold; it divides by numbers alone."""
    node = read_expression(text)
    zeros = {name: Value(value.shape, {}, poly.ONE) for name, value in bound.items()}
    if replace(algebra, bound=zeros).value(node, []).top:
        raise Rejected(f"{text!r} does not vanish where the hypotheses hold")
    value = replace(algebra, bound=bound).value(node, divided)
    if value.bottom != poly.ONE:
        raise Rejected(f"{text!r} has a denominator")
    return value


def _never_zero(q: Poly, nonzero: list[Poly]) -> bool:
    def known(p: Poly) -> bool:
        return any(same_up_to_scale(p, fact, positive=False) for fact in nonzero)

    return known(q) or (len(q) == 1 and all(known(poly.generator(g)) for g, _ in next(iter(q))))


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept sizes, numbers and matrices that satisfy all hypotheses, and for which a line of ``show`` fails.

    Raises
    ------
    Rejected
        When a hypothesis fails or is undefined there, or the line holds.
    """
    stated = read(formal)
    at = Point.read(stated.algebra, stated.diagonal, certificate)
    for sign, left, right in stated.hypotheses:
        divided: list[Poly] = []
        value = stated.difference(left, right, divided)
        if not at.defined(divided) or not at.compares(value, sign):
            raise Rejected("a hypothesis fails at the point")
    divided = []
    value = stated.difference(*chosen(stated.shown, certificate["line"]), divided)
    if any(not any(at.number(part) for part in _parts(q, stated.modulo)) for q in divided):
        return
    if not at.defined([_near(q, stated.modulo) for q in divided]):
        raise Rejected("a denominator tends to zero at the point")
    parts = {word: list(lower(p, stated.modulo)) for word, p in value.top.items()}
    for k in range(stated.modulo[1] if stated.modulo else 1):
        if not at.compares(replace(value, top={word: found[k] for word, found in parts.items()}), "=="):
            return
    raise Rejected("the equality holds at the point")
