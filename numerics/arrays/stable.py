r"""Pass *stable exponentials*: :math:`e^{z_i} / \sum_j e^{z_j}` is computed with :math:`z - \max_j z_j`.

The quotient does not change.  The pass fires on a node ``exp(z)`` all of whose uses are its sum S over the last axis,
and products with ``1 / S``; a remaining ``log(S)`` becomes ``log(S') + max``.
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp

from theory.derive.terms import Kind, T, Terms


def shift_exponentials(terms: Terms, roots: Sequence[int]) -> tuple[list[int], bool]:
    """Return the roots with shifted exponentials, and whether any was found."""
    order = terms.reachable(roots)
    found = {p: _quotients(terms, order, p) for p in order if terms[p].function == sp.exp(T)}
    totals = {p: total for p, total in found.items() if total is not None}
    exponentials = list(totals)
    if not exponentials:
        return list(roots), False
    image: dict[int, int] = {}
    for place in order:
        term = terms[place]
        arguments = [image[a] for a in term.args]
        if place in exponentials:
            z = arguments[0]
            axes = tuple(range(term.rank - 1))
            peak = terms.contract([(terms.largest(z), axes)], term.shape)
            image[place] = terms.map(sp.exp(T), terms.sum([(sp.S.One, z), (sp.S.NegativeOne, peak)], term.shape))
        elif term.kind is Kind.LEAF:
            image[place] = place
        elif term.kind is Kind.SUM:
            image[place] = terms.sum(zip(term.coefficients, arguments, strict=True), term.shape)
        elif term.kind is Kind.CONTRACT:
            image[place] = terms.contract(zip(arguments, term.axes, strict=True), term.shape)
        elif term.kind is Kind.MAP:
            image[place] = terms.map(term.function or T, arguments[0])
            total = term.args[0]
            if term.function == sp.log(T):
                shifts = [terms.largest(image[terms[e].args[0]]) for e in exponentials if totals[e] == total]
                image[place] = terms.sum([(sp.S.One, p) for p in (image[place], *shifts)], term.shape)
        else:
            image[place] = terms.largest(arguments[0])
    return [image[root] for root in roots], True


def _quotients(terms: Terms, order: Sequence[int], exponential: int) -> int | None:
    """Return the sum over the last axis when the exponential is used in that sum and in quotients by it alone."""
    last = terms[exponential].rank - 1
    rank = last
    users = [p for p in order if exponential in terms[p].args]
    axes = ((*range(rank), rank),)
    totals = [p for p in users if terms[p].kind is Kind.CONTRACT and terms[p].axes == axes]
    if len(totals) != 1:
        return None
    total = totals[0]
    reciprocal = [
        p for p in order if terms[p].kind is Kind.MAP and terms[p].args == (total,) and terms[p].function == 1 / T
    ]
    for user in users:
        if user != total and not (terms[user].kind is Kind.CONTRACT and any(r in terms[user].args for r in reciprocal)):
            return None
    for user in (p for p in order if total in terms[p].args):
        if user not in reciprocal and terms[user].function != sp.log(T):
            return None
    return total
