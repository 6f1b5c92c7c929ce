"""Random claims, verdicts and certificates, attacked by an evaluator of its own (fractions and balls).

A claim that is proved must hold at every point of a dense sample, one that is refuted must fail at its counterexample,
and no certificate, changed in any field, may prove a claim that fails at a sample point.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

import flint
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checks.checker import Rejected, check
from checks.engine.quantified import decide_claim
from checks.verdict import Status

# ("number", q), ("name", x), (operation, a, b), ("power", a, exponent), ("call", f, (a, ...))
Term = tuple[Any, ...]
# ("compare", (sign, ...), (term, ...)), ("not", s), ("and" | "or" | "implies", s, t)
Statement = tuple[Any, ...]
Value = Fraction | flint.arb
Json = dict[str, Any]


class Undefined(Exception):
    """The term has no value at the point."""


class Unsure(Exception):
    """The balls are too wide to tell."""


@dataclass(frozen=True)
class Claim:
    given: tuple[Statement, ...]
    show: Statement
    integers: tuple[str, ...] = ()

    def formal(self) -> Json:
        return {
            "form": "forall",
            "let": [],
            "given": [text(s) for s in self.given],
            "show": [text(self.show)],
            "integers": list(self.integers),
        }

    def names(self) -> list[str]:
        return sorted({n for s in (*self.given, self.show) for n in names(s)} | set(self.integers))


def names(node: Any) -> set[str]:
    if isinstance(node, tuple) and node and node[0] == "name":
        return {node[1]}
    return {n for part in node for n in names(part)} if isinstance(node, tuple) else set()


def text(node: Any) -> str:
    kind = node[0]
    if kind == "number":
        return f"({node[1]})"
    if kind == "name":
        return str(node[1])
    if kind == "power":
        return f"({text(node[1])})**({node[2]})"
    if kind == "call":
        return f"{node[1]}({', '.join(text(a) for a in node[2])})"
    if kind == "compare":
        rest = (f" {sign} {text(term)}" for sign, term in zip(node[1], node[2][1:], strict=True))
        return text(node[2][0]) + "".join(rest)
    return f"not ({text(node[1])})" if kind == "not" else f"(({text(node[1])}) {kind} ({text(node[2])}))"


def ball(x: Value) -> flint.arb:
    return flint.arb(flint.fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x


def sign_of(x: Value) -> int:
    if x > 0 or x < 0:
        return 1 if x > 0 else -1
    if x == 0:
        return 0
    raise Unsure


def minus(a: Value, b: Value) -> Value:
    return a - b if isinstance(a, Fraction) and isinstance(b, Fraction) else ball(a) - ball(b)


def value(node: Term, at: dict[str, Fraction]) -> Value:
    kind = node[0]
    if kind in ("number", "name"):
        return node[1] if kind == "number" else at[node[1]]
    if kind == "call":
        return function(node[1], [value(a, at) for a in node[2]])
    a = value(node[1], at)
    if kind == "power":
        exponent = node[2]
        if exponent.denominator == 1:
            if exponent < 0 and sign_of(a) == 0:
                raise Undefined
            return a ** int(exponent)
        if sign_of(a) < 0 or (sign_of(a) == 0 and exponent < 0):
            raise Undefined
        return ball(a) ** ball(exponent) if sign_of(a) else Fraction(0)
    b = value(node[2], at)
    if kind == "/" and sign_of(b) == 0:
        raise Undefined
    if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
        a, b = ball(a), ball(b)
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[kind]()


def function(name: str, arguments: list[Value]) -> Value:
    x = arguments[0]
    if name in ("min", "max"):
        for y in arguments[1:]:
            if sign_of(minus(y, x)) == (-1 if name == "min" else 1):
                x = y
        return x
    if name == "abs":
        return -x if sign_of(x) < 0 else x
    if (name == "sqrt" and sign_of(x) < 0) or (name == "log" and sign_of(x) <= 0):
        raise Undefined
    b = ball(x)
    return {"sqrt": b.sqrt, "log": b.log, "exp": b.exp, "sin": b.sin, "cos": b.cos, "tan": b.tan}[name]()


def truth(node: Statement, at: dict[str, Fraction]) -> bool | None:
    """Return True, False, or None where a term is undefined and no other part decides."""
    kind = node[0]
    if kind == "compare":
        try:
            sides = [value(term, at) for term in node[2]]
        except Undefined:
            return None
        found = True
        for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
            s = sign_of(minus(a, b))
            found &= {"<": s < 0, "<=": s <= 0, "==": s == 0, "!=": s != 0, ">=": s >= 0, ">": s > 0}[sign]
        return found
    if kind == "not":
        inner = truth(node[1], at)
        return None if inner is None else not inner
    first = truth(("not", node[1]) if kind == "implies" else node[1], at)
    both = {first, truth(node[2], at)}
    decisive = kind != "and"
    return decisive if decisive in both else None if None in both else not decisive


def fails(claim: Claim, at: dict[str, Fraction]) -> bool:
    with flint.ctx.workprec(300):
        try:
            return all(truth(s, at) is True for s in claim.given) and truth(claim.show, at) is not True
        except (Unsure, OverflowError):
            return False


REALS = [
    Fraction(p, q)
    for q, tops in ((1, (0, 1, -1, 2, -2, 3, 10, -10, 1000)), (2, (1, -1, 3, -3)), (3, (1, 2)), (4, (5,)))
    for p in tops
] + [Fraction(p, 1000) for p in (1, -1, 999, 1001, 1999)]
WHOLE = [Fraction(i) for i in (*range(-6, 7), 100, -100)]


def points(claim: Claim, random: Random, most: int) -> Iterator[dict[str, Fraction]]:
    own = claim.names()
    pools = [WHOLE if name in claim.integers else REALS for name in own]
    if len(REALS) ** len(own) <= most:
        for entries in product(*pools):
            yield dict(zip(own, entries, strict=True))
        return
    for _ in range(most):
        yield {
            name: random.choice(pool)
            if name in claim.integers or random.random() < 0.7
            else Fraction(random.randint(-2500, 2500), random.randint(1, 1000))
            for name, pool in zip(own, pools, strict=True)
        }


def counterexample(claim: Claim, random: Random, most: int) -> dict[str, Fraction] | None:
    return next((at for at in points(claim, random, most) if fails(claim, at)), None)


NUMBERS = [
    Fraction(p, q) for p, q in ((0, 1), (1, 1), (2, 1), (3, 1), (-1, 1), (1, 2), (-2, 1), (1, 3), (3, 2), (5, 1))
]
FUNCTIONS = ((), (), ("sqrt",), ("log",), ("exp",), ("sin", "cos"), ("abs", "min", "max"), ("root",), ("tan",))
SIGNS = ("<", "<=", ">", ">=")
WEAKER = {"<": "<=", ">": ">="}
STRONGER = {"<=": "<", ">=": ">"}
TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "!=", "!=": "=="}


class Author:
    """Writes random claims; about half of them are close to the best constant that the sample suggests."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.integers = ("n",) if random.random() < 0.2 else ()
        self.names = ["x", "y"][: random.choice((1, 1, 2))] + list(self.integers)
        self.functions = random.choice(FUNCTIONS)
        self.quotients = random.random() < 0.4

    def term(self, depth: int) -> Term:
        random = self.random
        roll = random.random()
        if depth == 0 or roll < 0.15:
            return ("name", random.choice(self.names)) if random.random() < 0.7 else self.number()
        if self.functions and roll < 0.4:
            name = random.choice(self.functions)
            if name == "root":
                return ("power", self.term(depth - 1), random.choice(NUMBERS) + Fraction(1, 3))
            return ("call", name, tuple(self.term(depth - 1) for _ in range(1 + (name in ("min", "max")))))
        if roll < 0.55:
            low = -1 if self.quotients else 1
            return ("power", self.term(depth - 1), Fraction(random.choice((2, 2, 3, 4, low, 0))))
        operation = random.choice("+-**/" if self.quotients else "+-**")
        return (operation, self.term(depth - 1), self.term(depth - 1))

    def number(self) -> Term:
        return ("number", self.random.choice(NUMBERS))

    def comparison(self, given: tuple[Statement, ...]) -> Statement:
        random = self.random
        term, sign = self.term(random.choice((1, 2, 2, 3))), random.choice(SIGNS)
        values = []
        for at in points(Claim(given, ("compare", (sign,), (term, term)), self.integers), random, 60):
            try:
                if all(truth(s, at) is True for s in given):
                    found = value(term, at)
                    values.append(float(found) if isinstance(found, Fraction) else float(found.mid()))
            except (Undefined, Unsure, OverflowError, ValueError):
                continue
        end = (min if sign[0] == ">" else max)(values, default=0.0)
        if not abs(end) < 1e6:
            return ("compare", (sign,), (term, self.number()))
        near = Fraction(end).limit_denominator(random.choice((1, 4, 12, 1000)))
        shift = random.choice((0, 0, 0, Fraction(1, 10), Fraction(-1, 10), 1, -1))
        if random.random() < 0.15:
            sign = random.choice(("==", "!="))
        return ("compare", (sign,), (term, ("number", near + shift)))

    def statement(self, given: tuple[Statement, ...], depth: int) -> Statement:
        random = self.random
        roll = random.random()
        if depth == 0 or roll < 0.5:
            return self.comparison(given)
        if roll < 0.6:
            return ("not", self.statement(given, depth - 1))
        kind = random.choice(("or", "or", "implies", "and"))
        return (kind, self.statement(given, depth - 1), self.statement(given, depth - 1))

    def claim(self) -> Claim:
        random = self.random
        given: list[Statement] = []
        for name in self.names:
            low, high = random.choice(((0, 1), (-1, 1), (1, 2), (0, 2), (-2, -1)))
            ends = (("number", Fraction(low)), ("name", name), ("number", Fraction(high)))
            signs = (random.choice(("<", "<=")), random.choice(("<", "<=")))
            roll = random.random()
            if roll < 0.8:
                given.append(("compare", signs, ends) if roll < 0.5 else ("compare", signs[:1], ends[:2]))
        if random.random() < 0.2:
            given.append(self.statement(tuple(given), 1))
        show = self.statement(tuple(given), random.choice((0, 0, 1, 2)))
        if random.random() < 0.1:
            show = ("or", show, ("not", show))  # false where it is undefined
        return Claim(tuple(given), show, self.integers)


