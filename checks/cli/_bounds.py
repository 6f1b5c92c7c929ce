"""Bounds that a run is held against: ``QUANTITY <= LIMIT``, and what exact replays say of their counterexamples."""

from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import sympy as sp

    from checks.checker.grammar import Node
    from numerics.replay import Bound
    from numerics.result import RunResult

END = " at the end"
#: Most counterexamples of a claim that are replayed.
MOST = 20
_MIRROR = {"<=": ">=", ">=": "<=", "<": ">", ">": "<"}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


def bound_of(text: str) -> Bound:
    """Read a claim such as ``norm2 <= 1 + eta/4`` or ``norm < 3 at the end``; its numbers are exact."""
    from checks.claimline import BadLine, parse_line
    from numerics.replay import Bound

    body = text.strip()
    final = body.endswith(END)
    try:
        node = parse_line(body.removesuffix(END), set(), True)
    except BadLine as error:
        raise click.UsageError(f"--claim {text!r}: {error}") from None
    if node[0] == "compare" and len(node[1]) == 1 and node[1][0] in _MIRROR:
        (relation,), (left, right) = node[1], node[2]
        if right[0] == "name" and left[0] != "name":
            left, right, relation = right, left, _MIRROR[relation]
        if left[0] == "name":
            return Bound(left[1], relation, _number(right, text), final)
    raise click.UsageError(f"--claim {text!r}: write QUANTITY <= LIMIT (or < >= >), for example norm2 <= 1 + eta/4")


def _number(node: Node, text: str) -> sp.Expr:
    """Return a limit as an expression in the parameters."""
    import sympy as sp

    kind = node[0]
    if kind == "number":
        return sp.Rational(node[1].numerator, node[1].denominator)
    if kind == "name":
        return sp.Symbol(node[1])
    if kind == "call" and node[1] == "sqrt":
        return sp.sqrt(_number(node[2][0], text))
    if kind == "neg":
        return -_number(node[1], text)
    if kind in _BINARY:
        return sp.sympify(_BINARY[kind](*(_number(part, text) for part in node[1:])))
    raise click.UsageError(
        f"--claim {text!r}: the limit has + - * / integer powers, sqrt, exact numbers and parameters"
    )


def observable_of(bound: Bound) -> str:
    """Return the observable that shows counterexamples of a claim."""
    name = bound.observable
    if name is None:
        hint = "" if bound.final else f"; along a run the largest value is recorded: write <= or <, or '{bound}{END}'"
        raise click.UsageError(f"--claim '{bound}': no run records what shows a counterexample{hint}")
    return name


def judged(model: Any, run: RunResult, bound: Bound, eta: Fraction, data: Any) -> dict[str, Any]:
    """Replay the counterexamples that a run reports, the worst first, and return what came out as JSON."""
    from numerics.replay import replay_suspects, suspects

    parameters = {"eta": eta}
    found = suspects(run, bound, parameters)
    replays = replay_suspects(model, run, bound, parameters=parameters, most=MOST, data=data)
    return {
        "claim": str(bound),
        "counterexamples_in_doubles": len(found),
        "replayed": [
            {
                "replica": suspect.replica,
                "value": suspect.value,
                "outcome": replay.outcome.value,
                "step": replay.step,
                "margin": replay.margin,
                "bits": replay.bits,
                "text": replay.sentence(),
            }
            for suspect, replay in replays
        ],
    }


def lines_of(answer: dict[str, Any], replicas: int) -> list[str]:
    """Return the result of a claim in words."""
    count = answer["counterexamples_in_doubles"]
    lines = [f"claim {answer['claim']}: {count} of {replicas} replicas violate it in doubles"]
    lines += [f"  replica {item['replica']}: {item['text']}" for item in answer["replayed"]]
    left = count - len(answer["replayed"])
    return lines + ([f"  {left} more were not replayed"] if left else [])
