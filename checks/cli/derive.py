"""``gdproof derive``: closed forms of a model on the command line."""

from __future__ import annotations

import json
from typing import Any

import click

MODELS = {"autoencoder": "linear", "relu-autoencoder": "relu"}
WHAT = (
    "loss",
    "update",
    "reduced",
    "invariant",
    "fixed-points",
    "sample-hessian",
    "hessian",
    "hessian-trace",
    "curvature",
    "minimum",
    "as-linear",
)


@click.command("derive")
@click.argument("model", type=click.Choice(sorted(MODELS)))
@click.argument("what", type=click.Choice(WHAT), nargs=-1)
@click.option("--latex", is_flag=True, help="Print LaTeX instead of text.")
@click.option("--json", "as_json", is_flag=True, help="Print names and formulas as JSON.")
def command(model: str, what: tuple[str, ...], latex: bool, as_json: bool) -> None:
    """Derive closed forms of MODEL from its loss: by default the loss, the update map and what it reduces to.

    \b
    Examples:
      gdproof derive autoencoder update reduced
      gdproof derive relu-autoencoder curvature --latex
    """
    import sympy as sp

    from theory.study import Autoencoder, Formulas

    study = Autoencoder(MODELS[model])
    chosen = what or ("loss", "update", "reduced" if model == "autoencoder" else "as-linear")
    answers: dict[str, Any] = {}
    for name in chosen:
        try:
            found = getattr(study, name.replace("-", "_"))()
        except ValueError as error:
            raise click.UsageError(f"{name}: {error}") from error
        if isinstance(found, Formulas):
            answers[name] = {key: str(value) for key, value in found.lines.items()}
            text = "\n".join(found.latex_lines()) if latex else repr(found)
        elif isinstance(found, list):
            answers[name] = [_line(entry) for entry in found]
            text = "\n".join(sp.latex(entry.sums) if latex else _line(entry) for entry in found)
        else:
            answers[name] = str(found)
            text = sp.latex(found) if latex else f"{name} = {found}"
        if not as_json:
            click.echo(text)
    if as_json:
        click.echo(json.dumps(answers, indent=1))


def _line(point: Any) -> str:
    sums = ", ".join(f"{name} = {value}" for name, value in point.sums.items())
    return f"{sums} ({point.kind}): " + ", ".join(f"{name} {value}" for name, value in point.multipliers.items())
