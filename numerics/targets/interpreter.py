"""The slow interpreter of the IR, over any arithmetic: one operation, one call.

It is the plain reading of the semantics in ``numerics.ir``, and what the generated code is tested against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from numerics.errors import InputError
from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Kernel, Kind, Reduction, Rule, Sign

T = TypeVar("T")


class Arithmetic(Protocol[T]):
    """A number type for the interpreter."""

    def constant(self, value: Fraction) -> T:
        """Convert an exact rational."""

    def binary(self, kind: Kind, a: T, b: T) -> T:
        """Apply + - * or /."""

    def unary(self, kind: Kind, a: T) -> T:
        """Apply the square root or the negation."""

    def positive(self, a: T) -> bool:
        """Decide ``a > 0``."""

    def greater(self, a: T, b: T) -> bool:
        """Decide ``a > b``."""


@dataclass
class Interpreter(Generic[T]):
    """Runs a kernel on one replica.

    Attributes
    ----------
    kernel
        The step.
    arithmetic
        Number type.
    parameters
        Values of the kernel's parameters by name.
    m
        Sample count.
    """

    kernel: Kernel
    arithmetic: Arithmetic[T]
    parameters: Mapping[str, T]
    m: int
    _run: dict[int, T] = field(default_factory=dict)

    def __post_init__(self) -> None:
        missing = set(self.kernel.parameters) - set(self.parameters)
        if missing:
            raise InputError(f"parameters without a value: {', '.join(sorted(missing))}")

    def step(self, state: Sequence[T], batch: Sequence[int]) -> list[T]:
        """Return the state after one step with a sorted batch."""
        sums = {item.name: self.reduce(item, state, batch) for item in self.kernel.reductions}
        inside = frozenset(batch)
        new = []
        for k, c in enumerate(state):
            base = Base.OUTSIDE if k >= self.m else Base.BATCH if k in inside else Base.REST
            new.append(self.evaluate(self._pick(self.kernel.rules_of(base), c).root, c, sums))
        return new

    def reduce(self, item: Reduction, state: Sequence[T], batch: Sequence[int]) -> T | None:
        """Return one reduction; None stands for the maximum of an empty list."""
        n = len(state)
        places: Sequence[int] = {
            Domain.BATCH: tuple(batch),
            Domain.DATA: range(self.m),
            Domain.OUTSIDE: range(self.m, n),
            Domain.ALL: range(n),
        }[item.domain]
        entries: list[T | None] = []
        for k in places:
            kept = self._keeps(item.data if k < self.m else item.outside, state[k])
            entries.append(self.evaluate(item.root, state[k], {}) if kept else None)
        if item.combine is Combine.MAX:
            return self._largest(entries)
        zero = self.arithmetic.constant(Fraction(0))
        return self._sum([zero if entry is None else entry for entry in entries])

    def evaluate(self, root: int, coordinate: T, sums: Mapping[str, T | None]) -> T:
        """Return the value of an operation at one coordinate."""
        values: dict[int, T] = {}
        for position in self.kernel.needs(root):
            op = self.kernel.ops[position]
            match op.kind:
                case Kind.CONSTANT:
                    assert op.value is not None
                    values[position] = self.arithmetic.constant(op.value)
                case Kind.PARAMETER:
                    values[position] = self.parameters[op.name]
                case Kind.COORDINATE:
                    values[position] = coordinate
                case Kind.REDUCTION:
                    value = sums[op.name]
                    assert value is not None
                    values[position] = value
                case Kind.SQRT | Kind.NEG:
                    values[position] = self.arithmetic.unary(op.kind, values[op.args[0]])
                case _:
                    a, b = (values[arg] for arg in op.args)
                    values[position] = self.arithmetic.binary(op.kind, a, b)
        return values[root]

    def _sum(self, entries: list[T]) -> T:
        """Sum by the tree of the IR."""
        add = self.arithmetic.binary
        total = self.arithmetic.constant(Fraction(0))
        full = len(entries) // TREE_WIDTH * TREE_WIDTH
        for start in range(0, full, TREE_WIDTH):
            block = entries[start : start + TREE_WIDTH]
            while len(block) > 1:
                block = [add(Kind.ADD, a, b) for a, b in zip(block[::2], block[1::2], strict=True)]
            total = add(Kind.ADD, total, block[0])
        for entry in entries[full:]:
            total = add(Kind.ADD, total, entry)
        return total

    def _largest(self, entries: list[T | None]) -> T | None:
        best: T | None = None
        for entry in entries:
            if entry is not None and (best is None or self.arithmetic.greater(entry, best)):
                best = entry
        return best

    def _keeps(self, sign: Sign, c: T) -> bool:
        return sign is Sign.ANY or self.arithmetic.positive(c) is (sign is Sign.POSITIVE)

    def _pick(self, rules: tuple[Rule, ...], c: T) -> Rule:
        if len(rules) == 1:
            return rules[0]
        return rules[0] if self.arithmetic.positive(c) else rules[1]
