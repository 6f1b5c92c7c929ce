"""Goals in one variable cut where the slope changes sign, and goals at infinity turned round by x = 1/t."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

import numpy as np

from checks.checker.goal import ONE, ZERO, Goal, comparison, polynomial_fact
from checks.checker.grammar import Node, names
from checks.checker.kinds.path import derivative, smooth
from checks.checker.kinds.schemas import number
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.functions.atoms import Samples, positive_gap
from checks.engine.sample import Array
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, leaves
from checks.engine.unparse import unparse

GRID = 600
MOST_CUTS = 4


def by_pieces(goal: Goal, prove: Prover) -> Certificate:
    """Cut the domain on both sides of each place at which the slope changes sign and the gap is positive.

    Raises
    ------
    NotFound
        For several variables, and where there is nothing to cut.
    """
    if goal.sign not in (">=", "<=", ">", "<") or len(names(goal.conclusion)) != 1:
        raise NotFound("")
    (variable,) = names(goal.conclusion)
    gap = positive_gap(goal)
    if not smooth(gap, variable):
        raise NotFound("")
    cuts = _cuts(goal, gap, variable)
    if not 0 < len(cuts) <= 2 * MOST_CUTS:
        raise NotFound("no place to cut at")
    return _split(goal, variable, cuts, prove)


def _split(goal: Goal, variable: str, cuts: list[Fraction], prove: Prover) -> Certificate:
    if not cuts:
        return prove(goal)
    at: Node = ("-", ("name", variable), number(cuts[-1]))
    wanted = leaves(goal, "split", at=unparse(at))
    proofs = [*(prove(inner) for inner in wanted[:-2]), prove(wanted[-2])]
    proofs.append(_split(wanted[-1], variable, cuts[:-1], prove))
    return {"kind": "split", "at": unparse(at), "by": proofs}


def _cuts(goal: Goal, gap: Node, variable: str) -> list[Fraction]:
    samples = Samples(goal)
    x = _grid(samples.values[variable])
    samples.size = x.size
    value, slope = samples.of(gap, {variable: x}), samples.of(derivative(gap, variable), {variable: x})
    sure = np.isfinite(value) & np.isfinite(slope)
    x, value, slope = x[sure], value[sure], slope[sure]
    if x.size < 8:
        return []
    turns = np.nonzero(slope[:-1] * slope[1:] < 0)[0]
    places = [float(x[0]), *(float((x[i] + x[i + 1]) / 2) for i in turns), float(x[-1])]
    found: list[Fraction] = []
    for i, k in enumerate(turns):
        if value[k] < 1e-5:
            found.append(_short(places[i + 1], 0.02 * min(places[i + 1] - places[i], places[i + 2] - places[i + 1])))
            continue
        for side in (-1, 1):
            room = abs(places[i + 1 + side] - places[i + 1])
            found.append(_short(places[i + 1] + side * 0.25 * room, 0.1 * room))
    return sorted(set(found))


def _grid(x: Array) -> Array:
    low, high = float(np.min(x)), float(np.max(x))
    return np.linspace(low, high, GRID)[1:-1] if high > low else x


def _short(value: float, off: float) -> Fraction:
    """Return a short fraction near a number."""
    for most in (1, 2, 4, 10, 30, 100, 1000):
        found = Fraction(value).limit_denominator(most)
        if abs(float(found) - value) <= off:
            return found
    return Fraction(value).limit_denominator(10**4)


def by_inversion(goal: Goal, prove: Prover) -> Certificate:
    """Prove a goal about a positive variable x by x = 1/t: what tends to zero at infinity then does so at t = 0.

    Raises
    ------
    NotFound
        Where no variable is positive.
    """
    if goal.sign not in (">=", "<=", ">", "<") or len(goal.names) > 2:
        raise NotFound("")
    samples = Samples(goal)
    reasons = ["no variable that is positive"]
    for variable in sorted(names(goal.conclusion) - goal.integers):
        if variable.startswith("inverse") or float(np.min(samples.values[variable])) <= 0:
            continue
        if float(np.max(samples.values[variable])) < 5:
            continue
        try:
            chain = Chain(goal, prove)
            positive = (("name", variable), ">", ZERO)
            chain.lemma(comparison(*positive))
            given = chain.goal.given
            chain.forget([n for n, e in enumerate(given) if polynomial_fact(e, goal.context) is not None])
            place = chain.goal.given.index(positive)
            fresh = new_name(goal, "inverse")
            value = unparse(("/", ONE, ("name", fresh)))
            inverse = unparse(("/", ONE, ("name", variable)))
            chain.apply("change", variable=variable, value=value, inverse=inverse, **{"as": fresh})
            chain.lemma(comparison(("name", fresh), ">", ZERO), partial(_turned, place=place, prove=prove))
            return chain.close(prove(chain.goal))
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[-1])


def _turned(goal: Goal, place: int, prove: Prover) -> Certificate:
    """Prove t > 0 from the hypothesis 1/t > 0."""
    chain = Chain(goal, prove)
    chain.forget([place])
    chain.apply("clear", given=0, sign=0)
    return chain.close(chain.proof(chain.goal))
