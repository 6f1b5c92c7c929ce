"""CUDA of array programs: NVRTC compiles it without fused multiply-add; on a host compiler its bits are NumPy's."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from written_models import TABLES

from numerics import TargetError
from numerics.arrays import cuda_target, cupy_target, simulate_arrays
from numerics.arrays.data import instance
from numerics.arrays.ir import ETA
from numerics.arrays.setting import setting
from numerics.arrays.source import nearest
from numerics.targets import nvrtc, target

#: What a host C++ compiler needs to read CUDA C as a loop over blocks and threads.
SHIM = """
#include <math.h>
struct Index { unsigned x; };
static Index blockIdx, blockDim, threadIdx;
#define __device__ static
#define __global__
"""
#: Subsets of 3 of 7 are drawn one by one, of 20 of 40 by thinning.
CASES = [
    ("stochastic-quadratic", {"atoms": 6, "p": 3}, "sgd", 1),
    ("stochastic-quadratic", {"atoms": 6, "p": 3}, "sgd", 40),
    ("styblinski-tang", {"atoms": 6, "p": 5}, "sgd", 30),
    ("styblinski-tang", {"atoms": 6, "p": 5}, "gd", None),
    ("diagonal-linear", {"samples": 7, "d": 3, "depth": 3}, "sgd", 3),
    ("diagonal-linear", {"samples": 40, "d": 2}, "sgd", 20),
    ("deep-linear", {"samples": 5, "d": 3, "depth": 2}, "sgd", 1),
    ("deep-linear", {"samples": 5, "d": 3, "depth": 3}, "gd", None),
    ("low-rank-regression", {"samples": 5, "d": 6, "r": 2}, "sgd", 2),
    ("low-rank-regression", {"samples": 5, "d": 4, "r": 2}, "cyclic", None),
    ("diagonal-linear", {"samples": 7, "d": 3, "depth": 2}, "cyclic", 3),
    ("styblinski-tang", {"atoms": 6, "p": 3}, "epochs", 2),
]
NETWORK = ("two-layer-relu-softmax", {"samples": 7, "d": 4, "m": 6, "classes": 3}, "sgd", 3)
IDS = [f"{name}-{algorithm}-{b}" for name, _, algorithm, b in [*CASES, NETWORK]]
STEP = sp.Rational(1, 50)


def coefficient(c: Any) -> float:
    return nearest(sp.sympify(c).subs(ETA, STEP))


@pytest.mark.parametrize(("name", "sizes", "algorithm", "b"), [*CASES, NETWORK], ids=IDS)
def test_source_compiles_without_fused_multiply_add(name, sizes, algorithm, b):
    if nvrtc.library() is None:
        pytest.skip("NOT TESTED: the CUDA source, because nvidia-cuda-nvrtc-cu12 is not installed")
    made = setting(name, algorithm, b, sizes, 11)
    ptx = nvrtc.compile_ptx(cuda_target.generate(made.program, made.draws).text)
    assert f".entry {cuda_target.ENTRY}" in ptx
    assert "mul.rn.f64" in ptx
    if name != NETWORK[0]:  # the library's exponential has fused operations of its own
        assert "fma.rn.f64" not in ptx


def on_host(source: cuda_target.Source, folder: Path) -> Any:
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("NOT TESTED: bits of the CUDA source on the host, because there is no C++ compiler")
    names = [f"a{i}" for i in range(len(source.operands))]
    tables = "".join(f" const double *{name}," for name in names)
    launch = f"""
