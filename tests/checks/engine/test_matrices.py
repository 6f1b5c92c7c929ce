"""Identities between matrices: the benchmark, its mutants, and what the search says when it fails."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from checks.checker import check
from checks.checker.word_statement import Statement, read
from checks.checker.words import UNIT, Word
from checks.claim import statements
from checks.engine.budget import Budget
from checks.engine.words.matrices import propose
from checks.engine.words.text import poly_text, word_text

Json = dict[str, Any]
FILE = Path(__file__).resolve().parents[3] / "benchmarks" / "matrices.py"


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmark_of_matrices", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


BENCHMARK = load()
EXPECTED: dict[str, str] = BENCHMARK.EXPECTED
FORMAL = {
    name: dict(state().parts[0].formal or {}) for name, state in statements("matrices").items() if name in EXPECTED
}
SECONDS = 5.0


def verdict(formal: Json, seconds: float = SECONDS) -> str:
    certificate, reason = propose(formal, Budget(seconds))
    if certificate is None:
        return f"undecided: {reason}"
    return check(formal, certificate)


def test_the_benchmark_is_large_and_has_both_sides() -> None:
    count = {status: list(EXPECTED.values()).count(status) for status in ("proved", "refuted")}
    assert count["proved"] >= 25
    assert count["refuted"] >= 25
    assert set(FORMAL) == set(EXPECTED)


@pytest.mark.parametrize("name", [name for name in EXPECTED if EXPECTED[name] != "undecided"])
def test_the_benchmark(name: str) -> None:
    assert verdict(FORMAL[name]) == EXPECTED[name]


@pytest.mark.parametrize("name", [name for name in EXPECTED if EXPECTED[name] == "undecided"])
def test_what_is_beyond_words_stays_undecided(name: str) -> None:
    assert verdict(FORMAL[name], 0.5).startswith("undecided: no small matrices")


# --- mutants ----------------------------------------------------------------------------------------------------------


# letters whose exchange changes nothing: they commute by a hypothesis, or the claim says it
COMMUTE = {
    "O_S27": {"D1", "D2"},
    "O_S27s": {"D1", "D2"},
    "T_BINOMc": {"A", "B"},
    "T_PROJc": {"P", "Q"},
    "T_RES": {"A", "Ai"},
    "T_SYM3": {"A", "B", "C"},
}


def changes(stated: Statement, position: int, commute: set[str]) -> Iterator[str]:
    """Yield what is added to the right side: a term once more, or a term with two letters exchanged less the term."""
    left, right = stated.shown[position]
    value = stated.algebra.value(right, [])
    if not value.top:
        value = stated.algebra.value(left, [])
        if sum(map(len, value.top.values())) < 2:
            return
    bottom = poly_text(value.bottom)
    name, order = stated.modulo or ("", 1)
    for word, every in value.top.items():
        p = {monomial: c for monomial, c in every.items() if dict(monomial).get(name, 0) < order}
        if not p:
            continue
        own = "" if value.shape == UNIT else f"*{word_text(word) or 'I'}"
        yield f"({poly_text(p)}){own}/({bottom})"
        for other in exchanged(stated, word, commute):
            yield f"({poly_text(p)})*({word_text(other)} - {word_text(word)})/({bottom})"
        for monomial, c in p.items():
            if len(p) > 1:
                yield f"({poly_text({monomial: c})}){own}/({bottom})"
            for g, _ in monomial:
                for other in exchanged(stated, g[1], commute) if isinstance(g, tuple) else ():
                    yield f"({c})*(tr({word_text(other)}) - tr({word_text(g[1])})){own}/({bottom})"


def exchanged(stated: Statement, word: Word, commute: set[str]) -> Iterator[Word]:
    """Yield a word with two square letters exchanged that are next to each other."""
    for k in range(len(word) - 1):
        (name, _), (other, _) = word[k], word[k + 1]
        shapes = [stated.algebra.letters[one] for one in (name, other)]
        square = shapes[0] == shapes[1] and shapes[0][0] == shapes[0][1]
        if square and word[k] != word[k + 1] and not {name, other} <= commute:
            yield (*word[:k], word[k + 1], word[k], *word[k + 2 :])
            return


def mutants() -> list[Any]:
    found = []
    for name, formal in FORMAL.items():
        if EXPECTED[name] != "proved":
            continue
        stated = read(formal)
        for position, line in enumerate(formal["show"]):
            left, right = line.split("==")
            for k, change in enumerate(list(changes(stated, position, COMMUTE.get(name, set())))[:5]):
                mutant = {**formal, "show": [f"{left} == {right} + {change}"]}
                found.append(pytest.param(mutant, id=f"{name}-{position}-{k}"))
    return found


MUTANTS = mutants()


# one term that is zero is zero with any other coefficient too
ZERO = {"T_JACOBI", "T_EIG", "T_GAMMA", "T_COMM"}


def test_there_are_mutants_of_every_true_identity() -> None:
    assert len(MUTANTS) > 100
    mutated = {str(m.id).split("-")[0] for m in MUTANTS}
    assert mutated | ZERO == {name for name in EXPECTED if EXPECTED[name] == "proved"}


@pytest.mark.parametrize("formal", MUTANTS)
def test_mutants_are_refuted(formal: Json) -> None:
    assert verdict(formal) == "refuted"
