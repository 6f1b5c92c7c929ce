"""Curves of counterexamples that start at a threshold, with coordinates that are polynomials in one real number.

At the threshold c0 they start from a point x0 where the conclusion holds with equality, and all coordinates, the
parameter too, are polynomials in a real t beyond theta, where c0 and x0 are polynomials in theta (theta is c0 itself
where x0 has coordinates in Q(c0)):

    c(t) = C(t) + k m(t),   x_i(t) = X_i(t) + k_i m(t),   m the minimal polynomial of theta.

The rates k are such that to first order every active hypothesis stays true and the conclusion becomes false.
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

from checks.engine.sharpen.faces import DIGITS
from checks.engine.sharpen.field import in_field
from checks.engine.sharpen.number import Threshold, thresholds
from checks.engine.sharpen.system import System

LARGEST_DEGREE, LARGEST_COEFFICIENT = 8, 10**6


@dataclass(frozen=True)
class Curve:
    """Texts of the parameter and of the other names in t, for t beyond theta."""

    theta: Threshold
    values: Mapping[str, str]
    up: bool = True


class Curves:
    """The curves at one claim; ``t`` is the name along them."""

    def __init__(self, system: System, others: Sequence[str], t: str, up: bool) -> None:
        self.system, self.parameter, self.others, self.t, self.up = system, system.parameter, list(others), t, up

    def _values(self, point: Mapping[str, mp.mpf]) -> dict[sp.Symbol, sp.Float]:
        full = {sp.Symbol(self.parameter): point[""], **{sp.Symbol(n): v for n, v in point.items() if n}}
        full = {s: sp.Float(str(v), 40) for s, v in full.items()}
        return {**{s: sp.Float(0) for s in self.system.symbols}, **full}

    def feasible(self, point: Mapping[str, mp.mpf]) -> bool:
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

    def through(self, c0: Threshold, point: Mapping[str, mp.mpf]) -> Iterator[Curve]:
        """Yield the curves from a point behind a threshold, at the working precision `DIGITS`."""
        values = {name: point.get(name, mp.mpf(0)) for name in self.others}
        for theta, up, anchor in self._thetas(c0, point, values):
            at = theta.digits(DIGITS - 5)
            degree = len(theta.polynomial) - 1
            places = {self.parameter: point[""], **values}
            start = {name: [0, 1] if name == anchor else field_line(x, at, degree) for name, x in places.items()}
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
            if field_line(x, mp.mpf(0), 1) is not None:
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


def field_line(x: mp.mpf, at: mp.mpf, degree: int) -> list[Fraction] | None:
    """Return rational coefficients of x as a polynomial of lower degree in a number, as far as the digits show."""
    return in_field(x, at, degree, 45, LARGEST_COEFFICIENT)


def _short(x: float) -> Fraction:
    """Return a short fraction within a few percent of a number, 0 for a tiny one."""
    if abs(x) < 1e-9:
        return Fraction(0)
    for size in (1, 2, 4, 8, 16, 64, 256, 4096):
        close = Fraction(x).limit_denominator(size)
        if abs(float(close) - x) <= 0.05 * abs(x):
            return close
    return Fraction(x).limit_denominator(10**6)
