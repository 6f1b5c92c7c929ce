import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from checks.report import Section, TexError, TexMissing, compile_pdf, write_appendix
from checks.verdict import Evidence, Ledger, Status

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX installation")

MODELS = (
    Section(
        "The map $w \\mapsto w'$",
        (r"With $\eta>0$: \[ L(w) = \frac1m\sum_{i=1}^m \ell(w;a_i). \] 50% & more_or_less.",),
    ),
)
HOSTILE = "\\input{/etc/x} 100% $ & # ~ ^ _ { } < > | ` ' \" \\ é ≤ η 语 ∑ x² \x07 ‘q’ –"


def test_mathematics_passes_and_text_is_escaped(ledger: Ledger, tmp_path: Path) -> None:
    tex = write_appendix(ledger, MODELS, tmp_path)
    assert tex == tmp_path / "appendix.tex"
    text = tex.read_text(encoding="utf-8")
    assert r"\[L(w) = \frac1m\sum_{i=1}^m \ell(w;a_i).\]" in text
    assert r"50\% \& more\_or\_less." in text
    assert r"c\_\{t+1\}(i)\allowbreak{}=\allowbreak{}c\_t(i)" in text
    assert r"||" not in re.sub(r"\$.*?\$", "", text)


def test_refuted_and_undecided_are_boxed_and_proved_is_not(ledger: Ledger, tmp_path: Path) -> None:
    text = write_appendix(ledger, (), tmp_path / "a.tex").read_text(encoding="utf-8")
    boxed = set(re.findall(r"\\fcolorbox\{(\w+)\}", text))
    assert boxed == {"refuted", "refutedstatistically", "undecided"}


def test_the_same_ledger_gives_the_same_text(ledger: Ledger, tmp_path: Path) -> None:
    one = write_appendix(ledger, MODELS, tmp_path / "a" / "x.tex").read_bytes()
    assert one == write_appendix(ledger, MODELS, tmp_path / "b" / "x.tex").read_bytes()


def test_plots_become_files_beside_the_text(ledger: Ledger, tmp_path: Path) -> None:
    text = write_appendix(ledger, (), tmp_path / "a.tex").read_text(encoding="utf-8")
    (name,) = re.findall(r"\\includegraphics\[.*?\]\{(.*?)\}", text)
    assert (tmp_path / name).read_bytes().startswith(b"%PDF")


def test_missing_tex_says_what_to_install(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tex = write_appendix(ledger, (), tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TexMissing, match=r"apt install texlive-latex-recommended .* lmodern") as caught:
        compile_pdf(tex)
    assert f"{tex} was kept" in str(caught.value)
    assert tex.exists()


@needs_tex
def test_appendix_compiles_without_overfull_lines(ledger: Ledger, tmp_path: Path) -> None:
    pdf = compile_pdf(write_appendix(ledger, MODELS, tmp_path))
    assert pdf.read_bytes().startswith(b"%PDF")
    log = (tmp_path / "appendix.log").read_text(encoding="utf-8", errors="replace")
    assert "Overfull" not in log
    assert "undefined" not in log
    assert "Token not allowed in a PDF string" not in log


@needs_tex
def test_hostile_text_compiles(ledger: Ledger, tmp_path: Path) -> None:
    evidence = Evidence(
        part=HOSTILE,
        status=Status.REFUTED,
        method=HOSTILE,
        statement=r"\write18{x} \oops{",
        detail=(HOSTILE, "$a<b$, $η ≤ \\text{é}$"),
        counterexample={HOSTILE: HOSTILE},
        data={
            "table": {"columns": [HOSTILE], "rows": [[HOSTILE]] * 50},
            "plot": {"kind": HOSTILE},
            HOSTILE: 1,
        },
    )
    odd = replace(
        ledger.verdicts[1],
        paper="p&q", id="L_1 #", title=HOSTILE, where=HOSTILE, kind=HOSTILE, scope=HOSTILE,
        method=HOSTILE, claim_text=f"{HOSTILE}\n\n{HOSTILE}", evidence=(evidence,), depends_on=(HOSTILE,),
        counterexample={HOSTILE: HOSTILE}, repair=HOSTILE, reason=HOSTILE, derivation=(HOSTILE,),
        sharp={"status": "bracket", "value": HOSTILE, "interval": ["1/5", HOSTILE], "attained": True},
    )  # fmt: skip
    section = Section(HOSTILE, (HOSTILE,))
    assert compile_pdf(write_appendix(Ledger({HOSTILE: HOSTILE}, (odd,)), (section,), tmp_path)).exists()


@needs_tex
def test_every_escaped_character_is_one_that_tex_sets(ledger: Ledger, tmp_path: Path) -> None:
    from checks.report.mathtext import _TEX_SYMBOLS, _TEX_TEXT

    every = "".join(map(chr, range(32, 0x180))) + "".join(_TEX_SYMBOLS) + "".join(_TEX_TEXT)
    odd = replace(ledger.verdicts[7], claim_text=every, title=every, reason="$" + "".join(_TEX_SYMBOLS) + "$")
    assert compile_pdf(write_appendix(Ledger({}, (odd,)), (), tmp_path)).exists()


@needs_tex
def test_an_error_of_tex_is_shown(ledger: Ledger, tmp_path: Path) -> None:
    odd = replace(ledger.verdicts[0], derivation=(r"$\mystery$",))
    tex = write_appendix(Ledger({}, (odd,)), (), tmp_path)
    with pytest.raises(TexError, match=r"appendix\.tex:\d+: Undefined control sequence") as caught:
        compile_pdf(tex)
    assert r"\mystery" in str(caught.value)
    assert tex.exists()
