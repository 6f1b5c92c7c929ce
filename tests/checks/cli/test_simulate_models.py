"""``gdproof simulate`` for the models that are found by name."""

from __future__ import annotations

import json

import numpy as np
import pytest

from theory.models import names

FEW = ("--replicas", "3", "--steps", "4")
ARRAYS = [name for name in names() if name != "autoencoder"]


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("algorithm", ["gd", "sgd", "epochs", "cyclic"])
def test_every_model_runs_by_name_with_the_json_of_the_contract(simulate, name, algorithm):
    answer = simulate(name, "--algorithm", algorithm, "--set", "eta=1/1000", *FEW, "--json", "-")
    assert answer.code == 0, answer.err
    result = json.loads(answer.out)
    expected = {"model": name, "algorithm": algorithm, "replicas": 3, "steps": 4, "seed": 0, "backend": "numpy"}
    assert {key: result[key] for key in expected} == expected
    keys = {"parameters", "device", "compile_seconds", "wall_seconds", "throughput", "state_digest", "summary"}
    assert keys <= set(result)
    assert set(result["summary"]) == {"loss", "norm", "distance"}
    again = json.loads(simulate(name, "--algorithm", algorithm, "--set", "eta=0.001", *FEW, "--json", "-").out)
    assert again["state_digest"] == result["state_digest"]
    other = simulate(name, "--algorithm", algorithm, "--set", "eta=0.001", *FEW, "--seed", "1", "--json", "-")
    assert json.loads(other.out)["state_digest"] != result["state_digest"]


def test_the_digest_is_that_of_the_jit(simulate):
    arguments = ("stochastic-quadratic", "--algorithm", "sgd", "--set", "p=3", "--set", "atoms=5", *FEW, "--json", "-")
    slow, fast = (json.loads(simulate(*arguments, backend=backend).out) for backend in ("numpy", "jit"))
    assert slow["state_digest"] == fast["state_digest"]


def test_explain_prints_the_passes(simulate):
    answer = simulate("stochastic-quadratic", "--algorithm", "sgd", "--set", "b=200", *FEW, "--explain")
    assert answer.code == 0
    assert "finite-support batches as counts" in answer.out
    assert "chosen" in answer.out
    told = simulate("diagonal-linear", *FEW, "--explain", "--json", "-")
    assert any("diagonal decoupling" in line for line in json.loads(told.out)["explain"])


def test_explain_of_the_autoencoder_says_what_the_kernel_uses(simulate):
    answer = simulate("autoencoder", *FEW, "--explain", "--json", "-")
    assert answer.code == 0, answer.err
    assert any(line.startswith("pass ") for line in json.loads(answer.out)["explain"])


def test_sizes_depth_and_records_are_set_by_name(simulate):
    answer = simulate("deep-linear", "--set", "depth=2", "--set", "d=3", *FEW, "--record", "coordinates", "--json", "-")
    result = json.loads(answer.out)
    assert result["parameters"]["depth"] == 2
    assert len(result["summary"]["coordinates"]["mean"]) == 2 * 3 * 3


def test_data_and_start_come_from_files(simulate, tmp_path):
    np.savez(tmp_path / "data.npz", Q=np.full((2, 1, 1), 2.0), r=np.full((2, 1), -2.0))
    np.save(tmp_path / "start.npy", np.array([5.0]))
    answer = simulate(
        *("stochastic-quadratic", "--set", "p=1", "--set", "atoms=2", "--set", "eta=1/4", "--data", "data.npz"),
        *("--init", "start.npy", *FEW, "--record", "coordinates", "--json", "-", "--save", "run.npz"),
    )
    assert json.loads(answer.out)["summary"]["coordinates"]["mean"] == [1 + 4 * 0.5**4]
    with np.load(tmp_path / "run.npz") as kept:
        assert kept["checkpoints"][:, 0, 0].tolist() == [1 + 4 * 0.5**t for t in range(5)]


def test_a_claim_is_replayed_in_balls(simulate):
    arguments = ("stochastic-quadratic", "--algorithm", "sgd", "--set", "p=3", "--set", "eta=1/64", "--replicas", "40")
    arguments += ("--steps", "30", "--json", "-")
    norms = json.loads(simulate(*arguments).out)["summary"]["norm"]
    middle = f"{norms['mean']:.3f}"
    answer = simulate(*arguments, "--claim", f"norm <= {middle} at the end", "--claim", f"{middle} > norm at the end")
    result = json.loads(answer.out)
    for claim in result["claims"]:
        count = claim["counterexamples_in_doubles"]
        assert 5 < count < 35
        assert len(claim["replayed"]) == min(count, 20)
        assert {item["outcome"] for item in claim["replayed"]} == {"violated"}
        assert all(item["step"] == 30 and item["value"] > float(middle) for item in claim["replayed"])
    told = simulate(*arguments[:-2], "--claim", f"norm <= {middle} at the end").out
    assert "violate it in doubles" in told
    assert "violated at step 30: margin [-" in told


