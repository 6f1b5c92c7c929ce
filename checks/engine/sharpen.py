"""The sharp value of a parameter: the largest (or smallest) bound for which a claim still holds.

All bounds on the parameter alone, on the side asked for, are removed from the hypotheses.  A bracket is a value with
a proof and a larger one with a counterexample; the simplest rational between them is tried next, so that a rational
threshold is met exactly.  It is ``exact`` when the claim is proved up to it and a certificate shows that it fails for
every value just beyond.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import pieces
from checks.checker.grammar import Node, names, parse, substitute
from checks.engine.budget import Budget
from checks.engine.checking import CHECKER
from checks.engine.quantified import decide_claim, negation
from checks.engine.search import find_point
from checks.engine.unparse import unparse
from checks.verdict import Status


def sharpen(
    formal: Mapping[str, Any], exists: list[str], parameter: str, bound: str, seconds: float
) -> dict[str, Any] | None:
    """Return the ``sharp`` entry of a result, or None when no value is proved and none refuted.

    Parameters
    ----------
    formal, exists
        The claim, as for `checks.engine.quantified.decide_claim`.
    parameter
        The name whose bound is sought.
    bound
        ``upper``: the supremum of c such that the claim holds whenever the parameter is at most c; ``lower``: the
        infimum, at least c.
    seconds
        Budget of the whole search.
    """
    search = _Search(formal, exists, parameter, bound, Budget(seconds), seconds)
    return search.run()


class _Search:
    def __init__(
        self, formal: Mapping[str, Any], exists: list[str], parameter: str, bound: str, budget: Budget, seconds: float
    ) -> None:
        self.parameter, self.exists, self.budget, self.seconds = parameter, exists, budget, seconds
        self.up = bound == "upper"
        given, self.floor = without_bounds(formal, parameter, self.up)
        self.formal = {**formal, "given": given}

    def status(self, c: Fraction | None, strict: bool = False) -> tuple[Status, Fraction | None]:
        """Judge the claim with the parameter bounded by c; with a counterexample, its value of the parameter."""
        sign = ("<" if strict else "<=") if self.up else (">" if strict else ">=")
        extra = [] if c is None else [f"{self.parameter} {sign} ({c})"]
        found = decide_claim(
            {**self.formal, "given": [*self.formal["given"], *extra]}, self.exists, max(1.0, self.seconds / 12)
        )
        if found.data.get("vacuous"):
            return Status.PROVED, None
        certificate = found.certificate or {}
        point = certificate.get("values", {}).get(self.parameter) if certificate.get("kind") == "point" else None
        return found.status, Fraction(point) if found.status is Status.REFUTED and point is not None else None

    def run(self) -> dict[str, Any] | None:
        whole, at = self.status(None)
        far = "oo" if self.up else "-oo"
        if whole is Status.PROVED:
            return _entry("exact", far, None, (far, far), False)
        good, bad = self.bracket(at)
        while good is not None and bad is not None and not self.budget.spent():
            exact = self.exact(good, bad)
            if exact is not None:
                return exact
            middle = simplest(min(good, bad), max(good, bad))
            if middle in (good, bad) or abs(good - bad) < Fraction(1, 10**6):
                break
            status, at = self.status(middle)
            if status is Status.PROVED:
                good = middle
            elif status is Status.REFUTED:
                bad = middle if at is None else (min if self.up else max)(middle, at)
            else:
                break
        if good is None and bad is None:
            return None
        ends = (good, bad) if self.up else (bad, good)
        shown = ["-oo" if ends[0] is None else str(ends[0]), "oo" if ends[1] is None else str(ends[1])]
        return _entry("bracket", str(good if good is not None else bad), None, (shown[0], shown[1]), good is not None)

    def bracket(self, at: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
        bad, good = at, None
        base = self.floor if self.floor is not None else Fraction(0)
        side = 1 if self.up else -1
        inward = ("1", "1/2", "1/4", "1/8", "1/32", "1/256", "0")
        for step in map(Fraction, inward if self.floor is not None else (*inward, "-1", "-4", "-16", "-256")):
            c = base + side * step
            if bad is not None and (c >= bad if self.up else c <= bad):
                continue
            status, point = self.status(c)
            if status is Status.PROVED:
                good = c
                break
            if status is Status.REFUTED:
                bad = c if point is None else (min if self.up else max)(c, point)
            if self.budget.spent():
                break
        if good is not None and bad is None:
            for factor in (2, 4, 16, 256):
                c = base + side * factor
                status, point = self.status(c)
                if status is Status.PROVED:
                    good = c
                elif status is Status.REFUTED:
                    bad = c if point is None else point
                    break
        return good, bad

    def exact(self, good: Fraction, bad: Fraction) -> dict[str, Any] | None:
        """Try the ends of the bracket and the simplest value inside as the threshold itself."""
        candidates = dict.fromkeys((good, simplest(min(good, bad), max(good, bad)), bad))
        for c in candidates:
            if not self.fails_beyond(c):
                continue
            for strict in (False, True):
                status, _ = self.status(c, strict)
                if status is Status.PROVED:
                    polynomial = f"{c.denominator}*{self.parameter} - {c.numerator}"
                    return _entry("exact", str(c), polynomial, (str(c), str(c)), not strict)
        return None

    def fails_beyond(self, c: Fraction) -> bool:
        """Return whether a certificate shows that the claim fails for every value of the parameter just beyond c."""
        if self.exists:
            return False
        for width in (Fraction(1, 100), Fraction(1, 10000)):
            end = c + width if self.up else c - width
            low, high = min(c, end), max(c, end)
            near = {
                **self.formal,
                "given": [*self.formal["given"], f"({low}) < {self.parameter}", f"{self.parameter} < ({high})"],
                "exists": [self.parameter],
            }
            found = negation(near, Budget(min(4.0, self.seconds / 8)), self.curves(c, low, high))
            if found is not None and CHECKER.ask(near, found)[0]:
                return True
        return False

    def curves(self, c: Fraction, low: Fraction, high: Fraction) -> Iterator[dict[str, str]]:
        """Yield counterexamples that move with the parameter: a + k (parameter - c), a near one that is found."""
        close = (low + (high - low) / 50) if self.up else (high - (high - low) / 50)
        ends = (low, close) if self.up else (close, high)
        inside = [f"({ends[0]}) < {self.parameter}", f"{self.parameter} < ({ends[1]})"]
        point = find_point({**self.formal, "given": [*self.formal["given"], *inside]}, Budget(1.0), rational=True)
        if point is None:
            return
        others = {name: Fraction(text) for name, text in point["values"].items() if name != self.parameter}
        yield {name: str(value) for name, value in others.items()}
        if len(others) > 3:
            return
        rounded = {name: value.limit_denominator(16) for name, value in others.items()}
        slopes = [Fraction(x) for x in ("0", "-1/2", "1/2", "-1", "1", "-1/4", "1/4", "-2", "2")]
        for ks in product(slopes, repeat=len(others)):
            yield {
                name: f"({value}) + ({k})*({self.parameter} - ({c}))"
                for (name, value), k in zip(rounded.items(), ks, strict=True)
            }


def _entry(
    status: str, value: str, polynomial: str | None, interval: tuple[str, str], attained: bool
) -> dict[str, Any]:
    return {
        "status": status,
        "value": value,
        "minimal_polynomial": polynomial,
        "interval": list(interval),
        "attained": attained,
    }


def without_bounds(formal: Mapping[str, Any], parameter: str, up: bool) -> tuple[list[str], Fraction | None]:
    """Return the hypotheses without the parameter's own bounds on one side, and its bound on the other side."""
    let: dict[str, Node] = {}
    for line in formal.get("let", ()):
        name, _, text = line.partition("=")
        let[name.strip()] = substitute(parse(text), let)
    kept: list[str] = []
    other: Fraction | None = None
    for line in formal.get("given", ()):
        node = parse(line)
        full = substitute(node, let)
        if names(full) != {parameter} or node[0] not in ("compare", "and"):
            kept.append(line)
            continue
        for piece in pieces(node):
            (sign,), (a, b) = piece[1:]
            side = _side(substitute(a, let), sign, substitute(b, let), parameter)
            if side is None or (side[0] > 0) != up:
                kept.append(f"{unparse(a)} {sign} {unparse(b)}")
            if side is not None and (side[0] > 0) != up:
                other = side[1]
    return kept, other


