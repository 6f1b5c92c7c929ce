"""``gdproof recheck``: the independent checker over a whole ledger, in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


@click.command("recheck")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
def command(folder: Path) -> int:
    """Check every certificate of FOLDER/ledger.json again, in a process that loads nothing but the checker.

    FOLDER may also be a result file of 'gdproof check' or 'gdproof prove', or the folder of its certificates.

    \b
    Examples:
      gdproof recheck report
      gdproof recheck results.json
      gdproof recheck results.json.certificates
    """
    from checks.report import read_json

    checked = _checked(folder)
    if checked is not None:
        with tempfile.TemporaryDirectory() as temporary:
            path = Path(temporary) / "ledger.json"
            path.write_text(json.dumps(checked), encoding="utf-8")
            return _recheck(path)
    ledger = folder / "ledger.json" if folder.is_dir() else folder
    if not ledger.is_file():
        raise click.UsageError(f"{folder} holds no ledger.json; run 'gdproof verify --out {folder}' first")
    read_json(ledger)  # a damaged file ends here, in one message
    return _recheck(ledger)


def _recheck(ledger: Path) -> int:
    root = str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); "
        "from checks.checker.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run([sys.executable, "-S", "-c", code, str(ledger)], check=False).returncode


def _checked(path: Path) -> dict[str, Any] | None:
    """Return the certificates of a result file, or of a folder of certificates, as a ledger; None for a ledger."""
    try:
        if path.is_dir():
            files = [] if (path / "ledger.json").exists() else sorted(path.glob("*.json"))
            entries = [_entry(file.stem, None, file) for file in files]
            return {"claims": entries} if entries else None
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or "gdproof" not in raw or "suite" in raw:
            return None
        beside = path.with_name(f"{path.name}.certificates")
        entries = []
        for claim in raw["claims"]:
            file = None if claim["certificate"] is None else Path(claim["certificate"])
            if file is not None and not file.is_file():  # the results were moved together
                file = beside / file.name
            entries.append(_entry(claim["id"], claim["status"], file))
        return {"claims": entries}
    except OSError as error:
        raise click.UsageError(f"{error.filename or path}: cannot be read ({error.strerror})") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        if path.is_dir():
            raise click.UsageError(f"{path} holds files that are no certificates ({error})") from error
        return None  # a file that is damaged is reported as a ledger is


def _entry(name: str, status: str | None, file: Path | None) -> dict[str, Any]:
    """Return one claim as it stands in a ledger; without a status, the one that its certificate is for."""
    held: Mapping[str, Any] = {"formal": None, "certificate": None}
    if file is not None:
        held = json.loads(file.read_text(encoding="utf-8"))
    evidence = {
        "part": "claim",
        "status": held["certificate"]["verdict"] if status is None else status,
        "formal": held["formal"],
        "certificate": held["certificate"],
    }
    return {"paper": "check", "id": name, "evidence": [evidence]}
