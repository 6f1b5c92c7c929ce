"""CUDA C: the whole time loop of one replica in one thread, and its compilation by NVRTC.

The state lies coordinate-major, so threads of a warp read neighbouring addresses; for small dimensions it
lies in shared memory during the run.  Sizes are constants of the source.  Compile with ``OPTIONS``: NVRTC
contracts a*b+c to a fused multiply-add unless told not to, which would change bits.
"""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

from numerics.errors import TargetError
from numerics.ir import TREE_WIDTH, Base, Combine, Domain, Kernel, Law, Rate, Sign, Watch
from numerics.random import BATCHES, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, WEYL_0, WEYL_1
from numerics.targets import Problem
from numerics.targets.emit import CUDA, Emitter, c_select, indent, keeps, tree

OPTIONS = ("--fmad=false", "-std=c++17")
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

_RANDOM = f"""\
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

struct Words {{ u32 x0, x1, x2, x3; }};

__device__ inline Words philox(u32 k0, u32 k1, u64 block, u32 replica, u32 attempt)
{{
    Words w = {{(u32)block, (u32)(block >> 32), replica, attempt * 16u + {BATCHES}u}};
    for (int round = 0; round < {ROUNDS}; ++round) {{
        u64 p0 = (u64){MULTIPLIER_0:#x}u * w.x0, p1 = (u64){MULTIPLIER_1:#x}u * w.x2;
        Words next = {{(u32)(p1 >> 32) ^ w.x1 ^ k0, (u32)p1, (u32)(p0 >> 32) ^ w.x3 ^ k1, (u32)p0}};
        w = next;
        k0 += {WEYL_0:#x}u;
        k1 += {WEYL_1:#x}u;
    }}
    return w;
}}

__device__ inline u32 word(const Words &w, u32 which)
{{
    return which == 0 ? w.x0 : which == 1 ? w.x1 : which == 2 ? w.x2 : w.x3;
}}

/* Uniform integer in [0, size), 1 <= size < 2**32; the block of the first attempt is kept in w. */
__device__ inline u32 integer(Words &w, i64 &held, u32 k0, u32 k1, u64 index, u32 replica, u32 size)
{{
    if ((i64)(index >> 2) != held) {{
        held = (i64)(index >> 2);
        w = philox(k0, k1, index >> 2, replica, 0u);
    }}
    u64 product = (u64)word(w, (u32)(index & 3)) * size;
    if ((u32)product < size) {{
        u32 threshold = (u32)((1ull << 32) % size);
        for (u32 attempt = 1; (u32)product < threshold; ++attempt)
            product = (u64)word(philox(k0, k1, index >> 2, replica, attempt), (u32)(index & 3)) * size;
    }}
    return (u32)(product >> 32);
}}
"""


def fits_shared(n: int) -> bool:
    """Whether the states of one block of threads fit into shared memory."""
    return n * 8 * THREADS <= _SHARED_BYTES


def shared_bytes(n: int) -> int:
    """Return the dynamic shared memory of a launch, in bytes."""
    return n * 8 * THREADS if fits_shared(n) else 0


