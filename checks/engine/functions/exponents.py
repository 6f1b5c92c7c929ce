"""Functional equations: exponentials and logarithms rewritten in common terms, sums of logarithms as products."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import gcd, lcm, pi

import sympy as sp

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import ONE, ZERO, Goal, constant
from checks.checker.grammar import Node, names
from checks.checker.kinds.axioms import LARGEST_ORDER
from checks.checker.kinds.schemas import call, number
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.functions.atoms import Forms, Samples, atoms_of
from checks.engine.structure import new_name, terms
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse

MOST_REWRITINGS = 24
Part = tuple[poly.Monomial, frozenset[tuple[poly.Monomial, Fraction]]]
Vector = dict[Part, Fraction]
UNIT = frozenset(poly.ONE.items())
PRIMES = (2, 3, 5, 7, 11, 13)


def identity(goal: Goal, prove: Prover) -> Certificate:
    """Prove an equality of rational functions of atoms: the atoms get names, then normal forms agree."""
    chain = Chain(goal, prove)
    named(chain)
    return chain.close(chain.proof(chain.goal))


def settling(prove: Prover) -> Prover:
    """Return a prover that shows equalities by normal forms, other goals with another prover."""

    def settle(goal: Goal) -> Certificate:
        if goal.conclusion[0] == "compare" and goal.sign == "==":
            return identity(goal, prove)
        return from_one(goal) or prove(goal)

    return settle


def named(chain: Chain) -> None:
    """Give every atom of a goal a name, the outer ones first."""
    forms = Forms(chain.goal)
    for side in _sides(chain.goal):
        forms.plain(side)
    for atom in sorted(forms.atoms.values(), key=lambda node: -len(repr(node))):
        chain.apply("name", term=unparse(atom), **{"as": new_name(chain.goal, "v")})


def _sides(goal: Goal) -> Iterator[Node]:
    yield goal.conclusion
    for a, _, b in goal.given:
        yield a
        yield b
    yield from goal.either


def rewritten(chain: Chain, prove: Prover) -> None:
    """Write the exponentials of a goal as products of powers of few, the logarithms as sums, as far as proofs go."""
    refused: set[Node] = set()
    for _ in range(MOST_REWRITINGS):
        step = next(_rewritings(chain.goal, refused), None)
        if step is None:
            break
        term, axiom, at, order, to = step
        attempt = Chain(chain.goal, prove)
        try:
            _equal(attempt, term, axiom, at, order, to, prove)
        except NotFound:
            refused.add(term)
            continue
        chain.absorb(attempt)
    if not chain.goal.either:
        chain.forget([n for n, (a, sign, b) in enumerate(chain.goal.given) if sign != "==" or a != b])


Rewriting = tuple[Node, str, list[Node], list[int], Node]


def _equal(chain: Chain, term: Node, axiom: str, at: list[Node], order: list[int], to: Node, prove: Prover) -> None:
    settled = Chain(chain.goal, settling(prove))
    before = len(chain.goal.given)
    settled.apply("axiom", axiom=axiom, at=[unparse(t) for t in at], order=order)
    chain.absorb(settled)
    _, _, fact = chain.goal.given[before]
    if fact == to:
        chain.apply("rewrite", **{"from": unparse(term), "to": unparse(to)})
        return
    chain.apply("rewrite", settling(prove), **{"from": unparse(term), "to": unparse(to)})


def _rewritings(goal: Goal, refused: set[Node]) -> Iterator[Rewriting]:
    """Yield rewritings that bring a goal closer to its normal form, those of inner terms first."""
    found = list(terms(goal))
    mixed = any(atom[1] in ("sin", "cos") for atom in atoms_of(goal.conclusion) if atom[0] == "call")
    for term in found:
        if term in refused:
            continue
        if term[0] == "**" and constant(term[2]) is None:
            yield term, "power", [term[1], term[2]], [1], call("exp", ("*", term[2], call("log", term[1])))
        elif term[0] == "call" and term[1] in ("exp", "log"):
            inner = term[2][0]
            if inner[0] == "call" and inner[1] in ("exp", "log") and inner[1] != term[1]:
                yield term, f"{term[1]}-{inner[1]}", [inner[2][0]], [1], inner[2][0]
        yield from _waves(term, mixed)
    forms = Forms(goal)
    try:
        yield from _exponentials(forms, [t for t in found if t[0] == "call" and t[1] == "exp"], refused)
        yield from _logarithms(forms, [t for t in found if t[0] == "call" and t[1] == "log"], refused)
    except (poly.NotRational, NotFound):
        return


def _waves(term: Node, mixed: bool) -> Iterator[Rewriting]:
    """Yield the values of sine and cosine at multiples of a right angle, the tangent next to them as a quotient."""
    if term[0] != "call" or term[1] not in ("sin", "cos", "tan"):
        return
    (inner,) = term[2]
    if term[1] == "tan" and mixed:
        yield term, "tangent", [inner], [1], ("/", call("sin", inner), call("cos", inner))
    elif term[1] != "tan" and not names(inner):
        try:
            low, high = pointwise.number(inner, pointwise.Point({}))
        except (ArithmeticError, ValueError, LookupError):
            return
        turns = float(low + high) / pi
        if abs(turns - round(turns)) < 1e-12 and abs(turns) <= LARGEST_ORDER:
            n = round(turns) + (1 if term[1] == "cos" else 0)
            yield term, f"{term[1]}-quarter", [inner], [round(turns)], number((0, 1, 0, -1)[n % 4])


def _vector(forms: Forms, node: Node) -> Vector:
    """Return an expression as a combination of monomials over denominators."""
    constant, factors = forms.factors(node)
    top, bottom = poly.constant(constant), poly.ONE
    for q, exponent in factors:
        if exponent > 0:
            top = poly.multiply(top, poly.power(q, exponent))
        else:
            bottom = poly.multiply(bottom, poly.power(q, -exponent))
    below = frozenset(bottom.items())
    return {(monomial, below): value for monomial, value in top.items()}


def _base(forms: Forms, vector: Vector) -> Node:
    (below,) = {key[1] for key in vector}
    above = forms.node({monomial: value for (monomial, _), value in vector.items()})
    return above if below == UNIT else ("/", above, forms.node(dict(below)))


def common(values: list[Fraction]) -> Fraction:
    """Return the largest rational of which all are integer multiples."""
    return Fraction(gcd(*(v.numerator for v in values)), lcm(*(v.denominator for v in values)))


def _exponentials(forms: Forms, listed: list[Node], refused: set[Node]) -> Iterator[Rewriting]:
    vectors = {term: _vector(forms, term[2][0]) for term in listed if term not in refused}
    bases = _bases(list(vectors.values()))
    spelled: dict[frozenset[tuple[Part, Fraction]], Node] = {}
    for term, vector in vectors.items():
        spelled.setdefault(frozenset(vector.items()), term)
    for term, vector in vectors.items():
        at, order = [], []
        for base in bases:
            first = next(iter(base))
            k = vector.get(first, Fraction(0)) / base[first]
            if not k or any(vector.get(key) != k * value for key, value in base.items()):
                continue
            if k.denominator != 1 or abs(k) > LARGEST_ORDER:
                break
            same = spelled.get(frozenset(base.items()))
            at.append(same[2][0] if same is not None else _base(forms, base))
            order.append(int(k))
        else:
            if at == [term[2][0]] and order == [1]:
                continue
            if len({key for base in bases for key in base} & set(vector)) < len(vector):
                continue
            yield term, "exp-sum", [term[2][0], *at], order, powers([call("exp", v) for v in at], order)


def _bases(vectors: list[Vector]) -> list[Vector]:
    """Return exponents of which all given ones are integer combinations."""
    classes: dict[frozenset[tuple[Part, Fraction]], list[Fraction]] = {}
    single: dict[Part, list[Fraction]] = {}
    for vector in vectors:
        rest = {key: value for key, value in vector.items() if key != ((), UNIT)}
        for key, value in vector.items():
            single.setdefault(key, []).append(value)
            if key not in rest:
                classes.setdefault(frozenset({(key, Fraction(1))}), []).append(value)
        if rest:
            lead = rest[min(rest, key=repr)]
            direction = frozenset((key, value / lead) for key, value in rest.items())
            classes.setdefault(direction, []).append(lead)
    keys = list(single)
    directions = [dict(direction) for direction in classes]
    matrix = sp.Matrix([[sp.Rational(str(d.get(key, 0))) for key in keys] for d in directions] or [[0]])
    mixed = any(len({key[1] for key in d}) > 1 for d in directions)
    if len(single) <= len(classes) or mixed or matrix.rank() < len(classes):
        return [{key: common(values)} for key, values in single.items()]
    return [
        {key: value * common(factors) for key, value in direction}
        for direction, factors in ((sorted(d, key=repr), f) for d, f in classes.items())
    ]


def powers(bases: list[Node], order: list[int]) -> Node:
    """Return the product of powers as the axioms spell it."""
    total = ONE
    for base, k in zip(bases, order, strict=True):
        total = ("*", total, ("**", base, number(k)))
    return total


def _logarithms(forms: Forms, listed: list[Node], refused: set[Node]) -> Iterator[Rewriting]:
    spelled: dict[frozenset[tuple[poly.Monomial, Fraction]], Node] = {}
    owned: set[frozenset[tuple[poly.Monomial, Fraction]]] = set()
    samples = _samples(forms.goal) if listed else None
    for term in listed:
        if term in refused:
            continue
        constant, factors = forms.factors(term[2][0])
        if constant == 0:
            continue
        at, order = [], []
        for q, k in factors:
            sign = samples.sign(forms.node(q))[0] if samples is not None else 1
            if not sign or abs(k) > LARGEST_ORDER:
                break
            r = poly.multiply(q, poly.constant(sign))
            constant *= Fraction(sign) ** k
            # a positive factor is kept whole: its content goes into the constant
            node = spelled.setdefault(frozenset(r.items()), forms.node(r))
            at.append(node)
            order.append(k)
        else:
            for prime, k in _primes(constant) if len(factors) or len(listed) > 1 else [(constant, 1)]:
                if prime != 1:
                    at.append(("number", prime) if prime.denominator == 1 else number(prime))
                    order.append(k)
            if len(factors) == 1 and order == [1]:
                top, bottom = forms.ratio(term[2][0])
                key = frozenset(top.items())
                short = at[0][0] in ("name", "number", "call")  # an argument that is simpler than it was written
                if bottom == poly.ONE and key in spelled and key not in owned and not short:
                    spelled[key] = term[2][0]
                    owned.add(key)
                    continue
            if at == [term[2][0]] and order == [1]:
                continue
            total = ZERO
            for v, k in zip(at, order, strict=True):
                total = ("+", total, ("*", number(k), call("log", v)))
            yield term, "log-product", [term[2][0], *at], order, total


def _samples(goal: Goal) -> Samples | None:
    """Return sample points, or None where there are none: the hypotheses may contradict each other."""
    try:
        return Samples(goal)
    except NotFound:
        return None


def _primes(value: Fraction) -> list[tuple[Fraction, int]]:
    """Return small primes of a positive rational with exponents, and what is left."""
    found = []
    for prime in PRIMES:
        k = 0
        while value.numerator % prime == 0:
            value, k = value / prime, k + 1
        while value.denominator % prime == 0:
            value, k = value * prime, k - 1
        if k:
            found.append((Fraction(prime), k))
    return [*found, (value, 1)] if value != 1 else found
