"""Points of a domain given by comparisons: one name after the other, each between the bounds at those before it.

At values of the earlier names, every atom in which one more name occurs is a polynomial in that name.  Linear ones
bound it exactly; the real roots of the others cut its range into cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, permutations
from math import ceil, floor, inf, isqrt

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.enclosures import root
from checks.engine.refute.statement import Atom

Bound = Fraction | float  # a fraction, or an infinity
Box = dict[str, tuple[Bound, Bound]]
FAR = Fraction(10**6)
MOST_ORDERS = 24


class Domain:
    """The points that satisfy the polynomial atoms of a clause, as far as bounds of single names tell."""

    def __init__(self, atoms: Iterable[Atom], names: Sequence[str], integers: frozenset[str]) -> None:
        self.names, self.integers = list(names), integers
        self.facts = [
            (p, atom.relation)
            for atom in atoms
            if atom.relation != "!=" and (p := atom.polynomial) is not None and 0 < len(p) <= 200
        ]
        self.box = propagated(self.facts, names)

    def orders(self, most: int = 6) -> list[tuple[str, ...]]:
        """Return orders of the names, those first along which most names get bounds on both sides."""

        def looseness(order: tuple[str, ...]) -> int:
            known: set[str] = set()
            loose = 0
            for name in order:
                known.add(name)
                sides = {(-inf < self.box[name][0]) * -1, (self.box[name][1] < inf) * 1} - {0}
                for p, relation in self.facts:
                    if name in poly.generators(p) <= known:
                        slope = p.get(((name, 1),), 0)
                        sides |= {-1, 1} if relation == "==" or _degree(p, name) != 1 or not slope else set()
                        sides.add(-1 if slope > 0 else 1)
                loose += 2 - len(sides)
            return loose

        if len(self.names) > 5:
            ranked = sorted(self.names, key=lambda n: sum(n in poly.generators(p) for p, _ in self.facts))
            return [tuple(ranked), tuple(reversed(ranked)), tuple(self.names)][:most]
        return sorted(permutations(self.names), key=looseness)[: min(most, MOST_ORDERS)]

    def layers(self, order: Sequence[str]) -> list[tuple[str, list[tuple[list[poly.Poly], str]]]]:
        """Return the names with the facts that they complete, as coefficients (polynomials in the earlier names)."""
        found: list[tuple[str, list[tuple[list[poly.Poly], str]]]] = []
        known: set[str] = set()
        for name in order:
            known.add(name)
            own = [(p, relation) for p, relation in self.facts if name in poly.generators(p) <= known]
            found.append((name, [(coefficients(p, name), relation) for p, relation in own]))
        return found

    def points(
        self, parameters: Iterable[Sequence[Fraction]], orders: Sequence[tuple[str, ...]], far: bool = False
    ) -> Iterator[dict[str, Fraction]]:
        """Yield the points at tuples of parameters in [0, 1], for each along every order."""
        layered = [self.layers(order) for order in orders]
        for at in parameters:
            for layers in layered:
                point = self.point(layers, at, far)
                if point is not None:
                    yield point

    def point(
        self, layers: list[tuple[str, list[tuple[list[poly.Poly], str]]]], at: Sequence[Fraction], far: bool = False
    ) -> dict[str, Fraction] | None:
        """Return the point at parameters in [0, 1], or None where a range is empty, or has no such end.

        An infinite end is left out, or replaced by a ``far`` point.
        """
        values: dict[str, Fraction] = {}
        for (name, facts), t in zip(layers, at, strict=True):
            low, high = self.box[name]
            curved: list[tuple[list[Fraction], str]] = []
            for line, relation in facts:
                numbers = [poly.evaluate(c, values) for c in line]
                while numbers and not numbers[-1]:
                    numbers.pop()
                if len(numbers) <= 1:
                    sign = numbers[0] if numbers else 0
                    if not (sign > 0 if relation == ">" else sign >= 0 if relation == ">=" else sign == 0):
                        return None
                elif len(numbers) == 2:
                    end = -numbers[0] / numbers[1]
                    low = max(low, end) if relation == "==" or numbers[1] > 0 else low
                    high = min(high, end) if relation == "==" or numbers[1] < 0 else high
                else:
                    curved.append((numbers, relation))
            if low > high:
                return None
            value = self._chosen(name, low, high, curved, t, far)
            if value is None:
                return None
            values[name] = value
        return values

    def _chosen(
        self, name: str, low: Bound, high: Bound, curved: list[tuple[list[Fraction], str]], t: Fraction, far: bool
    ) -> Fraction | None:
        if curved:
            cells = _cells(low, high, curved)
            if not cells:
                return None
            place = t * len(cells)
            index = min(floor(place), len(cells) - 1)
            (low, high), t = cells[index], place - index
        if name in self.integers:
            low = low if low == -inf else ceil(low)
            high = high if high == inf else floor(high)
            if low > high:
                return None
        if not far and ((t == 1 and high == inf) or (low == -inf and t == (0 if high == inf else 1))):
            return None
        value = between(low, high, t)
        if name in self.integers:
            value = Fraction(round(value))
            value = min(max(value, Fraction(low) if low != -inf else value), Fraction(high) if high != inf else value)
        return value


def between(low: Bound, high: Bound, t: Fraction) -> Fraction:
    """Return the point at t in [0, 1] of an interval; an infinite end is replaced by a far point."""
    if isinstance(low, float) and isinstance(high, float):
        if t in (0, 1):
            return FAR if t else -FAR
        return (2 * t - 1) / (2 * t * (1 - t))
    if isinstance(high, float):
        return Fraction(low) + (FAR if t == 1 else t / (1 - t))
    if isinstance(low, float):
        return Fraction(high) - (FAR if t == 1 else t / (1 - t))
    return Fraction(low) + t * (Fraction(high) - Fraction(low))


def coefficients(p: poly.Poly, name: str) -> list[poly.Poly]:
    """Return the coefficients of the powers of a name, from the constant upwards."""
    found: list[poly.Poly] = [{} for _ in range(_degree(p, name) + 1)]
    for monomial, value in p.items():
        found[dict(monomial).get(name, 0)][tuple(item for item in monomial if item[0] != name)] = value
    return found


def _degree(p: poly.Poly, name: str) -> int:
    return max((dict(monomial).get(name, 0) for monomial in p), default=0)


def _cells(low: Bound, high: Bound, curved: list[tuple[list[Fraction], str]]) -> list[tuple[Bound, Bound]]:
    """Return the parts of an interval on which polynomials of one variable have their signs (points for equalities)."""
    cuts: set[Fraction] = set()
    for numbers, relation in curved:
        found = set(near_roots(numbers))
        if relation == "==":
            exact = [x for x in found if not _value(numbers, x) and low <= x <= high]
            return [(x, x) for x in sorted(exact) if _signs_hold(curved, x)]
        cuts |= found
    ends: list[Bound] = [low, *sorted(x for x in cuts if low < x < high), high]
    cells = []
    for a, b in pairwise(ends):
        if _signs_hold(curved, between(a, b, Fraction(1, 2))):
            cells.append((a, b))
    return cells + [(x, x) for x in ends[1:-1] if isinstance(x, Fraction) and _signs_hold(curved, x)]


def near_roots(numbers: Sequence[Fraction]) -> Iterator[Fraction]:
    """Yield fractions near the real roots of a polynomial, exact ones where a root is a short rational."""
    if len(numbers) == 3:
        square = numbers[1] ** 2 - 4 * numbers[0] * numbers[2]
        if square < 0:
            return
        p, q = isqrt(square.numerator), isqrt(square.denominator)
        if p * p == square.numerator and q * q == square.denominator:
            yield from ((-numbers[1] + s * Fraction(p, q)) / (2 * numbers[2]) for s in (-1, 1))
            return
    try:
        line = np.array([float(c) for c in reversed(numbers)])
    except OverflowError:
        return
    if not np.isfinite(line).all() or not line[0]:
        return
    for zero in np.roots(line / abs(line).max()):
        if abs(zero.imag) <= 1e-7 * (1 + abs(zero.real)):
            yield Fraction(float(zero.real)).limit_denominator(10**6)


def _value(numbers: Sequence[Fraction], x: Fraction) -> Fraction:
    total = Fraction(0)
    for c in reversed(numbers):
        total = total * x + c
    return total


def _signs_hold(curved: list[tuple[list[Fraction], str]], x: Fraction) -> bool:
    for numbers, relation in curved:
        value = _value(numbers, x)
        if not (value > 0 if relation == ">" else value >= 0 if relation == ">=" else value == 0):
            return False
    return True


def propagated(facts: Sequence[tuple[poly.Poly, str]], names: Sequence[str], rounds: int = 4) -> Box:
    """Return ranges of the names that follow from facts, each solved for names that it holds linearly.

    ``c x + r >= 0`` with c > 0 on the box gives ``x >= -sup r / c``; ranges are only a guide, and stay infinite where
    nothing better is known.
    """
    box: Box = dict.fromkeys(names, (-inf, inf))
    for _ in range(rounds):
        before = dict(box)
        for p, relation in facts:
            for name in sorted(poly.generators(p) & set(names)):
                line = coefficients(p, name)
                for sign in (1, -1) if relation == "==" else (1,):
                    if len(line) == 2:
                        _tighten(box, name, line[1], line[0], sign)
                    elif len(line) == 3 and not line[1]:
                        _tighten_square(box, name, line[2], line[0], sign)
        if box == before:
            break
    return box


def _tighten(box: Box, name: str, slope: poly.Poly, rest: poly.Poly, sign: int) -> None:
    # sign * (slope * x + rest) >= 0
    c, r = _range(slope, box, sign), _range(rest, box, sign)
    low, high = box[name]
    if c[0] > 0:
        low = max(low, _least(-r[1], c))
    elif c[1] < 0:
        high = min(high, -_least(-r[1], (-c[1], -c[0])))
    if low <= high:
        box[name] = (low, high)


def _tighten_square(box: Box, name: str, slope: poly.Poly, rest: poly.Poly, sign: int) -> None:
    # sign * (slope * x**2 + rest) >= 0 with a negative slope
    c, r = _range(slope, box, sign), _range(rest, box, sign)
    if c[1] < 0 and isinstance(r[1], Fraction) and r[1] >= 0:
        size = root(r[1] / -Fraction(c[1]), 2, 8)[1]
        low, high = box[name]
        box[name] = (max(low, -size), min(high, size))


def _least(top: Bound, c: tuple[Bound, Bound]) -> Bound:
    """Return the least value of top / c over positive c."""
    if isinstance(top, float):
        return -inf
    return top / Fraction(c[0]) if top < 0 else Fraction(0) if c[1] == inf else top / Fraction(c[1])


def _range(p: poly.Poly, box: Mapping[str, tuple[Bound, Bound]], sign: int) -> tuple[Bound, Bound]:
    low: Bound = Fraction(0)
    high: Bound = Fraction(0)
    for monomial, value in p.items():
        term: tuple[Bound, Bound] = (sign * value, sign * value)
        for name, exponent in monomial:
            a, b = box.get(name, (-inf, inf))
            for _ in range(exponent // 2):
                square = (
                    Fraction(0) if a < 0 < b else min(_times(a, a), _times(b, b)),
                    max(_times(a, a), _times(b, b)),
                )
                term = _product(term, square)
            if exponent % 2:
                term = _product(term, (a, b))
        low, high = low + term[0], high + term[1]
    return low, high


def _product(a: tuple[Bound, Bound], b: tuple[Bound, Bound]) -> tuple[Bound, Bound]:
    ends = [_times(x, y) for x in a for y in b]
    return min(ends), max(ends)


def _times(x: Bound, y: Bound) -> Bound:
    return Fraction(0) if not x or not y else x * y
