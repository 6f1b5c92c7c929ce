"""The refuter on false claims that need more than small rationals, on near misses that are true, and its parts.

Every counterexample is evaluated a second time here, in sixty digits and by none of the checker's arithmetic.
"""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from checks.checker import polynomial as poly
from checks.checker.goal import lines
from checks.checker.grammar import parse
from checks.checker.kinds import algebraic, instance
from checks.claim import forall
from checks.engine.budget import Budget
from checks.engine.refute import search
from checks.engine.refute.candidate import Root, real_roots
from checks.engine.refute.domain import Domain
from checks.engine.refute.equations import solutions
from checks.engine.refute.screen import suspects
from checks.engine.refute.shorten import length, shortened, simplest
from checks.engine.refute.statement import Statement
from checks.engine.refute.wording import point_text

ROOT = Path(__file__).resolve().parents[3]
_spec = importlib.util.spec_from_file_location("benchmark_claims", ROOT / "benchmarks" / "prove.py")
bench = importlib.util.module_from_spec(_spec)
sys.modules["benchmark_claims"] = bench
_spec.loader.exec_module(bench)
CLAIMS = {claim.key: claim for claim in bench.claims()}

# a cap that only a search in trouble reaches: the stages are limited by counts
PATIENCE = 120.0
HAIR = mpmath.mpf(10) ** -50


def statement(show: str, given: list[str] = (), integers: list[str] = ()) -> dict[str, Any]:
    return {"form": "forall", "let": [], "given": list(given), "show": [show], "integers": list(integers)}


# --- a second evaluation --------------------------------------------------------------------------------------------


class Undefined(Exception):
    """The term has no value."""


def value(node: Any, at: dict[str, Any]) -> Any:
    kind = node[0]
    if kind == "number":
        return mpmath.mpf(node[1].numerator) / node[1].denominator
    if kind == "name":
        return at[node[1]]
    if kind == "call":
        if node[1] == "pi":
            return +mpmath.pi
        args = [value(a, at) for a in node[2]]
        if node[1] in ("sqrt", "log") and (args[0] < -HAIR or (node[1] == "log" and args[0] < HAIR)):
            raise Undefined
        if node[1] == "sqrt":
            return mpmath.sqrt(max(args[0], mpmath.mpf(0)))
        table = {"abs": abs, "min": min, "max": max}
        return (table.get(node[1]) or getattr(mpmath, node[1]))(*args)
    a, b = value(node[1], at), value(node[2], at)
    if kind == "/":
        if abs(b) < HAIR:
            raise Undefined
        return a / b
    if kind == "**":
        if a < 0 and b != int(b):
            raise Undefined
        return a ** (int(b) if b == int(b) else b)
    return {"+": a + b, "-": a - b, "*": a * b}[kind]


def may(node: Any, at: dict[str, Any], wanted: bool) -> bool:
    """Whether a statement may hold (may fail, where not ``wanted``) up to a hair."""
    kind = node[0]
    if kind == "not":
        return may(node[1], at, not wanted)
    if kind in ("and", "or", "implies"):
        left = may(node[1], at, wanted if kind != "implies" else not wanted)
        right = may(node[2], at, wanted)
        return (left and right) if (kind == "and") == wanted else (left or right)
    try:
        sides = [value(term, at) for term in node[2]]
    except Undefined:
        return not wanted
    found = []
    for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
        gap, hair = b - a, HAIR * (1 + abs(a) + abs(b))
        holds = {
            "<": gap > -hair,
            "<=": gap >= -hair,
            "==": abs(gap) <= hair,
            ">=": gap <= hair,
            ">": gap < hair,
            "!=": True,
        }
        fails = {
            "<": gap < hair,
            "<=": gap <= hair,
            "==": True,
            ">=": gap >= -hair,
            ">": gap > -hair,
            "!=": abs(gap) <= hair,
        }
        found.append((holds if wanted else fails)[sign])
    return all(found) if wanted else any(found)


