"""The checker's own parser: text to nested tuples, for statements about numbers and about indexed sums.

Numbers are read exactly (``0.2`` is 1/5).  On top of the grammar of claim files, index sums are understood:
``sum(i:S, e)``, ``all(i:S, e)``, ``any(i:S, e)``, ``delta(i,j)``, ``c[i]``, ``diff(e, c[k])``, ``size(S)``, and
``taylor(e, t, k)``, the k-th derivative of e in t at t = 0.  ``pi`` and ``E`` are the constants; an index is no number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

Node = tuple[Any, ...]

NAME = r"[A-Za-z_][A-Za-z_0-9]*"


def tokens(name: str, signs: str) -> re.Pattern[str]:
    """Return a pattern of a number, a name or a sign, after blanks."""
    return re.compile(rf"\s*(?:(\d+\.\d*|\.\d+|\d+)|({name})|(\*\*|<=|>=|==|!=|[{signs}]))")


# how tightly operators bind; ``not`` stands between ``and`` and the comparisons, a sign between ``*`` and ``**``
COMPARE, SIGNED = 5, 8
LEVELS = {"implies": 1, "or": 2, "and": 3, "not": 4, **dict.fromkeys(("<", "<=", "==", "!=", ">=", ">"), COMPARE)}
LEVELS |= {"+": 6, "-": 6, "*": 7, "/": 7, "**": 9}
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


# what stands in the brackets of a form: n a name, e an expression, k a small number, t any token, else the sign itself
FORMS = {**dict.fromkeys(BINDERS, "n:n,e"), "delta": "n,n", "size": "n", "diff": "e,n[n]", "taylor": "e,n,k"}


class ParseError(ValueError):
    """The text is not in the grammar; the message shows where it stops making sense."""


class _Parser:
    """A parser by precedence; `expression` reads as much as binds at least as tightly as ``least``."""

    token: ClassVar = tokens(NAME, r"-+*/()<>,:\[\]")
    levels: ClassVar = LEVELS
    forms: ClassVar = FORMS
    functions: ClassVar = FUNCTIONS
    constants: ClassVar = CONSTANTS

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.tokens: list[tuple[str, str, int]] = []
        position, end = 0, len(text.rstrip())
        while position < end:
            match = self.token.match(text, position)
            if match is None:
                rest = text[position:].lstrip()
                column = len(text) - len(rest) + 1
                raise ParseError(f"column {column} of {text!r}: {rest[:12]!r} is not part of the grammar")
            group = match.lastindex or 0
            self.tokens.append((("number", "name", "sign")[group - 1], match[group], match.start(group)))
            position = match.end()

    def peek(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def wrong(self, expected: str) -> ParseError:
        if self.at >= len(self.tokens):
            return ParseError(f"{self.text!r} ends where {expected} is expected")
        _, token, column = self.tokens[self.at]
        return ParseError(f"column {column + 1} of {self.text!r}: {token!r} stands where {expected} is expected")

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            raise self.wrong(expected or "an expression")
        self.at += 1
        return token

    def name(self) -> str:
        if self.kind() != "name":
            raise self.wrong("a name")
        return self.take()

    def whole(self) -> Node:
        node = self.expression()
        if self.peek():
            raise self.wrong("an operator")
        return node

    def expression(self, least: int = 0) -> Node:
        left = self.prefix(least)
        while self.levels.get(self.peek(), -1) >= least and self.peek() != "not":
            left = self.joined(left, self.take())
        return left

    def joined(self, left: Node, operator: str) -> Node:
        level = self.levels[operator]
        if level == COMPARE:
            signs, terms = [operator], [left, self.expression(COMPARE + 1)]
            while self.levels.get(self.peek()) == COMPARE:
                signs.append(self.take())
                terms.append(self.expression(COMPARE + 1))
            return ("compare", tuple(signs), tuple(terms))
        if operator == "**":
            return (operator, left, self.exponent())
        return (operator, left, self.expression(level + (operator != "implies")))

    def exponent(self) -> Any:
        return self.expression(SIGNED)

    def prefix(self, least: int) -> Node:
        if self.peek() in ("-", "+"):
            sign, inner = self.take(), self.expression(SIGNED)
            return ("-", ("number", Fraction(0)), inner) if sign == "-" else inner
        if self.peek() == "not" and least <= self.levels.get("not", -1):
            return (self.take(), self.expression(self.levels["not"]))
        return self.atom()

    def atom(self) -> Node:
        token = self.peek()
        if self.kind() == "number":
            return ("number", Fraction(self.take()))
        if token == "(":
            self.take()
            node = self.expression()
        elif self.kind() != "name" or token in _WORDS:
            raise self.wrong("an expression")
        else:
            self.take()
            if self.peek() == "[":
                return self.form(("entry", token), "[n]")
            if self.peek() != "(":
                return self.constants.get(token, ("name", token))
            if token not in self.forms and token not in self.functions:
                raise self.wrong("an operator")
            self.take()
            node = self.form((token,), self.forms[token]) if token in self.forms else self.call(token)
        self.take(")")
        return node

    def call(self, function: str) -> Node:
        arguments = [self.expression()]
        while self.peek() == ",":
            self.take()
            arguments.append(self.expression())
        return ("call", function, tuple(arguments))

    def form(self, node: Node, pattern: str) -> Node:
        readers = {"n": self.name, "e": self.expression, "k": self.order, "t": self.take}
        for sign in pattern:
            if sign in readers:
                node = (*node, readers[sign]())  # type: ignore[operator]
            else:
                self.take(sign)
        if node[0] in BINDERS and node[1] in names(node[3]):
            raise ParseError(f"{self.text!r}: the index {node[1]!r} is used as a number")
        return node

    def order(self) -> int:
        if not self.peek().isdigit() or int(self.peek()) > LARGEST_ORDER:
            raise self.wrong(f"a whole number up to {LARGEST_ORDER}")
        return int(self.take())


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
    return _Parser(text).whole()


def is_name(text: str) -> bool:
    """Return whether a text can name a variable: letters, digits and underscores, and no word of the grammar."""
    return re.fullmatch(NAME, text) is not None and text not in RESERVED


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
