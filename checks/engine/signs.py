"""Propose certificates for the sign of a polynomial: hypotheses, factors, Sturm sequences, Bernstein coefficients."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, same_up_to_scale
from checks.checker.kinds import sturm
from checks.engine.algebra import charts_text, factored, square_part
from checks.engine.bernstein import chart as charts
from checks.engine.bernstein.subdivision import by_bernstein
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.combinations import by_combination


def denominator(bottom: poly.Poly, goal: Goal, budget: Budget) -> tuple[Certificate, int]:
    """Factor a denominator and prove each factor nonzero; returns the certificate and the sign of the whole.

    Raises
    ------
    NotFound
        When a factor's sign is not proved.
    """
    listed, sign = [], 1
    constant, factors = factored(bottom)
    for q, exponent in factors:
        entry: Certificate = {"expression": charts_text(q), "power": exponent}
        found = _known_nonzero(q, goal)
        if found is None or (found == 0 and exponent % 2):
            try:
                found, entry["by"], entry["sign"] = _signed(q, goal, budget)
            except NotFound:
                if found is None:
                    raise
        sign *= found**exponent if found or exponent % 2 else 1
        listed.append(entry)
    return {"factors": listed}, sign * (1 if constant > 0 else -1)


def _known_nonzero(q: poly.Poly, goal: Goal) -> int | None:
    """Return the sign of a factor by a hypothesis, 0 where that says only that it is not zero, None if neither."""
    known = [(fact, relation) for fact, relation in goal.facts() if same_up_to_scale(fact, q, positive=False)]
    for fact, relation in known:
        if relation == ">":
            return 1 if same_up_to_scale(fact, q) else -1
    return 0 if any(relation == "!=" for _, relation in known) else None


def _signed(q: poly.Poly, goal: Goal, budget: Budget) -> tuple[int, Certificate, int]:
    reasons = []
    for sign in (1, -1):
        try:
            return sign, prove(poly.multiply(q, poly.constant(sign)), ">", goal, budget), sign
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(f"the denominator {charts_text(q)} was not shown to be nonzero ({reasons[0]})")


def prove(p: poly.Poly, sign: str, goal: Goal, budget: Budget, effort: int = 0) -> Certificate:
    """Find a certificate of ``p > 0`` or ``p >= 0``.

    Raises
    ------
    NotFound
        With the methods that were tried.
    """
    if set(p) <= {()}:
        value = p.get((), Fraction(0))
        if value > 0 or (value == 0 and sign == ">="):
            return {"kind": "constant"}
        raise NotFound("a constant of the wrong sign")
    for fact, relation in goal.facts():
        if relation in (">", ">=") and (relation == ">" or sign == ">=") and same_up_to_scale(fact, p):
            return {"kind": "given"}
    constant, factors = factored(p)
    if len(factors) > 1 or factors[0][1] > 1:
        found = _by_factors(constant, factors, sign, goal, budget, effort)
        if found is not None:
            return found
    reasons = []
    methods = (_by_sturm, by_combination, partial(by_bernstein, effort=effort))
    for method in methods[: 2 if effort < 0 else 3]:  # below 0: what costs next to nothing
        try:
            return method(p, sign, goal, budget)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound("; ".join(reasons))


def _by_factors(
    constant: Fraction, factors: list[tuple[poly.Poly, int]], sign: str, goal: Goal, budget: Budget, effort: int
) -> Certificate | None:
    listed, total = [], 1 if constant > 0 else -1
    for q, exponent in factors:
        entry: Certificate = {"expression": charts_text(q), "power": exponent}
        if exponent % 2 == 0 and (sign == ">=" or _known_nonzero(q, goal) is not None):
            listed.append(entry)
            continue
        for side in (1, -1):
            r = poly.multiply(q, poly.constant(side))
            try:
                entry["by"] = prove(r, sign, goal, budget, effort)
            except NotFound:
                continue
            entry["expression"] = charts_text(r)
            total *= side**exponent
            break
        else:
            return None
        listed.append(entry)
    return {"kind": "factors", "factors": listed} if total > 0 else None


def _by_sturm(p: poly.Poly, sign: str, goal: Goal, budget: Budget) -> Certificate:
    names = poly.generators(p)
    if len(names) != 1:
        raise NotFound(f"{len(names)} variables: no Sturm sequence")
    (name,) = names
    if not isinstance(name, str):
        raise NotFound("an indexed generator")
    lows, highs = charts.bounds(goal, name)
    ends = [[str(x.value.get((), Fraction(0))) for x in side if set(x.value) <= {()}] for side in (lows, highs)]
    certificate: Certificate = {"kind": "sturm", "variable": name, "low": None, "high": None}
    if ends[0]:
        certificate["low"] = max(ends[0], key=Fraction)
    if ends[1]:
        certificate["high"] = min(ends[1], key=Fraction)
    options = [certificate]
    square, rest = square_part(p)
    if square != poly.ONE:
        options.append({**certificate, "square": charts_text(square), "rest": charts_text(rest)})
    for option in options:
        try:
            sturm.verify(p, sign, goal, option)
        except (Rejected, IndexError):
            continue
        return option
    raise NotFound(f"the polynomial in {name} changes sign or vanishes on the interval")
