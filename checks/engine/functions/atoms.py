"""Exponentials, logarithms and other functions as generators of rational functions: normal forms, factors, samples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, Relation, comparison, constant
from checks.checker.grammar import Node, names, substitute
from checks.checker.kinds.functions import inside
from checks.checker.kinds.path import derivative, smooth
from checks.engine.algebra import factored
from checks.engine.budget import NotFound
from checks.engine.sample import Array, NotSampled, evaluate, fails, holds, points

FUNCTIONS = ("exp", "log", "sin", "cos", "tan", "pi")
# terms that a numerator may have: larger ones are not worked on
MOST_TERMS = 400
# rounding error of a value, relative to the terms that it is the sum of
NOISE = 1e-14

Factors = list[tuple[poly.Poly, int]]


def is_atom(node: Node) -> bool:
    """Return whether a term is a function or a power with a variable exponent."""
    return (node[0] == "call" and node[1] in FUNCTIONS) or (node[0] == "**" and constant(node[2]) is None)


def atoms_of(node: Node) -> Iterator[Node]:
    """Yield the atoms of an expression or statement that lie in no other atom, outside binders."""
    if is_atom(node):
        yield node
        return
    for part in inside(node):
        yield from atoms_of(part)


def goal_atoms(goal: Goal) -> list[Node]:
    """Return the outermost atoms of a goal's conclusion and hypotheses, each once."""
    sides = [goal.conclusion, *(side for a, _, b in goal.given for side in (a, b)), *goal.either]
    return list(dict.fromkeys(atom for side in sides for atom in atoms_of(side)))


class Forms:
    """Normal forms in the names of a goal and one generator for each atom."""

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.atoms: dict[str, Node] = {}
        self._names: dict[Node, str] = {}

    def plain(self, node: Node) -> Node:
        """Return an expression with its atoms replaced by their generators."""
        if is_atom(node):
            if node not in self._names:
                name = f"zz{len(self._names)}"
                while name in self.goal.names:
                    name += "z"
                self._names[node], self.atoms[name] = name, node
            return ("name", self._names[node])
        parts = tuple(self.plain(part) for part in inside(node))
        if node[0] in ("call", "compare"):
            return (node[0], node[1], parts)
        return (node[0], *parts) if parts else node

    def ratio(self, node: Node) -> poly.Ratio:
        """Return numerator and denominator."""
        return poly.ratio(self.plain(node), self.goal.context)

    def node(self, p: poly.Poly) -> Node:
        """Return an expression for a polynomial in names and atoms; equal polynomials give equal expressions."""
        ordered = {m: p[m] for m in sorted(p, key=lambda m: (-sum(e for _, e in m), repr(m)))}
        return substitute(poly.node(ordered), self.atoms)

    def names(self, p: poly.Poly) -> set[str]:
        """Return the names that a polynomial depends on, through its atoms too."""
        found: set[str] = set()
        for g in poly.generators(p):
            found |= names(self.atoms[g]) if g in self.atoms else {g}
        return found

    def used(self, p: poly.Poly) -> set[str]:
        """Return the generators of a polynomial that stand for atoms."""
        return poly.generators(p) & set(self.atoms)

    def factors(self, node: Node) -> tuple[Fraction, Factors]:
        """Return a constant and the irreducible factors of an expression, exponents negative in the denominator.

        Raises
        ------
        NotFound
            When the normal form is too large, or zero.
        """
        top, bottom = self.ratio(node)
        if len(top) + len(bottom) > MOST_TERMS:
            raise NotFound("a normal form that is too large")
        if not top:
            return Fraction(0), []
        above, first = factored(top)
        below, second = factored(bottom)
        table: dict[frozenset[tuple[poly.Monomial, Fraction]], tuple[poly.Poly, int]] = {}
        for listed, sign in ((first, 1), (second, -1)):
            for q, exponent in listed:
                key = frozenset(q.items())
                table[key] = (q, table.get(key, (q, 0))[1] + sign * exponent)
        return above / below, [(q, e) for q, e in table.values() if e]

    def slope(self, node: Node, name: str) -> Node | None:
        """Return the derivative of an expression, or None where it has none."""
        if not smooth(node, name):
            return None
        return derivative(node, name)

    def numerator(self, node: Node) -> poly.Poly:
        """Return the product of the factors that stand in the numerator of an expression, each once.

        Raises
        ------
        NotFound
            When the normal form is too large.
        """
        total = poly.ONE
        for q, exponent in self.factors(node)[1]:
            if exponent > 0:
                total = poly.multiply(total, q)
        return total


def product(forms: Forms, factors: Factors, constant_factor: Fraction = Fraction(1)) -> Node:
    """Return the product of powers as an expression, with the negative exponents under one fraction bar."""
    above = poly.constant(constant_factor)
    below = poly.ONE
    for q, exponent in factors:
        if exponent > 0:
            above = poly.multiply(above, poly.power(q, exponent))
        else:
            below = poly.multiply(below, poly.power(q, -exponent))
    return forms.node(above) if below == poly.ONE else ("/", forms.node(above), forms.node(below))


