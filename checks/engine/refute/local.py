"""Local search: points of a case where its least slack is largest, then made rational, or exact on active boundaries.

The slack of ``gap > 0`` is the gap.  Random points of the box are refined by selection with shrinking steps, then by
sequential quadratic programming for ``max t`` with ``gap >= t`` for every atom and ``gap == 0`` for equalities: a point
strictly inside leaves room for rounding.  Where t is zero, the atoms that are active there are solved as equations.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice
from math import isfinite

import numpy as np

from checks.checker import polynomial as poly
from checks.checker.grammar import Node
from checks.engine import polynomials
from checks.engine.refute.candidate import Candidate
from checks.engine.refute.domain import Domain
from checks.engine.refute.equations import solutions
from checks.engine.refute.screen import Array, Screen
from checks.engine.refute.statement import Atom, Clause, Statement
from checks.engine.refute.streams import splits

MOST_CASES, STARTS, POPULATION, GENERATIONS = 12, 3, 160, 12
DENOMINATORS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 25, 32, 50, 64, 100, 128, 256, 500, 1000, 10**4, 10**5, 10**6)
FINE = (10**9, 10**12)
FAR = 1e6


class Slack:
    """The gaps of a case's atoms at many points."""

    def __init__(self, clause: Sequence[Atom], names: Sequence[str]) -> None:
        self.names = list(names)
        self.atoms = [atom for atom in dict.fromkeys(clause) if atom.relation != "!="]
        self.equal = np.array([atom.relation == "==" for atom in self.atoms], dtype=bool)

    def gaps(self, points: Array) -> Array:
        """Return the gaps, one row an atom; where one is undefined it is a large negative number."""
        with np.errstate(all="ignore"):
            screen = Screen({name: points[:, k] for k, name in enumerate(self.names)}, len(points))
            table = np.array([screen.number(atom.gap)[0] for atom in self.atoms])
        return np.asarray(np.clip(np.where(np.isfinite(table), table, -1e9), -1e12, 1e12))

    def least(self, points: Array) -> Array:
        """Return the least slack at each point, large values damped."""
        gaps = self.gaps(points)
        gaps = np.where(self.equal[:, None], -np.abs(gaps), gaps)
        return np.asarray(np.min(gaps / (1 + np.abs(gaps)), axis=0))


def near_optima(statement: Statement, seed: int, spent: Callable[[], bool]) -> Iterator[Candidate]:
    """Yield exact points near the places where the cases come closest to holding, until the time is ``spent``."""
    for number, clause in enumerate(statement.cases[:MOST_CASES]):
        for place, at in enumerate(_optima(statement, clause, seed + number)):
            if spent():
                return
            yield from _exact(statement, clause, at, systems=number < 3 and place < 4)


