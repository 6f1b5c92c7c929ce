r"""Extreme eigenvalues of a symmetric operator by the Lanczos method, with an error bound for each.

For a unit vector x and a number :math:`\theta` a symmetric H has an eigenvalue :math:`\lambda` with
:math:`|\lambda - \theta| \le \|Hx - \theta x\|` (B. N. Parlett, The Symmetric Eigenvalue Problem, Theorem 4.5.1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, eigsh

from numerics.errors import InputError, NumericsError, describe, unknown_name
from numerics.hessian.operators import HessianOperator
from numerics.hessian.trace import rademacher
from numerics.random import F64

#: Ends of the spectrum, and what SciPy calls them.
ENDS = {"largest": "LA", "smallest": "SA", "magnitude": "LM"}
#: Up to this dimension the matrix is written down.
_DENSE = 48


@dataclass(frozen=True)
class Eigenvalues:
    """Some eigenvalues, the wanted end first.

    Attributes
    ----------
    values
        Shape (k,).
    vectors
        Unit eigenvectors as columns, shape (n, k).
    residuals
        Norms of ``H x - value x``, shape (k,): each value lies this close to an eigenvalue, up to the rounding of
        the products.
    products
        Products with the Hessian that it took.
    """

    values: F64
    vectors: F64
    residuals: F64
    products: int


def eigenvalues(operator: HessianOperator, k: int = 1, end: str = "largest", seed: int = 0) -> Eigenvalues:
    """Return k eigenvalues at one end of the spectrum.

    Parameters
    ----------
    operator
        The Hessian.
    k
        How many, at most n.  Copies of a multiple eigenvalue count; the Lanczos method finds them only through
        rounding, and may find fewer copies than there are.
    end
        ``largest``, ``smallest``, or ``magnitude`` (largest absolute value).
    seed
        Seed of the start vector.

    Raises
    ------
    InputError
        If an argument has no meaning.
    NumericsError
        If the Lanczos method does not converge.
    """
    n = operator.shape[0]
    if end not in ENDS:
        raise unknown_name("end of the spectrum", end, ENDS)
    if isinstance(k, bool) or not isinstance(k, (int, np.integer)) or not 1 <= k <= n:
        raise InputError(f"number of eigenvalues k is {describe(k)}; it must be an integer from 1 to n = {n}")
    before = operator.products
    if n <= _DENSE or k > n // 2:
        matrix = operator.dense()
        values, vectors = eigh((matrix + matrix.T) / 2.0)
    else:
        values, vectors = _lanczos(operator, k, end, seed)
    keys = {"largest": -values, "smallest": values, "magnitude": -np.abs(values)}
    order = np.argsort(keys[end], kind="stable")[:k]
    values, vectors = values[order], vectors[:, order]
    vectors = vectors / np.linalg.norm(vectors, axis=0)
    products = operator.products - before
    residuals = np.array(
        [np.linalg.norm(operator.matvec(x) - value * x) for value, x in zip(values, vectors.T, strict=True)]
    )
    return Eigenvalues(values, vectors, residuals, products)


#: Start vectors that are tried before an operator that maps all of them to zero is taken for zero.
_STARTS = 8


def _lanczos(operator: HessianOperator, k: int, end: str, seed: int) -> tuple[F64, F64]:
    """Return eigenvalues and vectors by the Lanczos method; a start that the operator maps to zero is replaced."""
    n = operator.shape[0]
    for attempt in range(_STARTS):
        start = rademacher(seed, range(attempt, attempt + 1), n)[0]
        try:
            values, vectors = eigsh(operator, k=k, which=ENDS[end], v0=start)
        except ArpackNoConvergence as problem:
            raise NumericsError(f"the Lanczos method found {len(problem.eigenvalues)} of {k} eigenvalues") from None
        except ArpackError as problem:
            if operator.matvec(start).any():
                raise NumericsError(f"the Lanczos method failed: {problem}") from None
        else:
            return values, vectors
    return np.zeros(k), np.eye(n, k)
