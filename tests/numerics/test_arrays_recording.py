"""Observables along runs of array models: segments change no bit, and what is recorded is what it says."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics.arrays import DEFAULT, OBSERVABLES, simulate_arrays
from numerics.arrays import setting as runs
from numerics.arrays.chunks import advance_all
from numerics.arrays.data import instance
from numerics.arrays.loss import MeanLoss
from numerics.errors import InputError
from numerics.replay.array_map import ExactArrays
from numerics.result import RunResult
from numerics.targets.exact import Rational

SMALL = {
    "stochastic-quadratic": {"atoms": 6, "p": 3},
    "styblinski-tang": {"atoms": 6, "p": 5},
    "diagonal-linear": {"samples": 6, "d": 3, "depth": 3},
    "deep-linear": {"samples": 6, "d": 3, "depth": 2},
    "low-rank-regression": {"samples": 6, "d": 4, "r": 2},
    "two-layer-relu-softmax": {"samples": 6, "d": 4, "m": 5, "classes": 3},
}
ALL = (*OBSERVABLES, "max:loss", "max:norm", "first:distance>=0.05")


def small(name: str, algorithm: str = "sgd", **changes: Any) -> RunResult:
    options: dict[str, Any] = {
        "parameters": SMALL[name],
        "algorithm": algorithm,
        "b": None if algorithm == "gd" else 2,
        "eta": Fraction(1, 50),
        "replicas": 9,
        "steps": 12,
        "seed": 5,
        "backend": "numpy",
    }
    return simulate_arrays(name, **{**options, **changes})


@pytest.mark.parametrize("algorithm", ["gd", "sgd", "epochs", "cyclic"])
@pytest.mark.parametrize("name", list(SMALL))
def test_what_is_recorded_changes_no_bit_of_the_run(name: str, algorithm: str) -> None:
    """Stops fall inside epochs of three steps; maxima stop after every step."""
    plain = small(name, algorithm, record="norm")
    for options in ({"at": (0, 1, 4, 5, 12), "record": ALL}, {"at": (7,)}, {"save": (2, 11)}, {"record": "max:norm"}):
        assert small(name, algorithm, **options).state_digest == plain.state_digest


@pytest.mark.parametrize(
    ("name", "algorithm"),
    [("stochastic-quadratic", "sgd"), ("styblinski-tang", "epochs"), ("deep-linear", "gd"), ("diagonal-linear", "sgd")],
)
def test_targets_and_chunks_record_equal_bits(name: str, algorithm: str) -> None:
    options: dict[str, Any] = {"at": range(0, 13, 4), "record": ALL, "replicas": 70}
    first = small(name, algorithm, **options)
    for change in ({"backend": "jit"}, {"chunk": 1, "workers": 2}, {"chunk": 33, "workers": 3, "backend": "jit"}):
        other = small(name, algorithm, **options, **change)
        for kind in ("along", "observables"):
            for key, values in getattr(first, kind).items():
                assert values.tobytes() == getattr(other, kind)[key].tobytes(), (change, kind, key)


@pytest.mark.parametrize("name", list(SMALL))
def test_what_is_along_a_run_is_what_shorter_runs_end_with(name: str) -> None:
    long = small(name, at=(0, 3, 12), record=OBSERVABLES)
    assert long.at.tolist() == [0, 3, 12]
    for place, steps in enumerate((0, 3, 12)):
        short = small(name, steps=steps, record=OBSERVABLES)
        for key in OBSERVABLES:
            assert long.along[key][place].tobytes() == short.observables[key].tobytes()


def test_maxima_and_first_passages_are_those_of_the_whole_trajectory() -> None:
    record = [f"max:{q}" for q in ("loss", "norm", "norm2", "distance")] + ["first:distance>=0.05", "first:loss>=1e9"]
    run = small("stochastic-quadratic", at=range(13), record=[*OBSERVABLES, *record, "first:norm>=0"])
    for quantity in ("loss", "norm", "norm2", "distance"):
        assert (run.observables[f"max:{quantity}"] == run.along[quantity].max(axis=0)).all()
    far = run.along["distance"] >= 0.05
    assert (run.observables["first:distance>=0.05"] == np.where(far.any(axis=0), far.argmax(axis=0), -1)).all()
    assert len(set(run.observables["first:distance>=0.05"])) > 1
    assert (run.observables["first:loss>=1e9"] == -1).all()
    assert (run.observables["first:norm>=0"] == 0).all()


def test_the_json_has_a_summary_a_step_of_the_form_at_the_end(tmp_path: Path) -> None:
    run = small("deep-linear", at=(12, 0, 6, 6))
    answer = run.as_json()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert answer["at"] == [0, 6, 12]
    assert set(answer["along"]) == set(DEFAULT)
    for name in DEFAULT:
        assert answer["along"][name][-1] == answer["summary"][name]
        assert len(answer["along"][name]) == 3
    assert "at" not in small("deep-linear").as_json()
    run.save_npz(tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz") as kept:
        assert kept["at"].tolist() == [0, 6, 12]
        assert kept["along:loss"].shape == (3, 9)


def test_a_run_that_overflows_has_equal_bits_on_all_targets() -> None:
    """A sum of products is inf - inf somewhere; the sign of the NaN is the processor's affair."""
    options: dict[str, Any] = {"eta": 1e200, "save": range(13), "at": range(13), "record": ALL}
    slow, fast = (small("deep-linear", backend=backend, **options) for backend in ("numpy", "jit"))
    assert np.isnan(slow.checkpoints).any()
    assert slow.checkpoints.tobytes() == fast.checkpoints.tobytes()
    assert slow.along["loss"].tobytes() == fast.along["loss"].tobytes()
    assert (slow.observables["max:norm"] == fast.observables["max:norm"]).all()
    assert slow.as_json()["along"]["norm"][-1]["finite"] == 0


