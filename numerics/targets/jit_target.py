"""CPU JIT: generated Python source compiled by Numba; lanes innermost, time in the middle, blocks outside.

Code is compiled without fast-math, so LLVM neither reassociates nor contracts; nothing is cached on disk.
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numba
import numpy as np

from numerics.batches import Batches
from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Kernel, Law, Rate, Sign, Watch
from numerics.random import F64, U64, key_of
from numerics.targets import Advance, Problem
from numerics.targets.emit import PYTHON, Emitter, indent, keeps, tree
from numerics.targets.jit_random import draw

_RANGES = {
    Domain.DATA: ("0", "m"),
    Domain.OUTSIDE: ("m", "n"),
    Domain.ALL: ("0", "n"),
    Domain.BATCH: ("0", "b"),
}
_SIGNATURE = numba.void(
    numba.float64[:, ::1],  # c
    numba.float64[:, ::1],  # watch
    numba.uint64[::1],  # replicas
    numba.int64,  # t0
    numba.int64,  # t1
    numba.boolean,  # final
    numba.int64,  # m
    numba.int64,  # b
    numba.float64[::1],  # parameters
    numba.float64[::1],  # thresholds
    numba.uint64,  # k0
    numba.uint64,  # k1
    numba.int64[:, ::1],  # sequence
)
_compiled: dict[str, Any] = {}


def device() -> str:
    """Return the device that runs, in words."""
    return "CPU (Numba)"


def lanes_of(n: int) -> int:
    """Return a number of lanes for which the block of coordinates stays in the first-level cache."""
    return max(64, min(256, 2048 // max(1, n) // 16 * 16))


def generate(kernel: Kernel) -> str:
    """Return the Python source of the function that runs one block of lanes."""
    emitter = Emitter(kernel, PYTHON)
    free = [i for i, item in enumerate(kernel.reductions) if item.domain is not Domain.BATCH]
    drawn = [i for i, item in enumerate(kernel.reductions) if item.domain is Domain.BATCH]
    head = [
        "n, lanes = c.shape",
        *(f"p{i} = parameters[{i}]" for i in range(len(kernel.parameters))),
        *(f"red{i} = np.empty(lanes)" for i in range(len(kernel.reductions))),
        *(f"lane{i} = np.empty(lanes)" for i in _carried(emitter)),
        "g = np.empty((b, lanes))",
        *emitter.statements(emitter.all_roots(), Rate.RUN),
    ]
    if kernel.law is Law.SGD:
        head += [
            "rows = np.zeros((b, lanes), np.int64)",
            "marks = np.zeros((lanes, (m + 63) // 64), np.uint64)",
            "words = np.empty((4, lanes), np.uint64)",
            "spare = np.empty((4, 1), np.uint64)",
            "held = -1",
        ]
    step = [line for domain in Domain for line in _reductions(emitter, domain, free)]
    step += [*_watchers(kernel, free), "if t == t1:", "    break", *_gather(kernel)]
    step += [*_reductions(emitter, Domain.BATCH, drawn), *_watchers(kernel, drawn)]
    step += [*_lane_values(emitter), *_update(emitter)]
    lines = [
        "def advance(c, watch, replicas, t0, t1, final, m, b, parameters, thresholds, k0, k1, sequence):",
        *indent(head, 1),
        *indent(_loop("t", "t0, t1 + 1 if final else t1", step), 1),
    ]
    return "\n".join(lines) + "\n"


def _carried(emitter: Emitter) -> tuple[int, ...]:
    """Return the lane values that the rules read."""
    return emitter.frontier(rule.root for rule in emitter.kernel.rules)


def _loop(name: str, bounds: str, body: list[str]) -> list[str]:
    return [f"for {name} in range({bounds}):", *indent(body, 1)]


def _gather(kernel: Kernel) -> list[str]:
    """Write the draw of the batch and the copy of its coordinates into ``g``."""
    if kernel.law is Law.GD:
        return []
    if kernel.law is Law.SGD:
        return [
            "held = draw(rows, marks, words, spare, held, k0, k1, t, replicas, m)",
            *_loop("i", "b", _loop("l", "lanes", ["g[i, l] = c[rows[i, l], l]"])),
        ]
    return _loop("i", "b", [f"row = {_shared_row(kernel)}", *_loop("l", "lanes", ["g[i, l] = c[row, l]"])])


def _shared_row(kernel: Kernel) -> str:
    return "t % m" if kernel.law is Law.CYCLIC else "sequence[t, i]"


def _reductions(emitter: Emitter, domain: Domain, wanted: list[int]) -> list[str]:
    """Write all wanted reductions over one domain, in one pass over the coordinates."""
    chosen = [i for i in wanted if emitter.kernel.reductions[i].domain is domain]
    if not chosen:
        return []
    low, high = _RANGES[domain]
    source = "g" if domain is Domain.BATCH else "c"
    start = [
        f"red{i}[l] = {'0.0' if emitter.kernel.reductions[i].combine is Combine.SUM else '-np.inf'}" for i in chosen
    ]
    places = [f"{source}[k + {j}, l]" for j in range(TREE_WIDTH)]
    full = _entries(emitter, chosen, domain, places)
    rest = _entries(emitter, chosen, domain, [f"{source}[k, l]"])
    return [
        *_loop("l", "lanes", start),
        f"top = {low} + ({high} - {low}) // {TREE_WIDTH} * {TREE_WIDTH}",
        *_loop("k", f"{low}, top, {TREE_WIDTH}", _loop("l", "lanes", full)),
        *_loop("k", f"top, {high}", _loop("l", "lanes", rest)),
    ]


def _entries(emitter: Emitter, chosen: list[int], domain: Domain, places: list[str]) -> list[str]:
    """Write the entries of some reductions for the coordinates ``k + j``, and their combination."""
    reductions = emitter.kernel.reductions
    lines = []
    for j, place in enumerate(places):
        lines.append(f"x_{j} = {place}")
        lines += emitter.statements([reductions[i].root for i in chosen], Rate.COORDINATE, f"_{j}")
    for i in chosen:
        leaves = [emitter.entry(reductions[i], j) for j in range(len(places))]
        if reductions[i].combine is Combine.SUM:
            lines.append(f"red{i}[l] = red{i}[l] + {tree(leaves) if len(leaves) > 1 else leaves[0]}")
        else:
            lines.append(f"s = red{i}[l]")
            lines += [line for leaf in leaves for line in (f"q = {leaf}", "s = q if q > s else s")]
            lines.append(f"red{i}[l] = s")
    return lines


def _watchers(kernel: Kernel, known: list[int]) -> list[str]:
    """Write the streaming of the watchers whose reductions are known."""
    lines: list[str] = []
    for place, item in enumerate(kernel.watchers):
        if item.reduction not in known:
            continue
        value, old = f"red{item.reduction}[l]", f"watch[{place}, l]"
        if item.watch is Watch.MAXIMUM:
            lines += _loop("l", "lanes", [f"if {value} > {old}:", f"    {old} = {value}"])
        else:
            test = f"{old} < 0.0 and {value} >= thresholds[{place}]"
            lines += _loop("l", "lanes", [f"if {test}:", f"    {old} = float(t)"])
    return lines


def _lane_values(emitter: Emitter) -> list[str]:
    """Write the values that depend on the lane but not on the coordinate."""
    roots = [rule.root for rule in emitter.kernel.rules]
    body = [f"r{i} = red{i}[l]" for i in range(len(emitter.kernel.reductions))]
    body += emitter.statements(roots, Rate.LANE)
    body += [f"lane{i}[l] = v{i}" for i in _carried(emitter)]
    return _loop("l", "lanes", body)


def _update(emitter: Emitter) -> list[str]:
    """Write the update of all coordinates; batch values come from ``g``, taken before the step."""
    kernel = emitter.kernel
    if kernel.law is Law.GD:
        return _rule(emitter, Base.BATCH, "c", "0, m") + _rule(emitter, Base.OUTSIDE, "c", "m, n")
    lines = _rule(emitter, Base.BATCH, "g", "b")
    if emitter.rule_roots(Base.REST) == emitter.rule_roots(Base.OUTSIDE):
        lines += _rule(emitter, Base.REST, "c", "n")
    else:
        lines += _rule(emitter, Base.REST, "c", "m") + _rule(emitter, Base.OUTSIDE, "c", "m, n")
    if kernel.law is Law.SGD:
        return lines + _loop("i", "b", _loop("l", "lanes", ["c[rows[i, l], l] = g[i, l]"]))
    return lines + _loop("i", "b", [f"row = {_shared_row(kernel)}", *_loop("l", "lanes", ["c[row, l] = g[i, l]"])])


def _rule(emitter: Emitter, base: Base, table: str, bounds: str) -> list[str]:
    """Write the rule of one base on rows of a table."""
    roots = emitter.rule_roots(base)
    place = f"{table}[k, l]"
    body = [f"v{i} = lane{i}[l]" for i in emitter.frontier(roots)]
    body += [f"x = {place}", *emitter.statements(roots, Rate.COORDINATE)]
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else PYTHON.select(keeps(Sign.POSITIVE, "x"), *names)
    return _loop("k", bounds, _loop("l", "lanes", [*body, f"{place} = {value}"]))


def compile_kernel(kernel: Kernel) -> Any:
    """Return the compiled function of a kernel; each kernel is compiled once a process."""
    digest = kernel.digest()
    if digest not in _compiled:
        scope: dict[str, Any] = {"np": np, "sqrt": sqrt, "draw": draw}
        exec(compile(generate(kernel), f"<jit {digest[:12]}>", "exec"), scope)
        decorate = numba.njit([_SIGNATURE], fastmath=False, error_model="numpy", nogil=True, cache=False)
        _compiled[digest] = decorate(scope["advance"])
    return _compiled[digest]


def prepare(problem: Problem) -> Advance:
    """Compile the kernel of a problem and return its driver."""
    run = compile_kernel(problem.kernel)
    batches: Batches = problem.batches
    parameters = np.array(problem.parameters, np.float64)
    thresholds = np.array(problem.thresholds, np.float64)
    k0, k1 = (np.uint64(word) for word in key_of(batches.seed))
    width = lanes_of(problem.n)

    def advance(state: F64, watch: F64, replicas: range, steps: range, final: bool) -> None:
        for start in range(0, len(replicas), width):
            part = slice(start, min(start + width, len(replicas)))
            block, seen = np.ascontiguousarray(state[:, part]), np.ascontiguousarray(watch[:, part])
            who: U64 = np.asarray(replicas[part], np.uint64)
            run(
                block,
                seen,
                who,
                steps.start,
                steps.stop,
                final,
                batches.m,
                batches.b,
                parameters,
                thresholds,
                k0,
                k1,
                batches.sequence,
            )
            state[:, part], watch[:, part] = block, seen

    return advance
