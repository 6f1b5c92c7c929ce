"""``gdproof verify FILE.py``: a user's own claims."""

import json
import os
import subprocess
import sys

import pytest

OWN = '''
from checks.claim import forall, statement, states


@states("mine", "A1")
def logistic():
    """The logistic step stays below one."""
    given = ["0 < c <= 1", "0 < x < 1"]
    return statement(forall("below one", ["x1 < 1", "x1 > x"], let=["x1 = x*(1 + c*(1 - x))"], given=given))


@states("mine", "A2")
def wrong():
    """Squares are below the number."""
    return statement(forall("square", "x**2 <= x", given=["0 <= x <= 2"]))
'''


def gdproof(folder, *arguments):
    code = "import sys; from checks.cli import main; sys.argv[0] = 'gdproof'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_own_claims_are_judged(tmp_path, jobs):
    (tmp_path / "mine.py").write_text(OWN, encoding="utf-8")
    done = gdproof(tmp_path, "verify", "mine.py", "--jobs", jobs)
    assert done.returncode == 1, done.stderr
    ledger = json.loads((tmp_path / "report" / "ledger.json").read_text(encoding="utf-8"))
    assert {c["id"]: c["status"] for c in ledger["claims"]} == {"A1": "proved", "A2": "refuted"}
    assert {c["title"] for c in ledger["claims"]} == {
        "The logistic step stays below one",
        "Squares are below the number",
    }


@pytest.mark.parametrize("text", ["", "1/0", "from checks.claim import nothing_of_that_name", None])
def test_files_without_claims_are_wrong_usage(tmp_path, text):
    if text is not None:
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    done = gdproof(tmp_path, "verify", "mine.py")
    assert done.returncode == 2
    assert "mine.py" in done.stderr
    assert "Traceback" not in done.stderr
