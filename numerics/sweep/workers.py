"""Apply a function to a stream of items on this machine's processes or on a cluster, in no particular order.

At most a few items a worker are in flight, so memory does not grow with the number of items.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import TypeVar

from numerics.errors import InputError, NumericsError, describe

I = TypeVar("I")
R = TypeVar("R")

#: Items in flight for each worker: enough to keep it busy while results are written.
PER_WORKER = 8


class WorkerError(NumericsError):
    """A worker or the scheduler is missing, cannot be reached, or died."""


def finished(
    function: Callable[[I], R],
    items: Iterable[I],
    *,
    jobs: int | None = None,
    scheduler: str | None = None,
    hold: float = 0.0,
) -> Iterator[list[tuple[I, R]]]:
    """Yield lists of pairs (item, function(item)) as they become known, each item exactly once.

    When the function fails on an item, what is known is yielded before its error is raised.

    Parameters
    ----------
    function
        For more than one job, or a scheduler: a function of a module, or a partial of one, with picklable
        arguments and results.
    items
        Read lazily, in this thread.
    jobs
        Processes on this machine; one runs in this process.  Default: one a core.
    scheduler
        Address of a ``dask.distributed`` scheduler (``tcp://host:port``), instead of processes on this machine.
    hold
        Seconds for which one job may collect results of cheap items before it yields them.

    Raises
    ------
    InputError
        If both ``jobs`` and ``scheduler`` are given, or ``jobs`` is no positive integer.
    WorkerError
        If a worker died, or the scheduler cannot be used.  What was yielded before stays true.
    """
    if jobs is not None and (isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 1):
        raise InputError(f"jobs is {describe(jobs)}; it must be an integer of at least 1, or None")
    if scheduler is not None:
        if jobs is not None:
            raise InputError(f"jobs = {jobs} and scheduler = {scheduler!r}: give one of them")
        from numerics.sweep.cluster import on_cluster

        return on_cluster(function, items, scheduler)
    count = jobs or len(os.sched_getaffinity(0))
    return _in_this_process(function, items, hold) if count == 1 else _in_processes(function, items, count)


def _in_this_process(function: Callable[[I], R], items: Iterable[I], hold: float) -> Iterator[list[tuple[I, R]]]:
    done: list[tuple[I, R]] = []
    begin = time.monotonic()
    try:
        for item in items:
            done.append((item, function(item)))
            if time.monotonic() - begin >= hold:
                ready, done = done, []
                yield ready
                begin = time.monotonic()
    except Exception:
        if done:
            yield done
        raise
    if done:
        yield done


def _in_processes(function: Callable[[I], R], items: Iterable[I], jobs: int) -> Iterator[list[tuple[I, R]]]:
    source = iter(items)
    pool = ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_follow_the_parent)
    before, workers = {child.pid for child in active_children()}, list[BaseProcess]()
    try:
        waiting: dict[Future[R], I] = {}
        while True:
            for item in islice(source, PER_WORKER * jobs - len(waiting)):
                waiting[pool.submit(function, item)] = item
            if not waiting:
                return
            workers = workers or [child for child in active_children() if child.pid not in before]
            done, _ = wait(waiting, return_when=FIRST_COMPLETED)
            yield from good_first((waiting.pop(future), future.result) for future in done)
    except BrokenProcessPool:
        if _interrupted(workers):  # Python may lose an interrupt that arrives inside a callback
            raise KeyboardInterrupt from None
        raise WorkerError(
            "a worker process died (killed, or out of memory); what was finished is kept: "
            f"run the same command again, with fewer than {jobs} jobs when memory was short"
        ) from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _interrupted(workers: list[BaseProcess]) -> bool:
    """Return whether a worker ended by Ctrl-C, which reaches the whole group of processes."""
    for worker in workers:
        worker.join(1)
    return any(worker.exitcode == -signal.SIGINT for worker in workers)


def good_first(done: Iterable[tuple[I, Callable[[], R]]]) -> Iterator[list[tuple[I, R]]]:
    """Yield the results that there are as one list, then raise the first error."""
    results: list[tuple[I, R]] = []
    errors: list[Exception] = []
    for item, result in done:
        try:
            results.append((item, result()))
        except Exception as error:
            errors.append(error)
    if results:
        yield results
    if errors:
        raise errors[0]


def _follow_the_parent() -> None:
    """Leave as soon as the parent process is gone (after kill -9 it cannot say so), and in silence at Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
