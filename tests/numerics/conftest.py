"""Update maps of the autoencoder: written down here, independently of theory, and derived by theory."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from theory.derive import update_map as derive
from theory.derive.update_map import Reduction, UpdateMap

c, eta, u, N = sp.symbols("c eta u N", real=True)


def written(activation: str) -> UpdateMap:
    """The one-step formulas of the single-neuron autoencoder, with and without ReLU."""
    inside, other = 1 + eta * (2 - u - N), 1 - eta * u
    split = ("batch+", "batch-", "rest+", "rest-", "outside")
    atoms = ("batch", "rest", "outside") if activation == "linear" else split
    active = atoms[0]
    factors = {atom: inside if atom == active else other for atom in atoms}
    return UpdateMap(
        model="autoencoder",
        activation=activation,
        coordinate=c,
        parameters=(eta,),
        reductions=(Reduction(u, c**2, (active,)), Reduction(N, c**2, atoms)),
        rules={atom: c * factor for atom, factor in factors.items()},
        shared_factor=factors,
    )


@pytest.fixture(scope="session")
def map_of() -> Callable[[str, str], UpdateMap]:
    """Return the update map of an activation from one of two sources: ``written`` or ``derived``."""
    maps: dict[tuple[str, str], UpdateMap] = {}

    def get(activation: str, source: str = "written") -> UpdateMap:
        if (activation, source) not in maps:
            maps[activation, source] = (written if source == "written" else derive)(activation)
        return maps[activation, source]

    return get
