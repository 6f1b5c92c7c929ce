"""The checker runs without site packages, loads the standard library only, and answers one line a question."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import checks.checker

ROOT = Path(checks.checker.__file__).resolve().parents[2]
TRUE = {"form": "forall", "given": ["0 < x"], "show": ["2*x > 0", "log(1 + x) >= 0"]}
POSITIVE = {"kind": "sturm", "variable": "s", "low": "0", "high": None}
LOG = {
    "kind": "grow",
    "variable": "x",
    "as": "s",
    "from": "0",
    "inward": 1,
    "by": [
        {"kind": "given"},
        {"kind": "numbers"},
        POSITIVE,
        {"kind": "constant", "denominator": {"factors": [{"expression": "1 + s", "by": POSITIVE}]}},
    ],
}
PROOF = {"verdict": "proved", "steps": [{"kind": "given"}, LOG]}


def isolated(code: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"
    command = [sys.executable, "-S", "-c", program, *arguments]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=60)


def test_only_the_standard_library_is_loaded() -> None:
    code = (
        "import json; from checks.checker.__main__ import serve; serve(); "
        "print(json.dumps(sorted(sys.modules))); print(json.dumps(sorted(sys.stdlib_module_names)))"
    )
    done = isolated(code, text=json.dumps({"formal": TRUE, "certificate": PROOF}) + "\n")
    assert done.returncode == 0, done.stderr
    answer, modules, standard = map(json.loads, done.stdout.splitlines())
    assert answer == {"accepted": True, "verdict": "proved"}
    own = {name for name in modules if name.partition(".")[0] == "checks"}
    assert {name.partition(".")[0] for name in modules} - set(standard) <= {"checks", "__main__"}
    assert {name for name in own if not name.startswith("checks.checker")} == {"checks"}
    kinds = {f"checks.checker.kinds.{path.stem}" for path in (ROOT / "checks/checker/kinds").glob("[!_]*.py")}
    assert kinds <= own


def test_the_package_around_the_checker_is_empty() -> None:
    source = (ROOT / "checks/__init__.py").read_text(encoding="utf-8")
    assert not [line for line in source.splitlines() if line.lstrip().startswith(("import", "from"))]


def test_the_server_survives_bad_questions() -> None:
    good = json.dumps({"formal": TRUE, "certificate": PROOF})
    # a certificate that carries another statement, text that is no question, deep nesting, and nothing at all
    smuggled = json.dumps(
        {"formal": {**TRUE, "show": ["x > 1"]}, "certificate": {**PROOF, "formal": TRUE, "show": TRUE["show"]}}
    )
    deep = json.dumps({"formal": {**TRUE, "show": ["(" * 20000]}, "certificate": PROOF})
    questions = [good, smuggled, "not json", "[]", "[" * 20000, deep, "{}", good]
    done = isolated("from checks.checker.__main__ import serve; serve()", text="\n".join(questions) + "\n")
    answers: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["accepted"] for answer in answers] == [True, *6 * [False], True]


def test_recheck_reports_wrong_and_missing_certificates(tmp_path: Path) -> None:
    def ledger(name: str, **changes: Any) -> str:
        evidence = {"part": "p", "status": "proved", "formal": TRUE, "certificate": PROOF, **changes}
        path = tmp_path / name
        path.write_text(json.dumps({"claims": [{"paper": "demo", "id": "L1", "evidence": [evidence]}]}))
        return str(path)

    code = "from checks.checker.__main__ import main; sys.exit(main(sys.argv[1:]))"
    assert isolated(code, ledger("good.json")).returncode == 0
    assert isolated(code, ledger("open.json", status="undecided", certificate=None)).returncode == 0
    for name, changes in {
        "missing.json": {"certificate": None},
        "unstated.json": {"formal": None},
        "turned.json": {"status": "refuted"},
        "other.json": {"formal": {**TRUE, "show": ["x > 1", "x > 2"]}},
    }.items():
        done = isolated(code, ledger(name, **changes))
        assert done.returncode == 1, name
        assert "demo.L1 / p" in done.stdout