def generate(problem: Problem) -> str:
    """Return the CUDA C source of a problem.

    The entry point takes, in this order: state (N x replicas), watch (watchers x replicas), sequence,
    parameters, thresholds (device pointers), number of replicas (u64), number of the first one (u64),
    t0, t1 (i64), final (int), k0, k1 (u32).
    """
    kernel = problem.kernel
    emitter = Emitter(kernel, CUDA)
    free = [i for i, item in enumerate(kernel.reductions) if item.domain is not Domain.BATCH]
    drawn = [i for i, item in enumerate(kernel.reductions) if item.domain is Domain.BATCH]
    step = [line for domain in Domain for line in _reductions(emitter, domain, free)]
    step += [*_watchers(kernel, free), "if (t == t1) break;", *_draw(kernel)]
    step += [*_reductions(emitter, Domain.BATCH, drawn), *_watchers(kernel, drawn)]
    step += [*emitter.statements([rule.root for rule in kernel.rules], Rate.LANE), *_update(emitter)]
    body = [
        "u64 r = (u64)blockIdx.x * blockDim.x + threadIdx.x;",
        "if (r >= replicas) return;",
        *_place(fits_shared(problem.n)),
        *(f"const double p{i} = parameters[{i}];" for i in range(len(kernel.parameters))),
        *emitter.statements(emitter.all_roots(), Rate.RUN),
    ]
    if kernel.law is Law.SGD:
        body += ["u32 rows[B];", "Words w = {0u, 0u, 0u, 0u};", "i64 held = -1;"]
        body += ["u32 marks[(M + 31) / 32];"] if problem.batches.b > 1 else []
    body += ["for (i64 t = t0; t < t1 + (final ? 1 : 0); ++t) {", *indent(step, 1), "}"]
    body += ["for (int k = 0; k < N; ++k) state[(u64)k * replicas + r] = c[(u64)k * stride];"] * fits_shared(problem.n)
    return "\n".join(
        [
            f"#define M {problem.batches.m}",
            f"#define N {problem.n}",
            f"#define B {problem.batches.b}",
            _RANDOM,
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


def _place(shared: bool) -> list[str]:
    """Write where the state of this replica lies."""
    if not shared:
        return ["double *c = state + r;", "const u64 stride = replicas;"]
    return [
        "extern __shared__ double block_state[];",
        "double *c = block_state + threadIdx.x;",
        "const u64 stride = blockDim.x;",
        "for (int k = 0; k < N; ++k) c[(u64)k * stride] = state[(u64)k * replicas + r];",
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


def _draw(kernel: Kernel) -> list[str]:
    """Write the draw of the batch: Floyd's algorithm on a bit set."""
    if kernel.law is not Law.SGD:
        return []
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


def _reductions(emitter: Emitter, domain: Domain, wanted: list[int]) -> list[str]:
    """Write all wanted reductions over one domain in one pass."""
    chosen = [i for i in wanted if emitter.kernel.reductions[i].domain is domain]
    if not chosen:
        return []
    low, high = _RANGES[domain]

    def place(k: str) -> str:
        return _at(_row(emitter.kernel, k)) if domain is Domain.BATCH else _at(k)

    start = [
        f"double r{i} = {'0.0' if emitter.kernel.reductions[i].combine is Combine.SUM else CUDA.lowest};"
        for i in chosen
    ]
    full = _entries(emitter, chosen, [place(f"k + {j}") for j in range(TREE_WIDTH)])
    rest = _entries(emitter, chosen, [place("k")])
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


def _entries(emitter: Emitter, chosen: list[int], places: list[str]) -> list[str]:
    """Write the entries of some reductions for the coordinates ``k + j``, and their combination."""
    reductions = emitter.kernel.reductions
    lines = []
    for j, place in enumerate(places):
        lines.append(f"const double x_{j} = {place};")
        lines += emitter.statements([reductions[i].root for i in chosen], Rate.COORDINATE, f"_{j}")
    for i in chosen:
        leaves = [emitter.entry(reductions[i], j) for j in range(len(places))]
        if reductions[i].combine is Combine.SUM:
            lines.append(f"r{i} = r{i} + {tree(leaves) if len(leaves) > 1 else leaves[0]};")
        else:
            lines += [f"r{i} = {leaf} > r{i} ? {leaf} : r{i};" for leaf in leaves]
    return lines


def _watchers(kernel: Kernel, known: list[int]) -> list[str]:
    """Write the streaming of the watchers whose reductions are known."""
    lines = []
    for place, item in enumerate(kernel.watchers):
        if item.reduction not in known:
            continue
        value, old = f"r{item.reduction}", f"watch[{place} * replicas + r]"
        if item.watch is Watch.MAXIMUM:
            lines.append(f"if ({value} > {old}) {old} = {value};")
        else:
            lines.append(f"if ({old} < 0.0 && {value} >= thresholds[{place}]) {old} = (double)t;")
    return lines


def _update(emitter: Emitter) -> list[str]:
    """Write the update: one pass over the coordinates, with a cursor in the sorted batch."""
    kernel = emitter.kernel
    outside = ["for (int k = M; k < N; ++k) {", *indent(_rule(emitter, Base.OUTSIDE), 1), "}"]
    if kernel.law is Law.GD:
        return ["for (int k = 0; k < M; ++k) {", *indent(_rule(emitter, Base.BATCH), 1), "}", *outside]
    return [
        "for (int k = 0, i = 0; k < M; ++k) {",
        f"    if (i < B && {_row(kernel, 'i')} == k) {{",
        *indent(_rule(emitter, Base.BATCH), 2),
        "        ++i;",
        "    } else {",
        *indent(_rule(emitter, Base.REST), 2),
        "    }",
        "}",
        *outside,
    ]


def _rule(emitter: Emitter, base: Base) -> list[str]:
    """Write the rule of one base at coordinate ``k``."""
    roots = emitter.rule_roots(base)
    lines = [f"const double x = {_at('k')};", *emitter.statements(roots, Rate.COORDINATE)]
    names = [emitter.name(root) for root in roots]
    value = names[0] if len(names) == 1 else c_select(keeps(Sign.POSITIVE, "x"), *names)
    return [*lines, f"{_at('k')} = {value};"]


def nvrtc_library() -> Path | None:
    """Return the NVRTC library of the Python package ``nvidia-cuda-nvrtc-cu12``, or None without one."""
    try:
        found = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        return None
    folders = list(found.submodule_search_locations or []) if found else []
    for folder in folders:
        libraries = sorted(Path(folder, "lib").glob("libnvrtc.so.*"))
        if libraries:
            return libraries[0]
    return None


def compile_ptx(source: str, architecture: str = "compute_80") -> str:
    """Compile CUDA C to PTX by NVRTC; no device is needed.

    Raises
    ------
    TargetError
        If the library is missing, or the source does not compile (the message holds the compiler's log).
    """
    path = nvrtc_library()
    if path is None:
        raise TargetError("no NVRTC library: install the Python package nvidia-cuda-nvrtc-cu12")
    try:
        nvrtc = ctypes.CDLL(str(path))
    except OSError as problem:
        raise TargetError(f"the NVRTC library {path} cannot be loaded: {problem}") from None
    program = ctypes.c_void_p()
    code = nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"advance.cu", 0, None, None)
    if code:
        raise TargetError(f"NVRTC could not create a program: error {code}")
    try:
        options = [option.encode() for option in (*OPTIONS, f"--gpu-architecture={architecture}")]
        array = (ctypes.c_char_p * len(options))(*options)
        if nvrtc.nvrtcCompileProgram(program, len(options), array):
            raise TargetError("NVRTC rejects the source:\n" + _text(nvrtc, program, "ProgramLog"))
        return _text(nvrtc, program, "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _text(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> str:
    """Return a text that NVRTC holds."""
    size = ctypes.c_size_t()
    getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value)
    getattr(nvrtc, f"nvrtcGet{what}")(program, buffer)
    return buffer.value.decode()