def coordinates(certificate: dict[str, Any]) -> dict[str, Any]:
    def number(text: str) -> Any:
        q = Fraction(text)
        return mpmath.mpf(q.numerator) / q.denominator

    if certificate["kind"] == "point":
        return {name: number(text) for name, text in certificate["values"].items()}
    raw = certificate["alpha"]
    line = [number(c) for c in raw["polynomial"]][::-1]
    zeros = mpmath.polyroots(line, maxsteps=500, extraprec=400)
    (alpha,) = (z.real for z in zeros if abs(z.imag) < HAIR and number(raw["low"]) < z.real < number(raw["high"]))
    return {
        name: sum((number(c) * alpha**k for k, c in enumerate(texts)), mpmath.mpf(0))
        for name, texts in certificate["values"].items()
    }


def refuted(formal: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    found = search.find_point(formal, Budget(PATIENCE), seed)
    assert found is not None
    (instance if found["kind"] == "point" else algebraic).verify(formal, found)
    with mpmath.workdps(80):
        at = coordinates(found)
        assert all(may(node, at, True) for node in lines(formal, "given"))
        assert any(may(node, at, False) for node in lines(formal, "show"))
        assert all(abs(at[n] - mpmath.nint(at[n])) < HAIR for n in formal.get("integers", ()))
    return found


# --- false claims ---------------------------------------------------------------------------------------------------

FALSE = [
    ("x <= 1.4142", ["x**2 <= 2"], []),
    ("x <= 1.41421356", ["x**2 <= 2"], []),
    ("x + y <= 141/100", ["x**2 + y**2 == 1"], []),
    ("x + y < sqrt(2)", ["x**2 + y**2 == 1"], []),
    ("x**4 - 16*x**2 + 5*x >= -78", [], []),
    ("x**4 - 16*x**2 + 5*x >= -78.3323", [], []),
    ("x**3 - 3*x + 1 != 0", ["0 < x < 1"], []),
    ("x**5 - x - 1 < 0", ["x**2 < 7/5"], []),
    ("(x**2 - 2)**2 > 0", ["x > 0"], []),
    ("(x**2 - 2)**2 + (y**2 - 3)**2 > 0", [], []),
    ("x*y*z < 1/27", ["x + y + z == 1", "x >= 0", "y >= 0", "z >= 0"], []),
    ("x*y*z <= 1/28", ["x + y + z == 1", "x >= 0", "y >= 0", "z >= 0"], []),
    ("x**2*y*(1-x-y) <= 1/65", ["x >= 0", "y >= 0", "x + y <= 1"], []),
    ("1/(x - 1/3) > -1000", ["0 <= x <= 1"], []),
    ("1/((x-1)*(y-2)) != 0", [], []),
    ("x/(x**2 - x - 1) != 7", [], []),
    ("sqrt(x**2 - 4*x + 3) >= 0", ["x >= 0"], []),
    ("sqrt(1 - x - y) <= 1", ["0 <= x <= 1", "0 <= y <= 1"], []),
    ("log(x*y - z) < 10", ["1 < x < 2", "1 < y < 2", "0 < z < 5/4"], []),
    ("log(1 - x**2) <= 0", ["-1 <= x <= 1"], []),
    ("n**2 + n + 41 != 41*m", ["n >= 1", "m >= 2"], ["n", "m"]),
    ("n**2 - 79*n + 1601 != 41*41", ["n >= 0"], ["n"]),
    ("2**n > n**2", ["n >= 1"], ["n"]),
    (
        "x**3 + y**3 != z**3 + w**3 or x == z or x == w",
        ["1 <= x", "1 <= y", "1 <= z", "1<= w", "x <= y", "z <= w"],
        ["x", "y", "z", "w"],
    ),
    ("x**2 - 13*y**2 != 1", ["y >= 1"], ["x", "y"]),
    ("3*x + 5*y != 7", ["x >= 10"], ["x", "y"]),
    ("x*y <= 1000", ["x + y <= 64"], ["x", "y"]),
    ("a*x**2 + b*x + c > 0", ["a > 0", "b**2 <= 4*a*c"], []),
    ("abs(x - y) <= abs(x) - abs(y)", [], []),
    ("max(x, y) <= (x + y)/2 or x == y", [], []),
    ("x > 1 and y > 1 implies x*y > x + y", [], []),
    ("not (x**2 == 2)", [], []),
    ("x**3 < 2", ["x**2 < 1.6"], []),
    ("exp(x) <= 1 + x + x**2", ["x <= 2"], []),
    ("exp(x) >= 1 + x + x**2/2", [], []),
    ("log(1 + x) >= x - x**2/2 + x**3/3", ["x > -1"], []),
    ("log(x) <= (x - 1)/sqrt(x)", ["x > 0"], []),
    ("sqrt(x + y) >= sqrt(x) + sqrt(y)", ["x >= 0", "y >= 0"], []),
    ("x**0.5 + y**0.5 <= 1.41", ["x + y == 1", "x >= 0", "y >= 0"], []),
    ("(1 + x)**y >= 1 + x*y", ["x >= -1", "y >= 0"], []),
    ("abs(1 - eta*h) < 1", ["0 < h <= L", "0 < eta <= 2/L"], []),
    ("(1 - eta*mu)**2 + eta**2*s <= 1 - eta*mu", ["0 < mu <= 1", "0 < eta < 1", "0 < s <= 1"], []),
    ("(x + y)/2 <= sqrt(x*y)", ["x > 0", "y > 0"], []),
    ("x**2 + y**2 + z**2 < 1", ["x*y*z == 1/(3*sqrt(3))"], []),
    ("x**6 + y**6 >= x**4*y**2 + x**2*y**4 + 1/1000", ["x**2+y**2>=1"], []),
    ("x**4*y**2 + x**2*y**4 + 1 - 3.0001*x**2*y**2 >= 0", [], []),
    ("(x-1)**2*(x-2)**2 + (y - x**2)**2 >= 1/1000", ["y <= 3"], []),
    ("1000*x - x**2 <= 249999", [], []),
    ("x - x**2/10**6 <= 249000", [], []),
    ("a/b + b/a >= 2", ["a*b != 0"], []),
    ("x*y < 10**9", ["x > 0", "y > 0", "x + y > 0"], []),
    ("x < 10**7 or y < 10**7 or x == y", [], []),
    ("u <= 1/2", ["u == v**2", "v == w + 1/2", "0 <= w <= 1/4"], []),
    ("y <= 3", ["y == sqrt(x)", "x <= 10"], []),
    ("x + y <= 3.146", ["x**2 == 2", "y**2 == 3"], []),
    ("x + y <= 3.1462", ["x**2 <= 2", "y**2 <= 3"], []),
    ("sin(x) < x", ["x >= 0"], []),
    ("cos(x) >= 1 - x**2/2 + x**4/25", [], []),
    ("sin(x) + cos(x) <= 1.4142", [], []),
    ("tan(x) <= 100", ["0 < x < 1.6"], []),
    ("sin(x)/x > 0", ["-3 < x < 3"], []),
]


@pytest.mark.parametrize(("show", "given", "integers"), FALSE)
def test_a_false_claim_is_refuted(show, given, integers):
    refuted(statement(show, given, integers))


# undecided before the stages for equations, integers, and inner minima were there
HARD = [
    "liliang2018.S44",
    "logic.int-pell61",
    "logic.int-pythagoras",
    "logic.int-euler",
    "patel2018.X1-over",
    "patel2018.D10-tight",
    "polynomials.disc-tight",
    "polynomials.needle-point",
    "polynomials.irrational-only",
    "beneventano2024.L1",
]


@pytest.mark.parametrize("key", HARD)
def test_the_hard_false_claims_of_the_benchmark_are_refuted(key):
    claim = CLAIMS[key]
    refuted(forall(key, claim.show, given=claim.given, let=claim.let, integers=claim.integers).formal)


@pytest.mark.parametrize("key", ["beneventano2024.L1", "polynomials.disc-tight", "ghosh2023.L20-hair"])
def test_the_witness_depends_neither_on_the_budget_nor_on_the_seed(key):
    claim = CLAIMS[key]
    formal = forall(key, claim.show, given=claim.given, let=claim.let, integers=claim.integers).formal
    found = [
        search.find_point(formal, Budget(b), seed) for b, seed in ((PATIENCE, 0), (2 * PATIENCE, 0), (PATIENCE, 1))
    ]
    assert found[0] is not None
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("show", "given", "expected"),
    [
        ("x**2 != 2", ["x >= 0"], {"x": "sqrt(2)"}),
        ("x**2 != 2", ["x <= 0"], {"x": "-sqrt(2)"}),
        ("x**3 != 2", [], {"x": "2**(1/3)"}),
        ("x**2 != x + 1", ["x > 0"], {"x": "1/2 + sqrt(5)/2"}),
        ("x**3 != x - 1", [], {"x": "root of x**3 - x + 1 in (-2, -1)"}),
        ("x + y != 1", ["x**2 == 2"], {"x": "sqrt(2)", "y": "1 - sqrt(2)"}),
        ("x + y < sqrt(2)", ["x**2 + y**2 == 1"], {"x": "sqrt(2)/2", "y": "sqrt(2)/2"}),
        ("x < 3/4", ["0 <= x <= 3/4"], {"x": "3/4"}),
    ],
)
def test_points_are_written_exactly(show, given, expected):
    assert point_text(refuted(statement(show, given))) == expected


