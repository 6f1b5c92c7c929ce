"""The oracle: interprets one step of a program in plain Python, entry by entry, in a given arithmetic.

With `Exact` it is the oracle of values (rationals; a root must be rational, exponentials are refused); with `Rounded`
the oracle of bits of programs that use + - * / and sqrt.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import sympy as sp

from numerics.arrays.ir import TREE_WIDTH, Leaf, Program, Role
from numerics.arrays.scalar import fold
from numerics.errors import LoweringError
from numerics.ir import Kind as Operation
from numerics.targets.exact import Rational
from numerics.targets.rounded_target import Rounded as Doubles
from theory.derive.terms import Kind

_SIGNS = {"+": Operation.ADD, "-": Operation.SUB, "*": Operation.MUL, "/": Operation.DIV}
_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: bool(a >= b),
    ">": lambda a, b: bool(a > b),
    "<=": lambda a, b: bool(a <= b),
    "<": lambda a, b: bool(a < b),
}


class Numbers:
    """Operations on single numbers of one of the two arithmetics."""

    def __init__(self, arithmetic: Rational | Doubles) -> None:
        self._arithmetic: Any = arithmetic

    def constant(self, value: Fraction) -> Any:
        """Return the number nearest to a rational."""
        return self._arithmetic.constant(value)

    def binary(self, sign: str, a: Any, b: Any) -> Any:
        """Apply ``+ - * /``."""
        return self._arithmetic.binary(_SIGNS[sign], a, b)

    def call(self, name: str, a: Any) -> Any:
        """Apply a function; only the square root is exact."""
        if name == "sqrt":
            return self._arithmetic.unary(Operation.SQRT, a)
        if isinstance(a, Fraction):
            raise LoweringError(f"{name} of a rational is not rational; compare in doubles")
        return getattr(math, name)(a)

    def select(self, relation: str, a: Any, b: Any, yes: Any, no: Any) -> Any:
        """Select by a comparison."""
        return yes if _TESTS[relation](a, b) else no


EXACT, ROUNDED = Numbers(Rational()), Numbers(Doubles())
Entries = dict[tuple[int, ...], Any]


def step(
    program: Program,
    numbers: Numbers,
    weights: Mapping[str, Entries],
    data: Mapping[str, Entries],
    rows: Sequence[int],
    coefficient: Callable[[sp.Expr], Any],
) -> dict[str, Entries]:
    """Return the weights after one step.

    Parameters
    ----------
    weights, data
        Entries by index; data of samples have the atom as their first index.
    rows
        The atoms of the batch.
    coefficient
        The number of an exact coefficient.
    """
    terms = program.terms
    values: dict[int, Entries] = {}
    for place in terms.reachable(program.roots()):
        term = terms[place]
        points = list(product(*(range(int(size)) for size in term.shape)))
        if term.kind is Kind.LEAF:
            assert isinstance(term.leaf, Leaf)
            values[place] = _leaf(term.leaf, points, weights, data, rows, numbers)
        elif term.kind is Kind.SUM:
            values[place] = {
                p: _sum(term.coefficients, [values[a][p] for a in term.args], numbers, coefficient) for p in points
            }
        elif term.kind is Kind.MAP:
            assert term.function is not None
            values[place] = {p: fold(term.function, values[term.args[0]][p], numbers) for p in points}
        elif term.kind is Kind.LARGEST:
            last = int(terms[term.args[0]].shape[-1])
            values[place] = {p: max(values[term.args[0]][(*p, i)] for i in range(last)) for p in points}
        else:
            sizes = terms.sizes(place)
            over = [axis for axis in sorted(sizes) if axis >= term.rank]
            summed = list(product(*(range(int(sizes[axis])) for axis in over)))
            values[place] = {}
            for p in points:
                entries = []
                for q in summed:
                    at = {**dict(enumerate(p)), **dict(zip(over, q, strict=True))}
                    factors = [
                        values[a][tuple(at[x] for x in axes)] for a, axes in zip(term.args, term.axes, strict=True)
                    ]
                    entries.append(_fold("*", factors, numbers))
                values[place][p] = tree_sum(entries, numbers)
    return {name: values[new] for name, _, new in program.updates}


def _leaf(
    leaf: Leaf,
    points: list[tuple[int, ...]],
    weights: Mapping[str, Entries],
    data: Mapping[str, Entries],
    rows: Sequence[int],
    numbers: Numbers,
) -> Entries:
    if leaf.role is Role.COUNTS:
        return {p: numbers.constant(Fraction(list(rows).count(p[0]))) for p in points}
    if leaf.role is not Role.ROWS:
        source = weights if leaf.role is Role.STATE else data
        return {p: source[leaf.name][p] for p in points}
    table = data[leaf.name]
    if len(rows) == 1:
        return {p: table[(rows[0], *p)] for p in points}
    return {p: table[(rows[p[0]], *p[1:])] for p in points}


def _sum(
    coefficients: Sequence[sp.Expr], values: Sequence[Any], numbers: Numbers, coefficient: Callable[[sp.Expr], Any]
) -> Any:
    total = None
    for c, value in zip(coefficients, values, strict=True):
        part = value if c in (1, -1) else numbers.binary("*", coefficient(c), value)
        first = -part if c == -1 else part
        total = first if total is None else numbers.binary("-" if c == -1 else "+", total, part)
    return numbers.constant(Fraction(0)) if total is None else total


def _fold(sign: str, values: Sequence[Any], numbers: Numbers) -> Any:
    result = None
    for value in values:
        result = value if result is None else numbers.binary(sign, result, value)
    return numbers.constant(Fraction(1)) if result is None else result


def tree_sum(values: Sequence[Any], numbers: Numbers) -> Any:
    """Return the sum in the order of the IR: balanced trees of eight, then one after the other."""
    heads = []
    whole = len(values) // TREE_WIDTH * TREE_WIDTH
    for start in range(0, whole, TREE_WIDTH):
        block = list(values[start : start + TREE_WIDTH])
        while len(block) > 1:
            block = [numbers.binary("+", block[i], block[i + 1]) for i in range(0, len(block), 2)]
        heads.append(block[0])
    return _fold("+", [*heads, *values[whole:]], numbers)
