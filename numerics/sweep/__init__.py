"""Sweeps over grids of parameters and seeds: content-addressed points, kept as they finish, resumed exactly."""

from __future__ import annotations

from numerics.sweep.array_simulation import ArraySimulation
from numerics.sweep.driver import Progress, Task, run
from numerics.sweep.export import rows, write_json
from numerics.sweep.grid import Grid, Point, Value, axis_of, seeds_of
from numerics.sweep.simulation import Simulation
from numerics.sweep.start import coordinates
from numerics.sweep.workers import WorkerError, finished

__all__ = [
    "ArraySimulation",
    "Grid",
    "Point",
    "Progress",
    "Simulation",
    "Task",
    "Value",
    "WorkerError",
    "axis_of",
    "coordinates",
    "finished",
    "rows",
    "run",
    "seeds_of",
    "write_json",
]
