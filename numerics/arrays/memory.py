"""Memory of compiled array programs: doubles on the stack, and reads and writes without a check of the index.

Stack memory never escapes, so the compiler knows that it overlaps nothing; a plain index is not tested for its sign.
"""

from __future__ import annotations

from typing import Any

from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic  # type: ignore[misc]
def stack(typing_context: Any, count: Any) -> Any:
    """Reserve doubles on the stack; the count is a literal."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    size = count.literal_value

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        memory = cgutils.alloca_once(builder, context.get_value_type(types.float64), size=size)
        memory.align = 64
        return memory

    return types.CPointer(types.float64)(count), generate


@intrinsic  # type: ignore[misc]
def pointer(typing_context: Any, array: Any) -> Any:
    """Return the address of the first entry of an array."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, arguments[0]).data

    return types.CPointer(types.float64)(array), generate


@intrinsic  # type: ignore[misc]
def peek(typing_context: Any, pointer: Any, index: Any) -> Any:
    """Read an entry; the index is not negative."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(builder.gep(arguments[0], [arguments[1]], inbounds=True))

    return types.float64(pointer, types.int64), generate


@intrinsic  # type: ignore[misc]
def poke(typing_context: Any, pointer: Any, index: Any, value: Any) -> Any:
    """Write an entry; the index is not negative."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], builder.gep(arguments[0], [arguments[1]], inbounds=True))
        return context.get_dummy_value()

    return types.void(pointer, types.int64, types.float64), generate
