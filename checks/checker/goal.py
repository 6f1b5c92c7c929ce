"""What a certificate has to establish: one comparison under hypotheses, in exact polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.grammar import Node, is_name, names, parse, substitute


class Rejected(ValueError):
    """The certificate does not establish the statement; the message says at which step."""


@dataclass(frozen=True)
class Goal:
    """Show ``left sign right`` for all values that satisfy every one of ``given``.

    ``given`` holds comparisons with a single sign; chains have been split and ``let`` lines substituted.
    """

    left: Node
    sign: str
    right: Node
    given: tuple[tuple[Node, str, Node], ...]
    context: poly.Context
    squared: frozenset[str] = frozenset()
    eliminated: tuple[tuple[str, Any], ...] = ()

    def difference(self) -> poly.Ratio:
        """Return left - right as a quotient (right - left for ``<`` and ``<=``)."""
        a, b = (self.right, self.left) if self.sign in ("<", "<=") else (self.left, self.right)
        top, bottom = poly.ratio(("-", a, b), self.context)
        return self._seen(top), self._seen(bottom)

    def _seen(self, p: poly.Poly) -> poly.Poly:
        """Return a polynomial in squares and without the eliminated variables."""
        p = halved(p, self.squared)
        for name, value in self.eliminated:
            p = poly.replace(p, name, value)
        return p

    def without(self, variable: str, position: int) -> Goal:
        """Return the same goal where an equality among the hypotheses, linear in a variable, eliminates it.

        Raises
        ------
        Rejected
            When the hypothesis is no equality, or does not give the variable as a polynomial in the others.
        """
        fact, relation = self.facts()[position]
        slope = {m: v for m, v in fact.items() if variable in dict(m)}
        if relation != "==" or set(slope) != {((variable, 1),)}:
            raise Rejected(f"the hypothesis does not give {variable}")
        rest = {m: v for m, v in fact.items() if variable not in dict(m)}
        value = poly.multiply(rest, poly.constant(-1 / slope[((variable, 1),)]))
        return replace(self, eliminated=(*self.eliminated, (variable, value)))

    def with_squares(self, variables: Iterable[str]) -> Goal:
        """Return the same goal where each given variable stands for its own square, which is nonnegative."""
        if self.squared or self.eliminated:
            raise Rejected("squares are taken first and once")
        return replace(self, squared=frozenset(variables))

    def facts(self) -> list[tuple[poly.Poly, str]]:
        """Return the hypotheses as ``p >= 0``, ``p > 0``, ``p == 0``, ``p != 0`` where they are polynomial."""
        found = []
        for a, sign, b in self.given:
            if sign in ("<", "<="):
                a, b, sign = b, a, {"<": ">", "<=": ">="}[sign]
            try:
                top, bottom = poly.ratio(("-", a, b), self.context)
            except poly.NotRational:
                continue
            if set(bottom) == {()}:
                try:
                    found.append((self._seen(poly.multiply(top, poly.constant(1 / bottom[()]))), sign))
                except OddPower:
                    continue
        return found + [(poly.generator(name), ">=") for name in sorted(self.squared)]


class OddPower(Rejected):
    """A variable that should stand for its square occurs to an odd power."""


def halved(p: poly.Poly, variables: frozenset[str]) -> poly.Poly:
    """Return p with every ``x**(2k)`` of the given variables written as ``x**k``.

    Raises
    ------
    OddPower
        When one of them occurs to an odd power.
    """
    if not variables:
        return p
    result: poly.Poly = {}
    for monomial, coefficient in p.items():
        if any(g in variables and e % 2 for g, e in monomial):
            raise OddPower("a variable occurs to an odd power")
        result[tuple((g, e // 2 if g in variables else e) for g, e in monomial)] = coefficient
    return result


def comparisons(node: Node, optional: bool = False) -> list[tuple[Node, str, Node]]:
    """Split chains and conjunctions into single comparisons.

    What is neither (``or``, ``not``, ``implies``, quantifiers) is left out where it is ``optional``: a proof that
    does not use a hypothesis is none the worse.

    Raises
    ------
    Rejected
        Where it is not: no certificate kind covers it.
    """
    if node[0] == "and":
        return comparisons(node[1], optional) + comparisons(node[2], optional)
    if node[0] == "compare":
        return [(a, sign, b) for sign, a, b in zip(node[1], node[2][:-1], node[2][1:], strict=True)]
    if optional and node[0] in ("or", "not", "implies", "all", "any"):
        return []
    raise Rejected(f"{node[0]!r} is not a conjunction of comparisons")


def goals(formal: Mapping[str, Any]) -> list[Goal]:
    """Return what must be shown for a ``forall`` statement, one goal a comparison, in order.

    A conclusion ``H implies C`` adds H to the hypotheses of its goals; ``l == r`` stays one goal.
    """
    context = poly.Context.read(formal.get("index"))
    given: list[tuple[Node, str, Node]] = []
    for node in lines(formal, "given"):
        given += comparisons(node, optional=True)
    found = []
    if "show" not in formal:
        raise Rejected("a statement without a conclusion")
    for node in lines(formal, "show"):
        local = list(given)
        while node[0] == "implies":
            local += _premises(node[1], context)
            node = node[2]
        found += [Goal(a, sign, b, tuple(local), context) for a, sign, b in comparisons(node)]
    return found


def _premises(node: Node, context: poly.Context) -> list[tuple[Node, str, Node]]:
    """Return the comparisons of an ``implies``; one with an undefined term does not make its chain false."""
    if node[0] == "and":
        return _premises(node[1], context) + _premises(node[2], context)
    if node[0] == "compare" and len(node[1]) > 1 and any(set(poly.ratio(e, context)[1]) != {()} for e in node[2]):
        raise Rejected("a chain with denominators before 'implies'")
    return comparisons(node, optional=True)


def lines(formal: Mapping[str, Any], key: str) -> list[Node]:
    """Return the parsed lines under a key with the ``let`` lines substituted, in order.

    Raises
    ------
    Rejected
        When a ``let`` line defines no name, or that of a size; when a scalar is called like an index or a family.
    """
    context = poly.Context.read(formal.get("index"))
    taken = set(context.indices) | set(context.families)
    let: dict[str, Node] = {}
    for line in formal.get("let", ()):
        name, _, text = line.partition("=")
        if not is_name(name.strip()) or name.strip() in context.size_names() | taken:
            raise Rejected(f"{line!r} is no definition of a name")
        let[name.strip()] = substitute(parse(text), let)
    found = [substitute(parse(line), let) for line in formal.get(key, ())]
    if any(names(node) & taken for node in found) or context.size_names() & taken:
        raise Rejected("a scalar is called like an index or a family")
    return found


def same_up_to_scale(p: poly.Poly, q: poly.Poly, positive: bool = True) -> bool:
    """Return whether p = k q for a constant k > 0 (any k != 0 when not ``positive``)."""
    if set(p) != set(q) or not p:
        return not p and not q
    first = next(iter(p))
    k = p[first] / q[first]
    return (k > 0 or not positive) and all(p[m] == k * q[m] for m in p)


def fraction(text: Any) -> Fraction:
    """Read an exact rational of a certificate.

    Raises
    ------
    Rejected
        When it is not the text of a rational number.
    """
    try:
        return Fraction(str(text))
    except (ValueError, ZeroDivisionError) as error:
        raise Rejected(f"{text!r} is not a rational number") from error
