"""Explicit small instances of statements about indexed families: sizes, layouts of the index sets, entries."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import lines
from checks.checker.grammar import Node, names, parse
from checks.engine.algebra import to_sympy


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
    for node in lines(formal, "given"):
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

    p, _ = poly.ratio(parse(size), poly.Context())
    expr, _names = to_sympy(p)
    return sp.sympify(expr)


def instances(formal: Mapping[str, Any], scalars: list[str], seed: int) -> Iterator[dict[str, Any]]:
    """Yield candidates of the checker's kind ``point`` for a statement with index sets, the smallest sizes first."""
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
