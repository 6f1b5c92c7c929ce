"""Update maps of the autoencoder, written down independently of theory, as fixtures."""

from __future__ import annotations

import sympy as sp

from theory.derive.update_map import Reduction, UpdateMap

c, eta, u, N = sp.symbols("c eta u N", real=True)
INSIDE = 1 + eta * (2 - u - N)
OTHER = 1 - eta * u


def linear() -> UpdateMap:
    every = ("batch", "rest", "outside")
    factors = {"batch": INSIDE, "rest": OTHER, "outside": OTHER}
    return UpdateMap(
        model="autoencoder",
        activation="linear",
        coordinate=c,
        parameters=(eta,),
        reductions=(Reduction(u, c**2, ("batch",)), Reduction(N, c**2, every)),
        rules={atom: c * factor for atom, factor in factors.items()},
        shared_factor=factors,
    )


def relu() -> UpdateMap:
    every = ("batch+", "batch-", "rest+", "rest-", "outside")
    factors = {atom: INSIDE if atom == "batch+" else OTHER for atom in every}
    return UpdateMap(
        model="autoencoder",
        activation="relu",
        coordinate=c,
        parameters=(eta,),
        reductions=(Reduction(u, c**2, ("batch+",)), Reduction(N, c**2, every)),
        rules={atom: c * factor for atom, factor in factors.items()},
        shared_factor=factors,
    )
