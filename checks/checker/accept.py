"""Accept or reject a certificate for a formal statement: the one entry point of the checker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected, goals, lines, same_up_to_scale
from checks.checker.grammar import holds_kind
from checks.checker.kinds import (
    algebraic,
    antisymmetric,
    axioms,
    bernstein,
    combination,
    convergence,
    enclosure,
    facts,
    functions,
    instance,
    limit,
    logic,
    path,
    periodic,
    quantified,
    sturm,
    tail,
    trajectory,
    whole,
    words,
)
from checks.checker.kinds.sign import denominator_sign

__all__ = ["RULES", "Rejected", "check"]

# a rule takes a goal and the parameters of a certificate and returns goals that together imply it
RULES = {
    **logic.RULES,
    **facts.RULES,
    **functions.RULES,
    **axioms.RULES,
    **path.RULES,
    **enclosure.RULES,
    **whole.RULES,
}

# what a statement of each form consists of: a part that is not understood must not be ignored
PARTS = {
    "forall": {"form", "let", "given", "show", "index", "integers", "exists"},
    "trajectory": {"form", "state", "parameters", "let", "start", "branches", "always", "integers"},
    "tends": {"form", "state", "parameters", "let", "start", "branches", "cyclic", "limits", "integers"},
    "limit": {"form", "index", "given", "loss", "sample", "state", "data", "coordinates", "limit", "integers"},
    "mirror": {"form", "index", "loss", "sample", "state", "data", "law", "event", "probability_above"},
    "tail": {"form", "let", "given", "integers", "law", "event", "bound"},
    "matrices": {"form", "letters", "let", "given", "show", "modulo"},
}
# what a malformed statement or certificate may raise (ParseError and NotRational are ValueErrors)
FAULTS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, StopIteration, RecursionError)


def prove(p: poly.Poly, sign: str, goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Show ``p > 0`` or ``p >= 0`` under the hypotheses of a goal.

    Raises
    ------
    Rejected
        When the certificate does not show it.
    """
    kind = certificate["kind"]
    if kind == "constant":
        value = p.get((), 0) if set(p) <= {()} else None
        if value is None or value < 0 or (sign == ">" and value == 0):
            raise Rejected("the goal is no constant of the right sign")
    elif kind == "given":
        known = [relation for fact, relation in goal.facts() if same_up_to_scale(fact, p)]
        if ">" not in known and not (sign == ">=" and ">=" in known):
            raise Rejected("the goal is not among the hypotheses")
    elif kind == "bernstein":
        bernstein.verify(p, sign, goal, certificate)
    elif kind == "sturm":
        sturm.verify(p, sign, goal, certificate)
    elif kind == "combination":
        combination.verify(p, sign, goal, certificate)
    elif kind == "factors":
        _factors(p, sign, goal, certificate)
    else:
        raise Rejected(f"{kind!r} is no kind of certificate")


