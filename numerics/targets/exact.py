"""The oracle of values: runs the IR in exact rational arithmetic.

Denominators square at every step: use it for about seven steps at most.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import isqrt

from numerics.errors import LoweringError
from numerics.ir import Kernel, Kind
from numerics.targets.interpreter import Interpreter


class Rational:
    """Exact rational arithmetic; square roots only of squares."""

    def constant(self, value: Fraction) -> Fraction:
        """Return the rational itself."""
        return value

    def binary(self, kind: Kind, a: Fraction, b: Fraction) -> Fraction:
        """Apply + - * or /."""
        if kind is Kind.ADD:
            return a + b
        if kind is Kind.SUB:
            return a - b
        return a * b if kind is Kind.MUL else a / b

    def unary(self, kind: Kind, a: Fraction) -> Fraction:
        """Apply the square root of the square of a rational, or the negation."""
        if kind is Kind.NEG:
            return -a
        if a >= 0:
            root = Fraction(isqrt(a.numerator), isqrt(a.denominator))
            if root * root == a:
                return root
        raise LoweringError(f"the square root of {a} is not rational: use the ball oracle")

    def positive(self, a: Fraction) -> bool:
        """Decide ``a > 0``."""
        return a > 0

    def greater(self, a: Fraction, b: Fraction) -> bool:
        """Decide ``a > b``."""
        return a > b

    def at_least(self, a: Fraction, b: Fraction) -> bool:
        """Decide ``a >= b``."""
        return a >= b


def trajectory(
    kernel: Kernel,
    start: Sequence[Fraction],
    batches: Iterable[Sequence[int]],
    parameters: Mapping[str, Fraction],
    m: int,
) -> list[list[Fraction]]:
    """Return the exact states at t = 0, 1, ..., one step for each (sorted) batch."""
    interpreter = Interpreter(kernel, Rational(), parameters, m)
    tables = [interpreter.enter(start)]
    for t, batch in enumerate(batches):
        tables.append(interpreter.step(tables[-1], batch, t))
    return [interpreter.leave(table) for table in tables]
