"""A derived update map evaluated as it stands, over any exact or enclosing arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import reduce
from typing import Generic, TypeVar

import sympy as sp

from numerics.errors import LoweringError, unknown_name
from numerics.front import QUANTITIES
from numerics.ir import Combine, Domain, Kind
from numerics.targets.interpreter import Arithmetic
from theory.derive.update_map import UpdateMap

T = TypeVar("T")
Values = Mapping[sp.Symbol, T]


def compiled(expression: sp.Expr, arithmetic: Arithmetic[T]) -> Callable[[Mapping[sp.Symbol, T]], T]:
    """Return a function that evaluates an expression from the values of its symbols.

    Raises
    ------
    LoweringError
        If the expression has more than ``+ - * /``, integer powers, square roots and rational numbers.
    """
    if isinstance(expression, sp.Symbol):
        return lambda values: values[expression]
    if isinstance(expression, sp.Rational):
        constant = arithmetic.constant(Fraction(int(expression.p), int(expression.q)))
        return lambda values: constant
    if isinstance(expression, (sp.Add, sp.Mul)):
        kind = Kind.ADD if isinstance(expression, sp.Add) else Kind.MUL
        parts = [compiled(part, arithmetic) for part in expression.args]
        return lambda values: reduce(lambda a, b: arithmetic.binary(kind, a, b), (part(values) for part in parts))
    if isinstance(expression, sp.Pow) and isinstance(expression.exp, sp.Rational) and expression.exp.q in (1, 2):
        return _power(compiled(expression.base, arithmetic), expression.exp, arithmetic)
    raise LoweringError(
        f"{expression} ({type(expression).__name__}) has no exact value here; "
        "use + - * / integer powers, square roots and rational numbers"
    )


def _power(
    base: Callable[[Mapping[sp.Symbol, T]], T], exponent: sp.Rational, arithmetic: Arithmetic[T]
) -> Callable[[Mapping[sp.Symbol, T]], T]:
    # products, not powers: a power of a ball around zero is nan in some versions of python-flint
    count = abs(int(exponent.p))

    def value(values: Mapping[sp.Symbol, T]) -> T:
        factor = base(values)
        if exponent.q == 2:
            factor = arithmetic.unary(Kind.SQRT, factor)
        product = reduce(lambda a, b: arithmetic.binary(Kind.MUL, a, b), [factor] * count)
        return product if exponent > 0 else arithmetic.binary(Kind.DIV, arithmetic.constant(Fraction(1)), product)

    return value


class ExactMap(Generic[T]):
    """One step of an update map on one replica, and the quantities of its states.

    Parameters
    ----------
    update_map
        What theory derived.
    arithmetic
        Number type.
    parameters
        Values of the parameters by name.
    m
        Sample count.
    """

    def __init__(self, update_map: UpdateMap, arithmetic: Arithmetic[T], parameters: Mapping[str, T], m: int) -> None:
        self.map, self.arithmetic, self.m = update_map, arithmetic, m
        self._values = {symbol: parameters[symbol.name] for symbol in update_map.parameters}
        self._rules = {atom: compiled(rule, arithmetic) for atom, rule in update_map.rules.items()}
        self._sums = {
            item.symbol: (frozenset(item.atoms), compiled(item.summand, arithmetic)) for item in update_map.reductions
        }
        self._zero = arithmetic.constant(Fraction(0))

    def atom(self, k: int, c: T, batch: frozenset[int]) -> str:
        """Return the kind of a coordinate; its sign is decided only where the map asks for it."""
        base = "outside" if k >= self.m else "batch" if k in batch else "rest"
        if base in self._rules:
            return base
        return base + ("+" if self.arithmetic.positive(c) else "-")

    def step(self, state: Sequence[T], batch: Sequence[int]) -> list[T]:
        """Return the state after one step with a batch.

        Raises
        ------
        IndeterminateError
            If the arithmetic cannot decide the sign of a coordinate.
        """
        atoms = self._atoms(state, batch)
        values = dict(self._values)
        for symbol in self._sums:
            values[symbol] = self._sum(symbol, state, atoms)
        new = []
        for c, atom in zip(state, atoms, strict=True):
            values[self.map.coordinate] = c
            new.append(self._rules[atom](values))
        return new

    def drawn(self, name: str) -> bool:
        """Return whether a quantity depends on the batch of its step."""
        for item in self.map.reductions:
            if item.symbol.name == name:
                bases = {atom.rstrip("+-") for atom in item.atoms}
                return "batch" in bases and "rest" not in bases
        return False

    def quantity(self, name: str, state: Sequence[T], batch: Sequence[int]) -> T:
        """Return a quantity of a state: ``norm``, a key of ``QUANTITIES``, or the symbol of a sum of the map."""
        for symbol in self._sums:
            if symbol.name == name:
                return self._sum(symbol, state, self._atoms(state, batch))
        if name == "norm":
            return self.arithmetic.unary(Kind.SQRT, self.quantity("norm2", state, batch))
        if name not in QUANTITIES:
            raise unknown_name("quantity", name, ["norm", *QUANTITIES, *(symbol.name for symbol in self._sums)])
        domain, combine = QUANTITIES[name]
        places = {Domain.ALL: state, Domain.DATA: state[: self.m], Domain.OUTSIDE: state[self.m :]}[domain]
        squares = [self.arithmetic.binary(Kind.MUL, c, c) for c in places]
        return self._total(squares) if combine is Combine.SUM else reduce(self._larger, squares)

    def _atoms(self, state: Sequence[T], batch: Sequence[int]) -> list[str]:
        inside = frozenset(batch)
        return [self.atom(k, c, inside) for k, c in enumerate(state)]

    def _sum(self, symbol: sp.Symbol, state: Sequence[T], atoms: Sequence[str]) -> T:
        over, summand = self._sums[symbol]
        values = dict(self._values)
        entries = []
        for c, atom in zip(state, atoms, strict=True):
            if atom in over:
                values[self.map.coordinate] = c
                entries.append(summand(values))
        return self._total(entries)

    def _total(self, entries: Iterable[T]) -> T:
        return reduce(lambda a, b: self.arithmetic.binary(Kind.ADD, a, b), entries, self._zero)

    def _larger(self, a: T, b: T) -> T:
        """Return the maximum; of two balls that overlap, a ball around it."""
        return a.max(b) if hasattr(a, "max") else max(a, b)  # type: ignore[call-overload,no-any-return]
