"""The table of kernels against their peers: ratios of times in one run, beside the bars they should reach.

    python benchmarks/kernels/run.py [--scale 0.1] [--pairs 5] [--only TEXT] [--peers C,JAX] [--clock cpu]
                                      [--threads 1] [--full [--limit 900]] [--growth] [--json OUT]

It sets up build/bench-venv with the pinned peers of requirements.txt and runs itself there.  Workloads are the
files of the folder ``workloads``: each has a list ``WORKLOADS``.  Peers without a bar run the fewest steps of their
workload.  ``--full`` adds one pair at full length for every bar whose line was shortened, each in a process of its own
that ends after ``--limit`` seconds.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / "build" / "bench-venv"
CORE = ("sympy", "numpy", "scipy", "numba", "python-flint", "threadpoolctl")

#: Bar for the first call of a process, compilation included, in seconds.
FIRST_CALL = 5.0
FIRST_PROGRAM = """
import time
begin = time.perf_counter()
from numerics import simulate
from theory.derive import update_map
loaded = time.perf_counter()
run = simulate(update_map("linear"), m=32, n=32, eta=0.2, algorithm="sgd", replicas=10, steps=10)
print(loaded - begin, run.compile_seconds, time.perf_counter() - loaded, time.process_time())
"""


def ensure_environment() -> None:
    """Create the environment of the peers when it is missing or its requirements changed, and run there."""
    wanted = (HERE / "requirements.txt").read_text()
    mark = VENV / "requirements.done"
    if not mark.exists() or mark.read_text() != wanted:
        print(f"setting up {VENV.relative_to(ROOT)} (once)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
        pip = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        pinned = [*CORE, "-c", str(ROOT / "constraints.txt"), "-r", str(HERE / "requirements.txt")]
        subprocess.run([*pip, *pinned], check=True)
        mark.write_text(wanted)
    if Path(sys.prefix).resolve() != VENV.resolve():
        python = str(VENV / "bin" / "python")
        os.execve(python, [python, str(HERE / "run.py"), *sys.argv[1:]], {**os.environ, "PYTHONPATH": str(ROOT)})


def limit_threads(count: int) -> None:
    """Keep this process, and so the threads of every library, to some cores; ours counts the cores it may use."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    os.environ["OMP_NUM_THREADS"] = str(count)


def workloads(only: str) -> list[Any]:
    """Return the workloads of all files whose title contains a text."""
    found = []
    for file in sorted((HERE / "workloads").glob("*.py")):
        try:
            found += importlib.import_module(f"workloads.{file.stem}").WORKLOADS
        except Exception as problem:  # one broken file must not hide the others
            print(f"{file.name} cannot be loaded: {type(problem).__name__}: {problem}", file=sys.stderr)
    return [item for item in found if only in item.title]


def first_calls() -> dict[str, dict[str, float]]:
    """Time the first call of a process with an empty compile cache, and of a second process that reuses it."""
    times: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("empty cache", "second process"):
            environment = {**os.environ, "GDPROOF_CACHE": folder}
            command = [sys.executable, "-c", FIRST_PROGRAM]
            out = subprocess.run(command, env=environment, check=True, capture_output=True)
            load, compiled, call, cpu = (float(text) for text in out.stdout.split())
            times[name] = {"imports": load, "call": call, "compile": compiled, "cpu": cpu}
            print(f"first call, {name}: {load + call:.2f} s = imports {load:.2f} + call {call:.2f}", end=" ")
            print(f"(compile {compiled:.2f}); processor time {cpu:.2f} s; bar {FIRST_CALL:g} s", flush=True)
    return times


