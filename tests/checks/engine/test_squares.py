"""Sums of squares: what must be proved, what must not, and the exact steps behind it."""

from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker import polynomial as poly
from checks.checker.accept import Rejected, check
from checks.checker.grammar import parse
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.squares.faces import complement, rational_rows
from checks.engine.squares.gram import ldl
from checks.engine.squares.model import Block, Model, monomials, parity_classes, times, without_dead_rows
from checks.engine.squares.propose import by_squares
from checks.engine.squares.terms import balance
from checks.engine.squares.zeros import rational_zeros, through_zeros

SECONDS = 20.0
MOTZKIN = "x**4*y**2 + x**2*y**4 - 3*x**2*y**2 + 1"
MOTZKIN_FORM = "x**4*y**2 + x**2*y**4 - 3*x**2*y**2*z**2 + z**6"
CHOI_LAM = "1 + x**2*y**2 + y**2*z**2 + z**2*x**2 - 4*x*y*z"
SCHUR = "x*(x - y)*(x - z) + y*(y - x)*(y - z) + z*(z - x)*(z - y)"
SQUARE = ["x >= 0", "1 - x >= 0", "y >= 0", "1 - y >= 0"]
ORTHANT = ["x >= 0", "y >= 0", "z >= 0"]
SIMPLEX = [*ORTHANT, "x + y + z == 1"]
CURVE = ["P >= 0", "N >= 0", "P**2 - 2*P + P*N + 1 == 0"]

# (hypotheses, conclusion); "0 > 0" asks for a refutation of the hypotheses
TRUE = [
    # no hypotheses: unique Gram matrices, zeros at rational and at irrational points, strict
    ([], "x**2 + y**2 + z**2 >= x*y + y*z + z*x"),
    ([], "a**4 + b**4 + c**4 + d**4 >= 4*a*b*c*d"),
    ([], "x**4 + y**4 + z**4 >= x*y*z*(x + y + z)"),
    ([], "x**4 + y**4 + 1 > 2*x*y"),
    ([], "a**2 + b**2 + c**2 + d**2 + 1 > a*b + b*c + c*d"),
    ([], "4*x**2 - 4*x + 9*y**2 - 6*y + 2 >= 0"),
    ([], "x**4 - 4*x**2 + 4 + y**2 >= 0"),
    ([], "x**2 + x*y + y**2 - x - y + 1/3 >= 0"),
    ([], "(x**2 - 2)**2 + (y**2 - 3)**2 + (x*y - z)**2 >= 0"),
    ([], "(x**3 - 2)**2 + (y - x)**2 >= 0"),
    ([], "(a**2 + b**2 + c**2)**2 >= 3*(a**3*b + b**3*c + c**3*a)"),
    ([], "(a**2 + b**2 + c**2 + d**2)*(x**2 + y**2 + z**2 + w**2) >= (a*x + b*y + c*z + d*w)**2"),
    ([], "x**8 - x**5 + x**2 - x + 1 > 0"),
    ([], "x**8 + y**8 >= x**5*y**3"),
    # coefficients of very different size
    ([], "(123457*x - 98765)**2 + (1001*y - x)**2 + 1/1000 > 0"),
    ([], "x**4/1000000 + y**2 >= x**2*y/500 - 1/10000000"),
    (SQUARE, "(500*x - 157)**2 + (1000*y - 271)**2 >= 0"),
    # one hypothesis
    (["x - y > 0"], "x**3 - y**3 > 0"),
    (["1 - x**2 - y**2 >= 0"], "3/2 - x - y >= 0"),
    (["1 - x**2 - y**2 >= 0"], "14143/10000 - x - y >= 0"),
    (["1 - x**2 - y**2 >= 0"], "1/2 - x*y >= 0"),
    (["4*c - b**2 > 0"], "x**2 + b*x + c > 0"),
    (["x >= 0"], "x**3 - 3*x + 2 >= 0"),
    # equalities with free multipliers
    (["x**2 + y**2 == 1"], "2 - (x + y)**2 >= 0"),
    (["x > 0", "y > 0", "x*y == 1"], "x + y >= 2"),
    (["x**2 == 2", "x > 0"], "x > 1414/1000"),
    (["x**3 == 2"], "x > 1"),
    (SIMPLEX, "1/3 - x*y - y*z - z*x >= 0"),
    (SIMPLEX, "1/27 - x*y*z >= 0"),
    (["x**2 + y**2 + z**2 == 1"], "1 - 27*x**2*y**2*z**2 >= 0"),
    (CURVE, "0 - N >= 0"),
    # products of hypotheses
    (ORTHANT, "x**3 + y**3 + z**3 - 3*x*y*z >= 0"),
    (["x - y >= 0", "y - z >= 0", "z >= 0"], SCHUR + " >= 0"),
    (["x > 0", "1 - x > 0"], "x**4 - x**5 > 0"),
    (["x > 0", "1 - x > 0", "y > 0", "1 - y > 0"], "1 - x - y + x*y > 0"),
    (SQUARE, "x + y - x*y >= 0"),
    (["5 - x >= 0", "x + 5 >= 0"], "x**4 - 16*x**2 + 5*x >= 0 - 784/10"),
    (
        ["a > 0", "b > 0", "c > 0"],
        "2*(a*(a + b)*(a + c) + b*(b + a)*(b + c) + c*(c + a)*(c + b)) - 3*(a + b)*(b + c)*(c + a) >= 0",
    ),
    (
        ["b + c - a > 0", "c + a - b > 0", "a + b - c > 0"],
        "a**2*b*(a - b) + b**2*c*(b - c) + c**2*a*(c - a) >= 0",
    ),
    # zeros on the boundary and inside
    (SQUARE, "x*(1 - x) + y*(1 - y)*(2*x - 1)**2 + (x - y)**2*x >= 0"),
    (["x >= 0", "y >= 0"], "x*(x - y)**2 + y*(x - 1)**2 >= 0"),
    # refutations; the negated conclusion stands among the hypotheses
    (["x*y > 0", "x > 0", "0 - y >= 0"], "0 > 0"),
    (["x > 0", "y > 0", "x*y - 1 >= 0", "2 - x - y > 0"], "0 > 0"),
    ([*CURVE, "1 - P > 0"], "0 > 0"),
    ([*CURVE, "P - 1 > 0"], "0 > 0"),
    ([f"0 - ({CHOI_LAM}) > 0"], "0 > 0"),
    ([f"0 - ({MOTZKIN}) > 0"], "0 > 0"),
    ([f"0 - ({MOTZKIN_FORM}) > 0"], "0 > 0"),
    ([*ORTHANT, f"0 - ({SCHUR}) > 0"], "0 > 0"),
    (["1 - x**2 - y**2 > 0", "x*y - 1 > 0"], "0 > 0"),
    (["x*y == 1", "x + y == 1"], "0 > 0"),
    (["x**2 + y**2 == 0", "x > 0"], "0 > 0"),
    (["x > 0", "0 - x**2 - x >= 0"], "0 > 0"),
    (["0 - x**2 - 1 >= 0"], "0 - 1 >= 0"),
    (["0 - x**2 - 1 >= 0"], "0 - 1 > 0"),
]

