"""Statements about a parameter: more hypotheses on it, a name of its own for its values, and their conclusions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import NEGATED, comparison, lines, normal, obligations
from checks.checker.grammar import Node, names
from checks.engine.unparse import unparse


def assuming(formal: Mapping[str, Any], *own: str) -> dict[str, Any]:
    """Return a statement with more hypotheses."""
    return {**formal, "given": [*formal.get("given", ()), *own]}


def choosing(formal: Mapping[str, Any], exists: Iterable[str], name: str, *own: str) -> dict[str, Any]:
    """Return a statement with one more existential name, and hypotheses on it."""
    return {**assuming(formal, *own), "exists": [*exists, name]}


def fresh(formal: Mapping[str, Any], exists: Iterable[str] = ()) -> str:
    """Return a name that a statement uses for nothing, not even for an abbreviation."""
    taken = {*exists, *formal.get("integers", ()), *(line.partition("=")[0].strip() for line in formal.get("let", ()))}
    for key in ("given", "show"):
        taken |= set().union(*map(names, lines(formal, key)))
    context = poly.Context.read(formal.get("index"))
    taken |= set(context.indices) | set(context.families) | set(context.size_names())
    return next(name for name in ("t", *(f"t{i}" for i in range(1000))) if name not in taken)


def conclusive(formal: Mapping[str, Any]) -> dict[str, Any]:
    """Return a statement whose one conclusion is ``A or C`` with ``not A`` as a hypothesis and ``C`` as conclusion.

    That says the same where A is defined everywhere; any other statement stays as it is.
    """
    shown = lines(formal, "show")
    if len(shown) != 1 or formal.get("index"):
        return dict(formal)
    *others, last = _alternatives(normal(shown[0]))
    if not others or not all(map(_plain, (*others, last))):
        return dict(formal)
    opposite = [comparison(a, NEGATED[sign], b) for (sign,), (a, b) in (node[1:] for node in others)]
    return {**assuming(formal, *map(unparse, opposite)), "show": [unparse(last)]}


def _alternatives(node: Node) -> list[Node]:
    return [*_alternatives(node[1]), *_alternatives(node[2])] if node[0] == "or" else [node]


def _plain(node: Node) -> bool:
    """Return whether a statement is one comparison between numbers that are always defined."""
    return bool(node[0] == "compare" and len(node[1]) == 1 and not list(obligations(node, poly.Context())))
