"""Zeros at a corner of the domain, resolved by blow-up charts.

Where a polynomial p vanishes at a corner to mixed order (x^2 - 3 x y^2 + 4 y^4, say), no subdivision of the domain
ends, and p need not be a sum of squares.  With the corner moved to the origin of the quadrant x, y >= 0, the domain
is cut along x = y, and each half is a chart of the blow-up of the origin:

    x >= y:  x = 0 (then y = 0), or y = x t with 0 <= t <= 1 ;      x < y:  x = y t with 0 <= t < 1 .

There p is a monomial times a polynomial with a simpler Newton polygon at the corner of the chart.  This repeats until
what is left has no zero at a corner; weights other than (1, 1) come out of charts of charts.  A double zero at a
rational point of an edge becomes a corner by a cut there.
"""

from __future__ import annotations

from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, Relation, comparison, polynomial_fact, same_up_to_scale
from checks.engine.algebra import charts_text, factored
from checks.engine.bernstein import chart as charts
from checks.engine.bernstein.corners import Corner, corner_zero, pair, without_monomial
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.sample import plausible
from checks.engine.signs import prove as prove_sign
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, by_rule, leaves
from checks.engine.unparse import unparse

# variables of a goal, charts within charts, and charts in all
MOST_VARIABLES = 4
DEEPEST = 10
MOST_CHARTS = 40


def by_blowup(goal: Goal, prove: Prover, budget: Budget) -> Certificate:
    """Prove ``p >= 0`` or ``p > 0`` where p vanishes at a corner of the domain.

    ``prove`` is for what is left on the faces that a chart leaves out.

    Raises
    ------
    NotFound
        When p vanishes at no corner, or a chart is not proved.
    """
    if goal.sign not in ("<", "<=", ">", ">=") or goal.context.atoms or goal.context.indices or goal.either:
        raise NotFound("")
    p, bottom = goal.difference()
    names = poly.generators(p)
    if set(bottom) != {()} or not 2 <= len(names) <= MOST_VARIABLES or not all(isinstance(g, str) for g in names):
        raise NotFound("")
    chain = bounded(goal, prove)
    if corner_zero(without_monomial(p), chain.goal) is None:
        raise NotFound("no zero at a corner")
    return chain.close(Charts(prove, budget).proof(chain.goal, 0))


