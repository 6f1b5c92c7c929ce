"""What is known of exp, log, sine, cosine and powers: instances of textbook facts become hypotheses.

Each schema takes terms and an order n (a degree) and gives premises, to be shown first, and the fact.  S_n is the
Taylor polynomial of exp at 0, T_n that of log at 1; the sign of the remainder decides which side a polynomial is on:
exp(x) - S_n(x) has the sign of x**(n+1), log(x) - T_n(x - 1) that of (-1)**n (x - 1)**(n+1), for all x (all x > 0).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import factorial
from typing import Any

from checks.checker.goal import ONE, ZERO, Goal, Rejected, comparison, obligations
from checks.checker.grammar import Node, names
from checks.checker.kinds import angles
from checks.checker.kinds.schemas import Known, Schema, call, number, order_of, series

LARGEST_ORDER = 24


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


def _exp_series(x: Node, n: int) -> Node:
    return series(x, [Fraction(1, factorial(k)) for k in range(n + 1)])


def _log_series(x: Node, n: int) -> Node:
    return series(("-", x, ONE), [Fraction(0), *(Fraction((-1) ** (k + 1), k) for k in range(1, n + 1))])


def exp_lower(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) >= S_n(x), for all x when n is odd, for x >= 0 when it is even."""
    (x,), n = terms, order_of(orders)
    return ([] if n % 2 else [(x, ">=", ZERO)]), (call("exp", x), ">=", _exp_series(x, n))


def exp_upper(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) <= S_n(x), for x <= 0 and even n."""
    (x,), n = terms, order_of(orders)
    if n % 2:
        raise Rejected("an upper bound has even order")
    return [(x, "<=", ZERO)], (call("exp", x), "<=", _exp_series(x, n))


def exp_pole(terms: list[Node], orders: list[int]) -> Known:
    """exp(x) S_n(-x) <= 1, for all x when n is odd, for x <= 0 when it is even."""
    (x,), n = terms, order_of(orders)
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


def _increasing(name: str, least: list[str]) -> Schema:
    def schema(terms: list[Node], orders: list[int]) -> Known:
        """f(x) <= f(y) where x <= y (order 1), f(x) < f(y) where x < y (order 2)."""
        (x, y), n = terms, order_of(orders)
        sign = "<" if n == 2 else "<="
        return [*((x, bound, ZERO) for bound in least), (x, sign, y)], (call(name, x), sign, call(name, y))

    return schema


def log_upper(terms: list[Node], orders: list[int]) -> Known:
    """log(x) <= T_n(x - 1), for all x > 0 when n is odd, for 0 < x <= 1 when it is even."""
    (x,), n = terms, order_of(orders)
    return [(x, ">", ZERO), *([] if n % 2 else [(x, "<=", ONE)])], (call("log", x), "<=", _log_series(x, n))


def log_lower(terms: list[Node], orders: list[int]) -> Known:
    """log(x) >= T_n(x - 1), for x >= 1 and even n."""
    (x,), n = terms, order_of(orders)
    if n % 2:
        raise Rejected("a lower bound has even order")
    return [(x, ">=", ONE)], (call("log", x), ">=", _log_series(x, n))


def log_below(terms: list[Node], orders: list[int]) -> Known:
    """It holds that x log(x) >= x - 1 for x > 0 (log(1/x) <= 1/x - 1)."""
    (x,) = terms
    return [(x, ">", ZERO)], (("*", x, call("log", x)), ">=", ("-", x, ONE))


def log_mean(terms: list[Node], orders: list[int]) -> Known:
    """(x + 1) log(x) >= 2 (x - 1) for x >= 1 (order 1), <= for 0 < x <= 1 (order 2): the logarithmic mean."""
    (x,), n = terms, order_of(orders)
    fact = ("*", ("+", x, ONE), call("log", x)), "<=" if n == 2 else ">=", ("*", number(2), ("-", x, ONE))
    return ([(x, ">", ZERO), (x, "<=", ONE)] if n == 2 else [(x, ">=", ONE)]), fact


def log_geometric(terms: list[Node], orders: list[int]) -> Known:
    """2 x log(x) <= x**2 - 1 for x >= 1 (order 1), >= for 0 < x <= 1 (order 2)."""
    (x,), n = terms, order_of(orders)
    square: Node = ("-", ("*", x, x), ONE)
    fact = ("*", number(2), ("*", x, call("log", x))), ">=" if n == 2 else "<=", square
    return ([(x, ">", ZERO), (x, "<=", ONE)] if n == 2 else [(x, ">=", ONE)]), fact


SCHEMAS: dict[str, Schema] = {
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
    **angles.SCHEMAS,
}
RULES = {"axiom": assume}
