"""The same stream of items on a ``dask.distributed`` cluster; a worker that dies loses nothing.

The scheduler gives the items of a dead worker to the others.  A worker process runs one item at a time, whatever
its number of threads, because ball arithmetic keeps its precision in one place for all threads; start workers with
``--nthreads 1``, one for each core.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from numerics.errors import NumericsError
from numerics.sweep.workers import PER_WORKER, WorkerError, good_first

I = TypeVar("I")
R = TypeVar("R")

#: Seconds to wait for the scheduler, and then for its first worker.
PATIENCE = 20
_one_at_a_time = threading.Lock()


def on_cluster(function: Callable[[I], R], items: Iterable[I], address: str) -> Iterator[list[tuple[I, R]]]:
    """Yield lists of pairs (item, function(item)) as the workers of a scheduler finish them.

    Raises
    ------
    WorkerError
        If ``distributed`` is not installed, nothing answers at the address, there is no worker, the scheduler
        went away, or a point killed several workers in turn.
    """
    client = connect(address)
    try:
        yield from _stream(client, function, iter(items), address)
    finally:
        client.close()


def connect(address: str) -> Any:
    """Return a client of the scheduler at an address, with at least one worker."""
    try:
        from distributed import Client
    except ImportError:
        raise WorkerError(
            f"scheduler {address}: runs on a cluster need the optional extra 'cluster'; "
            "install it with: pip install 'gdproof[cluster]'"
        ) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as problem:
        raise WorkerError(
            f"scheduler {address}: no dask.distributed scheduler answers there ({str(problem).splitlines()[0]}); "
            "start one with 'dask scheduler' and give the address that it prints, such as tcp://127.0.0.1:8786"
        ) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        client.close()
        raise WorkerError(
            f"scheduler {address}: it has no worker; start some with 'dask worker {address} --nthreads 1'"
        ) from None
    return client


def _stream(client: Any, function: Callable[[I], R], source: Iterator[I], address: str) -> Iterator[list[tuple[I, R]]]:
    from distributed import as_completed

    alone = partial(_alone, function)
    waiting: dict[Any, I] = {}
    collected = as_completed(loop=client.loop, raise_errors=False)

    def refill() -> None:
        # asked anew each time: workers come and go
        window = PER_WORKER * max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        for item in islice(source, max(0, window - len(waiting))):
            future = client.submit(alone, item, pure=False)
            waiting[future] = item
            collected.add(future)

    refill()
    for batch in collected.batches():
        yield from good_first((waiting.pop(future), partial(_result, future, address)) for future in batch)
        refill()


def _result(future: Any, address: str) -> Any:
    from distributed import KilledWorker
    from distributed.client import FutureCancelledError

    try:
        return future.result()
    except NumericsError:
        raise
    except KilledWorker:
        raise WorkerError(
            f"scheduler {address}: a point killed every worker that tried it (out of memory?); "
            "what was finished is kept: run the same command again"
        ) from None
    except (CancelledError, FutureCancelledError):
        raise WorkerError(
            f"scheduler {address}: it went away; what was finished is kept: run the same command again"
        ) from None
    except ImportError as problem:
        raise WorkerError(
            f"scheduler {address}: a worker cannot load the task ({problem}); "
            "install the same version of gdproof on every worker"
        ) from None


def _alone(function: Callable[[I], R], item: I) -> R:
    """Run on a worker: one item of its process at a time."""
    with _one_at_a_time:
        return function(item)
