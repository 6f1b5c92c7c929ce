"""Random attacks on identities between matrices: what is accepted must be true by plain matrix arithmetic.

Statements are drawn with certificates that fit them, and then statement or certificate is changed in one place.  An
accepted proof must hold at every point that is drawn for the declared letters and hypotheses; an accepted
counterexample must satisfy them and violate the line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from plain_matrices import (
    HYPOTHESES,
    PLAIN,
    PROPERTY,
    SHAPES,
    SIZES,
    UNIT,
    Hypothesis,
    Json,
    Tree,
    draw_point,
    eye,
    leaf,
    number,
    text,
    times,
    true_at,
)

from checks.checker import Rejected, check

# --- random expressions, and changes of them --------------------------------------------------------------------------


def draw_tree(rng: Random, shape: tuple[str, str], depth: int, names: tuple[str, ...]) -> Tree:
    leaves = [leaf(name) for name in names if SHAPES.get(name, UNIT) == shape]
    leaves += [("'", leaf(name)) for name in names if SHAPES.get(name, UNIT)[::-1] == shape]
    if shape == UNIT:
        leaves += [number(2), number(-1), leaf("n")]
    elif shape[0] == shape[1]:
        leaves += [("I", shape[0]), ("eye",)]
    if depth <= 0 or (leaves and rng.random() < 0.2):
        return rng.choice(leaves or [times(*map(leaf, PLAIN[shape]))])
    choice = rng.randrange(8)
    if choice < 2:
        return (rng.choice("+-"), draw_tree(rng, shape, depth - 1, names), draw_tree(rng, shape, depth - 1, names))
    if choice == 2:
        return ("'", draw_tree(rng, shape[::-1], depth - 1, names))
    if choice == 3 and shape == UNIT:
        return ("tr", draw_tree(rng, rng.choice([("n", "n"), ("m", "m")]), depth - 1, names))
    if choice == 4 and shape[0] == shape[1]:
        return ("**", draw_tree(rng, shape, depth - 1, names), rng.choice([0, 2, 2] + [-1] * (shape == UNIT)))
    if choice == 5:
        return ("/", draw_tree(rng, shape, depth - 1, names), draw_tree(rng, UNIT, depth - 1, names))
    if choice == 6:
        return ("*", draw_tree(rng, UNIT, depth - 1, names), draw_tree(rng, shape, depth - 1, names))
    middle = rng.choice(["m", "n", "n", "1"])
    return times(
        draw_tree(rng, (shape[0], middle), depth - 1, names), draw_tree(rng, (middle, shape[1]), depth - 1, names)
    )


def changed(rng: Random, tree: Tree) -> Tree:
    """Return a tree that differs in one place, or says the same otherwise: what a wrong rule would confuse."""
    inner = [k for k, part in enumerate(tree) if isinstance(part, tuple)]
    if inner and rng.random() < 0.6:
        k = rng.choice(inner)
        return (*tree[:k], changed(rng, tree[k]), *tree[k + 1 :])
    if tree[0] in ("*", "+", "-", "/") and rng.random() < 0.7:
        return (rng.choice(["*", "+", tree[0], tree[0], tree[0]]), tree[2], tree[1])
    if tree[0] == "'":
        return rng.choice([tree[1], ("'", tree), tree])
    if tree[0] == "tr":
        return rng.choice([tree[1], ("tr", ("'", tree[1]))])
    if tree[0] == "**":
        return rng.choice([tree[1], ("**", tree[1], tree[2] + 1), times(tree[1], tree[1])])
    if tree[0] == "name":
        others = [name for name in (*SHAPES, "a", "b") if SHAPES.get(name, UNIT) == SHAPES.get(tree[1], UNIT)]
        return rng.choice([("'", tree), leaf(rng.choice(others)), leaf(rng.choice([*SHAPES, "a", "b", "n", "m"]))])
    return rng.choice([("'", tree), ("*", number(2), tree), ("-", ("+", tree, leaf("a")), leaf("a"))])


def sized(tree: Tree, numbers: dict[str, str]) -> Tree:
    """Return a tree with numbers in the place of sizes."""
    if tree[0] in ("name", "I"):
        return (tree[0], numbers.get(tree[1], tree[1]))
    return tuple(sized(part, numbers) if isinstance(part, tuple) else part for part in tree)


@dataclass(frozen=True)
class Attack:
    """A statement with its parts as trees, so that it can be judged."""

    properties: dict[str, str]
    given: list[Hypothesis]
    shown: tuple[str, Tree, Tree]

    def formal(self, sizes: dict[str, int] | None = None) -> Json:
        """Return the statement, for these sizes alone where they are given."""
        numbers = {name: str(size) for name, size in (sizes or {}).items()}
        letters = [
            f"{name}: {' x '.join(numbers.get(size, size) for size in shape)} {self.properties.get(name, '')}"
            for name, shape in SHAPES.items()
        ]
        show = " == ".join(text(sized(side, numbers)) for side in self.shown[1:])
        return {"form": "matrices", "letters": [*letters, "a: number", "b: number"], "let": [], "show": [show],
                "given": [one.text for one in self.given]}  # fmt: skip

    def known(self) -> list[tuple[tuple[str, str], Tree]]:
        """Return what the equalities @1, @2, ... stand for, with the shapes; the numbers need not be right."""
        found = []
        for line in self.given:
            if line.tree[0] == "==":
                shape = UNIT if line.text in ("r*r' == 1", "a*b == 1") else ("n", "1")
                found.append((shape, ("-", *line.tree[1:])))
        for name, said in self.properties.items():
            x = leaf(name)
            one: Tree = ("eye",)
            pairs = {
                "projection": [(times(x, x), x)],
                "orthogonal": [(times(x, ("'", x)), one), (times(("'", x), x), one)],
                "skew": [(("'", x), times(number(-1), x))],
                "inverse of S": [(times(x, leaf("S")), one), (times(leaf("S"), x), one)],
            }
            found += [(("n", "n"), ("-", *pair)) for pair in pairs.get(said, [])]
        return found

    def points(self, rng: Random) -> list[Json]:
        return [draw_point(rng, sizes, self.properties, self.given) for sizes in SIZES]


SQUARE = ("S", "H", "P", "Q", "K", "D", "E", "V")
DIVISORS: list[Tree] = [
    leaf("b"), ("-", times(leaf("a"), leaf("b")), number(1)), times(leaf("r"), ("'", leaf("r"))), leaf("n"),
    ("-", times(leaf("r"), ("'", leaf("r"))), number(1)), times(("'", leaf("x")), leaf("x")), ("tr", leaf("S")),
]  # fmt: skip


def draw_statement(rng: Random) -> Attack:
    """Draw declarations and hypotheses, with nothing to show."""
    picked = rng.sample(HYPOTHESES, rng.choice([0, 1, 1, 2]))
    if len({name for one in picked for name in one.names}) < sum(len(one.names) for one in picked):
        picked = picked[:1]
    said = {name: PROPERTY[name] for name in SHAPES if name in PROPERTY and rng.random() < 0.7}
    return Attack(said, picked, ("==", number(0), number(0)))


def draw_combination(rng: Random) -> tuple[Attack, Json]:
    """Draw a true statement: an expression, and the same with a multiple of something known added."""
    start = draw_statement(rng)
    names = tuple(rng.sample([*SHAPES, "a", "b"], 6))
    known, shape = start.known(), rng.choice([UNIT, ("n", "n"), ("n", "n"), ("m", "n"), ("n", "1")])
    left = draw_tree(rng, shape, 2, names)
    if not known:
        return replace(start, shown=("==", left, left)), certificate("0")
    position = rng.randrange(len(known))
    (height, width), tree = known[position]
    before = draw_tree(rng, (shape[0], height), 1, names)
    after = draw_tree(rng, (width, shape[1]), 1, names)
    combination = certificate(text(times(before, ("slot", f"@{position + 1}"), after)))
    return replace(start, shown=("==", ("+", left, times(before, tree, after)), left)), combination


def draw_word(rng: Random) -> tuple[Attack, Json]:
    """Draw two words, or traces of words, of which one is the other in another order or with other marks."""

    def marked(name: str) -> Tree:
        return rng.choice([leaf(name), leaf(name), ("'", leaf(name))])

    def closed(word: list[Tree], around: str) -> Tree:
        body = times(*word) if word else ("I", "n")
        if around == "x":
            return times(("'", leaf("x")), body, leaf("x"))
        return ("tr", body) if around == "tr" else body

    word = [marked(rng.choice(SQUARE)) for _ in range(rng.choice([0, 1, 2, 2, 3, 3]))]
    turn = rng.randrange(len(word) + 1)
    other = rng.choice([word, word[::-1], word[turn:] + word[:turn], rng.sample(word, len(word))])
    if rng.random() < 0.5:
        other = [tree[1] if tree[0] == "'" else rng.choice([tree, ("'", tree)]) for tree in other]
    around = rng.choice(["", "tr", "tr", "x"])
    right = closed(other, around)
    if not word:
        right = rng.choice([number(1), leaf("n"), right])
    if rng.random() < 0.2:
        word = [*word, rng.choice([leaf("A"), leaf("r"), leaf("x")])]
    return replace(draw_statement(rng), shown=("==", closed(word, around), right)), certificate("0")


def draw_quotient(rng: Random) -> tuple[Attack, Json]:
    """Draw ``e q/q == e``, which is true where q is not zero."""
    divisor, tree = rng.choice(DIVISORS), draw_tree(rng, rng.choice([UNIT, ("n", "n")]), 1, tuple(SHAPES))
    return replace(draw_statement(rng), shown=("==", ("/", times(divisor, tree), divisor), tree)), certificate("0")


def draw_attack(rng: Random) -> tuple[Attack, Json]:
    """Draw a statement that may be true, with its certificate."""
    return rng.choice([draw_combination, draw_word, draw_word, draw_quotient])(rng)


def certificate(combination: str, multiplier: str = "1", kind: str = "combine") -> Json:
    step = {"kind": kind, "lemmas": [], "combination": combination, "multiplier": multiplier}
    return {"verdict": "proved", "kind": "words", "steps": [step]}


def varied(rng: Random, attack: Attack, proof: Json) -> tuple[Attack, Json]:
    """Change the line, the hypotheses, the properties or the certificate."""
    choice = rng.randrange(6)
    sign, left, right = attack.shown
    if choice < 2:
        return replace(attack, shown=(sign, changed(rng, left), right)), proof
    if choice == 2:
        fewer = {name: said for name, said in attack.properties.items() if rng.random() < 0.7}
        return replace(attack, properties=fewer), proof
    if choice == 3:
        return replace(attack, given=attack.given[1:]), proof
    if choice == 4:
        swapped, _ = varied(rng, attack, proof)
        gap = f"({text(swapped.shown[1])}) - ({text(swapped.shown[2])})"
        return swapped, certificate(rng.choice([gap, "0", f"{gap} + 0*@1"]), rng.choice(["1", "1", "a", "0", "x'*x"]))
    scaled = ("*", leaf(rng.choice(["a", "b", "n"])), left), ("*", leaf(rng.choice(["a", "b", "n"])), right)
    return replace(attack, shown=(sign, *scaled)), proof


def accepted(formal: Json, proof: Json) -> bool:
    try:
        return check(formal, proof) == proof["verdict"]
    except Rejected:
        return False


@pytest.mark.parametrize("seed", range(8))
def test_accepted_proofs_hold_at_every_point(seed: int) -> None:
    rng, right, changed_ones = Random(seed), 0, 0
    for _ in range(60):
        attack, proof = draw_attack(rng)
        for one, with_proof in [(attack, proof), *(varied(rng, attack, proof) for _ in range(3))]:
            if accepted(one.formal(), with_proof):
                assert all(true_at(one.shown, env) for env in one.points(rng)), (one.formal(), with_proof)
                right, changed_ones = right + (one is attack), changed_ones + (one is not attack)
    assert min(right, changed_ones) > 10


@pytest.mark.parametrize("seed", range(4))
def test_accepted_expansions_into_entries_hold_at_every_point(seed: int) -> None:
    rng, found, sizes = Random(2000 + seed), 0, {"m": 3, "n": 2}
    for _ in range(40):
        attack, proof = draw_attack(rng)
        if rng.random() < 0.6:
            attack, _ = varied(rng, attack, proof)
        if accepted(attack.formal(sizes), certificate("0", kind="entries")):
            points = [draw_point(rng, sizes, attack.properties, attack.given) for _ in range(4)]
            assert all(true_at(attack.shown, env) for env in points), attack.formal(sizes)
            found += 1
    assert found > 1


def at(rng: Random, env: Json, used: set[str]) -> Json:
    """Write a point as a certificate, perhaps with changed entries of a letter that is used, and changed numbers."""
    matrices = {name: [[str(x) for x in row] for row in env[name]] for name in SHAPES}
    if rng.random() < 0.7:
        rows = matrices[rng.choice(sorted(used & set(PROPERTY)) or sorted(used & set(SHAPES)) or list(SHAPES))]
        i, j = rng.randrange(len(rows)), rng.randrange(len(rows[0]))
        rows[i][j] = str(rng.choice([0, 1, -1, Fraction(1, 2)]))
        if len(rows) == len(rows[0]) and rng.random() < 0.5:
            rows[j][i] = rows[i][j]
    numbers = {name: str(env[name]) if rng.random() < 0.7 else "0" for name in ("a", "b")}
    sizes = {name: str(env[name]) for name in ("m", "n")}
    return {"verdict": "refuted", "kind": "matrices", "line": 0, "sizes": sizes, "numbers": numbers,
            "matrices": matrices}  # fmt: skip


def names(tree: Tree) -> set[str]:
    return {tree[1]} if tree[0] == "name" else set().union(*(names(part) for part in tree if isinstance(part, tuple)))


def admissible(attack: Attack, env: Json) -> bool:
    """Return whether a point satisfies the declarations and the hypotheses."""
    meant: dict[str, Callable[[Any], bool]] = {
        "symmetric": lambda x: (x == x.T).all(),
        "projection": lambda x: (x == x.T).all() and (x @ x == x).all(),
        "orthogonal": lambda x: (x @ x.T == eye(len(x))).all(),
        "skew": lambda x: (x == -x.T).all(),
        "diagonal": lambda x: (x == x * eye(len(x))).all(),
        "inverse of S": lambda x: (x @ env["S"] == eye(len(x))).all(),
    }
    return all(meant[said](env[name]) for name, said in attack.properties.items()) and all(
        true_at(one.tree, env) for one in attack.given
    )


@pytest.mark.parametrize("seed", range(8))
def test_accepted_counterexamples_are_counterexamples(seed: int) -> None:
    rng, found = Random(1000 + seed), 0
    for _ in range(100):
        attack, proof = draw_attack(rng)
        if rng.random() < 0.4:
            attack, _ = varied(rng, attack, proof)
        env = draw_point(rng, rng.choice(SIZES), attack.properties, attack.given)
        point = at(rng, env, names(attack.shown))
        if accepted(attack.formal(), point):
            for name, rows in point["matrices"].items():
                env[name] = np.array([[Fraction(x) for x in row] for row in rows], dtype=object)
            env |= {name: Fraction(number) for name, number in point["numbers"].items()}
            assert admissible(attack, env), (attack.formal(), point)
            assert not true_at(attack.shown, env), (attack.formal(), point)
            found += 1
    assert found > 1
