"""The slow interpreter of the IR, over any arithmetic: one operation, one call.

It is the plain reading of the semantics in ``numerics.ir``, and what the generated code is tested against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from numerics.errors import InputError
from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Form, Kernel, Kind, Reduction, Rule, Sign

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
        """Decide ``a > b`` for a maximum: a NaN is replaced by everything."""

    def at_least(self, a: T, b: T) -> bool:
        """Decide ``a >= b``; false for NaN."""


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

    def enter(self, coordinates: Sequence[T]) -> list[T]:
        """Return the state table of a start: its coordinates, then scales of 1 and kept sums that step 0 sets."""
        lazy = self.kernel.lazy
        one, zero = (self.arithmetic.constant(Fraction(value)) for value in (1, 0))
        return [*coordinates, *([one] * len(lazy.scales) + [zero] * len(lazy.sums) if lazy else [])]

    def leave(self, state: Sequence[T]) -> list[T]:
        """Return the coordinates of a state table."""
        if self.kernel.lazy is None:
            return list(state)
        d, scales, _ = self._split(state)
        return [self.arithmetic.binary(Kind.MUL, x, scales[self._class(k, x)]) for k, x in enumerate(d)]

    def settle(self, state: Sequence[T], t: int) -> list[T]:
        """Settle the lazy scales when they are due at step ``t``."""
        lazy = self.kernel.lazy
        if lazy is None or not lazy.settles(t):
            return list(state)
        return self._fresh(self.leave(state))

    def step(self, state: Sequence[T], batch: Sequence[int], t: int = 0) -> list[T]:
        """Return the state table after step ``t`` with a sorted batch; due scales are settled first."""
        table = self.settle(state, t)
        if self.kernel.lazy is not None:
            return self._lazy_step(table, batch)
        known = self.known(table, batch)
        inside = frozenset(batch)
        new = []
        for k, c in enumerate(table):
            base = Base.OUTSIDE if k >= self.m else Base.BATCH if k in inside else Base.REST
            new.append(self.evaluate(self._pick(self.kernel.rules_of(base), c).root, c, known))
        return new

    def known(self, state: Sequence[T], batch: Sequence[int] | None) -> dict[str, T | None]:
        """Return the lane values by name: scales, kept sums, and the reductions (not over a batch without one)."""
        found: dict[str, T | None] = {}
        coordinates = state
        if self.kernel.lazy is not None:
            coordinates, scales, sums = self._split(state)
            found |= {item.name: value for item, value in zip(self.kernel.lazy.scales, scales, strict=True)}
            found |= {item.reduction.name: q for item, q in zip(self.kernel.lazy.sums, sums, strict=True)}
        for item in self.kernel.reductions:
            if item.domain is not Domain.BATCH or batch is not None:
                found[item.name] = self.reduce(item, coordinates, batch or (), found)
        return found

    def _split(self, state: Sequence[T]) -> tuple[Sequence[T], Sequence[T], Sequence[T]]:
        assert self.kernel.lazy is not None
        n = len(state) - self.kernel.lazy.rows
        middle = n + len(self.kernel.lazy.scales)
        return state[:n], state[n:middle], state[middle:]

    def _class(self, k: int, x: T) -> int:
        """Return the scale of coordinate ``k`` with stored value ``x``."""
        assert self.kernel.lazy is not None
        where = self.kernel.lazy.of(Domain.OUTSIDE if k >= self.m else Domain.DATA)
        return where[0] if len(where) == 1 or self.arithmetic.positive(x) else where[1]

    def _fresh(self, coordinates: list[T]) -> list[T]:
        """Return the table of settled coordinates: scales of 1 and fresh sums."""
        assert self.kernel.lazy is not None
        sums = [self.reduce(item.reduction, coordinates, (), {}) for item in self.kernel.lazy.sums]
        one = self.arithmetic.constant(Fraction(1))
        return [*coordinates, *[one] * len(self.kernel.lazy.scales), *[q for q in sums if q is not None]]

    def _lazy_step(self, table: list[T], batch: Sequence[int]) -> list[T]:
        """Return the table after one step with lazy scales."""
        lazy = self.kernel.lazy
        assert lazy is not None
        d, scales, _ = self._split(table)
        known = self.known(table, batch)
        times, one = self.arithmetic.binary, self.arithmetic.constant(Fraction(1))
        nothing = self.arithmetic.constant(Fraction(0))
        factors = [self.evaluate(item.factor, nothing, known) for item in lazy.scales]
        following = [times(Kind.MUL, s, f) for s, f in zip(scales, factors, strict=True)]
        inside = all(self._within(w, lazy.range) for w in following)
        for item, w in zip(lazy.scales, following, strict=True):
            known[f"{item.name} inverse"] = times(Kind.DIV, one, w) if inside else one
        selected = frozenset(batch if self.kernel.rules else ())
        new = []
        for k, x in enumerate(d):
            if k in selected:
                x = self.evaluate(self._pick(self.kernel.rules_of(Base.BATCH), x).root, x, known)
            elif not inside:
                j = self._class(k, x)
                x = times(Kind.MUL, times(Kind.MUL, x, scales[j]), factors[j])
            new.append(x)
        if not inside:
            return self._fresh(new)
        return [*new, *following, *(self.evaluate(item.update, nothing, known) for item in lazy.sums)]

    def _within(self, scale: T, exponent: int) -> bool:
        low, high = (self.arithmetic.constant(Fraction(2) ** power) for power in (-exponent, exponent))
        return self.arithmetic.at_least(scale, low) and self.arithmetic.at_least(high, scale)

    def reduce(
        self, item: Reduction, state: Sequence[T], batch: Sequence[int], known: Mapping[str, T | None]
    ) -> T | None:
        """Return one reduction of coordinates; None stands for the maximum of an empty list."""
        n = len(state)
        masked = item.domain is Domain.BATCH and self.kernel.batch is Form.MASK
        members = frozenset(batch)
        places: Sequence[int] = {
            Domain.BATCH: range(self.m) if masked else tuple(batch),
            Domain.DATA: range(self.m),
            Domain.OUTSIDE: range(self.m, n),
            Domain.ALL: range(n),
        }[item.domain]
        entries: list[T | None] = []
        for k in places:
            kept = not masked or k in members
            kept = kept and self._keeps(item.data if k < self.m else item.outside, state[k])
            entries.append(self.evaluate(item.root, state[k], known) if kept else None)
        if item.combine is Combine.MAX:
            return self._largest(entries)
        zero = self.arithmetic.constant(Fraction(0))
        return self._sum([zero if entry is None else entry for entry in entries])

    def evaluate(self, root: int, coordinate: T, known: Mapping[str, T | None]) -> T:
        """Return the value of an operation at one coordinate, from the lane values by name."""
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
                case Kind.REDUCTION | Kind.SCALE | Kind.KEPT | Kind.INVERSE:
                    value = known[f"{op.name} inverse" if op.kind is Kind.INVERSE else op.name]
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
