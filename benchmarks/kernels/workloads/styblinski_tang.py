"""Styblinski-Tang sums: p = 50, 1000 components, one and two hundred draws a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from array_hand_peers import peers
from array_peers import c_peer, data_of, gdproof, start, statistics
from measure import Peer, Run, Unavailable, Workload

MODEL, ETA = "styblinski-tang", 1 / 1024
NAMES = ("quartic", "square", "linear")


def _jax(sizes: Mapping[str, Any], counted: bool = False) -> Run:
    try:
        import jax
    except ImportError:
        raise Unavailable("jax is not installed") from None
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    R, T, p, atoms, k = (sizes[key] for key in ("R", "T", "p", "atoms", "k"))
    data = data_of(MODEL, sizes)
    table = jnp.concatenate([jnp.asarray(data[name]) for name in NAMES], axis=1)
    begin = jnp.asarray(start(sizes))

    def step(x, key):
        rows = jax.random.randint(key, (R, k), 0, atoms)
        if counted:  # the gradient is linear in the component: counts and one matrix product
            total = jnp.zeros((R, atoms)).at[jnp.arange(R)[:, None], rows].add(1.0) @ table
        else:
            total = table[rows].sum(axis=1)
        quartic, square, linear = total[:, :p], total[:, p : 2 * p], total[:, 2 * p :]
        return x - ETA / k * (2 * quartic * x**3 + square * x + linear / 2), None

    @jax.jit
    def run(x, key):
        return jax.lax.scan(step, x, jax.random.split(key, T))[0]

    key = jax.random.key(5)
    run(begin, key).block_until_ready()
    return lambda: np.asarray(run(begin, key))


C = c_peer("styblinski_tang", MODEL, NAMES, ETA)
PEERS = {
    1: (C, Peer("JAX", _jax)),
    200: (C, Peer("JAX", _jax), Peer("JAX counts", lambda sizes: _jax(sizes, counted=True))),
}
WORKLOADS = [
    Workload(
        f"Styblinski-Tang sums, k={k}",
        {"R": 400, "T": 200, "p": 50, "atoms": 1000, "k": k},
        gdproof(MODEL, ETA),
        PEERS[k] + peers(MODEL, NAMES, ETA),
        bars,
        statistics,
        least=200,
    )
    for k, bars in ((1, {"C": 1.0, "JAX": 5}), (200, {"C": 1.5, "JAX": 10}))
]
