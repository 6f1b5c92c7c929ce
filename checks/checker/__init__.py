"""The independent checker: it reads a statement and a certificate and says accepted or rejected.

It uses the standard library only and imports nothing of the rest of gdproof, so that a verdict rests on these
few pages and not on the engine that found it.
"""

from checks.checker.accept import RULES, Rejected, check

__all__ = ["RULES", "Rejected", "check"]
