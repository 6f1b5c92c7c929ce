"""One step of a run as a statement writes it: which names move, which stay, and what the next state is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from checks.checker import pointwise
from checks.checker import polynomial as poly
from checks.checker.goal import Rejected, lines
from checks.checker.grammar import is_name, names
from checks.checker.kinds.instance import read_point

Branch = Mapping[str, Any]


def quotients(formal: Mapping[str, Any], branch: Branch) -> list[str]:
    """Return ``x_next == x_next`` where the next x may be undefined: it must exist although no invariant mentions x."""
    found = []
    for name, text in branch["next"].items():
        (node,) = lines({"let": formal.get("let", ()), "text": [text]}, "text")
        try:
            bottom = poly.ratio(node, poly.Context())[1]
        except poly.NotRational:
            bottom = {}
        if set(bottom) != {()}:
            found.append(f"{name}_next == {name}_next")
    return found


def at_once(formal: Mapping[str, Any], given: Sequence[str], show: Sequence[str]) -> dict[str, Any]:
    """Return the ``forall`` statement about one time of a run: what is given there, beside the parameters' lines."""
    return {
        "form": "forall",
        "integers": list(formal.get("integers", ())),
        "let": list(formal.get("let", ())),
        "given": [*formal.get("parameters", ()), *given],
        "show": list(show),
    }


def after(formal: Mapping[str, Any], branch: Branch, given: Sequence[str], show: Sequence[str]) -> dict[str, Any]:
    """Return the ``forall`` statement about a step: the next state is defined, and what is shown of both states."""
    found = at_once(formal, [*given, *branch.get("inputs", ())], [*quotients(formal, branch), *show])
    return {**found, "let": [*found["let"], *nexts(formal, branch)]}


def constants(formal: Mapping[str, Any]) -> set[str]:
    """Return the names that keep their value along a run, after a look at how the statement uses its names.

    Raises
    ------
    Rejected
        When a parameter's hypothesis is about the state, or a successor's name is used for something else.
    """
    state, moved = set(formal["state"]), moving(formal)
    parameters = names_in(formal, formal.get("parameters", ()))
    whole = names_in(formal, formal["start"]) | names_in(formal, formal.get("always", ()))
    inputs: set[str] = set()
    steps: set[str] = set()
    for branch in formal["branches"]:
        if set(branch["next"]) != state or set(branch) - {"inputs", "next", "then"}:
            raise Rejected("a branch does not give every state variable, or something else")
        inputs |= names_in(formal, branch.get("inputs", ()))
        steps |= names_in(formal, branch["next"].values())
    whole_lines = [*formal.get("parameters", ()), *formal["start"], *formal.get("always", ())]
    for branch in formal["branches"]:
        whole_lines += [*branch.get("inputs", ()), *branch["next"].values(), *branch.get("then", ())]
    # a step is written by ``let`` lines, which a Taylor variable may capture; that a state stays whole is not shown
    if state & set(formal.get("integers", ())) or any(
        "taylor" in text for text in (*whole_lines, *formal.get("let", ()))
    ):
        raise Rejected("an integer state variable, or a Taylor coefficient in a run")
    if not all(is_name(name) for name in state) or len(set(moved)) < len(moved) or state & parameters:
        raise Rejected("a state variable is also a parameter or an abbreviation")
    used = {*moved, *parameters, *whole, *inputs, *steps, *names_in(formal, moved)}
    if {f"{name}_next" for name in moved} & used:
        raise Rejected("a name that ends in _next is used outside of 'then'")
    return parameters | (whole - inputs)


def names_in(formal: Mapping[str, Any], texts: Iterable[str]) -> set[str]:
    """Return the scalar names of some lines, with the ``let`` lines substituted."""
    nodes = lines({"let": formal.get("let", ()), "text": list(texts)}, "text")
    return set().union(*(names(node) for node in nodes))


def moving(formal: Mapping[str, Any]) -> list[str]:
    """Return the names that have a successor: the state, and the abbreviations that may mention it."""
    return [*formal["state"], *(line.partition("=")[0].strip() for line in formal.get("let", ()))]


def nexts(formal: Mapping[str, Any], branch: Branch) -> list[str]:
    """Return the ``let`` lines of a step: the next state, and the abbreviations at the next state."""
    later = [line.partition("=") for line in formal.get("let", ())]
    return [
        *(f"{name}_next = {text}" for name, text in branch["next"].items()),
        *(f"{name.strip()}_next = {prime(text, moving(formal))}" for name, _, text in later),
    ]


def prime(line: str, moved: Sequence[str]) -> str:
    """Return a line at the next state."""
    return re.sub(r"[A-Za-z_][A-Za-z_0-9]*", lambda m: m[0] + "_next" if m[0] in moved else m[0], line)


def walk(
    formal: Mapping[str, Any], certificate: Mapping[str, Any], order: Sequence[Sequence[Branch]]
) -> Iterator[tuple[pointwise.Point, pointwise.Point, Branch] | tuple[pointwise.Point, None, None]]:
    """Yield the state at each time of a run, with the inputs and the branch of the step; at last the state alone.

    ``order`` lists the branches that may be taken at the times 0, 1, ..., and again from its start.

    Raises
    ------
    Rejected
        When a hypothesis fails on the way, a step chooses what is no input of its branch, or a state is not rational.
    """
    shared = {"let": formal.get("let", ()), "integers": formal.get("integers", ())}
    fixed = constants(formal) | set(formal["state"])
    fixed |= names_in(formal, formal["start"]) | names_in(formal, formal.get("always", ()))
    values = dict(certificate["values"])
    given: Sequence[str] = [*formal.get("parameters", ()), *formal["start"]]
    for time, step in enumerate(certificate.get("steps", ())):
        branch, chosen = order[time % len(order)][int(step["branch"])], step.get("inputs", {})
        if set(chosen) - (names_in(formal, branch.get("inputs", ())) - fixed):
            raise Rejected("a step chooses a value that is no input of its branch")
        here, at = (read_point(shared, {"values": found}) for found in (values, {**values, **chosen}))
        _require(shared, given, here)
        _require(shared, branch.get("inputs", ()), at)
        yield here, at, branch
        given = []
        texts = lines({**shared, "next": list(branch["next"].values())}, "next")
        for name, (low, high) in zip(branch["next"], [pointwise.number(node, at) for node in texts], strict=True):
            if low != high:
                raise Rejected("the next state is not rational")
            values[name] = str(low)
    here = read_point(shared, {"values": values})
    _require(shared, given, here)
    yield here, None, None


def _require(shared: Mapping[str, Any], texts: Sequence[str], at: pointwise.Point) -> None:
    if any(pointwise.holds(node, at) is not True for node in lines({**shared, "x": list(texts)}, "x")):
        raise Rejected("a hypothesis fails on the way")
