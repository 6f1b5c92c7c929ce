r"""LaTeX mathematics to MathML, for the page.

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
BLANKS = "\u00a0\u2006\u2009"
_OPENING = "⟨⌊⌈⟦"
_CLOSING = "⟩⌋⌉⟧"
_ORDINARY = "∞∅∂∇∀∃¬"
_UPRIGHT = {"mathvariant": "normal"}

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
        copy.text = "".join(c for c in text if c.isprintable() or c in BLANKS)
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
