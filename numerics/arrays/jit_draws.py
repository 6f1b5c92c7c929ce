"""The draws with replacement of ``numerics.arrays.draws``, compiled for the CPU on lanes."""

from __future__ import annotations

import numpy as np

from numerics.random import I64, U64
from numerics.targets.jit_random import compiled, fill, integers


@compiled
def fill_rows(out: I64, k0: np.uint64, k1: np.uint64, first: int, replicas: U64, atoms: np.uint64) -> None:
    """Write the uniform integers with indices ``first, first + 1, ...``; out has shape (count, lanes)."""
    words = np.empty((4, replicas.shape[0]), np.uint64)
    spare = np.empty((4, 1), np.uint64)
    held = np.int64(-1)
    for i in range(out.shape[0]):
        index = np.int64(first) + np.int64(i)
        if index >> 2 != held:
            held = index >> 2
            fill(words, k0, k1, np.uint64(held), replicas, np.uint64(0))
        integers(out[i], words, spare, k0, k1, np.uint64(index), replicas, atoms)
