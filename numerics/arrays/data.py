"""An instance of a model's data, drawn by the laws that the model states."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import sympy as sp

from numerics.arguments import check_memory, reals
from numerics.arrays.ir import Leaf, Role
from numerics.arrays.numpy_target import evaluate
from numerics.arrays.source import nearest
from numerics.errors import InputError, describe, unknown_name
from numerics.random import F64, U64, gaussians, integers, words
from theory.derive.reading import Reader
from theory.derive.terms import Terms
from theory.models import ArrayModel

#: Stream of the keys of data fields; no draw of a run has it.
_DATA = 15


def shape_of(symbol: sp.MatrixSymbol, sizes: Mapping[sp.Symbol, int]) -> tuple[int, ...]:
    """Return the sizes of a symbol, without those that are one whatever the parameters."""
    values = [(key, sp.Integer(value)) for key, value in sizes.items()]
    return tuple(int(sp.sympify(size).subs(values)) for size in symbol.shape if size != 1)


def instance(model: ArrayModel, sizes: Mapping[sp.Symbol, int], seed: int) -> dict[str, F64]:
    """Draw the data of a model: shared arrays, and tables with the samples along the first axis.

    Field f has a key of its own, two words of the stream ``DATA`` of the seed; sample j is replica j of that key.
    Definitions are evaluated in double precision from the primitive fields.
    """
    atoms = sizes[model.sizes[0].symbol]
    tables = sum(math.prod(shape_of(symbol, sizes)) for symbol in model.samples)
    check_memory("data", atoms * tables + sum(math.prod(shape_of(symbol, sizes)) for symbol in model.shared))
    values: dict[sp.MatrixSymbol, F64] = {}
    for number, (symbol, law) in enumerate([*model.shared.items(), *model.samples.items()]):
        count = atoms if symbol in model.samples else 1
        shape = shape_of(symbol, sizes)
        if isinstance(law, str):
            values[symbol] = _primitive(law, _key(seed, number), count, shape)
        else:
            values[symbol] = _defined(law, values, sizes, shape, count)
    data = {}
    for symbol, value in values.items():
        table = np.moveaxis(value, -1, 0)
        data[str(symbol.name)] = np.ascontiguousarray(table if symbol in model.samples else table[0])
    return data


def _key(seed: int, number: int) -> int:
    pair = words(seed, np.zeros(2, np.uint64), np.arange(2 * number, 2 * number + 2, dtype=np.uint64), 0, _DATA)
    return int(pair[1]) << 32 | int(pair[0])


def _primitive(law: str, key: int, count: int, shape: tuple[int, ...]) -> F64:
    """Return independent entries of a law, shape (..., count)."""
    size = math.prod(shape)
    if law == "gaussian":
        return gaussians(key, range(count), size).T.reshape(*shape, count)
    who: U64 = np.arange(count, dtype=np.uint64)[None, :]
    if law == "one-hot":
        label = integers(key, who[0], np.zeros(count, np.uint64), size)
        return (np.arange(size)[:, None] == label).astype(np.float64).reshape(*shape, count)
    drawn = words(key, who, np.arange(size, dtype=np.uint64)[:, None]).reshape(*shape, count)
    if law == "uniform":
        return (drawn.astype(np.float64) + 0.5) * 2.0**-32
    if law == "rademacher":
        return np.where(drawn >> np.uint64(31), 1.0, -1.0)
    raise unknown_name("law of data", law, ("gaussian", "uniform", "rademacher", "one-hot"))


def _defined(
    law: sp.MatrixExpr,
    values: Mapping[sp.MatrixSymbol, F64],
    sizes: Mapping[sp.Symbol, int],
    shape: tuple[int, ...],
    count: int,
) -> F64:
    """Evaluate a definition for all samples at once: they are the last axis."""
    terms = Terms()
    substitution = [(key, sp.Integer(value)) for key, value in sizes.items()]
    leaves: dict[int, F64] = {}

    def leaf(symbol: sp.MatrixSymbol) -> int:
        place = terms.leaf(Leaf(str(symbol.name), Role.TABLE), shape_of(symbol, sizes))
        leaves[place] = values[symbol]
        return place

    root = Reader(terms, leaf, lambda size: int(sp.sympify(size).subs(substitution))).read(law)
    found = evaluate(terms, [root], leaves, lambda c: nearest(sp.sympify(c).subs(substitution)))[root]
    return np.array(np.broadcast_to(found, (*shape, count)))


def given_data(model: ArrayModel, sizes: Mapping[sp.Symbol, int], given: Mapping[str, object]) -> dict[str, F64]:
    """Check data that the caller has: every array that the loss uses, samples along the first axis."""
    used = {symbol for symbol in model.loss.atoms(sp.MatrixSymbol) if symbol not in model.weights}
    names = {str(symbol.name): symbol for symbol in used}
    for name in given:
        if name not in names:
            raise unknown_name(f"array of data for {model.name}", name, names)
    atoms = sizes[model.sizes[0].symbol]
    data: dict[str, F64] = {}
    for name, symbol in sorted(names.items()):
        expected = shape_of(symbol, sizes)
        expected = (atoms, *expected) if symbol in model.samples else expected
        if name not in given:
            raise InputError(f"no array {name} in the data of {model.name}: its shape is {expected}")
        array = reals(given[name])
        if array is None:
            raise InputError(
                f"the array {name} is {describe(given[name])}; needed are real numbers of shape {expected}"
            )
        if array.shape != expected:
            raise InputError(
                f"the array {name} has shape {array.shape}; {model.name} with these sizes needs {expected}"
            )
        if not np.isfinite(array).all():
            at = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
            raise InputError(f"the array {name} has the entry {array[at]} at {list(at)}; all entries must be finite")
        if symbol in model.symmetric and not np.array_equal(array, np.swapaxes(array, -1, -2)):
            raise InputError(f"the array {name} is not symmetric; {model.name} assumes that it is")
        data[name] = np.ascontiguousarray(array)
    return data
