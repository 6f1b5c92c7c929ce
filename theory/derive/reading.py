"""From SymPy's matrix expressions to array terms."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
from sympy.matrices.expressions import MatrixExpr
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction

from theory.derive.terms import Number, T, Terms


class ReadingError(ValueError):
    """An expression uses something that array terms do not have."""


class Reader:
    """Reads expressions into a graph.

    Parameters
    ----------
    terms
        The graph.
    leaf
        What becomes of a matrix symbol: the position of its node.
    size
        The size that stands for a dimension.
    """

    def __init__(self, terms: Terms, leaf: Callable[[sp.MatrixSymbol], int], size: Callable[[sp.Expr], Number]) -> None:
        self.terms, self._leaf, self._size = terms, leaf, size

    def read(self, expression: sp.Expr) -> int:
        """Return the node of an expression; a row and a column of equal entries are one node.

        Raises
        ------
        ReadingError
            For an operation that there is no term for, such as an inverse.
        """
        expression = sp.sympify(expression)
        return self._matrix(expression) if isinstance(expression, MatrixExpr) else self._scalar(expression)

    def shape(self, matrix: MatrixExpr) -> tuple[Number, ...]:
        """Return the sizes without axes of size one."""
        return tuple(self._size(size) for size in matrix.shape if size != 1)

    def _scalar(self, e: sp.Expr) -> int:
        terms = self.terms
        if isinstance(e, sp.Trace):
            return self._trace(e.arg)
        if isinstance(e, sp.matrices.expressions.matexpr.MatrixElement):
            if self.shape(e.parent):
                raise ReadingError(f"the entry {e}: only the entry of a 1 x 1 matrix can be read")
            return self._matrix(e.parent)
        if not self._arrays(e):
            return terms.sum([(e, terms.ones())], ())
        if isinstance(e, sp.Add):
            return terms.sum([(sp.S.One, self._scalar(a)) for a in e.args], ())
        if isinstance(e, sp.Mul):
            return terms.contract([(self._scalar(a), ()) for a in e.args], ())
        if isinstance(e, sp.Pow) and not self._arrays(e.exp):
            return terms.map(T**e.exp, self._scalar(e.base))
        if len(e.args) == 1:
            return terms.map(e.func(T), self._scalar(e.args[0]))
        raise ReadingError(f"no array term for {e.func.__name__} in {e}")

    def _arrays(self, e: sp.Expr) -> bool:
        return bool(e.has(sp.MatrixSymbol, sp.Trace))

    def _matrix(self, e: MatrixExpr) -> int:
        terms, shape = self.terms, self.shape(e)
        if isinstance(e, sp.MatrixSymbol):
            return self._leaf(e)
        if isinstance(e, sp.OneMatrix):
            return terms.ones(shape)
        if isinstance(e, sp.ZeroMatrix):
            return terms.sum((), shape)
        if isinstance(e, sp.MatAdd):
            return terms.sum([(sp.S.One, self._matrix(a)) for a in e.args], shape)
        if isinstance(e, sp.Transpose):
            return self._transposed(e.arg)
        if isinstance(e, sp.MatMul):
            return self._product(e)
        if isinstance(e, sp.HadamardProduct):
            axes = tuple(range(len(shape)))
            return terms.contract([(self._matrix(a), axes) for a in e.args], shape)
        if isinstance(e, sp.HadamardPower) and not self._arrays(e.exp):
            return terms.map(T**e.exp, self._matrix(e.base))
        if isinstance(e, sp.MatPow) and not shape:
            return terms.map(T**e.exp, self._matrix(e.base))
        if isinstance(e, ElementwiseApplyFunction):
            return terms.map(e.function(T), self._matrix(e.expr))
        raise ReadingError(f"no array term for {type(e).__name__} in {e}")

    def _transposed(self, e: MatrixExpr) -> int:
        place, shape = self._matrix(e), self.shape(e)
        if len(shape) < 2:
            return place
        return self.terms.contract([(place, (1, 0))], shape[::-1])

    def _product(self, e: sp.MatMul) -> int:
        """Read a product; the association starts at the end that is a vector."""
        scale, factors = e.as_coeff_matrices()
        places = [(self._matrix(f), f.shape) for f in factors]
        rightmost_first = places[-1][1][1] == 1
        while len(places) > 1:
            at = len(places) - 2 if rightmost_first else 0
            (left, (rows, inner)), (right, (_, columns)) = places[at], places[at + 1]
            places[at : at + 2] = [(self._pair(left, right, rows, inner, columns), (rows, columns))]
        return self.terms.sum([(scale, places[0][0])], self.terms[places[0][0]].shape)

    def _pair(self, left: int, right: int, rows: sp.Expr, inner: sp.Expr, columns: sp.Expr) -> int:
        shape = [self._size(size) for size in (rows, columns) if size != 1]
        row, column, summed = 0, int(rows != 1), 2
        left_axes = [axis for axis, size in ((row, rows), (summed, inner)) if size != 1]
        right_axes = [axis for axis, size in ((summed, inner), (column, columns)) if size != 1]
        return self.terms.contract([(left, left_axes), (right, right_axes)], shape)

    def _trace(self, e: MatrixExpr) -> int:
        """Read ``trace(A B)`` as the sum of ``A_ij B_ji``."""
        if isinstance(e, sp.MatMul):
            scale, factors = e.as_coeff_matrices()
            if len(factors) > 1:
                rest = self._matrix(sp.MatMul(*factors[1:]))
                first = self._matrix(factors[0])
                keep = [axis for axis, size in ((0, factors[0].shape[0]), (1, factors[0].shape[1])) if size != 1]
                return self.terms.sum([(scale, self.terms.contract([(first, keep), (rest, keep[::-1])], ()))], ())
        place = self._matrix(e)
        return self.terms.contract([(place, (0,) * self.terms[place].rank)], ())
