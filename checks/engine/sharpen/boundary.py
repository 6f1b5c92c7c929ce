"""Candidate thresholds of claims with any differentiable functions: where the boundary of the conclusion is extremal.

A counterexample nearest to the claim minimises the parameter (maximises it, for a lower bound) among the points where
the hypotheses hold and a conclusion does not.  With the conclusion p >= 0 and active hypotheses g_i >= 0 it solves

    p = g_1 = ... = g_k = 0,    dp/dx + sum_i lambda_i dg_i/dx = 0,

found in floating point and refined to many digits.  With one other variable, and p linear in the parameter, the bound
is an explicit function f(x), whose extrema and limits at the ends of the domain are taken instead.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath as mp
import numpy as np

from checks.checker.goal import comparison, constant, lines, pieces
from checks.checker.grammar import Node, names
from checks.checker.kinds.functions import inside
from checks.checker.kinds.path import derivative, smooth
from checks.engine.budget import Budget
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.profile import TINY, profile
from checks.engine.sharpen.recognise import DIGITS, Number, recognised
from checks.engine.unparse import unparse

SIGNS = ("<", "<=", ">", ">=")
STARTS, MOST_VARIABLES = 12, 4
# how far inside the failing side the search in floating point stays, and what it takes for zero
INSIDE, ZERO = 1e-7, 1e-4


@dataclass(frozen=True)
class Located:
    """A candidate threshold and the point behind it; a coordinate is a text, ``oo``, ``-oo``, or None: not known."""

    at: Number
    point: Mapping[str, str | None]


class Boundary:
    """The search at one claim."""

    def __init__(self, formal: Mapping[str, Any], parameter: str, up: bool, budget: Budget) -> None:
        self.parameter, self.up, self.budget = parameter, up, budget
        given, show = ([piece for node in lines(formal, key) for piece in pieces(node)] for key in ("given", "show"))
        self.given = [_exponential(_gap(node)) for node in given if _plain(node)]
        self.show = [_exponential(_gap(node)) for node in show if _plain(node)]
        self.equal = [
            _gap(comparison(node[2][0], ">=", node[2][1])) for node in given if node[:2] == ("compare", ("==",))
        ]
        found = set().union(*(names(g) for g in (*self.given, *self.show, *self.equal)), {parameter})
        self.others = sorted(found - {parameter})
        self.hints = sorted({unparse(part) for g in (*self.given, *self.show) for part in _constants(g)})[:6]
        self.hints = [h for h in self.hints if h not in ("pi", "exp(1)")]

    def candidates(self) -> list[Located]:
        """Return the candidates, the nearest to the claim first."""
        if len(self.others) > MOST_VARIABLES:
            return []
        found: list[tuple[mp.mpf, dict[str, mp.mpf]]] = []
        with mp.workdps(DIGITS), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for p in self.show:
                if self.budget.spent():
                    break
                if len(self.others) == 1 and not self.equal:
                    found += profile(p, self.given, self.others[0], self.parameter, self.up)
                found += self._extremal(p)
            found.sort(key=lambda entry: (entry[0] if self.up else -entry[0], sum(map(abs, entry[1].values()))))
            return list(self._located(found))

    def _located(self, found: list[tuple[mp.mpf, dict[str, mp.mpf]]]) -> Iterator[Located]:
        seen: list[tuple[mp.mpf, ...]] = []
        unknown: list[Located] = []
        for c, point in found:
            key = (c, *point.values())
            if any(len(k) == len(key) and all(_same(a, b) for a, b in zip(k, key, strict=True)) for k in seen):
                continue
            seen.append(key)
            if self.budget.spent() or len(seen) > 12:
                break
            at = next(recognised(c, self.hints), None)
            if at is None:
                continue
            located = Located(at, {name: self._coordinate(x) for name, x in point.items()})
            if None in located.point.values():
                unknown.append(located)
            else:
                yield located
        yield from unknown

    def _coordinate(self, x: mp.mpf) -> str | None:
        if mp.isinf(x):
            return "oo" if x > 0 else "-oo"
        found = next(recognised(x, self.hints), None)
        text = None if found is None else found.value("x")
        return None if text is None or text.startswith("root of") else text

    def _extremal(self, p: Node) -> Iterator[tuple[mp.mpf, dict[str, mp.mpf]]]:
        if not all(smooth(g, n) for g in (p, *self.given, *self.equal) for n in (self.parameter, *self.others)):
            return
        order = [self.parameter, *self.others]
        slopes = {g: [derivative(g, n) for n in order] for g in (p, *self.given, *self.equal)}
        for start in _minima(order, p, self.given, self.equal, self.up, self.budget):
            at = {n: mp.mpf(v) for n, v in zip(order, start, strict=True)}
            try:
                active = [g for g in self.given if abs(value(g, at)) < ZERO]
            except (ArithmeticError, ValueError):
                continue
            if len(active) + len(self.equal) > len(self.others) + 1:
                continue
            with suppress(ArithmeticError, ValueError, KeyError):
                refined = _refined(order, p, [*active, *self.equal], slopes, at)
                if refined is not None:
                    yield from self._scaled(p, refined)

    def _scaled(self, p: Node, at: dict[str, mp.mpf]) -> Iterator[tuple[mp.mpf, dict[str, mp.mpf]]]:
        """Yield a point; before it, where the claim is homogeneous, its multiples with a coordinate of size one."""
        for name in self.others:
            if abs(at[name]) < TINY or abs(abs(at[name]) - 1) < TINY:
                continue
            near = {n: at[n] if n == self.parameter else at[n] / abs(at[name]) for n in at}
            with suppress(ArithmeticError, ValueError):
                if abs(value(p, near)) < TINY and all(value(g, near) > -TINY for g in self.given):
                    yield at[self.parameter], {n: near[n] for n in self.others}
        yield at[self.parameter], {n: at[n] for n in self.others}


def _gap(node: Node) -> Node:
    (sign,), (a, b) = node[1:]
    return ("-", b, a) if sign in ("<", "<=") else ("-", a, b)


def _exponential(node: Node) -> Node:
    """Write powers with exponents that are no numbers as exponentials."""
    if node[0] == "**" and constant(node[2]) is None:
        base, raised = map(_exponential, node[1:])
        return ("call", "exp", (("*", raised, ("call", "log", (base,))),))
    if node[0] == "call":
        return (*node[:2], tuple(map(_exponential, node[2])))
    return (node[0], *map(_exponential, node[1:])) if node[0] in ("+", "-", "*", "/", "**") else node


def _plain(node: Node) -> bool:
    return bool(node[0] == "compare" and len(node[1]) == 1 and node[1][0] in SIGNS)


def _constants(node: Node) -> Iterator[Node]:
    """Yield the function terms without names in an expression."""
    if node[0] == "call" and not names(node):
        yield node
        return
    for part in inside(node):
        yield from _constants(part)


def _same(a: mp.mpf, b: mp.mpf) -> bool:
    return bool(a == b or abs(a - b) < mp.mpf(10) ** (-30) * max(1, abs(a)))


def _minima(
    order: list[str], p: Node, given: list[Node], equal: list[Node], up: bool, budget: Budget
) -> Iterator[list[float]]:
    """Yield local optima of the parameter over the points where the hypotheses hold and p < 0, in floating point."""
    from scipy.optimize import minimize

    from checks.engine.refute.screen import Screen

    def number(node: Node, z: Any) -> float:
        screen = Screen({n: np.array([v]) for n, v in zip(order, z, strict=True)}, 1)
        found = float(screen.number(node)[0][0])
        return found if np.isfinite(found) else -1e9

    side = 1.0 if up else -1.0
    fails: Node = ("-", ("number", Fraction(-1, 10**7)), p)
    constraints = [{"type": "ineq", "fun": lambda z, g=g: number(g, z)} for g in (*given, fails)]
    constraints += [{"type": "eq", "fun": lambda z, g=g: number(g, z)} for g in equal]
    rng = np.random.default_rng(0)
    seen: list[Any] = []
    for trial in range(STARTS):
        if budget.spent():
            return
        start = np.abs(rng.normal(size=len(order))) * (1 + trial / 4)
        start *= 1 if trial % 2 else rng.choice([-1, 1], size=len(order))
        with suppress(ValueError, ArithmeticError):
            found = minimize(
                lambda z: side * z[0],
                start,
                bounds=[(-1e4, 1e4)] * len(order),
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 80, "ftol": 1e-12},
            )
            z = found.x
            good = np.isfinite(z).all() and all(number(g, z) > -1e-6 for g in (*given, fails)) and abs(z[0]) < 9e3
            if good and not any(np.max(np.abs(z - other)) < 1e-4 for other in seen):
                seen.append(z)
    yield from sorted((list(map(float, z)) for z in seen), key=lambda z: side * z[0])


def _refined(
    order: list[str], p: Node, active: list[Node], slopes: Mapping[Node, list[Node]], at: Mapping[str, mp.mpf]
) -> dict[str, mp.mpf] | None:
    """Return the solution of the conditions at an optimum near a point, to many digits."""
    size, count = len(order), len(active)
    matrix = np.array([[float(value(s, at)) for s in slopes[g][1:]] for g in (*active, p)]).reshape(count + 1, size - 1)
    rates = np.linalg.lstsq(matrix[:-1].T, -matrix[-1], rcond=None)[0] if count and size > 1 else np.zeros(count)

    def conditions(*z: mp.mpf) -> list[mp.mpf]:
        here = dict(zip(order, z[:size], strict=True))
        found = [value(g, here) for g in (p, *active)]
        for k in range(1, size):
            found.append(
                value(slopes[p][k], here)
                + sum((z[size + i] * value(slopes[g][k], here) for i, g in enumerate(active)), mp.mpf(0))
            )
        return found

    start = [*(at[n] for n in order), *(mp.mpf(float(v)) for v in rates)]
    with suppress(ArithmeticError, ValueError, ZeroDivisionError, TypeError):
        if len(start) == 1:
            root = [mp.findroot(lambda c: conditions(c)[0], start[0], tol=TINY**2, maxsteps=60)]
        else:
            root = list(mp.findroot(conditions, start, tol=TINY**2, maxsteps=60))
        if max(abs(mp.mpf(a) - b) for a, b in zip(root[:size], start, strict=False)) < 0.01 * (1 + abs(start[0])):
            return dict(zip(order, map(mp.mpf, root[:size]), strict=True))
    return None
