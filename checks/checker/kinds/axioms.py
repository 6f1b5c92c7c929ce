"""What is known of exp, log, sine, cosine and powers: instances of textbook facts become hypotheses.

Each schema takes terms and an order n (a degree) and gives premises, to be shown first, and the fact.  S_n is the
Taylor polynomial of exp at 0, T_n that of log at 1; the sign of the remainder decides which side a polynomial is on:
exp(x) - S_n(x) has the sign of x**(n+1), log(x) - T_n(x - 1) that of (-1)**n (x - 1)**(n+1), for all x (all x > 0).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import factorial
from typing import Any

from checks.checker.goal import ONE, ZERO, Goal, Rejected, Relation, comparison, obligations
from checks.checker.grammar import Node, names

LARGEST_ORDER = 24
Known = tuple[list[Relation], Relation]


def assume(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show that the terms are defined, and the premises of an instance of ``axiom``; then it is a hypothesis.

    Where its premises hold and its terms are defined, every fact below is defined.
    """
    terms = [goal.read(text) for text in certificate["at"]]
    if any(not names(term) <= goal.names for term in terms) or certificate["axiom"] not in SCHEMAS:
        raise Rejected("a term mentions a name that the goal does not have, or there is no such axiom")
    schema, order = SCHEMAS[certificate["axiom"]], certificate.get("order", 1)
    multiples = [int(k) for k in order] if isinstance(order, list) else [int(order)]
    if any(abs(k) > LARGEST_ORDER for k in multiples):
        raise Rejected(f"an order beyond {LARGEST_ORDER}")
    premises, fact = schema(terms, multiples)
    defined = [entry for term in terms for entry in obligations(term, goal.context)]
    return [*(goal.showing(*entry) for entry in (*defined, *premises)), goal.assuming(comparison(*fact))]


def call(name: str, *arguments: Node) -> Node:
    """Return a function's term."""
    return ("call", name, arguments)


def number(value: Fraction | int) -> Node:
    """Return a number, negative ones as 0 - value."""
    value = Fraction(value)
    size: Node = ("number", Fraction(abs(value.numerator)))
    if value.denominator != 1:
        size = ("/", size, ("number", Fraction(value.denominator)))
    return ("-", ZERO, size) if value < 0 else size


