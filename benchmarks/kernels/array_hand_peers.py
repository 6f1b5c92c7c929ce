"""The models of arrays in the hands of Numba, NumPy, sympy.lambdify and PyTorch: what one would write first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from array_peers import data_of, start
from measure import Peer, Run, Unavailable

#: Most doubles of the components that are gathered at once: more replicas go part by part.
_GATHERED = 1 << 22


def peers(model: str, arrays: tuple[str, ...], eta: float) -> tuple[Peer, ...]:
    """Return the four peers of a model; ``arrays`` are its tables of components."""
    return (
        Peer("Numba", lambda sizes: _numba(model, arrays, eta, sizes)),
        Peer("NumPy", lambda sizes: _rows(model, arrays, eta, sizes, _NUMPY[model])),
        Peer("lambdify", lambda sizes: _rows(model, arrays, eta, sizes, _lambdified(model, sizes))),
        Peer("PyTorch", lambda sizes: _torch(model, arrays, eta, sizes)),
    )


#: Sum of the gradients of k components, shape (R, p): state (R, p), then tables of shape (R, k, ...).
Gradient = Callable[..., Any]

_NUMPY: dict[str, Gradient] = {
    "stochastic-quadratic": lambda x, Q, r: np.einsum("rkij,rj->ri", Q, x) + r.sum(axis=1),
    "styblinski-tang": lambda x, a, b, c: (2 * a * x[:, None] ** 3 + b * x[:, None] + c / 2).sum(axis=1),
}


def _lambdified(model: str, sizes: Mapping[str, Any]) -> Gradient:
    """Return the gradient of one component as SymPy writes it out, with common subexpressions shared."""
    import sympy as sp

    if model == "styblinski-tang":
        x, a, b, c = sp.symbols("x a b c")
        loss = (a * x**4 + b * x**2 + c * x) / 2
        step = sp.lambdify((x, a, b, c), sp.diff(loss, x), cse=True)
        return lambda x, a, b, c: step(x[:, None], a, b, c).sum(axis=1)
    p = sizes["p"]
    x, r, Q = sp.symbols(f"x:{p}"), sp.symbols(f"r:{p}"), sp.symbols(f"q:{p * p}")
    gradient = [r[i] + sum(Q[p * i + j] * x[j] for j in range(p)) for i in range(p)]
    step = sp.lambdify((*x, *Q, *r), gradient, cse=True)

    def evaluate(x: np.ndarray, Q: np.ndarray, r: np.ndarray) -> np.ndarray:
        entries = np.moveaxis(Q.reshape(*Q.shape[:2], p * p), -1, 0)
        return np.stack(step(*x.T[:, :, None], *entries, *np.moveaxis(r, -1, 0)), axis=-1).sum(axis=1)

    return evaluate


def _rows(model: str, arrays: tuple[str, ...], eta: float, sizes: Mapping[str, Any], gradient: Gradient) -> Run:
    data, begin, k = data_of(model, sizes), start(sizes), sizes["k"]
    tables = [data[name] for name in arrays]
    part = max(1, _GATHERED // (k * sum(table[0].size for table in tables)))

    def run() -> np.ndarray:
        state, rng = begin.copy(), np.random.default_rng(3)
        for _ in range(sizes["T"]):
            rows = rng.integers(sizes["atoms"], size=(len(state), k))
            for low in range(0, len(state), part):
                x, at = state[low : low + part], rows[low : low + part]
                x -= eta / k * gradient(x, *(table[at] for table in tables))
        return state

    return run


def _torch(model: str, arrays: tuple[str, ...], eta: float, sizes: Mapping[str, Any]) -> Run:
    try:
        import torch
    except ImportError as problem:
        raise Unavailable(str(problem)) from None
    data, begin, k = data_of(model, sizes), start(sizes), sizes["k"]
    tables = [torch.from_numpy(np.ascontiguousarray(data[name])) for name in arrays]
    part = max(1, _GATHERED // (k * sum(table[0].numel() for table in tables)))
    gradients: dict[str, Gradient] = {
        "stochastic-quadratic": lambda x, Q, r: torch.einsum("rkij,rj->ri", Q, x) + r.sum(1),
        "styblinski-tang": lambda x, a, b, c: (2 * a * x[:, None] ** 3 + b * x[:, None] + c / 2).sum(1),
    }

    @torch.inference_mode()
    def run() -> np.ndarray:
        state, rng = torch.from_numpy(begin.copy()), torch.Generator().manual_seed(3)
        for _ in range(sizes["T"]):
            rows = torch.randint(sizes["atoms"], (len(state), k), generator=rng)
            for low in range(0, len(state), part):
                x, at = state[low : low + part], rows[low : low + part]
                x -= eta / k * gradients[model](x, *(table[at] for table in tables))
        return state.numpy()

    return run


def _numba(model: str, arrays: tuple[str, ...], eta: float, sizes: Mapping[str, Any]) -> Run:
    import numba

    @numba.njit(parallel=True)
    def quadratic(state: np.ndarray, Q: np.ndarray, r: np.ndarray, steps: int, k: int, seed: int) -> None:
        for replica in numba.prange(state.shape[0]):
            np.random.seed(seed + replica)
            x, change = state[replica], np.empty(state.shape[1])
            for _ in range(steps):
                change[:] = 0.0
                for _ in range(k):
                    atom = np.random.randint(len(Q))
                    for i in range(len(x)):
                        total = r[atom, i]
                        for j in range(len(x)):
                            total += Q[atom, i, j] * x[j]
                        change[i] += total
                for i in range(len(x)):
                    x[i] -= eta / k * change[i]

    @numba.njit(parallel=True)
    def quartic(state: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray, steps: int, k: int, seed: int) -> None:
        for replica in numba.prange(state.shape[0]):
            np.random.seed(seed + replica)
            x, change = state[replica], np.empty(state.shape[1])
            for _ in range(steps):
                change[:] = 0.0
                for _ in range(k):
                    atom = np.random.randint(len(a))
                    for i in range(len(x)):
                        change[i] += 2 * a[atom, i] * x[i] ** 3 + b[atom, i] * x[i] + c[atom, i] / 2
                for i in range(len(x)):
                    x[i] -= eta / k * change[i]

    advance = {"stochastic-quadratic": quadratic, "styblinski-tang": quartic}[model]
    data, begin = data_of(model, sizes), start(sizes)
    tables = [np.ascontiguousarray(data[name]) for name in arrays]
    advance(begin[:2].copy(), *tables, 1, sizes["k"], 0)

    def run() -> np.ndarray:
        state = begin.copy()
        advance(state, *tables, sizes["T"], sizes["k"], 3)
        return state

    return run
