"""Gradient, Hessian and trace of single-index losses against differentiation in explicit coordinates."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.models.autoencoder import per_sample_loss
from theory.vectors import X2, N, Vector, W, X, Z, gradient, hessian, inner

LOSSES = [
    per_sample_loss(),
    per_sample_loss(sp.S.Zero),
    Z**3 * N**2 + Z * X2 - N * X2**2,
    sp.exp(Z) * N + sp.log(1 + N),
    Z**4 / (1 + N),
]


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("loss", LOSSES, ids=str)
def test_gradient_and_hessian_are_those_of_explicit_vectors(n, loss):
    w, x = sp.symbols(f"w0:{n}", real=True), sp.symbols(f"x0:{n}", real=True)
    explicit = loss.subs({Z: dot(w, x), N: dot(w, w), X2: dot(x, x)}, simultaneous=True)
    slopes = [sp.diff(explicit, a) for a in w]
    curvatures = [[sp.diff(slope, a) for a in w] for slope in slopes]
    slope, form = gradient(loss), hessian(loss)
    for position in range(3):
        numbers = [sp.Rational(k * k + 3 * position + 1, k + position + 2) for k in range(3 * n)]
        here = dict(zip((*w, *x), numbers, strict=False))
        ws, xs, v = numbers[:n], numbers[n : 2 * n], numbers[2 * n :]
        inside = {Z: dot(ws, xs), N: dot(ws, ws), X2: dot(xs, xs)}
        along_x, along_w = (slope.coefficient(base).subs(inside) for base in ("x", "w"))
        assert [
            sp.expand(s.subs(here) - a * along_x - b * along_w) for s, a, b in zip(slopes, xs, ws, strict=True)
        ] == [0] * n
        matrix = sp.Matrix(curvatures).subs(here)
        assert sp.expand(matrix.trace() - form.trace(sp.Integer(n)).subs(inside)) == 0
        quadratic = form.quadratic(dot(v, xs), dot(v, ws), dot(v, v)).subs(inside)
        assert sp.expand((sp.Matrix(v).T * matrix * sp.Matrix(v))[0] - quadratic) == 0


def dot(a, b):
    return sum((x * y for x, y in zip(a, b, strict=True)), sp.S.Zero)


COMBINATIONS = st.tuples(st.integers(-3, 3), st.integers(-3, 3))
TRIPLES = st.lists(st.integers(-4, 4), min_size=3, max_size=3)


@settings(max_examples=30, deadline=None)
@given(p=COMBINATIONS, q=COMBINATIONS, w=TRIPLES, x=TRIPLES)
def test_inner_products_of_combinations(p, q, w, x):
    u, v = W * p[0] + X * p[1], W * q[0] - X * q[1]
    at = {N: sum(a * a for a in w), Z: sum(a * b for a, b in zip(w, x, strict=True)), X2: sum(b * b for b in x)}
    left = [p[0] * a + p[1] * b for a, b in zip(w, x, strict=True)]
    right = [q[0] * a - q[1] * b for a, b in zip(w, x, strict=True)]
    assert inner(u, v).subs(at) == sum(a * b for a, b in zip(left, right, strict=True))


def test_a_missing_part_of_a_vector_is_zero():
    assert Vector({"x": sp.Symbol("a")}).coefficient("w") == 0
