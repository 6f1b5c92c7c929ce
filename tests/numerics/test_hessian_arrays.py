"""Hessians of array models: against SymPy's entries, closed forms, and differences of the derived gradient."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import sympy as sp

from numerics.errors import InputError, NumericsError
from numerics.hessian import array_hessian, eigenvalues, exact_trace
from numerics.hessian.arrays import hessian_product
from theory.derive.reverse import ArrayGradient, array_gradient
from theory.models import array_model

RNG = np.random.Generator(np.random.PCG64(3))
FORMS: list[tuple[str, dict[str, int], dict[str, int]]] = [
    ("stochastic-quadratic", {}, {"atoms": 3, "p": 4}),
    ("styblinski-tang", {}, {"atoms": 3, "p": 5}),
    ("deep-linear", {"depth": 2}, {"samples": 2, "d": 2}),
    ("deep-linear", {"depth": 3}, {"samples": 1, "d": 2}),
    ("diagonal-linear", {}, {}),
    ("low-rank-regression", {}, {}),
    ("two-layer-relu-softmax", {}, {"samples": 2, "d": 2, "m": 2, "classes": 2}),
]
IDS = [f"{name}-{'-'.join(map(str, form.values()))}" for name, form, _ in FORMS]


@cache
def derived(name: str, form: tuple[tuple[str, int], ...]) -> ArrayGradient:
    return array_gradient(array_model(name, **dict(form)))


class Instance:
    """A model with small sizes and random arrays; symmetric data are symmetric."""

    def __init__(self, name: str, form: dict[str, int], chosen: dict[str, int]) -> None:
        self.derived = derived(name, tuple(form.items()))
        self.model = self.derived.model
        self.sizes = {size.symbol: chosen.get(size.symbol.name, 2) for size in self.model.sizes}
        self.count = self.sizes[self.model.sizes[0].symbol]
        self.weights = {s.name: self.draw(s) for s in self.model.weights}
        self.shared = {s.name: self.draw(s) for s in self.model.shared}
        self.samples = {s.name: np.array([self.draw(s) for _ in range(self.count)]) for s in self.model.samples}

    def draw(self, symbol: sp.MatrixSymbol) -> np.ndarray[Any, Any]:
        array = RNG.normal(size=[int(sp.sympify(size).subs(self.sizes)) for size in symbol.shape])
        return (array + array.T) / 2 if symbol in self.model.symmetric else array

    def operator(self) -> Any:
        return array_hessian(self.derived, self.sizes, self.weights, self.samples, self.shared)

    def written(self) -> np.ndarray[Any, Any]:
        """Entry by entry: SymPy's derivatives of the explicit loss, mean over the samples."""
        placed: dict[sp.MatrixSymbol, sp.Matrix] = {}
        unknowns: list[sp.Symbol] = []
        for symbol in self.model.weights:
            entries = sp.Matrix(*self.weights[symbol.name].shape, lambda i, j, s=symbol: sp.Symbol(f"{s}_{i}_{j}"))
            placed[symbol] = entries
            unknowns += list(entries)
        placed |= {symbol: sp.Matrix(self.shared[symbol.name]) for symbol in self.model.shared}
        total = sp.S.Zero
        for sample in range(self.count):
            data = {symbol: sp.Matrix(self.samples[symbol.name][sample]) for symbol in self.model.samples}
            arrays = {symbol.subs(self.sizes): matrix for symbol, matrix in {**placed, **data}.items()}
            explicit = self.model.loss.subs(self.sizes).subs(arrays).doit()
            total += explicit[0, 0] if hasattr(explicit, "shape") else explicit
        at = np.concatenate([self.weights[symbol.name].reshape(-1) for symbol in self.model.weights])
        entries = sp.hessian(total / self.count, unknowns)
        return np.array(sp.lambdify(unknowns, entries, "numpy")(*at), float)


