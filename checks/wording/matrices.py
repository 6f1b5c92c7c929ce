"""Identities between matrices, their proofs and their counterexamples, in words and formulas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from checks.checker.grammar import Node, names
from checks.checker.kinds.words import lower
from checks.checker.polynomial import ONE, Poly
from checks.checker.word_grammar import read_expression, read_line
from checks.checker.word_point import Matrix, Point
from checks.checker.word_statement import Equality, read, read_letter
from checks.checker.words import UNIT, Value
from checks.wording.notation import name_latex, node_latex, relation_latex
from checks.wording.printer import Printer, number
from checks.wording.structure import Block, Formula, Step, Table

_ZERO: Node = ("number", Fraction(0))
_PRIME: Node = ("text", r"\top")
_INFINITE = r"\mathbb{R}"
_SAME = "Expanded into words, the two sides are the same."


def plain_node(node: Node) -> Node:
    """Return an expression in matrices as one that the printer of other expressions knows."""
    kind = node[0]
    if kind == "name":
        return ("text", rf"\Delta_{{{node[1][1:]}}}") if node[1].startswith("@") else node
    if kind == "number":
        return node
    if kind == "I":
        return ("text", f"I_{{{name_latex(node[1])}}}" if not node[1].isdigit() else f"I_{{{node[1]}}}")
    if kind == "tr":
        return ("text", rf"\operatorname{{tr}}({node_latex(plain_node(node[1]))})")
    if kind == "neg":
        return ("-", _ZERO, plain_node(node[1]))
    if kind == "'":
        return ("**", plain_node(node[1]), _PRIME)
    if kind == "**":
        return ("**", plain_node(node[1]), ("number", Fraction(node[2])))
    right = plain_node(node[2])
    if kind == "*" and node[2][0] == "*":  # brackets of the author, as in A (x'y)
        right = ("text", rf"({node_latex(right)})")
    return (kind, plain_node(node[1]), right)


def formal_latex(formal: Mapping[str, Any]) -> str:
    """Return a ``matrices`` statement as one line of LaTeX mathematics."""
    read(formal)
    given = [*_declared(formal["letters"]), *(_line_latex(line) for line in formal.get("given", ()))]
    shown = r",\quad ".join(_line_latex(line) for line in formal["show"])
    text = r",\; ".join(given) + r"\ \Longrightarrow\ " + shown + _order(formal)
    let = [line.partition("=") for line in formal.get("let", ())]
    where = r",\; ".join(f"{name_latex(a.strip())} = {node_latex(plain_node(read_expression(b)))}" for a, _, b in let)
    return text + (rf"\quad\text{{where }} {where}" if let else "")


def _order(formal: Mapping[str, Any]) -> str:
    """Return up to which power the equalities hold."""
    if not formal.get("modulo"):
        return ""
    name, order = formal["modulo"]
    return rf"\ \text{{ up to }} O({name_latex(name)}^{{{order}}})"


def _shown(formal: Mapping[str, Any], out: Printer) -> list[Formula]:
    """Return the lines of ``show`` with their abbreviations."""
    found = []
    for line in formal["show"]:
        for sign, left, right in read_line(line):
            formula = out.node(("compare", (sign,), (plain_node(left), plain_node(right))))
            found.append(Formula((*formula.pieces, *filter(None, [_order(formal)]))))
    return found


def _line_latex(line: str) -> str:
    return r",\ ".join(_relation(sign, a, b) for sign, a, b in read_line(line))


def _relation(sign: str, left: Node, right: Node) -> str:
    return relation_latex((plain_node(left), sign, plain_node(right)))


def _declared(lines: Iterable[str]) -> list[str]:
    """Return the declarations, letters of one kind together."""
    groups: dict[str, list[str]] = {}
    for line in lines:
        name, shape, said = read_letter(line)
        words = r",\ ".join(
            rf"\text{{{word} }} {name_latex(other)}" if other else rf"\text{{{word}}}" for word, other in said
        )
        rows, columns = (name_latex(size) if not size.isdigit() else size for size in shape or UNIT)
        power = (
            "" if shape is None or (rows, columns) == UNIT else rows if columns == "1" else rf"{rows} \times {columns}"
        )
        kind = (rf"{_INFINITE}^{{{power}}}" if power else _INFINITE) + (rf"\ ({words})" if words else "")
        groups.setdefault(kind, []).append(name_latex(name))
    return [rf"{', '.join(found)} \in {kind}" for kind, found in groups.items()]


def proof(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return the proof of each line: an expansion, or a combination of the hypotheses."""
    stated = read(formal)
    steps = [
        _combination(stated.known, shows, step, out)
        for shows, step in zip(_shown(formal, out), certificate["steps"], strict=True)
    ]
    return steps[0] if len(steps) == 1 else Step("every equality by itself", parts=tuple(steps))


