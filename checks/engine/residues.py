"""Equations between integers that have no solution: modulo a number, or by infinite descent.

``by_obstruction`` looks for a modulus M at which the equation fails for all remainders of its names.  ``by_descent``
takes homogeneous equations: where every solution is a multiple of a prime p, and division by p leaves the hypotheses
true, a solution with a nonzero first name would give ever smaller ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import lcm, prod
from typing import TYPE_CHECKING

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Goal
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.structure import new_name
from checks.engine.tactics import by_rule, leaves

if TYPE_CHECKING:
    from checks.engine.prove import Search

MODULI = (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 25, 27, 32)
PRIMES = (2, 3, 5, 7, 11, 13)
# remainders that are tried for one modulus, and cases that a certificate may list
MOST_TRIED, MOST_CASES = 20000, 150


def equations(goal: Goal) -> list[poly.Poly]:
    """Return the equations between integers among the hypotheses, scaled to integer coefficients."""
    found = []
    for fact, relation in goal.facts():
        if relation == "==" and fact and poly.generators(fact) <= goal.integers:
            found.append(poly.multiply(fact, poly.constant(lcm(*(v.denominator for v in fact.values())))))
    return found


def by_obstruction(goal: Goal, search: Search) -> Certificate:
    """Contradict an equation modulo a number.

    Raises
    ------
    NotFound
        Where no small modulus does.
    """
    if goal.conclusion != FALSE:
        raise NotFound("")
    for equation in equations(goal):
        found = obstruction(equation)
        if found is not None:
            return _listed(goal, list(found.items()), search)
    raise NotFound("no modulus excludes the equations")


def obstruction(equation: poly.Poly) -> dict[str, int] | None:
    """Return names with moduli such that an equation fails for all their remainders, whatever the others are.

    The modulus of a name divides that of the equation M: the polynomial modulo M has that period in it.
    """
    best: dict[str, int] | None = None
    for modulus in MODULI:
        rows = [(int(v) % modulus, [(str(g), e) for g, e in m]) for m, v in equation.items()]
        rows = [(v, m) for v, m in rows if v]
        inside = sorted({g for _, m in rows for g, _ in m})
        if not inside or modulus ** len(inside) > MOST_TRIED:
            continue
        table = {
            at: sum(v * prod(at[inside.index(g)] ** e for g, e in m) for v, m in rows) % modulus
            for at in product(range(modulus), repeat=len(inside))
        }
        if not all(table.values()):
            continue
        periods = {name: _period(table, place, modulus) for place, name in enumerate(inside)}
        periods = {name: d for name, d in periods.items() if d > 1}
        if prod(periods.values()) <= MOST_CASES and (best is None or prod(periods.values()) < prod(best.values())):
            best = periods
    return best


def _period(table: dict[tuple[int, ...], int], place: int, modulus: int) -> int:
    for d in range(1, modulus):
        if modulus % d == 0 and all(
            value == table[(*at[:place], (at[place] + d) % modulus, *at[place + 1 :])] for at, value in table.items()
        ):
            return d
    return modulus


def _listed(goal: Goal, names: list[tuple[str, int]], search: Search) -> Certificate:
    """Return the proof by all remainders of names; what is left contradicts itself in its constant term."""
    if not names:
        return _uneven(goal) or search.prove(goal)
    (name, modulus), *rest = names
    parameters = {"variable": name, "modulus": modulus, "as": new_name(goal, "quotient")}
    return by_rule(goal, lambda inner: _listed(inner, rest, search), "residue", **parameters)


def _uneven(goal: Goal) -> Certificate | None:
    """Return the contradiction of an equation whose constant term is no multiple of the other coefficients' divisor."""
    for position, (_, sign, _) in enumerate(goal.given):
        if sign != "==":
            continue
        try:
            (inner,) = leaves(goal, "tighten", given=position)
        except NotFound:
            continue
        place = next((n for n, e in enumerate(inner.given) if e == _false()), None)
        if place is not None:
            return {"kind": "tighten", "given": position, "by": [{"kind": "known", "given": place}]}
    return None


