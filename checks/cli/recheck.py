"""``gdproof recheck``: the independent checker over a whole ledger, in a fresh process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click


@click.command("recheck")
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
def command(folder: Path) -> int:
    """Check every certificate of FOLDER/ledger.json again, in a process that loads nothing but the checker.

    \b
    Example:
      gdproof recheck report
    """
    from checks.report import read_json

    ledger = folder / "ledger.json" if folder.is_dir() else folder
    if not ledger.is_file():
        raise click.UsageError(f"{folder} holds no ledger.json; run 'gdproof verify --out {folder}' first")
    read_json(ledger)  # a damaged file ends here, in one message
    root = str(Path(__file__).resolve().parents[2])
    code = (
        f"import sys; sys.path.insert(0, {root!r}); "
        "from checks.checker.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    return subprocess.run([sys.executable, "-S", "-c", code, str(ledger)], check=False).returncode
