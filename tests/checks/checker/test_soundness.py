"""Statements with certificates that a sound checker must reject, each next to a true neighbour that it accepts."""

from __future__ import annotations

from typing import Any

import pytest

from checks.checker import Rejected, check

Json = dict[str, Any]
GIVEN = {"kind": "given"}
IDENTITY = {"kind": "identity"}
CONSTANT = {"kind": "constant"}
VECTOR: Json = {"atoms": {"A": "n"}, "sets": {}, "families": {"c": None}, "indices": {}}


def claim(*show: str, given: tuple[str, ...] = (), let: tuple[str, ...] = (), **more: Any) -> Json:
    return {"form": "forall", "let": list(let), "given": list(given), "show": list(show), **more}


def proof(*steps: Json) -> Json:
    return {"verdict": "proved", "steps": list(steps)}


def point(values: Json | None = None, **more: Any) -> Json:
    return {"verdict": "refuted", "kind": "point", "values": values or {}, **more}


def run(values: Json, *steps: Json) -> Json:
    return {"verdict": "refuted", "kind": "run", "values": values, "steps": list(steps)}


def motion(**changes: Any) -> Json:
    formal: Json = {
        "form": "trajectory",
        "state": ["N"],
        "parameters": [],
        "let": [],
        "start": ["N == 0"],
        "branches": [{"inputs": [], "next": {"N": "N + 1"}, "then": []}],
        "always": ["N <= 0"],
    }
    return {**formal, **changes}


def induction(invariant: list[str], *proofs: Json) -> Json:
    return {"verdict": "proved", "kind": "induction", "invariant": invariant, "proofs": list(proofs)}


def grown(variable: str, start: str, *by: Json, inward: int = 1, strict: str = "start") -> Json:
    """A path from ``start`` to the variable; proofs of its end, its start, where it is defined, and its slope."""
    path = {"variable": variable, "as": "s", "from": start, "inward": inward, "strict": strict}
    return {"kind": "grow", **path, "by": list(by)}


def family(**changes: Any) -> Json:
    return {**VECTOR, **changes}


