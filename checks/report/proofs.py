"""The proof that a piece of evidence carries, apart from the sentences that say the same."""

from __future__ import annotations

from dataclasses import dataclass

from checks.verdict import Evidence, Status
from checks.wording import NoProof, Printer, Step, overview, proof


@dataclass(frozen=True)
class Argument:
    """A proof or refutation (None where the certificate gives none), and what else the evidence says in words.

    ``overview`` is one sentence on the proof.
    """

    step: Step | None
    overview: str
    detail: tuple[str, ...]


def argument(evidence: Evidence, out: Printer | None = None) -> Argument:
    """Return the proof of a piece of evidence, and its paragraphs without those that the proof has itself."""
    try:
        step = proof(evidence.formal, evidence.certificate, out)
    except NoProof:
        return Argument(None, "", evidence.detail)
    said = {overview(step), *(block for block in step.body if isinstance(block, str))}
    words = overview(step, "Proof" if evidence.status is Status.PROVED else "Refutation")
    return Argument(step, words, tuple(paragraph for paragraph in evidence.detail if paragraph not in said))
