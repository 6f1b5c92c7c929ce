"""What axiom schemas consist of: terms, numbers and polynomials as trees of the grammar, or lines of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from checks.checker.goal import ZERO, Rejected, Relation, chain
from checks.checker.grammar import Node, parse, substitute

# premises, and the fact that holds where they do
Known = tuple[list[Relation], Relation]
Schema = Callable[[list[Node], list[int]], Known]


def law(names: str, *lines: str) -> Schema:
    """Return a schema in these names, of which the last line is the fact and the others are premises."""
    nodes = [parse(line) for line in lines]

    def schema(terms: list[Node], orders: list[int]) -> Known:
        values = dict(zip(names.split(), terms, strict=True))
        *premises, fact = (link for node in nodes for link in chain(substitute(node, values)))
        return premises, fact

    return schema


def either(first: Schema, second: Schema) -> Schema:
    """Return a schema that is the second one for order 2, and else the first one."""
    return lambda terms, orders: (second if order_of(orders) == 2 else first)(terms, orders)


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


def order_of(orders: list[int]) -> int:
    """Return the one order of a schema.

    Raises
    ------
    Rejected
        When it is below 1.
    """
    (n,) = orders
    if n < 1:
        raise Rejected("an order below 1")
    return n
