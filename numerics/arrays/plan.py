"""From a model to its program: forms of the batch and of the sum, chosen by the operations of a step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from numerics.arrays.decouple import decoupled
from numerics.arrays.front import lift
from numerics.arrays.ir import ETA, Batch, Form, Program, cost, static
from numerics.arrays.stable import shift_exponentials
from numerics.arrays.total import Style, Total
from theory.derive.reverse import ArrayGradient, array_gradient
from theory.derive.terms import Kind, T
from theory.models import ArrayModel


def compile_model(
    model: ArrayModel | ArrayGradient, sizes: Mapping[sp.Symbol, int], batch: Batch, style: Style | None = None
) -> Program:
    """Derive a model's step and return its program.

    Parameters
    ----------
    model
        The model, or its derived gradient.
    sizes
        Values of the model's sizes.
    batch
        The batch; a form ``rows`` of draws with replacement may become ``counts``.
    style
        Fixes how the sum over the batch is written (with the form of the batch); None takes the cheapest.
    """
    derived = array_gradient(model) if isinstance(model, ArrayModel) else model
    if style is not None:
        return _program(derived, sizes, batch, style)
    forms = [batch]
    if batch.form is Form.ROWS and batch.replacement:
        forms.append(replace(batch, form=Form.COUNTS))
    candidates = [_program(derived, sizes, form, style) for form in forms for style in Style]
    costs = [cost(c.terms, c.roots()) for c in candidates]
    chosen = candidates[min(range(len(candidates)), key=costs.__getitem__)]
    return replace(chosen, explain=(*chosen.explain, *_choice(candidates, costs, chosen)))


def _program(derived: ArrayGradient, sizes: Mapping[sp.Symbol, int], batch: Batch, style: Style) -> Program:
    """Return the program of one form."""
    lifted = lift(derived, sizes, batch)
    terms = lifted.terms
    lines: list[str] = []
    total = Total(lifted, style, batch.form is Form.COUNTS)
    step = -ETA / batch.size if derived.model.mean else -ETA
    boxes = {str(symbol.name): projection(*ends) for symbol, ends in derived.model.box.items()}
    updates = []
    for name, weight in lifted.weights.items():
        gradient = total.of(lifted.gradients[name], batch.size)
        new = terms.sum([(sp.S.One, weight), (step, gradient)], terms[weight].shape)
        updates.append((name, weight, terms.map(boxes[name], new) if name in boxes else new))
    roots = [new for _, _, new in updates]
    roots, shifted = shift_exponentials(terms, roots)
    updates = [(name, weight, new) for (name, weight, _), new in zip(updates, roots, strict=True)]
    if shifted:
        lines.append("stable exponentials: exp(z) / sum exp(z) is computed with z - max(z), which changes no quotient")
    for symbol, (low, high) in derived.model.box.items():
        lines.append(f"box: every step moves the entries of {symbol} to the nearest point of [{low}, {high}]")
    if batch.form is Form.COUNTS:
        lines.append(
            f"finite-support batches as counts: {batch.size} draws with replacement from {batch.atoms} atoms "
            "become how often each atom is drawn"
        )
    if style is not Style.PLAIN:
        lines.append("common matrix products: products of weights once a step, the batch is summed over data alone")
    if style is Style.EXPANDED:
        lines.append("moments: differences are multiplied out, only products of data are summed over the batch")
    fixed = [p for p in static(terms, roots) if terms[p].kind is not Kind.LEAF]
    if fixed:
        lines.append(f"constants of the run: {len(fixed)} arrays of data alone are evaluated once")
    program = Program(derived.model.name, terms, tuple(updates), batch, style.value)
    if decoupled(program):
        lines.append("diagonal decoupling: coordinates of the state never mix, new values are written in place")
        program = replace(program, decoupled=True)
    if batch.form is Form.COUNTS and any(terms[p].symmetric for p in terms.reachable(roots)):
        lines.append("one triangle: sums of symmetric data are computed on and above the diagonal")
    order = terms.reachable(roots)
    uses = [argument for place in order for argument in terms[place].args]
    shared = sum(uses.count(p) > 1 and terms[p].kind is not Kind.LEAF for p in order)
    lines.insert(
        0, f"common subexpressions: {len(order)} nodes, {shared} of them computed once and used more than once"
    )
    return replace(program, explain=tuple(lines))


def projection(low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """Return the map to the nearest point of an interval."""
    return sp.Piecewise((low, low > T), (high, high < T), (T, True))


def _choice(candidates: list[Program], costs: list[float], chosen: Program) -> list[str]:
    """Say what the forms cost."""
    lines = []
    for candidate, operations in zip(candidates, costs, strict=True):
        mark = "chosen: " if candidate is chosen else ""
        lines.append(
            f"form {candidate.batch.form}, {candidate.style}: {mark}{operations:.3g} operations a step and replica"
        )
    return lines
