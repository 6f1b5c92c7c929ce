r"""LaTeX mathematics to MathML for the page, and to one line of Unicode for the terminal.

The conversion is that of ``latex2mathml``; what it leaves behind is judged here. It prints an unknown command
as text, drops missing arguments and does not escape what stands in ``\text{...}``; so its tree is
rebuilt from a list of allowed elements and attributes, and a tree that misrepresents its source is an error.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from xml.etree import ElementTree

from latex2mathml.converter import Converter

from checks.report.errors import MathError

_ELEMENTS = frozenset(
    [
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "mtext",
        "mspace",
        "mfrac",
        "msqrt",
        "mroot",
        "msub",
        "msup",
        "msubsup",
        "munder",
        "mover",
        "munderover",
        "mtable",
        "mtr",
        "mtd",
        "mpadded",
        "mphantom",
        "mstyle",
        "menclose",
    ]
)
_ATTRIBUTES = frozenset(
    [
        "display",
        "displaystyle",
        "stretchy",
        "fence",
        "form",
        "separator",
        "lspace",
        "rspace",
        "mathvariant",
        "linethickness",
        "columnalign",
        "rowspacing",
        "columnspacing",
        "columnlines",
        "rowlines",
        "scriptlevel",
        "width",
        "movablelimits",
        "accent",
        "accentunder",
        "minsize",
        "maxsize",
        "notation",
    ]
)
_ARITY = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_FORBIDDEN = re.compile(
    r"\\(?:input|include|openin|openout|read|write|immediate|catcode|def|edef|gdef|xdef|let|csname|expandafter|"
    r"newcommand|renewcommand|newenvironment|usepackage|special|href|url|loop|end(?:input|csname))(?![A-Za-z])"
)
_ENVIRONMENTS = {
    "aligned": "align*",
    "alignat*": "align*",
    "align": "align*",
    "gathered": "matrix",
    "gather*": "matrix",
    "gather": "matrix",
}
_LENGTH = re.compile(r"-?\d*\.?\d+(?:em|ex|px|pt)?")
_BLANKS = "\u00a0\u2006\u2009"
_OPENING = "⟨⌊⌈⟦"
_CLOSING = "⟩⌋⌉⟧"
_ORDINARY = "∞∅∂∇∀∃¬"
_LARGE = "\u2005"  # behind a sum's sign, while a line is written
_FUNCTIONS = ("max ", "min ", "log ", "exp ", "sin ", "cos ", "tan ", "sup ", "inf ")
_UPRIGHT = {"mathvariant": "normal"}
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

ElementTree.register_namespace("", "http://www.w3.org/1998/Math/MathML")


def check_source(tex: str) -> None:
    """Refuse LaTeX that is empty, unbalanced, or does more than show a formula.

    Raises
    ------
    MathError
        The message names what was found.
    """
    if not tex.strip():
        raise MathError("no mathematics between the delimiters")
    if found := _FORBIDDEN.search(tex):
        raise MathError(f"{found.group()} does not belong in a formula: {tex!r}")
    depth = 0
    for token in re.findall(r"\\.|[{}]", tex, flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if depth < 0:
            raise MathError(f"a closing brace has no opening one: {tex!r}")
    if depth:
        raise MathError(f"{depth} opening brace(s) have no closing one: {tex!r}")


def tree(tex: str, *, display: bool = False) -> ElementTree.Element:
    """Return the MathML tree of ``tex`` (LaTeX mathematics without delimiters).

    Raises
    ------
    MathError
        If the source is no formula, or the tree would not say what the source says.
    """
    check_source(tex)
    for name, known in _ENVIRONMENTS.items():
        tex = tex.replace(f"{{{name}}}", f"{{{known}}}")
    try:
        root = Converter(display="block" if display else "inline").convert_to_element(tex)
    except Exception as error:  # the parser raises whatever its list operations raise
        raise MathError(f"latex2mathml cannot read {tex!r}: {type(error).__name__}") from error
    clean = _rebuilt(root, tex)
    clean.set("xmlns", "http://www.w3.org/1998/Math/MathML")
    return clean


@lru_cache(maxsize=4096)  # a proof repeats its formulas
def mathml(tex: str, *, display: bool = False) -> str:
    """Return ``tex`` as a ``<math>`` element, well formed and free of anything but mathematics."""
    return ElementTree.tostring(tree(tex, display=display), encoding="unicode")


def plain(tex: str) -> str:
    r"""Return ``tex`` as one line of Unicode, or the source itself where that fails.

    Examples
    --------
    >>> plain(r"\lVert w_t\rVert^2 \le 1 + \frac{\eta}{4}")
    '‖w_t‖² ≤ 1 + η/4'
    """
    try:
        line = re.sub(rf"[ {_BLANKS}]+", " ", _linear(tree(tex))).strip()
    except MathError:
        return tex.strip()
    line = re.sub(r"(?<=[(\[{]) | (?=[)\]}²³⁰¹⁴-⁹])", "", line)
    return re.sub(r"(^|[(\[{,;/]|[=<>≤≥≈∈] ) ?([−+-]) ", r"\1\2", line)


def _rebuilt(element: ElementTree.Element, tex: str) -> ElementTree.Element:
    """Copy the allowed part of a tree; entities that the converter left as text become characters."""
    if element.tag not in _ELEMENTS:
        raise MathError(f"<{element.tag}> is no MathML that a report shows: {tex!r}")
    if len(element) != _ARITY.get(element.tag, len(element)):
        raise MathError(f"<{element.tag}> lacks an argument: {tex!r}")
    text = html.unescape(element.text or "")
    if element.tag in ("mi", "mo") and (text.startswith("\\") or element.text == "&"):
        raise MathError(f"{text} is not understood in {tex!r}")
    copy = ElementTree.Element(element.tag)
    for name, value in element.attrib.items():
        if name in _ATTRIBUTES and (name != "width" or _LENGTH.fullmatch(value)):
            copy.set(name, html.unescape(value))
    if element.tag in ("mi", "mo", "mn", "mtext"):
        copy.text = "".join(c for c in text if c.isprintable() or c in _BLANKS)
        _respaced(copy)
    copy.extend([_rebuilt(child, tex) for child in element])
    if copy.tag == "mrow" and len(copy) > 1 and all(c.attrib == _UPRIGHT and len(c.text or "") == 1 for c in copy):
        word = ElementTree.Element("mi")  # a word in upright letters is one identifier
        word.text = "".join(c.text or "" for c in copy)
        return word
    if copy.tag in _LIMITS and copy[0].get("movablelimits") == "true":
        copy.tag = _LIMITS[copy.tag]  # below the operator in a display, beside it in a line
    return copy


def _respaced(token: ElementTree.Element) -> None:
    """Make brackets and separators operators, as the MathML dictionary spaces them."""
    text = token.text or ""
    if token.tag == "mi" and text in tuple(_OPENING + _CLOSING):
        token.tag = "mo"
        token.set("form", "prefix" if text in _OPENING else "postfix")
        token.set("stretchy", "false")
    elif text in ("‖", "|") and "fence" not in token.attrib:
        token.tag = "mo"
        token.attrib.update(lspace="0", rspace="0", stretchy="false")
    elif token.tag == "mi" and _is_operator(text):
        token.tag = "mo"


def _is_operator(text: str) -> bool:
    """Return whether a symbol that the converter took for an identifier is spaced as an operator."""
    if len(text) != 1 or text in _ORDINARY:
        return False
    return unicodedata.category(text) in ("Sm", "Po", "Ps", "Pe")


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
            return " ".join(parts) + "; "
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
    return text if re.fullmatch(r"[\w^.√‖|]+|\([^()]*\)", text) else f"({text})"


def _factor(text: str) -> str:
    """Put brackets around a denominator or radicand that is more than one symbol or number: 1/(2m) is not 1/2 m."""
    text = text.strip()
    return text if re.fullmatch(r"\d+|\w(?:_\w)?[¹²³⁴-⁹₀-₉]*|\([^()]*\)", text) else f"({text})"


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
