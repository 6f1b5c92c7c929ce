"""The polynomials whose zeros bound where a claim holds, with roots and cases as new unknowns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import sympy as sp

from checks.checker import polynomial as poly
from checks.checker.goal import constant, lines
from checks.checker.grammar import Node


class NotAlgebraic(Exception):
    """A term that is no algebraic function of the names."""


@dataclass
class System:
    """The equations and boundaries of a claim, as SymPy polynomials in the names and in auxiliary unknowns.

    ``given`` and ``show`` hold pairs of numerator and denominator of the side that is claimed to be larger minus the
    other one; ``equations`` define the auxiliary unknowns, each with its node in ``auxiliary``; ``partial`` says that
    relations which are not algebraic were left out.
    """

    parameter: str
    given: list[tuple[sp.Expr, sp.Expr]] = field(default_factory=list)
    show: list[tuple[sp.Expr, sp.Expr]] = field(default_factory=list)
    equations: list[sp.Expr] = field(default_factory=list)
    auxiliary: dict[Node, sp.Symbol] = field(default_factory=dict)
    partial: bool = False

    @classmethod
    def read(cls, formal: Mapping[str, Any], parameter: str) -> System:
        """Read a claim; relations that are not algebraic are left out."""
        system = cls(parameter)
        for key, target in (("given", system.given), ("show", system.show)):
            for line in lines(formal, key):
                for gap in _gaps(line):
                    try:
                        target.append(sp.fraction(sp.together(system.express(gap))))
                    except (NotAlgebraic, ZeroDivisionError):
                        system.partial = True
        return system

    @property
    def symbols(self) -> list[sp.Symbol]:
        """The unknowns other than the parameter, in order."""
        found = {s for pair in (*self.given, *self.show) for p in pair for s in p.free_symbols}
        found |= {s for p in self.equations for s in p.free_symbols}
        return sorted(found - {sp.Symbol(self.parameter)}, key=str)

    def express(self, node: Node) -> sp.Expr:
        """Return an expression where roots, absolute values, minima and maxima are new unknowns.

        Raises
        ------
        NotAlgebraic
            When it holds another function.
        """
        kind = node[0]
        if kind == "number":
            return sp.Rational(node[1].numerator, node[1].denominator)
        if kind == "name":
            return sp.Symbol(str(node[1]))
        if kind in ("+", "-", "*", "/"):
            a, b = self.express(node[1]), self.express(node[2])
            if kind == "/" and b == 0:
                raise NotAlgebraic("division by zero")
            return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()
        if kind == "**":
            exponent = constant(node[2])
            if exponent is None or abs(exponent) > 64 or exponent.denominator > 6:
                raise NotAlgebraic("a power that is no root")
            return self._root(node[1], exponent)
        if kind == "call":
            return self._call(node)
        if kind == "taylor":
            top, bottom = poly.ratio(node, poly.Context())
            return self.express(poly.node(top)) / self.express(poly.node(bottom))
        raise NotAlgebraic(kind)

    def _root(self, base: Node, exponent: Fraction) -> sp.Expr:
        inside = self.express(base)
        if exponent.denominator == 1:
            return inside ** int(exponent)
        name = self._new(("root", base, exponent.denominator), lambda r: r**exponent.denominator - inside)
        return name ** int(exponent.numerator)

    def _call(self, node: Node) -> sp.Expr:
        if node[1] == "sqrt":
            return self._root(node[2][0], Fraction(1, 2))
        if node[1] == "abs":
            inside = self.express(node[2][0])
            return self._new(node, lambda r: r**2 - inside**2)
        if node[1] in ("min", "max"):
            sides = [self.express(part) for part in node[2]]
            return self._new(node, lambda r: sp.Mul(*(r - side for side in sides)))
        raise NotAlgebraic(node[1])

    def _new(self, key: Node, equation: Any) -> sp.Symbol:
        if key not in self.auxiliary:
            name = sp.Symbol(f"_a{len(self.auxiliary)}")
            self.equations.append(sp.fraction(sp.together(equation(name)))[0])
            self.auxiliary[key] = name
        return self.auxiliary[key]


def _gaps(node: Node) -> Iterator[Node]:
    """Yield the larger side minus the smaller one of every comparison of a statement."""
    if node[0] == "compare":
        for sign, a, b in zip(node[1], node[2], node[2][1:], strict=False):
            yield ("-", b, a) if sign in ("<", "<=") else ("-", a, b)
    else:
        for part in node[1:]:
            if isinstance(part, tuple) and (part[0] in ("compare", "and", "or", "not", "implies")):
                yield from _gaps(part)
