"""``gdproof explain``: one claim in words."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("explain")
@click.argument("names", nargs=-1, required=True, metavar="KEY.ID...")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Folder of the store.",
)
@click.option("--level", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option(
    "--proofs",
    type=click.Choice(["short", "full"]),
    default="short",
    show_default=True,
    help="Whether long proofs are cut.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON instead.")
def command(names: tuple[str, ...], out: Path, level: str, proofs: str, as_json: bool) -> None:
    """Show statement, derivation, evidence and verdict of a claim, in words a mathematician reads.

    \b
    Example:
      gdproof explain ghosh2023.P15
    """
    import json

    from checks import report
    from checks.session import STORE, run
    from checks.suite import Settings, select

    settings = Settings(level=level, seconds=20.0 if level == "quick" else 120.0)
    ledger = run(select(names), settings, out / STORE)
    if as_json:
        click.echo(json.dumps([v.as_json() for v in ledger.verdicts], indent=1, ensure_ascii=False))
        return
    for verdict in ledger.verdicts:
        hint = f"gdproof explain {verdict.key} --proofs full shows every step"
        report.explain(verdict, full=proofs == "full", hint=hint)
