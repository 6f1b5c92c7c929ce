"""``gdproof sweep``: run a model at every point of a grid of parameters and seeds, and keep the results."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import groupby
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from rich.table import Table

from checks.cli._options import steps_of
from checks.cli.simulate import COORDINATES, ModelName

if TYPE_CHECKING:
    from numerics.sweep import Grid, Progress, Task
    from theory.derive.update_map import UpdateMap

DEFAULTS = {"algorithm": "gd", "replicas": "100", "steps": "1000"}
COORDINATE_DEFAULTS = {"m": "8", "eta": "1/5", "init": "gaussian:0.5"}
"""Of models whose step is derived by kind of coordinate; those of arrays have their own in ``theory/models``."""
#: Most rows of the table on the screen.
ROWS = 40
#: Most columns of results in it.
COLUMNS = 16
#: Columns of the output where it is no terminal.
WIDTH = 160


def update_map_of(model: str) -> UpdateMap:
    """Derive the update map of a model of the command line."""
    from theory.derive import update_map

    return update_map(COORDINATES[model])


@click.command("sweep")
@click.argument("model", type=ModelName())
@click.option(
    "--grid",
    "axes",
    multiple=True,
    metavar="NAME=V1,V2,...",
    help="Values of a setting: numbers, words, or ranges of integers LOW:HIGH (without HIGH).",
)
@click.option("--set", "fixed", multiple=True, metavar="NAME=VALUE", help="A setting that all points share.")
@click.option("--seeds", default="0:1", show_default=True, metavar="LOW:HIGH", help="Seeds of every combination.")
@click.option("--algorithm", help="gd, sgd, cyclic, or epochs (models of arrays) [default: gd].")
@click.option("--init", help="gaussian:SIGMA or FILE.npy of coordinates [default: gaussian:0.5; arrays: gaussian:1].")
@click.option("--replicas", help="Runs of each point [default: 100].")
@click.option("--steps", help="Steps of each run [default: 1000].")
@click.option("--record", multiple=True, metavar="NAME", help="Observables to summarise (default: a standard set).")
@click.option(
    "--at",
    metavar="T1,T2,...",
    help="Steps at which they are recorded along the run too: integers, or ranges LOW:HIGH:STEP (without HIGH).",
)
@click.option("--backend", type=click.Choice(["numpy", "jit", "cupy"]), default="jit", show_default=True)
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("sweep.sqlite"),
    show_default=True,
    help="SQLite file of results; points that it has are not run again.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Processes on this machine (default: one a core).")
@click.option("--scheduler", metavar="URL", help="Run on the dask.distributed cluster of this scheduler (tcp://...).")
@click.option(
    "--json",
    "json_out",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="OUT",
    help="Write all points as JSON ('-': standard output).",
)
@click.option("--resume", is_flag=True, help="Go on where a killed sweep stopped (always done; kept for scripts).")
def command(
    model: str,
    axes: tuple[str, ...],
    fixed: tuple[str, ...],
    seeds: str,
    algorithm: str | None,
    init: str | None,
    replicas: str | None,
    steps: str | None,
    record: tuple[str, ...],
    at: str | None,
    backend: str,
    store: Path,
    jobs: int | None,
    scheduler: str | None,
    json_out: str | None,
    resume: bool,
) -> None:
    """Run MODEL at every point of a grid of settings and seeds.

    Settings are algorithm, b, eta, init, replicas, steps, and the parameters of the model (m, n; sizes; data_seed); an
    unknown name lists them.  Kill the command at any moment and start it again: the points that are in the store are
    kept, and the result is the same to the byte.

    \b
    Examples:
      gdproof sweep autoencoder --grid eta=0.05,0.1,0.2 --grid b=1,2 --algorithm sgd --seeds 0:10
      gdproof sweep autoencoder --grid m=2:9 --set eta=1/5 --steps 500 --store m.sqlite --json m.json
      gdproof sweep stochastic-quadratic --algorithm sgd --grid b=1,10,100 --at 0:1001:250
      gdproof sweep deep-linear --grid depth=1:5 --grid eta=0.01,0.02 --scheduler tcp://127.0.0.1:8786
    """
    from checks.version import __version__
    from numerics.sweep import Grid, run, seeds_of, write_json

    options = {"algorithm": algorithm, "init": init, "replicas": replicas, "steps": steps}
    given = [f"{name}={value}" for name, value in options.items() if value is not None]
    settings = _settings(axes, (*fixed, *given))
    usual = DEFAULTS | COORDINATE_DEFAULTS if model in COORDINATES else DEFAULTS
    defaults = _settings((), [f"{name}={value}" for name, value in usual.items() if name not in settings])
    grid = Grid({**settings, **defaults}, seeds_of(seeds))
    task = _task(model, record, tuple(steps_of(at)), backend)
    screen = Console(stderr=json_out == "-")
    if not screen.is_terminal:
        screen.width = max(screen.width, WIDTH)
    with _Screen(screen, len(grid)) as shown:
        done = run(task, grid, store, jobs=jobs, scheduler=scheduler, report=shown.update)
    screen.print(
        f"{done.total} points in {store}: {done.computed} computed in {done.seconds:.1f} s, {done.stored} were there",
        highlight=False,
        soft_wrap=True,
    )
    _print_table(task, grid, store, screen)
    if json_out is not None:
        header = {
            "gdproof": __version__,
            "model": model,
            "grid": {name: [str(value) for value in values] for name, values in grid.axes.items()},
            "seeds": [grid.seeds.start, grid.seeds.stop, grid.seeds.step],
        }
        write_json(task, grid, store, sys.stdout if json_out == "-" else Path(json_out), header)


def _task(model: str, record: tuple[str, ...], at: tuple[int, ...], backend: str) -> Task:
    """Return what is computed at a point."""
    from numerics.sweep import ArraySimulation, Simulation

    recorded: dict[str, Any] = {"at": at, **({"record": record} if record else {})}
    if model in COORDINATES:
        return Simulation(model, update_map_of, backend=backend, **recorded)
    return ArraySimulation(model, backend=backend, **recorded)


def _settings(axes: Sequence[str], fixed: Sequence[str]) -> dict[str, tuple[Fraction | str, ...]]:
    """Read all settings; one that is given twice, or a fixed one with several values, is an error."""
    from numerics.sweep import axis_of

    found: dict[str, tuple[Fraction | str, ...]] = {}
    for position, text in enumerate((*axes, *fixed)):
        name, values = axis_of(text)
        if name in found:
            raise click.UsageError(f"{text}: the setting {name} is given twice; put all its values into one --grid")
        if position >= len(axes) and len(values) > 1:
            raise click.UsageError(f"{text}: a fixed setting has one value; for several write --grid {text}")
        found[name] = values
    return found


class _Screen:
    """Progress with the time left: a bar in a terminal, elsewhere a line for each tenth of the points."""

    def __init__(self, console: Console, total: int) -> None:
        self._console = console
        self._bar = Bar(
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=total)
        self._tenth = 0

    def __enter__(self) -> _Screen:
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def update(self, progress: Progress) -> None:
        """Show the progress of a sweep."""
        left = "" if progress.seconds_left is None else f"{clock(progress.seconds_left)} left"
        self._bar.update(self._task, completed=progress.done, description=left)
        tenth = 10 * progress.done // progress.total
        if not self._console.is_terminal and tenth > self._tenth:
            self._tenth = tenth
            self._console.print(f"{progress.done}/{progress.total} points, {left}", highlight=False)


def clock(seconds: float) -> str:
    """Return a duration as hours, minutes and seconds, for example ``1:02:03`` or ``2:05``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _print_table(task: Task, grid: Grid, store: Path, screen: Console) -> None:
    """Print one row for each combination of settings: means over the seeds."""
    count = prod(len(values) for values in grid.axes.values())
    if count > ROWS:
        screen.print(f"{count} combinations: too many for a table; --json writes all of them", highlight=False)
        return
    from numerics.observables import figure

    varied = grid.varied()
    table = Table(
        title=f"means over {len(grid.seeds)} seed{'s' if len(grid.seeds) > 1 else ''} and all replicas",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for name in varied:
        table.add_column(name, overflow="fold")
    names: list[str] = []
    hidden = 0
    for combination, results in _by_settings(task, grid, store):
        summaries = [_columns(result) for result in results]
        if not names:
            names = [name for name, values in summaries[0].items() if isinstance(figure(values), float)]
            names, hidden = names[:COLUMNS], len(names[COLUMNS:])
            for name in names:
                table.add_column(name, justify="right", overflow="fold")
        cells = [_mean([figure(summary[name]) for summary in summaries]) for name in names]
        table.add_row(*(str(combination[name]) for name in varied), *cells)
    screen.print(table)
    if hidden:
        screen.print(f"{hidden} columns more: too many for the table; --json writes all of them", highlight=False)


def _columns(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the summaries of a point by column: those at the end, then those along the run, as ``loss at 100``."""
    steps, along = result.get("at", []), result.get("along", {})
    found = dict(result["summary"])
    for name, summaries in along.items():
        found.update((f"{name} at {step}", summary) for step, summary in zip(steps, summaries, strict=True))
    return found


def _by_settings(
    task: Task, grid: Grid, store: Path
) -> Iterator[tuple[dict[str, Fraction | str], list[dict[str, Any]]]]:
    """Yield settings with the results of all seeds; the seed changes fastest."""
    from numerics.sweep import rows

    found = rows(task, grid, store)
    for _, group in groupby(found, key=lambda pair: tuple(pair[0].settings.items())):
        members = list(group)
        yield dict(members[0][0].settings), [row["result"] for _, row in members]


def _mean(values: list[float | None]) -> str:
    numbers = [value for value in values if value is not None]
    return f"{sum(numbers) / len(numbers):.4g}" if numbers else "-"
