"""Monotone functions applied to both sides: sums of logarithms as products, exponentials by their exponents."""

from __future__ import annotations

from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, ONE, ZERO, Goal, comparison
from checks.checker.grammar import Node, names
from checks.checker.kinds.axioms import LARGEST_ORDER
from checks.checker.kinds.schemas import call, number
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Forms, Samples, atoms_of, positive_gap
from checks.engine.functions.exponents import common, named, settling
from checks.engine.structure import terms
from checks.engine.tactics import Prover, by_rule
from checks.engine.unparse import unparse


def by_product(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``sum c_i log(g_i) + r >= 0`` with rational c_i from an inequality between products of powers of the g_i.

    A rest r is taken as log(exp(r)), where a g_i has an exponential in it.

    Raises
    ------
    NotFound
        For goals of another form, and where that inequality is not proved.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    if set(bottom) != {()} or not top:
        raise NotFound("")
    listed: list[tuple[Node, Fraction]] = []
    rest: poly.Poly = {}
    for monomial, value in top.items():
        atom = forms.atoms.get(monomial[0][0]) if len(monomial) == 1 and monomial[0][1] == 1 else None
        if atom is None or atom[1] != "log":
            rest[monomial] = value / bottom[()]
        else:
            listed.append((atom[2][0], value / bottom[()]))
    linear = not forms.used(rest) and all(sum(e for _, e in m) <= 1 for m in rest)
    if not listed or not linear or (rest and not any(goal_exp(g) for g, _ in listed)):
        raise NotFound("no sum of logarithms")
    exponent = forms.node(rest)
    if rest:
        listed.append((call("exp", exponent), Fraction(1)))
    unit = common([c for _, c in listed])
    orders = [(g, int(c / unit)) for g, c in listed]
    if any(abs(k) > LARGEST_ORDER for _, k in orders):
        raise NotFound("exponents that are too large")
    sides = [[(g, abs(k)) for g, k in orders if (k > 0) == above] for above in (False, True)]
    small, large = (_plain_product(side) for side in sides)
    strict = goal.sign in ("<", ">")
    wanted = comparison(small, "<" if strict else "<=", large)
    if not Samples(goal).holds((small, "<=", large)):
        raise NotFound("the product inequality fails at a sample point")
    chain = Chain(goal, prove)
    for g, _ in orders:
        chain.lemma(comparison(g, ">", ZERO))
    chain.lemma(wanted)
    for side, product in zip(sides, (small, large), strict=True):
        if not (len(side) == 1 and side[0][1] == 1):
            chain.lemma(comparison(product, ">", ZERO))
    order = 2 if strict else 1
    chain.apply("axiom", axiom="log-increasing", at=[unparse(small), unparse(large)], order=order)
    for side, product in zip(sides, (small, large), strict=True):
        if not (len(side) == 1 and side[0][1] == 1):
            at = [unparse(product), *(unparse(g) for g, _ in side)]
            settled = Chain(chain.goal, settling(prove))
            settled.apply("axiom", axiom="log-product", at=at, order=[k for _, k in side])
            chain.absorb(settled)
    if rest:
        chain.apply("axiom", axiom="log-exp", at=[unparse(exponent)])
    named(chain)
    return chain.close(chain.proof(chain.goal))


def goal_exp(node: Node) -> bool:
    """Return whether an expression has an exponential in it that varies."""
    return any(atom[1] == "exp" and names(atom) for atom in atoms_of(node))


def _plain_product(side: list[tuple[Node, int]]) -> Node:
    total: Node | None = None
    for g, k in side:
        factor: Node = g if k == 1 else ("**", g, ("number", Fraction(k)))
        total = factor if total is None else ("*", total, factor)
    return ONE if total is None else total


def by_denying(goal: Goal, prove: Prover, contradiction: Prover) -> Certificate:
    """Refute the negated conclusion ``a < b`` by what it says of exp or log of both sides."""
    if goal.conclusion == FALSE or goal.sign not in ("<", "<=", ">", ">="):
        raise NotFound("")
    left, sign, right = goal.relation
    used = {t[1] for t in terms(goal) if t[0] == "call"}
    large, small = (right, left) if sign in ("<", "<=") else (left, right)
    reasons = []
    for function in sorted({"exp", "log"} & used):
        # the negation: large <= small (large < small)
        order = 1 if sign in ("<", ">") else 2

        def refute(denied: Goal, function: str = function, order: int = order) -> Certificate:
            if denied.conclusion != FALSE:
                return prove(denied)
            at = [unparse(large), unparse(small)]
            chain = Chain(denied, prove)
            chain.apply("axiom", axiom=f"{function}-increasing", at=at, order=order)
            return chain.close(contradiction(chain.goal))

        try:
            return by_rule(goal, refute, "deny")
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[-1] if reasons else "")


def by_logarithm(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``c exp(u) >= q`` (or ``<=``), c > 0 a number, q > 0, from ``u >= log(q/c)``.

    Raises
    ------
    NotFound
        For goals of another form, and where that inequality is not proved.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    if set(bottom) != {()} or bottom[()] < 0 or any(forms.atoms[g][1] == "log" for g in forms.used(top)):
        raise NotFound("")
    samples = Samples(goal)
    reasons = ["no exponential stands alone"]
    kinds = {tuple(i for i in m if i[0] in forms.atoms) for m in top}
    for kind in sorted((k for k in kinds if len(k) and _moves(forms, k)), key=lambda k: (-len(k), repr(k))):
        alone = {m: v for m, v in top.items() if tuple(i for i in m if i[0] in forms.atoms) == kind}
        if list(alone) != [kind] or any(forms.atoms[g][1] != "exp" for g, _ in kind) or len(kinds) < 3:
            continue
        c = top[kind]
        rest = forms.node({m: -v / c for m, v in top.items() if m != kind})
        if samples.sign(rest) != (1, True):
            continue
        try:
            return _exponents(goal, forms, kind, c, rest, samples, prove)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[-1])


def _moves(forms: Forms, kind: poly.Monomial) -> bool:
    return any(names(forms.atoms[g]) for g, _ in kind)


def _exponents(
    goal: Goal, forms: Forms, kind: poly.Monomial, c: Fraction, rest: Node, samples: Samples, prove: Prover
) -> Certificate:
    total: Node = ZERO
    for g, e in kind:
        part: Node = forms.atoms[g][2][0] if e == 1 else ("*", number(e), forms.atoms[g][2][0])
        total = part if total == ZERO else ("+", total, part)
    strict = goal.sign in ("<", ">")
    small, large = (call("log", rest), total) if c > 0 else (total, call("log", rest))
    main = comparison(small, "<" if strict else "<=", large)
    if not samples.holds((small, "<=", large)):
        raise NotFound("the exponents compare the other way at a sample point")
    chain = Chain(goal, prove)
    chain.lemma(comparison(rest, ">", ZERO))
    chain.lemma(main)
    at = [unparse(small), unparse(large)]
    chain.apply("axiom", axiom="exp-increasing", at=at, order=2 if strict else 1)
    settled = Chain(chain.goal, settling(prove))
    settled.apply("axiom", axiom="exp-log", at=[unparse(rest)])
    exponents = [unparse(forms.atoms[g][2][0]) for g, _ in kind]
    if len(kind) > 1 or kind[0][1] != 1:
        settled.apply("axiom", axiom="exp-sum", at=[unparse(total), *exponents], order=[e for _, e in kind])
    chain.absorb(settled)
    named(chain)
    return chain.close(chain.proof(chain.goal))
