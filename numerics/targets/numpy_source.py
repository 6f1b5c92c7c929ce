"""Source of the NumPy target: array operations over replicas and coordinates, written into buffers that are reused.

A new array for every operation would cost more than the operation: the allocator returns the memory to the system
after each step.  So each value has a buffer until its last use (``_allocate``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from numerics.ir import Base, Combine, Domain, Form, Kernel, Kind, Law, Rate, Reduction, Sign
from numerics.targets.emit import Emitter, Syntax, indent, keeps


def _where(test: str, yes: str, no: str) -> str:
    return f"np.where({test}, {yes}, {no})"


_NUMPY = Syntax(repr, "np.sqrt", "", "", _where, "-np.inf", "m")
_PLACE = {Domain.DATA: "c[:m]", Domain.OUTSIDE: "c[m:n]", Domain.ALL: "c[:n]", Domain.BATCH: "g"}
_UFUNC = {
    Kind.ADD: "np.add",
    Kind.SUB: "np.subtract",
    Kind.MUL: "np.multiply",
    Kind.DIV: "np.divide",
    Kind.SQRT: "np.sqrt",
    Kind.NEG: "np.negative",
}
_LEAVES = (Kind.REDUCTION, Kind.SCALE, Kind.INVERSE, Kind.KEPT)

#: Pools of buffers: shape of each.
_SHAPES = {
    "lane": "lanes",
    "batch": "(b, lanes)",
    "data": "(m, lanes)",
    "outside": "(n - m, lanes)",
    "all": "(n, lanes)",
}
_POOL = {"c[:m]": "data", "c[m:n]": "outside", "c[:n]": "all"}
_NAME = re.compile(r"\b[a-z]\w*\b")
_WAITING = re.compile(r"(?P<name>\w+) = (?P<call>[\w.]+)\(.*\b(?P<pool>[a-z]+)@(?P<rest>.*\))$")
_COPY = re.compile(r"(?P<name>\w+) = (?P<value>.*)$")


class _Emitter(Emitter):
    """Writes operations as calls with ``POOL@`` for their result, which ``_allocate`` replaces by buffers."""

    def __init__(self, kernel: Kernel) -> None:
        super().__init__(kernel, _NUMPY)

    def name(self, position: int, suffix: str = "") -> str:
        """Return the name of a value; a leaf has its own."""
        op = self.kernel.ops[position]
        return self._value(op, suffix) if op.kind in _LEAVES else super().name(position, suffix)

    def arrays(self, roots: Iterable[int], rate: Rate, pool: str = "") -> list[str]:
        """Return the assignments of one rate that ``roots`` need, into buffers of a pool if one is given."""
        lines = []
        for position in self.kernel.needs(*roots):
            op = self.kernel.ops[position]
            if self.rates[position] is rate and op.kind in _UFUNC:
                args = [self.name(arg) for arg in op.args] + [f"{pool}@"] * bool(pool)
                lines.append(f"{self.name(position)} = {_UFUNC[op.kind]}({', '.join(args)})")
        return lines

    def pool(self, place: str) -> str:
        """Return the pool of buffers that are shaped like a place."""
        whole = self.kernel.law is Law.GD or self.kernel.batch is Form.MASK
        return ("data" if whole else "batch") if place == "g" else _POOL.get(place, "")

    def lanes(self, roots: Iterable[int]) -> list[str]:
        """Return the assignments of lane rate."""
        return self.arrays(roots, Rate.LANE, "lane")


def generate(kernel: Kernel) -> str:
    """Return the Python source of ``build(n, m, b, lanes, p0, ...)``, which returns a step.

    ``step(c, rows, t, last, watch)`` settles, streams what is watched to ``watch(place, values)``, and unless ``last``
    overwrites the table ``c`` with the next one.  ``rows`` are the members of the batch, their flat places in ``c``
    where replicas differ, or truth values where the batch is a mask.  Steps of one build must not overlap in time.
    """
    emitter = _Emitter(kernel)
    body = _step(emitter)
    buffers = _allocate(body)
    head = emitter.statements(emitter.all_roots(), Rate.RUN)
    # NumPy would convert a number at every call, but not an array without axes.
    head += [f"{name} = np.array({name})" for name in (line.split(" = ")[0] for line in list(head))]
    head.append("one = np.array(1.0)")
    for pool, count in buffers.items():
        names = ", ".join(f"{pool}{i}" for i in range(count))
        head.append(f"{names}, = (np.empty({_SHAPES[pool]}) for _ in range({count}))")
    values = "".join(f", p{i}" for i in range(len(kernel.parameters)))
    lines = [*head, *_settle(emitter), "def step(c, rows, t, last, watch):", *indent(body, 1), "return step"]
    return "\n".join([f"def build(n, m, b, lanes{values}):", *indent(lines, 1)]) + "\n"


def _allocate(lines: list[str]) -> dict[str, int]:
    """Give a buffer to every value that waits for one, in place; return how many buffers each pool has.

    Needs: straight-line code.  A name that is set without a buffer may be a view of all that it is made of.
    """
    last = {name: place for place, line in enumerate(lines) for name in _NAME.findall(line)}
    for line in reversed(lines):
        copy = None if _WAITING.search(line) else _COPY.match(line.strip())
        if copy:
            for name in _NAME.findall(copy["value"]):
                last[name] = max(last[name], last[copy["name"]])
    free: dict[str, list[int]] = {pool: [] for pool in _SHAPES}
    count = dict.fromkeys(_SHAPES, 0)
    held: dict[str, tuple[str, int]] = {}

    def release(names: Iterable[str]) -> None:
        for name in names:
            pool, slot = held.pop(name)
            free[pool].append(slot)

    for place, line in enumerate(lines):
        found = _WAITING.search(line)
        if found:
            name, pool = found["name"], found["pool"]
            in_place = found["call"] in _UFUNC.values()  # an entry of the result needs that entry of the operands only
            release([other for other in held if other == name or last[other] < place + in_place])
            if not free[pool]:
                free[pool].append(count[pool])
                count[pool] += 1
            slot = free[pool].pop()
            held[name] = (pool, slot)
            lines[place] = line.replace(f"{pool}@", f"{pool}{slot}")
    return {pool: number for pool, number in count.items() if number}


def _step(emitter: _Emitter) -> list[str]:
    kernel = emitter.kernel
    masked = kernel.batch is Form.MASK
    free = [i for i, item in enumerate(kernel.reductions) if item.domain is not Domain.BATCH]
    drawn = [i for i, item in enumerate(kernel.reductions) if item.domain is Domain.BATCH]
    body = []
    if kernel.lazy:
        due = "t == 0" + (f" or t % {kernel.lazy.every} == 0" if kernel.lazy.every else "")
        body += [f"if {due}:", "    settle(c, slice(None))", *_table_rows(kernel)]
    body += [line for i in free for line in _reduction(emitter, i)]
    body += _watchers(emitter, drawn=False)
    body += ["if last:", "    return"]
    gathered = "c[:m]" if masked else {Law.GD: "c[:m]", Law.SGD: "flat[rows]"}.get(kernel.law, "c[rows]")
    used = not kernel.lazy or kernel.rules
    if used and gathered == "flat[rows]":
        body += ["flat = c.reshape(-1)", "g = np.take(flat, rows, None, batch@, 'clip')"]
    elif used:
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
        body += _scale_bad_lanes(emitter)
    if kernel.rules:
        keep = "rest" if kernel.lazy is None else "c[:m]"
        body.append(f"c[:m] = np.where(rows, new, {keep})" if masked else f"{gathered} = new")
    if kernel.lazy:
        body += _store(emitter)
    return body


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


def _settle(emitter: _Emitter) -> list[str]:
    """Write ``settle`` for the lanes ``at``: scales into coordinates, then fresh sums (``resum``)."""
    kernel = emitter.kernel
    if kernel.lazy is None:
        return []
    scales, sums = kernel.lazy.scales, kernel.lazy.sums
    fold = _times_scale(kernel, "x * {scale}", lambda j: f"c[n + {j}, at]")
    body = []
    for row, kept in enumerate(sums, start=len(scales)):
        lines = _entries(emitter, kept.reduction, _PLACE[kept.reduction.domain][:-1] + ", at]")
        body += [*lines, f"c[n + {row}, at] = tree_sum(np.ascontiguousarray(q), np.empty(q.shape[1]))"]
    return [
        "def resum(c, at):",
        f"    c[n : n + {len(scales)}, at] = 1.0",
        *indent(body, 1),
        "",
        "def settle(c, at):",
        *indent(fold, 1),
        "    resum(c, at)",
        "",
    ]


def _entries(emitter: _Emitter, item: Reduction, place: str) -> list[str]:
    """Write the list ``q`` of a reduction over a place."""
    neutral = "0.0" if item.combine is Combine.SUM else "-np.inf"
    value = emitter.name(item.root)
    return [
        f"x = {place}",
        *emitter.arrays([item.root], Rate.COORDINATE, emitter.pool(place)),
        f"q = {value}" if emitter.rates[item.root] is Rate.COORDINATE else f"q = np.broadcast_to({value}, x.shape)",
        *_filter(item, neutral),
    ]


def _reduction(emitter: _Emitter, index: int) -> list[str]:
    """Write one reduction."""
    item = emitter.kernel.reductions[index]
    lines = emitter.lanes(emitter.frontier([item.root])) + _entries(emitter, item, _PLACE[item.domain])
    if item.domain is Domain.BATCH and emitter.kernel.batch is Form.MASK:
        lines.append(f"q = np.where(rows, q, {'0.0' if item.combine is Combine.SUM else '-np.inf'})")
    fold = "tree_sum" if item.combine is Combine.SUM else "largest"
    return [*lines, f"r{index} = {fold}(np.ascontiguousarray(q), lane@)"]


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


def _watchers(emitter: _Emitter, drawn: bool) -> list[str]:
    """Write the streaming of the watchers that need the batch, or of those that do not."""
    lines = []
    for place, item in enumerate(emitter.kernel.watchers):
        if emitter.kernel.drawn(item.root) is drawn:
            lines += emitter.lanes([item.root])
            lines.append(f"watch({place}, {emitter.name(item.root)})")
    return lines


def _lane_values(emitter: _Emitter) -> list[str]:
    """Write what is evaluated once a step and lane; the next scales come before what uses their inverses."""
    kernel = emitter.kernel
    if kernel.lazy is None:
        return emitter.lanes(emitter.step_roots())
    factors = [item.factor for item in kernel.lazy.scales]
    lines = emitter.lanes(factors)
    low, high = (repr(2.0**power) for power in (-kernel.lazy.range, kernel.lazy.range))
    lines += [f"w{j} = np.multiply(s{j}, {emitter.name(factor)}, lane@)" for j, factor in enumerate(factors)]
    lines.append(f"bad = beyond({low}, {high}, {', '.join(f'w{j}' for j in range(len(factors)))})")
    for j in range(len(factors)) if kernel.rules else ():
        lines += [f"inverse{j} = np.divide(one, w{j}, lane@)", f"if len(bad): inverse{j}[bad] = 1.0"]
    known = set(lines)
    return [*lines, *(line for line in emitter.lanes(emitter.step_roots()) if line not in known)]


def _scale_bad_lanes(emitter: _Emitter) -> list[str]:
    """Write the step of the coordinates outside the batch in lanes whose next scale leaves its range."""
    kernel = emitter.kernel
    assert kernel.lazy is not None
    names = range(len(kernel.lazy.scales))
    lines = ["if len(bad):", "    at = bad"]
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


def _store(emitter: _Emitter) -> list[str]:
    """Write the new scales and kept sums into the table."""
    kernel = emitter.kernel
    assert kernel.lazy is not None
    scales, sums = kernel.lazy.scales, kernel.lazy.sums
    lines = [f"c[n + {j}] = w{j}" for j in range(len(scales))]
    for row, kept in enumerate(sums, start=len(scales)):
        value = emitter.name(kept.update)
        lines += [f"c[n + {row}] = {value}"] * (value != f"q{row - len(scales)}")
    return [*lines, "if len(bad): resum(c, bad)"]


def _rule(emitter: _Emitter, base: Base, place: str, result: str) -> list[str]:
    """Write the rule of one base; ``place`` holds its coordinates before the step."""
    roots = emitter.rule_roots(base)
    lines = [f"x = {place}", *emitter.arrays(roots, Rate.COORDINATE, emitter.pool(place))]
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else _where(keeps(Sign.POSITIVE, "x"), *names)
    return [*lines, f"{result} = {value}"]
