"""Sums of squares: a goal as a sum of squares times products of hypotheses, with exact rational coefficients.

The certificate is Putinar's or Schmuedgen's form of Stengle's Positivstellensatz,

    p = sum over products m of hypotheses of  m * (sum of c q^2)  +  sum over equalities h of  u * h ,

with c > 0 rational, q and u polynomials.  A semidefinite program proposes the Gram matrices, facial reduction takes
out the directions in which zeros of p force them to be singular, and rounding into the affine space of solutions
makes them exact.

With p = 0 and the sign ``>`` the facts are refuted: the negated conclusion belongs among them.  A fact ``-g > 0``
gives, as a refutation, ``g * (c + sum of squares) = sum of squares``: polynomials that are nonnegative without being
sums of squares (Motzkin, Choi-Lam) need this form.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from checks.checker import polynomial as poly
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.squares.exact import MARGIN, grid, solve
from checks.engine.squares.gram import matrices
from checks.engine.squares.levels import fits, levels, model
from checks.engine.squares.model import Model, degree, plus, without_dead_rows
from checks.engine.squares.solve import Program
from checks.engine.squares.terms import Term, Translation, merged

# how many candidates for the strictly positive term are tried
STRICT = 3


def by_squares(
    p: poly.Poly, sign: str, facts: list[tuple[poly.Poly, str]], budget: Budget, *, nonzero: bool = False
) -> Certificate:
    """Find a certificate of kind ``combination`` for ``p > 0`` or ``p >= 0`` under the facts.

    Parameters
    ----------
    p
        The goal's polynomial; ``{}`` with the sign ``>`` asks for a refutation of the facts.
    sign
        ``>`` or ``>=``.
    facts
        Polynomials with their relation to zero: ``>``, ``>=``, ``==``, ``!=``.
    budget
        The time that the search may take.
    nonzero
        Whether a fact with ``!=``, named twice in a term, may count as strictly positive; else it is not used.

    Raises
    ------
    NotFound
        When no certificate was found; the message says up to which degree.
    """
    if not p and sign == ">=":
        return {"kind": "combination", "terms": []}
    words = Translation(p, facts)
    reason = "no model is small enough"
    tried: list[tuple[tuple[int, ...], int]] = []
    for level in levels(words.target, words.facts):
        if budget.spent():
            raise NotFound(f"sums of squares: the time is over; {reason}")
        candidate = model(words.target, words.facts, level, sign == ">", nonzero)
        shape = [] if candidate is None else [(block.facts, len(block.basis)) for block in candidate.blocks]
        if candidate is None or shape == tried:
            continue
        tried = shape
        candidate = without_dead_rows(candidate)
        if not candidate.blocks:
            reason = f"degree {level.degree}, products of {level.factors}: no terms are left"
            continue
        if not fits(candidate):
            continue
        try:
            if sign == ">":
                terms = _strict(candidate, words, budget, level.degree <= max(2, degree(words.target)))
            else:
                terms = words.terms(*solve(candidate, budget))
        except (NotFound, np.linalg.LinAlgError, OverflowError) as error:
            reason = f"degree {level.degree}, products of {level.factors}: {error}"
            continue
        return {"kind": "combination", "terms": merged(terms)}
    raise NotFound(f"sums of squares: {reason}")


def _strict(candidate: Model, words: Translation, budget: Budget, first: bool) -> list[Term]:
    """Split off a strictly positive term and write the rest as a sum of squares.

    ``first`` says that the degree is the lowest: only then is it worth a second look where no term can be split off.
    """
    places = [k for k, block in enumerate(candidate.blocks) if block.strict]
    if not places:
        raise NotFound("no strictly positive term")
    program = Program(candidate, budget)
    found = program.strictest(places) if candidate.target else program.normalised(places)
    weights = [float(matrices(candidate, found.values)[k][0, 0]) for k in places]
    rest = tuple(block for block in candidate.blocks if not block.strict)
    reason = "no strictly positive term"
    for position in sorted(range(len(places)), key=lambda i: -weights[i])[:STRICT]:
        if weights[position] < MARGIN * program.scale:
            break
        block = candidate.blocks[places[position]]
        value = grid(weights[position] / 8) if candidate.target else Fraction(1)
        left = plus(candidate.target, block.factor, -value)
        try:
            terms = words.terms(*solve(Model(left, rest, candidate.free), budget)) if left else []
        except NotFound as error:
            reason = str(error)
            continue
        return [words.term(value, block.facts), *terms]
    if candidate.target and first:
        # a strictly positive term too small for floating point may still come out exactly
        terms = words.terms(*solve(Model(candidate.target, rest, candidate.free), budget))
        if any(map(words.positive, terms)):
            return terms
    raise NotFound(reason)
