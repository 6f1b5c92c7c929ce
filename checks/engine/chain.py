"""A proof built step by step: each rule leaves one goal to go on with, the others are proved on the way."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, polynomial_fact, same_up_to_scale
from checks.checker.grammar import Node
from checks.engine.budget import Certificate
from checks.engine.tactics import Prover, leaves
from checks.engine.unparse import unparse


class Chain:
    """A goal that changes with every rule applied; `close` wraps the last goal's certificate in all of them."""

    def __init__(self, goal: Goal, prove: Prover) -> None:
        self.goal = goal
        self._prove = prove
        self._steps: list[tuple[str, dict[str, Any], list[Certificate]]] = []

    def apply(self, kind: str, *provers: Prover, **parameters: Any) -> None:
        """Apply a rule; its last goal becomes the chain's, the others are proved (by ``provers``, where given).

        Raises
        ------
        NotFound
            When the rule does not apply or another goal is not proved; the chain is then unchanged.
        """
        wanted = leaves(self.goal, kind, **parameters)
        ready = [*provers, *([self.proof] * len(wanted))]
        proofs = [prove(inner) for prove, inner in zip(ready, wanted[:-1], strict=False)]
        self._steps.append((kind, parameters, proofs))
        self.goal = wanted[-1]

    def lemma(self, statement: Node, prove: Prover | None = None) -> None:
        """Show a statement and keep it as a hypothesis."""
        if statement[0] == "compare" and (statement[2][0], statement[1][0], statement[2][1]) in self.goal.given:
            return
        self.apply("lemma", prove or self.proof, show=unparse(statement))

    def absorb(self, other: Chain) -> None:
        """Go on from where a chain stands that began at this one's goal."""
        self.goal = other.goal
        self._steps += other._steps

    def proof(self, goal: Goal) -> Certificate:
        """Prove a goal: from one hypothesis where possible."""
        return from_one(goal) or self._prove(goal)

    def forget(self, keep: list[int]) -> None:
        """Keep the hypotheses at these positions only."""
        if len(keep) < len(self.goal.given) or self.goal.either:
            self.apply("forget", keep=keep)

    def close(self, certificate: Certificate) -> Certificate:
        """Return the certificate of the first goal from that of the last."""
        for kind, parameters, proofs in reversed(self._steps):
            certificate = {"kind": kind, **parameters, "by": [*proofs, certificate]}
        return certificate


def from_one(goal: Goal) -> Certificate | None:
    """Return the certificate of a comparison that one hypothesis says, word for word or as a polynomial."""
    if goal.conclusion[0] != "compare" or len(goal.conclusion[1]) != 1:
        return None
    left, sign, right = goal.relation
    for position, (a, relation, b) in enumerate(goal.given):
        if (a, b) == (left, right) and relation in (sign, {">=": ">", "<=": "<"}.get(sign)):
            return {"kind": "known", "given": position}
    if sign in ("==", "!="):
        return None
    wanted = polynomial_fact((left, sign, right), goal.context)
    if wanted is None or not wanted[0]:
        return None
    if set(wanted[0]) == {()}:
        return {"kind": "constant"} if wanted[0][()] > 0 else None
    for fact, relation in goal.facts():
        if relation in (">", wanted[1]) and same_up_to_scale(fact, wanted[0]):
            return {"kind": "given"}
    return _from_two(goal, *wanted)


def _from_two(goal: Goal, p: poly.Poly, sign: str) -> Certificate | None:
    """Return the certificate of p as a nonnegative combination of one or two hypotheses and a constant."""
    facts = [(n, f, relation) for n, (f, relation) in enumerate(goal.facts()) if relation in (">", ">=") and f]
    facts = [entry for entry in facts if set(entry[1]) <= set(p) | {()} or len(entry[1]) <= 4]
    for place, (i, first, strong) in enumerate(facts):
        for j, second, other in [(-1, {}, ">="), *facts[place + 1 :]]:
            found = _solved(p, first, second)
            if found is None:
                continue
            a, b, c = found
            if min(a, b, c) < 0 or a + b == 0:
                continue
            if sign == ">" and not (c > 0 or (a > 0 and strong == ">") or (b > 0 and other == ">")):
                continue
            scale = abs(goal.difference()[1][()])  # the checker leaves a constant denominator aside
            listed = [(a * scale, [i]), (b * scale, [j]), (c * scale, [])]
            terms = [{"coefficient": str(value), "facts": used} for value, used in listed if value]
            return {"kind": "combination", "terms": terms}
    return None


def _solved(p: poly.Poly, first: poly.Poly, second: poly.Poly) -> tuple[Fraction, Fraction, Fraction] | None:
    """Return a, b, c with p = a first + b second + c, or None."""
    (u, *_), zero = [*(m for m in first if m), ()], Fraction(0)
    if not u:
        return None
    b = zero
    if second:
        # a monomial that tells the two apart: cross-multiplied, it gives b
        rest = poly.add(poly.multiply(p, {(): first[u]}), first, -p.get(u, zero))
        other = poly.add(poly.multiply(second, {(): first[u]}), first, -second.get(u, zero))
        v = next((m for m in other if m), None)
        if v is None:
            return None
        b = rest.get(v, zero) / other[v]
    left = poly.add(p, second, -b) if second else p
    a = left.get(u, zero) / first[u]
    left = poly.add(left, first, -a)
    return (a, b, left.get((), zero)) if set(left) <= {()} else None
