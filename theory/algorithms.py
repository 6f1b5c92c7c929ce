r"""Gradient methods by their batch law: which samples a step sees, with what probability.

The step of all of them is :math:`w_{t+1} = w_t - \eta \sum_{i \in B_t} \nabla \ell(w_t; a_i)`, without a factor 1/b
(ghosh2023, Eq. 3).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

import sympy as sp


class AlgorithmError(ValueError):
    """Sizes that do not fit the batch law."""


@dataclass(frozen=True)
class BatchLaw:
    """How the batch of a step is chosen.

    ``name`` is one of ``gd`` (all samples), ``sgd`` (uniform subsets of size b, independent over time), ``cyclic``
    (``{t mod m}``) and ``sequence`` (any sequence of subsets).
    """

    name: str
    random: bool

    def enumerate(self, m: int, b: int) -> Iterator[tuple[tuple[int, ...], Fraction]]:
        """Yield every batch of one step with its exact probability (``sgd`` and ``gd``).

        Raises
        ------
        AlgorithmError
            When b is not in 1..m (1..m-1 for ``sgd``), or the law has no distribution over batches.
        """
        if self.name == "gd":
            yield tuple(range(m)), Fraction(1)
            return
        if self.name != "sgd":
            raise AlgorithmError(f"the batch law {self.name!r} has no distribution; use 'gd' or 'sgd'")
        if not 1 <= b < m:
            raise AlgorithmError(f"batch size b = {b} with m = {m} samples: SGD needs 1 <= b < m")
        for batch in combinations(range(m), b):
            yield batch, Fraction(1, comb(m, b))

    def inclusion(self, inside: int, outside: int, m: sp.Expr, b: sp.Expr) -> sp.Expr:
        r"""Return P(given indices are in the batch and given others are not), for symbolic m and b.

        It is :math:`\binom{m-j-k}{b-j} / \binom{m}{b}` for j indices inside and k outside: the falling factorials
        :math:`b^{\underline j} (m-b)^{\underline k} / m^{\underline{j+k}}`.
        """
        if self.name != "sgd":
            raise AlgorithmError(f"inclusion probabilities are those of 'sgd', not of {self.name!r}")
        falling = sp.ff(b, inside) * sp.ff(m - b, outside) / sp.ff(m, inside + outside)
        return sp.factor(sp.expand_func(falling))


FULL_BATCH = BatchLaw("gd", random=False)
UNIFORM_SUBSETS = BatchLaw("sgd", random=True)
CYCLIC = BatchLaw("cyclic", random=False)
ANY_SEQUENCE = BatchLaw("sequence", random=False)
LAWS = {law.name: law for law in (FULL_BATCH, UNIFORM_SUBSETS, CYCLIC, ANY_SEQUENCE)}