FALSE = [
    ([], "x**2 + y**2 - 3*x*y >= 0"),
    ([], "x**4 - x**2 >= 0"),
    ([], "x**2 > 0"),
    ([], "(x - 1)**2 + (y - 2)**2 > 0"),
    (["x >= 0"], "x**3 - x >= 0"),
    (["x - y > 0"], "x**2 - y**2 > 0"),
    (SQUARE, "(500*x - 157)**2 + (1000*y - 271)**2 > 0"),  # zero at (157/500, 271/1000)
    (["1 - x**2 - y**2 >= 0"], "141/100 - x - y >= 0"),  # the maximum is the square root of 2
    (["1 - x**2 - y**2 >= 0"], "1/2 - x*y > 0"),
    (["5 - x >= 0", "x + 5 >= 0"], "x**4 - 16*x**2 + 5*x + 783/10 >= 0"),
    (ORTHANT, SCHUR + " > 0"),
    (["x > 0", "y > 0"], "0 > 0"),
    (["x*y > 0", "0 - x > 0", "0 - y >= 0"], "0 > 0"),
    (["x != 0"], "x > 0"),
]


def _difference(line: str) -> tuple[poly.Poly, str]:
    """Return left minus right over their common denominator, as the checker sees it, and the sign of the line."""
    kind, signs, (left, right) = parse(line)
    assert kind == "compare"
    top, bottom = poly.ratio(("-", left, right), poly.Context())
    assert set(bottom) == {()}
    assert bottom[()] > 0
    return top, signs[0]


def _prove(hypotheses: list[str], conclusion: str, seconds: float = SECONDS) -> Certificate:
    return by_squares(*_difference(conclusion), _facts(hypotheses), Budget(seconds))


