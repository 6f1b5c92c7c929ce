"""The grammar of statements about matrices: text to nested tuples.

It has numbers, declared names, ``+ - * / **`` with a whole exponent, ``'`` for the transpose, ``tr(...)``, the identity
``I`` (its size follows) or ``I(n)``, zero ``0``, and comparisons.  Nothing else parses.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from checks.checker.goal import Rejected
from checks.checker.grammar import Node

RELATIONS = ("==", "!=", "<", "<=", ">", ">=")
LARGEST_POWER = 64
_TOKEN = re.compile(r"\s*(?:(\d+\.\d*|\.\d+|\d+)|([A-Za-z_][A-Za-z_0-9]*|@\d+)|(\*\*|<=|>=|==|!=|[-+*/()<>']))")


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.at, self.tokens = text, 0, list[tuple[str, str, int]]()
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                rest = text[position:].lstrip()
                column = len(text) - len(rest) + 1
                raise Rejected(f"column {column} of {text!r}: {rest[:9]!r} is not part of the grammar")
            kind = ("number", "name", "sign")[(match.lastindex or 0) - 1]
            self.tokens.append((kind, match[match.lastindex or 0], match.start(match.lastindex or 0)))
            position = match.end()
        self.tokens.append(("end", "", end))

    def peek(self) -> str:
        return self.tokens[self.at][1]

    def take(self, *expected: str) -> str:
        _, token, column = self.tokens[self.at]
        if expected and token not in expected:
            raise self.wrong(" or ".join(map(repr, expected)), token, column)
        self.at += 1
        return token

    def wrong(self, expected: str, token: str, column: int) -> Rejected:
        what = repr(token) if token else "the end"
        return Rejected(f"column {column + 1} of {self.text!r}: {what} stands where {expected} is expected")

    def line(self) -> list[tuple[str, Node, Node]]:
        terms, signs = [self.sum()], list[str]()
        while self.peek() in RELATIONS:
            signs.append(self.take())
            terms.append(self.sum())
        return list(zip(signs, terms, terms[1:], strict=False))

    def sum(self) -> Node:
        left = self.product()
        while self.peek() in ("+", "-"):
            left = (self.take(), left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.peek() in ("*", "/"):
            left = (self.take(), left, self.unary())
        return left

    def unary(self) -> Node:
        if self.peek() in ("+", "-"):
            return ("neg", self.unary()) if self.take() == "-" else self.unary()
        node, raised = self.atom(), False
        while self.peek() in ("'", "**") and not (raised and self.peek() == "**"):
            raised = self.take() == "**"
            node = ("**", node, self.exponent()) if raised else ("'", node)
        return node

    def exponent(self) -> int:
        sign = -1 if self.peek() == "-" and self.take() else 1
        _, token, column = self.tokens[self.at]
        if not token.isdigit() or int(token) > LARGEST_POWER:
            raise self.wrong(f"a whole number up to {LARGEST_POWER}", token, column)
        return sign * int(self.take())

    def atom(self) -> Node:
        kind, token, column = self.tokens[self.at]
        if kind == "number":
            return ("number", Fraction(self.take()))
        if token == "(":
            self.take()
            node = self.sum()
        elif kind != "name":
            raise self.wrong("an expression", token, column)
        elif self.take() not in ("tr", "I") or (token == "I" and self.peek() != "("):
            return ("name", token)
        else:
            self.take("(")
            node = ("tr", self.sum()) if token == "tr" else ("I", self.take())
        self.take(")")
        return node


def read_line(text: str) -> list[tuple[str, Node, Node]]:
    """Return the comparisons of a line, ``a == b`` or a chain of them, as (sign, left, right).

    Raises
    ------
    Rejected
        With the column at which the text leaves the grammar.
    """
    found = _whole(str(text), "line")
    if not found:
        raise Rejected(f"{text!r} compares nothing; write for example 'A*B == C'")
    return list(found)


def read_expression(text: str) -> Node:
    """Return an expression, parsed.

    Raises
    ------
    Rejected
        With the column at which the text leaves the grammar.
    """
    return _whole(str(text), "sum")


def _whole(text: str, rule: str) -> Any:
    parser = _Parser(text)
    found = getattr(parser, rule)()
    if parser.peek():
        raise parser.wrong("an operator", parser.peek(), parser.tokens[parser.at][2])
    return found


def factors(node: Node) -> list[Node]:
    """Return the factors of a product, from left to right."""
    return factors(node[1]) + factors(node[2]) if node[0] == "*" else [node]


def names(node: Node) -> set[str]:
    """Return the names in an expression."""
    if node[0] in ("name", "I"):
        return {node[1]}
    return set().union(*(names(part) for part in node[1:] if isinstance(part, tuple)))


def substitute(node: Node, values: dict[str, Node]) -> Node:
    """Replace names by expressions."""
    if node[0] == "name":
        return values.get(node[1], node)
    return tuple(substitute(part, values) if isinstance(part, tuple) else part for part in node)
