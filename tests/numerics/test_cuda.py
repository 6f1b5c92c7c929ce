"""CUDA: the source compiles under NVRTC without fused multiply-add; on a host its bits are the same."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from numerics import Law, TargetError, Watch, lower, simulate
from numerics.batches import batches_of
from numerics.passes import PASSES, rewrite
from numerics.random import key_of
from numerics.state import enter, leave
from numerics.targets import Problem, cuda, nvrtc, target
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]
SEQUENCE = [[4, 0], [1, 2], [3, 4]] * 100
M = 19
#: b = 2 of 19 is drawn as a list, b = 5 as a mask.
CASES = [(Law.GD, None), (Law.SGD, 1), (Law.SGD, 2), (Law.SGD, 5), (Law.CYCLIC, None), (Law.SEQUENCE, None)]
NAMES = {"dense": (), "passes": tuple(PASSES)}

#: What a host C++ compiler needs to read CUDA C as a loop over blocks and threads.
SHIM = """
#include <math.h>
struct Index { unsigned x; };
static Index blockIdx, blockDim, threadIdx;
#define __device__ static
#define __global__
#define __shared__
double block_state[1 << 16];
"""
LAUNCH = """
extern "C" void launch(unsigned blocks, unsigned threads, double *state, double *watch, const i64 *sequence,
    const double *parameters, const double *thresholds, u64 replicas, u64 first, i64 t0, i64 t1, int final,
    u32 k0, u32 k1)
{
    blockDim.x = threads;
    for (blockIdx.x = 0; blockIdx.x < blocks; ++blockIdx.x)
        for (threadIdx.x = 0; threadIdx.x < threads; ++threadIdx.x)
            advance_replicas(
                state, watch, sequence, parameters, thresholds, replicas, first, t0, t1, final, k0, k1);
}
"""


def watches_of(update_map: UpdateMap, law: Law) -> list[tuple[Watch, str]]:
    """The squared norm, a part or the peak, and the first sum of the map, which runs over the batch.

    The peak of a ReLU state has no lazy form under full-batch descent, so there the sum over the data takes its place.
    """
    first = update_map.reductions[0].symbol.name
    second = "phi" if law is Law.GD else "peak2"
    return [(Watch.MAXIMUM, "norm2"), (Watch.FIRST, second), (Watch.MAXIMUM, first)]


def problem_of(
    update_map: UpdateMap, law: Law, b: int | None, n: int = 27, steps: int = 30, names: tuple[str, ...] = ()
) -> Problem:
    sequence = SEQUENCE if law is Law.SEQUENCE else None
    batches = batches_of(law, M, b, 17, steps, sequence)
    kernel = lower(update_map, law, watches_of(update_map, law), batches.form)
    return Problem(rewrite(kernel, n, batches.b, names)[0], batches, n, (0.2,), (0.0, 0.2, 0.0))


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(("law", "b"), CASES)
@pytest.mark.parametrize("activation", ["linear", "relu", "artificial"])
def test_source_compiles_without_fused_multiply_add(
    map_of: MapOf, activation: str, law: Law, b: int | None, names: tuple[str, ...]
) -> None:
    if nvrtc.library() is None:
        pytest.skip("NOT TESTED: the CUDA source, because nvidia-cuda-nvrtc-cu12 is not installed")
    ptx = nvrtc.compile_ptx(cuda.generate(problem_of(map_of(activation), law, b, names=names)))
    assert f".entry {cuda.ENTRY}" in ptx
    assert "mul.rn.f64" in ptx
    assert "fma.rn.f64" not in ptx


def test_the_option_is_what_keeps_the_fused_multiply_add_away(map_of: MapOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """So the test above can fail: NVRTC contracts by default."""
    if nvrtc.library() is None:
        pytest.skip("NOT TESTED: the CUDA source, because nvidia-cuda-nvrtc-cu12 is not installed")
    monkeypatch.setattr(nvrtc, "OPTIONS", ("-std=c++17",))
    assert "fma.rn.f64" in nvrtc.compile_ptx(cuda.generate(problem_of(map_of("linear"), Law.SGD, 1)))


def test_a_source_that_does_not_compile_gives_the_compilers_words() -> None:
    if nvrtc.library() is None:
        pytest.skip("NOT TESTED: NVRTC errors, because nvidia-cuda-nvrtc-cu12 is not installed")
    with pytest.raises(TargetError, match="undefined"):
        nvrtc.compile_ptx("__global__ void f() { missing(); }")


@pytest.mark.parametrize("names", NAMES.values(), ids=NAMES)
@pytest.mark.parametrize(("n", "steps", "eta"), [(19, 30, 0.2), (27, 300, 0.2), (27, 30, 1.5), (200, 30, 0.2)])
@pytest.mark.parametrize(("law", "b"), CASES)
@pytest.mark.parametrize("activation", ["linear", "relu", "artificial"])
def test_source_on_a_host_compiler_has_the_bits_of_numpy(
    map_of: MapOf,
    tmp_path: Path,
    activation: str,
    law: Law,
    b: int | None,
    n: int,
    steps: int,
    eta: float,
    names: tuple[str, ...],
) -> None:
    """Both places of the state: shared memory (n small) and global memory (n = 200).

    300 steps pass a settling of the lazy scales, and eta = 1.5 makes factors negative, so lanes leave the range.
    """
    compiler = shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("NOT TESTED: bits of the CUDA source on the host, because there is no C++ compiler")
    problem, replicas = problem_of(map_of(activation), law, b, n, steps, names), 70
    source = tmp_path / "advance.cpp"
    source.write_text(SHIM + cuda.generate(problem) + LAUNCH)
    library = tmp_path / "advance.so"
    flags = ["-std=c++17", "-O1", "-ffp-contract=off", "-shared", "-fPIC", "-w"]
    subprocess.run([compiler, *flags, str(source), "-o", str(library)], check=True)

    second = watches_of(map_of(activation), law)[1][1]
    expected = simulate(
        map_of(activation),
        m=M,
        n=n,
        eta=eta,
        algorithm=law.value,
        b=b,
        replicas=replicas,
        steps=steps,
        seed=17,
        init="gaussian:0.9",
        backend="numpy",
        sequence=SEQUENCE if law is Law.SEQUENCE else None,
        record=("max:norm2", f"first:{second}>=0.2", f"max:{map_of(activation).reductions[0].symbol.name}"),
        passes=names,
    )
    assert (problem.kernel.lazy is not None) is (names != () and activation != "artificial")
    state = enter(problem.kernel, expected.start)
    watch = np.repeat([[-np.inf], [-1.0], [-np.inf]], replicas, axis=1)
    launch: Any = ctypes.CDLL(str(library)).launch
    arrays = [state, watch, problem.batches.sequence, np.array([eta]), np.array(problem.thresholds)]
    k0, k1 = key_of(17)
    for low, high, final in ((0, 13, 0), (13, steps, 1)):
        launch(
            ctypes.c_uint(-(-replicas // cuda.THREADS)),
            ctypes.c_uint(cuda.THREADS),
            *(array.ctypes.data_as(ctypes.c_void_p) for array in arrays),
            ctypes.c_uint64(replicas),
            ctypes.c_uint64(0),
            ctypes.c_int64(low),
            ctypes.c_int64(high),
            ctypes.c_int(final),
            ctypes.c_uint32(k0),
            ctypes.c_uint32(k1),
        )
    final = np.empty((replicas, n))
    leave(problem.kernel, state, M, final)
    assert final.tobytes() == expected.final.tobytes()
    assert np.array_equal(watch, list(expected.observables.values()))


def no_device() -> str:
    """Why there is no device, or an empty text when there is one."""
    try:
        target("cupy").device()
    except TargetError as problem:
        return str(problem)
    return ""


def test_without_a_device_the_error_says_what_to_do() -> None:
    assert not no_device() or "backend 'jit'" in no_device()


@pytest.mark.gpu
def test_device_gives_the_bits_of_numpy(map_of: MapOf) -> None:
    if no_device():
        pytest.skip(f"NOT TESTED: parity on a CUDA device: {no_device()}")
    for n in (11, 200):
        for law, b in CASES[:4]:
            digests = {
                simulate(
                    map_of("relu"),
                    m=5,
                    n=n,
                    eta=0.2,
                    algorithm=law.value,
                    b=b,
                    replicas=500,
                    steps=100,
                    backend=backend,
                ).state_digest
                for backend in ("numpy", "cupy")
            }
            assert len(digests) == 1
