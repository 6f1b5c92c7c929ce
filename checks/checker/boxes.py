"""Bernstein coefficients of a polynomial on the unit cube, their subdivision, and the faces of a box."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, product
from math import comb

from checks.checker.goal import Rejected

Box = Sequence[int]


def bernstein(table: Mapping[Box, Fraction], degrees: Sequence[int]) -> dict[Box, Fraction]:
    """Return the Bernstein coefficients ``b_I = sum_{J<=I} prod C(I,J)/C(D,J) a_J`` on the unit cube."""
    current: dict[Box, Fraction] = {i: table.get(i, Fraction(0)) for i in product(*(range(d + 1) for d in degrees))}
    for axis, degree in enumerate(degrees):
        moved: dict[Box, Fraction] = {}
        for i in current:
            total = Fraction(0)
            for j in range(i[axis] + 1):
                total += Fraction(comb(i[axis], j), comb(degree, j)) * current[(*i[:axis], j, *i[axis + 1 :])]
            moved[i] = total
        current = moved
    return current


def halve(
    b: Mapping[Box, Fraction], degrees: Sequence[int], axis: int
) -> tuple[dict[Box, Fraction], dict[Box, Fraction]]:
    """Split the Bernstein coefficients at the middle of one axis (de Casteljau)."""
    left: dict[Box, Fraction] = {}
    right: dict[Box, Fraction] = {}
    d = degrees[axis]
    for i in product(*(range(e + 1) for a, e in enumerate(degrees) if a != axis)):
        line = [b[(*i[:axis], k, *i[axis:])] for k in range(d + 1)]
        for k in range(d + 1):
            left[(*i[:axis], k, *i[axis:])] = line[0]
            right[(*i[:axis], d - k, *i[axis:])] = line[-1]
            line = [(x + y) / 2 for x, y in pairwise(line)]
    return left, right


def require_positive_faces(
    b: Mapping[Box, Fraction], degrees: Sequence[int], edges: Sequence[tuple[bool, bool]]
) -> None:
    """Require a positive coefficient on every face that no strict hypothesis excludes.

    ``edges[a]`` says whether the lower and the upper end of axis a are excluded.

    Raises
    ------
    Rejected
        When the polynomial may vanish on a face.
    """
    sides = [[None, *([0] if not lo else []), *([1] if not hi else [])] for lo, hi in edges]
    for face in product(*sides):
        on_face = (
            value
            for i, value in b.items()
            if all(side is None or i[a] == side * degrees[a] for a, side in enumerate(face))
        )
        if not any(value > 0 for value in on_face):
            raise Rejected("the goal may vanish on a face of the domain")
