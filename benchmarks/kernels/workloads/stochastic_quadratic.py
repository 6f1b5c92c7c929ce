"""Stochastic quadratic with finite support: p = 10, 200 atoms, one and two hundred draws a step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from array_hand_peers import peers
from array_peers import c_peer, data_of, gdproof, start, statistics
from measure import Peer, Run, Unavailable, Workload

MODEL, ETA = "stochastic-quadratic", 1 / 64


def _jax(sizes: Mapping[str, Any], mapped: bool = False) -> Run:
    try:
        import jax
    except ImportError:
        raise Unavailable("jax is not installed") from None
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    R, T, p, atoms, k = (sizes[key] for key in ("R", "T", "p", "atoms", "k"))
    data = data_of(MODEL, sizes)
    Q, r, begin = jnp.asarray(data["Q"]), jnp.asarray(data["r"]), jnp.asarray(start(sizes))
    table = jnp.concatenate([Q.reshape(atoms, p * p), r], axis=1)

    def step(theta, key):
        rows = jax.random.randint(key, (R, k), 0, atoms)
        if k == 1:
            gradient = jnp.einsum("rij,rj->ri", Q[rows[:, 0]], theta) + r[rows[:, 0]]
        else:  # counts and one matrix product
            counts = jnp.zeros((R, atoms)).at[jnp.arange(R)[:, None], rows].add(1.0)
            total = counts @ table
            gradient = jnp.einsum("rij,rj->ri", total[:, : p * p].reshape(R, p, p), theta) + total[:, p * p :]
        return theta - ETA / k * gradient, None

    def one(theta, key):  # a replica as one would write it; jax.vmap makes it R of them
        def advance(theta, key):
            atom = jax.random.randint(key, (), 0, atoms)
            return theta - ETA * (Q[atom] @ theta + r[atom]), None

        return jax.lax.scan(advance, theta, jax.random.split(key, T))[0]

    @jax.jit
    def run(theta, key):
        if mapped:
            return jax.vmap(one)(theta, jax.random.split(key, R))
        return jax.lax.scan(step, theta, jax.random.split(key, T))[0]

    key = jax.random.key(5)
    run(begin, key).block_until_ready()
    return lambda: np.asarray(run(begin, key))


C = c_peer("stochastic_quadratic", MODEL, ("Q", "r"), ETA)
PEERS = {
    1: (C, Peer("JAX", lambda sizes: _jax(sizes, mapped=True)), Peer("JAX batch", _jax)),
    200: (C, Peer("JAX", _jax)),
}
WORKLOADS = [
    Workload(
        f"stochastic quadratic, k={k}",
        {"R": 1000, "T": 200, "p": 10, "atoms": 200, "k": k},
        gdproof(MODEL, ETA),
        PEERS[k] + peers(MODEL, ("Q", "r"), ETA),
        bars,
        statistics,
        least=200,
    )
    for k, bars in ((1, {"C": 1.3, "JAX": 15, "JAX batch": 15}), (200, {"C": 1.3, "JAX": 2}))
]
