"""Words and polynomials in traces as text of the checker's grammar."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from checks.checker.polynomial import Monomial, Poly
from checks.checker.words import Word


def word_text(word: Word) -> str:
    """Return a word in the grammar of the checker."""
    return "*".join(name + ("'" if mark else "") for name, mark in word)


def poly_text(p: Poly) -> str:
    """Return a polynomial in numbers and traces in the grammar of the checker."""
    return " + ".join(_term_text(monomial, c) for monomial, c in p.items()) or "0"


def _term_text(monomial: Monomial, coefficient: Fraction) -> str:
    parts = [f"({coefficient})" if coefficient != 1 or not monomial else ""]
    for g, e in monomial:
        base = f"tr({word_text(g[1])})" if isinstance(g, tuple) else str(g)
        parts.append(base if e == 1 else f"{base}**{e}")
    return "*".join(filter(None, parts))


def top_text(top: Mapping[Word, Poly]) -> str:
    """Return a matrix in the grammar of the checker; the empty word is the identity."""
    return " + ".join(product_text(f"({poly_text(p)})", word_text(w) or "I") for w, p in top.items()) or "0"


def product_text(*parts: str) -> str:
    """Return a product of texts without the factors that are empty or 1."""
    return "*".join(part for part in parts if part and part not in ("(1)", "((1))")) or "1"
