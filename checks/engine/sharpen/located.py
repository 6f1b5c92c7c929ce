"""Proofs up to a threshold in closed form.

Below the threshold K the parameter is K - s with s >= 0, so that equal terms cancel exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import mpmath as mp

from checks.checker.goal import Goal, comparison, goals
from checks.checker.grammar import Node, names, parse
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.checking import CHECKER
from checks.engine.prove import prove_goal
from checks.engine.sharpen.boundary import Located
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.growth import FAULTS, ZERO, grown, monotone
from checks.engine.sharpen.recognise import DIGITS
from checks.engine.sharpen.statement import assuming
from checks.engine.structure import new_name
from checks.engine.unparse import unparse

# seconds for one way of a proof, in the rounds over all of them
ROUNDS = (0.6, 2.5, 10.0)
Tactic = Callable[[Goal, Budget], Certificate]


class LocatedProofs:
    """The proofs at one claim without existential names."""

    def __init__(self, formal: Mapping[str, Any], parameter: str, up: bool) -> None:
        self.formal, self.parameter, self.up = formal, parameter, up

    def holds(self, located: Located, strict: bool, budget: Budget) -> bool:
        """Return whether the claim is proved with the parameter at most (below, where strict) the threshold."""
        text = located.at.value(self.parameter)
        sign = ("<" if self.up else ">") + ("" if strict else "=")
        formal = assuming(self.formal, f"{self.parameter} {sign} {text}")
        steps = []
        for goal in goals(formal):
            step = self._shown(goal, located, sign, budget)
            if step is None:
                return False
            steps.append(step)
        return CHECKER.ask(formal, {"verdict": "proved", "steps": steps})[0]

    def _shown(self, goal: Goal, located: Located, sign: str, budget: Budget) -> Certificate | None:
        for seconds in ROUNDS:
            for tactic in self._tactics(located, sign):
                if budget.spent():
                    return None
                with suppress(*FAULTS):
                    return tactic(goal, budget.part(seconds))
        return None

    def _tactics(self, located: Located, sign: str) -> Iterator[Tactic]:
        k, c = parse(located.at.value(self.parameter)), self.parameter
        yield partial(self._moved, end=k, sign=sign)
        for value_, inverse in _outer(k, c, self.up):
            yield partial(self._bent, text=value_, inverse=inverse, sign=sign, end=k)
        places = {n: parse(x) for n, x in located.point.items() if x is not None and "oo" not in x}
        for name, place in places.items():
            if unparse(place) == unparse(k):
                yield partial(self._followed, name=name, end=k, sign=sign)
        yield partial(self._from_end, end=k)
        with mp.workdps(DIGITS):
            end = {c: value(k, {})}
        yield partial(monotone, at=end)
        for name, place in places.items():
            for scaled in (True, False):
                yield partial(self._centred, name=name, place=place, scaled=scaled, end=k, sign=sign)
        yield partial(self._by_exponential, end=k)
        yield prove_goal

    def _moved(self, goal: Goal, budget: Budget, *, end: Node, sign: str) -> Certificate:
        """Prove a goal with the parameter, at most (at least) an end, as the end minus (plus) a new name."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        self._shift(chain, self.parameter, end, sign)
        return chain.close(prove_goal(chain.goal, budget))

    def _shift(self, chain: Chain, name: str, end: Node, sign: str) -> None:
        """Write a name that is at most (at least) an end as the end minus (plus) a new one."""
        s, text = new_name(chain.goal, "s"), unparse(end)
        old = (("name", name), sign, end)
        place = chain.goal.given.index(old) if old in chain.goal.given else None
        value_, inverse = (
            (f"({text}) - {s}", f"({text}) - {name}")
            if self.up
            else (
                f"({text}) + {s}",
                f"{name} - ({text})",
            )
        )
        chain.apply("change", variable=name, value=value_, inverse=inverse, **{"as": s})
        strict = ">" if sign in ("<", ">") else ">="
        chain.lemma(comparison(("name", s), strict, ZERO))
        if place is not None and not chain.goal.either:
            chain.forget([n for n in range(len(chain.goal.given)) if n != place])

    def _bent(self, goal: Goal, budget: Budget, *, text: str, inverse: str, sign: str, end: Node) -> Certificate:
        """Prove a goal with the parameter as a function of a new name, of which the end is the value at 0."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        s = new_name(goal, "s")
        strict = ">" if sign in ("<", ">") else ">="
        chain.lemma(comparison(parse(inverse), strict, ZERO))
        place = chain.goal.given.index((("name", self.parameter), sign, end))
        chain.apply("change", variable=self.parameter, value=text.format(s=s), inverse=inverse, **{"as": s})
        if not chain.goal.either:
            chain.forget([n for n in range(len(chain.goal.given)) if n != place])
        return chain.close(prove_goal(chain.goal, budget))

    def _followed(self, goal: Goal, budget: Budget, *, name: str, end: Node, sign: str) -> Certificate:
        """Prove a goal where another name is bounded by the parameter, hence by its end."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        strict = sign
        with suppress(NotFound):
            chain.lemma(comparison(("name", name), sign, end))
        if (("name", name), sign, end) not in chain.goal.given:
            strict = sign.rstrip("=") + "="
            chain.lemma(comparison(("name", name), strict, end))
        if self.parameter not in names(chain.goal.conclusion) and not chain.goal.either:
            given = chain.goal.given
            chain.forget([n for n, (a, _, b) in enumerate(given) if self.parameter not in names(a) | names(b)])
        self._shift(chain, name, end, strict)
        return chain.close(prove_goal(chain.goal, budget))

    def _from_end(self, goal: Goal, budget: Budget, *, end: Node) -> Certificate:
        """Prove a goal at the threshold itself, and that its gap grows on the way from there."""
        for strict in ("start", "slope"):
            with suppress(NotFound):
                return grown(goal, self.parameter, end, -1 if self.up else 1, strict, budget)
        raise NotFound("no growth from the threshold")

    def _centred(
        self, goal: Goal, budget: Budget, *, name: str, place: Node, scaled: bool, end: Node, sign: str
    ) -> Certificate:
        """Prove a goal in terms of the quotient by a point, or of the difference from it."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        text, u = unparse(place), new_name(goal, "u")
        value_, inverse = (f"({text})*{u}", f"{name}/({text})") if scaled else (f"({text}) + {u}", f"{name} - ({text})")
        chain.apply("change", variable=name, value=value_, inverse=inverse, **{"as": u})
        if scaled:
            with suppress(NotFound):
                chain.lemma(comparison(("name", u), ">", ZERO))
        self._shift(chain, self.parameter, end, sign)
        return chain.close(prove_goal(chain.goal, budget))

    def _by_exponential(self, goal: Goal, budget: Budget, *, end: Node) -> Certificate:
        """Prove a goal with the bounds of the parameter's exponential."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        ends = [self.parameter, unparse(end)] if self.up else [unparse(end), self.parameter]
        chain.apply("axiom", axiom="exp-increasing", at=ends, order=1)
        with suppress(NotFound):
            floor = ["0", self.parameter] if self.up else [self.parameter, "0"]
            chain.apply("axiom", axiom="exp-increasing", at=floor, order=1)
        return chain.close(prove_goal(chain.goal, budget))


def _outer(node: Node, name: str, below: bool) -> Iterator[tuple[str, str]]:
    """Yield a quotient or root with a new name s inside, and s in terms of the number."""
    if node[0] == "/":
        top, bottom = map(unparse, node[1:])
        sign = "+" if below else "-"
        yield f"({top})/({bottom} {sign} {{s}})", f"{'' if below else '0 - '}(({top})/{name} - ({bottom}))"
    elif node[:2] == ("call", "sqrt"):
        inside_, sign = unparse(node[2][0]), "-" if below else "+"
        yield f"sqrt({inside_} {sign} {{s}})", f"({inside_}) - {name}**2" if below else f"{name}**2 - ({inside_})"
