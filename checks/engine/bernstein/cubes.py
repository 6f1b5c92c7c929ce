"""A polynomial on a chart's unit cube: exact composition, then Bernstein coefficients in floating point.

Floats only propose: what is found here is verified with fractions before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.checker import polynomial as poly
from checks.engine.bernstein.chart import Axis

Array = npt.NDArray[np.float64]
# what rounding may have left of a zero, relative to the coefficients of the absolute values
NOISE = 1e-13


def composed(p: poly.Poly, chart: Sequence[Axis]) -> dict[tuple[int, ...], Any]:
    """Return the coefficients of p in the parameters t of a chart, cleared of the powers of 1 - t.

    The polynomial is that of `checks.checker.kinds.bernstein.unit_cube`.
    """
    import flint

    names = [axis.variable for axis in chart]
    context = flint.fmpq_mpoly_ctx.get([*names, *(f"t__{name}" for name in names)], "lex")
    place = {name: i for i, name in enumerate(names)}
    gens = context.gens()
    ts = gens[len(names) :]

    def read(q: poly.Poly) -> Any:
        table = {}
        for monomial, value in q.items():
            exponents = [0] * len(gens)
            for g, e in monomial:
                exponents[place[g]] = e
            table[tuple(exponents)] = flint.fmpq(value.numerator, value.denominator)
        return context.from_dict(table)

    current = read(p)
    for position in range(len(names) - 1, -1, -1):
        axis, t = chart[position], ts[position]
        low, high = (None if q is None else read(q) for q in (axis.low, axis.high))
        if low is not None and high is not None:
            values = [*gens]
            values[position] = low + t * (high - low)
            current = current.compose(*values)
            continue
        gap = 1 - t
        value: Any = low * gap + t if low is not None else read(axis.high or {}) * gap - t
        by_power: dict[int, dict[tuple[int, ...], Any]] = {}
        for exponents, coefficient in current.to_dict().items():
            rest = (*exponents[:position], 0, *exponents[position + 1 :])
            by_power.setdefault(exponents[position], {})[rest] = coefficient
        degree, total = max(by_power, default=0), context.from_dict({})
        for e, part in by_power.items():
            total += context.from_dict(part) * value**e * gap ** (degree - e)
        current = total
    return {exponents[len(names) :]: v for exponents, v in current.to_dict().items()}


def coefficients(table: dict[tuple[int, ...], Any], degrees: Sequence[int]) -> Array:
    """Return the Bernstein coefficients on the unit cube from the power coefficients."""
    b = np.zeros([d + 1 for d in degrees])
    for exponents, value in table.items():
        b[exponents] = float(value.p) / float(value.q)
    for axis, degree in enumerate(degrees):
        b = along(_from_powers(degree), b, axis)
    return b


def along(matrix: Array, b: Array, axis: int) -> Array:
    """Return a tensor with a matrix applied along one axis."""
    return np.moveaxis(np.tensordot(matrix, b, axes=(1, axis)), 0, axis)


@cache
def _from_powers(degree: int) -> Array:
    """Return the matrix C(i, j)/C(d, j) from power to Bernstein coefficients."""
    return np.array([[comb(i, j) / comb(degree, j) for j in range(degree + 1)] for i in range(degree + 1)])


@cache
def _left(degree: int) -> Array:
    """Return de Casteljau's matrix to the lower half of an interval."""
    return np.array([[comb(i, j) / 2**i for j in range(degree + 1)] for i in range(degree + 1)])


def halves(b: Array, axis: int) -> tuple[Array, Array]:
    """Return the Bernstein coefficients on both halves of a box."""
    left = _left(b.shape[axis] - 1)
    return along(left, b, axis), along(left[::-1, ::-1], b, axis)


def positive_faces(b: Array, edges: Sequence[tuple[bool, bool]]) -> bool:
    """Return whether every face that no strict hypothesis excludes holds a positive coefficient."""
    sides: list[list[Any]] = [[slice(None), *([0] if not lo else []), *([-1] if not hi else [])] for lo, hi in edges]
    return all(np.max(b[face]) > 0 for face in product(*sides))


def widest(b: Array) -> int:
    """Return the axis along which the coefficients vary most."""
    return max(
        (a for a, n in enumerate(b.shape) if n > 1), key=lambda a: float(np.sum(np.abs(np.diff(b, axis=a)))), default=0
    )
