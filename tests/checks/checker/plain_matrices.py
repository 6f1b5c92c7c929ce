"""Matrices with declared properties, and expressions in them as trees with their values by plain arithmetic.

The arithmetic is NumPy's, on fractions: nothing of the checker is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np

Json = dict[str, Any]
Tree = tuple[Any, ...]
Shape = tuple[str, str] | None
Sized = tuple[Shape, Any]
UNIT = ("1", "1")
SIZES = [{"m": 2, "n": 3}, {"m": 3, "n": 2}, {"m": 1, "n": 2}, {"m": 3, "n": 1}]
SHAPES: dict[str, tuple[str, str]] = {
    "A": ("m", "n"), "B": ("n", "m"), "S": ("n", "n"), "V": ("n", "n"), "H": ("n", "n"), "P": ("n", "n"),
    "Q": ("n", "n"), "K": ("n", "n"), "D": ("n", "n"), "E": ("n", "n"), "x": ("n", "1"), "r": ("1", "n"),
    "u": ("1", "1"),
}  # fmt: skip
PROPERTY = {"V": "inverse of S", "H": "symmetric", "P": "projection", "Q": "orthogonal", "K": "skew", "D": "diagonal",
            "E": "diagonal"}  # fmt: skip
# a product of each shape, where no letter of it is among the names
PLAIN = {("m", "n"): "A", ("n", "m"): "B", ("m", "m"): "AB", ("n", "1"): "x", ("1", "n"): "r", ("m", "1"): "Ax",
         ("1", "m"): "rB", ("n", "n"): "S", UNIT: "u"}  # fmt: skip


class Mismatch(Exception):
    """Sizes that do not fit, or a name without a value."""


# --- points that satisfy what is declared -----------------------------------------------------------------------------


def matrix(rows: Any) -> Any:
    return np.array([[Fraction(int(x)) for x in row] for row in rows], dtype=object)


def eye(size: int) -> Any:
    return matrix(np.eye(size))


def free(rng: Random, height: int, width: int) -> Any:
    return matrix([[rng.randint(-2, 2) for _ in range(width)] for _ in range(height)])


def symmetric(rng: Random, size: int) -> Any:
    a = free(rng, size, size)
    return a + a.T


def diagonal(rng: Random, size: int) -> Any:
    return free(rng, size, size) * eye(size)


def projection(rng: Random, size: int) -> Any:
    v = free(rng, size, 1)
    square = (v.T @ v)[0, 0]
    p = v @ v.T / square if square else v @ v.T
    return eye(size) - p if rng.random() < 0.4 else p


def orthogonal(rng: Random, size: int) -> Any:
    v = free(rng, size, 1)
    square = (v.T @ v)[0, 0]
    mirror = eye(size) - 2 * (v @ v.T) / square if square else eye(size)
    order = rng.sample(range(size), size)
    return mirror[order]


def skew(rng: Random, size: int) -> Any:
    a = free(rng, size, size)
    return a - a.T


def invertible(rng: Random, size: int) -> tuple[Any, Any]:
    a, b = eye(size), eye(size)
    for _ in range(3):
        i, j, k = rng.randrange(size), rng.randrange(size), rng.choice([-2, -1, 1, 2])
        step, back = eye(size), eye(size)
        step[i, j], back[i, j] = (Fraction(k), Fraction(1, k)) if i == j else (Fraction(k), Fraction(-k))
        a, b = a @ step, back @ b
    return a, b


@dataclass(frozen=True)
class Hypothesis:
    """A line of ``given`` with a way to draw points of which it is true."""

    text: str
    tree: tuple[str, Tree, Tree]
    names: tuple[str, ...]
    draw: Callable[[Random, Json], Json]


def leaf(name: str) -> Tree:
    return ("name", name)


def number(k: int) -> Tree:
    return ("number", k)


def times(*trees: Tree) -> Tree:
    return trees[0] if len(trees) == 1 else ("*", times(*trees[:-1]), trees[-1])


def _row(rng: Random, env: Json) -> Json:
    size = env["n"]
    return {"r": eye(size)[[rng.randrange(size)]] @ orthogonal(rng, size)}


def _eigen(rng: Random, env: Json) -> Json:
    size, which = env["n"], rng.randrange(env["n"])
    q, d = orthogonal(rng, size), diagonal(rng, size)
    return {"H": q @ d @ q.T, "x": q[:, [which]] * rng.choice([1, 2]), "a": d[which, which]}


HYPOTHESES = [
    Hypothesis("r*r' == 1", ("==", times(leaf("r"), ("'", leaf("r"))), number(1)), ("r",), _row),
    Hypothesis("H*x == a*x", ("==", times(leaf("H"), leaf("x")), times(leaf("a"), leaf("x"))), ("H", "x", "a"), _eigen),
    Hypothesis("a*b == 1", ("==", times(leaf("a"), leaf("b")), number(1)), ("a", "b"),
               lambda rng, env: (lambda k: {"a": k, "b": 1 / k})(Fraction(rng.choice([-2, -1, 1, 3])))),
    Hypothesis("x'*x > 1", (">", times(("'", leaf("x")), leaf("x")), number(1)), ("x",),
               lambda rng, env: {"x": free(rng, env["n"], 1) + 5}),
    Hypothesis("b != 0", ("!=", leaf("b"), number(0)), ("b",),
               lambda rng, env: {"b": Fraction(rng.choice([-3, -1, 1, 2]), 2)}),
    Hypothesis("x == 0", ("==", leaf("x"), number(0)), ("x",), lambda rng, env: {"x": free(rng, env["n"], 1) * 0}),
]  # fmt: skip
DRAWN: dict[str, Callable[[Random, int], Any]] = {
    "symmetric": symmetric, "projection": projection, "orthogonal": orthogonal, "skew": skew, "diagonal": diagonal,
}  # fmt: skip


def draw_point(rng: Random, sizes: dict[str, int], properties: dict[str, str], given: list[Hypothesis]) -> Json:
    env: Json = dict(sizes)
    for name, (height, width) in SHAPES.items():
        said = properties.get(name)
        if said in DRAWN:
            env[name] = DRAWN[said](rng, sizes["n"])
        else:
            env[name] = free(rng, *(sizes.get(size, 1) for size in (height, width)))
    if properties.get("V"):
        env["S"], env["V"] = invertible(rng, sizes["n"])
    env["a"], env["b"] = Fraction(rng.randint(-2, 2)), Fraction(rng.randint(-2, 2))
    for hypothesis in given:
        env.update(hypothesis.draw(rng, env))
    return env


# --- plain arithmetic -------------------------------------------------------------------------------------------------


def value(tree: Tree, env: Json) -> Sized:
    """Return the declared shape and the array; a multiple of an identity of no size is a number without a shape."""
    kind = tree[0]
    if kind == "name":
        if tree[1] not in env:
            raise Mismatch(tree[1])
        if tree[1] in SHAPES:
            return SHAPES[tree[1]], env[tree[1]]
        return UNIT, matrix([[0]]) + env[tree[1]]
    if kind == "number":
        return (UNIT, matrix([[tree[1]]])) if tree[1] else (None, Fraction(0))
    if kind == "I":
        return (tree[1], tree[1]), eye(env[tree[1]])
    if kind == "eye":
        return None, Fraction(1)
    if kind == "**":
        shape, base = value(tree[1], env)
        if shape is None and base and tree[2] >= 0:
            return None, base ** tree[2]
        if shape is None or shape[0] != shape[1]:
            raise Mismatch(tree)
        found = eye(len(base))
        for _ in range(abs(tree[2])):
            found = found @ base
        return (shape, found) if tree[2] >= 0 else divided((UNIT, matrix([[1]])), (shape, found))
    parts = [value(part, env) for part in tree[1:]]
    if kind == "'":
        return parts[0][0] and parts[0][0][::-1], parts[0][1] if parts[0][0] is None else parts[0][1].T
    if kind == "tr":
        if parts[0][0] is None or parts[0][0][0] != parts[0][0][1]:
            raise Mismatch(tree)
        return UNIT, matrix([[0]]) + sum(np.diagonal(parts[0][1]))
    if kind == "*":
        return product(*parts)
    if kind == "/":
        return divided(*parts)
    return added(*parts, 1 if kind == "+" else -1)


def product(a: Sized, b: Sized) -> Sized:
    (s, p), (t, q) = a, b
    if UNIT in (s, t):
        first, second, shape = (p, q, t) if s == UNIT else (q, p, s)
        return shape, first[0, 0] * second
    if s is None or t is None:
        return s or t, p * q
    if s[1] != t[0]:
        raise Mismatch(f"{s} times {t}")
    return (s[0], t[1]), p @ q


def divided(a: Sized, b: Sized) -> Sized:
    if b[0] != UNIT:
        raise Mismatch("a division by a matrix")
    return a[0], a[1] / b[1][0, 0]


def added(a: Sized, b: Sized, sign: int) -> Sized:
    (s, p), (t, q) = a, b
    if s is None and t is None:
        return None, p + sign * q
    shape = s or t
    assert shape is not None
    if s != t and None not in (s, t):
        raise Mismatch(f"{s} plus {t}")
    if s is None or t is None:
        alone = p if s is None else q
        if alone and (shape == UNIT or shape[0] != shape[1]):
            raise Mismatch(f"I plus {shape}")
        p, q = (alone * eye(len(q)), q) if s is None and alone else (p, alone * eye(len(p)) if alone else q)
    return shape, p + sign * q


def text(tree: Tree) -> str:
    kind = tree[0]
    if kind in ("name", "number", "slot"):
        return str(tree[1])
    if kind in ("I", "eye"):
        return f"I({tree[1]})" if kind == "I" else "I"
    if kind == "'":
        return f"({text(tree[1])})'"
    if kind == "tr":
        return f"tr({text(tree[1])})"
    return f"({text(tree[1])}){kind}({text(tree[2])})" if kind != "**" else f"({text(tree[1])})**{tree[2]}"


def true_at(relation: tuple[str, Tree, Tree], env: Json) -> bool:
    """Return whether a comparison holds at a point; a division by zero makes it false."""
    sign, left, right = relation
    try:
        gap = added(value(left, env), value(right, env), -1)[1]
    except ZeroDivisionError:
        return False
    entries = np.ravel(np.array(gap, dtype=object))
    return {"==": lambda: not entries.any(), "!=": lambda: entries[0] != 0, ">": lambda: entries[0] > 0}[sign]()
