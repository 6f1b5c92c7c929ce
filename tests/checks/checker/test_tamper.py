"""Every single-field change of a statement or a certificate is rejected, or what is accepted is still right.

How the tests know that it is still right: statements are evaluated here by Python itself on fractions, with none of the
checker's code.  A statement that is accepted as proved must hold at every point of a grid of its hypotheses (corners
included); a refuted one must really fail at the certificate's point; runs and gradients are computed anew.
"""

from __future__ import annotations

import copy
import itertools
import json
import math
import random
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from checks.checker import Rejected, check
from checks.claim import aligned_with_probability, forall, limit, trajectory
from checks.engine import decide
from checks.engine.checking import CHECKER

Json = dict[str, Any]
VECTOR: Json = {"atoms": {"A": "n", "B": "1"}, "sets": {"all": ["A", "B"]}, "families": {"c": None}, "indices": {}}
SAMPLES: Json = {
    "atoms": {"data": "m", "rest": "n - m"},
    "sets": {"all": ["data", "rest"]},
    "families": {"c": None},
    "indices": {},
}
LOSS = "sum(j:all, (delta(i,j) - c[j]*c[i])**2)/2"

PARTS = {
    "identity": forall("", "sum(i:A, (c[i] + s)**2) == sum(i:A, c[i]**2) + 2*s*sum(i:A, c[i]) + n*s**2", index=VECTOR),
    "quotient": forall("", "x/(1 + y) + 1/(x - 2) == (x**2 - 2*x + 1 + y)/((1 + y)*(x - 2))", given=["y > 0", "x < 2"]),
    "given": forall("", "2*x - 2 >= 0", given=["1 <= x", "x <= 3"]),
    "constant": forall("", ["3/7 < 4/9", "(x + 1)**2 - x**2 - 2*x > 0"]),
    "sturm": forall("", "x**3 - 3*x + 3 > 0", given=["-2 <= x", "x < 5"]),
    "sturm with a square": forall("", "(x - 1)**2*(x**2 - 2*x + 3) >= 0", given=["0 <= x", "x <= 2"]),
    "bernstein": forall("", "x*y*(1 - x) + 1/10 > (x - y)*x*y/4 - y/50", given=["0 < x", "x <= 1", "0 <= y", "y <= x"]),
    "subdivision": forall("", "x**2 - x*y + y**2 + 1/100 > x/40", given=["0 <= x", "x <= 1", "0 <= y", "y <= 1"]),
    "factors": forall("", "x*y - x > 0", given=["x > 0", "y > 1"]),
    "squares": forall("", "x**4 + 3*x**2*y + y >= 0", given=["0 <= y", "y <= 2"]),
    "logarithm": forall("", "log(1/(1 - x)) >= x + x**2/2", given=["0 <= x", "x < 1"]),
    "unequal": forall("", "x**2 + 1 != x", given=["0 <= x", "x <= 4"]),
    "point": forall("", ["x >= 0", "x*y > 1/9"], given=["0 < x", "x < 1", "1/8 <= y", "y <= 1/2"]),
    "instance": forall("", "sum(i:A, c[i])**2 <= sum(i:A, c[i]**2)", given=["n >= 2"], index=VECTOR),
    "induction": trajectory(
        "",
        state=["N"],
        parameters=["0 < eta", "eta <= 1/2"],
        start=["0 <= N", "N < 1"],
        branches=[{"inputs": ["0 <= u", "u <= 1"], "next": {"N": "N*(1 - eta*u)"}, "then": ["N_next <= N"]}],
        always=["N <= 1"],
        invariant=["0 <= N", "N <= 1"],
    ),
    "run": trajectory(
        "",
        state=["N"],
        parameters=["0 < eta", "eta <= 1/2"],
        start=["0 <= N", "N < 1"],
        branches=[{"inputs": ["0 <= u", "u <= 1"], "next": {"N": "N + eta*u"}}],
        always=["N <= 1"],
    ),
    "stationary": limit(
        "",
        ["sum(i:all, c[i]**2) == 1"],
        given=["m >= 1", "n >= m", "0 < sum(i:all, c[i]**2) < 1"],
        loss=LOSS,
        index=SAMPLES,
    ),
    "antisymmetric": aligned_with_probability("", above="1/2", loss=LOSS, index=SAMPLES, law="invariant under c -> -c"),
}
POSITIVE = {"kind": "sturm", "variable": "s", "low": "0", "high": None}
# kinds that the engine does not propose by itself here
BY_HAND: dict[str, tuple[Json, Json]] = {
    "combination": (
        {"form": "forall", "given": ["x >= 1", "y > 0", "z == x"], "show": ["x*y + (x - y)**2 + x - z > 0"]},
        {
            "verdict": "proved",
            "steps": [
                {
                    "kind": "combination",
                    "terms": [
                        {"coefficient": "1", "facts": [0, 1]},
                        {"coefficient": "1", "facts": [1]},
                        {"coefficient": "1", "squares": ["x - y"]},
                        {"coefficient": "-1", "facts": [2]},
                    ],
                }
            ],
        },
    ),
    "growth": (
        {"form": "forall", "given": ["x >= 0"], "show": ["x >= log(1 + x)"]},
        {
            "verdict": "proved",
            "steps": [
                {
                    "kind": "grow",
                    "variable": "x",
                    "as": "s",
                    "from": "0",
                    "inward": 1,
                    "by": [
                        {"kind": "given"},
                        {"kind": "numbers"},
                        POSITIVE,
                        {"kind": "given", "denominator": {"factors": [{"expression": "1 + s", "by": POSITIVE}]}},
                    ],
                }
            ],
        },
    ),
}
KINDS = {
    "identity", "given", "constant", "sturm", "bernstein", "factors", "squares", "grow", "combination",
    "point", "run", "induction", "stationary", "antisymmetric",
}  # fmt: skip


