"""Indexed sums: the normal form and the checker's text against expansion at explicit small sizes."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Indexed, KroneckerDelta

from checks.checker import pointwise, polynomial
from checks.checker.grammar import parse
from theory.indexed import Domain, EntryDerivative, IndexSum, PowerSum, entries, formal, name_sums, normal_form

p, q = sp.symbols("p q", integer=True, positive=True)
eta = sp.Symbol("eta", positive=True)
c, x, f = entries("c"), entries("x"), entries("f")
i, j, k, l = sp.symbols("i j k l", integer=True)
A, B, ALL = sp.symbols("A B all")
DOMAIN = Domain({"A": p, "B": q}, {"all": ("A", "B")}, {"c": None, "x": None, "f": {"A": "c", "B": "0"}})
SIZES = [(1, 0), (0, 1), (1, 1), (2, 1), (1, 2), (2, 2)]


class Instance:
    """Explicit positions: atom A holds 0..p-1, atom B the next q; every entry is a symbol of its own."""

    def __init__(self, sizes: tuple[int, int]) -> None:
        self.atoms = {"A": range(sizes[0]), "B": range(sizes[0], sum(sizes))}
        self.sizes = {p: sizes[0], q: sizes[1]}
        self.symbols = {name: sp.symbols(f"{name}_0:{sum(sizes)}", real=True) for name in ("c", "x")}

    def positions(self, name: str) -> list[int]:
        return [position for atom in DOMAIN.parts(name) for position in self.atoms[atom]]

    def entry(self, family: str, position: int) -> sp.Expr:
        if family == "f":
            return self.entry("c", position) if position in self.atoms["A"] else sp.S.Zero
        return self.symbols[family][position]

    def expand(self, expr: sp.Expr, at: dict[sp.Symbol, int]) -> sp.Expr:
        """Write an expression out: sums as sums over positions, derivatives as derivatives in one symbol."""
        if isinstance(expr, Indexed):
            return self.entry(str(expr.base), at[expr.indices[0]])
        if isinstance(expr, KroneckerDelta):
            return sp.Integer(at[expr.args[0]] == at[expr.args[1]])
        if isinstance(expr, EntryDerivative):
            body, entry = expr.args
            return sp.diff(self.expand(body, at), self.entry(str(entry.base), at[entry.indices[0]]))
        if isinstance(expr, IndexSum):
            body, index, over = expr.args
            return sp.expand(sum((self.expand(body, {**at, index: n}) for n in self.positions(str(over))), sp.S.Zero))
        if isinstance(expr, PowerSum):
            atom, powers = expr.args
            return sum(
                (sp.prod(self.entry(str(g), n) ** e for g, e in powers) for n in self.atoms[str(atom)]), sp.S.Zero
            )
        if not expr.args:
            return self.sizes.get(expr, expr)
        return expr.func(*(self.expand(argument, at) for argument in expr.args))


def leaves(scope: tuple[sp.Symbol, ...]) -> st.SearchStrategy[sp.Expr]:
    index = st.sampled_from(scope)
    return st.one_of(
        st.integers(-2, 2).map(sp.Integer),
        st.just(eta),
        st.builds(lambda family, n: family[n], st.sampled_from([c, c, x, f]), index),
        st.builds(KroneckerDelta, index, index),
    )


def expressions(scope: tuple[sp.Symbol, ...], depth: int) -> st.SearchStrategy[sp.Expr]:
    """Draw expressions in the indices of a scope; a bound index may carry the name of an outer one."""
    if depth == 0:
        return leaves(scope)
    inner = expressions(scope, depth - 1)
    sums = st.sampled_from((i, j, k)).flatmap(
        lambda n: st.builds(
            lambda body, over: IndexSum(body, n, over),
            expressions((*scope, n), depth - 1),
            st.sampled_from([A, B, ALL]),
        )
    )
    return st.one_of(
        leaves(scope),
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a: a**2, inner),
        sums,
        sums,
        st.builds(lambda body, n: EntryDerivative(body, c[n]), inner, st.sampled_from(scope)),
    )


def places(instance: Instance, where: dict[str, str]) -> list[dict[sp.Symbol, int]]:
    """Return every choice of positions for the free indices k and l in their atoms."""
    return [{k: a, l: b} for a in instance.atoms[where["k"]] for b in instance.atoms[where["l"]]]


@pytest.mark.parametrize("where", [{"k": "A", "l": "A"}, {"k": "A", "l": "B"}])
@settings(max_examples=60, deadline=None)
@given(expr=expressions((k, l), 3))
def test_the_normal_form_is_right_at_every_small_size(where, expr):
    form = normal_form(expr, DOMAIN, where)
    for sizes in SIZES:
        instance = Instance(sizes)
        for at in places(instance, where):
            assert sp.expand(instance.expand(expr, at) - instance.expand(form, at)) == 0, (sizes, at)


FACTORS = [c[i], x[i], f[i], KroneckerDelta(i, j), KroneckerDelta(i, k), c[j], c[k]]
# a monomial in two bound indices and a free one, summed over both: what losses and their squares are made of
MONOMIALS = st.lists(st.integers(0, 2), min_size=len(FACTORS), max_size=len(FACTORS)).map(
    lambda powers: sp.Mul(*(g**e for g, e in zip(FACTORS, powers, strict=True)))
)
SUMS = st.builds(
    lambda body, inner, outer: IndexSum(IndexSum(body, i, inner), j, outer),
    MONOMIALS,
    st.sampled_from([A, B, ALL]),
    st.sampled_from([A, B, ALL]),
)


@settings(max_examples=60, deadline=None)
@given(one=SUMS, other=SUMS, by=st.sampled_from([k, l]))
def test_derivatives_of_double_sums_are_right_at_every_small_size(one, other, by):
    where = {"k": "A", "l": "B"}
    for expr in (EntryDerivative(one, c[by]), EntryDerivative(one * other + eta * one, c[by])):
        form = normal_form(expr, DOMAIN, where)
        for sizes in [(1, 1), (2, 1), (1, 2)]:
            instance = Instance(sizes)
            for at in places(instance, where):
                assert sp.expand(instance.expand(expr, at) - instance.expand(form, at)) == 0, (sizes, at)


@settings(max_examples=40, deadline=None)
@given(expr=expressions((k, l), 3))
def test_the_normal_form_holds_no_sum_delta_of_one_index_or_derivative(expr):
    form = normal_form(expr, DOMAIN, {"k": "A", "l": "B"})
    # k and l lie in different atoms: every delta is decided, every sum is a power sum
    assert not form.has(IndexSum, EntryDerivative, KroneckerDelta)
    assert normal_form(form, DOMAIN, {"k": "A", "l": "B"}) == form


VALUES = [Fraction(v) for v in ("1/2", "-2/3", "3", "5/4")]
OTHERS = [Fraction(v) for v in ("-1", "1/5", "2/7", "-3/2")]


def value_by_checker(text: str, sizes: tuple[int, int], at: dict[sp.Symbol, int]) -> tuple[Fraction, Fraction]:
    instance, size = Instance(sizes), sum(sizes)
    raw = DOMAIN.as_formal({"k": "A", "l": "B"})
    point = pointwise.Point(
        {"eta": Fraction(1, 3), "p": Fraction(sizes[0]), "q": Fraction(sizes[1])},
        {"c": VALUES[:size], "x": OTHERS[:size]},
        {atom: list(members) for atom, members in instance.atoms.items()},
        polynomial.Context.read(raw),
    )
    point.indices = {str(index): position for index, position in at.items()}
    return pointwise.number(parse(text), point)


def value_by_sympy(expr: sp.Expr, sizes: tuple[int, int], at: dict[sp.Symbol, int]) -> Fraction:
    instance = Instance(sizes)
    numbers = {
        **dict(zip(instance.symbols["c"], VALUES, strict=False)),
        **dict(zip(instance.symbols["x"], OTHERS, strict=False)),
        eta: Fraction(1, 3),
    }
    return Fraction(str(sp.expand(instance.expand(expr, at)).subs({s: sp.Rational(v) for s, v in numbers.items()})))


@settings(max_examples=80, deadline=None)
@given(expr=expressions((k, l), 3))
def test_the_text_for_the_checker_means_the_expression(expr):
    for sizes in [(1, 1), (2, 1), (2, 2)]:
        for at in places(Instance(sizes), {"k": "A", "l": "B"})[-1:]:
            assert value_by_checker(formal(expr), sizes, at) == (value_by_sympy(expr, sizes, at),) * 2


@settings(max_examples=60, deadline=None)
@given(expr=expressions((k, l), 3))
def test_the_text_of_a_normal_form_means_the_same(expr):
    form = normal_form(expr, DOMAIN, {"k": "A", "l": "B"})
    at = {k: 0, l: 2}
    assert value_by_checker(formal(form), (2, 2), at) == (value_by_sympy(expr, (2, 2), at),) * 2


@settings(max_examples=60, deadline=None)
@given(expr=expressions((k, l), 3))
def test_the_checkers_own_normal_form_agrees(expr):
    # two normalisers that share no code: both vanish on the difference of an expression and its normal form
    raw = DOMAIN.as_formal({"k": "A", "l": "B"})
    form = normal_form(expr, DOMAIN, {"k": "A", "l": "B"})
    top, _ = polynomial.ratio(parse(f"({formal(expr)}) - ({formal(form)})"), polynomial.Context.read(raw))
    assert top == {}


RATIONAL = st.recursive(
    st.one_of(
        st.integers(-9, 9).map(sp.Integer),
        st.fractions(-3, 3, max_denominator=9).map(lambda v: sp.Rational(str(v))),
        st.just(eta),
        st.just(sp.Symbol("u")),
    ),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, n: a**n, inner, st.integers(0, 3)),
        st.builds(lambda a, b: a / (1 + b**2), inner, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(expr=RATIONAL)
def test_scalar_text_round_trips(expr):
    point = pointwise.Point({"eta": Fraction(2, 3), "u": Fraction(-5, 4)})
    exact = Fraction(str(expr.subs({eta: sp.Rational(2, 3), sp.Symbol("u"): sp.Rational(-5, 4)})))
    assert pointwise.number(parse(formal(expr)), point) == (exact, exact)


def test_orthonormality_collapses_a_double_sum():
    double = IndexSum(IndexSum(c[i] * KroneckerDelta(i, j) * x[j], i, A), j, ALL)
    assert normal_form(double, DOMAIN, {}) == PowerSum(A, [(sp.Symbol("c"), 1), (sp.Symbol("x"), 1)])


def test_a_sum_of_ones_is_the_size():
    assert normal_form(IndexSum(1, i, ALL), DOMAIN, {}) == p + q


def test_naming_sums_solves_for_one_power_sum_each():
    a, b = (PowerSum(s, [(sp.Symbol("c"), 2)]) for s in (A, B))
    u, total = sp.symbols("u N")
    assert sp.expand(name_sums(a**2 + b, [(u, a), (total, a + b)]) - (u**2 + total - u)) == 0


def test_a_summand_that_is_no_polynomial_is_refused():
    with pytest.raises(ValueError, match="not a polynomial"):
        normal_form(IndexSum(1 / (1 + c[i]), i, A), DOMAIN, {})
