"""Errors of the numerics, by stage: what was given, and what would work."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class NumericsError(ValueError):
    """Base of every error that this package raises on purpose."""


class InputError(NumericsError):
    """A run was asked for with an argument that has no meaning."""


class LoweringError(NumericsError):
    """An update map contains something that the IR has no operation for."""


class TargetError(NumericsError):
    """A target cannot compile or run here: a missing library, device or compiler."""


class IndeterminateError(NumericsError):
    """An enclosure is too wide to decide the sign of a coordinate."""


class StoreError(NumericsError):
    """The result store cannot be opened, read or written."""


def describe(value: object) -> str:
    """Return a value and its type as messages print them, for example ``0 (int)``."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        text = "a number of thousands of digits"
    if len(text) > 80:
        text = text[:77] + "..."
    return f"{text} ({type(value).__name__})"


def unknown_name(kind: str, given: object, known: Iterable[str]) -> InputError:
    """Return the error for a name that is not one of ``known``, with the nearest ones first.

    Parameters
    ----------
    kind
        What the name stands for, for example ``backend``.
    given
        What the caller passed.
    known
        All names that would work.
    """
    names = sorted(known)
    near = get_close_matches(str(given), names, n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
    return InputError(f"unknown {kind} {describe(given)}{hint} Known: {', '.join(names)}")
