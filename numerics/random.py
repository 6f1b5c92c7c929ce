r"""Random draws as a pure function of (seed, replica, step, draw): Philox4x32-10 with logical counters.

A block of four 32-bit words is ``Philox4x32-10(counter, key)`` with

=========  =====================================================
key[0]     seed, low 32 bits
key[1]     seed, high 32 bits
counter[0] block, low 32 bits
counter[1] block, high 32 bits
counter[2] replica
counter[3] attempt * 16 + stream
=========  =====================================================

The word of index ``q`` is word ``q mod 4`` of block ``q // 4``.  The batch of step ``t`` uses the indices
``t*b, ..., t*b + b - 1`` of the stream ``BATCHES``; a draw that must be repeated takes the same index at
the next attempt.  So no draw depends on a thread, a chunk, or on whether another draw was repeated.

Source: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC 2011.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from numerics.errors import InputError, describe

U64: TypeAlias = npt.NDArray[np.uint64]
F64: TypeAlias = npt.NDArray[np.float64]
I64: TypeAlias = npt.NDArray[np.int64]

MULTIPLIER_0 = 0xD2511F53
MULTIPLIER_1 = 0xCD9E8D57
WEYL_0 = 0x9E3779B9
WEYL_1 = 0xBB67AE85
ROUNDS = 10

#: Streams: independent uses of one seed.
BATCHES = 0
STARTS = 1
THINNING = 2
REPAIRS = 3

# Scalars as arrays: NumPy would convert numbers at every call.
_M0, _M1 = np.array(MULTIPLIER_0, np.uint64), np.array(MULTIPLIER_1, np.uint64)
_MASK, _SHIFT = np.array(0xFFFFFFFF, np.uint64), np.array(32, np.uint64)

#: Blocks that are computed together: enough to hide the cost of calls; their six words stay in the cache.
_TILE = 1 << 14
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")


def numbers(replicas: range) -> U64:
    """Return the numbers of a range of replicas as an array (NumPy would read the range one by one)."""
    return np.arange(replicas.start, replicas.stop, dtype=np.uint64)


class Buffer:
    """Memory for tables of draws that is used again: new memory costs more than what is written into it.

    What a function returns from a buffer is valid until the buffer's next use; one thread uses it at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[str, U64] = {}

    def array(self, name: str, *shape: int) -> U64:
        """Return an array of a shape, with any content; every name has its own memory."""
        size = math.prod(shape)
        if name not in self._kept or len(self._kept[name]) < size:
            self._kept[name] = np.empty(size, np.uint64)
        return self._kept[name][:size].reshape(shape)


