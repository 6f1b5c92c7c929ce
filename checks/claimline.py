"""One line of a claim file: parsed by the checker's parser, with sorts checked and every error given its column."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

from checks.checker import grammar
from checks.checker.grammar import Node, ParseError

FUNCTIONS = tuple(sorted(grammar.FUNCTIONS))
RESERVED = grammar.RESERVED
STATEMENTS = ("compare", "and", "or", "not", "implies")
EXAMPLE = "what parses: 0 < x <= 1, x**2 == 1/4, x > 0 implies y < 1"

_INDEXED = ("sum", "all", "any", "delta", "size", "diff", "taylor")
_WORDS = ("and", "or", "not", "implies")
_PIECE = re.compile(r"\d+\.\d*|\.\d+|\d+|[A-Za-z_][A-Za-z_0-9]*|\*\*|[<>=!]=|\S")
_HINTS = {
    "=<": "write <=",
    "=>": "write >= (or implies)",
    "=": "write == for equality",
    "^": "write ** for a power",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
    "·": "write *",
    "×": "write *",
    "−": "write the hyphen -",
    "²": "write **2",
    "³": "write **3",
    "√": "write sqrt(...)",
    "∞": "there is no infinity: leave the bound out",
    "&": "write and",
    "||": "write or",
    "|": "write abs(...)",
    "!": "write not",
    ",": "one statement a line: give the second one a string of its own",
    ";": "one statement a line: give the second one a string of its own",
    "{": "write parentheses ( )",
    "'": "a name is made of letters, digits and _: write x_next, say",
    "\\": "LaTeX is not read: write names and functions without backslashes",
}


class BadLine(ValueError):
    """What is wrong with a line, and the column where it is (counted from 1)."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


class _Misplaced(Exception):
    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node


