"""Runs of the suite: what was judged is kept, served again, and never silently replaced or repaired."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from checks import session
from checks.suite import Entry, Settings, select
from checks.verdict import Ledger, Status, Verdict
from numerics import NumericsError
from numerics.store import Store, StoreError

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["ghosh2023.L14", "ghosh2023.S14c", "ghosh2023.L20", "ghosh2023.S15b"]
SETTINGS = Settings(seconds=5.0)


def verdict_of(entry: Entry, settings: Settings) -> Verdict:
    """Judge nothing: return a verdict that depends on the name and the seed only."""
    paper, claim = entry.paper, entry.id
    return Verdict(paper, claim, claim, "", "", Status.PROVED, f"seed {settings.seed}", "none", 1.5, "", (), ())


class Judge:
    """Counts what is judged; raises before claim number ``fail_at``."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.seen: list[str] = []
        self.fail_at = fail_at

    def __call__(self, entry: Entry, settings: Settings) -> Verdict:
        if len(self.seen) == self.fail_at:
            raise RuntimeError("stopped for a test")
        self.seen.append(entry.id)
        return verdict_of(entry, settings)


@pytest.fixture
def judge(monkeypatch):
    def install(fail_at: int | None = None) -> Judge:
        made = Judge(fail_at)
        monkeypatch.setattr(session, "_judge_entry", made)
        return made

    return install


def timeless(ledger: Ledger) -> list[dict]:
    return [replace(v, seconds=0.0).as_json() for v in ledger.verdicts]


def test_a_second_run_is_served_from_the_store(tmp_path, judge):
    chosen, store = select(NAMES), tmp_path / "new" / "store.sqlite"
    counting, shown = judge(), []
    first = session.run(chosen, SETTINGS, store, jobs=1, report=shown.append)
    assert counting.seen == [n.partition(".")[2] for n in NAMES] == [v.id for v in shown]
    second = session.run(chosen, SETTINGS, store, jobs=1, report=shown.append)
    assert len(counting.seen) == len(NAMES)
    assert len(shown) == 2 * len(NAMES)
    # the stored seconds too: a verdict is served as it was found
    assert second.as_json() == first.as_json()


@pytest.mark.parametrize("other", [{"seed": 1}, {"level": "full"}, {"seconds": 6.0}, {"backend": "numpy"}])
def test_other_settings_are_other_points(tmp_path, judge, other):
    counting = judge()
    session.run(select(NAMES[:1]), SETTINGS, tmp_path / "s", jobs=1)
    session.run(select(NAMES[:1]), replace(SETTINGS, **other), tmp_path / "s", jobs=1)
    assert len(counting.seen) == 2


def test_changed_code_is_another_point(tmp_path, judge, monkeypatch):
    counting = judge()
    session.run(select(NAMES[:1]), SETTINGS, tmp_path / "s", jobs=1)
    monkeypatch.setattr(session, "code_digest", lambda: "0" * 64)
    session.run(select(NAMES[:1]), SETTINGS, tmp_path / "s", jobs=1)
    assert len(counting.seen) == 2


@pytest.mark.parametrize("done", range(len(NAMES)))
def test_a_run_that_fails_keeps_what_it_judged(tmp_path, judge, done):
    chosen, store = select(NAMES), tmp_path / "s"
    judge(fail_at=done)
    with pytest.raises(RuntimeError, match="stopped for a test"):
        session.run(chosen, SETTINGS, store, jobs=1)
    with Store(store) as held:
        assert len(held.keys()) == done
    counting = judge()
    ledger = session.run(chosen, SETTINGS, store, jobs=1)
    assert len(counting.seen) == len(NAMES) - done
    # byte for byte what an uninterrupted run gives
    assert ledger.as_json() == session.run(chosen, SETTINGS, tmp_path / "other", jobs=1).as_json()


