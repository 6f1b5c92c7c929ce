"""The ladder on a table of true inequalities, their mutants, and the corners of the claim language.

Whatever the engine says is compared with exact evaluation at many rational points, by code of this file.
"""

from __future__ import annotations

import operator
import random
from fractions import Fraction

import pytest
import sympy as sp

from checks.checker.grammar import Node, parse
from checks.claim import aligned_with_probability, forall, limit, trajectory, unformalised
from checks.engine import decide
from checks.engine.checking import CHECKER, CheckerProcess
from checks.papers.ghosh2023 import objects as o
from checks.verdict import Status

SECONDS = 3.0
SIGNS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt}

# (given, show): true, with the zeros of the difference on the boundary, inside, or nowhere
TRUE = [
    # one variable
    (["0 < x", "x < 1"], "x*(1 - x) > 0"),
    (["0 <= x", "x <= 1"], "x*(1 - x) >= 0"),
    ([], "x**2 - x + 1 > 0"),
    ([], "x**2 - 2*x + 1 >= 0"),
    (["x >= 1/2"], "x**3 - x**2/4 >= 0"),
    (["0 < x", "x < 1"], "x**5 < x**4"),
    (["0 < eta", "eta <= 1/5"], "(1 + eta/4)*(1 - eta**2/4) <= 1 + eta/4"),
    (["x > 1"], "x**2 + x > 2"),
    # two variables
    ([], "x**2 + y**2 >= 2*x*y"),
    ([], "x**2 + y**2 + 1 > 0"),
    (["0 <= x", "x <= 1", "0 <= y", "y <= 1"], "x + y - x*y >= 0"),
    (["0 < x", "x < 1", "0 < y", "y < 1"], "x + y - x*y < 1"),
    (["0 < lam", "lam <= 1/2", "0 < x", "x < 1"], "x*(1 + lam*(1 - x**2)) < 1"),
    (["0 <= y", "y <= x", "x <= 1"], "x**2 - y**2 >= 0"),
    (["x >= 0", "y >= x"], "y**3 >= x**3"),
    # three and four variables
    (
        ["0 <= u", "u <= N", "N <= 1 + eta/4", "0 < eta", "eta <= 1/5"],
        "u*(1 + eta*(2 - u - N))**2 + (N - u)*(1 - eta*u)**2 <= 1 + eta/4",
    ),
    (["0 <= x", "0 <= y", "0 <= z"], "(x + y + z)**2 >= x**2 + y**2 + z**2"),
    (["0 <= x", "x <= y", "y <= z", "z <= 1"], "x*y <= z"),
    (["0 <= a", "a <= 1", "0 <= b", "b <= 1", "0 <= c", "c <= 1", "0 <= d", "d <= 1"], "a*b*c*d <= a"),
    (["0 < a", "a < b", "b < c", "c < d"], "a*d < d**2"),
    # quotients
    (["x > 0"], "1/x > 0"),
    (["x > 0", "x < 1"], "1/x > x"),
    (["x > 0", "y > 0"], "x/(x + y) < 1"),
    (["x != 0"], "x/x == 1"),
    (["0 <= x", "0 < y"], "(x - y)/(x + y) <= 1"),
    # logarithms
    (["x >= 0"], "log(1 + x) <= x"),
    (["0 < x"], "log(1 + x) < x"),
    (["0 <= x", "x <= 1"], "log(1 + x) >= x/2"),
    (["x >= 0"], "log(1 + x) >= x/(1 + x)"),
    (["x >= 1"], "log(x) <= x - 1"),
    # equalities and disequalities
    ([], "(x + y)**2 - (x - y)**2 == 4*x*y"),
    (["x > 0"], "x + 1 != 0"),
]


