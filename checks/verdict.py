"""Verdicts, evidence and the ledger: what the suite found, in the form that every report reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The six verdicts of a claim, each with the sentence that a report prints."""

    PROVED = "proved"
    PROVED_FOR = "proved-for"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    REFUTED_STATISTICALLY = "refuted-statistically"
    UNDECIDED = "undecided"

    @property
    def meaning(self) -> str:
        """One sentence that says what the verdict asserts."""
        return {
            Status.PROVED: "true for all values that the hypotheses allow; certificate accepted by the checker",
            Status.PROVED_FOR: "proved exactly for the listed finite sizes only",
            Status.SUPPORTED: "a sequential test places the quantity inside the claimed set",
            Status.REFUTED: "false: an exact counterexample satisfies every hypothesis",
            Status.REFUTED_STATISTICALLY: "excluded by the sequential test",
            Status.UNDECIDED: "none of the methods decided it",
        }[self]

    @property
    def decided(self) -> bool:
        """Whether the verdict is one of the five that decide a claim."""
        return self is not Status.UNDECIDED


@dataclass(frozen=True)
class Evidence:
    """One piece of evidence for one part of a claim.

    Attributes
    ----------
    part
        Name of the part of the claim (one relation of a displayed chain, say).
    status
        Verdict on that part alone.
    method
        Name of the method that produced it.
    statement
        The part's statement, readable (LaTeX mathematics without dollar signs).
    formal
        The same statement in the checker's grammar (JSON-able), or None when there is none.
    certificate
        Certificate (JSON-able) that the checker accepted together with ``formal``, or None.
    detail
        Paragraphs in words; mathematics between dollar signs.
    counterexample
        Name to exact value, for refuted parts.
    figure
        SVG text of a plot, or None.
    data
        Seeds, sizes, e-values, tables: JSON-able.
    """

    part: str
    status: Status
    method: str
    statement: str = ""
    formal: Mapping[str, Any] | None = None
    certificate: Mapping[str, Any] | None = None
    detail: tuple[str, ...] = ()
    counterexample: Mapping[str, str] | None = None
    figure: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the evidence as it stands in the ledger."""
        return {
            "part": self.part,
            "status": self.status.value,
            "method": self.method,
            "statement": self.statement,
            "formal": self.formal,
            "certificate": self.certificate,
            "detail": list(self.detail),
            "counterexample": dict(self.counterexample) if self.counterexample else None,
            "figure": self.figure,
            "data": dict(self.data),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Evidence:
        """Read back what `as_json` wrote."""
        return cls(
            part=raw["part"],
            status=Status(raw["status"]),
            method=raw["method"],
            statement=raw.get("statement", ""),
            formal=raw.get("formal"),
            certificate=raw.get("certificate"),
            detail=tuple(raw.get("detail", ())),
            counterexample=raw.get("counterexample"),
            figure=raw.get("figure"),
            data=raw.get("data", {}),
        )


@dataclass(frozen=True)
class Verdict:
    """The verdict on one claim: the record that terminal, JSON, JUnit, HTML and LaTeX all read.

    ``scope`` says for what the verdict holds ("all m, n, eta"); ``reason`` why it is undecided; ``repair``
    what is true instead of a refuted claim; ``seconds`` the time that judging took; ``claim_text`` the
    statement as the paper's claim list has it; ``derivation`` paragraphs that show the derived objects.
    """

    paper: str
    id: str
    title: str
    where: str
    kind: str
    status: Status
    scope: str
    method: str
    seconds: float
    claim_text: str
    evidence: tuple[Evidence, ...]
    depends_on: tuple[str, ...]
    counterexample: Mapping[str, str] | None = None
    repair: str | None = None
    reason: str | None = None
    sharp: Mapping[str, Any] | None = None
    derivation: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Full name, for example ``ghosh2023.P15``."""
        return f"{self.paper}.{self.id}"

    def as_json(self) -> dict[str, Any]:
        """Return the ledger entry of DESIGN section 5.2."""
        return {
            "paper": self.paper,
            "id": self.id,
            "title": self.title,
            "where": self.where,
            "kind": self.kind,
            "status": self.status.value,
            "scope": self.scope,
            "method": self.method,
            "seconds": round(self.seconds, 4),
            "statement": self.claim_text,
            "derivation": list(self.derivation),
            "counterexample": dict(self.counterexample) if self.counterexample else None,
            "repair": self.repair,
            "reason": self.reason,
            "sharp": self.sharp,
            "evidence": [e.as_json() for e in self.evidence],
            "depends_on": list(self.depends_on),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Verdict:
        """Read back what `as_json` wrote."""
        return cls(
            paper=raw["paper"],
            id=raw["id"],
            title=raw["title"],
            where=raw["where"],
            kind=raw["kind"],
            status=Status(raw["status"]),
            scope=raw["scope"],
            method=raw["method"],
            seconds=float(raw["seconds"]),
            claim_text=raw.get("statement", ""),
            evidence=tuple(Evidence.from_json(e) for e in raw["evidence"]),
            depends_on=tuple(raw["depends_on"]),
            counterexample=raw.get("counterexample"),
            repair=raw.get("repair"),
            reason=raw.get("reason"),
            sharp=raw.get("sharp"),
            derivation=tuple(raw.get("derivation", ())),
        )


@dataclass(frozen=True)
class Ledger:
    """All verdicts of one run of the suite, with what is needed to reproduce it."""

    suite: Mapping[str, Any]
    verdicts: tuple[Verdict, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the ledger of DESIGN section 5.2."""
        return {"schema": 1, "suite": dict(self.suite), "claims": [v.as_json() for v in self.verdicts]}

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Ledger:
        """Read back what `as_json` wrote."""
        return cls(suite=raw["suite"], verdicts=tuple(Verdict.from_json(v) for v in raw["claims"]))
