"""The command line: exit codes, one message without a traceback, JSON alone on standard output, help with examples.

`gdproof.main` runs in this process, arguments and exit code as in a shell; a few tests start a real one.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest

from checks import cli, session
from checks.cli import group
from checks.verdict import Evidence, Status, Verdict

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = group.list_commands(click.Context(group))


# --- wrong usage ---------------------------------------------------------------------------------------------------

WRONG = [
    (["verify", "gosh2023"], ["'gosh2023'", "ghosh2023"]),
    (["verify", "ghosh2023.L141"], ["'ghosh2023.L141'", "ghosh2023.L14"]),
    (["explain", "ghosh2023.l20"], ["ghosh2023.L20"]),
    (["list", "nothing"], ["'nothing'", "ghosh2023"]),
    (["appendix", "gosh2023"], ["'gosh2023'", "ghosh2023"]),
    (["verfy"], ["'verfy'", "verify"]),
    (["simulat", "autoencoder"], ["'simulat'", "simulate"]),
    (["verify", "ghosh2023.L20", "--level", "slow"], ["slow", "quick", "full"]),
    (["verify", "ghosh2023.L20", "--jobs", "0"], ["--jobs"]),
    (["verify", "ghosh2023.L20", "--budget", "0"], ["--budget"]),
    (["verify", "ghosh2023.L20", "--seed", "-1"], ["--seed"]),
    (["verify", "ghosh2023.L20", "--expect", "missing.json"], ["missing.json"]),
    (["verify", "ghosh2023.L20", "--bogus"], ["--bogus"]),
    (["diff", "missing.json", "other.json"], ["missing.json", "gdproof verify"]),
    (["diff", "only-one.json"], ["NEW"]),
    (["explain"], ["KEY.ID"]),
    (["recheck", "missing"], ["missing"]),
    (["repl", "-e", "a.update("], ["SyntaxError"]),
    (["repl", "-e", "nothing_of_that_name"], ["NameError"]),
    (["simulate", "perceptron"], ["perceptron", "autoencoder"]),
]
SIMULATE = [
    (["--set", "eta=0"], ["eta", "positive"]),
    (["--set", "eta=-1/5"], ["eta", "positive"]),
    (["--set", "eta=fast"], ["eta=fast"]),
    (["--set", "eta=1/0"], ["eta=1/0"]),
    (["--set", "eta"], ["NAME=VALUE"]),
    (["--set", "=3"], ["NAME=VALUE"]),
    (["--set", "zeta=1"], ["zeta"]),
    (["--set", "m=2.5"], ["m=2.5", "integer"]),
    (["--set", "m=0"], ["m"]),
    (["--set", "m=8", "--set", "n=4"], ["8", "4", "m <= n"]),
    (["--algorithm", "sgd", "--set", "b=9"], ["b", "9", "8"]),
    (["--algorithm", "sgd", "--set", "b=0"], ["b", "0"]),
    (["--algorithm", "adam"], ["adam", "sgd"]),
    (["--init", "missing.npy"], ["missing.npy"]),
    (["--init", "gaussian:wide"], ["gaussian:wide"]),
    (["--init", "gaussian:-1"], ["gaussian:-1"]),
    (["--init", "gaussian:nan"], ["gaussian:nan"]),
    (["--replicas", "0"], ["replicas", "0"]),
    (["--steps", "-1"], ["steps", "-1"]),
    (["--seed", "-1"], ["seed", "-1"]),
    (["--record", "bogus"], ["bogus", "norm"]),
    (["--backend", "abacus"], ["abacus", "numpy"]),
]


@pytest.mark.parametrize(("arguments", "words"), WRONG, ids=lambda x: " ".join(x))
def test_wrong_usage_is_named(gdproof, arguments, words):
    assert gdproof(*arguments).refused(*words)


@pytest.mark.parametrize(("arguments", "words"), SIMULATE, ids=lambda x: " ".join(x))
def test_a_simulation_without_a_meaning_is_named(gdproof, arguments, words):
    assert gdproof("simulate", "autoencoder", "--backend", "numpy", *arguments).refused(*words)


STARTS = {
    "nan.npy": np.array([0.5, np.nan]),
    "inf.npy": np.array([0.5, np.inf]),
    "shape.npy": np.zeros((2, 2, 2)),
    "short.npy": np.zeros(1),
    "words.npy": np.array(["a", "b"]),
    "complex.npy": np.array([1j, 2j]),
    "empty.npy": np.zeros(0),
}


@pytest.mark.parametrize("name", STARTS)
def test_a_start_that_is_no_state_is_named(gdproof, tmp_path, name):
    np.save(tmp_path / name, STARTS[name])
    assert gdproof(
        "simulate", "autoencoder", "--backend", "numpy", "--set", "m=2", "--replicas", "3", "--init", name
    ).refused()


def test_a_start_that_is_no_array_file_is_named(gdproof, tmp_path):
    (tmp_path / "text.npy").write_text("0.1, 0.2", encoding="utf-8")
    assert gdproof("simulate", "autoencoder", "--backend", "numpy", "--init", "text.npy").refused("text.npy")
    np.save(tmp_path / "pickle.npy", np.array([{}]), allow_pickle=True)
    assert gdproof("simulate", "autoencoder", "--backend", "numpy", "--init", "pickle.npy").refused("pickle.npy")


def test_a_shell_sees_the_exit_code_and_one_message(shell, tmp_path):
    ended = shell("verify", "gosh2023", cwd=tmp_path)
    assert ended.refused("ghosh2023")
    assert list(tmp_path.iterdir()) == []


# --- exit codes of verify ------------------------------------------------------------------------------------------


@pytest.fixture
def judged(monkeypatch):
    """Replace the judge by a table of statuses."""

    def install(table: dict[str, Status]) -> None:
        def judge(entry, settings):
            paper, claim = entry.paper, entry.id
            point = {"x": "0"} if table[claim] is Status.REFUTED else None
            found = Evidence("part", table[claim], "none", "x", counterexample=point)
            reason = "why not" if table[claim] is Status.UNDECIDED else None
            return Verdict(
                paper, claim, claim, "", "", table[claim], "", "none", 0.0, "", (found,), (), point, None, reason
            )

        monkeypatch.setattr(session, "_judge_entry", judge)

    return install


CODES = [
    ({"L14": Status.PROVED, "L20": Status.PROVED_FOR, "L18": Status.SUPPORTED}, 0),
    ({"L14": Status.PROVED, "L20": Status.UNDECIDED}, 3),
    ({"L14": Status.PROVED, "L20": Status.REFUTED}, 1),
    ({"L14": Status.REFUTED_STATISTICALLY, "L20": Status.PROVED}, 1),
    ({"L14": Status.UNDECIDED, "L20": Status.REFUTED}, 1),
    ({"L14": Status.REFUTED, "L20": Status.UNDECIDED}, 1),
    ({"L14": Status.UNDECIDED, "L20": Status.SUPPORTED}, 3),
]


@pytest.mark.parametrize(("table", "code"), CODES)
def test_the_exit_code_of_verify(gdproof, judged, tmp_path, table, code):
    judged(table)
    answer = gdproof("verify", *(f"ghosh2023.{claim}" for claim in table), "--jobs", "1")
    assert answer.code == code
    ledger = json.loads((tmp_path / "report" / "ledger.json").read_text(encoding="utf-8"))
    assert {c["id"]: c["status"] for c in ledger["claims"]} == {c: s.value for c, s in table.items()}
    assert (tmp_path / "report" / "index.html").is_file()
    assert (tmp_path / "report" / "junit.xml").is_file()


def test_an_accepted_ledger_decides_the_exit_code_alone(gdproof, judged, tmp_path):
    names = ["ghosh2023.L14", "ghosh2023.L20"]
    judged({"L14": Status.PROVED, "L20": Status.REFUTED})
    gdproof("verify", *names, "--jobs", "1", "--json", "accepted.json")
    # the same statuses: 0 although a claim is refuted
    assert gdproof("verify", *names, "--jobs", "1", "--expect", "accepted.json").code == 0
    judged({"L14": Status.PROVED, "L20": Status.PROVED})
    changed = gdproof("verify", *names, "--jobs", "1", "--out", "other", "--expect", "accepted.json")
    assert changed.code == 1
    assert "ghosh2023.L20: refuted -> proved" in changed.out


def test_json_alone_on_standard_output(gdproof, judged):
    judged({"L14": Status.PROVED, "L20": Status.REFUTED})
    answer = gdproof("verify", "ghosh2023.L14", "ghosh2023.L20", "--jobs", "1", "--json", "-")
    assert answer.code == 1
    ledger = json.loads(answer.out)
    assert [c["id"] for c in ledger["claims"]] == ["L14", "L20"]
    keys = {"paper", "id", "title", "where", "kind", "status", "scope", "method", "seconds", "counterexample"}
    assert keys | {"repair", "sharp", "evidence", "depends_on"} <= set(ledger["claims"][0])


def test_a_damaged_store_is_left_alone(gdproof, judged, tmp_path):
    judged({"L20": Status.PROVED})
    path = tmp_path / "report" / "store.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"damaged" * 1000)
    for command in ("verify", "explain"):
        assert gdproof(command, "ghosh2023.L20").refused("store.sqlite")
    assert path.read_bytes() == b"damaged" * 1000


def test_a_run_that_is_interrupted_says_where_its_verdicts_are(gdproof, monkeypatch):
    def stop(entry, settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(session, "_judge_entry", stop)
    answer = gdproof("verify", "ghosh2023.L20", "--jobs", "1")
    assert answer.code == 130
    assert "store" in answer.err
    assert "Traceback" not in answer.err


# --- a real claim from end to end ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def report(shell, tmp_path_factory):
    """Judge one claim of each kind of exit code, in real processes, and keep the folder."""
    folder = tmp_path_factory.mktemp("real")
    return folder, shell(
        "verify", "ghosh2023.L20", "ghosh2023.L17", "--jobs", "1", "--budget", "5", "--json", "-", cwd=folder
    )


def test_a_real_run_prints_json_only_and_exits_with_its_verdicts(report):
    _, ended = report
    ledger = json.loads(ended.out)
    assert {c["id"]: c["status"] for c in ledger["claims"]} == {"L20": "proved", "L17": "refuted"}
    assert ended.code == 1
    assert "Traceback" not in ended.err
    (refuted,) = [c for c in ledger["claims"] if c["id"] == "L17"]
    assert refuted["counterexample"]
    assert refuted["repair"]


def test_recheck_accepts_what_was_written(shell, report):
    folder, _ = report
    ended = shell("recheck", "report", cwd=folder)
    assert ended.code == 0, ended.out
    assert "certificates accepted" in ended.out


def tamper_status(ledger: dict) -> None:
    for evidence in ledger["claims"][0]["evidence"]:
        evidence["status"] = "refuted"


def tamper_statement(ledger: dict) -> None:
    evidence = ledger["claims"][0]["evidence"][0]
    evidence["formal"]["given"] = ["0 < lam <= 2" if "lam" in g else g for g in evidence["formal"]["given"]]


def tamper_point(ledger: dict) -> None:
    evidence = next(e for e in ledger["claims"][1]["evidence"] if e["status"] == "refuted")
    certificate = evidence["certificate"]
    certificate["values"] = {**certificate["values"], "eta": "-1"}


@pytest.mark.parametrize("tamper", [tamper_status, tamper_statement, tamper_point], ids=lambda f: f.__name__)
def test_recheck_reports_a_tampered_ledger(shell, report, tmp_path, tamper):
    folder, _ = report
    ledger = json.loads((folder / "report" / "ledger.json").read_text(encoding="utf-8"))
    tamper(ledger)
    (tmp_path / "ledger.json").write_text(json.dumps(ledger), encoding="utf-8")
    ended = shell("recheck", ".", cwd=tmp_path)
    assert ended.code == 1
    assert "ledger says" in ended.out
    assert "Traceback" not in ended.err


@pytest.mark.parametrize("text", ["{ half a ledg", "[]", '{"schema": 1}'])
def test_recheck_of_a_file_that_is_no_ledger_is_wrong_usage(shell, tmp_path, text):
    (tmp_path / "ledger.json").write_text(text, encoding="utf-8")
    ended = shell("recheck", ".", cwd=tmp_path)
    assert "Traceback" not in ended.err
    assert ended.code == 2


def test_recheck_of_a_folder_without_a_ledger_says_what_would_work(gdproof, tmp_path):
    assert gdproof("recheck", str(tmp_path)).refused("gdproof verify")


def test_explain_shows_statement_evidence_and_verdict(gdproof, judged):
    judged({"L20": Status.REFUTED})
    answer = gdproof("explain", "ghosh2023.L20")
    assert answer.code == 0
    assert "ghosh2023.L20" in answer.out
    assert "Refuted" in answer.out
    (verdict,) = json.loads(gdproof("explain", "ghosh2023.L20", "--json").out)
    assert verdict["status"] == "refuted"


def test_diff_says_which_verdicts_changed(gdproof, judged):
    for name, status in (("old", Status.UNDECIDED), ("new", Status.PROVED)):
        judged({"L14": Status.PROVED, "L20": status})
        gdproof("verify", "ghosh2023.L14", "ghosh2023.L20", "--jobs", "1", "--out", name)
    same = gdproof("diff", "old/ledger.json", "old/ledger.json")
    assert (same.code, same.out) == (0, "0 changed\n")
    changed = gdproof("diff", "old/ledger.json", "new/ledger.json")
    assert changed.code == 1
    assert changed.out == "ghosh2023.L20: undecided -> proved\n1 changed\n"
    as_json = gdproof("diff", "old/ledger.json", "new/ledger.json", "--json")
    assert json.loads(as_json.out) == ["ghosh2023.L20: undecided -> proved"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema": 1}',
        '{"schema": 2, "suite": {}, "claims": []}',
        '{"schema": 1, "suite": {}, "claims": [{}]}',
        "\x00",
    ],
)
def test_diff_of_a_file_that_is_no_ledger_is_wrong_usage(gdproof, tmp_path, text):
    (tmp_path / "odd.json").write_text(text, encoding="utf-8")
    assert gdproof("diff", "odd.json", "odd.json").refused("odd.json")


def test_list(gdproof):
    papers = json.loads(gdproof("list", "--json").out)
    assert "ghosh2023" in [p["key"] for p in papers]
    claims = json.loads(gdproof("list", "ghosh2023", "--json").out)
    assert len(claims) == next(p["claims"] for p in papers if p["key"] == "ghosh2023")
    text = gdproof("list", "ghosh2023").out.splitlines()
    assert [line.split()[0] for line in text] == [c["id"] for c in claims]


# --- simulate and the prompt ---------------------------------------------------------------------------------------

FEW = ["simulate", "autoencoder", "--backend", "numpy", "--set", "m=3", "--replicas", "4", "--steps", "5"]


def test_simulate_prints_json_only(gdproof):
    answer = gdproof(*FEW, "--json", "-")
    assert answer.code == 0
    result = json.loads(answer.out)
    expected = {"model": "autoencoder", "algorithm": "gd", "replicas": 4, "steps": 5, "seed": 0, "backend": "numpy"}
    assert {k: result[k] for k in expected} == expected
    keys = {"parameters", "device", "compile_seconds", "wall_seconds", "throughput", "state_digest", "summary"}
    assert keys <= set(result)
    assert len(result["state_digest"]) == 64
    assert json.loads(gdproof(*FEW, "--json", "-").out)["state_digest"] == result["state_digest"]
    assert json.loads(gdproof(*FEW, "--seed", "1", "--json", "-").out)["state_digest"] != result["state_digest"]


def test_a_step_size_is_read_the_same_as_a_fraction_and_as_a_decimal(gdproof):
    digests = {
        json.loads(gdproof(*FEW, "--set", f"eta={eta}", "--json", "-").out)["state_digest"]
        for eta in ("1/5", "0.2", "2e-1")
    }
    assert len(digests) == 1


def test_simulate_starts_from_a_file_and_keeps_checkpoints(gdproof, tmp_path):
    start = np.array([0.5, 0.25, -0.125])
    np.save(tmp_path / "start.npy", start)
    answer = gdproof(*FEW, "--init", "start.npy", "--save", "run.npz", "--json", "result.json")
    assert answer.code == 0
    assert "state digest" in answer.out
    assert json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))["replicas"] == 4
    with np.load(tmp_path / "run.npz") as kept:
        held = [a for a in kept.values() if a.ndim == 3 and a.shape[1:] == (4, 3)]
        assert len(held) == 1
        assert (held[0][0] == start).all()


def test_one_line_at_the_prompt(gdproof):
    assert gdproof("repl", "-e", "1 + 1").out == "2\n"
    answer = gdproof("repl", "-e", "Autoencoder().update()")
    assert answer.code == 0
    assert "c'_k (k in batch)" in answer.out
    assert gdproof("repl", "-e", "None").out == ""


def test_the_banner_of_the_prompt_promises_what_works(gdproof):
    from checks.cli.repl import BANNER

    promised = [
        line.split("  ")[0] for line in BANNER.replace("  a.", "\n  a.").splitlines() for line in [line.strip()]
    ]
    calls = [line for line in promised if line.startswith("a.")]
    assert len(calls) >= 5
    for call in calls:
        assert gdproof("repl", "-e", call.replace("a.", "Autoencoder().", 1)).code == 0, call


# --- help ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_help_has_an_example(gdproof, command, flag):
    answer = gdproof(*([command] if command else []), flag)
    assert answer.code == 0
    assert "Example" in answer.out
    assert f"gdproof {command}".strip() in answer.out.partition("Example")[2]


def test_version(gdproof):
    from checks.version import __version__

    answer = gdproof("--version")
    assert answer.code == 0
    assert __version__ in answer.out


def test_the_exit_codes_are_those_of_the_contract():
    assert (cli.FINE, cli.REFUTED, cli.USAGE, cli.UNDECIDED) == (0, 1, 2, 3)
