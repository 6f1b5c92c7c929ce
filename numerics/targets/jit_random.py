"""The draws of ``numerics.random`` compiled for the CPU, on lanes: the same words, integers and subsets."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite.ir import Constant, IntType  # type: ignore[import-untyped]
from numba.extending import intrinsic

from numerics.random import BATCHES, I64, REPAIRS, THINNING, U64
from numerics.targets.jit_philox import GROUP, compiled, fill, philox, places_of_group

_MASK, _SHIFT, _TWO, _THREE = np.uint64(0xFFFFFFFF), np.uint64(32), np.uint64(2), np.uint64(3)
_SIXTEEN, _BATCHES, _THINNING, _REPAIRS = (np.uint64(tag) for tag in (16, BATCHES, THINNING, REPAIRS))
_ZERO, _ONE, _SIX, _SIXTY_THREE, _BEYOND = (np.uint64(value) for value in (0, 1, 6, 63, 2**32))


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
        product = (words[which, lane] & _MASK) * (size & _MASK)  # said to be 32 bits wide: one vector instruction
        rejected += np.int64((product & _MASK) < threshold)
        out[lane] = product >> _SHIFT
    if rejected > 0:
        for lane in range(out.shape[0]):
            product = words[which, lane] * size
            attempt = np.uint64(0)
            while (product & _MASK) < threshold:
                attempt += np.uint64(1)
                fill(spare, k0, k1, index >> _TWO, replicas[lane : lane + 1], attempt * _SIXTEEN + _BATCHES)
                product = spare[which, 0] * size
            out[lane] = np.int64(product >> _SHIFT)


def _count_ones(context: Any, value: Any) -> Any:
    """Number of set bits of a 64-bit word (LLVM's ``ctpop``)."""

    def generate(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.ctpop(args[0])

    return numba.uint64(numba.uint64), generate


def _count_trailing_zeros(context: Any, value: Any) -> Any:
    """Position of the lowest set bit of a nonzero 64-bit word (LLVM's ``cttz``)."""

    def generate(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], Constant(IntType(1), 1))

    return numba.uint64(numba.uint64), generate


_lowest_bit: Any = intrinsic(_count_trailing_zeros)
_ones: Any = intrinsic(_count_ones)


@compiled
def _mark(draws: I64, marks: U64, last: int) -> None:
    """Floyd's step: add the draw to each lane's set, a row of bits, or ``last`` when the draw is in."""
    for lane in range(draws.shape[0]):
        value = np.int64(draws[lane])
        if marks[lane, value >> 6] >> np.uint64(value & 63) & _ONE:
            value = np.int64(last)
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
            fill(words, k0, k1, np.uint64(held), replicas, _BATCHES)
        last = m - b + i
        integers(rows[i], words, spare, k0, k1, np.uint64(index), replicas, np.uint64(last + 1))
        if b > 1:
            _mark(rows[i], marks, last)
    if b > 1:
        _collect(rows, marks)
    return held


@compiled
def draw_four(places: U64, k0: np.uint64, k1: np.uint64, block: int, replicas: U64, m: int) -> None:
    """Write where the samples of the steps ``4 block, ..., 4 block + 3`` lie, shape (4, lanes), for batches of one.

    The place of sample k of a lane is ``k * lanes + lane``.
    """
    size, width = np.uint64(m) & _MASK, places.shape[1]
    threshold = _BEYOND % size
    rejected = _ZERO
    if width >= GROUP:
        for first in range(0, width, GROUP):
            lane = min(first, width - GROUP)
            rejected |= places_of_group(places, replicas, lane, k0, k1, np.uint64(block), size, threshold)
    else:
        rejected = _ONE  # too few lanes for a group: every lane by itself
    if rejected != _ZERO:
        _repeat_four(places, k0, k1, np.uint64(block), replicas, size, threshold)


@compiled
def _repeat_four(
    places: U64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, size: np.uint64, threshold: np.uint64
) -> None:
    """Write the places of ``draw_four`` again, with every rejected draw repeated at the next attempts."""
    for lane in range(places.shape[1]):
        for which in range(4):
            tag, low = _BATCHES, _ZERO
            while tag == _BATCHES or low < threshold:
                product = philox(k0, k1, block, replicas[lane], tag)[which] * size
                low = product & _MASK
                tag += _SIXTEEN
            places[which, lane] = (product >> _SHIFT) * np.uint64(places.shape[1]) + np.uint64(lane)


@compiled
def thin(
    masks: U64,
    repairs: U64,
    words: U64,
    spare: U64,
    held: int,
    k0: np.uint64,
    k1: np.uint64,
    step: int,
    replicas: U64,
    m: int,
    b: int,
    planes: int,
    numerator: int,
) -> int:
    """Write the batches of one step as masks, shape (W, lanes or more), and return the block now held in ``words``.

    The first words of the repairs are computed for all lanes at once: ``repairs`` has shape (4 blocks, lanes).
    """
    width, lanes = masks.shape[0], replicas.shape[0]
    for w in range(width):
        for i in range(planes):
            pair = (step * width + w) * planes + i
            if pair >> 1 != held:
                held = pair >> 1
                fill(words, k0, k1, np.uint64(held), replicas, _THINNING)
            low, high = words[2 * (pair & 1)], words[2 * (pair & 1) + 1]
            if i == 0:
                for lane in range(lanes):
                    masks[w, lane] = low[lane] | high[lane] << _SHIFT
            elif numerator >> i & 1:
                for lane in range(lanes):
                    masks[w, lane] |= low[lane] | high[lane] << _SHIFT
            else:
                for lane in range(lanes):
                    masks[w, lane] &= low[lane] | high[lane] << _SHIFT
    if m & 63:
        tail = (_ONE << np.uint64(m & 63)) - _ONE
        for lane in range(lanes):
            masks[width - 1, lane] &= tail
    for block in range(repairs.shape[0] >> 2):
        fill(
            repairs[4 * block : 4 * block + 4],
            k0,
            k1,
            np.uint64(step),
            replicas,
            np.uint64(block) * _SIXTEEN + _REPAIRS,
        )
    _repair(masks, repairs, spare, k0, k1, step, replicas, m, b)
    return held


@compiled
def _repair(
    masks: U64, repairs: U64, spare: U64, k0: np.uint64, k1: np.uint64, step: int, replicas: U64, m: int, b: int
) -> None:
    """Add or remove uniform samples until every mask has b."""
    width, lanes = masks.shape[0], replicas.shape[0]
    ready, size = np.uint64(repairs.shape[0]), np.uint64(m)
    least = np.uint64(1 << 32) % size
    for lane in range(lanes):
        count = _ZERO
        for w in range(width):
            count += _ones(masks[w, lane])
        missing = np.int64(b) - np.int64(count)
        if missing == 0:
            continue
        member = _ONE if missing < 0 else _ZERO
        missing = abs(missing)
        draw = _ZERO
        while missing > 0:
            if draw < ready:
                word = repairs[draw, lane]
            else:
                if draw & _THREE == _ZERO or draw == ready:
                    tag = (draw >> _TWO) * _SIXTEEN + _REPAIRS
                    fill(spare, k0, k1, np.uint64(step), replicas[lane : lane + 1], tag)
                word = spare[draw & _THREE, 0]
            draw += _ONE
            product = word * size
            place = product >> _SHIFT
            bit = place & _SIXTY_THREE
            held = masks[place >> _SIX, lane]
            change = np.uint64(held >> bit & _ONE == member) & np.uint64(product & _MASK >= least)
            masks[place >> _SIX, lane] = held ^ (change << bit)
            missing -= np.int64(change)