def mutants(given: list[str], show: str) -> list[tuple[list[str], str]]:
    """Return the claim with a hypothesis dropped, its relation turned strict or weak or round, or a constant moved."""
    found = [(given[:n] + given[n + 1 :], show) for n in range(len(given))]
    left, sign, right = split(show)
    turned = {"<": [">", "<="], "<=": [">=", "<"], ">": ["<", ">="], ">=": ["<=", ">"], "==": ["!="], "!=": ["=="]}[
        sign
    ]
    found += [(given, f"{left} {other} {right}") for other in turned]
    return [*found, (given, f"{left} {sign} {right} + 1/7"), (given, f"{left} {sign} {right} - 1/7")]


def split(show: str) -> tuple[str, str, str]:
    left, sign, right = next(show.partition(f" {s} ") for s in SIGNS if f" {s} " in show)
    return left, sign.strip(), right


def value(node: Node, at: dict[str, Fraction]) -> Fraction:
    """Evaluate without the checker's code; logarithms through SymPy to 60 digits, ZeroDivisionError where undefined."""
    kind = node[0]
    if kind == "number":
        return node[1]
    if kind == "name":
        return at[node[1]]
    if kind == "call":
        (x,) = (value(a, at) for a in node[2])
        assert node[1] == "log"
        if x <= 0:
            raise ZeroDivisionError
        return Fraction(str(sp.N(sp.log(sp.Rational(x)), 60)))
    a, b = value(node[1], at), value(node[2], at)
    table = {
        "+": operator.add,
        "-": operator.sub,
        "*": operator.mul,
        "/": operator.truediv,
        "**": lambda p, q: p ** int(q),
    }
    return table[kind](a, b)


def holds(line: str, at: dict[str, Fraction]) -> bool:
    node = parse(line)
    assert node[0] == "compare"
    try:
        sides = [value(term, at) for term in node[2]]
    except ZeroDivisionError:
        return False
    return all(SIGNS[s](a, b) for s, a, b in zip(node[1], sides[:-1], sides[1:], strict=True))


def names(*lines: str) -> list[str]:
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, tuple):
            if len(node) == 2 and node[0] == "name":
                found.add(node[1])
            for part in node:
                walk(part)

    for line in lines:
        walk(parse(line))
    return sorted(found)


def points(variables: list[str], seed: int = 0) -> list[dict[str, Fraction]]:
    """Return random rational points, dense near 0 and 1 where the claims of the table have their zeros."""
    rng = random.Random(seed)
    draw = [
        lambda: Fraction(rng.randint(-40, 40), rng.choice((1, 2, 3, 7, 16))),
        lambda: Fraction(rng.randint(0, 60), 60),
        lambda: 1 + Fraction(rng.randint(-9, 9), rng.choice((10, 1000, 10**6))),
        lambda: Fraction(rng.randint(0, 9), rng.choice((10, 1000, 10**6))),
        lambda: Fraction(rng.choice((0, 1))),
    ]
    return [{name: rng.choice(draw)() for name in variables} for _ in range(400)]


def consistent(given: list[str], show: str, evidence) -> None:
    variables = names(*given, show)
    if evidence.status is Status.PROVED:
        bad = [p for p in points(variables) if all(holds(g, p) for g in given) and not holds(show, p)]
        assert not bad, (given, show, bad[0])
    elif evidence.status is Status.REFUTED:
        at = {name: Fraction(text) for name, text in evidence.counterexample.items()}
        assert all(holds(g, at) for g in given), (given, show, at)
        assert not holds(show, at), (given, show, at)
    else:
        assert evidence.status is Status.UNDECIDED
        assert evidence.counterexample is None
        assert evidence.detail[-1]


@pytest.mark.parametrize(("given", "show"), TRUE, ids=lambda x: x if isinstance(x, str) else ", ".join(x))
def test_a_true_inequality_is_proved(given, show):
    evidence = decide(forall("claim", show, given=given), seconds=SECONDS)
    assert evidence.status is Status.PROVED, evidence.detail
    assert evidence.certificate is not None
    assert evidence.counterexample is None
    consistent(given, show, evidence)


# one mutant of each kind for every claim, or all of them in the nightly suite
QUICK = [(g, s) for n, (given, show) in enumerate(TRUE) for k, (g, s) in enumerate(mutants(given, show)) if k == n % 4]
REST = [x for given, show in TRUE for x in mutants(given, show) if x not in QUICK]


