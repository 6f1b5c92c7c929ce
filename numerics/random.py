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

_MASK = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")


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
    x0, x1, x2, x3 = (part.copy() for part in np.broadcast_arrays(*counter))
    p0, p1 = np.empty_like(x0), np.empty_like(x0)
    k0, k1 = key
    for _ in range(ROUNDS):
        np.multiply(x0, np.uint64(MULTIPLIER_0), out=p0)
        np.multiply(x2, np.uint64(MULTIPLIER_1), out=p1)
        _mix(p1, x1, k0, x0)
        _mix(p0, x3, k1, x2)
        k0, k1 = (k0 + WEYL_0) & 0xFFFFFFFF, (k1 + WEYL_1) & 0xFFFFFFFF
    return x0, x1, x2, x3


def _mix(product: U64, low: U64, key: int, high: U64) -> None:
    """Write ``(product >> 32) ^ low ^ key`` into ``high``, and the low word of the product into ``low``."""
    np.right_shift(product, _SHIFT, out=high)
    np.bitwise_xor(high, low, out=high)
    np.bitwise_xor(high, np.uint64(key), out=high)
    np.bitwise_and(product, _MASK, out=low)


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


def consecutive_words(seed: int, replica: U64, first: int, count: int, stream: int = BATCHES) -> U64:
    """Return the words ``first, ..., first + count - 1`` of a stream, shape (count, replicas).

    Equal to ``words``, but every block is computed once.
    """
    low, high = first >> 2, (first + count + 3) >> 2
    block = np.arange(low, high, dtype=np.uint64)[:, None]
    counter = (
        block & _MASK,
        block >> _SHIFT,
        np.asarray(replica, np.uint64)[None, :],
        np.full((1, 1), stream, np.uint64),
    )
    table = np.stack(np.broadcast_arrays(*philox(counter, key_of(seed))), axis=1)
    return table.reshape(-1, len(replica))[first - 4 * low : first - 4 * low + count]


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
        The words of the first attempt, when the caller has them.

    Source: D. Lemire, Fast random integer generation in an interval, ACM TOMACS 29 (2019), Algorithm 5.
    """
    replica, index, sizes = np.broadcast_arrays(
        np.asarray(replica, np.uint64), np.asarray(index, np.uint64), np.asarray(size, np.uint64)
    )
    product = (words(seed, replica, index) if drawn is None else drawn) * sizes
    attempt = 0
    # Most sizes never reach the exact threshold test: l >= size is enough, since 2**32 mod size < size.
    while bool(np.any(rejected := (product & _MASK) < np.asarray(size, np.uint64))):
        rejected &= (product & _MASK) < np.uint64(2**32) % sizes
        if not rejected.any():
            break
        attempt += 1
        product[rejected] = words(seed, replica[rejected], index[rejected], attempt) * sizes[rejected]
    return (product >> _SHIFT).astype(np.int64)


def subsets(seed: int, replica: U64, steps: range, m: int, b: int) -> I64:
    r"""Return exactly uniform b-subsets of ``[0, m)``, sorted, shape (len(steps), b, replicas).

    Floyd's algorithm: for ``j = m-b, ..., m-1`` draw ``t`` uniform in ``[0, j]`` and insert ``t``, or ``j``
    when ``t`` is already in.  Of the ``m!/(m-b)!`` equally likely sequences of draws exactly ``b!`` lead to
    each subset.

    Source: J. Bentley, R. Floyd, A sample of brilliance, CACM 30 (1987).
    """
    count = len(steps)
    index = np.arange(steps.start * b, steps.stop * b, dtype=np.uint64)[:, None]
    sizes = np.tile(np.arange(m - b + 1, m + 1, dtype=np.uint64), count)[:, None] if b > 1 else m
    drawn = consecutive_words(seed, replica, steps.start * b, count * b)
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
    who = np.repeat(np.asarray(replicas, np.uint64), pairs)
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
