"""``gdproof check`` and ``gdproof prove``: result files, exit codes, certificates, one message for wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checks.checker.accept import check
from checks.version import __version__

HEAD = 'schema = 1\n[paper]\nkey = "demo"\n'
TRUE = 'title = "true"\ngiven = ["x > 1"]\nshow = ["x > 0"]'
FALSE = 'title = "false"\nshow = ["x**2 <= x"]'
# whether 114 is a sum of three cubes is an open problem
OPEN = 'title = "open"\nshow = ["x**3 + y**3 + z**3 != 114"]\nintegers = ["x", "y", "z"]'
EMPTY = 'given = ["x < 0", "x > 0"]\nshow = ["x == 5"]'
DEMO = """
title = "Logistic step stays below one"
where = "Lemma 2"
let = ["x1 = x*(1 + c*(1 - x))"]
given = ["0 < c <= 1", "0 < x < 1"]
show = ["x1 < 1", "x1 > x"]
sharpen = { parameter = "c", bound = "upper" }
"""
KEYS = ["id", "status", "method", "seconds", "counterexample", "certificate", "sharp", "reason"]


@pytest.fixture
def claims(tmp_path):
    """Write a claim file from pairs of id and fields."""

    def write(name: str, **entries: str) -> str:
        text = "".join(f"[[claim]]\nid = {key!r}\n{lines}\n" for key, lines in entries.items())
        (tmp_path / name).write_text(HEAD + text, encoding="utf-8")
        return name

    return write


# --- the result file -----------------------------------------------------------------------------------------------


def test_the_result_file_of_the_contract(gdproof, claims, tmp_path):
    name = claims("demo.toml", L2=DEMO, L3=FALSE, L1=OPEN, L4=EMPTY)
    answer = gdproof("check", name, "--json", "new/out.json", "--budget", "5")
    assert answer.code == 1
    raw = json.loads((tmp_path / "new" / "out.json").read_text(encoding="utf-8"))
    assert list(raw) == ["schema", "gdproof", "claims"]
    assert (raw["schema"], raw["gdproof"]) == (1, __version__)
    assert [claim["id"] for claim in raw["claims"]] == ["L2", "L3", "L1", "L4"]
    assert all(list(claim) == KEYS for claim in raw["claims"])
    logistic, square, open_, empty = raw["claims"]
    assert (logistic["status"], logistic["counterexample"], logistic["reason"]) == ("proved", None, None)
    assert logistic["seconds"] > 0
    assert logistic["sharp"]["status"] in ("exact", "bracket")
    assert set(logistic["sharp"]) == {"status", "value", "minimal_polynomial", "interval", "attained"}
    assert square["status"] == "refuted"
    assert set(square["counterexample"]) == {"x"}
    assert square["sharp"] is None
    assert (open_["status"], open_["certificate"], open_["counterexample"]) == ("undecided", None, None)
    assert open_["reason"]
    assert empty["status"] == "proved"
    assert empty["reason"].startswith("vacuous")
    assert "warning: L4 is vacuous" in answer.out


def test_a_certificate_can_be_checked_by_itself(gdproof, claims, tmp_path):
    name = claims("demo.toml", L3=FALSE, T=TRUE)
    gdproof("check", name, "--json", "out.json", "--budget", "5")
    for claim in json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["claims"]:
        path = Path(claim["certificate"])
        assert path == tmp_path / "out.json.certificates" / f"{claim['id']}.json"
        held = json.loads(path.read_text(encoding="utf-8"))
        assert set(held) == {"formal", "certificate"}
        assert check(held["formal"], held["certificate"]) == claim["status"]


def test_recheck_reads_result_files_and_folders_of_certificates(gdproof, claims, tmp_path):
    gdproof("check", claims("demo.toml", L3=FALSE, T=TRUE, U=OPEN), "--json", "out.json", "--budget", "1")
    for place in ("out.json", "out.json.certificates"):
        assert gdproof("recheck", place).code == 0
    path = tmp_path / "out.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"proved"', '"refuted"'), encoding="utf-8")
    assert gdproof("recheck", "out.json").code == 1
    held = tmp_path / "out.json.certificates" / "L3.json"
    held.write_text(held.read_text(encoding="utf-8").replace("x**2 <= x", "x**2 >= 0"), encoding="utf-8")
    assert gdproof("recheck", "out.json.certificates").code == 1
    held.write_text("{", encoding="utf-8")
    assert gdproof("recheck", "out.json.certificates").refused("no certificates")


def test_a_certificate_of_an_earlier_verdict_does_not_stay(gdproof, claims, tmp_path):
    gdproof("check", claims("a.toml", A=TRUE), "--json", "out.json", "--budget", "2")
    assert (tmp_path / "out.json.certificates" / "A.json").is_file()
    gdproof("check", claims("a.toml", A=OPEN), "--json", "out.json", "--budget", "0.5")
    assert not (tmp_path / "out.json.certificates" / "A.json").exists()


def test_ids_that_are_no_file_names_stay_in_the_folder(gdproof, claims, tmp_path):
    ids = {"../up": TRUE, "a/b c": FALSE, "long" * 90: TRUE, ".hidden": TRUE, "Lemma 2 (é)": TRUE, "%2E": FALSE}
    gdproof("check", claims("a.toml", **ids), claims("b.toml", **ids), "--json", "out.json", "--budget", "2")
    found = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["claims"]
    assert [claim["id"] for claim in found] == [*ids, *ids]
    paths = [Path(claim["certificate"]) for claim in found]
    assert len(set(paths)) == len(paths)
    assert all(path.parent == tmp_path / "out.json.certificates" and path.is_file() for path in paths)
    assert {path.name for path in tmp_path.iterdir()} == {"a.toml", "b.toml", "out.json", "out.json.certificates"}


def test_json_alone_on_standard_output(gdproof, claims, tmp_path):
    answer = gdproof("check", claims("a.toml", A=FALSE), "--json", "-", "--budget", "1")
    (claim,) = json.loads(answer.out)["claims"]
    assert claim["certificate"] is None
    assert "refuted" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.toml"]


def test_the_table_shows_status_method_and_counterexample(gdproof, claims):
    answer = gdproof("check", claims("a.toml", A=FALSE, B=OPEN, C=DEMO), "--budget", "2")
    row = next(line for line in answer.out.splitlines() if line.strip().startswith("A "))
    for word in ("false", "refuted", "exact counterexample", "x = "):
        assert word in row
    assert "B: undecided: " in answer.out
    assert "threshold for c" in answer.out.lower()


# --- exit codes ----------------------------------------------------------------------------------------------------

CODES = [
    ({"A": TRUE}, 0),
    ({"A": EMPTY}, 0),
    ({"A": TRUE, "B": OPEN}, 3),
    ({"A": TRUE, "B": OPEN, "C": FALSE}, 1),
    ({"A": FALSE, "B": TRUE}, 1),
    ({"A": FALSE, "B": 'show = ["x <"]'}, 2),
]


@pytest.mark.parametrize(("entries", "code"), CODES, ids=lambda x: str(list(x)) if isinstance(x, dict) else str(x))
def test_the_exit_code_of_check(gdproof, claims, entries, code):
    assert gdproof("check", claims("a.toml", **entries), "--budget", "0.5").code == code


def test_the_exit_code_counts_all_files(gdproof, claims):
    true, false = claims("a.toml", A=TRUE), claims("b.toml", A=FALSE)
    assert gdproof("check", true, "--budget", "1").code == 0
    assert gdproof("check", true, false, "--budget", "1").code == 1


def test_an_accepted_result_decides_the_exit_code_alone(gdproof, claims):
    name = claims("a.toml", A=TRUE, B=FALSE)
    assert gdproof("check", name, "--json", "accepted.json", "--budget", "1").code == 1
    assert gdproof("check", name, "--expect", "accepted.json", "--budget", "1").code == 0
    claims("a.toml", A=TRUE, B=TRUE)
    changed = gdproof("check", name, "--expect", "accepted.json", "--budget", "1")
    assert changed.code == 1
    assert "B: refuted -> proved" in changed.out
    claims("a.toml", A=TRUE)
    assert "B: refuted -> absent" in gdproof("check", name, "--expect", "accepted.json", "--budget", "1").out


# --- wrong usage ---------------------------------------------------------------------------------------------------


def test_wrong_usage_is_named(gdproof, claims, tmp_path):
    name = claims("a.toml", A=TRUE)
    (tmp_path / "bad.json").write_text("[1]", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    assert gdproof("check").refused("FILE.toml")
    assert gdproof("check", "missing.toml").refused("missing.toml", "cannot be read")
    assert gdproof("check", name, "missing.toml").refused("missing.toml")
    assert gdproof("check", name, "--budget", "0").refused("--budget")
    assert gdproof("check", name, "--json", "folder").refused("folder")
    assert gdproof("check", name, "--json", "a.toml/out.json").refused("a.toml", "cannot be written")
    assert gdproof("check", name, "--expect", "missing.json").refused("missing.json", "--json")
    assert gdproof("check", name, "--expect", "bad.json").refused("bad.json", "not a result file")
    (tmp_path / "broken.toml").write_text("schema = ", encoding="utf-8")
    assert gdproof("check", name, "broken.toml").refused("broken.toml", "not TOML")


def test_a_line_that_does_not_parse_is_one_message(gdproof, claims):
    name = claims("a.toml", A=TRUE, L7='show = ["x ^ 2 >= 0"]')
    assert gdproof("check", name).refused("a.toml: claim 'L7': show line 1 'x ^ 2 >= 0': column 3: ", "write **")


# --- prove ---------------------------------------------------------------------------------------------------------

PROVE = [
    (["0 < x < 1; 0 < c <= 1", "x*(1 + c*(1 - x)) < 1; x > 0"], 0, ["Proved", "⟹", "0 < x < 1"]),
    (["", "x**2 + 1 >= 2*x"], 0, ["Proved", "x² + 1 ≥ 2x"]),
    (["", "-x**2 >= 0"], 1, ["Refuted", "Counterexample", "x = "]),
    (["", "-h**2 >= 0"], 1, ["Refuted"]),
    (["n > 0", "m**2 != 2*n**2", "--integers", "m", "--integers", "n", "--budget", "9"], 0, ["infinite descent"]),
    (["", "x**3 + y**3 + z**3 != 114", "--integers", "x,y,z"], 3, ["Undecided"]),
    (["x < 0; x > 0", "x == 5"], 0, ["Proved", "warning: no point satisfies the hypotheses"]),
    (["", "0.1 + 0.2 == 0.3"], 0, ["Proved"]),
    (["x >= 0", "a <= x**2 - x", "--exists", "a"], 0, ["Proved"]),
    (["", "x < a", "--exists", "a"], 1, ["Refuted", "Whatever a is"]),
    (["x > 1", "y > x", "--let", "z = x + 1", "--let", "y = z + 1"], 0, ["Proved"]),
    (["0 < c <= 1; 0 < x < 1", "x*(1 + c*(1 - x)) < 1", "--sharpen", "c:upper"], 0, ["Sharp constant", "1"]),
    (["0 < c <= 1; 0 < x < 1", "x*(1 + c*(1 - x)) < 1", "--sharpen", "c"], 0, ["Sharp constant", "1"]),
]


@pytest.mark.parametrize(("arguments", "code", "words"), PROVE, ids=lambda x: str(x)[:40])
def test_prove(gdproof, arguments, code, words):
    answer = gdproof("prove", "--budget", "1", *arguments)
    assert answer.code == code
    for word in words:
        assert word in answer.out
    assert "ledger" not in answer.out


def test_prove_has_the_result_file_of_check(gdproof, tmp_path):
    answer = gdproof("prove", "x > 1", "x > 0", "--json", "-")
    (claim,) = json.loads(answer.out)["claims"]
    assert list(claim) == KEYS
    assert claim["status"] == "proved"
    gdproof("prove", "x > 1", "x > 0", "--json", "out.json")
    (claim,) = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["claims"]
    assert Path(claim["certificate"]).is_file()


WRONG = [
    ([], ["GIVEN"]),
    (["x > 0"], ["SHOW"]),
    (["x > 0", ""], ["SHOW", "for example"]),
    (["x >", "x > 0"], ["given line 1 'x >'", "column 4"]),
    (["", "x > 0; y ^ 2 > 0"], ["show line 2 'y ^ 2 > 0'", "column 3", "write **"]),
    (["", "x > 0", "--integers", "n"], ["'n' occurs in no line", "x"]),
    (["", "x > 0", "--jsn", "-"], ["--jsn", "--json"]),
    (["", "x > 0", "--budget", "0"], ["--budget"]),
    (["", "x > 0", "--exists", "y"], ["'y' occurs in no line", "x"]),
    (["", "x > 0", "--let", "y"], ["let line 1", "y"]),
    (["", "x > 0", "--sharpen", "c:upper"], ["sharpen", "'c'"]),
    (["", "x > c", "--sharpen", "c:sideways"], ["sideways", "upper", "lower"]),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda x: str(x)[:40])
def test_wrong_usage_of_prove_is_named(gdproof, arguments, words):
    assert gdproof("prove", *arguments).refused(*words)


@pytest.mark.parametrize("name", ["check", "prove", "recheck"])
def test_help_has_examples(gdproof, name):
    answer = gdproof(name, "--help")
    assert answer.code == 0
    assert f"gdproof {name} " in answer.out.split("Examples:")[1]
