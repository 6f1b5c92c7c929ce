"""Two products of powers and exponentials compared by their logarithms; differences of logarithms as one logarithm."""

from __future__ import annotations

from itertools import permutations

from checks.checker import polynomial as poly
from checks.checker.goal import ONE, ZERO, Goal, comparison, constant
from checks.checker.grammar import Node, names
from checks.checker.kinds.schemas import call
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Forms, Samples, positive_gap
from checks.engine.functions.bounds import by_bounds
from checks.engine.functions.exponents import identity, named, rewritten, settling
from checks.engine.tactics import Prover, by_rule
from checks.engine.unparse import unparse

# sums of more logarithms are left alone
MOST_LOGARITHMS = 3


def by_logarithms(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``A <= B`` from ``log(A) <= log(B)``, where both sides are products of powers with moving exponents.

    The logarithms are spelled out: ``exp(u)`` has u, ``a**u`` has u log(a), a product the sum.

    Raises
    ------
    NotFound
        For sides of another form, and where the logarithms do not compare.
    """
    left, sign, right = goal.relation
    if sign not in ("<", "<=", ">", ">=") or not (_moves(left) or _moves(right)):
        raise NotFound("")
    positive: list[Node] = []
    small, large = (spelled(side, positive) for side in ((left, right) if sign in ("<", "<=") else (right, left)))
    strict = sign in ("<", ">")
    main = comparison(small, "<" if strict else "<=", large)
    samples = Samples(goal)
    if not samples.holds((small, "<=", large)) or any(samples.sign(node) != (1, True) for node in positive):
        raise NotFound("the logarithms compare the other way at a sample point")
    chain = Chain(goal, prove)
    for node in dict.fromkeys(positive):
        chain.lemma(comparison(node, ">", ZERO))
    chain.lemma(main)
    at = [unparse(small), unparse(large)]
    chain.apply("axiom", axiom="exp-increasing", at=at, order=2 if strict else 1)
    rewritten(chain, prove)
    named(chain)
    return chain.close(chain.proof(chain.goal))


def _moves(node: Node) -> bool:
    """Return whether an expression is a product with an exponential of a name, or a power with a moving exponent."""
    if node[0] == "call" and node[1] == "exp":
        return bool(names(node))
    if node[0] == "**":
        return (constant(node[2]) is None and bool(names(node))) or _moves(node[1])
    return node[0] in ("*", "/") and any(_moves(part) for part in node[1:])


def _mixed(node: Node) -> bool:
    """Return whether an expression is a sum with products of powers that have moving exponents."""
    return node[0] in ("+", "-") and any(_moves(part) for part in node[1:])


def spelled(node: Node, positive: list[Node]) -> Node:
    """Return the logarithm of a product of powers; what it needs to be positive is added to a list.

    Raises
    ------
    NotFound
        For sums of exponentials.
    """
    if node == ONE:
        return ZERO
    if node[0] == "call" and node[1] == "exp":
        return node[2][0]
    if node[0] in ("*", "/"):
        a, b = (spelled(part, positive) for part in node[1:])
        return ("-" if node[0] == "/" else "+", a, b) if a != ZERO or node[0] == "/" else b
    if node[0] == "**":
        if constant(node[2]) is None:
            return ("*", node[2], spelled(node[1], positive))
        if _moves(node[1]) or _mixed(node[1]):
            return ("*", node[2], spelled(node[1], positive))
    if _mixed(node):
        raise NotFound("a sum of exponentials is no product of powers")
    positive.append(node)
    return call("log", node)


def by_difference(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``A log(u) - B log(v) + C >= 0``, A and B of one sign, by a bound of log(u/v), with A or B before it.

    Raises
    ------
    NotFound
        Where no two logarithms are of that form, or their quotient's bounds do not suffice.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    logs = sorted(g for g in forms.used(top) if forms.atoms[g][1] == "log" and names(forms.atoms[g]))
    if set(bottom) != {()} or bottom[()] < 0 or not 2 <= len(logs) <= MOST_LOGARITHMS:
        raise NotFound("")
    samples = Samples(goal)
    slopes = {g: _slope(top, g) for g in logs}
    signs = {g: samples.sign(forms.node(p))[0] for g, p in slopes.items() if p}
    reasons = ["no difference of logarithms"]
    for g, h in permutations([g for g in logs if slopes[g]], 2):
        if signs[g] * signs[h] != -1:
            continue
        u, v = (forms.atoms[name][2][0] for name in (g, h))
        quotient: Node = ("/", u, v)
        # the slope of log(u) goes with log(u/v), what is missing with log(v)
        rest = poly.add(top, poly.multiply(slopes[g], poly.generator(g)), -1)
        rest = poly.add(rest, poly.multiply(slopes[g], poly.generator(h)))
        if len(forms.used(rest)) > 1:
            continue
        to: Node = ("+", ("*", forms.node(slopes[g]), call("log", quotient)), forms.node(rest))
        try:
            return by_rule(
                goal,
                [
                    lambda inner, u=u, v=v: _spelled_out(inner, u, v, prove),  # type: ignore[misc]
                    prove,
                    lambda inner: by_bounds(inner, prove, 0),
                ],
                "scale",
                factor="1",
                to=unparse(to),
            )
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[-1])


def _slope(top: poly.Poly, g: str) -> poly.Poly:
    """Return the coefficient of a logarithm that occurs to the first power, nothing for others."""
    held = [m for m in top if g in dict(m)]
    if any(dict(m)[g] > 1 for m in held):
        return {}
    return {tuple(i for i in m if i[0] != g): top[m] for m in held}


def _spelled_out(goal: Goal, u: Node, v: Node, prove: Prover) -> Certificate:
    """Prove an equality with log(u/v) in it from log(u/v) == log(u) - log(v)."""
    quotient: Node = ("/", u, v)
    chain, before = Chain(goal, settling(prove)), len(goal.given)
    chain.apply("axiom", axiom="log-product", at=[unparse(node) for node in (quotient, u, v)], order=[1, -1])
    chain.apply("rewrite", **{"from": unparse(call("log", quotient)), "to": unparse(chain.goal.given[before][2])})
    return chain.close(identity(chain.goal, prove))
