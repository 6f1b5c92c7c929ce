"""Hessians in numbers: products with vectors from derived gradients, traces and top eigenvalues at any iterate."""

from __future__ import annotations

from numerics.hessian.arrays import array_hessian
from numerics.hessian.coordinates import coordinate_hessian
from numerics.hessian.operators import DiagonalPlusLowRank, HessianOperator
from numerics.hessian.spectrum import Eigenvalues, eigenvalues
from numerics.hessian.trace import TraceEstimate, exact_trace, hutchinson, rademacher

__all__ = [
    "DiagonalPlusLowRank",
    "Eigenvalues",
    "HessianOperator",
    "TraceEstimate",
    "array_hessian",
    "coordinate_hessian",
    "eigenvalues",
    "exact_trace",
    "hutchinson",
    "rademacher",
]
