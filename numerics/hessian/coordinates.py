r"""The Hessian behind an update map in coordinates, by structure.

A step over the batch B is :math:`c'_k = c_k - \eta \sum_{i \in B} \partial_k \ell_i(c)`, so its rule gives the
gradient :math:`g_k = (c_k - c'_k) / \eta` as an expression :math:`g(c_k, S_1, \dots, S_r)` in the coordinate and the
sums :math:`S_j = \sum_{i \in D_j} s_j(c_i)` of the map.  Its directional derivative is

.. math:: D_v g_k = \frac{\partial g}{\partial c} v_k
          + \sum_j \frac{\partial g}{\partial S_j} \sum_{i \in D_j} s_j'(c_i)\, v_i ,

a diagonal plus a matrix of rank r, for any number of coordinates.  The Hessian is that of the mean loss of B:
divided by b.  A coordinate at a kink (zero, for a ReLU) counts as inactive, as in the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from numerics.errors import InputError, LoweringError, describe
from numerics.hessian.operators import DiagonalPlusLowRank
from numerics.random import F64
from theory.derive.update_map import UpdateMap

Function = Callable[..., Any]


@dataclass(frozen=True)
class Derivatives:
    """Directional derivative of a step's gradient, symbolic.

    Attributes
    ----------
    gradient
        By atom, the component g.
    slopes
        By atom, its derivative in the coordinate.
    by_sum
        By atom, its derivatives in the sums of the map, in their order.
    summands
        Derivatives of the summands in the coordinate, in the order of the sums.
    """

    gradient: Mapping[str, sp.Expr]
    slopes: Mapping[str, sp.Expr]
    by_sum: Mapping[str, tuple[sp.Expr, ...]]
    summands: tuple[sp.Expr, ...]


def derivatives(update_map: UpdateMap) -> Derivatives:
    """Derive gradient and directional derivative from the rules of a map.

    Raises
    ------
    LoweringError
        If a rule is not ``c - eta * g`` with g free of the step size.
    """
    c = update_map.coordinate
    (eta,) = [symbol for symbol in update_map.parameters if symbol.name == "eta"] or [sp.Symbol("eta")]
    gradient: dict[str, sp.Expr] = {}
    for atom, rule in update_map.rules.items():
        found = sp.expand(sp.cancel((c - rule) / eta))
        if found.has(eta):
            raise LoweringError(f"the rule {rule} of atom {atom} is no step c - eta*g along a gradient g")
        gradient[atom] = found
    sums = [item.symbol for item in update_map.reductions]
    return Derivatives(
        gradient,
        {atom: sp.diff(g, c) for atom, g in gradient.items()},
        {atom: tuple(sp.diff(g, symbol) for symbol in sums) for atom, g in gradient.items()},
        tuple(sp.diff(item.summand, c) for item in update_map.reductions),
    )


def coordinate_hessian(
    update_map: UpdateMap,
    state: npt.ArrayLike,
    *,
    m: int,
    batch: Iterable[int] | None = None,
    parameters: Mapping[str, float] | None = None,
) -> DiagonalPlusLowRank:
    """Return the Hessian of the mean loss of a batch at a state.

    Parameters
    ----------
    update_map
        What theory derived.
    state
        Coordinates c, shape (n,).
    m
        Sample count, at most n.
    batch
        Samples, distinct, from 0 to m - 1; all of them by default.
    parameters
        Values of parameters of the map other than the step size.

    Raises
    ------
    InputError
        If an argument has no meaning.
    LoweringError
        If the map is no gradient step.

    Examples
    --------
    >>> from theory.derive import update_map
    >>> coordinate_hessian(update_map(), [1.0, 0.0, 0.0], m=2).trace()  # at a minimum it is (n + 4)/m - 1
    2.5
    """
    c, inside = _checked(state, m, batch)
    values = _values(update_map, parameters or {})
    compiled = _compiled(_Key(update_map))
    members = _members(update_map, c, inside, m)
    summed = [np.any([members[atom] for atom in item.atoms], axis=0) for item in update_map.reductions]
    sums = [
        float(np.sum(np.broadcast_to(value(c, *values), c.shape)[where]))
        for value, where in zip(compiled.summands, summed, strict=True)
    ]
    diagonal, left = np.zeros_like(c), np.zeros((len(sums), len(c)))
    for atom, where in members.items():
        part = c[where]
        diagonal[where] = compiled.slopes[atom](part, *sums, *values)
        for row, by_sum in zip(left, compiled.by_sum[atom], strict=True):
            row[where] = by_sum(part, *sums, *values)
    right = np.array(
        [np.where(where, slope(c, *values), 0.0) for slope, where in zip(compiled.summand_slopes, summed, strict=True)]
    ).reshape(len(sums), len(c))
    count = float(np.count_nonzero(inside))
    return DiagonalPlusLowRank(diagonal / count, left / count, right)


def _checked(state: npt.ArrayLike, m: int, batch: Iterable[int] | None) -> tuple[F64, npt.NDArray[np.bool_]]:
    c = np.asarray(state, np.float64)
    if c.ndim != 1 or not np.isfinite(c).all():
        raise InputError(f"the state has shape {c.shape}; it must be a vector of finite coordinates, shape (n,)")
    if isinstance(m, bool) or not isinstance(m, (int, np.integer)) or not 1 <= m <= len(c):
        raise InputError(f"sample count m is {describe(m)}; it must be an integer from 1 to n = {len(c)}")
    inside = np.zeros(len(c), bool)
    chosen = list(range(m)) if batch is None else list(batch)
    if not chosen or len(set(chosen)) < len(chosen) or min(chosen) < 0 or max(chosen) >= m:
        raise InputError(f"the batch is {describe(chosen)}; its entries must be distinct, from 0 to m - 1 = {m - 1}")
    inside[chosen] = True
    return c, inside


def _members(update_map: UpdateMap, c: F64, inside: npt.NDArray[np.bool_], m: int) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the coordinates of every atom; c = 0 belongs to the atoms of c <= 0."""
    data = np.arange(len(c)) < m
    bases = {"batch": inside, "rest": data & ~inside, "outside": ~data}
    signs = {"+": c > 0.0, "-": ~(c > 0.0)}
    return {atom: bases[atom.rstrip("+-")] & signs.get(atom[-1], True) for atom in update_map.rules}


