"""Array programs: models whose step is made of sums, contractions and elementwise maps, compiled and run."""

from __future__ import annotations

from numerics.arrays.observables import DEFAULT, OBSERVABLES
from numerics.arrays.plan import compile_model
from numerics.arrays.run import BACKENDS, simulate_arrays
from numerics.arrays.setting import ALGORITHMS, explain_arrays

__all__ = ["ALGORITHMS", "BACKENDS", "DEFAULT", "OBSERVABLES", "compile_model", "explain_arrays", "simulate_arrays"]
