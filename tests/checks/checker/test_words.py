"""Words of matrices: the normal form against plain matrix arithmetic, proofs, counterexamples, and attacks on both."""

from __future__ import annotations

import copy
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.checker import Rejected, check
from checks.checker.polynomial import Poly
from checks.checker.word_grammar import read_expression
from checks.checker.word_point import Point
from checks.checker.word_statement import read
from checks.checker.words import UNIT, Algebra, Value

Json = dict[str, Any]
Matrix = list[list[Fraction]]
SIZES = {"m": 2, "n": 3}
LETTERS = {"A": ("m", "n"), "B": ("n", "m"), "S": ("n", "n"), "H": ("n", "n"), "x": ("n", "1"), "y": ("m", "1"),
           "r": ("1", "n"), "u": ("1", "1")}  # fmt: skip
ALGEBRA = Algebra(LETTERS, frozenset({"H"}), frozenset({"a", "b"}), frozenset(SIZES), {})


def entries(text: str) -> Matrix:
    return [[Fraction(e) for e in row.split()] for row in text.split(";")]


VALUES = {
    "A": entries("1 2 -1; 0 3 1/2"),
    "B": entries("2 -1; 1 1; -3 2"),
    "S": entries("0 1 2; -1 1 3; 2 2 -1"),
    "H": entries("1 2 3; 2 -1 0; 3 0 2"),
    "x": entries("1; -2; 3"),
    "y": entries("2; 1"),
    "r": entries("1 0 -2"),
    "u": entries("5"),
    "a": entries("-2"),
    "b": entries("1/3"),
    "m": entries("2"),
    "n": entries("3"),
}


# --- plain matrix arithmetic, beside the checker's --------------------------------------------------------------------


def times(a: Matrix, b: Matrix) -> Matrix:
    if len(a) == len(a[0]) == 1:
        return [[a[0][0] * x for x in row] for row in b]
    if len(b) == len(b[0]) == 1:
        return [[x * b[0][0] for x in row] for row in a]
    return [
        [sum((a[i][k] * b[k][j] for k in range(len(b))), Fraction(0)) for j in range(len(b[0]))] for i in range(len(a))
    ]


def plus(a: Matrix, b: Matrix, sign: int = 1) -> Matrix:
    return [[x + sign * y for x, y in zip(u, v, strict=True)] for u, v in zip(a, b, strict=True)]


def turned(a: Matrix) -> Matrix:
    return [list(column) for column in zip(*a, strict=True)]


def trace(a: Matrix) -> Matrix:
    return [[sum((a[k][k] for k in range(len(a))), Fraction(0))]]


def eye(size: int) -> Matrix:
    return [[Fraction(i == j) for j in range(size)] for i in range(size)]


Pair = tuple[str, Matrix]


@st.composite
def expressions(draw: st.DrawFn, shape: tuple[str, str] = UNIT, depth: int = 4) -> Pair:
    """Draw an expression of a shape, as text and as its value by plain arithmetic."""
    leaves: list[Pair] = [(name, VALUES[name]) for name, own in LETTERS.items() if own == shape]
    leaves += [(f"{name}'", turned(VALUES[name])) for name, own in LETTERS.items() if own[::-1] == shape]
    if shape == UNIT:
        leaves += [(name, VALUES[name]) for name in ("a", "b", "n")] + [("2", entries("2")), ("0.5", entries("1/2"))]
    elif shape[0] == shape[1]:
        leaves.append((f"I({shape[0]})", eye(SIZES[shape[0]])))
    if depth == 0 and leaves:
        return draw(st.sampled_from(leaves))
    choice = draw(st.integers(0, 7))
    if choice == 0 and leaves:
        return draw(st.sampled_from(leaves))
    smaller = depth - 1 if depth else 0
    if choice in (1, 2):
        (s, p), (t, q) = draw(expressions(shape, smaller)), draw(expressions(shape, smaller))
        return (f"({s} + {t})", plus(p, q)) if choice == 1 else (f"({s} - {t})", plus(p, q, -1))
    if choice == 3:
        (s, p), (t, q) = draw(expressions(UNIT, smaller)), draw(expressions(shape, smaller))
        return draw(st.sampled_from([(f"({s})*({t})", times(p, q)), (f"({t})*({s})", times(q, p))]))
    if choice == 4:
        s, p = draw(expressions(shape[::-1], smaller))
        return f"({s})'", turned(p)
    if choice == 5 and shape == UNIT:
        size = draw(st.sampled_from(["m", "n"]))
        s, p = draw(expressions((size, size), smaller))
        return f"tr({s})", trace(p)
    if choice == 6 and shape[0] == shape[1]:
        s, p = draw(expressions(shape, smaller))
        return f"({s})**2", times(p, p)
    middle = draw(st.sampled_from(["m", "n", "1"]))
    (s, p), (t, q) = draw(expressions((shape[0], middle), smaller)), draw(expressions((middle, shape[1]), smaller))
    return f"({s})*({t})", times(p, q)


