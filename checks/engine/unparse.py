"""Parsed expressions back to text of the grammar."""

from __future__ import annotations

from fractions import Fraction

from checks.checker.grammar import Node

# how tightly operators bind: a sign, as in an exponent, between products and powers, everything else tightest
LEVELS = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 4}
SIGNED, TIGHTEST = 3, 5


def unparse(node: Node) -> str:
    """Return text that parses to the same expression, with the brackets that it needs.

    A number that no decimal gives exactly becomes a quotient.

    Raises
    ------
    ValueError
        For what is no node of the grammar.
    """
    kind = node[0]
    if kind == "number":
        return _number(node[1])
    if kind == "name":
        return str(node[1])
    if kind in ("+", "-", "*", "/"):
        level, sign = LEVELS[kind], f" {kind} " if kind in ("+", "-") else kind
        return f"{_bracketed(node[1], level)}{sign}{_bracketed(node[2], level + 1)}"
    if kind == "**":
        return f"{_bracketed(node[1], TIGHTEST)}**{_bracketed(node[2], SIGNED)}"
    if kind == "call":
        if node[1] == "pi":
            return "pi"
        return f"{node[1]}({', '.join(unparse(a) for a in node[2])})"
    if kind == "compare":
        text = _bracketed(node[2][0], LEVELS["+"])
        for sign, term in zip(node[1], node[2][1:], strict=True):
            text += f" {sign} {_bracketed(term, LEVELS['+'])}"
        return text
    if kind == "not":
        return f"not ({unparse(node[1])})"
    if kind in ("and", "or", "implies"):
        return f"({unparse(node[1])}) {kind} ({unparse(node[2])})"
    if kind in ("sum", "all", "any"):
        return f"{kind}({node[1]}:{node[2]}, {unparse(node[3])})"
    if kind == "entry":
        return f"{node[1]}[{node[2]}]"
    if kind == "delta":
        return f"delta({node[1]},{node[2]})"
    if kind == "size":
        return f"size({node[1]})"
    if kind == "diff":
        return f"diff({unparse(node[1])}, {node[2]}[{node[3]}])"
    if kind == "taylor":
        return f"taylor({unparse(node[1])}, {node[2]}, {node[3]})"
    raise ValueError(f"{kind!r} is no part of the grammar")


def _bracketed(node: Node, least: int) -> str:
    """Return an expression's text, in brackets where it binds less tightly than what surrounds it."""
    text = unparse(node)
    return text if LEVELS.get(node[0], TIGHTEST) >= least else f"({text})"


def _number(value: Fraction) -> str:
    if value.denominator == 1 and value >= 0:
        return str(value)
    places = next((k for k in range(1, 40) if 10**k % value.denominator == 0), None)
    if value < 0 or places is None:
        return f"({value})"
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"
