"""The ledger in a terminal: a table, one claim explained in words, and live progress."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType

from rich import box
from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as LiveBar
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from checks.report.appearance import APPEARANCE
from checks.report.exhibits import exhibits
from checks.report.mathtext import text_plain
from checks.report.oneline import plain
from checks.report.proof_terminal import proof_tree
from checks.report.proofs import argument
from checks.report.words import counts, papers, seconds, sharp_in_words, verdict_in_words
from checks.verdict import Evidence, Ledger, Status, Verdict
from checks.wording import with_decimal

_LONGEST_TABLE = 20
_LONGEST_SCOPE = 64


def status_text(status: Status) -> Text:
    """Return the status as a coloured word."""
    return Text(status.value, style=APPEARANCE[status].terminal)


def ledger_table(ledger: Ledger, width: int = 100) -> Table:
    """Return the ledger as a table, one claim a row.

    A long scope is cut (`explain` prints it whole); below 90 columns the methods are left out, below 76 the
    scopes too. The key of the paper stands before an id where there are several papers.
    """
    scopes, methods = width >= 76, width >= 90
    several = len(papers(ledger)) > 1
    table = Table(box=box.SIMPLE_HEAD, expand=False, pad_edge=False)
    table.add_column("claim", no_wrap=True)
    table.add_column("title", min_width=18, overflow="fold")
    table.add_column("status", no_wrap=True)
    if scopes:
        table.add_column("scope", overflow="fold")
    if methods:
        table.add_column("method", overflow="fold")
    table.add_column("seconds", justify="right", no_wrap=True)
    for v in ledger.verdicts:
        scope = Text(text_plain(v.scope))
        scope.truncate(_LONGEST_SCOPE, overflow="ellipsis")
        cells = [
            Text(v.key if several else v.id),
            Text(text_plain(v.title)),
            status_text(v.status),
            *([scope] if scopes else []),
            *([Text(v.method)] if methods else []),
            Text(f"{v.seconds:.2f}"),
        ]
        table.add_row(*cells)
    return table


def summary(ledger: Ledger) -> Text:
    """Return one line: how many claims, and how many of each status."""
    total = len(ledger.verdicts)
    line = Text(f"{total} claim{'' if total == 1 else 's'}")
    for position, (status, number) in enumerate(counts(ledger).items()):
        line.append(": " if position == 0 else ", ")
        line.append(f"{number} {status.value}", style=APPEARANCE[status].terminal)
    line.append(f"; {seconds(sum(v.seconds for v in ledger.verdicts))} of judging")
    return line


def print_ledger(ledger: Ledger, console: Console | None = None) -> None:
    """Print the table and the summary line."""
    console = console or Console()
    console.print(ledger_table(ledger, console.width))
    console.print()
    console.print(summary(ledger))


def explain(verdict: Verdict, console: Console | None = None, full: bool = False, hint: str = "") -> None:
    """Print all that is known of one claim, in the order in which a mathematician reads it.

    Parameters
    ----------
    verdict
        The claim's verdict.
    console
        Where to print.
    full
        Whether to show every step of a long proof.
    hint
        How to see every step; printed where some are left out.
    """
    console = console or Console()
    console.print(*_explanation(verdict, full, hint), sep="\n")


def _explanation(verdict: Verdict, full: bool, hint: str) -> Iterable[RenderableType]:
    title = Text.assemble((verdict.key, "bold"), "  ", text_plain(verdict.title))
    yield Rule(title, align="left", style="dim", characters="─")
    yield Text(" · ".join(part for part in (verdict.where, verdict.kind) if part), style="dim")
    if verdict.claim_text:
        yield from _headed("Statement", [Text(verdict.claim_text)])
    if verdict.derivation:
        yield from _headed("Derivation", _paragraphs(verdict.derivation))
    for evidence in verdict.evidence:
        yield from _evidence(evidence, verdict.counterexample, full, hint)
    if verdict.counterexample:
        yield from _headed("Counterexample", [_point(verdict.counterexample)])
    if verdict.repair:
        yield from _headed("What is true instead", _paragraphs((verdict.repair,)))
    if verdict.sharp:
        yield from _headed("Sharp constant", [Text(text_plain(sharp_in_words(verdict.sharp)))])
    if verdict.depends_on:
        yield from _headed("Depends on", [Text(", ".join(verdict.depends_on))])
    words = Text(text_plain(verdict_in_words(verdict)))
    words.stylize(APPEARANCE[verdict.status].terminal, 0, len(APPEARANCE[verdict.status].word))
    yield from _headed("Verdict", [words, Text(f"Judged in {seconds(verdict.seconds)}.", style="dim")])


def _headed(heading: str, body: Iterable[RenderableType]) -> Iterable[RenderableType]:
    yield Text()
    yield Text(heading, style="bold")
    for item in body:
        yield Padding(item, (0, 0, 0, 2), expand=False)


def _paragraphs(texts: Iterable[str]) -> Iterable[RenderableType]:
    return (Text(text_plain(text)) for text in texts)


def _evidence(
    evidence: Evidence, shown_below: Mapping[str, str] | None, full: bool, hint: str
) -> Iterable[RenderableType]:
    yield Text()
    head = (f"Evidence: {evidence.part}", "bold")
    yield Text.assemble(head, "  ", status_text(evidence.status), f"  by {evidence.method}")
    body: list[RenderableType] = []
    if evidence.statement:
        body.append(Text(plain(evidence.statement), style="italic"))
    found = argument(evidence)
    body.extend(_paragraphs(found.detail))
    if evidence.counterexample and evidence.counterexample != shown_below:
        body.append(Text("Counterexample to this part:"))
        body.append(Padding(_point(evidence.counterexample), (0, 0, 0, 2), expand=False))
    shown = exhibits(evidence.data)
    if shown.facts:
        body.append(_point(dict(shown.facts), sign=":"))
    for table in shown.tables:
        title = escape(text_plain(table.caption))
        grid = Table(title=title, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, title_justify="left")
        for column in table.columns:
            grid.add_column(Text(text_plain(column)), justify="right")
        for row in table.rows[:_LONGEST_TABLE]:
            grid.add_row(*(Text(text_plain(entry)) for entry in row))
        body.append(grid)
        if len(table.rows) > _LONGEST_TABLE:
            body.append(Text(f"... {len(table.rows) - _LONGEST_TABLE} more rows in the ledger", style="dim"))
    figures = len(shown.plots) + (evidence.figure is not None)
    if figures:
        body.append(Text(f"{figures} figure{'s' if figures > 1 else ''} on the page", style="dim"))
    if found.step is not None:
        body.append(Padding(proof_tree(found.step, full, hint), (1, 0, 0, 0)))
    elif evidence.certificate is not None:
        kind = evidence.certificate.get("kind")
        body.append(Text(f"certificate in the ledger{f': {kind}' if kind else ''}", style="dim"))
    yield Padding(Group(*body), (0, 0, 0, 2), expand=False)


def _point(point: Mapping[str, str], sign: str = " =") -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    for name, value in point.items():
        grid.add_row(Text(f"{text_plain(name)}{sign}"), Text(with_decimal(text_plain(value))))
    return grid


class Progress:
    """Live progress of a run: a bar in a terminal, one plain line a verdict elsewhere.

    Use it as a context manager and hand it each verdict as it comes::

        with Progress(total=120) as progress:
            for verdict in judged:
                progress.update(verdict)
    """

    def __init__(self, total: int, console: Console | None = None) -> None:
        self.total = total
        self.console = console or Console()
        self.done = 0
        self._bar: LiveBar | None = None
        self._task = TaskID(0)

    def __enter__(self) -> Progress:
        if self.console.is_terminal:
            self._bar = LiveBar(
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=True),
                console=self.console,
                transient=True,
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=self.total)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def update(self, verdict: Verdict) -> None:
        """Count one more verdict and show it."""
        self.done += 1
        status = verdict.status
        if self._bar is not None:
            style = APPEARANCE[status].terminal
            self._bar.update(
                self._task,
                completed=self.done,
                description=f"{escape(verdict.key)} [{style}]{status.value}[/{style}]",
            )
            return
        width = len(str(self.total))
        line = f"[{self.done:>{width}}/{self.total}] {verdict.key} {status.value} {seconds(verdict.seconds)}"
        self.console.print(Text(line), soft_wrap=True)