@pytest.fixture(scope="module")
def stored() -> dict[str, tuple[Json, Json]]:
    pairs = dict(BY_HAND)
    for name, part in PARTS.items():
        evidence = decide(part, 30.0)
        assert evidence.certificate is not None, (name, evidence.detail)
        pairs[name] = json.loads(json.dumps([evidence.formal, evidence.certificate]))
    CHECKER.close()
    return pairs


# Python as the judge -------------------------------------------------------------------------------------------------


def as_python(line: str) -> str:
    line = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"F(\1)", line)
    return re.sub(r"\b(sum|all|any)\(\s*(\w+)\s*:\s*(\w+)\s*,", r"over_\1('\2', '\3', lambda:", line)


class World:
    """Names, entries and index sets of one instance; statements are evaluated by Python."""

    def __init__(
        self, values: Json, arrays: Json | None = None, layout: Json | None = None, sets: Json | None = None
    ) -> None:
        self.names: Json = {name: Fraction(value) for name, value in values.items()}
        self.names.update({family: [Fraction(e) for e in entries] for family, entries in (arrays or {}).items()})
        self.layout, self.sets = layout or {}, sets or {}
        self.names.update(F=Fraction, log=lambda x: math.log(x), delta=lambda i, j: Fraction(i == j))
        for word, join in (("sum", lambda found: sum(found, Fraction(0))), ("all", all), ("any", any)):
            self.names[f"over_{word}"] = self.over(join)

    def over(self, join: Any) -> Any:
        def loop(index: str, name: str, body: Any) -> Any:
            found = []
            for position in [p for atom in self.sets.get(name, [name]) for p in self.layout[atom]]:
                kept = self.names.get(index)
                self.names[index] = position
                found.append(body())
                self.names[index] = kept
            return join(found)

        return loop

    def value(self, line: str) -> Any:
        return eval(as_python(line), self.names)

    def true(self, line: str) -> bool:
        """Whether a line is true; an undefined one is not.  Logarithms in floats count as true when they are close."""
        try:
            if "log" in line:
                left, right = line.split(">=")
                return float(self.value(left)) - float(self.value(right)) >= -1e-9
            return bool(self.value(line))
        except (ZeroDivisionError, ValueError):
            return False


