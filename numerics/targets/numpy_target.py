"""NumPy: generated Python source, vectorised over replicas and coordinates, one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.ir import TREE_WIDTH, Form, Law, Watch
from numerics.random import F64, I64, Buffer
from numerics.targets import Advance, Problem, even_share
from numerics.targets.numpy_source import generate
from numerics.thinning import inside

#: Most entries of one table of drawn batches: the words of a table stay in the second-level cache.
_TABLE = 1 << 16

#: Steps of a table are a multiple of this, so that no block of random words is computed twice for batches of one.
_WORDS = 4
_ZERO: F64 = np.array(0.0)
_NO_LANES: I64 = np.zeros(0, np.int64)


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (NumPy)"


share = even_share


def tree_sum(values: F64, out: F64) -> F64:
    """Sum over the first axis by the tree of the IR; shape (K, lanes) to (lanes,), into ``out``."""
    full = len(values) // TREE_WIDTH
    if not full and len(values):
        np.add(values[0], _ZERO, out)
        for row in values[1:]:
            np.add(out, row, out)
        return out
    out[:] = 0.0
    blocks = values[: TREE_WIDTH * full].reshape(full, TREE_WIDTH, values.shape[1])
    while blocks.shape[1] > 1:
        blocks = blocks[:, ::2] + blocks[:, 1::2]
    for block in blocks:
        np.add(out, block[0], out)
    for row in values[TREE_WIDTH * full :]:
        np.add(out, row, out)
    return out


def largest(values: F64, out: F64) -> F64:
    """Maximum over the first axis, ignoring NaN; minus infinity for an empty list."""
    out[:] = -np.inf
    for row in values:
        np.copyto(out, row, where=row > out)
    return out


def beyond(low: float, high: float, *scales: F64) -> I64:
    """Return the lanes where some scale is not in ``[low, high]``, or NaN."""
    if all(np.minimum.reduce(scale) >= low and np.maximum.reduce(scale) <= high for scale in scales):
        return _NO_LANES
    return np.nonzero(~np.all([(scale >= low) & (scale <= high) for scale in scales], axis=0))[0]


def prepare(problem: Problem) -> Advance:
    """Generate the source of a problem and return its driver."""
    kernel, batches, n, m = problem.kernel, problem.batches, problem.n, problem.batches.m
    scope: dict[str, Any] = {"np": np, "tree_sum": tree_sum, "largest": largest, "beyond": beyond}
    exec(compile(generate(kernel), f"<numpy {kernel.digest()[:12]}>", "exec"), scope)
    build: Callable[..., Callable[..., None]] = scope["build"]
    parameters = [np.float64(value) for value in problem.parameters]

    def table_of(replicas: range, steps: range, buffer: Buffer) -> Any:
        if kernel.law is not Law.SGD:
            return [batches.shared(t) for t in steps]
        if kernel.batch is Form.MASK:
            return inside(batches.masks(replicas, steps, buffer), m)
        places = batches.drawn(replicas, steps, buffer)
        places *= len(replicas)
        places += np.arange(len(replicas))
        return places

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        entries = 1 if batches.b == 1 else max(batches.b, m)
        span = max(1, _TABLE // max(1, len(replicas) * entries * _WORDS)) * _WORDS
        now, buffer = steps.start, Buffer()

        def record(place: int, value: F64) -> None:
            old = watch[place]
            if kernel.watchers[place].watch is Watch.MAXIMUM:
                np.copyto(old, value, where=value > old)
            else:
                old[(old < 0.0) & (value >= problem.thresholds[place])] = now

        step = build(n, m, batches.b, len(replicas), *parameters)
        block = np.ascontiguousarray(state)
        with np.errstate(all="ignore"):
            for start in range(steps.start // span * span, steps.stop, span):
                part = range(max(start, steps.start), min(start + span, steps.stop))
                for now, rows in zip(part, table_of(replicas, part, buffer), strict=True):
                    step(block, rows, now, False, record)
            if final:
                now = steps.stop
                step(block, None, now, True, record)
        if block is not state:
            state[:] = block

    return advance