def changed_conclusions(show: Statement) -> Iterator[Statement]:
    """Yield statements that are like a conclusion and say more, or something else."""
    if show[0] == "compare":
        _, signs, terms = show
        yield ("compare", tuple(STRONGER.get(s, s) for s in signs), terms)
        yield ("compare", tuple(TURNED[s] for s in signs), terms)
        for shift in (Fraction(1, 1000), Fraction(-1, 1000), Fraction(1), Fraction(-1)):
            yield ("compare", signs, (*terms[:-1], ("+", terms[-1], ("number", shift))))
        for name in sorted(names(show))[:1]:
            one = ("/", ("name", name), ("name", name))
            yield ("compare", signs, (("*", terms[0], one), *terms[1:]))
        return
    yield show[1]
    if show[0] == "not":
        yield from (("not", inner) for inner in changed_conclusions(show[1]))
        return
    yield show[2]
    yield ("not", show)
    yield from ((show[0], inner, show[2]) for inner in changed_conclusions(show[1]))
    yield from ((show[0], show[1], inner) for inner in changed_conclusions(show[2]))


def neighbours(claim: Claim) -> Iterator[Claim]:
    """Yield claims with a hypothesis less, a wider range, or a conclusion that says more."""
    for k, statement in enumerate(claim.given):
        others = claim.given[:k], claim.given[k + 1 :]
        yield replace(claim, given=others[0] + others[1])
        if statement[0] == "compare":
            _, signs, terms = statement
            wider = ("compare", tuple(WEAKER.get(s, s) for s in signs), terms)
            yield replace(claim, given=(*others[0], wider, *others[1]))
            for shift in (Fraction(1, 10), Fraction(-1, 10)):
                moved = tuple(("number", t[1] + shift) if t[0] == "number" else t for t in terms)
                yield replace(claim, given=(*others[0], ("compare", signs, moved), *others[1]))
    for show in changed_conclusions(claim.show):
        yield replace(claim, show=show)


