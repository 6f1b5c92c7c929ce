"""Axioms: instances are true wherever their premises hold, and wrong uses are rejected."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import flint
from certificates import (
    GIVEN,
    IDENTITY,
    Json,
    Uses,
    accepted,
    claim,
    known,
    nonzero,
    proof,
    right_uses,
    step,
    wrong_uses,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from checks.checker import Rejected, check
from checks.checker.grammar import Node, parse
from checks.checker.kinds import axioms

USES: Uses = {
    "axiom": (
        (
            claim("exp(x) >= 1 + x"),
            proof(
                step("axiom", step("name", GIVEN, term="exp(x)", **{"as": "z"}), axiom="exp-lower", at=["x"], order=1)
            ),
        ),
        {
            name: (claim(shown, given=hypotheses), proof(step("axiom", *by, axiom=axiom, at=at, order=order)))
            for name, (shown, hypotheses, axiom, at, order, by) in {
                "an even lower bound below 0": (
                    "exp(x) >= 1 + x*(1 + x*(1/2))",
                    ("x >= -1",),
                    "exp-lower",
                    ["x"],
                    2,
                    (GIVEN, known(1)),
                ),
                "an upper bound above 0": (
                    "exp(x) <= 1 + x*(1 + x*(1/2))",
                    (),
                    "exp-upper",
                    ["x"],
                    2,
                    (GIVEN, known(0)),
                ),
                "an odd upper bound": (
                    "exp(x) <= 1 + x*1",
                    ("x <= 0",),
                    "exp-upper",
                    ["x"],
                    1,
                    (known(0), known(1)),
                ),
                "a logarithm of anything": (
                    "log(x) <= (x - 1)*1",
                    (),
                    "log-upper",
                    ["x"],
                    1,
                    (GIVEN, known(0)),
                ),
                "a term that is undefined somewhere": (
                    "exp(1/x) >= 1 + 1/x*1",
                    (),
                    "exp-lower",
                    ["1/x"],
                    1,
                    (nonzero("x"), known(0)),
                ),
                "an exponent that is not the sum": (
                    "exp(x) == 1*exp(y)**1",
                    (),
                    "exp-sum",
                    ["x", "y"],
                    [1],
                    (IDENTITY, known(0)),
                ),
                "as many terms as multiples": (
                    "exp(x) == 1*exp(y)**1",
                    ("x >= y",),
                    "exp-sum",
                    ["x", "y"],
                    [1, 1],
                    (IDENTITY, known(0)),
                ),
                "strictly increasing at equal terms": (
                    "exp(x) < exp(y)",
                    ("x <= y",),
                    "exp-increasing",
                    ["x", "y"],
                    2,
                    (GIVEN, known(1)),
                ),
                "a power of a negative base": (
                    "x**y == exp(y*log(x))",
                    (),
                    "power",
                    ["x", "y"],
                    1,
                    (GIVEN, known(0)),
                ),
                "a sine below 0": (
                    "sin(x) <= 0 + x*1",
                    (),
                    "sin-series",
                    ["x"],
                    1,
                    (GIVEN, known(0)),
                ),
                "the logarithmic mean below 1": (
                    "(x + 1)*log(x) >= 2*(x - 1)",
                    ("x > 0",),
                    "log-mean",
                    ["x"],
                    1,
                    (GIVEN, known(1)),
                ),
                "an odd lower bound of the logarithm": (
                    "log(x) >= 0 + (x - 1)*1",
                    ("x >= 1",),
                    "log-lower",
                    ["x"],
                    1,
                    (known(0), known(1)),
                ),
                "an order of zero": ("exp(x) >= 1", (), "exp-lower", ["x"], 0, (known(0),)),
                "no such axiom": ("exp(x) >= 1", (), "exp-large", ["x"], 1, (known(0),)),
            }.items()
        },
    ),
}


@right_uses(USES)
def test_the_right_use_is_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


@wrong_uses(USES)
def test_a_wrong_use_is_rejected(formal: Json, certificate: Json) -> None:
    assert not accepted(formal, certificate)


def arb(node: Node, values: dict[str, Fraction]) -> flint.arb | None:
    """Return the value of a term in balls, or None where it has none (or may have none)."""
    kind = node[0]
    if kind in ("number", "name"):
        x = node[1] if kind == "number" else values[node[1]]
        return flint.arb(flint.fmpq(x.numerator, x.denominator))
    if kind == "call":
        if node[1] == "pi":
            return flint.arb.pi()
        (x,) = (arb(part, values) for part in node[2])
        if x is None or (node[1] == "log" and not x > 0) or (node[1] == "sqrt" and not x >= 0):
            return None
        return {"exp": x.exp, "log": x.log, "sin": x.sin, "cos": x.cos, "tan": x.tan, "sqrt": x.sqrt}[node[1]]()
    a, b = arb(node[1], values), arb(node[2], values)
    if a is None or b is None or (kind == "/" and b.contains(0)):
        return None
    if kind == "**":
        whole_number = b.unique_fmpz()
        return (
            a ** int(whole_number)
            if whole_number is not None and (a != 0 or whole_number >= 0)
            else (a**b if a > 0 else None)
        )
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


def surely(left: flint.arb, sign: str, right: flint.arb) -> bool:
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
        "==": left == right,
    }[sign]


def surely_not(left: flint.arb, sign: str, right: flint.arb) -> bool:
    opposite = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "!=": "=="}
    return left != right if sign == "==" else surely(left, opposite[sign], right)


# each schema with the numbers of terms and multiples that it takes
TERMS = ("x", "y", "x*y", "0 - x", "x + y", "1/x", "x**2", "y - 1")
TWO = ("exp-increasing", "log-increasing", "sqrt-increasing", "power")
PRODUCTS = ("exp-sum", "log-product")
ANGLES = ("sin-sum", "cos-sum")
TURNS = ("sin-quarter", "cos-quarter")


@st.composite
def instances(draw: Any) -> tuple[str, list[str], list[int]]:
    """Draw a schema, terms and orders, such that its premises have a chance to hold."""
    name = draw(st.sampled_from(sorted(axioms.SCHEMAS)))
    if name in ANGLES:
        v, w = draw(st.sampled_from(TERMS)), draw(st.sampled_from(TERMS))
        return name, [draw(st.sampled_from((f"{v} + ({w})", "x"))), v, w], []
    if name in TURNS:
        n = draw(st.integers(-9, 9))
        return name, [draw(st.sampled_from((f"({n})*pi/2", "x")))], [n]
    if name not in PRODUCTS:
        terms = draw(st.lists(st.sampled_from(TERMS), min_size=1 + (name in TWO), max_size=1 + (name in TWO)))
        return name, terms, [draw(st.integers(1, 8))]
    orders = draw(st.lists(st.integers(-3, 3), min_size=1, max_size=2))
    others = draw(st.lists(st.sampled_from(TERMS), min_size=len(orders), max_size=len(orders)))
    parts = [f"({k})*({v})" if name == "exp-sum" else f"({v})**({k})" for v, k in zip(others, orders, strict=True)]
    whole_term = (" + " if name == "exp-sum" else " * ").join(parts)
    return name, [draw(st.sampled_from((whole_term, "x"))), *others], orders


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(instance=instances(), x=st.fractions(-4, 4, max_denominator=9), y=st.fractions(-4, 4, max_denominator=9))
def test_an_axiom_is_true_wherever_its_premises_hold(instance, x, y):
    name, terms, orders = instance
    try:
        premises, (left, sign, right) = axioms.SCHEMAS[name]([parse(term) for term in terms], orders)
    except Rejected:
        assume(False)
    values = {"x": x, "y": y}
    with flint.ctx.workprec(300):
        assume(all(arb(parse(term), values) is not None for term in terms))
        for a, relation, b in premises:
            low, high = arb(a, values), arb(b, values)
            # an equality of terms that are rational at the point holds, up to rounding, or is far from it
            assume(low is not None and high is not None and not surely_not(low, relation, high))
        below, above = arb(left, values), arb(right, values)
        assert below is not None, "where its premises hold an axiom is defined"
        assert above is not None
        assert not surely_not(below, sign, above)
