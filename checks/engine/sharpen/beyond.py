"""Certificates that a claim fails for every value of a parameter just beyond a threshold.

The counterexamples lie on a curve: at the threshold c0 they start from a point x0 where the conclusion holds with
equality, and all coordinates, the parameter too, are polynomials in a real t > theta, where c0 and x0 are polynomials
in theta (theta is c0 itself where x0 has coordinates in Q(c0)):

    c(t) = C(t) + k m(t),   x_i(t) = X_i(t) + k_i m(t),   m the minimal polynomial of theta.

The rates k are such that to first order every active hypothesis stays true and the conclusion becomes false.  The
certificate is one of kind ``negation``: t is quantified existentially, confined to (theta, theta + w).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from checks.checker.goal import lines
from checks.checker.grammar import names
from checks.engine.budget import Budget
from checks.engine.checking import CHECKER
from checks.engine.quantified import negation
from checks.engine.refute.search import find_point
from checks.engine.sharpen.faces import DIGITS, Candidate
from checks.engine.sharpen.number import Threshold, thresholds
from checks.engine.sharpen.system import System

LARGEST_DEGREE, LARGEST_COEFFICIENT = 8, 10**6
WIDTHS = (Fraction(1, 100), Fraction(1, 10**5))


@dataclass(frozen=True)
class Curve:
    """Texts of the parameter and of the other names in t, for t beyond theta."""

    theta: Threshold
    values: Mapping[str, str]
    up: bool = True


class Beyond:
    """The search for a certificate at one claim."""

    def __init__(self, formal: Mapping[str, Any], exists: Sequence[str], system: System, up: bool) -> None:
        self.formal, self.exists, self.system, self.up = formal, list(exists), system, up
        found = set().union(*(names(line) for key in ("given", "show") for line in lines(formal, key)))
        self.parameter = system.parameter
        self.others = sorted(found - {self.parameter} - set(exists))
        self.t = next(n for n in ("t", *(f"t{i}" for i in range(99))) if n not in found)

    def certificate(self, candidate: Candidate, budget: Budget) -> dict[str, Any] | None:
        """Return an accepted certificate, or None."""
        tried: list[Curve] = []
        for curve in self._curves(candidate, budget):
            if budget.spent():
                return None
            if curve in tried:
                continue
            tried.append(curve)
            theta = curve.theta
            for width in WIDTHS:
                near = theta.within(width / 100)
                low, high = (near.low, near.high + width) if curve.up else (near.low - width, near.high)
                if not theta.is_rational and not theta.alone(low, high):
                    continue
                own = theta.beyond(self.t, curve.up, low, high)
                statement = {
                    **self.formal,
                    "given": [*self.formal.get("given", ()), *own],
                    "exists": [*self.exists, self.t],
                }
                found = negation(statement, budget.part(1.5), [curve.values])
                if found is not None and CHECKER.ask(statement, found)[0]:
                    return found
        return None

    def there(self, candidate: Candidate, budget: Budget) -> dict[str, Any] | None:
        """Return an accepted counterexample with the parameter equal to an irrational threshold, or None."""
        c0 = candidate.at
        if c0.is_rational or self.exists:
            return None
        near, degree = c0.within(Fraction(1, 1000)), len(c0.polynomial) - 1
        alpha = {"polynomial": [str(c) for c in c0.polynomial], "low": str(near.low), "high": str(near.high)}
        with mp.workdps(DIGITS):
            at = c0.digits(DIGITS - 5)
            points = [p for p in islice(candidate.points(), 40) if self._feasible(p)]
            for point, free in product(points, (Fraction(0), Fraction(1, 2), Fraction(1))):
                if budget.spent():
                    break
                values = {name: _in_field(point[name], at, degree) if name in point else [free] for name in self.others}
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
            own = f"{self.t} {sign} ({bound})"
            statement = {
                **self.formal,
                "given": [*self.formal.get("given", ()), own],
                "exists": [*self.exists, self.t],
            }
            far = [f"{self.parameter} {sign} ({bound})"]
            found = negation(
                statement, budget.part(2.0), ({self.parameter: self.t, **v} for v in self._near(far, 0, Fraction(0)))
            )
            if found is not None and CHECKER.ask(statement, found)[0]:
                return found
        return None

    def _near(self, inside: list[str], at: int, c: Fraction) -> Iterator[dict[str, str]]:
        """Yield constants, and small multiples of the parameter, from a counterexample that is found."""
        given = [*self.formal.get("given", ()), *inside]
        point = find_point({**self.formal, "given": given}, Budget(0.5), rational=True)
        if point is None:
            return
        others = {n: Fraction(v) for n, v in point["values"].items() if n in self.others}
        yield {n: str(v) for n, v in others.items()}
        for k in ("1", "-1", "2", "-2", "1/2", "-1/2"):
            yield dict.fromkeys(others, f"({k})*{self.t}")

    def _growing(self, inside: list[str]) -> Iterator[dict[str, str]]:
        """Yield points with one coordinate that grows as the parameter tends to 0, the others from a counterexample."""
        given = [*self.formal.get("given", ()), *inside]
        point = find_point({**self.formal, "given": given}, Budget(0.5), rational=True)
        if point is None:
            return
        others = {n: str(Fraction(v)) for n, v in point["values"].items() if n in self.others}
        side = 1 if self.up else -1
        for name, power, k in product(others, (1, 2), (1, 2, -1, -2)):
            if (k > 0) == (Fraction(others[name]) > 0):
                yield {**others, name: f"({k * side})/{self.t}" if power == 1 else f"({k})/{self.t}**2"}

    def _curves(self, candidate: Candidate, budget: Budget) -> Iterator[Curve]:
        c0 = candidate.at
        if not self.others:
            yield Curve(c0, {self.parameter: self.t}, self.up)
            return
        if c0.is_rational:
            width = Fraction(1, 1000)
            inside = [
                f"{self.parameter} > ({c0.low if self.up else c0.low - width})",
                f"{self.parameter} < ({c0.low + width if self.up else c0.low})",
            ]
            yield from (
                Curve(c0, {self.parameter: self.t, **v}, self.up) for v in islice(self._near(inside, 1, c0.low), 1)
            )
            if c0.low == 0:
                yield from (Curve(c0, {self.parameter: self.t, **v}, self.up) for v in self._growing(inside))
        with mp.workdps(DIGITS):
            points = [p for p in islice(candidate.points(), 40) if self._feasible(p)]
            fields = [(c0, p) for p in points]
        for c, point in fields:
            if budget.spent():
                return
            with mp.workdps(DIGITS):
                yield from self._through(c, point)

    def _values(self, point: Mapping[str, mp.mpf]) -> dict[sp.Symbol, sp.Float]:
        full = {sp.Symbol(self.parameter): point[""], **{sp.Symbol(n): v for n, v in point.items() if n}}
        full = {s: sp.Float(str(v), 40) for s, v in full.items()}
        return {**{s: sp.Float(0) for s in self.system.symbols}, **full}

    def _feasible(self, point: Mapping[str, mp.mpf]) -> bool:
        """Return whether a point is in the closure of the domain, to many digits."""
        at = self._values(point)
        for top, bottom in self.system.given:
            a, b = top.subs(at), bottom.subs(at)
            if not (a.is_number and b.is_number) or float(a) * float(b) < -1e-15:
                return False
        for node, symbol in self.system.auxiliary.items():
            if (node[0] == "root" or node[1] == "abs") and float(at[symbol]) < -1e-15:
                return False
        return True

    def _through(self, c0: Threshold, point: Mapping[str, mp.mpf]) -> Iterator[Curve]:
        values = {name: point.get(name, mp.mpf(0)) for name in self.others}
        for theta, up, anchor in self._thetas(c0, point, values):
            at = theta.digits(DIGITS - 5)
            degree = len(theta.polynomial) - 1
            places = {self.parameter: point[""], **values}
            start = {name: [0, 1] if name == anchor else _in_field(x, at, degree) for name, x in places.items()}
            if any(line is None for line in start.values()) or not self._exact(c0, theta, start[self.parameter]):
                continue
            slow = self._at_zero(point) if anchor == self.parameter else []
            for late in (slow, []) if slow else ([],):
                for rates in self._rates(point, anchor, 1.0 if up else -1.0, late):
                    yield Curve(theta, self._texts(theta, at, anchor, start, rates, late), up)

    def _thetas(
        self, c0: Threshold, point: Mapping[str, mp.mpf], values: Mapping[str, mp.mpf]
    ) -> Iterator[tuple[Threshold, bool, str]]:
        """Yield numbers in whose field all may lie: the threshold, else a coordinate."""
        yield c0, self.up, self.parameter
        for name, x in values.items():
            if _in_field(x, mp.mpf(0), 1) is not None:
                continue
            line = mp.findpoly(x, LARGEST_DEGREE, maxcoeff=LARGEST_COEFFICIENT, tol=mp.mpf(10) ** (-50), maxsteps=20000)
            if not line:
                continue
            p = sp.Poly([int(v) for v in line], sp.Symbol("x"))
            for factor, _ in p.factor_list()[1]:
                for number in thresholds([int(v) for v in reversed(factor.all_coeffs())]):
                    if abs(float(number) - float(x)) < 1e-12 * max(1.0, abs(float(x))):
                        for up in (True, False):
                            yield number, up, name

    def _exact(self, c0: Threshold, theta: Threshold, line: Any) -> bool:
        """Return whether the polynomial for the parameter has the value c0 at theta, exactly."""
        t = sp.Symbol("t")
        at = sum(
            (sp.Rational(c.numerator, c.denominator) * t**k for k, c in enumerate(map(Fraction, line))), sp.Integer(0)
        )
        image = sum((c * at**k for k, c in enumerate(c0.polynomial)), sp.Integer(0))
        modulus = sp.Poly(list(reversed(theta.polynomial)), t, domain="QQ")
        return bool(sp.Poly(image, t, domain="QQ").rem(modulus).is_zero)

    def _at_zero(self, point: Mapping[str, mp.mpf]) -> list[str]:
        """Return names that a hypothesis bounds from below by zero, and that are zero at a point."""
        at = self._values(point)
        bounded = {str(top) for top, bottom in self.system.given if top.is_Symbol and bottom == 1}
        return [name for name in self.others if name in bounded and float(at[sp.Symbol(name)]) == 0]

    def _rates(
        self, point: Mapping[str, mp.mpf], anchor: str, direction: float, slow: Sequence[str] = ()
    ) -> Iterator[dict[str, float]]:
        """Yield velocities of the names along which the hypotheses stay true and the conclusion fails, to first order.

        The slow names leave their place later: to first order they stay there, and the conclusion is taken there.

        That of the parameter is 1 towards the failing side; where the curve is given in another name, the anchor, that
        one moves with velocity 1 in its direction.
        """
        from scipy.optimize import linprog

        at = self._values(point)
        names_ = [sp.Symbol(self.parameter), *self.system.symbols]
        side = 1.0 if self.up else -1.0

        def gradient(pair: tuple[sp.Expr, sp.Expr]) -> list[float] | None:
            top, bottom = pair
            value, scale = float(top.subs(at)), float(sp.sympify(bottom).subs(at))
            if abs(value) > 1e-15 or not scale:
                return None
            return [float(sp.diff(top, s).subs(at)) * (1.0 if scale > 0 else -1.0) for s in names_]

        active = [g for g in map(gradient, self.system.given) if g is not None]
        equations = [g for g in (gradient((p, sp.Integer(1))) for p in self.system.equations) if g is not None]
        still = {sp.Symbol(name): sp.Integer(0) for name in slow}
        shown = [tuple(sp.sympify(side).subs(still) for side in pair) if still else pair for pair in self.system.show]
        if still:
            active = [g for g in active if any(v for s, v in zip(names_, g, strict=True) if s not in still)]
        for falsified in [w for top, bottom in shown for w in _falsified((top, bottom), at)] or [[]]:
            lines_ = [[float(sp.diff(f, s).subs(at)) * sign for s in names_] for f, sign in falsified]
            for strict in (1.0, 0.0):
                rows, right = [], []
                for g in active:
                    if any(g[1:]) or g[0] * side < 0:
                        rows.append([*(-v for v in g[1:]), strict])
                        right.append(g[0] * side)
                for line in lines_:
                    rows.append([*(-v for v in line[1:]), 1.0])
                    right.append(line[0] * side)
                equal = [[*g[1:], 0.0] for g in equations]
                found = linprog(
                    [*(0.0 for _ in names_[1:]), -1.0],
                    A_ub=np.array(rows) if rows else None,
                    b_ub=right or None,
                    A_eq=np.array(equal) if equal else None,
                    b_eq=[-g[0] * side for g in equations] or None,
                    bounds=[
                        *(
                            (direction,) * 2 if str(s) == anchor else (0.0, 0.0) if s in still else (-8.0, 8.0)
                            for s in names_[1:]
                        ),
                        (0.0, 1.0),
                    ],
                )
                if found.status != 0 or found.x is None:
                    continue
                # where first order does not decide, a slower motion may
                for scale in (1.0, 0.125) if anchor == self.parameter else (1.0,):
                    moved = {str(s): scale * float(v) for s, v in zip(names_[1:], found.x, strict=False)}
                    yield {self.parameter: side, **moved}
        yield {}

    def _texts(
        self,
        theta: Threshold,
        at: mp.mpf,
        anchor: str,
        start: Mapping[str, Any],
        rates: Mapping[str, float],
        slow: Sequence[str] = (),
    ) -> dict[str, str]:
        slope = float(sum(k * c * at ** (k - 1) for k, c in enumerate(theta.polynomial) if k))
        texts = {}
        for name, line in start.items():
            if name == anchor:
                texts[name] = self.t
                continue
            text = " + ".join(f"({c})*{self.t}**{k}" if k else f"({c})" for k, c in enumerate(line) if c) or "0"
            if rates:
                wanted = rates.get(name, 0.0) / rates.get(anchor, 1.0)
                natural = float(
                    sum(
                        k * mp.mpf(c.numerator) / c.denominator * at ** (k - 1)
                        for k, c in enumerate(map(Fraction, line))
                        if k
                    )
                )
                rate = _short((wanted - natural) / slope)
                if rate:
                    text += f" + ({rate})*({theta.text(self.t)})"
            texts[name] = text + (f" + ({theta.text(self.t)})**3" if name in slow else "")
        return texts


def _falsified(
    pair: tuple[sp.Expr, sp.Expr], at: Mapping[sp.Symbol, sp.Float]
) -> Iterator[list[tuple[sp.Expr, float]]]:
    """Yield the signs of the factors that vanish at a point with which the quotient is negative near it."""
    top, bottom = pair
    constant, factors = sp.factor_list(top)
    rest = float(constant) * float(sp.sympify(bottom).subs(at))
    vanishing = []
    for f, e in factors:
        value = float(f.subs(at))
        if abs(value) < 1e-15:
            vanishing.append((f, int(e)))
        else:
            rest *= value**e
    if not vanishing or not rest:
        return
    for signs in islice(product((1.0, -1.0), repeat=len(vanishing)), 16):
        total = rest
        for (_, e), sign in zip(vanishing, signs, strict=True):
            total *= sign**e
        if total < 0:
            yield [(f, sign) for (f, _), sign in zip(vanishing, signs, strict=True)]


def _in_field(x: mp.mpf, at: mp.mpf, degree: int) -> list[Fraction] | None:
    """Return rational coefficients of x as a polynomial of lower degree in a number, as far as the digits show."""
    if abs(x) < mp.mpf(10) ** (-40):
        return [Fraction(0)]
    basis = [x, *(at**k for k in range(degree))]
    found = mp.pslq(basis, tol=mp.mpf(10) ** (-45), maxcoeff=LARGEST_COEFFICIENT, maxsteps=20000)
    if not found or not found[0]:
        return None
    return [Fraction(-c, found[0]) for c in found[1:]]


def _short(x: float) -> Fraction:
    """Return a short fraction within a few percent of a number, 0 for a tiny one."""
    if abs(x) < 1e-9:
        return Fraction(0)
    for size in (1, 2, 4, 8, 16, 64, 256, 4096):
        close = Fraction(x).limit_denominator(size)
        if abs(float(close) - x) <= 0.05 * abs(x):
            return close
    return Fraction(x).limit_denominator(10**6)
