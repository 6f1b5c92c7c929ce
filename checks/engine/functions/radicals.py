"""A root with a name, r >= 0 and r*r == a, in a comparison that is linear in it: both sides are squared."""

from __future__ import annotations

from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.goal import ZERO, Goal, comparison, polynomial_fact
from checks.checker.grammar import Node, names
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.combinations import by_combination
from checks.engine.functions.atoms import Forms, Samples, positive_gap
from checks.engine.functions.exponents import named
from checks.engine.tactics import Prover, by_rule
from checks.engine.unparse import unparse


def by_square(goal: Goal, prove: Prover) -> Certificate:
    """Prove ``p = b + c r >= 0`` for a root r of a: b**2 - c**2 a >= 0 where b >= 0 >= c, <= 0 where b <= 0 <= c.

    The negation p < 0 is contradicted by ``p**2 - 2 p b + (b**2 - c**2 a) = c**2 (r**2 - a)`` (in the other case
    ``p**2 - 2 p c r + (c**2 a - b**2) = c**2 (a - r**2)``).

    Raises
    ------
    NotFound
        For goals of another form, and where one of these signs is not proved.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    forms = Forms(goal)
    top, bottom = forms.ratio(positive_gap(goal))
    if set(bottom) != {()}:
        raise NotFound("")
    top = poly.multiply(top, poly.constant(1 / bottom[()]))
    reasons = ["no root to square"]
    for left, sign, right in goal.given:
        if sign != "==" or left[0] != "*" or left[1] != left[2] or left[1][0] != "name":
            continue
        name = left[1][1]
        if max((dict(m).get(name, 0) for m in top), default=0) != 1:
            continue
        try:
            return _squared(goal, forms, top, name, (left, sign, right), prove)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[-1])


def positive(chain: Chain, budget: Budget) -> None:
    """Show that a root r of a conclusion, r*r == a, is positive where a is: divisors and growth need it strictly."""

    def refuted(denied: Goal) -> Certificate:
        return by_combination({}, ">", denied, budget)

    for left, sign, right in chain.goal.given:
        if sign != "==" or left[0] != "*" or left[1] != left[2] or left[1][0] != "name":
            continue
        if left[1][1] not in names(chain.goal.conclusion) or Samples(chain.goal).sign(right) != (1, True):
            continue
        try:
            chain.lemma(comparison(left[1], ">", ZERO), lambda goal: by_rule(goal, refuted, "deny"))
        except NotFound:
            continue


def unrooted(chain: Chain, prove: Prover) -> None:
    """Write the root of an exponential in a conclusion as an exponential: r*r == exp(u) as r == exp(u/2)."""
    for left, sign, right in chain.goal.given:
        if sign != "==" or left[0] != "*" or left[1] != left[2] or left[1][0] != "name":
            continue
        if right[:2] != ("call", "exp") or left[1][1] not in names(chain.goal.conclusion):
            continue
        half: Node = ("call", "exp", (("/", right[2][0], ("number", Fraction(2))),))

        def show(inner: Goal) -> Certificate:
            return by_rule(inner, lambda side: by_square(side, prove), "both")

        try:
            chain.apply("rewrite", show, **{"from": left[1][1], "to": unparse(half)})
        except NotFound:
            continue
        return


def _squared(
    goal: Goal, forms: Forms, top: poly.Poly, name: str, square: tuple[Node, str, Node], prove: Prover
) -> Certificate:
    c = forms.node({tuple(i for i in m if i[0] != name): v for m, v in top.items() if name in dict(m)})
    b = forms.node({m: v for m, v in top.items() if name not in dict(m)})
    if forms.used(forms.ratio(c)[0]):
        raise NotFound("a coefficient that is not rational")
    samples = Samples(goal)
    side, other = samples.sign(c)[0], samples.sign(b)[0]
    if side == other:
        raise NotFound("both parts have one sign, or none")
    strict = ">" if goal.sign in ("<", ">") else ">="
    two: Node = ("number", Fraction(2))
    first, second = ("**", b, two), ("*", ("**", c, two), square[2])
    main: Node = ("-", first, second) if side < 0 else ("-", second, first)
    chain = Chain(goal, prove)
    helpful = comparison(b, ">=", ZERO) if side < 0 else comparison(("*", c, ("name", name)), ">=", ZERO)
    chain.lemma(comparison(("-", ZERO, c) if side < 0 else c, ">=", ZERO))
    chain.lemma(helpful)
    chain.lemma(comparison(main, strict, ZERO), lambda inner: _without(inner, name, prove))
    wanted = [(f[2][0], f[1][0], f[2][1]) for f in (helpful, comparison(main, strict, ZERO))]
    places = [len(chain.goal.given), *(chain.goal.given.index(entry) for entry in (*wanted, square))]
    chain.apply("deny")
    named(chain)
    denied, other_part, difference, root = (_fact(chain.goal, place) for place in places)
    terms = [
        {"coefficient": "1", "facts": [denied, denied]},
        {"coefficient": "2", "facts": [denied, other_part]},
        {"coefficient": "1", "facts": [difference]},
        {"coefficient": "1" if side > 0 else "-1", "facts": [root], "multiplier": unparse(("*", c, c))},
    ]
    return chain.close({"kind": "combination", "terms": terms})


def _fact(goal: Goal, place: int) -> int:
    """Return the number among the polynomial hypotheses of the one at a place.

    Raises
    ------
    NotFound
        When that one is no polynomial.
    """
    if polynomial_fact(goal.given[place], goal.context) is None:
        raise NotFound("a hypothesis with a denominator")
    return sum(polynomial_fact(entry, goal.context) is not None for entry in goal.given[:place])


def _without(goal: Goal, name: str, prove: Prover) -> Certificate:
    """Prove a goal that does not mention a root without the hypotheses that do."""
    chain = Chain(goal, prove)
    if name not in names(goal.conclusion):
        chain.forget([n for n, (a, _, b) in enumerate(goal.given) if name not in names(a) | names(b)])
    return chain.close(chain.proof(chain.goal))
