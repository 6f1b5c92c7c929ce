"""Runs of array models: bits on all targets, the same batches by hand, errors."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from numerics.arrays import explain_arrays, simulate_arrays
from numerics.arrays import setting as runs
from numerics.arrays.blas_target import deferred, evaluate_dense
from numerics.arrays.data import instance
from numerics.arrays.draws import Draws, Sampling, counts_of
from numerics.arrays.interpreter import ROUNDED, step
from numerics.arrays.ir import ETA
from numerics.arrays.jit_draws import fill_rows
from numerics.arrays.source import nearest
from numerics.errors import InputError
from numerics.random import integers, key_of
from theory.models import array_model

SMALL = {
    "stochastic-quadratic": {"atoms": 6, "p": 3},
    "styblinski-tang": {"atoms": 6, "p": 5},
    "diagonal-linear": {"samples": 5, "d": 3, "depth": 3},
    "deep-linear": {"samples": 5, "d": 3, "depth": 2},
    "low-rank-regression": {"samples": 5, "d": 4, "r": 2},
}
LAWS = (("gd", None), ("sgd", 1), ("sgd", 4), ("cyclic", None), ("cyclic", 3), ("epochs", 1))
CASES = [(name, *law) for name in SMALL for law in LAWS]


def values_of(made: runs.Setting, seed: int = 0):
    return instance(made.model, made.sizes, seed)


def entries(array):
    return dict(np.ndenumerate(array))


@pytest.mark.parametrize(("name", "algorithm", "b"), CASES)
def test_numpy_gives_the_bits_of_the_interpreter(name, algorithm, b):
    options = {"parameters": SMALL[name], "algorithm": algorithm, "b": b, "eta": Fraction(1, 50), "seed": 11}
    result = simulate_arrays(name, replicas=2, steps=3, backend="numpy", record="norm", **options)
    made = runs.setting(name, algorithm, b, SMALL[name], 11)
    data = {key: entries(value) for key, value in values_of(made).items()}
    offsets = made.program.offsets()
    for replica in range(2):
        weights = {}
        for key, leaf, _ in made.program.updates:
            shape = tuple(int(s) for s in made.program.terms[leaf].shape)
            flat = result.start[replica, offsets[key] : offsets[key] + int(np.prod(shape))]
            weights[key] = {p: float(x) for p, x in np.ndenumerate(flat.reshape(shape))}
        for t in range(3):
            rows = [int(x) for x in made.draws.rows(range(replica, replica + 1), range(t, t + 1))[0, :, 0]]
            weights = step(
                made.program, ROUNDED, weights, data, rows, lambda c: nearest(c.subs(ETA, sp.Rational(1, 50)))
            )
        flat = np.array([x for key, _, _ in made.program.updates for x in weights[key].values()])
        assert flat.tobytes() == result.final[replica].tobytes()


@pytest.mark.parametrize(
    ("name", "algorithm", "b"),
    [
        ("stochastic-quadratic", "sgd", 1),
        ("stochastic-quadratic", "sgd", 40),
        ("styblinski-tang", "sgd", 3),
        ("diagonal-linear", "sgd", 4),
        ("deep-linear", "gd", None),
        ("low-rank-regression", "cyclic", None),
        ("styblinski-tang", "epochs", 3),
        ("deep-linear", "cyclic", 2),
    ],
)
def test_the_jit_gives_the_bits_of_numpy(name, algorithm, b):
    options = {
        "parameters": SMALL[name],
        "algorithm": algorithm,
        "b": b,
        "eta": Fraction(1, 50),
        "replicas": 37,
        "steps": 9,
        "seed": 5,
        "record": "norm",
        "save": (4,),
    }
    slow, fast = (simulate_arrays(name, backend=backend, **options) for backend in ("numpy", "jit"))
    assert slow.state_digest == fast.state_digest
    assert slow.checkpoints.tobytes() == fast.checkpoints.tobytes()
    assert np.isfinite(slow.final).all()


@pytest.mark.parametrize("backend", ["numpy", "jit"])
def test_chunks_and_threads_change_no_bit(backend):
    digests = {
        simulate_arrays(
            "styblinski-tang",
            parameters={"atoms": 9, "p": 5},
            algorithm="sgd",
            b=3,
            eta=Fraction(1, 1000),
            replicas=70,
            steps=5,
            backend=backend,
            chunk=chunk,
            workers=workers,
            record="norm",
        ).state_digest
        for chunk, workers in ((None, None), (1, 2), (7, 3), (64, 1))
    }
    assert len(digests) == 1


def test_the_jit_has_no_fused_multiply_add(monkeypatch):
    from numerics.arrays import jit_target
    from numerics.targets import jit_cache

    monkeypatch.setenv("GDPROOF_CACHE", "off")  # a function that was loaded from disk has no assembly
    jit_cache._loaded.clear()
    made = runs.setting("styblinski-tang", "sgd", 3, {"atoms": 9, "p": 5})
    jit_target.prepare(made.program, values_of(made), made.draws, lambda c: 0.5)
    (function,) = jit_cache._loaded.values()
    for text in function.inspect_asm().values():
        assert "vfmadd" not in text
        assert "mulpd" in text or "mulsd" in text


@pytest.mark.parametrize("backend", ["numpy", "jit"])
def test_iterates_stay_in_the_box_of_the_model(backend):
    """patel2018, Section 5.2: with large step sizes the iterates converge to the corners of the feasible region."""
    options = {"algorithm": "sgd", "b": 2, "replicas": 20, "steps": 200, "eta": Fraction(1, 2), "backend": backend}
    sizes = {"atoms": 10, "p": 3}
    boxed = simulate_arrays("styblinski-tang", parameters=sizes, save=range(201), **options)
    assert (np.abs(boxed.checkpoints[1:]) <= 5).all()
    assert (np.abs(boxed.final) == 5).mean() > 0.9
    free = simulate_arrays("styblinski-tang", parameters=sizes | {"box": 0}, **options)
    assert not np.isfinite(free.final).all()
    wide = simulate_arrays("styblinski-tang", parameters=sizes | {"box": 7}, **options)
    assert (np.abs(wide.final) == 7).mean() > 0.9


# --- by hand ---------------------------------------------------------------------------------------------------------


def by_hand(name, w, data, rows):
    """Sum of the gradients over a batch, as one would write it."""
    shared = {symbol.name for symbol in array_model(name).shared}
    d = {key: value if key in shared else value[rows] for key, value in data.items()}
    if name == "stochastic-quadratic":
        return [d["Q"].sum(0) @ w[0] + d["r"].sum(0)]
    if name == "styblinski-tang":
        x = w[0]
        return [(2 * d["quartic"] * x**3 + d["square"] * x + d["linear"] / 2).sum(0)]
    if name == "diagonal-linear":
        product = np.prod(w, axis=0)
        residual = product * d["x"] - d["y"]
        others = [np.prod([v for j, v in enumerate(w) if j != i], axis=0) for i in range(len(w))]
        return [(residual * d["x"]).sum(0) * other for other in others]
    if name == "deep-linear":
        layers = [d["x"].T]
        for matrix in w:
            layers.append(matrix @ layers[-1])
        delta, found = layers[-1] - d["y"].T, []
        for matrix, before in zip(reversed(w), reversed(layers[:-1]), strict=True):
            found.append(delta @ before.T)
            delta = matrix.T @ delta
        return found[::-1]
    if name == "low-rank-regression":
        theta = w[0]
        total = np.zeros_like(theta)
        for X, y in zip(d["X"], d["y"], strict=True):
            total += (np.trace(theta.T @ X @ theta) - y) * (X + X.T) @ theta
        return [total]
    z = d["x"] @ w[0].T
    f = np.maximum(z, 0) @ data["A"].T
    p = np.exp(f - f.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return [(((p - d["y"]) @ data["A"]) * (z >= 0)).T @ d["x"]]


@pytest.mark.parametrize("name", [*SMALL, "two-layer-relu-softmax"])
@pytest.mark.parametrize(("algorithm", "b"), [("gd", None), ("sgd", 4), ("cyclic", 2), ("epochs", 1)])
def test_a_run_is_the_loop_that_one_would_write(name, algorithm, b):
    agrees_with_the_loop(name, algorithm, b, SMALL.get(name, {"samples": 7, "d": 4, "m": 6, "classes": 3}))


@pytest.mark.parametrize("name", [*SMALL, "two-layer-relu-softmax"])
@pytest.mark.parametrize("one", ["samples", "others", "all"])
def test_sizes_of_one(name, one):
    sizes = SMALL.get(name, {"samples": 7, "d": 4, "m": 6, "classes": 3})
    first = array_model(name).sizes[0].symbol.name
    small = {"samples": {first}, "others": set(sizes) - {first}, "all": set(sizes)}[one] - {"depth"}
    sizes = {key: 1 if key in small else value for key, value in sizes.items()}
    agrees_with_the_loop(name, "gd", None, sizes)
    agrees_with_the_loop(name, "sgd", 1, sizes)
    model = array_model(name)
    if model.replacement and model.mean:
        agrees_with_the_loop(name, "sgd", 2, sizes)
        agrees_with_the_loop(name, "sgd", 40, sizes)


def agrees_with_the_loop(name, algorithm, b, sizes):
    # 10 steps of at most 1e4 rounded operations an entry on numbers of at most 1e3, in a contraction: 1e8 u < 1e-7
    result = simulate_arrays(
        name, parameters=sizes, algorithm=algorithm, b=b, eta=1 / 64, replicas=3, steps=10, backend="numpy", seed=2
    )
    made = runs.setting(name, algorithm, b, sizes, 2)
    data = values_of(made)
    offsets = made.program.offsets()
    for replica in range(3):
        w = []
        for key, leaf, _ in made.program.updates:
            shape = tuple(int(s) for s in made.program.terms[leaf].shape)
            flat = result.start[replica, offsets[key] : offsets[key] + int(np.prod(shape))]
            w.append(flat.reshape(shape).copy())
        for t in range(10):
            rows = made.draws.rows(range(replica, replica + 1), range(t, t + 1))[0, :, 0]
            scale = len(rows) if made.model.mean else 1
            w = [v - 1 / 64 * g / scale for v, g in zip(w, by_hand(name, w, data, rows), strict=True)]
            w = [np.clip(v, -5, 5) for v in w] if name == "styblinski-tang" else w
        flat = np.concatenate([v.ravel() for v in w])
        assert np.abs(flat - result.final[replica]).max() <= 1e-7 * max(1.0, np.abs(flat).max())


def test_the_observables_are_what_they_say():
    options = {"parameters": {"samples": 7, "d": 4, "m": 6, "classes": 3}, "eta": 0.5, "replicas": 3, "steps": 10}
    result = simulate_arrays("two-layer-relu-softmax", backend="numpy", **options)
    made = runs.setting("two-layer-relu-softmax", "gd", None, options["parameters"])
    data = values_of(made)
    for replica in range(3):
        f = np.maximum(data["x"] @ result.final[replica].reshape(6, 4).T, 0) @ data["A"].T
        loss = np.mean(np.log(np.exp(f).sum(1)) - (f * data["y"]).sum(1))
        # one exponential, logarithm and 20 sums on numbers below 10: 1e3 u
        assert abs(result.observables["loss"][replica] - loss) <= 1e-12
        distance = np.linalg.norm(result.final[replica] - result.start[replica])
        assert abs(result.observables["distance"][replica] - distance) <= 1e-14 * max(1.0, distance)


# --- matrix products -------------------------------------------------------------------------------------------------

NETWORK = {"samples": 40, "d": 7, "m": 9, "classes": 3}


def dense_run(monkeypatch, deferral: int, dtype="float64"):
    from numerics.arrays import blas_target

    monkeypatch.setattr(runs, "DENSE", 0.0)
    monkeypatch.setattr(blas_target, "_DEFERRED", deferral)
    return simulate_arrays(
        "two-layer-relu-softmax",
        parameters=NETWORK,
        algorithm="sgd",
        b=4,
        eta=0.5,
        replicas=2,
        steps=23,
        seed=3,
        dtype=dtype,
    )


def test_deferred_outer_products_change_nothing_but_rounding(monkeypatch):
    # numbers below 10, fewer than 1e4 operations an entry, 23 steps that do not expand by more than 10: 1e6 u < 1e-9
    loops = simulate_arrays(
        "two-layer-relu-softmax",
        parameters=NETWORK,
        algorithm="sgd",
        b=4,
        eta=0.5,
        replicas=2,
        steps=23,
        seed=3,
        backend="numpy",
    )
    assert loops.device == "CPU (NumPy)"
    for deferral in (4, 8, 20, 512):
        found = dense_run(monkeypatch, deferral)
        assert found.device == "CPU (BLAS)"
        assert np.abs(found.final - loops.final).max() <= 1e-9


def test_single_precision_is_close_to_double_precision(monkeypatch):
    # the same bound with the unit roundoff of float32: 1e4 operations on numbers below 10, times 2^-24 = 6e-8
    double, single = dense_run(monkeypatch, 512), dense_run(monkeypatch, 512, "float32")
    assert np.abs(double.final - single.final).max() <= 6e-3
    assert single.final.dtype == np.float64
    assert (single.final.astype(np.float32) == single.final).all()


@pytest.mark.parametrize("name", list(SMALL))
def test_dense_runs_of_all_models_are_the_runs_of_loops(name, monkeypatch):
    options = {"parameters": SMALL[name], "algorithm": "sgd", "b": 4, "eta": Fraction(1, 64), "steps": 6, "replicas": 2}
    loops = simulate_arrays(name, backend="numpy", **options)
    monkeypatch.setattr(runs, "DENSE", 0.0)
    dense = simulate_arrays(name, **options)
    assert dense.device == "CPU (BLAS)"
    assert np.abs(dense.final - loops.final).max() <= 1e-9 * max(1.0, np.abs(loops.final).max())


def test_only_a_weight_that_meets_drawn_data_alone_may_wait():
    network = runs.setting("two-layer-relu-softmax", "sgd", 4, NETWORK)
    assert deferred(network.program) is not None
    for name, sizes in SMALL.items():
        if name != "deep-linear":
            assert deferred(runs.setting(name, "sgd", 4, sizes).program) is None, name
    assert deferred(runs.setting("two-layer-relu-softmax", "gd", None, NETWORK).program) is None


def test_large_scores_do_not_overflow():
    result = simulate_arrays(
        "two-layer-relu-softmax",
        parameters={"samples": 5, "d": 3, "m": 4, "classes": 3},
        init="gaussian:1e6",
        replicas=3,
        steps=3,
        backend="numpy",
    )
    assert np.isfinite(result.final).all()
    assert np.isfinite(result.observables["loss"]).all()


# --- draws and data --------------------------------------------------------------------------------------------------


def test_draws_with_replacement_are_the_integers_of_their_index():
    draws = Draws(Sampling.SGD, 7, 3, True, 99)
    rows = draws.rows(range(4, 9), range(2, 6))
    for t, i, replica in np.ndindex(4, 3, 5):
        index = np.array([(2 + t) * 3 + i], np.uint64)
        assert rows[t, i, replica] == integers(99, np.array([4 + replica], np.uint64), index, 7)[0]
    out = np.empty((12, 5), np.int64)
    k0, k1 = (np.uint64(word) for word in key_of(99))
    fill_rows(out, k0, k1, 6, np.arange(4, 9, dtype=np.uint64), np.uint64(7))
    assert (out.reshape(4, 3, 5) == rows).all()


@pytest.mark.parametrize("atoms", [5, 2**31 + 1, 3 * 2**30])
@pytest.mark.parametrize("first", [0, 3, 8])
def test_compiled_draws_repeat_what_is_rejected(atoms, first):
    """One word in four is rejected for 3 * 2**30 atoms, one in two for 2**31 + 1."""
    out = np.empty((13, 9), np.int64)
    k0, k1 = (np.uint64(word) for word in key_of(5))
    fill_rows(out, k0, k1, first, np.arange(9, dtype=np.uint64), np.uint64(atoms))
    index = np.arange(first, first + 13, dtype=np.uint64)[:, None]
    assert (out == integers(5, np.arange(9, dtype=np.uint64)[None, :], index, atoms)).all()


def test_counts_count():
    rows = Draws(Sampling.SGD, 7, 30, True, 1).rows(range(5), range(1))[0]
    counts = counts_of(rows, 7)
    assert counts.shape == (7, 5)
    for lane in range(5):
        assert (counts[:, lane] == np.bincount(rows[:, lane], minlength=7)).all()


def test_samples_without_replacement_are_distinct():
    rows = Draws(Sampling.SGD, 9, 5, False, 1).rows(range(20), range(10))
    assert all(len(set(rows[t, :, r])) == 5 for t in range(10) for r in range(20))


def test_an_epoch_takes_every_sample_once():
    draws = Draws(Sampling.EPOCHS, 12, 3, False, 5)
    rows = draws.rows(range(30), range(40))
    for epoch in range(10):
        part = np.sort(rows[4 * epoch : 4 * epoch + 4].reshape(12, 30), axis=0)
        assert (part == np.arange(12)[:, None]).all()
    assert (draws.rows(range(4, 9), range(5, 18)) == rows[5:18, :, 4:9]).all()
    assert draws.rows(range(3), range(7, 7)).shape == (0, 3, 3)
    assert (rows[:4] != rows[4:8]).any()


def test_orders_of_an_epoch_are_equally_likely():
    # chi-square with 23 degrees of freedom exceeds 60 with probability 4e-5
    rows = Draws(Sampling.EPOCHS, 4, 1, False, 8).rows(range(6000), range(8))[:, 0]
    for first in (0, 4):
        counts = np.unique(rows[first : first + 4], axis=1, return_counts=True)[1]
        assert len(counts) == 24
        assert ((counts - 250.0) ** 2 / 250.0).sum() < 60


def test_cyclic_order_takes_the_next_samples():
    rows = Draws(Sampling.CYCLIC, 5, 3, False, 0).rows(range(2), range(1, 4))
    assert rows[:, :, 0].tolist() == [[3, 4, 0], [1, 2, 3], [4, 0, 1]]
    assert (rows[:, :, 0] == rows[:, :, 1]).all()


def test_an_instance_satisfies_what_the_model_assumes():
    quadratic = array_model("stochastic-quadratic")
    data = instance(quadratic, {s.symbol: v for s, v in zip(quadratic.sizes, (20, 4), strict=True)}, 5)
    assert (data["Q"] == data["Q"].transpose(0, 2, 1)).all()
    assert np.linalg.eigvalsh(data["Q"]).min() >= -1e-13 * np.abs(data["Q"]).max()
    assert np.allclose(np.einsum("aij,aj->ai", data["Q"], data["s"]), data["r"], rtol=0, atol=1e-13)
    network = array_model("two-layer-relu-softmax")
    data = instance(network, {s.symbol: v for s, v in zip(network.sizes, (20, 4, 3, 5), strict=True)}, 5)
    assert np.abs(np.linalg.norm(data["x"], axis=1) - 1).max() <= 8 * 2.0**-53
    assert (np.sort(data["y"], axis=1)[:, -1] == 1).all()
    assert (data["y"].sum(1) == 1).all()
    signs = array_model("low-rank-regression")
    data = instance(signs, {s.symbol: v for s, v in zip(signs.sizes, (50, 2, 1), strict=True)}, 5)
    assert set(data["y"].tolist()) == {-1.0, 1.0}


def test_samples_do_not_depend_on_how_many_there_are():
    model = array_model("styblinski-tang")
    few, many = ({s.symbol: v for s, v in zip(model.sizes, (n, 3), strict=True)} for n in (4, 9))
    small, large, other = instance(model, few, 1), instance(model, many, 1), instance(model, few, 2)
    for name, table in small.items():
        assert (large[name][:4] == table).all()
        assert (other[name] != table).any()


def test_data_of_the_caller_are_used():
    data = {"Q": np.array([[[2.0]], [[2.0]]]), "r": np.array([[-2.0], [-2.0]])}
    result = simulate_arrays(
        "stochastic-quadratic",
        parameters={"atoms": 2, "p": 1},
        algorithm="sgd",
        eta=Fraction(1, 4),
        steps=3,
        init=np.array([5.0]),
        data=data,
        backend="numpy",
    )
    assert result.final.tolist() == [[1 + 4 * 0.5**3]]
    assert result.as_json()["parameters"]["data"] == "given"


# --- words -----------------------------------------------------------------------------------------------------------


def test_explain_says_what_fired():
    text = "\n".join(explain_arrays("stochastic-quadratic", "sgd", 200))
    assert "finite-support batches as counts: 200 draws with replacement from 200 atoms" in text
    assert "chosen" in text
    assert "BLAS" in explain_arrays("two-layer-relu-softmax", "sgd", 16, d=1000, m=400)[-1]


WRONG = [
    ({"model": "stochastic-quadratc"}, ("stochastic-quadratc", "stochastic-quadratic")),
    ({"parameters": {"q": 3}}, ("'q'", "atoms", "p", "eta")),
    ({"parameters": {"p": 0}}, ("p", "dimension", "0", "at least 1")),
    ({"parameters": {"p": 2.5}}, ("2.5", "integer")),
    ({"eta": 0}, ("eta", "0", "positive")),
    ({"eta": float("nan")}, ("eta", "nan")),
    ({"eta": "fast"}, ("eta", "fast")),
    ({"eta": 10**999}, ("eta", "too large")),
    ({"eta": Fraction(10**999)}, ("eta", "too large")),
    ({"init": np.ones(10) * 1j}, ("init", "(10,)")),
    ({"algorithm": "sgd", "b": 2**31}, ("2147483648", "4194304")),
    ({"algorithm": "adam"}, ("adam", "sgd")),
    ({"algorithm": "sgd", "b": 0}, ("b", "0")),
    ({"algorithm": "gd", "b": 3}, ("b is 3", "'gd'", "sgd")),
    ({"algorithm": "epochs", "b": 3}, ("b is 3", "200", "divide")),
    ({"algorithm": "cyclic", "b": 201}, ("201", "200")),
    ({"replicas": 0}, ("replicas", "0")),
    ({"steps": -1}, ("steps", "-1")),
    ({"seed": -1}, ("seed", "-1")),
    ({"backend": "abacus"}, ("abacus", "numpy")),
    ({"dtype": "float16"}, ("float16", "float32")),
    ({"record": ["bogus"]}, ("bogus", "loss")),
    ({"save": [7, 1000]}, ("1000", "steps")),
    ({"init": "uniform:1"}, ("uniform:1", "gaussian:SIGMA")),
    ({"init": np.zeros(4)}, ("(4,)", "(10,)")),
    ({"init": np.full(10, np.inf)}, ("finite",)),
    ({"data": {"Q": np.zeros((200, 10, 10))}}, ("no array r", "(200, 10)")),
    ({"data": {"Q": np.zeros((2, 10, 10)), "r": np.zeros((200, 10))}}, ("Q", "(2, 10, 10)", "(200, 10, 10)")),
    ({"data": {"Q": np.tri(10)[None].repeat(200, 0), "r": np.zeros((200, 10))}}, ("Q", "symmetric")),
    ({"data": {"P": np.zeros(3)}}, ("'P'", "Q", "r")),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=lambda x: str(x)[:60])
def test_a_run_without_a_meaning_is_named(change, words):
    options = {"model": "stochastic-quadratic", "steps": 10, "backend": "numpy", **change}
    with pytest.raises(InputError) as error:
        simulate_arrays(options.pop("model"), **options)
    for word in words:
        assert word in str(error.value)


def test_dense_evaluation_of_a_contraction_that_is_no_matrix_product():
    from theory.derive.terms import Terms

    terms = Terms()
    a, b = terms.leaf("a", (2, 3)), terms.leaf("b", (2, 3))
    place = terms.contract([(a, (0, 1)), (b, (0, 1))], (2,))
    x, y = np.arange(6.0).reshape(2, 3), np.arange(6.0, 12.0).reshape(2, 3)
    assert (evaluate_dense(terms, [place], {a: x, b: y}, float)[place] == (x * y).sum(1)).all()
