"""What is defined, sizes and names: statements with certificates that a sound checker must reject.

Each stands next to a true neighbour that is accepted.
"""

from __future__ import annotations

from typing import Any

import pytest
from certificates import CONSTANT, GIVEN, IDENTITY, VECTOR, Json, claim, point, proof

from checks.checker import Rejected, check


def family(**changes: Any) -> Json:
    return {**VECTOR, **changes}


UNSOUND: dict[str, tuple[Json, Json]] = {
    # definedness
    "(1/x)**0 is undefined at 0": (claim("(1/x)**0 == 1"), proof(IDENTITY)),
    "a sum of 1/(x - x)": (claim("sum(i:A, 1/(x - x)) == n", index=VECTOR), proof(IDENTITY)),
    "a sum of 1/f where the rule makes f zero": (
        claim("sum(i:A, 1/f[i]) == n", index=family(families={"c": None, "f": {"A": "0"}})),
        proof(IDENTITY),
    ),
    "x/x is undefined at 0": (claim("x/x == 1"), proof(IDENTITY)),
    "0/x is undefined at 0": (claim("0/x == 0"), proof(IDENTITY)),
    "1/x - 1/x is undefined at 0": (claim("1/x - 1/x == 0"), proof(IDENTITY)),
    "1/(1/x) is undefined at 0": (claim("1/(1/x) == x"), proof(IDENTITY)),
    "a derivative of a quotient": (
        claim("diff(c[k]/x, c[k]) == 1/x", index=family(indices={"k": "A"})),
        proof(IDENTITY),
    ),
    "a let line that hides a division": (claim("y*x == 1", let=("y = 1/x",)), proof(IDENTITY)),
    "a chain in a premise with an undefined end": (
        claim("0 < x < 1/y implies x > 0"),
        proof(GIVEN),
    ),
    # signs of denominators and of factors
    "a denominator's factor with a negative power": (
        claim("1/x < 0", given=("x > 0",)),
        proof({**CONSTANT, "denominator": {"factors": [{"expression": "x"}, {"expression": "-x", "power": -1}]}}),
    ),
    "a product with a factor of power zero": (
        claim("x > 0", given=("y > 0",)),
        proof(
            {
                "kind": "factors",
                "factors": [{"expression": "y", "power": 1, "by": GIVEN}, {"expression": "x", "power": 0}],
            }
        ),
    ),
    "a side of zero for !=": (claim("x != 0"), proof({**CONSTANT, "side": 0})),
    "an even factor that may vanish": (
        claim("x**2*y > 0", given=("y > 0",)),
        proof({"kind": "factors", "factors": [{"expression": "x", "power": 2}, {"expression": "y", "by": GIVEN}]}),
    ),
    # sizes
    "a size that is a quotient": (
        claim("sum(i:A, 1) == n", index=family(atoms={"A": "n/2"})),
        proof(IDENTITY),
    ),
    "a size read as a Taylor variable": (
        claim("taylor(size(A), t, 0) == 0", index=family(atoms={"A": "t"})),
        proof(IDENTITY),
    ),
    "a let line that redefines a size at the point": (
        claim("size(A) == n", let=("n = 5",), index=VECTOR),
        point({"n": "1"}, arrays={"c": ["0"]}, layout={"A": [0]}, indices={}),
    ),
    # names
    "a family called delta": (
        claim("delta[k]**2 == delta[k]", index=family(families={"delta": None}, indices={"k": "A"})),
        proof(IDENTITY),
    ),
    "a rule to a family that has a rule": (
        claim("f[k] == g[k]", index=family(families={"f": {"A": "g"}, "g": {"A": "0"}}, indices={"k": "A"})),
        point({"n": "1"}, arrays={"g": ["1"]}, layout={"A": [0]}, indices={"k": 0}),
    ),
    "the derivative in a family with a rule": (
        claim("diff(f[k]**2, f[k]) == 0", index=family(families={"c": None, "f": {"A": "c"}}, indices={"k": "A"})),
        proof(IDENTITY),
    ),
    "pi as a variable": (claim("pi > 3"), point({"pi": "2"})),
    "E as a variable": (claim("E < 3"), point({"E": "4"})),
    "an index used as a number": (
        claim("sum(k:A, k) == 0", index=VECTOR),
        point({"n": "1", "k": "3"}, arrays={"c": ["0"]}, layout={"A": [0]}, indices={}),
    ),
    "a free index used as a number": (
        claim("k*c[k] == 0", index=family(indices={"k": "A"})),
        point({"n": "1", "k": "3"}, arrays={"c": ["1"]}, layout={"A": [0]}, indices={"k": 0}),
    ),
    "a let line whose index is captured by a sum": (
        claim("sum(k:A, s) == n*s", let=("s = c[k]",), index=family(indices={"k": "A"})),
        point({"n": "2"}, arrays={"c": ["1", "0"]}, layout={"A": [0, 1]}, indices={"k": 0}),
    ),
    "a let line that defines an index": (
        claim("c[k] == 0", let=("k = 0",), index=family(indices={"k": "A"})),
        point({"n": "1"}, arrays={"c": ["1"]}, layout={"A": [0]}, indices={"k": 0}),
    ),
    "a let line that is no definition": (claim("x == 1", let=("2*x = 2",)), point({"x": "0"})),
    "a statement with a part that the checker does not know": (
        {**claim("x > y"), "exists": ["y"]},
        point({"x": "0", "y": "1"}),
    ),
    # exact evaluation of derivatives
    "a derivative whose body binds the same index": (
        claim("diff(sum(k:A, c[k]**2), c[k]) == 2*c[k]", index=family(indices={"k": "A"})),
        point({"n": "2"}, arrays={"c": ["1", "1"]}, layout={"A": [0, 1]}, indices={"k": 0}),
    ),
    "a derivative whose body binds an index called i1": (
        claim("diff(sum(i1:A, c[i1]*c[k]), c[k]) == sum(i:A, c[i]) + c[k]", index=family(indices={"k": "A"})),
        point({"n": "2"}, arrays={"c": ["1", "2"]}, layout={"A": [0, 1]}, indices={"k": 1}),
    ),
    "an index set called at0": (
        claim(
            "diff(sum(i:at0, c[i]**2), c[k]) == 2*c[k]",
            index=family(atoms={"at0": "n"}, indices={"k": "at0"}),
        ),
        point({"n": "2"}, arrays={"c": ["1", "3"]}, layout={"at0": [0, 1]}, indices={"k": 1}),
    ),
    "a bound index that outlives an undecided line": (
        claim(
            "all(k:B, sqrt(2)**2 == 2)",
            "d[k] == c[k]",
            given=("all(i:A, d[i] == c[i])",),
            index={
                "atoms": {"A": "1", "B": "1"},
                "sets": {},
                "families": {"c": None, "d": None},
                "indices": {"k": "A"},
            },
        ),
        point(arrays={"c": ["0", "0"], "d": ["0", "1"]}, layout={"A": [0], "B": [1]}, indices={"k": 0}),
    ),
    "not of a chain that is undefined and false": (claim("not (1 < 0 < 1/x)"), point({"x": "0"})),
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_pairs_are_rejected(name: str) -> None:
    formal, certificate = UNSOUND[name]
    with pytest.raises(Rejected):
        check(formal, certificate)


ACCEPTED: dict[str, tuple[Json, Json]] = {
    "(1/x)**0 where x is positive": (
        claim("(1/x)**0 == 1", given=("x > 0",)),
        proof({**IDENTITY, "denominator": {"factors": [{"expression": "x"}]}}),
    ),
    "(1/x)**0 fails at 0": (claim("(1/x)**0 == 1"), point({"x": "0"})),
    "x**0 is one everywhere": (claim("x**0 == 1"), proof(IDENTITY)),
    "a denominator's factor squared": (
        claim("1/x**2 > 0", given=("x < 0",)),
        proof({**CONSTANT, "denominator": {"factors": [{"expression": "x", "power": 2}]}}),
    ),
    "x != 0 gives the sign of its square only": (
        claim("x/x == 1", given=("x != 0",)),
        proof({**IDENTITY, "denominator": {"factors": [{"expression": "x"}]}}),
    ),
    "a size that is half a name": (claim("sum(i:A, 2) == n", index=family(atoms={"A": "n/2"})), proof(IDENTITY)),
    "a size next to a Taylor variable": (
        claim("taylor(size(A) + t, t, 0) == n", index=VECTOR),
        proof(IDENTITY),
    ),
    "a name that only a statement about index sets would read otherwise": (
        claim("delta > 0", let=("delta = x - y",), given=("x > y",)),
        proof(GIVEN),
    ),
    "a Taylor variable in an abbreviation": (claim("taylor(s**2, t, 1) == 2*x", let=("s = x + t",)), proof(IDENTITY)),
    "pi and E at a point": (claim("31/10 < pi < 22/7", "E > 3"), point()),
    "pi is no more than 3.15": (claim("pi >= 63/20"), point()),
    "a derivative whose body binds the same index": (
        claim("diff(sum(k:A, c[k]**2), c[k]) == 2*c[k]", index=family(indices={"k": "A"})),
        proof(IDENTITY),
    ),
    "a wrong derivative": (
        claim("diff(sum(k:A, c[k]**2), c[k]) == 4*c[k]", index=family(indices={"k": "A"})),
        point({"n": "2"}, arrays={"c": ["1", "1"]}, layout={"A": [0, 1]}, indices={"k": 0}),
    ),
    "a hypothesis that no certificate uses": (
        claim(
            "c[k] >= 0", given=("all(i:A, c[i] > 0)", "x > 0 or x < 0", "c[k] >= 0"), index=family(indices={"k": "A"})
        ),
        proof(GIVEN),
    ),
    "a chain without denominators in a premise": (
        claim("0 < x < y implies x > 0"),
        proof({"kind": "side", "side": 1, "by": [GIVEN]}),
    ),
    "not of a defined chain": (claim("not (0 < 1 < 1/x)"), point({"x": "1/2"})),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_true_neighbours_are_accepted(name: str) -> None:
    formal, certificate = ACCEPTED[name]
    assert check(formal, certificate) == certificate["verdict"]


@pytest.mark.parametrize(
    "broken",
    [None, [], 3, {"verdict": "proved"}, {"verdict": "proved", "steps": ["x"]}, {"verdict": "proved", "steps": [{}]}],
)
def test_malformed_certificates_are_rejected(broken: Any) -> None:
    with pytest.raises(Rejected):
        check(claim("x >= 0", given=("x >= 0",)), broken)


@pytest.mark.parametrize(
    "text",
    [
        "x >= ",
        "(" * 5000,
        "sum(i:A, i) > 0",
        "__import__",
        "x ≥ 0",
        "1 2 > 0",
        "lambda: 0",
        "x**99999999 >= 0",
        "sin(x) <= 1",
    ],
)
def test_malformed_statements_are_rejected(text: str) -> None:
    with pytest.raises(Rejected):
        check(claim(text), proof(IDENTITY))
