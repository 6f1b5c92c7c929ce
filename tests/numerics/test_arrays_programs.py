"""Array programs: every form of a step is the same step, exactly; the passes that fire are the ones that should."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from written_models import WRITTEN

from numerics.arrays.interpreter import EXACT, ROUNDED, step
from numerics.arrays.ir import ETA, Batch, Form, Leaf, Program, Role, cost
from numerics.arrays.plan import compile_model
from numerics.arrays.source import nearest
from numerics.arrays.total import Style
from numerics.errors import LoweringError
from theory.models import ArrayModel, array_model

POLYNOMIAL = [
    ("stochastic-quadratic", {}, {"atoms": 3, "p": 2}),
    ("styblinski-tang", {"box": 0}, {"atoms": 3, "p": 2}),
    ("diagonal-linear", {"depth": 3}, {"samples": 3, "d": 2}),
    ("deep-linear", {"depth": 1}, {"samples": 3, "d": 2}),
    ("deep-linear", {"depth": 3}, {"samples": 3, "d": 2}),
    ("low-rank-regression", {}, {"samples": 3, "d": 2, "r": 2}),
]
BATCHES = [
    (Form.ROWS, (1,)),
    (Form.ROWS, (2, 0, 2, 2, 1)),
    (Form.COUNTS, (2, 0, 2, 2, 1)),
    (Form.COUNTS, (1, 1)),
    (Form.ALL, (0, 1, 2)),
]


def sized(model: ArrayModel, sizes: dict[str, int]) -> dict[sp.Symbol, int]:
    return {item.symbol: sizes[item.symbol.name] for item in model.sizes}


def model_of(name, form) -> ArrayModel:
    return WRITTEN.get(name) or array_model(name, **form)


def program(name, form, sizes, batch: Form, rows, style: Style | None) -> Program:
    model = model_of(name, form)
    values = sized(model, sizes)
    return compile_model(model, values, Batch(batch, values[model.sizes[0].symbol], len(rows), True), style)


def filled(shape, start: int):
    """Distinct small rationals of both signs."""
    points = itertools.product(*map(range, shape))
    return {p: Fraction((-1) ** i * (start + i), 3 + (start + 2 * i) % 5) for i, p in enumerate(points)}


def given(model: ArrayModel, sizes: dict[str, int]):
    """Rational weights and data of the sizes of a model."""
    values = sized(model, sizes)
    atoms = values[model.sizes[0].symbol]

    def shape(symbol):
        return tuple(int(sp.sympify(s).subs(list(values.items()))) for s in symbol.shape if s != 1)

    weights = {w.name: filled(shape(w), 2 + i) for i, w in enumerate(model.weights)}
    data = {}
    for i, symbol in enumerate([*model.samples, *model.shared]):
        lead = (atoms,) if symbol in model.samples else ()
        table = filled((*lead, *shape(symbol)), 5 + i)
        if symbol in model.symmetric:
            table = {p: table[(*p[:-2], *sorted(p[-2:]))] for p in table}
        data[symbol.name] = table
    return weights, data


def exact(c: sp.Expr) -> Fraction:
    value = sp.sympify(c).subs(ETA, sp.Rational(1, 7))
    return Fraction(int(value.p), int(value.q))


def by_definition(model: ArrayModel, sizes, weights, data, rows):
    """The step from the stated loss: SymPy differentiates it entry by entry, sample by sample."""
    values = list(sized(model, sizes).items())
    symbols = {s: sp.MatrixSymbol(s.name, *(sp.sympify(x).subs(values) for x in s.shape)) for s in model.weights}
    explicit = {s: symbols[s].as_explicit() for s in symbols}
    changes = {s: sp.zeros(*explicit[s].shape) for s in symbols}
    point = {}
    for s, matrix in explicit.items():
        numbers = list(weights[s.name].values())
        point.update({entry: sp.Rational(x.numerator, x.denominator) for entry, x in zip(matrix, numbers, strict=True)})
    for row in rows:
        loss = model.loss.subs(values)
        for symbol in model.loss.atoms(sp.MatrixSymbol) - set(model.weights):
            shape = [int(sp.sympify(x).subs(values)) for x in symbol.shape]
            table = data[symbol.name]
            own = [table[p] for p in table if symbol in model.shared or p[0] == row]
            matrix = sp.ImmutableMatrix(*shape, [sp.Rational(x.numerator, x.denominator) for x in own])
            loss = loss.subs(sp.MatrixSymbol(symbol.name, *shape), matrix)
        loss = loss.doit()
        loss = loss.as_explicit()[0] if isinstance(loss, sp.MatrixBase | sp.MatrixExpr) else loss
        loss = sp.sympify(loss).subs({symbols[s]: explicit[s] for s in symbols}).doit()
        for s in symbols:
            changes[s] += explicit[s].applyfunc(lambda e, loss=loss: sp.diff(loss, e).subs(point))
    scale = sp.Rational(1, 7) / (len(rows) if model.mean else 1)
    result = {}
    for s in symbols:
        new = explicit[s].subs(point) - scale * changes[s]
        result[s.name] = [Fraction(int(x.p), int(x.q)) for x in new]
    return result


@pytest.mark.parametrize(
    ("name", "form", "sizes"),
    [*POLYNOMIAL, *((name, {}, {"N": 3, "p": 2, "q": 2}) for name in WRITTEN)],
    ids=lambda x: str(x),
)
def test_every_form_of_a_step_is_the_step_of_the_loss_in_rationals(name, form, sizes):
    model = model_of(name, form)
    weights, data = given(model, sizes)
    for batch, rows in BATCHES:
        expected = by_definition(model, sizes, weights, data, rows)
        for style in Style:
            made = program(name, form, sizes, batch, rows, style)
            found = step(made, EXACT, weights, data, rows, exact)
            assert {w: list(v.values()) for w, v in found.items()} == expected, (batch, style)


@pytest.mark.parametrize(("name", "form", "sizes"), POLYNOMIAL, ids=lambda x: str(x))
def test_counts_equal_draw_by_draw_exactly(name, form, sizes):
    model = array_model(name, **form)
    weights, data = given(model, sizes)
    rows = (0, 2, 2, 1, 0, 0, 2)
    for style in Style:
        drawn, counted = (program(name, form, sizes, f, rows, style) for f in (Form.ROWS, Form.COUNTS))
        assert step(drawn, EXACT, weights, data, rows, exact) == step(counted, EXACT, weights, data, rows, exact)


def test_counts_equal_draw_by_draw_within_the_bound_of_summation():
    # Sums of k terms in doubles, whatever the order, differ by at most 2 (k + 8) u times the sum of absolute values
    # (N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., Section 4.2); here p products on top.
    sizes = {"atoms": 5, "p": 4}
    model = array_model("stochastic-quadratic")
    generator = np.random.default_rng(3)
    rows = tuple(int(x) for x in generator.integers(0, 5, 40))
    theta, table = generator.normal(size=4), generator.normal(size=(5, 4, 4))
    data = {
        "Q": dict(np.ndenumerate(table + table.transpose(0, 2, 1))),
        "r": dict(np.ndenumerate(generator.normal(size=(5, 4)))),
    }
    weights = {"theta": {(i,): x for i, x in enumerate(theta)}}
    news = []
    for form in (Form.ROWS, Form.COUNTS):
        made = compile_model(model, sized(model, sizes), Batch(form, 5, 40, True), Style.FACTORED)
        news.append(step(made, ROUNDED, weights, data, rows, lambda c: nearest(c.subs(ETA, sp.Rational(1, 7)))))
    size = max(abs(x) for x in data["Q"].values()) * np.abs(theta).sum() + max(abs(x) for x in data["r"].values())
    bound = 2 * (40 + 8 + 4 + 8) * 2.0**-53 * (np.abs(theta).max() + size)
    assert max(abs(news[0]["theta"][i,] - news[1]["theta"][i,]) for i in range(4)) <= bound


# --- passes ----------------------------------------------------------------------------------------------------------


def lines(name, batch: Form, k: int, replacement: bool = True, form=None, **sizes):
    model = array_model(name, **(form or {}))
    values = {s.symbol: sizes.get(s.symbol.name, s.default) for s in model.sizes}
    atoms = values[model.sizes[0].symbol]
    return compile_model(model, values, Batch(batch, atoms, atoms if batch is Form.ALL else k, replacement))


def fired(made: Program) -> set[str]:
    return {line.split(":")[0] for line in made.explain}


def test_many_draws_from_few_atoms_become_counts():
    made = lines("stochastic-quadratic", Form.ROWS, 200)
    assert made.batch.form is Form.COUNTS
    assert "finite-support batches as counts" in fired(made)
    assert lines("stochastic-quadratic", Form.ROWS, 1).batch.form is Form.ROWS
    assert lines("stochastic-quadratic", Form.ROWS, 200, replacement=False).batch.form is Form.ROWS


def test_full_batches_are_sums_of_constants():
    made = lines("stochastic-quadratic", Form.ALL, 0)
    small, large = (lines("stochastic-quadratic", Form.ALL, 0, atoms=j) for j in (10, 1000))
    assert "constants of the run" in fired(made)
    assert cost(small.terms, small.roots()) == cost(large.terms, large.roots())


def test_moments_make_a_full_batch_step_of_a_linear_network_free_of_the_sample_count():
    small, large = (lines("deep-linear", Form.ALL, 0, form={"depth": 3}, samples=s) for s in (100, 10000))
    assert large.style == Style.EXPANDED
    assert cost(small.terms, small.roots()) == cost(large.terms, large.roots())


def test_products_of_weights_are_shared_by_all_samples_and_layers():
    made = [lines("deep-linear", Form.ALL, 0, form={"depth": depth}, samples=10**4, d=6) for depth in (6, 12, 24)]
    nodes = [len(m.step_nodes()) for m in made]
    assert nodes[2] - nodes[1] == 2 * (nodes[1] - nodes[0])  # a fixed number a layer, not one a pair of layers
    assert all(m.terms[p].shape == (6, 6) for m in made for p in m.step_nodes())


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("styblinski-tang", {}, True),
        ("diagonal-linear", {"depth": 3}, True),
        ("stochastic-quadratic", {}, False),
        ("deep-linear", {}, False),
        ("low-rank-regression", {}, False),
        ("two-layer-relu-softmax", {}, False),
    ],
)
def test_coordinates_that_never_mix_are_recognised(name, form, expected):
    for batch, k in ((Form.ROWS, 1), (Form.ROWS, 5), (Form.ALL, 0)):
        made = lines(name, batch, k, form=form)
        assert made.decoupled is expected
        assert ("diagonal decoupling" in fired(made)) is expected


def test_the_projection_onto_a_box_follows_the_step_in_rationals():
    model = array_model("styblinski-tang", box=1)
    sizes, rows = {"atoms": 3, "p": 2}, (2, 0)
    weights, data = given(model, sizes)
    weights = {"x": {p: 30 * value for p, value in weights["x"].items()}}
    free = by_definition(array_model("styblinski-tang", box=0), sizes, weights, data, rows)
    assert any(abs(value) > 1 for value in free["x"])
    for style in Style:
        made = program("styblinski-tang", {"box": 1}, sizes, Form.ROWS, rows, style)
        found = step(made, EXACT, weights, data, rows, exact)
        assert list(found["x"].values()) == [max(Fraction(-1), min(Fraction(1), value)) for value in free["x"]]
        assert "box" in fired(made)


def test_an_exponential_is_refused_by_the_exact_oracle():
    model = array_model("two-layer-relu-softmax")
    sizes = {"samples": 2, "d": 2, "m": 2, "classes": 2}
    weights, data = given(model, sizes)
    made = compile_model(model, sized(model, sizes), Batch(Form.ROWS, 2, 1, False))
    with pytest.raises(LoweringError, match="exp"):
        step(made, EXACT, weights, data, (1,), exact)


def test_the_quotient_of_exponentials_is_shifted():
    made = lines("two-layer-relu-softmax", Form.ROWS, 4, replacement=False)
    assert "stable exponentials" in fired(made)
    exponential = next(t for t in made.terms.nodes if t.function == sp.exp(sp.Symbol("t", real=True)) and t.args)
    assert exponential is not None


def test_the_textual_form_names_every_leaf_and_the_digest_follows_it():
    made, other = lines("stochastic-quadratic", Form.ROWS, 1), lines("stochastic-quadratic", Form.ROWS, 1, p=11)
    text = made.text()
    assert "rows Q : 10x10" in text
    assert "theta <- " in text
    assert made.digest() != other.digest()
    assert made.digest() == lines("stochastic-quadratic", Form.ROWS, 1).digest()
    leaves = {t.leaf for t in (made.terms[p] for p in made.terms.reachable(made.roots())) if t.leaf}
    assert Leaf("theta", Role.STATE) in leaves
