"""Search for Handelman certificates: the goal as a nonnegative combination of hypotheses and products of two of them.

A floating-point linear program chooses which terms to use; the coefficients are then solved for exactly.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import linprog

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine.budget import Budget, Certificate, NotFound

MOST_TERMS = 120
SMALL = 1e-9


def by_combination(p: poly.Poly, sign: str, goal: Goal, budget: Budget) -> Certificate:
    """Find coefficients with ``p = c + sum of c_i f_i + sum of c_ij f_i f_j``, all nonnegative.

    Raises
    ------
    NotFound
        When there are none (for a strict goal: none that uses a strict term).
    """
    facts = goal.facts()
    usable = [i for i, (fact, relation) in enumerate(facts) if relation in (">", ">=") and fact]
    terms: list[tuple[int, ...]] = [(), *((i,) for i in usable)]
    for pair in combinations_with_replacement(usable, 2):
        if len(terms) < MOST_TERMS:
            terms.append(pair)
    products = [_product(term, facts) for term in terms]
    strict = [all(facts[i][1] == ">" for i in term) for term in terms]
    chosen = _support(p, products, strict, sign)
    exact = _solve(p, [products[i] for i in chosen])
    if exact is None:
        raise NotFound("no combination of the hypotheses")
    listed = [
        {"coefficient": str(value), "facts": list(terms[i])} for i, value in zip(chosen, exact, strict=True) if value
    ]
    if sign == ">" and not any(strict[i] and value > 0 for i, value in zip(chosen, exact, strict=True)):
        raise NotFound("no strict combination of the hypotheses")
    return {"kind": "combination", "terms": listed}


def _product(term: tuple[int, ...], facts: list[tuple[poly.Poly, str]]) -> poly.Poly:
    value = poly.ONE
    for i in term:
        value = poly.multiply(value, facts[i][0])
    return value


def _support(p: poly.Poly, products: list[poly.Poly], strict: list[bool], sign: str) -> list[int]:
    """Return which terms a linear program uses; for a strict goal it puts weight on the strict ones."""
    monomials = sorted({m for q in (p, *products) for m in q}, key=repr)
    matrix = np.array([[float(q.get(m, Fraction(0))) for q in products] for m in monomials])
    target = np.array([float(p.get(m, Fraction(0))) for m in monomials])
    cost = np.array([-1.0 if sign == ">" and s else 1.0 for s in strict])
    solved: Any = linprog(cost, A_eq=matrix, b_eq=target, bounds=(0, 1e6), method="highs-ds")
    if solved.status != 0:
        raise NotFound("no combination of the hypotheses")
    return [i for i, value in enumerate(solved.x) if value > SMALL]


def _solve(p: poly.Poly, products: list[poly.Poly]) -> list[Fraction] | None:
    """Return exact nonnegative coefficients on the chosen terms, or None."""
    if not products:
        return None
    monomials = sorted({m for q in (p, *products) for m in q}, key=repr)
    matrix = sp.Matrix([[sp.Rational(*_pair(q.get(m, Fraction(0)))) for q in products] for m in monomials])
    target = sp.Matrix([sp.Rational(*_pair(p.get(m, Fraction(0)))) for m in monomials])
    symbols = sp.symbols(f"k0:{len(products)}")
    solutions = sp.linsolve((matrix, target), *symbols)
    for solution in solutions:
        values = [value.subs(dict.fromkeys(symbols, 0)) for value in solution]
        if all(value.is_Rational and value >= 0 for value in values):
            return [Fraction(int(value.p), int(value.q)) for value in values]
    return None


def _pair(value: Fraction) -> tuple[int, int]:
    return value.numerator, value.denominator
