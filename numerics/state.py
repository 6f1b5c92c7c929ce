"""The state table of a run: coordinates, then the lazy scales and kept sums of the kernel, one column a replica."""

from __future__ import annotations

import numpy as np

from numerics.ir import Domain, Kernel
from numerics.random import F64

#: Coordinates that are transposed at once, and the padding of their buffer: a power of two as row length would put
#: all rows of a column into one set of the cache.
_TILE, _PAD = 128, 8


def enter(kernel: Kernel, start: F64) -> F64:
    """Return the table of starts of shape (replicas, n): scales are 1, and step 0 sets the kept sums."""
    replicas, n = start.shape
    table = np.empty((n + kernel.rows, replicas))
    buffer = np.empty((replicas, min(n, _TILE) + _PAD))
    for low in range(0, n, _TILE):
        tile = buffer[:, : min(_TILE, n - low)]
        tile[:] = start[:, low : low + _TILE]
        table[low : min(low + _TILE, n)] = tile.T
    table[n:] = 0.0
    if kernel.lazy is not None:
        table[n : n + len(kernel.lazy.scales)] = 1.0
    return table


def leave(kernel: Kernel, table: F64, m: int, out: F64) -> None:
    """Write the coordinates of a table into ``out``, shape (replicas, n): stored values times scales, rounded once.

    NaNs are in canonical form, since hardware differs in their signs.
    """
    n, replicas = len(table) - kernel.rows, table.shape[1]
    buffer = np.empty((min(n, _TILE), replicas + _PAD))
    with np.errstate(all="ignore"):
        for domain, first, end in ((Domain.DATA, 0, m), (Domain.OUTSIDE, m, n))[: 1 if m == n else 2]:
            scales = [table[n + j] for j in kernel.lazy.of(domain)] if kernel.lazy else [1.0]
            for low in range(first, end, _TILE):
                high = min(low + _TILE, end)
                stored, tile = table[low:high], buffer[: high - low, :replicas]
                np.multiply(stored, scales[0] if len(scales) == 1 else np.where(stored > 0.0, *scales), out=tile)
                if np.isnan(tile.min()):
                    tile[np.isnan(tile)] = np.nan
                out[:, low:high] = tile.T
