"""CPU JIT: generated Python source compiled by Numba; lanes innermost, time in the middle, blocks outside.

Code is compiled without fast-math, so LLVM neither reassociates nor contracts.
"""

from __future__ import annotations

import numpy as np

from numerics.ir import Form, Kernel, Law
from numerics.random import F64, key_of, numbers
from numerics.targets import Advance, Problem, jit_cache, jit_source
from numerics.thinning import thinning

#: Most blocks and numbers of a chunk.
_BLOCKS, _ENTRIES = 4, 1 << 15


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (Numba)"


def lanes_of(kernel: Kernel, n: int) -> int:
    """Return the number of lanes of a block: as many as keep its table in the second-level cache.

    Measured: small tables should fit into the first-level cache, with 64 lanes; masks have a dense pass, so they prefer
    tables of 128 KiB, down to 16 lanes; a full batch that keeps scales touches its table lane by lane, so it prefers
    few lanes.
    """
    if kernel.lazy is not None and (kernel.law is Law.GD or n + kernel.rows <= 64):
        return 64
    entries, least = (1 << 14, 16) if kernel.batch is Form.MASK else (1 << 15, 64)
    return max(least, min(128, entries // (n + kernel.rows) // 16 * 16))


def generate(problem: Problem) -> str:
    """Return the Python source of the module that runs one block of lanes."""
    kernel, batches = problem.kernel, problem.batches
    single = kernel.law is not Law.GD and batches.b == 1
    return jit_source.write(kernel, lanes_of(kernel, problem.n), single)


def share(problem: Problem, replicas: int, threads: int) -> int:
    """Return the lanes of some blocks whose table keeps to the second-level cache; fewer where threads would have none.

    One block needs no copy; several share the calls that a chunk costs.
    """
    lanes, fair = lanes_of(problem.kernel, problem.n), max(1, -(-replicas // threads))
    blocks = max(1, min(_BLOCKS, _ENTRIES // (lanes * (problem.n + problem.kernel.rows)), fair // lanes))
    return min(fair, blocks * lanes)


def prepare(problem: Problem) -> Advance:
    """Compile the kernel of a problem, or load it from the cache, and return its driver."""
    run = jit_cache.load(generate(problem))
    kernel, batches = problem.kernel, problem.batches
    parameters = np.array(problem.parameters, np.float64)
    thresholds = np.array(problem.thresholds, np.float64)
    k0, k1 = (np.uint64(word) for word in key_of(batches.seed))
    width = lanes_of(kernel, problem.n)
    planes, numerator, blocks = 0, 0, 0
    masked = kernel.batch is Form.MASK
    if masked:
        law = thinning(batches.m, batches.b)
        planes, numerator, blocks = law.planes, law.numerator, law.repairs(batches.m, batches.b) // 4 + 1

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        for start in range(0, len(replicas), width):
            part = slice(start, min(start + width, len(replicas)))
            view = state[:, part]
            block, seen = _block(view, width if masked else view.shape[1]), np.ascontiguousarray(watch[:, part])
            flat, who = block.reshape(-1), numbers(replicas[part])
            run(
                block,
                flat,
                flat.view(np.uint64),
                seen,
                who,
                steps.start,
                steps.stop,
                final,
                batches.m,
                batches.b,
                parameters,
                thresholds,
                k0,
                k1,
                batches.sequence,
                planes,
                numerator,
                blocks,
            )
            if block is not view:
                view[:] = block[:, : view.shape[1]]
            watch[:, part] = seen

    return advance


def _block(view: F64, lanes: int) -> F64:
    """Return a table with a number of lanes in order of its rows: the given one, or a copy with further lanes."""
    if view.flags.c_contiguous and view.shape[1] == lanes:
        return view
    if view.shape[1] == lanes:
        return np.ascontiguousarray(view)
    block = np.zeros((len(view), lanes))
    block[:, : view.shape[1]] = view
    return block
