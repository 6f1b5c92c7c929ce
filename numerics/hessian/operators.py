"""Symmetric linear operators that a Hessian is given by: a product, or a diagonal plus a matrix of low rank."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse.linalg import LinearOperator

from numerics.errors import InputError, NumericsError
from numerics.random import F64


class HessianOperator(LinearOperator):  # type: ignore[misc]
    r"""The Hessian at one iterate, as the map :math:`v \mapsto H v`; a SciPy ``LinearOperator`` of shape (n, n).

    Parameters
    ----------
    product
        Maps v of shape (n,) to H v.
    n
        Dimension.

    Raises
    ------
    NumericsError
        By a product that is not finite.
    """

    def __init__(self, product: Callable[[F64], F64], n: int) -> None:
        super().__init__(np.dtype(np.float64), (n, n))
        self._product = product
        self.products = 0
        """Products computed so far."""

    def _matvec(self, v: F64) -> F64:
        self.products += 1
        result = self._product(np.asarray(v, np.float64).reshape(-1))
        if np.isfinite(v).all() and not np.isfinite(result).all():
            raise NumericsError("a product with the Hessian is not finite: the iterate or its exponentials overflow")
        return result

    def _adjoint(self) -> HessianOperator:
        return self

    def dense(self) -> F64:
        """Return the matrix, by n products, shape (n, n)."""
        return np.column_stack([self.matvec(column) for column in np.eye(self.shape[0])])


class DiagonalPlusLowRank(HessianOperator):
    r"""The operator :math:`D + \sum_j a_j b_j^T`, symmetric as a whole.

    Parameters
    ----------
    diagonal
        Entries of D, shape (n,).
    left, right
        Rows a_j and b_j, shape (r, n).

    Raises
    ------
    InputError
        If the matrix is not symmetric: then it is no Hessian.
    """

    def __init__(self, diagonal: F64, left: F64, right: F64) -> None:
        self.diagonal_part, self.left, self.right = diagonal, left, right
        super().__init__(lambda v: diagonal * v + (right @ v) @ left, len(diagonal))
        self._check_symmetry()

    def diagonal(self) -> F64:
        """Return the entries H_kk, shape (n,)."""
        entries: F64 = self.diagonal_part + np.sum(self.left * self.right, axis=0)
        return entries

    def trace(self) -> float:
        """Return the trace, a sum of n entries."""
        return float(np.sum(self.diagonal()))

    def off_diagonal_norm2(self) -> float:
        r"""Return :math:`\sum_{k \ne l} H_{kl}^2`, in O(n r^2) operations."""
        inner = self.left * self.right
        cross = (self.left @ self.left.T) * (self.right @ self.right.T)
        total = np.sum(cross) + np.sum(self.diagonal_part * (self.diagonal_part + 2.0 * np.sum(inner, axis=0)))
        return max(0.0, float(total - np.sum(self.diagonal() ** 2)))

    def _check_symmetry(self) -> None:
        """Compare ``A^T B`` with ``B^T A`` by products with three fixed vectors."""
        n = self.shape[0]
        probes = np.cos(np.outer(np.arange(1.0, 4.0), np.arange(1.0, n + 1.0)))
        for v in probes:
            one, other = (self.right @ v) @ self.left, (self.left @ v) @ self.right
            scale = np.abs(self.right @ v) @ np.abs(self.left) + np.abs(self.left @ v) @ np.abs(self.right)
            finite = np.isfinite(one) & np.isfinite(other)
            if np.any(np.abs(one - other)[finite] > 1e-8 * np.max(scale[finite], initial=1e-300)):
                raise InputError("the derivative of this update map is not symmetric: its step is not along a gradient")