def test_rational_points_are_found_where_only_these_are_wanted():
    formal = statement("x + y <= 141/100", ["x**2 + y**2 == 1"])
    assert refuted(formal)["kind"] == "algebraic"
    found = search.find_point(formal, Budget(PATIENCE), rational=True)
    assert found is None or found["kind"] == "point"
    assert search.find_point(statement("x**2 != 2"), Budget(PATIENCE), rational=True) is None


TRUE = [
    ("x <= 1.41422", ["x**2 <= 2"], []),
    ("x + y <= 14143/10000", ["x**2 + y**2 == 1"], []),
    ("x + y <= sqrt(2)", ["x**2 + y**2 <= 1"], []),
    ("x**4 - 16*x**2 + 5*x >= -78.3324", [], []),
    ("(x**2 - 2)**2 >= 0", [], []),
    ("x*y*z <= 1/27", ["x + y + z == 1", "x >= 0", "y >= 0", "z >= 0"], []),
    ("x < y", ["x**2 == 2", "y**2 == 3", "y > 0"], []),
    ("n**2 != 2*m**2", ["m >= 1"], ["n", "m"]),
    ("4*n + 2 != m**2", [], ["n", "m"]),
    ("n*(n + 1)/2 >= n or n < 0", [], ["n"]),
    ("1/(x - 1/3) > 0", ["x > 1/3"], []),
    ("sqrt(x**2) == abs(x)", [], []),
    ("log(x*y) == log(x) + log(y)", ["x > 0", "y > 0"], []),
    ("exp(x)*exp(-x) == 1", [], []),
    ("x**(1/3)*x**(2/3) == x", ["x >= 0"], []),
    ("sin(x)**2 + cos(x)**2 == 1", [], []),
    ("sin(x) <= x", ["x >= 0"], []),
    ("x == 0 or x != 0", [], []),
    ("not (x > 0 and x < 0)", [], []),
    ("x > y and y > z implies x > z", [], []),
    ("x**6 + y**6 >= x**4*y**2 + x**2*y**4", [], []),
    ("a/b + b/a >= 2", ["a*b > 0"], []),
    ("x < 0", ["x > 0", "1/(x - x) > 0"], []),
    ("x < 0", ["x**2 < 0"], []),
    ("x < 0", ["log(-x**2) > 0"], []),
]


