"""``gdproof list``: the papers and their claims."""

from __future__ import annotations

import click


@click.command("list")
@click.argument("names", nargs=-1, metavar="[KEY]...")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
def command(names: tuple[str, ...], as_json: bool) -> None:
    """List the papers, or the claims of the papers that are named.

    \b
    Examples:
      gdproof list
      gdproof list ghosh2023
    """
    import json

    from checks.suite import load, papers, select

    if not names:
        found = [load(key) for key in papers()]
        if as_json:
            click.echo(
                json.dumps([{"key": p.key, "title": p.title, "claims": len(p.entries)} for p in found], indent=1)
            )
            return
        for paper in found:
            click.echo(f"{paper.key}  {len(paper.entries):4} claims  {paper.title}")
        return
    entries = [entry for _, entry in select(names)]
    if as_json:
        click.echo(
            json.dumps([{"id": e.key, "title": e.title, "where": e.where, "kind": e.kind} for e in entries], indent=1)
        )
        return
    for entry in entries:
        click.echo(f"{entry.key:20} {entry.title}  [{entry.where}]")
