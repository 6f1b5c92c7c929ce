"""The sharp step size of a statement of a paper: line by line, for all values or along runs.

A statement holds up to the least of the values up to which its single comparisons hold
(`checks.engine.sharpen.search`).

For runs (form ``trajectory``) the parameter is, from below, as large as induction with the invariant allows: every
obligation of the induction is a ``forall`` statement, and the least of their sharp values proves the statement.  From
above, so are the statements on the start and on the first step, and the least of theirs gives runs of one step that
violate the statement just beyond.  Where the two ends are equal the value is exact, else the answer is a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from checks.checker import polynomial as poly
from checks.checker import steps
from checks.checker.goal import lines, normal, pieces
from checks.checker.grammar import Node
from checks.checker.kinds import trajectory
from checks.engine.quantified import decide_claim
from checks.engine.sharpen.bounds import without_bounds
from checks.engine.sharpen.entry import Entry
from checks.engine.sharpen.fractions import simplest
from checks.engine.sharpen.search import sharpen
from checks.engine.unparse import unparse
from checks.verdict import Status

RATIONAL = re.compile(r"-?\d+(/\d+)?")
UNKNOWN: Entry = {
    "status": "bracket",
    "value": "-oo",
    "minimal_polynomial": None,
    "interval": ["-oo", "oo"],
    "attained": False,
}


def bounded(formal: Mapping[str, Any], parameter: str) -> bool:
    """Return whether a statement is an inequality between numbers for a parameter up to a number."""
    if formal["form"] == "trajectory":
        given = list(formal["parameters"])
        return given != without_bounds({"let": formal["let"], "given": given}, parameter, True)[0]
    if formal["form"] != "forall" or (formal.get("index") or {}).get("atoms"):
        return False
    inequality = any(sign in line for line in formal["show"] for sign in ("<", ">"))
    return inequality and list(formal.get("given", ())) != without_bounds(formal, parameter, True)[0]


def sharp_step(
    formal: Mapping[str, Any], hint: Mapping[str, Any], parameter: str, bound: str, seconds: float
) -> Entry | None:
    """Return the ``sharp`` entry of a statement, or None when nothing is known.

    Parameters
    ----------
    formal, hint
        A ``forall`` statement; or, for an upper bound, a ``trajectory`` statement and its hint with the invariant.
    parameter, bound
        As in `checks.engine.sharpen.search.sharpen`.
    seconds
        Budget of the search for each comparison, in processor time.
    """
    if formal["form"] == "trajectory":
        return _along_runs(formal, hint, parameter, seconds)
    if bound != "upper":
        return sharpen(formal, [], parameter, bound, seconds)
    return _known(_together([formal], parameter, seconds))


def least(found: Iterable[Entry]) -> Entry:
    """Return the sharp value of statements together: the least one, as far as the entries tell.

    Further items of an entry (a part's name) are those of the entry that gives the lower end.
    """
    entries = list(found)
    if not entries:
        return {**UNKNOWN, "status": "exact", "value": "oo", "interval": ["oo", "oo"]}
    lowest = min(entries, key=lambda e: (end(e["interval"][0]), e["status"] != "exact", e["attained"]))
    top = min((e["interval"][1] for e in entries), key=end)
    if lowest["status"] == "exact" and end(lowest["interval"][1]) <= end(top):
        return lowest
    same = [e for e in entries if e["status"] == "exact" and e["value"] == lowest["value"]]
    if lowest["status"] == "exact" and any(e["interval"][1] == top for e in same):
        return lowest
    low = lowest["interval"][0]
    return {**lowest, **UNKNOWN, "value": low, "interval": [low, top], "attained": True}


def end(text: str) -> Fraction | float:
    """Return an end of an interval as a number."""
    return float("inf") if text == "oo" else float("-inf") if text == "-oo" else Fraction(text)


def _known(entry: Entry) -> Entry | None:
    return None if entry["interval"][0] == "-oo" else entry


def _together(statements: Iterable[Mapping[str, Any]], parameter: str, seconds: float) -> Entry:
    """Return the sharp value up to which every comparison of some statements holds.

    Those that fail soonest come first; of the others it is enough that they hold a little further.
    """
    failing: list[tuple[float, Entry]] = []
    seen: set[str] = set()
    for statement in statements:
        for single in _singles(statement):
            key = f"{single['let']} {single['given']} {single['show']}"
            free = {**single, "given": without_bounds(single, parameter, True)[0]}
            if key in seen:
                continue
            seen.add(key)
            judged = decide_claim(free, [], seconds / 8)
            if judged.status is not Status.PROVED:
                at = (judged.counterexample or {}).get(parameter, "")
                failing.append((float(Fraction(at)) if RATIONAL.fullmatch(at) else float("inf"), single))
    found: list[Entry] = []
    for _, single in sorted(failing, key=lambda entry: entry[0]):
        enough = _as_far(least(found), parameter)
        if enough:
            free = {**single, "given": [*without_bounds(single, parameter, True)[0], enough]}
            if decide_claim(free, [], seconds / 4).status is Status.PROVED:
                continue
        found.append(sharpen(single, [], parameter, "upper", seconds) or UNKNOWN)
    return least(found)


def _as_far(best: Entry, parameter: str) -> str | None:
    """Return a bound on the parameter up to which a comparison holds that lowers the least value no more."""
    low, high = map(end, best["interval"])
    if not isinstance(high, Fraction) or high <= 0:
        return None
    if best["status"] == "exact" and low == high:
        return f"{parameter} {'<=' if best['attained'] else '<'} ({high})"
    return f"{parameter} <= ({simplest(high * Fraction(101, 100), high * Fraction(11, 10))})"


def _singles(formal: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield a statement for each comparison that it shows, derivatives taken."""
    whole = lines(formal, "given") if any("taylor" in line for line in formal["given"]) else []
    plain = {**formal, "given": [unparse(_taken(node)) for node in whole] or list(formal["given"])}
    for node in lines({**formal, "show": list(formal["show"])}, "show"):
        for piece in pieces(normal(node)):
            yield {**plain, "show": [unparse(_taken(piece))]}


def _taken(node: Node) -> Node:
    """Replace Taylor coefficients by what they are."""
    if node[0] == "taylor":
        top, bottom = poly.ratio(node, poly.Context())
        return ("/", poly.node(top), poly.node(bottom)) if bottom != poly.ONE else poly.node(top)
    return tuple(
        _taken(part) if _is_node(part) else tuple(map(_taken, part)) if _are_nodes(part) else part for part in node
    )


def _is_node(part: Any) -> bool:
    return isinstance(part, tuple) and bool(part) and isinstance(part[0], str) and len(part) > 1


def _are_nodes(part: Any) -> bool:
    return isinstance(part, tuple) and bool(part) and all(_is_node(inner) for inner in part)


def _along_runs(formal: Mapping[str, Any], hint: Mapping[str, Any], parameter: str, seconds: float) -> Entry | None:
    given, _ = without_bounds({"let": formal["let"], "given": formal["parameters"]}, parameter, True)
    free = {**formal, "parameters": given}
    invariant = list(hint.get("invariant") or formal["always"])
    below = _together(trajectory.obligations(free, invariant), parameter, seconds)
    if end(below["interval"][0]) == float("-inf"):
        return None
    if below["interval"][0] == "oo":
        return below
    above = _together(first_steps(free), parameter, seconds)
    same = all(below[key] == above[key] for key in ("status", "value", "attained"))
    if same and below["status"] == "exact":
        return below
    low = below["interval"][0]
    # an exact value that the induction does not attain may fail itself
    attained = bool(below["attained"] or low != below["interval"][1])
    return {**UNKNOWN, "value": low, "interval": [low, above["interval"][1]], "attained": attained}


def first_steps(formal: Mapping[str, Any]) -> Iterator[Entry]:
    """Yield what a statement on runs says of the start and of each first step, as ``forall`` statements."""
    shared = {"form": "forall", "integers": list(formal.get("integers", ()))}
    given, let = [*formal["parameters"], *formal["start"]], list(formal["let"])
    if formal["always"]:
        yield {**shared, "let": let, "given": given, "show": list(formal["always"])}
    later = [steps.prime(line, steps.moving(formal)) for line in formal["always"]]
    for branch in formal["branches"]:
        show = [*branch.get("then", ()), *later]
        if show:
            own = [*let, *steps.nexts(formal, branch)]
            yield {**shared, "let": own, "given": [*given, *branch.get("inputs", ())], "show": show}
