"""The draws with replacement of ``numerics.arrays.draws``, compiled for the CPU on lanes."""

from __future__ import annotations

import numpy as np

from numerics.random import BATCHES, I64, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, U64, WEYL_0, WEYL_1
from numerics.targets.jit_philox import compiled, fill
from numerics.targets.jit_random import integers

_M0, _M1 = np.uint64(MULTIPLIER_0), np.uint64(MULTIPLIER_1)
_W0, _W1 = np.uint64(WEYL_0), np.uint64(WEYL_1)
_MASK, _SHIFT, _TAG = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(BATCHES)


@compiled
def fill_rows(out: I64, k0: np.uint64, k1: np.uint64, first: int, replicas: U64, atoms: np.uint64) -> None:
    """Write the uniform integers with indices ``first, first + 1, ...``; out has shape (count, lanes)."""
    words = np.empty((4, replicas.shape[0]), np.uint64)
    spare = np.empty((4, 1), np.uint64)
    threshold = np.uint64(1 << 32) % atoms
    held = np.int64(-1)
    i = 0
    while i < out.shape[0]:
        index = np.int64(first) + np.int64(i)
        whole = index & 3 == 0 and i + 4 <= out.shape[0]
        if whole and _fill_block(out[i : i + 4], k0, k1, np.uint64(index >> 2), replicas, atoms, threshold) == 0:
            i += 4
            continue
        if index >> 2 != held:
            held = index >> 2
            fill(words, k0, k1, np.uint64(held), replicas, _TAG)
        integers(out[i], words, spare, k0, k1, np.uint64(index), replicas, atoms)
        i += 1


@compiled
def _fill_block(
    out: I64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, atoms: np.uint64, threshold: np.uint64
) -> np.int64:
    """Write the integers of the four words of a block, all lanes; returns how many of them must be drawn again."""
    rejected = np.int64(0)
    for lane in range(replicas.shape[0]):
        x0, x1 = block & _MASK, block >> _SHIFT
        x2, x3 = replicas[lane], _TAG
        a, b = k0, k1
        for _ in range(ROUNDS):
            p0, p1 = _M0 * x0, _M1 * x2
            x0, x1, x2, x3 = (p1 >> _SHIFT) ^ x1 ^ a, p1 & _MASK, (p0 >> _SHIFT) ^ x3 ^ b, p0 & _MASK
            a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        y0, y1 = (x0 & _MASK) * (atoms & _MASK), (x1 & _MASK) * (atoms & _MASK)
        y2, y3 = (x2 & _MASK) * (atoms & _MASK), (x3 & _MASK) * (atoms & _MASK)
        rejected += np.int64((y0 & _MASK) < threshold) + np.int64((y1 & _MASK) < threshold)
        rejected += np.int64((y2 & _MASK) < threshold) + np.int64((y3 & _MASK) < threshold)
        out[0, lane] = np.int64(y0 >> _SHIFT)
        out[1, lane] = np.int64(y1 >> _SHIFT)
        out[2, lane] = np.int64(y2 >> _SHIFT)
        out[3, lane] = np.int64(y3 >> _SHIFT)
    return rejected
