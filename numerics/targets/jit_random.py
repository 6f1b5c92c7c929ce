"""The draws of ``numerics.random`` compiled for the CPU, on lanes: the same words, integers and subsets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite.ir import Constant, IntType  # type: ignore[import-untyped]
from numba.extending import intrinsic

from numerics.random import BATCHES, I64, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, U64, WEYL_0, WEYL_1

_M0, _M1 = np.uint64(MULTIPLIER_0), np.uint64(MULTIPLIER_1)
_W0, _W1 = np.uint64(WEYL_0), np.uint64(WEYL_1)
_MASK, _SHIFT, _TWO, _THREE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(2), np.uint64(3)
_SIXTEEN, _STREAM = np.uint64(16), np.uint64(BATCHES)
_ZERO, _ONE = np.uint64(0), np.uint64(1)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call, without fast-math."""
    decorate: Any = numba.njit(fastmath=False, error_model="numpy", nogil=True)
    return cast(_Function, decorate(function))


@compiled
def fill(words: U64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, attempt: np.uint64) -> None:
    """Write the four words of one block for all lanes; words has shape (4, lanes)."""
    for lane in range(words.shape[1]):
        x0, x1 = block & _MASK, block >> _SHIFT
        x2, x3 = replicas[lane], attempt * _SIXTEEN + _STREAM
        a, b = k0, k1
        for _ in range(ROUNDS):
            p0, p1 = _M0 * x0, _M1 * x2
            x0, x1, x2, x3 = (p1 >> _SHIFT) ^ x1 ^ a, p1 & _MASK, (p0 >> _SHIFT) ^ x3 ^ b, p0 & _MASK
            a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
        words[0, lane] = x0
        words[1, lane] = x1
        words[2, lane] = x2
        words[3, lane] = x3


@compiled
def integers(
    out: I64,
    words: U64,
    spare: U64,
    k0: np.uint64,
    k1: np.uint64,
    index: np.uint64,
    replicas: U64,
    size: np.uint64,
) -> None:
    """Write uniform integers in ``[0, size)`` from the words of ``index``.

    A rejected draw is repeated at the next attempt.
    """
    which = np.int64(index & _THREE)
    threshold = np.uint64(1 << 32) % size
    rejected = np.int64(0)
    for lane in range(out.shape[0]):
        product = words[which, lane] * size
        rejected += np.int64((product & _MASK) < threshold)
        out[lane] = np.int64(product >> _SHIFT)
    if rejected > 0:
        for lane in range(out.shape[0]):
            product = words[which, lane] * size
            attempt = np.uint64(0)
            while (product & _MASK) < threshold:
                attempt += np.uint64(1)
                fill(spare, k0, k1, index >> _TWO, replicas[lane : lane + 1], attempt)
                product = spare[which, 0] * size
            out[lane] = np.int64(product >> _SHIFT)


def _count_trailing_zeros(context: Any, value: Any) -> Any:
    """Position of the lowest set bit of a nonzero 64-bit word (LLVM's ``cttz``)."""

    def generate(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], Constant(IntType(1), 1))

    return numba.uint64(numba.uint64), generate


_lowest_bit: Any = intrinsic(_count_trailing_zeros)


@compiled
def _mark(draws: I64, marks: U64, last: int) -> None:
    """Floyd's step: add the draw to each lane's set, a row of bits, or ``last`` when the draw is in."""
    for lane in range(draws.shape[0]):
        value = draws[lane]
        if marks[lane, value >> 6] >> np.uint64(value & 63) & _ONE:
            value = last
        marks[lane, value >> 6] |= _ONE << np.uint64(value & 63)


@compiled
def _collect(rows: I64, marks: U64) -> None:
    """Write the members of the sets in increasing order, shape (b, lanes), and empty the sets."""
    for lane in range(rows.shape[1]):
        count = 0
        for place in range(marks.shape[1]):
            bits = marks[lane, place]
            marks[lane, place] = _ZERO
            while bits != _ZERO:
                rows[count, lane] = place * 64 + np.int64(_lowest_bit(bits))
                count += 1
                bits &= bits - _ONE


@compiled
def draw(
    rows: I64,
    marks: U64,
    words: U64,
    spare: U64,
    held: int,
    k0: np.uint64,
    k1: np.uint64,
    step: int,
    replicas: U64,
    m: int,
) -> int:
    """Write the sorted batches of one step, shape (b, lanes), and return the block now held in ``words``."""
    b = rows.shape[0]
    for i in range(b):
        index = step * b + i
        if index >> 2 != held:
            held = index >> 2
            fill(words, k0, k1, np.uint64(held), replicas, np.uint64(0))
        last = m - b + i
        integers(rows[i], words, spare, k0, k1, np.uint64(index), replicas, np.uint64(last + 1))
        if b > 1:
            _mark(rows[i], marks, last)
    if b > 1:
        _collect(rows, marks)
    return held
