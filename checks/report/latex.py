r"""The ledger as a LaTeX appendix: derivations, then every claim with its verdict and evidence.

Mathematics of the verdicts is passed through; everything else is escaped. The verdicts "refuted" and
"undecided" stand in a coloured box, with the word, so that print without colour says it too.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from checks.report.appearance import APPEARANCE
from checks.report.breaking import breakable
from checks.report.depgraph import anchor, full_key
from checks.report.errors import MathError, PlotError, TexError, TexMissing
from checks.report.exhibits import Exhibits, exhibits
from checks.report.files import write_text
from checks.report.mathtext import Kind, split, tex_escape, tex_math, text_bookmark, text_tex
from checks.report.plots import plot_pdf
from checks.report.proof_latex import SHORT, Cut, proof_tex
from checks.report.proofs import Argument, argument
from checks.report.words import count_line, heading, papers, seconds, sharp_in_words, verdict_in_words
from checks.verdict import Evidence, Ledger, Status, Verdict
from checks.wording import Table, with_decimal

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_TABLE = 40
_UNBROKEN = 12
_LINE = 84  # letters of \small text on a line of the appendix
_NARROW = 24  # letters of a formula that fit a cell
_TIMEOUT = 300.0
_ERROR = re.compile(r"^(?:! |\S.*?:\d+: )")
_PACKAGES = "texlive-latex-recommended texlive-latex-extra texlive-fonts-recommended lmodern"


@dataclass(frozen=True)
class Section:
    r"""A derivation: a title and paragraphs, with inline ``$...$`` and displayed ``\[...\]`` mathematics."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class _Piece:
    evidence: Evidence
    argument: Argument
    exhibits: Exhibits
    plots: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Claim:
    verdict: Verdict
    label: str
    pieces: tuple[_Piece, ...]


def write_appendix(ledger: Ledger, models: Sequence[Section], out: Path, proofs: Cut = SHORT) -> Path:
    """Write the appendix, and its figures next to it.

    Parameters
    ----------
    ledger
        What was found.
    models
        Derivations, printed before the claims.
    out
        The ``.tex`` file, or the folder that gets ``appendix.tex``.
    proofs
        How much of each proof is printed.

    Returns
    -------
    Path
        The ``.tex`` file.
    """
    path = out if out.suffix == ".tex" else out / "appendix.tex"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, render_appendix(ledger, models, path, proofs))
    return path


