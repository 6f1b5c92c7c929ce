"""The store: survives kill -9, refuses what is damaged, never deletes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from numerics.errors import StoreError
from numerics.store import Store, canonical, key_of

WRITER = """
import sys
from numerics.store import Store, key_of
with Store(sys.argv[1]) as store:
    for i in range(10**9):
        store.put(key_of({"i": i}), {"square": i * i, "filler": "x" * 5000})
        print(i, flush=True)
"""


def test_points_come_back_in_another_process_lifetime(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "store.sqlite"
    key = key_of({"claim": "demo.L1", "eta": 0.1})
    with Store(path) as store:
        assert store.get(key) is None
        store.put(key, {"mean": 0.1, "list": [1, None, "é"]})
    with Store(path) as store:
        assert store.get(key) == {"mean": 0.1, "list": [1, None, "é"]}
        assert store.keys() == [key]


def test_the_key_is_a_function_of_the_content() -> None:
    assert canonical({"b": 1, "a": [1.5, None]}) == '{"a":[1.5,null],"b":1}'
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of({"a": 1}) != key_of({"a": 1.0})
    for bad in (float("nan"), {"x": object()}, {1, 2}):
        with pytest.raises(StoreError, match="no canonical JSON"):
            canonical(bad)


def test_a_key_has_one_result(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        store.put("k", {"a": 1})
        store.put("k", {"a": 1})
        with pytest.raises(StoreError, match="already holds another result"):
            store.put("k", {"a": 2})
        assert store.get("k") == {"a": 1}


def test_kill_loses_at_most_the_point_in_flight(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as writer:
        assert writer.stdout is not None
        acknowledged = -1
        for line in writer.stdout:
            acknowledged = int(line)
            if acknowledged >= 20:
                os.kill(writer.pid, signal.SIGKILL)
                break
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout if line.strip())])
    with Store(path) as store:
        for i in range(acknowledged + 1):
            assert store.get(key_of({"i": i}))["square"] == i * i
        assert len(store.keys()) in (acknowledged + 1, acknowledged + 2)


def test_two_writers_share_a_store(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as one, Store(tmp_path / "s") as two:
        one.put("a", 1)
        two.put("b", 2)
        assert one.get("b") == 2
        assert two.get("a") == 1


def filled(path: Path) -> bytes:
    """Write a store of many points and return the bytes of its file."""
    with Store(path) as store:
        for i in range(200):
            store.put(key_of({"i": i}), {"value": str(i) * 50})
    return path.read_bytes()


def read_all(path: Path) -> None:
    """Read every point of such a store."""
    with Store(path) as store:
        for i in range(200):
            store.get(key_of({"i": i}))


@pytest.mark.parametrize("damage", ["header", "middle", "truncated", "text"])
def test_a_damaged_file_is_named_and_left_alone(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "store.sqlite"
    whole = filled(path)
    broken = {
        "header": b"\0" * 100 + whole[100:],
        "middle": whole[:4096] + b"\xff" * (len(whole) - 4096),
        "truncated": whole[: len(whole) // 2],
        "text": b"these are not the results you are looking for" * 50,
    }[damage]
    path.write_bytes(broken)
    with pytest.raises(StoreError, match=r"store\.sqlite.*move the file away"):
        read_all(path)
    assert path.read_bytes() == broken


def test_a_changed_payload_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with Store(path) as store:
        store.put("k", {"verdict": "refuted"})
    connection = sqlite3.connect(path)
    connection.execute("UPDATE points SET payload = replace(payload, 'refuted', 'proved')")
    connection.commit()
    connection.close()
    with Store(path) as store, pytest.raises(StoreError, match="checksum"):
        store.get("k")


def test_files_of_others_are_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.commit()
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store(path)
    assert path.read_bytes() == before


def test_a_newer_format_is_not_read(tmp_path: Path) -> None:
    Store(tmp_path / "s").close()
    connection = sqlite3.connect(tmp_path / "s")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="format 99"):
        Store(tmp_path / "s")


def test_a_folder_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot open"):
        Store(tmp_path)


def test_many_points_are_written_together_or_not_at_all(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store:
        store.put_many((str(i), {"square": i * i}) for i in range(5))
        assert store.keys() == ["0", "1", "2", "3", "4"]
        with pytest.raises(StoreError, match="already holds another result for point 3"):
            store.put_many([("7", 1), ("3", "something else"), ("8", 1)])
        assert "7" not in store
        assert "3" in store
        store.put_many([("3", "replaced")], replace=True)
        assert store.get("3") == "replaced"


def test_one_point_cannot_have_two_results_in_one_transaction(tmp_path: Path) -> None:
    with Store(tmp_path / "s") as store, pytest.raises(StoreError, match="another result"):
        store.put_many([("k", 1), ("k", 2)])
