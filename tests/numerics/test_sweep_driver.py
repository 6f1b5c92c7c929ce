"""Sweeps: every point once, the same rows however it was run, killed, resumed or spread over processes."""

from __future__ import annotations

import io
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from numerics.errors import InputError, StoreError
from numerics.store import Store
from numerics.sweep import Grid, Point, Progress, WorkerError, finished, rows, run, write_json


@dataclass(frozen=True)
class Square:
    """A cheap task: the square of x plus the seed; ``pause`` seconds a point."""

    pause: float = 0.0
    filler: int = 0
    version: int = 1

    def identity(self, point: Point) -> dict[str, Any]:
        return {"task": "square", "version": self.version, **point.content()}

    def run(self, point: Point) -> dict[str, Any]:
        time.sleep(self.pause)
        x = point.settings["x"]
        assert isinstance(x, Fraction)
        if x == -13:
            raise InputError("x is -13 (int); it must be another number")
        return {"square": str(x * x + point.seed), "filler": "." * self.filler}


@dataclass(frozen=True)
class Local(Square):
    """A task whose identity depends on the process, as on a worker with other versions."""

    def identity(self, point: Point) -> dict[str, Any]:
        return {**super().identity(point), "process": os.getpid()}


@dataclass(frozen=True)
class Deadly(Square):
    """A task that ends the process that runs it."""

    def run(self, point: Point) -> dict[str, Any]:
        if point.seed == 5:
            os._exit(9)
        return super().run(point)


def grid(values: int, seeds: int = 1) -> Grid:
    return Grid({"x": tuple(Fraction(i, 3) for i in range(values))}, range(seeds))


def text_of(task: Square, points: Grid, store: Path) -> str:
    stream = io.StringIO()
    write_json(task, points, store, stream, {"who": "test"})
    return stream.getvalue()


def double(x: int) -> int:
    return 2 * x


def test_rows_come_in_the_order_of_the_grid(tmp_path: Path) -> None:
    points = grid(4, 3)
    done = run(Square(), points, tmp_path / "s", jobs=1)
    assert (done.total, done.stored, done.computed, done.seconds_left) == (12, 0, 12, 0.0)
    found = [(point, row["result"]["square"]) for point, row in rows(Square(), points, tmp_path / "s")]
    assert found == [(point, str(point.settings["x"] ** 2 + point.seed)) for point in points]  # type: ignore[operator]


@pytest.mark.parametrize("jobs", [2, 3])
def test_the_rows_do_not_depend_on_the_number_of_processes(tmp_path: Path, jobs: int) -> None:
    points = grid(20, 3)
    run(Square(), points, tmp_path / "one", jobs=1)
    run(Square(), points, tmp_path / "many", jobs=jobs)
    assert text_of(Square(), points, tmp_path / "one") == text_of(Square(), points, tmp_path / "many")
    with Store(tmp_path / "one") as one, Store(tmp_path / "many") as many:
        assert one.keys() == many.keys()


def test_only_what_is_missing_is_computed(tmp_path: Path) -> None:
    run(Square(), grid(4, 2), tmp_path / "s", jobs=1)
    again = run(Square(), grid(4, 2), tmp_path / "s", jobs=1)
    assert (again.stored, again.computed) == (8, 0)
    larger = run(Square(), grid(5, 3), tmp_path / "s", jobs=1)
    assert (larger.stored, larger.computed) == (8, 7)
    other = run(Square(version=2), grid(4, 2), tmp_path / "s", jobs=1)
    assert (other.stored, other.computed) == (0, 8)


def test_a_point_without_meaning_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    points = Grid({"x": (Fraction(1), Fraction(-13))}, range(1))
    with pytest.raises(InputError, match=r"point x=-13, seed=0: x is -13 \(int\); it must be another number"):
        run(Square(), points, tmp_path / "s", jobs=1)
    with Store(tmp_path / "s") as store:
        assert len(store.keys()) == 1
    with pytest.raises(StoreError, match="does not have the point x=-13, seed=0"):
        list(rows(Square(), points, tmp_path / "s"))


