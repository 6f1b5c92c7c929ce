r"""The intermediate representation of one step of a gradient method on lanes of coordinates.

The state is a table ``c[k, lane]``: coordinate ``k`` in ``[0, n)`` of one replica (lane).  One step is

1. draw the batch ``B`` (by the batch law), a subset of ``[0, m)``, listed in increasing order;
2. evaluate every *reduction* on the state before the step;
3. replace every coordinate by the value of the *rule* of its atom.

Bits are part of the meaning.  An operation is one IEEE-754 double operation, rounded to nearest even; a
constant is the double nearest to its rational.  A sum over the list ``q_0, ..., q_{K-1}`` is

.. math:: (\dots((0 + T_0) + T_1) + \dots + T_{\lfloor K/8 \rfloor - 1}) + q_{8\lfloor K/8 \rfloor} + \dots

where ``T_i = ((q+q)+(q+q))+((q+q)+(q+q))`` is the balanced tree on the i-th eight entries, and the remaining
entries are added one after the other.  The list of a reduction is its domain in increasing order of the
coordinate; an entry whose sign filter fails stays in the list as ``+0.0``.  A maximum starts at minus
infinity and keeps the old value unless the new one is greater, so it ignores NaN.

Every target follows this text; no target may fuse, reorder or contract.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from fractions import Fraction

#: Number of leaves of the balanced tree inside a sum.
TREE_WIDTH = 8


class Kind(StrEnum):
    """What an operation computes; the value is its name in the textual form."""

    CONSTANT = "constant"
    PARAMETER = "parameter"
    COORDINATE = "coordinate"
    REDUCTION = "reduction"
    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"
    SQRT = "sqrt"
    NEG = "neg"


class Rate(IntEnum):
    """How often an operation has to be evaluated: once a run, once a step and lane, once a coordinate."""

    RUN = 0
    LANE = 1
    COORDINATE = 2


class Base(StrEnum):
    """Place of a coordinate with respect to the data and the batch."""

    BATCH = "batch"
    REST = "rest"
    OUTSIDE = "outside"


class Domain(StrEnum):
    """List of coordinates that a reduction runs over: B, [m], [n] without [m], or [n]."""

    BATCH = "batch"
    DATA = "data"
    OUTSIDE = "outside"
    ALL = "all"


class Sign(StrEnum):
    """Filter on the sign of a coordinate before the step: any, ``c > 0``, or not ``c > 0``."""

    ANY = ""
    POSITIVE = "+"
    NONPOSITIVE = "-"


class Combine(StrEnum):
    """How a reduction combines its entries."""

    SUM = "sum"
    MAX = "max"


class Law(StrEnum):
    """Batch law: full batch, uniform b-subsets, the cyclic order, or an explicit sequence."""

    GD = "gd"
    SGD = "sgd"
    CYCLIC = "cyclic"
    SEQUENCE = "sequence"

    @property
    def shared(self) -> bool:
        """Whether all replicas have the same batch at one step."""
        return self is not Law.SGD


class Watch(StrEnum):
    """What is streamed from a reduction along a trajectory."""

    MAXIMUM = "max"
    FIRST = "first"


@dataclass(frozen=True)
class Op:
    """One operation of the straight-line program; ``args`` are positions of earlier operations."""

    kind: Kind
    args: tuple[int, ...] = ()
    value: Fraction | None = None
    name: str = ""

    def text(self) -> str:
        """Return the operation in the textual form that is hashed."""
        payload = self.name if self.value is None else str(self.value)
        return " ".join([self.kind.value, *map(str, self.args), payload]).strip()


@dataclass(frozen=True)
class Reduction:
    """Sum or maximum of ``ops[root]`` over a domain, with a sign filter inside and outside the data."""

    name: str
    domain: Domain
    root: int
    combine: Combine = Combine.SUM
    data: Sign = Sign.ANY
    outside: Sign = Sign.ANY

    def meaning(self) -> tuple[Domain, int, Combine, Sign, Sign]:
        """Return all that decides the value: two reductions with equal meaning are one."""
        return (self.domain, self.root, self.combine, self.data, self.outside)


@dataclass(frozen=True)
class Rule:
    """New value ``ops[root]`` of the coordinates of one atom."""

    base: Base
    sign: Sign
    root: int


@dataclass(frozen=True)
class Watcher:
    """Streams the reduction at position ``reduction``: its maximum, or the first passage of a threshold."""

    watch: Watch
    reduction: int


@dataclass(frozen=True)
class Kernel:
    """One step of a method, ready for every target.

    Attributes
    ----------
    model, activation
        Names handed through from the update map.
    law
        Batch law; targets specialise their code to it.
    parameters
        Names of the scalars of a run, in the order in which targets receive them.
    ops
        Straight-line program in dependence order.
    reductions
        Evaluated on the state before the step; ``Kind.REDUCTION`` operations refer to them by name.
    rules
        One for each atom: every base, split by sign or not.
    watchers
        What is streamed; evaluated on the states ``t = 0, ..., T``.
    """

    model: str
    activation: str
    law: Law
    parameters: tuple[str, ...]
    ops: tuple[Op, ...]
    reductions: tuple[Reduction, ...]
    rules: tuple[Rule, ...]
    watchers: tuple[Watcher, ...] = ()

    def rules_of(self, base: Base) -> tuple[Rule, ...]:
        """Return the rules of one base: one with ``Sign.ANY``, or the pair for + and -, + first."""
        found = [rule for rule in self.rules if rule.base is base]
        return tuple(sorted(found, key=lambda rule: rule.sign is not Sign.POSITIVE))

    def rates(self) -> tuple[Rate, ...]:
        """Return how often each operation must be evaluated: the largest rate of what it uses."""
        own = {Kind.COORDINATE: Rate.COORDINATE, Kind.REDUCTION: Rate.LANE}
        rates: list[Rate] = []
        for op in self.ops:
            rates.append(max([own.get(op.kind, Rate.RUN), *(rates[arg] for arg in op.args)]))
        return tuple(rates)

    def needs(self, *roots: int) -> tuple[int, ...]:
        """Return the positions of all operations that ``roots`` depend on, in dependence order."""
        seen: set[int] = set()
        stack = list(roots)
        while stack:
            position = stack.pop()
            if position not in seen:
                seen.add(position)
                stack.extend(self.ops[position].args)
        return tuple(sorted(seen))

    def text(self) -> str:
        """Return the whole kernel as text, equal exactly when the kernels are equal."""
        lines = [f"kernel {self.model} {self.activation} {self.law.value} ({', '.join(self.parameters)})"]
        lines += [f"v{position} = {op.text()}" for position, op in enumerate(self.ops)]
        for red in self.reductions:
            lines.append(
                f"{red.name} = {red.combine.value} v{red.root} over {red.domain.value}"
                f" data{red.data.value or '*'} outside{red.outside.value or '*'}"
            )
        lines += [f"{rule.base.value}{rule.sign.value} <- v{rule.root}" for rule in self.rules]
        lines += [f"watch {item.watch.value} {self.reductions[item.reduction].name}" for item in self.watchers]
        return "\n".join(lines) + "\n"

    def digest(self) -> str:
        """Return the SHA-256 of the textual form, for content-addressed results."""
        return hashlib.sha256(self.text().encode()).hexdigest()