class Charts:
    """The charts of one goal, with how many there may still be."""

    def __init__(self, prove: Prover, budget: Budget) -> None:
        self.prove, self.budget = prove, budget
        self.left = MOST_CHARTS

    def proof(self, goal: Goal, depth: int) -> Certificate:
        """Prove a goal on a chart: by the sign of its factors, or on charts of its corner zeros."""
        p, bottom = goal.difference()
        if bottom[()] < 0:  # the checker leaves the size of a constant denominator aside
            p = poly.multiply(p, poly.constant(-1))
        q = without_monomial(p)
        corner = corner_zero(q, goal)
        self.left -= 1
        if self.left < 0 or self.budget.spent():
            raise NotFound("too many charts")
        if not plausible(goal):
            raise NotFound("the goal fails at a sample point")
        try:
            sign = ">" if goal.sign in ("<", ">") else ">="
            return prove_sign(p, sign, goal, self.budget, 0 if corner else 2)
        except NotFound as error:
            if corner is None or depth >= DEEPEST:
                raise NotFound(f"charts: {error}") from error
        if any(value or not upward for value, upward in corner.values()):
            return self._moved(goal, corner, depth)
        x, y = pair(q, sorted(corner))
        try:
            return self._blown(goal, x, y, depth)
        except NotFound:
            return self._cut(goal, x, y, depth)

    def _moved(self, goal: Goal, corner: Corner, depth: int) -> Certificate:
        """Move a corner to the origin; a place inside an edge is cut there first."""
        name, (value, upward) = next((n, v) for n, v in corner.items() if v[0] or not v[1])
        number = charts_text(poly.constant(value))
        side = poly.add(poly.generator(name), poly.constant(value), -1)
        end = side if upward else poly.multiply(side, poly.constant(-1))
        if not any(r in (">", ">=") and same_up_to_scale(fact, end) for fact, r in goal.facts()):
            at = f"{name} - {number}"
            halves = leaves(goal, "split", at=at)
            sides = [{**corner, name: (value, above)} for above in (True, False)]
            proofs = [self._moved(half, place, depth) for half, place in zip(halves, sides, strict=True)]
            return {"kind": "split", "at": at, "by": proofs}
        fresh = new_name(goal, "s")
        chain = Chain(goal, self.prove)
        value_text = f"{number} + {fresh}" if upward else f"{number} - {fresh}"
        inverse = f"{name} - {number}" if upward else f"{number} - {name}"
        chain.apply("change", _identity, variable=name, value=value_text, inverse=inverse, **{"as": fresh})
        rest = {n: v for n, v in corner.items() if n != name} | {fresh: (Fraction(0), True)}
        if any(v or not up for v, up in rest.values()):
            return chain.close(self._moved(chain.goal, rest, depth))
        return chain.close(self.proof(chain.goal, depth))

    def _blown(self, goal: Goal, x: str, y: str, depth: int) -> Certificate:
        """Prove a goal on both charts of the blow-up of x = y = 0, with x >= 0 and y >= 0."""
        at = f"{x} - {y}"
        above, below = leaves(goal, "split", at=at)
        if any(relation == ">" and fact in (poly.generator(x), poly.generator(y)) for fact, relation in goal.facts()):
            first = self._chart(above, x, y, depth)
        else:
            corner, rest = leaves(above, "split", at=f"-{x}")
            proofs = [self._zero(corner, x, y), self._chart(rest, x, y, depth)]
            first = {"kind": "split", "at": f"-{x}", "by": proofs}
        return {"kind": "split", "at": at, "by": [first, self._chart(below, y, x, depth)]}

    def _cut(self, goal: Goal, x: str, y: str, depth: int) -> Certificate:
        """Cut off what is far from the corner: where the range of one variable is longer than that of the other."""
        far = [_upper(goal, x), _upper(goal, y)]
        finite = [v for v in far if v is not None]
        if not finite or far[0] == far[1]:
            raise NotFound("charts: the ranges are equal")
        name = x if far[0] is None or (far[1] is not None and far[0] > far[1]) else y
        at = f"{name} - {charts_text(poly.constant(min(finite)))}"
        proofs = [self.proof(part, depth + 1) for part in leaves(goal, "split", at=at)]
        return {"kind": "split", "at": at, "by": proofs}

    def _zero(self, goal: Goal, x: str, y: str) -> Certificate:
        """Prove a goal where x >= y >= 0 and x <= 0."""
        chain = Chain(goal, self.prove)
        for name in (x, y):
            chain.lemma(comparison(("name", name), "==", ZERO), _squeezed)
            chain.apply("substitute", variable=name, fact=len(chain.goal.facts()) - 1)
        return chain.close(_contradicted(chain.goal) or chain.proof(chain.goal))

    def _chart(self, goal: Goal, x: str, y: str, depth: int) -> Certificate:
        """Prove a goal where x > 0 and x >= y >= 0, by y = x t."""
        chain = Chain(goal, self.prove)
        chain.lemma(comparison(("name", x), ">", ZERO))
        t = new_name(goal, "t")
        ends = [poly.generator(y), poly.add(poly.generator(x), poly.generator(y), -1)]
        places = [_place(chain.goal, end) for end in ends]
        old = [n for n, entry in enumerate(chain.goal.given) if _says(chain.goal, entry, ends)]
        chain.apply("change", _identity, variable=y, value=f"{x}*{t}", inverse=f"{y}/{x}", **{"as": t})
        rests = [poly.generator(t), poly.add(poly.ONE, poly.generator(t), -1)]
        for (position, scale), rest in zip(places, rests, strict=True):
            divided = poly.multiply(rest, poly.constant(scale))
            chain.apply("divide", fact=position, factor=x, to=unparse(poly.node(divided)))
        chain.forget([n for n in range(len(chain.goal.given)) if n not in old])
        return chain.close(self.proof(chain.goal, depth + 1))


