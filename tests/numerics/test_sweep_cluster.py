"""Sweeps on a dask.distributed cluster: same rows, also when a worker is killed; clear errors without one."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from numerics.errors import InputError
from numerics.store import Store
from numerics.sweep import Grid, Point, Progress, WorkerError, cluster, finished, rows, run

distributed = pytest.importorskip("distributed", reason="the optional extra 'cluster' is not installed")


@dataclass(frozen=True)
class Cube:
    """A task of a few milliseconds, written so that workers can import it."""

    pause: float = 0.005

    def identity(self, point: Point) -> dict[str, Any]:
        return {"task": "cube", **point.content()}

    def run(self, point: Point) -> dict[str, Any]:
        time.sleep(self.pause)
        x = point.settings["x"]
        assert isinstance(x, Fraction)
        if x < 0:
            raise InputError("x is negative")
        return {"cube": str(x**3 + point.seed)}


def fatal(item: int) -> int:
    os._exit(item)


def in_flight(item: int) -> int:
    """The largest number of threads of this process that were here together."""
    with _lock:
        _inside.append(item)
        seen = len(_inside)
    time.sleep(0.01)
    with _lock:
        _inside.remove(item)
    return seen


_lock = threading.Lock()
_inside: list[int] = []
GRID = Grid({"x": tuple(Fraction(i, 7) for i in range(40))}, range(5))


@pytest.fixture
def two_workers() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs="CRITICAL"
    ) as found:
        yield found


def workers_of(address: str) -> list[int]:
    with distributed.Client(address, set_as_default=False) as client:
        return sorted(client.run(os.getpid).values())


def test_a_killed_worker_changes_nothing(two_workers: Any, tmp_path: Path) -> None:
    address = two_workers.scheduler_address
    victims = workers_of(address)
    assert len(victims) == 2
    killed_at: list[int] = []

    def kill_one(progress: Progress) -> None:
        if progress.computed >= 20 and not killed_at:
            os.kill(victims[0], signal.SIGKILL)
            killed_at.append(progress.computed)

    done = run(Cube(), GRID, tmp_path / "cluster", scheduler=address, report=kill_one)
    assert killed_at[0] < done.total == done.computed == len(GRID)
    assert victims[0] not in workers_of(address)

    run(Cube(pause=0.0), GRID, tmp_path / "here", jobs=1)
    assert list(rows(Cube(), GRID, tmp_path / "cluster")) == list(rows(Cube(), GRID, tmp_path / "here"))
    with Store(tmp_path / "cluster") as one, Store(tmp_path / "here") as other:
        assert one.keys() == other.keys()


def test_errors_of_points_and_workers_come_back(two_workers: Any, tmp_path: Path) -> None:
    address = two_workers.scheduler_address
    points = Grid({"x": (Fraction(1), Fraction(-1))}, range(1))
    with pytest.raises(InputError, match="point x=-1, seed=0: x is negative"):
        run(Cube(), points, tmp_path / "s", scheduler=address)
    with pytest.raises(WorkerError, match="killed every worker that tried it"):
        list(finished(fatal, [7], scheduler=address))


def test_a_worker_process_runs_one_item_at_a_time() -> None:
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=4, processes=True, dashboard_address=":0", silence_logs="CRITICAL"
    ) as found:
        stream = finished(in_flight, range(12), scheduler=found.scheduler_address)
        assert {seen for batch in stream for _, seen in batch} == {1}


def test_a_scheduler_that_goes_away_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 2)
    found = distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs="CRITICAL"
    )
    closed = False

    def close(progress: Progress) -> None:
        nonlocal closed
        if progress.computed >= 10 and not closed:
            closed = True
            found.close()

    with pytest.raises(WorkerError, match="went away; what was finished is kept"):
        run(Cube(), GRID, tmp_path / "s", scheduler=found.scheduler_address, report=close)
    assert run(Cube(pause=0.0), GRID, tmp_path / "s", jobs=1).stored >= 10


def test_without_a_scheduler_or_worker_the_message_says_what_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nothing listens there
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(WorkerError, match=r"no dask\.distributed scheduler answers there.*dask scheduler"):
            next(finished(fatal, [1], scheduler=address))
    with pytest.raises(WorkerError, match=r"nonsense://x: no dask\.distributed scheduler"):
        next(finished(fatal, [1], scheduler="nonsense://x"))
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs="CRITICAL") as empty,
        pytest.raises(WorkerError, match="it has no worker"),
    ):
        next(finished(fatal, [1], scheduler=empty.scheduler_address))


def test_without_the_extra_the_message_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(WorkerError, match=r"optional extra 'cluster'.*gdproof\[cluster\]"):
        next(finished(fatal, [1], scheduler="tcp://127.0.0.1:8786"))
