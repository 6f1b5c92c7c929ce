"""The derived step against a brute-force gradient: explicit vectors, explicit sizes, differentiation in w."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import prod

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.derive import UpdateMap, update_map
from theory.derive import coordinates as co
from theory.indexed import PowerSum, normal_form

# (n, m, batch): b = 1, a proper batch, b = m, m = n, m = 1
SIZES = [(4, 3, (1,)), (4, 3, (0, 2)), (3, 3, (0, 1, 2)), (3, 1, (0,)), (4, 2, (0, 1))]
ENTRIES = st.fractions(-2, 2, max_denominator=6)


@cache
def basis(n: int) -> sp.Matrix:
    """Return a rational orthogonal matrix that mixes all coordinates: the Cayley transform of a skew matrix."""
    skew = sp.Matrix(n, n, lambda r, s: 0 if r == s else (r + 2 * s + 1) * (1 if r < s else 0))
    skew = (skew - skew.T) / 3
    return (sp.eye(n) - skew) * (sp.eye(n) + skew).inv()


@cache
def gradient_of_sample(n: int, i: int, active: bool) -> tuple[sp.Poly, ...]:
    """Differentiate |a_i - w phi(<w, a_i>)|^2 / 2 in the entries of w."""
    w, a = sp.Matrix(sp.symbols(f"w0:{n}")), basis(n)[:, i]
    residual = a - w * ((w.T * a)[0] if active else 0)
    loss = (residual.T * residual)[0] / 2
    return tuple(sp.Poly(sp.diff(loss, x), *w) for x in w)


def at(p: sp.Poly, point: Sequence[Fraction]) -> Fraction:
    """Return the exact value of a polynomial with rational coefficients."""
    return sum(
        (
            Fraction(str(v)) * prod((x**e for x, e in zip(point, powers, strict=True)), start=Fraction(1))
            for powers, v in p.terms()
        ),
        Fraction(0),
    )


@cache
def rotation(n: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return the rows of the basis as fractions."""
    q = basis(n)
    assert q.T * q == sp.eye(n)
    return tuple(tuple(Fraction(str(x)) for x in q.row(r)) for r in range(n))


def coordinates(n: int, w: Sequence[Fraction]) -> list[Fraction]:
    return [sum((w[r] * rotation(n)[r][k] for r in range(n)), Fraction(0)) for k in range(n)]


def brute_force_step(
    activation: str, n: int, batch: tuple[int, ...], w: Sequence[Fraction], eta: Fraction
) -> list[Fraction]:
    """Return w - eta * sum of the batch's gradients at w."""
    c = coordinates(n, w)
    gradients = [gradient_of_sample(n, i, activation == "linear" or c[i] > 0) for i in batch]
    return [x - eta * sum((at(g[k], w) for g in gradients), Fraction(0)) for k, x in enumerate(w)]


@cache
def derived(activation: str) -> tuple[UpdateMap, dict[str, sp.Poly], list[sp.Symbol]]:
    found = update_map(activation)
    names = [found.coordinate, *found.parameters, *(r.symbol for r in found.reductions)]
    return found, {name: sp.Poly(rule, *names) for name, rule in found.rules.items()}, names


def atom(activation: str, k: int, m: int, batch: tuple[int, ...], coordinate: Fraction) -> str:
    if k >= m:
        return "outside"
    name = "batch" if k in batch else "rest"
    return name if activation == "linear" else name + ("+" if coordinate > 0 else "-")


@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize(("n", "m", "batch"), SIZES)
@settings(max_examples=15, deadline=None)
@given(data=st.data(), eta=st.fractions(Fraction(1, 50), 3, max_denominator=50))
def test_every_coordinate_moves_as_the_gradient_says(activation, n, m, batch, data, eta):
    w = data.draw(st.lists(ENTRIES, min_size=n, max_size=n))
    c = coordinates(n, w)
    moved = coordinates(n, brute_force_step(activation, n, batch, w, eta))
    found, rules, _ = derived(activation)
    kinds = [atom(activation, k, m, batch, c[k]) for k in range(n)]
    sums = [
        sum((at(sp.Poly(r.summand, found.coordinate), [c[k]]) for k in range(n) if kinds[k] in r.atoms), Fraction(0))
        for r in found.reductions
    ]
    assert [at(rules[kinds[k]], [c[k], eta, *sums]) for k in range(n)] == moved


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_the_rules_cover_every_kind_of_coordinate(activation):
    found, rules, _ = derived(activation)
    kinds = (
        ["batch", "rest", "outside"] if activation == "linear" else ["batch+", "batch-", "rest+", "rest-", "outside"]
    )
    assert list(rules) == kinds
    assert all(set(r.atoms) <= set(kinds) for r in found.reductions)


@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_a_shared_factor_is_the_rule_over_the_coordinate(activation):
    found, _, names = derived(activation)
    for name, rule in found.rules.items():
        assert rule.free_symbols <= set(names)
        if name in found.shared_factor:
            factor = found.shared_factor[name]
            assert found.coordinate not in factor.free_symbols
            assert sp.expand(rule - found.coordinate * factor) == 0
        else:
            assert sp.cancel(rule / found.coordinate).has(found.coordinate)


def test_the_linear_map_shares_one_factor_outside_the_batch():
    factors = derived("linear")[0].shared_factor
    assert sp.expand(factors["rest"] - factors["outside"]) == 0


@pytest.mark.parametrize("activation", ["linear", "relu"])
@pytest.mark.parametrize(("n", "m"), [(2, 1), (3, 2), (3, 3)])
def test_the_loss_is_that_of_explicit_vectors(activation, n, m):
    q, cs = basis(n), sp.symbols(f"c0:{n}", positive=True)
    w = q * sp.Matrix(cs)
    explicit = sum(((q[:, i] - w * cs[i]).T * (q[:, i] - w * cs[i]))[0] / 2 for i in range(m)) / m
    # at positive coordinates the activation is the identity: size rp = 0, bp = m, all data in one atom
    squares = {"batch": sum(x**2 for x in cs[:m]), "outside": sum(x**2 for x in cs[m:])}
    parts = (
        squares if activation == "linear" else {"batchp": squares["batch"], "batchq": 0, "outside": squares["outside"]}
    )
    form = normal_form(co.loss(activation), co.domain(activation, full_batch=True), {})
    values = {PowerSum(sp.Symbol(a), [(sp.Symbol("c"), 2)]): value for a, value in parts.items()}
    assert form.atoms(PowerSum) <= set(values)
    form = form.subs(values).subs({co.m: m, co.n: n, sp.Symbol("bp", integer=True, nonnegative=True): m})
    assert sp.expand(form - explicit) == 0


@pytest.mark.parametrize("given", ["tanh", "", "Linear"])
def test_an_unknown_activation_is_named(given):
    with pytest.raises(ValueError, match="use 'linear' or 'relu'"):
        update_map(given)
