"""Philox4x32-10 compiled for the CPU: one lane, and eight lanes at once as vectors of LLVM.

A round is a chain of dependent instructions.  Eight lanes are two chains side by side on a processor with vectors of
four words, which LLVM's own vectorising does not make; the lanes left over are covered by an overlapping group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite.ir import Constant, IntType, Undefined, VectorType  # type: ignore[import-untyped]
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from numerics.random import BATCHES, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, U64, WEYL_0, WEYL_1

#: Lanes of one group of vectors.
GROUP = 8

_M0, _M1 = np.uint64(MULTIPLIER_0), np.uint64(MULTIPLIER_1)
_W0, _W1 = np.uint64(WEYL_0), np.uint64(WEYL_1)
_MASK, _SHIFT = np.uint64(0xFFFFFFFF), np.uint64(32)

_WORD, _BIT = IntType(64), IntType(1)
_VECTOR = VectorType(_WORD, GROUP)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call, without fast-math."""
    decorate: Any = numba.njit(fastmath=False, error_model="numpy", nogil=True)
    return cast(_Function, decorate(function))


def inlined(function: _Function) -> _Function:
    """Compile a function into its callers: their loops over lanes are vectorised with it."""
    decorate: Any = numba.njit(fastmath=False, error_model="numpy", nogil=True, forceinline=True)
    return cast(_Function, decorate(function))


