"""Observables along a run: their values at chosen steps, one number a replica and step.

A run goes from one of these steps to the next; its state and the counters of its draws carry over, so it has the bits
of a run that never stops.  What is kept grows with the number of chosen steps, not with that of the steps of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from numerics.arguments import check_memory
from numerics.errors import InputError
from numerics.random import F64, I64

Values = Callable[[Sequence[str], F64, F64], Mapping[str, F64]]
"""From names, states and their starts, shape (R, n), to the values of the observables."""


class Along:
    """Collects observables at some steps, chunk by chunk of the replicas.

    Parameters
    ----------
    names
        Observables of a state.
    steps
        Where they are taken, in order.
    start
        States at t = 0, shape (replicas, n).
    values
        How they are evaluated.

    Raises
    ------
    InputError
        If there are steps but no observable of a state, or the values do not fit into memory.
    """

    def __init__(self, names: Sequence[str], steps: Sequence[int], start: F64, values: Values) -> None:
        if steps and not names:
            raise InputError(
                "at has steps, but no observable of a state is recorded, such as 'norm'; maxima and first passages "
                "look at every step"
            )
        replicas, n = start.shape
        self._names, self._steps, self._start, self._values = names, steps, start, values
        self._place = {step: place for place, step in enumerate(steps)}
        sizes = {name: (n,) if name == "coordinates" else () for name in names}
        check_memory("values along", len(steps) * replicas * sum(size[0] if size else 1 for size in sizes.values()))
        self._kept = {name: np.empty((len(steps), replicas, *size)) for name, size in sizes.items()} if steps else {}

    @property
    def steps(self) -> I64:
        """Return the steps."""
        return np.array(self._steps, np.int64)

    def see(self, step: int, rows: slice, states: F64) -> None:
        """Take the states of some replicas after a step, shape (rows, n), where the step is one of those chosen."""
        place = self._place.get(step)
        if place is not None:
            for name, values in self._values(self._names, states, self._start[rows]).items():
                self._kept[name][place, rows] = values

    def values(self) -> Mapping[str, F64]:
        """Return the values by name, shape (steps, replicas), or (steps, replicas, n)."""
        return self._kept
