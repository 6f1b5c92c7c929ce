r"""Pass *stable exponentials*: :math:`e^{z_i}` is computed as :math:`e^{z_i - \max_j z_j}` where no value changes.

Write :math:`e^{z_i} = e^{m} e^{z_i - m}` with m the maximum over the last axis.  A node that is homogeneous in the
exponentials is then :math:`e^{d m}` times its shifted self, of *degree* d: degrees add in products, are the same in all
parts of a sum, and are multiplied by powers; a logarithm turns a degree into the summand :math:`d m`.  Where every
node has a degree, and those asked for have degree 0, such as :math:`e^{z_i} / \sum_j e^{z_j}` and all its derivatives,
the exponentials may be shifted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import sympy as sp

from theory.derive.terms import Kind, T, Term, Terms

Degrees: TypeAlias = "dict[tuple[int, tuple[int, ...]], sp.Expr]"
"""Degree by exponent (its node) and the axes of the node that run over the leading axes of the exponent."""


def shift_exponentials(terms: Terms, roots: Sequence[int]) -> tuple[list[int], bool]:
    """Return the roots with shifted exponentials, and whether any was shifted; equal in value, at no risk of overflow.

    Exponentials that leave a trace in a root, or enter a sum of different degrees, stay as they are.
    """
    order = terms.reachable(roots)
    shifted = {terms[p].args[0] for p in order if terms[p].function == sp.exp(T) and terms[p].rank}
    while shifted:
        degrees, wrong = _degrees(terms, order, shifted)
        wrong |= {z for root in roots for z, _ in degrees[root]}
        if not wrong:
            return _rebuilt(terms, order, roots, shifted, degrees), True
        shifted -= wrong
    return list(roots), False


def _degrees(terms: Terms, order: Sequence[int], shifted: set[int]) -> tuple[dict[int, Degrees], set[int]]:
    """Return the degrees of all nodes, and the exponents that some node is not homogeneous in."""
    found: dict[int, Degrees] = {}
    wrong: set[int] = set()
    for place in order:
        term = terms[place]
        parts = [found[a] for a in term.args if not terms.is_zero(a)]
        found[place] = {}
        if term.kind is Kind.CONTRACT:
            total = _product(term, parts)
            found[place] = {key: d for key, d in total.items() if all(axis < term.rank for axis in key[1])}
            wrong |= {z for z, _ in set(total) - set(found[place])}
        elif term.kind is Kind.MAP and term.function == sp.exp(T) and term.args[0] in shifted:
            found[place] = {(term.args[0], tuple(range(term.rank - 1))): sp.S.One}
            wrong |= {z for z, _ in parts[0]} if parts else set()
        elif term.kind is Kind.MAP and term.function == sp.log(T):
            continue
        elif term.kind is Kind.MAP and parts and parts[0]:
            base, exponent = sp.sympify(term.function).as_base_exp()
            if base == T and exponent.is_Rational:
                found[place] = {key: degree * exponent for key, degree in parts[0].items()}
            else:
                wrong |= {z for z, _ in parts[0]}
        elif parts:
            found[place] = parts[0]
            if term.kind is Kind.LARGEST or any(part != parts[0] for part in parts):
                wrong |= {z for part in parts for z, _ in part}
    return found, wrong


def _product(term: Term, parts: Sequence[Degrees]) -> Degrees:
    """Add the degrees of factors, with their axes renamed to those of the product."""
    total: Degrees = {}
    for part, axes in zip(parts, term.axes, strict=True):
        for (z, own), degree in part.items():
            key = (z, tuple(axes[axis] for axis in own))
            total[key] = total.get(key, sp.S.Zero) + degree
    return {key: degree for key, degree in total.items() if degree != 0}


def _rebuilt(
    terms: Terms, order: Sequence[int], roots: Sequence[int], shifted: set[int], degrees: Mapping[int, Degrees]
) -> list[int]:
    """Return the roots with the exponentials of the given exponents shifted."""
    image: dict[int, int] = {}
    for place in order:
        term = terms[place]
        arguments = [image[a] for a in term.args]
        if term.kind is Kind.LEAF:
            image[place] = place
        elif term.kind is Kind.SUM:
            image[place] = terms.sum(zip(term.coefficients, arguments, strict=True), term.shape)
        elif term.kind is Kind.CONTRACT:
            image[place] = terms.contract(zip(arguments, term.axes, strict=True), term.shape)
        elif term.kind is Kind.LARGEST:
            image[place] = terms.largest(arguments[0])
        elif term.function == sp.exp(T) and term.args[0] in shifted:
            peak = terms.contract([(terms.largest(arguments[0]), range(term.rank - 1))], term.shape)
            below = terms.sum([(sp.S.One, arguments[0]), (sp.S.NegativeOne, peak)], term.shape)
            image[place] = terms.map(sp.exp(T), below)
        else:
            made = terms.map(sp.sympify(term.function), arguments[0])
            image[place] = made
            if term.function == sp.log(T) and degrees[term.args[0]]:
                peaks = [
                    (degree, terms.contract([(terms.largest(image[z]), axes)], term.shape))
                    for (z, axes), degree in degrees[term.args[0]].items()
                ]
                image[place] = terms.sum([(sp.S.One, made), *peaks], term.shape)
    return [image[root] for root in roots]
