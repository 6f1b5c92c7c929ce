"""Arguments that all runs share: counts, steps, numbers, starts; each error names one, shows it, says what works."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from numerics.errors import InputError, describe
from numerics.random import F64, gaussians

_NUMBER = "a finite real number, such as 0.1 or Fraction(1, 10)"


def integer(name: str, value: object, low: int, works: str) -> None:
    """Refuse what is no integer of at least ``low``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
        raise InputError(f"{name} is {describe(value)}; it must be {works}")


def check_counts(replicas: int, steps: int, chunk: int | None, workers: int | None) -> None:
    """Check the number of runs and steps, replicas a chunk, and threads."""
    integer("replicas", replicas, 1, "an integer of at least 1")
    integer("steps", steps, 0, "an integer of at least 0")
    if replicas > 2**32:
        raise InputError(f"replicas is {replicas}; there are 2**32 independent streams")
    if chunk is not None:
        integer("chunk", chunk, 1, "an integer of at least 1, or None")
    if workers is not None:
        integer("workers", workers, 1, "an integer of at least 1, or None")


def steps_of(what: str, given: object, steps: int) -> list[int]:
    """Return the steps at which something is kept, in order, each once; ``what`` names it, such as ``checkpoint``."""
    found = set()
    for step in given if isinstance(given, Iterable) else [given]:
        if isinstance(step, bool) or not isinstance(step, (int, np.integer)) or not 0 <= step <= steps:
            raise InputError(f"{what} {describe(step)}: it must be an integer from 0 to steps = {steps}")
        found.add(int(step))
    return sorted(found)


def names_of(record: object) -> list[Any]:
    """Return the names of observables: one, or several."""
    if isinstance(record, str):
        return [record]
    if not isinstance(record, Iterable):
        raise InputError(f"record is {describe(record)}; it must be names of observables, such as ['norm']")
    return list(record)


def number(name: str, value: object) -> float:
    """Return the double nearest to a parameter."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Fraction, np.integer, np.floating)):
        raise InputError(f"{name} is {describe(value)}; it must be {_NUMBER}")
    try:
        found = float(value)
    except OverflowError:
        raise InputError(f"{name} is too large for a double; it must be {_NUMBER}") from None
    if not math.isfinite(found):
        raise InputError(f"{name} is {describe(value)}; it must be {_NUMBER}")
    return found


def step_size(eta: object) -> float:
    """Return the double nearest to a step size; it must be positive."""
    found = number("step size eta", eta)
    if found <= 0.0:
        rounded = ", which rounds to zero" if found == 0.0 and eta else ""
        raise InputError(f"step size eta is {describe(eta)}{rounded}; it must be positive, such as 0.1")
    return found


def start_of(init: object, replicas: int, n: int, seed: int, scaled: Callable[[float], float | F64]) -> F64:
    """Return the starts, shape (replicas, n).

    Parameters
    ----------
    init
        ``gaussian:SIGMA``, or numbers of shape (n,) or (replicas, n).
    scaled
        The standard deviation of the coordinates at a given SIGMA: one number, or one a coordinate.
    """
    works = f"it must be 'gaussian:SIGMA' with SIGMA >= 0, or numbers of shape ({n},) or ({replicas}, {n})"
    if isinstance(init, str):
        kind, _, text = init.partition(":")
        try:
            sigma = float(text)
        except ValueError:
            sigma = math.nan
        if kind != "gaussian" or not math.isfinite(sigma) or sigma < 0.0:
            raise InputError(f"start init is {describe(init)}; {works}")
        check_memory("starts", replicas * n)
        return gaussians(seed, range(replicas), n) * scaled(sigma)
    given = reals(init)
    if given is None:
        raise InputError(f"start init is {describe(init)}; {works}")
    if given.shape not in ((n,), (replicas, n)):
        raise InputError(f"start init has shape {given.shape}; {works}")
    if not np.isfinite(given).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(given))[0])
        raise InputError(f"start init has the entry {given[at]} at {list(at)}; all entries must be finite")
    check_memory("starts", replicas * n)
    return np.array(np.broadcast_to(given, (replicas, n)))


def reals(given: object) -> F64 | None:
    """Return an array of doubles, or None where there are no real numbers."""
    try:
        array = np.asarray(given)
        return array.astype(np.float64) if array.dtype.kind in "biufO" else None
    except (TypeError, ValueError, OverflowError):
        return None


def check_memory(what: str, entries: int) -> None:
    """Refuse an array of doubles that is larger than the memory of this machine."""
    have = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if 8 * entries > have:
        raise InputError(
            f"the {what} of this run take {8 * entries / 2**30:.3g} GiB, this machine has {have / 2**30:.3g} GiB; "
            "use smaller sizes, fewer replicas or fewer steps that are kept"
        )