def grid(formal: Json) -> Iterator[World]:
    """Yield points: small fractions, and the numbers of the statement with their near neighbours."""
    text = " ".join([*formal.get("given", ()), *formal["show"]])
    words = sorted(set(re.findall(r"[A-Za-z_]\w*", text)) - {"log", "sum", "delta", "c", "i", "A", "B", "all"})
    ends = {Fraction(x) for x in re.findall(r"(?<![\w.])\d+(?:/\d+)?", text)} | {Fraction(0)}
    near = {s * e + d for e in ends for s in (1, -1) for d in (Fraction(0), Fraction(1, 1000), Fraction(-1, 1000))}
    pool = sorted(near | {Fraction(k, 8) for k in range(-16, 41)})
    rng = random.Random(7)
    if "index" in formal:
        for size in range(4):
            for _ in range(20):
                values = {w: rng.choice(pool) for w in words if w != "n"} | {"n": size}
                arrays = {"c": [rng.choice(pool) for _ in range(size + 1)]}
                yield World(values, arrays, {"A": range(size), "B": [size]}, formal["index"]["sets"])
        return
    if len(words) <= 1:
        yield from (World(dict(zip(words, p, strict=True))) for p in itertools.product(pool, repeat=len(words)))
        return
    for _ in range(1500):
        yield World({w: rng.choice(pool) for w in words})


def violations(formal: Json) -> int:
    lets = formal.get("let", [])
    assert not lets
    return sum(
        all(world.true(line) for line in formal.get("given", ()))
        and not all(world.true(line) for line in formal["show"])
        for world in grid(formal)
    )


def fails_at(formal: Json, certificate: Json) -> bool:
    index = formal.get("index", {})
    world = World(certificate["values"], certificate.get("arrays"), certificate.get("layout"), index.get("sets"))
    sizes = all(world.value(size) == len(certificate["layout"][atom]) for atom, size in index.get("atoms", {}).items())
    given = all(world.true(line) for line in formal.get("given", ()))
    return sizes and given and not all(world.true(line) for line in formal["show"])


def run_fails(formal: Json, certificate: Json) -> bool:
    values = dict(certificate["values"])
    if not all(World(values).true(line) for line in [*formal["parameters"], *formal["start"]]):
        return False
    for step in certificate["steps"]:
        if not all(World(values).true(line) for line in formal["always"]):
            return True
        branch = formal["branches"][step["branch"]]
        if not all(World(values).true(line) for line in branch["inputs"]):
            return False
        after = {name: World(values).value(text) for name, text in branch["next"].items()}
        seen = World({**values, **{f"{name}_next": value for name, value in after.items()}})
        if not all(seen.true(line) for line in branch["then"]):
            return True
        values.update(after)
    return not all(World(values).true(line) for line in formal["always"])


def runs_hold(formal: Json) -> bool:
    rng = random.Random(3)
    pool = [Fraction(k, 8) for k in range(-8, 17)] + [Fraction(1, 1000), Fraction(999, 1000)]
    text = json.dumps(formal)
    words = [w for w in ("N", "eta", "u") if w in text]
    for _ in range(600):
        values = {w: rng.choice(pool) for w in words}
        if not all(World(values).true(line) for line in [*formal["parameters"], *formal["start"]]):
            continue
        for _ in range(4):
            if not all(World(values).true(line) for line in formal["always"]):
                return False
            branch = rng.choice(formal["branches"])
            values["u"] = rng.choice(pool)
            if not all(World(values).true(line) for line in branch["inputs"]):
                continue
            after = {name: World(values).value(line) for name, line in branch["next"].items()}
            seen = World({**values, **{f"{name}_next": value for name, value in after.items()}})
            if not all(seen.true(line) for line in branch["then"]):
                return False
            values.update(after)
    return True


