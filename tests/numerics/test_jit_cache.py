"""The compile cache: keyed by all that decides machine code, reused by a second process, and never in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from numerics.targets import jit_cache

PROGRAM = """
import json, sys
from numerics import simulate
from numerics.targets import jit_cache
from theory.derive import update_map
run = simulate(update_map("linear"), m=5, n=7, eta=0.2, algorithm="sgd", replicas=9, steps=9, record=())
(compiled,) = jit_cache._loaded.values()
hits = sum(compiled.stats.cache_hits.values())
print(json.dumps([run.state_digest, hits]))
"""


def outcome(folder: str) -> list[object]:
    """Run the program in a fresh process."""
    environment = {**os.environ, "GDPROOF_CACHE": folder}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    answer: list[object] = json.loads(done.stdout)
    return answer


def test_a_second_process_reuses_the_machine_code(tmp_path: Path) -> None:
    first, second, off = outcome(str(tmp_path)), outcome(str(tmp_path)), outcome("off")
    assert [first[1], second[1], off[1]] == [0, 1, 0]
    assert first[0] == second[0] == off[0]
    assert len(list(tmp_path.glob("kernel_*.py"))) == 1


def test_a_broken_entry_is_compiled_again(tmp_path: Path) -> None:
    digest = outcome(str(tmp_path))[0]
    for file in (tmp_path / "__pycache__").glob("*.nbc"):
        file.write_bytes(b"no machine code")
    assert outcome(str(tmp_path))[0] == digest


def test_the_key_depends_on_source_and_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    keys = {jit_cache.key_of("a"), jit_cache.key_of("b")}
    monkeypatch.setattr(numba, "__version__", "0")
    keys.add(jit_cache.key_of("a"))
    assert len(keys) == 3


def test_the_folder_is_given_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GDPROOF_CACHE", str(tmp_path / "a" / "b"))
    assert jit_cache.folder() == tmp_path / "a" / "b"
    monkeypatch.setenv("GDPROOF_CACHE", "off")
    assert jit_cache.folder() is None
    monkeypatch.delenv("GDPROOF_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert jit_cache.folder() == tmp_path / "gdproof" / "kernels"
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("GDPROOF_CACHE", str(tmp_path / "file"))
    assert jit_cache.folder() is None
