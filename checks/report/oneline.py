"""MathML to one line of Unicode, for the terminal: scripts after ``_`` and ``^``, fractions with a slash."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from checks.report.errors import MathError
from checks.report.mathml import BLANKS, tree

_LARGE = "\u2005"  # behind a sum's sign, while a line is written
_FUNCTIONS = ("max ", "min ", "log ", "exp ", "sin ", "cos ", "tan ", "sup ", "inf ")
_SPACED = frozenset("=≠<>≤≥≈∼≃≅≡∝≲≳→←↔⇒⇐⇔↦∈∉⊂⊆⊃⊇≪≫≔+−-±∓×∖⧵∧∨∪∩∣⟶⟹⟺") | {"mod"}
_SUPERSCRIPTS = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_SUBSCRIPTS = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_ACCENTS = {
    "~": "\u0303",
    "˜": "\u0303",
    "^": "\u0302",
    "ˆ": "\u0302",
    "¯": "\u0304",
    "―": "\u0304",
    "˙": "\u0307",
}


def plain(tex: str) -> str:
    r"""Return ``tex`` as one line of Unicode, or the source itself where that fails.

    Examples
    --------
    >>> plain(r"\lVert w_t\rVert^2 \le 1 + \frac{\eta}{4}")
    '‖w_t‖² ≤ 1 + η/4'
    """
    try:
        line = re.sub(rf"[ {BLANKS}]+", " ", _linear(tree(tex))).strip()
    except MathError:
        return tex.strip()
    line = re.sub(r"(?<=[(\[{]) | (?=[)\]},;²³⁰¹⁴-⁹])", "", line)
    return re.sub(r"(^|[(\[{,;/]|[=<>≤≥≈∈] ) ?([−+-]) ", r"\1\2", line)


def _linear(element: ElementTree.Element) -> str:
    """Write a tree on one line: scripts after ``_`` and ``^``, fractions with a slash."""
    parts = [_linear(child) for child in element]
    match element.tag:
        case "mi" | "mn" | "mtext":
            text = element.text or ""
            return f"{text} " if element.tag == "mi" and len(text) > 1 else text
        case "mo":
            return _operator(element.text or "")
        case "mspace":
            return " "
        case "mfrac":
            return f"{_grouped(parts[0])}/{_factor(parts[1])} "
        case "msqrt":
            return f"√{_factor(''.join(parts))}"
        case "mroot":
            return f"{_grouped(parts[0])}^(1/{parts[1]})"
        case "msup":
            return f"{parts[0].strip()}{_raised(parts[1])}"
        case "msub" | "munder":
            return f"{parts[0].strip()}{_lowered(parts[1])}{_after(parts[0])}"
        case "msubsup" | "munderover":
            space = _after(parts[0])
            return f"{parts[0].strip()}{_lowered(parts[1])}{_raised(parts[2])}{space}"
        case "mover":
            accent = _ACCENTS.get(parts[1].strip())
            return parts[0].strip() + accent if accent else f"{parts[0]}^{parts[1].strip()}"
        case "mtr":
            return " ".join(re.sub(r"^([−+-]) ", r"\1", part.strip()) for part in parts) + "; "
        case "mtable":
            return "".join(parts).removesuffix("; ")
        case _:
            return _joined(element, parts)


def _joined(element: ElementTree.Element, parts: list[str]) -> str:
    """Join the parts of a row.

    A fraction after another factor gets a dot, so that x · 1/y is not x1/y; a word after one gets a space; a function
    stands close to its bracket.
    """
    line = ""
    for child, part in zip(element, parts, strict=True):
        leaf = _first(child)
        last = line.rstrip()[-1:]
        factor = (last.isalnum() or last in tuple(")]}²³′")) and not line.endswith(_LARGE)
        if leaf.tag == "mfrac" and factor and part[:1] not in "√(":
            line = f"{line.rstrip()} · {part}"
        elif factor and line[-1] != " " and leaf.tag in ("mi", "mo") and len(leaf.text or "") > 1:
            line += part if part.startswith(" ") else f" {part}"
        elif part.startswith("(") and line.endswith(_FUNCTIONS):
            line = line.rstrip() + part
        else:
            line += part
        if leaf.text in tuple("∑∏∫"):
            line = line.rstrip() + _LARGE
    return line.replace(_LARGE, " ")


def _first(element: ElementTree.Element) -> ElementTree.Element:
    """Return what a part begins with: the base of scripts, the only part of a style."""
    while element.tag in ("mstyle", "msub", "msup", "msubsup", "munder", "munderover") and len(element):
        element = element[0]
    return element


def _after(base: str) -> str:
    """A sum or a named operator (max, lim) is followed by a space; a letter is not."""
    return " " if base.strip() in tuple("∑∏∫") or len(base.strip()) > 2 else ""


def _operator(text: str) -> str:
    if text in _SPACED:
        return f" {text} "
    return f"{text} " if text in (",", ";", ":") or len(text) > 1 else text


def _grouped(text: str) -> str:
    """Put brackets around what is not a single symbol or already bracketed as a whole."""
    text = text.strip()
    return text if re.fullmatch(r"[\w^.√‖|∂]+|\([^()]*\)", text) else f"({text})"


def _factor(text: str) -> str:
    """Put brackets around a denominator or radicand that is more than one symbol or number: 1/(2m) is not 1/2 m."""
    text = text.strip()
    return text if re.fullmatch(r"\d+|∂?\w(?:_\w)?[¹²³⁴-⁹₀-₉]*|\([^()]*\)", text) else f"({text})"


def _raised(text: str) -> str:
    text = re.sub(r"\s", "", text).replace("−", "-")
    if set(text) <= {"′"}:
        return text
    return text.translate(_SUPERSCRIPTS) if re.fullmatch(r"[+-]?\d+", text) else f"^{_braced(text)}"


def _lowered(text: str) -> str:
    text = re.sub(r"\s", "", text).replace("−", "-")
    return text.translate(_SUBSCRIPTS) if re.fullmatch(r"[+-]?\d+", text) else f"_{_braced(text)}"


def _braced(text: str) -> str:
    return text if len(text) <= 1 else f"{{{text}}}"
