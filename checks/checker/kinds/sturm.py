"""Sign of a polynomial in one variable on an interval with rational ends, by a Sturm sequence.

``p = square**2 * rest`` with ``rest`` free of roots in the interval and positive somewhere in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, fraction, same_up_to_scale
from checks.checker.grammar import parse

Coefficients = list[Fraction]


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
        square = poly.ratio(parse(certificate["square"]), goal.context)[0]
        rest = poly.ratio(parse(certificate["rest"]), goal.context)[0]
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
    if not _value(line, inside) > 0:
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
    degree = max((dict(m).get(name, 0) for m in p), default=0)
    line = [Fraction(0)] * (degree + 1)
    for monomial, coefficient in p.items():
        line[dict(monomial).get(name, 0)] += coefficient
    return line


def _value(line: Coefficients, x: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(line):
        total = total * x + coefficient
    return total


def _inside(low: Fraction | None, high: Fraction | None) -> Fraction:
    if low is not None and high is not None:
        if high < low:
            raise Rejected("the interval is empty")
        return (low + high) / 2
    return low + 1 if low is not None else high - 1 if high is not None else Fraction(0)


def _remainder(a: Coefficients, b: Coefficients) -> Coefficients:
    a = a[:]
    while len(a) >= len(b):
        factor = a[-1] / b[-1]
        for k in range(len(b)):
            a[len(a) - len(b) + k] -= factor * b[k]
        a.pop()
        while a and not a[-1]:
            a.pop()
    return a


def sequence(line: Coefficients) -> list[Coefficients]:
    """Return the Sturm sequence p, p', -rem(p, p'), ..."""
    line = line[:]
    while line and not line[-1]:
        line.pop()
    chain = [line, [k * c for k, c in enumerate(line)][1:]]
    while chain[-1]:
        chain.append([-c for c in _remainder(chain[-2], chain[-1])])
    return chain[:-1]


def _changes(values: list[Fraction]) -> int:
    signs = [v > 0 for v in values if v]
    return sum(a != b for a, b in zip(signs[:-1], signs[1:], strict=True)) if signs else 0


def roots(line: Coefficients, low: Fraction | None, high: Fraction | None, low_open: bool, high_open: bool) -> int:
    """Count the distinct roots in the interval; ends count unless they are open."""
    chain = sequence(line)
    if not chain[0]:
        raise Rejected("the zero polynomial")

    def at(x: Fraction | None, sign: int) -> int:
        if x is None:
            return _changes([c[-1] * (sign if len(c) % 2 == 0 else 1) for c in chain])
        return _changes([_value(c, x) for c in chain])

    # Sturm: the sequence divided by its last member counts the distinct roots in (low, high]
    count = at(low, -1) - at(high, 1) if _squarefree_ends(chain, low, high) else _deflated(chain, low, high)
    if low is not None and not low_open and not _value(line, low):
        count += 1
    if high is not None and high_open and not _value(line, high) and low != high:
        count -= 1
    return count


def _squarefree_ends(chain: list[Coefficients], low: Fraction | None, high: Fraction | None) -> bool:
    last = chain[-1]
    return all(x is None or _value(last, x) for x in (low, high))


def _deflated(chain: list[Coefficients], low: Fraction | None, high: Fraction | None) -> int:
    """Count where an end is a multiple root: divide the last member out first."""
    quotient = _divide(chain[0], chain[-1])
    fresh = sequence(quotient)

    def at(x: Fraction | None, sign: int) -> int:
        if x is None:
            return _changes([c[-1] * (sign if len(c) % 2 == 0 else 1) for c in fresh])
        return _changes([_value(c, x) for c in fresh])

    return at(low, -1) - at(high, 1)


def _divide(a: Coefficients, b: Coefficients) -> Coefficients:
    a = a[:]
    quotient = [Fraction(0)] * (len(a) - len(b) + 1)
    while len(a) >= len(b):
        factor = a[-1] / b[-1]
        quotient[len(a) - len(b)] = factor
        for k in range(len(b)):
            a[len(a) - len(b) + k] -= factor * b[k]
        a.pop()
        while a and not a[-1]:
            a.pop()
    return quotient
