"""No rule makes a false goal true: of the goals that it leaves, one is false somewhere.

Goals are drawn at random, each false at a known point, and rules are applied with random parameters, odd ones included.
A goal that a rule leaves counts as false where no hypothesis is seen to fail and the conclusion is not seen to hold.
It is looked for at the known point, moved as the rule moves it (a new name takes the value of the term that it stands
for, a variable that of its square, the point on a path any place between its ends).  A rule none of whose goals is
false at any of these points would prove the false goal.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.accept import FAULTS, RULES
from checks.checker.goal import Goal, comparison, goals
from checks.checker.grammar import Node, names, parse
from checks.checker.kinds import axioms
from checks.checker.kinds.functions import inside
from checks.engine.unparse import unparse

Values = dict[str, Any]
VECTOR = {"atoms": {"A": "m"}, "sets": {}, "families": {"c": None}, "indices": {}}
SMALL = [Fraction(k, 2) for k in (-3, -2, -1, 0, 1, 2, 4, 6)] + [Fraction(1, 3)]
PLACES = [Fraction(k, 4) for k in range(-12, 13)] + [Fraction(k) for k in (-10, -8, -6, -5, 5, 6, 8, 10)]
MOST_PLACES = 400
SIGNS = ("<", "<=", "==", "!=", ">=", ">")
# x = value(t) and t = inverse(x), right and wrong ones
CHANGES = (
    ("t/2", "2*x"), ("1/t", "1/x"), ("t**2", "sqrt(x)"), ("t**2", "x"), ("exp(t)", "log(x)"), ("t + y", "x - y"),
    ("t*y", "x/y"), ("t/(1 + t)", "x/(1 - x)"), ("t**3", "x**(1/3)"), ("abs(t)", "x"), ("t*c[k]", "x/c[k]"),
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """A point, with the entries of a family over an index set: none, two (one of them named by k), or an empty one."""

    values: Values
    index: dict[str, Any] | None = None
    entries: tuple[Fraction, ...] = ()

    def point(self) -> pointwise.Point:
        context = poly.Context.read(self.index)
        arrays, layout = ({"c": self.entries}, {"A": range(len(self.entries))}) if self.index else ({}, {})
        at = pointwise.Point(self.values, arrays, layout, context)
        at.indices.update(dict.fromkeys(context.indices, 0))
        return at

    def says(self, node: Node) -> bool | None:
        """Whether a statement is true here (an undefined one is not), or None where that is not known."""
        try:
            return pointwise.holds(node, self.point()) is True
        except pointwise.Unknown:
            return None
        except pointwise.Undefined:
            return False

    def may_refute(self, goal: Goal) -> bool:
        hypotheses = (*(comparison(*entry) for entry in goal.given), *goal.either)
        return all(self.says(node) is not False for node in hypotheses) and self.says(goal.conclusion) is not True


class Draw:
    """Random worlds, statements and parameters of rules."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def world(self) -> World:
        values: Values = {name: self.random.choice(SMALL) for name in "xy"}
        values["n"] = Fraction(self.random.randint(-3, 5))
        kind = self.random.choice(("none", "none", "two", "empty"))
        if kind == "none":
            return World(values)
        entries = tuple(self.random.choice(SMALL) for _ in range(2 if kind == "two" else 0))
        index = {**VECTOR, "indices": {"k": "A"}} if entries else VECTOR
        return World({**values, "m": Fraction(len(entries))}, index, entries)

    def expression(self, depth: int, world: World, functions: bool) -> str:
        if depth == 0 or self.random.random() < 0.15:
            found = ["x", "y", "x", "y", "n", "1", "2", "1/2", "0", "taylor(x*t**2 + t, t, 2)"]
            found += ["m", "sum(i:A, c[i])", "sum(i:A, 1/y)", "sum(i:A, x*c[i])", "size(A)"] if world.index else []
            found += ["c[k]", "diff(sum(i:A, x*c[i]**2), c[k])"] if world.entries else []
            return self.random.choice(found)
        a, b = (self.expression(depth - 1, world, functions) for _ in range(2))
        called = [f"{name}({a})" for name in ("abs", "sqrt", "exp", "log", "sin", "cos", "tan")]
        called += [f"min({a}, {b})", f"max({a}, {b})", f"abs({a})"]
        power = self.random.choice(("2", "3", "0", "-1", "1/2", "y", "n"))
        made = [f"({a}) + ({b})", f"({a}) - ({b})", f"({a})*({b})", f"({a})/({b})", f"({a})**({power})"]
        return self.random.choice([*made, self.random.choice(called)] if functions else made)

    def statement(self, depth: int, world: World) -> str:
        if depth and self.random.random() < 0.4:
            word = self.random.choice(("and", "or", "implies", "not"))
            first, second = (self.statement(depth - 1, world) for _ in range(2))
            return f"not ({first})" if word == "not" else f"({first}) {word} ({second})"
        functions = self.random.random() < 0.5
        sides = [self.expression(self.random.choice((0, 1, 2)), world, functions) for _ in range(3)]
        links = [f"{self.random.choice(SIGNS)} {side}" for side in sides[1 : self.random.choice((2, 2, 2, 3))]]
        return " ".join([sides[0], *links])

    def goal(self) -> tuple[Goal, World] | None:
        """Draw a goal that is false at the point of a world, and the world."""
        world = self.world()
        x, y, n = (world.values[name] for name in "xyn")
        plain = ["x > 0", "y > 0", "n > 0", f"y == {y}", f"n >= {n}", f"x <= {x + 1}", f"x - {x} == 2*(y - {y})"]
        signs = [sign for sign in SIGNS if world.says(parse(f"x*y {sign} 0"))]
        plain += [f"({a})*({b}) {sign} 0" for sign in signs for a, b in (("x", "y"), ("y", "x"))]
        drawn = [self.statement(1, world) if self.random.random() < 0.6 else self.random.choice(plain) for _ in "12345"]
        show = self.statement(1, world)
        try:
            given = [line for line in drawn if world.says(parse(line))]
            formal = {"given": given, "show": [show], "integers": ["n"], "index": world.index or {}}
            found = [goal for goal in goals(formal) if world.says(goal.conclusion) is False]
        except FAULTS:
            return None
        return (found[0], world) if found else None

    def parameters(self, kind: str, goal: Goal, world: World) -> dict[str, Any]:
        draw, nodes = self.random, [goal.conclusion, *(comparison(*entry) for entry in goal.given), *goal.either]
        terms = [unparse(term) for node in nodes for term in parts(node)]
        calls = [term for term in terms if term.startswith(("abs(", "min(", "max("))]

        def term() -> str:
            return draw.choice(terms) if terms and draw.random() < 0.7 else self.expression(1, world, True)

        name = draw.choice(sorted(goal.names | {"z"}))
        value, inverse = (text.replace("x", name) for text in draw.choice(CHANGES))
        a = term()
        found = {
            "side": draw.randint(0, 1),
            "either": draw.randint(-1, len(goal.either)),
            "at": term(),
            "show": self.statement(1, world),
            "given": draw.randint(-1, len(goal.given)),
            "sign": draw.randint(-1, 1),
            "fact": draw.randint(-1, len(goal.facts())),
            "factor": draw.choice((a, "x", "y")),
            "to": draw.choice((term(), "x", "y", f"({a}) + 0", f"sqrt(({a})**2)", f"exp(log({a}))", f"({a})*(x/x)")),
            "variable": name,
            "variables": [name],
            "as": draw.choice(("s", "t", "w", "x", "k", "c", "pi")),
            "value": value,
            "inverse": inverse,
            "term": draw.choice(calls) if calls and kind == "cases" else a,
            "keep": [draw.randint(-1, len(goal.given)) for _ in range(draw.randint(0, 3))],
            "inward": draw.choice((1, -1)),
            "strict": draw.choice(("start", "slope")),
            "modulus": draw.randint(1, 4),
            "start": draw.randint(-2, 3),
            "low": draw.randint(-3, 1),
            "high": draw.randint(-1, 4),
            "from": a if kind == "rewrite" else draw.choice(("0", "1", "-1", "y", "x/2", "y - 1", "n", "x + 1")),
        }
        if draw.random() < 0.3:
            found["alone"] = True
        if kind == "axiom":
            found |= self.axiom(term)
        if kind == "enclose":
            box = {}
            for scalar in goal.names:
                near = [world.values.get(scalar, Fraction(0)) + draw.choice((-1, 0, 1, 2)) for _ in range(2)]
                box[scalar] = [str(min(near)), str(max(near))]
            cut = {"along": draw.choice(sorted(box)), "low": "leaf", "high": "leaf"} if box else "leaf"
            found |= {"box": box, "tree": draw.choice(("leaf", cut))}
        return {"kind": kind, **found}

    def axiom(self, term: Any) -> dict[str, Any]:
        name = self.random.choice(sorted(axioms.SCHEMAS))
        if name not in ("exp-sum", "log-product"):
            two = name in ("exp-increasing", "log-increasing", "sqrt-increasing", "power")
            return {"axiom": name, "at": [term() for _ in range(1 + two)], "order": self.random.randint(0, 4)}
        orders = [self.random.randint(-2, 2) for _ in range(self.random.randint(1, 2))]
        terms = [term() for _ in orders]
        parts = [f"({k})*({v})" if name == "exp-sum" else f"({v})**({k})" for k, v in zip(orders, terms, strict=True)]
        return {"axiom": name, "at": [(" + " if name == "exp-sum" else "*").join(parts), *terms], "order": orders}


