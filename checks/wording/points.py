"""Counterexamples: what each side of a statement is at the point, exactly and in decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.algebraic_number import Alpha
from checks.checker.goal import fraction, lines
from checks.checker.grammar import Node
from checks.checker.kinds import algebraic, instance
from checks.wording.notation import SIGNS, name_latex
from checks.wording.numbers import LONGEST, decimal_text
from checks.wording.printer import Printer, number
from checks.wording.structure import Block, Step, Table

At = Callable[[int], pointwise.Point]


def refutation(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return the values of hypotheses and conclusions at a counterexample to a ``forall`` statement."""
    body: list[Block] = []
    at: At
    if "alpha" in certificate:
        at = _algebraic(certificate)
        body += _coordinates(certificate, at, out)
    else:
        at = exact(instance.read_point(formal, certificate))
    given, shown = (statements(lines(formal, key)) for key in ("given", "show"))
    failing = [node for node in shown if _holds(node, at) is not True]
    undefined = all(_holds(node, at) is None for node in failing)
    what = "a term of the claim has no value there" if undefined else "the claim fails there"
    body += [f"Every hypothesis holds at this point, and {what}.", values([*failing, *given], at, out)]
    return Step("exact counterexample", body=tuple(body))


def exact(point: pointwise.Point) -> At:
    """Return a point with rational coordinates as a point with any number of digits."""

    def with_digits(bits: int) -> pointwise.Point:
        point.bits = bits
        return point

    return with_digits


def _algebraic(certificate: Mapping[str, Any]) -> At:
    raw = certificate["alpha"]
    alpha = Alpha([fraction(c) for c in raw["polynomial"]], fraction(raw["low"]), fraction(raw["high"]))
    line = {n: alpha.reduced([fraction(c) for c in entries]) for n, entries in certificate["values"].items()}
    return lambda bits: algebraic.Point(alpha, line, bits)


def _coordinates(certificate: Mapping[str, Any], at: At, out: Printer) -> list[Block]:
    """Say which algebraic number the coordinates are built from."""

    def in_alpha(entries: Sequence[Any]) -> poly.Poly:
        return {(() if not k else (("alpha", k),)): fraction(c) for k, c in enumerate(entries) if fraction(c)}

    raw, here = certificate["alpha"], at(pointwise.BITS[0])
    low, high = (number(fraction(raw[key])) for key in ("low", "high"))
    rows = []
    for name, entries in certificate["values"].items():
        first, last = pointwise.number(("name", name), here)
        formula = out.inline(out.polynomial(in_alpha(entries)))
        rows.append((f"${name_latex(name)}$", formula, decimal_text((first + last) / 2, 12)))
    return [
        rf"Here $\alpha$ is the root of ${out.tex(out.polynomial(in_alpha(raw['polynomial'])))}$ between ${low}$ and "
        f"${high}$.",
        Table("The point", ("name", "value", "about"), tuple(rows)),
    ]


def statements(nodes: Iterable[Node]) -> list[Node]:
    """Split conjunctions; chains of comparisons stay whole."""
    found: list[Node] = []
    for node in nodes:
        found += statements(node[1:]) if node[0] == "and" else [node]
    return found


def _holds(node: Node, at: At) -> bool | None:
    """Return whether a statement holds at a point; None where a term of it is undefined, or nothing decides."""
    try:
        return instance.decided(node, at)
    except (pointwise.Unknown, pointwise.Undefined):
        return None


def values(nodes: Sequence[Node], at: At, out: Printer, caption: str = "Values at the point") -> Table:
    """Return statements with the values of their sides at a point."""
    rows = []
    for node in nodes[: out.rows]:
        word = {True: "holds", False: "fails", None: "undefined"}[_holds(node, at)]
        statement = " ".join(f"${segment}$" for segment in out.node(node).segments)
        if node[0] != "compare":
            rows.append((statement, "", word))
            continue
        sides = [_value(term, at(pointwise.BITS[0])) for term in node[2]]
        text = sides[0] + "".join(f" {SIGNS[sign]} {side}" for sign, side in zip(node[1], sides[1:], strict=True))
        rows.append((statement, f"${text}$", word))
    more = len(nodes) - len(rows)
    return Table(caption + (f" ({more} more)" if more > 0 else ""), ("statement", "at the point", ""), tuple(rows))


def _value(node: Node, at: pointwise.Point) -> str:
    """Return a value as LaTeX: exact with its decimal, or the digits that are sure."""
    try:
        low, high = pointwise.number(node, at)
    except pointwise.Undefined:
        return r"\text{undefined}"
    except pointwise.Unknown:
        return "?"
    if low != high:
        return rf"{decimal_text((low + high) / 2, 10)}\ldots"
    digits = len(str(low.numerator)) + len(str(low.denominator))
    hidden = Fraction(low).denominator >= 10 and digits <= LONGEST
    sign = "=" if Fraction(decimal_text(low)) == low else r"\approx"
    return number(low) + (rf"\ ({sign} {decimal_text(low)})" if hidden else "")


def rational(node: Node, at: At) -> Fraction:
    """Return the value of an expression that is rational at a point.

    Raises
    ------
    ValueError
        When it is not known exactly.
    """
    low, high = pointwise.number(node, at(pointwise.BITS[0]))
    if low != high:
        raise ValueError("a value is not rational")
    return low
