"""``gdproof sweep``: grids from the command line, resumed exactly, with errors that say what to write."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import checks
from checks.cli import group
from checks.cli.sweep import clock

SMALL = ("--set", "m=3", "--replicas", "4", "--steps", "10", "--backend", "numpy")


def gdproof(*words: object) -> Result:
    return CliRunner().invoke(group, [str(word) for word in words])


def test_a_grid_is_run_stored_and_written(tmp_path: Path) -> None:
    words = ["sweep", "autoencoder", "--grid", "eta=0.05,1/10", "--grid", "b=1:3", "--algorithm", "sgd", *SMALL]
    words += ["--seeds", "0:3", "--jobs", 1, "--store", tmp_path / "s.sqlite"]
    first = gdproof(*words, "--json", tmp_path / "one.json")
    assert first.exit_code == 0, first.output
    assert "12 computed" in first.output
    assert "12/12 points, 0:00 left" in first.output
    again = gdproof(*words, "--json", tmp_path / "two.json", "--resume")
    assert "0 computed" in again.output
    assert "12 were there" in again.output
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()

    answer = json.loads((tmp_path / "one.json").read_text())
    assert answer["grid"]["eta"] == ["1/20", "1/10"]
    assert answer["seeds"] == [0, 3, 1]
    settings = [(row["point"]["settings"]["eta"], row["point"]["settings"]["b"]) for row in answer["points"]]
    assert settings == [(e, b) for e in ("1/20", "1/10") for b in "12" for _ in range(3)]
    assert len({row["result"]["state_digest"] for row in answer["points"]}) == 12
    assert len({row["key"] for row in answer["points"]}) == 12


def test_models_of_arrays(tmp_path: Path) -> None:
    words = ["sweep", "diagonal-linear", "--grid", "eta=0.01,0.02", "--steps", "5", "--replicas", "3"]
    done = gdproof(*words, "--backend", "numpy", "--jobs", 1, "--store", tmp_path / "s", "--json", tmp_path / "j")
    assert done.exit_code == 0, done.output
    rows = json.loads((tmp_path / "j").read_text())["points"]
    assert [row["point"]["settings"]["eta"] for row in rows] == ["1/100", "1/50"]
    assert "loss" in done.output


@pytest.mark.parametrize("model", ["diagonal-linear", "autoencoder"])
def test_what_is_recorded_along_the_runs_has_columns_of_its_own(tmp_path: Path, model: str) -> None:
    words = ["sweep", model, "--grid", "eta=0.01,0.02", "--steps", "8", "--replicas", "3", "--record", "norm"]
    words += ["--backend", "numpy", "--jobs", 1, "--store", tmp_path / "s"]
    done = gdproof(*words, "--at", "0:9:4", "--json", tmp_path / "j")
    assert done.exit_code == 0, done.output
    (header,) = [line for line in done.output.splitlines() if line.strip().startswith("eta")]
    assert [part.strip() for part in header.split("  ") if part.strip()][1:] == [
        "norm",
        *(f"norm at {step}" for step in (0, 4, 8)),
    ]
    for row in json.loads((tmp_path / "j").read_text())["points"]:
        assert row["point"]["at"] == row["result"]["at"] == [0, 4, 8]
        assert row["result"]["along"]["norm"][-1] == row["result"]["summary"]["norm"]
    assert "2 computed" in gdproof(*words).output  # without --at they are other points
    assert "too many for the table" not in gdproof(*words, "--at", "0:9").output
    assert "16 columns more: too many for the table" in gdproof(*words, "--steps", "30", "--at", "0:31").output
    late = gdproof(*words, "--at", "9")
    assert "point eta=1/100" in str(late.exception)
    assert "recorded step 9" in str(late.exception)


def test_json_on_standard_output_is_json(tmp_path: Path) -> None:
    done = gdproof("sweep", "relu-autoencoder", *SMALL, "--jobs", 1, "--store", tmp_path / "s", "--json", "-")
    answer = json.loads(done.stdout)
    (row,) = answer["points"]
    assert row["point"]["model"] == answer["model"] == "relu-autoencoder"
    assert row["result"]["parameters"]["activation"] == "relu"
    assert "1 computed" in done.stderr


def test_the_table_shows_means_over_the_seeds(tmp_path: Path) -> None:
    words = ["sweep", "autoencoder", *SMALL, "--grid", "eta=1/5,1/10", "--seeds", "0:2", "--record", "norm"]
    done = gdproof(*words, "--jobs", 1, "--store", tmp_path / "s", "--json", tmp_path / "j")
    rows = json.loads((tmp_path / "j").read_text())["points"]
    mean = sum(row["result"]["summary"]["norm"]["mean"] for row in rows[:2]) / 2
    (line,) = [line for line in done.output.splitlines() if line.strip().startswith("1/5")]
    assert line.split() == ["1/5", f"{mean:.4g}"]
    many = gdproof(*words[:-1], "psi", "--grid", "tolerance=1:30", "--jobs", 1, "--store", tmp_path / "s")
    assert "58 combinations: too many for a table; --json writes all of them" in many.output


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--grid", "eta"], "'eta' is no setting; write NAME=V1,V2,..."),
        (["--grid", "etta=1"], "unknown setting 'etta' (str); did you mean 'eta'"),
        (["--grid", "eta=1/0"], "divides by zero"),
        (["--grid", "steps=1,2", "--steps", "5"], "the setting steps is given twice"),
        (["--set", "eta=1,2"], "a fixed setting has one value; for several write --grid eta=1,2"),
        (["--grid", "eta=0.1,0.10"], "has the value 1/10 twice"),
        (["--grid", "b=1,9", "--algorithm", "sgd", "--set", "m=3"], "error: point b=9, m=3, algorithm=sgd, "),
        (["--grid", "algorithm=gd,sdg"], "unknown algorithm 'sdg' (str); did you mean"),
        (["--seeds", "3:3"], "is empty"),
        (["--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"], "give one of them"),
        (["--record", "norms"], "unknown observable 'norms'"),
        (["--set", "p=3"], "unknown setting 'p'"),
    ],
)
def test_wrong_usage_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    from checks.cli import main

    jobs = [] if "--jobs" in words else ["--jobs", "1"]
    extra = ["--replicas", "2", "--backend", "numpy", "--store", str(tmp_path / "s")]
    monkeypatch.setattr(sys, "argv", ["gdproof", "sweep", "autoencoder", *words, *jobs, *extra])
    with pytest.raises(SystemExit) as left:
        main()
    captured = capsys.readouterr()
    assert left.value.code == 2
    assert says in captured.err
    assert "Traceback" not in captured.err


def test_clock() -> None:
    assert [clock(s) for s in (0, 5.4, 65, 3600, 3725)] == ["0:00", "0:05", "1:05", "1:00:00", "1:02:05"]


def test_a_killed_sweep_ends_with_the_bytes_of_an_uninterrupted_one(tmp_path: Path) -> None:
    """Runs of about ten milliseconds; the command is killed at random moments after its first points.

    The code is part of a key, so the commands run on a copy of it that nobody edits meanwhile.
    """
    root = Path(checks.__file__).parent.parent
    for package in ("theory", "numerics", "checks"):
        shutil.copytree(root / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    program = "import sys; sys.argv[0] = 'gdproof'; from checks.cli import main; main()"
    words = ["sweep", "autoencoder", "--algorithm", "sgd", "--grid", "eta=1/5,1/10", "--grid", "b=1,2", "--seeds"]
    words += ["0:30", "--set", "m=8", "--steps", "300", "--replicas", "40", "--backend", "numpy"]

    def start(store: str, *more: str) -> subprocess.Popen[bytes]:
        path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
        return subprocess.Popen(
            [sys.executable, "-c", program, *words, "--store", str(tmp_path / store), *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            cwd=tmp_path,
        )

    draw = random.Random(4)
    interrupted = 0
    for jobs in ("1", "2", "1"):
        with start("killed", "--jobs", jobs) as process:
            assert process.stdout is not None
            process.stdout.readline()  # a tenth of the points
            time.sleep(draw.uniform(0.0, 0.2))
            os.kill(process.pid, signal.SIGKILL)
            interrupted += process.wait() == -signal.SIGKILL
    assert interrupted == 3
    for store, jobs in (("killed", "2"), ("whole", "1")):
        with start(store, "--jobs", jobs, "--json", str(tmp_path / f"{store}.json")) as process:
            _, errors = process.communicate()
        assert process.returncode == 0, errors
    assert (tmp_path / "killed.json").read_bytes() == (tmp_path / "whole.json").read_bytes()
    assert len(json.loads((tmp_path / "whole.json").read_text())["points"]) == 120
