"""Names that range over the integers: bounds moved to integers, remainders, lists of cases, induction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from math import ceil, floor
from typing import TYPE_CHECKING

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Goal, polynomial_fact
from checks.checker.grammar import Node, names
from checks.engine import residues
from checks.engine.bernstein import chart as charts
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions import transcendental
from checks.engine.functions.atoms import goal_atoms
from checks.engine.sample import plausible
from checks.engine.structure import fact_key, new_name
from checks.engine.tactics import Prover, by_rule, leaves
from checks.engine.unparse import unparse

if TYPE_CHECKING:
    from checks.engine.prove import Search

# a list of cases is at most so long
MOST_CASES = 40
MODULI = (2, 3, 4)
# how many rules for integers may be nested
DEEPEST = 3


def tightened(goal: Goal, prove: Prover) -> Certificate | None:
    """Move a bound on integers to the next integer; None when every bound is there already."""
    if not goal.integers:
        return None
    found_apart = separated(goal, prove)
    if found_apart is not None:
        return found_apart
    known = {fact_key(fact, sign) for fact, sign in goal.facts()}
    if goal.conclusion[0] == "compare" and goal.sign == "==":
        gap = poly.ratio(goal.gap(), goal.context)[0]
        if all(fact_key(poly.multiply(gap, poly.constant(side)), ">=") in known for side in (1, -1)):
            return by_rule(goal, prove, "both")
    for position, entry in enumerate(goal.given):
        found = polynomial_fact(entry, goal.context)
        if found is None or found[1] == "!=" or not poly.generators(found[0]) <= goal.integers:
            continue
        try:
            (inner,) = leaves(goal, "tighten", given=position)
        except NotFound:
            continue
        fresh = inner.facts()[-1]
        if fact_key(*fresh) in known or fact_key(fresh[0], ">=") == fact_key(*found):
            continue
        return by_rule(goal, prove, "tighten", given=position)
    return None


def separated(goal: Goal, prove: Prover) -> Certificate | None:
    """Use ``p >= 0`` and ``p != 0`` as ``p > 0``, for integers; None when no two hypotheses are such."""
    facts = goal.facts()
    known = {fact_key(fact, sign) for fact, sign in facts}
    for fact, sign in facts:
        if sign != "!=" or len(poly.generators(fact)) < 2 or not poly.generators(fact) <= goal.integers:
            continue
        for side in (1, -1):
            p = poly.multiply(fact, poly.constant(side))
            if fact_key(p, ">=") not in known or fact_key(p, ">") in known:
                continue
            chain = Chain(goal, prove)
            text = unparse(poly.node(p))
            chain.apply("lemma", show=f"({text})**2 > 0")
            chain.apply("lemma", partial(_from_square, p=p, prove=prove), show=f"{text} > 0")
            return chain.close(prove(chain.goal))
    return None


def _from_square(goal: Goal, p: poly.Poly, prove: Prover) -> Certificate:
    """Prove p > 0 from p >= 0 and p**2 > 0."""
    facts = (p, ">="), (poly.multiply(p, p), ">")
    wanted = {fact_key(fact, sign) for fact, sign in facts}
    chain = Chain(goal, prove)
    kept = []
    for position, entry in enumerate(goal.given):
        found = polynomial_fact(entry, goal.context)
        if found is not None and fact_key(*found) in wanted:
            kept.append(position)
    chain.forget(kept)
    return chain.close(chain.proof(chain.goal))


def by_integers(goal: Goal, search: Search) -> Certificate:
    """Prove a goal by a list of cases, remainders, a cut between two integers, or induction.

    Raises
    ------
    NotFound
        When no name ranges over the integers, or none of these helps.
    """
    scalars = sorted(goal.integers - goal.context.size_names())
    if not scalars or not search.effort or search.plain or search.cuts >= DEEPEST:
        raise NotFound("")
    search.cuts += 1
    try:
        return search.any(goal, tuple(_methods(goal, scalars, search)))
    finally:
        search.cuts -= 1


def _methods(goal: Goal, scalars: list[str], search: Search) -> Iterator[Callable[[Goal], Certificate]]:
    prove = search.prove
    if any(not _is_power(atom) for atom in goal_atoms(goal)):
        yield lambda g: transcendental.by_functions(g, search)  # the reals between may be no obstacle
    for name in scalars:
        ends = _range(goal, name)
        if ends is not None and ends[1] - ends[0] < MOST_CASES:
            yield lambda g, n=name, e=ends: by_rule(g, prove, "pinned", variable=n, low=e[0], high=e[1])  # type: ignore[misc]
    if goal.sign == "!=":
        yield lambda g: by_rule(g, prove, "deny")
    if goal.conclusion == FALSE:
        yield lambda g: residues.by_obstruction(g, search)
        yield lambda g: residues.by_descent(g, search)
    equations = [p for p, relation in goal.facts() if relation == "==" and p and poly.generators(p) <= goal.integers]
    if equations:
        for modulus in _moduli(equations):
            for name in sorted(scalars, key=lambda n: -max(dict(m).get(n, 0) for p in equations for m in p)):
                parameters = {"variable": name, "modulus": modulus, "as": new_name(goal, "quotient")}
                yield lambda g, p=parameters: by_rule(g, prove, "residue", **p)  # type: ignore[misc]
    for name in scalars:
        start = _least(goal, name)
        if start is not None and name in names(goal.conclusion):
            yield lambda g, n=name, s=start: by_rule(g, prove, "induct", variable=n, start=s)  # type: ignore[misc]
        for at in (f"{name} - 1", name) if start is None else (f"{name} - {start + 1}",):
            if any(name in poly.generators(fact) for fact, _ in goal.facts()) or plausible(goal):
                yield lambda g, a=at: by_rule(g, prove, "split", at=a)  # type: ignore[misc]


def _is_power(atom: Node) -> bool:
    """Return whether a term is a power of a number, which an induction takes apart."""
    return atom[0] == "**" and not names(atom[1])


def _moduli(equations: list[poly.Poly]) -> list[int]:
    """Return moduli to try: those that divide a coefficient first."""
    found = [abs(v.numerator) for p in equations for m, v in p.items() if m and v.denominator == 1]
    dividing = [q for q in (2, 3, 4, 5, 7, 8) if any(v % q == 0 for v in found)]
    return list(dict.fromkeys([*dividing, *MODULI]))


def equational(goal: Goal) -> bool:
    """Return whether a goal is about equations between integers: remainders come before real arithmetic then."""
    if not goal.integers or goal.conclusion[0] != "compare":
        return False
    return goal.sign == "!=" or any(
        relation == "==" and fact and poly.generators(fact) <= goal.integers for fact, relation in goal.facts()
    )


def _range(goal: Goal, name: str) -> tuple[int, int] | None:
    """Return the integers between which the hypotheses put a name."""
    low, high = (_constant(side) for side in charts.bounds(goal, name))
    return None if low is None or high is None else (ceil(low), floor(high))


def _least(goal: Goal, name: str) -> int | None:
    """Return the least integer that the hypotheses leave to a name."""
    low = _constant(charts.bounds(goal, name)[0])
    return None if low is None else ceil(low)


def _constant(side: list[charts.Bound]) -> Fraction | None:
    return next((bound.value.get((), Fraction(0)) for bound in side if set(bound.value) <= {()}), None)
