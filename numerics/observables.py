r"""Observables of a run: functions of the final state, and streamed maxima and first-passage times.

With ``c`` the coordinates of an iterate and ``J = [m] \ {i}``, ``i = argmax_{k<m} |c_k|``:

================  ========================================================================
coordinates       ``c`` itself
norm              ``|w|``, the square root of ``sum_k c_k^2``
norm2             ``N = sum_k c_k^2``
phi               ``Phi = sum_{k < m} c_k^2``
psi               ``Psi = sum_{k >= m} c_k^2``
log_ratio         ``R = log(|c_i| / sum_{l in J} |c_l|)``
cossim_data       ``max_{k<m} c_k / |w|``, the cosine similarity with the data set
cossim_start      cosine similarity with the start
limit_point       ``+(k+1)`` or ``-(k+1)`` when ``|w - (+-a_k)| <= tolerance``, else 0
max:Q             maximum over ``t = 0, ..., T`` of a quantity ``Q``
first:Q>=X        first ``t`` with ``Q_t >= X``; -1 when there is none
================  ========================================================================

A quantity is ``norm2``, ``phi``, ``psi``, ``peak2`` (the largest ``c_k^2``, ``k < m``), or the symbol of a
reduction of the update map (a sum over the batch is watched for ``t < T``).  Observables are not part of the
trajectory: logarithms and quotients here do not touch bit parity of the states.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.arguments import names_of
from numerics.errors import InputError, unknown_name
from numerics.front import QUANTITIES
from numerics.ir import Watch
from numerics.random import F64

#: Recorded unless the caller says otherwise.
DEFAULT = ("norm", "phi", "psi", "log_ratio", "cossim_data", "cossim_start", "limit_point", "max:norm2")

_FIRST = re.compile(r"first:(?P<quantity>\w+)>=(?P<threshold>.+)")


@dataclass(frozen=True)
class Context:
    """What observables of a state need besides the state: sample count, start (R, n), tolerance."""

    m: int
    start: F64
    tolerance: float


def _norm2(c: F64, context: Context) -> F64:
    return np.sum(c * c, axis=1)


def _norm(c: F64, context: Context) -> F64:
    return np.sqrt(_norm2(c, context))


def _phi(c: F64, context: Context) -> F64:
    return _norm2(c[:, : context.m], context)


def _psi(c: F64, context: Context) -> F64:
    return _norm2(c[:, context.m :], context)


def _log_ratio(c: F64, context: Context) -> F64:
    size = np.sort(np.abs(c[:, : context.m]), axis=1)
    return np.log(size[:, -1] / np.sum(size[:, :-1], axis=1))


def _cossim_data(c: F64, context: Context) -> F64:
    return np.max(c[:, : context.m], axis=1) / _norm(c, context)


def _cossim_start(c: F64, context: Context) -> F64:
    start = context.start
    return np.sum(c * start, axis=1) / (_norm(c, context) * _norm(start, context))


def _limit_point(c: F64, context: Context) -> F64:
    k = np.argmax(np.abs(c[:, : context.m]), axis=1)
    sign = np.where(np.take_along_axis(c, k[:, None], axis=1)[:, 0] > 0.0, 1.0, -1.0)
    rest = c.copy()
    rest[np.arange(len(c)), k] -= sign
    return np.where(_norm(rest, context) <= context.tolerance, sign * (k + 1.0), 0.0)


#: Observables of a state: name to function of (state (R, n), context), with value of shape (R,) or (R, n).
STATE: Mapping[str, Callable[[F64, Context], F64]] = {
    "coordinates": lambda c, context: c,
    "norm": _norm,
    "norm2": _norm2,
    "phi": _phi,
    "psi": _psi,
    "log_ratio": _log_ratio,
    "cossim_data": _cossim_data,
    "cossim_start": _cossim_start,
    "limit_point": _limit_point,
}


@dataclass(frozen=True)
class Plan:
    """What a run records: observables of a state, and watchers with their thresholds, by name."""

    state: tuple[str, ...]
    watched: tuple[str, ...]
    watches: tuple[tuple[Watch, str], ...]
    thresholds: tuple[float, ...]

    def quantities(self) -> frozenset[str]:
        """Return the names of everything that is evaluated."""
        return frozenset((*self.state, *(quantity for _, quantity in self.watches)))


def plan(record: object, reductions: Iterable[str]) -> Plan:
    """Read the names of observables of an update map, those of the module's table.

    Parameters
    ----------
    record
        The names.
    reductions
        Symbols of the reductions of the update map.

    Raises
    ------
    InputError
        If a name is unknown; the message names the nearest ones.
    """
    return plan_of(record, STATE, [*QUANTITIES, *reductions])


def plan_of(record: object, states: Collection[str], quantities: Collection[str]) -> Plan:
    """Read the names of observables: those of a state, and ``max:Q`` and ``first:Q>=X`` of the quantities Q."""
    state: list[str] = []
    watched: dict[str, tuple[tuple[Watch, str], float]] = {}
    for name in names_of(record):
        if isinstance(name, str) and name in states:
            state.append(name)
            continue
        found = _FIRST.fullmatch(name) if isinstance(name, str) else None
        if found:
            watch, quantity, threshold = Watch.FIRST, found["quantity"], _threshold(found["threshold"], name)
        elif isinstance(name, str) and name.startswith("max:"):
            watch, quantity, threshold = Watch.MAXIMUM, name[4:], 0.0
        else:
            known = [*states, *(f"max:{item}" for item in quantities), "first:QUANTITY>=VALUE"]
            raise unknown_name("observable", name, known)
        if quantity not in quantities:
            raise unknown_name(f"quantity in observable {name!r}:", quantity, quantities)
        watched[name] = ((watch, quantity), threshold)
    return Plan(
        tuple(dict.fromkeys(state)),
        tuple(watched),
        tuple(item for item, _ in watched.values()),
        tuple(threshold for _, threshold in watched.values()),
    )


def _threshold(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"observable {name!r}: the threshold {text!r} is not a finite number, such as 0.99")
    return value


def blank_watch(recorded: Plan, replicas: int) -> F64:
    """Return the streamed values before the first step, shape (watchers, replicas)."""
    starts = [-np.inf if watch is Watch.MAXIMUM else -1.0 for watch, _ in recorded.watches]
    return np.repeat(np.array(starts, np.float64)[:, None], replicas, axis=1)


def evaluate(names: Iterable[str], state: F64, context: Context) -> dict[str, F64]:
    """Return observables of a state of shape (R, n), each of shape (R,) or (R, n)."""
    with np.errstate(all="ignore"):
        return {name: STATE[name](state, context) for name in names}


def summarise(name: str, values: F64) -> dict[str, Any]:
    """Summarise one observable over the replicas as JSON: numbers are finite, None where there is none.

    Sums are exactly rounded (``math.fsum``), so they do not depend on an order.
    """
    if name == "coordinates":
        columns = [summarise("", column) for column in values.T]
        return {key: [column[key] for column in columns] for key in ("mean", "std", "min", "max", "finite")}
    if name == "limit_point":
        labels, counts = np.unique(values.astype(np.int64), return_counts=True)
        table = {f"{label:+d}" if label else "none": int(count) for label, count in zip(labels, counts, strict=True)}
        reached = len(values) - table.get("none", 0)
        return {"counts": table, "share": reached / len(values) if len(values) else None}
    if name.startswith("first:"):
        reached_at = values[values >= 0.0]
        return {**_moments(reached_at), "share": len(reached_at) / len(values) if len(values) else None}
    return _moments(values)


def figure(summary: Mapping[str, Any]) -> Any:
    """Return the number that stands for a summary: the share of replicas where there is one, else the mean."""
    return summary["share"] if "share" in summary else summary["mean"]


def _moments(values: F64) -> dict[str, Any]:
    """Mean, standard deviation (of the sample), extremes and count of the finite values."""
    finite = values[np.isfinite(values)].tolist()
    if not finite:
        return {"mean": None, "std": None, "min": None, "max": None, "finite": 0}
    low, high, count = min(finite), max(finite), len(finite)
    scale = max(abs(low), abs(high)) or 1.0  # keeps sums and squares of huge values finite
    mean = math.fsum(value / scale for value in finite) / count
    spread = math.fsum((value / scale - mean) ** 2 for value in finite)
    std = math.sqrt(spread / (count - 1)) if count > 1 else 0.0
    result = {"mean": mean * scale, "std": std * scale, "min": low, "max": high}
    return {
        **{key: value if math.isfinite(value) else None for key, value in result.items()},
        "finite": count,
    }