def _facts(hypotheses: list[str]) -> list[tuple[poly.Poly, str]]:
    """Return the hypotheses as polynomials, divided by their constant denominators."""
    found = []
    for line in hypotheses:
        top, sign = _difference(line)
        _, bottom = poly.ratio(("-", *parse(line)[2]), poly.Context())
        found.append((poly.multiply(top, poly.constant(1 / bottom[()])), sign))
    return found


def _accept(hypotheses: list[str], conclusion: str, certificate: Certificate) -> str:
    formal = {"form": "forall", "given": hypotheses, "show": [conclusion]}
    return check(formal, {"verdict": "proved", "steps": [certificate]})


@pytest.mark.parametrize(("hypotheses", "conclusion"), TRUE, ids=[c for _, c in TRUE])
def test_a_true_claim_gets_a_certificate_that_the_checker_accepts(hypotheses: list[str], conclusion: str) -> None:
    assert _accept(hypotheses, conclusion, _prove(hypotheses, conclusion)) == "proved"


@pytest.mark.parametrize(("hypotheses", "conclusion"), FALSE, ids=[c for _, c in FALSE])
def test_a_false_claim_gets_none(hypotheses: list[str], conclusion: str) -> None:
    with pytest.raises(NotFound, match="sums of squares"):
        _prove(hypotheses, conclusion)


def test_a_hypothesis_that_is_not_zero_may_be_used_twice() -> None:
    facts = _facts(["x != 0", "0 - x**2 - y**2 >= 0"])
    terms = by_squares({}, ">", facts, Budget(SECONDS), nonzero=True)["terms"]
    assert [0, 0] in [t.get("facts") for t in terms]
    total: poly.Poly = {}
    for term in terms:
        value = poly.constant(Fraction(term["coefficient"]))
        for i in term.get("facts", ()):
            value = poly.multiply(value, facts[i][0])
        for text in term.get("squares", ()):
            value = poly.multiply(value, poly.power(poly.ratio(parse(text), poly.Context())[0], 2))
        total = poly.add(total, value)
    assert total == {}
    with pytest.raises(NotFound):
        by_squares({}, ">", facts, Budget(SECONDS))


def test_a_tampered_coefficient_is_rejected() -> None:
    hypotheses, conclusion = ["x - y > 0"], "x**3 - y**3 > 0"
    certificate = _prove(hypotheses, conclusion)
    certificate["terms"][0]["coefficient"] = str(Fraction(certificate["terms"][0]["coefficient"]) + 1)
    with pytest.raises(Rejected):
        _accept(hypotheses, conclusion, certificate)


def test_the_zero_polynomial_is_nonnegative_without_terms() -> None:
    assert by_squares({}, ">=", [], Budget(1.0)) == {"kind": "combination", "terms": []}


def test_a_spent_budget_is_reported() -> None:
    with pytest.raises(NotFound, match="time is over"):
        _prove([], "x**2 >= 0", seconds=-1.0)


def test_a_model_that_is_too_large_is_refused() -> None:
    names = [f"x{i}" for i in range(12)]
    with pytest.raises(NotFound):
        _prove([], "+".join(f"{n}**6" for n in names) + " + " + "*".join(names[:6]) + " + 9 > 0", seconds=3.0)


def test_indexed_generators_are_written_back() -> None:
    p = poly.multiply(poly.generator(("c", "k")), poly.generator(("c", "k")))
    assert by_squares(p, ">=", [], Budget(5.0))["terms"][0]["squares"] == ["c[k]"]


def test_constants_are_added_up_and_squares_begin_with_a_plus() -> None:
    terms = _prove([], "x**2 - 2*x + 3 > 0")["terms"]
    assert sum("squares" not in t for t in terms) == 1
    assert not any(text.startswith("-") for t in terms for text in t.get("squares", ()))


def test_equalities_alone_may_give_the_goal() -> None:
    hypotheses, conclusion = ["x*y == 1", "x + y == 3"], "7 - x**2 - y**2 >= 0"
    certificate = _prove(hypotheses, conclusion)
    assert _accept(hypotheses, conclusion, certificate) == "proved"
    assert all("multiplier" in t for t in certificate["terms"])


