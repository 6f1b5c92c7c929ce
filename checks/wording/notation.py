"""Expressions and statements of the checker's grammar as LaTeX mathematics."""

from __future__ import annotations

import re
from fractions import Fraction

from checks.checker.grammar import Node, parse
from checks.wording.numbers import number_latex

_GREEK = frozenset(
    ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
     "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Sigma", "Phi",
     "Psi", "Omega", "eps", "lam")
)  # fmt: skip
_SPELLED = {"eps": "varepsilon", "epsilon": "varepsilon", "lam": "lambda"}
SIGNS = {"<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "<": "<", ">": ">"}
_ZERO: Node = ("number", Fraction(0))
_LONG_FRACTION = 48  # letters above or below a bar; longer ones get a slash
_UNBROKEN = 24  # letters in a piece of a formula


def line_latex(line: str) -> str:
    """Return one line of the grammar as LaTeX mathematics."""
    return node_latex(parse(line))


def node_latex(node: Node) -> str:
    """Return an expression or statement as LaTeX mathematics.

    Raises
    ------
    ValueError
        For what has no notation.
    """
    return _latex(node, 0)


def relation_latex(relation: tuple[Node, str, Node]) -> str:
    """Return one comparison as LaTeX mathematics."""
    left, sign, right = relation
    return f"{_latex(left, 0)} {SIGNS[sign]} {_latex(right, 0)}"


def name_latex(name: str) -> str:
    r"""Return a name as LaTeX: Greek letters by their names, digits and what follows ``_`` below.

    Examples
    --------
    >>> name_latex("eta"), name_latex("x1"), name_latex("N_next"), name_latex("root1")
    ('\\eta', 'x_{1}', "N'", '\\mathrm{root}_{1}')
    """
    suffix = ""
    if name.endswith("_next"):
        name, suffix = name[:-5], "'"
    head = name.rstrip("0123456789")
    digits = name[len(head) :]
    head, _, tail = head.partition("_")
    tail = tail.strip("_").replace("_", ",")
    word = "\\" + _SPELLED.get(head, head) if head in _GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    below = ",".join(x for x in (tail if len(tail) <= 1 else rf"\mathrm{{{tail}}}", digits) if x)
    return (word if head else r"\_") + (f"_{{{below}}}" if below else "") + suffix


def width(tex: str) -> int:
    """Return about how many letters a formula has in print; both lines of a fraction count."""
    bare = re.sub(r"\\(?:left|right|tfrac|frac|mathrm|text|,|;|!| )|[{}_^ ]", "", tex)
    return len(re.sub(r"\\[A-Za-z]+", "x", bare))


def pieces(node: Node) -> tuple[str, ...]:
    """Return an expression or statement as LaTeX in pieces between which a line may break."""
    return tuple(_pieces(node))


def _pieces(node: Node) -> list[str]:
    whole = _latex(node, 0)
    if width(whole) <= _UNBROKEN:
        return [whole]
    kind = node[0]
    if kind == "compare":
        found = _pieces(node[2][0])
        for sign, term in zip(node[1], node[2][1:], strict=True):
            found += _led(f"{SIGNS[sign]} ", _pieces(term))
        return found
    if kind in ("and", "or", "implies"):
        return _pieces(node[1]) + _led({"and": r"\wedge\ ", "or": r"\vee\ ", "implies": r"\Rightarrow\ "}[kind],
                                       _pieces(node[2]))  # fmt: skip
    if kind in ("+", "-"):
        found = []
        for sign, term in signed_terms(node):
            own, text = _product_latex(term)
            positive = sign * own > 0
            parts = [text]
            if width(text) > 2 * _UNBROKEN and own > 0:
                parts = _pieces(term)
            lead = ("" if positive else "-") if not found else ("+ " if positive else "- ")
            found += _led(lead, parts)
        return found
    if kind == "/" and _slashed(node):
        return _led("(", _pieces(node[1]), ")") + _led(r"\,/\,(", _pieces(node[2]), ")")
    if kind == "*" and _product_latex(node)[0] > 0:
        found = []
        for factor in _factors(node):
            text = _latex(factor, 2)
            long = width(text) > 2 * _UNBROKEN and factor[0] in ("+", "-")
            found += _led("(", _pieces(factor), ")") if long else [text]
        return _joined(found)
    return [whole]


def _led(first: str, parts: list[str], last: str = "") -> list[str]:
    parts = [first + parts[0], *parts[1:]]
    return [*parts[:-1], parts[-1] + last]


def _joined(parts: list[str]) -> list[str]:
    """Join short pieces of a product to longer ones; two numbers in a row get a dot."""
    found: list[str] = []
    for part in parts:
        dotted = rf"\cdot {part}" if found and part[:1].isdigit() else part
        if found and width(found[-1]) + width(part) <= _UNBROKEN:
            found[-1] += f" {dotted}"
        else:
            found.append(dotted)
    return found


def _latex(node: Node, tight: int) -> str:
    kind = node[0]
    if kind == "number":
        value = Fraction(node[1])
        return _wrap(number_latex(value), (tight >= 2 and value < 0) or (tight >= 3 and value.denominator != 1))
    if kind == "text":  # stands for an expression that is not printed in full
        return str(node[1])
    if kind == "name":
        return name_latex(node[1])
    if kind == "entry":
        family, index = node[1], name_latex(node[2])
        return f"{name_latex(family)}_{{{index}}}" if len(family) == 1 else f"{name_latex(family)}({index})"
    if kind == "delta":
        return rf"\delta_{{{node[1]}{node[2]}}}"
    if kind == "size":
        return rf"|\mathrm{{{node[1]}}}|"
    if kind == "sum":
        return _wrap(rf"\sum_{{{node[1]} \in \mathrm{{{node[2]}}}}} {_latex(node[3], 2)}", tight >= 2)
    if kind in ("all", "any"):
        return rf"\{'forall' if kind == 'all' else 'exists'} {node[1]} \in \mathrm{{{node[2]}}}:\ {_latex(node[3], 0)}"
    if kind == "diff":
        return rf"\frac{{\partial}}{{\partial {node[2]}_{{{node[3]}}}}}\left[{_latex(node[1], 0)}\right]"
    if kind == "taylor":
        order = f"^{{{node[3]}}}" if node[3] > 1 else ""
        return rf"\left.\frac{{d{order}}}{{d{node[2]}{order}}}\left[{_latex(node[1], 0)}\right]\right|_{{{node[2]}=0}}"
    if kind == "call":
        return _call_latex(node)
    if kind == "compare":
        text = _latex(node[2][0], 0)
        for sign, term in zip(node[1], node[2][1:], strict=True):
            text += f" {SIGNS[sign]} {_latex(term, 0)}"
        return text
    if kind == "not":
        return rf"\neg ({_latex(node[1], 0)})"
    if kind in ("and", "or", "implies"):
        word = {"and": r"\wedge", "or": r"\vee", "implies": r"\Rightarrow"}[kind]
        sides = (_latex(part, 0) if part[0] in (kind, "compare") else f"({_latex(part, 0)})" for part in node[1:])
        return rf" \ {word}\ ".join(sides)
    if kind in ("+", "-"):
        return _wrap(_sum_latex(node), tight >= 1)
    if kind in ("*", "/"):
        sign, text = _product_latex(node)
        bare = "/" if kind == "/" and _slashed(node) else kind
        return _wrap(f"-{text}", tight >= 1) if sign < 0 else _wrap(text, tight >= 3 or (bare == "/" and tight >= 2))
    if kind == "**":
        return _power_latex(node, tight)
    raise ValueError(f"{kind!r} has no notation")


def _call_latex(node: Node) -> str:
    if not node[2]:
        return rf"\{node[1]}"
    inner = ", ".join(_latex(a, 0) for a in node[2])
    if node[1] == "exp":
        if node[2][0] == ("number", 1):
            return "e"
        return rf"e^{{{inner}}}" if width(inner) <= 16 and r"\frac" not in inner else rf"\exp\left({inner}\right)"
    if node[1] == "sqrt":
        return rf"\sqrt{{{inner}}}"
    return rf"\left|{inner}\right|" if node[1] == "abs" else rf"\{node[1]}{_wrap(inner, True)}"


def _power_latex(node: Node, tight: int) -> str:
    base, exponent = node[1], _latex(node[2], 0)
    if exponent == "1":
        return _latex(base, tight)
    text = _latex(base, 3)
    if base[0] == "call" and base[1] in ("sin", "cos", "tan", "log"):
        name = rf"\{base[1]}"
        return f"{name}^{{{exponent}}}{text.removeprefix(name)}"
    return f"{_wrap(text, (base[0] in ('call', '**') and text != 'e') or text.endswith(chr(39)))}^{{{exponent}}}"


def signed_terms(node: Node, sign: int = 1) -> list[tuple[int, Node]]:
    """Return the terms of a sum with their signs."""
    if node[0] in ("+", "-"):
        left = [] if node[0] == "-" and node[1] == _ZERO else signed_terms(node[1], sign)
        return left + signed_terms(node[2], sign if node[0] == "+" else -sign)
    return [(sign, node)]


def _sum_latex(node: Node) -> str:
    parts = []
    for sign, term in signed_terms(node):
        own, text = _product_latex(term)
        parts.append(("-" if sign * own < 0 else "+", text))
    first = ("-" if parts[0][0] == "-" else "") + parts[0][1]
    return first + "".join(f" {sign} {text}" for sign, text in parts[1:])


def _slashed(node: Node) -> bool:
    """Return whether a quotient is written with a slash, as its two sides are too long for a bar."""
    return max(width(_latex(part, 0)) for part in node[1:]) > _LONG_FRACTION


def _product_latex(node: Node) -> tuple[int, str]:
    """Return the sign and the text of a product or quotient; a factor 1 is not written."""
    if node[0] == "/":
        value = numeric(node)
        if value is not None:
            return (-1 if value < 0 else 1), number_latex(abs(value))
        if _slashed(node):
            return 1, rf"{_latex(node[1], 2)} \,/\, {_latex(node[2], 3)}"
        top_sign, top = (1, _latex(node[1], 0)) if node[1][0] in ("+", "-", "sum") else _product_latex(node[1])
        return top_sign, rf"\frac{{{top}}}{{{_latex(node[2], 0)}}}"
    sign, coefficient = 1, Fraction(1)
    words: list[str] = []
    factors = _factors(node)
    for factor in factors:
        while factor[0] == "-" and factor[1] == _ZERO and numeric(factor) is None:
            sign, factor = -sign, factor[2]
        value = numeric(factor)
        if value is not None:
            coefficient *= value
        elif factor[0] == "/":
            own, text = _product_latex(factor)
            sign *= own
            words.append(_wrap(text, _slashed(factor)))
        else:
            # one term of a sum needs no brackets when it is no sum itself
            words.append(_latex(factor, 2 if len(factors) > 1 or factor[0] in ("+", "-") else 1))
    if coefficient < 0:
        sign, coefficient = -sign, -coefficient
    if coefficient != 1 or not words:
        words.insert(0, number_latex(coefficient))
    text = words[0]
    for word in words[1:]:
        text += rf" \cdot {word}" if word[:1].isdigit() or word.startswith(r"\tfrac") else f" {word}"
    return sign, text


def _factors(node: Node) -> list[Node]:
    return _factors(node[1]) + _factors(node[2]) if node[0] == "*" else [node]


def numeric(node: Node) -> Fraction | None:
    """Return the value of a number, negative number or quotient of numbers, else None."""
    if node[0] == "number":
        return Fraction(node[1])
    if node[0] == "-" and node[1] == _ZERO:
        inner = numeric(node[2])
        return None if inner is None else -inner
    if node[0] == "/":
        a, b = numeric(node[1]), numeric(node[2])
        return a / b if a is not None and b else None
    return None


def _wrap(text: str, needed: bool) -> str:
    if not needed:
        return text
    # what is tall gets tall brackets; the others stay apart, so that a line may break between them
    tall = any(word in text for word in (r"\frac", r"\sum", r"\left"))
    return rf"\left({text}\right)" if tall else f"({text})"
