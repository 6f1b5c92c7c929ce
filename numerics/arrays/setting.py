"""What fixes a program: a model, its sizes and its batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy as sp

from numerics.arrays import blas_target
from numerics.arrays.draws import Draws, Sampling
from numerics.arrays.ir import Batch, Form, Program, cost
from numerics.arrays.plan import compile_model
from numerics.errors import InputError, describe, unknown_name
from theory.derive.reverse import ArrayGradient, array_gradient
from theory.models import ArrayModel, ModelError, array_model, structure

ALGORITHMS = tuple(law.value for law in Sampling)
#: Operations of a step and replica from which matrix products go to the BLAS.
DENSE = 2e5
#: Most draws of a batch with replacement: those of a step are in memory, for some lanes.
MOST_DRAWS = 2**22


@dataclass(frozen=True)
class Setting:
    """A model with its sizes, what else fixes the form of its loss, its batch and its program."""

    model: ArrayModel
    derived: ArrayGradient
    sizes: Mapping[sp.Symbol, int]
    structural: Mapping[str, int]
    draws: Draws
    program: Program

    @property
    def dense(self) -> bool:
        """Whether matrix products go to the BLAS."""
        return cost(self.program.terms, self.program.roots()) >= DENSE


def setting(
    model: str | ArrayModel, algorithm: str, b: int | None, parameters: Mapping[str, int], seed: int = 0
) -> Setting:
    """Check the arguments that fix a program, and compile it.

    Raises
    ------
    InputError
        If the model, the algorithm or a parameter is unknown, or a size has no meaning.
    """
    made, sizes, structural = _model(model, parameters)
    atoms = sizes[made.sizes[0].symbol]
    if algorithm not in ALGORITHMS:
        raise unknown_name("algorithm", algorithm, ALGORITHMS)
    law = Sampling(algorithm)
    natural = atoms if law is Sampling.GD else 1
    size = natural if b is None else b
    replacement = made.replacement and law is Sampling.SGD
    most = MOST_DRAWS if replacement else atoms
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or not 1 <= size <= most:
        raise InputError(f"batch size b is {describe(size)}; it must be an integer from 1 to {most}")
    if law is Sampling.GD and size != natural:
        raise InputError(
            f"batch size b is {size}, but algorithm {algorithm!r} has b = {natural}; leave b out, or use 'sgd'"
        )
    if law is Sampling.EPOCHS and atoms % size:
        raise InputError(
            f"batch size b is {size}, but an epoch of {atoms} samples is cut into whole batches; b must divide {atoms}"
        )
    derived = array_gradient(made)
    batch = Batch(Form.ALL if law is Sampling.GD else Form.ROWS, atoms, int(size), replacement)
    draws = Draws(law, atoms, int(size), replacement, seed)
    return Setting(made, derived, sizes, structural, draws, compile_model(derived, sizes, batch))


def explain_arrays(
    model: str | ArrayModel, algorithm: str = "gd", b: int | None = None, **parameters: int
) -> list[str]:
    """Return what the passes did, one line each."""
    made = setting(model, algorithm, b, parameters)
    if not made.dense:
        return [*made.program.explain, "target: loops in fixed association"]
    waiting = blas_target.deferred(made.program)
    said = (
        [] if waiting is None else [f"deferred outer products: {waiting.name} is read and written once in many steps"]
    )
    return [*made.program.explain, *said, "target: matrix products by the BLAS"]


def _model(
    model: str | ArrayModel, parameters: Mapping[str, int]
) -> tuple[ArrayModel, dict[sp.Symbol, int], dict[str, int]]:
    """Return the model, the values of its sizes, and the parameters that fix the form of its loss."""
    try:
        structural = {} if isinstance(model, ArrayModel) else structure(model)
        structural |= {name: parameters[name] for name in parameters if name in structural}
        made = model if isinstance(model, ArrayModel) else array_model(model, **structural)
    except ModelError as error:
        raise InputError(str(error)) from None
    known = {str(size.symbol.name): size for size in made.sizes}
    for name in parameters:
        if name in ("eta", "b"):
            raise InputError(f"{name} is no size of {made.name} but an argument of the run: give {name}=... by itself")
        if name not in known and name not in structural:
            raise unknown_name(f"parameter of {made.name}", name, [*known, *structural, "eta", "b"])
    sizes = {}
    for name, size in known.items():
        value = parameters.get(name, size.default)
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not 1 <= value < 2**31:
            raise InputError(
                f"{name} ({size.meaning}) is {describe(value)}; it must be an integer of at least 1, below 2**31"
            )
        sizes[size.symbol] = int(value)
    return made, sizes, structural
