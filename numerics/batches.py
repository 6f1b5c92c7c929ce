"""Batch laws: which samples a step uses, as a pure function of (seed, replica, step)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from numerics.errors import InputError, describe, unknown_name
from numerics.ir import Form, Law
from numerics.random import I64, U64, Buffer, key_of, numbers, subsets
from numerics.thinning import members, pays, thin


@dataclass(frozen=True)
class Batches:
    """Batches of a run.

    Attributes
    ----------
    law
        Batch law.
    m, b
        Sample count and batch size.
    seed
        Seed of the draws; only ``Law.SGD`` uses it.
    sequence
        For ``Law.SEQUENCE``: batches of all steps, sorted, shape (steps, b); empty otherwise.
    """

    law: Law
    m: int
    b: int
    seed: int
    sequence: I64

    @property
    def form(self) -> Form:
        """How kernels list the batch: as a mask where thinning is cheaper than drawing member by member."""
        return Form.MASK if self.law is Law.SGD and pays(self.m, self.b) else Form.LIST

    def shared(self, step: int) -> I64:
        """Return the batch of one step, sorted, shape (b,); only for laws that all replicas share."""
        if self.law is Law.GD:
            return np.arange(self.m)
        if self.law is Law.CYCLIC:
            return np.array([step % self.m])
        return self.sequence[step]

    def drawn(self, replicas: range, steps: range, buffer: Buffer | None = None) -> I64:
        """Return the batches of some steps and replicas, sorted, shape (len(steps), b, len(replicas))."""
        if self.law is Law.SGD:
            if self.form is Form.MASK:
                return members(self.masks(replicas, steps, buffer), self.m)
            return subsets(self.seed, numbers(replicas), steps, self.m, self.b, buffer)
        rows = np.array([self.shared(step) for step in steps], np.int64).reshape(len(steps), self.b)
        return np.repeat(rows[:, :, None], len(replicas), axis=2)

    def masks(self, replicas: range, steps: range, buffer: Buffer | None = None) -> U64:
        """Return the batches as bit masks, shape (len(steps), ceil(m / 64), len(replicas))."""
        return thin(self.seed, numbers(replicas), steps, self.m, self.b, buffer)


def law_of(algorithm: object) -> Law:
    """Return the batch law of an algorithm's name."""
    if isinstance(algorithm, Law):
        return algorithm
    if isinstance(algorithm, str) and algorithm in {law.value for law in Law}:
        return Law(algorithm)
    raise unknown_name("algorithm", algorithm, (law.value for law in Law))


def batches_of(law: Law, m: int, b: int | None, seed: int, steps: int, sequence: object | None = None) -> Batches:
    """Check the arguments of a batch law and return its batches.

    Parameters
    ----------
    law
        Batch law.
    m
        Sample count, at least 1.
    b
        Batch size; None means m for full-batch GD, the width of the sequence, and 1 otherwise.
    seed
        Seed in ``[0, 2**64)``.
    steps
        Number of steps that will be asked for.
    sequence
        Batches of an explicit sequence, shape (at least steps, b), entries distinct in each row, in
        ``[0, m)``.  A list of integers is read as batches of size one.
    """
    key_of(seed)
    given = _sequence(law, m, steps, sequence)
    natural = {Law.GD: m, Law.SEQUENCE: given.shape[1]}.get(law, 1)
    size = natural if b is None else b
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not 1 <= size <= m:
        raise InputError(f"batch size b is {describe(size)}; it must be an integer from 1 to m = {m}")
    if law in (Law.GD, Law.CYCLIC, Law.SEQUENCE) and size != natural:
        what = {Law.GD: "m", Law.CYCLIC: "1", Law.SEQUENCE: "the width of the sequence"}[law]
        raise InputError(
            f"batch size b is {describe(size)}, but algorithm {law.value!r} has b = {what} = {natural}; "
            "leave b out, or use algorithm 'sgd'"
        )
    return Batches(law, m, int(size), int(seed), given)


def _sequence(law: Law, m: int, steps: int, sequence: object | None) -> I64:
    """Check an explicit sequence and sort its rows."""
    if law is not Law.SEQUENCE:
        if sequence is not None:
            raise InputError(f"a sequence of batches was given, but the algorithm is {law.value!r}: use 'sequence'")
        return np.zeros((0, 1), np.int64)
    if sequence is None:
        raise InputError("algorithm 'sequence' needs sequence=..., an array of batches of shape (steps, b)")
    try:
        rows = np.asarray(sequence)
    except ValueError:
        raise InputError("the sequence of batches is ragged; all batches must have the same size b") from None
    if rows.ndim == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] < 1 or not (np.issubdtype(rows.dtype, np.integer)):
        raise InputError(
            f"the sequence of batches has shape {rows.shape} and type {rows.dtype}; "
            "needed are integers of shape (steps, b)"
        )
    if len(rows) < steps:
        raise InputError(f"the sequence has {len(rows)} batches, but {steps} steps were asked for")
    ordered: I64 = np.sort(rows.astype(np.int64), axis=1)
    wrong = (ordered < 0) | (ordered >= m)
    wrong[:, 1:] |= ordered[:, 1:] == ordered[:, :-1]
    if wrong.any():
        step = int(np.nonzero(wrong.any(axis=1))[0][0])
        raise InputError(
            f"batch {step} of the sequence is {rows[step].tolist()}; "
            f"its entries must be distinct, from 0 to m - 1 = {m - 1}"
        )
    return np.ascontiguousarray(ordered)
