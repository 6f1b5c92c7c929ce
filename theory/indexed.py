r"""Indexed sums with symbolic sizes, and their normal form.

A statement for all m, n and b is derived with sums over index sets, never by trying m = 2, 3, 4.  Index sets are
unions of *atoms* that partition the coordinates (in the batch, outside it, outside the data).  The normal form of an
expression in entries ``c[i]``, Kronecker deltas and sums is a polynomial in the free entries, the scalars and the
power sums :math:`p_{A,e} = \sum_{i \in A} c_i^e`; two expressions are equal for all sizes when their normal forms are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import sympy as sp
from sympy import Indexed, IndexedBase, KroneckerDelta
from sympy.printing.str import StrPrinter

__all__ = ["Domain", "EntryDerivative", "IndexSum", "PowerSum", "entries", "formal", "name_sums", "normal_form"]

_fresh = count()


class IndexSum(sp.Expr):
    r"""The sum :math:`\sum_{i \in S} e_i` over a named index set, unevaluated: ``IndexSum(e, i, S)``."""

    is_commutative = True

    def __new__(cls, body: Any, index: sp.Symbol, over: sp.Symbol) -> IndexSum:
        return sp.Expr.__new__(cls, sp.sympify(body), index, over)

    def _latex(self, printer: Any) -> str:
        body, index, over = self.args
        inner = printer._print(body)
        return rf"\sum_{{{printer._print(index)} \in {printer._print(over)}}} " + (
            rf"\left({inner}\right)" if body.is_Add else inner
        )

    def _sympystr(self, printer: Any) -> str:
        body, index, over = self.args
        return f"sum({index} in {over}, {printer._print(body)})"


class EntryDerivative(sp.Expr):
    r"""The derivative :math:`\partial e / \partial c_k`, unevaluated: ``EntryDerivative(e, c[k])``."""

    is_commutative = True

    def __new__(cls, body: Any, entry: Indexed) -> EntryDerivative:
        return sp.Expr.__new__(cls, sp.sympify(body), entry)

    def _latex(self, printer: Any) -> str:
        body, entry = self.args
        return rf"\frac{{\partial}}{{\partial {printer._print(entry)}}} \left[{printer._print(body)}\right]"


class PowerSum(sp.Expr):
    r"""The named sum :math:`\sum_{i \in A} \prod_f f_i^{e_f}` over one atom: ``PowerSum(A, ((c, 2),))``."""

    is_commutative = True
    is_real = True

    def __new__(cls, atom: sp.Symbol, powers: Any) -> PowerSum:
        return sp.Expr.__new__(cls, atom, sp.Tuple(*(sp.Tuple(*p) for p in powers)))

    def _latex(self, printer: Any, exp: Any = None) -> str:
        atom, powers = self.args
        body = " ".join(f"{f}_i^{{{e}}}" if e != 1 else f"{f}_i" for f, e in powers)
        text = rf"\sum_{{i \in {printer._print(atom)}}} {body}"
        return text if exp is None else rf"\left({text}\right)^{{{exp}}}"

    def _sympystr(self, printer: Any) -> str:
        atom, powers = self.args
        return f"sum_{atom}(" + "*".join(f"{f}^{e}" if e != 1 else f"{f}" for f, e in powers) + ")"


@dataclass(frozen=True)
class Domain:
    """The index sets of a derivation.

    Attributes
    ----------
    atoms
        Size of each atom, by name.
    sets
        Unions of atoms, by name.
    families
        Indexed families: None for a free family; by atom, the family it equals there (``"0"`` for zero).
    """

    atoms: Mapping[str, sp.Expr]
    sets: Mapping[str, tuple[str, ...]]
    families: Mapping[str, Mapping[str, str] | None] = field(default_factory=lambda: {"c": None})

    def parts(self, name: str) -> tuple[str, ...]:
        """Return the atoms of a set (an atom is its own only part)."""
        return (name,) if name in self.atoms else tuple(self.sets[name])

    def as_formal(self, indices: Mapping[str, str] | None = None) -> dict[str, Any]:
        """Return the ``index`` entry of a formal statement, with the free indices and their atoms."""
        return {
            "atoms": {name: formal(size) for name, size in self.atoms.items()},
            "sets": {name: list(parts) for name, parts in self.sets.items()},
            "families": {name: None if rule is None else dict(rule) for name, rule in self.families.items()},
            "indices": dict(indices or {}),
        }


def entries(name: str) -> IndexedBase:
    """Return an indexed family, for example ``c`` with entries ``c[k]``."""
    return IndexedBase(name, real=True)


def normal_form(expr: Any, domain: Domain, indices: Mapping[str, str]) -> sp.Expr:
    """Return the normal form of an expression whose free indices lie in the given atoms.

    Parameters
    ----------
    expr
        Entries, deltas, `IndexSum` and `EntryDerivative` nodes, scalars; rational operations outside the sums.
    domain
        Atoms, sets and family rules.
    indices
        The atom of each free index, by name.
    """
    return sp.expand(_normal(sp.sympify(expr), domain, dict(indices)))


def _normal(expr: sp.Expr, domain: Domain, indices: dict[str, str]) -> sp.Expr:
    if isinstance(expr, Indexed):
        rule = domain.families.get(str(expr.base))
        if rule is None:
            return expr
        name = rule[indices[str(expr.indices[0])]]
        return sp.S.Zero if name == "0" else entries(name)[expr.indices[0]]
    if isinstance(expr, KroneckerDelta):
        i, j = (str(a) for a in expr.args)
        return expr if i == j or indices[i] == indices[j] else sp.S.Zero
    if isinstance(expr, EntryDerivative):
        body, entry = expr.args
        return _derivative(sp.expand(_normal(body, domain, indices)), entry, indices)
    if isinstance(expr, IndexSum):
        body, index, over = expr.args
        total = sp.S.Zero
        for atom in domain.parts(str(over)):
            bound = sp.Symbol(f"{index}_{next(_fresh)}", integer=True)
            inner = sp.expand(_normal(body.subs(index, bound), domain, {**indices, str(bound): atom}))
            total += sum((_sum_term(t, bound, atom, domain) for t in sp.Add.make_args(inner)), sp.S.Zero)
        return sp.expand(total)
    if not expr.args or isinstance(expr, PowerSum):
        return expr
    return expr.func(*(_normal(a, domain, indices) for a in expr.args))


def _sum_term(term: sp.Expr, bound: sp.Symbol, atom: str, domain: Domain) -> sp.Expr:
    deltas = [
        f
        for f in sp.Mul.make_args(term)
        if isinstance(f, (KroneckerDelta, sp.Pow)) and bound in f.free_symbols and f.has(KroneckerDelta)
    ]
    if deltas:
        base = deltas[0].base if isinstance(deltas[0], sp.Pow) else deltas[0]
        other = next(a for a in base.args if a != bound)
        return (term / deltas[0]).subs(bound, other)
    powers: dict[str, int] = {}
    outside = sp.S.One
    for factor in sp.Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if isinstance(base, Indexed) and bound in base.indices:
            powers[str(base.base)] = powers.get(str(base.base), 0) + int(exponent)
        elif bound in factor.free_symbols:
            raise ValueError(f"the summand {term} is not a polynomial in the entries")
        else:
            outside *= factor
    if not powers:
        return outside * domain.atoms[atom]
    return outside * PowerSum(sp.Symbol(atom), [(sp.Symbol(f), sp.Integer(e)) for f, e in sorted(powers.items())])


def _derivative(expr: sp.Expr, entry: Indexed, indices: Mapping[str, str]) -> sp.Expr:
    index, family = entry.indices[0], str(entry.base)
    holders: dict[sp.Expr, sp.Dummy] = {}
    for atom in expr.atoms(Indexed, PowerSum):
        holders[atom] = sp.Dummy()
    flat = expr.subs(holders) if holders else expr
    total = sp.S.Zero
    for atom, holder in holders.items():
        slope = flat.diff(holder)
        if slope == 0:
            continue
        if isinstance(atom, PowerSum):
            powers = {str(f): int(e) for f, e in atom.args[1]}
            if str(atom.args[0]) != indices[str(index)] or family not in powers:
                continue
            inner: sp.Expr = sp.Integer(powers[family])
            for f, e in powers.items():
                inner *= entries(f)[index] ** (e - (f == family))
        elif str(atom.base) == family and indices[str(atom.indices[0])] == indices[str(index)]:
            inner = KroneckerDelta(atom.indices[0], index)
        else:
            continue
        total += slope * inner
    return total.subs({h: a for a, h in holders.items()})


def formal(expr: Any) -> str:
    """Print an expression in the checker's grammar.

    Examples
    --------
    >>> c, i, B = entries("c"), sp.Symbol("i"), sp.Symbol("B")
    >>> formal(IndexSum(c[i] ** 2, i, B) / 4)
    'sum(i:B, c[i]**2)/4'
    """
    return _Grammar().doprint(sp.sympify(expr))


class _Grammar(StrPrinter):
    printmethod = "_formal"

    def _print_IndexSum(self, expr: IndexSum) -> str:
        body, index, over = expr.args
        return f"sum({index}:{over}, {self._print(body)})"

    def _print_EntryDerivative(self, expr: EntryDerivative) -> str:
        body, entry = expr.args
        return f"diff({self._print(body)}, {self._print(entry)})"

    def _print_Indexed(self, expr: Indexed) -> str:
        return f"{expr.base}[{expr.indices[0]}]"

    def _print_KroneckerDelta(self, expr: KroneckerDelta) -> str:
        return f"delta({expr.args[0]},{expr.args[1]})"

    def _print_PowerSum(self, expr: PowerSum) -> str:
        atom, powers = expr.args
        return f"sum(i:{atom}, " + "*".join(f"{f}[i]**{e}" if e != 1 else f"{f}[i]" for f, e in powers) + ")"


def name_sums(expr: sp.Expr, names: Iterable[tuple[sp.Symbol, sp.Expr]], drop: Iterable[sp.Expr] = ()) -> sp.Expr:
    """Rewrite power sums in terms of named sums.

    Each pair ``(name, combination)`` states that the name equals a linear combination of power sums; the combination
    is solved for one of its power sums (the first not in ``drop`` and not used yet) and substituted.

    Parameters
    ----------
    expr
        A normal form.
    names
        For example ``[(u, p_B), (N, p_B + p_R + p_O)]``.
    drop
        Power sums that must not be eliminated.
    """
    used = set(drop)
    solved: dict[sp.Expr, sp.Expr] = {}
    for name, combination in names:
        target = next(a for a in sp.Add.make_args(combination) if a not in used)
        used.add(target)
        solved[target] = sp.expand((name - (combination - target)).subs(solved))
    return sp.expand(expr.subs(solved))
