"""Inequalities of higher degree in an atom: the atom is replaced by a bound, the secant's slope having a known sign.

For a polynomial f and a bound a >= T,

    f(a) = f(T) + (a - T) S(a, T) ,   S(a, T) = sum_k c_k sum_{i < k} a^i T^(k-1-i) ,

so f(a) >= f(T) where S >= 0; an upper bound a <= T serves where S <= 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ONE, ZERO, Goal, comparison
from checks.checker.grammar import Node, names
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import MOST_TERMS, Forms, Samples, positive_gap
from checks.engine.functions.bounds import MOST_TRIED, ORDERS, Bound, family
from checks.engine.functions.exponents import named
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse

MOST_DEGREE = 6


def by_secants(goal: Goal, prove: Prover, effort: int) -> Certificate:
    """Prove an inequality that is of degree two or more in an atom from a bound of that atom.

    Raises
    ------
    NotFound
        Where no bound suffices, or what it leaves is not proved.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    if set(bottom) != {()} or bottom[()] < 0:
        raise NotFound("")
    reasons: list[str] = []
    for bound, slope, rest in islice(_candidates(goal, top, forms, effort), MOST_TRIED[effort]):
        try:
            return _replaced(goal, bound, slope, rest, prove)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[0] if reasons else "no bound of a function suffices")


def _candidates(goal: Goal, top: poly.Poly, forms: Forms, effort: int) -> Iterator[tuple[Bound, Node, Node]]:
    """Yield bounds with the secant's slope, its sign made positive, and what is left."""
    samples = Samples(goal)
    strict = goal.sign in ("<", ">")
    found: list[tuple[int, int, int, tuple[Bound, Node, Node]]] = []
    for g in sorted(forms.used(top)):
        atom = forms.atoms[g]
        degree = max(dict(m).get(g, 0) for m in top)
        if not 1 < degree <= MOST_DEGREE or not names(atom):
            continue
        for bound in family(atom, ORDERS[effort]):
            if bound.bottom != ONE or bound.inverse or not all(samples.holds(p) for p in bound.premises()):
                continue
            value, below = forms.ratio(bound.top)
            if set(below) != {()} or g in poly.generators(value):
                continue
            slope, rest = _secant(top, g, poly.multiply(value, poly.constant(1 / below[()])))
            if max(len(slope), len(rest)) > MOST_TERMS or not slope:
                continue
            side = samples.sign(forms.node(slope))[0]
            if not side or bound.upper != (side < 0):
                continue
            left, noise = samples.both(forms.node(rest))
            if np.any(left < -noise) or (strict and not np.any(left > noise)):
                continue
            scaled = forms.node(poly.multiply(slope, poly.constant(side)))
            found.append((bound.order, len(rest), len(found), (bound, scaled, forms.node(rest))))
    for *_, entry in sorted(found, key=lambda entry: entry[:3]):
        yield entry


def _secant(top: poly.Poly, g: str, value: poly.Poly) -> tuple[poly.Poly, poly.Poly]:
    """Return the slope of the secant of a polynomial in g from a value to g, and the polynomial at that value."""
    slope: poly.Poly = {}
    rest: poly.Poly = {}
    for monomial, coefficient in top.items():
        k = dict(monomial).get(g, 0)
        outer: poly.Poly = {tuple(i for i in monomial if i[0] != g): coefficient}
        rest = poly.add(rest, poly.multiply(outer, poly.power(value, k)))
        for i in range(k):
            part = poly.multiply(poly.power(poly.generator(g), i), poly.power(value, k - 1 - i))
            slope = poly.add(slope, poly.multiply(outer, part))
    return slope, rest


def _replaced(goal: Goal, bound: Bound, slope: Node, rest: Node, prove: Prover) -> Certificate:
    chain = Chain(goal, prove)
    strict = goal.sign in ("<", ">")
    facts = [comparison(slope, ">=", ZERO), comparison(rest, ">" if strict else ">=", ZERO)]
    for fact in reversed(facts):
        chain.lemma(fact)
    before = len(chain.goal.given)
    chain.apply("axiom", axiom=bound.axiom, at=[unparse(bound.at)], order=bound.order)
    a, sign, b = chain.goal.given[before]
    facts.append(comparison(a, sign, b))
    keep = [chain.goal.given.index((f[2][0], f[1][0], f[2][1])) for f in facts]
    chain.forget(keep)
    named(chain)
    return chain.close(chain.proof(chain.goal))
