"""The ``data`` of a piece of evidence, sorted into facts, tables and plots that a report can print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checks.wording import Table

_LONGEST_LIST = 12
_LONGEST_FACT = 240


@dataclass(frozen=True)
class Exhibits:
    """What evidence data holds: short facts by name, tables, and the descriptions of plots."""

    facts: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]
    plots: tuple[Mapping[str, Any], ...]


def exhibits(data: Mapping[str, Any]) -> Exhibits:
    """Sort evidence data by shape.

    ``plot`` (a mapping) and ``plots`` (a list of them) are plots. A mapping with ``columns`` and ``rows``,
    and a list of mappings, are tables. ``sharp`` is said in words elsewhere (`checks.report.proofs.argument`).
    Everything else is a fact; a long one is cut, as the ledger has it.
    """
    facts: list[tuple[str, str]] = []
    tables: list[Table] = []
    plots: list[Mapping[str, Any]] = []
    for name, value in data.items():
        if name == "sharp":
            continue
        if name == "plot" and isinstance(value, Mapping):
            plots.append(value)
        elif name == "plots" and _is_list(value):
            plots.extend(value)
        elif (table := _table(name.replace("_", " "), value)) is not None:
            tables.append(table)
        else:
            facts.extend(_facts(name.replace("_", " "), value))
    return Exhibits(tuple(facts), tuple(tables), tuple(plots))


def cell(value: object) -> str:
    """Return one value as text: exact values as they are, floats to six digits."""
    match value:
        case None:
            return "–"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.6g}"
        case str() | int():
            return str(value)
        case _:
            return json.dumps(value, default=str, ensure_ascii=False)


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _table(name: str, value: Any) -> Table | None:
    """Return ``value`` as a table, or None where it has another shape (which is not a failure)."""
    if isinstance(value, Mapping) and _is_list(value.get("columns")) and _is_list(value.get("rows")):
        columns = tuple(str(c) for c in value["columns"])
        rows = [[cell(entry) for entry in row] for row in value["rows"]]
        padded = (tuple((row + [""] * len(columns))[: len(columns)]) for row in rows)
        return Table(str(value.get("caption") or name), columns, tuple(padded))
    if value and _is_list(value) and all(isinstance(row, Mapping) for row in value):
        columns = tuple(dict.fromkeys(str(key) for row in value for key in row))
        return Table(name, columns, tuple(tuple(cell(row.get(c)) for c in columns) for row in value))
    return None


def _facts(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [fact for key, entry in value.items() for fact in _facts(f"{name}: {str(key).replace('_', ' ')}", entry)]
    if _is_list(value):
        shown = ", ".join(cell(entry) for entry in value[:_LONGEST_LIST])
        text = shown if len(value) <= _LONGEST_LIST else f"{shown}, … ({len(value)} values)"
    else:
        text = cell(value)
    return [(name, text if len(text) <= _LONGEST_FACT else f"{text[:_LONGEST_FACT]}…")]
