"""Tail statements: what is known of the laws, true bounds with certificates, and attacks that must be rejected."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from scipy import integrate, stats

from checks.checker import Rejected, check, pointwise
from checks.checker.grammar import names, parse
from checks.checker.kinds import tail
from checks.checker.kinds.laws import LAWS
from checks.engine.budget import Budget, NotFound
from checks.engine.prove import prove_goal

Json = dict[str, Any]
CHI: Json = {"name": "chi-squared", "degrees": "k"}
SUM: Json = {"name": "bernoulli-sum", "mean": "mu"}
BINOMIAL: Json = {"name": "binomial", "number": "n", "probability": "p"}
LARGEST: Json = {"name": "largest-gaussian", "number": "n", "variance": "1"}
NORMAL: Json = {"name": "gaussian", "mean": "0", "variance": "1"}
EXPONENTIAL: Json = {"name": "exponential", "rate": "1"}
NOTHING = {"kind": "constant"}


def bound(law: Json, event: str, at_most: str, *given: str, **more: Any) -> Json:
    relation, threshold = event.split(" ", 1)
    parts = {"law": law, "event": {"relation": relation, "threshold": threshold}, "bound": at_most}
    return {"form": "tail", "let": [], "given": list(given), **parts, **more}


def attempt(formal: Json, multiplier: str, exponent: str) -> Json:
    """Return a certificate in which every obligation that has a proof has one; the others get an empty one."""
    steps = []
    frame = {"multiplier": multiplier, "exponent": exponent}
    for goal in tail.obligations(formal, frame):
        try:
            steps.append(prove_goal(goal, Budget(1.0)))
        except (NotFound, ValueError):
            steps.append(NOTHING)
    return {"verdict": "proved", "kind": "chernoff", **frame, "steps": steps}


LEMMA_32 = bound(CHI, "<= k*(1 - t)", "exp(-k*t**2/8)", "k >= 1", "0 < t < 1", integers=["k"])
LEMMA_33 = bound(SUM, "<= (1 - d)*mu", "exp(-mu*d**2/2)", "mu >= 0", "0 < d < 1")
MILLS = bound(NORMAL, ">= a", "exp(-a**2/2)", "a >= 0")


@cache
def proof_of_lemma_32() -> Json:
    return attempt(LEMMA_32, "t/(2*(t - 1))", "-k*t**2/8")


# --- the laws -----------------------------------------------------------------------------------------------------


def value(line: str, values: dict[str, Fraction]) -> float:
    low, high = pointwise.number(parse(line), pointwise.Point(values))
    return float(low + high) / 2


def expectation(density: Any, t: float, low: float, high: float) -> float:
    return float(integrate.quad(lambda x: math.exp(t * x) * density(x), low, high, limit=400)[0])


def of_atoms(atoms: list[tuple[float, float]], t: float) -> float:
    return sum(weight * math.exp(t * x) for x, weight in atoms)


def largest(number: int, scale: float) -> Any:
    """Return the density of the largest of ``number`` independent |N(0, scale^2)|."""
    return lambda x: number * (2 * stats.norm.cdf(x, scale=scale) - 1) ** (number - 1) * 2 * stats.norm.pdf(x, 0, scale)


# per law: parameters, the density or the atoms of one X of the law, the range of integration, whether equality holds
EXAMPLES: list[tuple[str, dict[str, str], Any, float, float, bool]] = [
    ("gaussian", {"mean": "1/2", "variance": "4"}, lambda x: stats.norm.pdf(x, 0.5, 2), -60, 60, True),
    ("chi-squared", {"degrees": "3"}, lambda x: stats.chi2.pdf(x, 3), 0, 900, True),
    (
        "gaussian-squares",
        {"number": "4", "variance": "1/3"},
        lambda x: stats.chi2.pdf(3 * x, 4) * 3,
        0,
        400,
        True,
    ),
    ("largest-gaussian", {"number": "1", "variance": "1"}, largest(1, 1.0), 0, 40, False),
    ("largest-gaussian", {"number": "5", "variance": "9/4"}, largest(5, 1.5), 0, 60, False),
    ("exponential", {"rate": "2"}, lambda x: 2 * math.exp(-2 * x), 0, 300, True),
    (
        "binomial",
        {"number": "3", "probability": "1/4"},
        [(x, stats.binom.pmf(x, 3, 0.25)) for x in range(4)],
        0,
        0,
        True,
    ),
    ("bernoulli-sum", {"mean": "3/4"}, [(x, stats.binom.pmf(x, 3, 0.25)) for x in range(4)], 0, 0, False),
    ("bernoulli-sum", {"mean": "3/2"}, [(1, 0.5), (2, 0.5)], 0, 0, False),
    (
        "bounded-sum",
        {"number": "3", "low": "-1", "high": "2", "mean": "-9/4"},
        [(3 * x - 3, stats.binom.pmf(x, 3, 1 / 12)) for x in range(4)],
        0,
        0,
        False,
    ),
    ("bounded-sum", {"number": "1", "low": "0", "high": "1", "mean": "1/2"}, [(0, 0.5), (1, 0.5)], 0, 0, False),
]
MULTIPLIERS = [Fraction(k, 16) for k in (-32, -16, -5, -1, 0, 1, 3, 5, 7, 16, 24)]


def at_point(line: str, values: dict[str, Fraction]) -> bool:
    return pointwise.holds(parse(line), pointwise.Point(values)) is True


@pytest.mark.parametrize(("name", "texts", "law", "low", "high", "equal"), EXAMPLES)
def test_the_generating_functions_are_those_of_the_laws(
    name: str, texts: dict[str, str], law: Any, low: float, high: float, equal: bool
) -> None:
    known = LAWS[name]
    values = {parameter: Fraction(text) for parameter, text in texts.items()}
    assert set(values) == set(known.parameters)
    assert all(at_point(line, values) for line in known.allowed)
    inside = [t for t in MULTIPLIERS if all(at_point(line, {**values, "t": t}) for line in known.domain)]
    assert len(inside) >= 4
    for t in inside:
        exact = of_atoms(law, float(t)) if isinstance(law, list) else expectation(law, float(t), low, high)
        found = value(known.log_mgf, {**values, "t": t})
        # quad reports errors near 1e-8 of the value at worst; a wrong formula is off in the first digits
        assert found >= math.log(exact) - 1e-6, t
        assert not equal or found <= math.log(exact) + 1e-6, t


def test_every_law_has_an_example() -> None:
    assert {name for name, *_ in EXAMPLES} == set(LAWS)


@pytest.mark.parametrize(
    ("name", "texts", "law", "low", "high", "equal"), [e for e in EXAMPLES if isinstance(e[2], list)]
)
def test_no_atom_lies_outside_the_range(
    name: str, texts: dict[str, str], law: Any, low: float, high: float, equal: bool
) -> None:
    values = {parameter: Fraction(text) for parameter, text in texts.items()}
    known = LAWS[name]
    assert not known.least or value(known.least, values) <= min(x for x, _ in law)
    assert not known.greatest or value(known.greatest, values) >= max(x for x, _ in law)


@pytest.mark.parametrize("name", LAWS)
def test_no_parameter_escapes_a_look_at_where_it_is_defined(name: str) -> None:
    known = LAWS[name]
    looked_at = set().union(*(names(parse(line)) for line in (*known.allowed, *known.domain, known.log_mgf)))
    assert looked_at == {*known.parameters, "t"}
    assert set(known.whole) <= set(known.parameters)


# --- what is accepted ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formal", "multiplier", "exponent"),
    [
        (LEMMA_32, "t/(2*(t - 1))", "-k*t**2/8"),
        (LEMMA_33, "log(1 - d)", "-mu*d**2/2"),
        (MILLS, "a", "-a**2/2"),
        (bound(EXPONENTIAL, "> a", "exp(1 - a)*a", "a >= 1"), "1 - 1/a", "log(exp(1 - a)*a)"),
        # any probability is at most 1
        (bound(CHI, ">= -1", "1", "k > 0"), "0", "0"),
        (bound(SUM, "<= mu", "1", "mu >= 0"), "0", "0"),
    ],
)
def test_true_bounds_are_accepted(formal: Json, multiplier: str, exponent: str) -> None:
    assert check(formal, attempt(formal, multiplier, exponent)) == "proved"


# --- attacks ------------------------------------------------------------------------------------------------------

ATTACKS: dict[str, tuple[Json, str, str]] = {
    "wrong side: a lower tail with t > 0": (bound(NORMAL, "<= a", "exp(-a**2/2)", "a >= 0"), "a", "-a**2/2"),
    "wrong side: an upper tail with t < 0": (bound(NORMAL, ">= a", "exp(-a**2/2)", "a <= 0"), "a", "-a**2/2"),
    "the side is known for some names only": (bound(NORMAL, ">= a", "exp(-a**2/2)"), "a", "-a**2/2"),
    "t outside the domain of chi-squared": (bound(CHI, ">= 4*k", "exp(-k)", "k >= 1"), "1", "-k"),
    "t on the edge of the domain": (bound(CHI, ">= 4*k", "exp(-k)", "k >= 1"), "1/2", "-k"),
    "t outside the domain of the exponential law": (bound(EXPONENTIAL, ">= a", "exp(-2*a)", "a >= 1"), "2", "-2*a"),
    "t < 0 for the largest of Gaussians": (bound(LARGEST, "<= 1", "1/2", "n >= 1", integers=["n"]), "-9", "log(1/2)"),
    "no degrees of freedom": (
        {**LEMMA_32, "given": ["k >= 0", "0 < t < 1"]},
        "t/(2*(t - 1))",
        "-k*t**2/8",
    ),
    "a negative mean": ({**LEMMA_33, "given": ["0 < d < 1"]}, "log(1 - d)", "-mu*d**2/2"),
    "a probability above 1": (bound(BINOMIAL, ">= 0", "1", "n >= 1", "0 <= p", integers=["n"]), "0", "0"),
    "a probability below 0": (bound(BINOMIAL, ">= 0", "1", "n >= 1", "p <= 1", integers=["n"]), "0", "0"),
    "a negative variance": (bound({**NORMAL, "variance": "v"}, ">= 0", "1"), "0", "0"),
    "an infinite exponent": (MILLS, "a", "-a**2/2 + 1/0"),
    "an exponent that is too small": (MILLS, "a", "-a**2"),
    "an exponent that is too large": (MILLS, "a", "-a**2/2 + 1"),
    "a bound that is too small": (bound(NORMAL, ">= a", "exp(-a**2)", "a >= 0"), "a", "-a**2/2"),
    "a bound that is too small for another t": (bound(NORMAL, ">= a", "exp(-a**2)", "a >= 0"), "2*a", "-a**2"),
    "a sure event": (bound(CHI, ">= -1", "1/2", "k >= 1"), "1/4", "log(1/2)"),
    "a sure event at t = 0": (bound(CHI, ">= -1", "1/2", "k >= 1"), "0", "log(1/2)"),
    "an event that is sure at some values": (bound(NORMAL, ">= a", "exp(-a**2/2)", "a >= -1"), "a", "-a**2/2"),
    "a threshold that is undefined": (bound(NORMAL, ">= 1/a", "1"), "0", "0"),
    "a threshold with a root of a negative number": (bound(NORMAL, ">= sqrt(a)", "1"), "0", "0"),
    "a bound that is undefined": (bound(NORMAL, ">= 0", "1 + 0/a"), "0", "0"),
    "a mean that is undefined": (bound({**NORMAL, "mean": "1/a"}, ">= 0", "1"), "0", "0"),
    "a multiplier that is undefined": (MILLS, "a + 0/(a - 1)", "-a**2/2"),
    "lemma 32 for every t": ({**LEMMA_32, "given": ["k >= 1", "t < 1"]}, "t/(2*(t - 1))", "-k*t**2/8"),
    "lemma 32 with a third for an eighth": ({**LEMMA_32, "bound": "exp(-k*t**2/3)"}, "t/(2*(t - 1))", "-k*t**2/3"),
}


@pytest.mark.parametrize(("formal", "multiplier", "exponent"), ATTACKS.values(), ids=ATTACKS)
def test_attacks_are_rejected(formal: Json, multiplier: str, exponent: str) -> None:
    with pytest.raises(Rejected):
        check(formal, attempt(formal, multiplier, exponent))


MALFORMED: dict[str, tuple[Json, Json]] = {
    "an unknown law": ({"law": {**CHI, "name": "cauchy"}}, {}),
    "a law without a name": ({"law": {"degrees": "k"}}, {}),
    "the parameters of another law": ({"law": {"name": "chi-squared", "mean": "k"}}, {}),
    "one parameter too many": ({"law": {**CHI, "variance": "k"}}, {}),
    "another law": ({"law": {"name": "bernoulli-sum", "mean": "k"}}, {}),
    "a variance that is none of the law's": ({"law": {"name": "gaussian", "mean": "k", "variance": "k"}}, {}),
    "a relation that is no tail": ({"event": {"relation": "==", "threshold": "k*(1 - t)"}}, {}),
    "the other tail": ({"event": {"relation": ">=", "threshold": "k*(1 - t)"}}, {}),
    "a larger threshold": ({"event": {"relation": "<=", "threshold": "k*(1 + t)"}}, {}),
    "an event with more to it": ({"event": {**LEMMA_32["event"], "also": "1"}}, {}),
    "a bound that is a statement": ({"bound": "exp(-k*t**2/8) > 0"}, {}),
    "a bound over an index set": ({"bound": "sum(i:A, 1)"}, {}),
    "a part that is not understood": ({"exists": ["t"]}, {}),
    "no step": ({}, {"steps": []}),
    "a multiplier with a name of its own": ({}, {"multiplier": "z"}),
    "a multiplier that closes a bracket": ({}, {"multiplier": "0) + (0"}),
    "a multiplier that is a statement": ({}, {"multiplier": "t < 0"}),
    "no exponent": ({}, {"exponent": ""}),
    "the steps in another order": ({}, {"steps": "reversed"}),
    "refuted by the same certificate": ({}, {"verdict": "refuted"}),
}


@pytest.mark.parametrize(("formal", "certificate"), MALFORMED.values(), ids=MALFORMED)
def test_a_changed_statement_or_certificate_is_rejected(formal: Json, certificate: Json) -> None:
    known = proof_of_lemma_32()
    assert check(LEMMA_32, known) == "proved"
    changed = {**known, **certificate}
    if changed["steps"] == "reversed":
        changed["steps"] = known["steps"][::-1]
    with pytest.raises(Rejected):
        check({**LEMMA_32, **formal}, changed)


def test_a_number_of_variables_is_an_integer() -> None:
    formal = bound(LARGEST, ">= 0", "2*n", "n >= 1", integers=["n"])
    certificate = attempt(formal, "0", "log(2*n)")
    assert check(formal, certificate) == "proved"
    for change in ({"integers": []}, {"law": {**LARGEST, "number": "n/2"}}, {"let": ["n = x"], "integers": ["n"]}):
        with pytest.raises(Rejected, match="integer"):
            check({**formal, **change}, certificate)


def test_the_parameters_of_a_law_do_not_capture_names_of_the_statement() -> None:
    law = {"name": "gaussian", "mean": "variance", "variance": "mean"}
    formal = bound(law, ">= variance + t", "exp(-t**2/(2*mean))", "mean > 0", "t >= 0")
    assert check(formal, attempt(formal, "t/mean", "-t**2/(2*mean)")) == "proved"
    wrong = bound(law, ">= mean + t", "exp(-t**2/(2*variance))", "mean > 0", "variance > 0", "t >= 0")
    with pytest.raises(Rejected):
        check(wrong, attempt(wrong, "t/variance", "-t**2/(2*variance)"))


# --- refutations --------------------------------------------------------------------------------------------------


def point(event: str, **values: str) -> Json:
    return {"verdict": "refuted", "kind": "point", "event": event, "values": values}


LEMMA_34 = bound(
    {"name": "largest-gaussian", "number": "n", "variance": "s**2"},
    ">= t + sqrt(2*s**2*log(2*n))",
    "exp(-t**2/(2*s**2))",
    "n >= 1",
    "s > 0",
    integers=["n"],
)


def test_a_sure_event_refutes_a_bound_below_1() -> None:
    assert check(LEMMA_34, point("sure", n="1", s="1", t="-2")) == "refuted"
    assert check(bound(BINOMIAL, "<= n", "1/2", "n >= 0", integers=["n"]), point("sure", n="3", p="1/2")) == "refuted"
    assert check(bound(NORMAL, ">= a", "a"), point("any", a="-1")) == "refuted"


@pytest.mark.parametrize(
    ("formal", "certificate"),
    [
        (LEMMA_34, point("sure", n="1", s="1", t="-1")),  # the threshold is positive
        (LEMMA_34, point("sure", n="1", s="0", t="-2")),  # a hypothesis fails
        (LEMMA_34, point("sure", n="3/2", s="1", t="-4")),
        (LEMMA_34, point("any", n="1", s="1", t="-2")),  # the bound is positive
        (LEMMA_34, point("likely", n="1", s="1", t="-2")),
        (LEMMA_34, point("sure", n="1", s="1")),
        (bound(CHI, "> 0", "1/2", "k >= 1"), point("sure", k="1")),  # not sure from the range alone
        (bound(CHI, ">= 0", "1", "k >= 1"), point("sure", k="1")),  # the bound holds
        (bound(CHI, ">= 0", "1/2"), point("sure", k="-1")),  # no law
        (bound(CHI, "<= 9", "1/2"), point("sure", k="1")),  # the law has no upper end
        (bound(SUM, "<= 9", "1/2"), point("sure", mu="1")),
        (bound(NORMAL, ">= -9", "1/2"), point("sure")),
    ],
)
def test_other_points_refute_nothing(formal: Json, certificate: Json) -> None:
    with pytest.raises(Rejected):
        check(formal, certificate)
