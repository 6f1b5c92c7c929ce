r"""Matrix products by the BLAS: one replica after the other, for models whose step is large.

A contraction of two factors is a matrix product; the BLAS fixes no association, so parity is a tolerance (see
``docs/models.md``).  One fact of the program saves passes over the weights, *deferred outer products*: a weight W that
enters a step only as :math:`Z_t = X_t W^T` with drawn data X_t, and changes by :math:`c\, G_t^T X_t`, is updated once
in S steps, in place by the product routine, rows of W in parts that threads share.  In between

.. math:: Z_t = X_t W_0^T + c \sum_{s < t} (X_t X_s^T) G_s ,

so that all products with W of S steps are one product, and W is read and written once.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays.chunks import pool
from numerics.arrays.draws import Draws, counts_of
from numerics.arrays.ir import Form, Leaf, Program, Role, static
from numerics.arrays.numpy_target import Arrays, in_order
from numerics.arrays.scalar import fold
from numerics.random import F64
from theory.derive.terms import Kind, Term, Terms

#: Samples whose outer products are deferred together, and parts of the weight's rows that threads share.
_DEFERRED, _PARTS = 256, 8


def evaluate_dense(
    terms: Terms,
    roots: Iterable[int],
    leaves: Mapping[int, F64],
    coefficient: Callable[[sp.Expr], float],
    xp: Any = np,
) -> dict[int, F64]:
    """Return the values of all nodes that the roots need, arrays of the node's own shape.

    ``xp`` is the library that the leaves are arrays of: NumPy, or one that follows its protocols, such as CuPy.
    """
    return in_order(terms, roots, leaves, lambda place, values: _dense(terms, place, values, coefficient, xp))


def _dense(
    terms: Terms, place: int, values: Mapping[int, F64], coefficient: Callable[[sp.Expr], float], xp: Any
) -> F64:
    term = terms[place]
    arguments = [values[a] for a in term.args]
    if term.kind is Kind.SUM:
        total: Any = 0.0
        for c, value in zip(term.coefficients, arguments, strict=True):
            total = total + (value if c == 1 else value * value.dtype.type(coefficient(c)))
        return xp.asarray(total) if arguments else xp.zeros([int(s) for s in term.shape])  # type: ignore[no-any-return]
    if term.kind is Kind.MAP:
        assert term.function is not None
        value = xp.asarray(fold(term.function, arguments[0], Arrays()))
        return value.astype(arguments[0].dtype, copy=False)  # type: ignore[no-any-return]
    if term.kind is Kind.LARGEST:
        return xp.asarray(xp.max(arguments[0], axis=-1))  # type: ignore[no-any-return]
    return product_of(term, arguments, xp)


def product_of(term: Term, arguments: list[F64], xp: Any = np) -> F64:
    """Return a contraction; two factors with one summed axis and no shared axis go to the BLAS."""
    shape = tuple(int(size) for size in term.shape)
    if not arguments:
        return xp.ones(shape)  # type: ignore[no-any-return]
    summed = _matrix_product(term)
    if summed:
        left, right = term.axes
        pairs = ([left.index(a) for a in summed], [right.index(a) for a in summed])
        made = xp.tensordot(arguments[0], arguments[1], pairs)
        order = [a for a in left if a not in summed] + [a for a in right if a not in summed]
        return xp.asarray(made.transpose([order.index(a) for a in range(term.rank)]))  # type: ignore[no-any-return]
    operands: list[Any] = []
    for argument, axes in zip(arguments, term.axes, strict=True):
        operands += [argument, list(axes)]
    present = {axis for axes in term.axes for axis in axes}
    kept = [axis for axis in range(term.rank) if axis in present]
    made = xp.einsum(*operands, kept, optimize=len(arguments) > 2)
    index = tuple(slice(None) if axis in present else None for axis in range(term.rank))
    return xp.asarray(xp.broadcast_to(made[index], shape))  # type: ignore[no-any-return]


def _matrix_product(term: Term) -> list[int]:
    """Return the summed axes of a product of two factors that share no other axis; none for any other contraction."""
    if len(term.args) != 2:
        return []
    left, right = term.axes
    summed = [a for a in left if a in right and a >= term.rank]
    alone = not (set(left) & set(right)) - set(summed)
    plain = len(set(left)) == len(left) and len(set(right)) == len(right)
    whole = set(left) | set(right) == {*range(term.rank), *summed}
    return summed if alone and plain and whole else []


@dataclass(frozen=True)
class Deferred:
    """A weight whose outer products may wait: its node, the forward product, and the factor of its update."""

    name: str
    weight: int
    data: str
    forward: int
    forward_rows_first: bool
    factor: int
    factor_rows_first: bool
    coefficient: sp.Expr


def deferred(program: Program) -> Deferred | None:
    """Recognise a program whose only weight enters by a product with drawn data and changes by outer products."""
    terms = program.terms
    if len(program.updates) != 1 or program.batch.form is not Form.ROWS or program.batch.size < 2:
        return None
    name, weight, new = program.updates[0]
    update = terms[new]
    if update.kind is not Kind.SUM or len(update.args) != 2 or update.args[0] != weight or update.coefficients[0] != 1:
        return None
    change = terms[update.args[1]]
    users = [p for p in terms.reachable(program.roots()) if weight in terms[p].args and p != new]
    if len(users) != 1 or change.kind is not Kind.CONTRACT or len(change.args) != 2 or terms[weight].rank != 2:
        return None
    data = [a for a in change.args if _drawn(terms[a])]
    forward = terms[users[0]]
    if len(data) != 1 or forward.kind is not Kind.CONTRACT or set(forward.args) != {weight, data[0]}:
        return None
    table, factor = data[0], next(a for a in change.args if a not in data)
    x_axes, g_axes = change.axes[change.args.index(table)], change.axes[change.args.index(factor)]
    w_axes, z_axes = forward.axes[forward.args.index(weight)], forward.axes[forward.args.index(table)]
    if len(x_axes) != 2 or len(g_axes) != 2 or x_axes[1] != 1 or set(g_axes) != {0, x_axes[0]} or x_axes[0] < 2:
        return None
    if w_axes[1] < 2 or z_axes != (1 - w_axes[0] if w_axes[0] in (0, 1) else -1, w_axes[1]):
        return None
    leaf = terms[table].leaf
    assert isinstance(leaf, Leaf)
    rows_first = z_axes[0] == 0
    return Deferred(name, weight, leaf.name, users[0], rows_first, factor, g_axes[0] != 0, update.coefficients[1])


def _drawn(term: Term) -> bool:
    return isinstance(term.leaf, Leaf) and term.leaf.role is Role.ROWS


def prepare(
    program: Program,
    data: Mapping[str, F64],
    draws: Draws,
    coefficient: Callable[[sp.Expr], float],
    dtype: str = "float64",
) -> Callable[[F64, range, range], None]:
    """Return the driver: it advances a flat state of shape (replicas, dimension) in place."""
    terms, batch = program.terms, program.batch
    kind = np.dtype(dtype)
    tables = {name: np.ascontiguousarray(array, kind) for name, array in data.items()}
    leaves: dict[int, F64] = {}
    drawn: list[tuple[int, str]] = []
    counted: list[int] = []
    for place in terms.reachable(program.roots()):
        leaf = terms[place].leaf
        if isinstance(leaf, Leaf) and leaf.role.static:
            leaves[place] = tables[leaf.name]
        elif isinstance(leaf, Leaf) and leaf.role is Role.ROWS:
            drawn.append((place, leaf.name))
        elif isinstance(leaf, Leaf) and leaf.role is Role.COUNTS:
            counted.append(place)
    fixed = evaluate_dense(terms, static(terms, program.roots()), leaves, coefficient)
    waiting = deferred(program)

    def given(rows: Any) -> dict[int, F64]:
        values: dict[int, F64] = dict(fixed)
        for place, name in drawn:
            values[place] = tables[name][rows[0] if batch.size == 1 else rows]
        for place in counted:
            values[place] = counts_of(rows[:, None], batch.atoms)[:, 0].astype(kind)
        return values

    def advance(state: F64, replicas: range, steps: range) -> None:
        with single_threaded():
            _all(state, replicas, steps, pool(len(os.sched_getaffinity(0))))

    def _all(state: F64, replicas: range, steps: range, threads: ThreadPoolExecutor) -> None:
        span = max(1, min(len(steps), (1 << 16) // max(1, batch.size)))
        for place, replica in enumerate(replicas):
            for low in range(steps.start, steps.stop, span):
                some = range(low, min(low + span, steps.stop))
                rows = None if batch.form is Form.ALL else draws.rows(range(replica, replica + 1), some)[:, :, 0]
                if waiting is not None and rows is not None:
                    size = max(1, _DEFERRED // batch.size)
                    for first in range(0, len(some), size):
                        part = rows[first : first + size]
                        _defer(program, waiting, state[place], part, tables, given, coefficient, threads)
                    continue
                for t in range(len(some)):
                    one_step(program, state[place], given(None if rows is None else rows[t]), coefficient)

    return advance


def _views(program: Program, state: F64) -> dict[int, F64]:
    """Return the weights as views of one flat state."""
    found = {}
    offsets = program.offsets()
    for name, leaf, _ in program.updates:
        shape = tuple(int(size) for size in program.terms[leaf].shape)
        found[leaf] = state[offsets[name] : offsets[name] + math.prod(shape)].reshape(shape)
    return found


def one_step(
    program: Program, state: F64, values: dict[int, F64], coefficient: Callable[[sp.Expr], float], xp: Any = np
) -> None:
    """Advance one replica by one step; ``values`` has the data of the step by node."""
    views = _views(program, state)
    values.update(views)
    found = evaluate_dense(program.terms, program.roots(), values, coefficient, xp)
    news = [found[new] for new in program.roots()]
    for (_, leaf, _), new in zip(program.updates, news, strict=True):
        views[leaf][...] = new


def _defer(
    program: Program,
    waiting: Deferred,
    state: F64,
    rows: Any,
    tables: Mapping[str, F64],
    given: Callable[[Any], dict[int, F64]],
    coefficient: Callable[[sp.Expr], float],
    threads: ThreadPoolExecutor,
) -> None:
    """Advance one replica by some steps with one product for all that read the weight, and one that writes it."""
    weight = _views(program, state)[waiting.weight]
    count, size = rows.shape
    samples = tables[waiting.data][rows.ravel()]
    scale = samples.dtype.type(coefficient(waiting.coefficient))
    products = np.empty((len(samples), len(weight)), samples.dtype)
    edges = np.linspace(0, len(weight), _PARTS + 1).astype(int)
    parts = [slice(low, high) for low, high in pairwise(edges) if low < high]
    list(threads.map(lambda rows_of: np.matmul(samples, weight[rows_of].T, out=products[:, rows_of]), parts))
    inner = samples @ samples.T
    inner *= scale
    factors = np.empty_like(products)
    for t in range(count):
        here = slice(t * size, (t + 1) * size)
        if t:
            products[here] += inner[here, : t * size] @ factors[: t * size]
        values = given(rows[t])
        values[waiting.forward] = products[here] if waiting.forward_rows_first else products[here].T
        found = evaluate_dense(program.terms, [waiting.factor], values, coefficient)[waiting.factor]
        factors[here] = found if waiting.factor_rows_first else found.T
    list(threads.map(lambda rows_of: add_product(weight[rows_of], factors[:, rows_of], samples, scale), parts))


def single_threaded() -> AbstractContextManager[Any]:
    """Keep the BLAS on the calling thread: its own threads wait in busy loops, which a shared machine cannot afford.

    Without ``threadpoolctl`` the BLAS keeps its threads.
    """
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(limits=1, user_api="blas")


def add_product(weight: F64, factors: F64, samples: F64, scale: Any) -> None:
    """Add ``scale * factors^T samples`` to a weight in place."""
    from scipy.linalg.blas import dgemm, sgemm

    routine = sgemm if weight.dtype == np.float32 else dgemm
    # the transpose of a row-major array is column-major: W^T += scale * samples^T factors
    made = routine(scale, samples.T, factors.T, beta=1.0, c=weight.T, trans_b=True, overwrite_c=True)
    if not np.shares_memory(made, weight):
        weight[...] = made.T
