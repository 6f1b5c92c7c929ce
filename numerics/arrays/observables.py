"""Observables of array models: functions of a state, and maxima and first passages along a run.

===========  ==================================================
coordinates  the state itself: the weights one after the other
norm         the root of the sum of their squares
norm2        that sum
distance     the norm of the difference from the start
loss         the mean of the per-sample loss over all samples
max:Q        maximum over ``t = 0, ..., T`` of a quantity ``Q``
first:Q>=X   first ``t`` with ``Q_t >= X``; -1 when there is none
===========  ==================================================

A quantity is ``norm``, ``norm2``, ``distance`` or ``loss``.  All are evaluated on the host, from states that have equal
bits on all targets, each from its own replica alone: so they have equal bits too, whatever the chunking.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from numerics.along import Along
from numerics.arrays.loss import MeanLoss
from numerics.arrays.setting import Setting
from numerics.ir import Watch
from numerics.observables import Plan, blank_watch, plan_of
from numerics.random import F64

QUANTITIES = ("distance", "loss", "norm", "norm2")
OBSERVABLES = ("coordinates", *QUANTITIES)
#: Recorded when nothing is asked for.
DEFAULT = ("loss", "norm", "distance")


def plan(record: object) -> Plan:
    """Read the names of observables.

    Raises
    ------
    InputError
        If a name is unknown; the message names the nearest ones.
    """
    return plan_of(record, OBSERVABLES, QUANTITIES)


class Observer:
    """Evaluates observables of states, shape (R, D), with their starts."""

    def __init__(self, made: Setting, data: Mapping[str, F64]) -> None:
        self._made, self._data = made, data

    @cached_property
    def loss(self) -> MeanLoss:
        """The mean loss."""
        return MeanLoss(self._made, self._data)

    def values(self, names: Iterable[str], states: F64, starts: F64) -> dict[str, F64]:
        """Return observables by name, each of shape (R,) or (R, D)."""
        with np.errstate(all="ignore"):
            return {name: self._value(name, states, starts) for name in names}

    def _value(self, name: str, states: F64, starts: F64) -> F64:
        if name == "coordinates":
            return states
        if name == "loss":
            return self.loss(states)
        moved = states - starts if name == "distance" else states
        norm2 = np.sum(np.ascontiguousarray(moved * moved), axis=1)
        return norm2 if name == "norm2" else np.asarray(np.sqrt(norm2))


class Recorder:
    """What a run keeps while it goes: checkpoints, observables at chosen steps, maxima and first passages.

    Parameters
    ----------
    recorded
        The observables.
    observer
        How they are evaluated.
    start
        States at t = 0, shape (replicas, D).
    steps, saved, at
        Number of steps; steps of the checkpoints; steps of the observables along the run.
    """

    def __init__(
        self, recorded: Plan, observer: Observer, start: F64, steps: int, saved: Sequence[int], at: Sequence[int]
    ) -> None:
        self._recorded, self._observer, self._start = recorded, observer, start
        self.along = Along(recorded.state, at, start, observer.values)
        self.watch = blank_watch(recorded, len(start))
        self.checkpoints = np.empty((len(saved), *start.shape))
        self._saved = {step: place for place, step in enumerate(saved)}
        self._wanted = range(steps + 1) if recorded.watches else frozenset((*saved, *at))
        self.stops = [step for step in sorted(self._wanted) if step > 0]
        self.see(0, slice(0, len(start)), start)

    def see(self, step: int, rows: slice, block: F64) -> None:
        """Take the states of some replicas after a step; NaNs get canonical form, since hardware differs in signs."""
        if step not in self._wanted:
            return
        states = np.asarray(block, np.float64)
        unknown = np.isnan(states)
        if unknown.any():
            states = np.where(unknown, np.nan, states)
        if step in self._saved:
            self.checkpoints[self._saved[step], rows] = states
        self.along.see(step, rows, states)
        if self._recorded.watches:
            self._watch(step, rows, states)

    def _watch(self, step: int, rows: slice, states: F64) -> None:
        needed = dict.fromkeys(quantity for _, quantity in self._recorded.watches)
        values = self._observer.values(needed, states, self._start[rows])
        watches = zip(self.watch[:, rows], self._recorded.watches, self._recorded.thresholds, strict=True)
        for old, (watch, quantity), threshold in watches:
            value = values[quantity]
            if watch is Watch.MAXIMUM:
                np.copyto(old, value, where=value > old)
            else:
                old[(old < 0.0) & (value >= threshold)] = step

    def observables(self, final: F64) -> dict[str, F64]:
        """Return the observables of the final states, and those that were streamed."""
        found = self._observer.values(self._recorded.state, final, self._start)
        found.update(zip(self._recorded.watched, self.watch, strict=True))
        return found