NUMBERS = {"kind": "numbers"}
ONE_STURM = {"kind": "sturm", "variable": "x", "low": "0", "high": None}
ONE_MORE = [{"coefficient": "1", "facts": [0]}, {"coefficient": "1"}]
START_RUN = induction(
    ["N <= 0"],
    proof({"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]}),
    proof(GIVEN),
    proof(GIVEN),
)

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
    # squares
    "logarithmic certificates in squared variables": (
        claim("x > 1", given=("x**2 >= 4",)),
        proof(
            {
                "kind": "squares",
                "variables": ["x"],
                "by": [grown("x", "4", GIVEN, NUMBERS, CONSTANT)],
            }
        ),
    ),
    "odd powers under squares": (
        claim("x >= 0"),
        proof({"kind": "squares", "variables": ["x"], "by": GIVEN}),
    ),
    "a dropped odd hypothesis under squares": (
        claim("x**2 >= 1", given=("x**3 >= 1",)),
        proof({"kind": "squares", "variables": ["x"], "by": GIVEN}),
    ),
    # monotone certificates
    "a domain with a hole": (
        claim("x**3/3 - 5*x**2/2 + 4*x >= 0", given=("x >= 0", "(x - 1)*(x - 4) >= 0")),
        proof(grown("x", "0", GIVEN, NUMBERS, GIVEN)),
    ),
    "a start outside the domain": (
        claim("(x - 2)**2 >= 2", given=("x >= 0", "x >= 2")),
        proof(grown("x", "0", GIVEN, NUMBERS, GIVEN)),
    ),
    "a slope whose denominator has no known sign": (
        claim("1/x >= 1", given=("x >= 1", "x != 0")),
        proof(
            grown(
                "x",
                "1",
                GIVEN,
                NUMBERS,
                {"kind": "nonzero", "factors": [{"expression": "s"}]},
                {**CONSTANT, "denominator": {"factors": [{"expression": "s", "power": 2}]}},
            )
        ),
    ),
    "a pole between the start and the domain": (
        claim("1/(1 - x) >= 1", given=("x >= 0", "x != 1")),
        proof(
            grown(
                "x",
                "0",
                GIVEN,
                NUMBERS,
                {"kind": "nonzero", "factors": [{"expression": "1 - s"}]},
                {**CONSTANT, "denominator": {"factors": [{"expression": "1 - s", "power": 2}]}},
            )
        ),
    ),
    "strictness at a closed start": (
        claim("x > 0", given=("x >= 0",)),
        proof(grown("x", "0", GIVEN, NUMBERS, CONSTANT, strict="slope")),
    ),
    "a start where the function is undefined": (
        claim("log(x) > 0", given=("x > 0",)),
        proof(
            grown(
                "x",
                "0",
                GIVEN,
                NUMBERS,
                GIVEN,
                {**CONSTANT, "denominator": {"factors": [{"expression": "s"}]}},
                strict="slope",
            )
        ),
    ),
    # one variable
    "a root at a closed end": (
        claim("x > 0", given=("0 <= x", "x <= 1")),
        proof({"kind": "sturm", "variable": "x", "low": "0", "high": "1"}),
    ),
    "a double root inside": (
        claim("(x - 1)**2 > 0", given=("0 <= x", "x <= 2")),
        proof({"kind": "sturm", "variable": "x", "low": "0", "high": "2", "square": "x - 1", "rest": "1"}),
    ),
    "a double root at a closed end": (
        claim("x**2*(x + 1) > 0", given=("0 <= x", "x <= 2")),
        proof({"kind": "sturm", "variable": "x", "low": "0", "high": "2"}),
    ),
    "an end that is no hypothesis": (
        claim("x > 0", given=("x <= 1",)),
        proof({"kind": "sturm", "variable": "x", "low": "1/2", "high": "1"}),
    ),
    # charts
    "a chart with a weak end taken as strict": (
        claim("x > 0", given=("0 <= x", "x <= 1")),
        proof(
            {
                "kind": "bernstein",
                "chart": [{"variable": "x", "low": "0", "low_by": [["1", 0]], "high": "1", "high_by": [["1", 1]]}],
                "boxes": "leaf",
            }
        ),
    ),
    "a chart with a bound from a negative combination": (
        claim("x <= 5", given=("0 <= x",)),
        proof(
            {
                "kind": "bernstein",
                "chart": [{"variable": "x", "low": "0", "low_by": [["1", 0]], "high": "5", "high_by": [["-1", 0]]}],
                "boxes": "leaf",
            }
        ),
    ),
    "the middle face of a subdivision": (
        claim("(2*x - 1)**2 > 0", given=("0 < x", "x < 1")),
        proof(
            {
                "kind": "bernstein",
                "chart": [{"variable": "x", "low": "0", "low_by": [["1", 0]], "high": "1", "high_by": [["1", 1]]}],
                "boxes": {"axis": 0, "left": "leaf", "right": "leaf"},
            }
        ),
    ),
    "an unbounded axis that falls at infinity": (
        claim("1 - x > 0", given=("0 <= x",)),
        proof(
            {
                "kind": "bernstein",
                "chart": [{"variable": "x", "low": "0", "low_by": [["1", 0]], "high": None}],
                "boxes": "leaf",
            }
        ),
    ),
    # sums of products
    "a strict goal from a square": (
        claim("x**2 > 0"),
        proof({"kind": "combination", "terms": [{"coefficient": "1", "squares": ["x"]}]}),
    ),
    "a strict goal from an equality": (
        claim("x - y > 0", given=("x == y",)),
        proof({"kind": "combination", "terms": [{"coefficient": "1", "facts": [0]}]}),
    ),
    "a free multiplier without an equality": (
        claim("-x >= 0", given=("x >= 0",)),
        proof({"kind": "combination", "terms": [{"coefficient": "1", "facts": [0], "multiplier": "-1"}]}),
    ),
    "a sign from !=": (
        claim("x >= 0", given=("x != 0",)),
        proof({"kind": "combination", "terms": [{"coefficient": "1", "facts": [0]}]}),
    ),
    # runs
    "an abbreviation of the state in an invariant": (
        motion(let=["M = N"], always=["M <= 0"]),
        induction(["M <= 0"], START_RUN["proofs"][0], proof(GIVEN), proof(GIVEN)),
    ),
    "a parameter that bounds the state": (
        motion(parameters=["N <= 0"], start=["N <= 0"], always=["N <= 1"]),
        induction(["N <= 1"], *3 * [proof({"kind": "combination", "terms": ONE_MORE})]),
    ),
    "a state variable that becomes undefined": (
        motion(
            state=["N", "M"],
            start=["N <= 0"],
            branches=[{"inputs": [], "next": {"N": "N + M - M", "M": "1/M"}, "then": []}],
        ),
        induction(["N <= 0"], proof(GIVEN), proof(GIVEN), proof(GIVEN)),
    ),
    "an abbreviation of the next state": (
        motion(let=["M = N_next"], branches=[{"inputs": [], "next": {"N": "N"}, "then": ["M <= 0"]}]),
        run({"N": "0", "N_next": "1"}, {"branch": 0}),
    ),
    "an input that bounds the next state": (
        motion(branches=[{"inputs": ["N_next <= 0"], "next": {"N": "N + 1"}, "then": []}]),
        induction(["N <= 0"], START_RUN["proofs"][0], proof(GIVEN), proof(GIVEN)),
    ),
    "an invariant that ties an input to the start": (
        motion(
            start=["N == 0", "u <= N"],
            branches=[{"inputs": ["u <= 1"], "next": {"N": "N + u"}, "then": []}],
        ),
        induction(
            ["N <= 0", "u <= 0"],
            proof(
                {"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]},
                {
                    "kind": "combination",
                    "terms": [{"coefficient": "1", "facts": [1]}, {"coefficient": "-1", "facts": [0]}],
                },
            ),
            proof(
                {
                    "kind": "combination",
                    "terms": [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [1]}],
                },
                GIVEN,
            ),
            proof(GIVEN),
        ),
    ),
    "a state variable called like another's successor": (
        motion(
            state=["N", "N_next"],
            start=["N == 0", "N_next <= 0"],
            branches=[{"inputs": [], "next": {"N": "N + 1", "N_next": "N_next"}, "then": []}],
        ),
        induction(["N_next <= 0"], proof(GIVEN), proof(GIVEN), proof(GIVEN)),
    ),
    "a run that overrides a state variable": (
        motion(branches=[{"inputs": [], "next": {"N": "N/2"}, "then": []}]),
        run({"N": "0"}, {"branch": 0, "inputs": {"N": "4"}}),
    ),
    "a run that overrides a parameter": (
        motion(
            parameters=["0 <= eta", "eta <= 1"],
            start=["N == 1"],
            branches=[{"inputs": [], "next": {"N": "N*eta"}, "then": []}],
            always=["N <= 1"],
        ),
        run({"N": "1", "eta": "1"}, {"branch": 0, "inputs": {"eta": "2"}}),
    ),
    "a run with a fraction where an integer is asked": (
        motion(parameters=["k >= 0"], start=["N == 2*k"], branches=[], always=["N != 1"], integers=["k"]),
        run({"N": "1", "k": "1/2"}),
    ),
    "a run whose step forgets a state variable": (
        motion(
            state=["N", "M"],
            start=["N == 0", "M == 0"],
            branches=[{"inputs": [], "next": {"N": "N + 1"}, "then": []}],
            always=["N <= M"],
        ),
        run({"N": "0", "M": "0"}, {"branch": 0, "inputs": {}}),
    ),
    # limits and symmetry
    "a stationary start in some coordinates only": (
        {
            "form": "limit",
            "index": {
                "atoms": {"A": "1", "B": "1"},
                "sets": {"all": ["A", "B"]},
                "families": {"c": None},
                "indices": {},
            },
            "given": [],
            "loss": "sum(j:B, c[j])",
            "sample": "i",
            "state": "c",
            "data": "A",
            "coordinates": "A",
            "limit": ["all(i:all, c[i] == 1)"],
        },
        {"verdict": "refuted", "kind": "stationary", "arrays": {"c": ["0", "0"]}, "layout": {"A": [0], "B": [1]}},
    ),
    "an odd scalar called like the state": (
        {
            "form": "mirror",
            "index": VECTOR,
            "loss": "c*sum(j:A, c[j]**2)",
            "sample": "i",
            "state": "c",
            "data": "A",
            "law": "invariant under c -> -c",
            "event": {"some": "A", "at_least": "1"},
            "probability_above": "1/2",
        },
        {"verdict": "refuted", "kind": "antisymmetric"},
    ),
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
    "growth on an interval": (
        claim("log(1 + x) <= x", given=("x >= 0",)),
        proof(
            grown(
                "x",
                "0",
                GIVEN,
                NUMBERS,
                {**ONE_STURM, "variable": "s"},
                {**GIVEN, "denominator": {"factors": [{"expression": "1 + s", "by": {**ONE_STURM, "variable": "s"}}]}},
            )
        ),
    ),
    "growth downwards": (
        claim("log(x) <= 0", given=("0 < x", "x <= 1")),
        proof(
            grown(
                "x",
                "1",
                GIVEN,
                NUMBERS,
                {
                    "kind": "combination",
                    "terms": [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [2]}],
                },
                {
                    **CONSTANT,
                    "denominator": {
                        "factors": [
                            {
                                "expression": "s",
                                "by": {
                                    "kind": "combination",
                                    "terms": [{"coefficient": "1", "facts": [0]}, {"coefficient": "1", "facts": [2]}],
                                },
                            }
                        ]
                    },
                },
                inward=-1,
            )
        ),
    ),
    "an abbreviation of the state": (
        motion(
            let=["M = N + 1"],
            branches=[{"inputs": [], "next": {"N": "N/2"}, "then": ["M_next <= 1"]}],
            always=["M <= 1"],
        ),
        induction(
            ["N <= 0"],
            proof({"kind": "combination", "terms": [{"coefficient": "-1", "facts": [0]}]}),
            proof(GIVEN, GIVEN),
            proof(GIVEN),
        ),
    ),
    "a state variable that stays defined": (
        motion(
            state=["N", "M"],
            start=["N <= 0", "M > 0"],
            branches=[{"inputs": [], "next": {"N": "N + M - M", "M": "1/M"}, "then": []}],
        ),
        induction(
            ["N <= 0", "M > 0"],
            proof(GIVEN, GIVEN),
            proof(
                {**IDENTITY, "denominator": {"factors": [{"expression": "M"}]}},
                GIVEN,
                {**CONSTANT, "denominator": {"factors": [{"expression": "M"}]}},
            ),
            proof(GIVEN),
        ),
    ),
    "a run that chooses its inputs": (
        motion(branches=[{"inputs": ["0 <= u", "u <= 1"], "next": {"N": "N + u"}, "then": []}], always=["N <= 1"]),
        run({"N": "0", "u": "1"}, {"branch": 0}, {"branch": 0, "inputs": {"u": "1/2"}}),
    ),
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
