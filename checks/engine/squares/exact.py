"""Solve a model exactly: propose, reduce to the face where the solutions lie, round."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from checks.engine.budget import Budget, NotFound
from checks.engine.squares.faces import exposed, singular
from checks.engine.squares.gram import Affine, Solution, matrices
from checks.engine.squares.model import Model, without_dead_rows
from checks.engine.squares.solve import Program, Proposal
from checks.engine.squares.zeros import through_zeros

# what a semidefinite program calls zero, relative to the target's largest coefficient
MARGIN = 1e-6
NOISE = 1e-5
# rounds of facial reduction
ROUNDS = 5
# up to this many unknowns it is first asked whether the equations alone determine them
FEW = 200
# on a face, up to this many unknowns, a solution of few blocks is looked for once more
THIN = 300
# with more blocks than this, prices are corrected so many times; traces below this share of the largest count as equal
FEW_BLOCKS = 4
REPRICED = 3
CHEAP = 1e-3


def solve(model: Model, budget: Budget) -> tuple[Model, Solution]:
    """Return a model on a face of itself and an exact solution there.

    A solution of least trace is tried first: its low rank and few products make a short certificate.

    Raises
    ------
    NotFound
        When the semidefinite program has no solution, or none could be made exact.
    """
    model = without_dead_rows(model)
    if not model.blocks:
        raise NotFound("no squares are left")
    if len(model.owners) <= FEW:
        affine = Affine(model)
        if not affine.others:
            only = affine.only()
            if only is None:
                raise NotFound("the only Gram matrix is not positive semidefinite")
            return model, only
    program = Program(model, budget)
    margin = program.centre().margin
    if -NOISE <= margin <= MARGIN and (smaller := through_zeros(model)) != model:
        model, program = smaller, Program(smaller, budget)
        margin = program.centre().margin
    if margin < -NOISE:
        raise NotFound("no sum of squares of this degree")
    try:
        return _rounded(*_face(singular(model, _sparse(model, program)), budget), budget)
    except NotFound:
        model, proposal = _face(model, budget)
    if len(model.owners) > THIN:
        return _rounded(model, proposal, budget)
    try:
        # on its face the model may have fewer blocks after all
        return _rounded(*_face(singular(model, _sparse(model, Program(model, budget))), budget), budget)
    except NotFound:
        return _rounded(model, proposal, budget)


def _sparse(model: Model, program: Program) -> np.ndarray:
    """Return matrices of small trace in few blocks.

    Traces are minimised with prices, first dearer the more hypotheses are multiplied; then each block's price is the
    reciprocal of the traces with its product (the usual surrogate of the number of products), a few times.
    """
    owner = np.array([k for k, _, _ in program.owners])
    products = [block.facts for block in model.blocks]
    if not products:
        raise NotFound("no squares to choose from")
    prices = np.array([1.0 + len(facts) for facts in products])
    same = np.array([[float(a == b) for a in products] for b in products])
    values = program.smallest(program.traces() * np.where(owner >= 0, prices[owner], 0.0)).values
    for _ in range(REPRICED if len(prices) > FEW_BLOCKS else 0):
        traces = same @ np.array([np.trace(s) for s in matrices(model, values)]).clip(0.0) / program.scale
        prices = 1.0 / (traces + CHEAP * traces.max())
        prices /= prices.min()
        values = program.smallest(program.traces() * np.where(owner >= 0, prices[owner], 0.0)).values
    return values


def _face(model: Model, budget: Budget) -> tuple[Model, Proposal]:
    """Split off what every solution vanishes on, until the rest is positive definite."""
    for _ in range(ROUNDS):
        program = Program(model, budget)
        proposal = program.centre()
        if proposal.margin < -NOISE:
            raise NotFound("no sum of squares on the face")
        if proposal.margin > MARGIN:
            return model, proposal
        try:
            model = exposed(model, proposal.exposing)
        except NotFound:
            model = singular(model, program.interior(proposal).values)
    raise NotFound("facial reduction does not end")


def _rounded(model: Model, proposal: Proposal, budget: Budget) -> tuple[Model, Solution]:
    size = max((float(abs(v)) for v in model.target.values()), default=1.0)
    return model, Affine(model).near(proposal.values, grid(size), budget)


def grid(size: float) -> Fraction:
    """Return the unit of a rounding grid for numbers of the given size: 1, or a smaller power of two."""
    found = Fraction(1)
    while float(found) > max(size, 1e-12) * 4:
        found /= 2
    return found
