"""Texts of matrix expressions for claims about runs: products, sums and exact means over orders and batches.

A mean is written out, one term an order or batch: it is for a concrete number of samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import combinations, permutations
from itertools import product as _tuples

Text = Callable[[tuple[str, ...]], str]


def product(factors: Iterable[str]) -> str:
    """Return a product, from left to right.

    Examples
    --------
    >>> product(f"I - eta*{h}" for h in ("H2", "H1"))
    '(I - eta*H2)*(I - eta*H1)'
    """
    return "*".join(f"({factor})" for factor in factors)


def total(terms: Iterable[str]) -> str:
    """Return a sum.

    Examples
    --------
    >>> total(["A", "B*C"])
    '(A) + (B*C)'
    """
    return " + ".join(f"({term})" for term in terms)


def mean(terms: Sequence[str]) -> str:
    """Return an average with equal weights.

    Raises
    ------
    ValueError
        When there are no terms.
    """
    if not terms:
        raise ValueError("a mean needs at least one term")
    return f"({total(terms)})/{len(terms)}"


def mean_over_orders(letters: Sequence[str], text: Text) -> str:
    """Return the mean of a text over all orders of the letters (epochs without replacement), as a sum of k! terms.

    Examples
    --------
    >>> mean_over_orders(["A", "B"], product)
    '(((A)*(B)) + ((B)*(A)))/2'
    """
    return mean([text(order) for order in permutations(letters)])


def mean_over_batches(letters: Sequence[str], size: int, text: Text, *, replacement: bool = False) -> str:
    """Return the mean of a text over all batches: subsets of a size, or all tuples with ``replacement``.

    Examples
    --------
    >>> mean_over_batches(["A", "B", "C"], 2, lambda batch: mean(batch))
    '((((A) + (B))/2) + (((A) + (C))/2) + (((B) + (C))/2))/3'
    """
    batches = _tuples(letters, repeat=size) if replacement else combinations(letters, size)
    return mean([text(batch) for batch in batches])
