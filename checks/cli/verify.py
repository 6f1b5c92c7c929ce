"""``gdproof verify``: judge claims and write the ledger, the page and the JUnit file."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from checks.cli import FINE, REFUTED, UNDECIDED
from checks.verdict import Ledger, Status


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[KEY | KEY.ID | FILE.py]...")
@click.option(
    "--json", "json_out", type=click.Path(path_type=Path), help="Write the ledger here too ('-': standard output)."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Folder for the page, the ledger and the store.",
)
@click.option(
    "--level",
    type=click.Choice(["quick", "full"]),
    default="quick",
    show_default=True,
    help="How long runs and searches may take.",
)
@click.option(
    "--backend",
    type=click.Choice(["numpy", "jit", "cupy"]),
    default="jit",
    show_default=True,
    help="Target of the generated kernels.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes (default: one a core).")
@click.option("--scheduler", metavar="URL", help="Judge on the dask.distributed cluster of this scheduler (tcp://...).")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of every random draw.")
@click.option("--budget", type=click.FloatRange(min=0.1), help="Seconds of search for each part of a claim.")
@click.option("--resume", is_flag=True, help="Go on where a killed run stopped (always done; kept for scripts).")
@click.option("--fresh", is_flag=True, help="Judge again what the store already has.")
@click.option(
    "--expect",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An accepted ledger: exit 0 when every status is the same, 1 when one differs.",
)
def command(
    names: tuple[str, ...],
    json_out: Path | None,
    out: Path,
    level: str,
    backend: str,
    jobs: int | None,
    scheduler: str | None,
    seed: int,
    budget: float | None,
    resume: bool,
    fresh: bool,
    expect: Path | None,
) -> int:
    """Judge claims: all papers, one paper (KEY), one claim (KEY.ID) or the claims of a file of your own (FILE.py).

    \b
    Exit code: 2 wrong usage; 1 a claim is refuted; 3 a claim is undecided; 0 otherwise.

    \b
    Examples:
      gdproof verify ghosh2023
      gdproof verify ghosh2023.T13 ghosh2023.P15 --out /tmp/report
      gdproof verify ghosh2023 --level full --json ledger.json
    """
    from checks import report
    from checks.session import STORE, run
    from checks.suite import Settings, select

    expected = report.read_json(expect) if expect is not None else None
    chosen = select(names)
    seconds = budget or (20.0 if level == "quick" else 120.0)
    settings = Settings(level=level, seed=seed, backend=backend, seconds=seconds)
    screen = Console(stderr=json_out is not None and str(json_out) == "-")
    with report.Progress(len(chosen), screen) as progress:
        ledger = run(chosen, settings, out / STORE, jobs, fresh, progress.update, scheduler)
    report.write_json(ledger, out / "ledger.json")
    report.write_junit(ledger, out / "junit.xml")
    page = report.write_page(ledger, out / "index.html")
    if len(chosen) == 1:
        report.explain(ledger.verdicts[0], screen)
    else:
        report.print_ledger(ledger, screen)
    screen.print(f"page: {page}   ledger: {out / 'ledger.json'}", highlight=False, soft_wrap=True)
    if json_out is not None:
        if str(json_out) == "-":
            click.echo(report.dumps(ledger))
        else:
            report.write_json(ledger, json_out)
    return exit_code(ledger) if expected is None else compare(ledger, expected, screen)


def exit_code(ledger: Ledger) -> int:
    """Return the exit code of a ledger."""
    found = {v.status for v in ledger.verdicts}
    if found & {Status.REFUTED, Status.REFUTED_STATISTICALLY}:
        return REFUTED
    return UNDECIDED if Status.UNDECIDED in found else FINE


def compare(ledger: Ledger, expected: Ledger, screen: Console) -> int:
    """Print which statuses differ from an accepted ledger; returns 0 when none does."""
    from checks.cli.diff import differences

    lines = differences(expected, ledger, only_common=True)
    for line in lines:
        screen.print(line, highlight=False, soft_wrap=True)
    screen.print(f"{len(lines)} of {len(ledger.verdicts)} verdicts differ from the accepted ledger", highlight=False)
    return 1 if lines else 0
