"""A content-addressed store of results in one SQLite file.

Kill the program at any moment and run it again: at most the point in flight is lost.

The key of a point is the hash of everything that decides its result (claim, parameters, seed range, kernel).
A point is written in one transaction, so a reader sees all of it or nothing.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from numerics.errors import StoreError, describe

#: Written into the file; a file with another number is not read.
SCHEMA = 1
_APPLICATION = 0x67647072  # "gdpr": tells our files from other SQLite files

# with row numbers: long payloads stay out of the index of keys, so looking for a key reads no payload
_TABLE = (
    "CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY NOT NULL, payload TEXT NOT NULL, sha256 TEXT NOT NULL)"
)


def canonical(value: object) -> str:
    """Return the canonical JSON of a value: sorted names, no blanks, ASCII, no NaN.

    Raises
    ------
    StoreError
        If the value is not JSON, for example a NaN or an array.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as problem:
        raise StoreError(f"{describe(value)} has no canonical JSON: {problem}") from None


def key_of(point: Mapping[str, Any]) -> str:
    """Return the key of a point: the SHA-256 of its canonical JSON, as 64 hexadecimal digits."""
    return _sha256(canonical(point))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


class Store:
    """Maps keys to JSON payloads, durably.

    Parameters
    ----------
    path
        The SQLite file; created with its folder when missing.
    timeout
        Seconds to wait for another process that writes.

    Raises
    ------
    StoreError
        If the file is damaged, is not ours, or cannot be opened.  Nothing is ever deleted or repaired.

    Examples
    --------
    >>> with Store(":memory:") as store:
    ...     key = key_of({"claim": "demo.L1", "seeds": [0, 9]})
    ...     store.put(key, {"mean": 0.5})
    ...     store.get(key), store.get("0" * 64)
    ({'mean': 0.5}, None)
    """

    def __init__(self, path: str | PathLike[str], timeout: float = 60.0) -> None:
        self.path = path
        with self._guard("open"):
            if str(path) != ":memory:":
                Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        try:
            with self._guard("read"):
                self._prepare()
        except StoreError:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        """Check whose file it is, and create the table in a new one."""
        run = self._connection.execute
        owner = run("PRAGMA application_id").fetchone()[0]
        version = run("PRAGMA user_version").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if owner == _APPLICATION and version != SCHEMA:
            raise StoreError(
                f"{self.path} holds results in format {version}, this program reads format {SCHEMA}: "
                "move the file away, or use another store"
            )
        if owner != _APPLICATION and tables:
            raise StoreError(f"{self.path} is an SQLite file of another program: choose another path for the store")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        if owner != _APPLICATION:
            run("BEGIN IMMEDIATE")
            run(_TABLE)
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(f"PRAGMA user_version = {SCHEMA}")
            run("COMMIT")

    def get(self, key: str) -> Any | None:
        """Return the payload of a key, or None when the point has not been computed yet."""
        with self._guard("read"):
            row = self._connection.execute("SELECT payload, sha256 FROM points WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        payload, digest = row
        if not isinstance(payload, str) or _sha256(payload) != digest:
            raise self._damage(f"the payload of point {key} does not match its checksum")
        return json.loads(payload)

    def __contains__(self, key: object) -> bool:
        """Tell whether a point has been computed; its payload is not read."""
        with self._guard("read"):
            return self._connection.execute("SELECT 1 FROM points WHERE key = ?", (key,)).fetchone() is not None

    def put(self, key: str, payload: Any, replace: bool = False) -> None:
        """Store one payload (JSON-able) in one transaction; see `put_many`."""
        self.put_many([(key, payload)], replace)

    def put_many(self, points: Iterable[tuple[str, Any]], replace: bool = False) -> None:
        """Store pairs (key, payload) in one transaction: all of them or none; an equal payload may be stored again.

        Raises
        ------
        StoreError
            If a key holds a different payload: results are a function of their key (unless ``replace`` is set, for
            payloads that carry measured times).
        """
        rows = [(key, text := canonical(payload), _sha256(text)) for key, payload in points]
        verb = "INSERT OR REPLACE" if replace else "INSERT OR IGNORE"
        with self._guard("write"):
            run = self._connection.execute
            run("BEGIN IMMEDIATE")
            try:
                for key, text, digest in rows:
                    run(f"{verb} INTO points (key, payload, sha256) VALUES (?, ?, ?)", (key, text, digest))
                    held = run("SELECT payload FROM points WHERE key = ?", (key,)).fetchone()[0]
                    if held != text:
                        raise StoreError(
                            f"{self.path} already holds another result for point {key}: "
                            "its key does not cover everything that decides the result"
                        )
            except BaseException:
                run("ROLLBACK")
                raise
            run("COMMIT")

    def keys(self) -> list[str]:
        """Return all keys, sorted."""
        with self._guard("read"):
            return [row[0] for row in self._connection.execute("SELECT key FROM points ORDER BY key")]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _damage(self, what: str) -> StoreError:
        return StoreError(
            f"the store {self.path} is damaged ({what}); nothing was changed: move the file away "
            "(with its -wal and -shm companions) and run again, or restore a copy"
        )

    @contextmanager
    def _guard(self, action: str) -> Iterator[None]:
        """Turn the errors of SQLite and of the file system into ``StoreError``."""
        try:
            yield
        except sqlite3.OperationalError as problem:
            text = str(problem)
            if "malformed" in text or "no such" in text:
                raise self._damage(text) from None
            raise StoreError(f"cannot {action} the store {self.path}: {text}") from None
        except sqlite3.DatabaseError as problem:
            raise self._damage(str(problem)) from None
        except OSError as problem:
            raise StoreError(f"cannot {action} the store {self.path}: {problem.strerror or problem}") from None