KINDS = ("constant", "given", "identity", "nonzero", "known", "absurd", "deny", "both", "parts", "forget", "numbers")


def places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(part, (dict, list)):
        if isinstance(part, list):
            yield path, part
        for key in part if isinstance(part, dict) else range(len(part)):
            yield from places(part[key], (*path, key))
    else:
        yield path, part


def changed(certificate: Json, random: Random) -> Json:
    """Return a certificate with one field changed."""
    found = copy.deepcopy(certificate)
    path, old = random.choice([entry for entry in places(found) if entry[0] and entry[0] != ("verdict",)])
    at: Any = found
    for key in path[:-1]:
        at = at[key]
    key = path[-1]
    if isinstance(old, list):
        if old and random.random() < 0.5:
            del old[random.randrange(len(old))]
        else:
            random.shuffle(old)
    elif isinstance(old, bool) or old is None:
        at[key] = not old
    elif isinstance(old, int | float):
        at[key] = random.choice((old + 1, old - 1, -old, 0, str(old), old + 0.9))
    elif key == "kind":
        at[key] = random.choice(KINDS)
    else:
        at[key] = changed_text(old, random)
    return found


def changed_text(old: str, random: Random) -> str:
    try:
        number = Fraction(old)
    except ValueError:
        exchanged = old.replace("x", "@").replace("y", "x").replace("@", "y")
        strict = old.replace("<=", "<").replace(">=", ">")
        return random.choice((exchanged, strict, f"0 - ({old})", f"{old} + 1", old.replace("+", "-"), "0", "1", "x"))
    return str(random.choice((number + 1, number - 1, -number, number / 2, 2 * number, Fraction(0))))


