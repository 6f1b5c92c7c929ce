"""Z3 as an oracle: points at which a polynomial claim may fail, and which side of a claim is worth the time.

A claim is written as SMT-LIB text ("every hypothesis is true, and some conclusion is not": false or undefined).  The
solver runs in a process of its own with limits of time and memory; the package ``z3-solver`` is optional.  Its models
are proposals, evaluated exactly like all others; its ``unsat`` is no proof, and only says where to look no longer.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from checks.checker.goal import constant
from checks.checker.grammar import Node
from checks.engine.budget import Budget
from checks.engine.refute.candidate import Candidate, Root, real_roots
from checks.engine.refute.local import exact_near
from checks.engine.refute.statement import FAULTS, Statement

WORKER = Path(__file__).with_name("smt_worker.py")
MEGABYTES = 800
# powers are written as products; longer texts are not worth the solver's time
LARGEST_POWER, LONGEST = 24, 200_000
# how far a case may be from holding at the model, in floating point, to be looked at nearby
NEAR = 1e-6


class Unsupported(ValueError):
    """The claim is outside the solver's arithmetic."""


@dataclass(frozen=True)
class Answer:
    """``sat``, ``unsat`` or ``unknown``, and the model: fractions, or real algebraic numbers."""

    word: str
    values: Mapping[str, Fraction | Root] = field(default_factory=dict)


@cache
def available() -> bool:
    """Return whether the solver is installed."""
    return find_spec("z3") is not None


def ask(statement: Statement, budget: Budget, seconds: float) -> Answer:
    """Ask whether some point refutes a statement; the solver's processor time counts against the budget.

    The answer is ``unknown`` where the solver is not installed, does not speak of such claims, or ends at a limit.
    """
    seconds = min(seconds, budget.left())
    if not available() or seconds < 0.05:
        return Answer("unknown")
    try:
        text = script(statement)
    except (Unsupported, RecursionError):
        return Answer("unknown")
    before = _children()
    raw = _run({"text": text, "seconds": seconds, "megabytes": MEGABYTES}, 4 * seconds + 5)
    budget.end -= _children() - before
    values: dict[str, Fraction | Root] = dict.fromkeys(statement.names, Fraction(0))  # what the model leaves open
    for name, value in raw.get("values", {}).items():
        if name.startswith("v_") and name[2:] in values:
            values[name[2:]] = Fraction(value) if isinstance(value, str) else _root(value)
    return Answer(raw["answer"], values if raw["answer"] == "sat" else {})


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _run(task: Mapping[str, Any], patience: float) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, str(WORKER)], input=json.dumps(task), capture_output=True, text=True, timeout=patience
        )
        return dict(json.loads(done.stdout)) if done.returncode == 0 else {"answer": "unknown"}
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return {"answer": "unknown"}


def _root(value: Mapping[str, Any]) -> Fraction | Root:
    """Return the root of a polynomial that is nearest to a float."""
    near = float(value["near"])
    found = list(real_roots([Fraction(c) for c in value["polynomial"]]))
    return min(found, key=lambda root: abs(float(root) - near)) if found else Fraction(near)


def candidates(statement: Statement, answer: Answer) -> Iterator[Candidate]:
    """Yield exact points at and near a model."""
    rational = {name: value for name, value in answer.values.items() if isinstance(value, Fraction)}
    roots = {name: value for name, value in answer.values.items() if isinstance(value, Root)}
    if set(rational) | set(roots) != set(statement.names):
        return
    if not roots:
        yield Candidate(rational)
    elif len(set(roots.values())) == 1:
        yield Candidate(rational, next(iter(roots.values())), dict.fromkeys(roots, (Fraction(0), Fraction(1))))
    at = {name: float(value) for name, value in answer.values.items()}
    for clause in statement.cases:
        yield from exact_near(statement, clause, at, NEAR)


def script(statement: Statement) -> str:
    """Return "the statement is refuted" as SMT-LIB text.

    Raises
    ------
    Unsupported
        For functions other than roots, absolute values, minima and maxima, and for very long texts.
    """
    written = _Script(statement)
    lines = [f"(assert {written.statement(node)[0]})" for node in statement.given]
    failures = [f"(not {written.statement(node)[0]})" for node in statement.show]
    lines.append(f"(assert (or false {' '.join(failures)}))")
    text = "\n".join([*written.declarations, *lines])
    if len(text) > LONGEST:
        raise Unsupported("a text that is too long")
    return text


