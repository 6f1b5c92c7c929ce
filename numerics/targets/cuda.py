"""CUDA C: the whole time loop of one replica in one thread.

The state table lies coordinate-major, so threads of a warp read neighbouring addresses; for small dimensions it
lies in shared memory during the run.  Sizes are constants of the source; lazy scales and kept sums are registers.
"""

from __future__ import annotations

from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Form, Kernel, Law, Rate, Reduction, Sign, Watch
from numerics.targets import Problem
from numerics.targets.cuda_random import RANDOM
from numerics.targets.emit import CUDA, Emitter, c_select, indent, keeps, tree
from numerics.thinning import thinning

ENTRY = "advance_replicas"
THREADS = 64

#: Bytes of shared memory of a block on every device.
_SHARED_BYTES = 48 * 1024

_RANGES = {
    Domain.DATA: ("0", "M"),
    Domain.OUTSIDE: ("M", "N"),
    Domain.ALL: ("0", "N"),
    Domain.BATCH: ("0", "B"),
}
_PLACES = (Domain.DATA, Domain.OUTSIDE)


def fits_shared(rows: int) -> bool:
    """Whether the state tables of one block of threads fit into shared memory."""
    return rows * 8 * THREADS <= _SHARED_BYTES


def shared_bytes(rows: int) -> int:
    """Return the dynamic shared memory of a launch, in bytes."""
    return rows * 8 * THREADS if fits_shared(rows) else 0


def generate(problem: Problem) -> str:
    """Return the CUDA C source of a problem.

    The entry point takes, in this order: state (rows x replicas), watch (watchers x replicas), sequence,
    parameters, thresholds (device pointers), number of replicas (u64), number of the first one (u64),
    t0, t1 (i64), final (int), k0, k1 (u32).
    """
    return _Writer(problem).write()


