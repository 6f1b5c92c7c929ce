"""From a run in doubles to the exact trajectories behind it: which replicas look like counterexamples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from numerics.batches import batches_of, law_of
from numerics.errors import InputError, describe, unknown_name
from numerics.replay.bound import Bound, limit_of
from numerics.result import RunResult
from numerics.targets.balls import Ball
from theory.derive.update_map import UpdateMap


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


def trajectory_of(
    update_map: UpdateMap,
    run: RunResult,
    replica: int,
    parameters: Mapping[str, Fraction] | None = None,
    sequence: object | None = None,
) -> Trajectory:
    """Return the exact trajectory behind one replica of a run.

    Parameters
    ----------
    update_map
        The map that ran.
    run, replica
        The run and the number of the replica in it.
    parameters
        Exact values that the run rounded to doubles, such as ``{"eta": Fraction(1, 5)}``; the others are the doubles.
    sequence
        The batches, when the algorithm was ``sequence``.

    Raises
    ------
    InputError
        If there is no such replica, or a value does not round to what the run used.
    """
    if isinstance(replica, bool) or not 0 <= replica < run.replicas:
        raise InputError(f"replica is {describe(replica)}; the run has replicas 0 to {run.replicas - 1}")
    exact = _exact_parameters(update_map, run, parameters or {})
    m, steps = int(run.parameters["m"]), run.steps
    batches = batches_of(law_of(run.algorithm), m, run.parameters["b"], run.seed, steps, sequence)

    def drawn() -> Iterator[Sequence[int]]:
        for low in range(0, steps, 256):
            block = batches.drawn(range(replica, replica + 1), range(low, min(low + 256, steps)))
            for row in block[:, :, 0]:
                yield [int(k) for k in row]

    return Trajectory(update_map, m, tuple(Fraction(float(c)) for c in run.start[replica]), drawn, exact)


def _exact_parameters(update_map: UpdateMap, run: RunResult, given: Mapping[str, Fraction]) -> dict[str, Fraction]:
    names = [symbol.name for symbol in update_map.parameters]
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
