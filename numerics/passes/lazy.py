r"""The rewriting behind the passes that keep common factors instead of applying them.

Write ``c_k = s_j d_k`` with one scale ``s_j`` for all coordinates of a class.  A step that multiplies the
class by ``f_j`` becomes ``s_j <- s_j f_j``, and no ``d_k`` is touched.  A power sum of degree p over one class is
:math:`s_j^p \sum_k d_k^p`, where the sum of the stored coordinates changes only through the batch:

.. math:: Q' = (Q - U) + \sum_\sigma g_\sigma^p U_\sigma, \qquad g_\sigma = s_j f_\sigma / (s_j f_j),

with :math:`U = \sum_\sigma U_\sigma` over the batch and :math:`f_\sigma` the factors of its coordinates by sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from numerics.ir import (
    Base,
    Combine,
    Domain,
    KeptSum,
    Kernel,
    Kind,
    Lazy,
    Op,
    Rate,
    Reduction,
    Rule,
    Scale,
    Sign,
)
from numerics.passes.homogeneous import NOT_HOMOGENEOUS, degree
from numerics.passes.report import NotApplicable

_PLACES = (Domain.DATA, Domain.OUTSIDE)
_SIGNED = (Sign.POSITIVE, Sign.NONPOSITIVE)


def factor_of(kernel: Kernel, rule: Rule) -> int | None:
    """Return the position of f when the rule is ``coordinate * f`` with f free of the coordinate, else None."""
    op, rates = kernel.ops[rule.root], kernel.rates()
    if op.kind is not Kind.MUL:
        return None
    for place, factor in (op.args, op.args[::-1]):
        if kernel.ops[place].kind is Kind.COORDINATE and rates[factor] is not Rate.COORDINATE:
            return factor
    return None


def gain_of(kernel: Kernel, rule: Rule) -> int:
    """Return the position of the factor of a rule of a kernel with lazy scales, where every rule has one."""
    gain = factor_of(kernel, rule)
    assert gain is not None
    return gain


@dataclass
class Rewriter:
    """Builds the lazily scaled kernel of a kernel.

    Attributes
    ----------
    kernel
        A dense kernel after ``merge`` and ``prune``.
    untouched
        The base whose rules apply to the data coordinates outside the batch, or to all of them when the batch
        is everything.
    selected
        Whether some coordinates have rules of their own: those of the batch.
    """

    kernel: Kernel
    untouched: Base
    selected: bool
    ops: list[Op] = field(default_factory=list)
    reductions: list[Reduction] = field(default_factory=list)
    sums: list[tuple[Reduction, int]] = field(default_factory=list)
    values: dict[str, int] = field(default_factory=dict)

    def emit(self, kind: Kind, *args: int, name: str = "") -> int:
        """Append an operation."""
        self.ops.append(Op(kind, args, name=name))
        return len(self.ops) - 1

    def copy(self, root: int, coordinate: Callable[[], int] | None = None) -> int:
        """Append what ``root`` needs, with reductions replaced by their values, and return its position."""
        moved: dict[int, int] = {}
        for position in self.kernel.needs(root):
            op = self.kernel.ops[position]
            if op.kind is Kind.REDUCTION:
                moved[position] = self.values[op.name]
            elif op.kind is Kind.COORDINATE and coordinate is not None:
                moved[position] = coordinate()
            else:
                self.ops.append(replace(op, args=tuple(moved[arg] for arg in op.args)))
                moved[position] = len(self.ops) - 1
        return moved[root]

    def power(self, base: int, exponent: int) -> int:
        """Append ``base**exponent`` as products from left to right."""
        value = base
        for _ in range(exponent - 1):
            value = self.emit(Kind.MUL, value, base)
        return value

    def classes(self) -> dict[tuple[Domain, Sign], int]:
        """Return the factor of every class of coordinates, signs merged where they share one."""
        found: dict[tuple[Domain, Sign], int] = {}
        for domain, base in zip(_PLACES, (self.untouched, Base.OUTSIDE), strict=True):
            factors = {rule.sign: factor_of(self.kernel, rule) for rule in self.kernel.rules_of(base)}
            for sign, factor in factors.items():
                if factor is None:
                    raise NotApplicable(
                        f"the rule of {base.value}{sign.value} is no common factor times the coordinate"
                    )
                found[domain, sign] = factor
            if len(set(factors.values())) == 1 and len(factors) == 2:
                found[domain, Sign.ANY] = found.pop((domain, Sign.POSITIVE))
                del found[domain, Sign.NONPOSITIVE]
        return found

    def rewrite(self, every: int, exponent: int) -> Kernel:
        """Return the kernel with lazy scales.

        Parameters
        ----------
        every
            Steps between two settlings, 0 for none.
        exponent
            Scales stay within two to the power of plus or minus this.

        Raises
        ------
        NotApplicable
            If the step lacks the property.
        """
        classes = self.classes()
        if self.selected and (Domain.DATA, Sign.ANY) not in classes:
            raise NotApplicable("data coordinates outside the batch have two factors, by sign")
        factors = list(dict.fromkeys(classes.values()))
        names = {factor: f"s{j}" for j, factor in enumerate(factors)}
        scale_of = {where: names[factor] for where, factor in classes.items()}
        read = {self.kernel.ops[i].name for root in self._step_roots() for i in self.kernel.needs(root)}
        for item in self.kernel.reductions:
            self._value(item, scale_of, item.name in read)

        gains = self._gains(scale_of)
        scales = tuple(
            Scale(names[factor], tuple(where for where, f in classes.items() if f == factor), self.copy(factor))
            for factor in factors
        )
        kept = tuple(KeptSum(item, self._update(item, p, gains)) for item, p in self.sums)
        rules = []
        for rule in self.kernel.rules_of(Base.BATCH) if self.selected else ():
            place = self.emit(Kind.COORDINATE)
            rules.append(replace(rule, root=self.emit(Kind.MUL, place, gains[rule.sign])))
        watchers = tuple(replace(item, root=self.copy(item.root)) for item in self.kernel.watchers)
        return replace(
            self.kernel,
            ops=tuple(self.ops),
            reductions=tuple(self.reductions),
            rules=tuple(rules),
            watchers=watchers,
            lazy=Lazy(scales, kept, every, exponent),
        )

    def _step_roots(self) -> Iterable[int]:
        return (rule.root for rule in self.kernel.rules)

    def _value(self, item: Reduction, scale_of: dict[tuple[Domain, Sign], str], read: bool) -> None:
        """Express one reduction by scales, kept sums and sums over the batch."""
        p = degree(self.kernel, item.root)
        if item.domain is Domain.BATCH and p != NOT_HOMOGENEOUS and item.combine is Combine.SUM:
            self.reductions.append(replace(item, root=self.copy(item.root)))
            stored = self.emit(Kind.REDUCTION, name=item.name)
            self.values[item.name] = self._scaled(scale_of[Domain.DATA, Sign.ANY], p, stored)
            return
        pieces = self._pieces(item, scale_of)
        keeps = item.combine is Combine.SUM and p != NOT_HOMOGENEOUS
        if self.selected and keeps and (item.data, item.outside) != (Sign.ANY, Sign.ANY):
            keeps = False  # a step of the batch may change signs
        if item.domain is not Domain.BATCH and keeps:
            total = -1
            for name, piece in pieces.items():
                self.sums.append((piece, p))
                term = self._scaled(name, p, self.emit(Kind.KEPT, name=piece.name))
                total = term if total < 0 else self.emit(Kind.ADD, total, term)
            self.values[item.name] = total
            return
        if len(pieces) > 1:
            raise NotApplicable(f"{item.name} runs over coordinates with several factors and is no power sum")
        if read and item.domain is not Domain.BATCH:
            raise NotApplicable(f"the step reads {item.name}, which cannot be kept: it is no power sum of all signs")
        (name,) = pieces
        root = self.copy(item.root, lambda: self._scaled(name, 1, self.emit(Kind.COORDINATE)))
        self.reductions.append(replace(item, root=root))
        self.values[item.name] = self.emit(Kind.REDUCTION, name=item.name)

    def _scaled(self, scale: str, p: int, value: int) -> int:
        return self.emit(Kind.MUL, self.power(self.emit(Kind.SCALE, name=scale), p), value)

    def _pieces(self, item: Reduction, scale_of: dict[tuple[Domain, Sign], str]) -> dict[str, Reduction]:
        """Split a reduction by scale."""
        wanted: dict[str, set[tuple[Domain, Sign]]] = {}
        for (domain, sign), scale in scale_of.items():
            over = {Domain.ALL: _PLACES, Domain.BATCH: (Domain.DATA,)}.get(item.domain, (item.domain,))
            keep = item.data if domain is Domain.DATA else item.outside
            if domain in over and (sign is Sign.ANY or keep in (Sign.ANY, sign)):
                wanted.setdefault(scale, set()).add((domain, keep if sign is Sign.ANY else sign))
        if len(wanted) == 1:
            return {next(iter(wanted)): replace(item, root=self.copy(item.root))}
        pieces = {}
        for scale, cells in wanted.items():
            where = dict(cells)
            if len(where) < len(cells):
                raise NotApplicable(f"{item.name} mixes factors in a way that sums over places cannot express")
            domain = Domain.ALL if len(where) == 2 else next(iter(where))
            data, outside = (where.get(place, Sign.ANY) for place in _PLACES)
            root = self.copy(item.root)
            pieces[scale] = Reduction(f"{item.name}.{scale}", domain, root, data=data, outside=outside)
        return pieces

    def _gains(self, scale_of: dict[tuple[Domain, Sign], str]) -> dict[Sign, int]:
        """Return what a step multiplies the stored coordinates of the batch by, by sign."""
        gains: dict[Sign, int] = {}
        for rule in self.kernel.rules_of(Base.BATCH) if self.selected else ():
            factor = factor_of(self.kernel, rule)
            if factor is None:
                raise NotApplicable(f"the rule of batch{rule.sign.value} is no factor times the coordinate")
            scale = scale_of[Domain.DATA, Sign.ANY]
            product = self.emit(Kind.MUL, self.emit(Kind.SCALE, name=scale), self.copy(factor))
            gains[rule.sign] = self.emit(Kind.MUL, product, self.emit(Kind.INVERSE, name=scale))
        return gains

    def _update(self, item: Reduction, p: int, gains: dict[Sign, int]) -> int:
        """Return the new value of a kept sum: without what the batch was, and with what it became."""
        value = self.emit(Kind.KEPT, name=item.name)
        if item.domain is Domain.OUTSIDE:
            return value
        before: list[int] = []
        after: list[int] = []
        for sign, gain in gains.items():
            name = f"{item.name}.batch{sign.value}"
            self.reductions.append(Reduction(name, Domain.BATCH, item.root, data=sign))
            before.append(self.emit(Kind.REDUCTION, name=name))
            after.append(self.emit(Kind.MUL, before[-1], self.power(gain, p)))
        if not gains:
            return value
        return self.emit(Kind.ADD, self.emit(Kind.SUB, value, self._total(before)), self._total(after))

    def _total(self, terms: list[int]) -> int:
        total = terms[0]
        for term in terms[1:]:
            total = self.emit(Kind.ADD, total, term)
        return total
