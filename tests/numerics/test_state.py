"""The state table: starts go in and states come out unchanged, whatever the tiles; NaNs have one form."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from numerics import Law, lower
from numerics.batches import batches_of
from numerics.ir import Domain, Kernel
from numerics.passes import PASSES, rewrite
from numerics.state import _TILE, enter, leave
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]


def kernel_of(update_map: UpdateMap, law: Law, n: int, passes: tuple[str, ...]) -> Kernel:
    batches = batches_of(law, 2, None, 0, 0)
    return rewrite(lower(update_map, law, (), batches.form), n, batches.b, passes)[0]


@pytest.mark.parametrize("n", [2, 3, _TILE - 1, _TILE, _TILE + 1, 3 * _TILE + 2])
@pytest.mark.parametrize("passes", [(), tuple(PASSES)], ids=["dense", "lazy"])
@pytest.mark.parametrize("replicas", [1, 5])
def test_a_table_of_starts_leaves_as_the_starts(map_of: MapOf, n: int, passes: tuple[str, ...], replicas: int) -> None:
    kernel = kernel_of(map_of("relu"), Law.SGD, n, passes)
    start = np.random.default_rng(1).normal(size=(replicas, n))
    table = enter(kernel, start)
    out = np.full((replicas, n), 7.0)
    leave(kernel, table, 2, out)
    assert np.array_equal(table[:n], start.T)
    assert out.tobytes() == start.tobytes()


def test_stored_coordinates_are_multiplied_by_the_scale_of_their_class(map_of: MapOf) -> None:
    """Full-batch descent of a ReLU: two scales inside the data, by sign, and one outside."""
    n, m = 2 * _TILE + 5, _TILE + 3
    kernel = kernel_of(map_of("relu"), Law.GD, n, tuple(PASSES))
    assert kernel.lazy is not None
    table = enter(kernel, np.random.default_rng(2).normal(size=(4, n)))
    table[n : n + len(kernel.lazy.scales)] = np.random.default_rng(3).uniform(0.5, 2.0, (len(kernel.lazy.scales), 4))
    out = np.empty((4, n))
    leave(kernel, table, m, out)
    for k in range(n):
        domain = Domain.DATA if k < m else Domain.OUTSIDE
        for lane in range(4):
            stored = table[k, lane]
            where = kernel.lazy.of(domain)
            j = where[0] if stored > 0.0 or len(where) == 1 else where[1]
            assert out[lane, k] == stored * table[n + j, lane]


def test_nans_have_one_form(map_of: MapOf) -> None:
    kernel = kernel_of(map_of("linear"), Law.SGD, 3, ())
    start = np.array([[1.0, -np.nan, np.inf]])
    out = np.empty((1, 3))
    leave(kernel, enter(kernel, start), 2, out)
    assert out.tobytes() == np.array([[1.0, np.nan, np.inf]]).tobytes()
    assert start.tobytes() != out.tobytes()