def _values(update_map: UpdateMap, given: Mapping[str, float]) -> list[float]:
    names = [symbol.name for symbol in update_map.parameters if symbol.name != "eta"]
    missing = [name for name in names if name not in given]
    if missing or set(given) - set(names):
        wrong = missing or sorted(set(given) - set(names))
        raise InputError(f"parameter {wrong[0]!r}: this map needs values of exactly {', '.join(names) or 'none'}")
    return [float(given[name]) for name in names]


@dataclass(frozen=True)
class _Functions:
    """The derivatives as NumPy functions of (c, sums, parameters), those of summands of (c, parameters)."""

    slopes: Mapping[str, Function]
    by_sum: Mapping[str, tuple[Function, ...]]
    summands: tuple[Function, ...]
    summand_slopes: tuple[Function, ...]


class _Key:
    """An update map as a key: equal when its formulas are."""

    def __init__(self, update_map: UpdateMap) -> None:
        self.map = update_map
        self._content = (tuple(update_map.rules.items()), update_map.reductions, update_map.parameters)

    def __hash__(self) -> int:
        return hash(self._content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._content == other._content


@cache
def _compiled(key: _Key) -> _Functions:
    """Generate the NumPy code of a map's derivatives."""
    update_map = key.map
    found = derivatives(update_map)
    parameters = [symbol for symbol in update_map.parameters if symbol.name != "eta"]
    inner = [update_map.coordinate, *parameters]
    outer = [update_map.coordinate, *(item.symbol for item in update_map.reductions), *parameters]

    def function(arguments: list[sp.Symbol], expression: sp.Expr) -> Function:
        made: Function = sp.lambdify(arguments, expression, "numpy", cse=True)
        return made

    return _Functions(
        {atom: function(outer, slope) for atom, slope in found.slopes.items()},
        {atom: tuple(function(outer, e) for e in row) for atom, row in found.by_sum.items()},
        tuple(function(inner, item.summand) for item in update_map.reductions),
        tuple(function(inner, slope) for slope in found.summands),
    )
