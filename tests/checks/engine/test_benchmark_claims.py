"""The engine on the table of known claims in benchmarks/claims: no verdict may contradict what is known.

What is known is checked here as well, without the checker's or the engine's code: counterexamples by exact evaluation,
true claims on random rational points, polynomial claims by an SMT solver.
"""

from __future__ import annotations

import importlib.util
import operator
import random
import sys
from fractions import Fraction
from math import isqrt
from pathlib import Path
from typing import Any

import flint
import pytest
import sympy as sp

from checks.checker.grammar import Node, parse
from checks.checker.grammar import names as free_names
from checks.verdict import Status

ROOT = Path(__file__).resolve().parents[3]
_spec = importlib.util.spec_from_file_location("benchmark_prove", ROOT / "benchmarks" / "prove.py")
bench = importlib.util.module_from_spec(_spec)
sys.modules["benchmark_prove"] = bench
_spec.loader.exec_module(bench)

CLAIMS = {claim.key: claim for claim in bench.claims()}
KNOWN = bench.expected()
TRUE = [key for key, entry in KNOWN.items() if entry["truth"]]
FALSE = [key for key, entry in KNOWN.items() if not entry["truth"]]
MUTANTS = {m.key: m for key in TRUE for _, m in bench.mutants(CLAIMS[key])}
SIGNS = {"<": operator.lt, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">=": operator.ge, ">": operator.gt}
SECONDS = 3.0

# decided when this file was written, in a second or two each: a later engine must not lose them. What a slow or busy
# machine makes of these seconds is no matter of this test
AMPLE = 12.0
QUICK = {
    "ghosh2023.P15": Status.PROVED,
    "ghosh2023.L17": Status.REFUTED,
    "ghosh2023.L18": Status.PROVED,
    "ghosh2023.L20": Status.PROVED,
    "ghosh2023.L20-hair": Status.REFUTED,
    "ghosh2023.L29": Status.PROVED,
    "ghosh2023.S23d": Status.PROVED,
    "ghosh2023.S24b": Status.PROVED,
    "ghosh2023.S29a-second": Status.REFUTED,
    "ghosh2023.L32": Status.PROVED,
    "patel2018.S5": Status.PROVED,
    "patel2018.S12": Status.PROVED,
    "patel2018.T3.12a-printed": Status.REFUTED,
    "liliang2018.S15": Status.REFUTED,
    "liliang2018.S58": Status.REFUTED,
    "beneventano2024.toy-balance": Status.PROVED,
    "beneventano2024.EQ1-strict-printed": Status.REFUTED,
    "oymak2019.L16": Status.PROVED,
    "oymak2019.S40-far": Status.REFUTED,
    "polynomials.degree8": Status.PROVED,
    "polynomials.motzkin-strict": Status.REFUTED,
    "polynomials.chebyshev8": Status.PROVED,
    "polynomials.needle-ball": Status.REFUTED,
    "polynomials.cancel": Status.REFUTED,
    "fresh_polynomials.sylvester3": Status.PROVED,
    "fresh_polynomials.semi2": Status.PROVED,
    "fresh_polynomials.semi2-missing": Status.REFUTED,
    "fresh_polynomials.kantorovich-mean": Status.PROVED,
    "fresh_polynomials.spectral-interval": Status.PROVED,
    "fresh_polynomials.nesbitt4": Status.PROVED,
    "fresh_polynomials.corner4-10": Status.PROVED,
    "fresh_polynomials.corner24-false": Status.REFUTED,
    "fresh_polynomials.logistic-core-wide": Status.REFUTED,
    "functions.log-pade": Status.PROVED,
    "functions.sqrt-undefined": Status.REFUTED,
    "logic.int-pell2": Status.REFUTED,
    "logic.or-hole": Status.REFUTED,
}


# --- exact evaluation ---------------------------------------------------------------------------------------------


class Undefined(Exception):
    """The term has no value at the point."""


class Unsure(Exception):
    """An enclosure does not decide."""


