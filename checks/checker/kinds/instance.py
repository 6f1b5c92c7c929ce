"""An exact counterexample: every hypothesis holds at the point, some conclusion is false or undefined there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import Rejected, fraction, lines
from checks.checker.grammar import Node, parse
from checks.checker.polynomial import Context

__all__ = ["decided", "lines", "read_point", "refute", "verify"]


def read_point(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> pointwise.Point:
    """Return the point of a certificate, with its index sets laid out as the statement declares them.

    The sizes of the atoms must agree with their declared sizes at the point, and every position must lie in exactly
    one atom.

    Raises
    ------
    Rejected
        When they do not, or a value is no rational number.
    """
    context = Context.read(formal.get("index"))
    values = {name: fraction(text) for name, text in certificate.get("values", {}).items()}
    arrays = {name: [fraction(text) for text in entries] for name, entries in certificate.get("arrays", {}).items()}
    layout = {name: [int(i) for i in members] for name, members in certificate.get("layout", {}).items()}
    at = pointwise.Point(values, arrays, layout, context)
    if set(layout) != set(context.atoms):
        raise Rejected("the layout does not name every atom")
    positions = sorted(i for members in layout.values() for i in members)
    if positions != list(range(len(positions))) or any(len(a) != len(positions) for a in arrays.values()):
        raise Rejected("the positions do not fall into the atoms one by one")
    for atom, size in context.atoms.items():
        if pointwise.number(parse(size), at) != (Fraction(len(layout[atom])),) * 2:
            raise Rejected(f"atom {atom} does not have size {size}")
    for index, position in certificate.get("indices", {}).items():
        if int(position) not in layout[context.indices[index]]:
            raise Rejected(f"index {index} does not lie in its atom")
        at.indices[index] = int(position)
    if set(at.indices) != set(context.indices):
        raise Rejected("a free index has no position")
    for name in formal.get("integers", ()):
        if values[name].denominator != 1:
            raise Rejected(f"{name} is not an integer")
    return at


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a counterexample to a ``forall`` statement.

    Raises
    ------
    Rejected
        When a hypothesis fails at the point or every conclusion holds there.
    """
    refute(formal, read_point(formal, certificate).with_digits)


def refute(formal: Mapping[str, Any], at: Callable[[int], pointwise.Point]) -> None:
    """Accept a point, given with any number of binary digits, at which a ``forall`` statement fails.

    Raises
    ------
    Rejected
        When a hypothesis is not shown to hold, or no conclusion to be false or undefined.
    """
    if not formal.get("show"):
        raise Rejected("a statement without a conclusion")
    for text, node in zip(formal.get("given", ()), lines(formal, "given"), strict=True):
        try:
            if decided(node, at) is not True:
                raise Rejected(f"the hypothesis {text} fails at the point")
        except pointwise.Unknown as error:
            raise Rejected(f"the hypothesis {text} is not shown to hold at the point: {error}") from error
    for node in lines(formal, "show"):
        try:
            if decided(node, at) is not True:
                return
        except pointwise.Unknown:
            continue
    raise Rejected("every conclusion holds at the point")


def decided(node: Node, at: Callable[[int], pointwise.Point]) -> bool | None:
    """Decide a statement with as many digits as it takes.

    Raises
    ------
    pointwise.Unknown
        When even the most digits do not decide.
    """
    for bits in pointwise.BITS[:-1]:
        try:
            return pointwise.holds(node, at(bits))
        except pointwise.TooLong:
            raise
        except pointwise.Unknown:
            continue
    return pointwise.holds(node, at(pointwise.BITS[-1]))
