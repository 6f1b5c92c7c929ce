"""The NumPy target's buffers: no value is overwritten before its last use, and views keep what they look at."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sympy as sp

from numerics import Law, lower, simulate
from numerics.batches import batches_of
from numerics.passes import rewrite
from numerics.targets import numpy_target
from numerics.targets.numpy_source import _allocate, generate
from theory.derive.update_map import Reduction, UpdateMap

MapOf = Callable[..., UpdateMap]
c, eta, u, N = sp.symbols("c eta u N", real=True)


def test_a_buffer_is_used_again_after_the_last_use_only() -> None:
    lines = [
        "a = np.multiply(s, s, lane@)",
        "b = np.multiply(a, s, lane@)",  # a is read once more: b needs its own buffer
        "d = np.add(a, b, lane@)",  # the last use of a and b: d may overwrite one of them
        "e = tree_sum(d, lane@)",  # no array operation: d is no place for its own sum
        "f = np.add(e, s, lane@)",
    ]
    count = _allocate(lines)
    place = [line.rsplit("lane", 1)[1].rstrip(")") for line in lines]
    assert place[0] != place[1]
    assert place[2] in place[:2]
    assert place[3] != place[2]
    assert count == {"lane": 2}


def test_views_keep_their_buffer() -> None:
    lines = [
        "g = np.take(flat, rows, None, batch@, 'clip')",
        "x = g",
        "q = x",
        "v = np.multiply(s, s, batch@)",
        "h = np.multiply(v, q, batch@)",
    ]
    _allocate(lines)
    assert "batch0" in lines[0]
    assert "batch1" in lines[3]


def test_steps_do_not_allocate_results_of_operations(map_of: MapOf) -> None:
    """Every operation of a step on lanes writes into a buffer."""
    batches = batches_of(Law.SGD, 4, 1, 0, 0)
    kernel, _ = rewrite(lower(map_of("linear"), Law.SGD, (), batches.form), 6, 1)
    step = generate(kernel).split("def step", 1)[1]
    calls = [line for line in step.splitlines() if "= np.multiply(" in line or "= np.add(" in line]
    assert len(calls) > 5
    assert all(any(pool in line for pool in ("lane", "batch")) for line in calls)


@pytest.mark.parametrize("backend", ["numpy", "jit"])
@pytest.mark.parametrize("algorithm", ["gd", "sgd", "cyclic"])
def test_kept_sums_may_have_constants_and_parameters(algorithm: str, backend: str) -> None:
    """A power sum with a factor is a power sum: settling must know the factor."""
    inside, other = 1 + eta * (2 - u - N / 3), 1 - eta * u
    scaled = UpdateMap(
        model="scaled",
        activation="linear",
        coordinate=c,
        parameters=(eta,),
        reductions=(
            Reduction(u, c**2, ("batch",)),
            Reduction(N, 2 * c**2 + eta * c**2, ("batch", "rest", "outside")),
        ),
        rules={"batch": c * inside, "rest": c * other, "outside": c * other},
        shared_factor={"batch": inside, "rest": other, "outside": other},
    )
    options = {"m": 5, "n": 11, "eta": 0.2, "algorithm": algorithm, "replicas": 3, "steps": 300, "record": ()}
    run, oracle = (simulate(scaled, backend=name, **options) for name in (backend, "rounded"))
    assert run.state_digest == oracle.state_digest
    assert not np.array_equal(run.final, run.start)


def test_two_chunks_of_one_problem_do_not_share_buffers(map_of: MapOf) -> None:
    """Threads run the same problem at the same time."""
    batches = batches_of(Law.SGD, 4, 1, 0, 0)
    kernel, _ = rewrite(lower(map_of("linear"), Law.SGD, (), batches.form), 6, 1)
    scope = {"np": np, "tree_sum": numpy_target.tree_sum, "beyond": numpy_target.beyond}
    exec(generate(kernel), scope)
    first, second = (scope["build"](6, 4, 1, 8, np.float64(0.2)) for _ in range(2))
    cells = [
        {id(cell.cell_contents) for cell in step.__closure__ if isinstance(cell.cell_contents, np.ndarray)}
        for step in (first, second)
    ]
    assert cells[0]
    assert not cells[0] & cells[1]