class _Script:
    """Terms as SMT-LIB text; statements as two texts, "it is true" and "it is false" (else a term is undefined)."""

    def __init__(self, statement: Statement) -> None:
        lines = (*statement.given, *statement.show)
        self.whole = set(statement.names) <= statement.integers and all(_is_whole(node) for node in lines)
        self.integers = statement.integers
        kinds = {name: "Int" if name in statement.integers else "Real" for name in statement.names}
        self.declarations = [f"(declare-const v_{name} {kind})" for name, kind in kinds.items()]
        self.length = 0

    def term(self, node: Node, defined: list[str]) -> str:
        """Return an expression's text; what it needs to be defined is added to a list."""
        text = self._term(node, defined)
        self.length += len(text)
        if self.length > 20 * LONGEST or len(text) > LONGEST:
            raise Unsupported("a text that is too long")
        return text

    def _term(self, node: Node, defined: list[str]) -> str:
        kind = node[0]
        if kind == "number":
            return self._number(node[1])
        if kind == "name":
            real = node[1] in self.integers and not self.whole
            return f"(to_real v_{node[1]})" if real else f"v_{node[1]}"
        if kind == "call":
            return self._call(node, defined)
        if kind == "**":
            return self._power(node, defined)
        if kind not in ("+", "-", "*", "/"):
            raise Unsupported(f"{kind!r} is not written")
        a, b = self.term(node[1], defined), self.term(node[2], defined)
        if kind == "/":
            defined.append(f"(not (= {b} 0.0))")
        return f"({kind} {a} {b})"

    def _number(self, value: Fraction) -> str:
        size = str(abs(value.numerator)) if self.whole else f"{abs(value.numerator)}.0"
        size = size if value.denominator == 1 else f"(/ {size} {value.denominator}.0)"
        return f"(- {size})" if value < 0 else size

    def _call(self, node: Node, defined: list[str]) -> str:
        if node[1] not in ("abs", "min", "max", "sqrt"):
            raise Unsupported(f"{node[1]!r} is not written")
        arguments = [self.term(a, defined) for a in node[2]]
        if node[1] == "sqrt":
            return self._root_of(arguments[0], 2, defined)
        if node[1] == "abs":
            arguments.append(f"(- {arguments[0]})")
        total, sign = arguments[0], "<=" if node[1] == "min" else ">="
        for other in arguments[1:]:
            total = f"(ite ({sign} {total} {other}) {total} {other})"
        return total

    def _root_of(self, base: str, degree: int, defined: list[str]) -> str:
        """Return a new name r with r >= 0 and r**degree == base, which is then not negative."""
        name = f"r_{len(self.declarations)}"
        self.declarations.append(f"(declare-const {name} Real)")
        power = f"(* {' '.join([name] * degree)})"
        self.declarations.append(f"(assert (=> (>= {base} 0.0) (and (>= {name} 0.0) (= {power} {base}))))")
        defined.append(f"(>= {base} 0.0)")
        return name

    def _power(self, node: Node, defined: list[str]) -> str:
        exponent = constant(node[2])
        if exponent is None or abs(exponent.numerator) > LARGEST_POWER or exponent.denominator > 4:
            raise Unsupported("a power with a variable or large exponent")
        base = self.term(node[1], defined)
        if exponent.denominator != 1:
            base = self._root_of(base, exponent.denominator, defined)
        if exponent < 0:
            defined.append(f"(not (= {base} 0.0))")
        size = abs(exponent.numerator)
        power = self._number(Fraction(1)) if not size else base if size == 1 else f"(* {' '.join([base] * size)})"
        return f"(/ 1.0 {power})" if exponent < 0 else power

    def statement(self, node: Node) -> tuple[str, str]:
        """Return the texts of "the statement is true" and of "it is false"."""
        kind = node[0]
        if kind == "compare":
            defined: list[str] = []
            sides = [self.term(term, defined) for term in node[2]]
            links = [_link(sign, a, b) for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True)]
            known, every = f"(and true {' '.join(defined)})", f"(and true {' '.join(links)})"
            return f"(and {known} {every})", f"(and {known} (not {every}))"
        if kind == "not":
            true, false = self.statement(node[1])
            return false, true
        if kind not in ("and", "or", "implies"):
            raise Unsupported(f"{kind!r} is not written")
        (a, not_a), (b, not_b) = self.statement(node[1]), self.statement(node[2])
        if kind == "and":
            return f"(and {a} {b})", f"(or {not_a} {not_b})"
        if kind == "or":
            return f"(or {a} {b})", f"(and {not_a} {not_b})"
        return f"(or {not_a} {b})", f"(and {a} {not_b})"


def _link(sign: str, a: str, b: str) -> str:
    return f"(not (= {a} {b}))" if sign == "!=" else f"({'=' if sign == '==' else sign} {a} {b})"


def _is_whole(node: Node) -> bool:
    """Return whether a line has integer values only, where its names have."""
    kind = node[0]
    if kind == "number":
        return bool(node[1].denominator == 1)
    if kind == "name":
        return True
    if kind == "**":
        exponent = constant(node[2])
        return exponent is not None and exponent >= 0 and exponent.denominator == 1 and _is_whole(node[1])
    if kind == "call" and node[1] not in ("abs", "min", "max"):
        return False
    inside = node[2] if kind in ("call", "compare") else node[1:]
    return kind != "/" and all(_is_whole(part) for part in inside)


def find_point(statement: Statement, budget: Budget, seconds: float) -> tuple[str, Candidate | None]:
    """Return the solver's word, and a counterexample that its model leads to, evaluated exactly.

    Returns
    -------
    tuple
        ``unsat`` says that a counterexample is unlikely, and proves nothing.
    """
    answer = ask(statement, budget, seconds)
    for number, candidate in enumerate(candidates(statement, answer)):
        try:
            if candidate.refutes(statement):
                return answer.word, candidate
        except FAULTS:
            continue
        if number > 400 or budget.spent():
            break
    return answer.word, None