def value(node: Node, at: dict[str, Fraction]) -> Any:
    """Evaluate a term to a Fraction, or to an enclosing ball where it is irrational."""
    kind = node[0]
    if kind == "number":
        return node[1]
    if kind == "name":
        return at[node[1]]
    if kind == "call":
        return function(node[1], [value(a, at) for a in node[2]])
    a, b = value(node[1], at), value(node[2], at)
    if kind == "/":
        if zero(b):
            raise Undefined
        return a / b if isinstance(a, Fraction) and isinstance(b, Fraction) else ball(a) / ball(b)
    if kind == "**":
        if not isinstance(b, Fraction) or b.denominator != 1:
            return moving_power(a, b)
        if b < 0 and zero(a):
            raise Undefined
        return a ** int(b)
    if not (isinstance(a, Fraction) and isinstance(b, Fraction)):
        a, b = ball(a), ball(b)
    return {"+": operator.add, "-": operator.sub, "*": operator.mul}[kind](a, b)


def moving_power(a: Any, b: Any) -> Any:
    """Return a power whose exponent is no integer: its base is positive, or zero with a positive exponent."""
    if less(a, Fraction(0)):
        raise Undefined
    if zero(a):
        if not less(Fraction(0), b):
            raise Undefined
        return Fraction(0)
    return (ball(b) * ball(a).log()).exp()


def function(name: str, args: list[Any]) -> Any:
    if name == "pi":
        return flint.arb.pi()
    if name in ("min", "max"):
        best = args[0]
        for x in args[1:]:
            if less(x, best) if name == "min" else less(best, x):
                best = x
        return best
    (x,) = args
    if name == "abs":
        return abs(x)
    if name == "sqrt":
        if less(x, Fraction(0)):
            raise Undefined
        if isinstance(x, Fraction):
            p, q = isqrt(x.numerator), isqrt(x.denominator)
            if p * p == x.numerator and q * q == x.denominator:
                return Fraction(p, q)
        return ball(x).sqrt()
    if name == "exp":
        return Fraction(1) if x == 0 and isinstance(x, Fraction) else ball(x).exp()
    if name in ("sin", "cos", "tan"):
        return getattr(ball(x), name)()
    assert name == "log"
    if not less(Fraction(0), x):
        raise Undefined
    return Fraction(0) if x == 1 and isinstance(x, Fraction) else ball(x).log()


def ball(x: Any) -> flint.arb:
    return flint.arb(flint.fmpq(x.numerator, x.denominator)) if isinstance(x, Fraction) else x


def zero(x: Any) -> bool:
    if isinstance(x, Fraction):
        return x == 0
    if 0 in x:
        raise Unsure
    return False


def less(a: Any, b: Any) -> bool:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a < b
    a, b = ball(a), ball(b)
    if a < b:
        return True
    if a >= b:
        return False
    raise Unsure


def compare(sign: str, a: Any, b: Any) -> bool:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return SIGNS[sign](a, b)
    if sign in ("<", ">="):
        return less(a, b) is (sign == "<")
    if sign in (">", "<="):
        return less(b, a) is (sign == ">")
    if ball(a).overlaps(ball(b)):
        raise Unsure
    return sign == "!="


def holds(node: Node, at: dict[str, Fraction]) -> bool | None:
    """Return True, False, or None where an undefined term decides; Unsure where a ball is too wide."""
    kind = node[0]
    if kind == "compare":
        try:
            sides = [value(term, at) for term in node[2]]
        except Undefined:
            return None
        return all(compare(s, a, b) for s, a, b in zip(node[1], sides[:-1], sides[1:], strict=True))
    if kind == "not":
        inner = holds(node[1], at)
        return None if inner is None else not inner
    a, b = holds(node[1], at), holds(node[2], at)
    if kind == "and":
        return False if False in (a, b) else None if None in (a, b) else True
    if kind == "implies":
        a = None if a is None else not a
    return True if True in (a, b) else None if None in (a, b) else False


class Read:
    """A claim's lines as trees, with the ``let`` lines filled in by this file's own substitution."""

    def __init__(self, claim: Any) -> None:
        let: dict[str, Node] = {}
        for line in claim.let:
            name, _, text = line.partition("=")
            let[name.strip()] = fill(parse(text), let)
        self.given = [fill(parse(line), let) for line in claim.given]
        self.show = [fill(parse(line), let) for line in claim.show]
        self.integers = set(claim.integers)
        self.names = sorted({n for node in self.given + self.show for n in free_names(node)} | self.integers)

    def violated(self, at: dict[str, Fraction]) -> bool | None:
        """Return whether the point refutes the claim; None where an enclosure does not say."""
        try:
            if not all(holds(node, at) is True for node in self.given):
                return False
            return not all(holds(node, at) is True for node in self.show)
        except Unsure:
            return None


