"""Propose a certificate for one goal: identities, Sturm sequences, Bernstein on charts, factors, logarithms."""

from __future__ import annotations

import time
from collections.abc import Mapping
from fractions import Fraction
from math import prod
from typing import Any

import sympy as sp

from checks.checker import accept
from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, same_up_to_scale
from checks.checker.grammar import names
from checks.checker.kinds import bernstein, cases, sturm
from checks.engine import chart as charts

Certificate = dict[str, Any]


class NotFound(Exception):
    """No certificate was found within the budget; the message says what was tried."""


class Budget:
    """Seconds that a search may still take."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def spent(self) -> bool:
        """Return whether the time is over."""
        return time.monotonic() > self.end


def prove_goal(goal: Goal, budget: Budget, hint: Mapping[str, Any] | None = None) -> Certificate:
    """Find a certificate that the checker's ``prove_goal`` accepts.

    Raises
    ------
    NotFound
        When none of the methods succeeds.
    """
    taken = _without_functions(goal, budget) or _by_substitution(goal, budget)
    if taken is not None:
        return taken
    try:
        top, bottom = goal.difference()
    except poly.NotRational as error:
        from checks.engine.logarithms import prove_log

        try:
            return prove_log(goal, budget)
        except NotFound as inner:
            raise NotFound(f"{error}; {inner}") from inner
    even = even_variables(goal, top, bottom)
    if even and goal.sign != "==":
        return {"kind": "squares", "variables": sorted(even), "by": prove_goal(goal.with_squares(even), budget)}
    certificate: Certificate = {}
    sign = 1 if bottom.get((), Fraction(1)) > 0 else -1
    if set(bottom) != {()}:
        certificate["denominator"], sign = denominator(bottom, goal, budget)
    if goal.sign == "==":
        if top:
            raise NotFound("the two normal forms differ")
        return {"kind": "identity", **certificate}
    if goal.sign == "!=":
        for side in (1, -1):
            try:
                return {
                    **prove(poly.multiply(top, poly.constant(side)), ">", goal, budget),
                    "side": side,
                    **certificate,
                }
            except NotFound:
                continue
        raise NotFound("neither sign of the difference was proved")
    if sign == 0:
        raise NotFound("the sign of the denominator is not known")
    p = poly.multiply(top, poly.constant(sign))
    return {**prove(p, ">" if goal.sign in ("<", ">") else ">=", goal, budget), **certificate}


def _without_functions(goal: Goal, budget: Budget) -> Certificate | None:
    """Take absolute values, minima, maxima and roots out of a goal, where there are some."""
    if goal.squared or goal.eliminated:
        return None
    try:
        yes, no = cases.branches(goal)
    except Rejected:
        pass
    else:
        return {"kind": "cases", "yes": prove_goal(yes, budget), "no": prove_goal(no, budget)}
    name = next(f"root{i}" for i in range(1, 99) if f"root{i}" not in _names(goal))
    try:
        defined, rest = cases.rooted(goal, name)
    except Rejected:
        return None
    return {"kind": "root", "name": name, "defined": prove_goal(defined, budget), "by": prove_goal(rest, budget)}


def _names(goal: Goal) -> set[str]:
    found = names(goal.left) | names(goal.right)
    for a, _, b in goal.given:
        found |= names(a) | names(b)
    return found


def _by_substitution(goal: Goal, budget: Budget) -> Certificate | None:
    """Eliminate a variable that an equality among the hypotheses gives as a polynomial in the others."""
    try:
        top, bottom = goal.difference()
    except (poly.NotRational, Rejected):
        return None
    if goal.sign == "==" and not top:
        return None
    used = {g for p in (top, bottom, *(fact for fact, _ in goal.facts())) for g in poly.generators(p)}
    for position, (fact, relation) in enumerate(goal.facts()):
        if relation != "==" or not fact:
            continue
        for variable in sorted(str(g) for g in poly.generators(fact) if isinstance(g, str) and g in used):
            try:
                smaller = goal.without(variable, position)
            except Rejected:
                continue
            return {"kind": "substitute", "variable": variable, "fact": position, "by": prove_goal(smaller, budget)}
    return None


def even_variables(goal: Goal, top: poly.Poly, bottom: poly.Poly) -> set[str]:
    """Return the variables that occur in even powers only, there and in every hypothesis that bounds them."""
    if goal.squared or goal.eliminated:
        return set()
    odd: set[Any] = set()
    seen: set[str] = set()
    for p in (top, bottom, *(fact for fact, _ in goal.facts())):
        for monomial in p:
            odd |= {g for g, e in monomial if e % 2}
            seen |= {g for g, e in monomial if isinstance(g, str)}
    return seen - odd


def denominator(bottom: poly.Poly, goal: Goal, budget: Budget) -> tuple[Certificate, int]:
    """Factor a denominator and prove each factor nonzero; returns the certificate and the sign of the whole.

    Raises
    ------
    NotFound
        When a factor's sign is not proved.
    """
    listed, sign = [], 1
    constant, factors = factor(bottom)
    for q, exponent in factors:
        entry: Certificate = {"expression": charts_text(q), "power": exponent}
        found = _known_nonzero(q, goal)
        if found is None:
            found, entry["by"], entry["sign"] = _signed(q, goal, budget)
        sign *= found**exponent if found or exponent % 2 else 1
        listed.append(entry)
    return {"factors": listed}, sign * (1 if constant > 0 else -1)


def _known_nonzero(q: poly.Poly, goal: Goal) -> int | None:
    for fact, relation in goal.facts():
        if relation == ">" and same_up_to_scale(fact, q):
            return 1
        if relation == ">" and same_up_to_scale(fact, poly.multiply(q, poly.constant(-1))):
            return -1
        if relation == "!=" and same_up_to_scale(fact, q, positive=False):
            return 0
    return None


def _signed(q: poly.Poly, goal: Goal, budget: Budget) -> tuple[int, Certificate, int]:
    reasons = []
    for sign in (1, -1):
        try:
            return sign, prove(poly.multiply(q, poly.constant(sign)), ">", goal, budget), sign
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(f"the denominator {charts_text(q)} was not shown to be nonzero ({reasons[0]})")


def prove(p: poly.Poly, sign: str, goal: Goal, budget: Budget) -> Certificate:
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
    constant, factors = factor(p)
    if len(factors) > 1 or factors[0][1] > 1:
        found = _by_factors(constant, factors, sign, goal, budget)
        if found is not None:
            return found
    reasons = []
    for method in (_by_sturm, _by_bernstein):
        try:
            return method(p, sign, goal, budget)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound("; ".join(reasons))


def _by_factors(
    constant: Fraction, factors: list[tuple[poly.Poly, int]], sign: str, goal: Goal, budget: Budget
) -> Certificate | None:
    listed, total = [], 1 if constant > 0 else -1
    for q, exponent in factors:
        entry: Certificate = {"expression": charts_text(q), "power": exponent}
        if exponent % 2 == 0 and sign == ">=":
            listed.append(entry)
            continue
        for side in (1, -1):
            r = poly.multiply(q, poly.constant(side))
            try:
                entry["by"] = prove(r, sign, goal, budget)
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
    square, rest = _square_part(p)
    if square != poly.ONE:
        options.append({**certificate, "square": charts_text(square), "rest": charts_text(rest)})
    for option in options:
        try:
            sturm.verify(p, sign, goal, option)
        except (Rejected, IndexError):
            continue
        return option
    raise NotFound(f"the polynomial in {name} changes sign or vanishes on the interval")


# rounds of the search: how often a box may be halved, and how many boxes a chart may take
ROUNDS = ((1, 4), (4, 40), (10, 600))


def _by_bernstein(p: poly.Poly, sign: str, goal: Goal, budget: Budget) -> Certificate:
    names = poly.generators(p)
    if not all(isinstance(g, str) for g in names):
        raise NotFound("indexed generators have no chart")
    prepared: list[tuple[list[dict[str, Any]], dict[Any, Fraction], list[int], list[tuple[bool, bool]]]] = []
    for extra in _closures(set(names), goal):
        for chart in charts.charts(goal, extra):
            if budget.spent():
                raise NotFound(f"out of time after {len(prepared)} charts")
            listed = [axis.as_json() for axis in chart]
            table, degrees = bernstein.unit_cube(p, listed, goal)
            if prod(d + 1 for d in degrees) > 20000:
                continue
            strict = [axis.excluded for axis in chart]
            coefficients = bernstein.bernstein(table, degrees)
            tree = _subdivide(coefficients, degrees, strict, sign, budget, *ROUNDS[0])
            if tree is not None:
                return {"kind": "bernstein", "chart": listed, "boxes": tree}
            prepared.append((listed, coefficients, degrees, strict))
    prepared.sort(key=lambda entry: prod(d + 1 for d in entry[2]))
    for depth, boxes in ROUNDS[1:]:
        for listed, coefficients, degrees, strict in prepared:
            tree = _subdivide(coefficients, degrees, strict, sign, budget, depth, boxes)
            if tree is not None:
                return {"kind": "bernstein", "chart": listed, "boxes": tree}
            if budget.spent():
                raise NotFound(f"out of time on {len(prepared)} charts")
    raise NotFound(
        f"no Bernstein certificate on {len(prepared)} charts"
        if prepared
        else "the hypotheses bound no chart of the domain"
    )


def _closures(names: set[str], goal: Goal) -> list[set[str]]:
    """Return the variables of the goal, and them with every variable that bounds one of them."""
    known = charts.implied(goal)
    wider = set(names)
    while True:
        reach = set(wider)
        for name in wider:
            lows, highs = charts.bounds(goal, name, known)
            for bound in (*lows, *highs):
                reach |= {g for g in poly.generators(bound.value) if isinstance(g, str)}
        if reach == wider:
            break
        wider = reach
    return [names] if wider == names else [names, wider]


def _subdivide(
    b: dict[Any, Fraction],
    degrees: list[int],
    strict: list[tuple[bool, bool]],
    sign: str,
    budget: Budget,
    depth: int,
    boxes: int,
) -> Any:
    """Return the tree of a subdivision on which all coefficients have the right sign, or None."""
    left = [boxes]

    def walk(b: dict[Any, Fraction], edges: list[tuple[bool, bool]], depth: int) -> Any:
        left[0] -= 1
        if left[0] < 0 or budget.spent():
            return None
        if min(b.values()) >= 0:
            if sign != ">":
                return "leaf"
            try:
                bernstein.require_positive_faces(b, degrees, edges)
                return "leaf"
            except Rejected:
                pass
        corners = [value for i, value in b.items() if all(e in (0, d) for e, d in zip(i, degrees, strict=True))]
        if min(corners) < 0 or depth == 0:
            return None
        axis = max((a for a, d in enumerate(degrees) if d), key=lambda a: _variation(b, degrees, a))
        low, high = bernstein.halve(b, degrees, axis)
        first = walk(low, [(lo, False) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)], depth - 1)
        if first is None:
            return None
        second = walk(high, [(False, hi) if a == axis else (lo, hi) for a, (lo, hi) in enumerate(edges)], depth - 1)
        return None if second is None else {"axis": axis, "left": first, "right": second}

    return walk(b, strict, depth)


def _variation(b: dict[Any, Fraction], degrees: list[int], axis: int) -> float:
    total = 0.0
    for i, value in b.items():
        if i[axis] < degrees[axis]:
            total += abs(float(b[(*i[:axis], i[axis] + 1, *i[axis + 1 :])] - value))
    return total


def to_sympy(p: poly.Poly) -> tuple[sp.Expr, dict[sp.Symbol, Any]]:
    """Return the polynomial as a SymPy expression, with the generator behind each symbol."""
    symbols = {
        g: sp.Symbol(g if isinstance(g, str) else f"g{position}")
        for position, g in enumerate(sorted(poly.generators(p), key=repr))
    }
    expr = sp.Add(
        *(
            sp.Rational(v.numerator, v.denominator) * sp.Mul(*(symbols[g] ** e for g, e in monomial))
            for monomial, v in p.items()
        )
    )
    return expr, {s: g for g, s in symbols.items()}


def from_sympy(expr: sp.Expr, names: Mapping[sp.Symbol, Any]) -> poly.Poly:
    """Return a SymPy polynomial as the checker's dictionary."""
    symbols = list(names)
    if not symbols:
        return poly.constant(Fraction(int(sp.Rational(expr).p), int(sp.Rational(expr).q)))
    result: poly.Poly = {}
    for powers, coefficient in sp.Poly(expr, *symbols).terms():
        monomial = tuple(
            sorted(((names[s], e) for s, e in zip(symbols, powers, strict=True) if e), key=lambda item: repr(item[0]))
        )
        result[monomial] = Fraction(int(sp.Rational(coefficient).p), int(sp.Rational(coefficient).q))
    return result


