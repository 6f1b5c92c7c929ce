"""Statements about matrices: declarations, hypotheses and equalities, read and checked for sizes.

A statement declares letters (``H: n x n symmetric``), sizes being names of positive whole numbers, and numbers (``eta:
number``).  It says: for all sizes, numbers and matrices that satisfy every line of ``given``, both sides of every line
of ``show`` are defined and equal; with ``modulo: [eta, k]``, that their difference is O(eta**k) as eta tends to 0.
The equalities that hold are numbered @1, @2, ...: lines of ``given``, what the letters' properties mean, and V*U == c*I
for each U*V == c*I with square U and V and a number c that is not zero.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected
from checks.checker.grammar import Node, names, substitute
from checks.checker.polynomial import Poly
from checks.checker.word_grammar import factors, read_expression, read_line
from checks.checker.words import UNIT, Algebra, Shape, Value

_LETTER = re.compile(r"\s*(\w+)\s*:\s*(?:(number)|(\w+)\s*x\s*(\w+)\s*(.*?))\s*")
PROPERTIES = {
    "symmetric": (),
    "diagonal": (),
    "projection": ("{0}*{0} == {0}",),
    "idempotent": ("{0}*{0} == {0}",),
    "orthogonal": ("{0}*{0}' == I", "{0}'*{0} == I"),
    "skew": ("{0}' == -{0}",),
    "inverse of": ("{0}*{1} == I", "{1}*{0} == I"),
}
SYMMETRIC = ("symmetric", "diagonal", "projection")
_NAME = re.compile(r"(?!(?:I|tr)\Z)[A-Za-z_][A-Za-z_0-9]*")
Equality = tuple[Node, Node]


@dataclass(frozen=True)
class Statement:
    """A statement, parsed: ``hypotheses`` are what a point has to satisfy, ``known`` all equalities that hold."""

    algebra: Algebra
    diagonal: frozenset[str]
    hypotheses: list[tuple[str, Node, Node]]
    known: list[Equality]
    shown: list[Equality]
    modulo: tuple[str, int] | None

    def difference(self, left: Node, right: Node, divided: list[Poly]) -> Value:
        """Return left minus right; what the two divide by is added to ``divided``.

        Raises
        ------
        Rejected
            When the sides do not fit, or are multiples of the identity of no size.
        """
        value = self.algebra.add(self.algebra.value(left, divided), self.algebra.value(right, divided), -1)
        if value.shape is None:
            raise Rejected("an equality between multiples of I; write I(n) for its size n")
        return value

    def differences(self) -> dict[str, Value]:
        """Return the numerator of left minus right of every known equality, by its number."""
        values = [self.difference(*pair, []) for pair in self.known]
        return {f"@{k + 1}": Value(value.shape, value.top, poly.ONE) for k, value in enumerate(values)}

    def nonzero(self) -> list[Poly]:
        """Return polynomials that do not vanish where the hypotheses hold."""
        found = [poly.generator(size) for size in self.algebra.sizes]
        for sign, left, right in self.hypotheses:
            value = self.difference(left, right, found)
            if sign in ("!=", "<", ">"):
                found.append(value.number)
            if value.shape == UNIT and value.bottom == poly.ONE:
                # q + c = 0 with c != 0; q + c >= 0 with c < 0; q + c <= 0 with c > 0
                c = value.number.get((), 0)
                if (sign == "==" and c) or (sign[0] == ">" and c < 0) or (sign[0] == "<" and c > 0):
                    found.append({monomial: x for monomial, x in value.number.items() if monomial})
        # a product that does not vanish has no factor that does
        return [*found, *(poly.generator(g) for p in found if len(p) == 1 for monomial in p for g, _ in monomial)]


def read(formal: Mapping[str, Any]) -> Statement:
    """Return a statement of the form ``matrices``, parsed.

    Raises
    ------
    Rejected
        When a line is not in the grammar, a name is declared twice or not at all, or sizes do not fit.
    """
    shapes: dict[str, Shape | None] = {}
    properties: dict[str, list[tuple[str, str]]] = {}
    for text in formal["letters"]:
        name, shape, said = read_letter(str(text))
        if name in shapes or not _NAME.fullmatch(name):
            raise Rejected(f"{name!r} is declared twice, or cannot be a name")
        shapes[name], properties[name] = shape, said
    numbers = frozenset(name for name in shapes if not shapes[name])
    letters = {name: shape for name, shape in shapes.items() if shape}
    sizes = {size for shape in letters.values() for size in shape if not size.isdigit()}
    if any(not _NAME.fullmatch(s) or s in shapes for s in sizes):
        raise Rejected(f"a size of {', '.join(sorted(sizes))} is also declared otherwise, or cannot be a name")
    symmetric, diagonal = (
        frozenset(name for name, said in properties.items() if any(word in words for word, _ in said))
        for words in (SYMMETRIC, ("diagonal",))
    )
    algebra = Algebra(letters, symmetric, numbers, frozenset(sizes), {})
    for shape in letters.values():
        _ = [algebra.size(size) for size in shape]
    let: dict[str, Node] = {}
    for line in formal.get("let", ()):
        name, equals, text = (part.strip() for part in str(line).partition("="))
        if not equals or not _NAME.fullmatch(name) or name in {*shapes, *sizes, *let}:
            raise Rejected(f"{line!r} is no abbreviation 'name = expression' with a new name")
        let[name] = substitute(read_expression(text), let)
        algebra.value(let[name], [])
    given, shown = (
        [
            (sign, substitute(a, let), substitute(b, let))
            for line in formal.get(key, ())
            for sign, a, b in read_line(line)
        ]
        for key in ("given", "show")
    )
    if not shown or any(sign != "==" for sign, _, _ in shown):
        raise Rejected("'show' takes equalities, at least one")
    given += [relation for line in _implied(letters, properties, diagonal) for relation in read_line(line)]
    known = [(a, b) for sign, a, b in given if sign == "=="]
    stated = Statement(algebra, diagonal, given, known, [(a, b) for _, a, b in shown], None)
    for sign, a, b in given:
        if stated.difference(a, b, []).shape != UNIT and sign != "==":
            raise Rejected(f"{sign!r} compares numbers, not matrices")
    turned = [pair for equality in known for pair in _turned(stated, *equality) if pair not in known]
    return replace(stated, known=[*known, *turned], modulo=_modulo(formal, stated, numbers))


def read_letter(text: str) -> tuple[str, Shape | None, list[tuple[str, str]]]:
    """Return the name, the shape (None for a number) and the properties that a line declares.

    Raises
    ------
    Rejected
        When it declares nothing.
    """
    found = _LETTER.fullmatch(text)
    if found is None:
        raise Rejected(
            f"{text!r} declares nothing; write for example 'A: m x n', 'H: n x n symmetric' or 'eta: number'"
        )
    if found[2]:
        return found[1], None, []
    said = []
    for word in filter(None, (part.strip() for part in found[5].split(","))):
        name, _, other = word.partition(" of ")
        name += " of" if other else ""
        if name not in PROPERTIES or (name == "inverse of") != bool(other):
            raise Rejected(f"{word!r} in {text!r} is none of {', '.join(PROPERTIES)}")
        if found[3] != found[4]:
            raise Rejected(f"{text!r}: a matrix that is {word!r} has as many rows as columns")
        said.append((name, other.strip()))
    return found[1], (found[3], found[4]), said


def _implied(
    letters: Mapping[str, Shape], properties: Mapping[str, list[tuple[str, str]]], diagonal: frozenset[str]
) -> Iterator[str]:
    """Yield what the properties of the letters mean, beside symmetry."""
    for name, said in properties.items():
        for word, other in said:
            if other and letters.get(other) != letters[name]:
                raise Rejected(f"{name!r} is called the inverse of {other!r}, which is no letter of the same size")
            yield from (line.format(name, other) for line in PROPERTIES[word])
    pairs = sorted(diagonal)
    yield from (f"{a}*{b} == {b}*{a}" for a in pairs for b in pairs if a < b and letters[a] == letters[b])


def _turned(stated: Statement, left: Node, right: Node) -> Iterator[Equality]:
    """Yield V*U == c*I for U*V == c*I: a square matrix with a one-sided inverse has a two-sided one."""
    for product, scalar in ((left, right), (right, left)):
        value, parts = stated.algebra.value(scalar, []), factors(product)
        constant = set(value.top) == {()} and set(value.number) == {()} and set(value.bottom) == {()}
        if not constant or value.shape == UNIT:
            continue
        for k in range(1, len(parts)):
            u, v = (_product(part) for part in (parts[:k], parts[k:]))
            shapes = [stated.algebra.value(part, []).shape for part in (u, v)]
            if shapes[0] == shapes[1] and shapes[0] not in (None, UNIT):
                yield ("*", v, u), scalar


def _product(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else ("*", _product(parts[:-1]), parts[-1])


def _modulo(formal: Mapping[str, Any], stated: Statement, numbers: frozenset[str]) -> tuple[str, int] | None:
    if formal.get("modulo") is None:
        return None
    name, order = formal["modulo"]
    if name not in numbers or type(order) is not int or not 1 <= order <= 64:
        raise Rejected(f"'modulo' takes a declared number and its power, not {formal['modulo']!r}")
    if any(name in names(side) for _, *sides in stated.hypotheses for side in sides):
        raise Rejected(f"a hypothesis mentions {name!r}, modulo a power of which 'show' is stated")
    return name, order
