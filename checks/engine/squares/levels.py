"""Which products of hypotheses, and which monomials, a sum-of-squares certificate may use: a hierarchy of models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import comb

from checks.engine.squares.model import (
    Block,
    Dense,
    Exponents,
    Free,
    Model,
    degree,
    homogeneous,
    monomials,
    parity_classes,
    times,
)

# a Gram matrix, and all matrices of one model together, may not be larger
MOST_SIDE = 60
MOST_UNKNOWNS = 3000
MOST_PRODUCTS = 60
MOST_FACTORS = 3
# how far the degree of a certificate may exceed that of goal and hypotheses
EXCESS = 4


@dataclass(frozen=True)
class Level:
    """The terms of a certificate: their degree is at most ``degree``, and each has at most ``factors`` hypotheses."""

    degree: int
    factors: int


Facts = Sequence[tuple[Dense, str]]


def levels(p: Dense, facts: Facts) -> Iterator[Level]:
    """Yield the levels in the order in which they are tried: low degrees and few factors first."""
    inequalities = [f for f, relation in facts if relation in (">", ">=")]
    if not facts:
        yield Level(degree(p), 0)
        return
    start = degree(p) if p else 1
    largest = max(degree(f) for f, _ in facts)
    most = max(start, largest) + EXCESS
    if p:
        yield Level(start, 0)
    else:
        # a refutation may need the square of the negated conclusion
        most = max(most, 2 * largest)
    for d in range(start, most + 1):
        if d <= start + 4 or d % 2 == 0:
            for count in range(1, min(MOST_FACTORS, max(1, len(inequalities))) + 1):
                yield Level(d, count)


def products(facts: Facts, level: Level) -> list[tuple[tuple[int, ...], Dense]]:
    """Return the products of distinct inequalities of a level, with the empty one, lower degrees first."""
    usable = [i for i, (f, relation) in enumerate(facts) if relation in (">", ">=") and degree(f)]
    return _multiplied(facts, [c for n in range(level.factors + 1) for c in combinations(usable, n)], level)


def strict_products(facts: Facts, level: Level, nonzero: bool) -> list[tuple[tuple[int, ...], Dense]]:
    """Return the strictly positive products of a level: of strict inequalities, repeated ones too, and the empty one.

    With ``nonzero``, the square of a fact with ``!=`` is one more strictly positive factor.
    """
    single = [(i,) for i, (f, relation) in enumerate(facts) if relation == ">" and degree(f)]
    double = [(i, i) for i, (f, relation) in enumerate(facts) if relation == "!=" and degree(f) and nonzero]
    factors: list[tuple[int, ...]] = [*single, *double]
    most = 1
    while most < level.degree and comb(len(factors) + most + 1, most + 1) <= MOST_PRODUCTS:
        most += 1
    chosen = [c for n in range(most + 1) for c in combinations_with_replacement(factors, n)]
    return _multiplied(facts, [tuple(i for part in c for i in part) for c in chosen], level)


def _multiplied(facts: Facts, chosen: list[tuple[int, ...]], level: Level) -> list[tuple[tuple[int, ...], Dense]]:
    fitting = [c for c in chosen if sum(degree(facts[i][0]) for i in c) <= level.degree]
    fitting.sort(key=lambda c: (len(c), sum(degree(facts[i][0]) for i in c), c))
    found = []
    for c in fitting[:MOST_PRODUCTS]:
        value: Dense = {(0,) * _width(facts): Fraction(1)}
        for i in c:
            value = times(value, facts[i][0])
        found.append((c, value))
    return found


def _width(facts: Facts) -> int:
    return next((len(m) for f, _ in facts for m in f), 0)


def model(p: Dense, facts: Facts, level: Level, strict: bool, nonzero: bool = False) -> Model | None:
    """Return the model of a level for the target p, or None where it is too large.

    Where goal and hypotheses are homogeneous, so are all terms.  With ``strict``, the candidates for the strictly
    positive term are blocks of their own.
    """
    used = [f for f, _ in facts]
    width = next((len(m) for f in (p, *used) for m in f), 0)
    one: Dense = {(0,) * width: Fraction(1)}
    even = homogeneous([p, *used])
    caps = [level.degree] * width
    if not facts:
        caps = [max(m[i] for m in p) for i in range(width)]
    blocks: list[Block] = []
    unknowns = 0
    for chosen, factor in products(facts, level) if facts else [((), one)]:
        room = level.degree - degree(factor)
        if even and room % 2:
            continue
        basis = monomials([cap // 2 for cap in caps], room // 2 if even else 0, room // 2)
        if len(basis) > 4 * MOST_SIDE:
            return None
        for part in parity_classes([p, *used], basis):
            blocks.append(Block(chosen, factor, tuple({m: Fraction(1)} for m in part)))
            unknowns += len(part) * (len(part) + 1) // 2
        if unknowns > 4 * MOST_UNKNOWNS:
            return None
    if strict:
        for chosen, factor in strict_products(facts, level, nonzero) if facts else [((), one)]:
            if not even or degree(factor) == level.degree:
                blocks.append(Block(chosen, factor, (one,), strict=True))
    free = []
    for i, (f, relation) in enumerate(facts):
        room = level.degree - degree(f)
        if relation == "==" and room >= 0:
            found = monomials([room] * width, room if even else 0, room)
            free += [Free(i, {m: Fraction(1)}, times({m: Fraction(1)}, f)) for m in _invariant([p, *used], found)]
    return Model(p, tuple(blocks), tuple(free))


def _invariant(polys: Sequence[Dense], found: list[Exponents]) -> list[Exponents]:
    """Return the monomials that the sign changes of variables leaving the polynomials alone leave alone too."""
    zero = tuple([0] * len(found[0])) if found else ()
    for part in parity_classes(polys, [zero, *found]):
        if zero in part:
            return [m for m in part[1:] if m in set(found)] + ([zero] if zero in found and zero not in part[1:] else [])
    return found


def fits(candidate: Model) -> bool:
    """Return whether a model is small enough to be solved."""
    sides = [len(block.basis) for block in candidate.blocks]
    return max(sides, default=0) <= MOST_SIDE and sum(n * (n + 1) // 2 for n in sides) <= MOST_UNKNOWNS
