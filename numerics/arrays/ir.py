r"""The intermediate representation of one step of an array program.

A program is a graph of `theory.derive.terms` with integer sizes and typed leaves, and for every weight the node of
its new value.  Bits are part of the meaning, in programs that use + - * / and sqrt only:

* a sum is evaluated from left to right; a coefficient 1 multiplies nothing, a coefficient -1 subtracts;
* a product is evaluated from left to right in the order of its factors;
* the list of a contraction runs over its summed axes, the last one fastest.  With entries :math:`q_0, q_1, \dots` it
  is :math:`((T_0 + T_1) + \dots) + q_{8\lfloor K/8\rfloor} + \dots`, where T_i is the balanced tree on the i-th eight
  entries; there is no leading zero;
* a coefficient is the double nearest to its exact value.

Every target follows this text; none may fuse, reorder or contract.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

import sympy as sp

from theory.derive.terms import Kind, T, Term, Terms

#: Number of leaves of the balanced tree inside a sum.
TREE_WIDTH = 8
ETA = sp.Symbol("eta", positive=True)


class Role(StrEnum):
    """What a leaf holds."""

    STATE = "state"
    SHARED = "shared"
    TABLE = "table"
    ROWS = "rows"
    COUNTS = "counts"

    @property
    def static(self) -> bool:
        """Whether the leaf is the same at every step and in every replica."""
        return self in (Role.SHARED, Role.TABLE)


@dataclass(frozen=True)
class Leaf:
    """A typed leaf.

    ``table`` holds all atoms along its first axis, ``rows`` those of the batch of a replica, ``counts`` how often the
    batch holds each atom.
    """

    name: str
    role: Role


class Form(StrEnum):
    """How the batch enters: draw by draw, as counts of atoms, or as the whole data set."""

    ROWS = "rows"
    COUNTS = "counts"
    ALL = "all"


@dataclass(frozen=True)
class Batch:
    """Batch of a step: its form, the number of atoms, the size k, and whether draws are with replacement."""

    form: Form
    atoms: int
    size: int
    replacement: bool


@dataclass(frozen=True)
class Program:
    """One step.

    Attributes
    ----------
    model
        Name of the model.
    terms
        The graph.
    updates
        Name of a weight, its leaf and the node of its new value, in the order of the state.
    batch
        How the batch enters.
    style
        How the sum over the batch is written.
    decoupled
        Whether the first coordinates of all weights never mix with one another.
    explain
        What the passes did, one line each.
    """

    model: str
    terms: Terms
    updates: tuple[tuple[str, int, int], ...]
    batch: Batch
    style: str = "plain"
    decoupled: bool = False
    explain: tuple[str, ...] = field(default=())

    @property
    def dimension(self) -> int:
        """Number of coordinates of the state."""
        return sum(size_of(self.terms[leaf]) for _, leaf, _ in self.updates)

    def offsets(self) -> dict[str, int]:
        """Return where each weight begins in the flat state."""
        found, at = {}, 0
        for name, leaf, _ in self.updates:
            found[name] = at
            at += size_of(self.terms[leaf])
        return found

    def roots(self) -> tuple[int, ...]:
        """Return the nodes of the new values."""
        return tuple(new for _, _, new in self.updates)

    def step_nodes(self) -> tuple[int, ...]:
        """Return the nodes that a step evaluates, arguments first: what is neither a leaf nor static."""
        fixed = static(self.terms, self.roots())
        return tuple(
            p for p in self.terms.reachable(self.roots()) if p not in fixed and self.terms[p].kind is not Kind.LEAF
        )

    def coefficients(self) -> tuple[sp.Expr, ...]:
        """Return the coefficients that depend on parameters of the run, in order of appearance."""
        found: dict[sp.Expr, None] = {}
        for place in self.terms.reachable(self.roots()):
            found.update((c, None) for c in self.terms[place].coefficients if c.free_symbols)
        return tuple(found)

    def text(self) -> str:
        """Return the textual form, one node a line."""
        lines = [f"model {self.model}", f"batch {self.batch.form} {self.batch.size} of {self.batch.atoms}"]
        for place in self.terms.reachable(self.roots()):
            lines.append(f"%{place} = {describe(self.terms[place])}")
        lines += [f"{name} <- %{new}" for name, _, new in self.updates]
        return "\n".join(lines) + "\n"

    def digest(self) -> str:
        """Return the SHA-256 of the textual form."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def size_of(term: Term) -> int:
    """Return the number of entries."""
    return math.prod(int(size) for size in term.shape)


