"""Parsed expressions back to text of the grammar."""

from __future__ import annotations

from checks.checker.grammar import Node


def unparse(node: Node) -> str:
    """Return text that parses to the same expression, fully bracketed.

    Raises
    ------
    ValueError
        For index sums and other nodes that claim files do not have.
    """
    kind = node[0]
    if kind == "number":
        return f"({node[1]})" if node[1].denominator != 1 or node[1] < 0 else str(node[1])
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
    raise ValueError(f"{kind!r} is no part of a claim file")
