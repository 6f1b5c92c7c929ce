"""The linear autoencoder: four mini-batch workloads and the full batch."""

from __future__ import annotations

from collections.abc import Mapping

import autoencoder_peers as peers
import numpy as np
from measure import Workload


def random_statistics(c: np.ndarray) -> Mapping[str, tuple[float, float]]:
    """Means over replicas; draws differ between peers, so five standard errors each are allowed.

    Ten standard errors of a difference, for some fifty comparisons: a false alarm has probability below 1e-9.
    """
    total, peak = np.sum(c * c, axis=1), np.max(c * c, axis=1)
    return {
        "replicas": (len(c), 0.0),
        "mean |w|^2": (float(total.mean()), 5 * float(total.std()) / len(c) ** 0.5 + 1e-9),
        "mean peak": (float(peak.mean()), 5 * float(peak.std()) / len(c) ** 0.5 + 1e-9),
    }


def exact_statistics(c: np.ndarray) -> Mapping[str, tuple[float, float]]:
    """The full batch has no draws: equal up to rounding of 1000 contracting steps of sums of 256 entries."""
    allowance = 1000 * 256 * 2.0**-53
    return {"mean |w|^2": (float(np.sum(c * c, axis=1).mean()), allowance), "first": (float(c[0, 0]), allowance)}


def _row(title: str, bars: dict[str, float], least: int, **sizes: int) -> Workload:
    statistics = random_statistics if "b" in sizes else exact_statistics
    return Workload(title, sizes, peers.gdproof("jit"), peers.ALL, bars, statistics, least)


WORKLOADS = [
    _row("autoencoder SGD, b=1, n=32", {"C": 8, "JAX": 40}, 2000, R=10000, m=32, n=32, b=1, T=2000),
    _row("autoencoder SGD, b=64, n=256", {"C": 1.8, "JAX": 40}, 400, R=1000, m=256, n=256, b=64, T=1000),
    _row("autoencoder SGD, b=1024, n=4096", {"C": 2.5, "JAX": 40}, 200, R=64, m=4096, n=4096, b=1024, T=200),
    _row("autoencoder SGD, b=1, n=4096", {"C": 80, "JAX": 500}, 400, R=1024, m=4096, n=4096, b=1, T=20000),
    _row("autoencoder full batch, n=256", {"C": 8}, 1000, R=1000, m=256, n=256, T=1000),
    Workload(
        "the first one, NumPy target",
        {"R": 10000, "m": 32, "n": 32, "b": 1, "T": 2000},
        peers.gdproof("numpy"),
        (peers.NUMPY,),
        {"NumPy": 3},
        random_statistics,
        1000,
    ),
]
