"""NumPy: generated Python source, vectorised over replicas and coordinates, one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Kernel, Law, Rate, Reduction, Sign, Watch
from numerics.random import F64, I64
from numerics.targets import Advance, Problem
from numerics.targets.emit import Emitter, Syntax, indent


def _where(test: str, yes: str, no: str) -> str:
    return f"np.where({test}, {yes}, {no})"


_NUMPY = Syntax(repr, "np.sqrt", "", "", _where, "-np.inf", "m")

#: Most entries of one table of drawn batches.
_TABLE = 1 << 20


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (NumPy)"


def tree_sum(values: F64) -> F64:
    """Sum over the first axis by the tree of the IR; shape (K, lanes) to (lanes,)."""
    full = len(values) // TREE_WIDTH
    total = np.zeros(values.shape[1])
    blocks = values[: TREE_WIDTH * full].reshape(full, TREE_WIDTH, values.shape[1])
    while blocks.shape[1] > 1:
        blocks = blocks[:, ::2] + blocks[:, 1::2]
    for block in blocks:
        total = total + block[0]
    for row in values[TREE_WIDTH * full :]:
        total = total + row
    return total


def largest(values: F64) -> F64:
    """Maximum over the first axis, ignoring NaN; minus infinity for an empty list."""
    total = np.full(values.shape[1], -np.inf)
    for row in values:
        total = np.where(row > total, row, total)
    return total


def generate(kernel: Kernel) -> str:
    """Return the Python source of the two functions ``observe`` and ``step``.

    ``observe(c, m, p)`` returns the reductions that do not need a batch; ``step(c, rows, lanes, m, p, r)``
    overwrites ``c`` and returns all reductions of the state before the step.
    """
    emitter = Emitter(kernel, _NUMPY)
    parameters = "".join(f"p{i}, " for i in range(len(kernel.parameters)))
    lines = [f"def observe(c, m, {parameters}):"]
    free = [i for i, item in enumerate(kernel.reductions) if item.domain is not Domain.BATCH]
    body = emitter.statements(emitter.all_roots(), Rate.RUN)
    for index in free:
        body += _reduction(emitter, index)
    body.append(f"return {{{', '.join(f'{i}: r{i}' for i in free)}}}")
    lines += indent(body, 1)

    lines += ["", f"def step(c, rows, lanes, m, {parameters}seen):"]
    body = emitter.statements(emitter.all_roots(), Rate.RUN)
    gathered = {Law.GD: "c[:m]", Law.SGD: "c[rows, lanes]"}.get(kernel.law, "c[rows]")
    body.append(f"g = {gathered}")
    body += [f"r{index} = seen[{index}]" for index in free]
    for index, item in enumerate(kernel.reductions):
        if item.domain is Domain.BATCH:
            body += [*_reduction(emitter, index), f"seen[{index}] = r{index}"]
    body += emitter.statements([rule.root for rule in kernel.rules], Rate.LANE)
    body += _rule(emitter, Base.BATCH, "g", "new")
    if kernel.law is not Law.GD:
        body += _rule(emitter, Base.REST, "c[:m]", "c[:m]")
    body += _rule(emitter, Base.OUTSIDE, "c[m:]", "c[m:]")
    body.append(f"{gathered} = new")
    lines += indent(body, 1)
    return "\n".join(lines) + "\n"


def _reduction(emitter: Emitter, index: int) -> list[str]:
    """Write one reduction."""
    item = emitter.kernel.reductions[index]
    place = {Domain.BATCH: "g", Domain.DATA: "c[:m]", Domain.OUTSIDE: "c[m:]", Domain.ALL: "c"}[item.domain]
    neutral = "0.0" if item.combine is Combine.SUM else "-np.inf"
    fold = "tree_sum" if item.combine is Combine.SUM else "largest"
    lines = emitter.statements([item.root], Rate.COORDINATE)
    value = emitter.name(item.root)
    return [
        f"x = {place}",
        *lines,
        f"q = np.broadcast_to({value}, x.shape)",
        *_filter(item, neutral),
        f"r{index} = {fold}(np.ascontiguousarray(q))",
    ]


def _filter(item: Reduction, neutral: str) -> list[str]:
    """Write the sign filters of a reduction."""
    tests = {Sign.POSITIVE: "{} > 0.0", Sign.NONPOSITIVE: "~({} > 0.0)"}
    inside, outside = item.data, item.outside
    if item.domain is Domain.ALL and inside is not outside:
        lines = ["keep = np.ones(x.shape, bool)"]
        for sign, part in ((inside, "[:m]"), (outside, "[m:]")):
            if sign is not Sign.ANY:
                lines.append(f"keep{part} = {tests[sign].format('x' + part)}")
        return [*lines, f"q = np.where(keep, q, {neutral})"]
    sign = outside if item.domain is Domain.OUTSIDE else inside
    if sign is Sign.ANY:
        return []
    return [f"q = np.where({tests[sign].format('x')}, q, {neutral})"]


def _rule(emitter: Emitter, base: Base, place: str, result: str) -> list[str]:
    """Write the rule of one base; ``place`` holds its coordinates before the step."""
    roots = emitter.rule_roots(base)
    lines = [f"x = {place}"]
    lines += emitter.statements(roots, Rate.COORDINATE)
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else _where("x > 0.0", names[0], names[1])
    return [*lines, f"{result} = {value}"]


def prepare(problem: Problem) -> Advance:
    """Generate the source of a problem and return its driver."""
    kernel, batches = problem.kernel, problem.batches
    scope: dict[str, Any] = {"np": np, "tree_sum": tree_sum, "largest": largest}
    exec(compile(generate(kernel), f"<numpy {kernel.digest()[:12]}>", "exec"), scope)
    observe: Callable[..., dict[int, F64]] = scope["observe"]
    step: Callable[..., None] = scope["step"]
    parameters = [np.float64(value) for value in problem.parameters]

    def record(watch: F64, seen: dict[int, F64], t: int) -> None:
        for place, item in enumerate(kernel.watchers):
            if item.reduction not in seen:
                continue  # a sum over the batch, after the last step
            value, old = seen[item.reduction], watch[place]
            if item.watch is Watch.MAXIMUM:
                watch[place] = np.where(value > old, value, old)
            else:
                watch[place] = np.where((old < 0.0) & (value >= problem.thresholds[place]), float(t), old)

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        lanes = np.arange(len(replicas))
        span = max(1, _TABLE // max(1, len(replicas) * max(batches.b, batches.m if batches.b > 1 else 1)))
        with np.errstate(all="ignore"):
            for start in range(steps.start, steps.stop, span):
                part = range(start, min(start + span, steps.stop))
                table: I64 | None = batches.drawn(replicas, part) if kernel.law is Law.SGD else None
                for t in part:
                    rows = batches.shared(t) if table is None else table[t - start]
                    seen = observe(state, batches.m, *parameters)
                    step(state, rows, lanes, batches.m, *parameters, seen)
                    record(watch, seen, t)
            if final:
                record(watch, observe(state, batches.m, *parameters), steps.stop)

    return advance