def fill(node: Any, let: dict[str, Node]) -> Any:
    if not isinstance(node, tuple):
        return node
    if len(node) == 2 and node[0] == "name":
        return let.get(node[1], node)
    return tuple(fill(part, let) for part in node)


def points(read: Read, seed: int = 0, wanted: int = 150, tries: int = 1500) -> list[dict[str, Fraction]]:
    """Return random points that satisfy the hypotheses: names one by one, each line tested once its names are known."""
    rng = random.Random(seed)
    draw = [
        lambda: Fraction(rng.randint(-40, 40), rng.choice((1, 2, 3, 7, 16))),
        lambda: Fraction(rng.randint(0, 60), 60),
        lambda: Fraction(rng.randint(0, 24), 60),
        lambda: 1 + Fraction(rng.randint(-9, 9), rng.choice((10, 1000, 10**6))),
        lambda: Fraction(rng.randint(0, 9), rng.choice((10, 1000, 10**6))),
        lambda: Fraction(rng.randint(-1, 3)),
    ]
    lines = [(node, free_names(node)) for node in read.given]
    solved = {}  # a hypothesis "name == term" gives the name
    for node, _ in lines:
        if node[0] == "compare" and node[1] == ("==",) and node[2][0][0] == "name":
            solved[node[2][0][1]] = node[2][1]
    found = []
    for _ in range(tries):
        if len(found) == wanted:
            break
        order = [n for n in read.names if n not in solved]
        rng.shuffle(order)
        at: dict[str, Fraction] = {}
        if extend(order + [n for n in read.names if n in solved], at, lines, solved, draw, rng, read.integers):
            found.append(at)
    return found


def extend(order, at, lines, solved, draw, rng, integers) -> bool:
    for name in order:
        for _ in range(25):
            if name in solved:
                try:
                    drawn = value(solved[name], at)
                except (KeyError, Undefined):
                    return False
            else:
                drawn = Fraction(rng.randint(-9, 40)) if name in integers else rng.choice(draw)()
            at[name] = drawn
            try:
                ready = [holds(node, at) for node, names in lines if name in names and names <= set(at)]
            except Unsure:
                continue
            if all(x is True for x in ready):
                break
        else:
            return False
    return True


def exact(text: str) -> Any:
    """Return a counterexample's coordinate as a SymPy number (the few that are no rationals)."""
    return to_sympy(parse(text), {})


def to_sympy(node: Node, at: dict[str, Any]) -> Any:
    if node[0] == "number":
        return sp.Rational(node[1].numerator, node[1].denominator)
    if node[0] == "name":
        return at[node[1]]
    if node[0] == "call":
        assert node[1] == "sqrt"
        return sp.sqrt(to_sympy(node[2][0], at))
    a, b = to_sympy(node[1], at), to_sympy(node[2], at)
    table = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow}
    return table[node[0]](a, b)


def test_every_claim_has_a_known_truth_and_no_other_has():
    assert set(CLAIMS) == set(KNOWN)
    assert len(CLAIMS) >= 60
    assert all(("at" in entry) is not entry["truth"] for entry in KNOWN.values())


@pytest.mark.parametrize("key", FALSE)
def test_a_known_counterexample_is_one(key):
    read, at = Read(CLAIMS[key]), KNOWN[key]["at"]
    assert set(at) == set(read.names)
    if any("sqrt" in text for text in at.values()):
        numbers = {name: exact(text) for name, text in at.items()}
        for node, wanted in [(n, True) for n in read.given] + [(read.show[0], False)]:
            assert node[0] == "compare"
            a, b = (sp.expand(to_sympy(term, numbers)) for term in node[2])
            truth = {"==": a == b, "!=": a != b}.get(node[1][0])
            assert bool(sp.sympify(truth if truth is not None else SIGNS[node[1][0]](a, b))) is wanted
        return
    values = {name: Fraction(text) for name, text in at.items()}
    assert all(values[name].denominator == 1 for name in read.integers)
    assert read.violated(values) is True


@pytest.mark.parametrize("key", [pytest.param(k, marks=() if k in QUICK else pytest.mark.slow) for k in TRUE])
def test_no_sampled_point_violates_a_true_claim(key):
    read = Read(CLAIMS[key])
    sample = points(read)
    assert len(sample) >= 20 or not read.names or "no point satisfies" in comment(key) or key in THIN
    bad = [at for at in sample if read.violated(at)]
    assert not bad, bad[0]


