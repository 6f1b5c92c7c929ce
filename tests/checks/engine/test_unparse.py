"""Text of expressions: it parses to what it was written from, without brackets that say nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.checker.grammar import Node, parse
from checks.engine.unparse import unparse

NUMBERS = st.sampled_from([0, 1, 2, 17, Fraction(1, 5), Fraction(7, 4)])
LEAVES = st.one_of(
    st.sampled_from([("name", "x"), ("name", "y"), ("call", "pi", ())]),
    NUMBERS.map(lambda value: ("number", Fraction(value))),
)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Any]:
    binary = st.tuples(st.sampled_from(["+", "-", "*", "/", "**"]), inner, inner)
    call = st.tuples(st.just("call"), st.sampled_from(["exp", "sin"]), st.tuples(inner))
    return st.one_of(binary, call)


EXPRESSIONS = st.recursive(LEAVES, _larger, max_leaves=12)


@given(EXPRESSIONS)
def test_text_parses_to_the_expression(node: Node) -> None:
    assert parse(unparse(node)) == node


@given(EXPRESSIONS, EXPRESSIONS)
def test_comparisons_parse_to_themselves(left: Node, right: Node) -> None:
    for node in (("compare", ("<=",), (left, right)), ("compare", ("<", "=="), (left, right, left))):
        assert parse(unparse(node)) == node


@pytest.mark.parametrize(
    "text", ["x - (y - 1)", "x - y - 1", "2*x/y", "2/(x*y)", "(0 - x)**2", "x**2*y", "x**(y + 1)", "exp(x + 1)*2"]
)
def test_brackets_stand_only_where_they_are_needed(text: str) -> None:
    assert unparse(parse(text)) == text
