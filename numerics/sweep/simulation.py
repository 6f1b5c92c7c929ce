"""Runs of a model as the task of a sweep: the settings of a point are the arguments of ``simulate``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from numerics.batches import law_of
from numerics.errors import unknown_name
from numerics.front import lower
from numerics.observables import DEFAULT, plan
from numerics.result import RunResult
from numerics.run import simulate
from numerics.sweep.grid import Point, Value
from numerics.sweep.provenance import code_digest, versions
from numerics.sweep.start import content, start_of
from theory.derive.update_map import UpdateMap

#: Arguments of ``simulate`` that no setting of a grid stands for.
_RESERVED = ("update_map", "seed", "backend", "record", "at", "save", "sequence", "parameters", "chunk", "workers")
SETTINGS = tuple(name for name in inspect.signature(simulate).parameters if name not in _RESERVED)


@dataclass(frozen=True)
class Simulation:
    """A run of a model; its payload is the summary of the run and the digest of its final states.

    Attributes
    ----------
    model
        Name of the model.
    derive
        Maps the name to the update map; a function of a module, so that workers can call it.
    defaults
        Settings of points that do not have them.
    record
        Observables to summarise.
    at
        Steps at which they are recorded along the run.
    backend
        Target of the kernel.  The worker uses one thread: the sweep is parallel over points.

    Notes
    -----
    Settings are the arguments of `numerics.simulate` by name (``m``, ``n``, ``eta``, ``b``, ``algorithm``, ``init``,
    ``replicas``, ``steps``, ...) and further parameters of the update map.  The dimension n is m unless given.
    """

    model: str
    derive: Callable[[str], UpdateMap]
    defaults: tuple[tuple[str, Value], ...] = ()
    record: tuple[str, ...] = DEFAULT
    at: tuple[int, ...] = ()
    backend: str = "jit"

    def identity(self, point: Point) -> Mapping[str, Any]:
        """Return what decides a run: model, kernel, settings, seed, observables, versions and the code that runs it."""
        settings = self._settings(point)
        algorithm = str(settings.get("algorithm", "gd"))
        return {
            "task": "simulate",
            "model": self.model,
            "kernel": kernel_digest(self.derive, self.model, algorithm, self.record),
            "settings": {name: content(name, value) for name, value in settings.items()},
            "seed": point.seed,
            "record": list(self.record),
            "at": list(self.at),
            "backend": self.backend,
            "versions": versions(),
            "code": code_digest(),
        }

    def run(self, point: Point) -> dict[str, Any]:
        """Run the point; returns parameters, summaries, and digests of the kernel (after its passes) and the states."""
        update_map = _derived(self.derive, self.model)
        given: dict[str, Any] = {}
        others: dict[str, Any] = {}
        for name, value in self._settings(point).items():
            (given if name in SETTINGS else others)[name] = start_of(value) if name == "init" else argument(value)
        result = simulate(
            update_map,
            **given,
            parameters=others,
            seed=point.seed,
            record=self.record,
            at=self.at,
            backend=self.backend,
            workers=1,
        )
        return payload(result)

    def _settings(self, point: Point) -> dict[str, Value]:
        settings = {**dict(self.defaults), **point.settings}
        if "m" in settings:
            settings.setdefault("n", settings["m"])
        names = [*SETTINGS, *(symbol.name for symbol in _derived(self.derive, self.model).parameters)]
        for name in settings:
            if name not in names:
                raise unknown_name("setting", name, sorted(set(names)))
        return settings


def payload(result: RunResult) -> dict[str, Any]:
    """Return what a sweep keeps of a run: no times, no device."""
    answer = result.as_json()
    kept = ("parameters", "state_digest", "summary", "at", "along")
    return {"kernel": result.kernel_digest, **{name: answer[name] for name in kept if name in answer}}


def argument(value: Value) -> int | Fraction | str:
    """Return a setting as an argument: integers as such."""
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


@cache
def _derived(derive: Callable[[str], UpdateMap], model: str) -> UpdateMap:
    return derive(model)


@cache
def kernel_digest(derive: Callable[[str], UpdateMap], model: str, algorithm: str, record: tuple[str, ...]) -> str:
    """Return the digest of the kernel as derived; the passes of a run are covered by its settings and the code."""
    update_map = _derived(derive, model)
    watches = plan(record, (item.symbol.name for item in update_map.reductions)).watches
    return lower(update_map, law_of(algorithm), watches).digest()
