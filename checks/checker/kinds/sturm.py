"""Sign of a polynomial in one variable on an interval with rational ends, by a Sturm sequence.

``p = square**2 * rest`` with ``rest`` free of roots in the interval and positive somewhere in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, fraction, same_up_to_scale
from checks.checker.roots import Coefficients, roots, value


def verify(p: poly.Poly, sign: str, goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Accept when p > 0 (p >= 0 when squares are split off) on the interval that the hypotheses give.

    Raises
    ------
    Rejected
        When an end of the interval is no hypothesis or a root lies in it.
    """
    name = certificate["variable"]
    if not poly.generators(p) <= {name}:
        raise Rejected("the goal has more than one variable")
    low, low_open = _end(certificate.get("low"), name, 1, goal)
    high, high_open = _end(certificate.get("high"), name, -1, goal)
    rest = p
    if certificate.get("square"):
        square, rest = goal.polynomial(certificate["square"]), goal.polynomial(certificate["rest"])
        if not poly.generators(square) | poly.generators(rest) <= {name}:
            raise Rejected("the square has more than one variable")
        if poly.multiply(poly.multiply(square, square), rest) != p:
            raise Rejected("the square does not divide the goal")
        if sign == ">" and roots(dense(square, name), low, high, low_open, high_open):
            raise Rejected("the split-off square vanishes in the interval")
    line = dense(rest, name)
    if roots(line, low, high, low_open, high_open):
        raise Rejected("a root lies in the interval")
    inside = _inside(low, high)
    if not value(line, inside) > 0:
        raise Rejected("the goal is negative in the interval")


def _end(text: Any, name: str, direction: int, goal: Goal) -> tuple[Fraction | None, bool]:
    if text is None:
        return None, True
    end = fraction(text)
    wanted = poly.add(poly.generator(name), poly.constant(end), -1)
    if direction < 0:
        wanted = poly.multiply(wanted, poly.constant(-1))
    found = [relation for fact, relation in goal.facts() if relation in (">", ">=") and same_up_to_scale(fact, wanted)]
    if not found:
        raise Rejected(f"the end {text} of the interval is no hypothesis")
    return end, ">" in found


def dense(p: poly.Poly, name: str) -> Coefficients:
    """Return the coefficients from the constant upwards."""
    parts = poly.powers(p, name)
    return [parts.get(k, {}).get((), Fraction(0)) for k in range(max(parts, default=0) + 1)]


def _inside(low: Fraction | None, high: Fraction | None) -> Fraction:
    if low is not None and high is not None:
        if high < low:
            raise Rejected("the interval is empty")
        return (low + high) / 2
    return low + 1 if low is not None else high - 1 if high is not None else Fraction(0)
