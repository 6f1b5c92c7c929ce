"""Verdicts in words: the sentences that the terminal, the page and the appendix share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from checks.report.appearance import APPEARANCE
from checks.verdict import Ledger, Status, Verdict


def counts(ledger: Ledger) -> dict[Status, int]:
    """Return how many claims have each status, in the order of `Status`, without empty ones."""
    found = Counter(verdict.status for verdict in ledger.verdicts)
    return {status: found[status] for status in Status if found[status]}


def count_line(ledger: Ledger) -> str:
    """Return one line with the number of claims and of each status."""
    total = len(ledger.verdicts)
    parts = [f"{number} {APPEARANCE[status].word}" for status, number in counts(ledger).items()]
    return f"{total} claim{'' if total == 1 else 's'}" + (": " + ", ".join(parts) if parts else "")


def papers(ledger: Ledger) -> tuple[str, ...]:
    """Return the keys of the papers in the ledger, in order of first appearance."""
    return tuple(dict.fromkeys(verdict.paper for verdict in ledger.verdicts))


def heading(ledger: Ledger) -> str:
    """Return a title for a report on this ledger."""
    keys = papers(ledger)
    return ", ".join(keys) if 0 < len(keys) <= 3 else f"{len(keys)} papers"


def meaning(verdict: Verdict) -> str:
    """Return what the verdict asserts; a refutation that carries no point does not promise one."""
    status = verdict.status
    if status is Status.REFUTED and not any_counterexample(verdict):
        return "false; the evidence shows how"
    if status in (Status.SUPPORTED, Status.REFUTED_STATISTICALLY):
        return f"{status.meaning}; no proof"
    return status.meaning.removeprefix("false: ")


def any_counterexample(verdict: Verdict) -> bool:
    """Return whether the verdict, or one piece of its evidence, carries a counterexample."""
    return bool(verdict.counterexample) or any(e.counterexample for e in verdict.evidence)


def verdict_in_words(verdict: Verdict) -> str:
    """Return the verdict as sentences, with mathematics between dollar signs where the verdict has it."""
    word = APPEARANCE[verdict.status].word
    sentences = [f"{word[0].upper()}{word[1:]}: {meaning(verdict)}."]
    if verdict.scope:
        sentences.append(f"Scope: {_sentence(verdict.scope)}")
    if verdict.method:
        sentences.append(f"Method: {_sentence(verdict.method)}")
    if verdict.reason:
        sentences.append(f"Reason: {_sentence(verdict.reason)}")
    return " ".join(sentences)


def sharp_in_words(sharp: Mapping[str, Any]) -> str:
    """Return the threshold of a claim as a sentence (the ``sharp`` entry of DESIGN section 5.1)."""
    name = str(sharp.get("parameter") or "the parameter")
    value = sharp.get("value")
    interval = sharp.get("interval")
    bounds = f"[{', '.join(str(end) for end in interval)}]" if interval else None
    if sharp.get("status") == "exact":
        text = f"Exact threshold for {name}: {value}"
        if polynomial := sharp.get("minimal_polynomial"):
            text += f", a root of {polynomial}"
        text += f", isolated by {bounds}" if bounds else ""
    else:
        text = f"Threshold for {name}" + (f" between the ends of {bounds}" if bounds else "")
        text += ": proved at one end, refuted at the other"
    attained = sharp.get("attained")
    if sharp.get("bound") == "upper" and sharp.get("status") == "exact" and str(value) == "0":
        text += f"; no positive bound on {name} makes it true"
    elif attained is not None:
        text += "; the claim still holds at the threshold" if attained else "; the claim fails at the threshold"
    return text + "."


def seconds(value: float) -> str:
    """Return a duration as a report prints it: two decimals below a minute, then whole seconds."""
    return f"{value:.2f} s" if value < 60 else f"{value:.0f} s"


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
