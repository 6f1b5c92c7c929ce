"""Atoms replaced by bounds: functions by Taylor and Pade polynomials, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ONE, ZERO, Goal, Relation, comparison
from checks.checker.grammar import Node, names, substitute
from checks.checker.kinds.axioms import SCHEMAS
from checks.checker.kinds.schemas import number
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Forms, Samples, positive_gap
from checks.engine.functions.exponents import identity, named, settling
from checks.engine.structure import new_name, terms
from checks.engine.tactics import Prover, by_rule
from checks.engine.unparse import unparse


@dataclass(frozen=True)
class Bound:
    """``atom >= top/bottom`` (or ``<=``, with ``upper``), bottom > 0, by an axiom with its premises."""

    atom: Node
    upper: bool
    top: Node
    bottom: Node
    axiom: str
    at: Node
    order: int
    inverse: bool = False

    def premises(self) -> list[Relation]:
        """Return what the axiom asks for."""
        return SCHEMAS[self.axiom]([self.at], [self.order])[0]


X: Node = ("name", "x")


def _taylor(name: str, x: Node, n: int) -> Node:
    fact = SCHEMAS[name]([X], [n])[1]
    return substitute(fact[2], {"x": x})


def of_exp(atom: Node, orders: tuple[int, ...]) -> Iterator[Bound]:
    """Yield bounds of exp(u)."""
    (u,) = atom[2]
    minus: Node = ("-", ZERO, u)
    for n in orders:
        yield Bound(atom, False, _taylor("exp-lower", u, n), ONE, "exp-lower", u, n)
        series = _taylor("exp-lower", minus, n)
        yield Bound(atom, True, ONE, series, "exp-pole", u, n)
        if n % 2 == 0:
            yield Bound(atom, True, _taylor("exp-upper", u, n), ONE, "exp-upper", u, n)
            yield Bound(atom, False, ONE, series, "exp-upper", minus, n, True)


def of_log(atom: Node, orders: tuple[int, ...]) -> Iterator[Bound]:
    """Yield bounds of log(u)."""
    (u,) = atom[2]
    less: Node = ("-", u, ONE)
    two = number(2)
    yield Bound(atom, True, less, ONE, "log-upper", u, 1)
    yield Bound(atom, False, less, u, "log-below", u, 1)
    for n in (1, 2):
        yield Bound(atom, n == 2, ("*", two, less), ("+", u, ONE), "log-mean", u, n)
        yield Bound(atom, n == 1, ("-", ("*", u, u), ONE), ("*", two, u), "log-geometric", u, n)
    for n in orders:
        if n > 1:
            yield Bound(atom, True, _taylor("log-upper", u, n), ONE, "log-upper", u, n)
        if n % 2 == 0:
            yield Bound(atom, False, _taylor("log-lower", u, n), ONE, "log-lower", u, n)


def of_wave(atom: Node, orders: tuple[int, ...]) -> Iterator[Bound]:
    """Yield bounds of sin(u) or cos(u)."""
    (u,) = atom[2]
    name = f"{atom[1]}-series"
    for n in orders:
        fact = SCHEMAS[name]([X], [n])[1]
        yield Bound(atom, n % 2 == 1, substitute(fact[2], {"x": u}), ONE, name, u, n)


def family(atom: Node, orders: tuple[int, ...]) -> Iterator[Bound]:
    """Yield the bounds of an atom, none for functions without any."""
    known = {"exp": of_exp, "log": of_log, "sin": of_wave, "cos": of_wave}
    if atom[0] == "call" and atom[1] in known:
        yield from known[atom[1]](atom, orders)


ORDERS = ((1, 2), (1, 2, 3, 4), (1, 2, 3, 4, 5, 6, 8))
MOST_TRIED = (2, 5, 10)


def by_bounds(goal: Goal, prove: Prover, effort: int) -> Certificate:
    """Prove an inequality that is linear in an atom from a bound of that atom.

    With the gap A a + B, A >= 0 and a >= N/D it suffices that A N + B D >= 0 (and D > 0).

    Raises
    ------
    NotFound
        Where no such inequality is proved.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    if set(bottom) != {()} or bottom[()] < 0:
        raise NotFound("")
    samples = Samples(goal)
    reasons: list[str] = []
    strict = goal.sign in ("<", ">")
    for split, bound in islice(_candidates(top, forms, samples, effort, strict), MOST_TRIED[effort]):
        try:
            return _eliminated(goal, split, bound, prove)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[0] if reasons else "no bound of a function suffices")


def _candidates(
    top: poly.Poly, forms: Forms, samples: Samples, effort: int, strict: bool
) -> Iterator[tuple[tuple[Node, Node, int], Bound]]:
    found: list[tuple[int, int, int, tuple[Node, Node, int], Bound]] = []
    for g in sorted(forms.used(top)):
        atom = forms.atoms[g]
        if not names(atom) or max(dict(m).get(g, 0) for m in top) != 1:
            continue
        slope = {tuple(i for i in m if i[0] != g): v for m, v in top.items() if g in dict(m)}
        rest = {m: v for m, v in top.items() if g not in dict(m)}
        a, b = forms.node(slope), forms.node(rest)
        side = samples.sign(a)[0]
        if not side:
            continue
        other = samples.of(b)
        for bound in family(atom, ORDERS[effort]):
            if bound.upper != (side < 0) or not all(samples.holds(p) for p in bound.premises()):
                continue
            below = samples.of(bound.bottom)
            if not np.all((below > 0) | np.isnan(below)):
                continue
            value, noise = samples.both(("+", ("*", a, ("/", bound.top, bound.bottom)), b))
            size = noise + 1e-9 * (1 + np.abs(other))
            if strict and not (np.any(value > size) and np.all((value >= 0) | np.isnan(value))):
                continue
            if np.all((value >= -size) | np.isnan(value)):
                found.append((len(forms.used(slope)), bound.order, len(found), (a, b, side), bound))
    for _, _, _, split, bound in sorted(found, key=lambda entry: entry[:3]):
        yield split, bound


