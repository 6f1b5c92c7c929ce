"""One file a model: parameters, data assumptions and the per-sample loss; nothing of papers, runs or floats.

A model is found by the name of its file.  A file either states a loss in its own calculus (``autoencoder``), or has
a function ``model(...)`` that returns an `ArrayModel`: a loss in SymPy's matrix expressions.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import sympy as sp


class ModelError(ValueError):
    """A model or one of its parameters is asked for that there is none of."""


@dataclass(frozen=True)
class Size:
    """A size of a model: its symbol, the value used when none is given, and what it counts."""

    symbol: sp.Symbol
    default: int
    meaning: str


@dataclass(frozen=True)
class ArrayModel:
    """A model whose per-sample loss is a matrix expression with one entry, or a number such as a trace.

    Attributes
    ----------
    name, title, source
        Name of the model, one line of words, and paper with equation.
    sizes
        The free sizes; the first one counts the samples (atoms of the support).
    weights
        What is trained, with the standard deviation of an entry at a start of unit scale.
    samples
        Data of one sample, with the law of an instance: a primitive law (``gaussian``, ``uniform``, ``rademacher``,
        ``one-hot``) or an expression in other data.
    shared
        Data that all samples share, in the same way.
    loss
        Loss of one sample: an expression in weights, samples and shared data.
    assumptions
        What the paper assumes of the data, and how an instance satisfies it.
    symmetric
        Square data that equal their transpose.
    mean
        Whether a step uses the mean of the batch's gradients (else their sum).
    replacement
        Whether a random batch is drawn with replacement (else it is a uniform subset).
    box
        Weights whose entries every step moves to the nearest point of an interval: its ends.
    """

    name: str
    title: str
    source: str
    sizes: tuple[Size, ...]
    weights: Mapping[sp.MatrixSymbol, sp.Expr]
    samples: Mapping[sp.MatrixSymbol, str | sp.MatrixExpr]
    loss: sp.Expr
    assumptions: tuple[str, ...]
    shared: Mapping[sp.MatrixSymbol, str | sp.MatrixExpr] = field(default_factory=dict)
    symmetric: tuple[sp.MatrixSymbol, ...] = ()
    mean: bool = True
    replacement: bool = True
    box: Mapping[sp.MatrixSymbol, tuple[sp.Expr, sp.Expr]] = field(default_factory=dict)


def names() -> tuple[str, ...]:
    """Return the names of all models, as the command line writes them."""
    return tuple(sorted(info.name.replace("_", "-") for info in pkgutil.iter_modules(__path__)))


def structure(name: str) -> dict[str, int]:
    """Return the parameters that fix the form of a model's loss (such as a depth), with their default values."""
    made = _maker(name)
    return {key: item.default for key, item in inspect.signature(made).parameters.items()}


def array_model(name: str, **structural: int) -> ArrayModel:
    """Return a model of this folder by name.

    Parameters
    ----------
    name
        Name of the model, ``-`` and ``_`` alike.
    structural
        Parameters that fix the form of the loss, see `structure`.

    Raises
    ------
    ModelError
        If there is no such model, or it has no such parameter; the message names those that there are.
    """
    known = structure(name)
    for key, value in structural.items():
        if key not in known:
            forms = ", ".join(known) or "no parameter"
            raise ModelError(f"model {name!r} has no parameter {key!r}; its form depends on {forms}")
        least = _least(name, key)
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ModelError(
                f"parameter {key} of model {name!r} is {value!r}; it must be an integer of at least {least}"
            )
    return _maker(name)(**structural)


def _least(name: str, key: str) -> int:
    """Return the least value of a structural parameter: 1, unless the model's file says otherwise in ``LEAST``."""
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    least: Mapping[str, int] = getattr(module, "LEAST", {})
    return least.get(key, 1)


def _maker(name: str) -> Callable[..., ArrayModel]:
    """Return the function ``model`` of a model's file."""
    key = name.replace("_", "-")
    if key not in names():
        near = get_close_matches(key, names(), n=2, cutoff=0.5)
        hint = f" Did you mean {' or '.join(near)}?" if near else ""
        raise ModelError(f"unknown model {name!r}.{hint} Known: {', '.join(names())}")
    module = importlib.import_module(f"{__name__}.{key.replace('-', '_')}")
    made: Callable[..., ArrayModel] | None = getattr(module, "model", None)
    if made is None:
        raise ModelError(f"model {name!r} states its loss in its own calculus; it is not a model of arrays")
    return made
