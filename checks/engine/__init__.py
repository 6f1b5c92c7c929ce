"""The ladder of methods: each proposes a counterexample or a certificate; only the checker's word counts."""

from checks.engine.decide import decide

__all__ = ["decide"]
