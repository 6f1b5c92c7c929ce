"""The time loop of a run over chunks of replicas: state tables live only as long as their chunk."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from numerics.random import F64
from numerics.state import enter, leave
from numerics.targets import Advance, Problem


def threads_of(workers: int | None) -> int:
    """Return the number of threads: as given, or one a core that this process may use."""
    return workers or len(os.sched_getaffinity(0))


def stream(
    problem: Problem,
    advance: Advance,
    start: F64,
    watch: F64,
    stops: Sequence[int],
    chunk: int,
    workers: int | None,
    kept: Mapping[int, F64],
    see: Callable[[int, slice, F64], None] = lambda step, rows, states: None,
) -> None:
    """Run all replicas and keep their states at some steps.

    Parameters
    ----------
    problem, advance
        What runs, and its compiled form.
    start
        States at t = 0, shape (replicas, n); not changed.
    watch
        Streamed values, shape (watchers, replicas); overwritten.
    stops
        Increasing steps; the last one ends the run.
    chunk, workers
        Replicas a chunk, and threads (None: one a core).  Neither changes a bit.
    kept
        Arrays by step, shape (replicas, n), for the states that are kept; overwritten.
    see
        Called with every stop, the rows of a chunk and the states there, which are its own only during the call.
    """
    replicas = len(start)

    def work(low: int) -> None:
        part = range(low, min(low + chunk, replicas))
        rows = slice(part.start, part.stop)
        table = enter(problem.kernel, start[rows])
        for begin, end in zip([0, *stops], stops, strict=False):
            advance(table, watch[:, rows], part, range(begin, end), end == stops[-1])
            states = kept[end][rows] if end in kept else np.empty_like(start[rows])
            leave(problem.kernel, table, problem.batches.m, states)
            see(end, rows, states)

    _each(work, range(0, replicas, chunk), threads_of(workers))


def _each(work: Callable[[int], None], parts: range, threads: int) -> None:
    """Do all parts, by threads where there is more than one part."""
    if threads == 1 or len(parts) == 1:
        for low in parts:
            work(low)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, parts))
