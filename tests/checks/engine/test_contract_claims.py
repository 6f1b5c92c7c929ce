"""What a claim file means at the edges: undefined terms, chains, contradictory hypotheses, names, very large claims."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checks.claimfile import ClaimFileError, Result, judge_claim, read

SECONDS = 2.0


def judged(folder: Path, **fields: Any) -> Result:
    """Judge one claim, written to a file."""
    lines = ["schema = 1", "[paper]", 'key = "edge"', "[[claim]]", 'id = "c"', 'title = "edge"']
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
    path = folder / "edge.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    (claim,) = read(path).claims
    return judge_claim(claim, SECONDS)


@pytest.mark.parametrize(
    ("given", "show", "status"),
    [
        # no cancellation before definedness
        ([], "x/x == 1", "refuted"),
        (["x != 0"], "x/x == 1", "proved"),
        ([], "x - x + 0/x == 0", "refuted"),
        # the other side decides
        ([], "x == 0 or x/x == 1", "proved"),
        ([], "x/x == 1 or x == 0", "proved"),
        ([], "x != 0 implies x/x == 1", "proved"),
        ([], "x == 0 and 1/x == 1 implies x == 5", "refuted"),
        ([], "log(x) > 0 implies x > 1", "refuted"),
        ([], "(x > 0 and log(x) > 0) implies x > 1", "proved"),
        ([], "not 1/x == 0", "refuted"),
        # an undefined hypothesis does not hold
        (["1/x >= 0"], "x > 0", "proved"),
        (["sqrt(x) >= 0"], "x >= 0", "proved"),
        (["log(x) <= 0"], "0 < x <= 1", "proved"),
        # roots and powers
        ([], "sqrt(x)**2 == x", "refuted"),
        (["x >= 0"], "x**(1/2) >= 0", "proved"),
        ([], "x**(1/2) >= 0", "refuted"),
        (["x >= 0"], "x**(-1/2) > 0", "refuted"),
        (["x >= 0"], "x**(3/2) >= 0", "proved"),
        (["x > 0"], "x**y > 0", "proved"),
        (["x >= 0"], "x**y >= 0", "refuted"),
        (["-1 <= x <= 1"], "(-1)**x <= 1", "refuted"),
        # decimals are exact
        ([], "0.2 == 1/5", "proved"),
        ([], "0.1 + 0.2 == 0.3", "proved"),
        ([], "0.333333333333333333 == 1/3", "refuted"),
        (["5*x == 1"], "x == 0.2", "proved"),
        # chains
        (["y == x + 1/2"], "x < y < x + 1", "proved"),
        (["y == x + 1"], "x < y < x + 1", "refuted"),
        (["x < y < z"], "x < z", "proved"),
        (["x <= y == z >= x"], "x <= z", "proved"),
        (["x != y != z"], "x != z", "refuted"),
        (["x >= 1"], "not 0 < x < 1", "proved"),
        # constants
        ([], "3 < pi < 4 and 2 < E < 3", "proved"),
    ],
)
def test_the_meaning_of_a_claim(tmp_path, given, show, status):
    assert judged(tmp_path, given=given, show=[show]).status.value == status


@pytest.mark.parametrize(
    ("given", "show"),
    [
        (["x > 1", "x < 1"], "x == 7"),
        (["x > 1", "x < 1"], "1/0 == 1"),
        (["x**2 < 0"], "x == x + 1"),
        (["1/x == 0"], "x == x + 1"),
        (["sqrt(x) < 0"], "x == x + 1"),
        (["n > 0", "n < 1"], "n == n + 1"),
    ],
)
def test_hypotheses_that_no_point_satisfies(tmp_path, given, show):
    found = judged(tmp_path, given=given, show=[show], integers=["n"] if "n" in show else [])
    assert found.status.value == "proved"
    assert found.reason is not None
    assert found.reason.startswith("vacuous")


NAMES = ["I", "S", "N", "Q", "O", "e", "beta", "gamma", "zeta", "lambda", "oo", "zz0", "v1", "t1", "root0", "x_"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_means_nothing_but_a_number(tmp_path, name):
    assert judged(tmp_path, show=[f"{name}**2 - 2*{name} + 1 >= 0"]).status.value == "proved"
    assert judged(tmp_path, show=[f"{name}**2 > 0"]).status.value == "refuted"


@pytest.mark.parametrize("name", ["exp", "log", "pi", "E", "abs", "and", "implies"])
def test_a_function_is_no_name(tmp_path, name):
    with pytest.raises(ClaimFileError, match=r"edge\.toml"):
        judged(tmp_path, show=[f"{name} > 0"], integers=[name])


@pytest.mark.parametrize("line", ["η > 0 0", "x ≤ 1", "x² >= 0", "x‐1 > 0", "\u202ex > 0", "x > 0 # no", "x => 1"])
def test_what_does_not_parse_is_an_error_that_names_the_line(tmp_path, line):
    with pytest.raises(ClaimFileError, match="show"):
        judged(tmp_path, show=[line])


DOUBLING = ["y0 = x*(1 - x)", *(f"y{k + 1} = y{k}*y{k} + y{k}" for k in range(30))]
SUMS = ["y0 = x", *(f"y{k + 1} = y{k} + y{k}" for k in range(31))]


@pytest.mark.parametrize(
    ("let", "given", "show"),
    [
        (DOUBLING, ["0 < x < 1"], "y30 > 0"),
        (SUMS, ["0 < x < 1"], "y31 > 0"),
        (DOUBLING[:8], ["0 < x < 1"], "y7 > 0"),
        ([], ["0 < x < 1"], "x**1000000 < 1"),
        ([], ["x > 2"], "x**(10**9) > 1"),
        ([], [], "2**(2**(2**(2**(2**2)))) > 1"),
        ([], [], "exp(exp(exp(exp(10)))) > 1"),
        ([], ["0 < x < 1", "0 < y < 1", "0 < z < 1"], "(x + y + z + 1)**60 >= 1"),
        ([], [], "(" * 60 + "x" + ")" * 60 + "**2 >= 0"),
        ([], [], " + ".join(f"abs(x{k})" for k in range(9)) + " >= abs(" + " + ".join(f"x{k}" for k in range(9)) + ")"),
        ([], ["x > 0"], "1/(1 + " * 20 + "x" + ")" * 20 + " > 0"),
        ([], [], "x**2 >= 0 - 0." + "0" * 300 + "1"),
        ([], [], "1" + "0" * 3000 + " > x"),
    ],
)
def test_a_very_large_claim_ends_with_a_right_verdict_or_none(tmp_path, let, given, show):
    found = judged(tmp_path, let=let, given=given, show=[show])
    truth = "refuted" if show.startswith("1000") else "proved"
    assert found.status.value in (truth, "undecided")
    assert found.status.value == truth or found.reason


@pytest.mark.parametrize("depth", [400, 3000])
def test_parentheses_that_are_too_deep_are_an_error(tmp_path, depth):
    with pytest.raises(ClaimFileError, match=r"edge\.toml"):
        judged(tmp_path, show=["(" * depth + "x" + ")" * depth + "**2 >= 0"])
