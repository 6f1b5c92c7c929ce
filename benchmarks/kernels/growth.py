"""Time of the JIT against n, m, b, R, T on log grids: fitted exponents beside those that the derivation predicts.

The prediction is the slope of the cost formula of ``numerics.costs`` over the same grid: operations of the compiled
kernel, random words and members of lists counting as fixed numbers of them, plus what a run does once for each
coordinate (it enters the state table and leaves it).
"""

from __future__ import annotations

from typing import Any

import numpy as np

BASE: dict[str, dict[str, Any]] = {
    "sgd": {"m": 256, "n": 256, "b": 4, "R": 1024, "T": 1000},
    "gd": {"m": 256, "n": 256, "R": 4096, "T": 2000},
}
GRID: dict[str, dict[str, list[int]]] = {
    "sgd": {
        "n": [256, 1024, 4096, 16384],
        "m": [64, 128, 256],
        "b": [4, 8, 16, 32],
        "R": [512, 1024, 2048, 4096],
        "T": [1000, 2000, 4000, 8000],
    },
    "gd": {"n": [256, 512, 1024, 2048], "m": [16, 64, 256], "R": [2048, 4096, 8192], "T": [2000, 8000, 32000]},
}
REPEAT = 3


def seconds(algorithm: str, sizes: dict[str, Any], clock: str) -> float:
    """Return the least time of some runs by a clock (not their compilation)."""
    from numerics import simulate
    from theory.derive import update_map

    arguments = {
        "algorithm": algorithm,
        "eta": 0.2,
        "record": (),
        "m": sizes["m"],
        "n": sizes["n"],
        "b": sizes.get("b"),
    }
    start = np.random.default_rng(1).normal(size=(sizes["R"], sizes["n"])) * 0.5 / np.sqrt(sizes["n"])
    derived = update_map("linear")
    runs = [simulate(derived, **arguments, init=start, replicas=sizes["R"], steps=sizes["T"]) for _ in range(REPEAT)]
    return min(run.wall_seconds if clock == "wall" else run.cpu_seconds for run in runs)


def predicted(algorithm: str, sizes: dict[str, Any]) -> float:
    """Return the operations of a run by the cost formula."""
    from numerics import batches_of, lower
    from numerics.batches import law_of
    from numerics.costs import cost, once
    from numerics.passes import rewrite
    from theory.derive import update_map

    law = law_of(algorithm)
    batches = batches_of(law, sizes["m"], sizes.get("b"), 0, 0)
    kernel, _ = rewrite(lower(update_map("linear"), law, (), batches.form), sizes["n"], batches.b)
    step = cost(kernel, sizes["m"], batches.b).at(sizes["m"], sizes["n"], batches.b)
    return sizes["R"] * (sizes["T"] * step + once(sizes["n"]))


def slope(x: list[int], y: list[float]) -> float:
    """Return the exponent of a power law fitted on log axes."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def print_growth(clock: str) -> list[dict[str, Any]]:
    """Print one line a variable and return the lines."""
    rows = []
    for algorithm, grids in GRID.items():
        print(f"{algorithm}: around {BASE[algorithm]}")
        for name, values in grids.items():
            points = [{**BASE[algorithm], name: value} for value in values]
            times = [seconds(algorithm, point, clock) for point in points]
            costs = [predicted(algorithm, point) for point in points]
            fitted, expected = slope(values, times), slope(values, costs)
            shown = "  ".join(f"{value}: {1e3 * time:.1f} ms" for value, time in zip(values, times, strict=True))
            print(f"  {name}  exponent {fitted:5.2f}  predicted {expected:5.2f}   {shown}", flush=True)
            rows.append(
                {"algorithm": algorithm, "variable": name, "values": values, "seconds": times}
                | {"exponent": fitted, "predicted": expected}
            )
    return rows