def at_point(value: Value) -> Matrix:
    numbers: dict[Any, Fraction] = {name: VALUES[name][0][0] for name in ("a", "b", "m", "n")}
    point = Point(ALGEBRA, numbers, {name: VALUES[name] for name in LETTERS})
    bottom = point.number(value.bottom)
    return [[x / bottom for x in row] for row in point.matrix(value)]


@settings(max_examples=150, deadline=None)
@given(st.one_of(*(expressions(shape) for shape in (UNIT, ("n", "n"), ("m", "n"), ("n", "1"), ("1", "n")))))
def test_the_normal_form_has_the_value_of_the_expression(pair: Pair) -> None:
    text, expected = pair
    assert at_point(ALGEBRA.value(read_expression(text), [])) == expected


@settings(max_examples=60, deadline=None)
@given(expressions(depth=2), expressions(depth=2), expressions(("n", "n"), depth=2))
def test_quotients_have_the_value_of_the_expression(top: Pair, bottom: Pair, matrix: Pair) -> None:
    if not bottom[1][0][0]:
        return
    text, divided = f"({top[0]})/({bottom[0]})*({matrix[0]}) - {matrix[0]}", list[Poly]()
    factor = top[1][0][0] / bottom[1][0][0] - 1
    assert at_point(ALGEBRA.value(read_expression(text), divided)) == [[factor * x for x in row] for row in matrix[1]]
    assert divided


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["S", "S'", "H", "x*r", "B*A"]), min_size=1, max_size=5), st.integers(0, 4))
def test_traces_are_cyclic_and_those_of_transposes(words: list[str], shift: int) -> None:
    rotated = words[shift % len(words) :] + words[: shift % len(words)]
    texts = [f"tr({'*'.join(one)})" for one in (words, rotated)] + [f"tr(({'*'.join(words)})')"]
    first, *others = (ALGEBRA.value(read_expression(text), []) for text in texts)
    assert all(first == other for other in others)


# --- the grammar and the sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, same",
    [
        ("-S**2", "-(S*S)"),
        ("S'**2", "S'*S'"),
        ("S**2'", "(S*S)'"),
        ("2*S*H/3", "(2/3)*(S*H)"),
        ("a - b - a", "-b"),
        ("1/a/b", "1/(a*b)"),
        ("a**-2", "1/(a*a)"),
        ("S - - S", "2*S"),
        ("x*r*x", "(r*x)*x"),
        ("(B*A)**0", "I(n)"),
        ("u*S", "S*u"),
    ],
)
def test_how_operators_bind(text: str, same: str) -> None:
    one, other = (ALGEBRA.value(read_expression(t), []) for t in (text, same))
    assert not ALGEBRA.add(one, other, -1).top


