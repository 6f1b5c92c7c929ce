"""No multiplier and no exponent show a tail bound that is too small, and no potentials a limit that a run misses.

Both tests draw false statements and certificates at random, without proofs: of what a certificate leaves to be shown,
something must be false.  For a tail, statements are about numbers alone, and the probability is SciPy's; for a limit, a
place where an obligation fails is looked for among many points.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import judge
import pytest
from scipy import stats
from test_convergence import TRUE

from checks.checker import Rejected
from checks.checker.goal import Goal
from checks.checker.grammar import names
from checks.checker.kinds import convergence, tail
from checks.checker.pointwise import Point, Unknown, holds

Json = dict[str, Any]
# law, its distribution function, places for the threshold; for a discrete law, X <= a and X < a differ
LAWS: list[tuple[Json, Any, list[str]]] = [
    ({"name": "gaussian", "mean": "1/2", "variance": "4"}, stats.norm(0.5, 2), ["-2", "0", "1/2", "3", "7"]),
    ({"name": "chi-squared", "degrees": "3"}, stats.chi2(3), ["1/2", "2", "3", "9", "20"]),
    ({"name": "gaussian-squares", "number": "2", "variance": "1/2"}, stats.expon(), ["1/9", "1", "5"]),
    ({"name": "largest-gaussian", "number": "1", "variance": "1"}, stats.halfnorm(), ["1/9", "1", "3"]),
    ({"name": "exponential", "rate": "2"}, stats.expon(scale=0.5), ["1/9", "1", "5"]),
    ({"name": "binomial", "number": "9", "probability": "1/3"}, stats.binom(9, 1 / 3), ["1/2", "5/2", "13/2", "17/2"]),
    ({"name": "bernoulli-sum", "mean": "3"}, stats.binom(9, 1 / 3), ["1/2", "5/2", "13/2", "17/2"]),
    (
        {"name": "bounded-sum", "number": "9", "low": "0", "high": "1", "mean": "3"},
        stats.binom(9, 1 / 3),
        ["1/2", "5/2", "13/2", "17/2"],
    ),
]


def true_at_no_place(goal: Goal) -> bool:
    """Whether a goal about numbers alone is not true (or so close that 480 digits do not tell)."""
    try:
        return holds(goal.conclusion, Point({}, bits=480)) is not True
    except (Unknown, ArithmeticError):
        return True


@pytest.mark.parametrize(("law", "distribution", "places"), LAWS, ids=[law["name"] for law, _, _ in LAWS])
def test_a_bound_below_the_probability_is_never_shown(law: Json, distribution: Any, places: list[str]) -> None:
    tried = 0
    for place in places:
        for relation in ("<=", "<", ">=", ">"):
            lower = float(distribution.cdf(float(Fraction(place))))  # no place is an atom
            probability = lower if relation[0] == "<" else 1 - lower
            below = Fraction(probability * 0.999).limit_denominator(10**9)
            if below <= 0:
                continue
            # the largest exponent that keeps exp(e) below the bound, up to rounding: no other one shows more
            exponent = Fraction(math.floor(math.log(below) * 10**9) - 1, 10**9)
            event = {"relation": relation, "threshold": place}
            formal = {"form": "tail", "law": law, "event": event, "bound": str(below)}
            for t in (*range(-12, 13), *(Fraction(k, 7) for k in range(-12, 13)), Fraction(1, 2), 40, -40):
                frame = {"multiplier": f"({t})", "exponent": f"({exponent})"}
                try:
                    left = tail.obligations(formal, frame)
                except Rejected:
                    continue
                tried += 1
                assert any(map(true_at_no_place, left)), (formal, frame)
    assert tried > 100


MOVES = ["x/2", "-x", "x + 1/4", "x/2 + 1/4", "x*(1 - x)", "1 - x", "u*x", "x*(1 - u)", "x - u", "r*x", "x**2", "x + y"]
MOVES += ["y", "x/(1 + x)", "y - x", "x - y/2", "2*x", "x/4"]
STATES = ["x", "y", "x + y", "x**2", "1 - x", "x*y", "x**2 + y**2", "x - y", "2*x", "-x", "0", "1"]
RATES = ["1/2", "1", "0", "r", "1 - r", "1/4", "3/4", "2", "-1"]
LINES = ["x >= 0", "x <= 1", "0 <= x <= 1", "y >= 0", "0 <= y <= 1", "x == y", "x > 0", "r < 1", "x == 0", "y == 0"]


class Motion:
    """A random statement about a limit, and random certificates."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        choose, cyclic = self.draw.choice, self.draw.random() < 0.4
        branches = [
            {
                "inputs": choose(([], ["0 <= u <= 1"], ["u >= 0", "u <= x"])),
                "next": {"x": choose(MOVES), "y": choose(MOVES)},
            }
            for _ in range(choose((1, 2, 2) if cyclic else (1, 1, 2)))
        ]
        self.formal: Json = {
            "form": "tends",
            "state": ["x", "y"],
            "parameters": choose((["0 <= r <= 1"], ["0 < r < 1"], ["r == 1"])),
            "let": [],
            "start": self.draw.sample(["0 <= x <= 1", "0 <= y <= 1", "x > 0", "x == y", "y == 0"], 2),
            "branches": branches,
            "cyclic": cyclic,
            "limits": [[choose(("x", "y", "x - y", "x*y")), choose(("0", "1", "r", "1/2"))]],
        }

    def certificate(self) -> Json:
        draw, phases = self.draw, len(self.formal["branches"]) if self.formal["cyclic"] else 1
        potentials = [
            {
                "values": [draw.choice(STATES) for _ in range(phases)],
                "drops": [draw.choice(RATES) for _ in range(phases)],
                "power": draw.choice((1, 1, 2)),
                "add": [draw.choice(RATES) for _ in range(k)],
            }
            for k in range(draw.choice((1, 1, 2)))
        ]
        return {
            "invariants": [draw.sample(LINES, draw.randint(0, 3)) for _ in range(phases)],
            "potentials": potentials,
            "bounds": [{"power": draw.choice((1, 1, 2)), "by": [draw.choice(RATES) for _ in potentials]}],
        }

    def misses(self) -> bool:
        """Whether a run from an admissible start is seen to stay away from the limit, in floats."""
        for _ in range(12):
            state = {name: Fraction(self.draw.randint(0, 8), 8) for name in "xyr"}
            if not judge.holds({"given": [*self.formal["parameters"], *self.formal["start"]]}, "given", state):
                continue
            if self.draw.random() < 0.5:
                state["y"] = state["x"]
            run, away = {name: float(v) for name, v in state.items()}, 0
            for time in range(300):
                choices = self.formal["branches"]
                branch = choices[time % len(choices)] if self.formal["cyclic"] else self.draw.choice(choices)
                run["u"] = self.draw.choice((0.0, 1.0, self.draw.random()))
                if "u <= x" in branch["inputs"]:
                    run["u"] *= max(run["x"], 0.0)
                run |= {name: eval(text, {}, dict(run)) for name, text in branch["next"].items()}
                if abs(run["x"]) + abs(run["y"]) > 1e6:
                    return True
                quantity, value = (eval(text, {}, run) for text in self.formal["limits"][0])
                away += time > 200 and abs(quantity - value) > 0.1
            if away > 30:
                return True
        return False


