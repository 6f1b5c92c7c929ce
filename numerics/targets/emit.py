"""What the emitters share: operations as assignments, in the common syntax of Python and C."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Kernel, Kind, Op, Rate, Reduction, Sign


@dataclass(frozen=True)
class Syntax:
    """How a target language writes what Python and C write differently.

    Attributes
    ----------
    literal
        Writes a double exactly.
    sqrt
        Name of the correctly rounded square root.
    declare
        What stands before a new name.
    end
        What ends a statement.
    select
        Writes ``a if test else b``.
    lowest
        Writes minus infinity.
    samples
        Name of the sample count m.
    """

    literal: Callable[[float], str]
    sqrt: str
    declare: str
    end: str
    select: Callable[[str, str, str], str]
    lowest: str
    samples: str

    def assign(self, name: str, value: str) -> str:
        """Write the definition of a new name."""
        return f"{self.declare}{name} = {value}{self.end}"


def python_select(test: str, yes: str, no: str) -> str:
    """Write a scalar choice in Python."""
    return f"({yes} if {test} else {no})"


def c_select(test: str, yes: str, no: str) -> str:
    """Write a scalar choice in C."""
    return f"(({test}) ? {yes} : {no})"


PYTHON = Syntax(repr, "sqrt", "", "", python_select, "-np.inf", "m")
CUDA = Syntax(float.hex, "sqrt", "const double ", ";", c_select, "(-1.0 / 0.0)", "M")


class Emitter:
    """Writes the operations of one kernel.

    The name of the value of operation ``i`` is ``v<i>``; values of coordinate rate carry a suffix, so that
    several coordinates can be treated in one loop body.
    """

    def __init__(self, kernel: Kernel, syntax: Syntax) -> None:
        self.kernel = kernel
        self.syntax = syntax
        self.rates = kernel.rates()

    def name(self, position: int, suffix: str = "") -> str:
        """Return the name of the value of an operation; the coordinate itself is ``x`` with the suffix."""
        letter = "x" if self.kernel.ops[position].kind is Kind.COORDINATE else f"v{position}"
        return f"{letter}{suffix if self.rates[position] is Rate.COORDINATE else ''}"

    def statements(self, roots: Iterable[int], rate: Rate, suffix: str = "") -> list[str]:
        """Return the assignments of one rate that ``roots`` need; the coordinate must have its name."""
        return [
            self.syntax.assign(self.name(position, suffix), self._value(self.kernel.ops[position], suffix))
            for position in self.kernel.needs(*roots)
            if self.rates[position] is rate and self.kernel.ops[position].kind is not Kind.COORDINATE
        ]

    def entry(self, item: Reduction, j: int, member: str = "") -> str:
        """Return the text of the entry of a reduction at coordinate ``k + j``, with its sign filter.

        ``member`` tests whether the coordinate is in the list, where some are not.
        """
        value, place = self.name(item.root, f"_{j}"), f"x_{j}"
        inside, outside = keeps(item.data, place), keeps(item.outside, place)
        test = outside if item.domain is Domain.OUTSIDE else inside
        if item.domain is Domain.ALL and item.data is not item.outside:
            where = f"k + {j} < {self.syntax.samples}"
            test = self.syntax.select(where, inside or "1 == 1", outside or "1 == 1")
        neutral = "0.0" if item.combine is Combine.SUM else self.syntax.lowest
        for condition in (test, member):
            value = self.syntax.select(condition, value, neutral) if condition else value
        return value

    def frontier(self, roots: Iterable[int]) -> tuple[int, ...]:
        """Return the operations of lane rate that operations of coordinate rate, or roots, use directly."""
        roots = tuple(roots)
        used = {root for root in roots if self.rates[root] is Rate.LANE}
        for position in self.kernel.needs(*roots):
            if self.rates[position] is Rate.COORDINATE:
                used |= {arg for arg in self.kernel.ops[position].args if self.rates[arg] is Rate.LANE}
        return tuple(sorted(used))

    def rule_roots(self, base: Base) -> tuple[int, ...]:
        """Return the roots of a base's rules: one, or the pair for ``c > 0`` and its negation."""
        return tuple(dict.fromkeys(rule.root for rule in self.kernel.rules_of(base)))

    def all_roots(self) -> tuple[int, ...]:
        """Return every position that some part of the kernel refers to."""
        kernel = self.kernel
        return (
            *(rule.root for rule in kernel.rules),
            *(item.root for item in kernel.summands),
            *(item.root for item in kernel.watchers),
            *kernel.lane_roots(),
        )

    def step_roots(self) -> tuple[int, ...]:
        """Return what is evaluated once a step and lane after the batch is drawn: rules, factors, kept sums."""
        return (*(rule.root for rule in self.kernel.rules), *self.kernel.lane_roots())

    def _value(self, op: Op, suffix: str) -> str:
        args = [self.name(arg, suffix) for arg in op.args]
        match op.kind:
            case Kind.CONSTANT:
                assert op.value is not None
                return self.syntax.literal(float(op.value))
            case Kind.PARAMETER:
                return f"p{self.kernel.parameters.index(op.name)}"
            case Kind.REDUCTION:
                names = [item.name for item in self.kernel.reductions]
                return self.reduction_value(names.index(op.name))
            case Kind.SCALE | Kind.INVERSE:
                assert self.kernel.lazy is not None
                at = [item.name for item in self.kernel.lazy.scales].index(op.name)
                return f"{'s' if op.kind is Kind.SCALE else 'inverse'}{at}"
            case Kind.KEPT:
                assert self.kernel.lazy is not None
                return f"q{[item.reduction.name for item in self.kernel.lazy.sums].index(op.name)}"
            case Kind.SQRT:
                return f"{self.syntax.sqrt}({args[0]})"
            case Kind.NEG:
                return f"-{args[0]}"
            case _:
                return f"{args[0]} {op.kind.value} {args[1]}"

    def name_of_leaf(self, position: int) -> str:
        """Return the name of a reduction, scale or kept sum, or an empty text for other operations."""
        op = self.kernel.ops[position]
        return self._value(op, "") if op.kind in (Kind.REDUCTION, Kind.SCALE, Kind.KEPT) else ""

    def reduction_value(self, index: int) -> str:
        """Return the text of a reduction's value."""
        return f"r{index}"


def tree(leaves: list[str]) -> str:
    """Write the balanced sum of ``TREE_WIDTH`` leaves."""
    assert len(leaves) == TREE_WIDTH
    while len(leaves) > 1:
        leaves = [f"({a} + {b})" for a, b in zip(leaves[::2], leaves[1::2], strict=True)]
    return leaves[0]


def keeps(sign: Sign, place: str) -> str:
    """Write the test of a sign filter in C and Python syntax."""
    return {Sign.ANY: "", Sign.POSITIVE: f"{place} > 0.0", Sign.NONPOSITIVE: f"({place} > 0.0) == 0"}[sign]


def indent(lines: Iterable[str], depth: int) -> list[str]:
    """Indent lines by ``depth`` levels of four blanks."""
    return ["    " * depth + line for line in lines]
