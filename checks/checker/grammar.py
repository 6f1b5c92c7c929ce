"""The checker's own parser: text to nested tuples, for statements about numbers and about indexed sums.

Numbers are read exactly (``0.2`` is 1/5).  On top of the grammar of claim files, index sums are understood:
``sum(i:S, e)``, ``all(i:S, e)``, ``any(i:S, e)``, ``delta(i,j)``, ``c[i]``, ``diff(e, c[k])``, ``size(S)``, and
``taylor(e, t, k)``, the k-th derivative of e in t at t = 0.  ``pi`` and ``E`` are the constants; an index is no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

Node = tuple[Any, ...]

_TOKEN = re.compile(r"\s*(?:(\d+\.\d*|\.\d+|\d+)|([A-Za-z_][A-Za-z_0-9]*)|(\*\*|<=|>=|==|!=|[-+*/()<>,:\[\]]))")
_COMPARE = ("<", "<=", "==", "!=", ">=", ">")
_WORDS = {"and", "or", "not", "implies"}
FUNCTIONS = {"sqrt", "exp", "log", "sin", "cos", "tan", "abs", "min", "max"}
RESERVED = _WORDS | FUNCTIONS | {"pi", "E"}
# larger exponents are refused: they would only cost time
LARGEST_EXPONENT = 4096
LARGEST_ORDER = 64
# where a node of the grammar holds the name of an index
INDEX_PLACES = {"entry": (2,), "delta": (1, 2), "diff": (3,)}
BINDERS = ("sum", "all", "any")
CONSTANTS: dict[str, Node] = {"pi": ("call", "pi", ()), "E": ("call", "exp", (("number", Fraction(1)),))}


class ParseError(ValueError):
    """The text is not in the grammar; the message shows where it stops making sense."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str, int]] = []
        position = 0
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                raise ParseError(
                    f"column {position + 1}: {text[position : position + 12]!r} is not part of the grammar"
                )
            kind = "number" if match[1] else "name" if match[2] else "sign"
            self.tokens.append((kind, match[1] or match[2] or match[3], match.start(match.lastindex or 0)))
            position = match.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        if self.at >= len(self.tokens):
            raise ParseError(f"{self.text!r} ends where {expected or 'an expression'} is expected")
        _, token, column = self.tokens[self.at]
        if expected is not None and token != expected:
            raise ParseError(f"column {column + 1} of {self.text!r}: {token!r} stands where {expected!r} is expected")
        self.at += 1
        return token

    def name(self) -> str:
        kind = self.tokens[self.at][0] if self.at < len(self.tokens) else ""
        if kind != "name":
            raise ParseError(f"{self.text!r}: a name is expected, not {self.peek()!r}")
        return self.take()

    def implication(self) -> Node:
        left = self.disjunction()
        if self.peek() == "implies":
            self.take()
            return ("implies", left, self.implication())
        return left

    def disjunction(self) -> Node:
        left = self.conjunction()
        while self.peek() == "or":
            self.take()
            left = ("or", left, self.conjunction())
        return left

    def conjunction(self) -> Node:
        left = self.negation()
        while self.peek() == "and":
            self.take()
            left = ("and", left, self.negation())
        return left

    def negation(self) -> Node:
        if self.peek() == "not":
            self.take()
            return ("not", self.negation())
        return self.comparison()

    def comparison(self) -> Node:
        terms, signs = [self.sum()], []
        while self.peek() in _COMPARE:
            signs.append(self.take())
            terms.append(self.sum())
        return ("compare", tuple(signs), tuple(terms)) if signs else terms[0]

    def sum(self) -> Node:
        left = self.product()
        while self.peek() in ("+", "-"):
            sign = self.take()
            left = (sign, left, self.product())
        return left

    def product(self) -> Node:
        left = self.unary()
        while self.peek() in ("*", "/"):
            sign = self.take()
            left = (sign, left, self.unary())
        return left

    def unary(self) -> Node:
        if self.peek() in ("-", "+"):
            sign = self.take()
            inner = self.unary()
            return ("-", ("number", Fraction(0)), inner) if sign == "-" else inner
        return self.power()

    def power(self) -> Node:
        base = self.atom()
        if self.peek() == "**":
            self.take()
            return ("**", base, self.unary())
        return base

    def atom(self) -> Node:
        if self.at >= len(self.tokens):
            raise ParseError(f"{self.text!r} ends where an expression is expected")
        kind, token, column = self.tokens[self.at]
        if kind == "number":
            self.take()
            return ("number", Fraction(token))
        if token == "(":
            self.take()
            inner = self.implication()
            self.take(")")
            return inner
        if kind != "name" or token in _WORDS:
            raise ParseError(f"column {column + 1} of {self.text!r}: {token!r} stands where an expression is expected")
        self.take()
        if self.peek() == "[":
            self.take()
            index = self.name()
            self.take("]")
            return ("entry", token, index)
        if self.peek() != "(":
            return CONSTANTS.get(token, ("name", token))
        self.take()
        node: Node
        if token in BINDERS:
            index = self.name()
            self.take(":")
            over = self.name()
            self.take(",")
            node = (token, index, over, self.implication())
            if index in names(node[3]):
                raise ParseError(f"{self.text!r}: the index {index!r} is used as a number")
        elif token == "delta":
            first = self.name()
            self.take(",")
            node = ("delta", first, self.name())
        elif token == "size":
            node = ("size", self.name())
        elif token == "diff":
            body = self.implication()
            self.take(",")
            family = self.name()
            self.take("[")
            node = ("diff", body, family, self.name())
            self.take("]")
        elif token == "taylor":
            body = self.implication()
            self.take(",")
            variable = self.name()
            self.take(",")
            order = self.take()
            if not order.isdigit() or int(order) > LARGEST_ORDER:
                raise ParseError(f"{self.text!r}: the order of a Taylor coefficient is a small number, not {order!r}")
            node = ("taylor", body, variable, int(order))
        elif token in FUNCTIONS:
            arguments = [self.implication()]
            while self.peek() == ",":
                self.take()
                arguments.append(self.implication())
            node = ("call", token, tuple(arguments))
        else:
            raise ParseError(f"column {column + 1} of {self.text!r}: {token!r} is not a function of the grammar")
        self.take(")")
        return node


