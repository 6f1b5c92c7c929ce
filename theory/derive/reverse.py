r"""Gradients of array terms by structure: reverse mode.

Adjoints go from the loss to the leaves.  A sum hands :math:`c_i \bar S` to its i-th part; a map hands
:math:`f'(T) \circ \bar F`; a contraction hands to a factor the contraction of :math:`\bar C` with the other factors,
over the same axes.  The number of nodes is a small multiple of that of the loss, whatever the sizes.

Source: A. Griewank, A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, Chapter 3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sympy as sp

from theory.derive.reading import Reader
from theory.derive.terms import Kind, T, Terms
from theory.models import ArrayModel


def gradients(terms: Terms, loss: int, leaves: Iterable[int]) -> dict[int, int]:
    """Return the gradient of a loss with respect to some leaves; the nodes are added to the graph.

    Raises
    ------
    ValueError
        If the loss is not a number, or contains a maximum over an axis.
    """
    if terms[loss].shape:
        raise ValueError(f"the loss has shape {terms[loss].shape}; it must be a number")
    wanted = tuple(leaves)
    depends = _depends(terms, loss, wanted)
    parts: dict[int, list[tuple[sp.Expr, int]]] = {loss: [(sp.S.One, terms.ones())]}
    for place in reversed(terms.reachable([loss])):
        if place not in depends or place not in parts:
            continue
        term = terms[place]
        adjoint = terms.sum(parts[place], term.shape)
        parts[place] = [(sp.S.One, adjoint)]
        if term.kind is Kind.LARGEST:
            raise ValueError("the derivative of a maximum is not defined at ties")
        for at, argument in enumerate(term.args):
            if argument in depends:
                coefficient, given = _handed(terms, place, at, adjoint)
                parts.setdefault(argument, []).append((coefficient, given))
    return {leaf: terms.sum(parts.get(leaf, ()), terms[leaf].shape) for leaf in wanted}


def _depends(terms: Terms, loss: int, leaves: tuple[int, ...]) -> set[int]:
    """Return the nodes of the loss that depend on one of the leaves."""
    found: set[int] = set()
    for place in terms.reachable([loss]):
        if place in leaves or any(argument in found for argument in terms[place].args):
            found.add(place)
    return found


def _handed(terms: Terms, place: int, at: int, adjoint: int) -> tuple[sp.Expr, int]:
    """Return what a node hands to its argument ``at``."""
    term = terms[place]
    if term.kind is Kind.SUM:
        return term.coefficients[at], adjoint
    own = tuple(range(term.rank))
    if term.kind is Kind.MAP:
        assert term.function is not None
        slope = terms.map(sp.diff(term.function, T), term.args[0])
        return sp.S.One, terms.contract([(adjoint, own), (slope, own)], term.shape)
    axes = term.axes[at]
    if len(set(axes)) < len(axes):
        raise ValueError("the derivative of a diagonal is not implemented: write the trace as a product")
    kept = {axis: i for i, axis in enumerate(axes)}
    renamed = {axis: kept.get(axis, len(axes) + axis) for axis in terms.sizes(place)}
    factors = [(adjoint, own), *((a, x) for i, (a, x) in enumerate(zip(term.args, term.axes, strict=True)) if i != at)]
    shape = terms[term.args[at]].shape
    return sp.S.One, terms.contract([(a, [renamed[axis] for axis in x]) for a, x in factors], shape)


@dataclass(frozen=True)
class ArrayGradient:
    """The derivation of a model: its loss and the gradient of it by weight, as nodes of one graph."""

    model: ArrayModel
    terms: Terms
    loss: int
    gradients: dict[sp.MatrixSymbol, int]


def array_gradient(model: ArrayModel) -> ArrayGradient:
    """Derive the per-sample gradient of a model by structure."""
    terms = Terms()
    places: dict[sp.MatrixSymbol, int] = {}

    def leaf(symbol: sp.MatrixSymbol) -> int:
        shape = [size for size in symbol.shape if size != 1]
        places[symbol] = terms.leaf(symbol, shape, symbol in model.symmetric)
        return places[symbol]

    loss = Reader(terms, leaf, lambda size: size).read(model.loss)
    for symbol in model.weights:
        leaf(symbol)
    found = gradients(terms, loss, (places[symbol] for symbol in model.weights))
    return ArrayGradient(model, terms, loss, {symbol: found[places[symbol]] for symbol in model.weights})