def series(x: Node, coefficients: list[Fraction]) -> Node:
    """Return the polynomial in x with these coefficients, from the constant upwards, by Horner's rule."""
    total = number(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        total = ("+", number(coefficient), ("*", x, total))
    return total


def _exp_series(x: Node, n: int) -> Node:
    return series(x, [Fraction(1, factorial(k)) for k in range(n + 1)])


def _log_series(x: Node, n: int) -> Node:
    return series(("-", x, ONE), [Fraction(0), *(Fraction((-1) ** (k + 1), k) for k in range(1, n + 1))])


def _order(orders: list[int]) -> int:
    (n,) = orders
    if n < 1:
        raise Rejected("an order below 1")
    return n


def exp_lower(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) >= S_n(x), for all x when n is odd, for x >= 0 when it is even."""
    (x,), n = terms, _order(orders)
    return ([] if n % 2 else [(x, ">=", ZERO)]), (call("exp", x), ">=", _exp_series(x, n))


def exp_upper(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) <= S_n(x), for x <= 0 and even n."""
    (x,), n = terms, _order(orders)
    if n % 2:
        raise Rejected("an upper bound has even order")
    return [(x, "<=", ZERO)], (call("exp", x), "<=", _exp_series(x, n))


def exp_pole(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) S_n(-x) <= 1, for all x when n is odd, for x <= 0 when it is even."""
    (x,), n = terms, _order(orders)
    below = _exp_series(("-", ZERO, x), n)
    return ([] if n % 2 else [(x, "<=", ZERO)]), (("*", call("exp", x), below), "<=", ONE)


def exp_sum(terms: list[Node], orders: list[int]) -> Known:
    """exp(u) == prod_i exp(v_i)**k_i where u == sum_i k_i v_i (terms: u, v_1, ...; orders: k_1, ...)."""
    u, *others = terms
    total, product = ZERO, ONE
    for v, k in zip(others, orders, strict=True):
        total = ("+", total, ("*", number(k), v))
        product = ("*", product, ("**", call("exp", v), number(k)))
    return [(u, "==", total)], (call("exp", u), "==", product)


def log_product(terms: list[Node], orders: list[int]) -> Known:
    """log(u) == sum_i k_i log(v_i) where u == prod_i v_i**k_i and every v_i > 0."""
    u, *others = terms
    total, product = ZERO, ONE
    for v, k in zip(others, orders, strict=True):
        total = ("+", total, ("*", number(k), call("log", v)))
        product = ("*", product, ("**", v, number(k)))
    return [*((v, ">", ZERO) for v in others), (u, "==", product)], (call("log", u), "==", total)


def exp_log(terms: list[Node], orders: list[int]) -> Known:
    """exp(log(x)) == x for x > 0."""
    (x,) = terms
    return [(x, ">", ZERO)], (call("exp", call("log", x)), "==", x)


def log_exp(terms: list[Node], orders: list[int]) -> Known:
    """log(exp(x)) == x."""
    (x,) = terms
    return [], (call("log", call("exp", x)), "==", x)


def power(terms: list[Node], orders: list[int]) -> Known:
    """x**y == exp(y log(x)) for x > 0."""
    x, y = terms
    return [(x, ">", ZERO)], (("**", x, y), "==", call("exp", ("*", y, call("log", x))))


def _increasing(name: str, least: list[str]) -> Callable[[list[Node], list[int]], Known]:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """f(x) <= f(y) where x <= y (order 1), f(x) < f(y) where x < y (order 2)."""
        (x, y), n = terms, _order(orders)
        sign = "<" if n == 2 else "<="
        return [*((x, bound, ZERO) for bound in least), (x, sign, y)], (call(name, x), sign, call(name, y))

    return schema


def log_upper(terms: list[Node], orders: list[int]) -> Known:
    """log(x) <= T_n(x - 1), for all x > 0 when n is odd, for 0 < x <= 1 when it is even."""
    (x,), n = terms, _order(orders)
    return [(x, ">", ZERO), *([] if n % 2 else [(x, "<=", ONE)])], (call("log", x), "<=", _log_series(x, n))


def log_lower(terms: list[Node], orders: list[int]) -> Known:
    """log(x) >= T_n(x - 1), for x >= 1 and even n."""
    (x,), n = terms, _order(orders)
    if n % 2:
        raise Rejected("a lower bound has even order")
    return [(x, ">=", ONE)], (call("log", x), ">=", _log_series(x, n))


def log_below(terms: list[Node], orders: list[int]) -> Known:
    """It holds that x log(x) >= x - 1 for x > 0 (log(1/x) <= 1/x - 1)."""
    (x,) = terms
    return [(x, ">", ZERO)], (("*", x, call("log", x)), ">=", ("-", x, ONE))


def log_mean(terms: list[Node], orders: list[int]) -> Known:
    """(x + 1) log(x) >= 2 (x - 1) for x >= 1 (order 1), <= for 0 < x <= 1 (order 2): the logarithmic mean."""
    (x,), n = terms, _order(orders)
    fact = ("*", ("+", x, ONE), call("log", x)), "<=" if n == 2 else ">=", ("*", number(2), ("-", x, ONE))
    return ([(x, ">", ZERO), (x, "<=", ONE)] if n == 2 else [(x, ">=", ONE)]), fact


def log_geometric(terms: list[Node], orders: list[int]) -> Known:
    """2 x log(x) <= x**2 - 1 for x >= 1 (order 1), >= for 0 < x <= 1 (order 2)."""
    (x,), n = terms, _order(orders)
    square: Node = ("-", ("*", x, x), ONE)
    fact = ("*", number(2), ("*", x, call("log", x))), ">=" if n == 2 else "<=", square
    return ([(x, ">", ZERO), (x, "<=", ONE)] if n == 2 else [(x, ">=", ONE)]), fact


def circle(terms: list[Node], orders: list[int]) -> Known:
    """sin(x)**2 + cos(x)**2 == 1."""
    (x,), two = terms, number(2)
    return [], (("+", ("**", call("sin", x), two), ("**", call("cos", x), two)), "==", ONE)


def _right_angles(n: int) -> Node:
    return ("/", ("*", number(n), call("pi")), number(2))


def _quarter(name: str, first: int) -> Callable[[list[Node], list[int]], Known]:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """sin(x) is 0, 1, 0, -1 and cos(x) is 1, 0, -1, 0 where x == n pi/2 and n = 0, 1, 2, 3 modulo 4."""
        (x,), (n,) = terms, orders
        return [(x, "==", _right_angles(n))], (call(name, x), "==", number((0, 1, 0, -1)[(n + first) % 4]))

    return schema


def _half_turn(name: str, first: int) -> Callable[[list[Node], list[int]], Known]:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """sin(x) >= 0 on [0, pi], cos(x) >= 0 on [-pi/2, pi/2] (order 1); > 0 inside (order 2)."""
        (x,), n = terms, _order(orders)
        less, more = ("<", ">") if n == 2 else ("<=", ">=")
        ends = [(x, more, _right_angles(first)), (x, less, _right_angles(first + 2))]
        return ends, (call(name, x), more, ZERO)

    return schema


def tangent(terms: list[Node], orders: list[int]) -> Known:
    """tan(x) cos(x) == sin(x) where cos(x) != 0."""
    (x,) = terms
    return [(call("cos", x), "!=", ZERO)], (("*", call("tan", x), call("cos", x)), "==", call("sin", x))


def sine_sum(terms: list[Node], orders: list[int]) -> Known:
    """sin(u) == sin(v) cos(w) + cos(v) sin(w) where u == v + w."""
    u, v, w = terms
    total: Node = ("+", ("*", call("sin", v), call("cos", w)), ("*", call("cos", v), call("sin", w)))
    return [(u, "==", ("+", v, w))], (call("sin", u), "==", total)


def cosine_sum(terms: list[Node], orders: list[int]) -> Known:
    """cos(u) == cos(v) cos(w) - sin(v) sin(w) where u == v + w."""
    u, v, w = terms
    total: Node = ("-", ("*", call("cos", v), call("cos", w)), ("*", call("sin", v), call("sin", w)))
    return [(u, "==", ("+", v, w))], (call("cos", u), "==", total)


def _alternating(name: str, first: int) -> Callable[[list[Node], list[int]], Known]:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """The Taylor polynomial with n terms at 0 lies above for odd n, below for even n, where x >= 0."""
        (x,), n = terms, _order(orders)
        coefficients = [Fraction(0)] * (first + 2 * n - 1)
        for k in range(n):
            coefficients[first + 2 * k] = Fraction((-1) ** k, factorial(first + 2 * k))
        return [(x, ">=", ZERO)], (call(name, x), "<=" if n % 2 else ">=", series(x, coefficients))

    return schema


SCHEMAS: dict[str, Callable[[list[Node], list[int]], Known]] = {
    "exp-lower": exp_lower,
    "exp-upper": exp_upper,
    "exp-pole": exp_pole,
    "exp-sum": exp_sum,
    "exp-log": exp_log,
    "exp-increasing": _increasing("exp", []),
    "log-exp": log_exp,
    "log-product": log_product,
    "log-increasing": _increasing("log", [">"]),
    "log-upper": log_upper,
    "log-lower": log_lower,
    "log-below": log_below,
    "log-mean": log_mean,
    "log-geometric": log_geometric,
    "sqrt-increasing": _increasing("sqrt", [">="]),
    "power": power,
    "circle": circle,
    "sin-quarter": _quarter("sin", 0),
    "cos-quarter": _quarter("cos", 1),
    "sin-half-turn": _half_turn("sin", 0),
    "cos-half-turn": _half_turn("cos", -1),
    "tangent": tangent,
    "sin-sum": sine_sum,
    "cos-sum": cosine_sum,
    "sin-series": _alternating("sin", 1),
    "cos-series": _alternating("cos", 0),
}
RULES = {"axiom": assume}
