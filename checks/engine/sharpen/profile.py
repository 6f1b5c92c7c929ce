"""The bound on a parameter as an explicit function of one other variable: its extrema, and its limits at the ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise

import mpmath as mp

from checks.checker.grammar import Node, names
from checks.checker.kinds.path import derivative, smooth
from checks.engine.sharpen.closed import Undefined, value
from checks.engine.sharpen.recognise import DIGITS

# what counts as zero beside one, at the working precision
TINY = mp.mpf(10) ** (-45)


def profile(p: Node, given: Sequence[Node], x: str, c: str, up: bool) -> Iterator[tuple[mp.mpf, dict[str, mp.mpf]]]:
    """Yield extrema and limits of the bound f(x) on c, each with its x, for ``p >= 0`` where every ``given`` is >= 0.

    There are none where p is not linear in c, or a hypothesis depends on c.
    """
    if any(c in names(g) for g in given) or not smooth(p, c) or c in names(derivative(p, c)):
        return

    def bound(at: mp.mpf) -> mp.mpf | None:
        """Return the value of the parameter with p = 0, where p falls in the direction of the search."""
        try:
            a, b = value(p, {x: at, c: mp.mpf(0)}), value(p, {x: at, c: mp.mpf(1)})
        except (ArithmeticError, ValueError):
            return None
        return -a / (b - a) if (b < a) == up and b != a else None

    def inside_(at: mp.mpf) -> bool:
        try:
            return all(value(g, {x: at}) >= 0 for g in given)
        except (ArithmeticError, ValueError):
            return False

    side = 1 if up else -1
    for low, high in _intervals(inside_):
        # where p does not depend on the parameter the bound has a gap of its own: 0 is a usual place
        ends = [low, mp.mpf(0), high] if low < 0 < high and bound(mp.mpf(0)) is None else [low, high]
        for a, b in pairwise(ends):
            yield from _extrema(x, bound, a, b, side)


def _intervals(holds: Callable[[mp.mpf], bool]) -> Iterator[tuple[mp.mpf, mp.mpf]]:
    """Yield the intervals where the hypotheses on the one other variable hold, with refined ends."""
    line = [mp.mpf(10) ** (mp.mpf(k) / 8) for k in range(-24, 25)]
    grid = sorted([*line, *(-v for v in line), mp.mpf(0), *(mp.mpf(k) / 7 + mp.mpf("0.001") for k in range(-50, 51))])
    start: mp.mpf | None = None
    last: mp.mpf | None = None
    for at in [*grid, None]:
        here = at is not None and holds(at)
        if here and start is None:
            start = -mp.inf if last is None else _edge(holds, at, last)
        elif start is not None and not here:
            yield start, mp.inf if at is None else _edge(holds, last, at)
            start = None
        last = at


def _extrema(
    x: str, bound: Callable[[mp.mpf], mp.mpf | None], low: mp.mpf, high: mp.mpf, side: int
) -> Iterator[tuple[mp.mpf, dict[str, mp.mpf]]]:
    places = list(_places(low, high))
    known = [(at, f) for at in places if (f := bound(at)) is not None]
    if not known:
        return
    for end in (low, high):
        limit = _limit(bound, end, -1 if end == high else 1)
        if limit is not None:
            yield limit, {x: end}
    for (a, fa), (b, fb), (d, fd) in zip(known, known[1:], known[2:], strict=False):
        if side * fb <= side * fa and side * fb <= side * fd:
            at = _stationary(bound, a, b, d)
            f = None if at is None else bound(at)
            if f is not None:
                yield f, {x: at}


def _edge(holds: Callable[[mp.mpf], bool], good: mp.mpf, bad: mp.mpf) -> mp.mpf:
    for _ in range(int(3.4 * DIGITS)):
        middle = (good + bad) / 2
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good


def _places(low: mp.mpf, high: mp.mpf) -> Iterator[mp.mpf]:
    """Yield increasing places inside an interval, dense near its ends."""
    if mp.isinf(low) and mp.isinf(high):
        line = [mp.mpf(2) ** (mp.mpf(k) / 4) for k in range(-24, 25)]
        yield from [*(-v for v in reversed(line)), mp.mpf("0.003"), *line]
    elif mp.isinf(high):
        yield from (low + mp.mpf(2) ** (mp.mpf(k) / 4) for k in range(-28, 37))
    elif mp.isinf(low):
        yield from (high - mp.mpf(2) ** (mp.mpf(-k) / 4) for k in range(-36, 29))
    else:
        shares = [mp.mpf(1) / 2**k for k in range(12, 5, -1)] + [mp.mpf(k) / 32 for k in range(1, 32)]
        shares += [1 - mp.mpf(1) / 2**k for k in range(6, 13)]
        yield from (low + s * (high - low) for s in shares)


def _limit(bound: Callable[[mp.mpf], mp.mpf | None], end: mp.mpf, way: int) -> mp.mpf | None:
    """Return the limit of a function at an end by Richardson's extrapolation, where it settles to many digits."""
    with mp.workdps(3 * DIGITS):
        rows: list[list[mp.mpf]] = []
        for k in range(4, 34):
            h = mp.mpf(1) / 2**k
            f = bound(-way / h if mp.isinf(end) else end + way * h)
            if f is None:
                return None
            row = [f]
            for j, before in enumerate(rows[-1] if rows else [], 1):
                row.append(row[-1] + (row[-1] - before) / (2**j - 1))
            rows.append(row)
        found, before = rows[-1][-1], rows[-2][-1]
        return +found if abs(found - before) < TINY * max(1, abs(found)) else None


def _stationary(bound: Callable[[mp.mpf], mp.mpf | None], low: mp.mpf, middle: mp.mpf, high: mp.mpf) -> mp.mpf | None:
    def slope(at: mp.mpf) -> mp.mpf:
        h = mp.mpf(10) ** (-DIGITS // 2)
        a, b = bound(at - h), bound(at + h)
        if a is None or b is None:
            raise Undefined("slope")
        return (b - a) / (2 * h)

    with mp.workdps(2 * DIGITS + 10), suppress(ArithmeticError, ValueError, ZeroDivisionError):
        at = mp.findroot(slope, (low, high), solver="anderson", tol=mp.mpf(10) ** (-DIGITS), maxsteps=200, verify=False)
        if low <= at <= high and abs(slope(at)) < mp.mpf(10) ** (-DIGITS // 2):
            return +at
    return None
