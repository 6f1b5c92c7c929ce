"""The checker in a process of its own: the engine hands it statement and certificate as text, one line a question."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# seconds that the checker may take over one certificate
PATIENCE = 120


class CheckerProcess:
    """A running ``python -m checks.checker``; start it once a suite, ask it many times."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            root = str(Path(__file__).resolve().parents[2])
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-S",
                    "-c",
                    f"import sys; sys.path.insert(0, {root!r}); from checks.checker.__main__ import serve; serve()",
                ],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process

    def ask(self, formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> tuple[bool, str]:
        """Return whether the certificate was accepted, and the verdict or the reason of the rejection."""
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"formal": formal, "certificate": certificate}) + "\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            process.kill()
            return False, f"the checker took more than {PATIENCE} s"
        answer = json.loads(process.stdout.readline() or '{"accepted": false, "reason": "the checker process ended"}')
        return bool(answer["accepted"]), str(answer.get("verdict") or answer.get("reason"))

    def close(self) -> None:
        """End the process."""
        if self._process is not None and self._process.poll() is None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(timeout=10)
            if self._process.stdout is not None:
                self._process.stdout.close()
        self._process = None


CHECKER = CheckerProcess()