def table(args: argparse.Namespace) -> list[dict[str, Any]]:
    """Print one line a pair (workload, peer) and return them."""
    from measure import Unavailable, compare, prepared

    rows: list[dict[str, Any]] = []
    wanted = set(args.peers.split(",")) if args.peers else None
    print(
        f"{'workload':33} {'T':>6} {'peer':9} {'ours s':>9} {'peer s':>9} {'ratio':>8} {'bar':>6}  compile s",
        flush=True,
    )
    for workload in workloads(args.only):
        for peer in workload.peers:
            if wanted is not None and peer.name not in wanted:
                continue
            sizes = workload.scaled(args.scale if peer.name in workload.bars else min(args.scale, 0.0))
            compile_ours, mine = prepared(workload.ours, sizes)
            try:
                timing = compare(workload, peer, mine, sizes, args.pairs, args.patience, args.clock)
            except Unavailable as problem:
                print(f"{workload.title:33} {sizes['T']:6} {peer.name:9} not measured: {problem}")
                continue
            bar = workload.bars.get(peer.name)
            ours, theirs = statistics.median(timing.ours), statistics.median(timing.peer)
            rows.append(
                {
                    "workload": workload.title,
                    "sizes": sizes,
                    "full_steps": workload.sizes["T"],
                    "peer": peer.name,
                    "pairs": len(timing.ours),
                    "ours_seconds": ours,
                    "peer_seconds": theirs,
                    "ratio": timing.ratio,
                    "bar": bar,
                    "ours_compile_seconds": compile_ours,
                    "peer_compile_seconds": timing.compile_seconds,
                }
            )
            print_row(rows[-1])
    return rows


def full(rows: list[dict[str, Any]], limit: float, clock: str) -> list[dict[str, Any]]:
    """Run one pair at full length for every line with a bar that was shortened, and return the lines."""
    found: list[dict[str, Any]] = []
    for row in rows:
        if row["bar"] is None or row["sizes"]["T"] == row["full_steps"]:
            continue
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "row.json"
            choice = ["--only", row["workload"], "--peers", row["peer"], "--scale", "1", "--pairs", "1"]
            command = [sys.executable, str(HERE / "run.py"), *choice, "--clock", clock, "--json", str(out)]
            try:
                subprocess.run(command, check=True, timeout=limit, stdout=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                print(f"{row['workload']:33} {row['full_steps']:6} {row['peer']:9} not finished within {limit:g} s")
                continue
            found += [item for item in json.loads(out.read_text())["table"] if item["workload"] == row["workload"]]
        print_row(found[-1])
    return found


def print_row(row: dict[str, Any]) -> None:
    """Print one line of the table."""
    bar, ratio = row["bar"], row["ratio"]
    reached = "" if bar is None else "met" if ratio >= bar else f"missed by {bar / ratio:.2f}x"
    shown = "" if bar is None else f"{bar:g}"
    print(
        f"{row['workload']:33} {row['sizes']['T']:6} {row['peer']:9} {row['ours_seconds']:9.4f} "
        f"{row['peer_seconds']:9.4f} {ratio:8.2f} {shown:>6}  "
        f"{row['ours_compile_seconds']:.1f} / {row['peer_compile_seconds']:.1f}  {reached}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.1, help="share of the steps that is run, by all (default 0.1)")
    parser.add_argument("--pairs", type=int, default=5, help="most pairs of runs (default 5)")
    parser.add_argument("--patience", type=float, default=15.0, help="seconds after which no further pair is begun")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall", help="cpu: processor time of all threads")
    parser.add_argument("--only", default="", help="workloads whose title contains this text")
    parser.add_argument("--peers", default="", help="names of peers, with commas (default: all)")
    parser.add_argument("--threads", type=int, help="threads of all (default: one a core)")
    parser.add_argument("--full", action="store_true", help="then one pair at full length for every shortened bar")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which such a pair is given up")
    parser.add_argument("--growth", action="store_true", help="time against n, m, b, R, T instead of the table")
    parser.add_argument("--json", type=Path, help="write the results to this file")
    args = parser.parse_args()
    ensure_environment()
    begin = time.perf_counter()
    if args.threads:
        limit_threads(args.threads)
    # Threads that wait for work must not count as work.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    sys.path[:0] = [str(HERE), str(ROOT)]
    if args.growth:
        from growth import print_growth

        results: Any = print_growth(args.clock)
    else:
        share = f"{args.scale:g} of the steps of the full workloads, shortened equally for all; {args.clock} time"
        print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {share}")
        results = {} if args.only else {"first call": first_calls()}
        results["table"] = table(args)
        if args.full:
            print(f"at full length, one pair, at most {args.limit:g} s each")
            results["full"] = full(results["table"], args.limit, args.clock)
        print(f"{time.perf_counter() - begin:.0f} s in all")
    if args.json:
        args.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
