"""Goals with exponentials, logarithms, sines and cosines: normal form first, then cheap methods before costly ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast
from weakref import WeakKeyDictionary, proxy

from checks.checker import polynomial as poly
from checks.checker.goal import Goal, Rejected
from checks.checker.grammar import Node, names
from checks.checker.kinds.functions import inside
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.functions.angles import by_half_turn, circles, defined
from checks.engine.functions.atoms import atoms_of, goal_atoms, plausible
from checks.engine.functions.bounds import by_bounds
from checks.engine.functions.boxes import by_boxes
from checks.engine.functions.constants import by_constants, constants
from checks.engine.functions.exponents import identity, named, rewritten
from checks.engine.functions.growth import by_growth
from checks.engine.functions.logarithms import by_difference, by_logarithms
from checks.engine.functions.monotone import by_denying, by_logarithm, by_product
from checks.engine.functions.pieces import by_inversion, by_pieces
from checks.engine.functions.quotients import by_quotient, by_reflection
from checks.engine.functions.radicals import by_square, positive, unrooted
from checks.engine.functions.secants import by_secants
from checks.engine.functions.tidy import by_sign, by_signs, refuted, substituted, tidied, trimmed
from checks.engine.tactics import leaves

if TYPE_CHECKING:
    from checks.engine.prove import Search

Method = Callable[[Goal], Certificate]

# goals with functions inside one another, from the first to the deepest
DEEPEST = (7, 9, 11)
# plans of growth that a goal may try, by effort
MOST_TRIED = (2, 4, 8)
_RUNNING: WeakKeyDictionary[Search, Terms] = WeakKeyDictionary()


def by_functions(goal: Goal, search: Search) -> Certificate:
    """Prove a goal with functions other than the rational ones.

    Raises
    ------
    NotFound
        With what was tried.
    """
    if goal.context.indices or goal.context.atoms or not goal_atoms(goal):
        raise NotFound("")
    if goal.conclusion[0] != "compare" or len(goal.conclusion[1]) != 1:
        raise NotFound("")
    running = _RUNNING.setdefault(search, Terms(search))
    if search.plain:
        if rational(goal.conclusion):
            raise NotFound("")
        return running.opaque(goal)
    if rational(goal.conclusion):
        if running.depth:
            raise NotFound("")
        return running.by_hypotheses(goal)
    return running.terms(goal)


def rational(node: Node) -> bool:
    """Return whether no function is left in an expression or statement."""
    return next(atoms_of(node), None) is None


def _plain(node: Node) -> bool:
    """Return whether a statement is one comparison without roots, absolute values, minima and maxima."""

    def walk(part: Node) -> bool:
        if part[0] == "call" and part[1] in ("sqrt", "abs", "min", "max"):
            return False
        return all(walk(p) for p in inside(part))

    return node[0] == "compare" and len(node[1]) == 1 and walk(node)


class Terms:
    """The methods for goals with functions, with one memory of what failed."""

    def __init__(self, search: Search) -> None:
        self.search = cast("Search", proxy(search))  # the table of running searches must not keep them alive
        self.depth = 0
        self.naming = False
        self.failed: dict[tuple[object, ...], str] = {}

    def prove(self, goal: Goal) -> Certificate:
        """Prove a goal that one of the methods leaves.

        Raises
        ------
        NotFound
            With what was tried.
        """
        found = from_one(goal)
        if found is not None:
            return found
        if not _plain(goal.conclusion):
            return self.search.prove(goal)
        if rational(goal.conclusion):
            return self.rational(goal)
        try:
            return by_constants(goal, self.prove)
        except NotFound:
            return self.terms(goal)

    def rational(self, goal: Goal) -> Certificate:
        """Prove a rational conclusion, if need be with the hypotheses that have functions in them."""
        try:
            return self.search.prove(goal)
        except NotFound:
            here = names(goal.conclusion)
            linked = (a for entry in goal.given for side in (entry[0], entry[2]) for a in atoms_of(side))
            if self.naming or not any(names(a) & here or not names(a) for a in linked):
                raise
        self.naming = True  # what has to be defined for that is not worth the same
        try:
            return self.opaque(goal)
        finally:
            self.naming = False

    def terms(self, goal: Goal) -> Certificate:
        """Prove a conclusion with functions in it."""
        key = (goal.conclusion, goal.given, goal.either, goal.integers)
        if key in self.failed:
            raise NotFound(self.failed[key])
        if self.search.budget.spent():
            raise NotFound("out of time")
        if self.depth >= DEEPEST[self.search.effort]:
            raise NotFound("too many steps")
        self.depth += 1
        try:
            return self._terms(goal)
        except (NotFound, poly.NotRational, Rejected) as error:
            self.failed[key] = str(error)
            raise NotFound(str(error)) from error
        finally:
            self.depth -= 1

    def _terms(self, goal: Goal) -> Certificate:
        if not names(goal.conclusion):
            try:
                leaves(goal, "numbers")
                return {"kind": "numbers"}
            except NotFound:
                pass
        if not plausible(goal):
            raise NotFound("the goal fails at a sample point")
        effort = self.search.effort
        for direct in (by_half_turn, by_logarithms):
            try:
                return direct(goal, self.prove)
            except (NotFound, poly.NotRational, Rejected):
                continue
        chain = Chain(goal, self.prove)
        trimmed(chain)
        defined(chain)
        positive(chain, self.search.budget)
        unrooted(chain, self.prove)
        substituted(chain)
        reasons: list[str] = []
        if chain.goal.sign in (">=", "<=", ">", "<"):
            tidied(chain)
            try:
                return chain.close(by_bounds(chain.goal, self.prove, 0))
            except NotFound as error:
                reasons.append(str(error))
        rewritten(chain, self.prove)
        trimmed(chain)
        if rational(chain.goal.conclusion):
            return chain.close(self.rational(chain.goal))
        if chain.goal.sign == "==":
            return chain.close(identity(chain.goal, self.prove))
        if chain.goal.sign == "!=":
            return chain.close(by_sign(chain.goal, self.prove))
        tidied(chain)
        tries = MOST_TRIED[effort] if self.depth <= 2 else 2
        methods: list[Method] = [
            partial(self.opaque, quick=True),
            partial(by_product, prove=self.prove),
            partial(by_signs, prove=self.prove),
            partial(by_bounds, prove=self.prove, effort=effort),
            partial(by_difference, prove=self.prove),
            partial(by_secants, prove=self.prove, effort=effort),
            partial(by_growth, prove=self.prove, tries=tries, careful=effort > 0),
        ]
        if effort:
            if self.depth <= 2:
                methods.insert(-2, partial(by_quotient, prove=self.prove))
            methods.insert(-1, partial(by_boxes, prove=self.prove, effort=effort, budget=self.search.budget))
            methods.insert(-1, partial(by_logarithm, prove=self.prove))
            if names(chain.goal.conclusion):  # squares say nothing of numbers
                methods.insert(-2, self.opaque)
            methods += [partial(by_inversion, prove=self.prove), partial(by_pieces, prove=self.prove)]
            methods += [partial(by_reflection, prove=self.prove)]
        return chain.close(self.first(chain.goal, methods, reasons))

    def first(self, goal: Goal, methods: list[Method], reasons: list[str]) -> Certificate:
        """Return the certificate of the first method that finds one.

        Raises
        ------
        NotFound
            With the reasons of all, when none does.
        """
        for method in methods:
            try:
                return method(goal)
            except (NotFound, poly.NotRational, Rejected) as error:
                reasons.append(str(error))
            if self.search.budget.spent():
                break
        raise NotFound("; ".join(dict.fromkeys(r for r in reasons if r)))

    def by_hypotheses(self, goal: Goal) -> Certificate:
        """Prove a rational conclusion from hypotheses with functions."""
        self.depth += 1
        try:
            return self.first(goal, [self.opaque, partial(by_square, prove=self.prove), self.by_denial], [])
        finally:
            self.depth -= 1

    def by_denial(self, goal: Goal) -> Certificate:
        """Refute the negated conclusion by what it says of the exponentials and logarithms of its sides."""

        def contradiction(denied: Goal) -> Certificate:
            chain = Chain(denied, self.prove)
            trimmed(chain)
            rewritten(chain, self.prove)
            trimmed(chain)
            constants(chain, self.search.effort)
            named(chain)
            try:
                return chain.close(refuted(chain.goal, self.prove))
            except NotFound:
                return chain.close(self.search.prove(chain.goal))

        return by_denying(goal, self.prove, contradiction)

    def opaque(self, goal: Goal, quick: bool = False) -> Certificate:
        """Name every atom and prove the rational goal that is left; when ``quick``, without sums of squares."""
        chain = Chain(goal, self.prove)
        constants(chain, self.search.effort)
        circles(chain)
        named(chain)
        return chain.close((self.search.aside if quick else self.search.prove)(chain.goal))