def parse(text: str) -> Node:
    """Read one line of the grammar.

    Parameters
    ----------
    text
        For example ``"sum(i:B, c[i]**2) <= 1 + eta/4"``.

    Raises
    ------
    ParseError
        With the column at which the text leaves the grammar.
    """
    parser = _Parser(text)
    node = parser.implication()
    if parser.at != len(parser.tokens):
        raise ParseError(f"{text!r}: {parser.peek()!r} stands after a complete expression")
    return node


def is_name(text: str) -> bool:
    """Return whether a text can name a variable: letters, digits and underscores, and no word of the grammar."""
    return re.fullmatch(r"[A-Za-z_][A-Za-z_0-9]*", text) is not None and text not in RESERVED


def parts(node: Node) -> tuple[Node, ...]:
    """Return the expressions and statements of which a node consists."""
    return node[2] if node[0] in ("call", "compare") else tuple(part for part in node[1:] if isinstance(part, tuple))


def rebuilt(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with each of its parts changed."""
    if node[0] in ("call", "compare"):
        return (node[0], node[1], tuple(change(part) for part in node[2]))
    return tuple(change(part) if isinstance(part, tuple) else part for part in node)


def substitute(node: Node, values: dict[str, Node], textual: bool = False) -> Node:
    """Replace free names by expressions.

    With ``textual``, as in a ``let`` line, a Taylor variable may capture a name, and an entry put under a derivative
    is differentiated.

    Raises
    ------
    ParseError
        Where an index of the expression would capture one of a replacement, and without ``textual`` also where a
        Taylor variable would, or a derivative would reach into a replacement.
    """
    if node[0] == "name":
        return values.get(node[1], node)
    if node[0] in BINDERS:
        _refuse_capture(node[1], node[3], values)
    elif not textual and node[0] in ("taylor", "diff"):
        for name in (names(node[1]) - {node[2]} if node[0] == "taylor" else names(node[1])) & set(values):
            value, entries = values[name], ("entry", "sum", "diff")
            if node[2] in names(value) if node[0] == "taylor" else holds_kind(value, entries):
                raise ParseError(f"what stands for {name!r} would be caught by a {node[0]}")
    if node[0] == "taylor":
        values = {name: value for name, value in values.items() if name != node[2]}
    return rebuilt(node, lambda part: substitute(part, values, textual))


def renamed(node: Node, where: Mapping[str, str]) -> Node:
    """Return an expression with its free indices renamed, to names that no index of it has."""
    if node[0] in BINDERS:
        where = {name: new for name, new in where.items() if name != node[1]}
    places = INDEX_PLACES.get(node[0], ())
    moved = tuple(where.get(part, part) if place in places else part for place, part in enumerate(node))
    return rebuilt(moved, lambda part: renamed(part, where))


def holds_kind(node: Node, kinds: tuple[str, ...]) -> bool:
    """Return whether an expression or statement holds a node of one of these kinds."""
    return node[0] in kinds or any(holds_kind(part, kinds) for part in parts(node))


def _refuse_capture(bound: str, body: Node, values: dict[str, Node]) -> None:
    for name in names(body) & set(values):
        if bound in names(values[name]) | free_indices(values[name]):  # as an index, or as a number
            raise ParseError(f"{bound!r} is bound around {name!r} and occurs in its definition")


def size(node: Node) -> int:
    """Return how many nodes an expression has when it is written out."""
    known: dict[int, int] = {}

    def count(part: Any) -> int:
        if not isinstance(part, tuple):
            return 0
        if id(part) not in known:
            known[id(part)] = 1 + sum(count(inner) for inner in part)
        return known[id(part)]

    return count(node)


def free_indices(node: Node) -> set[str]:
    """Return the names of the free indices of an expression."""
    own = {node[place] for place in INDEX_PLACES.get(node[0], ())}
    return own.union(*map(free_indices, parts(node))) - ({node[1]} if node[0] in BINDERS else set())


def names(node: Node) -> set[str]:
    """Return the free scalar names of an expression."""
    if node[0] == "name":
        return {node[1]}
    bound = {node[2]} if node[0] == "taylor" else set()
    return set().union(*map(names, parts(node))) - bound
