"""The draws of ``numerics.random`` compiled for the CPU, on lanes: the same words, integers and subsets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from numerics.random import BATCHES, I64, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, U64, WEYL_0, WEYL_1

_M0, _M1 = np.uint64(MULTIPLIER_0), np.uint64(MULTIPLIER_1)
_W0, _W1 = np.uint64(WEYL_0), np.uint64(WEYL_1)
_MASK, _SHIFT, _TWO, _THREE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(2), np.uint64(3)
_SIXTEEN, _STREAM = np.uint64(16), np.uint64(BATCHES)

#: Up to this batch size a subset is kept by sorted insertion, above it by marking.
INSERTION = 16

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call, without fast-math."""
    decorate: Any = numba.njit(fastmath=False, error_model="numpy", nogil=True)
    return cast(_Function, decorate(function))


@compiled
def fill(
    words: U64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, attempt: np.uint64
) -> None:
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


@compiled
def _insert(rows: I64, count: int, last: int) -> None:
    """Floyd's step on sorted columns: ``rows[count]`` holds the draw, ``rows[:count]`` the subset so far."""
    for lane in range(rows.shape[1]):
        value = rows[count, lane]
        for i in range(count):
            if rows[i, lane] == value:
                value = last
        place = count
        while place > 0 and rows[place - 1, lane] > value:
            rows[place, lane] = rows[place - 1, lane]
            place -= 1
        rows[place, lane] = value


@compiled
def _mark(rows: I64, marks: Any, count: int, last: int) -> None:
    """Floyd's step on marks, shape (lanes, m)."""
    for lane in range(rows.shape[1]):
        value = rows[count, lane]
        if marks[lane, value]:
            value = last
        marks[lane, value] = True


@compiled
def _collect(rows: I64, marks: Any) -> None:
    """Write the marked coordinates in increasing order and clear the marks."""
    for lane in range(rows.shape[1]):
        count = 0
        for k in range(marks.shape[1]):
            if marks[lane, k]:
                rows[count, lane] = k
                count += 1
                marks[lane, k] = False


@compiled
def draw(
    rows: I64,
    marks: Any,
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
        if b > INSERTION:
            _mark(rows, marks, i, last)
        elif i > 0:
            _insert(rows, i, last)
    if b > INSERTION:
        _collect(rows, marks)
    return held
