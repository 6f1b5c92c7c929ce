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

A kernel with ``batch = MASK`` lists its batch sums over all of ``[0, m)``, where a coordinate outside the
batch stays in the list as ``+0.0``.

A kernel with *lazy scales* (see ``Lazy``) keeps ``d[k]`` with ``c[k] = s_j d[k]``, where ``j`` is the scale of
the class (place and sign) of coordinate ``k``, and ``s_j > 0``.  One step is then

1. if ``t = 0``, or ``every`` divides ``t``: *settle*, that is ``d[k] <- d[k] * s_j``, ``s_j <- 1``, and every
   kept sum becomes the sum of its list;
2. the batch, the reductions and the values of one lane, where ``KEPT``, ``SCALE`` are the values before the
   step, ``w_j = s_j * f_j`` is the next scale, and ``INVERSE`` is ``1 / w_j``;
3. the rules of the batch; ``s_j <- w_j``; the kept sums take their new values.

A lane where some ``w_j`` is not in ``[2^-range, 2^range]`` (or is NaN) uses ``INVERSE = 1`` in 2., and in 3. the
coordinates outside the batch become ``(d[k] * s_j) * f_j``, the scales 1, and the kept sums the sums of their
lists after the step.  The coordinates of a state are ``d[k] * s_j``, rounded once.

Every target follows this text; no target may fuse, reorder or contract.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction

from numerics.vocabulary import Base, Combine, Domain, Form, Kind, Law, Rate, Sign, Watch

#: Number of leaves of the balanced tree inside a sum.
TREE_WIDTH = 8

__all__ = [
    "TREE_WIDTH",
    "Base",
    "Combine",
    "Domain",
    "Form",
    "KeptSum",
    "Kernel",
    "Kind",
    "Law",
    "Lazy",
    "Op",
    "Rate",
    "Reduction",
    "Rule",
    "Scale",
    "Sign",
    "Watch",
    "Watcher",
]


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
    """Streams the lane value ``ops[root]``: its maximum, or the first passage of a threshold."""

    watch: Watch
    root: int


@dataclass(frozen=True)
class Scale:
    """A lazy scale: the common factor ``ops[factor]`` of one step, for the coordinates of some classes.

    Attributes
    ----------
    name
        What ``Kind.SCALE`` and ``Kind.INVERSE`` refer to.
    classes
        Pairs (``Domain.DATA`` or ``Domain.OUTSIDE``, sign).
    factor
        What one step multiplies these coordinates by, unless they are in the batch.
    """

    name: str
    classes: tuple[tuple[Domain, Sign], ...]
    factor: int


@dataclass(frozen=True)
class KeptSum:
    """A sum over stored coordinates that a step updates by ``ops[update]`` instead of summing again."""

    reduction: Reduction
    update: int


@dataclass(frozen=True)
class Lazy:
    """Lazy scales and kept sums, see the module's text.

    Attributes
    ----------
    scales, sums
        Their values are the rows ``n, n + 1, ...`` of the state table, in this order.
    every
        Steps between two settlings; 0 means that only ``t = 0`` settles.
    range
        A scale stays in ``[2^-range, 2^range]``.
    """

    scales: tuple[Scale, ...]
    sums: tuple[KeptSum, ...]
    every: int
    range: int

    @property
    def rows(self) -> int:
        """Number of rows of the state table beyond the coordinates."""
        return len(self.scales) + len(self.sums)

    def settles(self, t: int) -> bool:
        """Whether step ``t`` settles first."""
        return t == 0 or (self.every > 0 and t % self.every == 0)

    def of(self, domain: Domain) -> tuple[int, ...]:
        """Return the scale of the coordinates inside or outside the data: one, or those of > 0 and of the others."""
        where = {sign: j for j, scale in enumerate(self.scales) for place, sign in scale.classes if place is domain}
        if Sign.ANY in where:
            return (where[Sign.ANY],)
        return (where[Sign.POSITIVE], where[Sign.NONPOSITIVE])


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
    batch
        How the batch is listed.
    lazy
        Lazy scales; with them ``rules`` holds the rules of the batch only.
    """

    model: str
    activation: str
    law: Law
    parameters: tuple[str, ...]
    ops: tuple[Op, ...]
    reductions: tuple[Reduction, ...]
    rules: tuple[Rule, ...]
    watchers: tuple[Watcher, ...] = ()
    batch: Form = Form.LIST
    lazy: Lazy | None = None

    @property
    def rows(self) -> int:
        """Number of rows of the state table beyond the coordinates."""
        return self.lazy.rows if self.lazy else 0

    @property
    def summands(self) -> tuple[Reduction, ...]:
        """All reductions: those of a step, then those of the kept sums."""
        return self.reductions + tuple(item.reduction for item in (self.lazy.sums if self.lazy else ()))

    def lane_roots(self) -> tuple[int, ...]:
        """Return what lazy scales evaluate once a step and lane: factors, then new values of kept sums."""
        if self.lazy is None:
            return ()
        return (*(item.factor for item in self.lazy.scales), *(item.update for item in self.lazy.sums))

    def drawn(self, root: int) -> bool:
        """Whether ``ops[root]`` needs the batch: some reduction over it."""
        names = {self.ops[position].name for position in self.needs(root)}
        return any(item.domain is Domain.BATCH and item.name in names for item in self.reductions)

    def rules_of(self, base: Base) -> tuple[Rule, ...]:
        """Return the rules of one base: one with ``Sign.ANY``, or the pair for + and -, + first."""
        found = [rule for rule in self.rules if rule.base is base]
        return tuple(sorted(found, key=lambda rule: rule.sign is not Sign.POSITIVE))

    def rates(self) -> tuple[Rate, ...]:
        """Return how often each operation must be evaluated: the largest rate of what it uses."""
        own = {Kind.COORDINATE: Rate.COORDINATE}
        own |= dict.fromkeys((Kind.REDUCTION, Kind.SCALE, Kind.INVERSE, Kind.KEPT), Rate.LANE)
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
        head = f"{self.model} {self.activation} {self.law.value} {self.batch.value}"
        lines = [f"kernel {head} ({', '.join(self.parameters)})"]
        lines += [f"v{position} = {op.text()}" for position, op in enumerate(self.ops)]
        for red in self.summands:
            lines.append(
                f"{red.name} = {red.combine.value} v{red.root} over {red.domain.value}"
                f" data{red.data.value or '*'} outside{red.outside.value or '*'}"
            )
        lines += [f"{rule.base.value}{rule.sign.value} <- v{rule.root}" for rule in self.rules]
        lines += [f"watch {item.watch.value} v{item.root}" for item in self.watchers]
        if self.lazy:
            lines.append(f"lazy every {self.lazy.every} range {self.lazy.range}")
            for scale in self.lazy.scales:
                where = " ".join(f"{domain.value}{sign.value}" for domain, sign in scale.classes)
                lines.append(f"scale {scale.name} of {where} * v{scale.factor}")
            lines += [f"kept {item.reduction.name} <- v{item.update}" for item in self.lazy.sums]
        return "\n".join(lines) + "\n"

    def digest(self) -> str:
        """Return the SHA-256 of the textual form, for content-addressed results."""
        return hashlib.sha256(self.text().encode()).hexdigest()