@pytest.mark.parametrize(("given", "show"), QUICK)
def test_what_is_said_of_a_mutant_agrees_with_exact_evaluation(given, show):
    consistent(given, show, decide(forall("mutant", show, given=given), seconds=1.0))


@pytest.mark.slow
@pytest.mark.parametrize(("given", "show"), REST)
def test_what_is_said_of_every_mutant_agrees_with_exact_evaluation(given, show):
    consistent(given, show, decide(forall("mutant", show, given=given), seconds=1.0))


# undefined terms: a hypothesis fails there, a conclusion is false there
UNDEFINED = [
    ([], "x/x == 1", Status.REFUTED),
    ([], "1/x == 1/x", Status.REFUTED),
    ([], "0*(1/x) == 0", Status.REFUTED),
    (["x >= 0"], "log(x) == log(x)", Status.REFUTED),
    (["x >= -1"], "sqrt(x) >= 0", Status.REFUTED),
    ([], "x**(-1) != 0", Status.REFUTED),
    (["1/x > 0"], "x > 0", None),
    (["x != 0"], "x/x == 1", Status.PROVED),
    (["x != 2"], "(x - 2)/(x - 2) == 1", Status.PROVED),
]


@pytest.mark.parametrize(("given", "show", "expected"), UNDEFINED)
def test_undefined_terms(given, show, expected):
    evidence = decide(forall("claim", show, given=given), seconds=1.0)
    if expected is None:
        assert evidence.status is not Status.REFUTED
    else:
        assert evidence.status is expected, evidence.detail


# an infinity that turns finite again must not hide the undefined term from the floating-point screen of the points
@pytest.mark.parametrize("show", ["1/(1/x) == x", "(1/x)**0 == 1", "1/(1/x) - x == 0*x/x"])
def test_a_term_inside_that_is_undefined_refutes(show):
    assert decide(forall("claim", show), seconds=10.0).status is Status.REFUTED


def test_a_monotone_proof_does_not_cross_a_pole():
    given, show = ["x >= 0", "x != 1/2", "x < 500000001/1000000000"], "1/(1/2 - x) + log(1 + x) >= 0"
    at = {"x": Fraction(1, 2) + Fraction(1, 2 * 10**9)}
    assert all(holds(g, at) for g in given)
    assert not holds(show, at)
    assert decide(forall("claim", show, given=given), seconds=1.0).status is not Status.PROVED


VACUOUS = [["x > 0", "x < 0"], ["x > 1", "x <= 1"], ["x**2 < 0"], ["1/(x - x) > 0"], ["0 == 1"]]


@pytest.mark.parametrize("given", VACUOUS)
def test_hypotheses_that_no_point_satisfies_refute_nothing(given):
    assert decide(forall("claim", "x > 5", given=given), seconds=1.0).status is not Status.REFUTED


@pytest.mark.parametrize("given", [["x > 0 or x < -1"], ["not x <= 0"], ["x > 0 implies x > 1"]])
def test_logical_words_among_the_hypotheses_are_searched(given):
    assert decide(forall("claim", "x > 100", given=given), seconds=1.0).status is Status.REFUTED


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("x > 0 or x < 0", Status.REFUTED),
        ("not x > 3", Status.REFUTED),
        ("x > 0 and x < 0", Status.REFUTED),
        ("x**2 >= 0 and x < x + 1", Status.PROVED),
        ("x < 1 implies x < 2", Status.PROVED),
        ("x < 2 implies x < 1", Status.REFUTED),
    ],
)
def test_logical_words_among_the_conclusions(show, expected):
    assert decide(forall("claim", show), seconds=10.0).status is expected


def test_integers_are_searched_among_the_integers():
    evidence = decide(forall("claim", "m >= 2", given=["m > 1/2"], integers=["m"]), seconds=1.0)
    assert evidence.status is Status.REFUTED
    assert evidence.counterexample == {"m": "1"}
    # between two integers there is nothing to refute with
    assert (
        decide(forall("claim", "m > 5", given=["0 < m", "m < 1"], integers=["m"]), seconds=1.0).status
        is not Status.REFUTED
    )


