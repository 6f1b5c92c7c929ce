"""Sign of a quotient: its denominator's factors are nonzero with known signs, its numerator has the right sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, same_up_to_scale

Prove = Callable[[poly.Poly, str, Goal, Mapping[str, Any]], None]


def denominator_sign(bottom: poly.Poly, goal: Goal, certificate: Mapping[str, Any], prove: Prove) -> int:
    """Return the sign of a denominator that is nonzero wherever the hypotheses hold (0: nonzero, sign not known).

    The certificate lists ``factors``: expressions whose product is the denominator up to a constant.  Each is
    nonzero because a hypothesis says so, or because ``by`` proves it positive (or its negative, ``sign`` -1).

    Raises
    ------
    Rejected
        When the product differs or a factor is not shown to be nonzero.
    """
    product, sign = poly.ONE, 1
    for factor in certificate.get("factors", ()):
        p = goal.polynomial(factor["expression"])
        exponent = int(factor.get("power", 1))
        if exponent < 1:
            raise Rejected("a factor with a power below one")
        product = poly.multiply(product, poly.power(p, exponent))
        own = _factor_sign(p, factor, goal, prove)
        sign *= own**exponent if own or exponent % 2 else 1  # an even power of a nonzero factor is positive
    if not same_up_to_scale(bottom, product, positive=False):
        raise Rejected("the listed factors do not multiply to the denominator")
    first = next(iter(product))
    return sign * (1 if bottom[first] / product[first] > 0 else -1)


def _factor_sign(p: poly.Poly, factor: Mapping[str, Any], goal: Goal, prove: Prove) -> int:
    if "by" in factor:
        sign = 1 if factor.get("sign", 1) > 0 else -1
        prove(poly.multiply(p, poly.constant(sign)), ">", goal, factor["by"])
        return sign
    known = [(fact, relation) for fact, relation in goal.facts() if same_up_to_scale(fact, p, positive=False)]
    for fact, relation in known:
        if relation == ">":
            return 1 if same_up_to_scale(fact, p) else -1
    if any(relation == "!=" for _, relation in known):
        return 0
    raise Rejected(f"no hypothesis says that {factor['expression']} is nonzero")
