"""Signs and growth: statements with certificates that a sound checker must reject, next to true neighbours."""

from __future__ import annotations

import pytest
from certificates import CONSTANT, GIVEN, Json, claim, proof

from checks.checker import Rejected, check


def grown(variable: str, start: str, *by: Json, inward: int = 1, strict: str = "start") -> Json:
    """A path from ``start`` to the variable; proofs of its end, its start, where it is defined, and its slope."""
    path = {"variable": variable, "as": "s", "from": start, "inward": inward, "strict": strict}
    return {"kind": "grow", **path, "by": list(by)}


NUMBERS = {"kind": "numbers"}
ONE_STURM = {"kind": "sturm", "variable": "x", "low": "0", "high": None}

UNSOUND: dict[str, tuple[Json, Json]] = {
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
}


@pytest.mark.parametrize("name", UNSOUND)
def test_unsound_pairs_are_rejected(name: str) -> None:
    formal, certificate = UNSOUND[name]
    with pytest.raises(Rejected):
        check(formal, certificate)


ACCEPTED: dict[str, tuple[Json, Json]] = {
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
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_true_neighbours_are_accepted(name: str) -> None:
    formal, certificate = ACCEPTED[name]
    assert check(formal, certificate) == certificate["verdict"]
