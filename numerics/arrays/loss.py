"""The mean of the per-sample loss over all samples, at many states.

It is a program of its own, in one of two forms: the losses of all samples and then their mean; or, where that halves
the work, data summed over the samples first (form *factored* of `numerics.arrays.total`).  Differences are never
multiplied out, so a loss near zero keeps its digits.

A value depends on its own state alone, whatever states are asked for together: small programs are evaluated node by
node on states as lanes, in the fixed association of the IR; large ones state by state with the BLAS.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import sympy as sp

from numerics.arrays.blas_target import evaluate_dense
from numerics.arrays.front import lift
from numerics.arrays.ir import Batch, Form, Leaf, Role, cost, size_of, static, summed
from numerics.arrays.numpy_target import evaluate
from numerics.arrays.setting import DENSE, Setting
from numerics.arrays.source import nearest
from numerics.arrays.stable import shift_exponentials
from numerics.arrays.total import Style, Total
from numerics.random import F64
from theory.derive.terms import Kind, Terms

#: Longest sum of a program that is evaluated on lanes, and most entries of one of its nodes.
_LONGEST, _ENTRIES = 1 << 12, 1 << 20


class MeanLoss:
    """The mean loss of a model on its data.

    Parameters
    ----------
    made
        Model, sizes and derivation.
    data
        Arrays by name, those of samples with the sample along the first axis.

    Attributes
    ----------
    cost, dense
        Operations a state, and whether products go to the BLAS.
    """

    def __init__(self, made: Setting, data: Mapping[str, F64]) -> None:
        whole, factored = (_form(made, style) for style in (None, Style.FACTORED))
        costs = [cost(terms, [root]) for terms, root in (whole, factored)]
        self._terms, self._root = factored if 2 * costs[1] <= costs[0] else whole
        order = self._terms.reachable([self._root])
        sums = [math.prod(summed(self._terms, p)) for p in order if self._terms[p].kind is Kind.CONTRACT]
        self.cost = cost(self._terms, [self._root])
        self.dense = self.cost >= DENSE or max(sums, default=0) > _LONGEST
        last = () if self.dense else (None,)
        leaves = {place: leaf for place in order if isinstance(leaf := self._terms[place].leaf, Leaf)}
        given = {place: np.asarray(data[leaf.name])[(..., *last)] for place, leaf in leaves.items() if leaf.role.static}
        fixed = static(self._terms, [self._root])
        found = (evaluate_dense if self.dense else evaluate)(self._terms, fixed, given, nearest)
        self._fixed = {place: value for place, value in found.items() if place in fixed}
        offsets = made.program.offsets()
        self._states = {place: offsets[leaf.name] for place, leaf in leaves.items() if leaf.role is Role.STATE}
        self._lanes = max(1, _ENTRIES // max(size_of(self._terms[place]) for place in order))

    def __call__(self, states: F64) -> F64:
        """Return the mean losses of states of shape (R, D), shape (R,)."""
        with np.errstate(all="ignore"):
            if self.dense:
                return np.array([self._one(state) for state in states])
            parts = [self._many(states[low : low + self._lanes]) for low in range(0, len(states), self._lanes)]
        return np.concatenate(parts)

    def _one(self, state: F64) -> float:
        leaves = {**self._fixed, **{p: self._weight(state, p) for p in self._states}}
        found = evaluate_dense(self._terms, [self._root], leaves, nearest)[self._root]
        return float(np.mean(found))

    def _many(self, states: F64) -> F64:
        lanes = np.ascontiguousarray(states.T)
        leaves = {**self._fixed, **{p: self._weight(lanes, p) for p in self._states}}
        found = evaluate(self._terms, [self._root], leaves, nearest)[self._root]
        if found.ndim == 1:
            return np.array(np.broadcast_to(found, len(states)))
        return np.mean(np.ascontiguousarray(found.T), axis=1)  # each row on its own: NumPy adds it in one order

    def _weight(self, state: F64, place: int) -> F64:
        """Return a weight from a flat state; a second axis of lanes stays the last one."""
        shape = tuple(int(size) for size in self._terms[place].shape)
        offset = self._states[place]
        return state[offset : offset + math.prod(shape)].reshape(*shape, *state.shape[1:])


def _form(made: Setting, style: Style | None) -> tuple[Terms, int]:
    """Return the losses of all samples, or, in a style of the sum over them, their mean."""
    atoms = made.draws.atoms
    lifted = lift(made.derived, made.sizes, Batch(Form.ALL, atoms, atoms, False))
    terms, root = lifted.terms, lifted.loss
    if style is not None:
        root = terms.sum([(sp.Rational(1, atoms), Total(lifted, style, False).of(root, atoms))], ())
    (root,), _ = shift_exponentials(terms, [root])
    return terms, root
