"""What a result depends on besides its settings: versions, and the source that computes it."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np


@cache
def versions() -> dict[str, str]:
    """Return the versions that a result may depend on."""
    try:
        own = version("gdproof")
    except PackageNotFoundError:  # running from a checkout that is not installed
        own = "unknown"
    return {"gdproof": own, "numpy": np.__version__}


@cache
def code_digest() -> str:
    """Return a digest of the source of ``theory`` and ``numerics``, without the sweeps themselves."""
    root = Path(__file__).resolve().parent.parent.parent
    digest = hashlib.sha256()
    for folder in ("theory", "numerics"):
        for path in sorted((root / folder).rglob("*.py")):
            name = path.relative_to(root).as_posix()
            if not name.startswith("numerics/sweep/"):
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
