"""Tail probabilities by Chernoff's method: Markov's inequality for exp(t X) and the generating function of a law.

A statement says: for all values of the names that satisfy every line of ``given``, every random variable X of the law
has Pr[X rel a] <= B, with rel one of <=, <, >=, >.  It is proved by a multiplier t and an exponent e, expressions in
those names: the law's parameters are allowed, t >= 0 for an upper tail and t <= 0 for a lower one, t in the domain of
the law, and log E exp(t X) - t a <= e, exp(e) <= B; for then Pr[X rel a] <= E exp(t (X - a)) <= exp(e) <= B.
It is refuted by values at which B < 0, or at which B < 1 and the range of X makes the event sure.

`LAWS` holds what is taken as known: an upper bound of log E exp(t X) for every X of the law, and the ends of a range
that X cannot leave.  Sources: Boucheron, Lugosi and Massart, Concentration Inequalities (2013), Sections 2.2 to 2.6;
Mitzenmacher and Upfal, Probability and Computing (2005), Section 4.2 (sums of Bernoulli variables).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from checks.checker.goal import ONE, ZERO, Goal, Rejected, bounded, comparison, goals, lines, pieces
from checks.checker.grammar import Node, holds_kind, names, parse, substitute
from checks.checker.kinds.instance import decided, read_point

ProveGoal = Callable[[Goal, Mapping[str, Any]], None]
# statements, and what needs index sets: neither is an expression in the names of a tail statement
FOREIGN = ("compare", "and", "or", "not", "implies", "all", "any", "sum", "diff", "taylor", "entry", "delta", "size")


@dataclass(frozen=True)
class Law:
    """A family of laws; the lines are in the grammar, in the parameters and, for the generating function, ``t``.

    ``allowed`` says which parameters have a law (those in ``whole`` are integers), ``domain`` for which t the bound
    ``log_mgf`` of log E exp(t X) holds, and always ``least`` <= X <= ``greatest`` (empty: no such bound).
    """

    allowed: tuple[str, ...]
    log_mgf: str
    domain: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    least: str = ""
    greatest: str = ""
    parameters: tuple[str, ...] = ()


LAWS = {
    # N(mean, variance), a point mass where the variance is 0
    "gaussian": Law(("variance >= 0",), "mean*t + variance*t**2/2", parameters=("mean", "variance")),
    # a sum of squares of independent N(0, 1); the gamma law of shape degrees/2 and scale 2
    "chi-squared": Law(("degrees > 0",), "-degrees/2*log(1 - 2*t)", ("t < 1/2",), least="0", parameters=("degrees",)),
    # a sum of ``number`` squares of independent N(0, variance)
    "gaussian-squares": Law(
        ("number >= 1", "variance > 0"),
        "-number/2*log(1 - 2*variance*t)",
        ("2*variance*t < 1",),
        whole=("number",),
        least="0",
        parameters=("number", "variance"),
    ),
    # the largest of |X_1|, ..., |X_number|, each N(0, variance): exp(t max) <= sum_i exp(t X_i) + exp(-t X_i)
    "largest-gaussian": Law(
        ("number >= 1", "variance >= 0"),
        "log(2*number) + variance*t**2/2",
        ("t >= 0",),
        whole=("number",),
        least="0",
        parameters=("number", "variance"),
    ),
    # a sum, of any length, of independent X_i in {0, 1}, with its mean: 1 + p (exp(t) - 1) <= exp(p (exp(t) - 1))
    "bernoulli-sum": Law(("mean >= 0",), "mean*(exp(t) - 1)", least="0", parameters=("mean",)),
    # a sum of ``number`` independent variables in {0, 1}, each 1 with the given probability
    "binomial": Law(
        ("number >= 0", "0 <= probability <= 1"),
        "number*log(1 - probability + probability*exp(t))",
        whole=("number",),
        least="0",
        greatest="number",
        parameters=("number", "probability"),
    ),
    # the law on X >= 0 with density rate exp(-rate x)
    "exponential": Law(("rate > 0",), "-log(1 - t/rate)", ("t < rate",), least="0", parameters=("rate",)),
    # a sum, with its mean, of ``number`` independent variables with values in [low, high]: Hoeffding's lemma
    "bounded-sum": Law(
        ("number >= 1", "number*low <= mean <= number*high"),
        "mean*t + number*(high - low)**2*t**2/8",
        whole=("number",),
        least="number*low",
        greatest="number*high",
        parameters=("number", "low", "high", "mean"),
    ),
}


@dataclass(frozen=True)
class Tail:
    """A tail statement, parsed; ``goal`` holds its hypotheses."""

    law: Law
    values: dict[str, Node]
    relation: str
    threshold: Node
    bound: Node
    goal: Goal

    def lines(self, *texts: str, **more: Node) -> list[Node]:
        """Return lines of the law with the statement's parameters in them."""
        return [bounded(substitute(parse(text), {**self.values, **more})) for text in texts]