@pytest.mark.parametrize(("name", "form", "chosen"), FORMS, ids=IDS)
def test_it_is_the_hessian_of_the_written_loss(name: str, form: dict[str, int], chosen: dict[str, int]) -> None:
    instance = Instance(name, form, chosen)
    expected, found = instance.written(), instance.operator().dense()
    assert np.abs(found).max() > 0.01
    # sums of at most 100 products of numbers up to about 10, each rounded to 1.2e-16
    assert np.abs(found - expected).max() <= 1e-12 * max(1.0, np.abs(expected).max())
    assert np.abs(found - found.T).max() <= 1e-12 * max(1.0, np.abs(expected).max())


def test_the_hessian_of_a_stochastic_quadratic_is_the_mean_matrix() -> None:
    instance = Instance("stochastic-quadratic", {}, {"atoms": 7, "p": 60})
    mean = instance.samples["Q"].mean(axis=0)
    operator = instance.operator()
    assert exact_trace(operator) == pytest.approx(np.trace(mean), rel=1e-13)
    found = eigenvalues(operator, 2)
    assert np.all(abs(found.values - np.linalg.eigvalsh(mean)[:-3:-1]) <= found.residuals + 1e-13)


def test_depth_costs_a_multiple_of_the_loss() -> None:
    """The graph of the product grows linearly with the depth, as that of the gradient does."""
    grown = []
    for depth in (6, 12, 24):
        gradient = array_gradient(array_model("deep-linear", depth=depth))
        before = len(gradient.terms.nodes)
        made = hessian_product(gradient)
        grown.append((before, len(made.terms.nodes)))
    assert all(after <= 12 * before for before, after in grown)
    assert grown[2][1] - grown[1][1] <= 2.2 * (grown[1][1] - grown[0][1])


def test_a_relu_network_is_positive_semidefinite_in_its_trained_layer() -> None:
    """Between kinks the outputs are linear in W and the softmax loss is convex in the outputs."""
    instance = Instance("two-layer-relu-softmax", {}, {"samples": 6, "d": 3, "m": 4, "classes": 3})
    operator = instance.operator()
    assert eigenvalues(operator, 1, "smallest").values[0] >= -1e-13
    assert eigenvalues(operator, 1).values[0] > 0.01


def test_large_logits_do_not_overflow() -> None:
    """The softmax depends on differences of the outputs: one constant more in each changes no product."""
    products = []
    for scale in (1.0, 1000.0):  # outputs (2 scale, 2 scale), both neurons active
        instance = Instance("two-layer-relu-softmax", {}, {"samples": 2, "d": 2, "m": 2, "classes": 2})
        instance.weights["W"] = np.full((2, 2), scale)
        instance.shared["A"] = np.eye(2)
        instance.samples["x"] = np.ones((2, 2, 1))
        instance.samples["y"] = np.eye(2)[:, :, None]
        products.append(instance.operator().matvec(np.array([1.0, -2.0, 0.5, 3.0])))
    assert np.abs(products[0]).max() > 0.1
    assert (products[0] == products[1]).all()


def test_an_overflow_is_an_error_and_no_number() -> None:
    """Products of weights of 1e200 are beyond the doubles."""
    instance = Instance("deep-linear", {"depth": 3}, {"samples": 1, "d": 2})
    instance.weights = {name: np.full((2, 2), 1e200) for name in instance.weights}
    with np.errstate(all="ignore"), pytest.raises(NumericsError, match="not finite"):
        instance.operator().matvec(np.ones(12))


def test_arrays_that_do_not_fit_are_named() -> None:
    instance = Instance("deep-linear", {"depth": 2}, {"samples": 2, "d": 3})
    given = instance.derived, instance.sizes
    with pytest.raises(InputError, match=r"no array 'W2' was given; needed is one of shape \(3, 3\)"):
        array_hessian(*given, {"W1": np.eye(3)}, instance.samples)
    with pytest.raises(InputError, match=r"array 'W1' has shape \(9,\); needed is \(3, 3\)"):
        array_hessian(*given, {"W1": np.ones(9), "W2": np.eye(3)}, instance.samples)
    with pytest.raises(InputError, match="no array 'x' was given"):
        array_hessian(*given, instance.weights, {})
    wrong = {**instance.samples, "x": np.ones((4, 2))}
    with pytest.raises(InputError, match=r"array 'x' has shape \(4, 2\); needed is \(4, 3\)"):
        array_hessian(*given, instance.weights, wrong)
