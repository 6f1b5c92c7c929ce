"""NumPy: generated Python source, vectorised over replicas and coordinates, one step at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Form, Kernel, Law, Rate, Reduction, Sign, Watch
from numerics.random import F64
from numerics.targets import Advance, Problem
from numerics.targets.emit import Emitter, Syntax, indent, keeps
from numerics.thinning import inside


def _where(test: str, yes: str, no: str) -> str:
    return f"np.where({test}, {yes}, {no})"


_NUMPY = Syntax(repr, "np.sqrt", "", "", _where, "-np.inf", "m")
_PLACE = {Domain.DATA: "c[:m]", Domain.OUTSIDE: "c[m:n]", Domain.ALL: "c[:n]", Domain.BATCH: "g"}

#: Most entries of one table of drawn batches: the words of a table stay in the second-level cache.
_TABLE = 1 << 16


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
    """Return the Python source of ``step(c, n, m, rows, t, last, watch, p0, ...)``.

    It settles, streams what is watched to ``watch(place, values)``, and unless ``last`` overwrites the table ``c``
    with the next one.  ``rows`` are the members of the batch, their flat places in ``c`` where replicas differ, or
    truth values where the batch is a mask.
    """
    emitter = Emitter(kernel, _NUMPY)
    masked = kernel.batch is Form.MASK
    free = [i for i, item in enumerate(kernel.reductions) if item.domain is not Domain.BATCH]
    drawn = [i for i, item in enumerate(kernel.reductions) if item.domain is Domain.BATCH]
    body = emitter.statements(emitter.all_roots(), Rate.RUN)
    if kernel.lazy:
        due = "t == 0" + (f" or t % {kernel.lazy.every} == 0" if kernel.lazy.every else "")
        body += [f"if {due}:", "    settle(c, n, m, slice(None))", *_table_rows(kernel)]
    body += [line for i in free for line in _reduction(emitter, i)]
    body += _watchers(emitter, drawn=False)
    body += ["if last:", "    return"]
    gathered = "c[:m]" if masked else {Law.GD: "c[:m]", Law.SGD: "flat[rows]"}.get(kernel.law, "c[rows]")
    body += ["flat = c.reshape(-1)"] * (gathered == "flat[rows]")
    if not kernel.lazy or kernel.rules:
        body.append(f"g = {gathered}")
    body += [line for i in drawn for line in _reduction(emitter, i)]
    body += _watchers(emitter, drawn=True)
    body += _lane_values(emitter)
    if kernel.rules:
        body += _rule(emitter, Base.BATCH, "g", "new")
    if kernel.lazy is None:
        if kernel.law is not Law.GD:
            body += _rule(emitter, Base.REST, "c[:m]", "rest" if masked else "c[:m]")
        body += _rule(emitter, Base.OUTSIDE, "c[m:n]", "c[m:n]")
    else:
        body += _scale_bad_lanes(kernel)
    if kernel.rules:
        keep = "rest" if kernel.lazy is None else "c[:m]"
        body.append(f"c[:m] = np.where(rows, new, {keep})" if masked else f"{gathered} = new")
    if kernel.lazy:
        body += _store(kernel)
    values = "".join(f", p{i}" for i in range(len(kernel.parameters)))
    head = f"def step(c, n, m, rows, t, last, watch{values}):"
    return "\n".join([*_settle(emitter, values), head, *indent(body, 1)]) + "\n"


def _table_rows(kernel: Kernel) -> list[str]:
    """Name the rows of the state table beyond the coordinates."""
    assert kernel.lazy is not None
    names = [*(f"s{j}" for j in range(len(kernel.lazy.scales))), *(f"q{i}" for i in range(len(kernel.lazy.sums)))]
    return [f"{name} = c[n + {row}]" for row, name in enumerate(names)]


def _times_scale(kernel: Kernel, value: str, names: Callable[[int], str]) -> list[str]:
    """Write the product of the coordinates of the lanes ``at`` with their scales."""
    assert kernel.lazy is not None
    lines = []
    for domain in (Domain.DATA, Domain.OUTSIDE):
        place = _PLACE[domain][:-1] + ", at]"
        where = [names(j) for j in kernel.lazy.of(domain)]
        lines += [f"x = {place}"]
        chosen = where[0] if len(where) == 1 else _where("x > 0.0", *where)
        lines += [f"{place} = {value.format(scale=chosen)}"]
    return lines


def _settle(emitter: Emitter, values: str) -> list[str]:
    """Write ``settle`` for the lanes ``at``: scales into coordinates, then fresh sums (``resum``)."""
    kernel = emitter.kernel
    if kernel.lazy is None:
        return []
    scales, sums = kernel.lazy.scales, kernel.lazy.sums
    fold = _times_scale(kernel, "x * {scale}", lambda j: f"c[n + {j}, at]")
    body = []
    for row, kept in enumerate(sums, start=len(scales)):
        lines = _entries(emitter, kept.reduction, _PLACE[kept.reduction.domain][:-1] + ", at]")
        body += [*lines, f"c[n + {row}, at] = tree_sum(np.ascontiguousarray(q))"]
    return [
        "def resum(c, n, m, at):",
        f"    c[n : n + {len(scales)}, at] = 1.0",
        *indent(body, 1),
        "",
        "def settle(c, n, m, at):",
        *indent(fold, 1),
        "    resum(c, n, m, at)",
        "",
    ]


def _entries(emitter: Emitter, item: Reduction, place: str) -> list[str]:
    """Write the list ``q`` of a reduction over a place."""
    neutral = "0.0" if item.combine is Combine.SUM else "-np.inf"
    value = emitter.name(item.root)
    return [
        f"x = {place}",
        *emitter.statements([item.root], Rate.COORDINATE),
        f"q = {value}" if emitter.rates[item.root] is Rate.COORDINATE else f"q = np.broadcast_to({value}, x.shape)",
        *_filter(item, neutral),
    ]


def _reduction(emitter: Emitter, index: int) -> list[str]:
    """Write one reduction."""
    item = emitter.kernel.reductions[index]
    lines = emitter.statements(emitter.frontier([item.root]), Rate.LANE) + _entries(emitter, item, _PLACE[item.domain])
    if item.domain is Domain.BATCH and emitter.kernel.batch is Form.MASK:
        lines.append(f"q = np.where(rows, q, {'0.0' if item.combine is Combine.SUM else '-np.inf'})")
    fold = "tree_sum" if item.combine is Combine.SUM else "largest"
    return [*lines, f"r{index} = {fold}(np.ascontiguousarray(q))"]


def _filter(item: Reduction, neutral: str) -> list[str]:
    """Write the sign filters of a reduction."""
    tests = {Sign.POSITIVE: "{} > 0.0", Sign.NONPOSITIVE: "~({} > 0.0)"}
    data, outside = item.data, item.outside
    if item.domain is Domain.ALL and data is not outside:
        lines = ["keep = np.ones(x.shape, bool)"]
        for sign, part in ((data, "[:m]"), (outside, "[m:]")):
            if sign is not Sign.ANY:
                lines.append(f"keep{part} = {tests[sign].format('x' + part)}")
        return [*lines, f"q = np.where(keep, q, {neutral})"]
    sign = outside if item.domain is Domain.OUTSIDE else data
    if sign is Sign.ANY:
        return []
    return [f"q = np.where({tests[sign].format('x')}, q, {neutral})"]


def _watchers(emitter: Emitter, drawn: bool) -> list[str]:
    """Write the streaming of the watchers that need the batch, or of those that do not."""
    lines = []
    for place, item in enumerate(emitter.kernel.watchers):
        if emitter.kernel.drawn(item.root) is drawn:
            lines += emitter.statements([item.root], Rate.LANE)
            lines.append(f"watch({place}, {emitter.name(item.root)})")
    return lines


def _lane_values(emitter: Emitter) -> list[str]:
    """Write what is evaluated once a step and lane; the next scales come before what uses their inverses."""
    kernel = emitter.kernel
    if kernel.lazy is None:
        return emitter.statements(emitter.step_roots(), Rate.LANE)
    factors = [item.factor for item in kernel.lazy.scales]
    lines = emitter.statements(factors, Rate.LANE)
    low, high = (repr(2.0**power) for power in (-kernel.lazy.range, kernel.lazy.range))
    lines += [f"w{j} = s{j} * {emitter.name(factor)}" for j, factor in enumerate(factors)]
    tests = [f"(w{j} >= {low}) & (w{j} <= {high})" for j in range(len(factors))]
    lines += [f"good = {' & '.join(tests)}", "bad = np.nonzero(~good)[0]"]
    lines += [f"inverse{j} = np.where(good, 1.0 / w{j}, 1.0)" for j in range(len(factors))] * bool(kernel.rules)
    known = set(lines)
    return [*lines, *(line for line in emitter.statements(emitter.step_roots(), Rate.LANE) if line not in known)]


def _scale_bad_lanes(kernel: Kernel) -> list[str]:
    """Write the step of the coordinates outside the batch in lanes whose next scale leaves its range."""
    assert kernel.lazy is not None
    names = range(len(kernel.lazy.scales))
    lines = ["if len(bad):", "    at = bad"]
    emitter = Emitter(kernel, _NUMPY)
    lines += [f"    o{j} = s{j}[bad]; f{j} = {emitter.name(kernel.lazy.scales[j].factor)}[bad]" for j in names]
    for domain in (Domain.DATA, Domain.OUTSIDE):
        place = _PLACE[domain][:-1] + ", at]"
        where = kernel.lazy.of(domain)
        scale, factor = (
            f"{letter}{where[0]}" if len(where) == 1 else _where("x > 0.0", *(f"{letter}{j}" for j in where))
            for letter in "of"
        )
        lines += [f"    x = {place}", f"    {place} = x * {scale} * {factor}"]
    return lines


def _store(kernel: Kernel) -> list[str]:
    """Write the new scales and kept sums into the table."""
    assert kernel.lazy is not None
    emitter = Emitter(kernel, _NUMPY)
    scales, sums = kernel.lazy.scales, kernel.lazy.sums
    lines = [f"c[n + {j}] = w{j}" for j in range(len(scales))]
    for row, kept in enumerate(sums, start=len(scales)):
        value = emitter.name(kept.update)
        lines += [f"c[n + {row}] = {value}"] * (value != f"q{row - len(scales)}")
    return [*lines, "if len(bad):", "    resum(c, n, m, bad)"]


def _rule(emitter: Emitter, base: Base, place: str, result: str) -> list[str]:
    """Write the rule of one base; ``place`` holds its coordinates before the step."""
    roots = emitter.rule_roots(base)
    lines = [f"x = {place}", *emitter.statements(roots, Rate.COORDINATE)]
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else _where(keeps(Sign.POSITIVE, "x"), *names)
    return [*lines, f"{result} = {value}"]


def prepare(problem: Problem) -> Advance:
    """Generate the source of a problem and return its driver."""
    kernel, batches, n, m = problem.kernel, problem.batches, problem.n, problem.batches.m
    scope: dict[str, Any] = {"np": np, "tree_sum": tree_sum, "largest": largest}
    exec(compile(generate(kernel), f"<numpy {kernel.digest()[:12]}>", "exec"), scope)
    step: Callable[..., None] = scope["step"]
    parameters = [np.float64(value) for value in problem.parameters]

    def table_of(replicas: range, steps: range) -> Any:
        if kernel.law is not Law.SGD:
            return [batches.shared(t) for t in steps]
        if kernel.batch is Form.MASK:
            return inside(batches.masks(replicas, steps), m)
        return batches.drawn(replicas, steps) * len(replicas) + np.arange(len(replicas))

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        entries = 1 if batches.b == 1 else max(batches.b, m)
        span = max(1, _TABLE // max(1, len(replicas) * entries))
        now = steps.start

        def record(place: int, value: F64) -> None:
            old = watch[place]
            if kernel.watchers[place].watch is Watch.MAXIMUM:
                watch[place] = np.where(value > old, value, old)
            else:
                watch[place] = np.where((old < 0.0) & (value >= problem.thresholds[place]), float(now), old)

        block = np.ascontiguousarray(state)
        with np.errstate(all="ignore"):
            for start in range(steps.start, steps.stop, span):
                part = range(start, min(start + span, steps.stop))
                for now, rows in zip(part, table_of(replicas, part), strict=True):
                    step(block, n, m, rows, now, False, record, *parameters)
            if final:
                now = steps.stop
                step(block, n, m, None, now, True, record, *parameters)
        state[:] = block

    return advance
