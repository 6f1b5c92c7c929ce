"""Candidates: points with rational coordinates, or with coordinates in one real algebraic number."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import floor, lcm
from typing import Any

from checks.checker.algebraic_number import Alpha
from checks.checker.goal import Rejected
from checks.checker.kinds.algebraic import Point
from checks.engine.refute.statement import Statement

Line = tuple[Fraction, ...]


@dataclass(frozen=True)
class Root:
    """An irrational real root of an irreducible polynomial, with rational ends around it and no other root."""

    polynomial: Line
    low: Fraction
    high: Fraction

    @property
    def alpha(self) -> Alpha:
        """The checker's number."""
        return _alpha(self)

    def __float__(self) -> float:
        low, high = self.alpha.within(64)
        return float(low + high) / 2


@lru_cache(maxsize=4096)
def _alpha(root: Root) -> Alpha:
    return Alpha(list(root.polynomial), root.low, root.high)


@dataclass(frozen=True)
class Candidate:
    """Values of names: rational numbers, and polynomials in one root; ``roots`` are square roots in the same field."""

    rational: Mapping[str, Fraction]
    root: Root | None = None
    algebraic: Mapping[str, Line] | None = None
    roots: tuple[Line, ...] = ()

    def floats(self) -> dict[str, float]:
        """Return the point in floating point."""
        values = {name: _float(value) for name, value in self.rational.items()}
        if self.root is not None and self.algebraic:
            at = float(self.root)
            for name, line in self.algebraic.items():
                values[name] = sum(float(c) * at**k for k, c in enumerate(line))
        return values

    def refutes(self, statement: Statement) -> bool:
        """Return whether the point is a counterexample, exactly."""
        if self.root is None or not self.algebraic:
            return statement.refuted_by(self.rational)
        if set(self.algebraic) & statement.integers or any(
            self.rational[name].denominator != 1 for name in statement.integers
        ):
            return False
        try:
            alpha = self.root.alpha
        except Rejected:
            return False
        values = self._lines()
        return statement.refuted_at(lambda bits: Point(alpha, values, bits, [list(line) for line in self.roots]))

    def without(self, names: Collection[str]) -> Candidate:
        """Return the point without some names, whose values stay as ``roots``."""
        if not names:
            return self
        rational = {name: value for name, value in self.rational.items() if name not in names}
        lines = {name: line for name, line in (self.algebraic or {}).items() if name not in names}
        roots = tuple(line for name, line in (self.algebraic or {}).items() if name in names)
        signed = tuple(tuple(s * c for c in line) for line in roots for s in (1, -1))
        return Candidate(rational, self.root if lines else None, lines or None, signed if lines else ())

    def _lines(self) -> dict[str, list[Fraction]]:
        lines = {name: [value] if value else [] for name, value in self.rational.items()}
        return {**lines, **{name: list(line) for name, line in (self.algebraic or {}).items()}}

    def certificate(self) -> dict[str, Any]:
        """Return the certificate of the checker's kind ``point`` or ``algebraic``."""
        if self.root is None or not self.algebraic:
            values = {name: str(value) for name, value in sorted(self.rational.items())}
            return {"verdict": "refuted", "kind": "point", "values": values}
        return {
            "verdict": "refuted",
            "kind": "algebraic",
            **({"roots": [[str(c) for c in line] for line in self.roots]} if self.roots else {}),
            "alpha": {
                "polynomial": [str(c) for c in self.root.polynomial],
                "low": str(self.root.low),
                "high": str(self.root.high),
            },
            "values": {name: [str(c) for c in line] or ["0"] for name, line in sorted(self._lines().items())},
        }


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def real_roots(line: list[Fraction]) -> Iterator[Fraction | Root]:
    """Yield the distinct real roots of a polynomial (coefficients from the constant upwards), rational ones first."""
    import flint

    scale = lcm(*(c.denominator for c in line))
    whole = flint.fmpz_poly([int(c * scale) for c in line])
    if whole.degree() < 1:
        return
    irrational = []
    for factor, _ in whole.factor()[1]:
        entries = tuple(Fraction(int(c)) for c in factor.coeffs())
        if len(entries) == 2:
            yield -entries[0] / entries[1]
        elif len(entries) > 2:
            irrational.append((factor, entries))
    for factor, entries in irrational:
        zeros: list[Any] = list(factor.complex_roots())
        real = [float(zero.real.mid()) for zero, _ in zeros if zero.imag == 0]
        for at in sorted(real, key=lambda x: (abs(x), x < 0)):
            found = _isolated(entries, at)
            if found is not None:
                yield found


def _isolated(entries: Line, at: float) -> Root | None:
    """Return the root next to a float with short ends around it, or None where the float is too coarse."""
    for digits in range(0, 13):
        unit = Fraction(1, 10**digits)
        low = floor(Fraction(at) / unit) * unit
        root = Root(entries, low, low + unit)
        try:
            _ = root.alpha
        except Rejected:
            continue
        return root
    return None