def test_an_equality_among_the_hypotheses_is_solved():
    evidence = decide(forall("claim", "x*y < 1/4", given=["x + y == 1", "0 <= x", "x <= 1"]), seconds=2.0)
    assert evidence.status is Status.REFUTED
    assert Fraction(evidence.counterexample["x"]) == Fraction(evidence.counterexample["y"]) == Fraction(1, 2)


def test_a_text_outside_the_grammar_is_an_error_that_shows_it():
    with pytest.raises(ValueError, match="'x >' ends where an expression is expected"):
        decide(forall("broken", "x >"), seconds=1.0)


def test_a_part_without_a_statement_is_undecided_with_its_reason():
    evidence = decide(unformalised("part", "why not"))
    assert evidence.status is Status.UNDECIDED
    assert evidence.detail[-1] == "why not"


# --- trajectories -------------------------------------------------------------------------------------------------


def halving(**more):
    return trajectory(
        "halving", state=["N"], parameters=[], start=["0 <= N", "N <= 1"], branches=[{"next": {"N": "N/2"}}], **more
    )


def test_an_invariant_is_proved_by_induction():
    evidence = decide(halving(always=["N <= 1"], invariant=["0 <= N", "N <= 1"]), seconds=SECONDS)
    assert evidence.status is Status.PROVED
    assert evidence.method.startswith("induction")


def test_a_true_bound_whose_invariant_is_not_inductive_is_not_refuted():
    # N <= 1 alone is not kept by N -> N**2 (N = -2), but every run starts in [0, 1]
    part = trajectory(
        "squares",
        state=["N"],
        parameters=[],
        start=["0 <= N", "N <= 1"],
        branches=[{"next": {"N": "N**2"}}],
        always=["N <= 1"],
    )
    assert decide(part, seconds=1.0).status is Status.UNDECIDED


def test_a_violated_bound_is_refuted_at_the_start_or_after_a_step():
    at_start = decide(halving(always=["N < 1"]), seconds=1.0)
    assert at_start.status is Status.REFUTED
    assert at_start.counterexample == {"N": "1"}
    part = trajectory(
        "growth",
        state=["N"],
        parameters=[],
        start=["0 <= N", "N <= 1"],
        branches=[{"next": {"N": "2*N"}}],
        always=["N <= 1"],
    )
    grown = decide(part, seconds=1.0)
    assert grown.status is Status.REFUTED
    start = Fraction(grown.counterexample["N"])
    assert 0 <= start <= 1 < 2 * start


def test_a_relation_between_two_states_and_inputs():
    branch = {"inputs": ["0 <= u", "u <= N"], "next": {"N": "N - u"}, "then": ["N_next <= N", "N_next >= 0"]}
    part = trajectory("loss", state=["N"], parameters=[], start=["0 <= N"], branches=[branch], invariant=["0 <= N"])
    assert decide(part, seconds=SECONDS).status is Status.PROVED
    worse = {**branch, "then": ["N_next < N"]}
    part = trajectory("loss", state=["N"], parameters=[], start=["0 <= N"], branches=[worse], invariant=["0 <= N"])
    refuted = decide(part, seconds=SECONDS)
    assert refuted.status is Status.REFUTED
    assert Fraction(refuted.counterexample["u"]) == 0


def test_an_abbreviation_of_the_state_moves_with_it():
    # N grows by 1 in every step and F is N: F <= 1 fails after two steps from any start
    part = trajectory(
        "abbreviated",
        state=["N"],
        parameters=[],
        start=["0 <= N", "N <= 1"],
        let=["F = N"],
        branches=[{"next": {"N": "N + 1"}}],
        always=["F <= 1"],
    )
    assert decide(part, seconds=1.0).status is not Status.PROVED


# --- limits and mirror symmetry ------------------------------------------------------------------------------------

FULL = o.FULL.as_formal()


