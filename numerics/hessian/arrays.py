r"""The Hessian of an array model, by structure: the reverse mode applied to :math:`\langle \nabla\ell(w), v\rangle`.

The gradient of that number in w is :math:`\nabla^2 \ell(w)\, v`; theory derives both as nodes of one shared graph, so
a product costs a small multiple of a gradient, whatever the depth.

Source: B. A. Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from numerics.arrays.stable import shift_exponentials
from numerics.errors import InputError
from numerics.hessian.operators import HessianOperator
from numerics.random import F64
from theory.derive.reverse import ArrayGradient, gradients
from theory.derive.terms import Kind, T, Term, Terms

_LETTERS = "abcdefghijklmnopqrstuvwxy"
_SAMPLE = "z"


@dataclass(frozen=True)
class HessianProduct:
    """Per-sample ``H v`` by weight, as nodes of a graph with a leaf for the direction of each weight."""

    terms: Terms
    directions: Mapping[sp.MatrixSymbol, str]
    products: Mapping[sp.MatrixSymbol, int]


def hessian_product(derived: ArrayGradient) -> HessianProduct:
    """Derive the product of the per-sample Hessian with a direction; its nodes join the graph of the gradient."""
    terms = derived.terms
    leaves: dict[sp.MatrixSymbol, int] = {}
    for place, term in enumerate(terms.nodes):
        if term.kind is Kind.LEAF and term.leaf in derived.gradients:
            leaves[term.leaf] = place
    directions: dict[sp.MatrixSymbol, str] = {}
    parts = []
    for symbol, gradient in derived.gradients.items():
        shape = terms[leaves[symbol]].shape
        directions[symbol] = f"direction of {symbol}"
        axes = tuple(range(len(shape)))
        direction = terms.leaf(directions[symbol], shape)
        parts.append((sp.S.One, terms.contract([(gradient, axes), (direction, axes)], ())))
    along = terms.sum(parts, ())
    found = gradients(terms, along, leaves.values())
    return HessianProduct(terms, directions, {symbol: found[place] for symbol, place in leaves.items()})


def array_hessian(
    derived: ArrayGradient,
    sizes: Mapping[sp.Symbol, int],
    weights: Mapping[str, npt.ArrayLike],
    samples: Mapping[str, npt.ArrayLike],
    shared: Mapping[str, npt.ArrayLike] | None = None,
) -> HessianOperator:
    """Return the Hessian of the mean loss over some samples, as an operator on all weights, one after the other.

    Parameters
    ----------
    derived
        The derived gradient of the model.
    sizes
        Values of the model's sizes.
    weights
        The iterate: arrays by name of the weight; column vectors may be given with or without their second axis.
    samples
        Data of the samples by name, with the sample as the first axis.
    shared
        Data that all samples share, by name.

    Raises
    ------
    InputError
        If an array is missing or has another shape; the message gives both shapes.

    Notes
    -----
    Entries of the operator's vectors follow the order of the model's weights, each in C order.  Derivatives of a ReLU
    are those of the model's convention at zero, and the second derivative there is 0.  Quotients of exponentials are
    computed with shifted exponents (`numerics.arrays.stable`), so that they do not overflow.
    """
    made = hessian_product(derived)
    model = derived.model
    values = {symbol: sp.Integer(size) for symbol, size in sizes.items()}
    given: dict[Any, F64] = {}
    for symbol in model.weights:
        given[symbol] = _fitted(str(symbol.name), weights, _shape(symbol.shape, values))
    needed = {term.leaf for term in (made.terms[p] for p in made.terms.reachable(made.products.values()))}
    for symbol in model.shared:
        if symbol in needed:
            given[symbol] = _fitted(str(symbol.name), shared or {}, _shape(symbol.shape, values))
    count: int | None = None
    batched = set()
    for symbol in model.samples:
        if symbol in needed:
            array = np.asarray(samples.get(str(symbol.name), ()), np.float64)
            count = len(array) if count is None else count
            given[symbol] = _fitted(str(symbol.name), samples, (count, *_shape(symbol.shape, values)))
            batched.add(symbol)
    splits = np.cumsum([given[symbol].size for symbol in model.weights])
    names = list(model.weights)
    roots, _ = shift_exponentials(made.terms, [made.products[symbol] for symbol in names])

    def product(v: F64) -> F64:
        leaves = dict(given)
        for symbol, part in zip(names, np.split(v, splits[:-1]), strict=True):
            leaves[made.directions[symbol]] = part.reshape(given[symbol].shape)
        found = _evaluate(made.terms, roots, leaves, batched, values)
        return np.concatenate([_mean(*found[root]).reshape(-1) for root in roots])

    return HessianOperator(product, int(splits[-1]))


def _shape(shape: tuple[sp.Expr, ...], values: Mapping[sp.Symbol, sp.Integer]) -> tuple[int, ...]:
    return tuple(int(sp.sympify(size).subs(values)) for size in shape if size != 1)


def _fitted(name: str, arrays: Mapping[str, npt.ArrayLike], shape: tuple[int, ...]) -> F64:
    if name not in arrays:
        raise InputError(f"no array {name!r} was given; needed is one of shape {shape}")
    array = np.asarray(arrays[name], np.float64)
    squeezed = array.reshape(shape) if array.size == int(np.prod(shape)) else array
    if squeezed.shape != shape or [s for s in array.shape if s != 1] != [s for s in shape if s != 1]:
        raise InputError(f"array {name!r} has shape {array.shape}; needed is {shape}")
    return squeezed


def _mean(array: F64, batched: bool) -> F64:
    return array.mean(axis=0) if batched else array


def _evaluate(
    terms: Terms,
    roots: list[int],
    leaves: Mapping[Any, F64],
    batched: set[sp.MatrixSymbol],
    values: Mapping[sp.Symbol, sp.Integer],
) -> dict[int, tuple[F64, bool]]:
    """Return the roots, each with the sample as first axis or not."""
    found: dict[int, tuple[F64, bool]] = {}
    for place in terms.reachable(roots):
        term = terms[place]
        arguments = [found[a] for a in term.args]
        many = any(flag for _, flag in arguments)
        if term.kind is Kind.LEAF:
            found[place] = leaves[term.leaf], term.leaf in batched
        elif term.kind is Kind.SUM:
            shape = _shape(term.shape, values)
            total = np.zeros(shape)
            for coefficient, (array, _) in zip(term.coefficients, arguments, strict=True):
                total = total + float(sp.sympify(coefficient).subs(values)) * array
            found[place] = total, many
        elif term.kind is Kind.CONTRACT:
            found[place] = _contract(term, arguments, _shape(term.shape, values), many), many
        elif term.kind is Kind.LARGEST:
            found[place] = np.max(arguments[0][0], axis=-1), many
        else:
            assert term.kind is Kind.MAP
            assert term.function is not None
            (array, flag) = arguments[0]
            function = _function(sp.sympify(term.function).subs(values))
            found[place] = np.broadcast_to(function(array), array.shape), flag
    return found


def _contract(term: Term, arguments: list[tuple[F64, bool]], shape: tuple[int, ...], many: bool) -> F64:
    if not arguments:
        return np.ones(shape)
    inputs = [
        (_SAMPLE if flag else "") + "".join(_LETTERS[axis] for axis in axes)
        for (_, flag), axes in zip(arguments, term.axes, strict=True)
    ]
    output = (_SAMPLE if many else "") + _LETTERS[: term.rank]
    absent = [axis for axis in range(term.rank) if all(axis not in axes for axes in term.axes)]
    arrays = [array for array, _ in arguments]
    for axis in absent:
        inputs.append(_LETTERS[axis])
        arrays.append(np.ones(shape[axis]))
    result: F64 = np.einsum(f"{','.join(inputs)}->{output}", *arrays, optimize=len(arrays) > 2)
    return result


@cache
def _function(expression: sp.Expr) -> Any:
    return sp.lambdify(T, expression, "numpy")