@pytest.mark.parametrize(
    "text, message",
    [
        ("A*A", "a matrix of size m x n is multiplied by a matrix of size m x n"),
        ("A + B", "a matrix of size m x n is added to or compared with a matrix of size n x m"),
        ("S + 1", "a matrix of size n x n is added to or compared with a number"),
        ("1 + I", "I is added to or compared with a number; beside a number write 1"),
        ("A + I", "I is added to or compared with a matrix of size m x n"),
        ("tr(I)", "write I(n)"),
        ("tr(A)", "the trace of a matrix of size m x n"),
        ("I(q)", "'q' is no size"),
        ("I(0)", "'0' is no size"),
        ("Z*S", "'Z' is not declared; declared are A, B, H, S, a, b, m, n, r, u, x, y"),
        ("S/H", "a division by a matrix of size n x n"),
        ("S/(a - a)", "a division by zero"),
        ("S**-1", "a division by a matrix"),
        ("A**2", "a power of a matrix of size m x n"),
        ("S**a", "column 4 of 'S**a': 'a' stands where a whole number up to 64 is expected"),
        ("S**65", "a whole number up to 64"),
        ("S**2**3", "'**' stands where an operator is expected"),
        ("S @ H", "column 3 of 'S @ H': '@ H' is not part of the grammar"),
        ("S*(H", "'S*(H' ends where ) is expected"),
        ("S H", "'H' stands where an operator is expected"),
        ("exp(S)", "'(' stands where an operator is expected"),
        ("__import__", "'__import__' is not declared"),
        ("", "'' ends where an expression is expected"),
        ("(S == H)*S", "'compare' is no operation with matrices"),
        ("S*(a < b)", "'compare' is no operation with matrices"),
        ("S == H", "'compare' is no operation with matrices"),
        ("S[n]", "column 2 of 'S[n]': '[n]' is not part of the grammar"),
        ("sum(i:n, S)", "column 6 of 'sum(i:n, S)': ':n, S)' is not part of the grammar"),
        ("S and H", "'and' stands where an operator is expected"),
        ("not S", "'not' stands where an expression is expected"),
        ("max(a, b)", "', b)' is not part of the grammar"),
        ("delta", "'delta' is not declared"),
        ("pi", "'pi' is not declared"),
    ],
)
def test_what_does_not_fit_is_named(text: str, message: str) -> None:
    with pytest.raises(ValueError) as caught:
        ALGEBRA.value(read_expression(text), [])
    assert message in str(caught.value)


# --- proofs -----------------------------------------------------------------------------------------------------------


def claim(letters: list[str], show: str | list[str], *given: str, **more: Any) -> Json:
    shown = [show] if isinstance(show, str) else show
    return {"form": "matrices", "letters": letters, "let": [], "given": list(given), "show": shown, **more}


def proof(*combinations: str, lemmas: tuple[str, ...] = ()) -> Json:
    steps = [{"kind": "combine", "lemmas": list(lemmas), "combination": c} for c in combinations]
    return {"verdict": "proved", "kind": "words", "steps": steps}


PROJECTION = claim(["P: n x n projection"], ["P**3 == P", "P*(I - P) == 0"])
PUSH = claim(
    ["A: m x n", "B: n x m", "X: m x m", "Y: n x n"], "X*A == A*Y", "X*(I + A*B) == I", "Y*(I + B*A) == I"
)  # fmt: skip
HOUSE = claim(["x: n x 1"], "(I - 2*x*x'/(x'*x))**2 == I", "x'*x != 0")
SECOND = claim(["H: n x n", "K: n x n", "e: number"], "(I - e*H)*(I - e*K) == I - e*(H + K)", modulo=["e", 2])
EIGEN = claim(["A: n x n symmetric", "x: n x 1", "y: n x 1", "a: number", "b: number"], "x'*y == 0",
              "A*x == a*x", "A*y == b*y", "a != b")  # fmt: skip
