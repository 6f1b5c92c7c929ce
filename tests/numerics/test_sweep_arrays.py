"""Runs of array models as points of a sweep."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from numerics.arrays import simulate_arrays
from numerics.errors import InputError
from numerics.store import key_of
from numerics.sweep import ArraySimulation, Grid, Point, axis_of, rows, run

TASK = ArraySimulation(
    "stochastic-quadratic",
    (("atoms", Fraction(6)), ("p", Fraction(3)), ("replicas", Fraction(4)), ("steps", Fraction(15))),
    backend="numpy",
)
POINT = Point({"algorithm": "sgd", "b": Fraction(2), "eta": Fraction(1, 20)}, 5)


def test_the_payload_is_that_of_a_run() -> None:
    direct = simulate_arrays(
        "stochastic-quadratic",
        parameters={"atoms": 6, "p": 3},
        algorithm="sgd",
        b=2,
        eta=Fraction(1, 20),
        replicas=4,
        steps=15,
        seed=5,
        backend="numpy",
    )
    answer = {name: direct.as_json()[name] for name in ("parameters", "state_digest", "summary")}
    assert TASK.run(POINT) == {"kernel": direct.kernel_digest, **answer}


def test_the_key_covers_everything_that_decides_the_result() -> None:
    others = {"b": Fraction(3), "eta": Fraction(1, 10), "data_seed": Fraction(1), "p": Fraction(4), "algorithm": "gd"}
    points = [replace(POINT, settings={**POINT.settings, name: value}) for name, value in others.items()]
    points[-1] = Point({"algorithm": "gd", "eta": Fraction(1, 20)}, 5)
    keys = {key_of(TASK.identity(point)) for point in [POINT, replace(POINT, seed=6), *points]}
    tasks = (replace(TASK, record=("norm",)), replace(TASK, backend="jit"), replace(TASK, at=(3,)))
    keys |= {key_of(task.identity(POINT)) for task in tasks}
    assert len(keys) == 5 + len(others)


def test_the_payload_has_what_is_along_the_run() -> None:
    found = replace(TASK, at=(0, 15)).run(POINT)
    plain = TASK.run(POINT)
    assert {key: value for key, value in found.items() if key not in ("at", "along")} == plain
    assert found["at"] == [0, 15]
    assert found["along"]["loss"][1] == plain["summary"]["loss"]


def test_a_sweep_over_sizes_and_depth(tmp_path: Path) -> None:
    task = ArraySimulation("deep-linear", (("steps", Fraction(5)), ("samples", Fraction(4))), backend="numpy")
    points = Grid(dict([axis_of("depth=1,2"), axis_of("d=2,3"), axis_of("eta=0.01")]), range(2))
    done = run(task, points, tmp_path / "s", jobs=1)
    assert done.computed == 8
    assert len({row["result"]["state_digest"] for _, row in rows(task, points, tmp_path / "s")}) == 8


def test_a_start_from_a_file_is_known_by_its_numbers(tmp_path: Path) -> None:
    def point(name: str) -> Point:
        return Point({**POINT.settings, "init": name}, 5)

    start = np.array([0.5, -1.0, 2.0])
    names = [str(tmp_path / name) for name in ("a.npy", "b.npy", "2.npy")]
    for name, array in zip(names, (start, start.astype(np.float32), start + 1), strict=True):
        np.save(name, array)
    keys = [key_of(TASK.identity(point(name))) for name in names]
    assert keys[0] == keys[1] != keys[2]
    direct = simulate_arrays(
        "stochastic-quadratic",
        parameters={"atoms": 6, "p": 3},
        algorithm="sgd",
        b=2,
        eta=Fraction(1, 20),
        replicas=4,
        steps=15,
        seed=5,
        init=start,
        backend="numpy",
    )
    assert TASK.run(point(names[0]))["state_digest"] == direct.state_digest
    np.save(names[0], start + 2)
    assert key_of(TASK.identity(point(names[0]))) != keys[0]
    points = Grid(dict([axis_of("init=" + ",".join(names)), axis_of("eta=0.05")]), range(1))
    assert run(TASK, points, tmp_path / "s", jobs=1).computed == 3


def test_a_start_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for name, says in (("no.npy", "no such file"), ("text.npy", "no readable"), ("words.npy", "type")):
        (tmp_path / "text.npy").write_text("1 2 3")
        np.save(tmp_path / "words.npy", np.array(["a"]))
        points = Grid({"init": (str(tmp_path / name),)}, range(1))
        with pytest.raises(InputError, match=f"{name}.*{says}"):
            run(TASK, points, tmp_path / "s", jobs=1)


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    points = Grid(dict([axis_of("q=3")]), range(1))
    with pytest.raises(InputError, match=r"point q=3, seed=0: unknown parameter of stochastic-quadratic 'q'"):
        run(TASK, points, tmp_path / "s", jobs=1)
