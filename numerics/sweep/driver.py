"""Run the points of a grid that a store does not have yet, and keep each as soon as it is known.

A point's key is the hash of everything that decides its result; its payload is a function of that.  So the rows of a
grid do not depend on how often the sweep was killed, on the order of the points, or on where they ran.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from typing import Any, Protocol

from numerics.errors import NumericsError
from numerics.store import Store, key_of
from numerics.sweep.grid import Grid, Point
from numerics.sweep.workers import WorkerError, finished

#: Points found in the store between two reports.
_SKIPPED = 500
#: Seconds of work that one process may lose when it is killed.
_HOLD = 0.1


class Task(Protocol):
    """What is computed at a point.  It must be picklable to run in other processes."""

    def identity(self, point: Point) -> Mapping[str, Any]:
        """Return, as JSON, everything that decides the result: names, parameters, seed, kernel, versions."""

    def run(self, point: Point) -> Any:
        """Return the result as JSON, a function of the identity: no times, no device, no order of threads."""


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes
    ----------
    total
        Points of the grid.
    stored
        Points that the store had already, as far as they have been looked at.
    computed
        Points that this run computed.
    seconds
        Time since the first point was given to a worker; 0 before.
    """

    total: int
    stored: int = 0
    computed: int = 0
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Return the number of points that are in the store."""
        return self.stored + self.computed

    @property
    def seconds_left(self) -> float | None:
        """Return the time left if the other points cost as much as the computed ones; None before the first."""
        if self.done == self.total:
            return 0.0
        return self.seconds / self.computed * (self.total - self.done) if self.computed else None


def run(
    task: Task,
    grid: Grid,
    store: str | PathLike[str],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """Compute the points of a grid that a store does not have.

    Kill it at any moment and call it again: at most the points in flight are computed twice, and the rows in the
    store are the same to the byte.

    Parameters
    ----------
    task
        What is computed at a point.
    grid
        Where.
    store
        The SQLite file; points of other sweeps in it stay.
    jobs, scheduler
        See `numerics.sweep.finished`.
    report
        Called with the progress after each transaction.

    Raises
    ------
    NumericsError
        If a point has no meaning (the message names it), or no worker is left.
    """
    progress = Progress(len(grid))
    begin: float | None = None

    with Store(store) as held:

        def missing() -> Iterator[tuple[str, Point]]:
            nonlocal progress, begin
            for point in grid:
                key = _key(task, point)
                if key in held:
                    progress = replace(progress, stored=progress.stored + 1)
                    if progress.stored % _SKIPPED == 0:
                        report(progress)
                    continue
                begin = begin or time.monotonic()
                yield key, point

        report(progress)
        for batch in finished(partial(_compute, task), missing(), jobs=jobs, scheduler=scheduler, hold=_HOLD):
            held.put_many(_checked(batch))
            assert begin is not None
            computed = progress.computed + len(batch)
            progress = replace(progress, computed=computed, seconds=time.monotonic() - begin)
            report(progress)
    report(progress)
    return progress


def _key(task: Task, point: Point) -> str:
    with _named(point):
        return key_of(task.identity(point))


def _compute(task: Task, item: tuple[str, Point]) -> tuple[str, Any]:
    """Run on a worker: the key as the worker sees it, and the payload."""
    _, point = item
    with _named(point):
        identity = task.identity(point)
        return key_of(identity), {"point": identity, "result": task.run(point)}


def _checked(
    batch: Iterable[tuple[tuple[str, Point], tuple[str, Any]]],
) -> Iterator[tuple[str, Any]]:
    """Yield keys and payloads; a worker with other code or versions has another key for the same point."""
    for (key, point), (seen, payload) in batch:
        if seen != key:
            raise WorkerError(
                f"a worker has other versions than this machine: for the point {point} it has the key {seen[:12]}..., "
                f"here it is {key[:12]}...; install the same versions of gdproof and NumPy on every worker"
            )
        yield key, payload


class _named:
    """Name the point in errors of the project that are raised inside."""

    def __init__(self, point: Point) -> None:
        self.point = point

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, NumericsError):
            raise type(error)(f"point {self.point}: {error}") from None