def read(formal: Mapping[str, Any]) -> Tail:
    """Return a statement of the form ``tail``, parsed.

    Raises
    ------
    Rejected
        When the law or relation is none of the list, a parameter is missing, unknown or should be an integer and is
        not, or a part is no expression.
    """
    given, event = dict(formal["law"]), formal["event"]
    name = given.pop("name")
    if name not in LAWS or set(given) != set(LAWS[name].parameters):
        raise Rejected(f"no law {name!r} with the parameters {sorted(given)}")
    if set(event) != {"relation", "threshold"} or event["relation"] not in ("<", "<=", ">", ">="):
        raise Rejected(f"{event!r} is no event of a tail")
    texts = [*given.values(), event["threshold"], formal["bound"]]
    found = lines({"let": formal.get("let", ()), "part": texts}, "part")
    for text, node in zip(texts, found, strict=True):
        _expression(node, text)
    values = dict(zip(given, found, strict=False))
    for parameter in LAWS[name].whole:
        if not _whole(values[parameter], set(formal.get("integers", ()))):
            raise Rejected(f"{parameter} is not an integer whatever its names are")
    shared = {key: formal[key] for key in ("let", "given", "integers") if key in formal}
    (goal,) = goals({**shared, "show": ["0 > 0"]})
    return Tail(LAWS[name], values, event["relation"], found[-2], found[-1], goal)


def _expression(node: Node, text: object) -> None:
    if holds_kind(node, FOREIGN):
        raise Rejected(f"{text!r} is no expression in numbers and names")


def _whole(node: Node, integers: set[str]) -> bool:
    if node[0] in ("+", "-", "*"):
        return all(_whole(part, integers) for part in node[1:])
    return bool(node[0] == "number" and node[1].denominator == 1) or (node[0] == "name" and node[1] in integers)


def obligations(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[Goal]:
    """Return what has to be shown for the certificate's ``multiplier`` and ``exponent``, in order.

    Raises
    ------
    Rejected
        When the statement is malformed, or one of the two is no expression in its names.
    """
    tail = read(formal)
    t, e = (tail.goal.read(certificate[key]) for key in ("multiplier", "exponent"))
    known = set(tail.goal.names).union(*map(names, (*tail.values.values(), tail.threshold, tail.bound)))
    for node, key in ((t, "multiplier"), (e, "exponent")):
        _expression(node, certificate[key])
        if not names(node) <= known:
            raise Rejected(f"the {key} mentions a name that the statement does not have")
    side = comparison(t, ">=" if tail.relation in (">", ">=") else "<=", ZERO)
    (log_mgf,) = tail.lines(tail.law.log_mgf, t=t)
    chernoff = comparison(("-", log_mgf, ("*", t, tail.threshold)), "<=", e)
    shown = [*tail.lines(*tail.law.allowed), side, *tail.lines(*tail.law.domain, t=t), chernoff]
    shown.append(comparison(("call", "exp", (e,)), "<=", tail.bound))
    return [replace(tail.goal, conclusion=piece) for node in shown for piece in pieces(node)]


def prove(formal: Mapping[str, Any], certificate: Mapping[str, Any], prove_goal: ProveGoal) -> None:
    """Accept a multiplier and an exponent with a proof of each obligation.

    Raises
    ------
    Rejected
        When one of them has no proof.
    """
    wanted, steps = obligations(formal, certificate), certificate["steps"]
    if len(wanted) != len(steps):
        raise Rejected(f"{len(wanted)} obligations, {len(steps)} certificates")
    for goal, step in zip(wanted, steps, strict=True):
        prove_goal(goal, step)


def fails(tail: Tail, event: str) -> tuple[list[Node], Node]:
    """Return conditions on the names, and what the statement then implies: B >= 1 (``sure``) or B >= 0 (``any``).

    Raises
    ------
    Rejected
        When the law has no range that could make the event sure.
    """
    if event == "any":
        return tail.lines(*tail.law.allowed), comparison(tail.bound, ">=", ZERO)
    end = tail.law.least if tail.relation in (">", ">=") else tail.law.greatest
    if event != "sure" or not end:
        raise Rejected(f"the law does not make the event {event!r}")
    sure = comparison(tail.lines(end)[0], tail.relation, tail.threshold)
    return [*tail.lines(*tail.law.allowed), sure], comparison(tail.bound, ">=", ONE)


def refute(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> None:
    """Accept values at which the bound is negative, or below 1 though the event is sure.

    Raises
    ------
    Rejected
        When a hypothesis or condition is not shown to hold there, or the bound not shown to fail.
    """
    conditions, implied = fails(read(formal), certificate["event"])
    at = read_point({"integers": formal.get("integers", ())}, certificate).with_digits
    for node in (*lines(formal, "given"), *conditions):
        if decided(node, at) is not True:
            raise Rejected("a hypothesis, or a condition of the law or event, fails at the point")
    if decided(implied, at) is True:
        raise Rejected("the bound is not too small at the point")
