"""Batches of a run: drawn with replacement, as uniform subsets, in cyclic order, or the whole data set.

Draw i of step t of a batch of size k is the uniform integer with index ``t*k + i`` of the stream ``BATCHES``
(`numerics.random.integers`): a pure function of seed, replica and step, whatever the form of the program.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.batches import batches_of
from numerics.ir import Law
from numerics.random import I64, U64, integers


@dataclass(frozen=True)
class Draws:
    """Batches as a function of (replica, step).

    Attributes
    ----------
    law
        ``gd``, ``sgd`` or ``cyclic``.
    atoms, size
        Number of atoms J and batch size k.
    replacement
        Whether ``sgd`` draws with replacement.
    seed
        Seed of the draws.
    """

    law: Law
    atoms: int
    size: int
    replacement: bool
    seed: int

    def rows(self, replicas: range, steps: range) -> I64:
        """Return the atoms of some steps and replicas, shape (len(steps), k, len(replicas))."""
        if self.law is Law.SGD and self.replacement:
            who: U64 = np.asarray(replicas, np.uint64)[None, :]
            index = np.arange(steps.start * self.size, steps.stop * self.size, dtype=np.uint64)[:, None]
            return integers(self.seed, who, index, self.atoms).reshape(len(steps), self.size, len(replicas))
        size = self.atoms if self.law is Law.GD else self.size
        return batches_of(self.law, self.atoms, size, self.seed, steps.stop).drawn(replicas, steps)


def counts_of(rows: I64, atoms: int) -> Any:
    """Return how often each atom is in a batch: rows of shape (k, lanes) give counts of shape (atoms, lanes)."""
    lanes = rows.shape[1]
    flat = rows * lanes + np.arange(lanes)
    return np.bincount(flat.ravel(), minlength=atoms * lanes).reshape(atoms, lanes).astype(np.float64)
