"""Runs of array models as the task of a sweep: the settings of a point are the arguments of ``simulate_arrays``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from numerics.arrays.observables import DEFAULT
from numerics.sweep.grid import Point, Value
from numerics.sweep.provenance import code_digest, versions
from numerics.sweep.simulation import argument, payload
from numerics.sweep.start import content, start_of

#: Arguments of ``simulate_arrays`` that a setting of a grid stands for; all others are parameters of the model.
SETTINGS = ("eta", "algorithm", "b", "replicas", "steps", "init", "data_seed", "dtype")


@dataclass(frozen=True)
class ArraySimulation:
    """A run of an array model; its payload is the summary of the run and the digest of its final states.

    Attributes
    ----------
    model
        Name of the model, a file of ``theory/models``.
    defaults
        Settings of points that do not have them.
    record
        Observables to summarise.
    at
        Steps at which they are recorded along the run.
    backend
        Target of the kernel.

    Notes
    -----
    Settings are arguments of `numerics.arrays.simulate_arrays` by name (``eta``, ``algorithm``, ``b``, ``replicas``,
    ``steps``, ``init``, ``data_seed``, ``dtype``) and the parameters of the model, such as its sizes.
    """

    model: str
    defaults: tuple[tuple[str, Value], ...] = ()
    record: tuple[str, ...] = DEFAULT
    at: tuple[int, ...] = ()
    backend: str = "jit"

    def identity(self, point: Point) -> Mapping[str, Any]:
        """Return what decides a run: model, program, settings, seed, observables, versions and code."""
        given, parameters = self._arguments(point)
        program = program_digest(self.model, given.get("algorithm", "gd"), given.get("b"), tuple(parameters.items()))
        settings = {**dict(self.defaults), **point.settings}
        return {
            "task": "simulate-arrays",
            "model": self.model,
            "kernel": program,
            "settings": {name: content(name, value) for name, value in settings.items()},
            "seed": point.seed,
            "record": list(self.record),
            "at": list(self.at),
            "backend": self.backend,
            "versions": versions(),
            "code": code_digest(),
        }

    def run(self, point: Point) -> dict[str, Any]:
        """Run the point; returns parameters, summaries, and digests of the program and the final states."""
        from numerics.arrays import simulate_arrays

        given, parameters = self._arguments(point)
        if "init" in given:
            given["init"] = start_of(given["init"])
        result = simulate_arrays(
            self.model,
            parameters=parameters,
            seed=point.seed,
            record=self.record,
            at=self.at,
            backend=self.backend,
            workers=1,
            **given,
        )
        return payload(result)

    def _arguments(self, point: Point) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the arguments of a run, and the parameters of the model."""
        settings = {**dict(self.defaults), **point.settings}
        given = {name: argument(value) for name, value in settings.items() if name in SETTINGS}
        return given, {name: argument(value) for name, value in settings.items() if name not in SETTINGS}


@cache
def program_digest(model: str, algorithm: str, b: int | None, parameters: tuple[tuple[str, Any], ...]) -> str:
    """Return the digest of the program that a run compiles.

    Raises
    ------
    InputError
        If the model, the algorithm, the batch size or a parameter is unknown or has no meaning.
    """
    from numerics.arrays.run import setting

    return setting(model, algorithm, b, dict(parameters)).program.digest()