@pytest.mark.parametrize(("show", "given", "integers"), TRUE)
def test_a_true_claim_is_not_refuted(show, given, integers):
    assert search.find_point(statement(show, given, integers), Budget(3.0), 1) is None


# --- the parts ------------------------------------------------------------------------------------------------------


def test_the_cases_of_a_counterexample():
    read = Statement.read(statement("x > 0 implies 1/x < y", ["x < 1 or y == 2"]))
    relations = sorted(tuple(atom.relation for atom in case) for case in read.cases)
    # two ways to satisfy the hypothesis; the conclusion fails where x > 0 and 1/x >= y, or where x is zero
    assert relations == sorted([(">", ">", ">="), ("==", ">", ">="), (">", "=="), ("==", "==")])


DOMAINS = [
    ["0 <= u", "u <= N", "N <= 1 + eta/4", "0 < eta <= 1/5"],
    ["h >= 0", "lam > 0", "0 < eta < 2/(h + lam)"],
    ["p > 0", "s > 0", "p + s <= 1"],
    ["x**2 + y**2 <= 1", "x*y >= 1/8"],
    ["-1 <= x", "x**3 <= 2", "y == 2*x"],
]


@pytest.mark.parametrize("given", DOMAINS)
def test_shares_of_ranges_lie_in_the_domain(given):
    read = Statement.read(statement("0 > 1", given))
    domain = Domain(read.hypotheses[0], read.names, frozenset())
    shares = [Fraction(1, 7), Fraction(1, 2), Fraction(6, 7)]
    grid = [[shares[(k + j) % 3] for j in range(len(read.names))] for k in range(3)]
    found = list(domain.points(grid, domain.orders()))
    inside = [at for at in found if read.refuted_by(at)]
    assert found
    assert 2 * len(inside) >= len(found)


