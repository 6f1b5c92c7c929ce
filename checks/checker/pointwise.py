"""Exact evaluation of a statement at one point: fractions, or enclosures with rational ends for roots and logs.

A comparison is true, false, or None where the enclosures overlap or a term is undefined in the place that decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import isqrt

from checks.checker import polynomial as poly
from checks.checker.grammar import LARGEST_EXPONENT, Node

Enclosure = tuple[Fraction, Fraction]


class Undefined(ArithmeticError):
    """A term has no value at the point: division by zero, or a root or logarithm outside its domain."""


class Unknown(ArithmeticError):
    """The enclosures are too wide to decide; more digits may help."""


class Point:
    """Values for every name, entries for every family, and the positions that belong to each atom."""

    def __init__(
        self,
        values: Mapping[str, Fraction],
        arrays: Mapping[str, Sequence[Fraction]] | None = None,
        layout: Mapping[str, Sequence[int]] | None = None,
        context: poly.Context | None = None,
        bits: int = 120,
    ) -> None:
        self.values = dict(values)
        self.arrays = {name: list(entries) for name, entries in (arrays or {}).items()}
        self.layout = {name: list(entries) for name, entries in (layout or {}).items()}
        self.context = context or poly.Context()
        self.bits = bits
        self.indices: dict[str, int] = {}

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


def number(node: Node, at: Point) -> Enclosure:
    """Return an enclosure of an expression's value (both ends equal where it is exact)."""
    kind = node[0]
    if kind == "number":
        return node[1], node[1]
    if kind == "name":
        value = at.values[node[1]]
        return value, value
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
            term = _at_index(node[3], node[1], position, at)
            total = (total[0] + term[0], total[1] + term[1])
        return total
    if kind in ("diff", "taylor"):
        return _slope(node, at)
    if kind == "call":
        return _function(node[1], [number(argument, at) for argument in node[2]], at.bits)
    a, b = number(node[1], at), number(node[2], at)
    if kind == "+":
        return a[0] + b[0], a[1] + b[1]
    if kind == "-":
        return a[0] - b[1], a[1] - b[0]
    if kind == "*":
        return _product(a, b)
    if kind == "/":
        if b[0] == b[1] == 0:
            raise Undefined("division by zero")
        if b[0] <= 0 <= b[1]:
            raise Unknown("division by an enclosure of zero")
        return _product(a, (1 / b[1], 1 / b[0]))
    if kind == "**":
        return _power(a, b)
    raise poly.NotRational(f"{kind!r} is not a number")


def _at_index(body: Node, index: str, position: int, at: Point) -> Enclosure:
    kept = dict(at.indices)
    at.indices[index] = position
    try:
        return number(body, at)
    finally:
        at.indices = kept


def _product(a: Enclosure, b: Enclosure) -> Enclosure:
    ends = [x * y for x in a for y in b]
    return min(ends), max(ends)


def _power(a: Enclosure, b: Enclosure) -> Enclosure:
    if b[0] != b[1] or b[0].denominator != 1:
        raise Unknown("a power that is not an integer")
    exponent = int(b[0])
    if abs(exponent) > LARGEST_EXPONENT:
        raise Unknown(f"an exponent beyond {LARGEST_EXPONENT}")
    if exponent < 0:
        if not any(a):
            raise Undefined("a negative power of zero")
        if a[0] <= 0 <= a[1]:
            raise Unknown("a negative power of an enclosure of zero")
        a, exponent = (1 / a[1], 1 / a[0]), -exponent
    ends = [a[0] ** exponent, a[1] ** exponent]
    low = Fraction(0) if exponent % 2 == 0 and exponent and a[0] < 0 < a[1] else min(ends)
    return low, max(ends)


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
    placed = _place(node, {name: f"@{position}" for name, position in at.indices.items()})
    top, bottom = poly.ratio(placed, single)
    values: dict[poly.Generator, Fraction] = dict(at.values)
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


def _place(node: Node, where: Mapping[str, str]) -> Node:
    """Return the expression with its free indices renamed."""
    if node[0] in ("sum", "all", "any"):
        where = {name: position for name, position in where.items() if name != node[1]}
    return tuple(
        tuple(_place(p, where) for p in part)
        if isinstance(part, tuple) and part and isinstance(part[0], tuple)
        else _place(part, where)
        if isinstance(part, tuple) and part
        else where.get(part, part)
        if position in poly.INDEX_PLACES.get(node[0], ())
        else part
        for position, part in enumerate(node)
    )


def _function(name: str, arguments: list[Enclosure], bits: int) -> Enclosure:
    if name == "min":
        return min(a[0] for a in arguments), min(a[1] for a in arguments)
    if name == "max":
        return max(a[0] for a in arguments), max(a[1] for a in arguments)
    if name == "pi":
        # Machin: pi = 16 atan(1/5) - 4 atan(1/239)
        (a, b), (c, d) = _atan(5, bits), _atan(239, bits)
        return 16 * a - 4 * d, 16 * b - 4 * c
    (x,) = arguments
    if name == "abs":
        if x[0] >= 0:
            return x
        return (-x[1], -x[0]) if x[1] <= 0 else (Fraction(0), max(-x[0], x[1]))
    if name == "sqrt":
        if x[1] < 0:
            raise Undefined("the square root of a negative number")
        if x[0] < 0:
            raise Unknown("the square root of an enclosure of zero")
        return _root(x[0], bits)[0], _root(x[1], bits)[1]
    if name == "exp":
        return _exp(x[0], bits)[0], _exp(x[1], bits)[1]
    if x[1] <= 0:
        raise Undefined("the logarithm of a number that is not positive")
    if x[0] <= 0:
        raise Unknown("the logarithm of an enclosure of zero")
    return _log(x[0], bits)[0], _log(x[1], bits)[1]


