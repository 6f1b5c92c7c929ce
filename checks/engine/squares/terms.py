"""From the checker's polynomials to exponent tuples and back to the terms of a certificate, with scaled variables."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm, log2
from typing import Any

import numpy as np

from checks.checker import polynomial as poly
from checks.engine.algebra import charts_text
from checks.engine.squares.gram import Solution, combined
from checks.engine.squares.model import Block, Dense, Exponents, Model, plus

Term = dict[str, Any]
# coefficients between 2**-ORDINARY and 2**ORDINARY need no scaling
ORDINARY = 2


class Translation:
    """A goal and its facts in dense form, and how terms are written back.

    Variables and facts are scaled by powers of two where their coefficients differ much in size: inside, a variable
    x stands for ``2**shift * x``, and a fact f for ``f / unit``.
    """

    def __init__(self, p: poly.Poly, facts: list[tuple[poly.Poly, str]]) -> None:
        self.names = sorted({g for q in (p, *(f for f, _ in facts)) for g in poly.generators(q)}, key=repr)
        plain = [self._dense(q) for q in (p, *(f for f, _ in facts))]
        self.shifts = balance(plain)
        scaled = [{m: v * self._size(m) for m, v in q.items()} for q in plain]
        self.target = scaled[0]
        self.units = [unit(q) for q in scaled[1:]]
        self.facts = [
            ({m: v / u for m, v in q.items()}, relation)
            for q, u, (_, relation) in zip(scaled[1:], self.units, facts, strict=True)
        ]

    def term(self, coefficient: Fraction, facts: tuple[int, ...]) -> Term:
        """Write ``coefficient * product of facts``."""
        for i in facts:
            coefficient /= self.units[i]
        return {"coefficient": str(coefficient), **({"facts": list(facts)} if facts else {})}

    def terms(self, model: Model, solution: Solution) -> list[Term]:
        """Write the terms of an exact solution: squares with coprime integer coefficients, then multipliers."""
        found = [
            self._square(d, block, combined(weights, block.basis))
            for block, squares in zip(model.blocks, solution.squares, strict=True)
            for d, weights in squares
        ]
        multipliers: dict[int, Dense] = {}
        for free, value in zip(model.free, solution.free, strict=True):
            multipliers[free.fact] = plus(multipliers.get(free.fact, {}), free.monomial, value)
        for i, u in multipliers.items():
            if u:
                content, text = self._written(u)
                found.append({**self.term(content, (i,)), "multiplier": text})
        return found

    def positive(self, term: Term) -> bool:
        """Return whether a term is strictly positive for a reason that the checker sees."""
        plain = "squares" not in term and "multiplier" not in term
        relations = [(self.facts[i][1], term["facts"].count(i) % 2) for i in term.get("facts", ())]
        return plain and all(relation == ">" or (relation == "!=" and not odd) for relation, odd in relations)

    def _square(self, d: Fraction, block: Block, q: Dense) -> Term:
        if q[max(q, key=_order)] < 0:
            q = {m: -v for m, v in q.items()}
        content, text = self._written(q)
        term = self.term(d * content**2, block.facts)
        if any(any(m) for m in q):
            term["squares"] = [text]
        return term

    def _written(self, q: Dense) -> tuple[Fraction, str]:
        """Return a positive number and the text of the polynomial of coprime integers that it multiplies."""
        natural = {m: v / self._size(m) for m, v in q.items()}
        numbers = natural.values()
        content = Fraction(gcd(*(v.numerator for v in numbers)), lcm(*(v.denominator for v in numbers)))
        words = ""
        for m, v in sorted(natural.items(), key=lambda item: _order(item[0]), reverse=True):
            number = int(v / content)
            sign = ("-" if number < 0 else "") if not words else (" - " if number < 0 else " + ")
            name = self._name(m)
            factors = [str(abs(number))] * (abs(number) != 1 or not name) + [name] * bool(name)
            words += sign + "*".join(factors)
        return content, words

    def _name(self, m: Exponents) -> str:
        """Return the text of a monomial, empty for one."""
        powers = tuple((g, e) for g, e in zip(self.names, m, strict=True) if e)
        return charts_text({powers: Fraction(1)}).removeprefix("(1)*") if powers else ""

    def _dense(self, q: poly.Poly) -> Dense:
        place = {g: i for i, g in enumerate(self.names)}
        found: Dense = {}
        for monomial, value in q.items():
            exponents = [0] * len(place)
            for g, e in monomial:
                exponents[place[g]] = e
            found[tuple(exponents)] = value
        return found

    def _size(self, m: Exponents) -> Fraction:
        """Return the value of a monomial at the units of the variables."""
        return Fraction(2) ** sum(e * k for e, k in zip(m, self.shifts, strict=True))


def _order(m: Exponents) -> tuple[int, Exponents]:
    """Order monomials by degree, then by the first variables."""
    return sum(m), m


def merged(terms: list[Term]) -> list[Term]:
    """Return the terms with those of the same product of hypotheses, without squares or multipliers, added up."""
    found: list[Term] = []
    for term in terms:
        plain = set(term) <= {"coefficient", "facts"}
        same = next((t for t in found if plain and {**t, "coefficient": ""} == {**term, "coefficient": ""}), None)
        if same is None:
            found.append(dict(term))
        else:
            same["coefficient"] = str(Fraction(same["coefficient"]) + Fraction(term["coefficient"]))
    return found


def unit(q: Dense) -> Fraction:
    """Return a power of two near the largest coefficient, 1 where that is of ordinary size."""
    largest = max((abs(v) for v in q.values()), default=Fraction(1))
    shift = round(log2(float(largest)))
    return Fraction(2) ** shift if abs(shift) >= ORDINARY else Fraction(1)


def balance(polys: list[Dense]) -> tuple[int, ...]:
    """Return exponents of two by which the variables are scaled so that coefficients come close in size.

    Least squares on the logarithms of the coefficients; nothing is done where those are of ordinary size.
    """
    used = [q for q in polys if len(q) > 1]
    width = next((len(m) for q in polys for m in q), 0)
    sizes = [-log2(abs(float(v))) for q in used for v in q.values()]
    if not sizes or max(map(abs, sizes)) < ORDINARY:
        return (0,) * width
    rows = [[*m, *(float(k == i) for i in range(len(used)))] for k, q in enumerate(used) for m in q]
    # a little damping: variables that nothing ties down stay as they are
    damping = 0.1 * np.eye(width, width + len(used))
    solution = np.linalg.lstsq(np.vstack([rows, damping]), np.append(sizes, np.zeros(width)), rcond=None)[0]
    return tuple(int(v) for v in solution[:width])
