"""Proofs of inequalities that are equalities at a start: from known values of functions there, and by growth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import product

import mpmath as mp

from checks.checker.goal import Goal, Rejected, comparison, constant
from checks.checker.grammar import Node, names, parse
from checks.checker.kinds.functions import inside
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.prove import prove_goal
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.hills import by_hill
from checks.engine.sharpen.recognise import DIGITS, recognised
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, leaves
from checks.engine.unparse import unparse

FAULTS = (NotFound, NotRational, Rejected, ValueError, ArithmeticError, RecursionError)
QUICK_SECONDS, TACTIC_SECONDS = 0.5, 2.0
ZERO: Node = ("number", Fraction(0))


def from_start(goal: Goal, name: str, budget: Budget) -> Certificate:
    """Prove a goal where a name is positive: by growth from 0 in that name, else by any method."""
    with suppress(*FAULTS):
        return prove_goal(goal, budget.part(QUICK_SECONDS))
    with suppress(*FAULTS):
        return monotone(goal, budget.part(TACTIC_SECONDS), {name: mp.mpf(0)})
    for strict in ("slope", "start"):
        with suppress(*FAULTS):
            return grown(goal, name, ZERO, 1, strict, budget.part(TACTIC_SECONDS))
    return prove_goal(goal, budget.part(TACTIC_SECONDS))


def monotone(goal: Goal, budget: Budget, at: Mapping[str, mp.mpf]) -> Certificate:
    """Prove a goal from what the functions of its arguments are at a point: exp and log increase."""
    chain = Chain(goal, lambda g: prove_goal(g, budget))
    found = 0
    with mp.workdps(DIGITS):
        calls = [node for node in _calls(goal.conclusion) if names(node) and names(node) <= set(at)]
        for node in dict.fromkeys(calls):
            inside_, whole = (next(recognised(value(part, at)), None) for part in (node[2][0], node))
            if inside_ is None or whole is None:
                continue
            end = parse(inside_.value("x"))
            chain.lemma(comparison(("call", node[1], (end,)), "==", parse(whole.value("x"))))
            for order, (low, high) in product((2, 1), ((end, node[2][0]), (node[2][0], end))):
                with suppress(NotFound):
                    ends = [unparse(low), unparse(high)]
                    chain.apply("axiom", axiom=f"{node[1]}-increasing", at=ends, order=order)
                    found += 1
                    break
    if not found:
        raise NotFound("no function increases from a known value")
    return chain.close(prove_goal(chain.goal, budget))


def _calls(node: Node) -> Iterator[Node]:
    if node[:2] in (("call", "exp"), ("call", "log")):
        yield node
    elif node[0] == "**" and constant(node[2]) is None:
        yield ("call", "exp", (("*", node[2], ("call", "log", (node[1],))),))
    for part in inside(node):
        yield from _calls(part)


def grown(goal: Goal, name: str, start: Node, way: int, strict: str, budget: Budget) -> Certificate:
    """Prove a goal at a start of a name, and that its gap grows on the way from there."""
    chain = Chain(goal, lambda g: _hilly(g, budget))
    parameters = {"variable": name, "as": new_name(goal, "u"), "from": unparse(start), "inward": way, "strict": strict}
    proofs = [_neat(inner, chain.proof) for inner in leaves(goal, "grow", **parameters)]
    return {"kind": "grow", **parameters, "by": proofs}


def _hilly(goal: Goal, budget: Budget) -> Certificate:
    """Prove a goal; where it is hard and has two ends with a maximum in between, from both ends."""
    with suppress(*FAULTS):
        return prove_goal(goal, budget.part(QUICK_SECONDS))
    with suppress(*FAULTS):
        return by_hill(goal, lambda g: prove_goal(g, budget.part(TACTIC_SECONDS)))
    return prove_goal(goal, budget)


def _neat(goal: Goal, prove: Prover) -> Certificate:
    """Prove a goal without the zeros that a start at 0 leaves in it."""
    chain = Chain(goal, prove)
    for term in dict.fromkeys(_with_zero(goal.conclusion)):
        chain.apply("rewrite", **{"from": unparse(term), "to": unparse(term[1])})
    return chain.close(chain.proof(chain.goal))


def _with_zero(node: Node) -> Iterator[Node]:
    if node[0] in ("+", "-") and node[2] == ZERO:
        yield node
        return
    for part in inside(node):
        yield from _with_zero(part)
