"""From the loss to update maps, reduced systems, fixed points, invariants and Hessians."""

from theory.derive.coordinates import domain, loss, named_step, sample_loss, step, update_map
from theory.derive.update_map import Reduction, UpdateMap

__all__ = ["Reduction", "UpdateMap", "domain", "loss", "named_step", "sample_loss", "step", "update_map"]
