"""Limits of runs: potentials that fall to zero bound the distance to the limit.

A statement of form ``tends`` has the state, parameters, start and branches of a run (see `trajectory`) and ``limits``,
pairs ``[q, L]``: along every infinite run q tends to L, an expression in what keeps its value along the run.  With
``cyclic`` the branches are taken in turn, else each step takes any of them.  The *phase* of a time is the branch to be
taken next when cyclic, and always 0 otherwise.

A proof gives an invariant for each phase and potentials V, in order, with an expression for each phase.  Shown are

1. the invariant of phase 0 at the start, and of the following phase after each step;
2. V >= 0, and V_next <= V - c V**k + C_1 V_1 + ... at each step, with the earlier potentials V_1, ... on the right;
   k >= 1 is one number; c, one for each phase, and C_1, ... are constants of the run, every c is > 0 or the text "0",
   and not all are "0";
3. |q - L|**p <= D_1 V_1 + ... for each limit, with p = 1 or even and constants D_1, ... of the run.

Then V tends to 0, whence q tends to L.  Let i be a phase with c > 0, U_s the potential when the run is there for the
s-th time, and E_s the sum of the terms C_1 V_1 + ... of the steps in between, the first one included: E_s tends to 0 by
induction over the potentials.  As V**k >= 0, U_(s+1) <= U_s - c U_s**k + E_s.  Given e > 0, let E_s <= min(e, c e**k/2)
from s = S on.  While U_s > e, U falls by c e**k/2 or more at each turn; U >= 0, so some U_s <= e.  From there on
U <= 2e: where U_s <= e the next is at most e + E_s, and where e < U_s <= 2e it is below U_s.  In the other phases
V is at most the U before it plus terms that tend to 0.  No rate may depend on the state: that all c, C, D are constants
of the run is checked by their names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from checks.checker import steps
from checks.checker.goal import Rejected
from checks.checker.grammar import parse
from checks.checker.kinds.trajectory import Forall, require

STATEMENTS = ("compare", "and", "or", "not", "implies", "all", "any")


def obligations(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ``forall`` statements whose proofs show the limits: the start, each branch, then each phase.

    Raises
    ------
    Rejected
        When statement or certificate is not well formed, or a rate is no constant of the run.
    """
    fixed, order = read(formal)
    known, invariants = fixed | set(formal["state"]), [list(part) for part in certificate["invariants"]]
    potentials, bounds = list(certificate["potentials"]), list(certificate["bounds"])
    if len(invariants) != len(order) or len(bounds) != len(formal["limits"]) or not potentials:
        raise Rejected("not one invariant for each phase and one bound for each limit, or no potential")
    _names(formal, [line for part in invariants for line in part], known)
    moved = steps.moving(formal)
    sums = [_sum(formal, x.get("add", ()), potentials[:i], fixed, order) for i, x in enumerate(potentials)]
    for potential in potentials:
        values, drops, power = potential["values"], potential["drops"], potential["power"]
        if len(values) != len(order) or len(drops) != len(order) or type(power) is not int or power < 1:
            raise Rejected("a potential needs a value and a drop for each phase, and a power of 1 or more")
        if all(str(drop).strip() == "0" for drop in drops):
            raise Rejected("a potential that never drops")
        _expressions(formal, values, known)
        _expressions(formal, drops, fixed)
    found = [steps.at_once(formal, formal["start"], invariants[0])]
    for phase, branches in enumerate(order):
        later = (phase + 1) % len(order)
        falls = [
            f"({steps.prime(x['values'][later], moved)}) <= "
            f"({x['values'][phase]}) - ({x['drops'][phase]})*({x['values'][phase]})**{x['power']} + {added[phase]}"
            for x, added in zip(potentials, sums, strict=True)
        ]
        kept = [steps.prime(line, moved) for line in invariants[later]]
        found += [steps.after(formal, branch, invariants[phase], [*kept, *falls]) for branch in branches]
    for phase in range(len(order)):
        show = [f"({x['values'][phase]}) >= 0" for x in potentials]
        show += [f"({x['drops'][phase]}) > 0" for x in potentials if str(x["drops"][phase]).strip() != "0"]
        for (quantity, value), bound in zip(formal["limits"], bounds, strict=True):
            show += _near(quantity, value, bound["power"], _sum(formal, bound["by"], potentials, fixed, order)[phase])
        found.append(steps.at_once(formal, invariants[phase], show))
    return found


def verify(formal: Mapping[str, Any], certificate: Mapping[str, Any], forall: Forall) -> None:
    """Accept when every obligation is proved.

    Raises
    ------
    Rejected
        When one of them is not.
    """
    require(obligations(formal, certificate), certificate["proofs"], forall)


def read(formal: Mapping[str, Any]) -> tuple[set[str], list[list[Mapping[str, Any]]]]:
    """Return the names that keep their value along a run, and the branches that each phase may take."""
    branches = list(formal["branches"])
    if formal.get("cyclic", False) not in (True, False):
        raise Rejected("'cyclic' is neither true nor false")
    if any(branch.get("then") for branch in branches) or not branches or not formal["limits"]:
        raise Rejected("a statement on limits has branches and limits, and no 'then'")
    fixed = steps.constants(formal) - set(formal["state"])
    for quantity, value in formal["limits"]:
        _expressions(formal, [quantity], fixed | set(formal["state"]))
        _expressions(formal, [value], fixed)
    return fixed, [[branch] for branch in branches] if formal.get("cyclic") is True else [branches]


def _names(formal: Mapping[str, Any], texts: Sequence[str], allowed: set[str]) -> None:
    if any("taylor" in text for text in texts) or steps.names_in(formal, texts) - allowed:
        raise Rejected(f"more than {', '.join(sorted(allowed))} is used, or a Taylor coefficient")


def _expressions(formal: Mapping[str, Any], texts: Sequence[str], allowed: set[str]) -> None:
    if any(parse(text)[0] in STATEMENTS for text in texts):
        raise Rejected("a statement stands where a number is wanted")
    _names(formal, texts, allowed)


def _sum(
    formal: Mapping[str, Any], factors: Sequence[str], potentials: Sequence[Any], fixed: set[str], order: Sequence[Any]
) -> list[str]:
    """Return a combination of potentials, a text for each phase."""
    if len(factors) > len(potentials):
        raise Rejected("a coefficient without an earlier potential")
    _expressions(formal, factors, fixed)
    return [
        " + ".join(["0", *(f"({c})*({x['values'][j]})" for c, x in zip(factors, potentials, strict=False))])
        for j in range(len(order))
    ]


def _near(quantity: str, value: str, power: Any, bound: str) -> list[str]:
    """Return |q - L|**p <= bound in comparisons without an absolute value."""
    if power == 1 and type(power) is int:
        return [f"({quantity}) - ({value}) <= {bound}", f"({value}) - ({quantity}) <= {bound}"]
    if type(power) is not int or power < 2 or power % 2:
        raise Rejected("a bound has the power 1 or an even one")
    return [f"(({quantity}) - ({value}))**{power} <= {bound}"]
