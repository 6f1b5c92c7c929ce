"""What a run returns."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from numerics.observables import summarise
from numerics.random import F64, I64


@dataclass(frozen=True)
class RunResult:
    """Final states, streamed observables and measurements of one run.

    Attributes
    ----------
    model, algorithm, backend, device
        What ran, and where.
    parameters
        Sizes, step size and whatever else fixes the run.
    replicas, steps, seed
        As given.
    start, final
        States at t = 0 and t = steps, shape (replicas, n).  NaNs are in canonical form.
    observables
        Name to values, shape (replicas,) or (replicas, n).
    checkpoint_steps, checkpoints
        Steps asked for with ``save``, and the states there, shape (len(save), replicas, n).
    compile_seconds, wall_seconds
        Time to generate and compile, and time of the run alone.
    kernel_digest
        SHA-256 of the kernel's textual form.
    cpu_seconds
        Processor time of all threads of this process during the run; NaN where it was not taken.
    at, along
        Steps at which observables were recorded along the run, and their values there by name, shape
        (len(at), replicas) or (len(at), replicas, n).
    """

    model: str
    algorithm: str
    parameters: Mapping[str, Any]
    replicas: int
    steps: int
    seed: int
    backend: str
    device: str
    start: F64
    final: F64
    observables: Mapping[str, F64]
    checkpoint_steps: I64
    checkpoints: F64
    compile_seconds: float
    wall_seconds: float
    kernel_digest: str
    cpu_seconds: float = math.nan
    at: I64 = field(default_factory=lambda: np.zeros(0, np.int64))
    along: Mapping[str, F64] = field(default_factory=dict)

    @property
    def throughput(self) -> float:
        """Replicas x steps x coordinates a second."""
        return self.replicas * self.steps * self.final.shape[1] / max(self.wall_seconds, 1e-9)

    @property
    def state_digest(self) -> str:
        """SHA-256 of the final states as little-endian doubles, replica-major."""
        return hashlib.sha256(np.ascontiguousarray(self.final, "<f8").tobytes()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return the run as the JSON of ``gdproof simulate``.

        Where observables were recorded along the run, ``at`` has the steps, and ``along`` a list for each observable:
        the summary at each of these steps, of the form that ``summary`` has at the end.
        """
        answer = {
            "model": self.model,
            "algorithm": self.algorithm,
            "parameters": dict(self.parameters),
            "replicas": self.replicas,
            "steps": self.steps,
            "seed": self.seed,
            "backend": self.backend,
            "device": self.device,
            "compile_seconds": self.compile_seconds,
            "wall_seconds": self.wall_seconds,
            "throughput": self.throughput,
            "state_digest": self.state_digest,
            "summary": {name: summarise(name, values) for name, values in self.observables.items()},
        }
        if len(self.at):
            answer["at"] = self.at.tolist()
            answer["along"] = {name: [summarise(name, one) for one in values] for name, values in self.along.items()}
        return answer

    def save_npz(self, path: str | PathLike[str]) -> None:
        """Write start, checkpoints, final state and observables to a NumPy archive; those along the run with it."""
        arrays: dict[str, Any] = {
            "start": self.start,
            "final": self.final,
            "checkpoint_steps": self.checkpoint_steps,
            "checkpoints": self.checkpoints,
        }
        arrays.update({f"observable:{name}": values for name, values in self.observables.items()})
        if len(self.at):
            arrays["at"] = self.at
            arrays.update({f"along:{name}": values for name, values in self.along.items()})
        np.savez(path, **arrays)
