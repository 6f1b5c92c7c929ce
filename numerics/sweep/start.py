"""Starts that a grid names: ``gaussian:SIGMA``, or a file of coordinates, known by what is in it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from numerics.errors import InputError
from numerics.random import F64
from numerics.sweep.grid import Value

SUFFIX = ".npy"


def start_of(value: Any) -> Any:
    """Return a start as an argument of a run: the array of a file, or the value itself.

    Raises
    ------
    InputError
        If the file cannot be read; the message has its name.
    """
    if not (isinstance(value, str) and value.endswith(SUFFIX)):
        return value
    try:
        status = Path(value).stat()
    except OSError as problem:
        raise InputError(f"start init={value}: there is no such file here ({problem.strerror})") from None
    return _read(value, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _read(name: str, changed: int, size: int) -> Any:
    """Read a file once as long as it does not change."""
    try:
        return coordinates(name)
    except (OSError, ValueError) as problem:
        raise InputError(f"start init={name}: no readable .npy file of coordinates ({problem})") from None


def coordinates(name: str) -> F64:
    """Return the real numbers of a ``.npy`` file as doubles; one array, nothing pickled.

    Raises
    ------
    OSError, ValueError
        If the file cannot be read, or holds something else.
    """
    with open(name, "rb") as file:
        array = np.lib.format.read_array(file, allow_pickle=False)
    if array.dtype.kind not in "fiu":
        raise ValueError(f"the array has the type {array.dtype}; coordinates are real numbers")
    return np.ascontiguousarray(array, "<f8")


def content(name: str, value: Value) -> str:
    """Return a setting as the text that decides a result: of a file its shape and a digest of its numbers."""
    found = start_of(value) if name == "init" else value
    if not isinstance(found, np.ndarray):
        return str(value)
    return f"array {found.shape} {hashlib.sha256(found.tobytes()).hexdigest()}"
