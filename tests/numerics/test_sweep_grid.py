"""Grids: every combination once, in order, lazily; what is typed is read exactly."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numerics.errors import InputError
from numerics.sweep import Grid, Point, axis_of, seeds_of

VALUES = st.lists(st.fractions(), min_size=1, max_size=4, unique=True).map(tuple)
AXES = st.dictionaries(st.sampled_from(["eta", "b", "m", "steps"]), VALUES, max_size=3)


@given(AXES, st.integers(0, 5), st.integers(1, 4))
def test_a_grid_has_every_combination_once(axes: dict[str, tuple[Fraction, ...]], low: int, count: int) -> None:
    grid = Grid(axes, range(low, low + count))
    points = list(grid)
    assert len(points) == len(grid)
    assert len({(tuple(p.settings.items()), p.seed) for p in points}) == len(points)
    assert all(p.settings[name] in axes[name] for p in points for name in axes)
    assert all(list(p.settings) == list(axes) for p in points)
    assert [p.seed for p in points[:count]] == list(range(low, low + count))


def test_a_huge_grid_costs_nothing_until_it_is_walked() -> None:
    grid = Grid({"eta": (Fraction(1, 5),)}, range(10**15))
    assert len(grid) == 10**15
    assert [p.seed for p in islice(grid, 3)] == [0, 1, 2]


def test_numbers_are_read_exactly() -> None:
    assert axis_of("eta=0.05,1/10, .2 ,1e-3") == (
        "eta",
        (Fraction(1, 20), Fraction(1, 10), Fraction(1, 5), Fraction(1, 1000)),
    )
    assert axis_of("b=1:4,8") == ("b", (Fraction(1), Fraction(2), Fraction(3), Fraction(8)))
    assert axis_of("m=2:9:3")[1] == (2, 5, 8)
    assert axis_of("init=gaussian:0.5,gaussian:1") == ("init", ("gaussian:0.5", "gaussian:1"))
    assert axis_of("algorithm=gd,sgd") == ("algorithm", ("gd", "sgd"))


def test_equal_numbers_are_one_content() -> None:
    spelled = [Point({"eta": axis_of(text)[1][0]}, 0) for text in ("eta=0.05", "eta=5/100")]
    assert spelled[0].content() == spelled[1].content() == {"settings": {"eta": "1/20"}, "seed": 0}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("eta", "is no setting"),
        ("eta=", "is no setting"),
        ("=1", "is no setting"),
        ("2x=1", "is no setting"),
        ("eta=1,,2", "is no setting"),
        ("eta=1/0", "divides by zero"),
        ("eta=nan", "neither a number nor a word"),
        ("eta=-inf", "neither a number nor a word"),
        ("b=3:3", "is empty"),
        ("b=1:5:0", "is empty"),
    ],
)
def test_a_bad_axis_is_named_with_what_would_work(text: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        axis_of(text)
    assert repr(text) in str(caught.value)


def test_seeds() -> None:
    assert seeds_of("0:10") == range(10)
    assert seeds_of("5") == range(5, 6)
    assert seeds_of("0:10:3") == range(0, 10, 3)
    for bad in ("", "a", "-1", "1.5", "4:4"):
        with pytest.raises(InputError, match=r"seeds|empty"):
            seeds_of(bad)
    with pytest.raises(InputError, match="from 0 to"):
        Grid({}, range(-1, 3))
    with pytest.raises(InputError, match="at least one"):
        Grid({}, range(0))


def test_a_value_may_not_come_twice() -> None:
    with pytest.raises(InputError, match=r"'eta' has the value 1/20 twice"):
        Grid({"eta": axis_of("eta=0.05,1/20")[1]}, range(1))
    with pytest.raises(InputError, match="no value"):
        Grid({"eta": ()}, range(1))


def test_varied_settings() -> None:
    assert Grid(dict([axis_of("eta=1,2"), axis_of("m=8")]), range(9)).varied() == ("eta",)
