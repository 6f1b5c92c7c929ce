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


def artificial() -> UpdateMap:
    """A map with no meaning that uses all of the IR: every domain and filter, /, sqrt, powers, constants.

    Its rules do not vanish at zero, so the side of the kink shows.
    """
    p, q, s, t, d = sp.symbols("p q s t d", real=True)
    return UpdateMap(
        model="artificial",
        activation="relu",
        coordinate=c,
        parameters=(eta,),
        reductions=(
            Reduction(p, c, ("batch+",)),
            Reduction(q, c**3, ("batch-", "rest-")),
            Reduction(s, sp.Integer(1), ("batch+", "rest+", "outside-")),
            Reduction(t, c**2 + eta, ("outside+",)),
            Reduction(d, c / (7 + c**2), ("batch+", "batch-", "rest+", "rest-", "outside+", "outside-")),
        ),
        rules={
            "batch+": c - eta * p / (1 + p**2),
            "batch-": c + sp.sqrt(1 + q**2) / 8,
            "rest+": c / (1 + eta * s) - d,
            "rest-": c + t / (3 + t),
            "outside+": -c + eta,
            "outside-": c / 3 + d / (1 + d**2),
        },
        shared_factor={},
    )


@pytest.fixture(scope="session")
def map_of() -> Callable[[str, str], UpdateMap]:
    """Return the update map of an activation from one of two sources: ``written`` or ``derived``."""
    maps: dict[tuple[str, str], UpdateMap] = {}

    def get(activation: str, source: str = "written") -> UpdateMap:
        if (activation, source) not in maps:
            if activation == "artificial":
                maps[activation, source] = artificial()
            else:
                maps[activation, source] = (written if source == "written" else derive)(activation)
        return maps[activation, source]

    return get