def test_a_worker_with_other_versions_is_refused(tmp_path: Path) -> None:
    run(Local(), grid(2), tmp_path / "s", jobs=1)
    with pytest.raises(WorkerError, match=r"other versions than this machine: for the point x=\d"):
        run(Local(), grid(3), tmp_path / "t", jobs=2)


def test_a_worker_that_dies_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WorkerError, match="run the same command again, with fewer than 2 jobs"):
        run(Deadly(), grid(1, 9), tmp_path / "s", jobs=2)
    assert run(Square(), grid(1, 9), tmp_path / "s", jobs=2).done == 9


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_stream_gives_every_item_once(jobs: int) -> None:
    found = sorted(pair for batch in finished(double, range(100), jobs=jobs) for pair in batch)
    assert found == [(i, 2 * i) for i in range(100)]
    assert list(finished(double, (), jobs=jobs)) == []


def test_a_stream_reads_its_items_as_it_goes() -> None:
    taken = 0

    def items() -> Any:
        nonlocal taken
        for i in range(10_000):
            taken += 1
            yield i

    stream = finished(double, items(), jobs=2)
    next(stream)
    assert taken < 100
    stream.close()  # type: ignore[attr-defined]


def halve(x: int) -> int:
    if x % 2:
        raise InputError(f"{x} is odd")
    return x // 2


@pytest.mark.parametrize(("jobs", "hold"), [(1, 0.0), (1, 60.0), (2, 0.0)])
def test_an_error_comes_after_what_is_known(jobs: int, hold: float) -> None:
    found: list[tuple[int, int]] = []
    stream = finished(halve, [2, 4, 6, 8, 13], jobs=jobs, hold=hold)
    with pytest.raises(InputError, match="13 is odd"):
        found.extend(pair for batch in stream for pair in batch)
    known = [(2, 1), (4, 2), (6, 3), (8, 4)]
    assert found == known if jobs == 1 else set(found) <= set(known)


@pytest.mark.parametrize("jobs", [0, -1, True, 1.5])
def test_a_bad_number_of_jobs(jobs: Any) -> None:
    with pytest.raises(InputError, match="at least 1"):
        finished(double, range(3), jobs=jobs)
    with pytest.raises(InputError, match="give one of them"):
        finished(double, range(3), jobs=2, scheduler="tcp://127.0.0.1:1")


def test_time_left_is_that_of_the_computed_points() -> None:
    assert Progress(100).seconds_left is None
    assert Progress(100, stored=40).seconds_left is None
    assert Progress(100, stored=40, computed=10, seconds=5.0).seconds_left == 25.0
    assert Progress(100, stored=100).seconds_left == 0.0


def test_progress_reaches_the_total(tmp_path: Path) -> None:
    seen: list[Progress] = []
    run(Square(), grid(30), tmp_path / "s", jobs=1, report=seen.append)
    assert seen[0].done == 0
    assert seen[-1].done == seen[-1].total == 30
    assert all(a.done <= b.done for a, b in pairwise(seen))


SWEEP = """
import sys
from test_sweep_driver import Square, grid
from numerics.sweep import run
def report(progress):
    print(progress.computed, flush=True)
if __name__ == "__main__":
    run(Square(pause=0.004, filler=300), grid(60, 5), sys.argv[1], jobs=int(sys.argv[2]), report=report)
"""


