"""Goals with functions made simple: variables eliminated, one denominator, factors of definite sign dropped."""

from __future__ import annotations

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, Relation, comparison, polynomial_fact
from checks.checker.grammar import Node
from checks.engine.bernstein.chart import implied
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Factors, Forms, Samples, goal_atoms, plausible, positive_gap, product
from checks.engine.functions.exponents import identity, named
from checks.engine.structure import fact_key
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse


def substituted(chain: Chain) -> None:
    """Eliminate names that equalities among the hypotheses give in the others."""
    for _ in range(4):
        goal = chain.goal
        for position, (fact, relation) in enumerate(goal.facts()):
            if relation != "==":
                continue
            name = next((g for g in sorted(map(str, poly.generators(fact))) if _given(fact, g)), None)
            if name is not None and name not in goal.context.size_names():
                _signs_kept(chain, fact, name)
                chain.apply("substitute", variable=name, fact=position)
                break
        else:
            return


def _signs_kept(chain: Chain, fact: poly.Poly, name: str) -> None:
    """Keep the signs of the other names of an equality, where it leaves a denominator: they follow less easily then."""
    others = sorted(str(g) for g in poly.generators(fact) if g != name)
    if any(len(m) == 1 for m in fact if name in dict(m)):
        return
    samples = Samples(chain.goal)
    for other in others:
        side = samples.sign(("name", other))
        if side == (1, True):
            try:
                chain.lemma(comparison(("name", other), ">", ZERO))
            except NotFound:
                continue


def _given(fact: poly.Poly, name: str) -> bool:
    held = [m for m in fact if name in dict(m)]
    return len(held) == 1 and dict(held[0])[name] == 1


def trimmed(chain: Chain) -> None:
    """Drop hypotheses that say nothing new: comparisons of numbers, repeated ones, exponentials that are not zero."""
    given, goal = chain.goal.given, chain.goal
    seen: set[object] = set()
    keep = []
    for n, entry in enumerate(given):
        fact = polynomial_fact(entry, goal.context)
        key = entry if fact is None else fact_key(*fact)
        said = fact is not None and (set(fact[0]) <= {()} or (fact[1] == "!=" and fact_key(fact[0], ">") in seen))
        if key not in seen and not said and not _idle(goal, entry):
            keep.append(n)
        seen.add(key)
    if len(keep) < len(given) and not goal.either:
        chain.forget(keep)


def _idle(goal: Goal, entry: Relation) -> bool:
    a, sign, b = entry
    if sign == "==":
        return a == b or _identical(goal, a, b)
    if sign != "!=" or b != ZERO or not goal_atoms(goal.showing(a, "==", ZERO)):
        return False
    forms = Forms(goal)
    try:
        top, bottom = forms.ratio(a)
    except poly.NotRational:
        return False
    generators = poly.generators(top) | poly.generators(bottom)
    positive = all(g in forms.atoms and forms.atoms[g][1] == "exp" for g in generators)
    return positive and all(value > 0 for p in (top, bottom) for value in p.values())


def _identical(goal: Goal, a: Node, b: Node) -> bool:
    """Return whether two expressions with functions in them are the same rational function of these."""
    if not goal_atoms(goal.showing(a, "==", b)):
        return False
    try:
        return not Forms(goal).ratio(("-", a, b))[0]
    except poly.NotRational:
        return False


def tidied(chain: Chain) -> None:
    """Bring the gap over one denominator and drop factors of definite sign."""
    goal = chain.goal
    forms = Forms(goal)
    gap = positive_gap(goal)
    try:
        constant, factors = forms.factors(gap)
    except (NotFound, poly.NotRational):
        return
    if not factors:
        return
    if len(factors) == 1 and factors[0][1] == 1 and goal.right == ZERO:
        neat = forms.node(poly.multiply(factors[0][0], poly.constant(constant)))
        if len(unparse(neat)) > 0.8 * len(unparse(gap)):
            return
    try:
        samples = Samples(goal)
    except NotFound:
        return
    hard: Factors = []
    easy: Factors = []
    sign = 1 if constant > 0 else -1
    signs = {}
    for q, exponent in factors:
        side, away = samples.sign(forms.node(q))
        signs[id(q)] = side
        (easy if side and (away or exponent < 0) else hard).append((q, exponent))
    if not hard:  # one of them has to be left: the most complex
        last = max(easy, key=lambda item: (len(forms.used(item[0])), len(item[0])))
        easy.remove(last)
        hard.append(last)
    if any(e < 0 for _, e in hard):
        return
    oriented: Factors = []
    for q, exponent in easy:
        side = signs[id(q)]
        oriented.append((poly.multiply(q, poly.constant(side)), exponent))
        sign *= side ** abs(exponent)
    rest: Node = product(forms, hard, abs(constant) * sign)
    factor = product(forms, oriented)
    if not oriented and rest == gap:
        return

    def positive(inner: Goal) -> Certificate:
        return _by_factors(inner, [(forms.node(q), e) for q, e in oriented], chain)

    before = Chain(goal, chain.proof)
    try:
        for q, exponent in oriented:  # that a divisor is not zero is needed for the equality too
            if exponent < 0 and len(q) > 1 and any(forms.atoms[g][1] == "log" for g in forms.used(q)):
                before.lemma(comparison(forms.node(q), ">", ZERO))
        before.apply("scale", lambda g: identity(g, chain.proof), positive, factor=unparse(factor), to=unparse(rest))
    except NotFound:
        return
    chain.absorb(before)


