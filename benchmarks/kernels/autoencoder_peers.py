"""The linear autoencoder's dense step in the hands of its peers; every run returns the final states (R, n)."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from measure import Peer, Result, Run, Unavailable

HERE = Path(__file__).parent
ETA = 0.2


def start(sizes: Mapping[str, Any]) -> np.ndarray:
    """Return the same starts for every peer: N(0, 1/(4 n)) coordinates."""
    return np.random.default_rng(1).normal(size=(sizes["R"], sizes["n"])) * 0.5 / np.sqrt(sizes["n"])


def gdproof(backend: str) -> Peer:
    def prepare(sizes: Mapping[str, Any]) -> Run:
        from numerics import simulate
        from theory.derive import update_map

        derived = update_map("linear")
        arguments: dict[str, Any] = {
            "m": sizes["m"],
            "n": sizes["n"],
            "eta": ETA,
            "algorithm": "sgd" if "b" in sizes else "gd",
            "b": sizes.get("b"),
            "init": start(sizes),
            "replicas": sizes["R"],
            "backend": backend,
            "record": (),
        }
        simulate(derived, **arguments, steps=1)

        def run() -> Result:
            done = simulate(derived, **arguments, steps=sizes["T"], seed=3)
            return Result({"wall": done.wall_seconds, "cpu": done.cpu_seconds}, done.final)

        return run

    return Peer({"jit": "gdproof", "numpy": "gdproof (NumPy)"}[backend], prepare)


def _c(sizes: Mapping[str, Any]) -> Run:
    compiler = shutil.which("gcc")
    if compiler is None:
        raise Unavailable("gcc is not installed")
    library = HERE.parents[1] / "build" / "dense.so"
    flags = ["-O3", "-march=native", "-fopenmp", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(HERE / "dense.c"), "-o", str(library)], check=True)
    code = ctypes.CDLL(str(library))
    c0, size = start(sizes), [ctypes.c_long(sizes[k]) for k in ("R", "m", "n", "b", "T") if k in sizes]

    def run() -> np.ndarray:
        c = c0.copy()
        where = c.ctypes.data_as(ctypes.c_void_p)
        if "b" in sizes:
            code.sgd(where, *size, ctypes.c_double(ETA), ctypes.c_uint64(3))
        else:
            code.gd(where, *size, ctypes.c_double(ETA))
        return c

    return run


def _numba(sizes: Mapping[str, Any]) -> Run:
    import numba

    @numba.njit(parallel=True)
    def advance(c: np.ndarray, m: int, b: int, steps: int, seed: int) -> None:
        for r in numba.prange(c.shape[0]):
            np.random.seed(seed + r)
            w, order = c[r], np.arange(m)
            for _ in range(steps):
                u = 0.0
                for i in range(b):
                    j = i + np.random.randint(m - i) if b < m else i
                    order[i], order[j] = order[j], order[i]
                    u += w[order[i]] * w[order[i]]
                total = 0.0
                for k in range(len(w)):
                    total += w[k] * w[k]
                inside, outside = 1.0 + ETA * (2.0 - u - total), 1.0 - ETA * u
                for k in range(len(w)):
                    w[k] *= outside
                for i in range(b):
                    w[order[i]] *= inside / outside if outside != 0.0 else 0.0

    c0, m = start(sizes), sizes["m"]
    advance(c0[:2].copy(), m, sizes.get("b", m), 1, 0)

    def run() -> np.ndarray:
        c = c0.copy()
        advance(c, m, sizes.get("b", m), sizes["T"], 3)
        return c

    return run


def _subsets(rng: np.random.Generator, sizes: Mapping[str, Any]) -> np.ndarray:
    """Draw the batches of all replicas, shape (R, b)."""
    if sizes["b"] == 1:
        return rng.integers(sizes["m"], size=(sizes["R"], 1))
    return np.argpartition(rng.random((sizes["R"], sizes["m"])), sizes["b"], axis=1)[:, : sizes["b"]]


def _numpy(sizes: Mapping[str, Any]) -> Run:
    c0, m, lanes = start(sizes), sizes["m"], np.arange(sizes["R"])[:, None]

    def run() -> np.ndarray:
        c, rng = c0.copy(), np.random.default_rng(3)
        for _ in range(sizes["T"]):
            batch = _subsets(rng, sizes) if "b" in sizes else slice(0, m)
            inside = c[lanes, batch] if "b" in sizes else c[:, :m]
            u, total = np.sum(inside**2, axis=1, keepdims=True), np.sum(c**2, axis=1, keepdims=True)
            new = inside * (1 + ETA * (2 - u - total))
            c *= 1 - ETA * u
            if "b" in sizes:
                c[lanes, batch] = new
            else:
                c[:, :m] = new
        return c

    return run


def _lambdify(sizes: Mapping[str, Any]) -> Run:
    import sympy as sp

    from theory.derive import update_map

    derived = update_map("linear")
    (eta,) = derived.parameters
    u, total = (item.symbol for item in derived.reductions)
    rules = [derived.rules["batch"], derived.rules["outside"]]
    step = sp.lambdify((derived.coordinate, u, total, eta), rules, modules="numpy", cse=True)
    c0, m, lanes = start(sizes), sizes["m"], np.arange(sizes["R"])[:, None]

    def run() -> np.ndarray:
        c, rng = c0.copy(), np.random.default_rng(3)
        chosen = np.zeros(c.shape, bool)
        chosen[:, :m] = "b" not in sizes
        for _ in range(sizes["T"]):
            if "b" in sizes:
                chosen[:] = False
                chosen[lanes, _subsets(rng, sizes)] = True
            square = c * c
            inside = np.sum(square, axis=1, where=chosen, keepdims=True)
            new, other = step(c, inside, np.sum(square, axis=1, keepdims=True), ETA)
            c = np.where(chosen, new, other)
        return c

    return run


def _jax(sizes: Mapping[str, Any]) -> Run:
    try:
        import jax
    except ImportError as problem:
        raise Unavailable(str(problem)) from None
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    m, n, b, replicas, steps = (sizes.get(k) for k in ("m", "n", "b", "R", "T"))

    def one(c: Any, key: Any) -> Any:
        if b is None:
            chosen = jnp.arange(n) < m
        elif b == 1:
            chosen = jnp.arange(n) == jax.random.randint(key, (), 0, m)
        else:
            chosen = jnp.zeros(n, bool).at[jax.random.choice(key, m, (b,), replace=False)].set(True)
        u, total = jnp.sum(jnp.where(chosen, c * c, 0.0)), jnp.sum(c * c)
        return c * jnp.where(chosen, 1 + ETA * (2 - u - total), 1 - ETA * u)

    @jax.jit
    def run_all(c: Any, key: Any) -> Any:
        def step(c: Any, key: Any) -> Any:
            keys = None if b is None else jax.random.split(key, replicas)
            return jax.vmap(one, in_axes=(0, None if b is None else 0))(c, keys), None

        return jax.lax.scan(step, c, jax.random.split(key, steps))[0]

    c0, key = jnp.asarray(start(sizes)), jax.random.key(3)
    compiled = run_all.lower(c0, key).compile()
    return lambda: np.asarray(compiled(c0, key).block_until_ready())


def _torch(sizes: Mapping[str, Any]) -> Run:
    try:
        import torch
    except ImportError as problem:
        raise Unavailable(str(problem)) from None
    c0, m, b, replicas = torch.from_numpy(start(sizes)), sizes["m"], sizes.get("b"), sizes["R"]

    @torch.inference_mode()
    def run() -> np.ndarray:
        c, rng = c0.clone(), torch.Generator().manual_seed(3)
        for _ in range(sizes["T"]):
            if b is None:
                inside = c[:, :m]
            else:
                if b == 1:
                    batch = torch.randint(m, (replicas, 1), generator=rng)
                else:
                    batch = torch.rand(replicas, m, generator=rng).topk(b, dim=1, sorted=False).indices
                inside = c.gather(1, batch)
            u, total = (inside * inside).sum(1, keepdim=True), (c * c).sum(1, keepdim=True)
            new = inside * (1 + ETA * (2 - u - total))
            c *= 1 - ETA * u
            if b is None:
                c[:, :m] = new
            else:
                c.scatter_(1, batch, new)
        return c.numpy()

    return run


C, NUMBA, NUMPY = Peer("C", _c), Peer("Numba", _numba), Peer("NumPy", _numpy)
LAMBDIFY, JAX, TORCH = Peer("lambdify", _lambdify), Peer("JAX", _jax), Peer("PyTorch", _torch)
ALL = (C, JAX, NUMBA, NUMPY, LAMBDIFY, TORCH)