def _eliminated(goal: Goal, split: tuple[Node, Node, int], bound: Bound, prove: Prover) -> Certificate:
    a, b, side = split
    chain, forms = Chain(goal, prove), Forms(goal)
    strict = goal.sign in ("<", ">")
    top, bottom = _polynomials(forms, goal, bound)
    scaled = a if side > 0 else _neat(forms, ("-", ZERO, a))
    reduced = _neat(forms, ("+", ("*", a, top), ("*", b, bottom)))
    facts = [comparison(scaled, ">=", ZERO), comparison(reduced, ">" if strict else ">=", ZERO)]
    if bound.atom[1] == "log":
        chain.lemma(comparison(bound.atom[2][0], ">", ZERO))
    if bottom != ONE:
        chain.lemma(comparison(bottom, ">", ZERO))
    for fact in facts:
        chain.lemma(fact)
    chain.apply("axiom", axiom=bound.axiom, at=[unparse(bound.at)], order=bound.order)
    if bound.inverse:  # exp(-u) <= D, hence exp(u) D >= 1
        u = bound.atom[2][0]
        settled = Chain(chain.goal, settling(prove))
        settled.apply("axiom", axiom="exp-sum", at=[unparse(("-", ZERO, u)), unparse(u)], order=[-1])
        chain.absorb(settled)
    excess = _excess(bound, bound.top, bound.bottom)
    chain.lemma(comparison(excess, ">=", ZERO), lambda inner: _moved(inner, prove))
    if (top, bottom) != (bound.top, bound.bottom):
        cleared = _excess(bound, top, bottom)
        factor = unparse(("/", bottom, bound.bottom))
        rules = (lambda inner: identity(inner, prove), lambda inner: _ratio(inner, bound.bottom, prove), chain.proof)
        chain.lemma(
            comparison(cleared, ">=", ZERO),
            lambda inner: by_rule(inner, list(rules), "scale", factor=factor, to=unparse(excess)),
        )
        excess = cleared
    facts.append(comparison(excess, ">=", ZERO))
    if bottom != ONE:
        chain.apply(
            "scale",
            lambda inner: identity(inner, prove),
            lambda inner: opaque(inner, prove),
            factor=unparse(("/", ONE, bottom)),
            to=unparse(("*", bottom, positive_gap(goal))),
        )
    keep = [chain.goal.given.index((f[2][0], f[1][0], f[2][1])) for f in facts]
    named(chain)
    chain.forget(keep)
    return chain.close(chain.proof(chain.goal))


def _excess(bound: Bound, top: Node, bottom: Node) -> Node:
    """Return what the bound says to be nonnegative, with top and bottom in the place of its own."""
    return ("-", top, ("*", bottom, bound.atom)) if bound.upper else ("-", ("*", bottom, bound.atom), top)


def _polynomials(forms: Forms, goal: Goal, bound: Bound) -> tuple[Node, Node]:
    """Return a bound as a quotient of polynomials with a positive denominator."""
    if all(forms.ratio(part)[1] == poly.ONE for part in (bound.top, bound.bottom)):
        return bound.top, bound.bottom
    constant, factors = forms.factors(("/", bound.top, bound.bottom))
    top, bottom = poly.constant(constant), poly.ONE
    samples = Samples(goal)
    for q, exponent in factors:
        if exponent > 0:
            top = poly.multiply(top, poly.power(q, exponent))
            continue
        side = samples.sign(forms.node(q))[0]
        if not side:
            raise NotFound("a denominator of unknown sign")
        bottom = poly.multiply(bottom, poly.power(poly.multiply(q, poly.constant(side)), -exponent))
        top = poly.multiply(top, poly.constant(Fraction(side) ** exponent))
    return forms.node(top), forms.node(bottom)


def _ratio(goal: Goal, bottom: Node, prove: Prover) -> Certificate:
    """Prove a quotient positive from its denominator."""
    chain = Chain(goal, prove)
    chain.lemma(comparison(bottom, ">", ZERO))
    named(chain)
    return chain.close(chain.proof(chain.goal))


def _moved(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``a - b >= 0`` from ``a >= b``: quotients get names too, so that both are polynomials."""
    chain = Chain(goal, prove)
    while True:
        term = next((t for t in terms(chain.goal) if t[0] == "/" and names(t[2])), None)
        if term is None:
            break
        chain.apply("name", term=unparse(term), **{"as": new_name(chain.goal, "q")})
    named(chain)
    return chain.close(chain.proof(chain.goal))


def _neat(forms: Forms, node: Node) -> Node:
    top, bottom = forms.ratio(node)
    return forms.node(top) if bottom == poly.ONE else node


def opaque(goal: Goal, prove: Prover) -> Certificate:
    """Prove a goal with names for its atoms."""
    chain = Chain(goal, prove)
    named(chain)
    return chain.close(chain.proof(chain.goal))
