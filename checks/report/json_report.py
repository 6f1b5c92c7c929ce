"""The ledger as a JSON file: written whole or not at all, and read with a message when it cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from checks.report.errors import LedgerError
from checks.report.files import write_text
from checks.verdict import Ledger

SCHEMA = 1
_REMEDY = "What works: a file written by `gdproof verify --json FILE`."


def dumps(ledger: Ledger) -> str:
    """Return the ledger as JSON text (DESIGN section 5.2), the same text for the same ledger.

    Raises
    ------
    LedgerError
        If a verdict holds a value that JSON has no word for (an object, a NaN, an infinity).
    """
    try:
        return _text(ledger.as_json()) + "\n"
    except (TypeError, ValueError) as error:
        for verdict in ledger.verdicts:
            try:
                _text(verdict.as_json())
            except (TypeError, ValueError) as inner:
                raise LedgerError(
                    f"{verdict.key} holds what JSON cannot: {inner}. "
                    "What works: texts, booleans, finite numbers, lists and mappings of them."
                ) from inner
        raise LedgerError(f"the ledger's `suite` entry holds what JSON cannot: {error}.") from error


def write_json(ledger: Ledger, path: Path) -> Path:
    """Write the ledger to ``path`` atomically: a reader sees the old file or the new one, never a half."""
    write_text(path, dumps(ledger))
    return path


def read_json(path: Path) -> Ledger:
    """Read back what `write_json` wrote.

    Raises
    ------
    LedgerError
        If the file cannot be read, is damaged, or is not a ledger of this schema. The message names the file,
        the cause and what would work.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror}). {_REMEDY}") from error
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path}: not UTF-8 text (byte {error.start}). {_REMEDY}") from error
    except json.JSONDecodeError as error:
        raise LedgerError(
            f"{path}: damaged JSON at line {error.lineno}, column {error.colno}: {error.msg}. {_REMEDY}"
        ) from error
    except RecursionError as error:
        raise LedgerError(f"{path}: nested too deeply to be a ledger. {_REMEDY}") from error
    return _ledger(raw, path)


def _ledger(raw: Any, path: Path) -> Ledger:
    if not isinstance(raw, Mapping):
        raise LedgerError(f"{path}: holds a JSON {type(raw).__name__}, not an object. {_REMEDY}")
    if raw.get("schema") != SCHEMA:
        raise LedgerError(f"{path}: `schema` is {raw.get('schema')!r}; this version reads {SCHEMA}. {_REMEDY}")
    for name, kind in (("suite", Mapping), ("claims", list)):
        if not isinstance(raw.get(name), kind):
            raise LedgerError(f"{path}: `{name}` is {_described(raw, name)}. {_REMEDY}")
    for index, claim in enumerate(raw["claims"]):
        name = f"claim {index + 1}"
        if isinstance(claim, Mapping) and "id" in claim:
            name += f" ({claim.get('paper', '?')}.{claim['id']})"
        try:
            Ledger.from_json({"suite": {}, "claims": [claim]})
        except KeyError as error:
            raise LedgerError(f"{path}: {name} lacks the entry {error}. {_REMEDY}") from error
        except (TypeError, ValueError, AttributeError) as error:
            raise LedgerError(f"{path}: {name} is damaged: {error}. {_REMEDY}") from error
    return Ledger.from_json(raw)


def _described(raw: Mapping[str, Any], name: str) -> str:
    return f"a JSON {type(raw[name]).__name__}" if name in raw else "missing"


def _text(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_jsonable)


def _jsonable(value: object) -> object:
    """Turn the exact and immutable types of the suite into JSON; anything else is an error."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{value!r} of type {type(value).__name__}")
