"""Python source of compiled programs: statements with named values, and exact numbers as literals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import sympy as sp


@dataclass
class Body:
    """Straight-line Python with the values that are already named: operations on numbers as source."""

    lines: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def let(self, expression: str) -> str:
        """Name an expression, once."""
        if expression not in self.names:
            name = f"x{len(self.names)}"
            self.lines.append(f"{name} = {expression}")
            self.names[expression] = name
        return self.names[expression]

    def constant(self, value: Fraction) -> str:
        """Return a literal."""
        return f"({float(value)!r})"

    def binary(self, sign: str, a: str, b: str) -> str:
        """Name the result of one operation."""
        return self.let(f"{a} {sign} {b}")

    def call(self, name: str, a: str) -> str:
        """Name the result of a function."""
        return self.let(f"math.{name}({a})")

    def select(self, relation: str, a: str, b: str, yes: str, no: str) -> str:
        """Name a selected value."""
        return self.let(f"{yes} if {a} {relation} {b} else {no}")


def nearest(coefficient: sp.Expr) -> float:
    """Return the double nearest to an exact number."""
    if coefficient.is_Rational:
        return float(Fraction(int(coefficient.p), int(coefficient.q)))
    return float(sp.N(coefficient, 40))


def indent(lines: Sequence[str]) -> list[str]:
    """Indent lines by one level."""
    return [f"    {line}" for line in lines]
