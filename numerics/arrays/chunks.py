"""The time loop of a run over chunks of replicas, shared by threads; what is seen at some steps is handed over."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import pairwise
from typing import TypeAlias

from numerics.random import F64

Advance: TypeAlias = "Callable[[F64, range, range], None]"
"""Advances a flat state of shape (replicas, dimension) in place: states, numbers of the replicas, steps."""
See: TypeAlias = "Callable[[int, slice, F64], None]"
"""Takes a step, the rows of some replicas and their states after it."""


def advance_all(
    advance: Advance,
    state: F64,
    steps: range,
    chunk: int | None,
    workers: int | None,
    stops: Sequence[int] = (),
    see: See | None = None,
) -> None:
    """Advance all replicas, chunk by chunk; the calling thread works too.

    Parameters
    ----------
    advance, state
        What runs, and the states, shape (replicas, dimension); overwritten.
    steps
        Steps of the run.
    chunk, workers
        Replicas a chunk, and threads (None: one a core).  Neither changes a bit.
    stops, see
        Increasing steps within the run, and what is called after each of them, for every chunk.
    """
    replicas = len(state)
    threads = workers or len(os.sched_getaffinity(0))
    size = chunk or max(64, -(-replicas // (4 * threads) // 64) * 64)
    lows = iter(range(0, replicas, size))
    spans = list(pairwise(dict.fromkeys((steps.start, *stops, steps.stop))))

    def work() -> None:
        for low in lows:
            rows = slice(low, min(low + size, replicas))
            for start, stop in spans:
                advance(state[rows], range(rows.start, rows.stop), range(start, stop))
                if see is not None:
                    see(stop, rows, state[rows])

    others = [pool(threads - 1).submit(work) for _ in range(min(threads, -(-replicas // size)) - 1)]
    try:
        work()
    finally:
        for _ in lows:  # after an error or an interrupt the other threads end with their chunk
            pass
        for other in others:
            other.result()


def pool(threads: int) -> ThreadPoolExecutor:
    """Return the threads of this process, kept between runs; a forked process has none of its parent's."""
    return _pool(os.getpid(), threads)


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads)