def describe(term: Term) -> str:
    """Return a node in words."""
    shape = "x".join(str(size) for size in term.shape) or "scalar"
    names = ", ".join(f"%{place}" for place in term.args)
    if term.kind is Kind.LEAF:
        leaf = term.leaf
        return f"{leaf.role} {leaf.name} : {shape}" if isinstance(leaf, Leaf) else f"{leaf} : {shape}"
    if term.kind is Kind.SUM:
        parts = (f"{c}*%{place}" for c, place in zip(term.coefficients, term.args, strict=True))
        return f"sum {', '.join(parts)} : {shape}"
    if term.kind is Kind.CONTRACT:
        return f"contract {names} over {' '.join(''.join(map(_letter, axes)) or '.' for axes in term.axes)} : {shape}"
    if term.kind is Kind.MAP:
        return f"map {str(term.function).replace(str(T), names)} : {shape}"
    return f"largest {names} : {shape}"


def _letter(axis: int) -> str:
    return "abcdefghijklmnopqrstuvwxyz"[axis % 26]


def static(terms: Terms, roots: Iterable[int]) -> set[int]:
    """Return the nodes that are the same at every step: they are evaluated once a run."""
    found: set[int] = set()
    for place in terms.reachable(roots):
        term = terms[place]
        if term.kind is Kind.LEAF:
            if isinstance(term.leaf, Leaf) and term.leaf.role.static:
                found.add(place)
        elif all(argument in found for argument in term.args):
            found.add(place)
    return found


def summed(terms: Terms, place: int) -> tuple[int, ...]:
    """Return the sizes of the summed axes of a contraction, in order."""
    term = terms[place]
    sizes = terms.sizes(place)
    return tuple(int(sizes[axis]) for axis in sorted(sizes) if axis >= term.rank)


#: Relative cost of an entry read through a drawn index (measured: about two multiply-additions in lanes), and of a
#: transcendental function.
GATHER, TRANSCENDENTAL = 4.0, 20.0


def cost(terms: Terms, roots: Iterable[int]) -> float:
    """Return an estimate of the operations of a step: products and additions of all nodes that are not static."""
    roots = tuple(roots)
    fixed = static(terms, roots)
    return sum(_operations(terms, p) for p in terms.reachable(roots) if p not in fixed)


def _operations(terms: Terms, place: int) -> float:
    term = terms[place]
    if term.kind is Kind.LEAF:
        return 0.0
    if term.kind is Kind.SUM:
        return float(size_of(term) * len(term.args))
    if term.kind is not Kind.CONTRACT:
        return size_of(term) * (TRANSCENDENTAL if transcendental(term) else 2.0)
    roles = {leaf.role for leaf in (terms[a].leaf for a in term.args) if isinstance(leaf, Leaf)}
    entries = math.prod(int(size) for size in terms.sizes(place).values()) * max(1, len(term.args))
    if Role.COUNTS in roles and any(terms[a].symmetric for a in term.args):
        return entries / 2  # one triangle
    return entries * (GATHER if Role.ROWS in roles else 1.0)


def transcendental(term: Term) -> bool:
    """Whether a map uses more than + - * / and sqrt, so that its bits depend on the target."""
    return term.function is not None and bool(term.function.has(sp.exp, sp.log, sp.tanh, sp.sin, sp.cos))