def render_appendix(ledger: Ledger, models: Sequence[Section], path: Path, proofs: Cut = SHORT) -> str:
    """Return the text of the appendix; plots are drawn into PDF files beside ``path``."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # TeX, not HTML: every expression of the template passes one of the filters below
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
    )
    environment.filters.update(
        tex=tex_escape,
        text=text_tex,
        bookmark=text_bookmark,
        statement=_statement,
        display=_display,
        words=verdict_in_words,
        sharp=sharp_in_words,
        seconds=seconds,
        table=_table,
        point=_point,
        mark=_mark,
        proof=lambda step: proof_tex(step, proofs, _table),
    )
    suite = exhibits(ledger.suite)
    return environment.get_template("appendix.tex.j2").render(
        title=heading(ledger),
        count_line=count_line(ledger),
        models=models,
        claims=[_claim(verdict, path, proofs) for verdict in ledger.verdicts],
        several=len(papers(ledger)) > 1,
        reference=_references(ledger),
        suite=suite,
        statuses=list(Status),
        looks=APPEARANCE,
        colour=_colour,
    )


def compile_pdf(tex: Path) -> Path:
    """Run ``pdflatex`` twice on ``tex`` and return the PDF beside it.

    Raises
    ------
    TexMissing
        If there is no ``pdflatex``; the message says what to install.
    TexError
        If TeX stops; the message shows its first error.
    """
    program = shutil.which("pdflatex")
    if program is None:
        raise TexMissing(f"pdflatex was not found; {tex} was kept. What works: on Debian, apt install {_PACKAGES}")
    command = [
        program,
        "-interaction=nonstopmode",
        "-halt-on-error",
        "-file-line-error",
        "-no-shell-escape",
        tex.name,
    ]
    for _ in range(2):
        try:
            run = subprocess.run(
                command,
                cwd=tex.parent,
                env={**os.environ, "max_print_line": "1000"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TexError(f"pdflatex did not finish {tex} within {_TIMEOUT:.0f} s; the file was kept") from error
        if run.returncode != 0:
            shown = "\n  ".join(_first_error(run.stdout.decode("utf-8", "replace")))
            raise TexError(f"pdflatex stopped at {tex}, which was kept with its log:\n  {shown}")
    return tex.with_suffix(".pdf")


def _first_error(log: str) -> list[str]:
    lines = log.splitlines()
    for number, line in enumerate(lines):
        if _ERROR.match(line):
            return [entry for entry in lines[number : number + 5] if entry.strip()]
    return lines[-5:] or ["(no output)"]


def _claim(verdict: Verdict, path: Path, proofs: Cut) -> _Claim:
    label = _label(verdict.key)
    pieces = []
    for number, evidence in enumerate(verdict.evidence):
        shown = exhibits(evidence.data)
        plots, notes = [], []
        for k, plot in enumerate(shown.plots):
            name = f"{path.stem}-{re.sub('[._]', '-', label)}-{number}-{k}.pdf"
            try:
                plot_pdf(plot, path.parent / name)
            except PlotError as error:
                notes.append(f"A plot that cannot be drawn: {error}")
            else:
                plots.append(name)
        if evidence.figure is not None:
            notes.append("A figure of this evidence stands on the page of the ledger.")
        pieces.append(_Piece(evidence, argument(evidence, proofs.out), shown, tuple(plots), tuple(notes)))
    return _Claim(verdict, label, tuple(pieces))


def _references(ledger: Ledger) -> Callable[[Verdict], str]:
    """Return a function that writes what a claim depends on, linked where the ledger judges it."""
    known = {verdict.key: verdict for verdict in ledger.verdicts}

    def written(verdict: Verdict) -> str:
        names = []
        for reference in verdict.depends_on:
            key, name = full_key(verdict, reference, known), tex_escape(reference)
            names.append(f"\\hyperref[claim:{_label(key)}]{{{name}}}" if key in known else f"{name} (not judged)")
        return ", ".join(names)

    return written


def _label(key: str) -> str:
    return anchor(key).removeprefix("claim-")


def _colour(status: Status) -> str:
    return status.value.replace("-", "")


def _mark(status: Status) -> str:
    """Return the status as a word, boxed where a reader must not pass it by."""
    colour = _colour(status)
    word = f"\\textcolor{{{colour}}}{{\\textbf{{{tex_escape(APPEARANCE[status].word)}}}}}"
    if status in (Status.PROVED, Status.PROVED_FOR, Status.SUPPORTED):
        return word
    return f"\\fcolorbox{{{colour}}}{{{colour}-paper}}{{{word}}}"


def _display(tex: str) -> str:
    r"""Return the statement of a piece of evidence; a long one is set inline, where TeX breaks lines."""
    try:
        source = tex_math(tex)
    except MathError:
        return f"\\par\\texttt{{{tex_escape(tex)}}}\\par"
    if re.match(r"\s*\\begin\{(?:align|gather|equation|multline)", source):
        return source
    if "\\\\" in source and "\\begin{" not in source:
        source = f"\\begin{{aligned}}{source}\\end{{aligned}}"
    if len(source) <= 110 or "\\begin{" in source:
        return f"\\[{source}\\]"
    return f"\\begin{{quote}}\\raggedright$\\displaystyle {breakable(source)}$\\end{{quote}}"


def _statement(text: str) -> str:
    """Return a plain statement as TeX, its lines kept and breakable after operators."""
    lines = [_breakable(tex_escape(line)) for line in text.splitlines()]
    return "\\newline\n".join(line or "\\strut" for line in lines)


def _breakable(tex: str) -> str:
    return re.sub(r"(\)|\]|,|=|/)(?=\S)", r"\1\\allowbreak{}", tex)


def _cell(text: str) -> str:
    """Return the text of a cell; its words may break after operators, its formulas where TeX can break them."""
    found = []
    for part in split(text):
        if part.kind is Kind.TEXT:
            found.append(_breakable(tex_escape(part.text)))
        else:
            found.append(text_tex(f"${breakable(part.text, _NARROW)}$"))
    return "".join(found)


def _point(values: Mapping[str, str]) -> str:
    """Return a counterexample: names and exact values in a row, or as a table where they are long."""
    shown = {name: with_decimal(value) for name, value in values.items()}
    if sum(len(name) + len(value) for name, value in shown.items()) <= 2 * _LINE:
        pairs = (f"{text_tex(name)}~=~{_breakable(text_tex(value))}" for name, value in shown.items())
        return f"{{\\raggedright {', '.join(pairs)}.\\par}}"
    rows = [f"{text_tex(name)} & {_breakable(text_tex(value))}" for name, value in shown.items()]
    short = all(len(value) <= _LINE * 2 // 3 for value in shown.values())
    return _ruled("ll" if short else r"l>{\raggedright\arraybackslash}p{0.7\linewidth}", "", "", rows)


def _table(table: Table) -> str:
    """Return a table; columns share the line in proportion to their text where they do not all fit."""
    shown = table.rows[:_LONGEST_TABLE]
    widths = [max(len(row[k]) for row in (table.columns, *shown)) for k in range(len(table.columns))]
    columns = "l" * len(widths)
    if sum(widths) + 3 * len(widths) > _LINE:
        shares = [min(width, 30) for width in widths]
        ragged, line = r">{\raggedright\arraybackslash}", r"\linewidth-2\tabcolsep"
        columns = "".join(f"{ragged}p{{\\dimexpr {share / sum(shares):.4f}{line}}}" for share in shares)
    more = len(table.rows) - len(shown)
    caption = f"\\itshape {text_tex(table.caption)}" + (f" ({more} more rows in the ledger)" if more else "")
    head = " & ".join(f"\\textbf{{{text_tex(name)}}}" for name in table.columns)
    rows = [" & ".join(_cell(entry) for entry in row) for row in shown]
    return _ruled(columns, f"\\multicolumn{{{len(widths)}}}{{@{{}}l@{{}}}}{{{caption}}}", head, rows)


def _ruled(columns: str, caption: str, head: str, rows: Sequence[str]) -> str:
    """Return rows between rules; only a table of more than a dozen rows may break across pages."""
    kind, option = ("tabular", "[t]") if len(rows) <= _UNBROKEN else ("longtable", "[l]")
    lines = [f"\\begin{{{kind}}}{option}{{{columns}}}"]
    if caption:
        lines.append(f"{caption} \\\\")
    lines.append("\\toprule")
    if head:
        lines += [f"{head} \\\\", "\\midrule"]
    if head and kind == "longtable":
        lines.append("\\endhead")
    lines += [f"{row} \\\\" for row in rows]
    return "\n".join((*lines, "\\bottomrule", f"\\end{{{kind}}}"))
