"""The command line: arguments and exit code as in a shell, in this process or in one of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.cli import main

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    def refused(self, *words: str) -> bool:
        """Wrong usage: exit code 2, nothing on standard output, one message that holds the words and no traceback."""
        assert self.code == 2
        assert self.out == ""
        assert "Traceback" not in self.err
        assert sum(line.lower().startswith("error:") for line in self.err.splitlines()) == 1
        for word in words:
            assert word in self.err
        return True


@pytest.fixture
def gdproof(monkeypatch, capsys, tmp_path):
    """Run ``gdproof`` with some arguments."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")

    def run(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["gdproof", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        captured = capsys.readouterr()
        return Answer(0 if ended.value.code is None else ended.value.code, captured.out, captured.err)

    return run


@pytest.fixture
def simulate(gdproof):
    """Run ``gdproof simulate``, on the NumPy target unless another is named."""

    def run(*arguments: str, backend: str = "numpy") -> Answer:
        return gdproof("simulate", *arguments, "--backend", backend)

    return run


@pytest.fixture(scope="session")
def shell():
    """Run ``gdproof`` in a process of its own, in a folder."""
    start = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[0] = 'gdproof'; from checks.cli import main; main()"
    )

    def run(*arguments: str, cwd: Path) -> Answer:
        command = [sys.executable, "-c", start, *arguments]
        ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
        return Answer(ended.returncode, ended.stdout, ended.stderr)

    return run
