"""Streams of candidates, short and degenerate ones first: counts limit them, so that nothing depends on time.

Names that the equalities among the hypotheses fix are solved for; the others run through short rationals, through the
ends and shares of their ranges, through far and near magnitudes, and through random values.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain, combinations, islice, product

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.grammar import Node, names
from checks.engine.refute.candidate import Candidate
from checks.engine.refute.domain import Domain, coefficients
from checks.engine.refute.equations import solutions
from checks.engine.refute.statement import Atom, Clause, Statement


def _fractions(text: str) -> list[Fraction]:
    return [Fraction(word) for word in text.split()]


SMALL = _fractions("0 1 -1 1/2 -1/2 2 1/4 3/4 1/3 1/5 1/10 3 -2 9/10 1/100 5 -3")
PARAMETERS = _fractions("0 1 1/2 1/4 3/4 1/8 7/8 1/16 15/16 1/3 2/3 1/100 99/100 999/1000 1/1000 99999/100000 1/100000")
MAGNITUDES = _fractions("10 100 1000 1000000 -10 -100 -1000 -1000000 1/1000 1/1000000 -1/1000 -1/1000000")
MOST_SMALL, MOST_GRID, MOST_CASE, MOST_SOLVED, MOST_RANDOM, MOST_CLAUSES = 4000, 1500, 400, 120, 3000, 4


class Split:
    """Names that run free, and those that the equalities of a clause then give.

    ``roots`` holds new names for square roots and absolute values in the equalities, with what they stand for.
    """

    def __init__(
        self,
        equations: Sequence[poly.Poly],
        unknowns: Sequence[str],
        terms: Mapping[str, Node],
        roots: Mapping[str, Node] | None = None,
    ) -> None:
        self.equations, self.unknowns = list(equations), list(unknowns)
        self.terms, self.roots = dict(terms), dict(roots or {})

    def candidates(self, free: Mapping[str, Fraction], systems: bool = False) -> Iterator[Candidate]:
        """Yield the points of the clause's equalities over values of the free names."""
        values = dict(free)
        for name, term in self.terms.items():
            try:
                low, high = pointwise.number(term, pointwise.Point(values))
            except (ArithmeticError, ValueError, KeyError):
                return
            if low != high:
                return
            values[name] = low
        if not self.equations:
            yield Candidate(values)
            return
        for candidate in solutions(self.equations, values, self.unknowns, systems):
            yield candidate.without(self.roots.keys())

    def free(self, statement: Statement) -> list[str]:
        """Return the names that run free."""
        return [n for n in (*statement.names, *self.roots) if n not in self.unknowns and n not in self.terms]


def splits(statement: Statement, clause: Iterable[Atom], most: int = 4) -> list[Split]:
    """Return ways to solve the equalities of a clause, those that are linear in their unknowns first."""
    roots: dict[str, Node] = {}
    equalities = [Atom(_rooted(a.gap, roots), "==") for a in clause if a.relation == "=="]
    for name, node in list(roots.items()):
        argument = ("**", node[2][0], ("number", Fraction(2))) if node[1] == "abs" else node[2][0]
        square: Node = ("**", ("name", name), ("number", Fraction(2)))
        equalities.append(Atom(("-", square, _rooted(argument, roots)), "=="))
    terms = dict(islice(_definitions(equalities), 4))
    equations = [p for atom in equalities if (p := atom.polynomial) and not set(poly.generators(p)) <= set(terms)]
    if not equations:
        return [Split([], [], terms)]
    inside = sorted({str(g) for p in equations for g in poly.generators(p)} - set(terms))
    ranked = sorted(combinations(inside, min(len(equations), len(inside), 4)), key=lambda c: _hardness(equations, c))
    return [Split(equations, unknowns, terms, roots) for unknowns in ranked[:most]]


def _rooted(node: Node, roots: dict[str, Node]) -> Node:
    """Return an expression with new names for its square roots and absolute values."""
    kind = node[0]
    if kind not in ("call", "+", "-", "*", "/", "**"):
        return node
    if kind == "call":
        inner: Node = ("call", node[1], tuple(_rooted(a, roots) for a in node[2]))
        if node[1] not in ("sqrt", "abs"):
            return inner
        known = next((name for name, other in roots.items() if other == inner), None)
        name = known or f"root@{len(roots)}"
        roots[name] = inner
        return ("name", name)
    return (kind, *(_rooted(part, roots) for part in node[1:]))


def _definitions(equalities: Iterable[Atom]) -> Iterator[tuple[str, Node]]:
    """Yield names that an equality gives by functions that are no polynomials, such as ``y == sqrt(x)``."""
    for atom in equalities:
        if atom.polynomial is None and atom.gap[0] == "-":
            for side, other in ((1, 2), (2, 1)):
                if atom.gap[side][0] == "name" and atom.gap[side][1] not in names(atom.gap[other]):
                    yield atom.gap[side][1], atom.gap[other]
                    break


def _hardness(equations: Sequence[poly.Poly], unknowns: Sequence[str]) -> int:
    total = 0
    for p in equations:
        for name in unknowns:
            line = coefficients(p, name)
            total += 0 if len(line) == 1 else 1 if len(line) == 2 and set(line[1]) == {()} else len(line) ** 2
        total += 50 * (not set(unknowns) & poly.generators(p))
    return total


