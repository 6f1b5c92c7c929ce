"""NumPy: a program evaluated node by node on arrays whose last axis holds the replicas."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays.draws import Draws, counts_of
from numerics.arrays.ir import TREE_WIDTH, Form, Leaf, Program, Role, size_of, static
from numerics.arrays.scalar import fold
from numerics.random import F64
from theory.derive.terms import Kind, Term, Terms

_COMPARE: dict[str, Callable[..., Any]] = {
    ">=": np.greater_equal,
    ">": np.greater,
    "<=": np.less_equal,
    "<": np.less,
}
_BINARY: dict[str, Callable[..., Any]] = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
#: Most entries of one node, and of the batches of a step, for one chunk of replicas.
_ENTRIES = 1 << 22


class Arrays:
    """Operations on whole arrays."""

    def constant(self, value: Fraction) -> Any:
        """Return the nearest double."""
        return np.float64(float(value))

    def binary(self, sign: str, a: Any, b: Any) -> Any:
        """Apply one operation entry by entry."""
        return _BINARY[sign](a, b)

    def call(self, name: str, a: Any) -> Any:
        """Apply a function of NumPy."""
        return getattr(np, name)(a)

    def select(self, relation: str, a: Any, b: Any, yes: Any, no: Any) -> Any:
        """Select entry by entry."""
        return np.where(_COMPARE[relation](a, b), yes, no)


def evaluate(
    terms: Terms, roots: Iterable[int], leaves: Mapping[int, F64], coefficient: Callable[[sp.Expr], float]
) -> dict[int, F64]:
    """Return the values of all nodes that the roots need.

    Parameters
    ----------
    leaves
        Arrays of the shape of a node with one more, last axis: replicas, or one.  Nodes given here are not evaluated.
    coefficient
        The double of an exact coefficient.
    """
    return in_order(terms, roots, leaves, lambda place, values: _value(terms, place, values, coefficient))


def in_order(
    terms: Terms, roots: Iterable[int], leaves: Mapping[int, F64], value: Callable[[int, Mapping[int, F64]], F64]
) -> dict[int, F64]:
    """Return the values of all nodes that the roots need, each by ``value`` from those before it."""
    values: dict[int, F64] = dict(leaves)
    needed: set[int] = set()
    stack = list(roots)
    while stack:
        place = stack.pop()
        if place not in needed:
            needed.add(place)
            if place not in values:
                stack.extend(terms[place].args)
    with np.errstate(all="ignore"):
        for place in sorted(needed - set(values)):
            values[place] = value(place, values)
    return values


def _value(terms: Terms, place: int, values: Mapping[int, F64], coefficient: Callable[[sp.Expr], float]) -> F64:
    term = terms[place]
    if term.kind is Kind.LEAF:
        raise KeyError(f"no value for the leaf {term.leaf}")
    arguments = [values[a] for a in term.args]
    if term.kind is Kind.SUM:
        return _combination(term, arguments, coefficient)
    if term.kind is Kind.MAP:
        assert term.function is not None
        return np.asarray(fold(term.function, arguments[0], Arrays()))
    if term.kind is Kind.LARGEST:
        return np.asarray(np.max(arguments[0], axis=-2))
    sizes = {axis: int(size) for axis, size in terms.sizes(place).items()}
    return contraction(term, arguments, sizes)


def _combination(term: Term, arguments: list[F64], coefficient: Callable[[sp.Expr], float]) -> F64:
    """Evaluate a sum from left to right."""
    result: F64 | None = None
    for c, value in zip(term.coefficients, arguments, strict=True):
        if result is None:
            result = value if c == 1 else -value if c == -1 else coefficient(c) * value
        else:
            result = result + value if c == 1 else result - value if c == -1 else result + coefficient(c) * value
    return np.zeros((*(int(s) for s in term.shape), 1)) if result is None else result


def contraction(term: Term, arguments: list[F64], sizes: Mapping[int, int]) -> F64:
    """Evaluate a contraction in the order that the IR fixes.

    ``arguments`` have the lanes as their last axis.
    """
    shape = tuple(int(size) for size in term.shape)
    over = [axis for axis in sorted(sizes) if axis >= term.rank]
    if not arguments:
        return np.ones((*shape, 1))
    points = list(product(*(range(sizes[axis]) for axis in over)))
    result: F64 | None = None
    for start in range(0, len(points), TREE_WIDTH):
        block = points[start : start + TREE_WIDTH]
        entries = [_entry(term, arguments, dict(zip(over, point, strict=True))) for point in block]
        if len(block) == TREE_WIDTH:
            while len(entries) > 1:
                entries = [entries[i] + entries[i + 1] for i in range(0, len(entries), 2)]
        for entry in entries:
            result = entry if result is None else result + entry
    assert result is not None
    wide = np.broadcast_to(result, (*shape, result.shape[-1]))
    return wide


def _entry(term: Term, arguments: list[F64], point: Mapping[int, int]) -> F64:
    """Return the product of all factors at one point of the summed axes, broadcast over the axes of the result."""
    value: F64 | None = None
    for argument, axes in zip(arguments, term.axes, strict=True):
        part = argument[tuple(point.get(axis, slice(None)) for axis in axes)]
        kept = [axis for axis in axes if axis not in point]
        order = sorted(range(len(kept)), key=kept.__getitem__)
        part = part.transpose(*order, len(kept))
        present = set(kept)
        index = tuple(slice(None) if axis in present else None for axis in range(term.rank))
        part = part[(*index, slice(None))]
        value = part if value is None else value * part
    assert value is not None
    return value


def static_values(program: Program, data: Mapping[str, F64], coefficient: Callable[[sp.Expr], float]) -> dict[int, F64]:
    """Evaluate what is the same at every step; tables keep their atoms along the first axis."""
    terms = program.terms
    leaves = {}
    for place in terms.reachable(program.roots()):
        leaf = terms[place].leaf
        if isinstance(leaf, Leaf) and leaf.role.static:
            leaves[place] = np.ascontiguousarray(data[leaf.name], np.float64)[..., None]
    fixed = static(terms, program.roots())
    return {p: v for p, v in evaluate(terms, fixed, leaves, coefficient).items() if p in fixed}


def prepare(
    program: Program, data: Mapping[str, F64], draws: Draws, coefficient: Callable[[sp.Expr], float]
) -> Callable[[F64, range, range], None]:
    """Return the driver: it advances a flat state of shape (replicas, dimension) in place."""
    terms, batch = program.terms, program.batch
    fixed = static_values(program, data, coefficient)
    states = [(leaf, tuple(int(s) for s in terms[leaf].shape)) for _, leaf, _ in program.updates]
    drawn: list[tuple[int, str]] = []
    counted: list[int] = []
    for place in terms.reachable(program.roots()):
        leaf = terms[place].leaf
        if isinstance(leaf, Leaf) and leaf.role is Role.ROWS:
            drawn.append((place, leaf.name))
        elif isinstance(leaf, Leaf) and leaf.role is Role.COUNTS:
            counted.append(place)
    changing = [p for p in terms.reachable(program.roots()) if p not in fixed]
    chunk = max(1, _ENTRIES // max(batch.size, *(size_of(terms[p]) for p in changing)))

    def step(state: F64, rows: Any) -> None:
        leaves: dict[int, F64] = dict(fixed)
        at = 0
        for place, shape in states:
            size = math.prod(shape)
            leaves[place] = state[at : at + size].reshape(*shape, -1)
            at += size
        for place, name in drawn:
            leaves[place] = _gather(np.asarray(data[name], np.float64), rows, batch.size)
        for place in counted:
            leaves[place] = counts_of(rows, batch.atoms)
        values = evaluate(terms, program.roots(), leaves, coefficient)
        news = [
            np.broadcast_to(values[new], (*shape, state.shape[-1]))
            for new, (_, shape) in zip(program.roots(), states, strict=True)
        ]
        state[...] = np.concatenate([np.array(new).reshape(-1, state.shape[-1]) for new in news])

    def advance(state: F64, replicas: range, steps: range) -> None:
        for low in range(0, len(replicas), chunk):
            part = replicas[low : low + chunk]
            block = np.ascontiguousarray(state[low : low + len(part)].T)
            span = max(1, _ENTRIES // (len(part) * max(1, batch.size)))
            for start in range(steps.start, steps.stop, span):
                some = range(start, min(start + span, steps.stop))
                rows = None if batch.form is Form.ALL else draws.rows(part, some)
                for t in range(len(some)):
                    step(block, None if rows is None else rows[t])
            state[low : low + len(part)] = block.T

    return advance


def _gather(table: F64, rows: Any, size: int) -> F64:
    """Return the drawn data, shape (k, ..., lanes), without the first axis for one draw."""
    picked = np.moveaxis(table[rows], 1, -1)
    return np.asarray(picked[0] if size == 1 else picked)
