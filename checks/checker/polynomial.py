"""Exact polynomials and rational functions over the rationals, and the normal form of indexed sums.

A polynomial is a dictionary from monomials to fractions; a monomial is a sorted tuple of (generator, exponent).
Generators are names (``eta``), entries (``("c", "k")``), Kronecker deltas (``("delta", "k", "l")``) and power sums
(``("power-sum", atom, (("c", 2),))``, the sum of ``c[i]**2`` over the atom).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import factorial
from typing import Any

from checks.checker.grammar import LARGEST_EXPONENT, Node, is_name, names, parse, renamed

Generator = Any
Monomial = tuple[tuple[Generator, int], ...]
Poly = dict[Monomial, Fraction]
Ratio = tuple[Poly, Poly]

ONE: Poly = {(): Fraction(1)}
LARGEST_PRODUCT = 2_000_000
LARGEST_POWER = 100_000
LARGEST_NUMBER = 1 << 20


class NotRational(ValueError):
    """The expression is not a rational function of its generators."""


def constant(value: Fraction | int) -> Poly:
    """Return the constant polynomial."""
    return {(): Fraction(value)} if value else {}


def generator(g: Generator) -> Poly:
    """Return the polynomial that is one generator."""
    return {((g, 1),): Fraction(1)}


def add(p: Poly, q: Poly, scale: Fraction | int = 1) -> Poly:
    """Return p + scale * q."""
    result = dict(p)
    for monomial, value in q.items():
        total = result.get(monomial, Fraction(0)) + scale * value
        if total:
            result[monomial] = total
        else:
            result.pop(monomial, None)
    return result


def _key(item: tuple[Generator, int]) -> str:
    return repr(item[0])


def _join(a: Monomial, b: Monomial) -> Monomial:
    powers: dict[Generator, int] = dict(a)
    for g, e in b:
        powers[g] = powers.get(g, 0) + e
    deltas = [g for g in powers if isinstance(g, tuple) and g[0] == "delta"]
    for g in deltas:
        # delta(i, j)**2 = delta(i, j), and c[j] * delta(i, j) = c[i] * delta(i, j)
        powers[g] = 1
        for h in [h for h in powers if isinstance(h, tuple) and h[0] not in ("delta", "power-sum") and h[1] == g[2]]:
            moved = (h[0], g[1])
            powers[moved] = powers.get(moved, 0) + powers.pop(h)
    return tuple(sorted(powers.items(), key=_key))


def multiply(p: Poly, q: Poly) -> Poly:
    """Return p * q (deltas are idempotent).

    Raises
    ------
    NotRational
        When there are more than `LARGEST_PRODUCT` products of terms: that would only cost time.
    """
    if len(p) * len(q) > LARGEST_PRODUCT:
        raise NotRational("a polynomial with too many terms")
    result: Poly = {}
    for a, x in p.items():
        for b, y in q.items():
            m = _join(a, b)
            total = result.get(m, Fraction(0)) + x * y
            if total:
                result[m] = total
            else:
                result.pop(m, None)
    return result


def power(p: Poly, exponent: int) -> Poly:
    """Return p ** exponent for exponent >= 0.

    Raises
    ------
    NotRational
        When its numbers would have more than `LARGEST_NUMBER` bits, or the exponent is beyond `LARGEST_EXPONENT`.
    """
    bits = max((v.numerator.bit_length() + v.denominator.bit_length() for v in p.values()), default=0)
    if exponent > LARGEST_EXPONENT or (bits > 2 and bits * exponent > LARGEST_NUMBER):
        raise NotRational("a power with too long numbers")
    result, cost = ONE, 0
    for _ in range(exponent):
        cost += len(result) * len(p)
        if cost > LARGEST_POWER:
            raise NotRational("a power with too many terms")
        result = multiply(result, p)
    return result


def generators(p: Poly) -> set[Generator]:
    """Return the generators that occur."""
    return {g for monomial in p for g, _ in monomial}


def evaluate(p: Poly, values: Mapping[Generator, Fraction]) -> Fraction:
    """Return the value of p where every generator has a value."""
    total = Fraction(0)
    for monomial, coefficient in p.items():
        term = coefficient
        for g, e in monomial:
            term *= values[g] ** e
        total += term
    return total


def powers(p: Poly, g: Generator) -> dict[int, Poly]:
    """Return the coefficients of the powers of a generator that occur."""
    found: dict[int, Poly] = {}
    for monomial, coefficient in p.items():
        rest: Monomial = tuple(item for item in monomial if item[0] != g)
        found.setdefault(dict(monomial).get(g, 0), {})[rest] = coefficient
    return found


@dataclass
class Context:
    """The index sets of a statement.

    ``atoms`` maps each atom (indivisible index set) to its size, text in the scalar names; ``sets`` names unions of
    atoms; ``indices`` says in which atom each free index lies; ``families`` maps an indexed family to None, or by
    atom to the family (with None) that it equals there, or to ``"0"``: a ReLU's output is ``c`` on some atoms, 0 on
    others.  Which signs those atoms stand for is no part of a rule: a statement that needs them has hypotheses.
    """

    atoms: dict[str, str] = field(default_factory=dict)
    sets: dict[str, list[str]] = field(default_factory=dict)
    indices: dict[str, str] = field(default_factory=dict)
    families: dict[str, dict[str, str] | None] = field(default_factory=dict)
    _fresh: int = 0

    @classmethod
    def read(cls, raw: Mapping[str, Any] | None) -> Context:
        """Read the ``index`` entry of a formal statement."""
        raw = raw or {}
        atoms, sets, indices, families = (dict(raw.get(p, {})) for p in ("atoms", "sets", "indices", "families"))
        context = cls(atoms, sets, indices, families)
        for name, parts in context.sets.items():
            if len(set(parts)) != len(parts) or not set(parts) <= set(context.atoms):
                raise ValueError(f"set {name!r} is not a union of distinct atoms")
        for name, atom in context.indices.items():
            if atom not in context.atoms:
                raise ValueError(f"index {name!r} lies in no atom")
        for family, rule in context.families.items():
            targets = set() if rule is None else {rule[atom] for atom in context.atoms} - {"0"}
            own = context.families.get
            if not is_name(family) or family == "delta" or any(own(target, rule) is not None for target in targets):
                raise ValueError(f"family {family!r} has a reserved name, or a rule to no family of its own")
        if set(raw) - {"atoms", "sets", "indices", "families"} or set(context.atoms) & set(context.sets):
            raise ValueError("an index entry with an unknown part, or a set called like an atom")
        return context

    def size(self, atom: str) -> Poly:
        """Return the size of an atom.

        Raises
        ------
        NotRational
            When it is no polynomial.
        """
        return whole(parse(self.atoms[atom]), self)

    def size_names(self) -> set[str]:
        """Return the scalar names in the sizes of the atoms."""
        return {name for size in self.atoms.values() for name in names(parse(size))}

    def parts(self, name: str) -> list[str]:
        """Return the atoms of a set."""
        if name in self.atoms:
            return [name]
        if name in self.sets:
            return self.sets[name]
        raise ValueError(f"{name!r} is no index set")


def whole(node: Node, context: Context) -> Poly:
    """Return the normal form of an expression that is a polynomial.

    Raises
    ------
    NotRational
        When it is none, or has a denominator that is no number.
    """
    top, bottom = ratio(node, context)
    if set(bottom) != {()}:
        raise NotRational("a polynomial with a denominator")
    return multiply(top, constant(1 / bottom[()]))


def ratio(node: Node, context: Context) -> Ratio:
    """Bring an expression to numerator and denominator in normal form.

    Sums over index sets become power sums, Kronecker deltas are resolved, derivatives taken.  Denominators are
    products of what stood under a division: nothing is cancelled, so that they show where the expression is defined.

    Raises
    ------
    NotRational
        For functions other than the four operations and integer powers.
    """
    kind = node[0]
    if kind == "number":
        return constant(node[1]), ONE
    if kind == "name":
        return generator(node[1]), ONE
    if kind == "size":
        total: Poly = {}
        for atom in context.parts(node[1]):
            total = add(total, context.size(atom))
        return total, ONE
    if kind == "entry":
        return _entry(node[1], node[2], context), ONE
    if kind == "delta":
        return _delta(node[1], node[2], context), ONE
    if kind in ("+", "-"):
        (a, b), (c, d) = ratio(node[1], context), ratio(node[2], context)
        sign = 1 if kind == "+" else -1
        if b == d:
            return add(a, c, sign), b
        return add(multiply(a, d), multiply(c, b), sign), multiply(b, d)
    if kind == "*":
        (a, b), (c, d) = ratio(node[1], context), ratio(node[2], context)
        return multiply(a, c), multiply(b, d)
    if kind == "/":
        (a, b), (c, d) = ratio(node[1], context), ratio(node[2], context)
        # a/b / (c/d): undefined where b, d or c vanishes; d is kept in the denominator for that reason
        return multiply(multiply(a, d), d), multiply(multiply(b, c), d) if d != ONE else multiply(b, c)
    if kind == "**":
        (e, one) = ratio(node[2], context)
        if one != ONE or set(e) - {()} or e.get((), Fraction(0)).denominator != 1:
            raise NotRational("an exponent that is not an integer constant")
        exponent = int(e.get((), Fraction(0)))
        if abs(exponent) > LARGEST_EXPONENT:
            raise NotRational(f"an exponent beyond {LARGEST_EXPONENT}")
        a, b = ratio(node[1], context)
        if exponent == 0:
            return b, b  # one, where the base is defined
        if exponent > 0:
            return power(a, exponent), power(b, exponent)
        inverse, kept = power(a, -exponent), power(b, -exponent)
        return (kept, inverse) if b == ONE else (multiply(kept, kept), multiply(inverse, kept))
    if kind == "sum":
        return _sum(node, context)
    if kind == "diff":
        return _diff(node, context)
    if kind == "taylor":
        return _taylor(node, context)
    raise NotRational(f"{node[1] if kind == 'call' else kind!r} is no rational operation")


def _entry(family: str, index: str, context: Context) -> Poly:
    if family not in context.families or index not in context.indices:
        raise ValueError(f"{family}[{index}] is not declared")
    rule = context.families[family]
    if rule is not None:
        family = rule[context.indices[index]]
        if family == "0":
            return {}
    return generator((family, index))


def _delta(i: str, j: str, context: Context) -> Poly:
    if i == j:
        return ONE
    if context.indices[i] != context.indices[j]:
        return {}
    return generator(("delta", *sorted((i, j))))


def _sum(node: Node, context: Context) -> Ratio:
    _, index, over, body = node
    numerator: Poly = {}
    denominator: Poly | None = None
    for atom in context.parts(over):
        context._fresh += 1
        bound = f"{index}~{context._fresh}"
        outer = context.indices
        context.indices = {**outer, bound: atom}
        try:
            top, bottom = ratio(renamed(body, {index: bound}), context)
        finally:
            context.indices = outer
        if any(isinstance(g, tuple) and bound in g for g in generators(bottom)):
            raise NotRational("a sum of quotients whose denominators depend on the index")
        if denominator is None:
            denominator = bottom
        if bottom != denominator:
            raise NotRational("a sum whose denominators differ by kind of index")
        numerator = add(numerator, _sum_out(top, bound, atom, context))
    return numerator, ONE if denominator is None else denominator


def _sum_out(p: Poly, bound: str, atom: str, context: Context) -> Poly:
    result: Poly = {}
    for monomial, coefficient in p.items():
        deltas = [g for g, _ in monomial if isinstance(g, tuple) and g[0] == "delta" and bound in g[1:]]
        if deltas:
            other = next(i for i in deltas[0][1:] if i != bound)
            term: Poly = {(): coefficient}
            for g, e in monomial:
                if g == deltas[0]:
                    continue
                if isinstance(g, tuple) and g[0] == "delta" and bound in g[1:]:
                    third = next(i for i in g[1:] if i != bound)
                    term = multiply(term, _delta(other, third, context))
                elif isinstance(g, tuple) and g[0] != "power-sum" and g[1] == bound:
                    term = multiply(term, {(((g[0], other), e),): Fraction(1)})
                else:
                    term = multiply(term, {((g, e),): Fraction(1)})
            result = add(result, term)
            continue
        own = {g for g, _ in monomial if isinstance(g, tuple) and g[0] not in ("power-sum", "delta") and g[1] == bound}
        inside = tuple((g[0], e) for g, e in monomial if g in own)
        outside: Monomial = tuple((g, e) for g, e in monomial if g not in own)
        factor = generator(("power-sum", atom, tuple(sorted(inside)))) if inside else context.size(atom)
        result = add(result, multiply({outside: coefficient}, factor))
    return result


def derivative(p: Poly, family: str, index: str, context: Context) -> Poly:
    """Return the derivative of a normal form with respect to one entry."""
    result: Poly = {}
    for monomial, coefficient in p.items():
        for g, e in monomial:
            inner: Poly = {}
            if isinstance(g, tuple) and g[0] == "power-sum":
                powers = dict(g[2])
                if g[1] == context.indices[index] and family in powers:
                    inner = constant(powers[family])
                    for name, exponent in powers.items():
                        left = exponent - (name == family)
                        if left:
                            inner = multiply(inner, {(((name, index), left),): Fraction(1)})
            elif isinstance(g, tuple) and g[0] == family:
                inner = _delta(g[1], index, context)
            if inner:
                rest = tuple((h, f - (h == g)) for h, f in monomial if f - (h == g))
                result = add(result, multiply({rest: coefficient * e}, inner))
    return result


def _diff(node: Node, context: Context) -> Ratio:
    _, body, family, index = node
    if index not in context.indices or context.families.get(family, {}) is not None:
        raise ValueError(f"{family}[{index}] is no entry of a family of its own")
    top, bottom = ratio(body, context)
    slope = derivative(top, family, index, context)
    fall = derivative(bottom, family, index, context)
    if not fall:
        return slope, bottom
    return add(multiply(slope, bottom), multiply(top, fall), -1), multiply(bottom, bottom)


def _taylor(node: Node, context: Context) -> Ratio:
    _, body, name, order = node
    top, bottom = ratio(body, context)
    if name in generators(bottom) | context.size_names():
        raise NotRational("a Taylor coefficient of a quotient, or in the name of a size")
    return multiply(powers(top, name).get(order, {}), constant(factorial(order))), bottom


def node(p: Poly) -> Node:
    """Return an expression of which p is the normal form; it reads back from its text as the same expression."""
    total: Node | None = None
    for monomial, coefficient in p.items():
        factors = [_generator_node(g, e) for g, e in monomial]
        size = abs(coefficient)
        number: Node = ("number", Fraction(size.numerator))
        if size.denominator != 1:
            number = ("/", number, ("number", Fraction(size.denominator)))
        term = number if size != 1 or not factors else factors.pop(0)
        for factor in factors:
            term = ("*", term, factor)
        if total is None and coefficient > 0:
            total = term
        else:
            zero: Node = ("number", Fraction(0))
            total = ("+" if coefficient > 0 else "-", zero if total is None else total, term)
    return ("number", Fraction(0)) if total is None else total


def _generator_node(g: Generator, exponent: int) -> Node:
    base: Node = ("name", g)
    if isinstance(g, tuple) and g[0] == "power-sum":
        parts = [_generator_node((family, "i"), e) for family, e in g[2]]
        body = parts[0]
        for part in parts[1:]:
            body = ("*", body, part)
        base = ("sum", "i", g[1], body)
    elif isinstance(g, tuple):
        base = g if g[0] == "delta" else ("entry", *g)
    return base if exponent == 1 else ("**", base, ("number", Fraction(exponent)))
