"""The ledger as JUnit XML, for continuous integration: refuted is a failure, undecided is skipped."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from checks.report.files import write_text
from checks.report.mathtext import text_plain
from checks.report.words import papers, verdict_in_words
from checks.verdict import Ledger, Status, Verdict

_FAILURES = (Status.REFUTED, Status.REFUTED_STATISTICALLY)
# Characters that XML 1.0 cannot carry, not even as a reference.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(ledger: Ledger) -> str:
    """Return the ledger as JUnit XML: one test suite a paper, one test case a claim."""
    root = ElementTree.Element("testsuites", {"name": "gdproof", **_totals(ledger.verdicts)})
    for paper in papers(ledger):
        verdicts = tuple(v for v in ledger.verdicts if v.paper == paper)
        suite = ElementTree.SubElement(root, "testsuite", {"name": _legal(paper), **_totals(verdicts)})
        for verdict in verdicts:
            suite.append(_case(verdict))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def write_junit(ledger: Ledger, path: Path) -> Path:
    """Write `junit_xml` to ``path``."""
    write_text(path, junit_xml(ledger))
    return path


def _totals(verdicts: tuple[Verdict, ...]) -> dict[str, str]:
    return {
        "tests": str(len(verdicts)),
        "failures": str(sum(v.status in _FAILURES for v in verdicts)),
        "errors": "0",
        "skipped": str(sum(v.status is Status.UNDECIDED for v in verdicts)),
        "time": f"{sum(v.seconds for v in verdicts):.3f}",
    }


def _case(verdict: Verdict) -> ElementTree.Element:
    case = ElementTree.Element(
        "testcase",
        classname=_legal(verdict.paper),
        name=_legal(f"{verdict.id} {verdict.title}".strip()),
        time=f"{verdict.seconds:.3f}",
    )
    words = _legal(text_plain(verdict_in_words(verdict)))
    if verdict.status in _FAILURES:
        failure = ElementTree.SubElement(case, "failure", type=verdict.status.value, message=words)
        failure.text = _legal("\n".join(_account(verdict)))
    elif verdict.status is Status.UNDECIDED:
        message = _legal(text_plain(verdict.reason)) if verdict.reason else words
        ElementTree.SubElement(case, "skipped", message=message)
    else:
        ElementTree.SubElement(case, "system-out").text = words
    return case


def _account(verdict: Verdict) -> list[str]:
    """Return the lines of a failure: where, statement, counterexamples by part, repair."""
    lines = [f"{verdict.key}, {verdict.where}" if verdict.where else verdict.key, verdict.claim_text]
    if verdict.counterexample:
        lines.append(f"counterexample: {_point(dict(verdict.counterexample))}")
    lines.extend(
        f"counterexample to {evidence.part}: {_point(dict(evidence.counterexample))}"
        for evidence in verdict.evidence
        if evidence.counterexample and evidence.counterexample != verdict.counterexample
    )
    if verdict.repair:
        lines.append(f"what is true instead: {text_plain(verdict.repair)}")
    return lines


def _point(counterexample: dict[str, str]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in counterexample.items())


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text)
