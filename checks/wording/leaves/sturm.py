"""A Sturm sequence: the polynomial has no root in an interval."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import gcd, lcm
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import fraction
from checks.checker.grammar import parse
from checks.checker.kinds.sturm import dense
from checks.checker.roots import Coefficients, sequence, value
from checks.wording.leaves.question import Question
from checks.wording.notation import name_latex, node_latex, width
from checks.wording.printer import Printer, number
from checks.wording.structure import Block, Formula, Step, Table

LINEAR = "linear in one variable"
_LONGEST_SEQUENCE = 7
_LETTERS = 90


def describe(question: Question, certificate: Mapping[str, Any], out: Printer) -> Step:
    """Show the sequence with its signs at both ends, where it is short."""
    name, context = certificate["variable"], question.goal.context
    low, high = (None if certificate.get(key) is None else fraction(certificate[key]) for key in ("low", "high"))
    rest = question.p
    body: list[Block] = []
    subject = question.subject
    if certificate.get("square"):
        square = poly.ratio(parse(certificate["square"]), context)[0]
        rest = poly.ratio(parse(certificate["rest"]), context)[0]
        body.append(f"{subject[0].upper()}{subject[1:]} is a square times another polynomial:")
        product = ("*", ("**", out.polynomial(square), ("number", Fraction(2))), out.polynomial(rest))
        body.append(Formula((f"{out.tex(out.polynomial(question.p))} =", out.tex(product))))
        subject = "the second factor"
    line = dense(rest, name)
    chain = sequence(line)
    where = place(certificate)
    if len(chain[0]) <= 2 and not body:
        words = f"{subject[0].upper()}{subject[1:]} is linear, has no root for {where} and is positive there."
        return Step(LINEAR, body=(words,))
    counts = [_changes([_sign(c, low, -1) for c in chain]), _changes([_sign(c, high, 1) for c in chain])]
    body.append(
        f"{subject[0].upper()}{subject[1:]} has no root for {where}: its Sturm sequence has {counts[0]} sign changes "
        f"at the lower end and {counts[1]} at the upper one"
        + (", the difference being a root at an end." if counts[0] != counts[1] else ".")
        + " It is positive inside."
    )
    body += _sequence(chain, name, (low, high), out)
    return Step("Sturm sequence", body=tuple(body))


def _sequence(
    chain: list[Coefficients], name: str, ends: tuple[Fraction | None, Fraction | None], out: Printer
) -> list[Block]:
    """Return the sequence as a table, each member without its content, where it is short enough to read."""
    members = [out.polynomial(_primitive(line, name)) for line in chain]
    longest = max(width(node_latex(node)) for node in members)
    if len(chain) > _LONGEST_SEQUENCE or longest > _LETTERS:
        return [f"The sequence has {len(chain)} members, the first of degree {len(chain[0]) - 1}."]
    rows = tuple(
        (f"$p_{{{k}}}$", f"${node_latex(node)}$", _word(_sign(line, ends[0], -1)), _word(_sign(line, ends[1], 1)))
        for k, (node, line) in enumerate(zip(members, chain, strict=True))
    )
    x = name_latex(name)
    heads = tuple(f"sign at ${x} {'=' if e is not None else chr(92) + 'to'} {_end(e, s)}$"
                  for e, s in zip(ends, "- ", strict=True))  # fmt: skip
    return [Table("Sturm sequence, up to positive factors", ("", "member", *heads), rows)]


def place(certificate: Mapping[str, Any]) -> str:
    """Return the interval as a formula between dollar signs."""
    x = name_latex(certificate["variable"])
    low, high = (
        None if certificate.get(key) is None else number(fraction(certificate[key])) for key in ("low", "high")
    )
    if low is None:
        return f"all ${x}$" if high is None else rf"${x} \le {high}$"
    return rf"${x} \ge {low}$" if high is None else rf"${low} \le {x} \le {high}$"


def _end(end: Fraction | None, sign: str) -> str:
    return rf"{sign.strip()}\infty" if end is None else number(end)


def _primitive(line: Coefficients, name: str) -> poly.Poly:
    scale = lcm(*(c.denominator for c in line))
    content = gcd(*(int(c * scale) for c in line))
    found = [c * scale / content for c in line]
    return {(() if not k else ((name, k),)): c for k, c in enumerate(found) if c}


def _sign(line: Coefficients, end: Fraction | None, direction: int) -> int:
    at = value(line, end) if end is not None else line[-1] * (direction if len(line) % 2 == 0 else 1)
    return (at > 0) - (at < 0)


def _word(sign: int) -> str:
    return {1: "+", 0: "0", -1: "−"}[sign]


def _changes(signs: list[int]) -> int:
    return sum(a != b for a, b in pairwise([s for s in signs if s]))
