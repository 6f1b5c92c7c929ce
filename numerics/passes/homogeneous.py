"""Which summands are power sums: homogeneous in the coordinate."""

from __future__ import annotations

from numerics.ir import Kernel, Kind

#: Degree of a summand that is not homogeneous, or whose degree is not a positive integer.
NOT_HOMOGENEOUS = 0


def degree(kernel: Kernel, root: int) -> int:
    r"""Return p when ``ops[root]`` is :math:`a\,c^p` with p >= 1 and a constant a, else ``NOT_HOMOGENEOUS``.

    Then scaling every coordinate by s scales the sum by :math:`s^p`.  The test is structural: products add
    degrees, sums need equal ones.
    """
    found: dict[int, int | None] = {}
    for position in kernel.needs(root):
        op = kernel.ops[position]
        parts = [found[arg] for arg in op.args]
        match op.kind, parts:
            case Kind.COORDINATE, _:
                found[position] = 1
            case ((Kind.CONSTANT | Kind.PARAMETER), _):
                found[position] = 0
            case Kind.NEG, [a]:
                found[position] = a
            case Kind.MUL, [int(a), int(b)]:
                found[position] = a + b
            case Kind.DIV, [int(a), 0]:
                found[position] = a
            case ((Kind.ADD | Kind.SUB), [a, b]) if a == b:
                found[position] = a
            case _:
                found[position] = None
    return found[root] or NOT_HOMOGENEOUS