KILLED = """
import sys, time
from pathlib import Path
from checks import session
from checks.suite import Settings, select
from checks.verdict import Status, Verdict

def judge(entry, settings, seen=[]):
    paper, claim = entry.paper, entry.id
    if len(seen) == 2:
        print("judged two", flush=True)
        time.sleep(600)
    seen.append(claim)
    return Verdict(paper, claim, claim, "", "", Status.PROVED, f"seed {settings.seed}", "none", 1.5, "", (), ())

session._judge_entry = judge
session.run(select(sys.argv[2:]), Settings(seconds=5.0), Path(sys.argv[1]), jobs=1)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_run_that_is_killed_keeps_what_it_judged(tmp_path, judge):
    store = tmp_path / "s"
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store), *NAMES], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "judged two\n"
        os.kill(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    counting = judge()
    ledger = session.run(select(NAMES), SETTINGS, store, jobs=1)
    assert counting.seen == [n.partition(".")[2] for n in NAMES[2:]]
    assert [v.id for v in ledger.verdicts] == [n.partition(".")[2] for n in NAMES]


def test_a_fresh_run_judges_again_what_the_store_has(tmp_path, monkeypatch):
    chosen, seconds = select(NAMES[:2]), iter(range(1, 9))
    monkeypatch.setattr(session, "_judge_entry", lambda e, s: replace(verdict_of(e, s), seconds=float(next(seconds))))
    session.run(chosen, SETTINGS, tmp_path / "s", jobs=1)
    again = session.run(chosen, SETTINGS, tmp_path / "s", jobs=1, fresh=True)
    assert [v.seconds for v in again.verdicts] == [3.0, 4.0]


def test_the_order_of_the_ledger_is_that_of_the_choice(tmp_path, judge):
    judge()
    session.run(select(NAMES[2:]), SETTINGS, tmp_path / "s", jobs=1)
    ledger = session.run(select(NAMES), SETTINGS, tmp_path / "s", jobs=1)
    assert [v.key for v in ledger.verdicts] == NAMES


def test_one_and_two_processes_give_the_same_ledger(tmp_path):
    chosen = select(NAMES)
    one = session.run(chosen, SETTINGS, tmp_path / "one", jobs=1)
    two = session.run(chosen, SETTINGS, tmp_path / "two", jobs=2)
    assert timeless(one) == timeless(two)
    assert all(v.status is Status.PROVED for v in one.verdicts)


# --- damaged stores ------------------------------------------------------------------------------------------------


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database, and long enough to be mistaken for one " * 40)


def foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (x)")
    connection.commit()
    connection.close()


def other_schema(path: Path) -> None:
    Store(path).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()


def overwritten(path: Path) -> None:
    with Store(path) as store:
        store.put("k" * 64, {"x": 1})
    raw = bytearray(path.read_bytes())
    raw[100:] = b"\xff" * (len(raw) - 100)
    path.write_bytes(bytes(raw))


@pytest.mark.parametrize("damage", [garbage, foreign, other_schema, overwritten], ids=lambda f: f.__name__)
def test_a_store_that_cannot_be_used_is_named_and_left_alone(tmp_path, judge, damage):
    path = tmp_path / "store.sqlite"
    damage(path)
    before = path.read_bytes()
    counting = judge()
    with pytest.raises(NumericsError, match=r"store\.sqlite") as error:
        session.run(select(NAMES[:1]), SETTINGS, path, jobs=1)
    assert isinstance(error.value, StoreError)
    assert counting.seen == []
    assert path.read_bytes() == before


def test_a_payload_that_does_not_match_its_checksum_is_not_served(tmp_path, judge):
    path, counting = tmp_path / "store.sqlite", judge()
    session.run(select(NAMES[:1]), SETTINGS, path, jobs=1)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE points SET payload = replace(payload, 'proved', 'refuted')")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="checksum"):
        session.run(select(NAMES[:1]), SETTINGS, path, jobs=1)
    assert len(counting.seen) == 1


def test_a_folder_in_place_of_the_store_is_named(tmp_path, judge):
    judge()
    with pytest.raises(StoreError, match=str(tmp_path)):
        session.run(select(NAMES[:1]), SETTINGS, tmp_path, jobs=1)


def test_the_digest_of_the_code_covers_what_a_verdict_depends_on(tmp_path, monkeypatch):
    def written(name: str, text: str) -> str:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return session.code_digest.__wrapped__()

    monkeypatch.setattr(session, "__file__", str(tmp_path / "checks" / "session.py"))
    first = written("checks/engine/method.py", "a = 1")
    assert written("checks/engine/method.py", "a = 2") != first
    again = written("checks/engine/method.py", "a = 1")
    assert again == first
    assert written("checks/papers/demo/claims.toml", "x = 1") != first
    assert written("theory/model.py", "") != written("theory/model.py", " ")
    # reports, the command line and compiled files do not decide a verdict
    settled = session.code_digest.__wrapped__()
    for name in (
        "checks/report/page.py",
        "checks/cli/verify.py",
        "checks/__pycache__/x.py",
        "tests/test_x.py",
        "checks/notes.md",
    ):
        assert written(name, "changed") == settled


def test_a_cluster_gives_the_ledger_of_this_machine(tmp_path):
    """Two workers of a real scheduler; the store is written here."""
    distributed = pytest.importorskip("distributed", reason="the optional extra 'cluster' is not installed")
    chosen = select(NAMES[:2])
    here = session.run(chosen, SETTINGS, tmp_path / "here", jobs=1)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs="CRITICAL"
    ) as cluster:
        there = session.run(chosen, SETTINGS, tmp_path / "there", scheduler=cluster.scheduler_address)
    assert timeless(there) == timeless(here)
    with Store(tmp_path / "there") as store:
        assert len(store.keys()) == 2
