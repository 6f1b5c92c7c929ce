"""The linear equations behind a sum-of-squares certificate, over the rationals.

A model asks for positive semidefinite matrices S_j and free numbers u_k with

    target = sum over blocks j of  factor_j * (basis_j^T S_j basis_j)  +  sum over k of  u_k * term_k ,

where factor_j is a product of hypotheses and term_k a monomial times an equality.  Inside, a polynomial is a
dictionary from exponent tuples to fractions: every variable has a fixed place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

Exponents = tuple[int, ...]
Dense = dict[Exponents, Fraction]
Matrix = list[list[Fraction]]


@dataclass(frozen=True)
class Block:
    """A product of hypotheses (their positions, and its value) and the basis of its sum-of-squares multiplier.

    ``strict`` marks a product of strict hypotheses (basis 1) that may be the strictly positive term of a goal.
    """

    facts: tuple[int, ...]
    factor: Dense
    basis: tuple[Dense, ...]
    strict: bool = False

    def entries(self) -> list[tuple[int, int]]:
        """Return the places of the upper triangle, column by column."""
        return [(i, j) for j in range(len(self.basis)) for i in range(j + 1)]


@dataclass(frozen=True)
class Free:
    """A term of an equality's free multiplier: a monomial times the equality."""

    fact: int
    monomial: Dense
    value: Dense


@dataclass(frozen=True)
class Model:
    """What is to be written as a sum of squares, and out of what."""

    target: Dense
    blocks: tuple[Block, ...]
    free: tuple[Free, ...] = ()

    @cached_property
    def columns(self) -> list[Dense]:
        """Return what every unknown multiplies: the upper triangles block by block, then the free numbers."""
        found = []
        for block in self.blocks:
            scaled = [times(block.factor, b) for b in block.basis]
            for i, j in block.entries():
                value = times(scaled[i], block.basis[j])
                found.append(value if i == j else {m: 2 * v for m, v in value.items()})
        return found + [term.value for term in self.free]

    @cached_property
    def owners(self) -> list[tuple[int, int, int]]:
        """Return for every unknown its block, row and column (block -1 and the position for a free number)."""
        found = [(k, i, j) for k, block in enumerate(self.blocks) for i, j in block.entries()]
        return found + [(-1, k, k) for k in range(len(self.free))]


def times(p: Dense, q: Dense) -> Dense:
    """Return p * q."""
    if len(q) == 1:
        p, q = q, p
    if len(p) == 1:
        # no two products meet
        ((a, x),) = p.items()
        if x == 1:
            return {tuple(map(int.__add__, a, b)): y for b, y in q.items()}
        return {tuple(map(int.__add__, a, b)): x * y for b, y in q.items()}
    result: Dense = {}
    for a, x in p.items():
        for b, y in q.items():
            m = tuple(map(int.__add__, a, b))
            result[m] = result.get(m, Fraction(0)) + x * y
    return {m: v for m, v in result.items() if v}


def plus(p: Dense, q: Dense, scale: Fraction) -> Dense:
    """Return p + scale * q."""
    result = dict(p)
    for m, v in q.items():
        result[m] = result.get(m, Fraction(0)) + scale * v
    return {m: v for m, v in result.items() if v}


def degree(p: Dense) -> int:
    """Return the total degree (0 for the zero polynomial)."""
    return max(map(sum, p), default=0)


def homogeneous(polys: Iterable[Dense]) -> bool:
    """Return whether each polynomial has terms of one degree only."""
    return all(len({sum(m) for m in p}) <= 1 for p in polys)


def monomials(caps: Sequence[int], low: int, high: int) -> list[Exponents]:
    """Return the exponents with ``low <= total <= high`` and each at most its cap, the higher degrees first."""
    found: list[Exponents] = [()]
    for cap in caps:
        found = [(*m, e) for m in found for e in range(min(cap, high - sum(m)) + 1)]
    return sorted((m for m in found if sum(m) >= low), key=lambda m: (-sum(m), tuple(-e for e in m)))


def parity_classes(polys: Iterable[Dense], found: Iterable[Exponents]) -> list[list[Exponents]]:
    """Split monomials by the sign changes of variables that leave all polynomials as they are.

    Averaging a certificate over those sign changes removes products of monomials of different classes.
    """
    span: list[Exponents] = []
    for p in polys:
        for m in p:
            rest = _reduced(tuple(e % 2 for e in m), span)
            if any(rest):
                span.append(rest)
    classes: dict[Exponents, list[Exponents]] = {}
    for m in found:
        classes.setdefault(_reduced(tuple(e % 2 for e in m), span), []).append(m)
    return list(classes.values())


def _reduced(m: Exponents, span: list[Exponents]) -> Exponents:
    """Reduce a vector of parities by an echelon basis (each vector's first one clears that place)."""
    for row in sorted(span, reverse=True):
        lead = row.index(1)
        if m[lead]:
            m = tuple((a + b) % 2 for a, b in zip(m, row, strict=True))
    return m


def without_dead_rows(model: Model) -> Model:
    """Remove basis elements whose diagonal entry must vanish.

    Where the coefficient of a monomial in the target is zero and only diagonal entries of one sign contribute to
    it, all of them are zero.  This repeats until nothing changes; it contains the Newton-polytope argument.
    """
    columns, owners = model.columns, model.owners
    rows: dict[Exponents, set[int]] = {}
    for position, column in enumerate(columns):
        for m in column:
            rows.setdefault(m, set()).add(position)
    by_element: dict[tuple[int, int], list[int]] = {}
    for position, (k, i, j) in enumerate(owners):
        for element in {(k, i), (k, j)}:
            by_element.setdefault(element, []).append(position)
    dead: set[tuple[int, int]] = set()
    todo = set(rows)
    while todo:
        m = todo.pop()
        if m in model.target or not rows[m]:
            continue
        places = [owners[c] for c in rows[m]]
        signs = {columns[c][m] > 0 for c in rows[m]}
        single_free = len(places) == 1 and places[0][0] == -1
        if not single_free and (len(signs) > 1 or any(k == -1 or i != j for k, i, j in places)):
            continue
        for k, i, _ in places:
            dead.add((k, i))
            for position in by_element[(k, i)]:
                for other in columns[position]:
                    if position in rows[other]:
                        rows[other].discard(position)
                        todo.add(other)
    blocks = [
        replace(block, basis=tuple(b for i, b in enumerate(block.basis) if (k, i) not in dead))
        for k, block in enumerate(model.blocks)
    ]
    free = tuple(term for i, term in enumerate(model.free) if (-1, i) not in dead)
    return Model(model.target, tuple(block for block in blocks if block.basis), free)


def restricted(block: Block, directions: Matrix) -> Block:
    """Return a block whose basis is that of the given combinations of the old one."""
    basis = []
    for direction in directions:
        value: Dense = {}
        for weight, b in zip(direction, block.basis, strict=True):
            if weight:
                value = plus(value, b, weight)
        basis.append(value)
    return replace(block, basis=tuple(basis))
