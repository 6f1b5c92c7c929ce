"""Screen many scalar points at once in floating point: which ones may be counterexamples.

Floats only propose: what passes is evaluated exactly afterwards, and comparisons get a margin so that equality cases
pass the screen.  A value that is no finite number stays unknown to the end, and passes; a term that is undefined by
more than the margin makes its comparison false, as in the exact evaluation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from checks.checker import polynomial as poly
from checks.checker.grammar import Node
from checks.checker.polynomial import NotRational

Array = npt.NDArray[Any]
Number = tuple[Array, Array, Array]
MARGIN, EPSILON = 1e-9, 2.0**-52


def suspects(
    given: Sequence[Node], show: Sequence[Node], points: Sequence[Mapping[str, Fraction | float]]
) -> list[int]:
    """Return the positions of the points where the hypotheses may hold and a conclusion may fail.

    Those where a conclusion fails by more than the margin come first, the others after them, each in order.
    """
    if not points:
        return []
    values = {name: np.array([_float(p[name]) for p in points]) for name in points[0]}
    with np.errstate(all="ignore"):
        try:
            screen = Screen(values, len(points))
            keep = np.ones(len(points), dtype=bool)
            for node in given:
                keep &= screen.states(node)[0]
            fails, surely = np.zeros_like(keep), np.zeros_like(keep)
            for node in show:
                may_hold, may_fail = screen.states(node)
                fails, surely = fails | may_fail, surely | ~may_hold
        except NotRational:
            return list(range(len(points)))
    first, second = keep & surely, keep & fails & ~surely
    return [int(i) for i in (*np.nonzero(first)[0], *np.nonzero(second)[0])]


def _float(value: Fraction | float) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("nan")


class Screen:
    """Evaluation at many points; every value comes with where it is undefined by more than the margin."""

    def __init__(self, values: Mapping[str, Array], size: int) -> None:
        self.values, self.size = values, size
        self.nowhere = np.zeros(size, dtype=bool)

    def states(self, node: Node) -> tuple[Array, Array]:
        """Return where a statement may hold, and where it may fail (be false or undefined).

        Raises
        ------
        NotRational
            For index sums, which are not screened.
        """
        kind = node[0]
        if kind == "compare":
            return self._chain(node)
        if kind == "not":
            # an undefined comparison does not hold, and neither does its negation
            may_hold, may_fail = self.states(node[1])
            undefined = self._undefined(node[1])
            return may_fail & ~undefined, may_hold | undefined
        if kind in ("and", "or", "implies"):
            left = self.states(("not", node[1]) if kind == "implies" else node[1])
            right = self.states(node[2])
            if kind == "and":
                return left[0] & right[0], left[1] | right[1]
            return left[0] | right[0], left[1] & right[1]
        raise NotRational(f"{kind!r} is not screened")

    def _chain(self, node: Node) -> tuple[Array, Array]:
        sides = [self.number(term) for term in node[2]]
        holds, fails = ~self.nowhere, self.nowhere.copy()
        for sign, (a, out_a, error_a), (b, out_b, error_b) in zip(node[1], sides[:-1], sides[1:], strict=True):
            gap = a - b if sign in (">", ">=") else b - a
            error = 4 * (error_a + error_b)
            slack = error + MARGIN * (1 + abs(a) + abs(b))
            odd = ~np.isfinite(gap) | np.isnan(error)
            # a strict comparison may fail by equality; an equality is tried where floats see any difference at all
            if sign in ("==", "!="):
                near, far = abs(gap) <= slack, abs(gap) > 1e-12 * (1 + abs(a) + abs(b))
                yes, no = (near, far) if sign == "==" else (far | near, near)
            else:
                yes, no = gap >= -slack, gap <= slack
            undefined = out_a | out_b
            holds, fails = holds & (yes | odd) & ~undefined, fails | no | odd | undefined
        return holds, fails

    def _undefined(self, node: Node) -> Array:
        if node[0] != "compare":
            return self.nowhere
        found = self.nowhere
        for term in node[2]:
            found = found | self.number(term)[1]
        return found

    def number(self, node: Node) -> Number:
        """Return an expression's values (nan where unknown), where it surely has none, and estimates of its rounding.

        Raises
        ------
        NotRational
            For index sums, which are not screened.
        """
        kind = node[0]
        if kind == "number":
            return self._rounded(np.full(self.size, _float(node[1])), self.nowhere, 0.0)
        if kind == "name":
            return self._rounded(self.values[node[1]], self.nowhere, 0.0)
        if kind == "call":
            return self._call(node)
        if kind in ("taylor", "diff"):
            return self._expanded(node)
        if kind not in ("+", "-", "*", "/", "**"):
            raise NotRational(f"{kind!r} is not screened")
        (a, out_a, error_a), (b, out_b, error_b) = self.number(node[1]), self.number(node[2])
        undefined = out_a | out_b
        if kind in ("+", "-"):
            return self._rounded(a + b if kind == "+" else a - b, undefined, error_a + error_b)
        if kind == "*":
            return self._rounded(a * b, undefined, abs(a) * error_b + abs(b) * error_a)
        if kind == "/":
            result = a / b
            return self._rounded(result, undefined | (b == 0), (error_a + abs(result) * error_b) / abs(b))
        result = np.where(np.isnan(a) | np.isnan(b), np.nan, np.power(a, b))
        size = np.where(a == 0, 1.0, abs(a))
        error = abs(result) * (abs(b) * error_a / size + abs(np.log(size)) * error_b)
        return self._rounded(result, undefined | ((a < -MARGIN) & (abs(b - np.round(b)) > MARGIN)), error)

    def _expanded(self, node: Node) -> Number:
        """Return the values of a derivative or Taylor polynomial of a rational expression, by its normal form."""
        top, bottom = (poly.node(p) for p in poly.ratio(node, poly.Context()))
        return self.number(("/", top, bottom))

    def _call(self, node: Node) -> Number:
        if node[1] == "pi":
            return self._rounded(np.full(self.size, np.pi), self.nowhere, 0.0)
        arguments = [self.number(term) for term in node[2]]
        undefined, error = self.nowhere, np.zeros(self.size)
        for _, out, rounding in arguments:
            undefined, error = undefined | out, np.maximum(error, rounding)
        x = arguments[0][0]
        if node[1] in ("min", "max"):
            join = np.min if node[1] == "min" else np.max
            return self._rounded(np.asarray(join(np.stack([a for a, _, _ in arguments]), axis=0)), undefined, error)
        table: dict[str, Any] = {"sqrt": np.sqrt, "exp": np.exp, "log": np.log, "abs": np.abs}
        table |= {"sin": np.sin, "cos": np.cos, "tan": np.tan}
        if node[1] not in table:
            raise NotRational(f"{node[1]!r} is not screened")
        if node[1] in ("sqrt", "log"):
            undefined = undefined | (x < -MARGIN)
        result = np.asarray(table[node[1]](x))
        slopes = {"sqrt": 0.5 / np.maximum(result, np.sqrt(error)), "exp": result, "log": 1 / abs(x)}
        slope = np.where(error > 0, slopes.get(node[1], 1 + result**2 if node[1] == "tan" else 1.0), 0.0)
        return self._rounded(result, undefined, slope * error)

    def _rounded(self, values: Array, undefined: Array, error: Array | float) -> Number:
        finite = np.where(np.isfinite(values), values, np.nan)
        return finite, undefined, error + EPSILON * abs(finite)