def polynomial(text: str) -> poly.Poly:
    return poly.ratio(parse(text), poly.Context())[0]


SYSTEMS = [
    (["x**2 - 2"], ["x"], 2),
    (["x**2 + y**2 - 1", "x - y"], ["x", "y"], 2),
    (["x**2 + y**2 - 4", "x*y - 1"], ["x", "y"], 4),
    (["x**2 - 2", "y**2 - 3"], ["x", "y"], 4),
    (["x**2 - 2", "x*y - z", "z + y - 1"], ["x", "y", "z"], 2),
    (["x*y - 1", "y - 2"], ["x", "y"], 1),
    (["x**2 + 1"], ["x"], 0),
    (["(x - 1)*(x**2 - 2)*(x - 1/2)"], ["x"], 4),
    (["x - y", "x - y - 1"], ["x", "y"], 0),
]


@pytest.mark.parametrize(("equations", "names", "count"), SYSTEMS)
def test_solutions_are_exact_and_complete(equations, names, count):
    found = list(solutions([polynomial(e) for e in equations], {}, names))
    assert len({tuple(sorted(point_text(c.certificate()).items())) for c in found}) == count
    # a solution refutes "one of the polynomials is not zero"
    read = Statement.read(statement(" or ".join(f"({e}) != 0" for e in equations)))
    assert all(candidate.refutes(read) for candidate in found)


@settings(max_examples=60, deadline=None)
@given(line=st.lists(st.integers(-9, 9), min_size=2, max_size=6))
def test_real_roots_are_isolated(line):
    assume(line[-1])
    found = list(real_roots([Fraction(c) for c in line]))
    floats = sorted(float(x) for x in found)
    for x in found:
        if isinstance(x, Root):
            assert not x.alpha.sign([Fraction(c) for c in line])
        else:
            assert sum(c * x**k for k, c in enumerate(line)) == 0
    with mpmath.workdps(40):
        reduced = mpmath.polyroots(line[::-1], maxsteps=2000, extraprec=800, error=False)
    real = {round(float(z.real), 6) for z in reduced if abs(z.imag) < 1e-5}
    assert {round(x, 6) for x in floats} <= {r + d * 1e-6 for r in real for d in (-1, 0, 1)} | {
        round(r + d * 1e-6, 6) for r in real for d in (-1, 0, 1)
    }
    assert len(set(floats)) == len(floats)


