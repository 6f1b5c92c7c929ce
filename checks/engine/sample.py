"""Floating-point samples of a goal's domain: a goal that fails at one of them is not worth a proof attempt.

Floats only propose: nothing is proved or refuted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Relation, chain
from checks.checker.grammar import Node
from checks.engine.bernstein import chart as charts

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
COUNT = 400
# how far a comparison may be off before it counts as false, relative to its sides
SLACK = 1e-7
TIGHT = 1e-9
# units of rounding of the magnitude that a difference may hide, relative to the slack
ROUNDING = 1e-6
TINY = 1e-300

_FUNCTIONS = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
}


class NotSampled(ValueError):
    """The goal holds what has no floating-point value here: entries, sums, derivatives."""


def evaluate(node: Node, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the values of an expression at many points (not a number where it is undefined), and their magnitude.

    The magnitude bounds the terms that may have cancelled: the value's rounding error is a few units of it.

    Raises
    ------
    NotSampled
        For entries and sums over index sets.
    """
    with np.errstate(all="ignore"):
        return _evaluate(node, values)


def _evaluate(node: Node, values: Mapping[str, Array]) -> tuple[Array, Array]:
    kind = node[0]
    if kind == "number":
        value = np.float64(node[1]) * np.ones(1)
        return value, np.abs(value)
    if kind == "name":
        return values[node[1]], np.abs(values[node[1]])
    if kind == "call":
        return _call(node, values)
    if kind not in ("+", "-", "*", "/", "**"):
        raise NotSampled(f"{kind!r} is not sampled")
    (a, m), (b, n) = _evaluate(node[1], values), _evaluate(node[2], values)
    if kind in ("+", "-"):
        return (a + b if kind == "+" else a - b), m + n
    if kind == "*":
        return a * b, m * n
    if kind == "/":
        safe = np.where(b == 0, 1.0, b)
        return np.where(b == 0, np.nan, a / safe), m * n / (safe * safe)
    value = np.where((a == 0) & (b < 0), np.nan, np.power(a, b))
    return value, np.where(b > 0, np.power(m, np.abs(b)), np.abs(value)) * (1 + np.abs(b))


def _call(node: Node, values: Mapping[str, Array]) -> tuple[Array, Array]:
    if node[1] == "pi":
        return np.pi * np.ones(1), np.pi * np.ones(1)
    found = [_evaluate(a, values) for a in node[2]]
    if node[1] in ("min", "max"):
        total = found[0][0]
        for a, _ in found[1:]:
            total = np.minimum(total, a) if node[1] == "min" else np.maximum(total, a)
        return total, np.maximum.reduce(np.broadcast_arrays(*(m for _, m in found)))
    ((a, m),) = found
    result = _FUNCTIONS[node[1]](a)
    value = np.where(np.isfinite(a) & ~np.isneginf(result), result, np.nan)
    blown = m / np.maximum(np.abs(a), TINY)  # how far the argument itself is from exact
    return value, np.abs(value) + blown * (1 + np.abs(value))


