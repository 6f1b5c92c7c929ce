r"""Uniform b-subsets of ``[0, m)`` as bit masks: thin all samples at once, then repair the size.

Every sample is kept independently with probability :math:`p = j / 2^r` near b/m, by r random bits each: with
random words :math:`x_1, x_2, \dots` and the bits of j from the lowest to the highest, the mask starts empty and
becomes ``mask | x`` for a bit 1 and ``mask & x`` for a bit 0.  Then samples drawn uniformly from ``[0, m)`` are
added (removed) one after the other, those already in (out) being drawn again, until the size is b.

Why it is exact: given its size, the thinned set is a uniform subset, and so is a uniform subset with one uniform
further member, or without one uniform member.  So each of the b-subsets is equally likely, for any p.  The cost is
r m / 32 words and some :math:`\sqrt{m}` repairs, against b words and b dependent steps of Floyd's algorithm.

Addresses: mask word w (samples 64 w, ..., 64 w + 63) of step t takes, for its i-th bit plane, the words
``2 q, 2 q + 1`` of the stream ``THINNING`` with ``q = (t W + w) r + i``, ``W = ceil(m / 64)``; repairs take the
words 0, 1, ... of block t, four an attempt, of the stream ``REPAIRS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np

from numerics.random import I64, REPAIRS, THINNING, U64, Buffer, consecutive_words, words

_SHIFT = np.uint64(32)
_MASK = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)

#: Most random bits a sample.
MAX_PLANES = 6

# Costs of one word, one repair, one sample of a dense pass, and one member of a list: measured ratios on one CPU.
# They only choose between two exact methods, by integers, so the choice is the same everywhere.
_WORD, _REPAIR, _DENSE, _MEMBER = 8, 40, 4, 70


@dataclass(frozen=True)
class Thinning:
    """The probability ``numerator / 2**planes`` of a sample, in lowest terms, ``1 <= planes <= MAX_PLANES``."""

    planes: int
    numerator: int

    def repairs(self, m: int, b: int) -> int:
        """Return the expected number of draws of a repair, roughly."""
        kept, whole = m * self.numerator, 1 << self.planes
        bias = abs(kept - b * whole) // whole
        spread = isqrt(kept * (whole - self.numerator)) // whole
        # A removal meets a member with probability b/m, an addition a non-member with probability 1 - b/m.
        return (bias + spread) * m // min(b, m - b)

    def cost(self, m: int, b: int) -> int:
        """Return the expected cost of a batch in the units of this module."""
        return _WORD * self.planes * (m // 32 + 1) + _REPAIR * self.repairs(m, b)


def thinning(m: int, b: int) -> Thinning:
    """Return the cheapest thinning for b of m samples, ``1 <= b < m``."""
    found = []
    for planes in range(1, MAX_PLANES + 1):
        nearest = min(max((2 * b * (1 << planes) + m) // (2 * m), 1), (1 << planes) - 1)
        if nearest % 2:
            candidate = Thinning(planes, nearest)
            found.append((candidate.cost(m, b), planes, candidate))
    return min(found, key=lambda item: item[:2])[2]


def pays(m: int, b: int) -> bool:
    """Whether masks cost less than lists for b of m samples."""
    return 1 < b < m and thinning(m, b).cost(m, b) + _DENSE * m < _MEMBER * b


def thin(seed: int, replica: U64, steps: range, m: int, b: int, buffer: Buffer | None = None) -> U64:
    """Return the masks of some steps and replicas, shape (len(steps), W, replicas); see the module's text."""
    law, width = thinning(m, b), -(-m // 64)
    count = len(steps) * width * law.planes
    first = 2 * steps.start * width * law.planes
    drawn = consecutive_words(seed, replica, first, 2 * count, THINNING, buffer)
    drawn = drawn.reshape(len(steps), width, law.planes, 2, len(replica))
    planes = drawn[:, :, :, 0] | drawn[:, :, :, 1] << _SHIFT
    mask = np.zeros(planes[:, :, 0].shape, np.uint64)
    for i in range(law.planes):
        mask = mask | planes[:, :, i] if law.numerator >> i & 1 else mask & planes[:, :, i]
    mask[:, -1] &= np.uint64(2 ** (m - 64 * (width - 1)) - 1)
    for place, step in enumerate(steps):
        _repair(mask[place], seed, replica, step, m, b)
    return mask


def _repair(mask: U64, seed: int, replica: U64, step: int, m: int, b: int) -> None:
    """Bring the masks of one step, shape (W, replicas), to size b."""
    missing = b - np.bitwise_count(mask).sum(axis=0).astype(np.int64)
    size, least = np.uint64(m), np.uint64(2**32 % m)
    lanes = np.nonzero(missing)[0]
    draw = 0
    while len(lanes):
        word = words(seed, replica[lanes], np.array(4 * step + draw % 4, np.uint64), draw // 4, REPAIRS)
        product = word * size
        k = product >> _SHIFT
        row, bit = (k >> np.uint64(6)).astype(np.int64), _ONE << (k & np.uint64(63))
        inside = (mask[row, lanes] & bit) != 0
        change = ((product & _MASK) >= least) & (inside == (missing[lanes] < 0))
        mask[row[change], lanes[change]] ^= bit[change]
        missing[lanes[change]] -= np.sign(missing[lanes[change]])
        lanes = lanes[missing[lanes] != 0]
        draw += 1


def members(mask: U64, m: int) -> I64:
    """Return the members of masks (count, W, replicas) of one size in increasing order, (count, b, replicas)."""
    count, _, replicas = mask.shape
    kept = inside(mask, m)
    rows = np.nonzero(kept.transpose(0, 2, 1))[2].reshape(count, replicas, -1)
    return np.ascontiguousarray(rows.transpose(0, 2, 1))


def inside(mask: U64, m: int) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """Return masks (count, W, replicas) as truth values, shape (count, m, replicas)."""
    bits = (mask[:, :, None] >> np.arange(64, dtype=np.uint64)[None, None, :, None] & _ONE).astype(bool)
    return bits.reshape(len(mask), -1, mask.shape[2])[:, :m]
