import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree

import pytest

from checks.report import LedgerError, dumps, junit_xml, read_json, write_json, write_junit
from checks.verdict import Evidence, Ledger, Status


def test_json_round_trip_is_exact(ledger: Ledger, tmp_path: Path) -> None:
    path = write_json(ledger, tmp_path / "deep" / "ledger.json")
    assert read_json(path) == ledger
    assert dumps(read_json(path)) == path.read_text(encoding="utf-8")


def test_exact_and_immutable_values_are_written(ledger: Ledger) -> None:
    evidence = Evidence(
        "p", Status.PROVED, "m", data={"eta": Fraction(1, 5), "deep": {"m": MappingProxyType({"a": 1})}}
    )
    text = dumps(Ledger({}, (replace(ledger.verdicts[0], evidence=(evidence,)),)))
    assert json.loads(text)["claims"][0]["evidence"][0]["data"] == {"eta": "1/5", "deep": {"m": {"a": 1}}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, "a"}])
def test_what_json_has_no_word_for_names_the_claim(ledger: Ledger, value: object, tmp_path: Path) -> None:
    bad = replace(ledger.verdicts[2], evidence=(Evidence("p", Status.PROVED, "m", data={"x": value}),))
    with pytest.raises(LedgerError, match=r"ghosh2023\.P15 holds"):
        write_json(Ledger({}, (ledger.verdicts[0], bad)), tmp_path / "ledger.json")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_keeps_the_old_file(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_json(ledger, tmp_path / "ledger.json")
    before = path.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("checks.report.files.os.replace", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_json(Ledger({}, ()), path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["ledger.json"]


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b'{"schema": 1, "suite": {}', "damaged JSON at line 1"),
        (b"\xff\xfe\x00", "not UTF-8 text"),
        (b"[1, 2]", "holds a JSON list"),
        (b'{"schema": 2, "suite": {}, "claims": []}', "`schema` is 2; this version reads 1"),
        (b'{"schema": 1, "gdproof": "0.1", "claims": []}', "`suite` is missing"),
        (b'{"schema": 1, "suite": {}, "claims": {}}', "`claims` is a JSON dict"),
        (
            b'{"schema": 1, "suite": {}, "claims": [{"paper": "p", "id": "L1"}]}',
            "claim 1 (p.L1) lacks the entry 'title'",
        ),
        (b'{"schema": 1, "suite": {}, "claims": [3]}', "claim 1 is damaged"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_unreadable_ledgers_say_file_cause_and_remedy(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "foreign.json"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=re.escape(cause)) as caught:
        read_json(path)
    assert "foreign.json" in str(caught.value)
    assert "gdproof verify --json" in str(caught.value)


def test_unknown_status_is_damage(ledger: Ledger, tmp_path: Path) -> None:
    path = write_json(ledger, tmp_path / "ledger.json")
    path.write_text(path.read_text(encoding="utf-8").replace('"undecided"', '"maybe"'), encoding="utf-8")
    with pytest.raises(LedgerError, match=r"claim 8 \(ghosh2023\.S2\) is damaged: 'maybe'"):
        read_json(path)


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="No such file"):
        read_json(tmp_path / "absent.json")


def test_junit_counts_failures_and_skips(ledger: Ledger, tmp_path: Path) -> None:
    root = ElementTree.parse(write_junit(ledger, tmp_path / "junit.xml")).getroot()
    (suite,) = root
    assert suite.attrib == {
        "name": "ghosh2023",
        "tests": "8",
        "failures": "3",
        "errors": "0",
        "skipped": "1",
        "time": f"{sum(v.seconds for v in ledger.verdicts):.3f}",
    }
    outcome = {case.attrib["name"].split()[0]: [child.tag for child in case] for case in suite}
    assert outcome == {
        "L14": ["system-out"],
        "S14b": ["failure"],
        "P15": ["system-out"],
        "C16": ["failure"],
        "T12": ["system-out"],
        "T2": ["system-out"],
        "S6": ["failure"],
        "S2": ["skipped"],
    }
    failure = suite.find("testcase[2]/failure")
    assert failure is not None
    assert "counterexample: eta = 1/5, m = 2" in (failure.text or "")
    assert "what is true instead: The last expression is ⟨w_t, a_k⟩(1 − ηu_t)" in (failure.text or "")


def test_junit_survives_hostile_text(ledger: Ledger) -> None:
    hostile = replace(ledger.verdicts[1], title='<x> & "y" \x00\x1b', claim_text="]]> <script>\ud800", paper="a&b")
    root = ElementTree.fromstring(junit_xml(Ledger({}, (hostile,))))
    case = root.find("testsuite/testcase")
    assert case is not None
    assert case.attrib["name"].startswith('S14b <x> & "y" ')
    assert case.attrib["classname"] == "a&b"