def parts(node: Node) -> Iterator[Node]:
    """Yield the terms of a statement or term, itself included, outside sums and derivatives."""
    if node[0] not in ("compare", "and", "or", "not", "implies", "all", "any"):
        yield node
    for part in inside(node):
        yield from parts(part)


def places(certificate: dict[str, Any], left: Goal, world: World) -> Iterator[World]:
    """Yield points at which a goal that a rule leaves may be false, for a goal that is false at the given one."""
    kind, variable, values = certificate["kind"], certificate["variable"], world.values
    pool: list[Any] = [Fraction(0), *PLACES]
    here = values.get(variable, Fraction(0))
    for key in ("from", "term", "inverse"):
        try:
            low, high = pointwise.number(parse(certificate[key]), world.point())
        except FAULTS:
            continue
        pool.insert(0, low if low == high else (low, high))
        if key == "from" and kind == "grow":
            pool[1:1] = [low + (here - low) * Fraction(k, 160) for k in range(161)]
    starts = [values]
    if kind == "squares":
        starts = [{**values, variable: here**2}]
    if kind == "induct":
        starts += [{**values, variable: Fraction(k)} for k in range(-3, 8)]
    for start in starts:
        new = sorted(left.names - set(start))
        choices = [
            [p for p in pool if name not in left.integers or (not isinstance(p, tuple) and p.denominator == 1)]
            for name in new
        ]
        for chosen in itertools.product(*choices):
            yield replace(world, values={**start, **dict(zip(new, chosen, strict=True))})


