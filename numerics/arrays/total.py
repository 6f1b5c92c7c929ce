r"""The sum of a batch's gradients, in one of three equal forms; the plan takes the cheapest.

*plain*: the axis of the batch is summed in the last contraction of each gradient: matrix products over the batch.

*factored*: every node that is linear in a sample is a matrix of weights times data,
:math:`T_d = M \cdot X_d`, so products of weights are formed once a step and shared by all samples (*common matrix
products*), and the batch is summed over data alone, :math:`\sum_d M \cdot X_d = M \cdot \sum_d X_d`.

*expanded*: also differences such as a residual :math:`P x_d - y_d` are multiplied out, so that only moments of the
data are summed: :math:`\sum_d (P x_d - y_d) x_d^T = P \sum_d x_d x_d^T - \sum_d y_d x_d^T`.  With all samples in the
batch the moments are constants of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import prod
from typing import TypeAlias

import sympy as sp

from numerics.arrays.front import Batched, batch_axis
from numerics.arrays.ir import Leaf, Role
from theory.derive.terms import Kind, Number


class Style(StrEnum):
    """How the sum over the batch is written."""

    PLAIN = "plain"
    FACTORED = "factored"
    EXPANDED = "expanded"


#: More terms than this in one linear form are not multiplied out.
_LIMIT = 16
#: Axes of a factor's own sums are renamed beyond all others.
_FRESH = 1 << 20


Factor: TypeAlias = "tuple[int, tuple[int, ...]]"
"""A node and the names of its axes."""


@dataclass(frozen=True)
class Piece:
    """``scale`` times the contraction of ``samples`` with ``weights``.

    Axis 0 is the batch, ``1, 2, ...`` are those of the result.  Weights have no batch axis; weights that are not joined
    by a sum stay apart.
    """

    scale: sp.Expr
    weights: tuple[Factor, ...]
    samples: Factor


class Total:
    """Sums nodes over the batch.

    Parameters
    ----------
    batched
        The per-sample graph.
    style
        How to write the sum.
    counted
        Whether an entry of the batch axis counts as often as the leaf ``counts`` says.
    """

    def __init__(self, batched: Batched, style: Style, counted: bool) -> None:
        self.terms, self.style, self.size = batched.terms, style, batched.size
        self._axis = batch_axis(batched)
        self._forms: dict[int, list[Piece]] = {}
        self._counts = self.terms.leaf(Leaf("counts", Role.COUNTS), (batched.size,)) if counted else None

    def of(self, place: int, draws: int) -> int:
        """Return the sum of a node over the batch; ``draws`` is the number of samples in it."""
        term = self.terms[place]
        if place not in self._axis:
            return self.terms.sum([(sp.Integer(draws), place)], term.shape)
        if self.style is not Style.PLAIN:
            pieces = self._form(place, split=True)
            return self.terms.sum([(p.scale, self._summed(p, term.shape)) for p in pieces], term.shape[1:])
        if term.kind is Kind.SUM:
            parts = zip(term.coefficients, term.args, strict=True)
            return self.terms.sum([(c, self._plain(a)) for c, a in parts], term.shape[1:])
        return self._plain(place)

    def _weighted(self, factors: list[tuple[int, tuple[int, ...]]], axis: int) -> list[tuple[int, tuple[int, ...]]]:
        return factors if self._counts is None else [(self._counts, (axis,)), *factors]

    def _plain(self, place: int) -> int:
        """Sum a node over its first axis, inside the contraction where it is one."""
        term = self.terms[place]
        rest = term.shape[1:]
        last = term.rank + len(self.terms.sizes(place)) if term.kind is Kind.CONTRACT else term.rank
        if term.kind is Kind.CONTRACT:
            rename = {0: last, **{axis: axis - 1 for axis in range(1, term.rank)}}
            arguments = zip(term.args, term.axes, strict=True)
            factors = [(a, tuple(rename.get(axis, axis) for axis in axes)) for a, axes in arguments]
        else:
            factors = [(place, (last, *range(term.rank - 1)))]
        if all(last not in axes for _, axes in factors):  # the same for every sample, such as a weight in a residual
            factors.append((self.terms.ones((self.size,)), (last,)))
        return self.terms.contract(self._weighted(factors, last), rest)

    def _summed(self, piece: Piece, shape: tuple[Number, ...]) -> int:
        """Sum the samples of a piece over the batch first, then multiply by its weights; the node has this shape."""
        place, axes = piece.samples
        inner = self.terms[place]
        last = inner.rank
        factors = self._weighted([(place, (last, *range(inner.rank - 1)))], last)
        total = self.terms.contract(factors, inner.shape[1:])
        return self._joined((total, axes[1:]), piece.weights, dict(enumerate(shape[1:], 1)))

    def _joined(self, first: Factor, weights: tuple[Factor, ...], result: Mapping[int, Number]) -> int:
        """Multiply by one weight after the other, the one that leaves the fewest entries first.

        ``result`` has the sizes of the axes of the result; along those that no factor has, entries are repeated.
        """
        place, axes = first
        out = tuple(result)
        remaining = list(weights)
        while remaining:
            sizes = {**result, **self._sizes([(place, axes), *remaining])}

            def left(at: int, axes: tuple[int, ...] = axes, rest: list[Factor] = remaining) -> tuple[int, ...]:
                others = {axis for i, (_, named) in enumerate(rest) if i != at for axis in named}
                both = dict.fromkeys((*axes, *rest[at][1]))
                return tuple(axis for axis in both if axis in out or axis in others)

            best = min(range(len(remaining)), key=lambda at: prod(int(sizes[axis]) for axis in left(at)))
            kept = left(best) if len(remaining) > 1 else out
            place = self._inner([(place, axes), remaining.pop(best)], kept, sizes)
            axes = kept
        return place if axes == out else self._inner([(place, axes)], out, result)

    def _sizes(self, factors: Iterable[Factor]) -> dict[int, Number]:
        sizes: dict[int, Number] = {}
        for place, axes in factors:
            sizes.update(zip(axes, self.terms[place].shape, strict=True))
        return sizes

    def _form(self, place: int, split: bool = False) -> list[Piece]:
        """Return the linear form of a node with the batch axis; ``split`` multiplies out a sum at the top."""
        term = self.terms[place]
        if term.kind is Kind.SUM and (split or len(term.args) == 1 or self.style is Style.EXPANDED):
            parts = [
                Piece(p.scale * c, p.weights, p.samples)
                for c, a in zip(term.coefficients, term.args, strict=True)
                for p in self._form(a, split)
            ]
            if len(parts) <= _LIMIT:
                return parts
        if place not in self._forms:
            made = self._product(place) if term.kind is Kind.CONTRACT else None
            self._forms[place] = made or [self._whole(self.realise(place))]
        return self._forms[place]

    def _whole(self, place: int) -> Piece:
        return Piece(sp.S.One, (), (place, tuple(range(self.terms[place].rank))))

    def realise(self, place: int) -> int:
        """Return a node rebuilt from the linear forms of what it is made of."""
        term = self.terms[place]
        if place not in self._axis or term.kind is Kind.LEAF:
            return place
        if term.kind is Kind.SUM:
            parts = zip(term.coefficients, term.args, strict=True)
            made = self.terms.sum([(c, self.realise(a)) for c, a in parts], term.shape)
        elif term.kind is Kind.MAP:
            assert term.function is not None
            made = self.terms.map(term.function, self.realise(term.args[0]))
        else:
            pieces = self._form(place)
            result = dict(enumerate(term.shape))
            joined = [(p.scale, self._joined(p.samples, p.weights, result)) for p in pieces]
            made = self.terms.sum(joined, term.shape)
        self._axis.add(made)
        return made

    def _product(self, place: int) -> list[Piece] | None:
        """Return the linear form of a contraction: weights times weights, samples times samples."""
        term = self.terms[place]
        combined: list[tuple[sp.Expr, list[Factor], list[Factor]]] = [(sp.S.One, [], [])]
        for at, (argument, axes) in enumerate(zip(term.args, term.axes, strict=True)):
            if argument not in self._axis:
                combined = [(s, [*w, (argument, axes)], x) for s, w, x in combined]
                continue
            wider = []
            for piece in self._form(argument):
                outer = dict(enumerate(axes))

                def renamed(factor: Factor, outer: dict[int, int] = outer, at: int = at) -> Factor:
                    return factor[0], tuple(outer.get(axis, _FRESH * (at + 1) + axis) for axis in factor[1])

                for s, w, x in combined:
                    weights = [*w, *(renamed(factor) for factor in piece.weights)]
                    wider.append((s * piece.scale, weights, [*x, renamed(piece.samples)]))
            combined = wider
            if len(combined) > _LIMIT:
                return None
        whole = self.terms.sizes(place)
        return [self._piece(s, w, x, term.rank, whole) for s, w, x in combined]

    def _piece(
        self, scale: sp.Expr, weights: list[Factor], samples: list[Factor], rank: int, whole: Mapping[int, Number]
    ) -> Piece:
        """Multiply weights that share a summed axis, and the samples with one another.

        Of the axes of the contraction, ``whole``, a summed one that no factor has counts as often as it is long.
        """
        if not samples:  # the same for every sample
            samples = [(self.terms.ones((self.size,)), (0,))]
        named = {axis for _, axes in (*weights, *samples) for axis in axes}
        scale = scale * sp.prod(size for axis, size in whole.items() if axis >= rank and axis not in named)
        sizes = self._sizes((*weights, *samples))
        in_weights = {axis for _, axes in weights for axis in axes}
        in_samples = {axis for _, axes in samples for axis in axes}
        outer = set(range(rank))
        groups = _connected(weights, in_weights - in_samples - outer)
        grouped = []
        for group in groups:
            axes = tuple(sorted({a for _, named in group for a in named if a in outer or a in in_samples}))
            grouped.append((self._inner(group, axes, sizes), axes))
        sample_axes = (0, *sorted(a for a in in_samples if a != 0 and (a in outer or a in in_weights)))
        return Piece(scale, tuple(grouped), (self._inner(samples, sample_axes, sizes), sample_axes))

    def _inner(self, factors: list[Factor], out: tuple[int, ...], sizes: Mapping[int, Number]) -> int:
        rename = {axis: i for i, axis in enumerate(out)}
        named = [(place, tuple(rename.get(axis, len(out) + axis) for axis in axes)) for place, axes in factors]
        return self.terms.contract(named, [sizes[axis] for axis in out])


def _connected(factors: list[Factor], joining: set[int]) -> list[list[Factor]]:
    """Group factors that are joined by the given axes."""
    groups: list[list[Factor]] = []
    for factor in factors:
        touching = [g for g in groups if any(joining & set(axes) & set(factor[1]) for _, axes in g)]
        groups = [g for g in groups if g not in touching]
        groups.append([*(f for g in touching for f in g), factor])
    return groups
