"""``gdproof threshold``: step-size thresholds as exact numbers."""

from __future__ import annotations

import json

import click


@click.command("threshold")
@click.argument("model", type=click.Choice(["autoencoder"]))
@click.option("--json", "as_json", is_flag=True, help="Print the threshold as JSON.")
def command(model: str, as_json: bool) -> None:
    """Derive the largest step size at which the minima of MODEL are stable under the full batch.

    All multipliers of the step at the minimum lie in [-1, 1] exactly up to it.

    \b
    Example:
      gdproof threshold autoencoder
    """
    from theory.derive import coordinates as co
    from theory.study import Autoencoder

    study = Autoencoder()
    value = study.stability_threshold()
    (minimum,) = [p for p in study.fixed_points() if p.sums[co.Phi] == 1 and p.sums[co.Psi] == 0]
    multipliers = {name: str(m) for name, m in minimum.multipliers.items()}
    if as_json:
        click.echo(json.dumps({"model": model, "eta": str(value), "multipliers": multipliers}, indent=1))
        return
    click.echo(f"eta <= {value}")
    click.echo("multipliers at Phi = 1, Psi = 0: " + ", ".join(f"{name} {m}" for name, m in multipliers.items()))
