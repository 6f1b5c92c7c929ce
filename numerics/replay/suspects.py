"""From a run in doubles to the exact trajectories behind it: which replicas look like counterexamples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from numerics.arrays.data import given_data, instance
from numerics.arrays.setting import Setting, setting
from numerics.batches import batches_of, law_of
from numerics.errors import InputError, describe, unknown_name
from numerics.random import F64, I64
from numerics.replay.array_map import ExactArrays
from numerics.replay.bound import Bound, limit_of
from numerics.replay.exact_map import ExactMap
from numerics.result import RunResult
from numerics.targets.balls import Ball
from theory.derive.update_map import UpdateMap
from theory.models import ArrayModel, array_model, structure


@dataclass(frozen=True)
class Trajectory:
    """One exact trajectory: the map, the start, the batches and the parameters.

    Attributes
    ----------
    update_map
        What theory derived.
    m
        Sample count.
    start
        Coordinates of the start.
    batches
        Called for an iterator over the sorted batches of the steps, as often as the trajectory is replayed.
    parameters
        Exact values of the parameters of the map.
    """

    update_map: UpdateMap
    m: int
    start: tuple[Fraction, ...]
    batches: Callable[[], Iterator[Sequence[int]]]
    parameters: Mapping[str, Fraction]

    def over(self, arithmetic: Any, values: Mapping[str, Any]) -> ExactMap[Any]:
        """Return the step over an arithmetic, with the values of the parameters in it."""
        return ExactMap(self.update_map, arithmetic, values, self.m)


@dataclass(frozen=True)
class ArrayTrajectory:
    """One exact trajectory of an array model; attributes as in `Trajectory`, with the data of the run."""

    made: Setting
    data: Mapping[str, F64]
    start: tuple[Fraction, ...]
    batches: Callable[[], Iterator[Sequence[int]]]
    parameters: Mapping[str, Fraction]

    def over(self, arithmetic: Any, values: Mapping[str, Any]) -> ExactArrays:
        """Return the step over an arithmetic, with the value of eta in it."""
        return ExactArrays(self.made, self.data, arithmetic, values["eta"], self.start)


def trajectory_of(
    model: UpdateMap | ArrayModel | str,
    run: RunResult,
    replica: int,
    parameters: Mapping[str, Fraction] | None = None,
    sequence: object | None = None,
    data: Mapping[str, object] | None = None,
) -> Trajectory | ArrayTrajectory:
    """Return the exact trajectory behind one replica of a run.

    Parameters
    ----------
    model
        The update map that ran, or the array model or its name.
    run, replica
        The run and the number of the replica in it.
    parameters
        Exact values that the run rounded to doubles, such as ``{"eta": Fraction(1, 5)}``; the others are the doubles.
    sequence
        The batches, when the algorithm was ``sequence``.
    data
        The arrays that an array model ran on, when they were given to it.

    Raises
    ------
    InputError
        If there is no such replica, or a value does not round to what the run used.
    """
    if isinstance(replica, bool) or not isinstance(replica, (int, np.integer)) or not 0 <= replica < run.replicas:
        raise InputError(f"replica is {describe(replica)}; the run has replicas 0 to {run.replicas - 1}")
    start = tuple(Fraction(float(c)) for c in run.start[replica])
    if not isinstance(model, UpdateMap):
        made = _setting_of(model, run)
        exact = _exact_parameters(["eta"], run, parameters or {})
        return ArrayTrajectory(made, _data_of(made, run, data), start, _drawn(made.draws.rows, run, replica), exact)
    exact = _exact_parameters([symbol.name for symbol in model.parameters], run, parameters or {})
    m = int(run.parameters["m"])
    batches = batches_of(law_of(run.algorithm), m, run.parameters["b"], run.seed, run.steps, sequence)
    return Trajectory(model, m, start, _drawn(batches.drawn, run, replica), exact)


def _drawn(drawn: Callable[[range, range], I64], run: RunResult, replica: int) -> Callable[[], Iterator[Sequence[int]]]:
    """Return the batches of one replica, from the function that draws those of some replicas and steps."""

    def walk() -> Iterator[Sequence[int]]:
        for low in range(0, run.steps, 256):
            block = drawn(range(replica, replica + 1), range(low, min(low + 256, run.steps)))
            for row in block[:, :, 0]:
                yield [int(k) for k in row]

    return walk


def _setting_of(model: ArrayModel | str, run: RunResult) -> Setting:
    """Return what fixes the program of a run, from its parameters."""
    made = array_model(model) if isinstance(model, str) else model
    if run.model != made.name:
        raise InputError(f"the run is one of {run.model}, not of {made.name}")
    structural = [key for key in structure(model) if key in run.parameters] if isinstance(model, str) else []
    sizes = [str(size.symbol.name) for size in made.sizes]
    given = {key: int(run.parameters[key]) for key in (*sizes, *structural)}
    b = None if run.algorithm == "gd" else int(run.parameters["b"])
    return setting(model, run.algorithm, b, given, run.seed)


def _data_of(made: Setting, run: RunResult, data: Mapping[str, object] | None) -> Mapping[str, F64]:
    """Return the data of a run: given, or drawn again from its seed."""
    if data is not None:
        return given_data(made.model, made.sizes, data)
    source = str(run.parameters["data"])
    if not source.startswith("seed "):
        raise InputError("the run had data of its own: give them as data=...")
    return instance(made.model, made.sizes, int(source.removeprefix("seed ")))


def _exact_parameters(names: Sequence[str], run: RunResult, given: Mapping[str, Fraction]) -> dict[str, Fraction]:
    exact = {name: Fraction(float(run.parameters[name])) for name in names}
    for name, value in given.items():
        if name not in names:
            raise unknown_name("parameter", name, names)
        if float(value) != float(run.parameters[name]):
            raise InputError(f"parameter {name} is {describe(value)}, but the run used {run.parameters[name]}")
        exact[name] = Fraction(value)
    return exact


@dataclass(frozen=True)
class Suspect:
    """A replica that violates a claim in doubles: its seed, the value seen, and the margin there (negative)."""

    replica: int
    seed: int
    value: float
    margin: float


def suspects(run: RunResult, bound: Bound, parameters: Mapping[str, Fraction] | None = None) -> list[Suspect]:
    """Return the replicas of a run that violate a claim in doubles, the worst first; a NaN is no violation.

    Raises
    ------
    InputError
        If the run did not record what the claim speaks of; the message names the observable.
    """
    name = bound.observable
    if name is None:
        raise InputError(f"no run streams what {bound} needs; replay the replicas that matter by their numbers")
    if name not in run.observables:
        recorded = ", ".join(run.observables) or "nothing"
        raise InputError(f"the run recorded {recorded}; to look for violations of {bound} record {name!r}")
    names = sorted(str(symbol) for symbol in sp.sympify(bound.limit).free_symbols)
    values = {key: Fraction(float(run.parameters[key])) for key in names if key in run.parameters}
    values.update(parameters or {})
    limit = float(limit_of(bound, Ball(), {key: Ball().constant(value) for key, value in values.items()}))
    found = []
    for replica, value in enumerate(run.observables[name].tolist()):
        margin = bound.margin(value, limit, lambda a, b: a - b)
        if bound.decided(margin) is False:
            found.append(Suspect(replica, run.seed, value, margin))
    return sorted(found, key=lambda item: item.margin)
