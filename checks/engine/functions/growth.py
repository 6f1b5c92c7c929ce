"""Growth along a path: an inequality that holds at its start and whose gap grows along it."""

from __future__ import annotations

from checks.checker.goal import ONE, ZERO, Goal, Relation, comparison
from checks.checker.grammar import Node, names, substitute
from checks.engine.budget import Certificate, NotFound
from checks.engine.chain import Chain, from_one
from checks.engine.functions.atoms import Samples, atoms_of, signed
from checks.engine.functions.exponents import identity
from checks.engine.functions.plans import Plan, ordered
from checks.engine.structure import new_name
from checks.engine.tactics import Prover, leaves
from checks.engine.unparse import unparse


def by_growth(goal: Goal, prove: Prover, tries: int, careful: bool) -> Certificate:
    """Prove an inequality by growth: at most ``tries`` plans, compared more closely when ``careful``.

    Raises
    ------
    NotFound
        Where no plan works.
    """
    if goal.sign not in (">=", "<=", ">", "<"):
        raise NotFound("")
    reasons = []
    for plan in ordered(goal, careful)[:tries]:
        try:
            return carried_out(goal, plan, prove)
        except NotFound as error:
            reasons.append(str(error))
    raise NotFound(reasons[0] if reasons else "no derivative has a definite sign on the way from a known place")


def carried_out(goal: Goal, plan: Plan, prove: Prover) -> Certificate:
    """Return the certificate of a plan.

    Raises
    ------
    NotFound
        When one of its goals is not proved.
    """
    chain = Chain(goal, prove)
    if plan.divisor != ONE:
        if next(atoms_of(plan.divisor), None) is None:  # that it is not zero is needed for the equality too
            chain.lemma(comparison(plan.divisor, ">", ZERO))
        chain.apply(
            "scale",
            lambda inner: identity(inner, prove),
            chain.proof,
            factor=unparse(plan.divisor),
            to=unparse(plan.function),
        )
    if plan.inward:
        return chain.close(_grown(chain.goal, plan, plan.inward, prove))
    at: Node = ("-", ("name", plan.variable), plan.start)
    wanted = leaves(chain.goal, "split", at=unparse(at))
    proofs = [prove(inner) for inner in wanted[:-2]]
    proofs += [_grown(inner, plan, way, prove) for inner, way in zip(wanted[-2:], (1, -1), strict=True)]
    return chain.close({"kind": "split", "at": unparse(at), "by": proofs})


def _grown(goal: Goal, plan: Plan, inward: int, prove: Prover) -> Certificate:
    fresh = new_name(goal, "t")
    parameters = {"variable": plan.variable, "as": fresh, "from": unparse(plan.start), "inward": inward}
    if goal.sign in ("<", ">"):
        parameters["strict"] = plan.strict
    wanted = leaves(goal, "grow", **parameters)
    known: dict[str, Certificate] = {}
    proofs = []
    for place, inner in enumerate(wanted):
        on_path = place >= 2
        if not on_path:
            proofs.append(Chain(inner, prove).proof(inner))
            continue
        key = unparse(inner.conclusion)
        if place == len(wanted) - 1 or key not in known:
            known[key] = _on_path(inner, goal, plan, fresh, prove)
        proofs.append(known[key])
    return {"kind": "grow", **parameters, "by": proofs}


def _on_path(inner: Goal, goal: Goal, plan: Plan, fresh: str, prove: Prover) -> Certificate:
    """Prove a goal about a place on the path: what holds at both ends is carried over to it, then the end forgotten."""
    found = from_one(inner)
    if found is not None:
        return found
    chain, variable = Chain(inner, prove), plan.variable
    here = {variable: ("name", fresh)}
    old = [n for n, (a, _, b) in enumerate(goal.given) if variable in names(a) | names(b)]
    if plan.start[0] == "/" and names(plan.start[2]):
        _named_start(chain, [goal.given[n] for n in old], plan, ("name", fresh))
        inner = chain.goal
    kept = set()
    samples = Samples(inner)
    for n in old:
        a, sign, b = goal.given[n]
        moved = (substitute(a, here), sign, substitute(b, here))
        if sign in ("<", ">") and not _strictly(samples, moved):
            moved = (moved[0], sign + "=", moved[2])
        if not samples.holds(moved):
            kept.add(n)
            continue
        try:
            chain.lemma(comparison(*moved))
        except NotFound:
            kept.add(n)
    if not kept and variable not in names(chain.goal.conclusion):
        given = chain.goal.given
        chain.forget([n for n, (a, _, b) in enumerate(given) if variable not in names(a) | names(b)])
    return chain.close(chain.proof(chain.goal))


def _strictly(samples: Samples, relation: tuple[Node, str, Node]) -> bool:
    sign, away = signed(*samples.both(("-", relation[0], relation[2])))
    return away and sign == (1 if relation[1] == ">" else -1)


def _named_start(chain: Chain, known: list[Relation], plan: Plan, here: Node) -> None:
    """Show at the start of a path what holds at its end, then give the start, a quotient, a name."""
    samples = Samples(chain.goal)
    for a, sign, b in known:
        moved = tuple(substitute(side, {plan.variable: plan.start}) for side in (a, b))
        if samples.holds((moved[0], sign, moved[1])):
            try:
                chain.lemma(comparison(moved[0], sign, moved[1]))
            except NotFound:
                continue
    _, above, below = plan.start
    gap: Node = ("-", ("*", below, here), above)  # the place on the path against the start, without a fraction
    side = samples.sign(gap)[0]
    if side:
        chain.lemma(comparison(gap, ">=" if side > 0 else "<=", ZERO))
    chain.apply("name", term=unparse(plan.start), **{"as": new_name(chain.goal, "start")})
