"""Certificates of every kind, as the engine finds them: a change of one field is rejected, or what is accepted is true.

What is true is judged by `judge`, by floats along runs, and by the distribution functions of SciPy.  A changed
statement that is false at a known point is also put to every change of the certificate: none may be accepted.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import flint
import judge
import pytest
from certificates import Json, accepted
from scipy import stats
from test_tamper import kinds, tampered

from checks.checker import Rejected, check
from checks.checker.accept import RULES
from checks.checker.grammar import parse
from checks.claim import forall, tail, tends
from checks.engine import decide
from checks.engine.checking import CHECKER
from checks.engine.quantified import decide_claim

CHI = {"name": "chi-squared", "degrees": "k"}
LARGEST = {"name": "largest-gaussian", "number": "n", "variance": "1"}
LOGISTIC = [{"next": {"x": "x + x*(1 - x)/2"}}]
PARTS = {
    "growth": forall("", "log(1 + x) <= x - x**2/2 + x**3/3", given=["x >= 0"]),
    "tighten": forall("", "3*m != 1", integers=["m"]),
    "divide": forall("", "x*y == 0 implies x == 0 or y == 0"),
    "substitute": forall("", "x**2 == y**2 + 2*y + 1", given=["x == y + 1"]),
    "axiom": forall("", "exp(log(x)) == x", given=["x > 0"]),
    "cases": forall("", "max(x, y) >= (x + y)/2"),
    "clear": forall("", "l - e*b**2/2 >= l/2", given=["b > 0", "0 < e", "e <= l/b**2"]),
    "residue": forall("", "n*(n + 1) != 2*m + 1", integers=["m", "n"]),
    "bernstein": forall("", "p**2 - 2*p + p*q >= -1", given=["p >= 0", "q >= 0"]),
    "split": forall("", "n**2 >= n", integers=["n"]),
    "choose": forall("", "x**2 + x > 0", given=["x > 0 or x < -1"]),
    "absurd": forall("", "x == 7", given=["x**2 < 0"]),
    "algebraic": forall("", "x**2 != 2", given=["x >= 0"]),
    "enclosures": forall("", "pi < 3.1415"),
    "potential": tends(
        "",
        {"x": "1"},
        state=["x"],
        parameters=[],
        start=["0 < x <= 1", "x0 == x"],
        branches=LOGISTIC,
        hint={
            "invariants": [["0 < x0 <= x <= 1"]],
            "potentials": [{"values": ["1 - x"], "drops": ["x0/2"], "power": 1}],
            "bounds": [{"power": 1, "by": ["1"]}],
        },
    ),
    "periodic": tends("", {"x": "1"}, state=["x"], parameters=[], start=["0 <= x <= 1"], branches=LOGISTIC),
    "tail": tail("", CHI, event="X <= k*(1 - t)", at_most="exp(-k*t**2/8)", given=["k >= 1", "0 < t < 1"]),
    "sure": tail("", LARGEST, event="X >= t", at_most="exp(-t**2/2)", given=["n >= 1"], integers=["n"]),
}
CLAIMS: dict[str, tuple[Json, list[str]]] = {
    "vacuous": ({"form": "forall", "given": ["x**2 + 1 <= y", "y < x"], "show": ["x == 7"]}, []),
    "witness": ({"form": "forall", "given": ["e > 0", "0 <= x", "x <= 1"], "show": ["e*x**2 <= x"]}, ["e"]),
    "negation": ({"form": "forall", "given": ["e >= 1", "x <= 4"], "show": ["e*x < 2"]}, ["e"]),
}
MOST = 120


@pytest.fixture(scope="module")
def stored() -> dict[str, tuple[Json, Json]]:
    found = {name: decide(part, 20.0) for name, part in PARTS.items()}
    found |= {name: decide_claim(formal, exists, 20.0) for name, (formal, exists) in CLAIMS.items()}
    CHECKER.close()
    assert all(evidence.certificate is not None for evidence in found.values()), found
    return {name: json.loads(json.dumps([e.formal, e.certificate])) for name, e in found.items()}


def sample(changes: Iterator[Json]) -> list[Json]:
    every = list(changes)
    return random.Random(1).sample(every, min(MOST, len(every)))


# what is true --------------------------------------------------------------------------------------------------------


def exact(text: str, values: judge.Values) -> Fraction:
    found = judge.value(parse(text), values)
    assert isinstance(found, Fraction)
    return found


def tends_there(formal: Json) -> bool:
    """Follow runs from admissible starts for 400 steps, in floats; every run has all its steps here (no inputs)."""
    start = {"given": [*formal["parameters"], *formal["start"]], "show": []}
    for point in judge.points(start, 300):
        point |= {name: point["x"] for name in ("x0",) if name in point}
        if not judge.holds(start, "given", point):
            continue
        run = {name: float(v) for name, v in point.items()}
        for _ in range(400):
            run["x"] = eval(formal["branches"][0]["next"]["x"], {}, run)
            if abs(run["x"]) > 1e6:
                return False
        for quantity, value in formal["limits"]:
            if abs(eval(quantity, {}, run) - eval(value, {}, run)) > 0.02:
                return False
    return True


def goes_round(formal: Json, certificate: Json) -> bool:
    state = {name: Fraction(text) for name, text in certificate["values"].items()}
    admissible = judge.holds({"given": [*formal["parameters"], *formal["start"]]}, "given", state)
    seen = [state]
    for _ in certificate["steps"]:
        state = {**state, **{name: exact(text, state) for name, text in formal["branches"][0]["next"].items()}}
        seen.append(state)
    away = any(
        exact(quantity, at) != exact(value, at)
        for at in seen[certificate["back"] :]
        for quantity, value in formal["limits"]
    )
    return admissible and len(seen) > 1 and seen[certificate["back"]] == seen[-1] and away


def is_tail_bound(formal: Json) -> bool:
    if formal["law"]["name"] != "chi-squared":
        return False
    for point in judge.points({"given": formal["given"], "show": [f"{formal['bound']} > 0"]}, 200):
        if not judge.holds(formal, "given", point):
            continue
        parts = (formal["law"]["degrees"], formal["event"]["threshold"], formal["bound"])
        degrees, threshold, bound = (float(judge.ball(judge.value(parse(t), point))) for t in parts)
        lower = stats.chi2.cdf(threshold, degrees)
        if (lower if formal["event"]["relation"] in ("<", "<=") else 1 - lower) > bound + 1e-9:
            return False
    return True


def is_sure(formal: Json, certificate: Json) -> bool:
    point = {name: Fraction(text) for name, text in certificate["values"].items()}
    whole = all(point[name].denominator == 1 for name in formal.get("integers", ()))
    event, conditions = formal["event"], [*formal["given"], f"{formal['law']['variance']} >= 0"]
    sure = certificate["event"] == "sure"
    conditions += [f"0 {event['relation']} {event['threshold']}"] if sure and event["relation"] in (">", ">=") else []
    fails = {"show": [f"{formal['bound']} >= {int(sure)}"]}
    return whole and judge.holds({"given": conditions}, "given", point) and not judge.holds(fails, "show", point)


def is_algebraic_point(formal: Json, certificate: Json) -> bool:
    raw = certificate["alpha"]
    with flint.ctx.workprec(300):
        low, high = (judge.ball(Fraction(raw[end])) for end in ("low", "high"))
        coefficients = [Fraction(c) for c in raw["polynomial"]]

        def at(x: Any, line: list[Fraction]) -> Any:
            return sum((judge.ball(c) * x**k for k, c in enumerate(line)), flint.arb(0))

        rising = at(high, coefficients) > 0
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (low, middle) if (at(middle, coefficients) > 0) == rising else (middle, high)
        (x,) = (at(low, [Fraction(c) for c in line]) for line in certificate["values"].values())
        given = judge.holds(formal, "given", dict.fromkeys(certificate["values"], x))
        return given and bool(abs(x**2 - 2) < 1e-20) and formal["show"] == ["x**2 != 2"]


def is_negated(formal: Json, certificate: Json) -> bool:
    for k in range(-8, 20):
        e = {"e": Fraction(k, 4)}
        own = [line for line in formal["given"] if "x" not in line]
        if not judge.holds({"given": own}, "given", e):
            continue
        point = {**e, **{name: exact(text, e) for name, text in certificate["values"].items()}}
        if not judge.holds(formal, "given", point) or judge.holds(formal, "show", point):
            return False
    return True


def right(formal: Json, certificate: Json, verdict: str) -> bool:
    if formal["form"] == "tends":
        return tends_there(formal) if verdict == "proved" else goes_round(formal, certificate)
    if formal["form"] == "tail":
        return is_tail_bound(formal) if verdict == "proved" else is_sure(formal, certificate)
    if formal.get("exists"):
        if verdict == "refuted":
            return is_negated(formal, certificate)
        fixed = {**formal, "let": [f"{name} = {text}" for name, text in certificate["witness"].items()]}
        return judge.violation(fixed) is None
    if verdict == "proved":
        return judge.violation(formal) is None
    if certificate["kind"] == "algebraic":
        return is_algebraic_point(formal, certificate)
    point = {name: Fraction(text) for name, text in certificate["values"].items()}
    return judge.holds(formal, "given", point) and not judge.holds(formal, "show", point)


# the tests -----------------------------------------------------------------------------------------------------------


def verdict_of(formal: Json, certificate: Json) -> str | None:
    try:
        return check(formal, certificate)
    except Rejected:
        return None


def test_the_certificates_are_accepted_and_right_and_of_every_kind(stored: dict[str, tuple[Json, Json]]) -> None:
    for name, (formal, certificate) in stored.items():
        assert verdict_of(formal, certificate) == certificate["verdict"], name
        assert right(formal, certificate, certificate["verdict"]), name
    found = every_kind([certificate for _, certificate in stored.values()])
    # which rules the engine proposes changes as it grows; test_rules_together.py changes certificates of every rule
    assert len(found & set(RULES)) >= 15
    assert found >= {"algebraic", "point", "periodic", "convergence", "chernoff", "contradiction", "negation"}
    assert kinds([certificate for _, certificate in stored.values()]) <= found


def every_kind(thing: Any) -> set[str]:
    if isinstance(thing, list):
        return set().union(*map(every_kind, thing))
    if not isinstance(thing, dict):
        return set()
    own = {thing["kind"]} if isinstance(thing.get("kind"), str) else set()
    return own.union(*map(every_kind, thing.values()))


LARGE = ("tail",)
SLOW = [pytest.param(name, marks=pytest.mark.slow) if name in LARGE else name for name in (*PARTS, *CLAIMS)]


@pytest.mark.parametrize("name", SLOW)
def test_a_changed_certificate_is_rejected_or_still_right(name: str, stored: dict[str, tuple[Json, Json]]) -> None:
    formal, certificate = stored[name]
    for changed in tampered(certificate):
        verdict = verdict_of(formal, changed)
        assert verdict in (None, certificate["verdict"]), changed
        if verdict == "refuted":
            assert right(formal, changed, verdict), changed


@pytest.mark.parametrize("name", [*PARTS, *CLAIMS])
def test_a_changed_statement_is_rejected_or_still_right(name: str, stored: dict[str, tuple[Json, Json]]) -> None:
    formal, certificate = stored[name]
    for changed in tampered(formal):
        verdict = verdict_of(changed, certificate)
        assert verdict is None or right(changed, certificate, verdict), changed


@pytest.mark.parametrize("name", [name for name, part in PARTS.items() if part.formal["form"] == "forall"])
def test_no_change_of_a_certificate_proves_a_false_neighbour(name: str, stored: dict[str, tuple[Json, Json]]) -> None:
    formal, certificate = stored[name]
    if certificate["verdict"] == "refuted":
        return
    false = [changed for changed in tampered(formal) if well_formed(changed) and judge.violation(changed, 60)]
    for statement in false[:8]:
        for changed in [certificate, *sample(tampered(copy.deepcopy(certificate)))]:
            assert not accepted(statement, changed), (statement, changed)


def well_formed(formal: Json) -> bool:
    try:
        judge.violation(formal, 1)
    except (ValueError, LookupError, TypeError):
        return False
    return True