def factor(p: poly.Poly) -> tuple[Fraction, list[tuple[poly.Poly, int]]]:
    """Return a constant and the irreducible factors with their exponents."""
    expr, names = to_sympy(p)
    constant, factors = sp.factor_list(expr)
    return Fraction(int(sp.Rational(constant).p), int(sp.Rational(constant).q)), [
        (from_sympy(q, names), int(e)) for q, e in factors
    ]


def _square_part(p: poly.Poly) -> tuple[poly.Poly, poly.Poly]:
    constant, factors = factor(p)
    square, rest = poly.ONE, poly.constant(constant)
    for q, exponent in factors:
        square = poly.multiply(square, poly.power(q, exponent // 2))
        rest = poly.multiply(rest, poly.power(q, exponent % 2))
    return square, rest


def charts_text(p: poly.Poly) -> str:
    """Print a polynomial, also in indexed generators, in the grammar."""
    plain: poly.Poly = {}
    for monomial, coefficient in p.items():
        words = []
        for g, e in monomial:
            if isinstance(g, str):
                word = g
            elif g[0] == "power-sum":
                word = f"sum(i:{g[1]}, " + "*".join(f"{f}[i]**{k}" for f, k in g[2]) + ")"
            elif g[0] == "delta":
                word = f"delta({g[1]},{g[2]})"
            else:
                word = f"{g[0]}[{g[1]}]"
            words.append((word, e))
        plain[tuple(words)] = coefficient
    return charts.text(plain)


def accepted(goal: Goal, certificate: Certificate) -> bool:
    """Return whether the checker's code accepts a certificate for one goal (a first look, in this process)."""
    try:
        accept.prove_goal(goal, certificate)
    except Rejected:
        return False
    return True
