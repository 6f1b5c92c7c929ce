"""Memory of a compiled function on its stack: LLVM knows that it overlaps with no array that is handed in."""

from __future__ import annotations

from typing import Any

from llvmlite.ir import ArrayType, IntType  # type: ignore[import-untyped]
from numba.core import types
from numba.extending import intrinsic

_LINE = 64


def _words(context: Any, count: Any) -> Any:
    """Room for a literal number of 64-bit words, valid until the function that is compiled returns."""
    if not isinstance(count, types.IntegerLiteral):
        return None

    def generate(_: Any, builder: Any, signature: Any, args: Any) -> Any:
        with builder.goto_entry_block():
            room = builder.alloca(ArrayType(IntType(64), count.literal_value))
            room.align = _LINE
        return builder.bitcast(room, IntType(8).as_pointer())

    return types.voidptr(count), generate


stack: Any = intrinsic(_words)
