"""The oracle of enclosures: runs the IR in Arb balls, which contain the exact values.

Doubling the precision until the balls are small enough replays hundreds of unstable steps.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

from flint import arb, ctx, fmpq

from numerics.errors import IndeterminateError
from numerics.ir import Kernel, Kind
from numerics.targets.interpreter import Interpreter

#: Bits at which doubling stops.
MAX_BITS = 1 << 15


class Ball:
    """Arb ball arithmetic at the current working precision."""

    def constant(self, value: Fraction) -> arb:
        """Return a ball around a rational."""
        return arb(fmpq(value.numerator, value.denominator))

    def binary(self, kind: Kind, a: arb, b: arb) -> arb:
        """Apply + - * or /."""
        if kind is Kind.ADD:
            return a + b
        if kind is Kind.SUB:
            return a - b
        return a * b if kind is Kind.MUL else a / b

    def unary(self, kind: Kind, a: arb) -> arb:
        """Apply the square root or the negation."""
        return -a if kind is Kind.NEG else a.sqrt()

    def positive(self, a: arb) -> bool:
        """Decide ``a > 0``."""
        return self.greater(a, arb(0))

    def greater(self, a: arb, b: arb) -> bool:
        """Decide ``a > b``, when the balls allow it."""
        if a > b:
            return True
        if a <= b:
            return False
        raise IndeterminateError(f"the enclosures {a} and {b} overlap: more precision is needed")

    def at_least(self, a: arb, b: arb) -> bool:
        """Decide ``a >= b``, when the balls allow it."""
        if a >= b:
            return True
        if a < b:
            return False
        raise IndeterminateError(f"the enclosures {a} and {b} overlap: more precision is needed")


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work with ``bits`` bits, and restore the precision afterwards."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def trajectory(
    kernel: Kernel,
    start: Sequence[Fraction],
    batches: Iterable[Sequence[int]],
    parameters: Mapping[str, Fraction],
    m: int,
    bits: int,
) -> list[list[arb]]:
    """Return enclosures of the exact states at t = 0, 1, ..., computed with ``bits`` bits.

    Raises
    ------
    IndeterminateError
        If a ball is too wide to decide the sign of a coordinate.
    """
    ball = Ball()
    with precision(bits):
        values = {name: ball.constant(value) for name, value in parameters.items()}
        interpreter = Interpreter(kernel, ball, values, m)
        tables = [interpreter.enter([ball.constant(value) for value in start])]
        for t, batch in enumerate(batches):
            tables.append(interpreter.step(tables[-1], batch, t))
        return [interpreter.leave(table) for table in tables]


def replay(
    kernel: Kernel,
    start: Sequence[Fraction],
    batches: Sequence[Sequence[int]],
    parameters: Mapping[str, Fraction],
    m: int,
    *,
    radius: Fraction = Fraction(1, 10**12),
    bits: int = 128,
) -> tuple[list[list[arb]], int]:
    """Replay a trajectory with doubling precision until every radius is at most ``radius``.

    Returns
    -------
    states, bits
        The enclosures, and the precision that was enough.

    Raises
    ------
    IndeterminateError
        If ``MAX_BITS`` bits are not enough.
    """
    reason = ""
    while bits <= MAX_BITS:
        try:
            states = trajectory(kernel, start, batches, parameters, m, bits)
        except IndeterminateError as problem:
            reason = str(problem)
        else:
            limit = Ball().constant(radius)
            if all(value.is_finite() and value.rad() <= limit for state in states for value in state):
                return states, bits
            reason = "the enclosures are wider than asked for"
        bits *= 2
    raise IndeterminateError(f"{MAX_BITS} bits are not enough to replay {len(batches)} steps: {reason}")
