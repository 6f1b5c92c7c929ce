"""What a run of a kernel costs, as a formula in m, n and b: counted from the IR.

Only the weights of what is no arithmetic operation are measured, as ratios on one CPU of the vectorised JIT.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from numerics.ir import Base, Domain, Form, Kernel, Kind, Law, Rate, Reduction
from numerics.thinning import thinning

m, n, b = sp.symbols("m n b", positive=True)

#: Arithmetic operations that count as much as one random word of Philox4x32-10 (ten rounds for four words).
WORD = 8

#: The same for a member of a list: drawn into a set, read and written at its own place.
MEMBER = 65

#: The same for a sample of the set of bits from which a list is collected.
SAMPLE = 0.75

#: The same for a member of a batch of one sample: read and written at its own place.
SINGLE = 12

#: The same for a coordinate that comes into the state table before the first step and leaves it after the last.
COORDINATE = 100


@dataclass(frozen=True)
class Cost:
    """Cost of one step of one replica.

    Attributes
    ----------
    operations
        Arithmetic operations, in ``m``, ``n``, ``b``; settling is spread over its steps.
    words
        Random words, in ``m``, ``b``.
    moves
        What the members of a list cost beyond both, in operations, in ``b``.
    """

    operations: sp.Expr
    words: sp.Expr
    moves: sp.Expr = sp.S.Zero

    def total(self) -> sp.Expr:
        """Return the sum in operations, a word counting as ``WORD`` of them."""
        return sp.expand(self.operations + WORD * self.words + self.moves)

    def at(self, m_: int, n_: int, b_: int) -> float:
        """Return the total for given sizes."""
        return float(self.total().subs({m: m_, n: n_, b: b_}))


def cost(kernel: Kernel, m_: int, b_: int) -> Cost:
    """Count a step of a kernel; the sizes only choose the probability with which masks are thinned."""
    listed = m if kernel.batch is Form.MASK else m if kernel.law is Law.GD else b
    sizes = {Domain.BATCH: listed, Domain.DATA: m, Domain.OUTSIDE: n - m, Domain.ALL: n}
    total = sum((sizes[item.domain] * _entry(kernel, item) for item in kernel.reductions), sp.S.Zero)
    places = {Base.BATCH: listed, Base.REST: m - listed, Base.OUTSIDE: n - m}
    for rule in kernel.rules:
        total += places[rule.base] * _count(kernel, rule.root, Rate.COORDINATE)
    roots = [*(rule.root for rule in kernel.rules), *(item.root for item in kernel.watchers), *kernel.lane_roots()]
    total += len({i for i in kernel.needs(*roots) if kernel.rates()[i] is Rate.LANE and _works(kernel.ops[i].kind)})
    if kernel.lazy is not None:
        total += 5 * len(kernel.lazy.scales)  # next scale, two comparisons, inverse, choice
        if kernel.lazy.every:
            settle = n + sum(sizes[item.reduction.domain] * _entry(kernel, item.reduction) for item in kernel.lazy.sums)
            total += settle / kernel.lazy.every
    return Cost(sp.expand(total), _words(kernel, m_, b_), _moves(kernel, b_))


def once(n_: int) -> int:
    """Return what a run costs a replica besides its steps, in operations."""
    return COORDINATE * n_


def _moves(kernel: Kernel, b_: int) -> sp.Expr:
    if kernel.law is not Law.SGD or kernel.batch is not Form.LIST:
        return sp.S.Zero
    return SINGLE * b if b_ == 1 else MEMBER * b + sp.Rational(SAMPLE) * m


def _words(kernel: Kernel, m_: int, b_: int) -> sp.Expr:
    if kernel.law is not Law.SGD:
        return sp.S.Zero
    if kernel.batch is Form.LIST:
        return b
    law = thinning(m_, b_)
    share = sp.Rational(law.numerator, 2**law.planes)
    return law.planes * m / 32 + sp.sqrt(m * share * (1 - share)) / sp.Min(b / m, 1 - b / m)


def _entry(kernel: Kernel, item: Reduction) -> int:
    """Return the operations of one entry of a reduction: its own, and joining it to the others."""
    return _count(kernel, item.root, Rate.COORDINATE) + 1


def _count(kernel: Kernel, root: int, rate: Rate) -> int:
    rates = kernel.rates()
    return sum(rates[i] is rate and _works(kernel.ops[i].kind) for i in kernel.needs(root))


def _works(kind: Kind) -> bool:
    return kind in (Kind.ADD, Kind.SUB, Kind.MUL, Kind.DIV, Kind.SQRT, Kind.NEG)