EIGEN_PROOF: Json = proof("x'*@2 - @1'*y")
EIGEN_PROOF["steps"][0]["multiplier"] = "a - b"
CAYLEY = claim(["A: 2 x 2"], "A**2 - tr(A)*A + (tr(A)**2 - tr(A**2))/2*I == 0")
ENTRIES: Json = {"verdict": "proved", "kind": "words", "steps": [{"kind": "entries", "combination": "0"}]}
TRUE = [
    (CAYLEY, ENTRIES),
    (
        claim(
            ["D: 2 x 2 diagonal", "E: 2 x 2 diagonal", "S: 2 x 2 symmetric"], ["D*E == E*D", "tr(D*S*E) == tr(E*S*D)"]
        ),
        {**ENTRIES, "steps": ENTRIES["steps"] * 2},
    ),
    (claim(["A: 2 x 3", "x: 3 x 1", "y: 2 x 1"], "tr(x*y'*A) == y'*A*x"), ENTRIES),
    (PROJECTION, proof("P*@1 + @1", "-@1")),
    (PUSH, proof("@1*A*Y - X*A*@4")),
    (PUSH, proof("@5", lemmas=("@1*A*Y - X*A*@4",))),
    (HOUSE, proof("0")),
    (SECOND, proof("0")),
    (claim(["U: n x n", "V: n x n"], "V*U == I", "U*V == I"), proof("@2")),
    (claim(["U: n x n", "V: n x n"], "V*U == 2*I", "2*I == U*V"), proof("@2")),
    (claim(["D: n x n diagonal", "E: n x n diagonal"], "D*E == E*D"), proof("@1")),
    (claim(["Q: n x n orthogonal", "A: n x n"], "tr(Q*A*Q') == tr(A)"), proof("tr(@2*A)")),
    (claim(["A: m x n"], "tr(A'*A) == m", "A*A' == I"), proof("tr(@1)")),
    (claim(["x: n x 1", "a: number"], "a*x/a == x", "a > 0"), proof("0")),
    (claim(["A: n x n"], "A/(2*n**2) == A/n/n/2"), proof("0")),
    (claim(["A: n x n"], "B == A + A", let=["B = 2*A"]), proof("0")),
    (claim(["E: n x n"], "E*I == E"), proof("0")),
    (EIGEN, EIGEN_PROOF),
    (claim(["A: n x n", "a: number", "b: number"], "A/b == a*A", "a*b == 1"), proof("-A*@1")),
    (claim(["x: n x 1"], "(x*x'/(x'*x))**2 == x*x'/(x'*x)", "x'*x > 4"), proof("0")),
    (claim(["x: n x 1"], "(x*x'/(x'*x))**2 == x*x'/(x'*x)", "x'*x >= 4"), proof("0")),
    (claim(["A: n x n", "a: number"], "A/a == A/a", "2*a <= -1"), proof("0")),
    (claim(["A: n x n", "e: number"], "A/(1 + e) == A - e*A", modulo=["e", 2]), proof("0")),
    (
        claim(["A: n x n", "x: n x 1", "e: number"], "A/(x'*A*x + e) == A/(x'*A*x)", "x'*A*x > 0", modulo=["e", 1]),
        proof("0"),
    ),
]


@pytest.mark.parametrize("formal, certificate", TRUE)
def test_right_proofs_are_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "proved"


def with_multiplier(text: str, certificate: Json = EIGEN_PROOF) -> Json:
    return {**certificate, "steps": [{**certificate["steps"][0], "multiplier": text}]}