extern "C" void launch(unsigned blocks, double *state, double *workspace, const u32 *given, const double *scalars,
    {tables} u64 replicas, u64 first, u64 atoms, i64 t0, i64 t1, u32 k0, u32 k1)
{{
    blockDim.x = {cuda_target.THREADS};
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < {cuda_target.THREADS}; ++threadIdx.x)
            {cuda_target.ENTRY}(state, workspace, given, scalars, {"".join(f"{name}, " for name in names)}
                replicas, first, atoms, t0, t1, k0, k1);
}}
"""
    (folder / "advance.cpp").write_text(SHIM + source.text + launch)
    library = folder / "advance.so"
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-w"]
    subprocess.run([compiler, *flags, str(folder / "advance.cpp"), "-o", str(library)], check=True)
    return ctypes.CDLL(str(library)).launch


def pointer(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def host_run(made: Any, source: cuda_target.Source, start: np.ndarray, spans: list[range], folder: Path) -> np.ndarray:
    """Run the source on the host over replicas 5, 6, ... as the driver would."""
    launch, state = on_host(source, folder), start.copy()
    replicas = range(5, 5 + len(state))
    operands = cuda_target.operand_values(made.program, source, instance(made.model, made.sizes, 0), coefficient)
    scalars = cuda_target.scalar_values(made.program, coefficient)
    kinds = (ctypes.c_uint64,) * 3 + (ctypes.c_int64,) * 2 + (ctypes.c_uint32,) * 2
    for span in spans:
        for part, pieces in cupy_target.parts(source, made.draws, replicas, span):
            workspace = np.full(max(1, source.workspace * len(part)), np.nan)
            block = state[part.start - 5 : part.stop - 5].copy()
            for some in pieces:
                given = made.draws.rows(part, some).astype(np.uint32) if source.given else np.zeros(1, np.uint32)
                numbers = cupy_target.launch_numbers(made.draws, part, some)
                launch(
                    ctypes.c_uint(-(-len(part) // cuda_target.THREADS)),
                    *(pointer(array) for array in (block, workspace, given, scalars, *operands)),
                    *(kind(int(number)) for kind, number in zip(kinds, numbers, strict=True)),
                )
            state[part.start - 5 : part.stop - 5] = block
    return state


@pytest.mark.parametrize("local", [True, False], ids=["local", "workspace"])
@pytest.mark.parametrize(("name", "sizes", "algorithm", "b"), CASES, ids=IDS[:-1])
def test_source_on_a_host_compiler_has_the_bits_of_numpy(tmp_path, monkeypatch, local, name, sizes, algorithm, b):
    from numerics.arrays import numpy_target

    if not local:
        monkeypatch.setattr(cuda_target, "_LOCAL", 0)
        monkeypatch.setattr(cupy_target, "_BYTES", 8000)
        monkeypatch.setattr(cupy_target, "_ENTRIES", 100)
    made = setting(name, algorithm, b, sizes, 11)
    source = cuda_target.generate(made.program, made.draws)
    assert (source.workspace == 0) is local
    start = np.random.default_rng(1).normal(size=(70, made.program.dimension)) / 2
    found = host_run(made, source, start, [range(4), range(4, 9)], tmp_path)
    expected = start.copy()
    advance = numpy_target.prepare(made.program, instance(made.model, made.sizes, 0), made.draws, coefficient)
    advance(expected, range(5, 75), range(9))
    assert np.isfinite(expected).all()
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize("case", [3, 7, 20], ids=["list", "cyclic", "mask"])
def test_a_large_batch_is_handed_over(tmp_path, monkeypatch, case):
    from numerics.arrays import numpy_target

    monkeypatch.setattr(cuda_target, "_TABLE", 0)
    sizes = {"samples": 40 if case == 20 else 7, "d": 2}
    made = setting("diagonal-linear", "cyclic" if case == 7 else "sgd", case, sizes, 11)
    source = cuda_target.generate(made.program, made.draws)
    assert source.given is (case != 7)
    start = np.random.default_rng(1).normal(size=(5, made.program.dimension))
    found = host_run(made, source, start, [range(3)], tmp_path)
    expected = start.copy()
    advance = numpy_target.prepare(made.program, instance(made.model, made.sizes, 0), made.draws, coefficient)
    advance(expected, range(5, 10), range(3))
    assert found.tobytes() == expected.tobytes()


def test_half_of_a_symmetric_sum_is_computed_and_all_of_another(tmp_path):
    from numerics.arrays import numpy_target

    made = setting(TABLES, "sgd", 50, {"p": 4}, 11)
    assert made.program.batch.form == "counts"
    start = np.random.default_rng(1).normal(size=(5, 4))
    found = host_run(made, cuda_target.generate(made.program, made.draws), start, [range(3)], tmp_path)
    expected = start.copy()
    advance = numpy_target.prepare(made.program, instance(made.model, made.sizes, 0), made.draws, coefficient)
    advance(expected, range(5, 10), range(3))
    assert found.tobytes() == expected.tobytes()


def test_exponentials_on_a_host_compiler_are_close(tmp_path):
    # 5 steps of at most 1e4 operations an entry on numbers below 10, exponentials within 4 units: 1e6 u < 1e-9
    from numerics.arrays import numpy_target

    name, sizes, algorithm, b = NETWORK
    made = setting(name, algorithm, b, sizes, 11)
    start = np.random.default_rng(1).normal(size=(20, made.program.dimension)) / 2
    found = host_run(made, cuda_target.generate(made.program, made.draws), start, [range(5)], tmp_path)
    expected = start.copy()
    advance = numpy_target.prepare(made.program, instance(made.model, made.sizes, 0), made.draws, coefficient)
    advance(expected, range(5, 25), range(5))
    assert not np.array_equal(expected, start)
    assert np.abs(found - expected).max() <= 1e-9


# --- library calls: a stand-in for CuPy that, like it, refuses to become a NumPy array by itself ---------------------


class Device(np.lib.mixins.NDArrayOperatorsMixin):
    """An array of the stand-in."""

    def __init__(self, host: np.ndarray) -> None:
        self.host = host

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Device:
        return Device(getattr(ufunc, method)(*map(_host, inputs), **kwargs))

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Device:
        return Device(func(*map(_host, args), **kwargs))

    def __getitem__(self, at: Any) -> Device:
        return Device(self.host[_host(at)])

    def __setitem__(self, at: Any, value: Any) -> None:
        self.host[at] = value.host

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.host, name)
        if name in ("reshape", "transpose", "astype"):
            return lambda *args, **kwargs: Device(found(*args, **kwargs))
        if name in ("dtype", "shape", "ndim", "size"):
            return found
        raise AttributeError(name)


def _host(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.ndim:
        raise TypeError("a NumPy array among arrays of the device")
    if isinstance(value, (list, tuple)):
        return type(value)(map(_host, value))
    return value.host if isinstance(value, Device) else value


class Library:
    """The functions of the stand-in."""

    def __getattr__(self, name: str) -> Any:
        if name == "asnumpy":
            return lambda array: array.host.copy()
        if name in ("asarray", "zeros", "ones"):
            made = getattr(np, name)
            return lambda value, *rest: value if isinstance(value, Device) else Device(np.array(made(value, *rest)))
        function = getattr(np, name)
        return lambda *args, **kwargs: Device(function(*map(_host, args), **kwargs))


@pytest.mark.parametrize(("name", "sizes", "algorithm", "b"), [*CASES, NETWORK], ids=IDS)
def test_library_calls_do_what_the_blas_does(name, sizes, algorithm, b):
    from numerics.arrays import numpy_target

    made = setting(name, algorithm, b, sizes, 11)
    data = instance(made.model, made.sizes, 0)
    start = np.random.default_rng(1).normal(size=(3, made.program.dimension)) / 2
    found, expected = start.copy(), start.copy()
    cupy_target.by_calls(Library(), made.program, data, made.draws, coefficient, "float64")(
        found, range(5, 8), range(4)
    )
    numpy_target.prepare(made.program, data, made.draws, coefficient)(expected, range(5, 8), range(4))
    # 4 steps of at most 1e4 operations an entry on numbers below 1e3: 1e7 u < 1e-8
    assert np.abs(found - expected).max() <= 1e-8 * max(1.0, np.abs(expected).max())
    assert not np.array_equal(found, start)


# --- a device --------------------------------------------------------------------------------------------------------


def no_device() -> str:
    """Why there is no device, or an empty text when there is one."""
    try:
        target("cupy").device()
    except TargetError as problem:
        return str(problem)
    return ""


def test_without_a_device_the_error_says_what_to_do():
    if not no_device():
        pytest.skip("NOT TESTED: the error without a device, because there is one")
    with pytest.raises(TargetError, match="use backend 'jit'"):
        simulate_arrays("styblinski-tang", steps=1, backend="cupy")


@pytest.mark.gpu
@pytest.mark.parametrize(("name", "sizes", "algorithm", "b"), CASES, ids=IDS[:-1])
def test_device_gives_the_bits_of_numpy(name, sizes, algorithm, b):
    if no_device():
        pytest.skip(f"NOT TESTED: array programs on a CUDA device: {no_device()}")
    options = {"parameters": sizes, "algorithm": algorithm, "b": b, "replicas": 300, "steps": 20, "record": "norm"}
    digests = {simulate_arrays(name, backend=backend, **options).state_digest for backend in ("numpy", "cupy")}
    assert len(digests) == 1


@pytest.mark.gpu
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_device_runs_a_network(dtype):
    if no_device():
        pytest.skip(f"NOT TESTED: library calls on a CUDA device: {no_device()}")
    name, sizes, algorithm, b = NETWORK
    options = {"parameters": sizes, "algorithm": algorithm, "b": b, "replicas": 2, "steps": 5, "dtype": dtype}
    here, there = (simulate_arrays(name, backend=backend, **options).final for backend in ("numpy", "cupy"))
    assert np.abs(here - there).max() <= (1e-9 if dtype == "float64" else 6e-3)
