"""Numbers such as pi among the atoms of a goal: decimal bounds, and comparisons that need no more."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from checks.checker.goal import Goal, comparison
from checks.checker.grammar import names
from checks.checker.kinds.schemas import number
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.functions.atoms import Forms, atoms_of
from checks.engine.sample import evaluate
from checks.engine.structure import new_name
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse

# of decimal bounds, by effort: fewer than floating point has, so that the bounds hold; at last, for short ones
DIGITS = (4, 8, 12, 1)
SHORT = 3


def constants(chain: Chain, effort: int) -> None:
    """Add decimal bounds of the constants among a goal's atoms to the hypotheses."""
    forms = Forms(chain.goal)
    sides = [chain.goal.conclusion, *(side for a, _, b in chain.goal.given for side in (a, b))]
    for side in sides:
        forms.plain(side)
    for atom in forms.atoms.values():
        if names(atom) or any((atom, sign, b) in chain.goal.given for _, sign, b in chain.goal.given if sign == ">="):
            continue
        value = float(evaluate(atom, {})[0][0])
        if not np.isfinite(value) or value == 0:
            continue
        unit = Fraction(10) ** (int(np.floor(np.log10(abs(value)))) - DIGITS[effort])
        below = Fraction(value) // unit
        low, high = (Fraction(n) * unit for n in (below - 1, below + 2))
        for bound, sign in ((low, ">="), (high, "<=")):
            chain.lemma(comparison(atom, sign, number(bound)), lambda goal: {"kind": "numbers"})


def by_constants(goal: Goal, prove: Prover) -> Certificate:
    """Prove a comparison with numbers such as pi from one or two hypotheses and short bounds of these numbers.

    Raises
    ------
    NotFound
        For other goals, and where that does not suffice.
    """
    atoms = list(dict.fromkeys(atoms_of(goal.conclusion)))
    if not names(goal.conclusion) or not atoms or any(names(atom) for atom in atoms):
        raise NotFound("")
    for short in (False, True):
        chain = Chain(goal, prove)
        if short:
            constants(chain, SHORT)
        for atom in atoms:
            chain.apply("name", term=unparse(atom), **{"as": new_name(chain.goal, "v")})
        found = from_one(chain.goal)
        if found is not None:
            return chain.close(found)
    raise NotFound("")