def small(statement: Statement) -> Iterator[Candidate]:
    """Yield short rationals for the free names."""
    for clause in statement.hypotheses[:MOST_CLAUSES]:
        for split in splits(statement, clause, 2):
            free = split.free(statement)
            pools = [_pool(name, statement, SMALL[:7] if len(free) > 3 else SMALL) for name in free]
            most = MOST_SMALL if not split.equations else MOST_SOLVED
            for values in islice(_simplest_first(pools), most):
                yield from split.candidates(dict(zip(free, values, strict=True)))


def _pool(name: str, statement: Statement, pool: Sequence[Fraction]) -> Sequence[Fraction]:
    if name in statement.integers:
        return [Fraction(k) for k in (0, 1, -1, 2, 3, -2, 4, 5, -3, 6, 7, 10)][: max(4, len(pool))]
    return pool


def _simplest_first(pools: Sequence[Sequence[Fraction]]) -> list[tuple[Fraction, ...]]:
    """Return tuples of a product of pools, those first whose entries stand early; long pools are cut."""
    size = max((len(pool) for pool in pools), default=0)
    while size > 2 and size ** len(pools) > 2 * MOST_SMALL:
        size -= 1
    places = product(*(range(min(size, len(pool))) for pool in pools))
    chosen = sorted(islice(places, 4 * MOST_SMALL), key=lambda at: (sum(at), at))
    return [tuple(pool[k] for pool, k in zip(pools, at, strict=True)) for at in chosen]


def ranges(statement: Statement, clauses: Sequence[Clause], most: int, orders: int) -> Iterator[Candidate]:
    """Yield the ends and shares of the ranges that clauses leave to their names, one after the other."""
    for clause in clauses:
        for split in splits(statement, clause, 1):
            linear = [(name, p) for name in split.unknowns for p in split.equations if len(coefficients(p, name)) == 2]
            if split.equations and len(linear) < len(split.unknowns):
                continue  # left to the solver of equations
            inside = [n for n in statement.names if n not in split.terms]
            domain = Domain(clause, inside, statement.integers)
            shares = PARAMETERS[:5] if len(inside) <= 4 else PARAMETERS[:3]
            if len(inside) == 1:
                shares = PARAMETERS
            grid = sorted(islice(product(shares, repeat=len(inside)), 4 * most), key=_length)
            found = domain.points(grid, domain.orders(orders))
            beyond = domain.points((at for at in grid if {0, 1} & set(at)), domain.orders(1), far=True)
            for values in chain(islice(found, most), islice(beyond, most // 4)):
                yield from Split([], [], split.terms).candidates(values)


def _length(values: Sequence[Fraction]) -> int:
    return sum(value.denominator for value in values)


def on_equalities(statement: Statement, spent: Callable[[], bool]) -> Iterator[Candidate]:
    """Yield points on the equalities of every case: undefined terms, conclusions that fail only there, boundaries."""
    for clause in statement.cases:
        variants = [clause, (*clause[:-1], Atom(clause[-1].gap, "=="))] if clause[-1].relation == ">=" else [clause]
        for variant in variants:
            if not any(atom.relation == "==" for atom in variant):
                continue
            for split in splits(statement, variant):
                free = split.free(statement)
                domain = Domain([a for a in variant if a.relation != "=="], free, statement.integers)
                grid = islice(product(PARAMETERS[:5] if len(free) <= 2 else PARAMETERS[:3], repeat=len(free)), 60)
                pools = [_pool(name, statement, SMALL[:5]) for name in free]
                points: list[Mapping[str, Fraction]] = [
                    dict(zip(free, values, strict=True)) for values in islice(product(*pools), MOST_SOLVED // 2)
                ]
                points += islice(domain.points(sorted(grid, key=_length), domain.orders(1)), MOST_SOLVED // 2)
                for number, values in enumerate(points):
                    if spent():
                        return
                    yield from split.candidates(values, systems=number < 3)


def at_random(statement: Statement, seed: int) -> Iterator[Candidate]:
    """Yield random points of the ranges, with magnitudes from a millionth to a million where these are infinite."""
    rng = random.Random(seed)
    clauses = statement.hypotheses[:MOST_CLAUSES]
    for clause in clauses:
        found = splits(statement, clause, 2)
        for split in found:
            free = split.free(statement)
            domain = Domain(clause, free, statement.integers)
            orders = [domain.layers(order) for order in domain.orders(4)]
            most = MOST_RANDOM // (len(clauses) * len(found)) // (10 if split.equations else 1)
            for number in range(most):
                if number % 2:
                    shares = tuple(
                        rng.choice(PARAMETERS) if rng.random() < 0.3 else Fraction(rng.randint(0, 64), 64) for _ in free
                    )
                    values = domain.point(rng.choice(orders), shares)
                else:
                    values = {name: _any(name, statement, rng) for name in free}
                if values is not None:
                    yield from split.candidates(values)


def _any(name: str, statement: Statement, rng: random.Random) -> Fraction:
    if name in statement.integers:
        return Fraction(rng.randint(-12, 12) if rng.random() < 0.7 else rng.randint(-1000, 1000))
    if rng.random() < 0.25:
        return rng.choice(MAGNITUDES)
    return Fraction(rng.randint(-12, 12), rng.choice((1, 2, 3, 4, 8)))
