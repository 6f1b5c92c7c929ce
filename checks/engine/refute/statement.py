"""A statement read once for many points, and the conjunctions of comparisons that a counterexample must satisfy.

A counterexample satisfies every hypothesis and makes one conclusion false or undefined.  In disjunctive normal form
that is a list of *cases*, each a conjunction of atoms ``gap > 0``, ``>= 0``, ``== 0`` or ``!= 0``.  Cases only say
where to look: what counts is the exact evaluation of the whole statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import islice, product
from math import ceil, comb
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import lines
from checks.checker.grammar import Node, names
from checks.checker.kinds import instance

Clause = tuple["Atom", ...]
MOST_CASES, MOST_TERMS = 24, 4000
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
# what a judgement of a point may raise besides Unknown: the point is then no counterexample
FAULTS = (ArithmeticError, ValueError, KeyError)


@dataclass(frozen=True)
class Atom:
    """``gap relation 0`` with one of ``>``, ``>=``, ``==``, ``!=``."""

    gap: Node
    relation: str

    @cached_property
    def polynomial(self) -> poly.Poly | None:
        """The gap as a polynomial with the same sign where it is defined (None: it is none, or a very long one)."""
        if comb(_degree(self.gap) + len(names(self.gap)), len(names(self.gap))) > MOST_TERMS:
            return None
        try:
            top, bottom = poly.ratio(self.gap, poly.Context())
        except (poly.NotRational, ValueError):
            return None
        if set(bottom) == {()}:
            return poly.multiply(top, poly.constant(1 / bottom[()]))
        if self.relation in ("==", "!="):
            return top
        return poly.multiply(top, bottom) if len(top) * len(bottom) <= 400 else None


@dataclass(frozen=True)
class Statement:
    """A ``forall`` statement without index sets."""

    given: tuple[Node, ...]
    show: tuple[Node, ...]
    names: tuple[str, ...]
    integers: frozenset[str]

    @classmethod
    def read(cls, formal: Mapping[str, Any]) -> Statement:
        """Read a formal statement."""
        given, show = tuple(lines(formal, "given")), tuple(lines(formal, "show"))
        integers = frozenset(formal.get("integers", ()))
        return cls(given, show, tuple(sorted(integers.union(*(names(n) for n in (*given, *show))))), integers)

    def refuted_at(self, point: Callable[[int], pointwise.Point]) -> bool:
        """Return whether every hypothesis holds at a point, given with any number of digits, and a conclusion fails."""
        try:
            if any(instance.decided(node, point) is not True for node in self.given):
                return False
        except FAULTS:
            return False
        for node in self.show:
            try:
                if instance.decided(node, point) is not True:
                    return True
            except pointwise.Unknown:
                continue
            except FAULTS:
                return False
        return False

    def refuted_by(self, values: Mapping[str, Fraction]) -> bool:
        """Return whether rational values refute the statement."""
        if any(values[name].denominator != 1 for name in self.integers):
            return False
        return self.refuted_at(lambda bits: pointwise.Point(values, bits=bits))

    @cached_property
    def hypotheses(self) -> list[Clause]:
        """The hypotheses in disjunctive normal form."""
        return list(islice(_all([list(_clauses(node, True)) for node in self.given]), MOST_CASES))

    @cached_property
    def cases(self) -> list[Clause]:
        """Where a counterexample may lie: a conclusion false, or a term of one undefined."""
        failures: list[Clause] = []
        for node in self.show:
            failures += islice(_clauses(node, False), MOST_CASES)
        for node in self.show:
            failures += [(atom,) for atom in _undefined(node)]
        return [
            (*given, *failure) for failure in dict.fromkeys(failures[: 2 * MOST_CASES]) for given in self.hypotheses
        ]


def _degree(node: Node) -> int:
    """Return an upper estimate of the degree of an expression's numerator and denominator, without expanding it."""
    kind = node[0]
    if kind in ("+", "-", "*", "/"):
        return _degree(node[1]) + _degree(node[2])
    if kind == "**":
        size = abs(node[2][1]) if node[2][0] == "number" else 1
        return _degree(node[1]) * ceil(min(size, MOST_TERMS))
    return int(kind == "name")


def _clauses(node: Node, wanted: bool) -> Iterator[Clause]:
    """Yield the clauses of which one holds where the statement is true (false, where that is not ``wanted``)."""
    kind = node[0]
    if kind == "compare":
        links = list(zip(node[1], node[2][:-1], node[2][1:], strict=True))
        if wanted:
            yield tuple(_atom(a, sign, b) for sign, a, b in links)
        else:
            yield from ((_atom(a, NEGATED[sign], b),) for sign, a, b in links)
    elif kind == "not":
        yield from _clauses(node[1], not wanted)
    elif kind in ("and", "or", "implies"):
        first = (node[1], wanted if kind != "implies" else not wanted)
        parts = [list(islice(_clauses(*part), MOST_CASES)) for part in (first, (node[2], wanted))]
        if (kind == "and") == wanted:
            yield from _all(parts)
        else:
            yield from (clause for part in parts for clause in part)


def _all(parts: Sequence[Sequence[Clause]]) -> Iterator[Clause]:
    for choice in product(*parts):
        yield tuple(dict.fromkeys(atom for clause in choice for atom in clause))


def _atom(a: Node, sign: str, b: Node) -> Atom:
    if sign in ("<", "<="):
        a, b, sign = b, a, {"<": ">", "<=": ">="}[sign]
    return Atom(a if b == ("number", Fraction(0)) else ("-", a, b), sign)


def _undefined(node: Node) -> Iterator[Atom]:
    """Yield conditions under which a term has no value."""
    zero: Node = ("number", Fraction(0))
    for inner in parts(node):
        if inner[0] == "/" and names(inner[2]):
            yield Atom(inner[2], "==")
        elif inner[0] == "**" and names(inner[1]):
            exponent = inner[2][1] if inner[2][0] == "number" else None
            if exponent is None or exponent.denominator != 1:
                yield Atom(("-", zero, inner[1]), ">")
            if exponent is None or exponent < 0:
                yield Atom(inner[1], "==")
        elif inner[0] == "call" and inner[1] == "log":
            yield Atom(inner[2][0], "==")
            yield Atom(("-", zero, inner[2][0]), ">")
        elif inner[0] == "call" and inner[1] == "sqrt":
            yield Atom(("-", zero, inner[2][0]), ">")


def parts(node: Node) -> Iterator[Node]:
    """Yield an expression and all expressions inside it, the outer ones first."""
    yield node
    inside = node[2] if node[0] in ("compare", "call") else node[1:]
    for part in inside if node[0] not in ("number", "name") else ():
        if isinstance(part, tuple) and part and isinstance(part[0], str):
            yield from parts(part)
