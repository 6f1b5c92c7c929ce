"""Targets: one module ``<name>_target.py`` a backend, found by its name; and slow oracles.

A backend module offers ``device() -> str`` and ``prepare(problem) -> Advance``; ``prepare`` does all the
compiling.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from numerics.batches import Batches
from numerics.errors import unknown_name
from numerics.ir import Kernel
from numerics.random import F64

_SUFFIX = "_target"

#: Most doubles of the state table of one chunk, so that it stays in the cache.
_CHUNK_ENTRIES = 1 << 18


@dataclass(frozen=True)
class Problem:
    """What a target needs to know besides the state.

    Attributes
    ----------
    kernel
        The step.
    batches
        Batch law with its sizes and seed.
    n
        Ambient dimension.
    parameters
        Values of ``kernel.parameters``, in order.
    thresholds
        One a watcher; only those of first passages are used.
    """

    kernel: Kernel
    batches: Batches
    n: int
    parameters: tuple[float, ...]
    thresholds: tuple[float, ...] = ()


class Advance(Protocol):
    """Runs some steps of some replicas in place."""

    def __call__(self, state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        """Advance the state by ``len(steps)`` steps.

        Parameters
        ----------
        state
            State table, a view of shape (rows, len(replicas)), see ``numerics.state``; overwritten.
        watch
            Streamed values, shape (watchers, len(replicas)); overwritten.  Maxima start at minus infinity; a
            first passage is the step number, -1 as long as there was none.
        replicas
            Logical numbers of the replicas in ``state``.
        steps
            Logical numbers of the steps.
        final
            Whether to watch the state after the last step too.
        """


class Target(Protocol):
    """What a backend module offers."""

    def device(self) -> str:
        """Return the device that runs, in words."""

    def prepare(self, problem: Problem) -> Advance:
        """Generate and compile the code of a problem."""

    def share(self, problem: Problem, replicas: int, threads: int) -> int:
        """Return how many replicas one call of ``Advance`` should get; this changes no bit."""


def even_share(problem: Problem, replicas: int, threads: int) -> int:
    """Return a ``Target.share`` for vectorised code: an even part for each thread, within the cache."""
    rows = problem.n + problem.kernel.rows
    return max(1, min(-(-replicas // threads), max(64, _CHUNK_ENTRIES // rows)))


def backends() -> tuple[str, ...]:
    """Return the names of all backends."""
    return tuple(sorted(path.stem.removesuffix(_SUFFIX) for path in Path(__file__).parent.glob(f"*{_SUFFIX}.py")))


def target(backend: object) -> Target:
    """Return the module of a backend."""
    if not isinstance(backend, str) or backend not in backends():
        raise unknown_name("backend", backend, backends())
    module: Target = importlib.import_module(f"numerics.targets.{backend}{_SUFFIX}")  # type: ignore[assignment]
    return module
