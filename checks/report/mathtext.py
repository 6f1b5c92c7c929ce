r"""Text that holds mathematics: split it, and write it for HTML, for TeX and for a terminal.

Verdicts carry mathematics between ``$...$`` (inline), and derivations also displayed as ``\[...\]``;
everything else is plain text, which is escaped here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

from markupsafe import Markup, escape

from checks.report.breaking import breakable
from checks.report.errors import MathError
from checks.report.mathml import check_source, mathml
from checks.report.oneline import plain


class Kind(Enum):
    """What a stretch of text is."""

    TEXT = "text"
    INLINE = "inline mathematics"
    DISPLAY = "displayed mathematics"


@dataclass(frozen=True)
class Segment:
    """A stretch of text of one kind; mathematics stands without its delimiters."""

    kind: Kind
    text: str


_MATHEMATICS = re.compile(
    r"(?<!\\)\$\$(?P<dollars>.+?)(?<!\\)\$\$"
    r"|(?<!\\)\\\[(?P<display>.+?)\\\]"
    r"|(?<!\\)\\\((?P<inline>.+?)\\\)"
    r"|(?<!\\)\$(?P<dollar>.+?)(?<!\\)\$",
    flags=re.DOTALL,
)

_TEX_SPECIALS = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
}

_TEX_SYMBOLS = dict(
    pair.split()
    for pair in r"""
    α \alpha;β \beta;γ \gamma;δ \delta;ε \varepsilon;ϵ \epsilon;ζ \zeta;η \eta;θ \theta;ι \iota;κ \kappa
    λ \lambda;μ \mu;ν \nu;ξ \xi;π \pi;ρ \rho;σ \sigma;τ \tau;υ \upsilon;φ \varphi;ϕ \phi;χ \chi;ψ \psi
    ω \omega;ς \varsigma;ϑ \vartheta;ο o;Γ \Gamma;Δ \Delta;Θ \Theta;Λ \Lambda;Ξ \Xi;Π \Pi;Σ \Sigma
    Υ \Upsilon;Φ \Phi;Ψ \Psi;Ω \Omega;µ \mu;∆ \Delta;≤ \le;≥ \ge;≠ \ne;≈ \approx;≡ \equiv;∼ \sim
    ≃ \simeq;≅ \cong;∝ \propto;≪ \ll;≫ \gg;≲ \lesssim;≳ \gtrsim;∈ \in;∉ \notin;⊂ \subset;⊆ \subseteq
    ⊃ \supset;⊇ \supseteq;∪ \cup;∩ \cap;∅ \emptyset;∖ \setminus;⊥ \perp;∥ \parallel;∀ \forall;∃ \exists
    ¬ \neg;∧ \wedge;∨ \vee;⇒ \Rightarrow;⇐ \Leftarrow;⇔ \Leftrightarrow;→ \to;← \leftarrow
    ↔ \leftrightarrow;↦ \mapsto;↓ \downarrow;↑ \uparrow;∑ \sum;∏ \prod;∫ \int;√ \surd;∂ \partial
    ∇ \nabla;∞ \infty;± \pm;∓ \mp;× \times;· \cdot;⋅ \cdot;∘ \circ;⊗ \otimes;⊕ \oplus;⊙ \odot;− -
    ′ ^{\prime};″ ^{\prime\prime};⟨ \langle;⟩ \rangle;⌊ \lfloor;⌋ \rfloor;⌈ \lceil;⌉ \rceil;‖ \Vert
    ∣ \mid;ℓ \ell;ℝ \mathbb{R};ℕ \mathbb{N};ℤ \mathbb{Z};ℚ \mathbb{Q};ℂ \mathbb{C};𝔼 \mathbb{E}
    ℙ \mathbb{P};✓ \checkmark;✗ \times;□ \square;∎ \blacksquare;⊤ \top;∗ \ast;≔ :=;… \ldots;⋯ \cdots
    † \dagger;° ^{\circ};÷ \div
    """.replace("\n", ";").split(";")
    if pair.strip()
)
_TEX_TEXT = {
    "–": "--",
    "—": "---",
    "‘": "`",
    "’": "'",
    "“": "``",
    "”": "''",
    "\u00a0": "~",
    "\u2009": r"\,",
    "\u2006": r"\,",
    "\t": " ",
}
# Letters beyond Latin-1 that the T1 encoding has; the rest of Latin Extended-A is built from accents.
_TEX_LETTERS = frozenset("ĂăĄąĆćČčĎďĐđĘęĚěĞğİıĲĳĹĺĽľŁłŃńŇňŊŋŐőŒœŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž")
_TEX_ACCENTS = {
    "\u0300": "`",
    "\u0301": "'",
    "\u0302": "^",
    "\u0303": "~",
    "\u0304": "=",
    "\u0306": "u",
    "\u0307": ".",
    "\u0308": '"',
    "\u030a": "r",
    "\u030b": "H",
    "\u030c": "v",
    "\u0327": "c",
    "\u0328": "k",
}


def split(text: str) -> tuple[Segment, ...]:
    r"""Split ``text`` at its mathematics; a single dollar sign, and ``\$``, is text.

    Examples
    --------
    >>> [segment.text for segment in split(r"If $\eta \le 1/5$, then")]
    ['If ', '\\eta \\le 1/5', ', then']
    """
    segments: list[Segment] = []
    end = 0
    for found in _MATHEMATICS.finditer(text):
        if found.start() > end:
            segments.append(Segment(Kind.TEXT, text[end : found.start()].replace(r"\$", "$")))
        group = found.lastgroup or ""
        kind = Kind.DISPLAY if group in ("dollars", "display") else Kind.INLINE
        segments.append(Segment(kind, found.group(group).strip()))
        end = found.end()
    if end < len(text):
        segments.append(Segment(Kind.TEXT, text[end:].replace(r"\$", "$")))
    return tuple(segments)


def math_html(tex: str, *, display: bool = False) -> Markup:
    """Return LaTeX mathematics as MathML, or the source in ``<code>`` where there is no faithful MathML."""
    try:
        return Markup(mathml(tex, display=display))
    except MathError:
        return Markup('<code class="tex">{}</code>').format(tex)


def text_html(text: str) -> Markup:
    """Return text as HTML: words escaped, mathematics as MathML."""
    return Markup("").join(
        escape(segment.text)
        if segment.kind is Kind.TEXT
        else math_html(segment.text, display=segment.kind is Kind.DISPLAY)
        for segment in split(text)
    )


def text_plain(text: str) -> str:
    """Return text for a terminal: mathematics on one line of Unicode; a display on a line of its own."""
    written = []
    for segment in split(text):
        match segment.kind:
            case Kind.TEXT:
                written.append(segment.text)
            case Kind.INLINE:
                written.append(plain(segment.text))
            case Kind.DISPLAY:
                written.append(f"\n    {plain(segment.text)}\n")
    return "".join(written)


def tex_escape(text: str) -> str:
    r"""Return plain text as TeX that prints it as it stands.

    What the fonts of a small TeX installation lack is printed as its code point.

    Examples
    --------
    >>> print(tex_escape("c_{t+1}(i) <= 5% & λ"))
    c\_\{t+1\}(i) \textless{}= 5\% \& \ensuremath{\lambda}
    """
    return "".join(_tex_character(c) for c in unicodedata.normalize("NFC", text))


def tex_math(tex: str) -> str:
    r"""Return LaTeX mathematics with its Unicode letters as commands.

    Raises
    ------
    MathError
        If the source is no formula that TeX can be handed (unbalanced braces, ``\input``, ...).
    """
    check_source(tex)
    return "".join(c if c.isascii() else _math_character(c) for c in tex)


def text_tex(text: str) -> str:
    """Return text as TeX: words escaped, mathematics passed through; what is no formula is set as code."""
    return "".join(
        tex_escape(segment.text) if segment.kind is Kind.TEXT else _tex_segment(segment) for segment in split(text)
    )


def text_bookmark(text: str) -> str:
    """Return text for a PDF bookmark: plain ASCII words, escaped; a Greek letter becomes its name."""
    letters = []
    for c in text_plain(text):
        name = _TEX_SYMBOLS.get(c, "").strip("\\{}^")
        letters.append(c if c.isascii() else name or unicodedata.normalize("NFKD", c))
    return tex_escape("".join(letters).encode("ascii", "ignore").decode())


def _tex_segment(segment: Segment) -> str:
    try:
        source = tex_math(segment.text)
    except MathError:
        return f"\\texttt{{{tex_escape(segment.text)}}}"
    return f"\\[{source}\\]" if segment.kind is Kind.DISPLAY else f"${breakable(source)}$"


def _math_character(c: str) -> str:
    return f"{{{_TEX_SYMBOLS[c]}}}" if c in _TEX_SYMBOLS else f"\\text{{{_tex_character(c)}}}"


def _tex_character(c: str) -> str:
    if c in _TEX_SPECIALS:
        return _TEX_SPECIALS[c]
    if c in _TEX_SYMBOLS:
        return f"\\ensuremath{{{_TEX_SYMBOLS[c]}}}"
    if c in _TEX_TEXT:
        return _TEX_TEXT[c]
    if c.isascii() and (c.isprintable() or c == "\n"):
        return c
    if "\u00c0" <= c <= "\u00ff" or c in _TEX_LETTERS:
        return c
    base, accent = unicodedata.normalize("NFD", c)[:1], unicodedata.normalize("NFD", c)[1:]
    if base.isascii() and base.isalpha() and accent in _TEX_ACCENTS:
        return f"\\{_TEX_ACCENTS[accent]}{{{base}}}"
    simpler = unicodedata.normalize("NFKD", c)
    if simpler.isascii() and simpler.isprintable():
        if unicodedata.decomposition(c).startswith("<super>"):
            return f"\\textsuperscript{{{simpler}}}"
        if unicodedata.decomposition(c).startswith("<sub>"):
            return f"\\textsubscript{{{simpler}}}"
        return "".join(_TEX_SPECIALS.get(letter, letter) for letter in simpler)
    return f"[U+{ord(c):04X}]"
