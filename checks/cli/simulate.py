"""``gdproof simulate``: run a model from its derived update map."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checks.cli._bounds import bound_of, judged, lines_of, observable_of
from checks.cli._options import steps_of

if TYPE_CHECKING:
    from numerics.replay import Bound

COORDINATES = {"autoencoder": "linear", "relu-autoencoder": "relu"}
"""Models whose step is derived by kind of coordinate, with their activation; all others are models of arrays."""


def _models() -> list[str]:
    """Return the names of all models: files of ``theory/models``, and the activations of the autoencoder."""
    from theory.models import names

    return sorted({*names(), *COORDINATES})


#: Most rows of the table of what is along a run.
ROWS = 60
ALGORITHMS = ["gd", "sgd", "epochs", "cyclic"]
"""Batch laws of a step; ``epochs`` (without replacement) is one of models of arrays."""


class ModelName(click.ParamType):
    """The name of a model."""

    name = "model"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name; the message lists the known ones, the nearest first."""
        import difflib

        known = _models()
        if value not in known:
            near = difflib.get_close_matches(str(value), known, n=2, cutoff=0.5)
            hint = f"; did you mean {' or '.join(near)}?" if near else "."
            self.fail(f"unknown model {value!r}{hint} Known: {', '.join(known)}", param, ctx)
        return str(value)


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