# --- the mean loss ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize("name", [name for name in SMALL if name != "two-layer-relu-softmax"])
def test_the_mean_loss_is_that_of_the_stated_losses_in_rationals(
    name: str, dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = runs.setting(name, "gd", None, SMALL[name])
    data = instance(made.model, made.sizes, 3)
    if dense:
        monkeypatch.setattr("numerics.arrays.loss.DENSE", 0.0)
    loss = MeanLoss(made, data)
    assert loss.dense is dense
    states = np.random.default_rng(2).normal(size=(5, made.program.dimension))
    for state, found in zip(states, loss(states), strict=True):
        start = [Fraction(float(x)) for x in state]
        parts, arithmetic = ExactArrays(made, data, Rational(), Fraction(1), start), Rational()
        exact = parts.quantity("loss", [arithmetic.constant(x) for x in start], ())
        # at most 1e3 operations on numbers below 1e3 in size: 1e6 u < 1e-9
        assert abs(float(exact) - found) <= 1e-9
    assert (loss(states)[2:4] == loss(states[2:4])).all()
    assert (loss(states[3:4]) == loss(states)[3:4]).all()


def test_data_are_summed_first_where_that_is_less_work() -> None:
    quadratic = runs.setting("stochastic-quadratic", "gd", None, {"atoms": 50, "p": 4})
    loss = MeanLoss(quadratic, instance(quadratic.model, quadratic.sizes, 0))
    many = runs.setting("stochastic-quadratic", "gd", None, {"atoms": 500, "p": 4})
    assert loss.cost == MeanLoss(many, instance(many.model, many.sizes, 0)).cost < 100
    network = runs.setting("two-layer-relu-softmax", "gd", None, {})
    assert MeanLoss(network, instance(network.model, network.sizes, 0)).cost > 64 * 16 * 8


def test_a_loss_at_its_minimum_is_zero() -> None:
    """Moments would leave a difference of numbers of the size of the data."""
    x = np.random.default_rng(0).normal(size=(30, 3))
    data = {"x": x, "y": x}
    run = simulate_arrays(
        "deep-linear",
        parameters={"samples": 30, "d": 3, "depth": 2},
        data=data,
        init=np.tile(np.eye(3).ravel(), 2),
        steps=3,
        backend="numpy",
        record=["loss", "max:loss"],
        at=(0, 3),
    )
    assert run.along["loss"].tolist() == [[0.0], [0.0]]


@pytest.mark.parametrize("lanes", [1, 3, 1 << 20])
def test_blocks_of_states_change_no_bit_of_the_loss(lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "two-layer-relu-softmax"
    made = runs.setting(name, "gd", None, SMALL[name])
    data = instance(made.model, made.sizes, 3)
    states = np.random.default_rng(2).normal(size=(11, made.program.dimension))
    expected = MeanLoss(made, data)(states)
    monkeypatch.setattr("numerics.arrays.loss._ENTRIES", 30 * lanes)
    assert MeanLoss(made, data)(states).tobytes() == expected.tobytes()


# --- the loop --------------------------------------------------------------------------------------------------------


def test_a_run_that_records_nothing_is_one_call_a_chunk() -> None:
    calls: list[tuple[int, int, int]] = []

    def advance(state: Any, replicas: range, steps: range) -> None:
        calls.append((replicas.start, steps.start, steps.stop))

    advance_all(advance, np.zeros((10, 2)), range(100), 4, 1)
    assert calls == [(0, 0, 100), (4, 0, 100), (8, 0, 100)]
    calls.clear()
    advance_all(advance, np.zeros((10, 2)), range(100), 10, 1, (30, 100), lambda *seen: None)
    assert calls == [(0, 0, 30), (0, 30, 100)]


def test_after_an_error_no_further_chunk_begins() -> None:
    begun: list[int] = []

    def advance(state: Any, replicas: range, steps: range) -> None:
        begun.append(replicas.start)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance_all(advance, np.zeros((1000, 2)), range(5), 1, 2)
    assert len(begun) <= 2


def test_an_epoch_is_drawn_once_whatever_the_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    from numerics.arrays import draws

    drawn: list[int] = []
    whole = draws.permutations

    def counted(seed: int, who: Any, epoch: int, atoms: int) -> Any:
        drawn.append(epoch)
        return whole(seed, who, epoch, atoms)

    monkeypatch.setattr(draws, "permutations", counted)
    small("styblinski-tang", "epochs", record="max:norm", workers=1)
    assert drawn == [0, 1, 2, 3]


WRONG: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({"at": (3, 13)}, ("recorded step 13", "from 0 to steps = 12")),
    ({"at": -1}, ("recorded step -1", "from 0 to steps = 12")),
    ({"at": (2.5,)}, ("recorded step 2.5", "integer")),
    ({"at": (True,)}, ("recorded step True",)),
    ({"at": (3,), "record": ("max:loss",)}, ("at has steps", "'norm'")),
    ({"record": "max:lss"}, ("max:lss", "loss", "norm2")),
    ({"record": "phi"}, ("phi", "loss", "max:norm")),
    ({"record": "first:loss>=few"}, ("first:loss>=few", "'few'")),
    ({"record": None}, ("record is None", "['norm']")),
    ({"at": range(13), "replicas": 2**32, "init": [0.0] * 3}, ("GiB", "fewer")),
    ({"parameters": {"p": 2**30}}, ("data", "GiB")),
    ({"eta": Fraction(1, 10**400)}, ("eta", "rounds to zero")),
    ({"eta": Fraction(1, 10**9999)}, ("eta", "thousands of digits", "positive")),
    ({"parameters": {"eta": 1}}, ("eta is no size", "eta=...")),
    ({"parameters": {"p": 2**31}}, ("p", "below 2**31")),
    ({"init": [0.0, float("nan"), 1.0]}, ("entry nan at [1]",)),
    ({"init": ["1", "2", "3"]}, ("init", "(3,)")),
    ({"data": {"Q": np.ones((6, 3, 3)) * 1j, "r": np.ones((6, 3))}}, ("Q", "real numbers")),
    ({"data": {"Q": np.ones((6, 3, 3)), "r": np.full((6, 3), np.inf)}}, ("r", "entry inf at [0, 0]")),
]


@pytest.mark.parametrize(("change", "words"), WRONG, ids=[f"{list(change)}-{words[0]}" for change, words in WRONG])
def test_what_cannot_be_recorded_or_run_is_named(change: dict[str, Any], words: tuple[str, ...]) -> None:
    with pytest.raises(InputError) as error:
        small("stochastic-quadratic", **change)
    for word in words:
        assert word in str(error.value)


def test_a_step_size_of_any_type_is_its_exact_value() -> None:
    digests = {small("stochastic-quadratic", eta=eta).state_digest for eta in (0.25, np.float32(0.25), Fraction(1, 4))}
    assert len(digests) == 1


# --- memory ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["deep-linear", "two-layer-relu-softmax", "styblinski-tang"])
def test_arrays_beyond_the_stack_change_no_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from numerics.arrays import jit_target

    digest = small(name, backend="jit").state_digest
    for limit in (0, 200):
        monkeypatch.setattr(jit_target, "_STACKS", limit)
        assert small(name, backend="jit").state_digest == digest


def test_the_stack_of_a_deep_program_stays_below_its_limit() -> None:
    import re

    from numerics.arrays import jit_target
    from numerics.arrays.loops import Loops

    made = runs.setting("diagonal-linear", "gd", None, {"samples": 4, "d": 2000, "depth": 12})
    source = jit_target.generate(Loops(made.program), False)
    sizes = [int(size) for size in re.findall(r"= stack\((\d+)\)", source)]
    assert 0 < sum(sizes) <= jit_target._STACKS
    assert "np.zeros(" in source


def test_tables_of_batches_are_handed_over_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    from numerics.arrays import jit_target

    options: dict[str, Any] = {"backend": "jit", "replicas": 70, "chunk": 70}
    digest = small("deep-linear", **options).state_digest
    monkeypatch.setattr(jit_target, "_GIVEN", 1)
    assert small("deep-linear", **options).state_digest == digest


def test_a_node_of_many_entries_is_evaluated_for_few_replicas_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from numerics.arrays import numpy_target

    name, widths = "two-layer-relu-softmax", set()
    digest = small(name, "gd").state_digest
    whole = numpy_target.evaluate

    def watched(terms: Any, roots: Any, leaves: Any, coefficient: Any) -> Any:
        found = whole(terms, roots, leaves, coefficient)
        widths.update(value.size for value in found.values())
        return found

    monkeypatch.setattr(numpy_target, "_ENTRIES", 120)
    monkeypatch.setattr(numpy_target, "evaluate", watched)
    assert small(name, "gd").state_digest == digest
    assert max(widths) <= 120