class _Located(grammar._Parser):
    """The checker's parser, remembering at which column each part begins."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.columns: dict[int, int] = {}

    def _noted(self, rule: Callable[[], Node]) -> Node:
        column = self.tokens[self.at][2] + 1 if self.at < len(self.tokens) else len(self.text) + 1
        node = rule()
        self.columns.setdefault(id(node), column)
        return node

    def expression(self, least: int = 0) -> Node:
        return self._noted(lambda: super(_Located, self).expression(least))

    def prefix(self, least: int) -> Node:
        return self._noted(lambda: super(_Located, self).prefix(least))

    def column(self, node: Node) -> int:
        """Return where an expression begins: where its first part does, when it was not read at once."""
        while id(node) not in self.columns:
            node = grammar.parts(node)[0]
        return self.columns[id(node)]


def parse_line(text: str, statements: set[str], wanted: bool | None) -> Node:
    """Read one line of a claim file.

    Parameters
    ----------
    text
        The line.
    statements
        Names that abbreviate statements (all others stand for numbers).
    wanted
        True for a line that must be a statement, None where a number will do too.

    Returns
    -------
    Node
        The parsed line.

    Raises
    ------
    BadLine
        With what would parse.
    """
    _screen(text)
    try:
        node = grammar.parse(text)
        _check(node, statements, wanted)
    except ParseError as error:
        raise _explained(str(error), text) from error
    except _Misplaced as error:
        raise BadLine(str(error), _column(text, statements, wanted)) from error
    except RecursionError as error:
        raise BadLine("nested too deeply; abbreviate parts of it with 'let'", 1) from error
    except ValueError as error:
        raise BadLine(f"a number with too many digits ({error})", 1) from error
    return node


def _column(text: str, statements: set[str], wanted: bool | None) -> int:
    """Return where the first part that is in the wrong place begins."""
    try:
        located = _Located(text)
        _check(located.expression(), statements, wanted)
    except _Misplaced as error:
        return located.column(error.node)
    except RecursionError:  # this parser needs more of the stack than the checker's
        pass
    return 1


def _screen(text: str) -> None:
    """Refuse index notation, unknown functions and functions without an argument."""
    for match in re.finditer(r"(?<![A-Za-z_0-9])([A-Za-z_][A-Za-z_0-9]*)\s*([(\[]?)", text):
        name, bracket, column = match[1], match[2], match.start() + 1
        if bracket == "[":
            raise BadLine(f"entries such as {name}[i] are not part of claim files; write {name}1, {name}2", column)
        if bracket and name in _INDEXED:
            raise BadLine(f"{name}(...) over indices is not part of claim files; write its terms out", column)
        if bracket and name in ("pi", "E"):
            raise BadLine(f"{name} is a constant, no function; write {name}*(...)", column)
        if bracket and name not in (*FUNCTIONS, *_WORDS):
            near = difflib.get_close_matches(name, FUNCTIONS, n=2) or FUNCTIONS
            raise BadLine(f"{name!r} is no function; write {name}*(...) for a product, or {', '.join(near)}", column)
        if not bracket and name in FUNCTIONS:
            raise BadLine(f"{name} is a function; write {name}(...)", column)


def _check(node: Node, statements: set[str], statement: bool | None) -> None:
    """Check that statements and numbers stand where they may, and the number of arguments of functions."""
    kind = node[0]
    found = kind in STATEMENTS or (kind == "name" and node[1] in statements)
    if statement is not None and found != statement:
        raise _Misplaced(
            node,
            f"a number stands where a comparison is expected; {EXAMPLE}"
            if statement
            else "a comparison stands where a number is expected; compare numbers, and join comparisons with and, or",
        )
    if kind == "compare":
        for term in node[2]:
            _check(term, statements, False)
    elif kind == "call":
        if len(node[2]) > 1 and node[1] not in ("min", "max"):
            raise _Misplaced(node, f"{node[1]} takes one argument, not {len(node[2])}; only min and max take several")
        for argument in node[2]:
            _check(argument, statements, False)
    elif kind not in ("number", "name"):
        for part in node[1:]:
            _check(part, statements, kind in STATEMENTS)


def _explained(message: str, text: str) -> BadLine:
    """Return a parser's message with its column, and a hint at what would parse."""
    said = re.match(r"column (\d+)", message)
    if said is not None:
        start = int(said[1]) - 1
        start += len(text[start:]) - len(text[start:].lstrip())
    elif message.startswith(f"{text!r} ends"):
        wanted = message.rpartition(" where ")[2].removesuffix(" is expected")
        return BadLine(f"the line ends where {wanted} is expected; {EXAMPLE}", len(text.rstrip()) + 1)
    else:
        start = _end_of_expression(text)
    piece = _PIECE.match(text, start)
    word = text[start:].strip() if piece is None else piece[0]
    wanted = message.rpartition(" where ")[2].removesuffix(" is expected") if " where " in message else ""
    found = f"{word!r} stands where {wanted} is expected" if wanted else f"{word!r} is not expected here"
    return BadLine(f"{found}; {_hint(text, start, word)}", start + 1)


def _end_of_expression(text: str) -> int:
    """Return where the longest beginning that parses is followed by something else."""
    pieces = list(_PIECE.finditer(text))
    for piece, after in reversed(list(pairwise(pieces))):
        try:
            grammar.parse(text[: piece.end()])
        except ParseError:
            continue
        return after.start()
    return 0


def _hint(text: str, start: int, word: str) -> str:
    rest, before = text[start:], text[:start].rstrip()
    for sign, hint in _HINTS.items():
        if rest.startswith(sign):
            return hint
    if word[:1].isalpha() and not word.isascii():
        spelled = unicodedata.name(word[0], "").rpartition(" ")[2].lower()
        return f"names are made of the letters a-z, digits and _: write {spelled}"
    if re.match(r"[eE][-+]?\d", rest) and before[-1:].isdigit() and not text[start - 1].isspace():
        return "decimals have no exponent: write 1/1000 or 0.001"
    if (before[-1:].isdigit() or before[-1:] == ")") and (word[:1].isalnum() or word == "("):
        return "write * between factors"
    if rest.startswith(")"):
        return "a parenthesis that nothing opens"
    return EXAMPLE
