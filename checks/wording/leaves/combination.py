"""A sum of products of nonnegative quantities."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, fraction
from checks.checker.grammar import Node, parse
from checks.wording.leaves.question import Question
from checks.wording.notation import SIGNS, numeric, pieces, width
from checks.wording.printer import Printer, number
from checks.wording.structure import Block, Formula, Step

_INLINE = 9  # letters of a hypothesis that is written out as a factor; longer ones get a name


def describe(question: Question, certificate: Mapping[str, Any], out: Printer) -> Step:
    """Write the sum out, with names for the hypotheses that are long."""
    names = _Names(question, out)
    terms, more = [], 0
    squares = False
    for position, term in enumerate(certificate["terms"]):
        squares = squares or bool(term.get("squares"))
        if position < out.terms:
            terms.append(_term(term, names, question, out, first=position == 0))
        else:
            more += 1
    if more:
        terms.append(rf"+ \langle \text{{{more} more {'term' if more == 1 else 'terms'}}} \rangle")
    left = list(pieces(out.shortened(out.polynomial(question.p))))
    formula = Formula((*left, "= " + terms[0], *terms[1:]))
    used = names.listed()
    equalities = any(relation == "==" for _, relation in names.used.values())
    return Step(
        "sum of squares and products" if squares else "sum of nonnegative products",
        body=(_words(question, certificate, equalities), formula, *([f"Here {used}."] if used else [])),
    )


def _words(question: Question, certificate: Mapping[str, Any], equalities: bool) -> Block:
    squares = " and squares" if any(term.get("squares") for term in certificate["terms"]) else ""
    what = f"products of hypotheses{squares} with nonnegative coefficients"
    zero = "; terms with an equality are zero" if equalities else ""
    strict = ""
    if question.sign == ">":
        strict = "; one of them is positive" if len(certificate["terms"]) > 1 else "; it is positive"
    if question.goal.conclusion == FALSE:
        return f"The hypotheses contradict each other: zero is a sum of {what}{zero}{strict}."
    if question.goal.sign == "==":
        return "The difference is a sum of multiples of equalities among the hypotheses."
    subject = question.subject
    return f"{subject[0].upper()}{subject[1:]} is a sum of {what}{zero}{strict}."


class _Names:
    """Names for hypotheses that occur in the sum: short ones stand for themselves."""

    def __init__(self, question: Question, out: Printer) -> None:
        self.facts, self.out = question.goal.facts(), out
        self.letter = next(letter for letter in "hgqkrs" if letter not in question.goal.names)
        self.used: dict[int, tuple[str, str]] = {}

    def factor(self, position: int, power: int) -> str:
        """Return a hypothesis as a factor."""
        fact, relation = self.facts[position]
        node = self.out.polynomial(fact)
        tex = self.out.tex(node)
        if width(tex) <= _INLINE:
            self.used.setdefault(position, ("", relation))
            bare = len(fact) == 1 and next(iter(fact.values())) == 1
            tex = tex if bare and power == 1 else f"({tex})"
        else:
            tex = f"{self.letter}_{{{position + 1}}}"
            self.used.setdefault(position, (tex, relation))
        return tex if power == 1 else f"{tex}^{{{power}}}"

    def listed(self) -> str:
        """Return what the names stand for, and the signs of the hypotheses that stand for themselves."""
        shown: dict[str, None] = {}
        for position in sorted(self.used):
            name, relation = self.used[position]
            tex = self.out.tex(self.out.polynomial(self.facts[position][0]))
            shown.setdefault(f"${name + ' = ' if name else ''}{tex} {SIGNS[relation]} 0$")
        return ", ".join(shown)


def _term(term: Mapping[str, Any], names: _Names, question: Question, out: Printer, first: bool) -> str:
    """Return one term with its sign."""
    coefficient = fraction(term["coefficient"])
    words = []
    positions = [int(position) for position in term.get("facts", ())]
    for position in dict.fromkeys(positions):
        words.append(names.factor(position, positions.count(position)))
    for text in term.get("squares", ()):
        words.append(f"{_bracketed(_root(text, question, out), out)}^{{2}}")
    if "multiplier" in term:
        scale, node = _scaled(_normal(term["multiplier"], question, out))
        coefficient *= scale
        if node is not None:
            words.append(_bracketed(node, out))
    size = abs(coefficient)
    if size != 1 or not words:
        words.insert(0, number(size))
    sign = "-" if coefficient < 0 else "" if first else "+"
    joined = words[0]
    for word in words[1:]:
        joined += rf" \cdot {word}" if word[:1].isdigit() else f" {word}"
    return f"{sign} {joined}".strip()


def _normal(text: str, question: Question, out: Printer) -> Node:
    return out.polynomial(poly.ratio(parse(text), question.goal.context)[0])


def _root(text: str, question: Question, out: Printer) -> Node:
    """Return what is squared, with the sign that makes its leading term positive."""
    q = poly.ratio(parse(text), question.goal.context)[0]
    top = max(q, key=lambda m: sum(e for _, e in m), default=None)
    return out.polynomial(q if top is None or q[top] > 0 else poly.multiply(q, poly.constant(-1)))


def _scaled(node: Node) -> tuple[Fraction, Node | None]:
    """Take the sign or value of a constant out of a multiplier."""
    value = numeric(node)
    if value is not None:
        return value, None
    if node[0] == "-" and node[1] == ("number", Fraction(0)):
        return Fraction(-1), node[2]
    return Fraction(1), node


def _bracketed(node: Node, out: Printer) -> str:
    tex = out.tex(node)
    return tex if node[0] in ("name", "entry") else f"({tex})"
