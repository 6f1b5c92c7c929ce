"""Sine, cosine and tangent: what is known of their signs, that they lie on the circle, where the tangent is defined."""

from __future__ import annotations

from checks.checker.goal import ZERO, Goal, comparison
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.functions.atoms import atoms_of
from checks.engine.tactics import Prover
from checks.engine.unparse import unparse


def defined(chain: Chain) -> None:
    """Show once for every tangent in a conclusion that it is defined."""
    for atom in list(dict.fromkeys(atoms_of(chain.goal.conclusion))):
        if atom[:2] == ("call", "tan"):
            try:
                chain.lemma(comparison(("call", "cos", atom[2]), "!=", ZERO))
            except NotFound:
                continue


def circles(chain: Chain) -> None:
    """Add sin(u)**2 + cos(u)**2 == 1 for every u of which a goal's conclusion has sine or cosine."""
    waves = [atom for atom in atoms_of(chain.goal.conclusion) if atom[0] == "call" and atom[1] in ("sin", "cos")]
    for u in dict.fromkeys(atom[2][0] for atom in waves):
        chain.apply("axiom", axiom="circle", at=[unparse(u)])


def by_half_turn(goal: Goal, prove: Prover) -> Certificate:
    """Prove that a sine or cosine is positive, or not negative, by the half turn in which its argument lies.

    Raises
    ------
    NotFound
        For other goals.
    """
    left, sign, right = goal.relation
    wave, other = (left, right) if sign in (">", ">=") else (right, left)
    if sign not in (">", ">=", "<", "<=") or other != ZERO or wave[0] != "call" or wave[1] not in ("sin", "cos"):
        raise NotFound("")
    chain = Chain(goal, prove)
    order = 2 if sign in (">", "<") else 1
    chain.apply("axiom", axiom=f"{wave[1]}-half-turn", at=[unparse(wave[2][0])], order=order)
    found = from_one(chain.goal)
    if found is None:
        raise NotFound("the half turn does not say it")
    return chain.close(found)
