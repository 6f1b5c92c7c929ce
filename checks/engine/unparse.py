"""Parsed expressions back to text of the grammar."""

from __future__ import annotations

from fractions import Fraction

from checks.checker.grammar import Node


def unparse(node: Node) -> str:
    """Return text that parses to the same expression, fully bracketed.

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
    if kind in ("+", "-", "*", "/", "**"):
        return f"({unparse(node[1])} {kind} {unparse(node[2])})"
    if kind == "call":
        if node[1] == "pi":
            return "pi"
        return f"{node[1]}({', '.join(unparse(a) for a in node[2])})"
    if kind == "compare":
        text = unparse(node[2][0])
        for sign, term in zip(node[1], node[2][1:], strict=True):
            text += f" {sign} {unparse(term)}"
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


def _number(value: Fraction) -> str:
    if value.denominator == 1 and value >= 0:
        return str(value)
    places = next((k for k in range(1, 40) if 10**k % value.denominator == 0), None)
    if value < 0 or places is None:
        return f"({value})"
    digits = str(value.numerator * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"
