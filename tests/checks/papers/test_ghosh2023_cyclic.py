"""Theorem 4 as stated is about the iterates of the paper, and what its proof rests on holds along exact runs."""

from fractions import Fraction

import pytest

from checks.checker import pointwise
from checks.checker.goal import lines
from checks.checker.kinds import convergence
from checks.checker.kinds.instance import read_point
from checks.suite import load

PART = next(p for p in load("ghosh2023").statements["T4"]().parts if p.formal["form"] == "tends")
STARTS = [("1/2", "1/2", "1/4"), ("7/10", "7/10", "1/4"), ("4/5", "1/100", "1/4"), ("1/100", "1/100", "1/5")]
STARTS += [("3/5", "2/5", "1/1000"), ("99/100", "1/100", "1/4")]


def point(at):
    return read_point({}, {"values": {name: str(x) for name, x in at.items()}})


def value(text, at):
    """Return an expression of the statement, abbreviations included, at a rational point."""
    (node,) = lines({"let": PART.formal["let"], "x": [text]}, "x")
    low, high = pointwise.number(node, point(at))
    assert low == high
    return low


def holds(texts, at):
    return [pointwise.holds(node, point(at)) for node in lines({"let": PART.formal["let"], "x": list(texts)}, "x")]


def sgd_step(w, sample, eta):
    """One step of Eq. (3) with Eq. (4), linear activation, one sample, in plain vectors."""
    z = sum(a * b for a, b in zip(w, sample, strict=True))
    residual = [z * a - x for a, x in zip(w, sample, strict=True)]
    inner = sum(a * r for a, r in zip(w, residual, strict=True))
    return [a - eta * (x * inner + z * r) for a, x, r in zip(w, sample, residual, strict=True)]


def run(start, steps):
    y, z, eta = map(Fraction, start)
    data = [(Fraction(1), Fraction(0)), (Fraction(0), Fraction(1))]
    w = [y, z]
    for t in range(steps):
        yield t, {"y": w[0], "z": w[1], "eta": eta}, data[t % 2]
        # shorter fractions: a point near the orbit is as good a point of the plane
        w = [Fraction(round(x * 10**9), 10**9) for x in sgd_step(w, data[t % 2], eta)]


@pytest.mark.parametrize("start", STARTS)
def test_the_branches_are_the_steps_of_cyclic_sgd(start):
    for t, at, sample in run(start, 6):
        step = PART.formal["branches"][t % 2]["next"]
        assert [value(step[name], at) for name in "yz"] == sgd_step([at["y"], at["z"]], sample, at["eta"])


@pytest.mark.parametrize("start", STARTS)
def test_invariants_hold_along_runs(start):
    """r is taken a little below the norm of the start, which is no rational number."""
    y, z, _ = map(Fraction, start)
    r = Fraction(int(float(y * y + z * z) ** 0.5 * 10**6), 10**6) - Fraction(1, 10**6)
    for t, at, _ in run(start, 60):
        assert all(holds(PART.hint["invariants"][t % 2], {**at, "r": r}))


@pytest.mark.parametrize(
    ("start", "expected"), [(("1/2", "1/2"), True), (("1/4", "1/2"), False), (("4/5", "3/5"), False)]
)
def test_the_start_is_that_of_the_theorem(start, expected):
    """The equality of both coordinates is admitted, the norm 1 is not."""
    y, z = map(Fraction, start)
    order, norm = PART.formal["start"][0], "y**2 + z**2 < 1"
    assert PART.formal["start"][1:] == ["r**2 == y**2 + z**2", "0 < r < 1"]
    assert all(holds([order, norm], {"y": y, "z": z, "eta": Fraction(1, 4)})) is expected


def test_the_limit_is_the_first_sample():
    assert PART.formal["limits"] == [["y", "1"], ["z", "0"]]
    assert PART.formal["parameters"] == ["0 < eta <= 1/4"]
    assert PART.formal["cyclic"] is True


def test_a_faster_rate_is_not_an_obligation_that_holds():
    """With 100 eta for the drop of 1 - y^2 in an even step a point of the domain violates the obligation."""
    certificate = {**PART.hint, "potentials": [dict(p) for p in PART.hint["potentials"]]}
    certificate["potentials"][1]["drops"] = ["100*eta", "0"]
    step = convergence.obligations(PART.formal, certificate)[1]
    at = {"y": Fraction(1, 2), "z": Fraction(1, 10), "eta": Fraction(1, 4), "r": Fraction(1, 2)}
    assert all(pointwise.holds(node, point(at)) for node in lines(step, "given"))
    assert not all(pointwise.holds(node, point(at)) for node in lines(step, "show"))