@pytest.mark.parametrize(
    "formal, certificate",
    [
        # a multiplier that may vanish, that is another one, that is a matrix or a quotient
        ({**EIGEN, "given": EIGEN["given"][:2]}, EIGEN_PROOF),
        (EIGEN, with_multiplier("b - a")),
        (EIGEN, with_multiplier("0", proof("0"))),
        (EIGEN, with_multiplier("a - a", proof("0"))),
        (EIGEN, with_multiplier("A", proof("0"))),
        (EIGEN, with_multiplier("1/(a - b)", proof("0"))),
        (EIGEN, with_multiplier("@1'*y", proof("(x'*y)*(@1'*y)"))),
        (claim(["A: n x n", "e: number"], "A == 0", modulo=["e", 1]), with_multiplier("e", proof("0"))),
        (claim(["A: n x n", "a: number", "b: number"], "A/b == a*A", "a*b == 0"), proof("-A*@1")),
        (claim(["A: n x n", "a: number"], "A/a == A/a", "2*a <= 1"), proof("0")),
        (claim(["A: n x n", "a: number"], "A/a == A/a", "2*a >= -1"), proof("0")),
        (claim(["A: n x n", "a: number", "b: number"], "A/a == A/a", "a - 1 <= b"), proof("0")),
        (claim(["A: n x n", "a: number", "b: number"], "A/a == A/a", "(a - 1)/b >= 0"), proof("0")),
        # entries of sizes that are names or other numbers, and entries that differ
        (CAYLEY, proof("0")),
        (claim(["A: n x n"], "A == A"), ENTRIES),
        (claim(["A: 3 x 3"], CAYLEY["show"]), ENTRIES),
        (claim(["A: 7 x 7"], "A == A"), ENTRIES),
        (claim(["A: 2 x 2", "B: 2 x 2"], "A*B == B*A"), ENTRIES),
        (claim(["A: 2 x 2"], "A == A'"), ENTRIES),
        (claim(["A: 2 x 2 symmetric"], "A == tr(A)*I/2"), ENTRIES),
        (claim(["A: 2 x 2 diagonal"], "A == tr(A)*I/2"), ENTRIES),
        # another order of the letters, another coefficient, another hypothesis, one proof too few
        (PUSH, proof("@1*Y*A - X*A*@4")),
        (PUSH, proof("@1*A*Y - 2*X*A*@4")),
        (PUSH, proof("@1*A*Y - X*A*@2")),
        (PROJECTION, proof("P*@1 + @1")),
        (PROJECTION, {**proof("P*@1 + @1", "-@1"), "steps": [{"kind": "trust", "combination": "0"}] * 2}),
        # combinations that do not vanish with the hypotheses, or divide by them
        (PUSH, proof("X*A - A*Y")),
        (PUSH, proof("X*A - A*Y + 0*@1*A")),
        (claim(["A: n x n", "a: number"], "A == 0", "a == 0"), proof("A*@1/@1")),
        (claim(["A: n x n", "a: number"], "A == 0", "a == 0"), proof("A*@1/a")),
        (claim(["A: n x n", "a: number"], "A == 0"), proof("A*(a - a)/a")),
        # lemmas that do not follow, or that are not there yet
        (PUSH, proof("@5", lemmas=("X*A - A*Y",))),
        (PUSH, proof("@5", lemmas=("@5",))),
        (PUSH, proof("@6", lemmas=("@6 + 0*@1*A", "@1*A*Y - X*A*@4"))),
        (PUSH, proof("@9")),
        # a one-sided inverse of a rectangular matrix, or a product that is zero
        (claim(["U: m x n", "V: n x m"], "V*U == I", "U*V == I"), proof("@2")),
        (claim(["U: n x n", "V: n x n"], "V*U == 0", "U*V == 0"), proof("@2")),
        (claim(["U: n x n", "V: n x n", "a: number"], "V*U == a*I", "U*V == a*I"), proof("@2")),
        # denominators that may vanish
        (claim(["x: n x 1"], "(I - 2*x*x'/(x'*x))**2 == I"), proof("0")),
        (claim(["x: n x 1", "a: number"], "a*x/a == x"), proof("0")),
        (claim(["x: n x 1", "a: number"], "a*x/a == x", "a >= 0"), proof("0")),
        (claim(["x: n x 1", "a: number"], "(1 + a)*x/(1 + a) == x", "a != 0"), proof("0")),
        # an order too high, a denominator with the small number
        ({**SECOND, "modulo": ["e", 3]}, proof("0")),
        (claim(["A: n x n", "e: number"], "e**2*A/e == 0", modulo=["e", 1]), proof("0")),
        (claim(["A: n x n", "e: number"], "e**2*A/(e*e) == A", modulo=["e", 1]), proof("0")),
        (claim(["A: n x n", "e: number", "a: number"], "A/(a + e) == A/a", modulo=["e", 1]), proof("0")),
        (claim(["A: n x n", "e: number"], "A/(1 + e) == A - e*A", modulo=["e", 3]), proof("0")),
        (claim(["A: n x n", "e: number"], "A == 0", "e != 0", modulo=["e", 2]), proof("0")),
        (claim(["A: n x n", "e: number"], "A == 0", "e == 0", modulo=["e", 1]), proof("0")),
        # traces and products that do not commute
        (claim(["A: n x n", "B: n x n", "C: n x n"], "tr(A*B*C) == tr(A*C*B)"), proof("0")),
        (claim(["D: n x n symmetric", "E: n x n symmetric"], "D*E == E*D"), proof("0")),
        (claim(["D: n x n diagonal", "E: m x m diagonal"], "tr(D)*E == 2*E"), proof("@1")),
    ],
)
def test_wrong_proofs_are_rejected(formal: Json, certificate: Json) -> None:
    with pytest.raises(Rejected):
        check(formal, certificate)