def fails_somewhere(statement: Json) -> bool:
    """Whether a point violates a ``forall`` statement, one piece of its conclusion at a time."""
    grid = [Fraction(k, 4) for k in range(-2, 7)] + [Fraction(1, 100), Fraction(7)]
    draw = random.Random(0)
    used = sorted(set().union(*(names(node) for key in ("given", "show") for node in judge.lines(statement, key))))
    for _ in range(1500):
        point = {name: draw.choice(grid) for name in used}
        if draw.random() < 0.3 and {"x", "y"} <= set(used):
            point["y"] = point["x"]
        try:
            if judge.holds(statement, "given", point) and not judge.holds(statement, "show", point):
                return True
        except judge.Undecided:
            continue
    return False


@pytest.mark.parametrize("seed", [*range(12), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 300))])
def test_no_potentials_show_a_limit_that_a_run_misses(seed: int) -> None:
    motion = Motion(seed)
    if not motion.misses():
        return
    for _ in range(25):
        certificate = motion.certificate()
        try:
            left = convergence.obligations(motion.formal, certificate)
        except Rejected:
            continue
        assert any(fails_somewhere(statement) for statement in left), (motion.formal, certificate)


def test_the_places_that_are_looked_at_do_not_refute_what_is_true() -> None:
    event = {"relation": ">=", "threshold": "3"}
    normal = {"name": "gaussian", "mean": "0", "variance": "1"}
    formal = {"form": "tail", "law": normal, "event": event, "bound": "1/90"}
    assert not any(map(true_at_no_place, tail.obligations(formal, {"multiplier": "3", "exponent": "-9/2"})))
    for statement, certificate in TRUE.values():
        assert not any(map(fails_somewhere, convergence.obligations(statement, certificate)))
