"""Every console example of the README runs and prints what the README shows, times apart."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS = re.compile(r"\d+\.\d+(e[+-]?\d+)?( s\b| coordinate)|[ ]+\d+\.\d\d$", re.MULTILINE)


def examples():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for piece in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = piece.partition("\n")
            yield command, output


def plain(text: str) -> list[str]:
    text = "\n".join(line.rstrip() for line in text.splitlines())
    lines = [" ".join(line.split()).rstrip("─") for line in SECONDS.sub(" TIME", text).splitlines() if line.strip()]
    progress = sorted(re.sub(r"^\[\s*\d+/", "[k/", line) for line in lines if re.match(r"\[\s*\d+/\d+\]", line))
    return progress + [line for line in lines if not re.match(r"\[\s*\d+/\d+\]", line)]


def run(command: str, folder: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "gdproof"
    environment = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONWARNINGS": ""}
    code = "import sys; from checks.cli import main; sys.argv[0] = 'gdproof'; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", [c for c, _ in examples() if "appendix" not in c and "recheck" not in c])
def test_example(command, tmp_path):
    expected = dict(examples())[command]
    assert plain(run(command, tmp_path)) == plain(expected)


def test_recheck_follows_verify(tmp_path):
    first = next(c for c, _ in examples() if "verify" in c)
    run(first, tmp_path)
    assert plain(run("gdproof recheck report", tmp_path)) == plain(dict(examples())["gdproof recheck report"])
