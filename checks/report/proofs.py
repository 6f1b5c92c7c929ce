"""The proof that a piece of evidence carries, apart from the sentences that say the same."""

from __future__ import annotations

from dataclasses import dataclass

from checks.report.words import sharp_in_words
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
    """Return the proof of a piece of evidence, and its paragraphs without those that the proof has itself.

    The last paragraph is the sharp value of the part's bound, where one was looked for.
    """
    detail = evidence.detail
    if "sharp" in evidence.data:
        sharp = evidence.data["sharp"]
        detail = (
            *detail,
            sharp_in_words(sharp) if sharp else "No sharp value of its bound was found in the time given.",
        )
    try:
        step = proof(evidence.formal, evidence.certificate, out)
    except NoProof:
        return Argument(None, "", detail)
    said = {overview(step), *(block for block in step.body if isinstance(block, str))}
    words = overview(step, "Proof" if evidence.status is Status.PROVED else "Refutation")
    return Argument(step, words, tuple(paragraph for paragraph in detail if paragraph not in said))
