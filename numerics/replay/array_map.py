"""The step of an array model as theory derived it, over any exact or enclosing arithmetic, entry by entry.

The per-sample gradient is evaluated for every sample of the batch, so nothing of the compiler is used: neither its
forms of the batch nor its passes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from itertools import product
from math import prod
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays.observables import QUANTITIES
from numerics.arrays.scalar import fold
from numerics.arrays.setting import Setting
from numerics.errors import LoweringError, unknown_name
from numerics.ir import Kind as Operation
from numerics.random import F64
from numerics.replay.exact_map import compiled
from theory.derive.terms import Kind, Terms

_SIGNS = {"+": Operation.ADD, "-": Operation.SUB, "*": Operation.MUL, "/": Operation.DIV}


class Numbers:
    """Operations on single numbers of rationals or balls, as maps use them."""

    def __init__(self, arithmetic: Any) -> None:
        self._arithmetic = arithmetic

    def constant(self, value: Fraction) -> Any:
        """Return the number of a rational."""
        return self._arithmetic.constant(value)

    def binary(self, sign: str, a: Any, b: Any) -> Any:
        """Apply ``+ - * /``."""
        return self._arithmetic.binary(_SIGNS[sign], a, b)

    def call(self, name: str, a: Any) -> Any:
        """Apply a function; exponentials and the like have values in balls only."""
        if name == "sqrt":
            return self._arithmetic.unary(Operation.SQRT, a)
        if isinstance(a, Fraction):
            raise LoweringError(f"{name} of a rational is not rational: balls alone")
        return getattr(a, name)()

    def select(self, relation: str, a: Any, b: Any, yes: Any, no: Any) -> Any:
        """Select by a comparison that the arithmetic can decide.

        Raises
        ------
        IndeterminateError
            If two balls overlap.
        """
        if relation in ("<", "<="):
            a, b = b, a
        decide = self._arithmetic.at_least if relation in (">=", "<=") else self._arithmetic.greater
        return yes if decide(a, b) else no


class ExactArrays:
    """One step of an array model on one replica, and the quantities of its states.

    Parameters
    ----------
    made
        Model, sizes and derivation.
    data
        The data of the run: doubles, taken as the exact numbers that they are.
    arithmetic
        Number type.
    eta
        Step size in that number type.
    start
        Coordinates of the start, for the distance from it.
    """

    def __init__(
        self, made: Setting, data: Mapping[str, F64], arithmetic: Any, eta: Any, start: Sequence[Fraction]
    ) -> None:
        self.made, self.data, self.arithmetic, self.eta = made, data, arithmetic, eta
        self._start = [arithmetic.constant(value) for value in start]
        self._values = {symbol: sp.Integer(size) for symbol, size in made.sizes.items()}
        self._numbers = Numbers(arithmetic)
        self._zero = arithmetic.constant(Fraction(0))
        self._samples: dict[tuple[str, int], list[Any]] = {}
        self._counts: dict[int, int] = {}
        self._coefficients: dict[int, list[Any]] = {}
        self._functions: dict[int, sp.Expr] = {}
        self._plans: dict[int, list[list[tuple[int, ...]]]] = {}
        self._offsets = made.program.offsets()

    def drawn(self, name: str) -> bool:
        """Return whether a quantity depends on the batch of its step: none does."""
        return False

    def step(self, state: Sequence[Any], batch: Sequence[int]) -> list[Any]:
        """Return the state after one step with a batch; a sample that is in it twice counts twice."""
        gradients = self.made.derived.gradients
        totals = [self._zero] * len(state)
        for atom, count in sorted(Counter(batch).items()):
            found = self._evaluate(gradients.values(), state, atom)
            times = self.arithmetic.constant(Fraction(count))
            for symbol, place in gradients.items():
                offset = self._offsets[str(symbol.name)]
                for i, value in enumerate(found[place]):
                    totals[offset + i] = totals[offset + i] + times * value
        share = self.arithmetic.constant(Fraction(1, len(batch) if self.made.model.mean else 1))
        new = [c - self.eta * share * g for c, g in zip(state, totals, strict=True)]
        for symbol, (low, high) in self.made.model.box.items():
            ends = [compiled(sp.sympify(end).subs(self._values), self.arithmetic)({}) for end in (low, high)]
            offset = self._offsets[str(symbol.name)]
            for i in range(offset, offset + self._size(symbol)):
                new[i] = self._nearest(new[i], *ends)
        return new

    def _nearest(self, value: Any, low: Any, high: Any) -> Any:
        """Return the nearest point of an interval."""
        value = self._numbers.select(">", low, value, low, value)
        return self._numbers.select("<", high, value, high, value)

    def quantity(self, name: str, state: Sequence[Any], batch: Sequence[int]) -> Any:
        """Return a quantity of a state: ``norm2``, ``norm``, ``distance`` (from the start), or ``loss`` (the mean)."""
        if name == "loss":
            loss, atoms = self.made.derived.loss, self.made.draws.atoms
            values = [self._evaluate([loss], state, atom)[loss][0] for atom in range(atoms)]
            return self._sum(values) / self.arithmetic.constant(Fraction(atoms))
        if name not in QUANTITIES:
            raise unknown_name("quantity", name, QUANTITIES)
        moved = [c - s for c, s in zip(state, self._start, strict=True)] if name == "distance" else state
        total = self._sum(c * c for c in moved)
        return total if name == "norm2" else self.arithmetic.unary(Operation.SQRT, total)

    def _sum(self, values: Iterable[Any]) -> Any:
        return reduce(lambda a, b: a + b, values, self._zero)

    def _evaluate(self, roots: Iterable[int], state: Sequence[Any], atom: int) -> dict[int, list[Any]]:
        """Return the entries of all nodes that the roots need, in C order, for one sample."""
        terms = self.made.derived.terms
        found: dict[int, list[Any]] = {}
        for place in terms.reachable(roots):
            term = terms[place]
            arguments = [found[a] for a in term.args]
            if term.kind is Kind.LEAF:
                assert isinstance(term.leaf, sp.MatrixSymbol)
                found[place] = self._leaf(term.leaf, state, atom)
            elif term.kind is Kind.SUM:
                scales = self._scales(place)
                found[place] = [
                    self._sum(c * a[i] for c, a in zip(scales, arguments, strict=True))
                    for i in range(self._count(place))
                ]
            elif term.kind is Kind.MAP:
                function = self._function(place)
                found[place] = [fold(function, value, self._numbers) for value in arguments[0]]
            else:
                found[place] = [self._contracted(arguments, row) for row in self._plan(terms, place)]
        return found

    def _contracted(self, arguments: Sequence[list[Any]], row: Sequence[Sequence[int]]) -> Any:
        one = self.arithmetic.constant(Fraction(1))
        products = (reduce(lambda a, b: a * b, (a[i] for a, i in zip(arguments, at, strict=True)), one) for at in row)
        return self._sum(products)

    def _count(self, place: int) -> int:
        """Return the number of entries of a node."""
        if place not in self._counts:
            self._counts[place] = prod(
                int(sp.sympify(s).subs(self._values)) for s in self.made.derived.terms[place].shape
            )
        return self._counts[place]

    def _scales(self, place: int) -> list[Any]:
        """Return the coefficients of a sum."""
        if place not in self._coefficients:
            exact = [sp.sympify(c).subs(self._values) for c in self.made.derived.terms[place].coefficients]
            self._coefficients[place] = [compiled(c, self.arithmetic)({}) for c in exact]
        return self._coefficients[place]

    def _function(self, place: int) -> sp.Expr:
        """Return the expression of a map."""
        if place not in self._functions:
            self._functions[place] = sp.sympify(self.made.derived.terms[place].function).subs(self._values)
        return self._functions[place]

    def _size(self, symbol: sp.MatrixSymbol) -> int:
        return prod(int(sp.sympify(size).subs(self._values)) for size in symbol.shape)

    def _leaf(self, symbol: sp.MatrixSymbol, state: Sequence[Any], atom: int) -> list[Any]:
        name = str(symbol.name)
        if name in self._offsets:
            return list(state[self._offsets[name] : self._offsets[name] + self._size(symbol)])
        key = (name, atom if symbol in self.made.model.samples else -1)
        if key not in self._samples:
            array = self.data[name][atom] if symbol in self.made.model.samples else self.data[name]
            self._samples[key] = [self.arithmetic.constant(Fraction(x)) for x in np.ravel(array).tolist()]
        return self._samples[key]

    def _plan(self, terms: Terms, place: int) -> list[list[tuple[int, ...]]]:
        """Return, for each entry of a contraction, the positions that are multiplied, product by product."""
        if place not in self._plans:
            term = terms[place]
            sizes = {axis: int(sp.sympify(size).subs(self._values)) for axis, size in terms.sizes(place).items()}
            over = [axis for axis in sorted(sizes) if axis >= term.rank]
            readers = [_position(axes, [sizes[axis] for axis in axes]) for axes in term.axes]
            self._plans[place] = [
                [
                    tuple(read({**dict(enumerate(p)), **dict(zip(over, q, strict=True))}) for read in readers)
                    for q in product(*(range(sizes[axis]) for axis in over))
                ]
                for p in product(*(range(sizes[axis]) for axis in range(term.rank)))
            ]
        return self._plans[place]


def _position(axes: Sequence[int], sizes: Sequence[int]) -> Callable[[Mapping[int, int]], int]:
    """Return the function from the values of named axes to the position in C order."""
    strides = [prod(sizes[i + 1 :]) for i in range(len(sizes))]
    return lambda at: sum(at[axis] * stride for axis, stride in zip(axes, strides, strict=True))
