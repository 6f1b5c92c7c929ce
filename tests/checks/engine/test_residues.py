"""Equations between integers without solutions: moduli, and what the descent takes as its order."""

from __future__ import annotations

from itertools import product

import pytest

from checks.checker import polynomial as poly
from checks.checker.grammar import parse
from checks.claim import forall
from checks.engine import decide
from checks.engine.residues import _order, obstruction
from checks.verdict import Status


def polynomial(text: str) -> poly.Poly:
    return poly.ratio(parse(f"({text}) > 0")[2][0], poly.Context())[0]


@pytest.mark.parametrize(
    "text",
    [
        "x**2 + y**2 - 4*z - 3",
        "x**2 + y**2 + z**2 - 8*w - 7",
        "x**3 + y**3 - 9*z - 4",
        "x**2 - 5*y**2 - 3",
        "6*x + 9*y - 4",
        "n**3 - n - 6*m - 3",
    ],
)
def test_an_obstruction_excludes_all_remainders(text):
    p = polynomial(text)
    found = obstruction(p)
    assert found is not None
    inside = sorted(map(str, poly.generators(p)))
    # whatever the integers are, the value is not zero
    assert all(poly.evaluate(p, dict(zip(inside, at, strict=True))) for at in product(range(-4, 5), repeat=len(inside)))


@pytest.mark.parametrize("text", ["x**2 - 2*y**2", "6*x + 10*y - 4", "x**2 - 7*y**2 - 2", "x*y - 1"])
def test_what_has_solutions_has_no_obstruction(text):
    assert obstruction(polynomial(text)) is None


@pytest.mark.parametrize(
    ("text", "number", "order"),
    [("m**2 - 2*n**2", 2, ["m", "n"]), ("n**2 - 12*m**2", 3, ["n", "m"]), ("2*a**3 - b**3", 2, ["b", "a"])],
)
def test_the_descent_begins_with_the_name_that_must_be_a_multiple(text, number, order):
    p = polynomial(text)
    assert _order(p, sorted(map(str, poly.generators(p))), number) == order


@pytest.mark.parametrize(
    ("show", "given", "integers", "status"),
    [
        ("x**2 + y**2 + z**2 != 8*w + 7", [], "xyzw", Status.PROVED),
        ("x**3 + y**3 != 9*z + 4", [], "xyz", Status.PROVED),
        ("x**2 - 7*y**2 != 2", [], "xy", Status.REFUTED),
        ("n == 2*q or n == 2*q + 1", ["2*q <= n < 2*q + 2"], "nq", Status.PROVED),
        ("x >= 2*y + 1", ["x >= 2*y", "x != 2*y"], "xy", Status.PROVED),
        ("x >= 2*y + 1", ["x >= 2*y", "x != 2*y"], "y", Status.REFUTED),
        ("log(k + 1)/(k + 1) <= log(k)/k", ["k >= 3"], "k", Status.PROVED),
    ],
)
def test_claims_about_integers(show, given, integers, status):
    assert decide(forall("c", [show], given=given, integers=list(integers)), 12.0).status is status
