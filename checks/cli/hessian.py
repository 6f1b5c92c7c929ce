"""``gdproof hessian``: trace and extreme eigenvalues of the Hessian along a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from checks.cli.simulate import ALGORITHMS, COORDINATES, ModelName, start_of

if TYPE_CHECKING:
    from numerics.hessian import HessianOperator
    from numerics.random import F64
    from numerics.result import RunResult


@click.command("hessian")
@click.argument("model", type=ModelName())
@click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="NAME=VALUE",
    help="Parameters of the model, b and eta (autoencoder: m=8, n=m, eta=1/5).",
)
@click.option("--algorithm", type=click.Choice(ALGORITHMS), default="gd", show_default=True)
@click.option("--init", help="gaussian:SIGMA or FILE.npy, one vector [default: gaussian:0.5; arrays: gaussian:1].")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--at", "steps", default="0,100", show_default=True, metavar="T1,T2,...", help="Steps of the iterates.")
@click.option("--top", type=click.IntRange(min=1), default=3, show_default=True, help="Eigenvalues at the upper end.")
@click.option("--probes", type=click.IntRange(min=2), help="Estimate the trace too, from this many sign vectors.")
@click.option(
    "--json",
    "json_out",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="OUT",
    help="Write the result as JSON ('-': standard output).",
)
def command(
    model: str,
    pairs: tuple[str, ...],
    algorithm: str,
    init: str | None,
    seed: int,
    steps: str,
    top: int,
    probes: int | None,
    json_out: str | None,
) -> None:
    """Run one replica of MODEL and look at the Hessian of its mean loss at some iterates.

    Products with the Hessian are generated from the derived step.  Eigenvalues come with the norm of their residual:
    each lies that close to an exact one, up to rounding.

    \b
    Examples:
      gdproof hessian autoencoder --set m=4 --set n=6 --at 0,10,100
      gdproof hessian autoencoder --set m=500 --set n=2000 --at 50 --top 5 --probes 200 --json -
      gdproof hessian deep-linear --set depth=3 --set d=4 --set eta=0.01 --at 0,100,1000
    """
    from checks.report.files import write_text
    from numerics.hessian import eigenvalues, exact_trace, hutchinson

    at = _steps(steps)
    options = {"algorithm": algorithm, "steps": max(at), "seed": seed, "backend": "numpy", "record": (), "save": at}
    if init is not None:
        options["init"] = start_of(init)
    iterates = _coordinate_iterates if model in COORDINATES else _array_iterates
    run, operator_at = iterates(model, _numbers(pairs), options)
    rows = []
    for step, state in zip(run.checkpoint_steps.tolist(), run.checkpoints[:, 0, :], strict=True):
        operator = operator_at(state)
        found = eigenvalues(operator, min(top, len(state)))
        row: dict[str, Any] = {
            "step": step,
            "norm2": float(state @ state),
            "trace": exact_trace(operator),
            "eigenvalues": found.values.tolist(),
            "residuals": found.residuals.tolist(),
        }
        if probes is not None:
            estimate = hutchinson(operator, probes, seed)
            row["estimate"] = {**vars(estimate), "text": estimate.sentence()}
        rows.append(row)
    answer = {
        "model": model,
        "algorithm": algorithm,
        "parameters": dict(run.parameters),
        "seed": seed,
        "iterates": rows,
    }
    if json_out == "-":
        click.echo(json.dumps(answer, indent=1))
        return
    if json_out is not None:
        write_text(Path(json_out), json.dumps(answer, indent=1) + "\n")
    shown = ", ".join(f"{name} = {value}" for name, value in run.parameters.items())
    click.echo(f"Hessian of the mean loss of {model}, {algorithm}: {shown}")
    for row in rows:
        largest = "  ".join(f"{value:.8g}" for value in row["eigenvalues"])
        click.echo(f"  step {row['step']:<8} |w|^2 {row['norm2']:.6g}  trace {row['trace']:.8g}  largest {largest}")
        click.echo(f"  {'':13} residuals at most {max(row['residuals']):.1e}")
        if "estimate" in row:
            click.echo(f"  {'':13} Hutchinson: {row['estimate']['text']}")


def _coordinate_iterates(
    model: str, numbers: dict[str, Any], options: dict[str, Any]
) -> tuple[RunResult, Callable[[F64], HessianOperator]]:
    """Run a model whose step is derived by kind of coordinate."""
    from numerics import simulate
    from numerics.hessian import coordinate_hessian
    from theory.derive import update_map

    unknown = sorted(set(numbers) - {"m", "n", "b", "eta"})
    if unknown:
        raise click.UsageError(f"--set {unknown[0]}: {model} has the parameters m, n, b and eta")
    m = numbers.pop("m", 8)
    derived = update_map(COORDINATES[model])
    settings = {"n": m, "eta": Fraction(1, 5), "init": "gaussian:0.5", **numbers, **options}
    run = simulate(derived, m=m, **settings)
    return run, lambda state: coordinate_hessian(derived, state, m=m)


def _array_iterates(
    model: str, numbers: dict[str, Any], options: dict[str, Any]
) -> tuple[RunResult, Callable[[F64], HessianOperator]]:
    """Run a model of arrays on the instance that its data seed draws."""
    import numpy as np

    from numerics.arrays import simulate_arrays
    from numerics.arrays.data import instance, shape_of
    from numerics.arrays.run import setting
    from numerics.hessian import array_hessian

    given = {name: numbers.pop(name) for name in ("eta", "b", "data_seed") if name in numbers}
    run = simulate_arrays(model, parameters=numbers, **given, **options)
    made = setting(model, options["algorithm"], given.get("b"), numbers)
    data = instance(made.model, made.sizes, given.get("data_seed", 0))
    shapes = {str(symbol.name): shape_of(symbol, made.sizes) for symbol in made.model.weights}
    ends = np.cumsum([prod(shape) for shape in shapes.values()])

    def operator_at(state: F64) -> HessianOperator:
        parts = zip(shapes.items(), np.split(state, ends[:-1]), strict=True)
        weights = {name: part.reshape(shape) for (name, shape), part in parts}
        return array_hessian(made.derived, made.sizes, weights, data, data)

    return run, operator_at


def _numbers(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Read the settings, exact numbers by name."""
    from numerics.sweep import axis_of

    found: dict[str, Any] = {}
    for pair in pairs:
        name, values = axis_of(pair)
        if name in found or len(values) != 1 or isinstance(values[0], str):
            raise click.UsageError(f"--set {pair}: give one number for each setting, once, for example --set eta=1/5")
        if name != "eta" and values[0].denominator != 1:
            raise click.UsageError(f"--set {pair}: an integer is expected")
        found[name] = values[0] if name == "eta" else int(values[0])
    return found


def _steps(text: str) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise click.UsageError(f"--at {text}: give steps as integers, for example --at 0,10,100")
    return [int(part) for part in parts]