def start(script: Path, *words: object, errors: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    path = os.pathsep.join([str(Path(__file__).parent), *filter(None, sys.path)])
    return subprocess.Popen(
        [sys.executable, str(script), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=errors,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_kill_at_random_moments_leaves_the_rows_of_an_uninterrupted_run(tmp_path: Path, jobs: int) -> None:
    """Six kills, each a random moment after a random number of points: some hit a transaction, some a point."""
    script, store = tmp_path / "sweep.py", tmp_path / "killed.sqlite"
    script.write_text(SWEEP)
    task, points = Square(filler=300), grid(60, 5)
    draw = random.Random(jobs)
    interrupted = 0
    for _ in range(6):
        with start(script, store, jobs) as process:
            assert process.stdout is not None
            until = draw.randrange(0, 60)
            for line in process.stdout:
                if int(line) >= until:
                    break
            time.sleep(draw.uniform(0.0, 0.05))
            os.kill(process.pid, signal.SIGKILL)
            interrupted += process.wait() == -signal.SIGKILL
    assert interrupted >= 3
    with Store(store) as held:
        partial = len(held.keys())
    last = run(task, points, store, jobs=1)
    assert last.stored == partial > 0

    run(task, points, tmp_path / "whole.sqlite", jobs=1)
    assert text_of(task, points, store) == text_of(task, points, tmp_path / "whole.sqlite")
    with Store(store) as killed, Store(tmp_path / "whole.sqlite") as whole:
        assert killed.keys() == whole.keys()


ORPHANS = """
import os, sys, time
from numerics.sweep import finished
def work(i):
    print(os.getpid(), flush=True)
    time.sleep(60)
if __name__ == "__main__":
    list(finished(work, range(4), jobs=2))
"""


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pids: list[int]) -> bool:
    """Whether the processes end within 30 seconds; their tasks sleep for 60."""
    deadline = time.monotonic() + 30
    while any(running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(running(pid) for pid in pids)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
def test_workers_die_with_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS)
    with start(script) as process:
        assert process.stdout is not None
        workers = [int(process.stdout.readline()) for _ in range(2)]
        assert all(running(pid) for pid in workers)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert gone(workers)


@pytest.mark.parametrize("reached", ["the group", "one worker"])
def test_an_interrupt_ends_the_workers_without_a_word(tmp_path: Path, reached: str) -> None:
    """Ctrl-C reaches the whole group of processes; Python may lose the parent's share of it inside a callback."""
    script = tmp_path / "orphans.py"
    script.write_text(ORPHANS.replace("list(", "try: list(") + "    except KeyboardInterrupt: print('stopped')\n")
    with start(script, errors=subprocess.PIPE) as process:
        assert process.stdout is not None
        workers = [int(process.stdout.readline()) for _ in range(2)]
        if reached == "the group":
            os.killpg(process.pid, signal.SIGINT)
        else:
            os.kill(workers[0], signal.SIGINT)
        output, errors = process.communicate(timeout=30)  # the tasks sleep for 60 seconds
    assert (output.split(), errors, process.returncode) == (["stopped"], "", 0)
    assert gone(workers)


MEMORY = """
import resource, sys
from test_sweep_driver import Square, grid
from numerics.sweep import rows, run
class Peak:
    first = None
    def __call__(self, progress):
        if progress.computed >= 1000 and self.first is None:
            self.first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
if __name__ == "__main__":
    count, jobs = int(sys.argv[2]), int(sys.argv[3])
    task, points, peak = Square(filler=8000), grid(count // 100, 100), Peak()
    run(task, points, sys.argv[1], jobs=jobs, report=peak)
    assert sum(1 for _ in rows(task, points, sys.argv[1])) == count
    print(peak.first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@pytest.mark.parametrize(("jobs", "count"), [(1, 12_000), (2, 6_000)])
def test_memory_does_not_grow_with_the_points(tmp_path: Path, jobs: int, count: int) -> None:
    """Results of 8 kB: to keep those after the first 1000 would cost 40 MB (two jobs) or 88 MB (one)."""
    script = tmp_path / "memory.py"
    script.write_text(MEMORY)
    with start(script, tmp_path / "s", count, jobs) as process:
        assert process.stdout is not None
        first, last = (int(word) for word in process.stdout.read().split())
    kept = 8.0 * (count - 1000)
    assert last - first < kept / 4, f"{last - first} kB more for {count - 1000} further points"
