"""Runs as points of a sweep: what the key covers, and that the payload is that of ``simulate``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from numerics import simulate
from numerics.errors import InputError
from numerics.store import canonical, key_of
from numerics.sweep import Grid, Point, Simulation, axis_of, rows, run
from numerics.sweep.grid import Value
from theory.derive import update_map
from theory.derive.update_map import UpdateMap

DEFAULTS: tuple[tuple[str, Value], ...] = (("m", Fraction(4)), ("replicas", Fraction(6)), ("steps", Fraction(20)))


def derive(model: str) -> UpdateMap:
    return update_map("relu" if model == "relu-autoencoder" else "linear")


@dataclass(frozen=True)
class Unversioned(Simulation):
    """A task whose key leaves out the code, which somebody may edit between two processes of a test."""

    def identity(self, point: Point) -> dict[str, Any]:
        return {**super().identity(point), "code": ""}


TASK = Simulation("autoencoder", derive, DEFAULTS, record=("norm", "max:norm2"), backend="numpy")
POINT = Point({"algorithm": "sgd", "eta": Fraction(1, 5), "b": Fraction(2)}, 3)


def test_the_payload_is_that_of_a_run() -> None:
    direct = simulate(
        update_map("linear"),
        m=4,
        n=4,
        eta=Fraction(1, 5),
        algorithm="sgd",
        b=2,
        replicas=6,
        steps=20,
        seed=3,
        record=("norm", "max:norm2"),
        backend="numpy",
    )
    found = TASK.run(POINT)
    answer = {name: direct.as_json()[name] for name in ("parameters", "state_digest", "summary")}
    assert found == {"kernel": direct.kernel_digest, **answer}
    assert canonical(found)


def test_the_key_covers_everything_that_decides_the_result() -> None:
    points = {
        "seed": replace(POINT, seed=4),
        "eta": replace(POINT, settings={**POINT.settings, "eta": Fraction(1, 4)}),
        "b": replace(POINT, settings={**POINT.settings, "b": Fraction(3)}),
        "algorithm": Point({"eta": Fraction(1, 5)}, 3),
        "steps": replace(POINT, settings={**POINT.settings, "steps": Fraction(21)}),
        "n": replace(POINT, settings={**POINT.settings, "n": Fraction(5)}),
        "init": replace(POINT, settings={**POINT.settings, "init": "gaussian:1"}),
    }
    tasks = {
        "model": replace(TASK, model="relu-autoencoder"),
        "record": replace(TASK, record=("norm",)),
        "backend": replace(TASK, backend="jit"),
        "defaults": replace(TASK, defaults=(("m", Fraction(5)), *DEFAULTS[1:])),
    }
    keys = [key_of(TASK.identity(POINT)), *(key_of(TASK.identity(point)) for point in points.values())]
    keys += [key_of(task.identity(POINT)) for task in tasks.values()]
    assert len(set(keys)) == 1 + len(points) + len(tasks)
    identity = TASK.identity(POINT)
    assert {"kernel", "versions", "code", "model", "settings", "seed"} <= set(identity)
    assert identity["kernel"] != tasks["model"].identity(POINT)["kernel"]


def test_the_spelling_of_a_point_does_not_change_its_key() -> None:
    explicit = Point({**POINT.settings, "m": Fraction(4), "n": Fraction(4), "eta": Fraction("0.2")}, 3)
    assert key_of(TASK.identity(explicit)) == key_of(TASK.identity(POINT))


def test_an_unknown_setting_is_named_before_anything_runs(tmp_path: Path) -> None:
    points = Grid(dict([axis_of("etta=0.1")]), range(2))
    with pytest.raises(InputError, match=r"point etta=1/10, seed=0: unknown setting 'etta'.*did you mean 'eta'"):
        run(TASK, points, tmp_path / "s", jobs=1)


def test_a_sweep_of_runs_in_two_processes(tmp_path: Path) -> None:
    points = Grid(dict([axis_of("eta=0.1,0.2"), axis_of("b=1,2"), axis_of("algorithm=sgd")]), range(2))
    task = Unversioned("autoencoder", derive, DEFAULTS, record=("norm", "max:norm2"), backend="numpy")
    done = run(task, points, tmp_path / "s", jobs=2)
    assert done.computed == 8
    found = {str(point): row["result"] for point, row in rows(task, points, tmp_path / "s")}
    assert len({result["state_digest"] for result in found.values()}) == 8
    assert all(result == TASK.run(point) for point, result in zip(points, found.values(), strict=True))
