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

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from itertools import islice
from math import lcm
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal
from checks.engine import polynomials, signs
from checks.engine.algebra import charts_text
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.sample import plausible
from checks.engine.sharpen.contacts import Contact, End, contacts, ends, on_face
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, by_rule, leaves

MOST_VARIABLES, MOST_CONTACTS = 4, 4
# parts of the range about the point of contact that is cut out of the domain
WIDTHS = (Fraction(1, 3), Fraction(1, 6), Fraction(1, 12), Fraction(1, 24))


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
    for end in ends(goal, used, (">",) if goal.sign in ("<", ">") else (">", ">=")):
        for contact in islice(contacts(p, goal, end, budget), MOST_CONTACTS):
            try:
                return _about(p, goal, end, contact, prove, budget)
            except NotFound as error:
                reasons.append(str(error))
            if budget.spent():
                break
    raise NotFound(reasons[-1])


def _about(p: poly.Poly, goal: Goal, end: End, contact: Contact, prove: Prover, budget: Budget) -> Certificate:
    """Prove the goal from the expansion about a point of contact, cutting the domain about it where needed."""
    inner = on_face(p, contact.faces)
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
        return _lemmas(
            inside,
            shows,
            lambda g: _lemma(g, contact, prove, budget),
            lambda last: _combination(last, end, k, terms, rest),
        )

    def sound(inside: Goal) -> bool:
        return all(plausible(leaves(inside, "lemma", show=show)[0]) for show in shows)

    if sound(goal):
        try:
            return conclude(goal)
        except NotFound:
            pass
    reason = "the expansion about the point of contact has no sign near it"
    for width in WIDTHS:
        cuts = _cuts(contact, width)
        inside = goal
        for at in cuts:
            inside = leaves(inside, "split", at=at)[-1]
        if cuts and sound(inside):
            try:
                return _cut(goal, cuts, prove, conclude)
            except NotFound as error:
                reason = str(error)
    raise NotFound(reason)


def _expanded(
    inner: poly.Poly, contact: Contact
) -> tuple[poly.Poly, dict[str, poly.Poly], dict[tuple[str, str], poly.Poly]]:
    """Return p on the face as c + sum c_i h_i + sum q_ij h_i h_j with h = z - r(e); c and c_i in e, q_ij in e and z."""
    moved = inner
    for name, r, _ in contact.free:
        moved = polynomials.replace(moved, name, poly.add(poly.generator(name), r))
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
            q = polynomials.replace(q, name, poly.add(poly.generator(name), r, -1))
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


def _lemma(goal: Goal, contact: Contact, prove: Prover, budget: Budget) -> Certificate:
    """Prove a goal, in its own terms or in those of the distances from the faces that hold a point of contact."""
    ways: list[Callable[[Prover], Certificate]] = [lambda by: by(goal)]
    if contact.faces:
        ways.append(lambda by: _from_faces(goal, contact, by))
    for by in (lambda g: _at_once(g, budget), prove):
        for way in ways:
            with suppress(NotFound):
                return way(by)
    raise NotFound("a lemma of the expansion about the point of contact was not proved")


def _at_once(goal: Goal, budget: Budget) -> Certificate:
    """Prove an identity, or a polynomial inequality by the methods for polynomials alone."""
    top, bottom = goal.difference()
    if goal.sign == "==" and not top:
        return {"kind": "identity"}
    if goal.sign in ("==", "!="):
        raise NotFound("no inequality")
    p = poly.multiply(top, poly.constant(1 if bottom[()] > 0 else -1))
    return signs.prove(p, ">" if goal.sign in ("<", ">") else ">=", goal, budget, effort=1)


def _from_faces(goal: Goal, contact: Contact, prove: Prover) -> Certificate:
    """Prove a goal in terms of the distances from the faces that hold a point of contact."""
    chain = Chain(goal, prove)
    for name, bound, side in reversed(contact.faces):
        new, text = new_name(chain.goal, "s"), charts_text(bound)
        value, inverse = (
            (f"({text}) + {new}", f"{name} - ({text})") if side > 0 else (f"({text}) - {new}", f"({text}) - {name}")
        )
        chain.apply("change", variable=name, value=value, inverse=inverse, **{"as": new})
    return chain.close(prove(chain.goal))


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


def _cuts(contact: Contact, width: Fraction) -> list[str]:
    """Return expressions that are negative inside a neighbourhood of a point of contact."""
    found = []
    for name, _, near in contact.free:
        reach = width * max(Fraction(1, 2), abs(near))
        low, high = (near + side * reach for side in (-1, 1))
        low, high = (v.limit_denominator(48) for v in (low, high))
        found += [f"{name} - ({high})", f"({low}) - {name}"]
    for (name, bound, side), extent in zip(contact.faces, contact.extents, strict=True):
        gap = poly.multiply(poly.add(poly.generator(name), bound, -1), poly.constant(side))
        found.append(f"{charts_text(gap)} - ({(width * extent).limit_denominator(240)})")
    return found


def _cut(goal: Goal, cuts: list[str], prove: Prover, inside: Prover) -> Certificate:
    first, *others = cuts
    after: Prover = (lambda g: _cut(g, others, prove, inside)) if others else inside
    return by_rule(goal, [prove, after], "split", at=first)
