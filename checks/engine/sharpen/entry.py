"""The ``sharp`` entry of a result: a value with an interval that holds it, and whether it is attained."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checks.engine.sharpen.number import SHOWN, Threshold
from checks.engine.sharpen.recognise import Number

Entry = dict[str, Any]


def exact(at: Number, parameter: str, attained: bool) -> Entry:
    """Return the entry of a threshold that is proved."""
    near = at.within(SHOWN)
    polynomial = at.text(parameter) if isinstance(at, Threshold) else None
    return _entry("exact", at.value(parameter), polynomial, (str(near.low), str(near.high)), attained)


def infinite(end: str) -> Entry:
    """Return the entry of a claim that holds for all values of the parameter, or for none: ``oo`` or ``-oo``."""
    return _entry("exact", end, None, (end, end), False)


def bracket(good: Fraction | None, bad: Fraction | None, up: bool) -> Entry | None:
    """Return the entry of a threshold between a bound with a proof and one with a counterexample."""
    if good is None and bad is None:
        return None
    low, high = (good, bad) if up else (bad, good)
    shown = ("-oo" if low is None else str(low), "oo" if high is None else str(high))
    return _entry("bracket", str(good if good is not None else bad), None, shown, good is not None)


def _entry(status: str, value: str, polynomial: str | None, interval: tuple[str, str], attained: bool) -> Entry:
    return {
        "status": status,
        "value": value,
        "minimal_polynomial": polynomial,
        "interval": list(interval),
        "attained": attained,
    }
