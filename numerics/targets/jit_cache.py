"""The compile cache of the JIT: one module file a kernel, named by all that decides its machine code.

The key is the SHA-256 of the generated source (which fixes the IR), of the source of what it calls, and of
the versions of Python, Numba, llvmlite and NumPy and the name of the processor; the flags stand in the source.
Beside the file Numba keeps the machine code.  The folder is ``$GDPROOF_CACHE``, or ``gdproof/kernels`` in
``$XDG_CACHE_HOME`` (``~/.cache``); ``GDPROOF_CACHE=off`` keeps nothing on disk.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

_OFF = "off"
_loaded: dict[str, Any] = {}


def folder() -> Path | None:
    """Return the folder of the cache, or None when it is off or cannot be written."""
    given = os.environ.get("GDPROOF_CACHE", "")
    if given == _OFF:
        return None
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = Path(given) if given else base / "gdproof" / "kernels"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return place if os.access(place, os.W_OK) else None


def key_of(source: str) -> str:
    """Return the key of a generated source on this machine."""
    import llvmlite  # type: ignore[import-untyped]
    import numba
    import numpy as np
    from llvmlite import binding

    from numerics.targets import jit_memory, jit_philox, jit_random

    versions = (platform.python_version(), numba.__version__, llvmlite.__version__, np.__version__)
    called = (Path(str(module.__file__)).read_text() for module in (jit_memory, jit_philox, jit_random))
    parts = [source, *called, *versions, binding.get_host_cpu_name()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def load(source: str) -> Any:
    """Return the compiled ``advance`` of a generated source: from this process, from disk, or compiled now."""
    key = key_of(source)
    if key not in _loaded:
        _loaded[key] = _from_disk(source, key)
    return _loaded[key]


def _from_disk(source: str, key: str) -> Any:
    place = folder()
    if place is None:
        return _in_memory(source, key)
    file = place / f"kernel_{key[:40]}.py"
    if not file.exists():  # written once: Numba's index goes by the time of the file
        with tempfile.NamedTemporaryFile("w", dir=place, suffix=".tmp", delete=False) as draft:
            draft.write("CACHE = True\n" + source)
        try:
            os.link(draft.name, file)
        except FileExistsError:
            pass
        finally:
            os.unlink(draft.name)
    try:
        return _module(file).advance
    except Exception:
        # Whatever is wrong with an entry on disk must not stop a run: compile without it.
        return _in_memory(source, key)


def _in_memory(source: str, key: str) -> Any:
    scope: dict[str, Any] = {"CACHE": False}
    exec(compile(source, f"<jit {key[:12]}>", "exec"), scope)
    return scope["advance"]


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gdproof_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # Numba finds the globals of cached code by the module's name
    spec.loader.exec_module(module)
    return module
