"""The front: from an update map of theory to the IR, every expression in one fixed association.

Sums and products are evaluated left to right in SymPy's canonical order of their arguments (a total order on
expressions that does not depend on the process), a negative term is subtracted, a rational factor is one
constant, and a power with a small integer exponent is the left-to-right binary multiplication chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import sympy as sp
from sympy.core.sorting import default_sort_key

from numerics.errors import LoweringError
from numerics.ir import (
    Base,
    Combine,
    Domain,
    Form,
    Kernel,
    Kind,
    Law,
    Op,
    Reduction,
    Rule,
    Sign,
    Watch,
    Watcher,
)
from numerics.passes import optimise
from theory.derive.update_map import UpdateMap

#: Largest absolute value of an integer exponent.
MAX_POWER = 64

#: Quantities of a state that can be watched besides the reductions of the map: sums or maxima of ``c**2``.
QUANTITIES: Mapping[str, tuple[Domain, Combine]] = {
    "norm2": (Domain.ALL, Combine.SUM),
    "phi": (Domain.DATA, Combine.SUM),
    "psi": (Domain.OUTSIDE, Combine.SUM),
    "peak2": (Domain.DATA, Combine.MAX),
}


class _Program:
    """Appends operations; equal operations are merged later, by a pass."""

    def __init__(self, leaves: Mapping[sp.Symbol, Op]) -> None:
        self.ops: list[Op] = []
        self._leaves = leaves

    def emit(self, op: Op) -> int:
        self.ops.append(op)
        return len(self.ops) - 1

    def constant(self, value: Fraction) -> int:
        return self.emit(Op(Kind.CONSTANT, value=value))

    def lower(self, expression: sp.Expr) -> int:
        """Append the operations of an expression and return the position of its value."""
        if isinstance(expression, sp.Symbol):
            if expression not in self._leaves:
                known = ", ".join(sorted(str(symbol) for symbol in self._leaves))
                raise LoweringError(f"symbol {expression} is not defined here; defined are: {known}")
            return self.emit(self._leaves[expression])
        if isinstance(expression, sp.Rational):
            return self.constant(Fraction(int(expression.p), int(expression.q)))
        if isinstance(expression, sp.Add):
            return self._sum(expression)
        if isinstance(expression, sp.Mul):
            return self._product(expression)
        if isinstance(expression, sp.Pow):
            return self._power(expression)
        raise LoweringError(
            f"{expression} ({type(expression).__name__}) has no exact floating-point operation; "
            "an update map may use + - * / integer powers, square roots and rational numbers"
        )

    def _sum(self, expression: sp.Add) -> int:
        terms = sorted(expression.args, key=default_sort_key)
        negative = {term: term.could_extract_minus_sign() for term in terms}
        terms.sort(key=lambda term: negative[term])  # stable: the sum starts with a positive term if any
        total = self.lower(terms[0])
        for term in terms[1:]:
            if negative[term]:
                total = self.emit(Op(Kind.SUB, (total, self.lower(-term))))
            else:
                total = self.emit(Op(Kind.ADD, (total, self.lower(term))))
        return total

    def _product(self, expression: sp.Mul) -> int:
        coefficient, factors = expression.as_coeff_mul()
        ordered = sorted(factors, key=default_sort_key)
        over = [factor for factor in ordered if factor.is_Pow and factor.exp.is_Rational and factor.exp < 0]
        under = [factor for factor in ordered if factor not in over]
        if coefficient == -1 and under:
            return self.emit(Op(Kind.NEG, (self.lower(-expression),)))
        parts = [] if coefficient == 1 and under else [coefficient]
        value = self._chain([*parts, *under])
        for factor in over:
            value = self.emit(Op(Kind.DIV, (value, self.lower(1 / factor))))
        return value

    def _chain(self, factors: Iterable[sp.Expr]) -> int:
        first, *others = factors
        value = self.lower(first)
        for factor in others:
            value = self.emit(Op(Kind.MUL, (value, self.lower(factor))))
        return value

    def _power(self, expression: sp.Pow) -> int:
        base, exponent = expression.args
        if not isinstance(exponent, sp.Rational) or exponent.q not in (1, 2) or abs(exponent.p) > MAX_POWER:
            raise LoweringError(
                f"power {expression}: the exponent must be an integer or half an integer, at most {MAX_POWER}"
            )
        if exponent < 0:
            return self.emit(Op(Kind.DIV, (self.constant(Fraction(1)), self.lower(base ** (-exponent)))))
        value = self.lower(base)
        if exponent.q == 2:
            value = self.emit(Op(Kind.SQRT, (value,)))
        return self._binary_chain(value, int(exponent.p))

    def _binary_chain(self, value: int, exponent: int) -> int:
        """Left-to-right binary powering: ``x**3 = (x*x)*x``, ``x**6 = y*y`` with ``y = (x*x)*x``."""
        result = value
        for bit in bin(exponent)[3:]:
            result = self.emit(Op(Kind.MUL, (result, result)))
            if bit == "1":
                result = self.emit(Op(Kind.MUL, (result, value)))
        return result


def _split(atom: str) -> tuple[Base, Sign]:
    """Read an atom's name: base and sign."""
    stem, sign = (atom[:-1], Sign(atom[-1])) if atom[-1:] in "+-" and atom else (atom, Sign.ANY)
    try:
        return Base(stem), sign
    except ValueError:
        raise LoweringError(
            f"atom {atom!r} is unknown; atoms are batch, rest, outside, each possibly with + or -"
        ) from None