def test_a_claim_of_the_autoencoder_is_replayed_along_the_run(simulate):
    arguments = ("autoencoder", "--algorithm", "sgd", "--init", "gaussian:0.3", "--replicas", "20", "--steps", "200")
    result = json.loads(
        simulate(*arguments, "--claim", "norm2 <= 1 + eta/4", "--claim", "norm2 <= 1", "--json", "-").out
    )
    proved, false = result["claims"]
    assert proved["counterexamples_in_doubles"] == 0
    assert false["counterexamples_in_doubles"] == 20
    assert {item["outcome"] for item in false["replayed"]} == {"violated"}
    ends = json.loads(simulate(*arguments, "--claim", "norm > 2 at the end", "--json", "-").out)["claims"]
    assert [item["outcome"] for item in ends[0]["replayed"]] == ["violated"] * 20


def test_a_claim_of_an_array_model_is_replayed_along_the_run(simulate):
    arguments = ("stochastic-quadratic", "--algorithm", "sgd", "--set", "p=3", "--set", "eta=1/64", "--replicas", "20")
    arguments += ("--steps", "30", "--record", "norm", "--at", "0:31")
    told = json.loads(simulate(*arguments, "--claim", "norm <= 2", "--claim", "norm < 99", "--json", "-").out)
    bound, true = told["claims"]
    outside = sum(value > 2 for value in [told["summary"]["max:norm"]["max"]])
    assert outside == 1
    assert 0 < bound["counterexamples_in_doubles"] < 20
    assert {item["outcome"] for item in bound["replayed"]} == {"violated"}
    assert true["counterexamples_in_doubles"] == 0


@pytest.mark.parametrize("name", ["deep-linear", "autoencoder"])
def test_observables_are_recorded_at_chosen_steps(simulate, name):
    arguments = (name, "--algorithm", "sgd", "--replicas", "3", "--steps", "12", "--record", "norm")
    told = simulate(*arguments, "--at", "0:13:6,12", "--save", "run.npz", "--json", "out.json")
    assert told.code == 0, told.err
    table = told.out[told.out.index("along the run") :].splitlines()
    assert [line.split()[0] for line in table[1:5]] == ["step", "0", "6", "12"]
    result = json.loads(simulate(*arguments, "--at", "0:13:6", "--json", "-").out)
    assert result["at"] == [0, 6, 12]
    assert result["along"]["norm"][2] == result["summary"]["norm"]
    assert table[4].split()[1] == f"{result['summary']['norm']['mean']:.6g}"
    plain = json.loads(simulate(*arguments, "--json", "-").out)
    assert plain["state_digest"] == result["state_digest"]
    assert "along" not in plain
    with np.load("run.npz") as kept:
        assert kept["along:norm"].shape == (3, 3)
        assert np.allclose(kept["along:norm"][1], np.linalg.norm(kept["checkpoints"][6], axis=1), rtol=1e-14)


def test_many_recorded_steps_make_no_table(simulate):
    told = simulate("deep-linear", "--replicas", "2", "--steps", "100", "--record", "norm", "--at", "0:101")
    assert "101 steps are too many for a table; --json" in told.out