def stationary_fails(formal: Json, certificate: Json) -> bool:
    """Compute each gradient by a five-point rule, which is exact up to degree four, the degree of the loss."""
    sets = formal["index"]["sets"]
    layout, start = certificate["layout"], [Fraction(e) for e in certificate["arrays"]["c"]]
    samples = [p for atom in sets.get(formal["data"], [formal["data"]]) for p in layout[atom]]
    for i, k in itertools.product(samples, range(len(start))):

        def loss(move: int, i: int = i, k: int = k) -> Fraction:
            moved = [e + move * (p == k) for p, e in enumerate(start)]
            world = World(certificate["values"], {"c": moved}, layout, sets)
            world.names["i"] = i
            return Fraction(world.value(formal["loss"]))

        if 8 * (loss(1) - loss(-1)) != loss(2) - loss(-2):
            return False
    world = World(certificate["values"], {"c": start}, layout, sets)
    sizes = all(world.value(size) == len(layout[atom]) for atom, size in formal["index"]["atoms"].items())
    given = all(world.true(line) for line in formal["given"])
    return sizes and given and not all(world.true(line) for line in formal["limit"])


def mirror_fails(formal: Json) -> bool:
    """Compare the loss at c and -c, and look whether two unit directions can both be aligned."""
    rng = random.Random(5)
    for _ in range(30):
        c = [Fraction(rng.randint(-9, 9), 4) for _ in range(4)]
        found = []
        for side in (1, -1):
            world = World(
                {"m": 2, "n": 4},
                {"c": [side * e for e in c]},
                {"data": [0, 1], "rest": [2, 3]},
                formal["index"]["sets"],
            )
            world.names["i"] = 1
            found.append(world.value(formal["loss"]))
        if found[0] != found[1]:
            return False
    threshold = Fraction(formal["event"]["at_least"])
    return threshold > 0 and 2 * threshold**2 > 1 and Fraction(formal["probability_above"]) >= Fraction(1, 2)


def right(formal: Json, certificate: Json, verdict: str) -> bool:
    form = formal["form"]
    if verdict == "proved":
        return runs_hold(formal) if form == "trajectory" else violations(formal) == 0
    if form == "forall":
        return fails_at(formal, certificate)
    if form == "trajectory":
        return run_fails(formal, certificate)
    return stationary_fails(formal, certificate) if form == "limit" else mirror_fails(formal)


# single-field changes ------------------------------------------------------------------------------------------------