def _sign_of(found: set[Sign], where: str) -> Sign:
    """Return the filter that keeps exactly the listed signs."""
    if Sign.ANY in found or len(found) == 2:
        return Sign.ANY
    if not found:
        raise LoweringError(f"{where}: no sign is listed")
    return next(iter(found))


def _domain(name: str, atoms: tuple[str, ...]) -> tuple[Domain, Sign, Sign]:
    """Return domain and sign filters of the reduction over ``atoms``."""
    signs: dict[Base, set[Sign]] = {}
    for atom in atoms:
        base, sign = _split(atom)
        signs.setdefault(base, set()).add(sign)
    filters = {base: _sign_of(found, f"reduction {name}") for base, found in signs.items()}
    bases = frozenset(filters)
    if bases == {Base.BATCH}:
        return Domain.BATCH, filters[Base.BATCH], Sign.ANY
    if bases == {Base.OUTSIDE}:
        return Domain.OUTSIDE, Sign.ANY, filters[Base.OUTSIDE]
    if bases >= {Base.BATCH, Base.REST} and filters[Base.BATCH] is filters[Base.REST]:
        if Base.OUTSIDE in bases:
            return Domain.ALL, filters[Base.BATCH], filters[Base.OUTSIDE]
        return Domain.DATA, filters[Base.BATCH], Sign.ANY
    raise LoweringError(
        f"reduction {name} runs over {', '.join(atoms)}; a reduction may run over the batch, over the data "
        "(batch and rest alike), over outside, or over everything: write others as differences of these"
    )


def _rules(program: _Program, update_map: UpdateMap) -> list[Rule]:
    """Lower every rule, in the form ``coordinate * factor`` where theory says that the factor is shared."""
    coordinate = update_map.coordinate
    rules = []
    for atom, expression in update_map.rules.items():
        base, sign = _split(atom)
        factor = update_map.shared_factor.get(atom)
        if factor is None:
            rules.append(Rule(base, sign, program.lower(expression)))
            continue
        if factor.has(coordinate) or sp.expand(coordinate * factor - expression) != 0:
            raise LoweringError(
                f"atom {atom}: the shared factor {factor} times {coordinate} is not the rule {expression}"
            )
        place, value = program.lower(coordinate), program.lower(factor)
        rules.append(Rule(base, sign, program.emit(Op(Kind.MUL, (place, value)))))
    for base in Base:
        found = {rule.sign for rule in rules if rule.base is base}
        if found not in ({Sign.ANY}, {Sign.POSITIVE, Sign.NONPOSITIVE}):
            raise LoweringError(
                f"atoms of {base.value!r} are {sorted(item.value for item in found)}; "
                f"needed is {base.value!r}, or both {base.value + '+'!r} and {base.value + '-'!r}"
            )
    return rules


def lower(update_map: UpdateMap, law: Law, watches: Iterable[tuple[Watch, str]] = (), form: Form = Form.LIST) -> Kernel:
    """Lower an update map to the dense IR: equal operations merged, unused ones dropped.

    Parameters
    ----------
    update_map
        What theory derived.  Nothing about the update is added here.
    law
        Batch law of the run.
    watches
        Pairs (what to stream, quantity): a quantity is a reduction's symbol or a key of ``QUANTITIES``.
    form
        How the batch is listed; the full batch is a list.

    Raises
    ------
    LoweringError
        If an expression, an atom or a reduction has no counterpart in the IR.
    """
    places: dict[sp.Symbol, Op] = {update_map.coordinate: Op(Kind.COORDINATE)}
    places.update({symbol: Op(Kind.PARAMETER, name=symbol.name) for symbol in update_map.parameters})
    sums = {item.symbol: Op(Kind.REDUCTION, name=item.symbol.name) for item in update_map.reductions}

    program = _Program(places)
    reductions = []
    for item in update_map.reductions:
        domain, data, outside = _domain(item.symbol.name, item.atoms)
        if law is Law.GD and domain is Domain.BATCH:
            domain = Domain.DATA  # the same list, so the same bits
        root = program.lower(item.summand)
        reductions.append(Reduction(item.symbol.name, domain, root, data=data, outside=outside))

    program._leaves = {**places, **sums}
    rules = _rules(program, update_map)
    watchers = []
    for watch, quantity in watches:
        names = [item.name for item in reductions]
        if quantity not in names:
            domain, combine = QUANTITIES[quantity]
            place = program.emit(Op(Kind.COORDINATE))
            square = program.emit(Op(Kind.MUL, (place, place)))
            reductions.append(Reduction(quantity, domain, square, combine))
        watchers.append(Watcher(watch, program.emit(Op(Kind.REDUCTION, name=quantity))))
    parameters = tuple(symbol.name for symbol in update_map.parameters)
    return optimise(
        Kernel(
            update_map.model,
            update_map.activation,
            law,
            parameters,
            tuple(program.ops),
            tuple(reductions),
            tuple(rules),
            tuple(watchers),
            form,
        )
    )
