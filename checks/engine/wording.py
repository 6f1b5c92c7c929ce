"""Formal statements and certificates as mathematics and words, for the evidence that the engine writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker.kinds import tail
from checks.wording import NoProof, line_latex, overview, proof
from checks.wording import formal_latex as general_latex

__all__ = ["certificate_words", "formal_latex", "line_latex"]

LAWS = {
    "gaussian": r"X \sim N({mean}, {variance})",
    "chi-squared": r"X \sim \chi^2({degrees})",
    "gaussian-squares": r"X = \sum_{{i \le {number}}} X_i^2,\ X_i \sim N(0, {variance})\ \text{{independent}}",
    "largest-gaussian": r"X = \max_{{i \le {number}}} |X_i|,\ X_i \sim N(0, {variance})",
    "bernoulli-sum": r"X = \sum_i X_i,\ X_i \in \{{0, 1\}}\ \text{{independent}},\ E[X] = {mean}",
    "binomial": r"X \sim \mathrm{{Bin}}({number}, {probability})",
    "exponential": r"X \sim \mathrm{{Exp}}({rate})",
    "bounded-sum": r"X = \sum_{{i \le {number}}} X_i,\ X_i \in [{low}, {high}]\ \text{{independent}},\ E[X] = {mean}",
}


def formal_latex(formal: Mapping[str, Any]) -> str:
    """Return a formal statement as one line of LaTeX mathematics."""
    if formal["form"] != "tail":
        return general_latex(formal)
    tail.read(formal)
    law = LAWS[formal["law"]["name"]].format(
        **{name: line_latex(text) for name, text in formal["law"].items() if name != "name"}
    )
    event = line_latex(f"X {formal['event']['relation']} {formal['event']['threshold']}")
    given = r",\; ".join([*map(line_latex, formal.get("given", ())), law])
    let = [line.partition("=") for line in formal.get("let", ())]
    where = r",\; ".join(f"{line_latex(a)} = {line_latex(b)}" for a, _, b in let)
    text = rf"{given}\ \Longrightarrow\ \mathrm{{Pr}}\left[{event}\right] \le {line_latex(formal['bound'])}"
    return text + (rf"\quad\text{{where }} {where}" if let else "")


def certificate_words(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in a sentence or two what a certificate establishes; `checks.wording.proof` has all of it."""
    if formal["form"] == "tail":
        return _tail_words(certificate)
    try:
        step = proof(formal, certificate)
    except NoProof:
        return (f"A certificate of kind {certificate.get('kind', certificate['verdict'])!r}.",)
    if certificate["verdict"] == "proved":
        return (overview(step),)
    return tuple(block for block in step.body if isinstance(block, str))[:2]


def _tail_words(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    if certificate["verdict"] == "proved":
        t, e = (line_latex(certificate[key]) for key in ("multiplier", "exponent"))
        return (
            rf"Markov's inequality for $\exp(\tau X)$ with $\tau = {t}$: for the threshold $a$, "
            rf"$\log E[\exp(\tau X)] - \tau a \le {e}$, and the exponential of that is at most the bound.",
        )
    why = "the event is sure and the bound is below $1$" if certificate["event"] == "sure" else "the bound is negative"
    return (f"At these values {why}.",)
