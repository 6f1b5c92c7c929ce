"""Facial reduction: where the Gram matrices must be singular, their kernels made rational and split off.

Zeros of the target on the domain force every Gram matrix to vanish on the basis evaluated there; zeros that are
conjugate algebraic numbers span a rational space, whose reduced echelon form has rational entries.  Where some
conjugates of a real zero are complex, the face of the real solutions is not rational and nothing is found.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np

from checks.engine.budget import NotFound
from checks.engine.squares.gram import matrices
from checks.engine.squares.model import Matrix, Model, restricted, without_dead_rows

# relative eigenvalues: smaller ones are noise; zero in a Gram matrix; surely not zero in an exposing matrix
FLOOR = 1e-9
ZERO = 1e-3
SEEN = 1e-6
# ratio of eigenvalues that makes a gap, and how many gaps of a block are tried
WIDE = 8.0
CUTS = 4
# (largest denominator, how far a numeric entry may lie from the rational): the coarse pairs come last
GUESSES = ((300, 2e-7), (100, 4e-6), (40, 3e-5), (24, 1e-4), (16, 8e-4), (6, 3e-3))


def singular(model: Model, values: np.ndarray) -> Model:
    """Return the model on the complement of the kernels of numeric solutions of largest rank.

    Raises
    ------
    NotFound
        When they have no kernel, or none that is rational.
    """
    return _split(model, [_kernel(e, v, ZERO, FLOOR) for e, v in _spectra(model, values)])


def exposed(model: Model, dual: np.ndarray) -> Model:
    """Return the model on the complement of the ranges of exposing matrices.

    Raises
    ------
    NotFound
        When there are none, or their ranges are not rational.
    """
    spectra = _spectra(model, dual)
    noise = max(FLOOR, 2.0 * float(np.median([e[0] for e, _ in spectra])))
    return _split(model, [_kernel(-e[::-1], v[:, ::-1], -SEEN, noise) for e, v in spectra])


def _spectra(model: Model, values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return eigenvalues and vectors of every block, relative to the largest eigenvalue of all blocks."""
    found = [np.linalg.eigh(s) for s in matrices(model, values)]
    largest = max((float(e[-1]) for e, _ in found), default=0.0)
    return [(e / max(largest, 1e-300), v) for e, v in found]


def _kernel(eigenvalues: np.ndarray, vectors: np.ndarray, bound: float, noise: float) -> Matrix:
    """Return rational vectors that span the space of the first few eigenvectors.

    How many are meant is not known: at least one eigenvalue is below the bound, and the cut lies in a gap.  The
    widest gap whose space is rational is taken; failing that, the rational part of the first.
    """
    sizes = np.append(np.clip(abs(eigenvalues), noise, None), noise if bound < 0 else 1.0)
    cuts = []
    for k in range(1, len(sizes)):
        a, b = sorted((sizes[k - 1], sizes[k]))
        if eigenvalues[k - 1] < bound and b > WIDE * a:
            cuts.append((b / a, k))
    parts = []
    for _, k in sorted(cuts, reverse=True)[:CUTS]:
        if k == len(eigenvalues):
            return [[Fraction(i == j) for j in range(k)] for i in range(k)]
        rows = rational_rows(vectors[:, :k].T)
        if len(rows) == k:
            return rows
        parts.append(rows)
    return parts[0] if parts else []


def _split(model: Model, kernels: list[Matrix]) -> Model:
    """Return the model on the complement of the kernels."""
    if not any(kernels):
        raise NotFound("the matrices are singular in no rational direction")
    blocks = tuple(
        restricted(block, complement(kernel)) if kernel else block
        for block, kernel in zip(model.blocks, kernels, strict=True)
        if len(kernel) < len(block.basis)
    )
    return without_dead_rows(replace(model, blocks=blocks))


def rational_rows(rows: np.ndarray) -> Matrix:
    """Return rational vectors that span the numeric row space, leaving out rows that look irrational."""
    work = rows.astype(float).copy()
    count, width = work.shape
    free = list(range(width))
    pivots = []
    for r in range(count):
        part = abs(work[r:][:, free])
        i, j = np.unravel_index(int(part.argmax()), part.shape)
        if part[i, j] < 1e-9:
            break
        column = free.pop(int(j))
        work[[r, r + int(i)]] = work[[r + int(i), r]]
        work[r] /= work[r, column]
        for k in range(count):
            if k != r:
                work[k] -= work[k, column] * work[r]
        pivots.append(column)
    exact = [[_guess(float(v)) for v in row] for row in work[: len(pivots)]]
    return [[v for v in row if v is not None] for row in exact if None not in row]


def _guess(value: float) -> Fraction | None:
    """Return a rational of small denominator that the number plausibly stands for."""
    for denominator, distance in GUESSES:
        candidate = Fraction(value).limit_denominator(denominator)
        if abs(float(candidate) - value) <= distance:
            return candidate
    return None


def echelon(rows: Matrix) -> Matrix:
    """Return the reduced echelon form of exact rows, without zero rows."""
    rows = [list(row) for row in rows]
    rank = 0
    for column in range(len(rows[0]) if rows else 0):
        at = next((i for i in range(rank, len(rows)) if rows[i][column]), None)
        if at is None:
            continue
        rows[rank], rows[at] = rows[at], rows[rank]
        rows[rank] = [v / rows[rank][column] for v in rows[rank]]
        for i in range(len(rows)):
            if i != rank and rows[i][column]:
                rows[i] = [a - rows[i][column] * b for a, b in zip(rows[i], rows[rank], strict=True)]
        rank += 1
    return rows[:rank]


def complement(kernel: Matrix) -> Matrix:
    """Return a rational basis of the vectors orthogonal to the given ones, in reduced echelon form."""
    rows = echelon(kernel)
    width = len(kernel[0])
    pivots = [next(i for i, v in enumerate(row) if v) for row in rows]
    found = []
    for column in range(width):
        if column not in pivots:
            vector = [Fraction(0)] * width
            vector[column] = Fraction(1)
            for row, pivot in zip(rows, pivots, strict=True):
                vector[pivot] = -row[column]
            found.append(vector)
    return found
