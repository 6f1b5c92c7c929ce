"""Two-layer ReLU network with softmax cross-entropy: d = 1000, m = 4000, batches of 16, single precision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from measure import Peer, Run, Unavailable, Workload

MODEL, ETA = "two-layer-relu-softmax", 0.125
SIZES = {"d": 1000, "m": 4000, "B": 16, "T": 400, "classes": 10, "samples": 1000}


@lru_cache(maxsize=1)
def _setting() -> tuple[Any, dict[str, np.ndarray], np.ndarray]:
    """Return the program, the instance and the start; every peer runs the same batches."""
    from numerics.arrays.data import instance
    from numerics.arrays.setting import setting

    made = setting(MODEL, "sgd", SIZES["B"], {k: SIZES[k] for k in ("samples", "d", "m", "classes")}, 3)
    data = {name: value.astype(np.float32) for name, value in instance(made.model, made.sizes, 0).items()}
    weights = np.random.default_rng(1).normal(size=(SIZES["m"], SIZES["d"])) / SIZES["m"] ** 0.5
    return made, data, weights.astype(np.float32)


def _batches(steps: int) -> np.ndarray:
    return _setting()[0].draws.rows(range(1), range(steps))[:, :, 0]


def _gdproof(sizes: Mapping[str, Any]) -> Run:
    from numerics.arrays import blas_target
    from numerics.arrays.ir import ETA as STEP
    from numerics.arrays.source import nearest

    made, data, weights = _setting()
    advance = blas_target.prepare(made.program, data, made.draws, lambda c: nearest(c.subs(STEP, ETA)), dtype="float32")

    def run() -> np.ndarray:
        state = weights.reshape(1, -1).copy()
        advance(state, range(1), range(sizes["T"]))
        return state.reshape(weights.shape)

    return run


def _jax(sizes: Mapping[str, Any]) -> Run:
    try:
        import jax
    except ImportError:
        raise Unavailable("jax is not installed") from None
    import jax.numpy as jnp

    _, data, weights = _setting()
    x, y, A, W, rows = (jnp.asarray(v) for v in (data["x"], data["y"], data["A"], weights, _batches(sizes["T"])))

    def loss(w, batch):
        f = jax.nn.relu(x[batch] @ w.T) @ A.T
        return jnp.mean(jax.nn.logsumexp(f, axis=1) - jnp.sum(f * y[batch], axis=1))

    @jax.jit
    def run(w):
        return jax.lax.scan(lambda w, batch: (w - ETA * jax.grad(loss)(w, batch), None), w, rows)[0]

    run(W).block_until_ready()
    return lambda: np.asarray(run(W))


def _torch(sizes: Mapping[str, Any]) -> Run:
    try:
        import torch
    except ImportError:
        raise Unavailable("torch is not installed") from None

    _, data, weights = _setting()
    x, y, A = (torch.from_numpy(data[name]) for name in ("x", "y", "A"))
    rows = torch.from_numpy(_batches(sizes["T"]))

    def run() -> np.ndarray:
        w = torch.from_numpy(weights.copy()).requires_grad_(True)
        for batch in rows:
            f = torch.relu(x[batch] @ w.T) @ A.T
            loss = torch.mean(torch.logsumexp(f, dim=1) - torch.sum(f * y[batch], dim=1))
            (gradient,) = torch.autograd.grad(loss, w)
            with torch.no_grad():
                w.sub_(gradient, alpha=ETA)
        return w.detach().numpy()

    run()
    return run


def _torch_by_hand(sizes: Mapping[str, Any]) -> Run:
    """The gradient written by hand, the update in place by the product routine: the most that PyTorch allows."""
    try:
        import torch
    except ImportError:
        raise Unavailable("torch is not installed") from None

    _, data, weights = _setting()
    x, y, A = (torch.from_numpy(data[name]) for name in ("x", "y", "A"))
    rows = torch.from_numpy(_batches(sizes["T"]))

    def run() -> np.ndarray:
        w = torch.from_numpy(weights.copy())
        with torch.no_grad():
            for batch in rows:
                z = x[batch] @ w.T
                p = torch.softmax(torch.relu(z) @ A.T, dim=1) - y[batch]
                w.addmm_(((p @ A) * (z >= 0)).T, x[batch], alpha=-ETA / len(batch))
        return w.numpy()

    run()
    return run


def _statistics(w: np.ndarray) -> Mapping[str, tuple[float, float]]:
    """The batches are equal, so results differ by rounding alone; a ReLU that switches moves one column a step.

    Allowed are 1000 unit roundoffs of single precision on the norm.
    """
    _, _, weights = _setting()
    norm, moved = (float(np.linalg.norm(v.astype(np.float64))) for v in (w, w - weights))
    return {"|W|": (norm, 1000 * 2.0**-24 * norm), "|W - W_0|": (moved, 1e-3 * moved)}


WORKLOADS = [
    Workload(
        "two-layer ReLU softmax, float32",
        SIZES,
        Peer("gdproof", _gdproof),
        (Peer("JAX", _jax), Peer("PyTorch", _torch), Peer("by hand", _torch_by_hand)),
        {"JAX": 1.0, "PyTorch": 1.0},
        _statistics,
        least=64,
    )
]
