"""A proof in LaTeX: numbered paragraphs, set in one step for each level, with formulas that may break."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from checks.report.errors import MathError
from checks.report.mathtext import tex_escape, tex_math, text_tex
from checks.wording import Formula, Printer, Step, Table, folded

_DEEPEST = 4  # levels that are set in; deeper ones stay at the last one's margin


@dataclass(frozen=True)
class Cut:
    """How much of a proof is printed: so many steps and levels (0: all of them), and how long formulas may be."""

    steps: int
    depth: int
    out: Printer


SHORT = Cut(7, 3, Printer(letters=180, cells=24, terms=8, rows=3, normal_forms=False))
FULL = Cut(0, 0, Printer(letters=400))


def proof_tex(step: Step, cut: Cut, table: Callable[[Table], str]) -> str:
    """Return a proof as TeX, without its one-sentence overview.

    Parameters
    ----------
    step
        The proof.
    cut
        How much of it is printed.
    table
        How a table is set.
    """
    shown = folded(step, cut.steps, cut.depth) if cut.steps else step
    return "\n".join(_paragraphs(shown, (), table, root=True))


def _paragraphs(step: Step, number: tuple[int, ...], table: Callable[[Table], str], root: bool) -> Iterator[str]:
    """Yield the paragraphs of a step and of those below it; what the whole proof shows stands above it already."""
    words = [] if root else [_headline(step, number)]
    for block in step.body:
        if isinstance(block, str):
            words.append(text_tex(block))
            continue
        yield from _set(words, number)
        words = []
        if isinstance(block, Formula):
            yield from _set(["\\hspace*{1.5em}\\hangindent=3em", _formula(block)], number)
        else:
            yield f"\\par\\smallskip{{\\footnotesize {table(block)}\\par}}\\smallskip"
    yield from _set(words, number)
    for position, inner in enumerate(step.below, 1):
        yield from _paragraphs(inner, (*number, position), table, root=False)
    if step.left_out:
        more = f"{step.left_out} more step{'' if step.left_out == 1 else 's'} in the certificate."
        yield from _set([f"\\textit{{{more}}}"], (*number, 0))


def _set(words: Sequence[str], number: tuple[int, ...]) -> Iterator[str]:
    """Yield one paragraph, set in as deep as its number is long."""
    if words:
        yield f"{{\\raggedright\\leftskip={min(len(number), _DEEPEST) * 1.1:.1f}em {' '.join(words)}\\par}}"


def _headline(step: Step, number: tuple[int, ...]) -> str:
    """Return number, role, what is shown and the rule."""
    words = [f"\\textcolor{{soft}}{{{'.'.join(map(str, number))}}}"] if number else []
    if step.role:
        words.append(text_tex(step.role) + (":" if step.shows else ""))
    if step.shows:
        words.append(_formula(step.shows))
    if step.assumed:
        words.append("where " + ", ".join(_math(tex) for tex in step.assumed))
    words.append(f"\\textcolor{{soft}}{{({text_tex(step.title)})}}")
    return " ".join(words)


def _formula(formula: Formula) -> str:
    return " ".join(_math(segment) for segment in formula.segments)


def _math(tex: str) -> str:
    try:
        return f"${tex_math(tex)}$"
    except MathError:
        return f"\\texttt{{{tex_escape(tex)}}}"
