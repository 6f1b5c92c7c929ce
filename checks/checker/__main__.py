"""Check certificates from the command line: ``python -m checks.checker LEDGER.json ...``, or as a line server."""

from __future__ import annotations

import json
import sys
from typing import Any

from checks.checker.accept import FAULTS, Rejected, check


def serve() -> None:
    """Answer one JSON question a line: ``{"formal": ..., "certificate": ...}``."""
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            question = json.loads(line)
            answer = {"accepted": True, "verdict": check(question["formal"], question["certificate"])}
        except FAULTS as error:
            answer = {"accepted": False, "reason": str(error)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def main(paths: list[str]) -> int:
    """Recheck every certificate of the given ledgers; returns 0 when all are accepted.

    Evidence that calls itself proved or refuted without a certificate is reported and counts as a failure.
    """
    total, bad = 0, 0
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            ledger = json.load(stream)
        for claim in ledger["claims"]:
            for evidence in claim["evidence"]:
                certified = evidence["formal"] is not None and evidence["certificate"] is not None
                if not certified and evidence["status"] not in ("proved", "refuted"):
                    continue
                total += 1
                try:
                    verdict = check(evidence["formal"], evidence["certificate"]) if certified else "no certificate"
                except Rejected as error:
                    verdict = f"rejected: {error}"
                if verdict != evidence["status"]:
                    bad += 1
                    name = f"{claim['paper']}.{claim['id']} / {evidence['part']}"
                    print(f"{name}: ledger says {evidence['status']}, checker says {verdict}")
    print(f"{total - bad} of {total} certificates accepted")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