class _Writer:
    """Writes the source of one problem."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.kernel = problem, problem.kernel
        self.emitter = Emitter(self.kernel, CUDA)
        self.masked = self.kernel.batch is Form.MASK

    def write(self) -> str:
        kernel, batches, n = self.kernel, self.problem.batches, self.problem.n
        shared = fits_shared(n + kernel.rows)
        body = [
            "u64 r = (u64)blockIdx.x * blockDim.x + threadIdx.x;",
            "if (r >= replicas) return;",
            *_place(shared),
            *(f"const double p{i} = parameters[{i}];" for i in range(len(kernel.parameters))),
            *self.emitter.statements(self.emitter.all_roots(), Rate.RUN),
            *(f"double {name} = {_at(f'N + {i}')};" for i, name in enumerate(self._table_names())),
            *self._batch_tables(),
            "for (i64 t = t0; t < t1 + (final ? 1 : 0); ++t) {",
            *indent(self._step(), 1),
            "}",
            *(f"{_at(f'N + {i}')} = {name};" for i, name in enumerate(self._table_names())),
        ]
        if shared:
            body.append("for (int k = 0; k < ROWS; ++k) state[(u64)k * replicas + r] = c[(u64)k * stride];")
        sizes = {"M": batches.m, "N": n, "B": batches.b, "ROWS": n + kernel.rows}
        return "\n".join(
            [
                *(f"#define {name} {value}" for name, value in sizes.items()),
                RANDOM,
                f'extern "C" __global__ void {ENTRY}(',
                "    double *state, double *watch, const i64 *sequence, const double *parameters,",
                "    const double *thresholds, u64 replicas, u64 first, i64 t0, i64 t1, int final,",
                "    u32 k0, u32 k1)",
                "{",
                *indent(body, 1),
                "}",
                "",
            ]
        )

    def _table_names(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        return [*(f"s{j}" for j in range(len(lazy.scales))), *(f"q{i}" for i in range(len(lazy.sums)))]

    def _batch_tables(self) -> list[str]:
        if self.kernel.law is not Law.SGD:
            return []
        if self.masked:
            return ["u64 mask[(M + 63) / 64];"]
        lines = ["u32 rows[B];", "Words w = {0u, 0u, 0u, 0u};", "i64 held = -1;"]
        return lines + ["u32 marks[(M + 31) / 32];"] * (self.problem.batches.b > 1)

    def _step(self) -> list[str]:
        kernel = self.kernel
        reductions = [(item, f"r{i}") for i, item in enumerate(kernel.reductions)]
        free = [(item, name) for item, name in reductions if item.domain is not Domain.BATCH]
        drawn = [(item, name) for item, name in reductions if item.domain is Domain.BATCH]
        lines = self._settle()
        for domain in Domain:
            lines += self._sums(domain, [pair for pair in free if pair[0].domain is domain], "double ")
        lines += [*self._watchers(drawn=False), "if (t == t1) break;", *self._draw()]
        lines += [*self._sums(Domain.BATCH, drawn, "double "), *self._watchers(drawn=True)]
        if kernel.lazy is None:
            return [*lines, *self.emitter.statements(self.emitter.step_roots(), Rate.LANE), *self._update()]
        return lines + self._lazy_update()

    # lazy scales

    def _by_class(self, domain: Domain, letter: str) -> str:
        assert self.kernel.lazy is not None
        names = [f"{letter}{j}" for j in self.kernel.lazy.of(domain)]
        return names[0] if len(names) == 1 else c_select("x > 0.0", *names)

    def _fresh(self) -> list[str]:
        """Write scales of 1 and fresh sums."""
        assert self.kernel.lazy is not None
        lines = [f"s{j} = 1.0;" for j in range(len(self.kernel.lazy.scales))]
        for i, kept in enumerate(self.kernel.lazy.sums):
            lines += self._sums(kept.reduction.domain, [(kept.reduction, f"q{i}")], "")
        return lines

    def _settle(self) -> list[str]:
        lazy = self.kernel.lazy
        if lazy is None:
            return []
        fold = [line for domain in _PLACES for line in self._move(domain, f"x * {self._by_class(domain, 's')}")]
        due = "t == 0" + (f" || t % {lazy.every} == 0" if lazy.every else "")
        return [f"if ({due}) {{", *indent([*fold, *self._fresh()], 1), "}"]

    def _move(self, domain: Domain, value: str, test: str = "") -> list[str]:
        low, high = _RANGES[domain]
        body = [f"const double x = {_at('k')};", f"{test}{_at('k')} = {value};"]
        return [f"for (int k = {low}; k < {high}; ++k) {{", *indent(body, 1), "}"]

    def _lazy_update(self) -> list[str]:
        """Write the values of one lane, the update of the batch, and the rare step that leaves the range."""
        lazy, emitter = self.kernel.lazy, self.emitter
        assert lazy is not None
        low, high = (float.hex(2.0**power) for power in (-lazy.range, lazy.range))
        count = range(len(lazy.scales))
        lines = emitter.statements([item.factor for item in lazy.scales], Rate.LANE)
        lines += [f"const double f{j} = {emitter.name(lazy.scales[j].factor)}, w{j} = s{j} * f{j};" for j in count]
        lines.append("const bool good = " + " && ".join(f"w{j} >= {low} && w{j} <= {high}" for j in count) + ";")
        lines += [f"const double inverse{j} = good ? 1.0 / w{j} : 1.0;" for j in count] * bool(self.kernel.rules)
        done = set(lines)
        lines += [line for line in emitter.statements(emitter.step_roots(), Rate.LANE) if line not in done]
        # In lanes that leave the range, the batch is moved with the others and then overwritten from its old values.
        bad = []
        for domain in _PLACES:
            value = f"x * {self._by_class(domain, 's')} * {self._by_class(domain, 'f')}"
            test = f"if ({self._outside_batch()}) " if domain is Domain.DATA and self.kernel.rules else ""
            bad += self._move(domain, value, test)
        lines += ["if (!good) {", *indent(self._cursor(bad), 1), "}", *self._members(_rule(emitter, Base.BATCH))]
        new = [f"s{j} = w{j};" for j in count]
        values = [(f"q{i}", emitter.name(kept.update)) for i, kept in enumerate(lazy.sums)]
        new += [f"const double n{name} = {value};" for name, value in values if name != value]
        new += [f"{name} = n{name};" for name, value in values if name != value]
        return [*lines, "if (good) {", *indent(new, 1), "} else {", *indent(self._fresh(), 1), "}"]

    def _outside_batch(self) -> str:
        if self.masked:
            return "!(mask[k >> 6] >> (k & 63) & 1)"
        return f"i < B && {_row(self.kernel, 'i')} == k ? (++i, false) : true"

    def _cursor(self, lines: list[str]) -> list[str]:
        return lines if self.masked or not self.kernel.rules else ["int i = 0;", *lines]

    def _members(self, rule: list[str]) -> list[str]:
        """Write a loop over the coordinates of the batch."""
        if not self.kernel.rules:
            return []
        if self.masked:
            return [
                "for (int k = 0; k < M; ++k) {",
                "    if (mask[k >> 6] >> (k & 63) & 1) {",
                *indent(rule, 2),
                "    }",
                "}",
            ]
        return ["for (int i = 0; i < B; ++i) {", f"    const u32 k = {_row(self.kernel, 'i')};", *indent(rule, 1), "}"]

    # all kernels

    def _draw(self) -> list[str]:
        """Write the draw of the batch."""
        if self.kernel.law is not Law.SGD:
            return []
        if self.masked:
            law = thinning(self.problem.batches.m, self.problem.batches.b)
            return [f"thin(mask, k0, k1, t, (u32)(first + r), M, B, {law.planes}, {law.numerator});"]
        return [
            "#if B == 1",
            "rows[0] = integer(w, held, k0, k1, (u64)t, (u32)(first + r), M);",
            "#else",
            "for (int i = 0; i < (M + 31) / 32; ++i) marks[i] = 0u;",
            "for (u32 i = 0; i < B; ++i) {",
            "    u32 last = M - B + i;",
            "    u32 value = integer(w, held, k0, k1, (u64)t * B + i, (u32)(first + r), last + 1u);",
            "    if (marks[value >> 5] >> (value & 31) & 1u) value = last;",
            "    marks[value >> 5] |= 1u << (value & 31);",
            "}",
            "for (u32 k = 0, i = 0; k < M; ++k)",
            "    if (marks[k >> 5] >> (k & 31) & 1u) rows[i++] = k;",
            "#endif",
        ]

    def _sums(self, domain: Domain, wanted: list[tuple[Reduction, str]], declare: str) -> list[str]:
        """Write reductions over one domain into their names, in one pass."""
        if not wanted:
            return []
        masked = domain is Domain.BATCH and self.masked
        low, high = ("0", "M") if masked else _RANGES[domain]

        def place(k: str) -> str:
            return _at(_row(self.kernel, k)) if domain is Domain.BATCH and not masked else _at(k)

        start = [f"{declare}{name} = {'0.0' if item.combine is Combine.SUM else CUDA.lowest};" for item, name in wanted]
        full = self._entries(wanted, [place(f"k + {j}") for j in range(TREE_WIDTH)], masked)
        rest = self._entries(wanted, [place("k")], masked)
        top = f"({low} + ({high} - {low}) / {TREE_WIDTH} * {TREE_WIDTH})"
        return [
            *start,
            f"for (int k = {low}; k < {top}; k += {TREE_WIDTH}) {{",
            *indent(full, 1),
            "}",
            f"for (int k = {top}; k < {high}; ++k) {{",
            *indent(rest, 1),
            "}",
        ]

    def _entries(self, wanted: list[tuple[Reduction, str]], places: list[str], masked: bool) -> list[str]:
        """Write the entries of some reductions for the coordinates ``k + j``, and their combination."""
        emitter, roots = self.emitter, [item.root for item, _ in wanted]
        lines = emitter.statements(emitter.frontier(roots), Rate.LANE)
        lines += ["const u64 bits = mask[k >> 6] >> (k & 63);"] * masked
        for j, place in enumerate(places):
            lines.append(f"const double x_{j} = {place};")
            lines += emitter.statements(roots, Rate.COORDINATE, f"_{j}")
        for item, name in wanted:
            leaves = [emitter.entry(item, j, f"bits >> {j} & 1" if masked else "") for j in range(len(places))]
            if item.combine is Combine.SUM:
                lines.append(f"{name} = {name} + {tree(leaves) if len(leaves) > 1 else leaves[0]};")
            else:
                lines += [f"{name} = {leaf} > {name} ? {leaf} : {name};" for leaf in leaves]
        return lines

    def _watchers(self, drawn: bool) -> list[str]:
        """Write the streaming of the watchers that need the batch, or of those that do not."""
        lines = []
        for place, item in enumerate(self.kernel.watchers):
            if self.kernel.drawn(item.root) is not drawn:
                continue
            value, old = self.emitter.name(item.root), f"watch[{place} * replicas + r]"
            if item.watch is Watch.MAXIMUM:
                test, new = f"{value} > {old}", value
            else:
                test, new = f"{old} < 0.0 && {value} >= thresholds[{place}]", "(double)t"
            body = [*self.emitter.statements([item.root], Rate.LANE), f"if ({test}) {old} = {new};"]
            lines += ["{", *indent(body, 1), "}"]
        return lines

    def _update(self) -> list[str]:
        """Write the dense update: one pass over the coordinates, with a cursor in the sorted batch."""
        emitter, kernel = self.emitter, self.kernel
        outside = ["for (int k = M; k < N; ++k) {", *indent(_rule(emitter, Base.OUTSIDE), 1), "}"]
        if kernel.law is Law.GD:
            return ["for (int k = 0; k < M; ++k) {", *indent(_rule(emitter, Base.BATCH), 1), "}", *outside]
        return [
            *self._cursor([]),
            "for (int k = 0; k < M; ++k) {",
            f"    if ({self._outside_batch()}) {{",
            *indent(_rule(emitter, Base.REST), 2),
            "    } else {",
            *indent(_rule(emitter, Base.BATCH), 2),
            "    }",
            "}",
            *outside,
        ]


def _place(shared: bool) -> list[str]:
    """Write where the state table of this replica lies."""
    if not shared:
        return ["double *c = state + r;", "const u64 stride = replicas;"]
    return [
        "extern __shared__ double block_state[];",
        "double *c = block_state + threadIdx.x;",
        "const u64 stride = blockDim.x;",
        "for (int k = 0; k < ROWS; ++k) c[(u64)k * stride] = state[(u64)k * replicas + r];",
    ]


def _at(k: str) -> str:
    return f"c[(u64)({k}) * stride]"


def _row(kernel: Kernel, i: str) -> str:
    """Write the i-th member of the batch, in increasing order."""
    return {
        Law.GD: i,
        Law.SGD: f"rows[{i}]",
        Law.CYCLIC: "t % M",
        Law.SEQUENCE: f"sequence[t * B + {i}]",
    }[kernel.law]


def _rule(emitter: Emitter, base: Base) -> list[str]:
    """Write the rule of one base at coordinate ``k``."""
    roots = emitter.rule_roots(base)
    if not roots:
        return []
    lines = [f"const double x = {_at('k')};", *emitter.statements(roots, Rate.COORDINATE)]
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else c_select(keeps(Sign.POSITIVE, "x"), *names)
    return [*lines, f"{_at('k')} = {value};"]