def _side(a: Node, sign: str, b: Node, parameter: str) -> tuple[int, Fraction] | None:
    """Return +1 and the value for an upper bound on the parameter, -1 for a lower one, None for anything else."""
    if sign in (">", ">="):
        a, b, sign = b, a, {">": "<", ">=": "<="}[sign]
    if sign not in ("<", "<="):
        return None
    try:
        top, bottom = poly.ratio(("-", b, a), poly.Context())
    except (poly.NotRational, ValueError):
        return None
    slope = top.get(((parameter, 1),), Fraction(0))
    if set(bottom) != {()} or set(top) - {(), ((parameter, 1),)} or not slope:
        return None
    return (1 if slope < 0 else -1) * (1 if bottom[()] > 0 else -1), -top.get((), Fraction(0)) / slope


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """Return the fraction of least denominator strictly between two numbers (the middle of equal ones)."""
    if low == high:
        return low
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1) if whole + 1 > low else Fraction(whole + 2)
    # strictly between: no integer lies inside, so that the continued fractions share their integer part
    return whole + _inside(low - whole, high - whole)


def _inside(low: Fraction, high: Fraction) -> Fraction:
    if high > 1 and low < 1:
        return Fraction(1)
    if not low:
        return Fraction(1, int(1 / high) + 1)
    inner = simplest(1 / high if high else Fraction(0), 1 / low)
    return 1 / inner