@pytest.mark.parametrize(
    "formal",
    [
        claim(["A: n x n", "A: n x n"], "A == A"),
        claim(["I: n x n"], "I == I"),
        claim(["tr: n x n"], "tr == tr"),
        claim(["n: n x n"], "n == n"),
        claim(["n: number", "A: n x n"], "A == A"),
        claim(["A: 0 x 2"], "A == A"),
        claim(["A: 02 x 2"], "A == A"),
        claim(["A: n x m symmetric"], "A == A"),
        claim(["A: n x n positive"], "A == A"),
        claim(["A: n x n inverse"], "A == A"),
        claim(["A: n x n inverse of B"], "A == A"),
        claim(["A: n x n inverse of B", "B: m x m"], "A == A"),
        claim(["A n x n"], "A == A"),
        claim(["A: n x n"], "A <= A"),
        claim(["A: n x n"], "A != A"),
        claim(["A: n x n"], "A"),
        claim(["A: n x n"], []),
        claim(["A: n x n"], "I == I"),
        claim(["A: n x n"], "A == A", "A > 0"),
        claim(["A: n x n"], "A == A", "A != 0"),
        claim(["A: n x n"], "A == A", "I == 2*I"),
        claim(["A: n x n"], "A == A", let=["A = 2"]),
        claim(["A: n x n"], "A == A", let=["B = C", "C = A"]),
        claim(["A: n x n"], "A == A", let=["B == A"]),
        claim(["A: n x n"], "A == A", modulo=["e", 2]),
        claim(["A: n x n", "e: number"], "A == A", modulo=["e", 0]),
        claim(["A: n x n", "e: number"], "A == A", modulo=["e", True]),
        claim(["A: n x n", "e: number"], "A == A", modulo=["e", 1.0]),
        claim(["A: n x n", "e: number"], "A == A", modulo=["e"]),
        claim(["A: n x n", "e: number"], "A == A", modulo=[]),
        claim(["A: n x n", "e: number"], "A == A", modulo=0),
        claim(["A: n x n", "e: number"], "A == A", modulo=["n", 2]),
        claim(["A: n x n", "e: number"], "A == A", "e > 0", modulo=["e", 2]),
        claim(["A: n x n"], "A == A", "A == @1"),
        claim(["A: n x n"], "A == A", integers=["n"]),
    ],
)
def test_malformed_statements_are_rejected(formal: Json) -> None:
    with pytest.raises(Rejected):
        check(formal, proof(*("0" for _ in formal["show"])))


# --- counterexamples --------------------------------------------------------------------------------------------------


def point(sizes: Json, matrices: Json, numbers: Json | None = None, line: int = 0) -> Json:
    rows = {name: [row.split() for row in text.split(";")] for name, text in matrices.items()}
    return {"verdict": "refuted", "kind": "matrices", "sizes": sizes, "numbers": numbers or {}, "matrices": rows,
            "line": line}  # fmt: skip


COMMUTE = claim(["A: n x n symmetric", "B: n x n symmetric"], "A*B == B*A")
AT = point({"n": "2"}, {"A": "1 0;0 0", "B": "0 1;1 0"})
INVERSE = claim(["U: m x n", "V: n x m"], ["U*V == I", "V*U == I"], "U*V == I")
ROW = point({"m": "1", "n": "2"}, {"U": "1 0", "V": "1;0"}, line=1)
FALSE = [
    (COMMUTE, AT),
    (INVERSE, ROW),
    (claim(["x: n x 1"], "(I - 2*x*x'/(x'*x))**2 == I"), point({"n": "1"}, {"x": "0"})),
    (claim(["H: n x n", "e: number"], "(I - e*H)**2 == I - 2*e*H", modulo=["e", 3]),
     point({"n": "1"}, {"H": "1"}, {"e": "0"})),
    (claim(["H: n x n", "e: number"], "H/(1 + e) == H - e*H", modulo=["e", 3]),
     point({"n": "1"}, {"H": "1"}, {"e": "0"})),
    (claim(["H: n x n", "e: number", "a: number"], "e*H/a == 0", modulo=["e", 1]),
     point({"n": "1"}, {"H": "1"}, {"e": "1", "a": "0"})),
    (claim(["A: 2 x 2"], "tr(A)**2 == tr(A*A)"), point({}, {"A": "1 0;0 1"})),
    (claim(["A: n x n"], "tr(A*A) == n*tr(A)"), point({"n": "2"}, {"A": "1 0;0 0"})),
]  # fmt: skip


@pytest.mark.parametrize("formal, certificate", FALSE)
def test_counterexamples_are_accepted(formal: Json, certificate: Json) -> None:
    assert check(formal, certificate) == "refuted"


