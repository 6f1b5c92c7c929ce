"""Formal statements and certificates as mathematics and words, for the evidence that the engine writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.wording import NoProof, formal_latex, line_latex, overview, proof

__all__ = ["certificate_words", "formal_latex", "line_latex"]


def certificate_words(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in a sentence or two what a certificate establishes; `checks.wording.proof` has all of it."""
    try:
        step = proof(formal, certificate)
    except NoProof:
        return (f"A certificate of kind {certificate.get('kind', certificate['verdict'])!r}.",)
    if certificate["verdict"] == "proved":
        return (overview(step),)
    return tuple(block for block in step.body if isinstance(block, str))[:2]
