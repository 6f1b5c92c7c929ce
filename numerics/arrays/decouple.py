"""Pass *diagonal decoupling*: recognise programs whose coordinates never mix.

A coordinate is an entry along the first axis of every weight.  They never mix when no step node sums over that axis
or has it twice: then any block of coordinates runs on its own through all steps.
"""

from __future__ import annotations

from numerics.arrays.ir import Leaf, Program, Role, static
from theory.derive.terms import Kind


def decoupled(program: Program) -> bool:
    """Decide whether the first axis of all weights is carried through every step node, entry by entry."""
    terms = program.terms
    weights = [leaf for _, leaf, _ in program.updates]
    sizes = {terms[leaf].shape[:1] for leaf in weights}
    if len(sizes) != 1 or sizes == {()} or any(terms[leaf].rank != 1 for leaf in weights):
        return False
    fixed = static(terms, program.roots())
    axis: dict[int, int] = {}
    for place in terms.reachable(program.roots()):
        term = terms[place]
        if term.kind is Kind.LEAF:
            if isinstance(term.leaf, Leaf) and term.leaf.role is Role.STATE:
                axis[place] = 0
            continue
        if place in fixed:
            continue
        found: set[int] = set()
        for at, argument in enumerate(term.args):
            if argument in axis:
                found.add(term.axes[at][axis[argument]] if term.kind is Kind.CONTRACT else axis[argument])
        if not found:
            continue
        if len(found) > 1 or min(found) >= term.rank or term.kind is Kind.LARGEST:
            return False
        axis[place] = found.pop()
    return all(axis.get(new) == 0 for new in program.roots())