@settings(max_examples=100, deadline=None)
@given(low=st.fractions(-20, 20, max_denominator=500), width=st.fractions(0, 3, max_denominator=500))
def test_the_simplest_fraction_of_an_interval(low, width):
    x = simplest(low, low + width)
    assert low <= x <= low + width
    for d in range(1, x.denominator):
        smallest = -(-low.numerator * d // low.denominator)
        assert Fraction(smallest, d) > low + width


def test_a_witness_is_shortened_without_losing_it():
    values = {"x": Fraction(31415926, 10**7), "y": Fraction(-7, 10**9), "z": Fraction(987654321)}

    def refutes(at: dict[str, Fraction]) -> bool:
        return 3 < at["x"] < Fraction(16, 5) and at["y"] < 0 and at["z"] > 1000

    short = shortened(values, refutes)
    assert refutes(short)
    assert max(length(v) for v in short.values()) <= 16
    assert shortened({"x": Fraction(1)}, lambda at: True)["x"] in (0, 1)


def screened(given: list[str], show: str, points: list[dict[str, Fraction]]) -> list[int]:
    read = Statement.read(statement(show, given))
    return suspects(read.given, read.show, points)


def test_the_screen_reads_the_logic_of_lines():
    points = [{"x": Fraction(k)} for k in (-2, -1, 0, 1, 2)]
    assert screened(["x > 3/2 or x < -3/2"], "x > 0", points) == [0]
    assert screened(["not (x > 3/2)"], "x < 3/2 implies x < 1/2", points) == [3]
    assert screened(["x > 1/2 implies x > 3/2"], "x != 2 and x > -3", points) == [4]
    # surely false conclusions come before those that may be false by equality
    assert screened([], "x > 1", points) == [0, 1, 2, 3]
    assert screened([], "x < 0", points) == [3, 4, 2]
    # what is undefined by more than a hair makes a hypothesis fail and a conclusion false
    assert screened(["log(x + 1/2) < 5"], "x > 3", points) == [2, 3, 4]
    assert screened([], "sqrt(x) >= -1", points) == [0, 1]
    assert screened(["not (sqrt(x + 1/2) > 1)"], "x > 3", points) == [2]
    assert screened([], "not (1/x > 2)", points) == [2]
    assert screened([], "1/x > 0 or x < 1/2", points) == []


def test_the_screen_knows_how_far_floats_cancel():
    # Pell: 1766319049**2 - 61*226153980**2 == 1, floats see 0 or 512
    points = [{"x": Fraction(1766319049), "y": Fraction(226153980)}]
    assert screened([], "x**2 - 61*y**2 != 1", points) == [0]
    assert screened([], "x**2 - 61*y**2 + 10**6 != 1", [{"x": Fraction(10), "y": Fraction(1)}]) == []


@pytest.mark.parametrize(
    ("show", "refuted"),
    [
        ("taylor((x + t)**3, t, 1) <= x**3 + 2*x**2", True),
        ("taylor((x + t)**3, t, 1) <= 3", False),
    ],
)
def test_taylor_coefficients_are_screened(show, refuted):
    formal = {"form": "forall", "let": [], "given": ["0 < x < 1"], "show": [show], "integers": []}
    found = search.find_point(formal, Budget(3))
    assert (found is not None) is refuted


def test_no_number_is_too_long_for_the_search():
    formal = {"form": "forall", "let": [], "given": [], "show": [f"x < 1{'0' * 400}"], "integers": []}
    found = search.find_point(formal, Budget(2))
    assert found is None or instance.verify(formal, found) is None
