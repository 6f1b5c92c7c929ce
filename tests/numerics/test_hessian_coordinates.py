"""Hessians of update maps: against SymPy's entries, the derived closed forms, and their own structure."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics.errors import InputError, LoweringError
from numerics.hessian import DiagonalPlusLowRank, coordinate_hessian, eigenvalues
from numerics.hessian.coordinates import derivatives
from theory import vectors
from theory.derive import coordinates as co
from theory.derive import landscape, update_map
from theory.derive.update_map import Reduction, UpdateMap

derived = cache(update_map)
COORDINATES = st.floats(-1.5, 1.5).filter(lambda x: x == 0.0 or abs(x) > 1e-3)


@cache
def written_hessian(activation: str, n: int, batch: tuple[int, ...]) -> Any:
    """Entry by entry from the loss of the paper, mean of |a_i - w phi(<w, a_i>)|^2 / 2, where no coordinate is 0."""
    w = sp.symbols(f"w:{n}", real=True)
    phi = (lambda x: x) if activation == "linear" else (lambda x: sp.Max(x, 0))
    losses = [sum((int(i == j) - w[j] * phi(w[i])) ** 2 for j in range(n)) / 2 for i in batch]
    entries = sp.hessian(sum(losses) / len(batch), w).subs(sp.DiracDelta, sp.Function("zero"))
    entries = entries.replace(lambda e: e.func == sp.Function("zero"), lambda e: sp.S.Zero)
    return sp.lambdify(w, entries, [{"Heaviside": lambda x, *_: float(x > 0)}, "numpy"])


@given(arrays(np.float64, 5, elements=COORDINATES), st.sampled_from([(0, 1, 2), (1,), (0, 2)]))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_it_is_the_hessian_of_the_written_loss(
    activation: str, state: np.ndarray[Any, Any], batch: tuple[int, ...]
) -> None:
    operator = coordinate_hessian(derived(activation), state, m=3, batch=batch)
    expected = np.array(written_hessian(activation, 5, batch)(*state), float)
    scale = 1.0 + np.abs(state).max() ** 2
    # about 10 operations an entry, each with a relative error of 1.2e-16
    assert np.abs(operator.dense() - expected).max() <= 1e-14 * scale * 5


@given(arrays(np.float64, 9, elements=COORDINATES))
@settings(max_examples=30, deadline=None)
def test_it_is_the_sum_of_the_sample_hessians_of_the_theory(state: np.ndarray[Any, Any]) -> None:
    """H = mean of h_xx a_i a_i^T + h_xw (a_i w^T + w a_i^T) + h_ww w w^T + h_I I."""
    h, m, total = landscape.sample_hessian(), 4, np.zeros((9, 9))
    norm2 = float(state @ state)
    for i in range(m):
        at = {vectors.Z: state[i], vectors.N: norm2}
        xx, xw, ww, identity = (float(e.subs(at)) for e in (h.xx, h.xw, h.ww, h.identity))
        unit = np.eye(9)[i]
        total += xx * np.outer(unit, unit) + xw * (np.outer(unit, state) + np.outer(state, unit))
        total += ww * np.outer(state, state) + identity * np.eye(9)
    found = coordinate_hessian(derived("linear"), state, m=m).dense()
    assert np.abs(found - total / m).max() <= 1e-14 * (1.0 + norm2) * 5


@pytest.mark.parametrize(("m", "n", "s"), [(2, 2, 1), (4, 7, 3), (16, 100, 5), (50, 3000, 50)])
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_trace_and_spectrum_at_a_minimum_are_the_closed_forms(activation: str, m: int, n: int, s: int) -> None:
    """A unit w supported on s data points; a ReLU's other coordinates count as inactive, as in the closed form."""
    state = np.zeros(n)
    state[:s] = np.arange(1, s + 1) / np.linalg.norm(np.arange(1, s + 1))
    closed = landscape.sphere_hessian(activation)
    sizes = {co.m: m, co.n: n, landscape.s: s}
    operator = coordinate_hessian(derived(activation), state, m=m)
    assert operator.trace() == pytest.approx(float(closed.trace.subs(sizes)), rel=1e-12)
    spectrum = sorted(
        (float(value.subs(sizes)) for value, count in closed.spectrum for _ in range(int(count.subs(sizes)))),
        reverse=True,
    )
    largest = eigenvalues(operator, k=1)
    assert abs(largest.values[0] - spectrum[0]) <= largest.residuals[0] + 1e-13
    smallest = eigenvalues(operator, k=1, end="smallest")
    assert abs(smallest.values[0] - spectrum[-1]) <= smallest.residuals[0] + 1e-13
    if n <= 100:
        assert np.allclose(np.linalg.eigvalsh(operator.dense())[::-1], spectrum, rtol=0.0, atol=1e-13 * n)


