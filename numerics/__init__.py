"""What a run does: derivation -> IR -> kernel -> runs.  Depends on theory only."""

from __future__ import annotations

from numerics.batches import Batches, batches_of
from numerics.errors import (
    IndeterminateError,
    InputError,
    LoweringError,
    NumericsError,
    StoreError,
    TargetError,
)
from numerics.explain import explain
from numerics.front import lower
from numerics.ir import Kernel, Law, Watch
from numerics.observables import DEFAULT, STATE
from numerics.result import RunResult
from numerics.run import simulate
from numerics.targets import backends

__all__ = [
    "DEFAULT",
    "STATE",
    "Batches",
    "IndeterminateError",
    "InputError",
    "Kernel",
    "Law",
    "LoweringError",
    "NumericsError",
    "RunResult",
    "StoreError",
    "TargetError",
    "Watch",
    "backends",
    "batches_of",
    "explain",
    "lower",
    "simulate",
]