def test_a_limit_is_refuted_by_a_start_that_no_sample_moves():
    part = limit(
        "limit", ["sum(i:all, c[i]**2) == 1"], given=["sum(i:all, c[i]**2) < 1"], loss=o.SAMPLE_LOSS, index=FULL
    )
    evidence = decide(part, seconds=SECONDS)
    assert evidence.status is Status.REFUTED
    # the only stationary starts inside the ball have no component along the data
    layout = evidence.certificate["layout"]
    assert all(Fraction(evidence.certificate["arrays"]["c"][n]) == 0 for n in layout["batch"])


def test_a_limit_that_stationary_starts_do_not_violate_is_not_refuted():
    given = ["sum(i:all, c[i]**2) < 1", "all(i:batch, c[i] > 0)", "n == m"]
    part = limit("limit", ["sum(i:all, c[i]**2) == 1"], given=given, loss=o.SAMPLE_LOSS, index=FULL)
    assert decide(part, seconds=1.0).status is Status.UNDECIDED


@pytest.mark.parametrize(
    ("above", "at_least", "expected"),
    [
        ("1/2", "1", Status.REFUTED),
        ("3/4", "4/5", Status.REFUTED),
        ("1/3", "1", Status.UNDECIDED),
        ("1/2", "7/10", Status.UNDECIDED),
        ("1/2", "-1", Status.UNDECIDED),
    ],
)
def test_mirror_symmetry_excludes_a_probability_above_one_half(above, at_least, expected):
    # the boundary is 2 t^2 > 1: two coordinates of a unit vector cannot both reach t
    law = "invariant under c -> -c"
    part = aligned_with_probability("aligned", above=above, at_least=at_least, loss=o.SAMPLE_LOSS, index=FULL, law=law)
    assert decide(part, seconds=1.0).status is expected


def test_mirror_symmetry_needs_an_even_loss_and_a_symmetric_law():
    law = "invariant under c -> -c"
    odd = aligned_with_probability("odd", above="1/2", loss="c[i]", index=FULL, law=law)
    assert decide(odd, seconds=1.0).status is Status.UNDECIDED
    relu = aligned_with_probability(
        "relu", above="1/2", loss=o.SAMPLE_LOSS_RELU, index=o.RELU_FULL.as_formal(), law=law
    )
    assert decide(relu, seconds=1.0).status is Status.UNDECIDED
    skewed = aligned_with_probability("skewed", above="1/2", loss=o.SAMPLE_LOSS, index=FULL, law="positive coordinates")
    assert decide(skewed, seconds=1.0).status is Status.UNDECIDED


# --- the checker has the last word ---------------------------------------------------------------------------------


@pytest.mark.parametrize("show", ["x**2 >= 0", "x >= 0"])
def test_what_the_checker_rejects_decides_nothing(monkeypatch, show):
    monkeypatch.setattr(CHECKER, "ask", lambda formal, certificate: (False, "for a test"))
    evidence = decide(forall("claim", show), seconds=1.0)
    assert evidence.status is Status.UNDECIDED
    assert evidence.certificate is None
    assert "rejected the proposed certificate: for a test" in evidence.detail[-1]


def test_the_checker_runs_in_a_process_of_its_own_and_starts_again_when_it_ended():
    formal = {"form": "forall", "let": [], "given": [], "show": ["x >= 0"]}
    process = CheckerProcess()
    try:
        for number in ("-1", "1"):
            point = {"verdict": "refuted", "kind": "point", "values": {"x": number}}
            accepted, word = process.ask(formal, point)
            assert accepted is (number == "-1")
            assert (word == "refuted") is accepted
        process.close()
        assert process.ask(formal, {"verdict": "refuted", "kind": "point", "values": {"x": "-1"}}) == (True, "refuted")
    finally:
        process.close()


def test_the_evidence_says_what_the_certificate_is():
    evidence = decide(forall("claim", "x**2 + 1/4 >= x"), seconds=1.0)
    assert evidence.status is Status.PROVED
    assert evidence.method
    assert evidence.detail
    assert evidence.formal["show"] == ["x**2 + 1/4 >= x"]
