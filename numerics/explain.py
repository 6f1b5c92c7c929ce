"""What the compiler did with a step, in words: which passes fired, why, and what a step costs."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from numerics.batches import batches_of, law_of
from numerics.costs import cost
from numerics.front import lower
from numerics.ir import Form, Kernel, Law
from numerics.observables import DEFAULT, plan
from numerics.passes import PASSES, Report, invariants, rewrite, uniform_scaling
from theory.derive.reduced import closed_sums
from theory.derive.update_map import UpdateMap


def explain(
    update_map: UpdateMap,
    *,
    m: int,
    n: int,
    algorithm: str = "gd",
    b: int | None = None,
    record: Iterable[str] = DEFAULT,
    passes: Iterable[str] = tuple(PASSES),
) -> list[str]:
    """Return the lines that say how a run would be compiled; nothing is run.

    Parameters
    ----------
    update_map, m, n, algorithm, b, record, passes
        As for ``simulate``; the algorithm ``sequence`` is read as batches of b samples.

    Raises
    ------
    InputError
        If an argument has no meaning.
    """
    law = law_of(algorithm)
    batches = batches_of(law, m, b, 0, 0, [list(range(b or 1))] if law is Law.SEQUENCE else None)
    watches = plan(record, (item.symbol.name for item in update_map.reductions)).watches
    dense = lower(update_map, law, watches, batches.form)
    kernel, reports = rewrite(dense, n, batches.b, passes)
    lines = [f"{update_map.model} ({update_map.activation}), {law.value}: m = {m}, n = {n}, b = {batches.b}"]
    for report in reports:
        lines.append(f"pass {report.name}: {'fired' if report.fired else 'not fired'}: {report.reason}")
        lines += [f"    {line}" for line in _formulas(update_map, kernel, report)] if report.fired else []
    lines.append(f"batch: {_batch(law, batches.form)}")
    before, after = (cost(item, m, batches.b) for item in (dense, kernel))
    lines.append(
        f"operations a step and replica, dense: {before.operations} = {_number(before.operations, m, n, batches.b)}"
    )
    if kernel is not dense:
        value = _number(after.operations, m, n, batches.b)
        lines.append(f"operations a step and replica, as compiled: {after.operations} = {value}")
    if after.words != 0:
        lines.append(f"random words a step and replica: {after.words} = {_number(after.words, m, n, batches.b)}")
    return lines


def _number(expression: sp.Expr, m: int, n: int, b: int) -> str:
    value = expression.subs({symbol: {"m": m, "n": n, "b": b}[symbol.name] for symbol in expression.free_symbols})
    return f"{float(value):.6g}"


def _batch(law: Law, form: Form) -> str:
    if law is Law.GD:
        return "all samples"
    if law is not Law.SGD:
        return "the same for all replicas"
    if form is Form.MASK:
        return "a bit mask: all samples are thinned at once, then the size is repaired (exactly uniform)"
    return "a list: drawn member by member (Floyd's algorithm, exactly uniform)"


def _formulas(update_map: UpdateMap, kernel: Kernel, report: Report) -> list[str]:
    """Return the formulas behind a pass that fired, as theory derives them."""
    lazy, c = kernel.lazy, update_map.coordinate
    assert lazy is not None
    if report.name == uniform_scaling.NAME:
        atoms = [atom for atom in update_map.rules if not atom.startswith("batch")]
        lines = [f"{c}' = ({update_map.common_factor([atom]).factor}) {c} for {atom}" for atom in atoms]
        lines.append(f"stored: {c} = s d with one scale s; kept: {_kept(kernel)}")
        return [
            *lines,
            f"sums are taken afresh every {lazy.every} steps; scales stay in 2^-{lazy.range} .. 2^{lazy.range}",
        ]
    assert report.name == invariants.NAME
    closed = closed_sums(update_map)
    lines = [f"{c}' = ({factor}) {c} for {atom}" for atom, factor in closed.factors.items()]
    lines.append("P_A_p = sum of c^p over the coordinates of A:")
    lines += [f"{old}' = {new}" for old, new in zip(closed.state, closed.image, strict=True)]
    return [*lines, "final state: every coordinate is its start times the product of the factors of its class"]


def _kept(kernel: Kernel) -> str:
    assert kernel.lazy is not None
    return ", ".join(item.reduction.name for item in kernel.lazy.sums) or "no sums"
