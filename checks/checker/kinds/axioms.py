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

from checks.checker.goal import ONE, ZERO, Goal, Rejected, comparison
from checks.checker.grammar import Node
from checks.checker.kinds import angles
from checks.checker.kinds.schemas import Known, Schema, call, either, law, number, order_of, series

LARGEST_ORDER = 24


def assume(goal: Goal, certificate: Mapping[str, Any]) -> list[Goal]:
    """Show that the terms are defined, and the premises of an instance of ``axiom``; then it is a hypothesis.

    Where its premises hold and its terms are defined, every fact below is defined.
    """
    terms = [goal.term(text) for text in certificate["at"]]
    schema, order = SCHEMAS[certificate["axiom"]], certificate.get("order", 1)
    multiples = [int(k) for k in order] if isinstance(order, list) else [int(order)]
    if any(abs(k) > LARGEST_ORDER for k in multiples):
        raise Rejected(f"an order beyond {LARGEST_ORDER}")
    premises, fact = schema(terms, multiples)
    return [*goal.defined(*terms), *(goal.showing(*entry) for entry in premises), goal.assuming(comparison(*fact))]


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


def _increasing(name: str, *least: str) -> Schema:
    """f(x) <= f(y) where x <= y (order 1), f(x) < f(y) where x < y (order 2)."""
    weak, strict = (law("x y", *least, f"x {sign} y", f"{name}(x) {sign} {name}(y)") for sign in ("<=", "<"))
    return either(weak, strict)


def _logarithm(above: str, below: str) -> Schema:
    """The first fact for x >= 1 (order 1), the second one for 0 < x <= 1 (order 2)."""
    return either(law("x", "x >= 1", above), law("x", "x > 0", "x <= 1", below))


SCHEMAS: dict[str, Schema] = {
    "exp-lower": exp_lower,
    "exp-upper": exp_upper,
    "exp-pole": exp_pole,
    "exp-sum": exp_sum,
    "exp-log": law("x", "x > 0", "exp(log(x)) == x"),
    "exp-increasing": _increasing("exp"),
    "log-exp": law("x", "log(exp(x)) == x"),
    "log-product": log_product,
    "log-increasing": _increasing("log", "x > 0"),
    "log-upper": log_upper,
    "log-lower": log_lower,
    # log(1/x) <= 1/x - 1
    "log-below": law("x", "x > 0", "x*log(x) >= x - 1"),
    # the logarithmic mean lies between the geometric and the arithmetic one
    "log-mean": _logarithm("(x + 1)*log(x) >= 2*(x - 1)", "(x + 1)*log(x) <= 2*(x - 1)"),
    "log-geometric": _logarithm("2*(x*log(x)) <= x*x - 1", "2*(x*log(x)) >= x*x - 1"),
    "sqrt-increasing": _increasing("sqrt", "x >= 0"),
    "power": law("x y", "x > 0", "x**y == exp(y*log(x))"),
    **angles.SCHEMAS,
}
RULES = {"axiom": assume}
