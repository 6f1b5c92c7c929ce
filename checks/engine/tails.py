"""Propose certificates for tail bounds: values at which the bound is too small, or a multiplier with its proofs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from operator import add, mul, sub, truediv
from typing import Any

import sympy as sp

from checks.checker.goal import Rejected
from checks.checker.grammar import Node, ParseError, parse, substitute
from checks.checker.kinds import tail
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.prove import prove_goal
from checks.engine.refute import search
from checks.engine.unparse import unparse

# where log E exp(t X) - t a is least in t, in the parameters of the law and the threshold a
BEST = {
    "gaussian": "(a - mean)/variance",
    "chi-squared": "(a - degrees)/(2*a)",
    "gaussian-squares": "(a - number*variance)/(2*a*variance)",
    "largest-gaussian": "a/variance",
    "bernoulli-sum": "log(a/mean)",
    "binomial": "log(a*(1 - probability)/((number - a)*probability))",
    "exponential": "rate - 1/a",
    "bounded-sum": "4*(a - mean)/(number*(high - low)**2)",
}
# multipliers that are simpler where they do: the first two terms of the best one around the mean
NEAR = {
    "chi-squared": "(a - degrees)/(2*degrees)",
    "gaussian-squares": "(a - number*variance)/(2*number*variance**2)",
    "bernoulli-sum": "a/mean - 1",
    "exponential": "rate*(rate*a - 1)",
}
OPERATIONS: dict[str, Callable[..., Any]] = {"+": add, "-": sub, "*": mul, "/": truediv, "**": pow}


def propose(formal: Mapping[str, Any], hint: Mapping[str, Any], budget: Budget) -> tuple[Certificate | None, str]:
    """Return a certificate of a ``tail`` statement, or None and what was tried.

    Parameters
    ----------
    formal
        The statement.
    hint
        ``multiplier`` may hold a text to try first.
    budget
        Time for the search.

    Raises
    ------
    Rejected
        When the statement is malformed.
    """
    stated = tail.read(formal)
    point = _point(formal, stated, Budget(min(0.5, budget.left() / 10)))
    if point is not None:
        return point, ""
    reasons: list[str] = []
    for multiplier in dict.fromkeys(_multipliers(formal, stated, hint)):
        if budget.spent():
            break
        certificate = {"verdict": "proved", "kind": "chernoff", "multiplier": multiplier, "exponent": _exponent(stated)}
        try:
            wanted = tail.obligations(formal, certificate)
        except Rejected as error:
            reasons.append(f"t = {multiplier}: {error}")
            continue
        steps: list[Certificate] = []
        try:
            steps.extend(prove_goal(goal, budget) for goal in wanted)
            return {**certificate, "steps": steps}, ""
        except (NotFound, NotRational, Rejected):
            reasons.append(f"with t = {multiplier}, obligation {len(steps) + 1} of {len(wanted)} is not proved")
    return None, "; ".join(["no small values at which the bound is below 1 for a sure event, or negative", *reasons])


def _point(formal: Mapping[str, Any], stated: tail.Tail, budget: Budget) -> Certificate | None:
    for event in ("sure", "any"):
        try:
            conditions, implied = tail.fails(stated, event)
        except Rejected:
            continue
        statement = {
            "form": "forall",
            "let": list(formal.get("let", ())),
            "given": [*formal.get("given", ()), *map(unparse, conditions)],
            "show": [unparse(implied)],
            "integers": list(formal.get("integers", ())),
        }
        found = search.find_point(statement, budget, rational=True)
        if found is not None:
            return {"verdict": "refuted", "kind": "point", "event": event, "values": found["values"]}
    return None


def _exponent(stated: tail.Tail) -> str:
    bound = stated.bound
    return unparse(bound[2][0] if bound[:2] == ("call", "exp") else ("call", "log", (bound,)))


def _multipliers(formal: Mapping[str, Any], stated: tail.Tail, hint: Mapping[str, Any]) -> Iterator[str]:
    if "multiplier" in hint:
        yield str(hint["multiplier"])
    for table in (BEST, NEAR):
        text = table.get(formal["law"]["name"])
        if text is not None:
            (line,) = stated.lines(text, a=stated.threshold)
            yield from _simplified(line)
    yield "0"


def _simplified(node: Node) -> Iterator[str]:
    """Yield an expression, or what it is the logarithm of, with common factors cancelled, then as it is."""
    inner = node[2][0] if node[:2] == ("call", "log") else node
    atoms: dict[str, Node] = {}
    with suppress(NotFound, ParseError):
        short = substitute(parse(str(sp.simplify(_to_sympy(inner, atoms)))), atoms)
        yield unparse(short if inner is node else ("call", "log", (short,)))
    yield unparse(node)


def _to_sympy(node: Node, atoms: dict[str, Node]) -> sp.Expr:
    """Return a quotient of polynomials in the names and in new symbols for the other terms."""
    kind = node[0]
    if kind == "number":
        return sp.Rational(node[1].numerator, node[1].denominator)
    if kind == "name":
        return sp.Symbol(node[1])
    if kind == "call":
        name = next((name for name, term in atoms.items() if term == node), f"term_{len(atoms)}")
        atoms[name] = node
        return sp.Symbol(name)
    if kind not in OPERATIONS:
        raise NotFound(f"{kind!r} is no operation")
    return OPERATIONS[kind](*(_to_sympy(part, atoms) for part in node[1:]))