@inlined
def philox(
    k0: np.uint64, k1: np.uint64, block: np.uint64, replica: np.uint64, tag: np.uint64
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Return the four words of one block; the masks say to LLVM that products are of 32-bit factors."""
    x0, x1, x2, x3 = block & _MASK, block >> _SHIFT, replica & _MASK, tag & _MASK
    a, b = k0 & _MASK, k1 & _MASK
    for _ in range(ROUNDS):
        p0, p1 = _M0 * x0, _M1 * x2
        x0, x1, x2, x3 = (p1 >> _SHIFT) ^ x1 ^ a, p1 & _MASK, (p0 >> _SHIFT) ^ x3 ^ b, p0 & _MASK
        a, b = (a + _W0) & _MASK, (b + _W1) & _MASK
    return x0, x1, x2, x3


@compiled
def _fill_few(words: U64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, tag: np.uint64) -> None:
    """Write the four words of one block lane by lane."""
    lane = words.shape[1]
    while lane > 0:  # LLVM does not vectorise a loop that it cannot count
        lane -= 1
        replica = np.uint64(replicas[lane])
        words[0, lane], words[1, lane], words[2, lane], words[3, lane] = philox(k0, k1, block, replica, tag)


@compiled
def fill(words: U64, k0: np.uint64, k1: np.uint64, block: np.uint64, replicas: U64, tag: np.uint64) -> None:
    """Write the four words of one block for all lanes, shape (4, lanes); the tag is ``16 attempt + stream``."""
    width = words.shape[1]
    if width < GROUP:
        _fill_few(words, k0, k1, block, replicas, tag)
        return
    for first in range(0, width, GROUP):
        _words_of_group(words, replicas, min(first, width - GROUP), k0, k1, block, tag)


class _Lanes:
    """Writes operations on the lanes of one group with LLVM's builder."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def constant(self, value: int) -> Any:
        return Constant(_VECTOR, [value] * GROUP)

    def all(self, value: Any) -> Any:
        """Return a number in all lanes."""
        nothing, first = Constant(_VECTOR, Undefined), Constant(IntType(32), 0)
        one = self.builder.insert_element(nothing, value, first)
        return self.builder.shuffle_vector(one, nothing, Constant(VectorType(IntType(32), GROUP), [0] * GROUP))

    def low(self, value: Any) -> Any:
        """Return the low 32 bits of a number, or of all lanes."""
        mask = 0xFFFFFFFF
        return self.builder.and_(value, self.constant(mask) if value.type == _VECTOR else Constant(_WORD, mask))

    def high(self, value: Any) -> Any:
        """Return the high 32 bits of a number, or of all lanes."""
        return self.builder.lshr(value, self.constant(32) if value.type == _VECTOR else Constant(_WORD, 32))

    def load(self, data: Any, offset: Any) -> Any:
        value = self.builder.load(self._at(data, offset))
        value.align = 8
        return value

    def store(self, value: Any, data: Any, offset: Any) -> None:
        self.builder.store(value, self._at(data, offset)).align = 8

    def _at(self, data: Any, offset: Any) -> Any:
        return self.builder.bitcast(self.builder.gep(data, [offset]), _VECTOR.as_pointer())

    def philox(self, k0: Any, k1: Any, block: Any, replicas: Any, tag: Any) -> tuple[Any, Any, Any, Any]:
        """Return the four words of one block, as vectors."""
        make = self.builder
        x0, x1, x2, x3 = self.all(self.low(block)), self.all(self.high(block)), replicas, self.all(tag)
        a, b = self.low(k0), self.low(k1)
        for _ in range(ROUNDS):
            p0 = make.mul(self.constant(MULTIPLIER_0), self.low(x0))
            p1 = make.mul(self.constant(MULTIPLIER_1), self.low(x2))
            x0, x2 = (
                make.xor(self.high(p1), make.xor(x1, self.all(a))),
                make.xor(self.high(p0), make.xor(x3, self.all(b))),
            )
            x1, x3 = self.low(p1), self.low(p0)
            a, b = (self.low(make.add(key, Constant(_WORD, weyl))) for key, weyl in ((a, WEYL_0), (b, WEYL_1)))
        return x0, x1, x2, x3


def _write_words(context: Any, words: Any, replicas: Any, lane: Any, k0: Any, k1: Any, block: Any, tag: Any) -> Any:
    """Four words of one block for one group of lanes, into the rows of a table."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes = _Lanes(builder)
        words, replicas = (
            make_array(kind)(context, builder, array) for kind, array in zip(signature.args[:2], args[:2], strict=True)
        )
        offset, k0, k1, block, tag = args[2:]
        stride = builder.extract_value(words.shape, 1)
        for word in lanes.philox(k0, k1, block, lanes.load(replicas.data, offset), tag):
            lanes.store(word, words.data, offset)
            offset = builder.add(offset, stride)
        return context.get_dummy_value()

    return numba.void(words, replicas, numba.int64, *[numba.uint64] * 4), generate


def _write_places(
    context: Any, places: Any, replicas: Any, lane: Any, k0: Any, k1: Any, block: Any, size: Any, threshold: Any
) -> Any:
    """Where the samples of four steps lie in a table of ``places.shape[1]`` lanes, for one group of lanes.

    The place of sample k of a lane is ``k * lanes + lane``.  The value is nonzero when a draw has to be repeated.
    """

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lanes = _Lanes(builder)
        places, replicas = (
            make_array(kind)(context, builder, array) for kind, array in zip(signature.args[:2], args[:2], strict=True)
        )
        first, k0, k1, block, size, threshold = args[2:]
        width = builder.extract_value(places.shape, 1)
        own = builder.add(lanes.all(first), Constant(_VECTOR, list(range(GROUP))))
        offset, rejected = first, None
        many, across, least = lanes.all(lanes.low(size)), lanes.all(lanes.low(width)), lanes.all(threshold)
        for word in lanes.philox(k0, k1, block, lanes.load(replicas.data, first), Constant(_WORD, BATCHES)):
            product = builder.mul(word, many)
            place = builder.add(builder.mul(lanes.high(product), across), own)
            lanes.store(place, places.data, offset)
            offset = builder.add(offset, width)
            failed = builder.icmp_signed("<", lanes.low(product), least)  # both below 2^32: one instruction
            rejected = failed if rejected is None else builder.or_(rejected, failed)
        return builder.zext(builder.bitcast(rejected, IntType(GROUP)), _WORD)

    return numba.uint64(places, replicas, numba.int64, *[numba.uint64] * 5), generate


_words_of_group: Any = intrinsic(_write_words)
places_of_group: Any = intrinsic(_write_places)
