r"""Long formulas for TeX, rewritten so that a line may break inside them.

TeX breaks a formula in a line only at operators that stand outside every pair of ``\left`` and ``\right`` and every
fraction.
"""

from __future__ import annotations

import re

from checks.wording.notation import width

LONG = 52  # letters of a formula that fit a line comfortably; a side of a fraction gets half of them
_OPENING = re.compile(r"\\[{}]|(?:\\[td]?(frac|sqrt)(?![A-Za-z]))?\{")


def breakable(tex: str, letters: int = LONG) -> str:
    r"""Return a formula with brackets of fixed size, and with a slash for the bar of a long fraction.

    A formula of at most so many letters, and one with an alignment, stays as it is.

    Examples
    --------
    >>> breakable(r"\left(x\right)^{2}")
    '\\left(x\\right)^{2}'
    """
    if width(tex) <= letters or r"\begin" in tex:
        return tex
    tex = _slashes(tex, letters // 2)
    tex = re.sub(r"\\left(?![A-Za-z])\s*", lambda _: r"\bigl", tex)
    return re.sub(r"\\right(?![A-Za-z])\s*", lambda _: r"\bigr", tex)


def _slashes(tex: str, letters: int) -> str:
    """Write long fractions and roots that stand in no other group with a slash and a power."""
    written, at = "", 0
    while (found := _OPENING.search(tex, at)) is not None:
        if found[0] in (r"\{", r"\}"):
            written, at = written + tex[at : found.end()], found.end()
            continue
        inner, end = _group(tex, found.end() - 1)
        under, last = _group(tex, end) if found[1] == "frac" and tex[end : end + 1] == "{" else ("", end)
        piece = tex[found.start() : last]
        if max(width(inner), width(under)) > letters:
            if found[1] == "frac" and under:
                piece = rf"({_slashes(inner, letters)})\,/\,({_slashes(under, letters)})"
            elif found[1] == "sqrt":
                piece = rf"\left({_slashes(inner, letters)}\right)^{{1/2}}"
        written, at = written + tex[at : found.start()] + piece, last
    return written + tex[at:]


def _group(tex: str, start: int) -> tuple[str, int]:
    """Return what stands in the braces that open at ``start``, and where they end."""
    depth = 0
    for found in re.compile(r"\\.|[{}]", re.DOTALL).finditer(tex, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return tex[start + 1 : found.start()], found.end()
    return tex[start + 1 :], len(tex)