def leaves(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in items:
        if isinstance(value, (dict, list)):
            yield from leaves(value, (*path, key))
            if isinstance(value, list) and value:
                yield (*path, key), value
        else:
            yield (*path, key), value


def variants(value: Any) -> Iterator[Any]:
    """Yield the changes of one field: a digit, a sign, a comparison, a dropped member, another number."""
    if isinstance(value, list):
        yield from (value[:k] + value[k + 1 :] for k in range(len(value)))
        return
    if value is None:
        yield "1"
        return
    if isinstance(value, (int, float)):
        yield from (value + 1, value - 1, -value - 1)
        return
    for match in re.finditer(r"\d", value):
        yield value[: match.start()] + str((int(match[0]) + 1) % 10) + value[match.end() :]
    for match in re.finditer(r"<=|>=|==|!=|<|>|(?<!\*)\*(?!\*)|[-+]", value):
        swaps = {
            "<=": ("<", ">="),
            ">=": (">", "<="),
            "<": ("<=", ">"),
            ">": (">=", "<"),
            "==": ("!=", "<="),
            "!=": ("==",),
        }
        for other in swaps.get(match[0], ("+", "-")):
            if other != match[0]:
                yield value[: match.start()] + other + value[match.end() :]
    if re.fullmatch(r"-?\d+(/0*[1-9]\d*)?", value):
        yield from ("-" + value, str(Fraction(value) / 2), str(Fraction(value) + 1))


@pytest.mark.parametrize("value", [1, 0.5, True, None, "1/0", "1/00", "-2/3", "x <= 0.5", "", ["1/0", 2.5], []])
def test_a_field_of_any_kind_has_changes(value: Any) -> None:
    assert [other for other in variants(value) if other != value] or not value


def tampered(thing: Json) -> Iterator[Json]:
    for path, value in leaves(thing):
        for other in variants(value):
            if other == value:
                continue
            changed = copy.deepcopy(thing)
            place: Any = changed
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = other
            yield changed


def accepted(formal: Json, certificate: Json) -> str | None:
    try:
        return check(formal, certificate)
    except Rejected:
        return None


def kinds(thing: Any) -> set[str]:
    if isinstance(thing, list):
        return set().union(*map(kinds, thing)) if thing else set()
    if not isinstance(thing, dict):
        return set()
    return (
        {thing["kind"]} & KINDS | set().union(*map(kinds, thing.values()))
        if "kind" in thing
        else kinds([*thing.values()])
    )


def test_stored_certificates_are_accepted_and_right(stored: dict[str, tuple[Json, Json]]) -> None:
    assert kinds([certificate for _, certificate in stored.values()]) >= KINDS
    for name, (formal, certificate) in stored.items():
        verdict = accepted(formal, certificate)
        assert verdict == certificate["verdict"], name
        assert right(formal, certificate, verdict), name


def test_the_judge_sees_wrong_verdicts(stored: dict[str, tuple[Json, Json]]) -> None:
    for name, (formal, certificate) in stored.items():
        other = {"proved": "refuted", "refuted": "proved"}[certificate["verdict"]]
        if formal["form"] == "forall":
            anywhere = {**certificate, "values": {"x": "1", "y": "2", "z": "1", "s": "0", "n": "0"}}
            if "index" in formal:
                anywhere = {**anywhere, "arrays": {"c": ["1"]}, "layout": {"A": [], "B": [0]}}
            assert not right(formal, certificate if other == "proved" else anywhere, other), name
        elif other == "proved":
            assert formal["form"] != "trajectory" or not right(formal, certificate, other), name


@pytest.mark.parametrize("name", [*PARTS, *BY_HAND])
def test_a_changed_certificate_is_rejected_or_still_right(name: str, stored: dict[str, tuple[Json, Json]]) -> None:
    formal, certificate = stored[name]
    total = rejected = 0
    for changed in tampered(certificate):
        verdict = accepted(formal, changed)
        total, rejected = total + 1, rejected + (verdict is None)
        # the statement is the caller's: only its one true verdict may come out, and a point must be a counterexample
        assert verdict in (None, certificate["verdict"])
        if verdict == "refuted":
            assert right(formal, changed, verdict), changed
    assert rejected or not total or name == "antisymmetric"


@pytest.mark.parametrize("name", [*PARTS, *BY_HAND])
def test_a_changed_statement_is_rejected_or_still_right(name: str, stored: dict[str, tuple[Json, Json]]) -> None:
    formal, certificate = stored[name]
    found = [accepted(changed, certificate) for changed in tampered(formal)]
    assert found.count(None) >= len(found) // 4
    for changed, verdict in zip(tampered(formal), found, strict=True):
        if verdict is not None:
            assert right(changed, certificate, verdict), changed


def test_a_certificate_of_another_claim_is_rejected_or_right(stored: dict[str, tuple[Json, Json]]) -> None:
    for (a, (formal, _)), (b, (_, certificate)) in itertools.permutations(stored.items(), 2):
        verdict = accepted(formal, certificate)
        assert verdict is None or right(formal, certificate, verdict), (a, b)


def test_a_certificate_brings_no_statement_of_its_own(stored: dict[str, tuple[Json, Json]]) -> None:
    for name, (formal, certificate) in stored.items():
        assert (
            accepted(formal, {**certificate, **{k: v for k, v in formal.items() if k not in certificate}})
            == certificate["verdict"]
        ), name
        false = {"form": "forall", "let": [], "given": [], "show": ["1 < 0"]}
        if certificate["verdict"] == "proved":
            assert accepted(false, {**certificate, "formal": formal, "show": formal.get("show")}) is None, name
