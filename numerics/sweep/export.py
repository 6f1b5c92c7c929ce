"""The rows of a sweep, in the order of its grid, streamed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import IO, Any

from numerics.errors import StoreError
from numerics.store import Store, canonical, key_of
from numerics.sweep.driver import Task
from numerics.sweep.grid import Grid, Point

#: Format of the JSON.
SCHEMA = 1


def rows(task: Task, grid: Grid, store: str | PathLike[str]) -> Iterator[tuple[Point, dict[str, Any]]]:
    """Yield every point of a grid with its row ``{"key", "point", "result"}``.

    Raises
    ------
    StoreError
        If a point is missing (the sweep is not finished), or a row does not match its checksum.
    """
    with Store(store) as held:
        for point in grid:
            key = key_of(task.identity(point))
            payload = held.get(key)
            if payload is None:
                raise StoreError(f"{store} does not have the point {point}: run the sweep to its end first")
            yield point, {"key": key, **payload}


def write_json(
    task: Task, grid: Grid, store: str | PathLike[str], out: Path | IO[str], header: Mapping[str, Any] | None = None
) -> None:
    """Write ``{"schema": 1, ...header, "points": [...]}``, one point a line; a file is written whole or not at all.

    The bytes are a function of the task and the grid.
    """
    if not isinstance(out, Path):
        _write(task, grid, store, out, header or {})
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            _write(task, grid, store, stream, header or {})
        os.chmod(temporary, 0o644)
        os.replace(temporary, out)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _write(task: Task, grid: Grid, store: str | PathLike[str], stream: IO[str], header: Mapping[str, Any]) -> None:
    head = json.dumps({"schema": SCHEMA, **header})
    stream.write(head[:-1] + ', "points": [')
    for position, (_, row) in enumerate(rows(task, grid, store)):
        stream.write(("," if position else "") + "\n" + canonical(row))
    stream.write("\n]}\n")
