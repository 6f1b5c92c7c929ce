"""Search for Handelman certificates: the goal as a nonnegative combination of hypotheses and products of two of them.

Equalities take any multiplier: a number, a variable, or a hypothesis.  A floating-point linear program chooses which
terms to use; the coefficients are then solved for exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine.algebra import charts_text
from checks.engine.budget import Budget, Certificate, NotFound

MOST_TERMS = 160
SMALL = 1e-9


@dataclass(frozen=True)
class Term:
    """A product of hypotheses, with a multiplier when one of them is an equality (then of either sign)."""

    facts: tuple[int, ...]
    product: poly.Poly
    strict: bool = False
    multiplier: poly.Poly | None = None

    def as_json(self, value: Fraction) -> dict[str, Any]:
        """Return the entry of the certificate."""
        entry: dict[str, Any] = {"coefficient": str(value), "facts": list(self.facts)}
        return entry if self.multiplier is None else {**entry, "multiplier": charts_text(self.multiplier)}


def by_combination(p: poly.Poly, sign: str, goal: Goal, budget: Budget) -> Certificate:
    """Find coefficients with ``p = c + sum of c_i f_i + sum of c_ij f_i f_j + sum of u_k e_k``, the c nonnegative.

    Raises
    ------
    NotFound
        When there are none (for a strict goal: none that uses a strict term).
    """
    terms = _terms(p, goal)
    chosen = _support(p, terms, sign)
    exact = _solve(p, chosen)
    if exact is None:
        raise NotFound("no combination of the hypotheses")
    if sign == ">" and not any(term.strict and value > 0 for term, value in zip(chosen, exact, strict=True)):
        raise NotFound("no strict combination of the hypotheses")
    listed = [term.as_json(value) for term, value in zip(chosen, exact, strict=True) if value]
    return {"kind": "combination", "terms": listed}


def _terms(p: poly.Poly, goal: Goal) -> list[Term]:
    facts = goal.facts()
    usable = [i for i, (fact, relation) in enumerate(facts) if relation in (">", ">=") and fact]
    terms = [Term((), poly.ONE, strict=True)]
    terms += [Term((i,), facts[i][0], facts[i][1] == ">") for i in usable]
    for i, (fact, relation) in enumerate(facts):
        if relation != "==" or not fact:
            continue
        variables = sorted({g for q in (p, fact) for g in poly.generators(q)}, key=repr)
        for multiplier in [poly.ONE, *(poly.generator(g) for g in variables[:6])]:
            terms.append(Term((i,), poly.multiply(multiplier, fact), multiplier=multiplier))
    for i, j in combinations_with_replacement(usable, 2):
        if len(terms) < MOST_TERMS:
            strict = facts[i][1] == facts[j][1] == ">"
            terms.append(Term((i, j), poly.multiply(facts[i][0], facts[j][0]), strict))
    return terms


def _support(p: poly.Poly, terms: list[Term], sign: str) -> list[Term]:
    """Return which terms a linear program uses; for a strict goal it puts weight on the strict ones."""
    monomials = sorted({m for q in (p, *(t.product for t in terms)) for m in q}, key=repr)
    place = {m: row for row, m in enumerate(monomials)}
    matrix = np.zeros((len(monomials) + 1, len(terms)))
    for column, term in enumerate(terms):
        for m, v in term.product.items():
            matrix[place[m], column] = float(v)
        matrix[-1, column] = 1.0 if sign == ">" and term.strict else 0.0
    target = np.array([*(float(p.get(m, Fraction(0))) for m in monomials), 1.0 if sign == ">" and not p else 0.0])
    if p or sign != ">":  # the last row fixes the scale of a proof of 0 > 0 only
        matrix, target = matrix[:-1], target[:-1]
    cost = [0.1 if t.multiplier is not None else -1.0 if sign == ">" and p and t.strict else 1.0 for t in terms]
    bounds = [(-1e6, 1e6) if t.multiplier is not None else (0, 1e6) for t in terms]
    solved: Any = linprog(cost, A_eq=matrix, b_eq=target, bounds=bounds, method="highs-ds")
    if solved.status != 0:
        raise NotFound("no combination of the hypotheses")
    return [term for term, value in zip(terms, solved.x, strict=True) if abs(value) > SMALL]


def _solve(p: poly.Poly, terms: list[Term]) -> list[Fraction] | None:
    """Return exact coefficients on the chosen terms, nonnegative without a multiplier, or None."""
    if not terms:
        return None
    products = [term.product for term in terms]
    monomials = sorted({m for q in (p, *products) for m in q}, key=repr)
    matrix = sp.Matrix([[sp.Rational(*_pair(q.get(m, Fraction(0)))) for q in products] for m in monomials])
    target = sp.Matrix([sp.Rational(*_pair(p.get(m, Fraction(0)))) for m in monomials])
    symbols = sp.symbols(f"k0:{len(products)}")
    free = 1 if not p else 0  # a proof of 0 > 0 may be scaled
    for solution in sp.linsolve((matrix, target), *symbols):
        values = [value.subs(dict.fromkeys(symbols, free)) for value in solution]
        if all(
            value.is_Rational and (value >= 0 or term.multiplier is not None)
            for value, term in zip(values, terms, strict=True)
        ):
            return [Fraction(int(value.p), int(value.q)) for value in values]
    return None


def _pair(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator
