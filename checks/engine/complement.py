"""Quadratic dependence on one variable: the square is completed, and a Schur complement in the others is left.

For p = a x^2 + b x + c with D = 4 a c - b^2,

    4 a p = (2 a x + b)^2 + D ,

so a >= 0 with D > 0 gives p > 0, and a > 0 with D >= 0 gives p >= 0.  Where a vanishes, D >= 0 leaves b = 0 and
p = c.  When p is a quadratic form in several variables with parameters in its matrix, D is one in the variables but
x: repeated, this is the symbolic LDL^T of the matrix, each pivot's sign a goal of its own about the parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import lcm

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, comparison, same_up_to_scale
from checks.engine.algebra import charts_text
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.sample import clearly, evaluate, points
from checks.engine.tactics import Prover, by_rule, leaves

# a complement with more terms than this is not looked at; a form may have so many variables
MOST_TERMS = 200
MOST_FORM = 5
# with so many variables sums of squares take long: the complement is looked at first
MANY = 7
ONE = Fraction(1)


@dataclass(frozen=True)
class Quadratic:
    """A polynomial ``a x^2 + b x + c`` with whole coefficients: a positive multiple of a goal."""

    variable: str
    a: poly.Poly
    b: poly.Poly
    c: poly.Poly

    @property
    def value(self) -> poly.Poly:
        """Return the polynomial."""
        x = poly.generator(self.variable)
        linear = poly.add(self.c, poly.multiply(self.b, x))
        return poly.add(linear, poly.multiply(self.a, poly.multiply(x, x)))

    @cached_property
    def complement(self) -> poly.Poly:
        """Return 4 a c - b^2."""
        return poly.add(
            poly.multiply(poly.constant(4), poly.multiply(self.a, self.c)), poly.multiply(self.b, self.b), -1
        )

    @property
    def root(self) -> poly.Poly:
        """Return 2 a x + b."""
        return poly.add(self.b, poly.multiply(self.a, poly.generator(self.variable)), 2)


def by_complement(goal: Goal, prove: Prover, symbolic: bool = False) -> Certificate:
    """Prove ``p > 0`` or ``p >= 0`` by completing the square in one variable.

    With ``symbolic`` only in a variable that no hypothesis bounds, and only in large goals: what is left is
    then as strong as the goal.

    Raises
    ------
    NotFound
        When no variable occurs quadratically in the goal with a complement that is nonnegative on samples, or what is
        left is not proved.
    """
    reasons = ["no variable occurs as in a quadratic form"]
    for q in quadratics(goal):
        if symbolic and (q.variable in _tied(goal) or len(poly.generators(q.value)) < MANY):
            continue
        try:
            return _completed(goal, q, prove)
        except NotFound as error:
            reasons.append(f"complement in {q.variable}: {error}")
    raise NotFound(reasons[-1])


def quadratics(goal: Goal) -> list[Quadratic]:
    """Return how the goal depends on the variables that occur quadratically, the simplest pivots first."""
    if goal.sign not in ("<", "<=", ">", ">=") or goal.context.atoms or goal.context.indices:
        return []
    try:
        p, bottom = goal.difference()
    except poly.NotRational:
        return []
    if set(bottom) != {()}:
        return []
    whole = lcm(*(v.denominator for v in p.values()))  # the checker takes squares of polynomials without denominators
    p = poly.multiply(p, poly.constant(whole if bottom[()] > 0 else -whole))
    tied, found = _tied(goal), []
    for name in sorted(g for g in poly.generators(p) if isinstance(g, str)):
        parts: list[poly.Poly] = [{}, {}, {}]
        if max(dict(m).get(name, 0) for m in p) != 2 or name in goal.integers:
            continue
        for m, v in p.items():
            parts[dict(m).get(name, 0)][tuple(i for i in m if i[0] != name)] = v
        q = Quadratic(name, parts[2], parts[1], parts[0])
        if q.b and q.c and len(q.a) * len(q.c) + len(q.b) ** 2 <= 4 * MOST_TERMS:
            found.append(q)
    found.sort(key=lambda q: (q.variable in tied, len(poly.generators(q.a)), len(q.a), len(q.complement)))
    return [q for q in found if len(q.complement) <= MOST_TERMS]


def _tied(goal: Goal) -> set[poly.Generator]:
    """Return the generators that a hypothesis may bound: one more than that a sum of squares is not zero."""
    found: set[poly.Generator] = set()
    for fact, relation in goal.facts():
        even = all(v > 0 and all(e % 2 == 0 for _, e in m) for m, v in fact.items())
        if relation not in (">", "!=") or (relation == ">" and not even):
            found |= poly.generators(fact)
    return found


def _completed(goal: Goal, q: Quadratic, prove: Prover) -> Certificate:
    strict = goal.sign in ("<", ">")
    low, rest = _least(q.a, goal), q.complement
    if low < 0 or (strict and not rest):
        raise NotFound("the pivot changes sign" if low < 0 else "the complement is zero")
    if not clearly(_showing(goal, rest, ">=")):
        raise NotFound("the complement changes sign")
    if strict and (zero := _may_vanish(goal, q)):
        return _at_zero(goal, zero, prove)
    reason = "the pivot may vanish"
    if low > 0 or strict:
        chain = Chain(goal, prove)
        try:
            _signed(chain, q.a, ">=" if strict else ">")
            _signed(chain, rest, ">" if strict else ">=")
        except NotFound as error:
            reason = str(error)
        else:
            chain.apply("deny")
            return chain.close(_contradiction(chain.goal, q))
    if strict:
        raise NotFound(reason)
    if set(q.a) == {()}:
        raise NotFound(reason)
    return _pivot_cases(goal, q, prove)


def _least(a: poly.Poly, goal: Goal) -> float:
    """Return the least value of a polynomial at sample points of the domain."""
    if set(a) == {()}:
        return float(a[()])
    values = points(goal)
    found, size = evaluate(poly.node(a), values)
    least = float(np.min(found, initial=np.inf))
    return 0.0 if abs(least) <= 1e-12 * float(np.max(size, initial=1.0)) else least


def _showing(goal: Goal, p: poly.Poly, sign: str) -> Goal:
    return goal.showing(poly.node(p), sign, ZERO)


def _signed(chain: Chain, p: poly.Poly, sign: str) -> None:
    """Show the sign of a polynomial that is no positive number, if no hypothesis gives it."""
    if p and set(p) != {()} and _place(chain.goal, p, sign) is None:
        chain.lemma(comparison(poly.node(p), sign, ZERO))


def _place(goal: Goal, p: poly.Poly, sign: str = ">=") -> tuple[int, Fraction] | None:
    """Return the hypothesis that is a multiple of ``p >= 0`` (``p > 0``), and p over it."""
    for wanted in (">", sign):
        for position, (fact, relation) in enumerate(goal.facts()):
            if relation == wanted and same_up_to_scale(fact, p):
                m = next(iter(p))
                return position, p[m] / fact[m]
    return None


def _term(goal: Goal, factors: list[poly.Poly], scale: Fraction = ONE, **more: object) -> Certificate:
    """Return the entry of a combination for a product of hypotheses and positive numbers."""
    facts = []
    for p in factors:
        if set(p) == {()}:
            scale *= p[()]
            continue
        found = _place(goal, p)
        if found is None:
            raise NotFound(f"no hypothesis says that {charts_text(p)} is not negative")
        facts.append(found[0])
        scale *= found[1]
    return {"coefficient": str(scale), **({"facts": facts} if facts else {}), **more}


def _negative(p: poly.Poly) -> poly.Poly:
    return poly.multiply(p, poly.constant(-1))


def _contradiction(goal: Goal, q: Quadratic) -> Certificate:
    """Return the proof that -p >= 0 is false: 0 = 4 a (-p) + (2 a x + b)^2 + D, some term positive."""
    terms = [
        _term(goal, [q.a, _negative(q.value)], Fraction(4)),
        {"coefficient": "1", "squares": [charts_text(q.root)]},
    ]
    if q.complement:
        terms.append(_term(goal, [q.complement]))
    return {"kind": "combination", "terms": terms}


def _pivot_cases(goal: Goal, q: Quadratic, prove: Prover) -> Certificate:
    """Prove p >= 0 from a >= 0, c >= 0 and D >= 0: where a = 0, so is b, and p = c."""
    chain = Chain(goal, prove)
    for p in (q.a, q.c, q.complement):
        _signed(chain, p, ">=")
    at = charts_text(_negative(q.a))
    flat, steep = leaves(chain.goal, "split", at=at)
    flat_chain = Chain(flat, prove)
    flat_chain.lemma(comparison(poly.node(q.b), "==", ZERO), lambda g: by_rule(g, lambda h: _flat(h, q), "both"))
    final = flat_chain.goal
    equal = next(i for i, (fact, relation) in enumerate(final.facts()) if relation == "==" and fact == q.b)
    terms = [
        _term(final, [q.a], squares=[q.variable]),
        {"coefficient": "1", "facts": [equal], "multiplier": q.variable},
        _term(final, [q.c]),
    ]
    top, m = goal.difference()[0], next(iter(q.value))
    for term in terms:
        term["coefficient"] = str(Fraction(term["coefficient"]) * abs(top[m] / q.value[m]))
    first = flat_chain.close({"kind": "combination", "terms": terms})
    second = by_rule(steep, lambda g: _contradiction(g, q), "deny")
    return chain.close({"kind": "split", "at": at, "by": [first, second]})


def _flat(goal: Goal, q: Quadratic) -> Certificate:
    """Prove b <= 0 or b >= 0 where a <= 0: else 0 = b^2 + D + 4 (-a) c, the first term positive."""

    def refute(denied: Goal) -> Certificate:
        positive = q.b if _place(denied, q.b, ">") else _negative(q.b)
        terms = [_term(denied, [positive, positive]), _term(denied, [_negative(q.a), q.c], Fraction(4))]
        if q.complement:
            terms.append(_term(denied, [q.complement]))
        return {"kind": "combination", "terms": terms}

    return by_rule(goal, refute, "deny")


def _may_vanish(goal: Goal, q: Quadratic) -> str | None:
    """Return a variable of a form, other than x, where no hypothesis keeps those others from being zero together."""
    others = [v for v in form_variables(q) if v != q.variable]
    for fact, relation in goal.facts():
        held = () not in fact and all(any(g in others for g, _ in m) for m in fact)
        if fact and relation in (">", "!=") and held:
            return None
    return others[-1] if others else None


def _at_zero(goal: Goal, zero: str, prove: Prover) -> Certificate:
    """Prove p > 0 for a form: where another of its variables is zero, that one is left out."""
    at = f"-{zero}**2"
    still, moved = leaves(goal, "split", at=at)
    chain = Chain(still, prove)
    chain.lemma(comparison(("name", zero), "==", ZERO), lambda g: by_rule(g, _no_square, "both"))
    chain.apply("substitute", variable=zero, fact=len(chain.goal.facts()) - 1)
    return {"kind": "split", "at": at, "by": [chain.close(prove(chain.goal)), prove(moved)]}


def _no_square(goal: Goal) -> Certificate:
    """Prove x <= 0 or x >= 0 from -x^2 >= 0."""
    (name,) = goal.names & frozenset(str(g) for g in poly.generators(goal.difference()[0]))
    square: poly.Poly = {((name, 2),): Fraction(-1)}

    def refute(denied: Goal) -> Certificate:
        x = poly.generator(name)
        positive = x if _place(denied, x, ">") else _negative(x)
        terms = [_term(denied, [positive, positive]), _term(denied, [square])]
        return {"kind": "combination", "terms": terms}

    return by_rule(goal, refute, "deny")


def form_variables(q: Quadratic) -> list[str]:
    """Return the fewest variables, x among them, in which every term of p has degree two (none: no such set)."""
    p = q.value
    others = sorted(g for g in poly.generators(p) if isinstance(g, str) and g != q.variable)
    for count in range(1, min(len(others), MOST_FORM - 1) + 1):
        for chosen in combinations(others, count):
            names = {q.variable, *chosen}
            if all(sum(e for g, e in m if g in names) == 2 for m in p):
                return sorted(names)
    return []