def _outward(low: Fraction, high: Fraction, bits: int) -> Enclosure:
    unit = 1 << bits
    down, up = low.numerator * unit // low.denominator, -(-high.numerator * unit // high.denominator)
    return Fraction(down, unit), Fraction(up, unit)


def _root(x: Fraction, bits: int) -> Enclosure:
    p, q = isqrt(x.numerator), isqrt(x.denominator)
    if p * p == x.numerator and q * q == x.denominator:
        return Fraction(p, q), Fraction(p, q)
    unit = 1 << bits
    low = isqrt(x.numerator * unit * unit // x.denominator)
    return Fraction(low, unit), Fraction(low + 1, unit)


def _exp(x: Fraction, bits: int) -> Enclosure:
    """Enclose exp by halving to |x| <= 1/2, a Taylor sum with its geometric remainder, and squaring back."""
    halvings = 0
    while abs(x) > Fraction(1, 2):
        x, halvings = x / 2, halvings + 1
    term, total, k = Fraction(1), Fraction(1), 0
    while abs(term) > Fraction(1, 1 << (bits + 2 * halvings + 8)):
        k += 1
        term = term * x / k
        total += term
    ends = _outward(total - abs(term), total + abs(term), bits + 2 * halvings + 8)
    for _ in range(halvings):
        ends = _outward(ends[0] ** 2, ends[1] ** 2, bits + 2 * halvings + 8)
    return ends


def _log(x: Fraction, bits: int) -> Enclosure:
    """Enclose log through 2 atanh((x-1)/(x+1)) after taking out powers of two."""
    if x == 1:
        return Fraction(0), Fraction(0)
    shift = 0
    while x > Fraction(3, 2):
        x, shift = x / 2, shift + 1
    while x < Fraction(3, 4):
        x, shift = x * 2, shift - 1
    low, high = _atanh_twice((x - 1) / (x + 1), bits + 16)
    if shift:
        two = _atanh_twice(Fraction(1, 3), bits + 16)
        low, high = low + min(shift * two[0], shift * two[1]), high + max(shift * two[0], shift * two[1])
    return low, high


def _atanh_twice(z: Fraction, bits: int) -> Enclosure:
    power, total, k = z, Fraction(0), 1
    while abs(power) > Fraction(1, 1 << bits):
        total += 2 * power / k
        power, k = power * z * z, k + 2
    tail = 4 * abs(power)
    return _outward(total - tail, total + tail, bits)


def _atan(q: int, bits: int) -> Enclosure:
    """Enclose atan(1/q) between two partial sums of its alternating series."""
    total, k = Fraction(0), 0
    while q ** (2 * k + 1) < 1 << bits or k % 2:
        total += Fraction((-1) ** k, (2 * k + 1) * q ** (2 * k + 1))
        k += 1
    return total, total + Fraction(1, (2 * k + 1) * q ** (2 * k + 1))


def holds(node: Node, at: Point) -> bool | None:
    """Decide a statement at a point: True, False, or None where a term is undefined and nothing else decides.

    Raises
    ------
    Unknown
        Where the enclosures overlap.
    """
    kind = node[0]
    if kind == "compare":
        return _chain(node, at)
    if kind == "not":
        inner = holds(node[1], at)
        return None if inner is None else not inner
    if kind == "implies":
        left = holds(node[1], at)
        return True if left is False else _either(None if left is None else not left, holds(node[2], at))
    if kind == "and":
        a, b = holds(node[1], at), holds(node[2], at)
        return False if a is False or b is False else None if a is None or b is None else True
    if kind == "or":
        return _either(holds(node[1], at), holds(node[2], at))
    if kind in ("all", "any"):
        kept, results = dict(at.indices), []
        try:
            for position in at.positions(node[2]):
                at.indices[node[1]] = position
                results.append(holds(node[3], at))
        finally:
            at.indices = kept
        decisive = kind == "any"
        return decisive if decisive in results else None if None in results else not decisive
    raise poly.NotRational(f"{kind!r} is not a statement")


def _chain(node: Node, at: Point) -> bool | None:
    sides: list[Enclosure | None] = []
    for term in node[2]:
        try:
            sides.append(number(term, at))
        except Undefined:
            sides.append(None)
    links = zip(node[1], sides[:-1], sides[1:], strict=True)
    every = all(_compare(sign, a, b) for sign, a, b in links if a is not None and b is not None)
    if None not in sides:
        return every
    if not every:
        raise Unknown("a chain with an undefined term and a false link: its readings differ")
    return None


def _either(a: bool | None, b: bool | None) -> bool | None:
    return True if a or b else None if a is None or b is None else False


def _compare(sign: str, a: Enclosure, b: Enclosure) -> bool:
    if a[0] == a[1] == b[0] == b[1]:
        return sign in ("<=", "==", ">=")
    if a[1] < b[0]:
        return sign in ("<", "<=", "!=")
    if b[1] < a[0]:
        return sign in (">", ">=", "!=")
    if a[1] == b[0] and sign in ("<=", ">"):
        return sign == "<="
    if b[1] == a[0] and sign in (">=", "<"):
        return sign == ">="
    raise Unknown("the enclosures overlap")