@pytest.mark.parametrize(
    "formal, certificate",
    [
        (COMMUTE, point({"n": "2"}, {"A": "1 0;0 0", "B": "0 1;0 1"})),  # not symmetric
        (COMMUTE, point({"n": "2"}, {"A": "1 0;0 0", "B": "1 0;0 1"})),  # the claim holds there
        (COMMUTE, point({"n": "2"}, {"A": "1 0;0 0", "B": "0 1 0;1 0 0"})),
        (COMMUTE, point({"n": "2"}, {"A": "1 0;0 0"})),
        (COMMUTE, point({"n": "2"}, {"A": "1 0;0 0", "B": "0 1;1 0", "C": "1"})),
        (COMMUTE, point({"n": "2", "m": "1"}, {"A": "1 0;0 0", "B": "0 1;1 0"})),
        (COMMUTE, point({"n": "1/2"}, {"A": "1 0;0 0", "B": "0 1;1 0"})),
        (COMMUTE, point({"n": "0"}, {"A": "", "B": ""})),
        (COMMUTE, point({}, {"A": "1 0;0 0", "B": "0 1;1 0"})),
        (COMMUTE, {**AT, "line": 1}),
        (COMMUTE, {**AT, "line": -1}),
        (COMMUTE, {**AT, "line": "0"}),
        (COMMUTE, {**AT, "line": 0.5}),
        (COMMUTE, {**AT, "line": False}),
        (COMMUTE, {**AT, "sizes": {"n": True}}),
        (COMMUTE, {**AT, "sizes": {"n": "2/0"}}),
        (COMMUTE, {**AT, "matrices": {"A": [[True, 0], [0, 0]], "B": [["0", "1"], ["1", "0"]]}}),
        (COMMUTE, {**AT, "matrices": {"A": [[1e400, 0], [0, 0]], "B": [["0", "1"], ["1", "0"]]}}),
        (COMMUTE, {**AT, "matrices": {"A": [["1", "0"]], "B": [["0", "1"], ["1", "0"]]}}),
        (COMMUTE, {**AT, "matrices": {"A": [["1", "0"], []], "B": [["0", "1"], ["1", "0"]]}}),
        (claim(["A: n x n diagonal", "B: n x n symmetric"], "A*B == B*A"),
         point({"n": "2"}, {"A": "0 1;1 0", "B": "1 0;0 0"})),
        (INVERSE, {**ROW, "line": 0}),
        (INVERSE, point({"m": "1", "n": "2"}, {"U": "1 0", "V": "2;0"}, line=1)),  # the hypothesis fails
        (claim(["x: n x 1"], "x == 0", "1/(x'*x) == 1/(x'*x)"), point({"n": "1"}, {"x": "0"})),  # undefined
        (claim(["x: n x 1"], "x == 0", "x'*x > 4"), point({"n": "1"}, {"x": "2"})),
        (claim(["Q: n x n orthogonal"], "Q == I"), point({"n": "1"}, {"Q": "2"})),
        (claim(["K: n x n skew"], "K == 0"), point({"n": "1"}, {"K": "2"})),
        (claim(["A: n x n", "B: n x n inverse of A"], "A == B"), point({"n": "1"}, {"A": "2", "B": "1"})),
        (claim(["H: n x n", "e: number"], "(I - e*H)**2 == I - 2*e*H", modulo=["e", 2]),
         point({"n": "1"}, {"H": "1"}, {"e": "1"})),
        (claim(["H: n x n", "e: number"], "e**2*H/e == 0", modulo=["e", 2]), point({"n": "1"}, {"H": "1"}, {"e": "1"})),
        (claim(["H: n x n", "e: number"], "H/(1 + e) == H - e*H", modulo=["e", 2]),
         point({"n": "1"}, {"H": "1"}, {"e": "1"})),
        (claim(["H: n x n", "e: number"], "H/e == H", "e != 0"), point({"n": "1"}, {"H": "1"}, {"e": "0"})),
    ],
)  # fmt: skip
def test_points_that_refute_nothing_are_rejected(formal: Json, certificate: Json) -> None:
    with pytest.raises(Rejected):
        check(formal, certificate)


# that something is zero is the same claim as that three times it is
@pytest.mark.parametrize("formal, certificate", [pair for pair in (*TRUE, *FALSE) if pair[0] is not CAYLEY])
def test_a_verdict_does_not_serve_another_claim(formal: Json, certificate: Json) -> None:
    other = copy.deepcopy(formal)
    other["show"] = [f"({line.split('==')[0]})*3 == {line.split('==')[1]}" for line in formal["show"]]
    if certificate["verdict"] == "proved":
        with pytest.raises(Rejected):
            check(other, certificate)
    with pytest.raises(Rejected):
        check(formal, {**certificate, "verdict": "refuted" if certificate["verdict"] == "proved" else "proved"})


def test_what_the_properties_mean() -> None:
    stated = read(
        claim(["Q: n x n orthogonal", "P: n x n projection", "K: n x n skew", "L: n x n inverse of K"], "Q == Q")
    )
    assert len(stated.known) == 6
    assert stated.algebra.symmetric == {"P"}