# curves and single points, which random rational points do not meet: their truth rests on the argument in the file
THIN = {"ghosh2023.EQ33-only", "polynomials.circle", "polynomials.hyperbola", "logic.given-equation"}
EQUATIONS = ("cosines", "samuelson", "zero-sum-product", "complex-pair", "routh-hurwitz", "midpoint", "hurwitz2")
THIN |= {f"fresh_polynomials.{name}" for name in EQUATIONS}


def comment(key: str) -> str:
    file, _, name = key.partition(".")
    lines = (ROOT / "benchmarks" / "claims" / f"{file}.toml").read_text().splitlines()
    return lines[lines.index(f'id = "{name}"') - 2]


def test_every_claim_says_why():
    assert all(comment(key).startswith("# true: " if KNOWN[key]["truth"] else "# false: ") for key in CLAIMS)


def violated_by_radicals(read: Any, point: dict[str, str]) -> None:
    """Assert that a point in radicals satisfies the hypotheses and violates a conclusion, by SymPy's arithmetic."""
    if any(text.startswith("root of") for text in point.values()):
        return  # no radicals: the tests of algebraic points cover them
    numbers = {name: exact(text) for name, text in point.items()}

    def holds(node: Any) -> bool:
        sides = [sp.expand(to_sympy(term, numbers)) for term in node[2]]
        links = zip(node[1], sides[:-1], sides[1:], strict=True)
        return all(
            sp.simplify(a - b).is_zero
            if sign == "=="
            else not sp.simplify(a - b).is_zero
            if sign == "!="
            else bool(SIGNS[sign](a, b))
            for sign, a, b in links
        )

    assert all(holds(node) for node in read.given if node[0] == "compare")
    assert any(node[0] != "compare" or not holds(node) for node in read.show)


# --- the engine ---------------------------------------------------------------------------------------------------


def check(claim: Any, seconds: float) -> Status:
    """Decide a claim and compare the verdict with exact evaluation."""
    evidence = claim.decide(seconds)
    read = Read(claim)
    if evidence.status is Status.REFUTED:
        if evidence.method and evidence.certificate["kind"] == "algebraic":
            violated_by_radicals(read, evidence.counterexample)
        else:
            at = {name: Fraction(text) for name, text in evidence.counterexample.items()}
            assert read.violated(at) is not False, at
            assert all(at[name].denominator == 1 for name in read.integers)
    elif evidence.status is Status.PROVED:
        bad = [at for at in points(read) if read.violated(at)]
        assert not bad, bad[0]
        assert evidence.certificate is not None
    else:
        assert evidence.status is Status.UNDECIDED
        assert evidence.detail[-1]
    return evidence.status


@pytest.mark.parametrize("key", list(QUICK))
def test_the_engine_still_decides(key):
    assert (QUICK[key] is Status.PROVED) is KNOWN[key]["truth"]
    assert check(CLAIMS[key], AMPLE) is QUICK[key]


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in CLAIMS if key not in QUICK])
def test_no_verdict_contradicts_what_is_known(key):
    assert not bench.wrong(KNOWN[key]["truth"], check(CLAIMS[key], SECONDS))


# a false claim's neighbours say little: the mutants are those of the true ones
QUICK_MUTANTS = list(MUTANTS)[:: len(MUTANTS) // 12]


@pytest.mark.parametrize("key", QUICK_MUTANTS)
def test_a_verdict_on_a_mutant_agrees_with_exact_evaluation(key):
    check(MUTANTS[key], 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for key in MUTANTS if key not in QUICK_MUTANTS])
def test_a_verdict_on_every_mutant_agrees_with_exact_evaluation(key):
    check(MUTANTS[key], 1.0)


# --- the SMT solver -----------------------------------------------------------------------------------------------


class NotPolynomial(Exception):
    """The claim is outside the solver's arithmetic."""


