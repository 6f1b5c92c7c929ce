"""``gdproof diff``: which verdicts changed between two ledgers."""

from __future__ import annotations

from pathlib import Path

import click

from checks.verdict import Ledger


def differences(old: Ledger, new: Ledger, only_common: bool = False) -> list[str]:
    """Return one line for each claim whose status differs, or that stands in one ledger only."""
    before = {v.key: v.status.value for v in old.verdicts}
    after = {v.key: v.status.value for v in new.verdicts}
    lines = []
    for key in dict.fromkeys((*before, *after)):
        a, b = before.get(key, "absent"), after.get(key, "absent")
        if a != b and not (only_common and b == "absent"):
            lines.append(f"{key}: {a} -> {b}")
    return lines


@click.command("diff")
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
def command(old: Path, new: Path, as_json: bool) -> int:
    """Say which verdicts changed from ledger OLD to ledger NEW; exit code 0 when none did, 1 otherwise.

    \b
    Example:
      gdproof diff accepted.json report/ledger.json
    """
    import json

    from checks.report import read_json

    lines = differences(read_json(old), read_json(new))
    if as_json:
        click.echo(json.dumps(lines, indent=1))
    else:
        for line in lines:
            click.echo(line)
        click.echo(f"{len(lines)} changed")
    return 1 if lines else 0
