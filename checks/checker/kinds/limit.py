"""Refute a limit claim by a stationary start: no sample moves it, and it is not what the claim says the limit is.

The statement gives hypotheses on the start, the per-sample loss in coordinates and the set that the limit is claimed
to lie in.  Where every per-sample gradient vanishes at the start, the iterates stay there whatever the batches are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker import pointwise
from checks.checker.goal import Rejected
from checks.checker.grammar import parse
from checks.checker.kinds.instance import lines, read_point


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept a stationary start that satisfies the hypotheses and violates the claimed limit.

    Raises
    ------
    Rejected
        When a hypothesis fails, a sample's gradient does not vanish, or the start is an admissible limit.
    """
    at = read_point(formal, certificate)
    for text, node in zip(formal["given"], lines(formal, "given"), strict=True):
        if pointwise.holds(node, at) is not True:
            raise Rejected(f"the hypothesis {text} fails at the start")
    sample, family = formal["sample"], formal["state"]
    if set(at.context.parts(formal["coordinates"])) != set(at.context.atoms):
        raise Rejected("the coordinates are not all of the state")
    loss = parse(formal["loss"])
    for i in at.positions(formal["data"]):
        for k in at.positions(formal["coordinates"]):
            at.indices[sample], at.indices["@"] = i, k
            if any(pointwise.number(("diff", loss, family, "@"), at)):
                raise Rejected(f"the gradient of sample {i} does not vanish at the start")
    at.indices.pop(sample)
    at.indices.pop("@")
    if all(pointwise.holds(node, at) is True for node in lines(formal, "limit")):
        raise Rejected("the start is an admissible limit")
