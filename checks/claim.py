"""The vocabulary of claims: a claim reads like its statement, and nothing in it says what the verdict will be.

A paper's folder holds the list of its claims (``claims.toml``: id, title, where, kind, statement, dependencies) and
modules whose functions, marked ``@states("L14")``, return the *parts* of a claim: one part for each relation that the
paper asserts, in the checker's grammar, published formula on one side and derived object on the other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from checks.verdict import Evidence


@dataclass(frozen=True)
class Part:
    """One assertion of a claim.

    Attributes
    ----------
    name
        What it asserts, in a few words.
    formal
        Statement for the checker, or None for a part that another method judges.
    latex
        The statement as mathematics (no dollar signs); derived from ``formal`` when empty.
    role
        ``claim`` counts for the verdict; ``repair`` says what is true instead; ``context`` only informs.
    reading
        Name of the reading that it belongs to; a claim is decided only where all its readings agree.
    hint
        Proposals for the engine (an invariant, an order of variables): they can only fail, never prove.
    judge
        For parts without ``formal``: a function that returns the evidence.
    sharpen
        A parameter and ``upper`` or ``lower``: at level full, the sharp value of that bound is sought for this part
        (a ``forall`` part).
    """

    name: str
    formal: Mapping[str, Any] | None = None
    latex: str = ""
    role: str = "claim"
    reading: str = ""
    hint: Mapping[str, Any] = field(default_factory=dict)
    judge: Callable[[Part, Any], Evidence] | None = None
    sharpen: tuple[str, str] | None = None
    detail: tuple[str, ...] = ()


@dataclass(frozen=True)
class Statement:
    """All parts of one claim, with what a report says around them.

    ``scope`` is what the verdict quantifies over; ``derivation`` paragraphs show the derived objects; ``reason``
    explains what no part covers.
    """

    parts: tuple[Part, ...]
    scope: str = ""
    derivation: tuple[str, ...] = ()
    reason: str = ""


_STATEMENTS: dict[str, dict[str, Callable[[], Statement]]] = {}


def states(paper: str, claim: str) -> Callable[[Callable[[], Statement]], Callable[[], Statement]]:
    """Register a function as the statement of a claim.

    Raises
    ------
    ValueError
        When the claim is stated twice.
    """

    def register(function: Callable[[], Statement]) -> Callable[[], Statement]:
        table = _STATEMENTS.setdefault(paper, {})
        if claim in table and table[claim].__qualname__ != function.__qualname__:
            raise ValueError(f"{paper}.{claim} is stated twice")
        table[claim] = function
        return function

    return register


def statements(paper: str) -> Mapping[str, Callable[[], Statement]]:
    """Return the registered statements of a paper, by claim id."""
    return _STATEMENTS.get(paper, {})


def all_statements() -> Mapping[str, Mapping[str, Callable[[], Statement]]]:
    """Return every registered statement, by paper and claim id."""
    return _STATEMENTS


def statement(*parts: Part, scope: str = "", derivation: Iterable[str] = (), reason: str = "") -> Statement:
    """Collect the parts of a claim."""
    return Statement(tuple(parts), scope, tuple(derivation), reason)


def forall(
    name: str,
    show: str | Sequence[str],
    *,
    given: Sequence[str] = (),
    let: Sequence[str] = (),
    index: Mapping[str, Any] | None = None,
    integers: Sequence[str] = (),
    **more: Any,
) -> Part:
    """State: for all values that satisfy every line of ``given``, every line of ``show`` holds.

    Parameters
    ----------
    name
        What is asserted, in a few words.
    show, given, let
        Lines of the grammar; ``let`` is textual, in order.
    index
        Index sets for indexed sums, see `theory.indexed.Domain.as_formal`.
    integers
        Names that range over the integers.
    """
    formal: dict[str, Any] = {
        "form": "forall",
        "let": list(let),
        "given": list(given),
        "show": [show] if isinstance(show, str) else list(show),
    }
    if index is not None:
        formal["index"] = dict(index)
    if integers:
        formal["integers"] = list(integers)
    return Part(name, formal, **more)


def trajectory(
    name: str,
    *,
    state: Sequence[str],
    parameters: Sequence[str],
    start: Sequence[str],
    branches: Sequence[Mapping[str, Any]],
    always: Sequence[str] = (),
    let: Sequence[str] = (),
    invariant: Sequence[str] = (),
    **more: Any,
) -> Part:
    """State: along every run from an admissible start, ``always`` holds at all times and each ``then`` at each step.

    Parameters
    ----------
    state
        Names of the state variables.
    parameters, start
        Hypotheses on the parameters and on the start.
    branches
        The ways in which a step can go: ``{"inputs": [...], "next": {name: expression}, "then": [...]}``; in
        ``then`` a state variable after the step is written ``name_next``.
    always
        What is claimed at every time.
    invariant
        A proposal for the engine: what to prove by induction (default: ``always``).
    """
    formal = {
        "form": "trajectory",
        "state": list(state),
        "parameters": list(parameters),
        "let": list(let),
        "start": list(start),
        "branches": [
            {"inputs": list(x.get("inputs", ())), "next": dict(x["next"]), "then": list(x.get("then", ()))}
            for x in branches
        ],
        "always": list(always),
    }
    return Part(name, formal, hint={"invariant": list(invariant or always), **more.pop("hint", {})}, **more)


def tends(
    name: str,
    limits: Mapping[str, str],
    *,
    state: Sequence[str],
    parameters: Sequence[str],
    start: Sequence[str],
    branches: Sequence[Mapping[str, Any]],
    cyclic: bool = False,
    let: Sequence[str] = (),
    **more: Any,
) -> Part:
    """State: along every infinite run from an admissible start, each quantity of ``limits`` tends to its value.

    Parameters
    ----------
    limits
        Quantity of the state to its limit, an expression in parameters and in names of ``start`` that no step changes.
    state, parameters, start, branches, let
        As in `trajectory`, without ``then``.
    cyclic
        Whether the branches are taken in turn, the first one first; otherwise each step takes any of them.
    more
        ``hint`` may hold ``invariants`` (one list for each phase), ``potentials``, ``bounds`` and ``lemmas``, a
        proposal for `checks.engine.convergence`.
    """
    formal = {
        "form": "tends",
        "state": list(state),
        "parameters": list(parameters),
        "let": list(let),
        "start": list(start),
        "branches": [{"inputs": list(x.get("inputs", ())), "next": dict(x["next"])} for x in branches],
        "cyclic": cyclic,
        "limits": [[quantity, value] for quantity, value in limits.items()],
    }
    return Part(name, formal, **more)


def limit(
    name: str,
    target: Sequence[str],
    *,
    given: Sequence[str],
    loss: str,
    index: Mapping[str, Any],
    **more: Any,
) -> Part:
    """State: from every start ``c`` that satisfies ``given``, the iterates converge to a point of the target set.

    ``target`` describes the limit through the family ``c`` (the limit's coordinates) and may use ``any(i:S, ...)``.
    The engine can refute such a claim by a start that no sample moves.
    """
    formal = {
        "form": "limit",
        "index": dict(index),
        "given": list(given),
        "loss": loss,
        "sample": "i",
        "state": "c",
        "data": "data",
        "coordinates": "all",
        "limit": list(target),
    }
    return Part(name, formal, **more)


def aligned_with_probability(
    name: str, *, above: str, loss: str, index: Mapping[str, Any], law: str, at_least: str = "1", **more: Any
) -> Part:
    """State: with probability more than ``above``, the limit direction d has ``<d, a_i> >= at_least`` for some sample.

    ``law`` says how the start is distributed: ``invariant under c -> -c`` for a centred Gaussian.  The engine can
    refute such a claim by that symmetry.
    """
    formal = {
        "form": "mirror",
        "index": dict(index),
        "loss": loss,
        "sample": "i",
        "state": "c",
        "data": "data",
        "law": law,
        "event": {"some": "data", "at_least": at_least},
        "probability_above": above,
    }
    latex = (
        rf"\mathrm{{Pr}}\left[\max_{{i \in [m]}} \langle \lim_t w_t/\|w_t\|, a_i\rangle \ge {at_least}\right] > {above}"
    )
    return Part(name, formal, latex=more.pop("latex", latex), **more)


def tail(
    name: str,
    law: Mapping[str, str],
    *,
    event: str,
    at_most: str,
    given: Sequence[str] = (),
    let: Sequence[str] = (),
    integers: Sequence[str] = (),
    **more: Any,
) -> Part:
    """State: for all values that satisfy ``given``, every X of the law has Pr[X in the event] <= ``at_most``.

    Parameters
    ----------
    name
        What is asserted, in a few words.
    law
        ``{"name": law, parameter: expression, ...}``, one of `checks.checker.kinds.laws.LAWS`.
    event
        ``X <= a``, ``X < a``, ``X >= a`` or ``X > a``, with an expression a in which X does not occur.
    at_most
        An expression.
    given, let, integers
        As in `forall`; ``let`` serves the law, the event and the bound too.

    Raises
    ------
    ValueError
        When the event is not of that form, or X stands anywhere else.
    """
    found = re.fullmatch(r"\s*X\s*(<=|>=|<|>)\s*([^<>=].*)", event)
    if found is None:
        raise ValueError(f"part {name!r}: the event {event!r} is none of X <= a, X < a, X >= a, X > a")
    for text in (found[2], at_most, *law.values(), *given, *let, *integers):
        if re.search(r"\bX\b", text):
            raise ValueError(f"part {name!r}: X is the random variable of the event; {text!r} uses it as a parameter")
    formal: dict[str, Any] = {
        "form": "tail",
        "let": list(let),
        "given": list(given),
        "law": dict(law),
        "event": {"relation": found[1], "threshold": found[2]},
        "bound": at_most,
    }
    if integers:
        formal["integers"] = list(integers)
    return Part(name, formal, **more)


def matrices(
    name: str,
    show: str | Sequence[str],
    *,
    letters: Sequence[str],
    given: Sequence[str] = (),
    let: Sequence[str] = (),
    modulo: tuple[str, int] | None = None,
    **more: Any,
) -> Part:
    """State: for all sizes, numbers and matrices that satisfy every line of ``given``, every line of ``show`` holds.

    Parameters
    ----------
    name
        What is asserted, in a few words.
    show
        Equalities between matrices, or between numbers such as traces: ``"tr(A*B) == tr(B*A)"``.  ``A'`` is the
        transpose, ``I`` the identity (``I(n)`` where its size does not follow), ``0`` zero.
    letters
        Declarations: ``"A: m x n"``, ``"x: n x 1"``, ``"eta: number"``; a square matrix may be ``symmetric``,
        ``diagonal``, ``projection`` (symmetric), ``idempotent``, ``orthogonal``, ``skew``, or ``inverse of A``.
    given
        Equalities between matrices or numbers, and comparisons of numbers.
    let
        Abbreviations, in order.
    modulo
        ``("eta", 3)``: as eta tends to 0, the two sides differ by O(eta**3); no line of ``given`` may mention eta.
    """
    formal: dict[str, Any] = {
        "form": "matrices",
        "letters": list(letters),
        "let": list(let),
        "given": list(given),
        "show": [show] if isinstance(show, str) else list(show),
    }
    if modulo is not None:
        formal["modulo"] = list(modulo)
    return Part(name, formal, **more)


def unformalised(name: str, why: str, **more: Any) -> Part:
    """State a part that no method of the ladder can judge; it stays undecided for the given reason."""
    return Part(name, None, hint={"why": why}, **more)
