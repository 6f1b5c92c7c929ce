"""Models of arrays: the derived gradient against SymPy's entry-by-entry one, in exact rational arithmetic."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
import sympy as sp

from theory.derive.reading import Reader, ReadingError
from theory.derive.reverse import array_gradient, gradients
from theory.derive.terms import Kind, T, Terms
from theory.models import ArrayModel, ModelError, array_model, names, structure

MODELS = [
    ("stochastic-quadratic", {}, {"atoms": 1, "p": 3}),
    ("styblinski-tang", {}, {"atoms": 1, "p": 3}),
    ("two-layer-relu-softmax", {}, {"samples": 1, "d": 3, "m": 4, "classes": 2}),
    ("diagonal-linear", {"depth": 1}, {"samples": 1, "d": 3}),
    ("diagonal-linear", {"depth": 3}, {"samples": 1, "d": 2}),
    ("deep-linear", {"depth": 1}, {"samples": 1, "d": 2}),
    ("deep-linear", {"depth": 4}, {"samples": 1, "d": 2}),
    ("low-rank-regression", {}, {"samples": 1, "d": 3, "r": 2}),
]


def sized(model: ArrayModel, sizes: dict[str, int]) -> list[tuple[sp.Symbol, int]]:
    return [(item.symbol, sizes[item.symbol.name]) for item in model.sizes]


def entries(symbol: sp.MatrixSymbol, values: list[tuple[sp.Symbol, int]]) -> sp.Matrix:
    """A matrix of distinct symbols of the size that the symbol takes."""
    rows, columns = (int(sp.sympify(size).subs(values)) for size in symbol.shape)
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{symbol.name}_{i}_{j}", real=True))


def evaluated(terms: Terms, root: int, leaves: dict[sp.MatrixSymbol, sp.Matrix], values) -> dict:
    """Evaluate a node entry by entry: an interpreter of the four kinds, written for this test."""
    known: dict[int, dict[tuple[int, ...], sp.Expr]] = {}
    for place in terms.reachable([root]):
        term = terms[place]
        shape = [int(sp.sympify(size).subs(values)) for size in term.shape]
        points = list(itertools.product(*map(range, shape)))
        if term.kind is Kind.LEAF:
            matrix = leaves[term.leaf]
            flat = dict(zip(itertools.product(*map(range, shape)), matrix, strict=True))
            known[place] = flat
        elif term.kind is Kind.SUM:
            known[place] = {
                p: sum((c * known[a][p] for c, a in zip(term.coefficients, term.args, strict=True)), sp.S.Zero)
                for p in points
            }
        elif term.kind is Kind.MAP:
            known[place] = {p: term.function.subs(T, known[term.args[0]][p]) for p in points}
        else:
            sizes = {axis: int(sp.sympify(size).subs(values)) for axis, size in terms.sizes(place).items()}
            over = [axis for axis in sizes if axis >= term.rank]
            known[place] = {}
            for p in points:
                total = sp.S.Zero
                for q in itertools.product(*(range(sizes[axis]) for axis in over)):
                    at = {**dict(enumerate(p)), **dict(zip(over, q, strict=True))}
                    total += sp.Mul(
                        *(known[a][tuple(at[x] for x in axes)] for a, axes in zip(term.args, term.axes, strict=True))
                    )
                known[place][p] = total
    return known[root]


def rational(index: int) -> sp.Rational:
    """Distinct rationals of both signs."""
    return sp.Rational((-1) ** index * (2 * index + 3), index + 2)


@pytest.mark.parametrize(("name", "form", "sizes"), MODELS, ids=lambda x: str(x))
def test_the_derived_gradient_is_the_entry_by_entry_one(name, form, sizes):
    model = array_model(name, **form)
    values = sized(model, sizes)
    derived = array_gradient(model)
    symbols = sorted(model.loss.atoms(sp.MatrixSymbol), key=lambda s: s.name)
    leaves = {symbol: entries(symbol, values) for symbol in symbols}
    for symbol in model.symmetric:
        leaves[symbol] = leaves[symbol].applyfunc(lambda x: x)
        leaves[symbol] = sp.Matrix(*leaves[symbol].shape, lambda i, j, m=leaves[symbol]: m[min(i, j), max(i, j)])
    free = sorted(set().union(*(m.free_symbols for m in leaves.values())), key=lambda s: s.name)
    point = {symbol: rational(i) for i, symbol in enumerate(free)}
    (((), loss),) = evaluated(derived.terms, derived.loss, leaves, values).items()
    for weight in model.weights:
        found = evaluated(derived.terms, derived.gradients[weight], leaves, values)
        for value, entry in zip(found.values(), leaves[weight], strict=True):
            difference = (value - sp.diff(loss, entry)).subs(point)
            assert sp.simplify(difference) == 0, (weight, entry)


@pytest.mark.parametrize(("name", "form", "sizes"), MODELS, ids=lambda x: str(x))
def test_the_graph_of_the_loss_is_the_loss_that_the_model_states(name, form, sizes):
    model = array_model(name, **form)
    values = sized(model, sizes)
    derived = array_gradient(model)
    leaves = {s: entries(s, values) for s in model.loss.atoms(sp.MatrixSymbol)}
    free = sorted(set().union(*(m.free_symbols for m in leaves.values())), key=lambda s: s.name)
    point = {symbol: rational(i) for i, symbol in enumerate(free)}
    numbers = {s: m.subs(point) for s, m in leaves.items()}
    (((), found),) = evaluated(derived.terms, derived.loss, numbers, values).items()
    stated = model.loss.subs(values)
    for symbol, matrix in numbers.items():
        stated = stated.subs(sp.MatrixSymbol(symbol.name, *matrix.shape), sp.ImmutableMatrix(matrix))
    stated = stated.doit()
    stated = stated.as_explicit()[0] if isinstance(stated, sp.MatrixBase | sp.MatrixExpr) else stated
    assert abs(sp.N(found - stated, 30)) < sp.Float("1e-25", 30)


def test_a_gradient_agrees_with_central_differences_in_rationals():
    # l is a polynomial of degree 3 in each entry at most, so f(x+h) - f(x-h) = 2 h f' + O(h^3), exact for degree 2
    model = array_model("low-rank-regression")
    values = sized(model, {"samples": 1, "d": 2, "r": 1})
    derived = array_gradient(model)
    (weight,) = model.weights
    leaves = {s: entries(s, values) for s in model.loss.atoms(sp.MatrixSymbol)}
    free = sorted(set().union(*(m.free_symbols for m in leaves.values())), key=lambda s: s.name)
    point = {symbol: rational(i) for i, symbol in enumerate(free)}
    (((), loss),) = evaluated(derived.terms, derived.loss, leaves, values).items()
    found = evaluated(derived.terms, derived.gradients[weight], leaves, values)
    h = sp.Rational(1, 10**6)
    for value, entry in zip(found.values(), leaves[weight], strict=True):
        ends = [loss.subs({**point, entry: point[entry] + side * h}) for side in (1, -1)]
        third = sp.diff(loss, entry, 3).subs(point)
        fifth = sp.diff(loss, entry, 5).subs(point)
        assert fifth == 0
        assert (ends[0] - ends[1]) / (2 * h) - third * h**2 / 6 == value.subs(point)


def test_depth_24_is_derived_by_structure():
    shallow = len(array_gradient(array_model("deep-linear", depth=3)).terms.nodes)
    middle = len(array_gradient(array_model("deep-linear", depth=6)).terms.nodes)
    deep = len(array_gradient(array_model("deep-linear", depth=24)).terms.nodes)
    assert deep - middle == 6 * (middle - shallow)  # a fixed number of nodes a layer


def test_the_derivative_of_relu_at_zero_is_one():
    derived = array_gradient(array_model("two-layer-relu-softmax"))
    steps = [t.function for t in derived.terms.nodes if t.kind is Kind.MAP and t.function.has(sp.Piecewise)]
    slope = next(f for f in steps if f.subs(T, 5) == 1)
    assert (slope.subs(T, 0), slope.subs(T, -1)) == (1, 0)


def test_symmetric_data_give_one_product():
    derived = array_gradient(array_model("stochastic-quadratic"))
    (gradient,) = derived.gradients.values()
    assert derived.terms[gradient].coefficients == (1, 1)  # Q theta + r, not (Q + Q^T) theta / 2 + r


@pytest.mark.parametrize("name", [n for n in names() if n != "autoencoder"])
def test_a_model_states_its_assumptions_and_its_source(name):
    model = array_model(name)
    assert model.name == name
    assert model.assumptions
    assert any(paper in model.source for paper in ("patel2018", "oymak2019", "liliang2018", "beneventano2024"))
    used = set(model.loss.atoms(sp.MatrixSymbol))
    assert used <= {*model.weights, *model.samples, *model.shared}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: array_model("deep-liner"), ("deep-liner", "deep-linear")),
        (lambda: array_model("deep-linear", width=3), ("width", "depth")),
        (lambda: array_model("deep-linear", depth=0), ("depth", "0", "at least 1")),
        (lambda: array_model("autoencoder"), ("autoencoder", "own calculus")),
    ],
)
def test_a_wrong_name_is_named(call, words):
    with pytest.raises(ModelError) as error:
        call()
    for word in words:
        assert word in str(error.value)


def test_the_form_of_a_model_has_defaults():
    assert structure("deep-linear") == {"depth": 3}
    assert structure("stochastic-quadratic") == {}


# --- array terms ---------------------------------------------------------------------------------------------------


def test_equal_products_are_one_node():
    terms = Terms()
    a, b = terms.leaf("a", (2, 3)), terms.leaf("b", (3, 2))
    first = terms.contract([(a, (0, 2)), (b, (2, 1))], (2, 2))
    second = terms.contract([(b, (7, 1)), (a, (0, 7))], (2, 2))
    transposed = terms.contract([(b, (2, 0)), (a, (1, 2))], (2, 2))
    assert first == second
    assert first != transposed
    assert terms.contract([(transposed, (1, 0))], (2, 2)) != transposed


def test_a_double_transpose_is_the_array():
    terms = Terms()
    a = terms.leaf("a", (2, 3))
    once = terms.contract([(a, (1, 0))], (3, 2))
    assert terms.contract([(once, (1, 0))], (2, 3)) == a


def test_scalars_leave_a_product_and_zeros_end_it():
    terms = Terms()
    a = terms.leaf("a", (2,))
    double = terms.sum([(sp.Integer(2), a)], (2,))
    square = terms.contract([(double, (0,)), (a, (0,))], ())
    assert terms[square].coefficients == (2,)
    nothing = terms.sum([(sp.S.One, a), (sp.S.NegativeOne, a)], (2,))
    assert terms.is_zero(nothing)
    assert terms.is_zero(terms.contract([(nothing, (0,)), (a, (0,))], ()))


def test_a_summed_axis_along_which_all_factors_repeat_counts_as_often_as_it_is_long():
    terms = Terms()
    m, n = sp.symbols("m n")
    v = terms.leaf("v", (n,))
    rows = terms.contract([(v, (1,))], (m, n))
    assert terms.contract([(rows, (1, 0))], (n,)) == terms.sum([(m, v)], (n,))
    assert terms.contract([(terms.ones((m, n)), (0, 1))], ()) == terms.contract(
        [(terms.ones((m,)), (0,)), (terms.ones((n,)), (1,))], ()
    )
    assert terms.contract([(terms.ones((m,)), (0,))], ()) == terms.sum([(m, terms.ones())], ())
    weighed = terms.contract([(rows, (1, 0)), (terms.leaf("c", (m,)), (1,))], (n,))
    assert terms.multiple(weighed)[0] == 1  # the other factor has the axis


def test_shapes_that_do_not_fit_are_refused():
    terms = Terms()
    a, b = terms.leaf("a", (2,)), terms.leaf("b", (3,))
    with pytest.raises(ValueError, match="size 2 and 3"):
        terms.contract([(a, (0,)), (b, (0,))], ())


def test_an_operation_without_a_term_is_refused():
    X = sp.MatrixSymbol("X", 2, 2)
    terms = Terms()
    reader = Reader(terms, lambda s: terms.leaf(s, s.shape), lambda size: size)
    with pytest.raises(ReadingError, match="Inverse"):
        reader.read(sp.Trace(X.inv()))


def test_the_gradient_of_an_array_is_refused():
    terms = Terms()
    a = terms.leaf("a", (2,))
    with pytest.raises(ValueError, match="number"):
        gradients(terms, a, [a])


def test_maps_of_low_degree_become_sums_and_products():
    terms = Terms()
    a = terms.leaf("a", (2,))
    assert terms[terms.map(2 * T + 1, a)].kind is Kind.SUM
    assert terms[terms.map(T**2, a)].kind is Kind.CONTRACT
    assert terms[terms.map(T**3, a)].kind is Kind.MAP
    assert Fraction(*terms[terms.map(T**3 / 2, a)].coefficients[0].as_numer_denom()) == Fraction(1, 2)
