"""A counterexample whose coordinates are polynomials, with rational coefficients, in one real algebraic number.

Rational operations, absolute values, minima, maxima, and square roots that the certificate names are decided exactly;
other functions by enclosures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from checks.checker import pointwise
from checks.checker.algebraic_number import Alpha, enclosed, plus, trimmed
from checks.checker.goal import Rejected, fraction
from checks.checker.grammar import LARGEST_EXPONENT, Node
from checks.checker.kinds import instance
from checks.checker.roots import Coefficients

Quotient = tuple[Coefficients, Coefficients]


class Point(pointwise.Point):
    """A point whose coordinates are polynomials in alpha."""

    def __init__(
        self,
        alpha: Alpha,
        coordinates: Mapping[str, Coefficients],
        bits: int,
        roots: Sequence[Coefficients] = (),
    ) -> None:
        self.alpha, self.coordinates, self.roots, around = alpha, coordinates, roots, alpha.within(bits)
        super().__init__({n: enclosed(line, around) for n, line in coordinates.items()}, bits=bits, rounding=True)

    def sign(self, node: Node) -> int:
        """Return the exact sign of a number built by rational operations, absolute values, minima and maxima."""
        top, bottom = self._quotient(node)
        return self.alpha.sign(top) * self.alpha.sign(bottom)

    def _quotient(self, node: Node) -> Quotient:
        """Return numerator and denominator as polynomials in alpha, the denominator not zero."""
        kind, one = node[0], [Fraction(1)]
        if kind == "number":
            return trimmed([node[1]]), one
        if kind == "name":
            return self.coordinates[node[1]], one
        if kind == "**":
            exponent, end = pointwise.number(node[2], self)
            if exponent != end or exponent.denominator != 1 or abs(exponent) > LARGEST_EXPONENT:
                raise pointwise.Unknown("a power that is no small integer")
            base = self._quotient(node[1])
            return self._power(base if exponent >= 0 else self._inverse(base), abs(int(exponent)))
        if kind == "call" and node[1] in ("abs", "min", "max"):
            if node[1] == "abs":
                return self._quotient(
                    node[2][0] if self.sign(node[2][0]) >= 0 else ("-", ("number", Fraction(0)), node[2][0])
                )
            best, *others = node[2]
            for other in others:
                if self.sign(("-", other, best)) == (1 if node[1] == "max" else -1):
                    best = other
            return self._quotient(best)
        if kind == "call" and node[1] == "sqrt" and (found := self._root(node[2][0])) is not None:
            return found, one
        if kind not in ("+", "-", "*", "/"):
            low, high = pointwise.number(node, self)
            if low != high:
                raise pointwise.Unknown("a function of an algebraic number")
            return trimmed([low]), one
        times = self.alpha.times
        (a, b), (c, d) = self._quotient(node[1]), self._quotient(node[2])
        if kind == "/":
            c, d = self._inverse((c, d))
        if kind in ("*", "/"):
            return times(a, c), times(b, d)
        return plus(times(a, d), times(c, b), 1 if kind == "+" else -1), times(b, d)

    def _root(self, node: Node) -> Coefficients | None:
        """Return the square root of a number where it is one of the certificate's roots."""
        top, bottom = self._quotient(node)
        for root in self.roots:
            square = self.alpha.times(self.alpha.times(root, root), bottom)
            if self.alpha.sign(root) >= 0 and not self.alpha.sign(plus(square, top, -1)):
                return root
        return None

    def _inverse(self, quotient: Quotient) -> Quotient:
        if not self.alpha.sign(quotient[0]):
            raise pointwise.Undefined("division by zero")
        return quotient[1], quotient[0]

    def _power(self, base: Quotient, exponent: int) -> Quotient:
        top, bottom = [Fraction(1)], [Fraction(1)]
        for digit in bin(exponent)[2:]:
            for factor in ((top, bottom), base)[: 1 + int(digit)]:
                top, bottom = self.alpha.times(top, factor[0]), self.alpha.times(bottom, factor[1])
        return top, bottom


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a counterexample to a ``forall`` statement without index sets.

    Raises
    ------
    Rejected
        When a hypothesis is not shown to hold at the point, or no conclusion to fail there.
    """
    if formal.get("index"):
        raise Rejected("an algebraic point gives no entries of families")
    raw = certificate["alpha"]
    alpha = Alpha([fraction(c) for c in raw["polynomial"]], fraction(raw["low"]), fraction(raw["high"]))
    given = certificate["values"].items()
    values = {name: alpha.reduced([fraction(c) for c in line]) for name, line in given}
    for name in formal.get("integers", ()):
        if len(values[name]) > 1 or any(c.denominator != 1 for c in values[name]):
            raise Rejected(f"{name} is not shown to be an integer")
    hints = [alpha.reduced([fraction(c) for c in line]) for line in certificate.get("roots", ())]
    instance.refute(formal, lambda bits: Point(alpha, values, bits, hints))