WRONG = [
    (("deep-linear", "--claim", "norm >= 1"), ("norm >= 1 at the end",)),
    (("deep-linear", "--claim", "phi <= 1"), ("phi", "norm2")),
    (("deep-linear", "--steps", "10", "--at", "0,11"), ("recorded step 11", "from 0 to steps = 10")),
    (("deep-linear", "--steps", "10", "--at", "-3"), ("recorded step -3", "from 0 to steps = 10")),
    (("deep-linear", "--at", "0:5:0"), ("--at 0:5:0", "LOW:HIGH:STEP")),
    (("deep-linear", "--at", "now"), ("--at now", "no step", "0,10,100")),
    (("deep-linear", "--at", "1/2"), ("--at 1/2", "no step")),
    (("deep-linear", "--at", "0,,1"), ("--at 0,,1", "LOW:HIGH:STEP")),
    (("deep-linear", "--at", "0:99999999999"), ("--at 0:99999999999",)),
    (("deep-linear", "--at", "0,10", "--record", "max:loss"), ("at has steps", "norm")),
    (("autoencoder", "--steps", "10", "--at", "0,11"), ("recorded step 11", "from 0 to steps = 10")),
    (("deep-linear", "--init", "nan.npy", "--set", "d=1"), ("nan at [1]",)),
    (("deep-linear", "--init", "complex.npy", "--set", "d=1"), ("complex.npy",)),
    (("deep-linear", "--set", "d=2000000"), ("data", "GiB")),
    (("deep-linear", "--set", "eta=1e-9999"), ("eta", "rounds to zero")),
    (("deep-linear", "--claim", "norm"), ("norm", "comparison")),
    (("deep-linear", "--claim", "norm == 1 at the end"), ("QUANTITY <= LIMIT",)),
    (("deep-linear", "--claim", "1 <= norm <= 2 at the end"), ("QUANTITY <= LIMIT",)),
    (("deep-linear", "--claim", "norm <= exp(1) at the end"), ("exact numbers",)),
    (("deep-linear", "--claim", "norm <= 1/0 at the end"), ("limit",)),
    (("deep-linear", "--claim", "norm <= m at the end"), ("'m'", "eta")),
    (("deep-linear", "--claim", "phi <= 1 at the end"), ("phi", "loss")),
    (("deep-linear", "--claim", "norm <=", "--steps", "1"), ("norm <=",)),
    (("autoencoder", "--claim", "norm2 >= 1"), ("norm2 >= 1 at the end",)),
    (("autoencoder", "--claim", "bogus <= 1"), ("bogus", "norm2")),
    (("deep-liner",), ("deep-liner", "deep-linear", "Known", "autoencoder")),
    (("deep-linear", "--set", "width=3"), ("width", "depth", "samples", "eta")),
    (("deep-linear", "--set", "depth=0"), ("depth", "0", "at least 1")),
    (("deep-linear", "--set", "d=1.5"), ("d=1.5", "integer")),
    (("deep-linear", "--set", "eta=-1"), ("eta", "positive")),
    (("deep-linear", "--algorithm", "sgd", "--set", "b=33"), ("b", "33", "32")),
    (("deep-linear", "--record", "phi"), ("phi", "loss")),
    (("deep-linear", "--data", "missing.npz"), ("missing.npz",)),
    (("deep-linear", "--init", "missing.npy"), ("missing.npy",)),
    (("deep-linear", "--init", "gaussian:-1"), ("gaussian:-1",)),
    (("deep-linear", "--replicas", "0"), ("replicas", "0")),
    (("deep-linear", "--init", "start.npz"), ("start.npz", "readable .npy")),
    (("deep-linear", "--init", "complex.npy"), ("complex.npy", "real")),
    (("deep-linear", "--data", "complex.npy"), ("complex.npy", ".npz")),
    (("deep-linear", "--set", "eta=1e999"), ("eta", "too large")),
    (("deep-linear", "--json", "."), ("--json", "directory")),
    (("deep-linear", "--algorithm", "epochs", "--set", "b=5"), ("b is 5", "divide 32")),
    (("stochastic-quadratic", "--algorithm", "sgd", "--set", "b=99999999999"), ("99999999999", "from 1 to")),
    (("styblinski-tang", "--set", "box=-1"), ("box", "-1", "at least 0")),
    (("autoencoder", "--algorithm", "epochs"), ("epochs", "Known", "sgd")),
    (("autoencoder", "--data", "missing.npz"), ("--data",)),
    (("autoencoder", "--dtype", "float32"), ("--dtype", "autoencoder")),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda x: " ".join(x))
def test_wrong_usage_is_named(simulate, tmp_path, arguments, words):
    np.savez(tmp_path / "start.npz", start=np.ones(3))
    np.save(tmp_path / "complex.npy", np.ones(48) * 1j)
    np.save(tmp_path / "nan.npy", np.array([1.0, np.nan, 2.0]))
    assert simulate(*arguments).refused(*words)


def test_a_run_that_does_not_fit_into_memory_ends_in_words(simulate, monkeypatch):
    import numerics.arrays

    def full(*_, **__):
        raise MemoryError("Unable to allocate 80 GiB")

    monkeypatch.setattr(numerics.arrays, "simulate_arrays", full)
    assert simulate("deep-linear", *FEW).refused("not enough memory", "80 GiB")


def test_checkpoints_are_saved_in_a_new_folder(simulate, tmp_path):
    assert simulate("deep-linear", *FEW, "--save", "new/run.npz", "--json", "new/run.json").code == 0
    with np.load(tmp_path / "new" / "run.npz") as kept:
        assert kept["checkpoint_steps"].tolist() == [0, 1, 2, 3, 4]
    assert json.loads((tmp_path / "new" / "run.json").read_text())["steps"] == 4


@pytest.mark.parametrize("name", ["deep-linear", "two-layer-relu-softmax"])
def test_the_backend_cupy_runs_or_says_what_is_missing(simulate, name):
    answer = simulate(name, *FEW, "--json", "-", backend="cupy")
    if answer.code == 0:
        assert json.loads(answer.out)["backend"] == "cupy"
    else:
        answer.refused("cupy", "jit")