def _by_factors(goal: Goal, factors: list[tuple[Node, int]], chain: Chain) -> Certificate:
    """Prove a product positive from its factors."""
    inner = Chain(goal, chain.proof)
    for node, _ in factors:
        inner.lemma(comparison(node, ">", ZERO), lambda g: _sure(g, chain))
    named(inner)
    return inner.close(inner.proof(inner.goal))


def _sure(goal: Goal, chain: Chain) -> Certificate:
    if goal.left[0] == "call" and goal.left[1] == "exp":
        return identity(goal, chain.proof)
    return chain.proof(goal)


def by_sign(goal: Goal, prove: Prover) -> Certificate:
    """Prove that an expression is not zero from its sign."""
    chain = Chain(goal, prove)
    gap = goal.left if goal.right == ZERO else goal.gap()
    side = Samples(goal).sign(gap)[0]
    if not side:
        raise NotFound("an expression that may vanish")
    chain.lemma(comparison(gap, ">" if side > 0 else "<", ZERO))
    named(chain)
    return chain.close(chain.proof(chain.goal))


def by_signs(goal: Goal, prove: Prover) -> Certificate:
    """Prove a product from the signs of its factors, some of which may vanish."""
    forms = Forms(goal)
    factors = forms.factors(positive_gap(goal))[1]
    if len(factors) < 2 and not any(e > 1 for _, e in factors):
        raise NotFound("")
    samples = Samples(goal)
    chain = Chain(goal, prove)
    for q, exponent in factors:
        if exponent % 2 == 0:
            continue
        side = samples.sign(forms.node(q))[0]
        if not side:
            raise NotFound("a factor changes sign")
        strict = ">" if goal.sign in ("<", ">") else ">="
        chain.lemma(comparison(forms.node(poly.multiply(q, poly.constant(side))), strict, ZERO))
    named(chain)
    return chain.close(chain.proof(chain.goal))


def refuted(goal: Goal, prove: Prover) -> Certificate:
    """Show a contradiction: a sum of hypotheses is positive, and by the others it is not.

    Raises
    ------
    NotFound
        Where no such sum is found.
    """
    chain = Chain(goal, prove)
    cleared(chain)
    goal = chain.goal
    places = [n for n, entry in enumerate(goal.given) if polynomial_fact(entry, goal.context) is not None]
    for total, strict, by in implied(goal):
        if len(by) < 2 or not poly.generators(total):
            continue
        others = [n for n in range(len(goal.given)) if n not in {places[i] for i in by}]
        statement = comparison(poly.node(poly.multiply(total, poly.constant(-1))), ">=" if strict else ">", ZERO)

        def show(inner: Goal, others: list[int] = others) -> Certificate:
            kept = Chain(inner, prove)
            kept.forget(others)
            if not plausible(kept.goal):
                raise NotFound("the goal fails at a sample point")
            return kept.close(kept.proof(kept.goal))

        try:
            chain.lemma(statement, show)
        except NotFound:
            continue
        terms = [{"coefficient": str(value), "facts": [i]} for i, value in by.items()]
        terms.append({"coefficient": "1", "facts": [len(chain.goal.facts()) - 1]})
        return chain.close({"kind": "combination", "terms": terms})
    raise NotFound("no sum of hypotheses is contradicted by the others")


def cleared(chain: Chain) -> None:
    """Multiply the hypotheses by their denominators where these are positive."""
    for place, (a, sign, b) in enumerate(chain.goal.given):
        if sign not in ("<", "<=", ">", ">=") or polynomial_fact((a, sign, b), chain.goal.context) is not None:
            continue
        try:
            chain.apply("clear", given=place, sign=1)
        except NotFound:
            continue
