"""Refute "the limit direction aligns with some sample, with probability above 1/2" by the symmetry w -> -w.

When every per-sample loss is even in the state, the gradient is odd, so the run from -w_0 with the same batches is
minus the run from w_0.  When the law of w_0 is invariant under w -> -w, an event E about the limit direction d has the
probability of -E.  If E and -E exclude each other, that probability is at most 1/2.

The event is "d . a_i >= t for some i" with d a unit vector.  E and -E exclude each other when t > 0 (one index cannot
have both signs) and 2 t^2 > 1 (two indices would need d_i^2 + d_j^2 >= 2 t^2 > 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Rejected, fraction
from checks.checker.grammar import names, parse


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept when the per-sample loss is even and the event excludes its mirror image.

    Raises
    ------
    Rejected
        When the law is not declared symmetric, the loss is not even, the threshold is too small, or the claimed
        probability is below 1/2.
    """
    if formal["law"] != "invariant under c -> -c":
        raise Rejected("the law of the start is not declared invariant under c -> -c")
    context = poly.Context.read(formal.get("index"))
    state = formal["state"]
    if any(rule is not None and set(rule.values()) - {state} for rule in context.families.values()):
        raise Rejected("an activation that depends on the sign of the state")
    if context.families.get(state, {}) is not None or state in names(parse(formal["loss"])):
        raise Rejected("the state is no family of its own")
    if set(formal["event"]) != {"some", "at_least"} or formal["event"]["some"] != formal["data"]:
        raise Rejected("the event is not about the samples")
    for atom in context.parts(formal["data"]):
        context.indices[formal["sample"]] = atom
        top, bottom = poly.ratio(parse(formal["loss"]), context)
        if any(_degree(monomial, state) % 2 for monomial in (*top, *bottom)):
            raise Rejected("the loss of a sample is not even in the state")
    threshold = fraction(formal["event"]["at_least"])
    if threshold <= 0 or 2 * threshold**2 <= 1:
        raise Rejected("the event and its mirror image may both happen")
    if fraction(formal["probability_above"]) < Fraction(1, 2):
        raise Rejected("a probability below 1/2 is not excluded")


def _degree(monomial: poly.Monomial, state: str) -> int:
    total = 0
    for g, e in monomial:
        if isinstance(g, tuple) and g[0] == "power-sum":
            total += e * sum(k for family, k in g[2] if family == state)
        elif isinstance(g, tuple) and g[0] == state:
            total += e
    return total
