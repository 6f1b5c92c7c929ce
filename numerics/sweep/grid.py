"""A grid of settings and seeds: its points, one after the other, never all at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any, TypeAlias

from numerics.errors import InputError

#: A setting: an exact number, or a word such as ``sgd``.
Value: TypeAlias = Fraction | str

#: Most integers of a range.
MOST = 10**6
_RANGE = re.compile(r"(-?\d+):(-?\d+)(?::(-?\d+))?")
_WORKS = "write NAME=V1,V2,... such as eta=0.05,1/10 or b=1,2,4, or a range of integers such as b=1:9 (1 to 8)"


@dataclass(frozen=True)
class Point:
    """One run of a sweep: its settings by name, in the order of the grid, and its seed."""

    settings: Mapping[str, Value]
    seed: int

    def content(self) -> dict[str, Any]:
        """Return the point as JSON; numbers are exact text, so 0.05 and 1/20 are one value."""
        return {"settings": {name: str(value) for name, value in self.settings.items()}, "seed": self.seed}

    def __str__(self) -> str:
        shown = [f"{name}={value}" for name, value in self.settings.items()]
        return ", ".join([*shown, f"seed={self.seed}"])


@dataclass(frozen=True)
class Grid:
    """All combinations of the values of some settings, each with every seed.

    Attributes
    ----------
    axes
        Values by name; the last name changes fastest, the seed faster still.
    seeds
        Seeds of every combination.

    Examples
    --------
    >>> grid = Grid({"eta": (Fraction(1, 20), Fraction(1, 10)), "b": (Fraction(1),)}, range(3))
    >>> len(grid), str(next(iter(grid)))
    (6, 'eta=1/20, b=1, seed=0')
    """

    axes: Mapping[str, tuple[Value, ...]]
    seeds: range

    def __post_init__(self) -> None:
        for name, values in self.axes.items():
            if not values:
                raise InputError(f"setting {name!r} has no value; {_WORKS}")
            twice = [value for value in values if values.count(value) > 1]
            if twice:
                raise InputError(f"setting {name!r} has the value {twice[0]} twice: a grid has every point once")
        ends = [self.seeds[0], self.seeds[-1]] if self.seeds else []
        if not ends or min(ends) < 0 or max(ends) >= 2**64:
            raise InputError(
                f"seeds are {self.seeds}; there must be at least one, from 0 to 2**64 - 1, such as range(0, 10)"
            )

    def __len__(self) -> int:
        return prod(len(values) for values in self.axes.values()) * len(self.seeds)

    def __iter__(self) -> Iterator[Point]:
        for values in product(*self.axes.values()):
            settings = dict(zip(self.axes, values, strict=True))
            for seed in self.seeds:
                yield Point(settings, seed)

    def varied(self) -> tuple[str, ...]:
        """Return the names of the settings that have more than one value."""
        return tuple(name for name, values in self.axes.items() if len(values) > 1)


def axis_of(text: str) -> tuple[str, tuple[Value, ...]]:
    """Read ``NAME=V1,V2,...``: exact numbers, words, or ranges ``LOW:HIGH[:STEP]`` of integers without HIGH.

    What ends in ``.npy`` is the name of a file, a word of any form.

    Raises
    ------
    InputError
        If the text has another form; the message says what would work.

    Examples
    --------
    >>> axis_of("b=1:4,8")
    ('b', (Fraction(1, 1), Fraction(2, 1), Fraction(3, 1), Fraction(8, 1)))
    """
    name, sign, values = text.partition("=")
    name = name.strip()
    parts = [part.strip() for part in values.split(",")]
    if not sign or not name.isidentifier() or not all(parts):
        raise InputError(f"{text!r} is no setting; {_WORKS}")
    return name, tuple(value for part in parts for value in _values(part, text))


def _values(part: str, text: str) -> list[Value]:
    found = _RANGE.fullmatch(part)
    if found:
        integers = _range(found, text)
        if len(integers) > MOST:
            raise InputError(f"{text!r}: the range {part} has {len(integers)} integers; there may be {MOST}")
        return [Fraction(value) for value in integers]
    try:
        return [Fraction(part)]
    except ZeroDivisionError:
        raise InputError(f"{text!r}: {part} divides by zero; {_WORKS}") from None
    except ValueError:
        if part.endswith(".npy") or (part[0].isalpha() and part.lower() not in ("nan", "inf", "infinity")):
            return [part]
        raise InputError(f"{text!r}: {part!r} is neither a number nor a word; {_WORKS}") from None


def seeds_of(text: str) -> range:
    """Read the seeds ``LOW:HIGH[:STEP]`` (without HIGH), or one seed.

    Examples
    --------
    >>> seeds_of("0:10"), seeds_of("7")
    (range(0, 10), range(7, 8))
    """
    found = _RANGE.fullmatch(text.strip())
    if found:
        return _range(found, text)
    if text.strip().isdecimal():
        return range(int(text), int(text) + 1)
    raise InputError(f"seeds {text!r}: write LOW:HIGH such as 0:10 (0 to 9), or one seed such as 7")


def _range(found: re.Match[str], text: str) -> range:
    low, high, step = (int(part) if part is not None else 1 for part in found.groups())
    if step == 0 or not range(low, high, step):
        raise InputError(f"{text!r}: the range {found[0]} is empty; {low}:{low + 10} has ten integers, from {low}")
    return range(low, high, step)
