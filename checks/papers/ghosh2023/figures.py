"""Figures 1 and 2: what they show as exact statements, and the pictures redrawn from the derived objects."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from checks.claim import Part, Statement, forall, statement, states, trajectory
from checks.engine.wording import line_latex
from checks.papers.ghosh2023 import objects as o
from checks.papers.ghosh2023.landscape import below
from checks.papers.ghosh2023.relu import relu_factor
from checks.statistics import share_of_runs
from checks.verdict import Evidence, Status
from theory.derive import coordinates as co
from theory.derive import landscape, update_map
from theory.indexed import formal

# Figure 1: the start, the step size alpha and its two readings
START = ("1/10", "2/25")
ALPHA = "1/4"
READINGS = {"$\\eta = \\alpha$": 0.25, "$\\eta = \\alpha/m$": 0.125}
RUNS, STEPS, DRAWN, NEAR = 200, 3000, 2, 1e-3


def _stepper(eta: float) -> Any:
    """Return one step ``(c, batch mask) -> c`` of the derived map, for many runs at once (linear, n = m)."""
    derived = update_map("linear")
    u, n = (r.symbol for r in derived.reductions)
    rules = {a: sp.lambdify((derived.coordinate, u, n, co.eta), derived.rules[a], "numpy") for a in ("batch", "rest")}

    def step(c: Any, batch: Any) -> Any:
        total = (c**2).sum(axis=1, keepdims=True)
        sampled = (c**2 * batch).sum(axis=1, keepdims=True)
        return np.where(batch, rules["batch"](c, sampled, total, eta), rules["rest"](c, sampled, total, eta))

    return step


def _path(eta: float, runs: int, steps: int, rng: Any) -> Any:
    """Return the iterates of SGD with b = 1 (GD where ``rng`` is None): steps + 1, runs, 2."""
    step = _stepper(eta)
    start = [float(sp.Rational(x)) for x in START]
    states_ = [np.tile(start, (runs, 1))]
    for _ in range(steps):
        batch = np.ones((runs, 2), bool) if rng is None else np.eye(2, dtype=bool)[rng.integers(0, 2, runs)]
        states_.append(step(states_[-1], batch))
    return np.array(states_)


def _series(label: str, points: Any) -> dict[str, Any]:
    return {
        "label": label,
        "x": [round(float(x), 6) for x in points[:, 0]],
        "y": [round(float(y), 6) for y in points[:, 1]],
    }


def _quarter_circle() -> Any:
    angles = np.linspace(0, np.pi / 2, 61)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _run_figure_one(part: Part, context: Any) -> Evidence:
    """Redraw Figure 1 and say where the runs ended."""
    seed = int(getattr(context, "seed", 0))
    series = [_series("quarter circle", _quarter_circle())]
    words, table = [], {}
    for position, (reading, eta) in enumerate(READINGS.items()):
        gd = _path(eta, 1, STEPS, None)[:, 0]
        sgd = _path(eta, RUNS, STEPS, np.random.Generator(np.random.Philox(key=[seed, position])))
        ends = sgd[-1]
        at_end = np.minimum(np.abs(ends - [1, 0]).max(axis=1), np.abs(ends - [0, 1]).max(axis=1)) < NEAR
        first = int((at_end & (ends[:, 0] > 0.5)).sum())
        table[reading] = {"eta": eta, "at (1, 0)": first, "at (0, 1)": int(at_end.sum()) - first, "runs": RUNS}
        words.append(
            f"{reading}: GD ended at ({gd[-1, 0]:.6f}, {gd[-1, 1]:.6f}); of {RUNS} runs of SGD {first} were within "
            f"{NEAR} of (1, 0) and {int(at_end.sum()) - first} within {NEAR} of (0, 1) after {STEPS} steps."
        )
        series.append(_series(f"GD, {reading}", gd[:60]))
        series += [_series("" if r else f"SGD, {reading}", sgd[:150, r]) for r in range(DRAWN)]
    plot = {
        "kind": "lines",
        "series": series,
        "xlabel": "$\\langle w_t, a_1\\rangle$",
        "ylabel": "$\\langle w_t, a_2\\rangle$",
        "title": "Figure 1 redrawn from the derived step",
    }
    return Evidence(
        part.name,
        Status.UNDECIDED,
        "none",
        part.latex,
        detail=(*words,),
        data={"seed": seed, "steps": STEPS, "near": NEAR, "table": table, "plot": plot},
    )


def _full_batch_radius(name: str, start: str, **more: Any) -> Part:
    """State that Phi of a full-batch run from Phi_0 = start, Psi = 0, tends to 1 at a geometric rate."""
    return trajectory(
        name,
        state=["Phi"],
        parameters=["0 < eta <= 1/4"],
        let=["Psi = 0"],
        start=[f"Phi == {start}"],
        branches=[{"next": {"Phi": o.next_phi()}, "then": [f"1 - Phi_next <= (1 - 4*eta*{start})*(1 - Phi)"]}],
        always=[f"{start} <= Phi", "Phi <= 1"],
        **more,
    )


@states(o.PAPER, "X1")
def trajectories() -> Statement:
    """State where GD ends, exactly and for both readings of the step size; SGD as runs."""
    keep = f"{o.NEXT} == c[k]*({o.full_factors()[0]})"
    return statement(
        _full_batch_radius(
            "GD reaches the unit circle, for every 0 < eta <= 1/4",
            f"({START[0]}*{START[0]} + {START[1]}*{START[1]})",
            detail=(
                "m = n = 2, so that $\\Psi = 0$; both readings, $\\eta = 1/4$ and $\\eta = 1/8$, are covered. "
                "$1 - \\Phi_t$ is at most a geometric sequence with a factor below 1, hence tends to 0.",
            ),
        ),
        forall(
            "GD keeps the ratio of the coordinates",
            keep,
            let=o.FULL_SUMS,
            index=o.FULL.as_formal({"k": "batch"}),
            detail=(
                "With a positive factor the limit is $w_0/\\|w_0\\| = (5, 4)/\\sqrt{41}$, inside the quarter circle.",
            ),
        ),
        forall(
            "the factor of GD is positive",
            f"{o.full_factors()[0]} > 0",
            let=["Psi = 0"],
            given=["0 < eta <= 1/4", "0 <= Phi <= 1"],
        ),
        share_of_runs(
            "SGD ends at an end point of the quarter circle",
            lambda result: np.asarray(result.observables["limit_point"] > 0),
            surrogate="from w_0 = (0.1, 0.08), more than 99 % of the replicas are within 0.001 of a_1 or a_2 after "
            "10000 steps, for eta = alpha = 1/4 and for eta = alpha/m = 1/8",
            settings=[
                {
                    "m": 2,
                    "n": 2,
                    "b": 1,
                    "eta": eta,
                    "algorithm": "sgd",
                    "steps": 10_000,
                    "init": [float(sp.Rational(x)) for x in START],
                    "tolerance": 1e-3,
                }
                for eta in (0.25, 0.125)
            ],
            record=["limit_point"],
            latex=r"\min_i \|w_T - a_i\| \le 10^{-3}",
        ),
        Part("Figure 1, redrawn", judge=_run_figure_one, role="context"),
        forall(
            "on the open quarter circle the sample in the batch moves its coordinate, for every step size",
            f"{o.in_batch()} != 1",
            let=["N = 1"],
            given=["eta > 0", "0 < u < 1"],
            role="context",
            detail=(
                "At a limit of SGD inside the quarter circle both sample steps, taken infinitely often almost surely, "
                "would fix the limit by continuity: only the end points remain.",
            ),
        ),
        scope="m = n = 2, w_0 = (1/10, 2/25)",
        derivation=(
            f"Full batch, $\\Psi = 0$: $\\Phi' = {line_latex(o.next_phi())}$; a mini-batch multiplies its coordinates "
            f"by ${line_latex(o.in_batch())}$ and the others by ${line_latex(o.off_batch())}$.",
        ),
    )


def _draw_figure_two(part: Part, context: Any) -> Evidence:
    """Redraw Figure 2: the derived ReLU loss on a grid, the minima and the two marked points."""
    value = sp.lambdify(
        (landscape.P, landscape.Nneg), landscape.loss_in_sums("relu").subs({co.m: 2, landscape.Psi: 0}), "numpy"
    )
    axis = np.linspace(-1.5, 1.5, 41)
    x, y = np.meshgrid(axis, axis)
    positive = np.maximum(x, 0) ** 2 + np.maximum(y, 0) ** 2
    grid = value(positive, x**2 + y**2 - positive)
    ring = 0.04 * np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 25)), np.sin(a)], axis=1)
    marks: Mapping[str, Any] = {
        "minima": _quarter_circle(),
        "SGD limit $a_1$": ring + np.array([1.0, 0.0]),
        "GD limit $(a_1 + a_2)/\\sqrt{2}$": ring + np.sqrt([0.5, 0.5]),
    }
    ticks = [round(float(a), 6) for a in axis]
    return Evidence(
        part.name,
        Status.UNDECIDED,
        "none",
        detail=("A picture for the reader; the parts above carry the verdict.",),
        data={
            "plot": {
                "kind": "contour",
                "grid": {"x": ticks, "y": ticks, "z": [[round(float(z), 6) for z in row] for row in grid]},
                "levels": [str(Fraction(k, 40)) for k in range(10, 41, 2)],
                "series": [_series(label, points) for label, points in marks.items()],
                "xlabel": "$\\langle w, a_1\\rangle$",
                "ylabel": "$\\langle w, a_2\\rangle$",
                "title": "Figure 2 redrawn from the derived loss",
            }
        },
    )


@states(o.PAPER, "X2")
def minima_and_limits() -> Statement:
    """State the minima at m = n = 2, that both marked points are limits, and that one of them is no SGD limit."""
    expr = landscape.loss_in_sums("relu").subs({co.m: 2, landscape.Psi: 0})
    sums = ["P = sum(i:batchp, c[i]**2)", "Nneg = sum(i:batchq, c[i]**2)", "m = 2"]
    plane = {**o.RELU_FULL.as_formal(), "atoms": {"batchp": "bp", "batchq": "2 - bp"}}
    plane["sets"] = {name: ["batchp", "batchq"] for name in ("batch", "data", "all")}
    inside, outside = relu_factor("batchp"), relu_factor("restq")
    return statement(
        forall("L at m = n = 2", f"{o.LOSS_RELU} == {formal(expr)}", let=sums, index=plane),
        *below("minima, the quarter circle P = 1, Nneg = 0", f"({formal(expr)})", "P", ("Nneg",), "1/4", []),
        forall(
            "a_1 stays where it is under both samples",
            [f"({inside})*1 == 1", f"({relu_factor('batchq')})*0 == 0"],
            let=["u = 1", "N = 1"],
            detail=(
                "Sample 1, active: the factor at u = N = 1. Sample 2 is inactive at $c_2 = 0$ and moves nothing. "
                "SGD from $a_1$ thus has the limit $a_1$, whatever the batches; the next part starts inside the disc.",
            ),
        ),
        trajectory(
            "SGD from (1/2, 0): each time sample 1 is drawn, the distance to a_1 shrinks by a fixed factor",
            state=["x"],
            parameters=["0 < eta <= 1/5"],
            let=["N = x*x", "u = x*x"],
            start=["x == 1/2"],
            branches=[
                {"next": {"x": f"x*({inside})"}, "then": ["1 - x_next <= (1 - eta)*(1 - x)"]},
                {"next": {"x": "x"}},
            ],
            always=["1/2 <= x", "x <= 1"],
            detail=("Sample 1 is drawn infinitely often almost surely, so that $w_t \\to a_1$.",),
        ),
        forall(
            "(a_1 + a_2)/sqrt 2 stays where it is under GD",
            f"{inside} == 1",
            let=["u = 1", "N = 1"],
            detail=("Both coordinates are positive there, u = N = 1.",),
        ),
        _full_batch_radius(
            "GD from (1/2, 1/2): the norm tends to 1 at a geometric rate",
            "(1/2)",
            detail=("Equal coordinates stay equal: the limit is $(a_1 + a_2)/\\sqrt 2$.",),
        ),
        forall(
            "near (a_1 + a_2)/sqrt 2 every step of SGD moves the coordinate that it samples by 3 eta/64 or more",
            f"x*({inside}) - x >= 3*eta/64",
            let=["u = x*x", "N = x*x + y*y"],
            given=["eta > 0", "5/8 <= x <= 3/4", "5/8 <= y <= 3/4"],
            detail=(
                "SGD has b = 1 here; x is the coordinate that is sampled, y the other one, and $1/\\sqrt 2$ lies "
                "between 5/8 and 3/4. The steps of a run that converges tend to 0: whatever the batches and the start, "
                "no run of SGD tends to this point.",
            ),
        ),
        Part("the figure", judge=_draw_figure_two, role="context"),
        scope="m = n = 2, all 0 < eta <= 1/5; the drawing itself is not compared",
        derivation=(
            f"Derived loss at m = n = 2: $L = {sp.latex(expr)}$; ReLU step: $c_k\\,({line_latex(inside)})$ for the "
            f"sampled coordinate where it is positive, $c_k\\,({line_latex(outside)})$ for the other one.",
        ),
    )