def key_of(seed: int) -> tuple[int, int]:
    """Split a seed in ``[0, 2**64)`` into the two key words."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**64:
        raise InputError(f"seed is {describe(seed)}; it must be an integer from 0 to 2**64 - 1")
    return int(seed) & 0xFFFFFFFF, int(seed) >> 32


def philox(counter: tuple[U64, U64, U64, U64], key: tuple[int, int]) -> tuple[U64, U64, U64, U64]:
    """Return the four words of Philox4x32-10 blocks, vectorised.

    Parameters
    ----------
    counter
        Four arrays (broadcastable) of 32-bit values held in uint64.
    key
        Two 32-bit key words.
    """
    x0, x1, x2, x3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):
        p0, p1 = x0 * np.uint64(MULTIPLIER_0), x2 * np.uint64(MULTIPLIER_1)
        x0, x1 = p1 >> _SHIFT ^ x1 ^ np.uint64(k0), p1 & _MASK
        x2, x3 = p0 >> _SHIFT ^ x3 ^ np.uint64(k1), p0 & _MASK
        k0, k1 = (k0 + WEYL_0) & 0xFFFFFFFF, (k1 + WEYL_1) & 0xFFFFFFFF
    return x0, x1, x2, x3


def words(seed: int, replica: U64, index: U64, attempt: int = 0, stream: int = BATCHES) -> U64:
    """Return the words of the given indices; ``replica`` and ``index`` broadcast against each other."""
    if attempt >= 2**28:
        raise InputError(f"attempt {attempt} does not fit into its 28 bits")
    replica, index = np.broadcast_arrays(np.asarray(replica, np.uint64), np.asarray(index, np.uint64))
    block = index >> np.uint64(2)
    tag = np.full_like(block, np.uint64(attempt * 16 + stream))
    block_words = philox((block & _MASK, block >> _SHIFT, replica, tag), key_of(seed))
    which = index & np.uint64(3)
    out = block_words[3]
    for place in (2, 1, 0):
        out = np.where(which == np.uint64(place), block_words[place], out)
    return out


def consecutive_words(
    seed: int, replica: U64, first: int, count: int, stream: int = BATCHES, buffer: Buffer | None = None
) -> U64:
    """Return the words ``first, ..., first + count - 1`` of a stream, shape (count, replicas).

    Equal to ``words``, but every block is computed once, and two of the ten rounds are shared: after the first one,
    two words of a block depend on the replica only, and two on the number of the block only.
    """
    low, high = first >> 2, (first + count + 3) >> 2
    split = ((low >> 32) + 1) << 32  # where the high word of the counter changes
    who = np.asarray(replica, np.uint64)
    buffer = buffer or Buffer()
    table = buffer.array("words", high - low, 4, len(who))
    for start, end in ((low, min(high, split)), (split, high)):
        if start < end:
            _blocks(seed, who, start, stream, table[start - low : end - low], buffer)
    return table.reshape(-1, len(who))[first - 4 * low : first - 4 * low + count]


@lru_cache(maxsize=16)
def _keys(seed: int) -> tuple[tuple[U64, U64], ...]:
    """Return the two key words of every round."""
    k0, k1 = key_of(seed)
    return tuple(
        (np.array(k0 + turn * WEYL_0 & 0xFFFFFFFF, np.uint64), np.array(k1 + turn * WEYL_1 & 0xFFFFFFFF, np.uint64))
        for turn in range(ROUNDS)
    )


def _blocks(seed: int, who: U64, first: int, stream: int, table: U64, buffer: Buffer) -> None:
    """Write blocks with one high word of the counter, shape (blocks, 4, replicas), tile by tile.

    Words 0 and 2 of a block lie in one array, words 1 and 3 in another: most operations do both halves of a round.
    """
    keys = _keys(seed)
    # First round: p1, x0, x1 belong to the replicas; p0, x2, x3 to the blocks.  Second round: the other way round.
    block = np.arange(first, first + len(table), dtype=np.uint64)[:, None]
    p1, x0, x1, p0, low0 = buffer.array("replicas", 5, 1, len(who))
    np.multiply(who[None, :], _M1, p1)
    np.right_shift(p1, _SHIFT, x0)
    np.bitwise_xor(x0, keys[0][0] ^ np.uint64(first >> 32), x0)
    np.bitwise_and(p1, _MASK, x1)
    np.bitwise_xor(x1, keys[1][0], x1)
    np.multiply(x0, _M0, p0)
    np.bitwise_and(p0, _MASK, low0)
    high0 = np.right_shift(p0, _SHIFT, p0)
    p0 = (block & _MASK) * _M0
    p1 = (p0 >> _SHIFT ^ keys[0][1] ^ np.uint64(stream)) * _M1
    high1, x3, low1 = p1 >> _SHIFT, p0 & _MASK ^ keys[1][1], p1 & _MASK

    height = max(1, _TILE // len(who))
    for low in range(0, len(table), height):
        part, here = table[low : low + height], slice(low, low + height)
        high, other, product = buffer.array("rounds", 3, 2, len(part), len(who))
        (x0, x2), (p1, p0) = high, product
        np.bitwise_xor(high1[here], x1, x0)
        np.bitwise_xor(high0, x3[here], x2)
        other[0], other[1] = low1[here], low0
        for key0, key1 in keys[2:]:
            np.multiply(x0, _M0, p0)
            np.multiply(x2, _M1, p1)
            np.right_shift(product, _SHIFT, high)
            np.bitwise_xor(high, other, high)
            np.bitwise_xor(x0, key0, x0)
            np.bitwise_xor(x2, key1, x2)
            np.bitwise_and(product, _MASK, other)
        for place, word in enumerate((x0, other[0], x2, other[1])):
            part[:, place] = word


def integers(seed: int, replica: U64, index: U64, size: int | U64, drawn: U64 | None = None) -> I64:
    r"""Return exactly uniform integers in ``[0, size)``, ``1 <= size <= 2**32``.

    With a uniform word ``x`` the product ``x * size = 2**32 * d + l`` gives the integer ``d``; it is accepted
    when ``l >= 2**32 mod size``, which leaves exactly ``floor(2**32 / size)`` words for each ``d``.

    Parameters
    ----------
    seed, replica, index
        Address of the draws; ``replica`` and ``index`` broadcast against each other.
    size
        One size, or one a draw.
    drawn
        The words of the first attempt, when the caller has them; they are overwritten.

    Source: D. Lemire, Fast random integer generation in an interval, ACM TOMACS 29 (2019), Algorithm 5.
    """
    replica, index, sizes = np.broadcast_arrays(
        np.asarray(replica, np.uint64), np.asarray(index, np.uint64), np.asarray(size, np.uint64)
    )
    product = np.array(words(seed, replica, index)) if drawn is None else drawn
    np.multiply(product, np.asarray(size, np.uint64), out=product)
    threshold = np.uint64(2**32) % np.asarray(size, np.uint64)  # zero where the size divides 2**32
    attempt = 0
    while bool(np.any(threshold)):
        rejected = (product & _MASK) < threshold
        if not rejected.any():
            break
        attempt += 1
        product[rejected] = words(seed, replica[rejected], index[rejected], attempt) * sizes[rejected]
    return np.right_shift(product, _SHIFT, out=product).view(np.int64)


def subsets(seed: int, replica: U64, steps: range, m: int, b: int, buffer: Buffer | None = None) -> I64:
    r"""Return exactly uniform b-subsets of ``[0, m)``, sorted, shape (len(steps), b, replicas).

    Floyd's algorithm: for ``j = m-b, ..., m-1`` draw ``t`` uniform in ``[0, j]`` and insert ``t``, or ``j``
    when ``t`` is already in.  Of the ``m!/(m-b)!`` equally likely sequences of draws exactly ``b!`` lead to
    each subset.

    Source: J. Bentley, R. Floyd, A sample of brilliance, CACM 30 (1987).
    """
    count = len(steps)
    index = np.arange(steps.start * b, steps.stop * b, dtype=np.uint64)[:, None]
    sizes = np.tile(np.arange(m - b + 1, m + 1, dtype=np.uint64), count)[:, None] if b > 1 else m
    drawn = consecutive_words(seed, replica, steps.start * b, count * b, buffer=buffer)
    draws = integers(seed, replica[None, :], index, sizes, drawn).reshape(count, b, len(replica))
    return draws if b == 1 else floyd(draws, m)


def floyd(draws: I64, m: int) -> I64:
    """Turn draws ``t_i`` in ``[0, m-b+i]``, shape (count, b, lanes), into sorted subsets, same shape."""
    count, b, lanes = draws.shape
    chosen = np.zeros((count, lanes, m), bool)
    for i in range(b):
        draw = draws[:, i, :, None]
        pick = np.where(np.take_along_axis(chosen, draw, axis=2), m - b + i, draw)
        np.put_along_axis(chosen, pick, True, axis=2)
    rows = np.nonzero(chosen)[2].reshape(count, lanes, b)
    return np.ascontiguousarray(rows.transpose(0, 2, 1))


def _logarithm(x: F64) -> F64:
    r"""Natural logarithm of ``x`` in (0, 1) by + - * / in a fixed order, so equal on every IEEE machine.

    ``x = f * 2**e`` with ``f`` in ``[sqrt(1/2), sqrt(2))``; with ``z = (f-1)/(f+1)``, ``|z| < 0.172``,

    .. math:: \log f = 2 \sum_{j \ge 0} z^{2j+1} / (2j+1),

    cut after ``j = 11``: the rest is below ``2 z^{25}/25/(1-z^2) < 10^{-20}``.
    """
    fraction, exponent = np.frexp(x)
    low = fraction < 0.70710678118654752
    fraction = np.where(low, 2.0 * fraction, fraction)
    exponent = np.where(low, exponent - 1, exponent).astype(np.float64)
    z = (fraction - 1.0) / (fraction + 1.0)
    square = z * z
    series = np.full_like(z, 1.0 / 23.0)
    for odd in range(21, 0, -2):
        series = series * square + 1.0 / odd
    return exponent * _LN2_HIGH + (2.0 * (z * series) + exponent * _LN2_LOW)


def gaussians(seed: int, replicas: range, n: int) -> F64:
    r"""Return independent standard normal numbers, shape (len(replicas), n), by the polar method.

    Pair ``p`` of a replica gives coordinates ``2p`` and ``2p+1``.  It takes the words ``4p, ..., 4p+3`` of
    the stream ``STARTS`` as two 52-bit numbers ``x_1, x_2`` and sets ``v_i = (2 x_i + 1) 2^{-52} - 1``,
    uniform on a symmetric grid in (-1, 1); with ``s = v_1^2 + v_2^2``, repeated at the next attempt while
    ``s >= 1``, the two numbers are

    .. math:: v_i \sqrt{-2 \log(s) / s}.

    Only + - * / and sqrt are used (the logarithm too), once, on the host: starts have equal bits for all
    targets and machines.

    Source: G. Marsaglia, T. A. Bray, A convenient method for generating normal variables,
    SIAM Review 6 (1964).
    """
    pairs = (n + 1) // 2
    who = np.repeat(numbers(replicas), pairs)
    pair = np.tile(np.arange(pairs, dtype=np.uint64), len(replicas))
    out = np.empty((len(who), 2))
    open_places = np.arange(len(who))
    attempt = 0
    while len(open_places):
        at, base = who[open_places], pair[open_places] * np.uint64(4)
        drawn = [words(seed, at, base + np.uint64(i), attempt, STARTS) for i in range(4)]
        v1, v2 = (_symmetric(drawn[i], drawn[i + 1]) for i in (0, 2))
        s = v1 * v1 + v2 * v2
        good = s < 1.0
        inside = s[good]
        scale = np.sqrt(-2.0 * _logarithm(inside) / inside)
        out[open_places[good], 0] = v1[good] * scale
        out[open_places[good], 1] = v2[good] * scale
        open_places = open_places[~good]
        attempt += 1
    return np.ascontiguousarray(out.reshape(len(replicas), 2 * pairs)[:, :n])


def _symmetric(high: U64, low: U64) -> F64:
    """Map two words to an odd multiple of 2**-53 in (-1, 1), never zero; every operation is exact."""
    mantissa = ((high << np.uint64(20)) | (low >> np.uint64(12))).astype(np.float64)  # 52 bits
    return (2.0 * mantissa + 1.0) * 2.0**-52 - 1.0