def _combination(known: list[Equality], shows: Formula, step: Mapping[str, Any], out: Printer) -> Step:
    combination = read_expression(step["combination"])
    by_entries = step["kind"] == "entries"
    if by_entries and not _numbers(combination):
        words = "The sizes are numbers: multiplied out entry by entry, the two sides are the same."
        return Step("expansion into entries", shows, body=(words,))
    if not step.get("lemmas") and not _numbers(combination):
        return Step("expansion into words", shows, body=(_SAME,))
    texts = [read_expression(text) for text in step.get("lemmas", ())]
    used = {k for node in (combination, *texts) for k in _numbers(node)}
    body: list[Block] = [
        r"Write $\Delta_k$ for left minus right (without denominators) of these equalities, which hold:"
    ]
    body += [
        Formula((rf"\Delta_{{{k}}}:\quad {_relation('==', *known[k - 1])}",)) for k in sorted(used) if k <= len(known)
    ]
    if texts:
        body.append("They give further expressions that vanish:")
    for k, node in enumerate(texts):
        body.append(Formula((rf"\Delta_{{{len(known) + k + 1}}} = ", out.tex(plain_node(node)))))
    times = f", times {out.inline(plain_node(read_expression(step['multiplier'])))}" if "multiplier" in step else ""
    body.append(f"Expanded into words, left minus right of the claim (without denominators){times}, is the same as")
    body.append(out.node(plain_node(combination)))
    if by_entries:
        body.append("where the sizes are numbers and all is multiplied out entry by entry.")
    return Step("combination of the hypotheses", shows, body=tuple(body))


def _numbers(node: Node) -> set[int]:
    return {int(name[1:]) for name in names(node) if name.startswith("@")}


def refutation(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return the matrices, and what both sides are for them."""
    stated = read(formal)
    at = Point.read(stated.algebra, stated.diagonal, certificate)
    left, right = stated.shown[int(certificate["line"])]
    body: list[Block] = []
    rows: list[tuple[str, str]] = []
    divided: list[Poly] = []
    value = stated.difference(left, right, divided)
    if not at.defined(divided):
        body.append("Every hypothesis holds for these matrices, and the claim divides by zero.")
    elif stated.modulo is not None:
        name, order = stated.modulo
        body.append(
            f"The hypotheses hold for these matrices whatever ${name_latex(name)}$ is, and left minus right (without "
            f"denominators) has a power of ${name_latex(name)}$ below ${order}$."
        )
        parts = {word: list(lower(p, stated.modulo)) for word, p in value.top.items()}
        for k in range(order):
            coefficient = Value(value.shape, {word: found[k] for word, found in parts.items()}, ONE)
            rows.append((f"coefficient of ${name_latex(name)}^{{{k}}}$", _value(at, coefficient, value)))
    else:
        body.append("Every hypothesis holds for these matrices, and the two sides differ.")
        sides = (("left side", left), ("right side", right))
        rows = [(words, _value(at, stated.algebra.value(node, []), value)) for words, node in sides]
    if rows:
        body.append(Table("Values there", ("", "value"), tuple(rows[: out.rows])))
    return Step("exact counterexample", _shown(formal, out)[int(certificate["line"])], role="fails", body=tuple(body))


def _value(at: Point, value: Value, alike: Value) -> str:
    """Return a value of the shape of another one, as LaTeX."""
    entries = at.matrix(Value(alike.shape, value.top, value.bottom))
    return f"${_entries(entries, at.number(value.bottom))}$"


def _entries(entries: Matrix, bottom: Fraction) -> str:
    if len(entries) == 1 and len(entries[0]) == 1:
        return number(entries[0][0] / bottom)
    rows = r" \\ ".join(" & ".join(number(x / bottom) for x in row) for row in entries)
    return rf"\begin{{pmatrix}} {rows} \end{{pmatrix}}"


def point(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> dict[str, str]:
    """Return the values of a counterexample as text, by name; the variable of an order of magnitude has none."""
    free = list(formal.get("modulo") or ())[:1]
    values = {**certificate["sizes"], **certificate["numbers"]}
    found = {name: str(text) for name, text in values.items() if name not in free}
    for name, rows in certificate["matrices"].items():
        texts = "; ".join(" ".join(str(entry) for entry in row) for row in rows)
        found[name] = f"[{texts}]" if len(rows) * len(rows[0]) > 1 else texts
    return found