def _contradicted(goal: Goal) -> Certificate | None:
    """Return the proof that a hypothesis about numbers is false, None where none is."""
    for position, (fact, relation) in enumerate(goal.facts()):
        value = fact.get((), Fraction(0))
        if set(fact) <= {()} and (value < 0 or (value == 0 and relation == ">")):
            terms = [{"coefficient": "1", "facts": [position]}]
            terms += [{"coefficient": str(-value)}] if value else []
            return {"kind": "absurd", "by": [{"kind": "combination", "terms": terms}]}
    return None


def _place(goal: Goal, p: poly.Poly) -> tuple[int, Fraction]:
    """Return the hypothesis that is a positive multiple of ``p > 0`` (else ``p >= 0``), and that multiple."""
    for wanted in (">", ">="):
        for position, (fact, relation) in enumerate(goal.facts()):
            if relation == wanted and same_up_to_scale(fact, p):
                m = next(iter(p))
                return position, fact[m] / p[m]
    raise NotFound(f"no hypothesis says that {charts_text(p)} is not negative")


def _says(goal: Goal, entry: Relation, ends: list[poly.Poly]) -> bool:
    """Return whether a hypothesis is one of the given inequalities."""
    fact = polynomial_fact(entry, goal.context)
    return fact is not None and fact[1] in (">", ">=") and any(same_up_to_scale(fact[0], end) for end in ends)


def _identity(goal: Goal) -> Certificate:
    """Prove an equality of rational functions whose denominators are hypotheses."""
    top, bottom = goal.difference()
    if top:
        raise NotFound("the change of variable does not cover the domain")
    if set(bottom) == {()}:
        return {"kind": "identity"}
    listed = [{"expression": charts_text(q), "power": e} for q, e in factored(bottom)[1]]
    return {"kind": "identity", "denominator": {"factors": listed}}


def _squeezed(goal: Goal) -> Certificate:
    """Prove x == 0 from bounds on both sides."""

    def bounded(inner: Goal) -> Certificate:
        found = from_one(inner)
        if found is None:
            raise NotFound("no two bounds of a variable meet")
        return found

    return by_rule(goal, bounded, "both")


def bounded(goal: Goal, prove: Prover) -> Chain:
    """Return a chain to the goal with the constant bounds of its variables among the hypotheses."""
    chain = Chain(goal, prove)
    known = charts.implied(goal)
    for name in sorted(map(str, poly.generators(goal.difference()[0]))):
        for side, bounds in zip((1, -1), charts.bounds(goal, name, known), strict=True):
            for bound in bounds:
                if set(bound.value) - {()}:
                    continue
                gap = poly.multiply(poly.add(poly.generator(name), bound.value, -1), poly.constant(side))
                if any(r in (">", ">=") and same_up_to_scale(fact, gap) for fact, r in chain.goal.facts()):
                    continue
                terms = [{"coefficient": str(q), "facts": [i]} for q, i in bound.by]
                for term, (_, i) in zip(terms, bound.by, strict=True):
                    if goal.facts()[i][1] == "==":
                        term["multiplier"] = "1"
                proof = {"kind": "combination", "terms": terms}
                statement = comparison(poly.node(gap), ">" if bound.strict else ">=", ZERO)
                chain.lemma(statement, lambda _, proof=proof: proof)  # type: ignore[misc]
    return chain


def _upper(goal: Goal, name: str) -> Fraction | None:
    """Return the least upper bound of a variable that a hypothesis gives as a number."""
    line = ((name, 1),)
    found = [
        -fact.get((), Fraction(0)) / fact[line]
        for fact, relation in goal.facts()
        if relation in (">", ">=") and set(fact) <= {(), line} and fact.get(line, Fraction(0)) < 0
    ]
    return min(found, default=None)