def _factors(p: poly.Poly, sign: str, goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Show the sign of a product from the signs of its factors."""
    product = poly.ONE
    for factor in certificate["factors"]:
        q = goal.polynomial(factor["expression"])
        power = int(factor.get("power", 1))
        if power < 1:
            raise Rejected("a factor with a power below one")
        if power % 2 or (sign == ">" and not _nonzero(q, goal)):
            prove(q, sign, goal, factor["by"])
        product = poly.multiply(product, poly.power(q, power))
    if not same_up_to_scale(p, product):
        raise Rejected("the factors do not multiply to the goal")


def _nonzero(q: poly.Poly, goal: Goal) -> bool:
    """Return whether a hypothesis says that a polynomial is not zero."""
    return any(relation in ("!=", ">") and same_up_to_scale(fact, q, positive=False) for fact, relation in goal.facts())


def prove_goal(goal: Goal, certificate: Mapping[str, Any]) -> None:
    """Show one goal: by a rule, from the goals that it leaves, or by the sign of a polynomial.

    Raises
    ------
    Rejected
        When the certificate does not show it.
    """
    rule = RULES.get(certificate["kind"])
    if rule is None:
        _compare(goal, certificate)
        return
    wanted, given = rule(goal, certificate), certificate.get("by", [])
    if len(wanted) != len(given):
        raise Rejected(f"{certificate['kind']!r} leaves {len(wanted)} goals, not {len(given)}")
    for inner, step in zip(wanted, given, strict=True):
        prove_goal(inner, step)


def _compare(goal: Goal, certificate: Mapping[str, Any]) -> None:
    top, bottom = goal.difference()
    sign = 1
    if set(bottom) != {()}:
        sign = denominator_sign(bottom, goal, certificate.get("denominator", {}), prove)
    elif bottom[()] < 0:
        sign = -1
    if goal.sign == "==":
        _equality(top, goal, certificate)
    elif goal.sign == "!=":
        if certificate["kind"] != "nonzero":
            raise Rejected(f"{certificate['kind']!r} shows no !=")
        denominator_sign(top, goal, certificate, prove)
    elif sign == 0:
        raise Rejected("the sign of the denominator is not known")
    else:
        prove(poly.multiply(top, poly.constant(sign)), ">" if goal.sign in ("<", ">") else ">=", goal, certificate)


def _equality(top: poly.Poly, goal: Goal, certificate: Mapping[str, Any]) -> None:
    if certificate["kind"] == "identity":
        if top:
            raise Rejected("the two normal forms differ")
    elif certificate["kind"] == "combination":
        if any("multiplier" not in term for term in certificate["terms"]):
            raise Rejected("an equality needs equalities with multipliers")
        combination.verify(top, ">=", goal, certificate)
    else:
        raise Rejected(f"{certificate['kind']!r} shows no equality")


def forall(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a proof of a ``forall`` statement: one certificate a comparison.

    Raises
    ------
    Rejected
        When a comparison has no certificate that shows it.
    """
    wanted = goals(formal)
    steps = certificate["steps"]
    if len(steps) != len(wanted):
        raise Rejected(f"{len(wanted)} comparisons, {len(steps)} certificates")
    for goal, step in zip(wanted, steps, strict=True):
        prove_goal(goal, step)


def check(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> str:
    """Decide whether a certificate establishes its verdict on a statement.

    Parameters
    ----------
    formal
        The statement, supplied by the caller: ``form`` is ``forall``, ``trajectory``, ``limit``, ``mirror``, ``tail``,
        ``matrices``.
    certificate
        ``verdict`` is ``proved`` or ``refuted``; the rest depends on the form and kind.

    Returns
    -------
    str
        The verdict that the certificate establishes.

    Raises
    ------
    Rejected
        When it does not, with the step at which it fails.
    """
    try:
        return _check(formal, certificate)
    except Rejected:
        raise
    except FAULTS as error:
        raise Rejected(f"{type(error).__name__}: {error}") from error


def _check(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> str:
    form, verdict = formal["form"], certificate["verdict"]
    if set(formal) - PARTS[form]:
        raise Rejected(f"a {form!r} statement has no part {sorted(set(formal) - PARTS[form])}")
    if form == "forall" and formal.get("exists"):
        form, nodes = "exists", [node for key in ("given", "show") for node in lines(formal, key)]
        if formal.get("index") or any(holds_kind(node, ("sum", "diff", "taylor", "all", "any")) for node in nodes):
            raise Rejected("'exists' is for numbers alone, without sums and derivatives")
    if (form, verdict) not in VERDICTS:
        raise Rejected(f"no certificate makes a {form!r} statement {verdict!r}")
    VERDICTS[form, verdict](formal, certificate)
    return str(verdict)


def _proved(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    if certificate.get("kind") == "contradiction":
        quantified.contradiction(formal, certificate, prove_goal)
    else:
        forall(formal, certificate)


# what accepts a certificate for each verdict on a statement of each form; "exists" is a ``forall`` with that part
VERDICTS: dict[tuple[str, str], Callable[[Mapping[str, Any], Mapping[str, Any]], None]] = {
    ("forall", "proved"): _proved,
    ("forall", "refuted"): lambda f, c: (algebraic if c.get("kind") == "algebraic" else instance).verify(f, c),
    ("exists", "proved"): lambda f, c: quantified.prove(f, c, forall),
    ("exists", "refuted"): lambda f, c: quantified.refute(f, c, prove_goal),
    ("trajectory", "proved"): lambda f, c: trajectory.verify(f, c, forall),
    ("trajectory", "refuted"): trajectory.refute,
    ("tends", "proved"): lambda f, c: convergence.verify(f, c, forall),
    ("tends", "refuted"): periodic.refute,
    ("limit", "refuted"): limit.verify,
    ("mirror", "refuted"): antisymmetric.verify,
    ("tail", "proved"): lambda f, c: tail.prove(f, c, prove_goal),
    ("tail", "refuted"): tail.refute,
    ("matrices", "proved"): words.prove,
    ("matrices", "refuted"): words.refute,
}