def attack(seed: int, seconds: float, most_points: int, changes: int) -> None:
    """Let the engine decide a random claim, and attack what it says."""
    random = Random(seed)
    claim = Author(random).claim()
    evidence = decide_claim(claim.formal(), [], seconds)
    if evidence.status is Status.REFUTED and "alpha" not in evidence.certificate:
        at = {name: Fraction(evidence.certificate["values"].get(name, "0")) for name in claim.names()}
        with flint.ctx.workprec(300):
            try:
                assert all(truth(s, at) is True for s in claim.given), (claim.formal(), at)
                assert truth(claim.show, at) is not True, (claim.formal(), at)
            except Unsure:
                pass
    if evidence.status is not Status.PROVED:
        return
    at = counterexample(claim, random, most_points)
    assert at is None, (claim.formal(), at, evidence.certificate)
    false = [(c, at) for c in neighbours(claim) if (at := counterexample(c, random, 100)) is not None]
    random.shuffle(false)
    for other, where in false[:8]:
        for certificate in (evidence.certificate, *(changed(evidence.certificate, random) for _ in range(changes))):
            try:
                verdict = check(other.formal(), certificate)
            except Rejected:
                continue
            assert verdict != "proved", (other.formal(), where, certificate)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_what_is_decided_about_a_random_claim_is_true(seed):
    attack(seed, seconds=0.5, most_points=150, changes=6)


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_what_is_decided_about_many_random_claims_is_true(seed):
    attack(seed, seconds=1.0, most_points=1000, changes=30)


def test_the_evaluator_knows_true_from_false():
    x, zero = ("name", "x"), ("number", Fraction(0))
    one_over = ("/", ("number", Fraction(1)), x)
    positive = ("compare", (">",), (one_over, zero))
    assert truth(positive, {"x": Fraction(0)}) is None
    assert truth(("not", positive), {"x": Fraction(0)}) is None
    assert truth(("or", positive, ("compare", ("==",), (x, zero))), {"x": Fraction(0)}) is True
    assert truth(("compare", ("<=",), (("call", "exp", (x,)), zero)), {"x": Fraction(1)}) is False
    claim = Claim((), positive)
    assert counterexample(claim, Random(0), 100) is not None
    assert counterexample(replace(claim, given=(("compare", (">",), (x, zero)),)), Random(0), 100) is None
    shown = Claim((), ("compare", (">=",), (("power", x, Fraction(2)), zero)))
    # all but the two with a smaller constant
    assert [counterexample(c, Random(1), 100) is None for c in neighbours(shown)].count(True) == 2


def test_a_change_touches_every_kind_of_field():
    certificate = {"verdict": "proved", "steps": [{"kind": "given", "at": "x + 1", "c": "1/2", "i": 3, "b": True}]}
    found = [changed(certificate, Random(seed)) for seed in range(60)]
    assert all(c["verdict"] == "proved" for c in found)
    assert any(not c["steps"] for c in found)
    for key in ("kind", "at", "c", "i", "b"):
        assert any(c["steps"] and c["steps"][0][key] != certificate["steps"][0][key] for c in found)
