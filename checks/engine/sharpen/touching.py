"""Inequalities that hold up to an algebraic number and are equalities there: the expansion about the point of contact.

A hypothesis ``m(e) >= 0`` in one variable e, irreducible, ends the domain at a root c of m.  The goal is p >= 0, and at
e = c its polynomial has a zero x on a face of the domain, at which p falls as e passes c.  On that face p is a
polynomial p0(e, z) in the free variables z, and c, z lie in Q(c): z = r(c) with a rational polynomial r.  Then

    p0 = m k + sum q_ij (z_i - r_i(e)) (z_j - r_j(e)),     p = m k + sum q_ij .. + (what vanishes on the face),

where k and the q_ij are polynomials.  Near the point of contact k > 0, the last part is >= 0 to first order, and so is
the quadratic form: each is a goal of its own, without a zero inside.  Where they fail far from the point, the domain is
cut about it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from math import lcm
from typing import Any

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine.algebra import charts_text, factored
from checks.engine.bernstein import chart as charts
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.sample import plausible
from checks.engine.tactics import Prover, by_rule, leaves

DIGITS = 60
MOST_DEGREE, MOST_VARIABLES, MOST_CONTACTS = 8, 4, 4
# parts of the range about the point of contact that is cut out of the domain
WIDTHS = (Fraction(1, 3), Fraction(1, 6), Fraction(1, 12), Fraction(1, 24))


@dataclass(frozen=True)
class End:
    """A hypothesis m(e) >= 0 or m(e) > 0, by its position, and the root of m at which it ends the domain."""

    position: int
    name: str
    m: poly.Poly
    root: Fraction

    @property
    def degree(self) -> int:
        """The degree of m."""
        return max(e for monomial in self.m for _, e in monomial)


@dataclass(frozen=True)
class Contact:
    """A zero at the end: the faces that hold it (variable, bound, +1 for a lower one) and the free coordinates."""

    faces: tuple[tuple[str, poly.Poly, int], ...]
    free: tuple[tuple[str, poly.Poly, Fraction], ...]


def by_touching(goal: Goal, prove: Prover, budget: Budget) -> Certificate:
    """Prove ``p >= 0`` or ``p > 0`` where p touches zero at the algebraic end of the domain.

    Raises
    ------
    NotFound
        When no hypothesis ends the domain so, or no point of contact gives a proof.
    """
    top, bottom = goal.difference()
    if goal.sign not in ("<", "<=", ">", ">=") or set(bottom) != {()}:
        raise NotFound("")
    p = poly.multiply(top, poly.constant(1 if bottom[()] > 0 else -1))
    used = poly.generators(p)
    if not all(isinstance(g, str) for g in used) or not 2 <= len(used) <= MOST_VARIABLES:
        raise NotFound("")
    reasons = ["no hypothesis ends the domain at an algebraic number"]
    for end in _ends(goal, used, (">",) if goal.sign in ("<", ">") else (">", ">=")):
        for contact in islice(_contacts(p, goal, end, budget), MOST_CONTACTS):
            try:
                return _about(p, goal, end, contact, prove)
            except NotFound as error:
                reasons.append(str(error))
            if budget.spent():
                break
    raise NotFound(reasons[-1])


def _ends(goal: Goal, used: set[Any], relations: tuple[str, ...]) -> Iterator[End]:
    for position, (fact, relation) in enumerate(goal.facts()):
        names = poly.generators(fact)
        if relation not in relations or len(names) != 1 or not names <= used:
            continue
        (name,) = names
        degree = max(e for monomial in fact for _, e in monomial)
        if not isinstance(name, str) or not 2 <= degree <= MOST_DEGREE:
            continue
        factors = factored(fact)[1]
        if len(factors) != 1 or factors[0][1] != 1:
            continue
        lows, highs = charts.bounds(goal, name)
        sides = [[b.value.get((), Fraction(0)) for b in side if set(b.value) <= {()}] for side in (lows, highs)]
        if sides[0] and sides[1]:
            roots = _roots(fact, name, max(sides[0]), min(sides[1]))
            if len(roots) == 1:
                yield End(position, name, fact, roots[0])


def _roots(m: poly.Poly, name: str, low: Fraction, high: Fraction) -> list[Fraction]:
    """Return the roots of m in an interval to many digits."""
    import sympy as sp

    x = sp.Symbol(name)
    line = sp.Poly(sum(sp.Rational(v.numerator, v.denominator) * x ** dict(k).get(name, 0) for k, v in m.items()), x)
    inside = [sp.Rational(v.numerator, v.denominator) for v in (low, high)]
    found = line.intervals(inf=inside[0], sup=inside[1], eps=sp.Rational(1, 10 ** (DIGITS + 5)))
    return [Fraction(int(a.p), int(a.q)) for (a, _), _ in found]


def _contacts(p: poly.Poly, goal: Goal, end: End, budget: Budget) -> Iterator[Contact]:
    """Yield the zeros of p at the end of the domain whose coordinates are found exactly."""
    seen: list[Contact] = []
    others = {str(g) for g in poly.generators(p)} - {end.name}
    for chart in islice(charts.charts(goal, {end.name, *others}), 24):
        if chart[0].variable != end.name or any(axis.low is None or axis.high is None for axis in chart):
            continue
        for cube in _minima(p, chart, end, budget):
            contact = _exact(p, chart, end, cube)
            if contact is not None and contact not in seen:
                seen.append(contact)
                yield contact
        if seen:
            return


def _minima(p: poly.Poly, chart: tuple[charts.Axis, ...], end: End, budget: Budget) -> Iterator[tuple[float, ...]]:
    """Yield local minima of p on the unit cube of a chart, at the end, where p is zero to rounding."""
    from scipy.optimize import minimize

    size = len(chart) - 1

    def value(cube: Any) -> float:
        at: dict[Any, float] = {end.name: float(end.root)}
        for axis, t in zip(chart[1:], cube, strict=True):
            low, high = _float(axis.low or {}, at), _float(axis.high or {}, at)
            at[axis.variable] = low + float(t) * (high - low)
        return _float(p, at)

    steps = {1: 41, 2: 13, 3: 7}.get(size, 5)
    grid = sorted((value(t), t) for t in product(np.linspace(0, 1, steps), repeat=size))
    scale = max(1e-3, max(abs(v) for v, _ in grid))
    found: list[Any] = []
    for _, start in grid[:12]:
        if budget.spent():
            return
        solved = minimize(
            value, start, method="L-BFGS-B", bounds=[(0.0, 1.0)] * size, options={"ftol": 1e-15, "gtol": 1e-12}
        )
        if abs(solved.fun) > 1e-9 * scale:
            continue
        cube = tuple(0.0 if t < 1e-5 else 1.0 if t > 1 - 1e-5 else float(t) for t in solved.x)
        if all(max(abs(a - b) for a, b in zip(cube, old, strict=True)) > 1e-4 for old in found):
            found.append(cube)
            yield cube


def _float(p: poly.Poly, at: dict[Any, float]) -> float:
    total = 0.0
    for monomial, coefficient in p.items():
        term = float(coefficient)
        for g, e in monomial:
            term *= at[g] ** e
        total += term
    return total


def _exact(p: poly.Poly, chart: tuple[charts.Axis, ...], end: End, cube: tuple[float, ...]) -> Contact | None:
    """Return the face and the free coordinates as polynomials in the end, or None where they are not found."""
    faces: list[tuple[str, poly.Poly, int]] = []
    free: list[tuple[str, float]] = []
    at = {end.name: float(end.root)}
    for axis, t in zip(chart[1:], cube, strict=True):
        low, high = axis.low or {}, axis.high or {}
        x = _float(low, at) + t * (_float(high, at) - _float(low, at))
        at[axis.variable] = x
        if t in (0.0, 1.0):
            faces.append((axis.variable, low if t == 0.0 else high, 1 if t == 0.0 else -1))
        else:
            free.append((axis.variable, x))
    inner = _on_face(p, tuple(faces))
    if len(free) > 2 or not inner:
        return None
    values = _refined(inner, end, free) if free else []
    if values is None:
        return None
    coordinates = []
    for (name, x), value in zip(free, values, strict=True):
        r = _in_field(value, end)
        if r is None:
            return None
        coordinates.append((name, r, Fraction(x).limit_denominator(1000)))
    return Contact(tuple(faces), tuple(coordinates))


def _on_face(p: poly.Poly, faces: tuple[tuple[str, poly.Poly, int], ...]) -> poly.Poly:
    for name, bound, _ in reversed(faces):
        p = poly.replace(p, name, bound)
    return p


def _refined(inner: poly.Poly, end: End, free: list[tuple[str, float]]) -> list[Any] | None:
    """Return a critical point of p on the face, to many digits."""
    import mpmath as mp

    slopes = [poly.scalar_derivative(inner, name) for name, _ in free]
    with mp.workdps(DIGITS):
        root = mp.mpf(end.root.numerator) / end.root.denominator

        def system(*point: Any) -> Any:
            at = {end.name: root, **{name: x for (name, _), x in zip(free, point, strict=True)}}
            values = [_precise(s, at) for s in slopes]
            return values if len(values) > 1 else values[0]

        starts = [mp.mpf(x) for _, x in free]
        try:
            found = mp.findroot(system, starts if len(starts) > 1 else starts[0], tol=mp.mpf(10) ** (-2 * DIGITS + 20))
        except (ValueError, ZeroDivisionError):
            return None
        values = list(found) if len(starts) > 1 else [found]
        near = all(abs(a - b) < mp.mpf("1e-4") for a, b in zip(values, starts, strict=True))
        return values if near else None


def _precise(p: poly.Poly, at: dict[Any, Any]) -> Any:
    import mpmath as mp

    total = mp.mpf(0)
    for monomial, coefficient in p.items():
        term = mp.mpf(coefficient.numerator) / coefficient.denominator
        for g, e in monomial:
            term *= at[g] ** e
        total += term
    return total


def _in_field(x: Any, end: End) -> poly.Poly | None:
    """Return a number as a rational polynomial in the end, as far as the digits show."""
    import mpmath as mp

    with mp.workdps(DIGITS):
        root = mp.mpf(end.root.numerator) / end.root.denominator
        basis = [x, *(root**k for k in range(end.degree))]
        found = mp.pslq(basis, tol=mp.mpf(10) ** (-DIGITS + 12), maxcoeff=10**8, maxsteps=20000)
    if not found or not found[0]:
        return None
    return {((end.name, k),) if k else (): Fraction(-c, found[0]) for k, c in enumerate(found[1:]) if c}


def _about(p: poly.Poly, goal: Goal, end: End, contact: Contact, prove: Prover) -> Certificate:
    """Prove the goal from the expansion about a point of contact, cutting the domain about it where needed."""
    inner = _on_face(p, contact.faces)
    shifted = {name: poly.add(poly.generator(name), r, -1) for name, r, _ in contact.free}
    constant, linear, squares = _expanded(inner, contact)
    k = _divided(constant, end)
    for name, slope in linear.items():
        k = poly.add(k, poly.multiply(_divided(slope, end), shifted[name]))
    total = poly.multiply(end.m, k)
    terms: list[tuple[poly.Poly, list[poly.Poly]]] = []
    for (a, b), q in squares.items():
        if a == b:
            total = poly.add(total, poly.multiply(q, poly.multiply(shifted[a], shifted[a])))
            terms.append((q, [shifted[a]]))
    cross = {pair: q for pair, q in squares.items() if pair[0] != pair[1]}
    if cross:
        raise NotFound("two free variables at the point of contact")
    rest = poly.add(p, total, -1)
    lemmas = [q for q in (k, *(q for q, _ in terms), rest) if set(q) - {()}]
    if any(set(q) <= {()} and q.get((), Fraction(0)) < 0 for q in (k, *(q for q, _ in terms), rest)):
        raise NotFound("the expansion about the point of contact has a negative coefficient")
    strict = goal.sign in ("<", ">")
    shows = [f"{charts_text(q)} {'>' if q is k and strict else '>='} 0" for q in lemmas]

    def conclude(inside: Goal) -> Certificate:
        if not shows:
            return _combination(inside, end, k, terms, rest)
        return _lemmas(inside, shows, prove, lambda last: _combination(last, end, k, terms, rest))

    def sound(inside: Goal) -> bool:
        return all(plausible(leaves(inside, "lemma", show=show)[0]) for show in shows)

    if sound(goal):
        try:
            return conclude(goal)
        except NotFound:
            pass
    for width in WIDTHS:
        cuts = _cuts(goal, end, contact, width)
        inside = goal
        for at in cuts:
            inside = leaves(inside, "split", at=at)[-1]
        if cuts and sound(inside):
            return _cut(goal, cuts, prove, conclude)
    raise NotFound("the expansion about the point of contact has no sign near it")


def _expanded(
    inner: poly.Poly, contact: Contact
) -> tuple[poly.Poly, dict[str, poly.Poly], dict[tuple[str, str], poly.Poly]]:
    """Return p on the face as c + sum c_i h_i + sum q_ij h_i h_j with h = z - r(e); c and c_i in e, q_ij in e and z."""
    moved = inner
    for name, r, _ in contact.free:
        moved = poly.replace(moved, name, poly.add(poly.generator(name), r))
    constant: poly.Poly = {}
    linear: dict[str, poly.Poly] = {name: {} for name, _, _ in contact.free}
    squares: dict[tuple[str, str], poly.Poly] = {}
    names = [name for name, _, _ in contact.free]
    for monomial, value in moved.items():
        powers = dict(monomial)
        held = [name for name in names if powers.get(name, 0)]
        if not held:
            constant[monomial] = value
        elif sum(powers[name] for name in held) == 1:
            linear[held[0]][tuple(x for x in monomial if x[0] != held[0])] = value
        else:
            twice = next((name for name in held if powers[name] >= 2), None)
            pair = (twice, twice) if twice else (held[0], held[1])
            for name in pair:
                powers[name] -= 1
            left = tuple((g, powers[g]) for g, _ in monomial if powers[g])
            squares.setdefault(pair, {})[left] = value
    for pair, q in squares.items():
        for name, r, _ in contact.free:
            q = poly.replace(q, name, poly.add(poly.generator(name), r, -1))
        squares[pair] = q
    return constant, linear, squares


def _divided(p: poly.Poly, end: End) -> poly.Poly:
    """Return p / m for a polynomial in e alone."""
    import sympy as sp

    x = sp.Symbol(end.name)
    line, m = (
        sp.Poly(
            sum(
                (sp.Rational(v.numerator, v.denominator) * x ** dict(k).get(end.name, 0) for k, v in q.items()),
                sp.Integer(0),
            ),
            x,
            domain="QQ",
        )
        for q in (p, end.m)
    )
    quotient, left = sp.div(line, m)
    if not left.is_zero:
        raise NotFound("the polynomial does not vanish at the point of contact")
    return {((end.name, int(e)),) if e else (): Fraction(int(c.p), int(c.q)) for (e,), c in quotient.terms() if c}


def _lemmas(goal: Goal, shows: list[str], prove: Prover, last: Prover) -> Certificate:
    first, *others = shows
    after: Prover = (lambda g: _lemmas(g, others, prove, last)) if others else last
    return by_rule(goal, [prove, after], "lemma", show=first)


def _combination(
    goal: Goal, end: End, k: poly.Poly, terms: list[tuple[poly.Poly, list[poly.Poly]]], rest: poly.Poly
) -> Certificate:
    facts = [fact for fact, _ in goal.facts()]
    places = [i for i, fact in enumerate(facts) if fact == end.m]

    def entry(q: poly.Poly, own: list[int], squares: list[poly.Poly]) -> dict[str, Any]:
        found: dict[str, Any] = {"coefficient": "1", "facts": own}
        if set(q) <= {()}:
            found["coefficient"] = str(q.get((), Fraction(0)))
        else:
            found["facts"] = [*own, max(i for i, fact in enumerate(facts) if fact == q)]
        if squares:
            scale = lcm(*(v.denominator for s in squares for v in s.values()))
            found["coefficient"] = str(Fraction(found["coefficient"]) / scale ** (2 * len(squares)))
            found["squares"] = [charts_text(poly.multiply(s, poly.constant(scale))) for s in squares]
        return found

    listed = [entry(k, places[:1], []), *(entry(q, [], s) for q, s in terms)]
    if rest:
        listed.append(entry(rest, [], []))
    return {"kind": "combination", "terms": [x for x in listed if x["coefficient"] != "0"]}


def _cuts(goal: Goal, end: End, contact: Contact, width: Fraction) -> list[str]:
    """Return expressions that are negative inside a neighbourhood of a point of contact."""
    found = []
    for name, _, near in contact.free:
        reach = width * max(Fraction(1, 2), abs(near))
        low, high = (near + side * reach for side in (-1, 1))
        low, high = (v.limit_denominator(48) for v in (low, high))
        found += [f"{name} - ({high})", f"({low}) - {name}"]
    for name, bound, side in contact.faces:
        gap = poly.multiply(poly.add(poly.generator(name), bound, -1), poly.constant(side))
        found.append(f"{charts_text(gap)} - ({width.limit_denominator(48)})")
    return found


def _cut(goal: Goal, cuts: list[str], prove: Prover, inside: Prover) -> Certificate:
    first, *others = cuts
    after: Prover = (lambda g: _cut(g, others, prove, inside)) if others else inside
    return by_rule(goal, [prove, after], "split", at=first)
