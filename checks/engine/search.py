"""Search for counterexamples: corners and degenerate points first, then small rationals, then random points.

Floats only propose; every candidate is evaluated exactly by the checker's code before it counts, and short rationals
are preferred because they are tried first.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice, product
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, goals
from checks.checker.grammar import Node, names, parse
from checks.checker.kinds import instance
from checks.engine import chart as charts
from checks.engine.algebra import to_sympy
from checks.engine.budget import Budget
from checks.engine.screen import suspects

SMALL = [
    Fraction(x)
    for x in (
        "0",
        "1",
        "-1",
        "1/2",
        "-1/2",
        "2",
        "1/4",
        "3/4",
        "1/3",
        "1/5",
        "1/10",
        "3",
        "-2",
        "9/10",
        "1/100",
        "5",
        "-3",
    )
]
PARAMETERS = [
    Fraction(x)
    for x in (
        "0",
        "1",
        "1/2",
        "1/4",
        "3/4",
        "1/8",
        "7/8",
        "1/16",
        "15/16",
        "1/3",
        "2/3",
        "1/100",
        "99/100",
        "999/1000",
        "1/1000",
        "99999/100000",
        "1/100000",
    )
]


def find_point(formal: Mapping[str, Any], budget: Budget, seed: int = 0) -> dict[str, Any] | None:
    """Return a refuting certificate of a ``forall`` statement, or None.

    Parameters
    ----------
    formal
        The statement; with indexed families, explicit small instances are tried.
    budget
        Time for the search.
    """
    scalars = _free_names(formal)
    index = formal.get("index") or {}
    if index.get("families") or index.get("atoms"):
        return _first(formal, _instances(formal, scalars, seed), budget)
    given, show = instance.lines(formal, "given"), instance.lines(formal, "show")
    points = _scalar_points(formal, scalars, seed)
    block = 256
    while chunk := list(islice(points, block)):
        block = min(4096, 4 * block)
        candidates = ({"values": {k: str(v) for k, v in chunk[i].items()}} for i in suspects(given, show, chunk)[:200])
        found = _first(formal, candidates, budget)
        if found is not None or budget.spent():
            return found
    return None


def _first(formal: Mapping[str, Any], candidates: Iterator[dict[str, Any]], budget: Budget) -> dict[str, Any] | None:
    for candidate in candidates:
        try:
            instance.verify(formal, candidate)
        except (Rejected, ArithmeticError, ValueError, KeyError):
            if budget.spent():
                return None
            continue
        return {"verdict": "refuted", "kind": "point", **candidate}
    return None


def _free_names(formal: Mapping[str, Any]) -> list[str]:
    found: set[str] = set(formal.get("integers", ()))
    for key in ("given", "show"):
        for node in instance.lines(formal, key):
            found |= names(node)
    index = formal.get("index") or {}
    for size in index.get("atoms", {}).values():
        found |= names(parse(size))
    return sorted(found)


def _scalar_points(formal: Mapping[str, Any], scalars: list[str], seed: int) -> Iterator[dict[str, Fraction]]:
    """Yield points of the domain: along its charts where there are some, else small rationals."""
    integers = set(formal.get("integers", ()))
    rng = random.Random(seed)
    defined = _definitions(formal, scalars)
    free = [s for s in scalars if s not in defined]
    probe = Goal(("number", Fraction(0)), "==", ("number", Fraction(0)), _given(formal), poly.Context())

    def complete(values: dict[str, Fraction]) -> dict[str, Fraction] | None:
        for name, p in defined.items():
            try:
                values[name] = poly.evaluate(p, values)
            except KeyError:
                return None
        return values

    found = list(islice(charts.charts(probe, set(free), most=6), 6)) if free and len(free) <= 6 and not integers else []
    for chart in found:
        grid = product(PARAMETERS[:5] if len(chart) <= 4 else PARAMETERS[:3], repeat=len(chart))
        for parameters in sorted(islice(grid, 4000), key=lambda ps: sum(p.denominator for p in ps)):
            values = charts.point(chart, parameters)
            if values is not None and (done := complete(values)) is not None:
                yield done
    pool = list(SMALL)
    for values_tuple in islice(product(pool[:7] if len(free) > 3 else pool, repeat=len(free)), 6000):
        values = dict(zip(free, values_tuple, strict=True))
        if any(values[k].denominator != 1 for k in integers & set(free)):
            continue
        if (done := complete(values)) is not None:
            yield done
    for _ in range(4000):
        if found:
            values = charts.point(
                rng.choice(found),
                tuple(rng.choice(PARAMETERS) if rng.random() < 0.5 else Fraction(rng.randint(0, 64), 64) for _ in free),
            )
        else:
            values = {
                k: Fraction(rng.randint(-12, 12), 1 if k in integers else rng.choice((1, 2, 3, 4, 8))) for k in free
            }
        if values is not None and (done := complete(values)) is not None:
            yield done


def _given(formal: Mapping[str, Any]) -> tuple[tuple[Node, str, Node], ...]:
    found: list[tuple[Node, str, Node]] = []
    for goal in goals({**formal, "show": ["0 == 0"]}):
        found += goal.given
    return tuple(found)


def _definitions(formal: Mapping[str, Any], scalars: list[str]) -> dict[str, poly.Poly]:
    """Return names that an equality among the hypotheses fixes as polynomials in the others."""
    found: dict[str, poly.Poly] = {}
    try:
        given = _given(formal)
    except Rejected:
        return found
    probe = Goal(("number", Fraction(0)), "==", ("number", Fraction(0)), given, poly.Context())
    for fact, relation in probe.facts():
        if relation != "==":
            continue
        for name in scalars:
            slope = {mono: v for mono, v in fact.items() if name in dict(mono)}
            if set(slope) == {((name, 1),)} and name not in found:
                rest = {mono: v for mono, v in fact.items() if name not in dict(mono)}
                value = poly.multiply(rest, poly.constant(-1 / slope[((name, 1),)]))
                if not poly.generators(value) & set(found):
                    found[name] = value
                    break
    return found


def layouts(index: Mapping[str, Any], most: int = 4) -> Iterator[dict[str, list[int]]]:
    """Yield layouts of the atoms with few positions each, the smallest instances first."""
    atoms = list(index["atoms"])
    counts = sorted(product(range(3 if len(atoms) <= 4 else 2), repeat=len(atoms)), key=lambda t: (sum(t), t))
    for sizes in counts:
        if not 1 <= sum(sizes) <= most:
            continue
        layout, position = {}, 0
        for atom, size in zip(atoms, sizes, strict=True):
            layout[atom] = list(range(position, position + size))
            position += size
        yield layout


def _sizes(index: Mapping[str, Any], layout: Mapping[str, list[int]], scalars: list[str]) -> dict[str, Fraction] | None:
    """Solve the declared sizes of the atoms for the size names, as far as they are linear."""
    import sympy as sp

    unknown = sorted({n for size in index["atoms"].values() for n in names(parse(size))})
    equations = [sp.sympify(_safe(size)) - len(layout[atom]) for atom, size in index["atoms"].items()]
    if not unknown:
        return {} if all(e == 0 for e in equations) else None
    solutions = sp.solve(equations, [sp.Symbol(u) for u in unknown], dict=True)
    if not solutions:
        return None
    found: dict[str, Fraction] = {}
    for name in unknown:
        value = solutions[0].get(sp.Symbol(name))
        if value is None or not value.is_Integer:
            return None
        found[name] = Fraction(int(value))
    return found


def _sizes_allowed(
    formal: Mapping[str, Any], index: Mapping[str, Any], layout: Mapping[str, list[int]], sizes: Mapping[str, Fraction]
) -> bool:
    """Return whether the hypotheses that speak of sizes only hold in a layout."""
    at = pointwise.Point(sizes, {}, layout, poly.Context.read({**index, "indices": {}}))
    for node in instance.lines(formal, "given"):
        if names(node) <= set(sizes) and not _indexed(node) and pointwise.holds(node, at) is False:
            return False
    return True


def _indexed(node: Node) -> bool:
    if node[0] in ("entry", "delta", "sum", "all", "any", "diff"):
        return True
    return any(
        _indexed(part) if isinstance(part[0], str) else any(_indexed(p) for p in part)
        for part in node[1:]
        if isinstance(part, tuple) and part and not all(isinstance(p, str) for p in part)
    )


def _safe(size: str) -> Any:
    import sympy as sp

    from checks.checker.polynomial import Context, ratio

    p, _ = ratio(parse(size), Context())
    expr, _names = to_sympy(p)
    return sp.sympify(expr)


def _instances(formal: Mapping[str, Any], scalars: list[str], seed: int) -> Iterator[dict[str, Any]]:
    index = formal["index"]
    rng = random.Random(seed)
    families = [f for f, rule in index.get("families", {}).items() if rule is None]
    values_pool = [Fraction(x) for x in ("1/2", "0", "1/4", "-1/2", "1", "1/3", "3/4", "-1/4", "9/10", "1/10")]
    scalar_pool = [Fraction(x) for x in ("1/5", "1/10", "1/4", "1", "1/2", "0", "1/100", "2")]
    generous = 2500
    for layout in layouts(index):
        sizes = _sizes(index, layout, scalars)
        if sizes is None:
            continue
        if not _sizes_allowed(formal, index, layout, sizes):
            continue
        size = sum(len(members) for members in layout.values())
        places = [list(layout[atom]) for atom in index.get("indices", {}).values()]
        if any(not p for p in places):
            continue
        free = [s for s in scalars if s not in sizes]
        for tries in range(generous if size else 0):
            pool = values_pool[: 3 + tries // 100]
            arrays = {f: [str(rng.choice(pool)) for _ in range(size)] for f in families}
            values = {
                **{k: str(v) for k, v in sizes.items()},
                **{k: str(rng.choice(scalar_pool[: 1 + tries // 20])) for k in free},
            }
            yield {
                "values": values,
                "arrays": arrays,
                "layout": layout,
                "indices": {i: rng.choice(p) for i, p in zip(index.get("indices", {}), places, strict=True)},
            }
            if tries > 60 and not free and not families:
                break
            if tries > 300 + 150 * size:
                break


def find_stationary(formal: Mapping[str, Any], budget: Budget) -> dict[str, Any] | None:
    """Return a start that no sample moves and that violates a claimed limit, or None."""
    from checks.checker.kinds import limit

    for candidate in _instances(
        {**formal, "show": [], "index": {**formal["index"], "indices": {}}}, _limit_names(formal), 1
    ):
        if budget.spent():
            return None
        try:
            limit.verify(formal, candidate)
        except (Rejected, ArithmeticError, ValueError, KeyError):
            continue
        return {"verdict": "refuted", "kind": "stationary", **candidate}
    return None


def _limit_names(formal: Mapping[str, Any]) -> list[str]:
    return _free_names({**formal, "show": formal["limit"]})