def _false() -> tuple[object, str, object]:
    (sign,), (left, right) = FALSE[1:]
    return left, sign, right


def by_descent(goal: Goal, search: Search) -> Certificate:
    """Contradict homogeneous equations between integers by infinite descent.

    Raises
    ------
    NotFound
        For other equations, and where no prime divides all solutions.
    """
    if goal.conclusion != FALSE:
        raise NotFound("")
    reasons = ["no homogeneous equation"]
    for equation in equations(goal):
        inside = sorted(map(str, poly.generators(equation)))
        degrees = {sum(e for _, e in m) for m in equation}
        if len(degrees) != 1 or not 2 <= len(inside) <= 4 or min(degrees) < 2:
            continue
        chain = Chain(goal, search.prove)
        chain.forget(_about(goal, equation, inside))
        fresh: list[str] = []
        for _ in inside:
            fresh.append(_another(chain.goal, fresh))
        for first, number in _descents(chain.goal, equation, inside):
            variables = _order(equation, inside, number)
            try:
                parameters = {"variables": variables, "nonzero": first, "modulus": number, "as": fresh}
                wanted = leaves(chain.goal, "descend", **parameters)
                proofs = [_uneven(inner) if inner.conclusion == FALSE else None for inner in wanted]
                shown = [proof or search.prove(inner) for proof, inner in zip(proofs, wanted, strict=True)]
            except NotFound as error:
                reasons.append(str(error))
                continue
            return chain.close({"kind": "descend", **parameters, "by": shown})
    raise NotFound(reasons[-1])


def _order(equation: poly.Poly, inside: list[str], number: int) -> list[str]:
    """Return the names in an order in which the equation makes one after the other a multiple of a prime."""
    found: list[str] = []
    while len(found) < len(inside):
        # p v stands for every name found so far: the common factor of all coefficients goes
        rows = {m: int(v) * number ** sum(e for g, e in m if g in found) for m, v in equation.items()}
        while all(v % number == 0 for v in rows.values()):
            rows = {m: v // number for m, v in rows.items()}
        left = {str(g) for m, v in rows.items() if v % number for g, _ in m} - set(found)
        best = sorted(left or set(inside) - set(found), key=inside.index)
        found.append(best[0])
    return found


def _another(goal: Goal, taken: list[str]) -> str:
    name = new_name(goal, "part")
    while name in taken or name in goal.names:
        name += "x"
    return name


def _about(goal: Goal, equation: poly.Poly, inside: list[str]) -> list[int]:
    """Return the positions of the equation, and of bounds of its names alone."""
    kept: list[int] = []
    known: set[tuple[object, str]] = set()
    for position, entry in enumerate(goal.given):
        part = Goal(goal.conclusion, (entry,), goal.context, (), goal.integers).facts()
        if not part:
            continue
        ((fact, relation),) = part
        key = (frozenset(fact.items()), relation)
        same = relation == "==" and fact and _multiple(fact, equation)
        bound = relation != "==" and len(poly.generators(fact)) == 1 and poly.generators(fact) <= set(inside)
        if (same and not any(r == "==" for _, r in known)) or (bound and key not in known):
            kept.append(position)
            known.add(key)
    return kept


def _multiple(p: poly.Poly, q: poly.Poly) -> bool:
    first = next(iter(q))
    ratio = p.get(first, Fraction(0)) / q[first]
    return bool(ratio) and p == poly.multiply(q, poly.constant(ratio))


def _descents(goal: Goal, equation: poly.Poly, inside: list[str]) -> Iterator[tuple[str, int]]:
    """Yield names that the bounds keep from zero, with the primes of the equation's coefficients."""
    nonzero = []
    for fact, relation in goal.facts():
        at = fact.get((), Fraction(0))
        names = sorted(map(str, poly.generators(fact)))
        if len(names) == 1 and ((relation == ">=" and at < 0) or (relation == ">" and at <= 0) or relation == "!="):
            nonzero.append(names[0])
    for number in PRIMES:
        if any(int(v) % number == 0 for v in equation.values()):
            for name in dict.fromkeys(n for n in nonzero if n in inside):
                yield name, number
