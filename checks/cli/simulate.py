"""``gdproof simulate``: run a model from its derived update map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

MODELS = ("autoencoder", "relu-autoencoder")


def _settings(pairs: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or not value:
            raise click.UsageError(f"--set {pair!r}: write NAME=VALUE, for example --set eta=1/5")
        if name.strip() in found:
            raise click.UsageError(f"--set {name.strip()} is given twice: {found[name.strip()]} and {value.strip()}")
        found[name.strip()] = value.strip()
    return found


def _number(name: str, text: str, integer: bool) -> Any:
    from fractions import Fraction

    try:
        value = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        raise click.UsageError(
            f"--set {name}={text}: a number is expected, for example {name}=1/5 or {name}=0.2"
        ) from error
    if integer and value.denominator != 1:
        raise click.UsageError(f"--set {name}={text}: an integer is expected")
    return int(value) if integer else value


@click.command("simulate")
@click.argument("model", type=click.Choice(MODELS))
@click.option("--algorithm", type=click.Choice(["gd", "sgd", "cyclic"]), default="gd", show_default=True)
@click.option(
    "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="m, n, b, eta (defaults: m=8, n=m, b=1, eta=1/5)."
)
@click.option(
    "--init",
    default="gaussian:0.5",
    show_default=True,
    help="gaussian:SIGMA or FILE.npy with coordinates of shape (n,) or (replicas, n).",
)
@click.option("--replicas", type=int, default=100, show_default=True)
@click.option("--steps", type=int, default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--backend", type=click.Choice(["numpy", "jit", "cupy"]), default="jit", show_default=True)
@click.option("--record", multiple=True, metavar="NAME", help="Observables to summarise (default: a standard set).")
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep checkpoints of the trajectories in this .npz file.",
)
@click.option("--json", "json_out", metavar="OUT", help="Write the result as JSON ('-': standard output).")
def command(
    model: str,
    algorithm: str,
    pairs: tuple[str, ...],
    init: str,
    replicas: int,
    steps: int,
    seed: int,
    backend: str,
    record: tuple[str, ...],
    save: Path | None,
    json_out: str | None,
) -> None:
    """Run MODEL from its derived update map, R replicas for T steps.

    \b
    Examples:
      gdproof simulate autoencoder --algorithm sgd --set m=32 --set b=1 --replicas 1000 --steps 2000
      gdproof simulate relu-autoencoder --algorithm gd --set m=4 --set n=6 --json -
    """
    import numpy as np

    from checks.report.files import write_text
    from numerics import DEFAULT, InputError, simulate
    from theory.derive import update_map

    given = _settings(pairs)
    unknown = set(given) - {"m", "n", "b", "eta"}
    if unknown:
        raise click.UsageError(f"--set {sorted(unknown)[0]}: {model} has the parameters m, n, b and eta")
    m = _number("m", given.get("m", "8"), True)
    n = _number("n", given.get("n", str(m)), True)
    b = _number("b", given["b"], True) if "b" in given else (1 if algorithm == "sgd" else None)
    start: Any = init
    if not init.startswith("gaussian:"):
        try:
            start = np.load(init, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"--init {init}: neither gaussian:SIGMA nor a readable .npy file of coordinates ({error})"
            ) from error
    stops = sorted({round(steps * i / 50) for i in range(51)}) if save else []
    result = simulate(
        update_map("relu" if model.startswith("relu") else "linear"),
        m=m,
        n=n,
        eta=_number("eta", given.get("eta", "1/5"), False),
        algorithm=algorithm,
        b=b,
        replicas=replicas,
        steps=steps,
        seed=seed,
        init=start,
        backend=backend,
        record=record or DEFAULT,
        save=stops,
    )
    if save is not None:
        result.save_npz(save)
    answer = {**result.as_json(), "model": model}
    text = json.dumps(answer, indent=1)
    if json_out == "-":
        click.echo(text)
        return
    if json_out is not None:
        write_text(Path(json_out), text + "\n")
    click.echo(f"{model}, {algorithm}: {replicas} replicas x {steps} steps, {answer['parameters']}")
    click.echo(
        f"{backend} on {answer['device']}: compile {answer['compile_seconds']:.2f} s, "
        f"run {answer['wall_seconds']:.3f} s, {answer['throughput']:.3g} coordinate updates/s"
    )
    for name, values in answer["summary"].items():
        click.echo(
            f"  {name:18} "
            + "  ".join(f"{k} {v:.6g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        )
    click.echo(f"state digest {answer['state_digest']}")
