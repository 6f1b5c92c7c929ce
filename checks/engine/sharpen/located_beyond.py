"""Certificates that a claim fails at a threshold in closed form, or just beyond it.

Beyond the threshold K the parameter is K + t, and the counterexamples lie on a line x_i = X_i + k_i t through the point
X behind the threshold (on x_i = k_i / t where that point is at infinity), for all t in (0, w).  The statement is then
that no t is a counterexample to the claim, and its refutation a certificate of kind ``negation``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import islice, product
from typing import Any

import mpmath as mp

from checks.checker.goal import NEGATED, goals, lines
from checks.checker.grammar import Node, names, parse
from checks.checker.kinds import quantified
from checks.engine.budget import Budget
from checks.engine.checking import CHECKER
from checks.engine.sharpen.boundary import Located
from checks.engine.sharpen.failing import fails_along
from checks.engine.sharpen.growth import FAULTS, from_start
from checks.engine.sharpen.statement import choosing, fresh
from checks.engine.unparse import unparse

WIDTHS = (Fraction(1, 10), Fraction(1, 1000))
RATES = tuple(Fraction(k) for k in ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "4", "-4", "1/4", "-1/4"))
MOST_LINES, MOST_TRIED = 400, 5
# where a line is looked at in floating point, as parts of its width
SHARES = ("0.9", "0.5", "0.1", "0.001", "0.000001")


class LocatedBeyond:
    """The search at one claim without existential names."""

    def __init__(self, formal: Mapping[str, Any], parameter: str, up: bool) -> None:
        self.formal, self.parameter, self.up = formal, parameter, up
        self.nodes = {key: lines(formal, key) for key in ("given", "show")}
        found = set().union(*(names(node) for key in self.nodes for node in self.nodes[key]))
        self.others = sorted(found - {parameter})
        self.t = fresh(formal)

    def fails_at(self, located: Located, budget: Budget) -> bool:
        """Return whether the claim fails with the parameter equal to the threshold, at the point behind it."""
        values = {n: x for n, x in located.point.items() if x is not None and "oo" not in x}
        if set(values) != set(self.others):
            return False
        values[self.parameter] = located.at.value(self.parameter)
        statement = choosing(self.formal, (), self.t, f"{self.t} == 0")
        return self._accepted(statement, values, budget)

    def fails_beyond(self, located: Located, budget: Budget) -> bool:
        """Return whether the claim is shown to fail for values of the parameter past the threshold, however near."""
        k = located.at.value(self.parameter)
        for width in WIDTHS:
            statement = choosing(self.formal, (), self.t, f"{self.t} > 0", f"{self.t} < {width}")
            for values in self._lines(located, k, width):
                if budget.spent():
                    return False
                if self._accepted(statement, values, budget):
                    return True
        return False

    def _lines(self, located: Located, k: str, width: Fraction) -> Iterator[dict[str, str]]:
        """Yield lines of counterexamples that pass in floating point of many digits, the simplest first."""
        if any(located.point.get(n) is None for n in self.others):
            return
        for c in (f"{k} {'+' if self.up else '-'} {self.t}", *_inner(parse(k), self.t)):
            yield from islice(self._through(located, c, width), MOST_TRIED)

    def _through(self, located: Located, c: str, width: Fraction) -> Iterator[dict[str, str]]:
        places = [mp.mpf(width.numerator) / width.denominator * mp.mpf(share) for share in SHARES]
        choices = [[(r, _line(str(located.point[n]), r, self.t)) for r in RATES] for n in self.others]
        options = sorted(product(*choices), key=lambda entries: sum(RATES.index(r) for r, _ in entries))
        for entries in options[:MOST_LINES]:
            texts = [text for _, text in entries]
            if None in texts:
                continue
            values = {self.parameter: c, **dict(zip(self.others, map(str, texts), strict=True))}
            if fails_along(self.nodes, values, self.t, places):
                yield values

    def _accepted(self, statement: Mapping[str, Any], values: Mapping[str, str], budget: Budget) -> bool:
        found = _negation(statement, values, self.t, budget)
        return found is not None and CHECKER.ask(statement, found)[0]


def _inner(node: Node, t: str) -> Iterator[str]:
    """Yield expressions that tend to the value of a quotient, root, exponential or logarithm as t tends to 0."""
    if node[0] == "/":
        top, bottom = map(unparse, node[1:])
        for sign in ("+", "-"):
            if names(node[1]) or node[1][0] != "number":
                yield f"({top} {sign} {t})/({bottom})"
            yield f"({top})/({bottom} {sign} {t})"
    elif node[0] == "call" and node[1] in ("sqrt", "exp", "log"):
        for sign in ("+", "-"):
            yield f"{node[1]}({unparse(node[2][0])} {sign} {t})"


def _line(start: str, rate: Fraction, t: str) -> str | None:
    if start in ("oo", "-oo"):
        return f"{rate}/{t}" if rate and (rate > 0) == (start == "oo") else None
    move = f"({rate})*{t}" if rate != 1 else t
    return start if not rate else move if start == "0" else f"{start} + {move}"


def _negation(
    statement: Mapping[str, Any], values: Mapping[str, str], along: str, budget: Budget
) -> dict[str, Any] | None:
    """Return a certificate that a statement with existential names fails at a point given in them."""
    own, rest = quantified.split(statement)
    fixed = quantified.at_values(statement, values)
    try:
        wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
        given = [from_start(g, along, budget) for g in wanted]
    except FAULTS:
        return None
    for position, goal in enumerate(goals({**fixed, "given": own})):
        if budget.spent():
            return None
        with suppress(*FAULTS):
            opposite = goal.showing(goal.left, NEGATED[goal.sign], goal.right)
            by = from_start(opposite, along, budget)
            return {
                "verdict": "refuted",
                "kind": "negation",
                "values": dict(values),
                "given": given,
                "relation": position,
                "by": by,
            }
    return None
