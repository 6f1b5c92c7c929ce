"""From a derived per-sample gradient to the sum over a batch: every sample becomes an axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from numerics.arrays.ir import Batch, Form, Leaf, Role
from theory.derive.reverse import ArrayGradient
from theory.derive.terms import Kind, Terms


@dataclass(frozen=True)
class Batched:
    """Per-sample nodes with the batch as their first axis.

    Attributes
    ----------
    terms
        The graph, with integer sizes.
    size, wide
        Number of entries along the batch axis, and whether there is one: a batch of one draw has none, a table of one
        atom has one of size 1.
    weights
        The leaves of the state, by name.
    loss
        The per-sample loss.
    gradients
        The per-sample gradients, by weight.
    """

    terms: Terms
    size: int
    wide: bool
    weights: Mapping[str, int]
    loss: int
    gradients: Mapping[str, int]


def lift(derived: ArrayGradient, sizes: Mapping[sp.Symbol, int], batch: Batch) -> Batched:
    """Give every node that depends on the sample a batch axis; a batch of one draw has none."""
    model = derived.model
    terms = Terms()
    count = batch.size if batch.form is Form.ROWS else batch.atoms
    axis = () if batch.form is Form.ROWS and count == 1 else (count,)
    sample = Role.ROWS if batch.form is Form.ROWS else Role.TABLE
    batched: set[int] = set()
    places: dict[int, int] = {}
    weights: dict[str, int] = {}
    values = [(symbol, sp.Integer(size)) for symbol, size in sizes.items()]
    for old in derived.terms.reachable([derived.loss, *derived.gradients.values()]):
        term = derived.terms[old]
        shape = tuple(int(sp.sympify(size).subs(values)) for size in term.shape)
        if term.kind is Kind.LEAF:
            symbol = term.leaf
            assert isinstance(symbol, sp.MatrixSymbol)
            role = Role.STATE if symbol in model.weights else sample if symbol in model.samples else Role.SHARED
            here = shape if role in (Role.STATE, Role.SHARED) else (*axis, *shape)
            new = terms.leaf(Leaf(str(symbol.name), role), here, term.symmetric)
            if here != shape:
                batched.add(new)
            if role is Role.STATE:
                weights[str(symbol.name)] = new
        else:
            arguments = [places[a] for a in term.args]
            with_axis = any(a in batched for a in arguments)
            whole = (*axis, *shape) if with_axis else shape
            if term.kind is Kind.SUM:
                wide = [_broadcast(terms, a, whole, a in batched or not with_axis) for a in arguments]
                coefficients = [sp.sympify(c).subs(values) for c in term.coefficients]
                new = terms.sum(zip(coefficients, wide, strict=True), whole)
            elif term.kind is Kind.CONTRACT:
                shift = 1 if with_axis else 0
                factors = [
                    (a, [*([0] if a in batched else []), *(x + shift for x in axes)])
                    for a, axes in zip(arguments, term.axes, strict=True)
                ]
                new = terms.contract(factors, whole)
            else:
                assert term.function is not None
                new = terms.map(sp.sympify(term.function).subs(values), arguments[0])
            if with_axis:
                batched.add(new)
        places[old] = new
    gradients = {str(symbol.name): places[place] for symbol, place in derived.gradients.items()}
    for symbol in model.weights:
        shape = tuple(int(sp.sympify(size).subs(values)) for size in symbol.shape if size != 1)
        weights.setdefault(str(symbol.name), terms.leaf(Leaf(str(symbol.name), Role.STATE), shape))
    return Batched(terms, count, bool(axis), weights, places[derived.loss], gradients)


def batch_axis(batched: Batched) -> set[int]:
    """Return the nodes that have the batch axis: those that depend on a sample."""
    found: set[int] = set()
    if not batched.wide:
        return found
    for place in batched.terms.reachable([batched.loss, *batched.gradients.values()]):
        term = batched.terms[place]
        if term.kind is Kind.LEAF:
            if isinstance(term.leaf, Leaf) and term.leaf.role in (Role.ROWS, Role.TABLE):
                found.add(place)
        elif any(a in found for a in term.args):
            found.add(place)
    return found


def _broadcast(terms: Terms, place: int, shape: tuple[int, ...], ready: bool) -> int:
    """Repeat a node that does not depend on the sample along the batch axis."""
    if ready:
        return place
    return terms.contract([(place, range(1, len(shape)))], shape)
