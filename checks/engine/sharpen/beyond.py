"""Certificates that a claim fails at a threshold, or for every value of the parameter just beyond it.

The counterexamples lie on a curve (`checks.engine.sharpen.curves`) in a real t that is quantified existentially and
confined to (theta, theta + w): the certificate is one of kind ``negation``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

import mpmath as mp

from checks.checker.goal import lines
from checks.checker.grammar import names
from checks.engine.budget import Budget
from checks.engine.checking import CHECKER
from checks.engine.quantified import negation
from checks.engine.refute.search import find_point
from checks.engine.sharpen.curves import Curve, Curves, field_line
from checks.engine.sharpen.faces import DIGITS, Candidate
from checks.engine.sharpen.failing import fails_along
from checks.engine.sharpen.statement import assuming, choosing, fresh
from checks.engine.sharpen.system import System

WIDTHS = (Fraction(1, 100), Fraction(1, 10**5))
# how far past a threshold a counterexample is looked for
NEAR = (Fraction(1, 1000), Fraction(1, 16))
# coordinates of a counterexample up to so many times its distance from the threshold may shrink with it
SMALL = 16


class Beyond:
    """The search for a certificate at one claim."""

    def __init__(self, formal: Mapping[str, Any], exists: Sequence[str], system: System, up: bool) -> None:
        self.formal, self.exists, self.system, self.up = formal, list(exists), system, up
        self.nodes = {key: lines(formal, key) for key in ("given", "show")}
        found = set().union(*(names(line) for key in self.nodes for line in self.nodes[key]))
        self.parameter = system.parameter
        self.others = sorted(found - {self.parameter} - set(exists))
        self.t = fresh(formal, exists)
        self.curves = Curves(system, self.others, self.t, up)

    def certificate(self, candidate: Candidate, budget: Budget) -> dict[str, Any] | None:
        """Return an accepted certificate that the claim fails just beyond a candidate, or None."""
        tried: list[Curve] = []
        for curve in self._curves(candidate, budget):
            if budget.spent():
                return None
            if curve in tried:
                continue
            tried.append(curve)
            theta = curve.theta
            if not self._plausible(curve):
                continue
            for width in WIDTHS:
                near = theta.within(width / 100)
                low, high = (near.low, near.high + width) if curve.up else (near.low - width, near.high)
                if not theta.is_rational and not theta.alone(low, high):
                    continue
                statement = choosing(self.formal, self.exists, self.t, *theta.beyond(self.t, curve.up, low, high))
                found = negation(statement, budget.part(1.5), [curve.values])
                if found is not None and CHECKER.ask(statement, found)[0]:
                    return found
        return None

    def _plausible(self, curve: Curve) -> bool:
        """Return whether points near the start of a curve look like counterexamples."""
        if self.exists or self.formal.get("index") or "taylor" in str(self.nodes):
            return True
        side = 1 if curve.up else -1
        with mp.workdps(DIGITS):
            start = curve.theta.digits(DIGITS)
            places = [start + side * mp.mpf(10) ** -k for k in (6, 8)]
            return fails_along(self.nodes, curve.values, self.t, places)

    def there(self, candidate: Candidate, budget: Budget) -> dict[str, Any] | None:
        """Return an accepted counterexample with the parameter equal to an irrational threshold, or None."""
        c0 = candidate.at
        if c0.is_rational or self.exists:
            return None
        near, degree = c0.within(Fraction(1, 1000)), len(c0.polynomial) - 1
        alpha = {"polynomial": [str(c) for c in c0.polynomial], "low": str(near.low), "high": str(near.high)}
        with mp.workdps(DIGITS):
            at = c0.digits(DIGITS - 5)
            points = filter(self.curves.feasible, candidate.points())
            for point, free in product(points, (Fraction(0), Fraction(1, 2), Fraction(1))):
                if budget.spent():
                    break
                values = {
                    name: field_line(point[name], at, degree) if name in point else [free] for name in self.others
                }
                if any(line is None for line in values.values()):
                    continue
                texts = {name: [str(c) for c in line or ()] for name, line in values.items()}
                found = {"verdict": "refuted", "kind": "algebraic", "alpha": alpha}
                found["values"] = {self.parameter: ["0", "1"], **texts}
                if CHECKER.ask(self.formal, found)[0]:
                    return found
        return None

    def at_infinity(self, budget: Budget) -> dict[str, Any] | None:
        """Return a certificate that the claim fails for all parameters past some bound."""
        sign = "<" if self.up else ">"
        for bound in (-1, -1000) if self.up else (1, 1000):
            statement = choosing(self.formal, self.exists, self.t, f"{self.t} {sign} ({bound})")
            near = self._counterexample(f"{self.parameter} {sign} ({bound})", budget=budget)
            values = ({self.parameter: self.t, **v} for v in self._constants(near))
            found = negation(statement, budget.part(2.0), values)
            if found is not None and CHECKER.ask(statement, found)[0]:
                return found
        return None

    def _counterexample(self, *inside: str, budget: Budget) -> dict[str, Fraction]:
        """Return a rational counterexample under bounds on the parameter, or nothing."""
        point = find_point(assuming(self.formal, *inside), budget.part(0.5), rational=True)
        return {} if point is None else {n: Fraction(v) for n, v in point["values"].items()}

    def _constants(self, near: Mapping[str, Fraction]) -> Iterator[dict[str, str]]:
        """Yield constants, and multiples of the parameter, from a counterexample."""
        if near:
            yield {n: str(near[n]) for n in self.others}
            for k in ("1", "-1", "2", "-2", "1/2", "-1/2"):
                yield dict.fromkeys(self.others, f"({k})*{self.t}")

    def _scaled(self, near: Mapping[str, Fraction], c0: Fraction) -> Iterator[dict[str, str]]:
        """Yield a counterexample whose small coordinates shrink with the distance of the parameter from a number."""
        way = near.get(self.parameter, c0) - c0
        small = [n for n in self.others if near.get(n) and abs(near[n]) <= SMALL * abs(way)]
        if small:
            yield {n: f"({near[n] / way})*({self.t} - ({c0}))" if n in small else str(near[n]) for n in self.others}

    def _growing(self, near: Mapping[str, Fraction]) -> Iterator[dict[str, str]]:
        """Yield points with one coordinate that grows as the parameter tends to 0, the others from a counterexample."""
        side = 1 if self.up else -1
        for name, power, k in product(self.others if near else (), (1, 2), (1, 2, -1, -2)):
            if (k > 0) == (near[name] > 0):
                grown = f"({k * side})/{self.t}" if power == 1 else f"({k})/{self.t}**2"
                yield {**{n: str(near[n]) for n in self.others}, name: grown}

    def _curves(self, candidate: Candidate, budget: Budget) -> Iterator[Curve]:
        c0 = candidate.at
        if not self.others:
            yield Curve(c0, {self.parameter: self.t}, self.up)
            return
        points, near = candidate.points(), dict[str, Fraction]()
        if c0.is_rational or any(n not in point for point in points for n in self.others):
            end = c0.within(NEAR[0] / 1000)
            for reach in NEAR:
                low, high = (end.high, end.high + reach) if self.up else (end.low - reach, end.low)
                own = f"{self.parameter} > ({low})", f"{self.parameter} < ({high})"
                near = near or self._counterexample(*own, budget=budget)
        if c0.is_rational:
            growing = self._growing(near) if c0.low == 0 else ()
            for values in (*islice(self._constants(near), 1), *self._scaled(near, c0.low), *growing):
                yield Curve(c0, {self.parameter: self.t, **values}, self.up)
        for point in points:
            # what the point leaves open is zero, or as in a counterexample nearby
            rest = {
                n: mp.mpf(v.numerator) / v.denominator for n, v in near.items() if n in self.others and n not in point
            }
            for full in (point, {**rest, **point}) if rest else (point,):
                if budget.spent():
                    return
                with mp.workdps(DIGITS):
                    if self.curves.feasible(full):
                        yield from self.curves.through(c0, full)
