"""Means over orders and batches, written out."""

import pytest

from checks.checker.word_grammar import read_expression
from checks.checker.words import Algebra
from theory.matrix_words import mean, mean_over_batches, mean_over_orders, product, total

LETTERS = dict.fromkeys(("A", "B", "C"), ("n", "n"))
ALGEBRA = Algebra(LETTERS, frozenset(), frozenset(), frozenset({"n"}), {})


def same(text: str, other: str) -> bool:
    one, two = (ALGEBRA.value(read_expression(t), []) for t in (text, other))
    return not ALGEBRA.add(one, two, -1).top


def test_orders_and_batches() -> None:
    assert same(product(["A", "A + B"]), "A*A + A*B")
    assert same(total(["A", "-B"]), "A - B")
    assert same(mean_over_orders(["A", "B", "C"], product), "(A*B*C + A*C*B + B*A*C + B*C*A + C*A*B + C*B*A)/6")
    assert same(mean_over_batches(["A", "B", "C"], 2, product), "(A*B + A*C + B*C)/3")
    assert same(mean_over_batches(["A", "B"], 2, product, replacement=True), "(A + B)**2/4")
    assert same(mean_over_batches(["A", "B", "C"], 2, lambda batch: mean(batch)), "(A + B + C)/3")


def test_a_mean_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one term"):
        mean([])
