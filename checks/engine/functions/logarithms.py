"""Two products of powers and exponentials are compared by their logarithms."""

from __future__ import annotations

from checks.checker.goal import ONE, ZERO, Goal, comparison, constant
from checks.checker.grammar import Node, names
from checks.checker.kinds.schemas import call
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Samples
from checks.engine.functions.exponents import named, rewritten
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse


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
        if _moves(node[1]):
            return ("*", node[2], spelled(node[1], positive))
    if node[0] in ("+", "-") and any(_moves(part) for part in node[1:]):
        raise NotFound("a sum of exponentials is no product of powers")
    positive.append(node)
    return call("log", node)
