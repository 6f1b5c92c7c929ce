"""The state table of a run: coordinates, then the lazy scales and kept sums of the kernel, one column a replica."""

from __future__ import annotations

import numpy as np

from numerics.ir import Domain, Kernel
from numerics.random import F64


def enter(kernel: Kernel, start: F64) -> F64:
    """Return the table of starts of shape (replicas, n): scales are 1, and step 0 sets the kept sums."""
    replicas, n = start.shape
    table = np.zeros((n + kernel.rows, replicas))
    table[:n] = start.T
    if kernel.lazy is not None:
        table[n : n + len(kernel.lazy.scales)] = 1.0
    return table


def leave(kernel: Kernel, table: F64, m: int) -> F64:
    """Return the coordinates of a table, shape (replicas, n): stored values times their scales, rounded once.

    NaNs are in canonical form, since hardware differs in their signs.
    """
    n = len(table) - kernel.rows
    out = np.array(table[:n].T, order="C")
    if kernel.lazy is not None:
        with np.errstate(all="ignore"):
            for domain, part in ((Domain.DATA, slice(0, m)), (Domain.OUTSIDE, slice(m, n))):
                scales = [table[n + j][:, None] for j in kernel.lazy.of(domain)]
                stored = out[:, part]
                out[:, part] = stored * (scales[0] if len(scales) == 1 else np.where(stored > 0.0, *scales))
    out[np.isnan(out)] = np.nan
    return out
