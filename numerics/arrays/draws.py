r"""Batches of a run: the whole data set, drawn with replacement, as uniform subsets, in epochs, or in cyclic order.

Everything is a pure function of seed, replica and step, whatever the form of the program:

* draw i of step t of a batch of size k with replacement is the uniform integer with index ``t*k + i`` of the stream
  ``BATCHES`` (`numerics.random.integers`);
* uniform subsets are those of `numerics.batches`;
* an epoch of m samples is one uniform permutation: :math:`\pi` grows by :math:`\pi_i = \pi_j, \pi_j = i` for
  i = 0, ..., m-1, where j is the uniform integer in [0, i] with index ``e*m + i`` of the same stream in epoch e
  (Fisher and Yates, in the form of R. Durstenfeld, Algorithm 235, CACM 7 (1964)); step t takes the next k entries, and
  k divides m;
* cyclic order takes the samples ``t*k, ..., t*k + k - 1`` modulo m.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from numerics.batches import batches_of
from numerics.ir import Law
from numerics.random import I64, U64, integers, numbers


class Sampling(StrEnum):
    """Batch law of an algorithm; the value is its name."""

    GD = "gd"
    SGD = "sgd"
    EPOCHS = "epochs"
    CYCLIC = "cyclic"


@dataclass(frozen=True)
class Draws:
    """Batches as a function of (replica, step).

    Attributes
    ----------
    law
        Batch law.
    atoms, size
        Number of atoms J and batch size k.
    replacement
        Whether ``sgd`` draws with replacement.
    seed
        Seed of the draws.
    """

    law: Sampling
    atoms: int
    size: int
    replacement: bool
    seed: int
    #: The epoch that each thread drew last: steps are asked for a few at a time.
    _held: threading.local = field(default_factory=threading.local, init=False, repr=False, compare=False)

    def rows(self, replicas: range, steps: range) -> I64:
        """Return the atoms of some steps and replicas, shape (len(steps), k, len(replicas))."""
        if self.law is Sampling.EPOCHS:
            return self._epochs(replicas, steps)
        who: U64 = numbers(replicas)[None, :]
        index = np.arange(steps.start * self.size, steps.stop * self.size)[:, None]
        if self.law is Sampling.SGD:
            if not self.replacement:
                return batches_of(Law.SGD, self.atoms, self.size, self.seed, steps.stop).drawn(replicas, steps)
            drawn = integers(self.seed, who, index.astype(np.uint64), self.atoms)
        else:
            drawn = np.repeat(index % self.atoms, len(replicas), axis=1)
        return drawn.reshape(len(steps), self.size, len(replicas))

    def _epochs(self, replicas: range, steps: range) -> I64:
        """Return the next entries of the permutations of the epochs that the steps lie in."""
        length = self.atoms // self.size
        rows = np.empty((len(steps), self.size, len(replicas)), np.int64)
        step = steps.start
        while step < steps.stop:
            epoch, place = divmod(step, length)
            count = min(length - place, steps.stop - step)
            order = self._order(replicas, epoch).reshape(length, self.size, len(replicas))
            rows[step - steps.start : step - steps.start + count] = order[place : place + count]
            step += count
        return rows

    def _order(self, replicas: range, epoch: int) -> I64:
        """Return the permutations of an epoch, shape (atoms, replicas)."""
        key = (replicas, epoch)
        if getattr(self._held, "key", None) != key:
            self._held.order = permutations(self.seed, numbers(replicas)[None, :], epoch, self.atoms)
            self._held.key = key
        order: I64 = self._held.order
        return order


def permutations(seed: int, who: U64, epoch: int, atoms: int) -> I64:
    """Return the uniform permutations of one epoch, shape (atoms, replicas); ``who`` has shape (1, replicas)."""
    sizes = np.arange(1, atoms + 1, dtype=np.uint64)[:, None]
    chosen = integers(seed, who, np.arange(epoch * atoms, (epoch + 1) * atoms, dtype=np.uint64)[:, None], sizes)
    order = np.empty((atoms, who.shape[1]), np.int64)
    lanes = np.arange(who.shape[1])
    for i in range(atoms):
        order[i] = order[chosen[i], lanes]
        order[chosen[i], lanes] = i
    return order


def counts_of(rows: I64, atoms: int) -> Any:
    """Return how often each atom is in a batch: rows of shape (k, lanes) give counts of shape (atoms, lanes)."""
    lanes = rows.shape[1]
    flat = rows * lanes + np.arange(lanes)
    return np.bincount(flat.ravel(), minlength=atoms * lanes).reshape(atoms, lanes).astype(np.float64)
