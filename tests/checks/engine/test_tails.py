"""Tail statements by the engine: true bounds are proved, false ones are not, sure events refute."""

from __future__ import annotations

from typing import Any

import pytest

from checks.checker import check
from checks.claim import Part, tail
from checks.engine.checking import CHECKER
from checks.engine.decide import IllFormed, decide
from checks.verdict import Status


@pytest.fixture(scope="module", autouse=True)
def _checker():  # type: ignore[no-untyped-def]
    yield
    CHECKER.close()


CHI = {"name": "chi-squared", "degrees": "k"}
SUM = {"name": "bernoulli-sum", "mean": "mu"}
LARGEST = {"name": "largest-gaussian", "number": "n", "variance": "s**2"}


def stated(law: dict[str, str], event: str, at_most: str, *given: str, **more: Any) -> Part:
    return tail("a tail", law, event=event, at_most=at_most, given=given, **more)


TRUE = {
    "chi-squared, lower": stated(CHI, "X <= k*(1 - t)", "exp(-k*t**2/8)", "k >= 1", "0 < t < 1"),
    "chi-squared, upper": stated(CHI, "X >= k*(1 + t)", "exp(-k*t**2/8)", "k >= 1", "0 < t < 1"),
    "sum of Bernoulli variables, lower": stated(SUM, "X <= (1 - d)*mu", "exp(-mu*d**2/2)", "mu >= 0", "0 < d < 1"),
    "sum of Bernoulli variables, upper": stated(SUM, "X >= (1 + d)*mu", "exp(-mu*d**2/3)", "mu >= 0", "0 < d <= 1"),
    "Gaussian": stated(
        {"name": "gaussian", "mean": "mu", "variance": "s**2"}, "X > mu + a", "exp(-a**2/(2*s**2))", "s > 0", "a >= 0"
    ),
    "sum of bounded variables": stated(
        {"name": "bounded-sum", "number": "n", "low": "0", "high": "1", "mean": "n*p"},
        "X >= n*(p + e)",
        "exp(-2*n*e**2)",
        "n >= 1",
        "0 <= p <= 1",
        "e >= 0",
        integers=["n"],
    ),
    "largest of Gaussians": stated(
        LARGEST,
        "X >= t + sqrt(2*s**2*log(2*n))",
        "exp(-t**2/(2*s**2))",
        "n >= 1",
        "s > 0",
        "t >= 0",
        integers=["n"],
    ),
    "with abbreviations": stated(CHI, "X < a", "exp(-k/16)", "k >= 1", let=["a = k/4"]),
}


@pytest.mark.parametrize("part", TRUE.values(), ids=TRUE)
def test_true_bounds_are_proved(part: Part) -> None:
    found = decide(part)
    assert found.status is Status.PROVED, found.detail
    assert found.method.startswith("Chernoff's method")
    assert found.formal is not None
    assert found.certificate is not None
    assert check(found.formal, found.certificate) == "proved"
    assert r"\mathrm{Pr}" in found.statement


FALSE = {
    # the tail decays like exp((k/2)(t + log(1 - t))), which is exp(-k t^2/4) to leading order
    "chi-squared, too small": stated(CHI, "X <= k*(1 - t)", "exp(-k*t**2/3)", "k >= 1", "0 < t < 1"),
    "sum of Bernoulli variables, too small": stated(SUM, "X <= (1 - d)*mu", "exp(-mu*d**2)", "mu >= 0", "0 < d < 1"),
    "Gaussian, the other side": stated(
        {"name": "gaussian", "mean": "0", "variance": "1"}, "X <= a", "exp(-a**2/2)", "a >= 0"
    ),
}


@pytest.mark.parametrize("part", FALSE.values(), ids=FALSE)
def test_false_bounds_are_not_proved(part: Part) -> None:
    found = decide(part, seconds=2.0)
    assert found.status is Status.UNDECIDED
    assert "t = " in found.detail[-1]


def test_a_sure_event_refutes() -> None:
    part = stated(LARGEST, "X >= t + sqrt(2*s**2*log(2*n))", "exp(-t**2/(2*s**2))", "n >= 1", "s > 0", integers=["n"])
    found = decide(part)
    assert found.status is Status.REFUTED
    assert found.counterexample is not None
    assert set(found.counterexample) == {"n", "s", "t"}
    assert any("sure" in line for line in found.detail)


def test_a_negative_bound_is_refuted() -> None:
    assert decide(stated(CHI, "X >= k", "1 - k", "k >= 1")).status is Status.REFUTED


def test_a_proposed_multiplier_is_tried() -> None:
    part = stated(CHI, "X <= k*(1 - t)", "exp(-k*t**2/8)", "k >= 1", "0 < t < 1", hint={"multiplier": "-t/2"})
    found = decide(part)
    assert found.certificate is not None
    assert found.certificate["multiplier"] == "-t/2"


@pytest.mark.parametrize("law", [{"name": "cauchy"}, {"name": "chi-squared", "mean": "1"}, {}])
def test_an_unknown_law_is_no_statement(law: dict[str, str]) -> None:
    with pytest.raises(IllFormed, match="a tail"):
        decide(stated(law, "X <= 1", "1"))


@pytest.mark.parametrize("event", ["Y <= 1", "X == 1", "1 <= X", "X"])
def test_an_event_is_a_tail_of_X(event: str) -> None:
    with pytest.raises(ValueError, match="X <= a"):
        stated(CHI, event, "1")


def test_the_random_variable_is_no_parameter() -> None:
    for event, at_most, given in (("X <= X/2", "1", "k >= 1"), ("X <= 1", "X", "k >= 1"), ("X <= 1", "1", "X >= 1")):
        with pytest.raises(ValueError, match="X is the random variable"):
            stated(CHI, event, at_most, given)
