"""How the sign of a polynomial is shown: one module for each kind of certificate that ends a branch of a proof."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, comparison, fraction, same_up_to_scale
from checks.checker.grammar import Node, parse
from checks.checker.kinds.sign import denominator_sign
from checks.wording.leaves import bernstein, combination, identity, sturm
from checks.wording.leaves.question import Question
from checks.wording.printer import Printer
from checks.wording.structure import Block, Step

__all__ = ["leaf"]

_KINDS = {
    "bernstein": bernstein.describe,
    "sturm": sturm.describe,
    "combination": combination.describe,
}
_TITLES = {
    "identity": "equal normal forms",
    "constant": "exact arithmetic",
    "given": "a hypothesis",
    "factors": "signs of the factors",
    "nonzero": "factors that are not zero",
}


def leaf(goal: Goal, certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return the step that shows a comparison by the sign of a polynomial, without its role."""
    kind = str(certificate["kind"])
    shows = out.node(goal.conclusion)
    if kind == "identity":
        return Step(_TITLES[kind], shows, body=identity.describe(goal, out))
    top, bottom = goal.difference()
    if kind == "nonzero":
        body, parts = _factors("The difference", certificate, goal, out)
        return Step(_TITLES[kind], shows, body=body, parts=parts)
    notes: tuple[Block, ...] = ()
    below: tuple[Step, ...] = ()
    sign = 1 if set(bottom) != {()} or bottom[()] > 0 else -1
    if set(bottom) != {()}:
        given = certificate.get("denominator", {})
        sign = denominator_sign(bottom, goal, given, lambda *_: None) or 1
        how = "not zero" if goal.sign == "==" else "positive" if sign > 0 else "negative"
        words, below = _factors("It", given, goal, out)
        notes = (f"The denominator {out.inline(out.polynomial(bottom))} is {how}.", *words)
    p = poly.multiply(top, poly.constant(sign))
    step = _sign(Question(p, ">" if goal.sign in ("<", ">") else ">=", goal, bottom), certificate, out)
    # what is shown of the denominator need not be shown again
    parts = (*below, *(part for part in step.parts if part not in below))
    return Step(step.title, shows, body=(*notes, *step.body), parts=parts)


def _sign(question: Question, certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return how a polynomial's sign is shown."""
    kind = str(certificate["kind"])
    if kind in _KINDS:
        return _KINDS[kind](question, certificate, out)
    if kind == "factors":
        subject = question.subject
        strict = question.sign == ">"
        body, parts = _factors(subject[0].upper() + subject[1:], certificate, question.goal, out, strict)
        return Step(_TITLES[kind], body=body, parts=parts)
    return Step(_TITLES.get(kind, kind.replace("-", " ")))


def _factors(
    subject: str, certificate: Mapping[str, Any], goal: Goal, out: Printer, strict: bool | None = None
) -> tuple[tuple[Block, ...], tuple[Step, ...]]:
    """Return a product written out, the signs of its factors, and the steps that show those that take some work.

    ``strict`` says which sign the product has; without it the product is only shown not to vanish.
    """
    product: list[Node] = []
    signs: list[str] = []
    parts: list[Step] = []
    linear: dict[str, None] = {}
    for factor in certificate.get("factors", ()):
        q = poly.ratio(parse(factor["expression"]), goal.context)[0]
        node, power = out.polynomial(q), int(factor.get("power", 1))
        product.append(node if power == 1 else ("**", node, ("number", fraction(power))))
        if power % 2 == 0 and strict is False:
            continue
        if "by" not in factor:
            signs.append(out.tex(comparison(node, _relation(q, goal), ZERO)))
            continue
        negative, sign = factor.get("sign", 1) < 0, ">=" if strict is False else ">"
        shown = comparison(node, "<" if negative else sign, ZERO)
        signs.append(out.tex(shown))
        if factor["by"]["kind"] in ("given", "constant"):
            continue
        own = poly.multiply(q, poly.constant(-1 if negative else 1))
        step = _sign(Question(own, sign, goal, poly.ONE, factor=True), factor["by"], out)
        found = Step(step.title, out.node(shown), body=step.body, parts=step.parts)
        if step.title == sturm.LINEAR:
            linear[sturm.place(factor["by"])] = None
        elif found not in parts:
            parts.append(found)
    if not product:
        return (), ()
    whole = product[0]
    for node in product[1:]:
        whole = ("*", whole, node)
    multiple = "multiple" if strict is None else "positive multiple"
    facts = f", where {out.listed(dict.fromkeys(signs))}." if signs else "."
    ends = (f"Linear factors have no root for {', '.join(linear)}.",) if linear else ()
    return (f"{subject} is a {multiple} of {out.inline(whole)}{facts}", *ends), tuple(parts)


def _relation(q: poly.Poly, goal: Goal) -> str:
    """Return what a hypothesis says of a polynomial that does not vanish."""
    for fact, relation in goal.facts():
        if relation == ">" and same_up_to_scale(fact, q):
            return ">"
        if relation == ">" and same_up_to_scale(fact, poly.multiply(q, poly.constant(-1))):
            return "<"
    return "!="
