"""Candidate thresholds: where the boundary of the conclusion touches a face of the hypotheses.

A threshold c0 is the least c at which p(c, x) = 0 meets the domain.  On the face where the hypotheses g_1 .. g_k are
active this is a solution of

    p = g_1 = ... = g_k = 0   and   rank d(p, g_1, .., g_k)/dx <= k,

and eliminating x by resultants leaves a polynomial in c.  Its irreducible factors give the candidates; going back up
the elimination gives the points, in floating point of many digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, islice
from typing import Any

import mpmath as mp
import sympy as sp
from sympy.polys.polyerrors import BasePolynomialError

from checks.checker.accept import FAULTS
from checks.engine.budget import Budget
from checks.engine.sharpen.number import Threshold, thresholds
from checks.engine.sharpen.system import System

DIGITS = 70
# systems larger than this are left alone
MOST_TERMS, MOST_DEGREE, MOST_BRANCHES = 3000, 40, 24
# points behind one candidate
MOST_POINTS = 40

Chain = list[tuple[str, list[Any]]]


@dataclass
class Candidate:
    """A threshold with the eliminations that lead to it."""

    at: Threshold
    chains: list[Chain] = field(default_factory=list)

    def points(self) -> list[dict[str, mp.mpf]]:
        """Return points behind the candidate, with many digits, unknowns that stay free at small values."""
        with mp.workdps(DIGITS):
            near = self.at.digits(DIGITS)
            return list(islice((p for chain in self.chains for p in _up(chain, {"": near})), MOST_POINTS))


class Faces:
    """The elimination of one claim."""

    def __init__(self, system: System, budget: Budget) -> None:
        import flint

        self.budget, self.parameter = budget, system.parameter
        self.others = [str(s) for s in system.symbols]
        self.names = [system.parameter, *self.others]
        self.ring = flint.fmpz_mpoly_ctx.get(tuple(self.names), flint.Ordering.lex)
        self.given = self._distinct(p for pair in system.given for p in pair)
        self.show = self._distinct(p for pair in system.show for p in pair)
        self.equations = [self._poly(p) for p in system.equations]
        self.found: dict[tuple[tuple[int, ...], int], Candidate] = {}
        self.tried: set[frozenset[str]] = set()

    @classmethod
    def of(cls, system: System, budget: Budget) -> list[Candidate]:
        """Return the candidates of a system in increasing order, none where a method cannot take it."""
        try:
            return cls(system, budget).candidates()
        except (*FAULTS, BasePolynomialError):
            return []

    def candidates(self) -> list[Candidate]:
        """Return the candidates in increasing order."""
        size = len(self.others)
        for count in range(size + 1):
            for active in combinations(self.given, count):
                for boundary in (*self.show, None):
                    if self.budget.spent():
                        return self._ordered()
                    self._face(list(active), boundary)
        return self._ordered()

    def _ordered(self) -> list[Candidate]:
        return sorted(self.found.values(), key=lambda c: float(c.at))

    def _distinct(self, expressions: Any) -> list[Any]:
        found: dict[str, Any] = {}
        for expr in expressions:
            if expr.is_number:
                continue
            for p in _irreducible(self._poly(expr)):
                found.setdefault(str(p), p)
        return list(found.values())

    def _poly(self, expr: sp.Expr) -> Any:
        p = sp.Poly(expr, *(sp.Symbol(name) for name in self.names))
        _, p = p.clear_denoms(convert=True)
        return self.ring.from_dict({powers: int(c) for powers, c in p.terms()})

    def _face(self, active: list[Any], boundary: Any) -> None:
        rows = [*active, *([boundary] if boundary is not None else [])]
        if not rows:
            return
        used = {name for p in rows for name in self._unknowns(p)}
        linked = list(self.equations)
        grown = True
        while grown:
            grown = False
            for p in [p for p in linked if p not in rows]:
                if used & set(self._unknowns(p)):
                    rows.append(p)
                    used |= set(self._unknowns(p))
                    grown = True
        self._reduce(rows, [])
        unknowns = sorted({name for p in rows for name in self._unknowns(p)})
        if len(unknowns) > 1 and all(map(self._homogeneous, rows)):
            # the points other than the origin are lines: one on each with a coordinate of 1
            for name in unknowns:
                at = self.ring.from_dict({tuple(int(n == name) for n in self.names): 1, (0,) * len(self.names): -1})
                self._reduce([*rows, at], [])

    def _homogeneous(self, p: Any) -> bool:
        """Return whether all terms have the same degree in the unknowns."""
        return len({sum(powers[1:]) for powers in p.to_dict()}) == 1

    def _unknowns(self, p: Any) -> list[str]:
        return [name for name, degree in zip(self.names[1:], p.degrees()[1:], strict=True) if degree]

    def _reduce(self, rows: list[Any], chain: Chain) -> None:
        """Use the equations that are linear in an unknown with a constant factor, then ask for the rank to drop."""
        for p in rows:
            for name in self._unknowns(p):
                if p.degrees()[self.names.index(name)] == 1 and p.derivative(name).is_constant():
                    rest = [q if name not in self._unknowns(q) else q.resultant(p, name) for q in rows if q is not p]
                    rest = [q for q in rest if not q.is_zero()]
                    if any(q.is_constant() for q in rest):
                        return
                    self._reduce([_primitive(q) for q in rest], [*chain, (name, [p])])
                    return
        unknowns = sorted({name for p in rows for name in self._unknowns(p)})
        if rows and len(rows) <= len(unknowns):
            rows = [*rows, *self._minors(rows, unknowns)]
        self._eliminate(rows, chain, [MOST_BRANCHES])

    def _minors(self, rows: list[Any], unknowns: list[str]) -> list[Any]:
        jacobian = [[p.derivative(name) for name in unknowns] for p in rows]
        found = [
            _determinant([[line[j] for j in columns] for line in jacobian])
            for columns in combinations(range(len(unknowns)), len(rows))
        ]
        return [p for p in found if not p.is_zero()]

    def _eliminate(self, rows: list[Any], chain: Chain, left: list[int]) -> None:
        if self.budget.spent() or left[0] <= 0:
            return
        if any(p.is_constant() and not p.is_zero() for p in rows):
            return
        rows = [p for p in rows if not p.is_zero()]
        if any(len(p.monoms()) > MOST_TERMS for p in rows):
            return
        for position, p in enumerate(rows):
            factors = _irreducible(p)
            if len(factors) > 1:
                for q in factors:
                    left[0] -= 1
                    self._eliminate([*rows[:position], q, *rows[position + 1 :]], chain, left)
                return
        rows = list({str(p): p for p in (_irreducible(p)[0] for p in rows)}.values())
        key = frozenset(str(p) for p in rows)
        unknowns = sorted({name for p in rows for name in self._unknowns(p)})
        if not unknowns:
            if rows and len(rows) == 1:
                self._record(rows[0], chain)
            return
        if key in self.tried and not chain:
            return
        self.tried.add(key)
        degree = {name: [p.degrees()[self.names.index(name)] for p in rows] for name in unknowns}
        name = min(unknowns, key=lambda n: (max(degree[n]) * sum(d > 0 for d in degree[n]), n))
        having = sorted(
            (p for p in rows if name in self._unknowns(p)), key=lambda p: p.degrees()[self.names.index(name)]
        )
        pivot, *others = having
        rest = [p for p in rows if name not in self._unknowns(p)]
        if not others:  # a value at infinity, or an unknown that follows from the others
            self._leading(pivot, name)
        for q in others:
            if q.degrees()[self.names.index(name)] * pivot.degrees()[self.names.index(name)] > MOST_DEGREE:
                return
            rest.append(q.resultant(pivot, name))
        self._eliminate(rest, [*chain, (name, having)], left)

    def _leading(self, p: Any, name: str) -> None:
        place = self.names.index(name)
        top = p.degrees()[place]
        terms = {
            tuple(0 if i == place else e for i, e in enumerate(powers)): c
            for powers, c in p.to_dict().items()
            if powers[place] == top
        }
        lead = self.ring.from_dict(terms)
        if not lead.is_constant() and not self._unknowns(lead):
            for q in _irreducible(lead):
                self._record(q, None)

    def _record(self, p: Any, chain: Chain | None) -> None:
        line = [0] * (p.degrees()[0] + 1)
        if len(line) < 2 or len(line) > MOST_DEGREE:
            return
        for powers, c in p.to_dict().items():
            line[powers[0]] = int(c)
        for position, number in enumerate(thresholds(line)):
            candidate = self.found.setdefault((number.polynomial, position), Candidate(number))
            if chain is not None and len(candidate.chains) < 12:
                candidate.chains.append([(name, [self._plain(q) for q in rows]) for name, rows in chain])

    def _plain(self, p: Any) -> list[tuple[int, dict[str, int]]]:
        return [
            (int(c), {("" if i == 0 else self.names[i]): int(e) for i, e in enumerate(powers) if e})
            for powers, c in p.to_dict().items()
        ]


def _irreducible(p: Any) -> list[Any]:
    return [q for q, _ in p.factor()[1] if not q.is_constant()] or [p]


def _primitive(p: Any) -> Any:
    return p.primitive()[1] if not p.is_zero() else p


def _determinant(matrix: list[list[Any]]) -> Any:
    if len(matrix) == 1:
        return matrix[0][0]
    total = None
    for j, entry in enumerate(matrix[0]):
        if entry.is_zero():
            continue
        term = entry * _determinant([[*line[:j], *line[j + 1 :]] for line in matrix[1:]])
        term = -term if j % 2 else term
        total = term if total is None else total + term
    return matrix[0][0] * 0 if total is None else total


def _up(chain: Chain, values: dict[str, mp.mpf]) -> Iterator[dict[str, mp.mpf]]:
    """Solve the polynomials of an elimination, the last unknown first."""
    if not chain:
        yield values
        return
    *rest, (name, rows) = chain
    lines = [_line(p, name, values) for p in rows]
    lines = [line for line in lines if line]
    if any(len(line) == 1 for line in lines):
        return
    if not lines:
        for free in (0, 1, mp.mpf(1) / 2, -1):
            yield from _up(rest, {**values, name: mp.mpf(free)})
        return
    lines.sort(key=len)
    try:
        roots = mp.polyroots(lines[0][::-1], maxsteps=200, extraprec=400)
    except mp.libmp.NoConvergence:
        return
    for root in roots:
        if abs(mp.im(root)) > mp.mpf(10) ** (-DIGITS // 3):
            continue
        x = mp.re(root)
        if all(abs(mp.polyval(line[::-1], x)) < mp.mpf(10) ** (-DIGITS // 3) for line in lines[1:]):
            yield from _up(rest, {**values, name: x})


def _line(p: list[tuple[int, dict[str, int]]], name: str, values: dict[str, mp.mpf]) -> list[mp.mpf]:
    """Return the coefficients of a polynomial in one unknown at values of others, the constant first."""
    line: dict[int, mp.mpf] = {}
    for c, powers in p:
        term = mp.mpf(c)
        for other, e in powers.items():
            if other != name:
                term *= values.get(other, mp.mpf(0)) ** e
        line[powers.get(name, 0)] = line.get(powers.get(name, 0), mp.mpf(0)) + term
    scale = max(abs(c) for c, _ in p)
    found = [line.get(k, mp.mpf(0)) for k in range(max(line) + 1)]
    while found and abs(found[-1]) < scale * mp.mpf(10) ** (-DIGITS // 2):
        found.pop()
    return found
