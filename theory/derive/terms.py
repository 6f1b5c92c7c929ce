r"""Array terms: a shared graph of sums, contractions and elementwise maps.

A term has a shape: sizes, without axes of size one.  Four kinds suffice for the losses of ``theory.models`` and are
closed under differentiation:

==========  =======================================================================================
leaf        a named array
sum         :math:`\sum_i c_i T_i`, scalars c_i, terms of one shape
contract    product of terms over named axes, summed over the axes that the result lacks
map         :math:`f(T)`, entry by entry
==========  =======================================================================================

Axes of a contraction are numbered: ``0, ..., rank - 1`` are those of the result, in order; larger numbers are summed.
``contract((A, (0, 2)), (B, (2, 1)), rank=2)`` is the matrix product.  Equal terms are one node: the graph is built
through one table, so sharing costs nothing and a derivation at depth 24 is a few hundred nodes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations, product
from typing import TypeAlias

import sympy as sp

Number: TypeAlias = "sp.Expr | int"
T = sp.Symbol("t", real=True)
"""The variable of every map."""


class Kind(StrEnum):
    """What a term is."""

    LEAF = "leaf"
    SUM = "sum"
    CONTRACT = "contract"
    MAP = "map"
    LARGEST = "largest"


@dataclass(frozen=True)
class Term:
    """One node of a graph; arguments are positions of earlier nodes.

    Attributes
    ----------
    kind, args, shape
        What it is, of what, and its sizes.
    leaf, symmetric
        Identity of a leaf; whether its last two axes may be exchanged.
    coefficients
        Of a sum.
    axes
        Of a contraction, one tuple an argument.
    function
        Of a map, an expression in `T`.
    """

    kind: Kind
    args: tuple[int, ...]
    shape: tuple[Number, ...]
    leaf: Hashable = None
    symmetric: bool = False
    coefficients: tuple[sp.Expr, ...] = ()
    axes: tuple[tuple[int, ...], ...] = ()
    function: sp.Expr | None = None

    @property
    def rank(self) -> int:
        """Number of axes."""
        return len(self.shape)


class Terms:
    """A graph under construction.  Every method returns the position of a node."""

    def __init__(self) -> None:
        self.nodes: list[Term] = []
        self._places: dict[Term, int] = {}

    def __getitem__(self, place: int) -> Term:
        return self.nodes[place]

    def _place(self, term: Term) -> int:
        if term not in self._places:
            self._places[term] = len(self.nodes)
            self.nodes.append(term)
        return self._places[term]

    def leaf(self, leaf: Hashable, shape: Iterable[Number], symmetric: bool = False) -> int:
        """Return a named array."""
        return self._place(Term(Kind.LEAF, (), tuple(shape), leaf, symmetric))

    def ones(self, shape: Iterable[Number] = ()) -> int:
        """Return the array of ones, the empty product."""
        return self._place(Term(Kind.CONTRACT, (), tuple(shape)))

    def sum(self, parts: Iterable[tuple[sp.Expr, int]], shape: Sequence[Number]) -> int:
        """Return a linear combination; equal terms are collected, multiples are merged."""
        collected: dict[int, sp.Expr] = {}
        for coefficient, place in parts:
            factor, base = self.multiple(place)
            collected[base] = collected.get(base, sp.S.Zero) + coefficient * factor
        kept = [(place, c) for place, c in collected.items() if c != 0]
        if len(kept) == 1 and kept[0][1] == 1:
            return kept[0][0]
        places, coefficients = tuple(p for p, _ in kept), tuple(sp.sympify(c) for _, c in kept)
        return self._place(Term(Kind.SUM, places, tuple(shape), coefficients=coefficients))

    def multiple(self, place: int) -> tuple[sp.Expr, int]:
        """Split ``c * T`` into (c, T); a term that is no multiple is one times itself."""
        term = self.nodes[place]
        if term.kind is Kind.SUM and len(term.args) == 1:
            return term.coefficients[0], term.args[0]
        return sp.S.One, place

    def is_zero(self, place: int) -> bool:
        """Whether a term is the empty sum."""
        return self.nodes[place].kind is Kind.SUM and not self.nodes[place].args

    def contract(self, factors: Iterable[tuple[int, Sequence[int]]], shape: Sequence[Number]) -> int:
        """Return the product of factors over named axes, summed over those not in ``range(len(shape))``.

        Scalars are pulled out, axes that a factor only permutes or repeats are renamed, and the form is canonical:
        equal products are one node whatever the order of the factors and the names of summed axes.  A summed axis along
        which all factors repeat themselves counts as often as it is long.
        """
        rank, scale = len(shape), sp.S.One
        flat: list[tuple[int, tuple[int, ...]]] = []
        pending = [(place, tuple(axes)) for place, axes in factors]
        sizes = {a: size for place, axes in pending for a, size in zip(axes, self.nodes[place].shape, strict=True)}
        while pending:
            place, axes = pending.pop(0)
            factor, place = self.multiple(place)
            scale *= factor
            term = self.nodes[place]
            if self.is_zero(place):
                return self.sum((), shape)
            if term.kind is Kind.CONTRACT and len(term.args) <= 1 and self._renames(term):
                pending[:0] = [(a, tuple(axes[i] for i in old)) for a, old in zip(term.args, term.axes, strict=True)]
            else:
                flat.append((place, axes))
        self._check_sums(flat, shape)
        named_axes = {axis for _, axes in flat for axis in axes}
        scale *= sp.prod(size for axis, size in sizes.items() if axis >= rank and axis not in named_axes)
        if len(flat) == 1 and flat[0][1] == tuple(range(rank)):
            return self.sum([(scale, flat[0][0])], shape)
        places, named = self._canonical(flat, rank)
        made = self._place(Term(Kind.CONTRACT, places, tuple(shape), axes=named))
        return self.sum([(scale, made)], shape)

    def _renames(self, term: Term) -> bool:
        """Whether a contraction of at most one factor sums over nothing."""
        return all(axis < term.rank for axes in term.axes for axis in axes)

    def _check_sums(self, flat: Sequence[tuple[int, tuple[int, ...]]], shape: Sequence[Number]) -> None:
        sizes: dict[int, Number] = dict(enumerate(shape))
        for place, axes in flat:
            for axis, size in zip(axes, self.nodes[place].shape, strict=True):
                if sizes.setdefault(axis, size) != size:
                    raise ValueError(f"shapes do not fit: axis {axis} has size {sizes[axis]} and {size}")

    def _canonical(
        self, flat: Sequence[tuple[int, tuple[int, ...]]], rank: int
    ) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        """Return the smallest of the equivalent forms."""
        groups: dict[int, list[tuple[int, ...]]] = {}
        for place, axes in flat:
            groups.setdefault(place, []).append(axes)
        order = sorted(groups)
        places = tuple(place for place in order for _ in groups[place])
        best: tuple[tuple[int, ...], ...] | None = None
        for orders in product(*(permutations(groups[place]) for place in order)):
            row = [axes for group in orders for axes in group]
            flips = [(0, 1) if self.nodes[place].symmetric else (0,) for place in places]
            for flip in product(*flips):
                turned = [(*a[:-2], a[-1], a[-2]) if f else a for a, f in zip(row, flip, strict=True)]
                names: dict[int, int] = {}
                for axis in (axis for axes in turned for axis in axes):
                    if axis >= rank:
                        names.setdefault(axis, rank + len(names))
                form = tuple(tuple(names.get(axis, axis) for axis in axes) for axes in turned)
                best = form if best is None or form < best else best
        assert best is not None
        return places, best

    def map(self, function: sp.Expr, place: int) -> int:
        """Return ``function(T)`` entry by entry; affine maps become sums and squares become products."""
        term = self.nodes[place]
        if not function.has(T):
            return self.sum([(function, self.ones(term.shape))], term.shape)
        axes = tuple(range(term.rank))
        if function.is_polynomial(T) and sp.degree(function, T) == 1:
            slope, offset = sp.Poly(function, T).all_coeffs()
            return self.sum([(slope, place), (offset, self.ones(term.shape))], term.shape)
        scale, rest = function.as_independent(T, as_Add=False)
        if rest == T**2:
            square = self.contract([(place, axes), (place, axes)], term.shape)
            return self.sum([(scale, square)], term.shape)
        made = self._place(Term(Kind.MAP, (place,), term.shape, function=rest))
        return self.sum([(scale, made)], term.shape)

    def largest(self, place: int) -> int:
        """Return the largest entry along the last axis."""
        return self._place(Term(Kind.LARGEST, (place,), self.nodes[place].shape[:-1]))

    def sizes(self, place: int) -> dict[int, Number]:
        """Return the size of every axis of a contraction."""
        term = self.nodes[place]
        found: dict[int, Number] = dict(enumerate(term.shape))
        for argument, axes in zip(term.args, term.axes, strict=True):
            found.update(zip(axes, self.nodes[argument].shape, strict=True))
        return found

    def reachable(self, roots: Iterable[int]) -> tuple[int, ...]:
        """Return all nodes that the roots need, arguments first."""
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            place = stack.pop()
            if place not in seen:
                seen.add(place)
                stack.extend(self.nodes[place].args)
        return tuple(sorted(seen))
