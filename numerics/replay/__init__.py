r"""Replay of a trajectory that a run reports as a counterexample: in balls, with doubling precision, until it is one.

A run in doubles rounds; a claim speaks of the exact iterates.  The replay follows the exact trajectory of the derived
step, an update map or the per-sample gradient of an array model, from the same start and over the same batches, with
the exact parameters of the claim.  For the claim
:math:`q_t \le l` it encloses the margin :math:`l - q_t` of every step.  The claim is *violated* when one
enclosure lies below zero, and *not violated* when all lie at or above it; otherwise the precision is doubled.
Equality cannot be seen in balls: the first steps, as far as their fractions stay short, are decided in rationals.

The replay reads the step as theory wrote it, not the compiled kernel, so it does not depend on the compiler.  Data of
array models are the doubles of the run, taken as exact.
"""

from __future__ import annotations

from numerics.replay.bound import Bound
from numerics.replay.decide import Outcome, Replay, replay, replay_suspects
from numerics.replay.suspects import ArrayTrajectory, Suspect, Trajectory, suspects, trajectory_of

__all__ = [
    "ArrayTrajectory",
    "Bound",
    "Outcome",
    "Replay",
    "Suspect",
    "Trajectory",
    "replay",
    "replay_suspects",
    "suspects",
    "trajectory_of",
]
