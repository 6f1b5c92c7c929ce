"""What a replay decides: a bound on a quantity along one trajectory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

import sympy as sp

from numerics.arrays.observables import QUANTITIES
from numerics.errors import InputError, describe, unknown_name
from numerics.observables import STATE
from numerics.replay.exact_map import compiled

T = TypeVar("T")
_INEXACT = (sp.Float, sp.zoo, sp.nan, sp.oo, -sp.oo)
_RELATIONS = ("<=", "<", ">=", ">")


@dataclass(frozen=True)
class Bound:
    """A claim about one trajectory: ``quantity relation limit`` at t = 0, ..., T, or at t = T only.

    Attributes
    ----------
    quantity
        ``norm2``, ``phi``, ``psi``, ``peak2``, or the symbol of a sum of the update map; a sum over the batch is
        read at t < T.  Of array models ``norm2``, ``norm``, ``distance`` (from the start) and ``loss``.
    relation
        ``<=``, ``<``, ``>=`` or ``>``.
    limit
        A number, or an expression in the parameters of the map with ``+ - * /``, integer powers and square roots.
    final
        Whether the claim is about the final state only.
    """

    quantity: str
    relation: str
    limit: sp.Expr | Fraction | int
    final: bool = False

    def __post_init__(self) -> None:
        if self.relation not in _RELATIONS:
            raise unknown_name("relation", self.relation, _RELATIONS)
        limit = self.limit
        if isinstance(limit, Fraction):
            object.__setattr__(self, "limit", sp.Rational(limit.numerator, limit.denominator))
        elif isinstance(limit, bool) or not isinstance(limit, (int, sp.Expr)) or sp.sympify(limit).has(*_INEXACT):
            raise InputError(
                f"limit is {describe(limit)}; it must be an integer, a Fraction, or an exact SymPy expression in the "
                "parameters, such as 1 + eta/4"
            )
        else:
            object.__setattr__(self, "limit", sp.sympify(limit))

    @property
    def observable(self) -> str | None:
        """The observable of a run that shows a violation; None where no run streams one."""
        if self.final:
            return self.quantity if self.quantity in (*STATE, *QUANTITIES) else None
        return f"max:{self.quantity}" if self.relation in ("<=", "<") else None

    def margin(self, value: T, limit: T, subtract: Callable[[T, T], T]) -> T:
        """Return the distance to the limit, negative on the wrong side."""
        return subtract(limit, value) if self.relation in ("<=", "<") else subtract(value, limit)

    def decided(self, margin: Any) -> bool | None:
        """Return whether a margin (a ball or a rational) is on the right side for certain; None when it is open."""
        strict = self.relation in ("<", ">")
        if margin > 0 or (not strict and margin >= 0):
            return True
        return False if margin < 0 or (strict and margin <= 0) else None

    def __str__(self) -> str:
        return f"{self.quantity} {self.relation} {self.limit}" + (" at the end" if self.final else "")


def limit_of(bound: Bound, arithmetic: Any, values: Mapping[str, Any]) -> Any:
    """Return the value of a claim's limit from the values of the parameters, over any arithmetic."""
    expression = sp.sympify(bound.limit)
    by_name = {symbol: str(symbol) for symbol in expression.free_symbols}
    for name in by_name.values():
        if name not in values:
            raise unknown_name(f"parameter in the limit {bound.limit}:", name, values)
    return compiled(expression, arithmetic)({symbol: values[name] for symbol, name in by_name.items()})
