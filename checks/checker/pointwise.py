"""Exact evaluation of a statement at one point: fractions, or enclosures with rational ends for roots and logs.

A comparison is true, false, or None where the enclosures overlap or a term is undefined in the place that decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import TypeVar

from checks.checker import enclosures
from checks.checker import polynomial as poly
from checks.checker.enclosures import Enclosure, TooLong, Undefined, Unknown
from checks.checker.grammar import Node, renamed

__all__ = ["BITS", "Enclosure", "Point", "TooLong", "Undefined", "Unknown", "holds", "number"]

T = TypeVar("T")
# binary digits to try, one after the other, while enclosures are too wide to decide
BITS = (120, 480, 1920)


class Point:
    """Values for every name, entries for every family, and the positions that belong to each atom.

    A value may be an enclosure: what is then said holds for all numbers in it.  With ``rounding``, long fractions are
    rounded outwards to ``bits`` binary digits.
    """

    def __init__(
        self,
        values: Mapping[str, Fraction | Enclosure],
        arrays: Mapping[str, Sequence[Fraction]] | None = None,
        layout: Mapping[str, Sequence[int]] | None = None,
        context: poly.Context | None = None,
        bits: int = BITS[0],
        rounding: bool = False,
    ) -> None:
        self.values = dict(values)
        self.arrays = {name: list(entries) for name, entries in (arrays or {}).items()}
        self.layout = {name: list(entries) for name, entries in (layout or {}).items()}
        self.context = context or poly.Context()
        self.bits, self.rounding = bits, rounding
        self.indices: dict[str, int] = {}

    def with_digits(self, bits: int) -> Point:
        """Return the point itself, evaluated with so many binary digits from now on."""
        self.bits = bits
        return self

    def positions(self, name: str) -> list[int]:
        """Return the positions in an index set."""
        return [i for atom in self.context.parts(name) for i in self.layout[atom]]

    def atom_of(self, position: int) -> str:
        """Return the atom in which a position lies."""
        return next(atom for atom, members in self.layout.items() if position in members)

    def entry(self, family: str, position: int) -> Fraction:
        """Return one entry of a family, through its rule where it has one."""
        rule = self.context.families[family]
        if rule is not None:
            family = rule[self.atom_of(position)]
            if family == "0":
                return Fraction(0)
        return self.arrays[family][position]

    def sign(self, node: Node) -> int:
        """Return the exact sign of a number whose enclosure holds zero, where the kind of point knows it.

        Raises
        ------
        Unknown
            Where it does not.
        """
        raise Unknown("the enclosures overlap")


def number(node: Node, at: Point) -> Enclosure:
    """Return an enclosure of an expression's value (both ends equal where it is exact).

    Raises
    ------
    Undefined
        Where the expression has no value at any of the numbers that the point stands for.
    Unknown
        Where it may have none, or the numbers grow too long.
    """
    ends = _number(node, at)
    return enclosures.rounded(ends, at.bits) if at.rounding else ends


def _number(node: Node, at: Point) -> Enclosure:
    kind = node[0]
    if kind == "number":
        return node[1], node[1]
    if kind == "name":
        known = at.values[node[1]]
        return known if isinstance(known, tuple) else (known, known)
    if kind == "entry":
        value = at.entry(node[1], at.indices[node[2]])
        return value, value
    if kind == "delta":
        value = Fraction(at.indices[node[1]] == at.indices[node[2]])
        return value, value
    if kind == "size":
        value = Fraction(len(at.positions(node[1])))
        return value, value
    if kind == "sum":
        total: Enclosure = (Fraction(0), Fraction(0))
        for position in at.positions(node[2]):
            term = _at_index(number, node, position, at)
            total = (total[0] + term[0], total[1] + term[1])
        return total
    if kind in ("diff", "taylor"):
        return _slope(node, at)
    if kind == "call":
        partial_domain = node[1] in ("sqrt", "log")
        arguments = [_narrowed(a, at) if partial_domain else number(a, at) for a in node[2]]
        return enclosures.function(node[1], arguments, at.bits)
    if kind == "/":
        return enclosures.quotient(number(node[1], at), _narrowed(node[2], at))
    if kind == "**":
        return enclosures.power(_narrowed(node[1], at), number(node[2], at), at.bits)
    a, b = number(node[1], at), number(node[2], at)
    if kind == "+":
        return a[0] + b[0], a[1] + b[1]
    if kind == "-":
        return a[0] - b[1], a[1] - b[0]
    if kind == "*":
        return enclosures.product(a, b)
    raise poly.NotRational(f"{kind!r} is not a number")


def _narrowed(node: Node, at: Point) -> Enclosure:
    """Return an enclosure that the exact sign has cut off at zero, where an operation is not defined everywhere."""
    low, high = number(node, at)
    if low <= 0 <= high and low != high:
        try:
            sign = at.sign(node)
        except Unknown:
            return low, high
        return (max(low, Fraction(0)) if sign >= 0 else low), (min(high, Fraction(0)) if sign <= 0 else high)
    return low, high


def _at_index(evaluate: Callable[[Node, Point], T], node: Node, position: int, at: Point) -> T:
    """Return what stands under a sum or quantifier, evaluated at one position."""
    kept, at.indices = at.indices, {**at.indices, node[1]: position}
    try:
        return evaluate(node[3], at)
    finally:
        at.indices = kept


def _slope(node: Node, at: Point) -> Enclosure:
    """Differentiate at an explicit instance: every entry is a generator, one atom a position."""
    size = sum(len(members) for members in at.layout.values())
    # "@0", "@1", ... name the atoms and their indices: no name of the grammar is spelled so
    single = poly.Context(
        atoms={f"@{i}": "1" for i in range(size)},
        indices={f"@{i}": f"@{i}" for i in range(size)},
        sets={name: [f"@{i}" for i in at.positions(name)] for name in (*at.context.atoms, *at.context.sets)},
        families={
            family: None if rule is None else {f"@{i}": rule[at.atom_of(i)] for i in range(size)}
            for family, rule in at.context.families.items()
        },
    )
    placed = renamed(node, {name: f"@{position}" for name, position in at.indices.items()})
    top, bottom = poly.ratio(placed, single)
    values: dict[poly.Generator, Fraction] = {}
    for name, known in at.values.items():
        if isinstance(known, tuple):
            raise Unknown("a derivative at an enclosure")
        values[name] = known
    for g in poly.generators(top) | poly.generators(bottom):
        if isinstance(g, tuple) and g[0] == "power-sum":
            value = Fraction(1)
            for family, exponent in g[2]:
                value *= at.arrays[family][int(g[1][1:])] ** exponent
            values[g] = value
        elif isinstance(g, tuple):
            values[g] = at.arrays[g[0]][int(g[1][1:])]
    below = poly.evaluate(bottom, values)
    if not below:
        raise Undefined("a derivative of an undefined quotient")
    value = poly.evaluate(top, values) / below
    return value, value


def holds(node: Node, at: Point) -> bool | None:
    """Decide a statement at a point: True, False, or None where a term is undefined and nothing else decides.

    Raises
    ------
    Unknown
        Where the enclosures overlap, and no other part of an ``and``, ``or`` or ``implies`` decides.
    """
    kind = node[0]
    if kind == "compare":
        return _chain(node, at)
    if kind == "not":
        inner = holds(node[1], at)
        return None if inner is None else not inner
    if kind in ("and", "or", "implies"):
        first = ("not", node[1]) if kind == "implies" else node[1]
        return _joined((partial(holds, first, at), partial(holds, node[2], at)), kind != "and")
    if kind in ("all", "any"):
        return _joined((partial(_at_index, holds, node, i, at) for i in at.positions(node[2])), kind == "any")
    raise poly.NotRational(f"{kind!r} is not a statement")


def _joined(parts: Iterable[Callable[[], bool | None]], decisive: bool) -> bool | None:
    """Join statements of which one with the decisive value settles all."""
    results: list[bool | None] = []
    doubt: Unknown | None = None
    for part in parts:
        try:
            results.append(part())
        except Unknown as error:
            doubt = error
    if decisive in results:
        return decisive
    if doubt is not None:
        raise doubt
    return None if None in results else not decisive


def _chain(node: Node, at: Point) -> bool | None:
    sides: list[Enclosure | None] = []
    for term in node[2]:
        try:
            sides.append(number(term, at))
        except Undefined:
            sides.append(None)
    links = zip(
        node[1], zip(node[2][:-1], sides[:-1], strict=True), zip(node[2][1:], sides[1:], strict=True), strict=True
    )
    parts = (
        partial(_link, sign, (m, n), (a, b), at) for sign, (m, a), (n, b) in links if a is not None and b is not None
    )
    every = _joined(parts, False)
    if None not in sides:
        return every
    if not every:
        raise Unknown("a chain with an undefined term and a false link: its readings differ")
    return None


def _link(sign: str, terms: tuple[Node, Node], sides: tuple[Enclosure, Enclosure], at: Point) -> bool:
    (a, b), (c, d) = sides
    gap = a - d, b - c
    if gap[0] > 0 or gap[1] < 0 or gap[0] == gap[1]:
        return holds_for(sign, gap[0])
    if (gap[0] == 0 and sign in (">=", "<")) or (gap[1] == 0 and sign in ("<=", ">")):
        return sign in ("<=", ">=")
    return holds_for(sign, at.sign(("-", *terms)))


def holds_for(sign: str, gap: Fraction | int) -> bool:
    """Return whether the difference of two numbers makes a comparison true."""
    return sign in (("==", "<=", ">=") if not gap else (">", ">=", "!=") if gap > 0 else ("<", "<=", "!="))
