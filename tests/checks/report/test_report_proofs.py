"""Certificates as mathematics in the terminal, on the page and in LaTeX."""

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from rich.console import Console

from checks.report import FULL, SHORT, compile_pdf, render_page, write_appendix
from checks.report.breaking import breakable
from checks.report.proofs import argument
from checks.report.terminal import explain
from checks.verdict import Evidence, Ledger, Status, Verdict
from checks.wording import Step, folded, overview, proof
from checks.wording.notation import width

FORMAL = {"form": "forall", "given": ["x >= 0", "y >= 0"], "show": ["sqrt(x*y) <= (x + y)/2"]}
CERTIFICATE = {
    "verdict": "proved",
    "steps": [
        {"kind": "name", "term": "sqrt(x*y)", "as": "r", "by": [
            {"kind": "factors", "factors": [
                {"expression": "x", "by": {"kind": "given"}},
                {"expression": "y", "by": {"kind": "given"}},
            ]},
            {"kind": "deny", "by": [{"kind": "combination", "terms": [
                {"coefficient": "1", "facts": [4, 4]},
                {"coefficient": "1/4", "squares": ["y - x"]},
                {"coefficient": "1", "facts": [0, 4]},
                {"coefficient": "1", "facts": [1, 4]},
                {"coefficient": "1", "facts": [3], "multiplier": "-1"},
            ]}]},
        ]},
    ],
}  # fmt: skip
STEP = proof(FORMAL, CERTIFICATE)
PROVED = Evidence(
    part="means",
    status=Status.PROVED,
    method="sum of nonnegative products",
    statement=r"\sqrt{xy} \le \frac{x+y}{2}",
    formal=FORMAL,
    certificate=CERTIFICATE,
    detail=("Two means.", overview(STEP)),
)


@pytest.fixture
def means(ledger: Ledger) -> Verdict:
    return replace(ledger.verdicts[0], evidence=(PROVED,), derivation=())


def printed(verdict: Verdict, width: int = 100, **how: object) -> str:
    out = Console(file=io.StringIO(), width=width, color_system=None, _environ={})
    explain(verdict, out, **how)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_the_terminal_prints_the_proof_as_a_tree(means: Verdict) -> None:
    text = printed(means)
    assert "√(xy) ≤ (x + y)/2" in text
    assert "Let r = √(xy); then r ≥ 0, r² = xy." in text
    assert "├── the term is defined: xy ≥ 0" in text
    assert "Suppose that r > (x + y)/2." in text
    assert "+ 1/4 (y − x)²" in text
    assert "certificate in the ledger" not in text


@pytest.mark.parametrize("columns", [50, 80, 120])
def test_no_line_of_a_proof_is_wider_than_the_terminal(means: Verdict, columns: int) -> None:
    assert max(map(len, printed(means, columns).splitlines())) <= columns


def test_words_that_the_proof_says_are_not_said_twice(means: Verdict) -> None:
    found = argument(PROVED)
    assert found.detail == ("Two means.",)
    assert found.overview == overview(STEP)
    assert printed(means).count("Proof in") == 0


def long(levels: int) -> Step:
    return Step("rule", parts=(long(levels - 1), Step("leaf"))) if levels else Step("leaf")


