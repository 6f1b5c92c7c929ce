"""The cost of a run as a formula: what grows with which size."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sympy as sp

from numerics import Law, lower
from numerics.batches import batches_of
from numerics.costs import MEMBER, SINGLE, WORD, Cost, b, cost, m, n, once
from numerics.passes import PASSES, rewrite
from theory.derive.update_map import UpdateMap

MapOf = Callable[..., UpdateMap]


def cost_of(update_map: UpdateMap, law: Law, size: int | None, passes: tuple[str, ...] = tuple(PASSES)) -> Cost:
    batches = batches_of(law, 256, size, 0, 0)
    kernel, _ = rewrite(lower(update_map, law, (), batches.form), 4096, batches.b, passes)
    return cost(kernel, 256, batches.b)


def test_a_step_of_a_list_costs_a_set_of_all_samples_and_its_members(map_of: MapOf) -> None:
    found = cost_of(map_of("linear"), Law.SGD, 4)
    assert found.words == b
    assert found.moves.coeff(b) == MEMBER
    assert found.moves.coeff(m) > 0
    assert found.total().coeff(b) > MEMBER + WORD


def test_a_batch_of_one_has_no_set(map_of: MapOf) -> None:
    assert cost_of(map_of("linear"), Law.SGD, 1).moves == SINGLE * b


def test_masks_and_the_full_batch_move_no_members(map_of: MapOf) -> None:
    assert cost_of(map_of("linear"), Law.SGD, 128).moves == 0
    assert cost_of(map_of("linear"), Law.GD, None).total() == cost_of(map_of("linear"), Law.GD, None).operations


@pytest.mark.parametrize(("law", "size"), [(Law.SGD, 1), (Law.GD, None)])
def test_passes_take_the_dimension_out_of_a_step(map_of: MapOf, law: Law, size: int | None) -> None:
    dense, compiled = (cost_of(map_of("linear"), law, size, passes) for passes in ((), tuple(PASSES)))
    assert dense.total().coeff(n) >= 1
    assert sp.N(compiled.total().coeff(n)) < 0.01


def test_what_a_run_does_once_is_linear_in_the_dimension() -> None:
    assert once(2000) == 2 * once(1000) > 0