def _optima(statement: Statement, clause: Clause, seed: int) -> Iterator[dict[str, float]]:
    slack = Slack(clause, statement.names)
    if not statement.names or not slack.atoms:
        return
    rng = np.random.default_rng(seed)
    domain = Domain(clause, statement.names, statement.integers)
    low, high = (np.array([float(domain.box[n][side]) for n in statement.names]) for side in (0, 1))
    points = _random_points(rng, low, high)
    step = np.where(np.isfinite(high - low), (high - low) / 4, 1 + np.abs(points) / 4)
    for generation in range(GENERATIONS):
        order = np.argsort(-slack.least(points), kind="stable")
        parents = points[order[: POPULATION // 8]]
        children = np.repeat(parents, 8, axis=0)
        moves = rng.standard_normal(children.shape) * 0.6**generation
        size = step if step.ndim == 1 else 1 + np.abs(children) / 4
        points = np.vstack([parents, np.clip(children + moves * size, low, high)])
    order = np.argsort(-slack.least(points), kind="stable")
    for row in _apart(points[order], STARTS):
        yield dict(zip(statement.names, map(float, row), strict=True))
        polished = _polished(slack, row, low, high)
        if polished is not None:
            yield dict(zip(statement.names, map(float, polished), strict=True))


def _random_points(rng: np.random.Generator, low: Array, high: Array) -> Array:
    size = (2 * POPULATION, len(low))
    share, scale = rng.random(size), 10 ** rng.uniform(-3, 4, size)
    with np.errstate(invalid="ignore"):
        inside = low + share * (high - low)
    below, above = np.isfinite(low), np.isfinite(high)
    both = np.where(share < 0.5, -scale, scale)
    return np.where(below & above, inside, np.where(below, low + scale, np.where(above, high - scale, both)))


def _apart(points: Array, most: int) -> Iterator[Array]:
    kept: list[Array] = []
    for point in points:
        if all(np.max(np.abs(point - other) / (1 + np.abs(other))) > 0.05 for other in kept):
            kept.append(point)
            yield point
        if len(kept) == most:
            return


def _polished(slack: Slack, start: Array, low: Array, high: Array) -> Array | None:
    """Maximise t subject to ``gap >= t`` and the equalities, from a start; None where the solver gives up."""
    from scipy.optimize import minimize

    n = len(start)
    equal, other = slack.equal, ~slack.equal

    def gaps(z: Array) -> Array:
        return np.asarray(slack.gaps(z[None, :n])[:, 0])

    def slopes(z: Array) -> Array:
        h = 1e-7 * (1 + np.abs(z[:n]))
        moved = np.vstack([z[:n] + np.diag(h), z[:n] - np.diag(h)])
        table = slack.gaps(moved)
        return np.asarray((table[:, :n] - table[:, n:]) / (2 * h))

    constraints = []
    if other.any():
        rows = int(other.sum())
        constraints.append(
            {
                "type": "ineq",
                "fun": lambda z: gaps(z)[other] - z[n],
                "jac": lambda z: np.hstack([slopes(z)[other], -np.ones((rows, 1))]),
            }
        )
    if equal.any():
        rows_equal = int(equal.sum())
        constraints.append(
            {
                "type": "eq",
                "fun": lambda z: gaps(z)[equal],
                "jac": lambda z: np.hstack([slopes(z)[equal], np.zeros((rows_equal, 1))]),
            }
        )
    first = gaps(start)[other]
    z0 = np.append(start, float(first.min()) if len(first) else 0.0)
    bounds = [(a if isfinite(a) else -FAR, b if isfinite(b) else FAR) for a, b in zip(low, high, strict=True)]
    target = np.append(np.zeros(n), -1.0)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = minimize(
                lambda z: -z[n],
                z0,
                jac=lambda z: target,
                bounds=[*bounds, (-1e9, 1.0)],
                constraints=constraints,
                method="SLSQP",
                options={"maxiter": 60, "ftol": 1e-14},
            )
    except (ValueError, FloatingPointError):
        return None
    point = np.asarray(result.x[:n])
    return point if np.isfinite(point).all() else None


def exact_near(statement: Statement, clause: Clause, at: dict[str, float], off: float) -> Iterator[Candidate]:
    """Yield exact points near a float at which a case holds, up to an error, in floating point."""
    slack = Slack(clause, statement.names)
    point = np.array([[at[name] for name in statement.names]])
    if not slack.atoms or float(slack.least(point)[0]) >= -off:
        yield from _exact(statement, clause, at, systems=True)


def _exact(statement: Statement, clause: Clause, at: dict[str, float], systems: bool) -> Iterator[Candidate]:
    """Yield rational points near a float, on the equalities of the case, and on the atoms that are active there."""
    for split in splits(statement, clause, 2):
        denominators = (*DENOMINATORS, *FINE) if not split.equations else DENOMINATORS[::2]
        near = {**at, **_values(split.roots, at)}
        for values in _roundings(statement, split.free(statement), near, denominators):
            yield from _near(split.candidates(values), at)
    gaps = Slack(clause, statement.names).gaps(np.array([[at[name] for name in statement.names]]))[:, 0]
    atoms = [atom for atom in dict.fromkeys(clause) if atom.relation != "!="]
    active = [
        Atom(atom.gap, "==") for atom, gap in zip(atoms, gaps, strict=True) if abs(gap) < 1e-6 or atom.relation == "=="
    ]
    if not active or len(active) > 4:
        return
    for split in splits(statement, active, 2):
        near = {**at, **_values(split.roots, at)}
        for number, values in enumerate(_roundings(statement, split.free(statement), near, DENOMINATORS[:16:3])):
            yield from _near(split.candidates(values, systems=systems and number < 2), at)
    if systems and len(active) == 1 and len(statement.names) <= 3 and active[0].polynomial:
        yield from _touching(statement, active[0])


def _values(roots: Mapping[str, Node], at: Mapping[str, float]) -> dict[str, float]:
    """Return the values of the new names for square roots at a point."""
    found: dict[str, float] = {}
    with np.errstate(all="ignore"):
        for name, node in roots.items():
            known = {n: np.array([x]) for n, x in {**at, **found}.items()}
            value = float(Screen(known, 1).number(node)[0][0])
            found[name] = value if isfinite(value) else 0.0
    return found


def _touching(statement: Statement, atom: Atom) -> Iterator[Candidate]:
    """Yield the points where a gap and its slopes vanish: it touches zero there without a change of sign."""
    p = atom.polynomial or {}
    names = sorted(str(g) for g in poly.generators(p))
    others = {name: Fraction(0) for name in statement.names if name not in names}
    slopes = [polynomials.scalar_derivative(p, name) for name in names]
    yield from islice(solutions([*slopes, p], others, names), 20)


def _roundings(
    statement: Statement, free: Sequence[str], at: dict[str, float], denominators: Sequence[int]
) -> Iterator[dict[str, Fraction]]:
    seen: set[tuple[Fraction, ...]] = set()
    for d in denominators:
        for nearest in (False, True):
            values = {}
            for name in free:
                exact = Fraction(at[name])
                value = exact.limit_denominator(d) if nearest else Fraction(round(exact * d), d)
                values[name] = Fraction(round(exact)) if name in statement.integers else value
            key = tuple(values.values())
            if key not in seen:
                seen.add(key)
                yield values


def _near(candidates: Iterator[Candidate], at: dict[str, float]) -> Iterator[Candidate]:
    """Yield candidates, those nearest to a point first."""

    def distance(candidate: Candidate) -> float:
        return max((abs(x - at[name]) for name, x in candidate.floats().items() if name in at), default=0.0)

    yield from sorted(islice(candidates, 16), key=distance)
