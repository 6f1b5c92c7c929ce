"""Bring a goal into the form that sign certificates take: logic, cases, roots and denominators taken out."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Goal, Rejected, constant, same_up_to_scale
from checks.checker.grammar import Node
from checks.checker.kinds.functions import inside
from checks.engine.algebra import charts_text, factored
from checks.engine.budget import Certificate, NotFound
from checks.engine.sample import clearly, inhabited, plausible
from checks.engine.tactics import Prover, by_rule, leaves
from checks.engine.unparse import unparse

# more disjunctions among the hypotheses than this are not taken apart
MOST_DISJUNCTIONS = 6


def terms(goal: Goal) -> Iterator[Node]:
    """Yield the subterms of a goal outside binders, the inner ones first."""
    sides = [goal.conclusion, *(side for a, _, b in goal.given for side in (a, b)), *goal.either]
    seen: set[Node] = set()

    def walk(node: Node) -> Iterator[Node]:
        if node in seen:
            return
        seen.add(node)
        for part in inside(node):
            yield from walk(part)
        yield node

    for side in sides:
        yield from walk(side)


def by_logic(goal: Goal, prove: Prover) -> Certificate | None:
    """Take a compound conclusion or a disjunction among the hypotheses apart; None when there is neither."""
    if goal.conclusion[0] in ("and", "not", "implies") or (
        goal.conclusion[0] == "compare" and len(goal.conclusion[1]) > 1
    ):
        if goal.conclusion[0] == "implies" or leaves(goal, "parts")[0].conclusion[0] == "or":
            return _by_side(goal, prove)
        return by_rule(goal, prove, "parts")
    if goal.conclusion[0] == "or":
        return _by_side(goal, prove)
    if len(goal.either) <= MOST_DISJUNCTIONS:
        for position, node in enumerate(goal.either):
            if node[0] == "or":
                return by_rule(goal, prove, "choose", either=position)
    return None


def _by_side(goal: Goal, prove: Prover) -> Certificate:
    reasons = []
    for alone in (False, True):
        for side in (1, 0):
            parameters = {"side": side, "alone": True} if alone else {"side": side}
            try:
                if all(plausible(rest) for rest in leaves(goal, "side", **parameters)):
                    return by_rule(goal, prove, "side", **parameters)
            except NotFound as error:
                reasons.append(str(error))
    raise NotFound(reasons[0] if reasons else "neither side of the disjunction holds alone")


def by_cases(goal: Goal, prove: Prover) -> Certificate | None:
    """Take the first absolute value, minimum or maximum out of a goal; None when there is none."""
    for node in terms(goal):
        if node[0] == "call" and node[1] in ("abs", "min", "max"):
            return by_rule(goal, prove, "cases", term=unparse(node))
    return None


def by_root(goal: Goal, prove: Prover) -> Certificate | None:
    """Give a root or a power with a rational exponent a new name; None when there is none."""
    for node in terms(goal):
        exponent = constant(node[2]) if node[0] == "**" else None
        power = exponent is not None and exponent.denominator != 1
        if power or (node[0] == "call" and node[1] == "sqrt"):
            return by_rule(goal, prove, "name", term=unparse(node), **{"as": new_name(goal, "root")})
    return None


def new_name(goal: Goal, start: str) -> str:
    """Return a name that the goal does not use."""
    taken = goal.names | set(goal.context.indices) | set(goal.context.families)
    return next(f"{start}{i}" for i in range(1, 1000) if f"{start}{i}" not in taken)


def by_clearing(goal: Goal, prove: Prover, aside: Prover) -> Certificate | None:
    """Multiply out the denominators of a hypothesis; None when no hypothesis has some whose sign is found."""
    known = {fact_key(fact, sign) for fact, sign in goal.facts()}
    for position, (a, sign, b) in enumerate(goal.given):
        try:
            bottom = poly.ratio(("-", a, b), goal.context)[1]
        except (poly.NotRational, Rejected):
            continue
        if set(bottom) == {()}:
            continue
        for side in (0,) if sign in ("==", "!=") else (1, -1, 0):
            try:
                wanted = leaves(goal, "clear", given=position, sign=side)
                if {fact_key(*fact) for fact in wanted[-1].facts()} <= known:
                    break
                if len(wanted) == 2 and not plausible(wanted[0]):
                    continue
                proofs = [aside(inner) for inner in wanted[:-1]]
            except NotFound:
                continue
            return {"kind": "clear", "given": position, "sign": side, "by": [*proofs, prove(wanted[-1])]}
    return None


def by_dividing(goal: Goal, prove: Prover, aside: Prover) -> Certificate | None:
    """Divide a hypothesis by the factors whose sign is known; None when there is nothing to divide by."""
    known = {fact_key(fact, sign) for fact, sign in goal.facts()}
    for position, (fact, relation) in enumerate(goal.facts()):
        if not all(isinstance(g, str) for g in poly.generators(fact)) or max(map(_degree, fact), default=0) < 2:
            continue
        number, factors = factored(fact)
        outer, rest = poly.ONE, poly.constant(number)
        for q, exponent in factors:
            sign = 1 if exponent % 2 == 0 and relation in (">", "!=") else _known_sign(q, goal, relation)
            if sign:
                outer = poly.multiply(outer, poly.power(poly.multiply(q, poly.constant(sign)), exponent))
                rest = poly.multiply(rest, poly.constant(sign**exponent))
            else:
                rest = poly.multiply(rest, poly.power(q, exponent))
        if set(outer) <= {()} or set(rest) <= {()} or fact_key(rest, relation) in known:
            continue
        parameters = {"fact": position, "factor": charts_text(outer), "to": charts_text(rest)}
        try:
            proofs = [aside(inner) for inner in leaves(goal, "divide", **parameters)[:-1]]
        except NotFound:
            continue
        last = prove(leaves(goal, "divide", **parameters)[-1])
        return {"kind": "divide", **parameters, "by": [*proofs, last]}
    return None


def by_nonzero(goal: Goal, prove: Prover) -> Certificate | None:
    """Use that the square of what is not zero is positive; None where every such square has a sign already."""
    facts = goal.facts()
    known = {fact_key(fact, "") for fact, relation in facts if relation == ">"}
    for fact, relation in facts:
        if relation != "!=" or len(poly.generators(fact)) > 1:
            continue
        square = poly.multiply(fact, fact)
        signed = (poly.multiply(fact, poly.constant(side)) for side in (1, -1))
        if any(fact_key(q, "") in known for q in (square, *signed)):
            continue
        first, second = leaves(goal, "lemma", show=f"({charts_text(fact)})**2 > 0")
        return {"kind": "lemma", "show": f"({charts_text(fact)})**2 > 0", "by": [prove(first), prove(second)]}
    return None


def _degree(monomial: poly.Monomial) -> int:
    return sum(e for _, e in monomial)


def _known_sign(q: poly.Poly, goal: Goal, relation: str) -> int:
    """Return the sign of a factor that a hypothesis gives, or that follows at once; for == and !=, 1 if not zero."""
    for fact, known in goal.facts():
        if known == ">" and same_up_to_scale(fact, q, positive=False):
            return 1 if same_up_to_scale(fact, q) else -1
        if known == "!=" and relation in ("==", "!=") and same_up_to_scale(fact, q, positive=False):
            return 1
    if relation == "!=":
        return 1 if len(q) == 1 else 0
    return _sum_sign(q, goal)


def _sum_sign(q: poly.Poly, goal: Goal) -> int:
    """Return 1 when every term of a polynomial is positive or nonnegative by hypotheses on its variables."""
    positive = {next(iter(fact))[0][0] for fact, r in goal.facts() if r == ">" and _variable(fact)}
    known = positive | {next(iter(fact))[0][0] for fact, r in goal.facts() if r == ">=" and _variable(fact)}
    for side in (1, -1):
        if all(v * side > 0 and all(e % 2 == 0 or g in known for g, e in m) for m, v in q.items()) and any(
            all(g in positive for g, _ in m) for m in q
        ):
            return side
    return 0


def _variable(fact: poly.Poly) -> bool:
    """Return whether a fact says that a variable is not negative."""
    return len(fact) == 1 and all(len(m) == 1 and m[0][1] == 1 and v > 0 for m, v in fact.items())


def by_squeezing(goal: Goal, prove: Prover) -> Certificate | None:
    """Use ``p >= 0`` and ``-p >= 0`` as the equality that they make; None when no two hypotheses are such."""
    facts = [(fact, fact_key(fact, "")) for fact, relation in goal.facts() if relation == ">=" and fact]
    equal = {
        fact_key(poly.multiply(fact, poly.constant(side)), "")
        for fact, r in goal.facts()
        if r == "=="
        for side in (1, -1)
    }
    opposite = {fact_key(poly.multiply(fact, poly.constant(-1)), "") for fact, _ in facts}
    for fact, key in facts:
        if key in opposite and key not in equal:
            return by_rule(goal, prove, "lemma", show=f"{charts_text(fact)} == 0")
    return None


def by_contradiction(goal: Goal, prove: Prover) -> Certificate | None:
    """Show that the hypotheses contradict each other, where no sample point satisfies them; None where one does."""
    if goal.conclusion == FALSE or goal.context.atoms or inhabited(goal):
        return None
    return by_rule(goal, prove, "absurd")


def by_variable_signs(goal: Goal, prove: Prover, aside: Prover) -> Certificate | None:
    """Show the sign of a variable that the hypotheses do not give directly; None when there is none to show."""
    if goal.context.atoms or (len(goal.names) == 1 and goal.conclusion != FALSE):
        return None
    given = {next(iter(m for m in f if m))[0][0] for f, r in goal.facts() if r in (">", ">=", "==") and _signed(f)}
    for name in sorted(goal.names - given):
        for show in (f"{name} > 0", f"{name} < 0", f"{name} >= 0", f"{name} <= 0"):
            first, second = leaves(goal, "lemma", show=show)
            if first.conclusion == goal.conclusion or not clearly(first):
                continue
            try:
                proof = aside(first)
            except NotFound:
                continue
            return {"kind": "lemma", "show": show, "by": [proof, prove(second)]}
    return None


def _signed(fact: poly.Poly) -> bool:
    """Return whether a fact bounds a variable away from one side of zero."""
    moving = [m for m in fact if m]
    if len(moving) != 1 or len(moving[0]) != 1 or moving[0][0][1] != 1:
        return False
    return fact.get((), Fraction(0)) * fact[moving[0]] <= 0


def by_factor_signs(goal: Goal, prove: Prover, aside: Prover, settled: bool = False) -> Certificate | None:
    """Show the sign of a factor of the goal first, where a hypothesis does not give it; None when all are known.

    With ``settled`` the factors of the denominator are left alone.
    """
    try:
        top, bottom = goal.difference()
    except poly.NotRational:
        return None
    if goal.context.atoms:
        return None
    below = [q for q, _ in factored(bottom)[1]] if set(bottom) != {()} else []
    above = [q for q, e in factored(top)[1] if e % 2] if top and set(top) != {()} else []
    for q in [*([] if settled else below), *(above if len(above) + len(below) > 1 else [])]:
        enough = (">", "!=") if q in below else (">", ">=", "!=")
        if any(r in enough and same_up_to_scale(f, q, positive=False) for f, r in goal.facts()):
            continue
        text = charts_text(q)
        strict = [f"{text} > 0", f"{text} < 0"]
        weak = [f"{text} >= 0", f"{text} <= 0"] if goal.sign in ("<=", ">=", "==") else []
        for show in [*strict, f"{text} != 0"] if q in below else weak or strict:
            try:
                first, second = leaves(goal, "lemma", show=show)
                if not clearly(first):
                    continue
                proof = aside(first)
            except NotFound:
                continue
            return {"kind": "lemma", "show": show, "by": [proof, prove(second)]}
    return None


def fact_key(fact: poly.Poly, sign: str) -> tuple[object, str]:
    """Return what makes two facts the same up to a positive factor."""
    if not fact:
        return (), sign
    first = min(fact, key=repr)
    return frozenset((m, v / abs(fact[first])) for m, v in fact.items()), sign
