"""The ledger as one HTML page that needs nothing else: no network, no scripts or fonts of others."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from checks.report.appearance import APPEARANCE, Appearance, status_css
from checks.report.depgraph import anchor, dependency_svg, full_key
from checks.report.errors import PlotError
from checks.report.exhibits import Exhibits, exhibits
from checks.report.files import write_text
from checks.report.mathtext import math_html, text_html
from checks.report.plots import plot_svg
from checks.report.proofs import argument
from checks.report.svg import embed
from checks.report.words import count_line, counts, heading, papers, seconds, sharp_in_words, verdict_in_words
from checks.verdict import Evidence, Ledger, Status, Verdict
from checks.wording import Step, folded, with_decimal

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_CERTIFICATE = 20_000
_STEPS, _LEVELS = 60, 10  # of a proof that are printed


@dataclass(frozen=True)
class Link:
    """A claim that another one names: its short name, where it leads (or None), and how it looks."""

    label: str
    target: str | None
    status: Status | None


@dataclass(frozen=True)
class PieceView:
    """One piece of evidence, ready for the template."""

    evidence: Evidence
    exhibits: Exhibits
    figures: tuple[Markup, ...]
    certificate: str | None
    detail: tuple[str, ...]
    proof: Step | None
    overview: str


@dataclass(frozen=True)
class ClaimView:
    """One claim, ready for the template."""

    verdict: Verdict
    anchor: str
    pieces: tuple[PieceView, ...]
    depends_on: tuple[Link, ...]
    used_by: tuple[Link, ...]


@dataclass(frozen=True)
class PaperView:
    """One paper: its claims and the drawing of their dependencies."""

    key: str
    claims: tuple[ClaimView, ...]
    graph: Markup


def write_page(ledger: Ledger, out: Path) -> Path:
    """Write the page and return its path: ``out`` itself if it ends in ``.html``, else ``out/index.html``."""
    path = out if out.suffix in (".html", ".htm") else out / "index.html"
    write_text(path, render_page(ledger))
    return path


def render_page(ledger: Ledger) -> str:
    """Return the page as text; the same ledger gives the same text."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        text=text_html,
        math=math_html,
        seconds=seconds,
        words=verdict_in_words,
        sharp=sharp_in_words,
        decimal=with_decimal,
        pretty=_pretty,
    )
    script = (_TEMPLATES / "page.js").read_text(encoding="utf-8").strip()
    style = (_TEMPLATES / "page.css").read_text(encoding="utf-8").strip()
    return environment.get_template("page.html.j2").render(
        title=f"{heading(ledger)}: what was proved",
        counts=counts(ledger),
        count_line=count_line(ledger),
        papers=_views(ledger),
        suite=exhibits(ledger.suite),
        statuses=list(Status),
        look=_look,
        math=math_html,
        style=Markup(style + status_css()),
        script=Markup(script),
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _look(status: Status) -> Appearance:
    return APPEARANCE[status]


def _views(ledger: Ledger) -> tuple[PaperView, ...]:
    known = {verdict.key: verdict for verdict in ledger.verdicts}
    users: dict[str, list[str]] = {}
    for verdict in ledger.verdicts:
        for reference in dict.fromkeys(verdict.depends_on):
            users.setdefault(full_key(verdict, reference, known), []).append(verdict.key)
    views = []
    for paper in papers(ledger):
        verdicts = [verdict for verdict in ledger.verdicts if verdict.paper == paper]
        claims = tuple(_claim_view(verdict, known, users.get(verdict.key, [])) for verdict in verdicts)
        views.append(PaperView(paper, claims, dependency_svg(verdicts, known)))
    return tuple(views)


def _claim_view(verdict: Verdict, known: Mapping[str, Verdict], users: list[str]) -> ClaimView:
    identity = anchor(verdict.key)
    return ClaimView(
        verdict,
        identity,
        tuple(_piece_view(evidence, f"{identity}-{k}") for k, evidence in enumerate(verdict.evidence)),
        tuple(_link(full_key(verdict, name, known), verdict.paper, known) for name in verdict.depends_on),
        tuple(_link(user, verdict.paper, known) for user in users),
    )


def _link(key: str, paper: str, known: Mapping[str, Verdict]) -> Link:
    label = key.removeprefix(f"{paper}.")
    return Link(label, f"#{anchor(key)}", known[key].status) if key in known else Link(label, None, None)


def _piece_view(evidence: Evidence, prefix: str) -> PieceView:
    shown = exhibits(evidence.data)
    figures = [embed(evidence.figure, f"{prefix}-figure")] if evidence.figure else []
    for number, plot in enumerate(shown.plots):
        try:
            figures.append(embed(plot_svg(plot), f"{prefix}-plot{number}"))
        except PlotError as error:
            figures.append(Markup('<p class="note">A plot that cannot be drawn: {}</p>').format(str(error)))
    found = argument(evidence)
    cut = None if found.step is None else folded(found.step, _STEPS, _LEVELS)
    return PieceView(evidence, shown, tuple(figures), _certificate(evidence), found.detail, cut, found.overview)


def _certificate(evidence: Evidence) -> str | None:
    """Return certificate and formal statement as JSON; a long one is cut, as the ledger has it whole."""
    entries = {"statement": evidence.formal, "certificate": evidence.certificate}
    present = {name: value for name, value in entries.items() if value is not None}
    if not present:
        return None
    text = _pretty(present)
    if len(text) <= _LONGEST_CERTIFICATE:
        return text
    return f"{text[:_LONGEST_CERTIFICATE]}\n… {len(text)} characters in all; the ledger's JSON file has them"


def _pretty(value: Any) -> str:
    def jsonable(entry: object) -> object:
        return dict(entry) if isinstance(entry, Mapping) else str(entry)

    return json.dumps(value, indent=1, ensure_ascii=False, default=jsonable)
