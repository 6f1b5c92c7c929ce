"""Propose a certificate for one goal: from cheap methods to costly ones, structure first, then signs."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, cached_property

from threadpoolctl import ThreadpoolController

from checks.checker import polynomial as poly
from checks.checker.goal import FALSE, Goal, Rejected
from checks.checker.grammar import names
from checks.engine import integers, structure
from checks.engine.algebra import charts_text
from checks.engine.bernstein.blowup import by_blowup
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.combinations import by_combination
from checks.engine.complement import by_complement
from checks.engine.functions import transcendental
from checks.engine.functions.radicals import by_square
from checks.engine.sample import plausible
from checks.engine.sharpen.touching import by_touching
from checks.engine.shorter import shortened
from checks.engine.signs import denominator, prove
from checks.engine.squares.propose import by_squares
from checks.engine.tactics import by_rule, leaves

__all__ = ["Budget", "Certificate", "NotFound", "prove_at_once", "prove_goal"]

# effort at which a method is first used
DENY, SPLIT = 1, 2
# seconds that sums of squares may take, by effort
SQUARES = (0.0, 0.8, 4.0)
# with so many variables, squares are completed before sums of squares are looked for
MANY = 5
# from this degree on, corner zeros are resolved before the goal is changed or denied
HIGH = 9
# seconds that charts of corner zeros may take, by effort
BLOWUP = (0.0, 1.5, 6.0)
DEEPEST = 24
# seconds that a certificate may take to be made shorter
SHORTENING = 0.5


def prove_goal(goal: Goal, budget: Budget) -> Certificate:
    """Find a certificate that the checker's ``prove_goal`` accepts.

    Raises
    ------
    NotFound
        When none of the methods succeeds.
    """
    reason = "no method applies"
    with _threads().limit(limits=1):  # the matrices are small: threads cost more than they give
        # what speaks of index sets has no samples to be guided by, and no squares
        for effort in range(1 if goal.context.atoms else 3):
            try:
                return shortened(goal, Search(budget, effort).prove(goal), Budget(SHORTENING))
            except NotFound as error:
                reason = str(error)
            if budget.spent():
                break
    raise NotFound(reason)


def prove_at_once(goal: Goal, budget: Budget) -> Certificate:
    """Find a certificate by the cheapest methods alone.

    Raises
    ------
    NotFound
        When they do not find one.
    """
    with _threads().limit(limits=1):
        return shortened(goal, Search(budget, 0).prove(goal), Budget(SHORTENING))


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


class Search:
    """One pass over the methods, with how much each may cost; goals that failed are not tried again."""

    def __init__(self, budget: Budget, effort: int, plain: bool = False) -> None:
        self.budget, self.effort, self.plain = budget, effort, plain
        self.failed: dict[tuple[object, ...], str] = {}
        self.open: set[tuple[object, ...]] = set()
        self.cut = 0
        self.splits = 0
        self.cuts = 0
        self.contacts = 0

    def aside(self, goal: Goal) -> Certificate:
        """Prove a side condition, such as the sign of a factor, by plain methods only.

        Raises
        ------
        NotFound
            When they do not.
        """
        if self.plain:
            return self.prove(goal)
        return self.plainly.prove(goal)

    @cached_property
    def plainly(self) -> Search:
        """The same search without lemmas and sums of squares."""
        return Search(self.budget, self.effort, plain=True)

    def prove(self, goal: Goal) -> Certificate:
        """Find a certificate within this pass.

        Raises
        ------
        NotFound
            With what was tried.
        """
        key = (goal.conclusion, goal.given, goal.either, goal.integers)
        if key in self.failed:
            raise NotFound(self.failed[key])
        if self.budget.spent():
            raise NotFound("out of time")
        if key in self.open or len(self.open) > DEEPEST:
            self.cut += 1
            raise NotFound("the goal itself" if key in self.open else "too many steps")
        self.open.add(key)
        cut = self.cut
        try:
            return self._prove(goal)
        except (NotFound, poly.NotRational, Rejected, RecursionError) as error:
            if cut == self.cut and not self.budget.spent():  # what was cut short may be found on another way
                self.failed[key] = str(error)
            raise NotFound(str(error)) from error
        finally:
            self.open.discard(key)

    def _prove(self, goal: Goal) -> Certificate:
        closed = _at_once(goal) or _impossible(goal)
        if closed is not None:
            return closed
        if not plausible(goal):
            raise NotFound("the goal fails at a sample point")
        # each of these either does not apply, or leaves goals that the rest can do without it
        for method in (structure.by_logic, structure.by_cases, structure.by_root):
            found = method(goal, self.prove)
            if found is not None:
                return found
        if goal.conclusion[0] == "compare":
            try:
                return self._quickly(goal)
            except (NotFound, poly.NotRational):
                pass
        found = self.first(
            goal, (structure.by_squeezing, integers.tightened, structure.by_nonzero)[: 2 + (self.effort > 0)]
        )
        if found is not None:
            return found
        if self.effort >= DENY and not self.plain:
            try:
                return by_complement(goal, self.prove, symbolic=True)
            except (NotFound, poly.NotRational):
                pass
        for simplify in (structure.by_clearing, structure.by_dividing, structure.by_variable_signs):
            if simplify is structure.by_variable_signs and (self.plain or not self.effort):
                continue
            try:
                found = simplify(goal, self.prove, self.aside)
            except NotFound:
                continue
            if found is not None:
                return found
        methods: list[Callable[[Goal], Certificate]] = [
            self._by_contradiction,
            self.comparison,
            lambda g: integers.by_integers(g, self),
            lambda g: transcendental.by_functions(g, self),
        ]
        if integers.equational(goal):
            methods.insert(0, methods.pop(2))
        return self.any(goal, tuple(methods))

    def first(
        self, goal: Goal, methods: tuple[Callable[[Goal, Callable[[Goal], Certificate]], Certificate | None], ...]
    ) -> Certificate | None:
        """Return the first certificate that a method finds; one that fails is no reason to stop."""
        for method in methods:
            try:
                found = method(goal, self.prove)
            except NotFound:
                continue
            if found is not None:
                return found
        return None

    def any(self, goal: Goal, methods: tuple[Callable[[Goal], Certificate], ...]) -> Certificate:
        """Return the certificate of the first method that finds one.

        Raises
        ------
        NotFound
            With the reasons of all, when none does.
        """
        reasons = []
        for method in methods:
            try:
                return method(goal)
            except (NotFound, poly.NotRational, Rejected) as error:
                reasons.append(str(error))
            if self.budget.spent():
                reasons.append("out of time")
                break
        raise NotFound("; ".join(dict.fromkeys(r for r in reasons if r)))

    def comparison(self, goal: Goal) -> Certificate:
        """Prove a comparison of rational functions."""
        top, bottom = goal.difference()
        if goal.sign == "==" and not top:
            return self._leaf(goal, top, bottom)
        methods: list[Callable[[Goal], Certificate]] = [self._by_substitution, self._by_squares_of_variables]
        if self.effort >= DENY and not self.plain:
            methods.append(self._by_touching)
        if self.effort >= DENY and len(poly.generators(top)) >= MANY:
            methods.append(lambda g: by_complement(g, self._quickly))
        methods.append(lambda g: self._leaf(g, top, bottom))
        charts = self.effort >= DENY and not self.plain
        high = max((sum(e for _, e in m) for m in top), default=0) >= HIGH
        if charts and high:
            methods.append(self._by_charts)
        if self.effort >= DENY and not self.plain:
            methods += [lambda g: by_complement(g, self.prove), lambda g: by_square(g, self.prove)]
            methods += [self._by_factor_signs, self._by_numerator]
        if goal.sign == "==":
            methods.append(lambda g: by_rule(g, self.prove, "both"))
        if goal.conclusion != FALSE and self.effort >= DENY:
            methods.append(self._by_denial)
        if charts and not high:
            methods.append(self._by_charts)
        if self.effort >= SPLIT and not self.plain:
            methods.append(self._by_splitting)
        return self.any(goal, tuple(methods))

    def _by_charts(self, goal: Goal) -> Certificate:
        return by_blowup(goal, self.aside, self._slice(BLOWUP[self.effort]))

    def _quickly(self, goal: Goal) -> Certificate:
        """Prove a comparison by what costs next to nothing."""
        return self._leaf(goal, *goal.difference(), quick=True)

    def _leaf(self, goal: Goal, top: poly.Poly, bottom: poly.Poly, quick: bool = False) -> Certificate:
        certificate: Certificate = {}
        sign = 1 if bottom.get((), Fraction(1)) > 0 else -1
        if set(bottom) != {()}:
            certificate["denominator"], sign = denominator(bottom, goal, self.budget)
        if goal.sign == "==":
            if top:
                raise NotFound("the two normal forms differ")
            return {"kind": "identity", **certificate}
        if goal.sign == "!=":
            if not top:
                raise NotFound("the two normal forms agree")
            return {"kind": "nonzero", **denominator(top, goal, self.budget)[0], **certificate}
        if sign == 0:
            raise NotFound("the sign of the denominator is not known")
        p, strict = poly.multiply(top, poly.constant(sign)), ">" if goal.sign in ("<", ">") else ">="
        try:
            return {**prove(p, strict, goal, self.budget, -1 if quick else self.effort), **certificate}
        except NotFound:
            indexed = any(not isinstance(g, str) for g in poly.generators(p))
            if quick or self.plain or indexed or not SQUARES[self.effort]:
                raise
            return {**by_squares(p, strict, goal.facts(), self._slice(SQUARES[self.effort])), **certificate}

    def _by_touching(self, goal: Goal) -> Certificate:
        """Expand about the point at which the two sides become equal, at one point in a proof at most."""
        if self.contacts:
            raise NotFound("")
        self.contacts += 1
        try:
            return by_touching(goal, self.prove, self.budget)
        finally:
            self.contacts -= 1

    def _by_numerator(self, goal: Goal) -> Certificate:
        """Leave the denominator of a comparison behind, once its sign is known."""
        top, bottom = goal.difference()
        if goal.sign in ("==", "!=") or set(bottom) == {()}:
            raise NotFound("")
        sign = denominator(bottom, goal, self.budget)[1]
        if not sign:
            raise NotFound("the sign of the denominator is not known")
        bottom, top = (poly.multiply(p, poly.constant(sign)) for p in (bottom, top))
        return by_rule(goal, self.prove, "scale", factor=f"1/({charts_text(bottom)})", to=charts_text(top))

    def _by_contradiction(self, goal: Goal) -> Certificate:
        prover = self.prove if self.effort >= SPLIT else self.aside
        found = structure.by_contradiction(goal, prover) if self.effort and not self.plain else None
        if found is None:
            raise NotFound("")
        return found

    def _by_factor_signs(self, goal: Goal) -> Certificate:
        try:
            settled = denominator(goal.difference()[1], goal, self.budget)[1] != 0
        except NotFound:
            settled = False
        found = structure.by_factor_signs(goal, self.prove, self.prove, settled)
        if found is None:
            raise NotFound("")
        return found

    def _slice(self, seconds: float) -> Budget:
        return self.budget.part(seconds)

    def _by_substitution(self, goal: Goal) -> Certificate:
        """Eliminate a variable that an equality among the hypotheses gives in the others."""
        top, bottom = goal.difference()
        facts = goal.facts()
        used = {g for p in (top, bottom, *(fact for fact, _ in facts)) for g in poly.generators(p)}
        options = []
        for position, (fact, relation) in enumerate(facts):
            if relation != "==" or not fact:
                continue
            for variable in sorted(str(g) for g in poly.generators(fact) if isinstance(g, str) and g in used):
                slope = {m for m in fact if variable in dict(m)}
                if all(dict(m)[variable] == 1 for m in slope):
                    options.append((len(slope) > 1 or len(next(iter(slope))) > 1, len(fact), variable, position))
        reasons = ["no equality to use"]
        for several, _, variable, position in sorted(options)[: 1 + self.effort]:
            if several and self.effort < SPLIT:
                continue  # leaves denominators
            try:
                return by_rule(goal, self.prove, "substitute", variable=variable, fact=position)
            except NotFound as error:
                reasons.append(str(error))
        raise NotFound(reasons[-1] if len(reasons) > 1 else "")

    def _by_squares_of_variables(self, goal: Goal) -> Certificate:
        even = _even_variables(goal)
        if not even or goal.sign == "==":
            raise NotFound("")
        return by_rule(goal, self.prove, "squares", variables=sorted(even))

    def _by_denial(self, goal: Goal) -> Certificate:
        """Refute the negated conclusion together with the hypotheses."""

        def refute(denied: Goal) -> Certificate:
            if denied.conclusion != FALSE:
                return self.prove(denied)
            reasons = []
            for method in (
                lambda: by_combination({}, ">", denied, self.budget),
                lambda: self._against_a_fact(denied),
                lambda: self._squares_against(denied),
            ):
                try:
                    return method()
                except NotFound as error:
                    reasons.append(str(error))
            raise NotFound("; ".join(reasons))

        return by_rule(goal, refute, "deny")

    def _squares_against(self, goal: Goal) -> Certificate:
        if self.plain:
            raise NotFound("")
        return by_squares({}, ">", goal.facts(), self._slice(SQUARES[self.effort]))

    def _against_a_fact(self, goal: Goal) -> Certificate:
        """Show that a nonlinear hypothesis is false where the others hold."""
        for fact, relation in reversed(goal.facts()):
            if relation not in (">", ">=") or len(fact) < 2 or all(sum(e for _, e in m) < 2 for m in fact):
                continue
            show = f"{charts_text(fact)} {'<=' if relation == '>' else '<'} 0"
            first, second = leaves(goal, "lemma", show=show)
            if not plausible(first):
                continue
            opposite = poly.multiply(fact, poly.constant(-1))
            try:
                proof = prove(opposite, ">=" if relation == ">" else ">", goal, self.budget, 0)
                end = by_combination({}, ">", second, self.budget)
            except NotFound:
                continue
            return {"kind": "lemma", "show": show, "by": [proof, end]}
        raise NotFound("no hypothesis is false where the others hold")

    def _by_splitting(self, goal: Goal) -> Certificate:
        """Cut the domain at the sign of a variable or of a difference of two."""
        if self.splits >= 3:
            raise NotFound("")
        found = sorted(n for n in goal.names if n not in goal.context.size_names())
        known = {g for fact, r in goal.facts() if r in (">", ">=") and len(fact) == 1 for m in fact for g, _ in m}
        places = [n for n in found if n not in known]
        places += [f"{a} - {b}" for i, a in enumerate(found) for b in found[i + 1 :]]
        self.splits += 1
        try:
            for at in places[:6]:
                try:
                    return by_rule(goal, self.prove, "split", at=at)
                except NotFound:
                    continue
        finally:
            self.splits -= 1
        raise NotFound("no case distinction helps")


def _at_once(goal: Goal) -> Certificate | None:
    """Return the certificate of a comparison of numbers, or of a hypothesis that is the conclusion."""
    if goal.conclusion[0] != "compare" or len(goal.conclusion[1]) != 1:
        return None
    left, sign, right = goal.relation
    for position, (a, relation, b) in enumerate(goal.given):
        if (a, b) == (left, right) and relation in (sign, {">=": ">", "<=": "<"}.get(sign)):
            return {"kind": "known", "given": position}
    if not names(goal.conclusion) and not goal.context.indices:
        try:
            leaves(goal, "numbers")
        except NotFound:
            return None
        return {"kind": "numbers"}
    return None


def _impossible(goal: Goal) -> Certificate | None:
    """Return the certificate that two bounds on one variable contradict each other, exactly, where they do."""
    bounds: dict[str, dict[int, list[tuple[Fraction, bool, int, Fraction]]]] = {}
    for position, (fact, relation) in enumerate(goal.facts()):
        moving = [m for m in fact if m]
        if relation not in (">", ">=") or len(moving) != 1 or len(moving[0]) != 1 or moving[0][0][1] != 1:
            continue
        slope = fact[moving[0]]
        side = bounds.setdefault(str(moving[0][0][0]), {}).setdefault(1 if slope > 0 else -1, [])
        side.append((-fact.get((), Fraction(0)) / slope, relation == ">", position, abs(slope)))
    for sides in bounds.values():
        if len(sides) < 2:
            continue
        low = max(sides[1], key=lambda b: b[:2])
        high = min(sides[-1], key=lambda b: (b[0], not b[1]))
        gap = low[0] - high[0]
        if gap > 0 or (gap == 0 and (low[1] or high[1])):
            if goal.conclusion != FALSE:
                return by_rule(goal, lambda g: _impossible(g) or {}, "absurd")
            terms: list[Certificate] = [
                {"coefficient": str(1 / scale), "facts": [position]} for _, _, position, scale in (low, high)
            ]
            return {"kind": "combination", "terms": [*terms, *([{"coefficient": str(gap)}] if gap else [])]}
    return None


def _even_variables(goal: Goal) -> set[str]:
    """Return the variables that occur in even powers only, there and in every hypothesis that bounds them."""
    top, bottom = goal.difference()
    odd: set[object] = set()
    seen: set[str] = set()
    for p in (top, bottom, *(fact for fact, _ in goal.facts())):
        for monomial in p:
            odd |= {g for g, e in monomial if e % 2}
            seen |= {g for g, e in monomial if isinstance(g, str)}
    return seen - odd - goal.context.size_names()
