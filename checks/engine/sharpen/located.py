"""Proofs at a threshold in closed form, and that the claim fails just beyond it.

Below the threshold K the parameter is K - s with s >= 0, so that equal terms cancel exactly.  Beyond it the parameter
is K + t, and the counterexamples lie on a line x_i = X_i + k_i t through the point X behind the threshold (on x_i = k_i
/ t where that point is at infinity), for all t in (0, w).  The statement is then that no t is a counterexample to the
claim, and its refutation a certificate of kind ``negation``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from itertools import islice, product
from typing import Any

import mpmath as mp

from checks.checker.goal import NEGATED, Goal, Rejected, comparison, constant, goals, lines
from checks.checker.grammar import Node, names, parse
from checks.checker.kinds import quantified
from checks.checker.kinds.functions import inside
from checks.checker.polynomial import NotRational
from checks.engine.budget import Budget, Certificate, NotFound
from checks.engine.chain import Chain
from checks.engine.checking import CHECKER
from checks.engine.prove import prove_goal
from checks.engine.sharpen.boundary import Located
from checks.engine.sharpen.closed import value
from checks.engine.sharpen.hills import by_hill
from checks.engine.sharpen.recognise import DIGITS, recognised
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, leaves
from checks.engine.unparse import unparse

FAULTS = (NotFound, NotRational, Rejected, ValueError, ArithmeticError, RecursionError)
WIDTHS = (Fraction(1, 10), Fraction(1, 1000))
RATES = tuple(Fraction(k) for k in ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "4", "-4", "1/4", "-1/4"))
MOST_LINES, MOST_TRIED = 400, 5
QUICK_SECONDS, TACTIC_SECONDS = 0.5, 2.0
# seconds for one way of a proof, in the rounds over all of them
ROUNDS = (0.6, 2.5, 10.0)
ZERO: Node = ("number", Fraction(0))
Tactic = Callable[[Goal, Budget], Certificate]


class LocatedProofs:
    """The proofs at one claim."""

    def __init__(self, formal: Mapping[str, Any], exists: Sequence[str], parameter: str, up: bool) -> None:
        self.formal, self.exists, self.parameter, self.up = formal, list(exists), parameter, up
        self.nodes = {key: lines(formal, key) for key in ("given", "show")}
        found = set().union(*(names(node) for key in self.nodes for node in self.nodes[key]))
        self.others = sorted(found - {parameter} - set(exists))
        self.t = next(n for n in ("t", *(f"t{i}" for i in range(99))) if n not in found)

    # up to the threshold

    def holds(self, located: Located, strict: bool, budget: Budget) -> bool:
        """Return whether the claim is proved with the parameter at most (below, where strict) the threshold."""
        if self.exists:
            return False
        text = located.at.value(self.parameter)
        sign = ("<" if self.up else ">") + ("" if strict else "=")
        formal = {**self.formal, "given": [*self.formal.get("given", ()), f"{self.parameter} {sign} {text}"]}
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
        yield lambda goal, budget: self._moved(goal, c, k, self.up, sign, budget)
        for value_, inverse in _outer(k, c, self.up):
            yield lambda goal, budget, v=value_, i=inverse: self._bent(goal, v, i, sign, k, budget)  # type: ignore[misc]
        places = {n: parse(x) for n, x in located.point.items() if x is not None and "oo" not in x}
        for name, place in places.items():
            if unparse(place) == unparse(k):
                yield lambda goal, budget, n=name: self._followed(goal, n, k, sign, budget)  # type: ignore[misc]
        yield lambda goal, budget: self._from_end(goal, k, budget)
        with mp.workdps(DIGITS):
            end = {c: value(k, {})}
        yield lambda goal, budget: _monotone(goal, end, budget)
        for name, place in places.items():
            for scaled in (True, False):
                yield lambda goal, budget, n=name, p=place, s=scaled: self._centred(  # type: ignore[misc]
                    goal, n, p, s, k, sign, budget
                )
        yield lambda goal, budget: self._by_exponential(goal, k, budget)
        yield prove_goal

    def _moved(self, goal: Goal, name: str, end: Node, below: bool, sign: str, budget: Budget) -> Certificate:
        """Prove a goal where a name is at most (at least) an end: the name is the end minus (plus) a new one."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        self._shift(chain, name, end, below, sign)
        return chain.close(prove_goal(chain.goal, budget))

    def _shift(self, chain: Chain, name: str, end: Node, below: bool, sign: str) -> None:
        s, text = new_name(chain.goal, "s"), unparse(end)
        old = (("name", name), sign, end)
        place = chain.goal.given.index(old) if old in chain.goal.given else None
        value_, inverse = (
            (f"({text}) - {s}", f"({text}) - {name}")
            if below
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

    def _bent(self, goal: Goal, text: str, inverse: str, sign: str, end: Node, budget: Budget) -> Certificate:
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

    def _followed(self, goal: Goal, name: str, end: Node, sign: str, budget: Budget) -> Certificate:
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
        self._shift(chain, name, end, self.up, strict)
        return chain.close(prove_goal(chain.goal, budget))

    def _from_end(self, goal: Goal, end: Node, budget: Budget) -> Certificate:
        """Prove a goal at the threshold itself, and that its gap grows on the way from there."""
        for strict in ("start", "slope"):
            with suppress(NotFound):
                return _grown(goal, self.parameter, end, -1 if self.up else 1, strict, budget)
        raise NotFound("no growth from the threshold")

    def _centred(
        self, goal: Goal, name: str, place: Node, scaled: bool, end: Node, sign: str, budget: Budget
    ) -> Certificate:
        """Prove a goal in terms of the quotient by a point, or of the difference from it."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        text, u = unparse(place), new_name(goal, "u")
        value_, inverse = (f"({text})*{u}", f"{name}/({text})") if scaled else (f"({text}) + {u}", f"{name} - ({text})")
        chain.apply("change", variable=name, value=value_, inverse=inverse, **{"as": u})
        if scaled:
            with suppress(NotFound):
                chain.lemma(comparison(("name", u), ">", ZERO))
        self._shift(chain, self.parameter, end, self.up, sign)
        return chain.close(prove_goal(chain.goal, budget))

    def _by_exponential(self, goal: Goal, end: Node, budget: Budget) -> Certificate:
        """Prove a goal with the bounds of the parameter's exponential."""
        chain = Chain(goal, lambda g: prove_goal(g, budget))
        ends = [self.parameter, unparse(end)] if self.up else [unparse(end), self.parameter]
        chain.apply("axiom", axiom="exp-increasing", at=ends, order=1)
        with suppress(NotFound):
            floor = ["0", self.parameter] if self.up else [self.parameter, "0"]
            chain.apply("axiom", axiom="exp-increasing", at=floor, order=1)
        return chain.close(prove_goal(chain.goal, budget))

    # at the threshold and beyond

    def fails_at(self, located: Located, budget: Budget) -> bool:
        """Return whether the claim fails with the parameter equal to the threshold, at the point behind it."""
        values = {n: x for n, x in located.point.items() if x is not None and "oo" not in x}
        if set(values) != set(self.others) or self.exists:
            return False
        values[self.parameter] = located.at.value(self.parameter)
        statement = {**self.formal, "given": [*self.formal.get("given", ()), f"{self.t} == 0"], "exists": [self.t]}
        return self._accepted(statement, values, budget)

    def fails_beyond(self, located: Located, budget: Budget) -> bool:
        """Return whether the claim is shown to fail for values of the parameter past the threshold, however near."""
        k = located.at.value(self.parameter)
        for width in WIDTHS:
            own = [f"{self.t} > 0", f"{self.t} < {width}"]
            statement = {
                **self.formal,
                "given": [*self.formal.get("given", ()), *own],
                "exists": [*self.exists, self.t],
            }
            for values in self._lines(located, k, width):
                if budget.spent():
                    return False
                if self._accepted(statement, values, budget):
                    return True
        return False

    def _lines(self, located: Located, k: str, width: Fraction) -> Iterator[dict[str, str]]:
        """Yield lines of counterexamples that pass in floating point of many digits, the simplest first."""
        if any(located.point.get(n) is None for n in self.others):
            return
        for c in (f"{k} {'+' if self.up else '-'} {self.t}", *_inner(parse(k), self.t)):
            yield from islice(self._through(located, c, width), MOST_TRIED)

    def _through(self, located: Located, c: str, width: Fraction) -> Iterator[dict[str, str]]:
        choices = [[(r, _line(str(located.point[n]), r, self.t)) for r in RATES] for n in self.others]
        options = sorted(product(*choices), key=lambda entries: sum(RATES.index(r) for r, _ in entries))
        for entries in options[:MOST_LINES]:
            texts = [text for _, text in entries]
            if None in texts:
                continue
            values = {self.parameter: c, **dict(zip(self.others, map(str, texts), strict=True))}
            if self.exists or self._fails(values, width):
                yield values

    def _fails(self, values: Mapping[str, str], width: Fraction) -> bool:
        """Return whether every hypothesis holds and a conclusion fails along a line, as far as digits show."""
        line = {n: parse(text) for n, text in values.items()}
        with mp.workdps(DIGITS):
            for share in ("0.9", "0.5", "0.1", "0.001", "0.000001"):
                t = mp.mpf(width.numerator) / width.denominator * mp.mpf(share)
                try:
                    at = {n: value(node, {self.t: t}) for n, node in line.items()}
                    if not all(_true(node, at) for node in self.nodes["given"]):
                        return False
                except (ArithmeticError, ValueError, KeyError):
                    return False
                with suppress(ArithmeticError, ValueError, KeyError):
                    if all(_true(node, at) for node in self.nodes["show"]):
                        return False
        return True

    def _accepted(self, statement: Mapping[str, Any], values: Mapping[str, str], budget: Budget) -> bool:
        found = _negation(statement, values, self.t, budget)
        return found is not None and CHECKER.ask(statement, found)[0]


def _outer(node: Node, name: str, below: bool) -> Iterator[tuple[str, str]]:
    """Yield a quotient or root with a new name s inside, and s in terms of the number."""
    if node[0] == "/":
        top, bottom = map(unparse, node[1:])
        sign = "+" if below else "-"
        yield f"({top})/({bottom} {sign} {{s}})", f"{'' if below else '0 - '}(({top})/{name} - ({bottom}))"
    elif node[:2] == ("call", "sqrt"):
        inside_, sign = unparse(node[2][0]), "-" if below else "+"
        yield f"sqrt({inside_} {sign} {{s}})", f"({inside_}) - {name}**2" if below else f"{name}**2 - ({inside_})"


def _inner(node: Node, t: str) -> Iterator[str]:
    """Yield expressions that tend to the value of a quotient, root, exponential or logarithm as t tends to 0."""
    if node[0] == "/":
        top, bottom = map(unparse, node[1:])
        for sign in ("+", "-"):
            if names(node[1]) or node[1][0] != "number":
                yield f"({top} {sign} {t})/({bottom})"
            yield f"({top})/({bottom} {sign} {t})"
    elif node[0] == "call" and node[1] in ("sqrt", "exp", "log"):
        for sign in ("+", "-"):
            yield f"{node[1]}({unparse(node[2][0])} {sign} {t})"


def _line(start: str, rate: Fraction, t: str) -> str | None:
    if start in ("oo", "-oo"):
        return f"{rate}/{t}" if rate and (rate > 0) == (start == "oo") else None
    move = f"({rate})*{t}" if rate != 1 else t
    return start if not rate else move if start == "0" else f"{start} + {move}"


def _true(node: Node, at: Mapping[str, mp.mpf]) -> bool:
    if node[0] == "and":
        return _true(node[1], at) and _true(node[2], at)
    if node[0] == "or":
        return _true(node[1], at) or _true(node[2], at)
    if node[0] == "implies":
        return not _true(node[1], at) or _true(node[2], at)
    if node[0] == "not":
        return not _true(node[1], at)
    sides = [value(side, at) for side in node[2]]
    small = mp.mpf(10) ** (-DIGITS // 2)
    for sign, a, b in zip(node[1], sides[:-1], sides[1:], strict=True):
        near = abs(a - b) <= small * max(1, abs(a))
        if sign in ("==", "!="):
            if near != (sign == "=="):
                return False
        elif near:
            if "=" not in sign:
                return False
        elif (a < b) != (sign[0] == "<"):
            return False
    return True


def _negation(
    statement: Mapping[str, Any], values: Mapping[str, str], along: str, budget: Budget
) -> dict[str, Any] | None:
    """Return a certificate that a statement with existential names fails at a point given in them."""
    own, rest = quantified.split(statement)
    fixed = quantified.at_values(statement, values)
    try:
        wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
        given = [_along(g, along, budget) for g in wanted]
    except FAULTS:
        return None
    for position, goal in enumerate(goals({**fixed, "given": own})):
        if budget.spent():
            return None
        with suppress(*FAULTS):
            opposite = goal.showing(goal.left, NEGATED[goal.sign], goal.right)
            by = _along(opposite, along, budget)
            return {
                "verdict": "refuted",
                "kind": "negation",
                "values": dict(values),
                "given": given,
                "relation": position,
                "by": by,
            }
    return None


def _along(goal: Goal, name: str, budget: Budget) -> Certificate:
    """Prove a goal where a name is positive: by growth from 0 in that name, else by any method."""
    with suppress(*FAULTS):
        return prove_goal(goal, budget.part(QUICK_SECONDS))
    with suppress(*FAULTS):
        return _monotone(goal, {name: mp.mpf(0)}, budget.part(TACTIC_SECONDS))
    for strict in ("slope", "start"):
        with suppress(*FAULTS):
            return _grown(goal, name, ZERO, 1, strict, budget.part(TACTIC_SECONDS))
    return prove_goal(goal, budget.part(TACTIC_SECONDS))


def _monotone(goal: Goal, at: Mapping[str, mp.mpf], budget: Budget) -> Certificate:
    """Prove a goal from what the functions of its arguments are at a point: exp and log increase."""
    chain = Chain(goal, lambda g: prove_goal(g, budget))
    found = 0
    with mp.workdps(DIGITS):
        calls = [node for node in _calls(goal.conclusion) if names(node) and names(node) <= set(at)]
        for node in dict.fromkeys(calls):
            inside_, whole = (next(recognised(value(part, at)), None) for part in (node[2][0], node))
            if inside_ is None or whole is None:
                continue
            end = parse(inside_.value("x"))
            chain.lemma(comparison(("call", node[1], (end,)), "==", parse(whole.value("x"))))
            for order, (low, high) in product((2, 1), ((end, node[2][0]), (node[2][0], end))):
                with suppress(NotFound):
                    ends = [unparse(low), unparse(high)]
                    chain.apply("axiom", axiom=f"{node[1]}-increasing", at=ends, order=order)
                    found += 1
                    break
    if not found:
        raise NotFound("no function increases from a known value")
    return chain.close(prove_goal(chain.goal, budget))


def _calls(node: Node) -> Iterator[Node]:
    if node[:2] in (("call", "exp"), ("call", "log")):
        yield node
    elif node[0] == "**" and constant(node[2]) is None:
        yield ("call", "exp", (("*", node[2], ("call", "log", (node[1],))),))
    for part in inside(node):
        yield from _calls(part)


def _grown(goal: Goal, name: str, start: Node, way: int, strict: str, budget: Budget) -> Certificate:
    """Prove a goal at a start of a name, and that its gap grows on the way from there."""
    chain = Chain(goal, lambda g: _hilly(g, budget))
    parameters = {"variable": name, "as": new_name(goal, "u"), "from": unparse(start), "inward": way, "strict": strict}
    proofs = [_neat(inner, chain.proof) for inner in leaves(goal, "grow", **parameters)]
    return {"kind": "grow", **parameters, "by": proofs}


def _hilly(goal: Goal, budget: Budget) -> Certificate:
    """Prove a goal; where it is hard and has two ends with a maximum in between, from both ends."""
    with suppress(*FAULTS):
        return prove_goal(goal, budget.part(QUICK_SECONDS))
    with suppress(*FAULTS):
        return by_hill(goal, lambda g: prove_goal(g, budget.part(TACTIC_SECONDS)))
    return prove_goal(goal, budget)


def _neat(goal: Goal, prove: Prover) -> Certificate:
    """Prove a goal without the zeros that a start at 0 leaves in it."""
    chain = Chain(goal, prove)
    for term in dict.fromkeys(_with_zero(goal.conclusion)):
        chain.apply("rewrite", **{"from": unparse(term), "to": unparse(term[1])})
    return chain.close(chain.proof(chain.goal))


def _with_zero(node: Node) -> Iterator[Node]:
    if node[0] in ("+", "-") and node[2] == ZERO:
        yield node
        return
    for part in inside(node):
        yield from _with_zero(part)
