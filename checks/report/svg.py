"""SVG figures of evidence, made fit to stand inside a page: nothing that runs, loads or clashes."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from markupsafe import Markup

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_DRAWING = frozenset(
    _SVG + tag
    for tag in [
        "svg",
        "g",
        "defs",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "use",
        "clipPath",
        "mask",
        "marker",
        "symbol",
        "title",
        "desc",
        "linearGradient",
        "radialGradient",
        "stop",
        "pattern",
    ]
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*>", flags=re.IGNORECASE)
_LOADING = re.compile(r"url\(\s*(?!['\"]?#)|@import|javascript:|\\", flags=re.IGNORECASE)
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^'\")\s]*)['\"]?\s*\)")


def embed(text: str, prefix: str) -> Markup:
    """Return an SVG document as an ``<svg>`` element for an HTML page.

    Kept are the elements that draw. Left out are scripts, event handlers, style sheets (they would reach the
    whole page), metadata, foreign content, images, and every reference that is not to the figure itself. Ids
    get a prefix, as two figures of one page may use the same. A text that is no SVG is shown as code.

    Parameters
    ----------
    text
        The SVG document.
    prefix
        A name for this figure, unlike that of every other figure of the page.
    """
    document = _DOCTYPE.sub("", text, count=1)
    try:
        if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[", "", document, flags=re.DOTALL):
            raise ElementTree.ParseError("declares entities")
        root = ElementTree.fromstring(document)
        if root.tag != f"{_SVG}svg":
            raise ElementTree.ParseError(f"its root is <{root.tag}>")
    except ElementTree.ParseError as error:
        return Markup('<p class="note">A figure that is no SVG ({}):</p><pre>{}</pre>').format(str(error), text[:2000])
    copy = _copied(root, prefix)
    copy.set("role", "img")
    # matplotlib says this in a style sheet, which is left out
    copy.set("stroke-linejoin", "round")
    if "viewBox" in copy.attrib:
        copy.attrib.pop("height", None)
    return Markup(ElementTree.tostring(copy, encoding="unicode", short_empty_elements=True))


def _copied(element: ElementTree.Element, prefix: str) -> ElementTree.Element:
    copy = ElementTree.Element(element.tag.removeprefix(_SVG))
    for raw, value in element.attrib.items():
        name = "href" if raw == _LINK else raw
        if name == "id":
            copy.set("id", f"{prefix}-{value}")
        elif name.lower() == "href":
            if value.startswith("#"):
                copy.set("href", f"#{prefix}-{value[1:]}")
        elif _harmless(name) and not _LOADING.search(value):
            copy.set(name, _REFERENCE.sub(f"url(#{prefix}-\\1)", value))
    copy.text, copy.tail = element.text, element.tail
    drawn = [child for child in element if child.tag in _DRAWING]
    copy.extend([_copied(child, prefix) for child in drawn])
    return copy


def _harmless(name: str) -> bool:
    """Return whether an attribute of this name may stay; HTML does not tell capitals apart."""
    return name.isascii() and not name.lower().startswith(("{", "on", "src"))
