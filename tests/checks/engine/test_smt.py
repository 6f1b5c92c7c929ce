"""The SMT solver as an oracle: its models become exact counterexamples, its word alone never a verdict."""

from __future__ import annotations

from fractions import Fraction

import pytest

from checks.checker.kinds import algebraic, instance
from checks.claim import forall
from checks.engine import decide
from checks.engine.budget import Budget
from checks.engine.refute import search, smt
from checks.engine.refute.candidate import Root
from checks.engine.refute.statement import Statement
from checks.verdict import Status


def formal(show, given=(), integers=()):
    return {"form": "forall", "let": [], "given": list(given), "show": [show], "integers": list(integers)}


@pytest.fixture
def solver():
    pytest.importorskip("z3")


@pytest.mark.parametrize(
    ("show", "given", "integers"),
    [
        ("x**2 != 2", [], []),
        ("x**5 - x != 1", [], []),
        ("x**2 + y**2 != 3 or x != y**2", [], []),
        ("sqrt(x)*sqrt(x) == x", [], []),
        ("x/x == 1", [], []),
        ("x**(-2) > 0", [], []),
        ("abs(x) > min(x, y)", [], []),
        ("x**(1/3) < 2", ["x >= 0"], []),
        ("m**2 - 7*n**2 != 2", ["n >= 1"], ["m", "n"]),
        ("n/2 != x + 1/3", ["x >= 5"], ["n"]),
        ("not 1/x == 0", [], []),
        ("x == 0 and 1/x == 1 implies x == 5", [], []),
    ],
)
def test_a_model_becomes_an_exact_counterexample(solver, show, given, integers):
    statement = formal(show, given, integers)
    certificate, hopeless = search.from_solver(statement, Budget(20), 6.0)
    assert certificate is not None
    assert not hopeless
    (instance if certificate["kind"] == "point" else algebraic).verify(statement, certificate)


@pytest.mark.parametrize(
    ("show", "given", "integers"),
    [
        ("x**2 + y**2 >= 2*x*y", [], []),
        ("x == 0 or x/x == 1", [], []),
        ("sqrt(x)**2 == x", ["x >= 0"], []),
        ("2*n != 1", [], ["n"]),
        ("x > 0 implies 1/x > 0", [], []),
    ],
)
def test_a_true_claim_has_no_model(solver, show, given, integers):
    assert search.from_solver(formal(show, given, integers), Budget(20), 6.0) == (None, True)


@pytest.mark.parametrize("show", ["exp(x) > 0", "x**y > 0", "x**1000 > 0", "sin(x) <= 1"])
def test_what_the_solver_does_not_speak_of_is_left_alone(show):
    with pytest.raises(smt.Unsupported):
        smt.script(Statement.read(formal(show)))
    assert search.from_solver(formal(show), Budget(5), 1.0) == (None, False)


def test_the_engine_needs_no_solver(monkeypatch):
    monkeypatch.setattr(smt, "available", lambda: False)
    assert search.from_solver(formal("x**2 != 2"), Budget(5), 1.0) == (None, False)
    assert decide(forall("c", ["x**2 >= 1"]), 2.0).status is Status.REFUTED
    assert decide(forall("c", ["x**2 >= 0"]), 2.0).status is Status.PROVED


def test_no_word_of_the_solver_makes_a_verdict(monkeypatch):
    asked = []

    def lying(statement, budget, seconds):
        asked.append(statement)
        return smt.Answer("unsat")

    monkeypatch.setattr(smt, "ask", lying)
    hard = "9*x**4 - y**4 + 2*y**2 != 1/1000003 or x < 10**9"
    assert decide(forall("c", [hard]), 1.0).status is not Status.PROVED
    monkeypatch.setattr(smt, "ask", lambda *_: smt.Answer("sat", {"x": Fraction(0), "y": Fraction(1)}))
    assert decide(forall("c", ["x**2 + y**2 - x*y >= 0"]), 2.0).status is Status.PROVED
    assert search.from_solver(formal("x**2 + y**2 >= 0"), Budget(2), 1.0) == (None, False)


def test_a_solver_that_does_not_end_is_ended_and_counted(solver):
    fermat = formal("x**7 + y**7 + z**7 != 5*w**7 + 1000003", ["x > y", "y > z", "z > w", "w > 1000"], list("wxyz"))
    budget = Budget(20)
    answer = smt.ask(Statement.read(fermat), budget, 0.5)
    assert answer.word == "unknown"
    assert budget.left() < 20


def test_algebraic_values_are_the_right_roots(solver):
    answer = smt.ask(Statement.read(formal("x**2 != 2", ["x < 0"])), Budget(10), 5.0)
    assert answer.word == "sat"
    root = answer.values["x"]
    assert isinstance(root, Root)
    assert float(root) == pytest.approx(-(2**0.5), abs=1e-12)
