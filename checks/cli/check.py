"""``gdproof check``: judge the claims of a claim file."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from checks.cli import FINE, REFUTED, UNDECIDED
from checks.cli._options import budget, json_out, proofs
from checks.verdict import Status
from checks.version import __version__

if TYPE_CHECKING:
    from checks.claimfile import Result


@click.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE.toml...")
@json_out("Write the results as JSON ('-': standard output), and the certificates to the folder OUT.certificates.")
@budget("Processor seconds of search for each claim, and again for its sharp value.")
@click.option(
    "--expect",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An accepted OUT of an earlier check: exit 0 when every status is the same, 1 when one differs.",
)
@proofs("none", "short", "full", text="Print each certificate as mathematics, long ones cut (short) or whole (full).")
def command(files: tuple[Path, ...], out: Path | None, budget: float, expect: Path | None, proofs: str) -> int:
    """Judge the claims of claim files (TOML): proved with a certificate, refuted with a point, or undecided.

    \b
    A claim file:
      schema = 1
      [paper]
      key = "demo"
      [[claim]]
      id = "L2"
      title = "Logistic step stays below one"
      let = ["x1 = x*(1 + c*(1 - x))"]
      given = ["0 < c <= 1", "0 < x < 1"]
      show = ["x1 < 1", "x1 > x"]

    \b
    Exit code: 2 unreadable input; 1 a claim is refuted; 3 a claim is undecided; 0 otherwise.

    \b
    Examples:
      gdproof check lemmas.toml
      gdproof check lemmas.toml --json results.json --budget 60
      gdproof check lemmas.toml --proofs short
      gdproof check lemmas.toml --json - --expect accepted.json
    """
    from checks import claimfile, report

    expected = read_statuses(expect) if expect is not None else None
    claims = [claim for path in files for claim in claimfile.read(path).claims]
    prepare(out)
    screen = console(out)
    results = []
    with report.Progress(len(claims), screen) as progress:
        for claim in claims:
            results.append(claimfile.judge_claim(claim, budget))
            progress.update(results[-1].as_verdict())
    print_results(results, screen)
    if proofs != "none":
        for result in results:
            report.explain(result.as_verdict(), screen, full=proofs == "full", hint="--proofs full shows every step")
    write_results(results, out)
    return exit_code(results) if expected is None else compare(results, expected, screen)


def console(out: Path | None) -> Console:
    """Return the console for people: standard error where the results go to standard output."""
    return Console(stderr=str(out) == "-", highlight=False)


def exit_code(results: Iterable[Result]) -> int:
    """Return the exit code of a check."""
    found = {result.status for result in results}
    if found & {Status.REFUTED, Status.REFUTED_STATISTICALLY}:
        return REFUTED
    return UNDECIDED if Status.UNDECIDED in found else FINE


def print_results(results: Sequence[Result], screen: Console) -> None:
    """Print a table of the claims, then the reasons, sharp values and warnings."""
    from checks.report.mathtext import text_plain
    from checks.report.terminal import status_text
    from checks.report.words import sharp_in_words

    titles = screen.width >= 100
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("claim", overflow="fold")
    if titles:
        table.add_column("title", overflow="fold")
    table.add_column("status", no_wrap=True)
    table.add_column("method", overflow="fold")
    table.add_column("counterexample", overflow="fold")
    table.add_column("seconds", justify="right", no_wrap=True)
    notes = []
    for result in results:
        claim, verdict = result.claim, result.as_verdict()
        point = ", ".join(f"{name} = {value}" for name, value in (verdict.counterexample or {}).items())
        name = (Text(claim.id), Text(claim.title)) if titles else (Text(claim.id),)
        found = (status_text(result.status), Text(verdict.method), Text(point), Text(f"{result.seconds:.2f}"))
        table.add_row(*name, *found)
        if result.vacuous:
            notes.append(Text(f"warning: {claim.id} is vacuous: no point satisfies its hypotheses", style="yellow"))
        elif result.reason:
            notes.append(Text(f"{claim.id}: {result.status.value}: {text_plain(result.reason)}"))
        if verdict.sharp is not None:
            notes.append(Text(f"{claim.id}: {text_plain(sharp_in_words(verdict.sharp))}"))
        elif claim.sharpen is not None:
            notes.append(Text(f"{claim.id}: no sharp value of {claim.sharpen[0]} was found"))
    screen.print(table)
    for note in notes:
        screen.print(note, soft_wrap=True)


def prepare(out: Path | None) -> None:
    """Make the folder of the results before anything is judged."""
    if out is not None and str(out) != "-":
        _attempt(out, lambda: out.parent.mkdir(parents=True, exist_ok=True))


def write_results(results: Sequence[Result], out: Path | None) -> None:
    """Write the result file and the certificates: each file whole or not at all."""
    from checks.report.files import write_text

    if out is None:
        return
    if str(out) == "-":
        click.echo(_dumps([result.as_json() for result in results]))
        return
    folder = out.with_name(f"{out.name}.certificates").absolute()
    taken: set[str] = set()
    entries = []

    def write() -> None:
        for result in results:
            path = folder / _file_name(result.claim.id, taken)
            if result.evidence.certificate is None:
                path.unlink(missing_ok=True)  # of an earlier check, when the verdict was another
            else:
                question = {"formal": result.evidence.formal, "certificate": result.evidence.certificate}
                write_text(path, json.dumps(question, indent=1, ensure_ascii=False) + "\n")
            entries.append(result.as_json(None if result.evidence.certificate is None else str(path)))
        write_text(out, _dumps(entries) + "\n")

    _attempt(out, write)


def _attempt(out: Path, action: Any) -> None:
    try:
        action()
    except OSError as error:
        place = error.filename or out
        raise click.UsageError(
            f"--json {out}: {place} cannot be written ({error.strerror}); give a file in a folder of yours, or -"
        ) from error


def _dumps(entries: Sequence[Any]) -> str:
    return json.dumps({"schema": 1, "gdproof": __version__, "claims": entries}, indent=1, ensure_ascii=False)


def _file_name(claim: str, taken: set[str]) -> str:
    """Return a file name for a claim's certificate; ids that are no file names are spelled in percent signs."""
    stem = re.sub(r"[^A-Za-z0-9_.-]|^\.", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), claim)
    if len(stem) > 120:
        stem = f"{stem[:80]}~{hashlib.sha256(claim.encode()).hexdigest()[:16]}"
    name, copy = stem, 1
    while name.lower() in taken:
        copy += 1
        name = f"{stem}~{copy}"
    taken.add(name.lower())
    return f"{name}.json"


def read_statuses(path: Path) -> list[tuple[str, str]]:
    """Return ids and statuses of an earlier result file, in order."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return [(str(claim["id"]), Status(claim["status"]).value) for claim in raw["claims"]]
    except OSError as error:
        why = str(error.strerror)
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        why = f"{type(error).__name__}: {error}"
    raise click.UsageError(
        f"--expect {path}: not a result file ({why}); what works: gdproof check FILE.toml --json {path}"
    )


def compare(results: Sequence[Result], expected: Sequence[tuple[str, str]], screen: Console) -> int:
    """Print which statuses differ from an accepted result file; returns 0 when none does."""
    before, after = (_numbered(pairs) for pairs in (expected, [(r.claim.id, r.status.value) for r in results]))
    lines = [
        f"{name}: {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]
    for line in lines:
        screen.print(Text(line), soft_wrap=True)
    screen.print(f"{len(lines)} of {len(after)} verdicts differ from the accepted ones")
    return 1 if lines else 0


def _numbered(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return statuses by id; an id that several files have is numbered."""
    found: dict[str, str] = {}
    for name, status in pairs:
        copies = sum(1 for known in found if known == name or known.startswith(f"{name} ("))
        found[f"{name} ({copies + 1})" if copies else name] = status
    return found
