"""What the workloads of models of arrays share: gdproof's prepared run, and C compiled as the table says."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measure import Peer, Run, Unavailable

HERE = Path(__file__).parent


def start(sizes: Mapping[str, Any]) -> np.ndarray:
    """Return the same starts for every peer: N(0, 1/4) coordinates."""
    return np.random.default_rng(1).normal(size=(sizes["R"], sizes["p"])) * 0.5


def parameters(model: str, sizes: Mapping[str, Any]) -> dict[str, int]:
    """Return the parameters of a model; no peer projects onto a box."""
    box = {"box": 0} if model == "styblinski-tang" else {}
    return {"atoms": sizes["atoms"], "p": sizes["p"], **box}


def data_of(model: str, sizes: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Return the instance that all peers run on."""
    from numerics.arrays.data import instance
    from numerics.arrays.setting import setting

    made = setting(model, "sgd", sizes["k"], parameters(model, sizes))
    return instance(made.model, made.sizes, 0)


def gdproof(model: str, eta: float) -> Peer:
    """Return gdproof's JIT: the program is derived and compiled in ``prepare``."""

    def prepare(sizes: Mapping[str, Any]) -> Run:
        from fractions import Fraction

        import sympy as sp

        from numerics.arrays import jit_target
        from numerics.arrays.ir import ETA
        from numerics.arrays.run import advance_all
        from numerics.arrays.setting import setting
        from numerics.arrays.source import nearest

        made = setting(model, "sgd", sizes["k"], parameters(model, sizes), 3)
        exact = Fraction(eta)
        step = sp.Rational(exact.numerator, exact.denominator)
        advance = jit_target.prepare(
            made.program, data_of(model, sizes), made.draws, lambda c: nearest(c.subs(ETA, step))
        )
        begin = start(sizes)

        def run() -> np.ndarray:
            state = begin.copy()
            advance_all(advance, state, range(sizes["T"]), None, None)
            return state

        return run

    return Peer("gdproof", prepare)


def c_peer(source: str, model: str, arrays: tuple[str, ...], eta: float) -> Peer:
    """Return the dense C loop of a file: its function is ``run(state, tables..., R, T, p, atoms, k, eta)``."""

    def prepare(sizes: Mapping[str, Any]) -> Run:
        compiler = shutil.which("gcc")
        if compiler is None:
            raise Unavailable("gcc is not installed")
        library = HERE.parents[1] / "build" / f"{source}.so"
        flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
        subprocess.run([compiler, *flags, str(HERE / "workloads" / f"{source}.c"), "-o", str(library)], check=True)
        code = ctypes.CDLL(str(library))
        data, begin = data_of(model, sizes), start(sizes)
        tables = [np.ascontiguousarray(data[name]) for name in arrays]
        numbers = [ctypes.c_long(sizes[key]) for key in ("R", "T", "p", "atoms", "k")]

        def run() -> np.ndarray:
            state = begin.copy()
            pointers = [a.ctypes.data_as(ctypes.c_void_p) for a in (state, *tables)]
            code.run(*pointers, *numbers, ctypes.c_double(eta))
            return state

        run()
        return run

    return Peer("C", prepare)


def statistics(state: np.ndarray) -> Mapping[str, tuple[float, float]]:
    """Means over replicas; draws differ between peers, so five standard errors each are allowed."""
    norm, first = np.sum(state * state, axis=1), state[:, 0]
    return {
        "replicas": (len(state), 0.0),
        "mean |w|^2": (float(norm.mean()), 5 * float(norm.std()) / len(state) ** 0.5 + 1e-9),
        "mean w_1": (float(first.mean()), 5 * float(first.std()) / len(state) ** 0.5 + 1e-9),
    }