class Solver:
    """Translate trees of the grammar to Z3: each statement becomes 'it is true' and 'it is false' (else undefined)."""

    def __init__(self, read: Read) -> None:
        import z3

        self.z3 = z3
        self.names = {n: z3.ToReal(z3.Int(n)) if n in read.integers else z3.Real(n) for n in read.names}

    def term(self, node: Node, defined: list[Any]) -> Any:
        z3 = self.z3
        if node[0] == "number":
            return z3.RatVal(node[1].numerator, node[1].denominator)
        if node[0] == "name":
            return self.names[node[1]]
        if node[0] == "call":
            if node[1] not in ("abs", "min", "max"):
                raise NotPolynomial
            args = [self.term(a, defined) for a in node[2]]
            if node[1] == "abs":
                return z3.If(args[0] >= 0, args[0], -args[0])
            best = args[0]
            for x in args[1:]:
                best = z3.If(x <= best if node[1] == "min" else x >= best, x, best)
            return best
        if node[0] == "**":
            exponent = constant(node[2])
            base = self.term(node[1], defined)
            if exponent is None or exponent.denominator != 1:
                raise NotPolynomial
            result = z3.RealVal(1)
            for _ in range(abs(int(exponent))):
                result = result * base
            if exponent >= 0:
                return result
            defined.append(base != 0)
            return 1 / result
        a, b = self.term(node[1], defined), self.term(node[2], defined)
        if node[0] == "/":
            defined.append(b != 0)
            return a / b
        return {"+": operator.add, "-": operator.sub, "*": operator.mul}[node[0]](a, b)

    def statement(self, node: Node) -> tuple[Any, Any]:
        z3 = self.z3
        if node[0] == "compare":
            defined: list[Any] = []
            sides = [self.term(t, defined) for t in node[2]]
            links = z3.And(*(SIGNS[s](a, b) for s, a, b in zip(node[1], sides[:-1], sides[1:], strict=True)))
            return z3.And(*defined, links), z3.And(*defined, z3.Not(links))
        if node[0] == "not":
            true, false = self.statement(node[1])
            return false, true
        (a, not_a), (b, not_b) = self.statement(node[1]), self.statement(node[2])
        if node[0] == "and":
            return z3.And(a, b), z3.Or(not_a, not_b)
        if node[0] == "or":
            return z3.Or(a, b), z3.And(not_a, not_b)
        return z3.Or(not_a, b), z3.And(a, not_b)

    def truth(self, read: Read, milliseconds: int) -> bool | None:
        """Return whether no point satisfies the hypotheses and fails a conclusion, None where Z3 does not know."""
        solver = self.z3.Solver()
        solver.set("timeout", milliseconds)
        solver.add(*(self.statement(node)[0] for node in read.given))
        solver.add(self.z3.Or(*(self.z3.Not(self.statement(node)[0]) for node in read.show)))
        answer = solver.check()
        return True if answer == self.z3.unsat else False if answer == self.z3.sat else None


def constant(node: Node) -> Fraction | None:
    """Return the value of a term without names."""
    try:
        found = value(node, {})
    except (KeyError, Undefined, Unsure):
        return None
    return found if isinstance(found, Fraction) else None


def polynomial(read: Read) -> bool:
    try:
        solver = Solver(read)
        for node in read.given + read.show:
            solver.statement(node)
    except NotPolynomial:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("key", list(CLAIMS))
def test_an_smt_solver_agrees_with_what_is_known(key):
    pytest.importorskip("z3")
    read = Read(CLAIMS[key])
    if not polynomial(read):
        pytest.skip("outside the arithmetic of the solver: roots, logarithms, exponentials or variable exponents")
    assert Solver(read).truth(read, 5000) in (None, KNOWN[key]["truth"])


@pytest.mark.slow
@pytest.mark.parametrize("key", [key for n, key in enumerate(MUTANTS) if n % 7 == 0])
def test_an_smt_solver_agrees_with_the_engine_on_mutants(key):
    pytest.importorskip("z3")
    read = Read(MUTANTS[key])
    if not polynomial(read):
        pytest.skip("outside the arithmetic of the solver: roots, logarithms, exponentials or variable exponents")
    status, truth = MUTANTS[key].decide(1.0).status, Solver(read).truth(read, 2000)
    assert truth is None or not bench.wrong(truth, status)


@pytest.mark.parametrize(
    ("show", "truth"),
    [
        ("x/x == 1", False),
        ("x == 0 or x/x == 1", True),
        ("not x/x == 1", False),
        ("x/x == 2 implies x == 1", False),
        ("1/(1/x) == x", False),
        ("abs(x) >= x and max(x, 1) >= min(x, 0)", True),
        ("x**(-2) > 0", False),
        ("x == 0 or x**(-2) > 0", True),
    ],
)
def test_the_translation_to_the_solver_keeps_undefined_terms(show, truth):
    pytest.importorskip("z3")
    read = Read(bench.Claim("translation", (show,)))
    assert Solver(read).truth(read, 5000) is truth
    assert not bench.wrong(truth, bench.Claim("translation", (show,)).decide(1.0).status)
