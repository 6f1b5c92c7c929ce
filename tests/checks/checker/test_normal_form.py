"""Random expressions: the normal form of indexed sums has the value that term-by-term evaluation gives."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.grammar import parse
from checks.checker.roots import roots

INDEX = {
    "atoms": {"A": "a", "B": "b", "C": "1"},
    "sets": {"S": ["A", "B"], "every": ["A", "B", "C"]},
    "families": {"c": None, "d": None, "f": {"A": "c", "B": "0", "C": "d"}},
    "indices": {"k": "A", "l": "A", "m": "B"},
}


def expression(rng: random.Random, depth: int, bound: list[str]) -> str:
    def inner(more: list[str] | None = None) -> str:
        return expression(rng, depth - 1, bound + (more or []))

    kind = rng.random()
    if depth == 0 or kind < 0.15:
        leaves = [
            rng.choice(["-1", "0", "2", "1/2", "x", "y"]),
            f"{rng.choice('ccdf')}[{rng.choice(bound)}]",
            f"delta({rng.choice(bound)},{rng.choice(bound)})",
            f"size({rng.choice(['A', 'S', 'every', 'C'])})",
        ]
        return f"({rng.choice(leaves)})"
    if kind < 0.35:
        return f"({inner()} {rng.choice('+-')} {inner()})"
    if kind < 0.6:
        return f"{inner()}*{inner()}"
    if kind < 0.68:
        return f"({inner()})**{rng.choice([0, 1, 2])}"
    if kind < 0.75:
        return f"({inner()})/({rng.choice(['x', 'y + 1', 'c[k]', 'x - x', '2'])})"
    if kind < 0.93:
        name = rng.choice(["k", "l", "m", "i", "j", "i1"])
        return f"sum({name}:{rng.choice(['A', 'B', 'S', 'every', 'C'])}, {inner([name])})"
    return f"diff({inner()}, {rng.choice('cd')}[{rng.choice(bound)}])"


@pytest.mark.parametrize("seed", range(4))
def test_normal_forms_have_the_value_of_the_expression(seed: int) -> None:
    rng = random.Random(seed)
    compared = 0
    for _ in range(200):
        node, context = parse(expression(rng, 4, ["k", "l", "m"])), poly.Context.read(INDEX)
        try:
            top, bottom = poly.ratio(node, context)
        except poly.NotRational:
            continue
        a, b = rng.randint(1, 3), rng.randint(1, 2)
        layout = {"A": list(range(a)), "B": list(range(a, a + b)), "C": [a + b]}
        arrays = {family: [Fraction(rng.randint(-2, 2)) for _ in range(a + b + 1)] for family in "cd"}
        scalars = {
            "a": Fraction(a),
            "b": Fraction(b),
            "x": Fraction(rng.randint(-2, 2)),
            "y": Fraction(rng.randint(-2, 2)),
        }
        at = pointwise.Point(scalars, arrays, layout, poly.Context.read(INDEX))
        at.indices = {"k": rng.randrange(a), "l": rng.randrange(a), "m": a + rng.randrange(b)}
        values: dict[poly.Generator, Fraction] = dict(scalars)
        for g in poly.generators(top) | poly.generators(bottom):
            if g[0] == "delta":
                values[g] = Fraction(at.indices[g[1]] == at.indices[g[2]])
            elif g[0] == "power-sum":
                values[g] = Fraction(0)
                for position in layout[g[1]]:
                    term = Fraction(1)
                    for family, exponent in g[2]:
                        term *= arrays[family][position] ** exponent
                    values[g] += term
            elif isinstance(g, tuple):
                values[g] = arrays[g[0]][at.indices[g[1]]]
        below = poly.evaluate(bottom, values)
        if below:
            # where the normal form is defined, the expression is, and both agree
            value = poly.evaluate(top, values) / below
            assert pointwise.number(node, at) == (value, value)
            compared += 1
    assert compared > 120


@pytest.mark.parametrize("seed", range(4))
def test_roots_are_counted_with_open_and_closed_ends(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(150):
        line, zeros = [Fraction(rng.choice([1, -2]))], set()
        for _ in range(rng.randint(1, 5)):
            zero = Fraction(rng.randint(-4, 4), 2)
            factors = [[-zero, Fraction(1)]] if rng.random() < 0.8 else [[1 + zero**2, Fraction(0), Fraction(1)]]
            zeros |= {zero} if len(factors[0]) == 2 else set()
            for factor in factors * rng.randint(1, 3):
                product = [Fraction(0)] * (len(line) + len(factor) - 1)
                for i, x in enumerate(line):
                    for j, y in enumerate(factor):
                        product[i + j] += x * y
                line = product
        low, high = (rng.choice([None, *map(Fraction, range(start, start + 3))]) for start in (-2, 1))
        low_open, high_open = (end is None or rng.random() < 0.5 for end in (low, high))
        inside = [
            z
            for z in zeros
            if (low is None or z > low or (z == low and not low_open))
            and (high is None or z < high or (z == high and not high_open))
        ]
        assert roots(line, low, high, low_open, high_open) == len(inside)
