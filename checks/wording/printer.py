"""Formulas of a proof: long numbers become decimals that break off, long sums show their first terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Relation, comparison
from checks.checker.grammar import Node, parse
from checks.wording.notation import node_latex, numeric, pieces, signed_terms, width
from checks.wording.numbers import cut_latex, is_long, number_latex
from checks.wording.structure import Formula

# terms of a sum that are printed, and depth below which a part is a dot, from the most generous on
_CUTS = ((12, 99), (8, 12), (5, 9), (4, 7), (3, 6), (2, 5), (2, 4), (1, 3), (1, 2))


@dataclass(frozen=True)
class Printer:
    """Writes the formulas of a proof, each cut to about ``letters`` letters.

    ``cells`` is the largest number of coefficients printed as a table, ``terms`` the largest number of terms of a sum,
    ``rows`` that of statements listed with their values; ``normal_forms`` says whether those of identities are shown.
    """

    letters: int = 260
    cells: int = 60
    terms: int = 12
    rows: int = 10
    normal_forms: bool = True

    def node(self, node: Node) -> Formula:
        """Return an expression or statement as a formula that may break."""
        if node == FALSE:
            return Formula((r"\text{contradiction}",))
        return Formula(pieces(self.shortened(node)))

    def inline(self, node: Node) -> str:
        """Return an expression or statement as one formula between dollar signs."""
        return "$" + self.tex(node) + "$"

    def tex(self, node: Node) -> str:
        """Return an expression or statement as LaTeX mathematics on one line."""
        return node_latex(self.shortened(node))

    def text(self, text: str) -> str:
        """Return an expression of a certificate as a formula between dollar signs."""
        return self.inline(parse(str(text)))

    def relation(self, relation: Relation) -> str:
        """Return one comparison as LaTeX mathematics on one line."""
        return self.tex(comparison(*relation))

    def polynomial(self, p: poly.Poly, rising: bool = False) -> Node:
        """Return a polynomial as an expression: falling (or rising) degrees, but a positive term first."""
        if not p:
            return ("number", Fraction(0))
        order = sorted(p, key=lambda m: (sum(e for _, e in m) * (1 if rising else -1), _spelling(m)))
        first = next((m for m in order if p[m] > 0), order[0])
        order = [first, *(m for m in order if m != first)]
        return poly.node({tuple(sorted(m, key=lambda item: str(item[0]))): p[m] for m in order})

    def shortened(self, node: Node) -> Node:
        """Return an expression with long numbers as decimals, and terms left out until it is short enough."""
        node = _tidy(_mapped(node, _decimal))
        if width(node_latex(node)) <= self.letters:
            return node
        for terms, depth in _CUTS:
            cut = _cut(node, terms, depth)
            if width(node_latex(cut)) <= self.letters:
                return cut
        return _cut(node, 1, 1)

    def listed(self, formulas: Iterable[str], most: int = 6) -> str:
        """Return formulas in a row, each between dollar signs; the last ones are counted where there are many."""
        every = list(formulas)
        shown = ", ".join(f"${tex}$" for tex in every[:most])
        return shown if len(every) <= most else f"{shown} and {len(every) - most} more"


def number(value: Fraction) -> str:
    """Return a number as LaTeX mathematics, a long one as a decimal that breaks off."""
    return cut_latex(value) if is_long(value) else number_latex(value)


def _spelling(monomial: poly.Monomial) -> list[tuple[str, int]]:
    return sorted((str(g), -e) for g, e in monomial)


def _decimal(node: Node) -> Node | None:
    value = numeric(node)
    if value is None:
        return None
    if is_long(value):
        return ("text", cut_latex(value))
    return node if value >= 0 or node[0] != "number" else ("-", ("number", Fraction(0)), ("number", -value))


def _tidy(node: Node) -> Node:
    """Return an expression without terms and factors that are zero, as a substitution leaves them behind."""
    zero: Node = ("number", Fraction(0))
    if node[0] in ("call", "compare"):
        return (node[0], node[1], tuple(_tidy(part) for part in node[2]))
    if node[0] not in ("+", "-", "*", "and", "or", "not", "implies", "/", "**"):
        return node
    found = tuple(_tidy(part) for part in node[1:])
    kind = node[0]
    if kind == "*" and zero in found and all(_everywhere(part) for part in found):
        return zero
    if kind in ("*", "/") and numeric(found[1]) == 1:
        return found[0]
    if kind == "*" and numeric(found[0]) == 1:
        return found[1]
    if kind == "*" and found[0] == found[1] and found[0][0] == "name":
        return ("**", found[0], ("number", Fraction(2)))
    if kind in ("+", "-") and found[1] == zero:
        return found[0]
    if kind == "+" and found[0] == zero:
        return found[1]
    return (kind, *found)


def _everywhere(node: Node) -> bool:
    """Return whether an expression is a polynomial in names."""
    if node[0] in ("+", "-", "*"):
        return all(_everywhere(part) for part in node[1:])
    return node[0] in ("number", "name", "entry", "text")


def _mapped(node: Node, change: Callable[[Node], Node | None]) -> Node:
    """Return an expression with the parts that ``change`` knows replaced, the outermost first."""
    new = change(node)
    if new is not None:
        return new
    return tuple(
        _mapped(part, change)
        if isinstance(part, tuple) and part and isinstance(part[0], str) and node[0] != "compare"
        else tuple(_mapped(p, change) for p in part)
        if isinstance(part, tuple) and part and isinstance(part[0], tuple)
        else part
        for part in node
    )


def _cut(node: Node, terms: int, depth: int) -> Node:
    """Leave out terms of long sums, and whatever lies deeper than ``depth``."""
    kind = node[0]
    if kind in ("number", "name", "text", "entry", "delta", "size"):
        return node
    if depth <= 0:
        return ("text", r"(\ldots)")
    if kind in ("+", "-"):
        parts = signed_terms(node)
        if len(parts) == 1 and parts[0][0] < 0:
            return ("-", node[1], _cut(node[2], terms, depth))
        total: Node | None = None
        for sign, term in parts[:terms]:
            inner = _cut(term, terms, depth - 1)
            if total is None:
                total = inner if sign > 0 else ("-", ("number", Fraction(0)), inner)
            else:
                total = ("+" if sign > 0 else "-", total, inner)
        assert total is not None
        gone = len(parts) - terms
        more = "term" if gone == 1 else "terms"
        return ("+", total, ("text", rf"\langle \text{{{gone} more {more}}} \rangle")) if gone > 0 else total
    if kind in ("call", "compare"):
        return (kind, node[1], tuple(_cut(part, terms, depth - 1) for part in node[2]))
    own = depth if kind == "*" and node[1][0] == "*" else depth - 1
    return (kind, *(_cut(p, terms, own) if isinstance(p, tuple) and p else p for p in node[1:]))
