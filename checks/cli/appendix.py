"""``gdproof appendix``: a LaTeX appendix for a paper."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("appendix")
@click.argument("key")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("report"),
    show_default=True,
    help="Folder for the .tex file; its store is used.",
)
@click.option("--pdf", is_flag=True, help="Run pdflatex on it.")
@click.option(
    "--proofs",
    type=click.Choice(["short", "full"]),
    default="short",
    show_default=True,
    help="Whether long proofs are cut.",
)
@click.option("--level", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
def command(key: str, out: Path, pdf: bool, proofs: str, level: str) -> None:
    """Write models, derivations, claims, verdicts and counterexamples of paper KEY as a LaTeX document.

    \b
    Example:
      gdproof appendix ghosh2023 --pdf
    """
    from checks import report
    from checks.report.models import autoencoder_sections
    from checks.session import STORE, run
    from checks.suite import Settings, load, select

    load(key)
    settings = Settings(level=level, seconds=20.0 if level == "quick" else 120.0)
    chosen = select([key])
    with report.Progress(len(chosen)) as progress:
        ledger = run(chosen, settings, out / STORE, report=progress.update)
    cut = report.FULL if proofs == "full" else report.SHORT
    tex = report.write_appendix(ledger, autoencoder_sections(), out / f"appendix-{key}.tex", cut)
    click.echo(f"wrote {tex}")
    if pdf:
        click.echo(f"wrote {report.compile_pdf(tex)}")
