import re
from xml.etree import ElementTree

import pytest

from checks.report.errors import MathError
from checks.report.mathml import mathml
from checks.report.mathtext import Kind, split, tex_escape, text_html, text_plain, text_tex
from checks.report.oneline import plain

FORMULAS = [
    r"a<b",
    r"\frac{1}{m}\sum_{i=1}^m \ell(w;a_i)",
    r"\lVert w_t\rVert^2 \le 1+\eta/4",
    r"\begin{aligned} a&=b\\ c&=d\end{aligned}",
    r"\begin{cases}1 & x>0\\0 & x\le 0\end{cases}",
    r"\mathbb{E}[X_{t+1}\mid F_t]",
    r"\text{if } a \& b",
    r"\left|c_t(i)\right| < 1",
    r"\limsup_{t\to\infty} R_t = \infty",
]


@pytest.mark.parametrize("tex", FORMULAS)
@pytest.mark.parametrize("display", [False, True])
def test_formula_becomes_well_formed_mathml(tex: str, display: bool) -> None:
    root = ElementTree.fromstring(mathml(tex, display=display))
    assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
    assert root.get("display") == ("block" if display else "inline")


@pytest.mark.parametrize(
    "tex",
    [
        "",
        " ",
        r"\frac{1",
        "a}",
        r"\frac{1}",
        r"\unknowncommand x",
        "a & b",
        "x^2^3",
        r"\left(",
        r"\input{x}",
        r"\href{u}{x}",
    ],
)
def test_what_mathml_would_misrepresent_is_an_error(tex: str) -> None:
    with pytest.raises(MathError):
        mathml(tex)


def test_failed_formula_is_shown_as_code_and_escaped() -> None:
    assert text_html(r"$\oops<b>$") == r'<code class="tex">\oops&lt;b&gt;</code>'


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", r"$\text{<script>alert(1)</script>}$", r"$\mathrm{</math><script>}$"],
)
def test_hostile_text_opens_no_element(hostile: str) -> None:
    written = str(text_html(hostile))
    assert "<script" not in written
    assert "</math><" not in written


def test_less_than_inside_dollars_stays_mathematics() -> None:
    root = ElementTree.fromstring(str(text_html("$a<b$")))
    assert "".join(root.itertext()) == "a<b"


def test_split_keeps_text_inline_and_display_apart() -> None:
    kinds = [(s.kind, s.text) for s in split(r"If $x$ then \[ y \] or $$z$$, for \$5 and a lone $.")]
    assert kinds == [
        (Kind.TEXT, "If "),
        (Kind.INLINE, "x"),
        (Kind.TEXT, " then "),
        (Kind.DISPLAY, "y"),
        (Kind.TEXT, " or "),
        (Kind.DISPLAY, "z"),
        (Kind.TEXT, ", for $5 and a lone $."),
    ]


def test_row_break_with_space_does_not_open_a_display() -> None:
    (only,) = split(r"\[ \begin{aligned} a \\[2pt] b \end{aligned} \]")
    assert only.kind is Kind.DISPLAY


@pytest.mark.parametrize(
    ("tex", "line"),
    [
        (r"\lVert w_t\rVert^2 \le 1 + \frac{\eta}{4}", "‖w_t‖² ≤ 1 + η/4"),
        (r"\frac{m-1}{2m}", "(m − 1)/(2m)"),
        (r"\frac{(1+x)(2+y)}{2}", "((1 + x)(2 + y))/2"),
        (r"-x = -\eta", "−x = −η"),
        (r"\max_i |c_t(i)|", "max_i |c_t(i)|"),
        (r"x_{10}^{-2}", "x₁₀⁻²"),
        (r"\oops", r"\oops"),
    ],
)
def test_formula_on_one_line(tex: str, line: str) -> None:
    assert plain(tex) == line


def test_text_for_a_terminal_has_no_dollars() -> None:
    assert text_plain(r"for $\eta > 0$ only") == "for η > 0 only"


# Every printable ASCII character, and what verdicts use beyond it, is either itself or a known command.
def test_tex_escape_leaves_no_active_character() -> None:
    escaped = tex_escape("".join(map(chr, range(32, 127))))
    stripped = re.sub(r"\\[A-Za-z]+\{\}|\\[{}$&#%_]", "", escaped)
    assert not set(stripped) & set("\\{}$&#%_^~<>|\"'`")


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("c_{t+1}(i)", r"c\_\{t+1\}(i)"),
        ("a<b", r"a\textless{}b"),
        ("S^+", r"S\textasciicircum{}+"),
        ("[n]\\B", r"[n]\textbackslash{}B"),
        ("ψ ≤ 1", r"\ensuremath{\psi} \ensuremath{\le} 1"),
        ("Lyapunov’s naïve", "Lyapunov's naïve"),
        ("x²₁", r"x\textsuperscript{2}\textsubscript{1}"),
        ("语\x07", "[U+8BED][U+0007]"),
    ],
)
def test_tex_escape(text: str, tex: str) -> None:
    assert tex_escape(text) == tex


def test_tex_text_passes_mathematics_through_and_disarms_commands() -> None:
    assert text_tex(r"50% of $\eta_t$ and \[x<y\]") == r"50\% of $\eta_t$ and \[x<y\]"
    assert text_tex(r"$\input{secret}$") == r"\texttt{\textbackslash{}input\{secret\}}"
    assert text_tex("$η$") == r"${\eta}$"
