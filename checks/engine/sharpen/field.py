"""Numbers of many digits as rational polynomials in another one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def in_field(x: Any, at: Any, degree: int, digits: int, most: int) -> list[Fraction] | None:
    """Return rational c_k with x = c_0 + c_1 a + ... + c_(degree - 1) a**(degree - 1), as far as the digits show.

    Parameters
    ----------
    x, at
        The number and a, at the working precision of mpmath.
    degree
        How many powers of a are used.
    digits, most
        The digits that must agree, and the largest integer of the relation.
    """
    import mpmath as mp

    if abs(x) < mp.mpf(10) ** (5 - digits):
        return [Fraction(0)]
    basis = [x, *(at**k for k in range(degree))]
    found = mp.pslq(basis, tol=mp.mpf(10) ** (-digits), maxcoeff=most, maxsteps=20000)
    if not found or not found[0]:
        return None
    return [Fraction(-c, found[0]) for c in found[1:]]
