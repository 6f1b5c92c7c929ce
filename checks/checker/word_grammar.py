"""The grammar of statements about matrices: text to nested tuples.

It has numbers, declared names, ``+ - * / **`` with a whole exponent, ``'`` for the transpose, ``tr(...)``, the identity
``I`` (its size follows) or ``I(n)``, zero ``0``, and comparisons.  Nothing else parses.
"""

from __future__ import annotations

from typing import ClassVar

from checks.checker.goal import Rejected, chain
from checks.checker.grammar import COMPARE, LEVELS, NAME, Node, _Parser, tokens

LARGEST_POWER = 64


class _Words(_Parser):
    token: ClassVar = tokens(NAME + r"|@\d+", "-+*/()<>'")
    levels: ClassVar = {**{sign: level for sign, level in LEVELS.items() if level >= COMPARE}, "'": LEVELS["**"]}
    forms: ClassVar = {"tr": "e", "I": "t"}
    functions: ClassVar = set[str]()
    constants: ClassVar = dict[str, Node]()

    def joined(self, left: Node, operator: str) -> Node:
        return ("'", left) if operator == "'" else super().joined(left, operator)

    def exponent(self) -> int:
        sign = -1 if self.peek() == "-" and self.take() else 1
        if not self.peek().isdigit() or int(self.peek()) > LARGEST_POWER:
            raise self.wrong(f"a whole number up to {LARGEST_POWER}")
        value = sign * int(self.take())
        if self.peek() == "**":
            raise self.wrong("an operator")
        return value


def read_line(text: str) -> list[tuple[str, Node, Node]]:
    """Return the comparisons of a line, ``a == b`` or a chain of them, as (sign, left, right).

    Raises
    ------
    Rejected
        When it compares nothing.
    ParseError
        With the column at which the text leaves the grammar.
    """
    node = _Words(str(text)).whole()
    if node[0] != "compare":
        raise Rejected(f"{text!r} compares nothing; write for example 'A*B == C'")
    return [(sign, left, right) for left, sign, right in chain(node)]


def read_expression(text: str) -> Node:
    """Return an expression, parsed.

    Raises
    ------
    ParseError
        With the column at which the text leaves the grammar.
    """
    return _Words(str(text)).whole()


def factors(node: Node) -> list[Node]:
    """Return the factors of a product, from left to right."""
    return factors(node[1]) + factors(node[2]) if node[0] == "*" else [node]