class Samples:
    """Points of a goal's domain, for guesses."""

    def __init__(self, goal: Goal, count: int = 240) -> None:
        """Draw the points.

        Raises
        ------
        NotFound
            When none are found.
        """
        try:
            self.values: dict[str, Array] = points(goal, count) or {}
            if not self.values or not next(iter(self.values.values())).size:
                self.values = _with_roots(goal, count)
        except (NotSampled, KeyError, OverflowError) as error:
            raise NotFound("the domain has no samples") from error
        self.size = len(next(iter(self.values.values()))) if self.values else 1
        if self.size == 0:
            raise NotFound("no sample point satisfies the hypotheses")

    def of(self, node: Node, values: Mapping[str, Array] | None = None) -> Array:
        """Return an expression's values (not a number where it has none)."""
        return self.both(node, values)[0]

    def both(self, node: Node, values: Mapping[str, Array] | None = None) -> tuple[Array, Array]:
        """Return an expression's values and how far each may be off.

        Raises
        ------
        NotFound
            When the expression is not sampled.
        """
        try:
            with np.errstate(all="ignore"):
                found, size = evaluate(node, self.values if values is None else values)
            count = np.ones(self.size)
            return found * count, NOISE * (size * count) + NOISE
        except (NotSampled, KeyError, OverflowError) as error:
            raise NotFound("an expression that is not sampled") from error

    def sign(self, node: Node) -> tuple[int, bool]:
        """Return 1 or -1 for a definite sign, else 0; and whether it is never (nearly) zero."""
        return signed(*self.both(node))

    def holds(self, relation: Relation) -> bool:
        """Return whether a comparison holds at the samples, as far as floats tell."""
        a, sign, b = relation
        by = self.of(("-", a, b) if sign in (">", ">=", "==", "!=") else ("-", b, a))
        size = 1 + np.abs(self.of(a))
        known = by[~np.isnan(by)]
        if known.size < by.size / 2:
            return False
        if sign == "!=":
            return bool(np.all(known != 0))
        if sign == "==":
            return bool(np.all(np.abs(by) <= 1e-7 * size))
        return bool(np.all((by >= -1e-7 * size) | np.isnan(by)))


def _with_roots(goal: Goal, count: int) -> dict[str, Array]:
    """Draw points where names of roots stand for something: ``r*r == a`` with r >= 0."""
    roots: dict[str, Node] = {}
    rest = []
    for entry in goal.given:
        a, sign, b = entry
        if sign == "==" and a[0] == "*" and a[1] == a[2] and a[1][0] == "name":
            roots[a[1][1]] = b
        else:
            rest.append(entry)
    if not roots:
        return points(goal, count)
    free = [entry for entry in rest if not names(entry[0]) & set(roots) and not names(entry[2]) & set(roots)]
    shown = [n for n in goal.names if n not in roots]
    anchor: Node = ZERO
    for name in sorted(shown):
        anchor = ("+", anchor, ("name", name))
    values = points(replace(goal, conclusion=comparison(anchor, "==", ZERO), given=tuple(free)), count)
    size = len(next(iter(values.values()), np.ones(count)))
    with np.errstate(all="ignore"):
        for name, square in roots.items():
            values[name] = np.sqrt(evaluate(square, values)[0]) * np.ones(size)
        keep = np.ones(size, dtype=bool)
        for entry in rest:
            keep = keep & holds(entry, values)
    return {name: array[keep] for name, array in values.items()}


def signed(found: Array, noise: Array) -> tuple[int, bool]:
    """Return the definite sign of values (0 when both signs occur), and whether none is nearly zero."""
    known = np.isfinite(found) & np.isfinite(noise)
    if np.count_nonzero(known) < found.size / 2:
        return 0, False
    value, off = found[known], noise[known]
    above, below = bool(np.any(value > off)), bool(np.any(value < -off))
    return int(above) - int(below), bool(np.all(np.abs(value) > off))


def plausible(goal: Goal) -> bool:
    """Return False when the conclusion clearly fails at a sample point; values too large for floats say nothing."""
    try:
        samples = Samples(goal)
        with np.errstate(all="ignore"):
            wrong = fails(goal.conclusion, samples.values)
        (left, right) = goal.relation[0], goal.relation[2]
        sure = np.isfinite(samples.of(left)) & np.isfinite(samples.of(right))
        return not bool(np.any(wrong & sure))
    except (NotFound, NotSampled, KeyError, OverflowError):
        return True


def positive_gap(goal: Goal) -> Node:
    """Return what the conclusion says to be nonnegative or positive."""
    left, sign, right = goal.relation
    if right == ZERO and sign in (">", ">="):
        return left
    if left == ZERO and sign in ("<", "<="):
        return right
    return goal.gap()