def keeps_falsehood(certificate: dict[str, Any], left: list[Goal], world: World) -> bool:
    for goal in left:
        try:
            if any(at.may_refute(goal) for at in itertools.islice(places(certificate, goal, world), MOST_PLACES)):
                return True
        except FAULTS:  # a part without a meaning: nothing shows such a goal
            return True
    return False


@pytest.mark.parametrize("seed", [*range(4), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(4, 60))])
def test_no_rule_makes_a_false_goal_true(seed: int) -> None:
    draw, applied = Draw(seed), Counter[str]()
    for _ in range(200):
        drawn = draw.goal()
        if drawn is None:
            continue
        goal, world = drawn
        world = replace(world, values={name: value for name, value in world.values.items() if name in goal.names})
        for kind, rule in RULES.items():
            certificate = draw.parameters(kind, goal, world)
            try:
                left = rule(goal, certificate)
            except FAULTS:
                continue
            applied[kind] += 1
            assert keeps_falsehood(certificate, left, world), (goal, certificate, world)
    # these show a goal outright: a false one never
    assert not applied["known"] + applied["numbers"]
    assert len(applied) >= len(RULES) - 6


def test_a_rule_that_forgets_a_condition_is_seen() -> None:
    """Each of these would prove something false, and the search finds a place for none of its goals."""
    (goal,) = goals({"given": ["x <= 1"], "show": ["x > 5"]})
    world = World({"x": Fraction(0)})
    odd = replace(goal, given=(*goal.given, (parse("0"), "", parse("0"))))
    assert not keeps_falsehood({"kind": "clear", "variable": "x"}, [odd], world)
    assert not keeps_falsehood({"kind": "split", "variable": "x"}, [goal.assuming(parse("x < 0"))], world)
    assert not keeps_falsehood({"kind": "forget", "variable": "x"}, [], world)
    assert keeps_falsehood({"kind": "split", "variable": "x"}, [goal.assuming(parse("x >= 0"))], world)
    assert names(goal.conclusion) == {"x"}