def _parameters(model: str, given: dict[str, str], known: list[str]) -> None:
    """Refuse names that the model has not."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        names = f"{', '.join(known[:-1])} and {known[-1]}"
        raise click.UsageError(f"--set {unknown[0]}: {model} has the parameters {names}")


def start_of(init: str) -> Any:
    """Return the start that --init names."""
    from numerics.sweep import coordinates

    if init.startswith("gaussian:"):
        return init
    try:
        return coordinates(init)
    except (OSError, ValueError) as error:
        raise click.UsageError(
            f"--init {init}: neither gaussian:SIGMA nor a readable .npy file of coordinates ({error})"
        ) from error


def _data(name: str | None) -> dict[str, Any] | None:
    """Return the arrays of --data."""
    import numpy as np

    from numerics import InputError

    if name is None:
        return None
    try:
        archive = np.load(name, allow_pickle=False)
        if isinstance(archive, np.ndarray):
            raise ValueError("one array without a name")
        with archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"--data {name}: not a readable .npz archive of arrays ({error})") from error


def _array_run(
    model: str, given: dict[str, str], options: dict[str, Any], claims: list[Bound]
) -> tuple[Any, list[str], list[dict[str, Any]]]:
    """Run a model of arrays, say what the passes did, and judge the claims."""
    from numerics.arrays import DEFAULT, explain_arrays, simulate_arrays
    from numerics.arrays.run import STEP_SIZE
    from theory.models import array_model, structure

    sizes = [str(size.symbol.name) for size in array_model(model).sizes]
    _parameters(model, given, [*sizes, *structure(model), "data_seed", "b", "eta"])
    values = {name: _number(name, text, name != "eta") for name, text in given.items()}
    eta = {"eta": values.pop("eta")} if "eta" in values else {}
    b, data_seed = values.pop("b", None), values.pop("data_seed", 0)
    explain = options.pop("explain")
    options = {key: value for key, value in options.items() if value is not None}
    if claims:
        usual = options.get("record", DEFAULT)
        options["record"] = list(dict.fromkeys([*usual, *(observable_of(bound) for bound in claims)]))
    result = simulate_arrays(model, parameters=values, b=b, data_seed=data_seed, **eta, **options)
    lines = explain_arrays(model, options["algorithm"], b, **values) if explain else []
    exact = eta.get("eta", STEP_SIZE)
    return result, lines, [judged(model, result, bound, exact, options.get("data")) for bound in claims]


def _coordinate_run(
    model: str, given: dict[str, str], options: dict[str, Any], claims: list[Bound]
) -> tuple[Any, list[str], list[dict[str, Any]]]:
    """Run a model whose step is derived by kind of coordinate, and judge the claims."""
    import numerics
    from numerics.observables import DEFAULT
    from theory.derive import update_map

    _parameters(model, given, ["m", "n", "b", "eta"])
    for name, value in (("--data", options.pop("data")), ("--dtype", options.pop("dtype"))):
        if value is not None:
            raise click.UsageError(f"{name}: {model} has no data files and runs in float64")
    m = _number("m", given.get("m", "8"), True)
    n = _number("n", given.get("n", str(m)), True)
    b = _number("b", given["b"], True) if "b" in given else (1 if options["algorithm"] == "sgd" else None)
    explain = options.pop("explain")
    options = {"init": "gaussian:0.5", **{key: value for key, value in options.items() if value is not None}}
    derived = update_map(COORDINATES[model])
    eta = _number("eta", given.get("eta", "1/5"), False)
    if claims:
        usual = options.get("record", DEFAULT)
        options["record"] = list(dict.fromkeys([*usual, *(observable_of(bound) for bound in claims)]))
    result = numerics.simulate(derived, m=m, n=n, b=b, eta=eta, **options)
    verdicts = [judged(derived, result, bound, eta, None) for bound in claims]
    if not explain:
        return result, [], verdicts
    told = {key: options[key] for key in ("algorithm", "record") if key in options}
    return result, numerics.explain(derived, m=m, n=n, b=b, **told), verdicts


@click.command("simulate")
@click.argument("model", type=ModelName())
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default="gd", show_default=True)
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Parameters of the model, b and eta (autoencoder: m=8, n=m, b=1, eta=1/5); an unknown name lists them.",
)
@click.option(
    "--init",
    help="gaussian:SIGMA or FILE.npy with coordinates of shape (n,) or (replicas, n); default gaussian:0.5, for "
    "models of arrays gaussian:1 in the model's own scale.",
)
@click.option("--replicas", type=int, default=100, show_default=True)
@click.option("--steps", type=int, default=1000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--backend", type=click.Choice(["numpy", "jit", "cupy"]), default="jit", show_default=True)
@click.option("--record", multiple=True, metavar="NAME", help="Observables to summarise (default: a standard set).")
@click.option(
    "--at",
    metavar="T1,T2,...",
    help="Steps at which they are recorded along the run too: integers, or ranges LOW:HIGH:STEP (without HIGH).",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep checkpoints of the trajectories in this .npz file.",
)
@click.option("--data", metavar="FILE.npz", help="Data of a model of arrays (default: drawn from --set data_seed=0).")
@click.option("--dtype", type=click.Choice(["float64", "float32"]), help="Precision of a model of arrays.")
@click.option(
    "--claim",
    "claims",
    multiple=True,
    metavar="QUANTITY<=LIMIT",
    help="Look for replicas that violate a bound, along the run or 'at the end', and replay them exactly in balls.",
)
@click.option("--explain", is_flag=True, help="Say which facts about the model the kernel uses.")
@click.option(
    "--json",
    "json_out",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="OUT",
    help="Write the result as JSON ('-': standard output).",
)
def command(
    model: str,
    algorithm: str,
    pairs: tuple[str, ...],
    init: str | None,
    replicas: int,
    steps: int,
    seed: int,
    backend: str,
    record: tuple[str, ...],
    at: str | None,
    save: Path | None,
    data: str | None,
    dtype: str | None,
    claims: tuple[str, ...],
    explain: bool,
    json_out: str | None,
) -> None:
    """Run MODEL from its derived update map, R replicas for T steps.

    \b
    Examples:
      gdproof simulate autoencoder --algorithm sgd --set m=32 --set b=1 --replicas 1000 --steps 2000
      gdproof simulate relu-autoencoder --algorithm gd --set m=4 --set n=6 --json -
      gdproof simulate stochastic-quadratic --algorithm sgd --set p=10 --set b=200 --explain
      gdproof simulate deep-linear --set depth=4 --set d=6 --set eta=1/50 --record loss --at 0:1001:100
      gdproof simulate autoencoder --algorithm sgd --init gaussian:0.3 --claim "norm2 <= 1 + eta/5"
      gdproof simulate stochastic-quadratic --algorithm sgd --claim "norm <= 4/5 at the end"
    """
    given = _settings(pairs)
    options: dict[str, Any] = {
        "algorithm": algorithm,
        "replicas": replicas,
        "steps": steps,
        "seed": seed,
        "init": None if init is None else start_of(init),
        "backend": backend,
        "record": record or None,
        "at": steps_of(at),
        "save": sorted({round(steps * i / 50) for i in range(51)}) if save else None,
        "data": _data(data),
        "dtype": dtype,
        "explain": explain,
    }
    run = _coordinate_run if model in COORDINATES else _array_run
    result, lines, verdicts = run(model, given, options, [bound_of(text) for text in claims])
    if save is not None:
        save.parent.mkdir(parents=True, exist_ok=True)
        result.save_npz(save)
    answer = {**result.as_json(), "model": model}
    if explain:
        answer["explain"] = lines
    if claims:
        answer["claims"] = verdicts
    _show(answer, lines, json_out)


def _along(answer: dict[str, Any]) -> list[str]:
    """Return the table of what is along the run: a row a step, a column an observable that is one number."""
    from numerics.observables import figure

    steps = answer.get("at", [])
    if len(steps) > ROWS:
        return [f"along the run: {len(steps)} steps are too many for a table; --json and --save write all of them"]
    columns = [["step", *map(str, steps)]]
    for name, summaries in answer.get("along", {}).items():
        figures = [figure(summary) for summary in summaries]
        if not any(isinstance(value, list) for value in figures):
            columns.append([name, *("-" if value is None else f"{value:.6g}" for value in figures)])
    if len(columns) == 1:
        return []
    widths = [max(map(len, column)) for column in columns]
    rows = zip(*columns, strict=True)
    lines = ["  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return ["along the run, means over the replicas:", *(f"  {line}" for line in lines)]


def _show(answer: dict[str, Any], lines: list[str], json_out: str | None) -> None:
    """Print the result, and write it as JSON where asked."""
    from checks.report.files import write_text

    text = json.dumps(answer, indent=1)
    if json_out == "-":
        click.echo(text)
        return
    if json_out is not None:
        write_text(Path(json_out), text + "\n")
    click.echo(
        f"{answer['model']}, {answer['algorithm']}: {answer['replicas']} replicas x {answer['steps']} steps, "
        f"{answer['parameters']}"
    )
    for line in lines:
        click.echo(f"  {line}")
    click.echo(
        f"{answer['backend']} on {answer['device']}: compile {answer['compile_seconds']:.2f} s, "
        f"run {answer['wall_seconds']:.3f} s, {answer['throughput']:.3g} coordinate updates/s"
    )
    for name, values in answer["summary"].items():
        click.echo(
            f"  {name:18} "
            + "  ".join(f"{k} {v:.6g}" if isinstance(v, float) else f"{k} {v}" for k, v in values.items())
        )
    for line in _along(answer):
        click.echo(line)
    for verdict in answer.get("claims", ()):
        click.echo("\n".join(lines_of(verdict, answer["replicas"])))
    click.echo(f"state digest {answer['state_digest']}")
