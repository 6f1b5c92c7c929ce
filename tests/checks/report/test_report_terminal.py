import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from checks.report.terminal import Progress, explain, print_ledger
from checks.verdict import Ledger, Verdict

SNAPSHOTS = Path(__file__).parent / "snapshots"


def console(*, terminal: bool = False, width: int = 100) -> Console:
    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=terminal,
        color_system="standard" if terminal else None,
        _environ={},
    )


def printed(on: Console) -> str:
    assert isinstance(on.file, io.StringIO)
    return on.file.getvalue()


def compare(name: str, text: str) -> None:
    """Compare with the snapshot; with UPDATE_SNAPSHOTS=1 in the environment, write it instead."""
    path = SNAPSHOTS / name
    text = "".join(line.rstrip() + "\n" for line in text.splitlines())
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_ledger_table(ledger: Ledger) -> None:
    out = console()
    print_ledger(ledger, out)
    compare("ledger.txt", printed(out))


@pytest.mark.parametrize("index", range(8))
def test_explain(ledger: Ledger, index: int) -> None:
    out = console()
    explain(ledger.verdicts[index], out)
    compare(f"explain_{ledger.verdicts[index].id}.txt", printed(out))


@pytest.mark.parametrize("width", [60, 80, 100, 160])
def test_no_line_is_wider_than_the_terminal(ledger: Ledger, width: int) -> None:
    out = console(width=width)
    print_ledger(ledger, out)
    for verdict in ledger.verdicts:
        explain(verdict, out)
    assert max(map(len, printed(out).splitlines())) <= width


@pytest.mark.parametrize("width", [70, 100, 160])
def test_ids_and_times_are_never_cut(ledger: Ledger, width: int) -> None:
    out = console(width=width)
    print_ledger(ledger, out)
    words = printed(out).split()
    for verdict in ledger.verdicts:
        assert {verdict.id, verdict.status.value, f"{verdict.seconds:.2f}"} <= set(words)


def test_narrow_table_leaves_the_methods_out(ledger: Ledger) -> None:
    out = console(width=80)
    print_ledger(ledger, out)
    assert "method" not in printed(out)
    assert "refuted-statistically" in printed(out)


def test_markup_in_a_verdict_is_printed_not_obeyed(ledger: Ledger) -> None:
    hostile = replace(ledger.verdicts[0], title="[red]x[/red] [link=u]", claim_text="[/bold] [0,1]")
    out = console()
    explain(hostile, out)
    print_ledger(Ledger({}, (hostile,)), out)
    assert printed(out).count("[red]x[/red]") == 2
    assert "[/bold] [0,1]" in printed(out)


def test_statuses_are_coloured_in_a_terminal(ledger: Ledger) -> None:
    out = console(terminal=True)
    print_ledger(ledger, out)
    assert "\x1b[1;31mrefuted" in printed(out)


def run(verdicts: tuple[Verdict, ...], on: Console, total: int) -> str:
    with Progress(total, on) as progress:
        for verdict in verdicts:
            progress.update(verdict)
    return printed(on)


def test_progress_is_plain_lines_without_a_terminal(ledger: Ledger) -> None:
    lines = run(ledger.verdicts, console(width=30), total=120).splitlines()
    assert lines[0] == "[  1/120] ghosh2023.L14 proved 0.12 s"
    assert lines[-1] == "[  8/120] ghosh2023.S2 undecided 0.02 s"
    assert len(lines) == 8


def test_progress_is_a_bar_in_a_terminal(ledger: Ledger) -> None:
    text = run(ledger.verdicts, console(terminal=True), total=8)
    assert "\x1b[?25l" in text  # the cursor is hidden while the bar is live
    assert "[  8/8]" not in text
