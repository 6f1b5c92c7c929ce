"""The ladder of methods: each proposes a counterexample or a certificate; only the checker's word counts."""

from checks.engine.decide import IllFormed, decide

__all__ = ["IllFormed", "decide"]