def gap(relation: Relation, values: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return by how much a comparison holds (for == and !=: the difference), and the size of what it compares."""
    (a, m), (b, n) = evaluate(relation[0], values), evaluate(relation[2], values)
    return (b - a if relation[1] in ("<", "<=") else a - b), 1 + np.abs(a) + np.abs(b) + ROUNDING * (m + n)


def holds(relation: Relation, values: Mapping[str, Array]) -> Mask:
    """Return where a hypothesis may be taken to hold."""
    by, size = gap(relation, values)
    if relation[1] == "==":
        return np.asarray(np.abs(by) <= TIGHT * size)
    if relation[1] == "!=":
        return np.asarray(np.abs(by) > TIGHT * size)
    return np.asarray(by > TIGHT * size if relation[1] in ("<", ">") else by >= -TIGHT * 1e-3 * size)


def fails(node: Node, values: Mapping[str, Array]) -> Mask:
    """Return where a statement clearly fails, or is undefined."""
    if node[0] == "and":
        return fails(node[1], values) | fails(node[2], values)
    if node[0] in ("or", "implies"):
        left = passes(node[1], values) if node[0] == "implies" else fails(node[1], values)
        return left & fails(node[2], values)
    if node[0] == "not":
        return passes(node[1], values)
    if node[0] != "compare":
        raise NotSampled(f"{node[0]!r} is not sampled")
    found = np.zeros(1, dtype=bool)
    for relation in chain(node):
        by, size = gap(relation, values)
        wrong = np.abs(by) > SLACK * size if relation[1] == "==" else by < -SLACK * size
        if relation[1] == "!=":
            wrong = by == 0
        undefined = [np.isnan(evaluate(side, values)[0]) for side in (relation[0], relation[2])]
        found = found | (wrong & np.isfinite(by)) | undefined[0] | undefined[1]
    return found


def passes(node: Node, values: Mapping[str, Array]) -> Mask:
    """Return where a statement clearly holds."""
    if node[0] == "and":
        return passes(node[1], values) & passes(node[2], values)
    if node[0] == "or":
        return passes(node[1], values) | passes(node[2], values)
    if node[0] == "implies":
        return fails(node[1], values) | passes(node[2], values)
    if node[0] == "not":
        return fails(node[1], values)
    if node[0] != "compare":
        raise NotSampled(f"{node[0]!r} is not sampled")
    found = np.ones(1, dtype=bool)
    for relation in chain(node):
        by, size = gap(relation, values)
        right = np.abs(by) <= TIGHT * size if relation[1] == "==" else by > SLACK * size
        found = found & (np.abs(by) > SLACK * size if relation[1] == "!=" else right)
    return found


def points(goal: Goal, count: int = COUNT, seed: int = 1) -> dict[str, Array]:
    """Return sample points at which every hypothesis holds as far as floating point tells (maybe none).

    Raises
    ------
    NotSampled
        For goals about index sets.
    """
    if goal.context.atoms or goal.context.indices:
        raise NotSampled("index sets are not sampled")
    rng = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        known = charts.implied(goal)
        derived = _derived(goal)
        wanted = [n for n in goal.names if n not in derived]
        table = {name: charts.bounds(goal, name, known) for name in wanted}
        ends = {n: sum(set(b.value) <= {()} for side in table[n] for b in side) for n in wanted}
        for name in sorted(wanted, key=lambda n: (-ends[n], n)):
            values[name] = _draw(table[name], values, count, rng)
            if name in goal.integers:
                values[name] = np.rint(values[name])
        known_signs = {
            str(m[0][0]) for fact, r in goal.facts() if r in (">", ">=") and len(fact) == 1 for m in fact if m
        }
        for name, (power, slope, rest) in derived.items():
            if not (poly.generators(slope) | poly.generators(rest)) <= set(values):
                values[name] = rng.normal(size=count)
                continue
            value = -_polynomial(rest, values, count) / _polynomial(slope, values, count)
            if power == 2:
                value = np.sqrt(value) * (1.0 if name in known_signs else np.sign(rng.random(count) - 0.5))
            values[name] = value
        keep = np.ones(count, dtype=bool)
        for relation in goal.given:
            keep &= holds(relation, values)
        for node in goal.either:
            keep &= ~fails(node, values)
    return {name: array[keep] for name, array in values.items()}


def _derived(goal: Goal) -> dict[str, tuple[int, poly.Poly, poly.Poly]]:
    """Return names that equalities among the hypotheses give: slope * name**power + rest == 0, the power 1 or 2."""
    found: dict[str, tuple[int, poly.Poly, poly.Poly]] = {}
    used: set[object] = set()  # a later definition may use an earlier name, and not the other way round
    done: set[int] = set()
    for power in (1, 2):
        for position, (fact, relation) in enumerate(goal.facts()):
            if relation != "==" or position in done:
                continue
            for name in sorted(g for g in poly.generators(fact) - used - set(found) if isinstance(g, str)):
                slope = {m: v for m, v in fact.items() if name in dict(m)}
                if any(dict(m)[name] != power for m in slope):
                    continue
                rest = {m: v for m, v in fact.items() if name not in dict(m)}
                found[name] = (power, {tuple(i for i in m if i[0] != name): v for m, v in slope.items()}, rest)
                used |= poly.generators(fact)
                done.add(position)
                break
    return found


def _polynomial(p: poly.Poly, values: Mapping[str, Array], count: int) -> Array:
    total = np.zeros(count)
    for monomial, coefficient in p.items():
        term = np.full(count, float(coefficient))
        for g, e in monomial:
            term = term * values[g] ** e
        total = total + term
    return total


def _draw(sides: tuple[list[Any], list[Any]], values: Mapping[str, Array], count: int, rng: Any) -> Array:
    ends: list[Array | None] = []
    for side, choose in zip(sides, (np.maximum, np.minimum), strict=True):
        found: Array | None = None
        for bound in side:
            if poly.generators(bound.value) <= set(values):
                here = _polynomial(bound.value, values, count)
                found = here if found is None else choose(found, here)
        ends.append(found)
    low, high = ends
    t = rng.random(count)
    t = np.where(rng.random(count) < 0.15, np.round(t), t)
    t = np.where(rng.random(count) < 0.1, t**6, t)
    if low is not None and high is not None:
        return np.asarray(low + t * (np.maximum(high, low) - low))
    spread = np.exp(rng.normal(size=count) * 1.5) * (rng.random(count) > 0.05)
    if low is not None:
        return np.asarray(low + spread)
    if high is not None:
        return np.asarray(high - spread)
    return np.asarray(spread * np.where(rng.random(count) < 0.5, -1.0, 1.0))


def plausible(goal: Goal) -> bool:
    """Return False when the conclusion clearly fails at a sample point of the domain."""
    try:
        values = points(goal)
        if not values:
            return True
        with np.errstate(all="ignore"):
            return not bool(np.any(fails(goal.conclusion, values)))
    except (NotSampled, KeyError, OverflowError):
        return True


def inhabited(goal: Goal) -> bool:
    """Return whether a sample point satisfies the hypotheses."""
    try:
        values = points(goal)
    except (NotSampled, KeyError, OverflowError):
        return False
    return bool(values) and all(v.size for v in values.values())


def clearly(goal: Goal) -> bool:
    """Return True when there are sample points, and the conclusion does not fail at any of them."""
    return inhabited(goal) and plausible(goal)