def test_a_long_proof_is_cut_and_says_how_to_see_it(means: Verdict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("checks.report.proofs.proof", lambda *_: long(12))
    text = printed(means, hint="type more")
    assert "more steps" in text
    assert "type more" in text
    whole = printed(means, full=True, hint="type more")
    assert "more step" not in whole
    assert "type more" not in whole
    assert whole.count("[leaf]") == 13
    assert folded(long(12), 5, 3).size == long(12).size


def test_the_page_nests_the_steps(means: Verdict) -> None:
    page = ElementTree.fromstring(render_page(Ledger({}, (means,))).strip().removeprefix("<!DOCTYPE html>"))
    (outer,) = [d for d in page.iter("details") if d.get("class") == "proof"]
    assert "".join(outer.find("summary").itertext()) == overview(STEP)
    assert len(list(outer.iter("details"))) == 4
    assert len(list(outer.iter("{http://www.w3.org/1998/Math/MathML}math"))) > 10
    assert not list(outer.iter("code"))


def test_the_appendix_has_the_sum_in_it(means: Verdict, tmp_path: Path) -> None:
    text = write_appendix(Ledger({}, (means,)), (), tmp_path, SHORT).read_text(encoding="utf-8")
    assert r"\tfrac{1}{4} (y - x)^{2}" in text
    assert "Proof in 4 steps" in text


def test_a_short_appendix_cuts_what_a_full_one_prints(
    means: Verdict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checks.report.proofs.proof", lambda *_: long(12))
    short, full = (
        write_appendix(Ledger({}, (means,)), (), tmp_path, cut).read_text(encoding="utf-8") for cut in (SHORT, FULL)
    )
    assert "more steps in the certificate" in short
    assert "more step" not in full
    assert full.count("(leaf)") == 13


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX installation")
def test_the_appendix_with_a_proof_compiles_without_overfull_lines(means: Verdict, tmp_path: Path) -> None:
    terms = " + ".join(f"{k}*x**{k}*(y + {k})*(x + y)" for k in range(1, 25))
    wide = {"form": "forall", "given": ["x >= 0", "y >= 0"], "show": [f"({terms})/(1 + {terms}) >= {terms}"]}
    point = {"verdict": "refuted", "kind": "point", "values": {"x": "1", "y": "355/113"}}
    other = replace(PROVED, status=Status.REFUTED, formal=wide, certificate=point)
    verdict = replace(means, evidence=(PROVED, other))
    assert compile_pdf(write_appendix(Ledger({}, (verdict,)), (), tmp_path, FULL)).exists()
    assert "Overfull" not in (tmp_path / "appendix.log").read_text(encoding="utf-8", errors="replace")


def test_short_formulas_keep_their_brackets() -> None:
    assert breakable(r"\left(x + \frac{1}{y}\right)") == r"\left(x + \frac{1}{y}\right)"


@pytest.mark.parametrize(
    "tex",
    [
        r"\left\{ c : \sum_{i \in \mathrm{data}} c_{i}^{2} = 1,\quad \forall k:\ c_{k} = 0 \right\} + \leftarrow"
        + "x" * 60,
        r"\frac{" + "+".join("abcdefghijklmnopqrstuvwxyzabcdefgh") + r"}{b}",
        r"\sqrt{" + "+".join("abcdefghijklmnopqrstuvwxyzabcdefgh") + r"} + \frac{a}{b}",
        r"\frac{a" + "{" * 3 + "b" * 70,
        r"x^{\frac{a}{b}}" + " + y" * 60,
    ],
)
def test_long_formulas_break_outside_brackets_and_fractions(tex: str) -> None:
    found = breakable(tex)
    assert not re.search(r"\\left(?![A-Za-z])|\\right(?![A-Za-z])", found)
    assert found.count(r"\leftarrow") == tex.count(r"\leftarrow")
    assert found.count(r"\{") == tex.count(r"\{")
    assert all(width(top) < 30 for top in re.findall(r"\\frac\{([^{}]*)\}", found))


SHARP = {"status": "exact", "parameter": "eta", "bound": "upper", "value": "1/4", "attained": True}


@pytest.mark.parametrize(
    ("sharp", "words"),
    [
        (SHARP, "Exact threshold for eta: 1/4; the claim still holds at the threshold."),
        ({**SHARP, "value": "0"}, "Exact threshold for eta: 0; no positive bound on eta makes it true."),
        ({**SHARP, "value": "0", "bound": "lower"}, "Exact threshold for eta: 0; the claim still holds"),
        (None, "No sharp value of its bound was found in the time given."),
    ],
)
def test_the_sharp_value_of_a_part_is_said_once(sharp, words):
    evidence = Evidence(part="part", status=Status.PROVED, method="m", data={"sharp": sharp, "runs": 3}, detail=("d",))
    before, said = argument(evidence).detail
    assert before == "d"
    assert said.startswith(words)
    shown = io.StringIO()
    verdict = Verdict(
        paper="p", id="L1", title="t", where="w", kind="k", status=Status.PROVED, scope="", method="m", seconds=0.0,
        claim_text="", depends_on=(), evidence=(evidence,),
    )  # fmt: skip
    explain(verdict, Console(file=shown, width=200))
    assert words in shown.getvalue()
    assert "sharp:" not in shown.getvalue()
    assert "runs" in shown.getvalue()
