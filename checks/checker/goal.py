"""What a certificate has to establish: one statement under hypotheses.

A hypothesis that holds at a point is defined there, so that its terms are: that a denominator is not zero, or a
radicand not negative, is a hypothesis too (`domain`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeVar

from checks.checker import polynomial as poly
from checks.checker.grammar import Node, is_name, names, parse, size, substitute

T = TypeVar("T")
Relation = tuple[Node, str, Node]
ZERO: Node = ("number", Fraction(0))
ONE: Node = ("number", Fraction(1))
FALSE: Node = ("compare", (">",), (ZERO, ZERO))
# longer texts of numbers are refused: they would only cost time
LONGEST = 20000
LARGEST_EXPRESSION = 100_000
NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Rejected(ValueError):
    """The certificate does not establish the statement; the message says at which step."""


@dataclass(frozen=True)
class Goal:
    """Show ``conclusion`` for all values that satisfy every one of ``given`` and ``either``.

    ``given`` holds comparisons with a single sign, ``either`` other statements, in negation normal form.  The names in
    ``integers`` range over the integers, all others over the reals.  ``let`` lines have been substituted.
    """

    conclusion: Node
    given: tuple[Relation, ...]
    context: poly.Context
    either: tuple[Node, ...] = ()
    integers: frozenset[str] = frozenset()

    @property
    def relation(self) -> Relation:
        """The conclusion as one comparison.

        Raises
        ------
        Rejected
            When it is none.
        """
        if self.conclusion[0] != "compare" or len(self.conclusion[1]) != 1:
            raise Rejected("the conclusion is not a single comparison")
        (sign,), (left, right) = self.conclusion[1:]
        return left, sign, right

    @property
    def left(self) -> Node:
        """The left side of the conclusion."""
        return self.relation[0]

    @property
    def sign(self) -> str:
        """The sign of the conclusion."""
        return self.relation[1]

    @property
    def right(self) -> Node:
        """The right side of the conclusion."""
        return self.relation[2]

    def difference(self) -> poly.Ratio:
        """Return left - right as a quotient (right - left for ``<`` and ``<=``)."""
        return poly.ratio(self.gap(), self.context)

    def gap(self) -> Node:
        """Return the side that is claimed to be larger minus the other one (left - right for ``==`` and ``!=``)."""
        left, sign, right = self.relation
        return ("-", right, left) if sign in ("<", "<=") else ("-", left, right)

    @cached_property
    def _facts(self) -> list[tuple[poly.Poly, str]]:
        return [fact for entry in self.given if (fact := polynomial_fact(entry, self.context)) is not None]

    def facts(self) -> list[tuple[poly.Poly, str]]:
        """Return the hypotheses as ``p >= 0``, ``p > 0``, ``p == 0``, ``p != 0`` where they are polynomial."""
        return self._facts

    @cached_property
    def names(self) -> frozenset[str]:
        """The free scalar names of the goal, those in the sizes of its index sets too."""
        found = names(self.conclusion).union(*(names(node) for node in self.either))
        for a, _, b in self.given:
            found |= names(a) | names(b)
        return frozenset(found | self.context.size_names() | self.integers)

    def showing(self, left: Node, sign: str, right: Node) -> Goal:
        """Return the same hypotheses with another comparison to show."""
        return replace(self, conclusion=bounded(comparison(left, sign, right)))

    def assuming(self, *statements: Node) -> Goal:
        """Return the goal with more hypotheses, each true (hence defined) at every point considered."""
        given, either = list(self.given), list(self.either)
        for statement in statements:
            for part in pieces(normal(statement)):
                if part[0] == "compare":
                    (sign,), (left, right) = part[1:]
                    given += [(left, sign, right), *domain(part)]
                else:
                    either.append(part)
        return replace(self, given=tuple(given), either=tuple(either))

    def mapped(self, change: Callable[[Node], Node]) -> Goal:
        """Return the goal with every expression changed.

        Raises
        ------
        Rejected
            When one of them grows beyond bounds.
        """
        return replace(
            self,
            conclusion=bounded(change(self.conclusion)),
            given=tuple((bounded(change(a)), sign, bounded(change(b))) for a, sign, b in self.given),
            either=tuple(bounded(change(node)) for node in self.either),
        )

    def fresh(self, name: Any) -> str:
        """Return a name after a look that it can name something new.

        Raises
        ------
        Rejected
            When it is a word of the grammar or used in the goal.
        """
        taken = self.names | set(self.context.indices) | set(self.context.families)
        if not isinstance(name, str) or not is_name(name) or name in taken:
            raise Rejected(f"{name} is no new name")
        return name

    def scalar(self, name: Any) -> str:
        """Return a name after a look that it may be replaced: no index set has it in its size.

        Raises
        ------
        Rejected
            When one has.
        """
        if name in self.context.size_names() or not isinstance(name, str) or not is_name(name):
            raise Rejected(f"{name} is the size of an index set, or no name")
        return name

    def read(self, text: Any) -> Node:
        """Parse an expression of a certificate."""
        node = parse(str(text))
        if names(node) & (set(self.context.indices) | set(self.context.families)):
            raise Rejected("a scalar is called like an index or a family")
        return node

    def term(self, text: Any) -> Node:
        """Parse an expression of a certificate in the names of the goal."""
        node = self.read(text)
        if not names(node) <= self.names:
            raise Rejected(f"{text!r} mentions a name that the goal does not have")
        return node

    def polynomial(self, text: Any) -> poly.Poly:
        """Parse a polynomial of a certificate."""
        return poly.whole(self.read(text), self.context)

    def defined(self, *nodes: Node) -> list[Goal]:
        """Return the goals that make every term of some expressions defined."""
        return [self.showing(*entry) for node in nodes for entry in obligations(node, self.context)]

    def put(self, variable: str, value: Node, *integers: str) -> Goal:
        """Return the goal with an expression for a variable; it is forgotten whether that is an integer."""
        there = self.mapped(lambda node: substitute(node, {variable: value}))
        return replace(there, integers=self.integers - {variable} | set(integers))


def polynomial_fact(entry: Relation, context: poly.Context) -> tuple[poly.Poly, str] | None:
    """Return a hypothesis as a polynomial with its sign relative to 0, or None when it is no polynomial."""
    a, sign, b = entry
    if sign in ("<", "<="):
        a, b, sign = b, a, {"<": ">", "<=": ">="}[sign]
    try:
        return poly.whole(("-", a, b), context), sign
    except poly.NotRational:
        return None


def comparison(left: Node, sign: str, right: Node) -> Node:
    """Return a single comparison."""
    return ("compare", (sign,), (left, right))


def constant(node: Node) -> Fraction | None:
    """Return the value of an expression in numbers alone with the four operations and integer powers, or None."""
    if node[0] == "number":
        return Fraction(node[1])
    if node[0] not in ("+", "-", "*", "/", "**") or names(node):
        return None
    try:
        p = poly.whole(node, poly.Context())
    except ValueError:
        return None
    return p.get((), Fraction(0)) if set(p) <= {()} else None


def obligations(node: Node, context: poly.Context, necessary: bool = False) -> Iterator[Relation]:
    """Yield comparisons that together make every term of an expression or statement defined, the inner ones first.

    With ``necessary`` they are only such that hold wherever the expression is defined.

    Raises
    ------
    Rejected
        When the node holds something of which this is not known.
    """
    kind = node[0]
    if kind in ("and", "or", "implies", "not", "compare"):
        for part in node[2] if kind == "compare" else node[1:]:
            yield from obligations(part, context, necessary) if kind != "compare" else _terms(part, context, necessary)
        return
    yield from _terms(node, context, necessary)


def _terms(node: Node, context: poly.Context, necessary: bool) -> Iterator[Relation]:
    kind = node[0]
    if kind == "call":
        if len(node[2]) != 1 and node[1] not in ("min", "max", "pi"):
            raise Rejected(f"{node[1]} has one argument, not {len(node[2])}")
        for part in node[2]:
            yield from _terms(part, context, necessary)
        if node[1] in ("sqrt", "log"):
            yield node[2][0], ">=" if node[1] == "sqrt" else ">", ZERO
        if node[1] == "tan":
            yield ("call", "cos", node[2]), "!=", ZERO
    elif kind in ("+", "-", "*", "/"):
        for part in node[1:]:
            yield from _terms(part, context, necessary)
        if kind == "/" and not constant(node[2]):
            yield node[2], "!=", ZERO
    elif kind == "**":
        yield from _terms(node[1], context, necessary)
        yield from _power(node[1], node[2], context, necessary)
    elif kind in ("sum", "diff", "taylor"):
        bottom = poly.ONE if necessary else poly.ratio(node, context)[1]
        if set(bottom) != {()}:
            yield poly.node(bottom), "!=", ZERO
    elif kind not in ("number", "name", "entry", "delta", "size"):
        raise Rejected(f"where {kind!r} is defined is not known")


def _power(base: Node, raised: Node, context: poly.Context, necessary: bool) -> Iterator[Relation]:
    exponent, number = constant(raised), constant(base)
    if exponent is None:
        yield from _terms(raised, context, necessary)
        if not necessary and not (number is not None and number > 0):
            yield base, ">", ZERO
    elif exponent.denominator != 1:
        yield base, ">=" if exponent > 0 else ">", ZERO
    elif exponent < 0 and not number:
        yield base, "!=", ZERO


def domain(node: Node) -> list[Relation]:
    """Return what holds because a comparison does: its terms are defined."""
    return list(dict.fromkeys(obligations(node, poly.Context(), necessary=True)))


def normal(node: Node, positive: bool = True) -> Node:
    """Return a statement (or its negation) in negation normal form; ``H implies C`` becomes ``not H or C``.

    A negated chain or quantifier stays as it is where its meaning would change at points at which it is undefined.
    """
    kind = node[0]
    if kind == "not":
        return normal(node[1], not positive)
    if kind == "implies":
        return normal(("or", ("not", node[1]), node[2]), positive)
    if kind in ("and", "or"):
        outer = kind if positive else {"and": "or", "or": "and"}[kind]
        return (outer, normal(node[1], positive), normal(node[2], positive))
    if positive:
        return node
    if kind == "compare" and len(node[1]) == 1:
        return comparison(node[2][0], NEGATED[node[1][0]], node[2][1])
    if kind == "compare" and not list(obligations(node, poly.Context())):
        links = [comparison(a, NEGATED[sign], b) for a, sign, b in chain(node)]
        found = links[0]
        for link in links[1:]:
            found = ("or", found, link)
        return found
    return ("not", node)


def chain(node: Node) -> list[Relation]:
    """Return the links of a comparison."""
    return [(a, sign, b) for sign, a, b in zip(node[1], node[2][:-1], node[2][1:], strict=True)]


def pieces(node: Node) -> list[Node]:
    """Split chains and conjunctions into statements that together say the same."""
    if node[0] == "and":
        return pieces(node[1]) + pieces(node[2])
    if node[0] == "compare":
        return [comparison(*link) for link in chain(node)]
    return [node]


def goals(formal: Mapping[str, Any]) -> list[Goal]:
    """Return what must be shown for a ``forall`` statement, one goal a comparison or other piece, in order."""
    context = poly.Context.read(formal.get("index"))
    if "show" not in formal:
        raise Rejected("a statement without a conclusion")
    whole = Goal(FALSE, (), context, (), frozenset(formal.get("integers", ()))).assuming(*lines(formal, "given"))
    return [replace(whole, conclusion=piece) for node in lines(formal, "show") for piece in pieces(normal(node))]


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
        let[name.strip()] = bounded(substitute(parse(text), let, textual=True))
    found = [bounded(substitute(parse(line), let, textual=True)) for line in formal.get(key, ())]
    if any(names(node) & taken for node in found) or context.size_names() & taken:
        raise Rejected("a scalar is called like an index or a family")
    return found


def bounded(node: Node) -> Node:
    """Return an expression after a look at its size.

    Raises
    ------
    Rejected
        When it has more than `LARGEST_EXPRESSION` nodes: that would only cost time.
    """
    if size(node) > LARGEST_EXPRESSION:
        raise Rejected(f"an expression of more than {LARGEST_EXPRESSION} terms, once its abbreviations are put in")
    return node


def chosen(options: Sequence[T], position: Any) -> T:
    """Return one of the hypotheses, or lines, by its position in a certificate.

    Raises
    ------
    Rejected
        When there is none at that position.
    """
    if type(position) is not int or not 0 <= position < len(options):
        raise Rejected(f"there is no hypothesis or line {position!r}")
    return options[position]


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
    found = re.fullmatch(r"-?\d+(?:/\d+|\.\d+)?", str(text)) if len(str(text)) < LONGEST else None
    try:
        if found:
            return Fraction(str(text))
    except ZeroDivisionError:
        pass
    raise Rejected(f"{str(text)[:80]!r} is not a rational number")
