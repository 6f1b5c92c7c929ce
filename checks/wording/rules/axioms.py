"""Instances of textbook inequalities and identities, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Relation, comparison
from checks.checker.grammar import Node, substitute
from checks.checker.kinds.axioms import SCHEMAS
from checks.wording.printer import Printer
from checks.wording.rules.words import Describe, Words, ending

_TITLES = {
    "exp-lower": "exponential above its Taylor polynomial of degree {order}",
    "exp-upper": "exponential below its Taylor polynomial of degree {order}",
    "exp-pole": "exponential below a pole: its Taylor polynomial of degree {order} at the negative",
    "exp-sum": "exponential of a sum",
    "exp-log": "exponential of a logarithm",
    "exp-increasing": "the exponential increases",
    "log-exp": "logarithm of an exponential",
    "log-product": "logarithm of a product",
    "log-increasing": "the logarithm increases",
    "log-upper": "logarithm below its Taylor polynomial of degree {order}",
    "log-lower": "logarithm above its Taylor polynomial of degree {order}",
    "log-below": "logarithm of the inverse below its tangent",
    "log-mean": "logarithmic and arithmetic mean",
    "log-geometric": "logarithmic and geometric mean",
    "sqrt-increasing": "the root increases",
    "power": "definition of a power",
    "circle": "sine and cosine on the circle",
    "sin-series": "sine and its Taylor polynomial with {order} terms",
    "cos-series": "cosine and its Taylor polynomial with {order} terms",
}
_LETTERS = ("x", "y", "z", "u", "v", "s", "t", "p", "q")


def assume(goal: Goal, certificate: Mapping[str, Any], inner: Sequence[Goal], out: Printer) -> Words:
    """Say which fact is used, for which terms, under which conditions."""
    kind, order = str(certificate["axiom"]), certificate.get("order", 1)
    terms = [goal.read(text) for text in certificate["at"]]
    orders = [int(k) for k in order] if isinstance(order, list) else [int(order)]
    letters = _letters(goal, terms)
    premises, fact = SCHEMAS[kind]([("name", letter) for letter in letters], orders)
    places = [("name", letter) for letter in letters]
    rule = out.tex(comparison(*_expanded(fact, out)))
    if premises:
        rule += r" \quad\text{if } " + r",\ ".join(out.relation(entry) for entry in premises)
    where = [f"{out.tex(a)} = {out.tex(b)}" for a, b in zip(places, terms, strict=True) if a != b]
    used: list[str] = [f"Used: ${rule}$" + (f"; here {out.listed(where)}." if where else ".")]
    if where:
        back = dict(zip(letters, terms, strict=True))
        a, sign, b = fact
        used.append(f"That is ${out.relation((substitute(a, back), sign, substitute(b, back)))}$.")
    conditions = ["condition"] * len(premises)
    title = _TITLES.get(kind, kind.replace("-", " ")).format(order=orders[0])
    return Words(title, tuple(used), ending(inner, *conditions, "then"), rewritten=True, flows=True)


def _letters(goal: Goal, terms: Sequence[Node]) -> list[str]:
    """Return a letter for each term: the term itself where it is a name, else a letter that the goal does not use."""
    taken = goal.names | {"E"}
    free = iter([letter for letter in _LETTERS if letter not in taken] + [f"x{k}" for k in range(len(terms))])
    return [str(term[1]) if term[0] == "name" else next(free) for term in terms]


def _expanded(fact: Relation, out: Printer) -> Relation:
    """Write Taylor polynomials as sums of powers; other sides stay as they are."""

    def side(node: Node) -> Node:
        try:
            top, bottom = poly.ratio(node, poly.Context())
        except ValueError:
            return node
        return out.polynomial(poly.multiply(top, poly.constant(1 / bottom[()])), rising=True) if len(top) > 2 else node

    left, sign, right = fact
    return side(left), sign, side(right)


WORDS: dict[str, Describe] = {"axiom": assume}
