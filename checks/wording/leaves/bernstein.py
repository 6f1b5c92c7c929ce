"""Bernstein coefficients on a chart of the domain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from checks.checker.boxes import bernstein, halve
from checks.checker.grammar import Node, parse
from checks.checker.kinds.bernstein import unit_cube
from checks.wording.leaves.question import Question
from checks.wording.notation import name_latex
from checks.wording.printer import Printer, number
from checks.wording.structure import Block, Step, Table

Coefficients = Mapping[Sequence[int], Fraction]
Sides = tuple[tuple[Fraction, Fraction], ...]


def describe(question: Question, certificate: Mapping[str, Any], out: Printer) -> Step:
    """Show the chart, and the coefficients as a table where they are few, else the smallest ones."""
    chart = certificate["chart"]
    table, degrees = unit_cube(question.p, chart, question.goal)
    names = [str(entry["variable"]) for entry in chart]
    boxes = list(
        _boxes(bernstein(table, degrees), degrees, certificate["boxes"], ((Fraction(0), Fraction(1)),) * len(names))
    )
    each = len(boxes[0][1])
    subject = question.subject
    shown = out.listed((_range(entry, out) for entry in chart), most=8)
    degree = ", ".join(f"{d} in ${_local(name)}$" for name, d in zip(names, degrees, strict=True))
    power = (
        ""
        if all(None not in (entry.get("low"), entry.get("high")) for entry in chart)
        else ", times a power of $1 - t$,"
    )
    cut = f"The cube of the $t$ is cut into {len(boxes)} boxes; on each of them all" if len(boxes) > 1 else "All its"
    words = (
        f"On the chart {shown}, {_substitutions(chart, out)}, {subject}{power} is a polynomial of degree {degree}.",
        f"{cut} {each} Bernstein coefficients are nonnegative"
        + (", and on every face that belongs to the domain one is positive." if question.sign == ">" else "."),
    )
    if each * len(boxes) <= out.cells:
        return Step("Bernstein coefficients", body=(*words, _table(boxes, names, degrees)))
    return Step("Bernstein coefficients", body=(*words, _extremes(boxes, names)))


def _range(entry: Mapping[str, Any], out: Printer) -> str:
    low, high = entry.get("low"), entry.get("high")
    left = "" if low is None else out.tex(parse(low)) + r" \le "
    return left + name_latex(entry["variable"]) + ("" if high is None else r" \le " + out.tex(parse(high)))


def _local(name: str) -> str:
    return f"t_{{{name_latex(name)}}}"


def _substitutions(chart: Sequence[Mapping[str, Any]], out: Printer) -> str:
    """Say how the variables run as the local ones go from 0 to 1."""
    found, linear = [], False
    for entry in chart:
        x, t = name_latex(entry["variable"]), _local(entry["variable"])
        low, high = (None if entry.get(key) is None else parse(entry[key]) for key in ("low", "high"))
        away: Node = ("text", rf"\frac{{{t}}}{{1 - {t}}}")
        if low is not None and high is not None:
            linear = True
        elif low is not None:
            found.append(f"{x} = {out.tex(('+', low, away))}")
        elif high is not None:
            found.append(f"{x} = {out.tex(('-', high, away))}")
    words = (
        ["each variable going linearly from its lower to its upper bound as its $t$ goes from 0 to 1"] if linear else []
    )
    if found:
        words.append((" except " if linear else "with ") + out.listed(found, most=8) + " for $0 \\le t < 1$")
    return ",".join(words)


def _boxes(b: Coefficients, degrees: list[int], tree: Any, sides: Sides) -> Iterator[tuple[Sides, Coefficients]]:
    if tree == "leaf":
        yield sides, b
        return
    axis = int(tree["axis"])
    low, high = sides[axis]
    middle = (low + high) / 2
    for half, key, ends in zip(
        halve(b, degrees, axis), ("left", "right"), ((low, middle), (middle, high)), strict=True
    ):
        yield from _boxes(dict(half), degrees, tree[key], (*sides[:axis], ends, *sides[axis + 1 :]))


def _box(sides: Sides, names: Sequence[str]) -> str:
    cut = [
        rf"{number(low)} \le {_local(name)} \le {number(high)}"
        for name, (low, high) in zip(names, sides, strict=True)
        if high - low != 1
    ]
    return f"${', '.join(cut)}$" if cut else ""


def _table(boxes: Sequence[tuple[Sides, Coefficients]], names: Sequence[str], degrees: Sequence[int]) -> Table:
    """Return one row for each box and index of all variables but one, one column for each index of that one."""
    live = [axis for axis, degree in enumerate(degrees) if degree]
    across = max(live, key=lambda axis: (degrees[axis] <= 8, degrees[axis], axis)) if live else None
    down = [axis for axis in live if axis != across]
    heads = [f"${_local(names[axis])}$" for axis in down]
    several = len(boxes) > 1
    last = range(degrees[across] + 1) if across is not None else range(1)
    rows = []
    for sides, b in boxes:
        for index in product(*(range(degrees[axis] + 1) for axis in down)):
            row = [_box(sides, names) if not any(index) else ""] if several else []
            row += [str(i) for i in index]
            for k in last:
                full = [0] * len(degrees)
                for axis, i in zip(down, index, strict=True):
                    full[axis] = i
                if across is not None:
                    full[across] = k
                row.append(f"${number(b[tuple(full)])}$")
            rows.append(tuple(row))
    where = f", columns by the index of ${_local(names[across])}$" if across is not None else ""
    columns = (*(["box"] if several else []), *heads, *(str(k) for k in last))
    return Table(
        f"Bernstein coefficients{where}{', rows by those of the others' if down else ''}", columns, tuple(rows)
    )


def _extremes(boxes: Sequence[tuple[Sides, Coefficients]], names: Sequence[str]) -> Block:
    every = [(value, index, sides) for sides, b in boxes for index, value in b.items()]
    zeros = sum(value == 0 for value, _, _ in every)
    least, index, sides = min((entry for entry in every if entry[0] > 0), default=min(every))
    largest = max(value for value, _, _ in every)
    where = ", ".join(f"{i} in ${_local(name)}$" for name, i in zip(names, index, strict=True))
    box = _box(sides, names)
    return (
        f"Of {len(every)} coefficients {zeros} {'is' if zeros == 1 else 'are'} zero; the smallest positive one is "
        f"${number(least)}$, at index {where}{f' in the box {box}' if box else ''}; the largest is ${number(largest)}$."
    )