def test_certificates_are_short() -> None:
    certificate = _prove([], "x**2 + y**2 + z**2 >= x*y + y*z + z*x")
    assert len(certificate["terms"]) == 2
    assert all(Fraction(t["coefficient"]).denominator <= 4 for t in certificate["terms"])


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_random_sums_of_squares_inside_the_cone_are_found(seed: int) -> None:
    # with every basis element's square added, a positive definite Gram matrix exists
    chance = random.Random(seed)
    words = ["1", "x", "y", "x*y", "x**2", "y**2"]
    squares = ["+".join(f"({chance.randint(-3, 3)})*{w}" for w in words) for _ in range(chance.randint(1, 4))]
    conclusion = " + ".join(f"({q})**2" for q in [*squares, *words]) + " >= 0"
    assert _accept([], conclusion, _prove([], conclusion)) == "proved"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(-4, 4), min_size=3, max_size=3), min_size=1, max_size=4))
def test_ldl_decides_semidefiniteness_exactly(rows: list[list[int]]) -> None:
    gram = [[Fraction(sum(r[i] * r[j] for r in rows)) for j in range(3)] for i in range(3)]
    found = ldl(gram)
    assert found is not None
    for i in range(3):
        for j in range(3):
            assert sum((d * v[i] * v[j] for d, v in found), Fraction(0)) == gram[i][j]
            assert all(d > 0 for d, _ in found)
    # the determinant's sign decides for a matrix with one diagonal entry made too small
    worse = [list(row) for row in gram]
    worse[2][2] = -Fraction(1)
    assert ldl(worse) is None


def test_ldl_refuses_a_zero_pivot_in_a_row_that_is_not_zero() -> None:
    zero, one = Fraction(0), Fraction(1)
    assert ldl([[zero, one], [one, one]]) is None
    assert ldl([[zero, zero], [zero, one]]) == [(one, [zero, one])]


def test_conjugate_zeros_have_a_rational_span() -> None:
    root = np.sqrt(2.0)
    evaluations = np.array([[1.0, root, 2.0], [1.0, -root, 2.0]])
    mixed = np.array([[0.3, 0.7], [-0.4, 0.2]]) @ evaluations
    assert complement(rational_rows(mixed)) in ([[-2, 0, 1]], [[1, 0, Fraction(-1, 2)]])


def test_irrational_rows_are_left_out() -> None:
    assert rational_rows(np.array([[1.0, np.sqrt(2.0) / 2, np.pi / 4]])) == []


def test_rational_zeros_lie_on_the_domain_and_give_exact_kernels() -> None:
    one, half = Fraction(1), Fraction(1, 2)
    # (1 - x) * (x - 1/2)**2 on 0 <= x <= 1
    low, high = {(1,): one}, {(0,): one, (1,): -one}
    square = {(2,): one, (1,): -one, (0,): half**2}
    basis = tuple({m: one} for m in monomials((1,), 0, 1))
    model = Model(times(high, square), (Block((0,), low, basis), Block((1,), high, basis)))
    assert sorted(rational_zeros(model)) == [(half,), (one,)]
    # at 1/2 both factors are positive; at 1 only the first is
    left = through_zeros(model)
    assert [block.facts for block in left.blocks] == [(1,)]
    assert left.blocks[0].basis in (({(1,): one, (0,): -half},), ({(1,): Fraction(-2), (0,): one},))


def test_dead_rows_contain_the_newton_polytope() -> None:
    one = Fraction(1)
    basis = tuple({m: one} for m in monomials((2, 2), 0, 2))
    target = {(4, 0): one, (0, 2): one}
    left = without_dead_rows(Model(target, (Block((), {(0, 0): one}, basis),)))
    # x*y and y**2 lie outside half the Newton polytope, and so do 1 and x, whose squares nothing cancels
    assert {m for b in left.blocks[0].basis for m in b} == {(2, 0), (0, 1)}


def test_parity_classes_split_by_sign_changes() -> None:
    one = Fraction(1)
    even = {(4, 0): one, (2, 2): one, (0, 0): one}
    assert sorted(map(len, parity_classes([even], monomials((2, 2), 0, 2)))) == [1, 1, 1, 3]
    assert len(parity_classes([{(1, 0): one, (0, 1): one}], monomials((2, 2), 0, 2))) == 1


def test_balance_leaves_ordinary_coefficients_alone() -> None:
    one = Fraction(1)
    assert balance([{(2, 0): one, (1, 1): 2 * one, (0, 0): 3 * one}]) == (0, 0)
    shift = balance([{(2,): one, (0,): Fraction(2**20)}])[0]
    assert 8 <= shift <= 11