@given(arrays(np.float64, 12, elements=COORDINATES), arrays(np.float64, (2, 12), elements=st.floats(-1, 1)))
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("activation", ["linear", "relu"])
def test_structure(activation: str, state: np.ndarray[Any, Any], pair: np.ndarray[Any, Any]) -> None:
    operator = coordinate_hessian(derived(activation), state, m=7)
    matrix = operator.dense()
    size = 1.0 + np.abs(matrix).max()
    u, v = pair
    assert abs(u @ operator.matvec(v) - v @ operator.matvec(u)) <= 1e-13 * size * 12
    assert np.allclose(operator.matvec(u - 2 * v), operator.matvec(u) - 2 * operator.matvec(v), atol=1e-13 * size)
    assert np.allclose(operator.diagonal(), np.diag(matrix), rtol=0.0, atol=1e-13 * size)
    assert operator.trace() == pytest.approx(np.trace(matrix), abs=1e-12 * size)
    off = np.sum(matrix**2) - np.sum(np.diag(matrix) ** 2)
    assert operator.off_diagonal_norm2() == pytest.approx(off, abs=1e-11 * size**2)


def test_many_products_at_once_are_columns() -> None:
    operator = coordinate_hessian(derived("linear"), np.linspace(-1, 1, 6), m=3)
    assert np.array_equal(operator @ np.eye(6), operator.dense())
    assert np.array_equal(operator.T @ np.ones(6), operator @ np.ones(6))


def other(rule: sp.Expr, reductions: tuple[Reduction, ...] = ()) -> UpdateMap:
    kinds = ("batch", "rest", "outside")
    return UpdateMap("other", "linear", c, (eta,), reductions, dict.fromkeys(kinds, rule), {})


eta, c, total = sp.Symbol("eta", positive=True), sp.Symbol("c", real=True), sp.Symbol("S", real=True)


def test_any_gradient_step_has_a_hessian() -> None:
    """L = (sum c)^3 / 6 + sum c^4 / 4 in place of the autoencoder."""
    cubic = other(c - eta * (total**2 / 2 + c**3), (Reduction(total, c, ("batch", "rest", "outside")),))
    state = np.array([0.5, -1.0, 2.0])
    expected = np.full((3, 3), state.sum()) + np.diag(3 * state**2)
    assert np.allclose(coordinate_hessian(cubic, state, m=3).dense() * 3, expected, rtol=1e-15)


def test_what_is_no_gradient_step_is_refused() -> None:
    with pytest.raises(LoweringError, match=r"no step c - eta\*g"):
        derivatives(other(c - eta * c + eta**2 * c))
    everywhere = ("batch", "rest", "outside")
    skew = other(c - eta * total * c**2, (Reduction(total, c, everywhere),))
    with pytest.raises(InputError, match="not symmetric"):
        coordinate_hessian(skew, [1.0, 2.0, -0.5], m=2)
    with pytest.raises(InputError, match="not symmetric"):
        DiagonalPlusLowRank(np.zeros(2), np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"state": [[1.0]]}, r"shape \(1, 1\)"),
        ({"state": [1.0, np.nan]}, "finite"),
        ({"m": 3}, "from 1 to n = 2"),
        ({"m": 0}, r"m is 0 \(int\)"),
        ({"batch": [0, 0]}, "distinct, from 0 to m - 1 = 1"),
        ({"batch": []}, "distinct"),
        ({"batch": [2]}, "distinct"),
        ({"parameters": {"alpha": 1.0}}, "parameter 'alpha': this map needs values of exactly none"),
    ],
)
def test_errors_name_what_was_given(arguments: dict[str, Any], says: str) -> None:
    options: dict[str, Any] = {"state": [1.0, 0.5], "m": 2} | arguments
    with pytest.raises(InputError, match=says):
        coordinate_hessian(derived("linear"), options.pop("state"), **options)
