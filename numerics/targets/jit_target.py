"""CPU JIT: generated Python source compiled by Numba; lanes innermost, time in the middle, blocks outside.

Code is compiled without fast-math, so LLVM neither reassociates nor contracts.
"""

from __future__ import annotations

import numpy as np

from numerics.ir import Form, Kernel, Law
from numerics.random import F64, U64, key_of, numbers
from numerics.targets import Advance, Problem, jit_cache, jit_source
from numerics.thinning import thinning


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (Numba)"


def lanes_of(kernel: Kernel, n: int) -> int:
    """Return the number of lanes of a block: as many as keep its table in the second-level cache.

    Measured: from 64 to 128 lanes cost the same for small tables; masks have two dense passes, so they prefer tables of
    128 KiB, down to 16 lanes; a full batch that keeps scales touches its table lane by lane, so it prefers few lanes.
    """
    if kernel.law is Law.GD and kernel.lazy is not None:
        return 64
    entries, least = (1 << 14, 16) if kernel.batch is Form.MASK else (1 << 15, 64)
    return max(least, min(128, entries // (n + kernel.rows) // 16 * 16))


def generate(problem: Problem) -> str:
    """Return the Python source of the module that runs one block of lanes."""
    kernel, batches = problem.kernel, problem.batches
    single = kernel.law is not Law.GD and batches.b == 1
    return jit_source.write(kernel, lanes_of(kernel, problem.n), single)


def share(problem: Problem, replicas: int, threads: int) -> int:
    """Return the lanes of one block, so that no block is copied; fewer where threads would have none."""
    return max(1, min(-(-replicas // threads), lanes_of(problem.kernel, problem.n)))


def prepare(problem: Problem) -> Advance:
    """Compile the kernel of a problem, or load it from the cache, and return its driver."""
    run = jit_cache.load(generate(problem))
    kernel, batches = problem.kernel, problem.batches
    parameters = np.array(problem.parameters, np.float64)
    thresholds = np.array(problem.thresholds, np.float64)
    k0, k1 = (np.uint64(word) for word in key_of(batches.seed))
    width = lanes_of(kernel, problem.n)
    planes, numerator, blocks = 0, 0, 0
    if kernel.batch is Form.MASK:
        law = thinning(batches.m, batches.b)
        planes, numerator, blocks = law.planes, law.numerator, law.repairs(batches.m, batches.b) // 4 + 1

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        for start in range(0, len(replicas), width):
            part = slice(start, min(start + width, len(replicas)))
            view = state[:, part]
            block, seen = np.ascontiguousarray(view), np.ascontiguousarray(watch[:, part])
            who: U64 = numbers(replicas[part])
            run(
                block,
                block.reshape(-1),
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
            if not view.flags.c_contiguous:
                view[:] = block
            watch[:, part] = seen

    return advance
