"""What each rule of the checker does, in words: one module for each module of ``checks.checker.kinds`` with rules.

Every module has ``WORDS``, from the kind of a rule to a function that describes one use of it.
"""

from __future__ import annotations

from checks.wording.rules import axioms, enclosure, facts, functions, logic, path, whole
from checks.wording.rules.words import Describe, Words

WORDS: dict[str, Describe] = {
    **logic.WORDS,
    **facts.WORDS,
    **functions.WORDS,
    **axioms.WORDS,
    **path.WORDS,
    **enclosure.WORDS,
    **whole.WORDS,
}

__all__ = ["WORDS", "Describe", "Words"]
