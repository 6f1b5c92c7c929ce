"""Decide one part of a claim: refute first, then prove, then let the checker have the last word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from checks.checker import steps
from checks.checker.goal import Rejected, goals, lines
from checks.checker.grammar import Node, ParseError
from checks.checker.kinds import trajectory
from checks.checker.polynomial import NotRational
from checks.claim import Part
from checks.engine import convergence, tails
from checks.engine.budget import Budget, NotFound
from checks.engine.checking import CHECKER
from checks.engine.prove import prove_at_once, prove_goal
from checks.engine.refute import search
from checks.engine.refute.wording import point_text
from checks.engine.wording import certificate_words, formal_latex
from checks.engine.words import matrices
from checks.verdict import Evidence, Status
from checks.wording.matrices import point as matrix_point


class IllFormed(ValueError):
    """A part's formal statement is not in the grammar."""


# products of higher degree are left alone: their normal forms take longer than any budget
LARGEST_DEGREE = 256

METHODS = {
    "identity": "identity of normal forms",
    "bernstein": "Bernstein coefficients on a chart",
    "sturm": "Sturm sequence",
    "given": "hypothesis",
    "constant": "exact arithmetic",
    "factors": "signs of factors",
    "nonzero": "factors that do not vanish",
    "grow": "sign of the derivative along a path",
    "scale": "positive factor",
    "enclose": "enclosures on small boxes",
    "axiom": "bounds of functions",
    "name": "terms as new names",
    "rewrite": "equal terms",
    "clear": "denominators cleared",
    "divide": "hypothesis divided",
    "algebraic": "exact counterexample",
    "change": "change of variable",
    "lemma": "lemma",
    "split": "case distinction",
    "side": "disjunction",
    "choose": "case distinction",
    "parts": "conjunction",
    "absurd": "contradictory hypotheses",
    "deny": "negation refuted",
    "known": "hypothesis",
    "forget": "fewer hypotheses",
    "tighten": "bounds moved to integers",
    "residue": "remainders",
    "descend": "infinite descent",
    "pinned": "list of cases",
    "induct": "induction on an integer",
    "point": "exact counterexample",
    "stationary": "stationary start",
    "squares": "reduction to squares",
    "numbers": "enclosures of numbers",
    "both": "two inequalities",
    "substitute": "elimination by an equality",
    "cases": "case distinction",
    "contradiction": "contradictory hypotheses",
    "combination": "sum of nonnegative products",
    "run": "exact run",
    "antisymmetric": "mirror symmetry of law and step",
    "chernoff": "Chernoff's method",
    "convergence": "potentials that fall to zero",
    "expand": "expansion into words",
    "combine": "combination of the hypotheses",
    "entries": "expansion into entries",
    "matrices": "exact counterexample",
    "periodic": "exact periodic run",
}
# steps that go without saying where a proof has others
PLAIN = {"known", "given", "numbers", "constant", "parts", "lemma", "clear", "divide", "name", "substitute", "squares"}
PLAIN |= {"rewrite", "scale", "tighten", "side", "forget"}


def decide(part: Part, seconds: float = 20.0, context: Any = None) -> Evidence:
    """Return the evidence on one part.

    Parameters
    ----------
    part
        The assertion, with its formal statement or its own judge.
    seconds
        Budget of the search.
    context
        Passed to the part's own judge (seed, level, error budget).
    """
    if part.judge is not None:
        return part.judge(part, context)
    if part.formal is None:
        return Evidence(
            part.name, Status.UNDECIDED, "none", part.latex, detail=(*part.detail, str(part.hint.get("why", "")))
        )
    formal, budget = part.formal, Budget(seconds)
    try:
        latex = part.latex or formal_latex(formal)
        certificate, tried = _propose(formal, part.hint, budget, seconds)
    except (ParseError, Rejected) as error:
        raise IllFormed(f"part {part.name!r} is not well formed: {error}") from error
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        # one part on which a method fails must not cost the others their verdicts
        certificate, tried = None, f"a method failed on it ({type(error).__name__}: {error})"
        latex = part.latex
    if certificate is None:
        return Evidence(part.name, Status.UNDECIDED, "none", latex, formal, detail=(*part.detail, tried))
    accepted, word = CHECKER.ask(formal, certificate)
    if not accepted:
        return Evidence(
            part.name,
            Status.UNDECIDED,
            "none",
            latex,
            formal,
            detail=(*part.detail, f"the checker rejected the proposed certificate: {word}"),
        )
    status = Status(word)
    return Evidence(
        part=part.name,
        status=status,
        method=_method(certificate),
        statement=latex,
        formal=formal,
        certificate=certificate,
        detail=(*part.detail, *certificate_words(formal, certificate)),
        counterexample=_point(formal, certificate) if status is Status.REFUTED else None,
    )


def _propose(
    formal: Mapping[str, Any], hint: Mapping[str, Any], budget: Budget, seconds: float
) -> tuple[dict[str, Any] | None, str]:
    form = formal["form"]
    if form == "forall":
        degree = max((_degree(node) for key in ("given", "show") for node in lines(formal, key)), default=0)
        if degree > LARGEST_DEGREE:
            return None, f"a term of degree about {degree}: the proof methods stop at {LARGEST_DEGREE}"
        try:
            wanted = goals(formal)
        except Rejected as error:
            wanted, reason = [], f"no proof method covers the statement ({error})"
        hopeless = False
        if wanted:  # what the cheapest methods prove needs no look for a counterexample
            try:
                part = budget.part(seconds * 0.1)
                return {"verdict": "proved", "steps": [prove_at_once(g, part) for g in wanted]}, ""
            except (NotFound, NotRational, Rejected):
                pass
        # an identity that holds is proved at once; an inequality is worth a short look for a counterexample first
        if any(goal.conclusion[:2] != ("compare", ("==",)) for goal in wanted):
            point = search.find_point(formal, budget.part(min(0.2, seconds * 0.1)))
            if point is not None:
                return point, ""
        # a short attempt at both, then a long one: a false claim must not cost what a hard proof may
        for effort in (1, 2):
            part = budget.part(seconds * 0.15 if effort == 1 else budget.left() * (0.95 if hopeless else 0.85))
            try:
                if wanted:
                    return {"verdict": "proved", "steps": [prove_goal(g, part) for g in wanted]}, ""
            except (NotFound, NotRational, Rejected) as error:
                reason = str(error)
            point = search.find_point(formal, budget.part(seconds * 0.08 if effort == 1 else seconds), seed=effort)
            if point is None and effort == 1:
                # a solver's word is no proof: it says where the rest of the time goes
                point, hopeless = search.from_solver(formal, budget, seconds * 0.12)
            if point is not None:
                return point, ""
        return None, f"no counterexample among small exact points; no certificate: {reason}"
    if form == "trajectory":
        run = search_run(formal, hint, Budget(min(0.2, seconds * 0.1)))
        if run is not None:
            return run, ""
        found, reason = _induction(formal, hint, budget)
        return (found or search_run(formal, hint, Budget(seconds * 0.3))), reason
    if form == "mirror":
        return {"verdict": "refuted", "kind": "antisymmetric"}, ""
    if form == "tends":
        return convergence.propose(formal, hint, budget, seconds)
    if form == "tail":
        return tails.propose(formal, hint, budget)
    if form == "matrices":
        return matrices.propose(formal, budget)
    start = search.find_stationary(formal, Budget(seconds * 0.7))
    if start is not None:
        return start, ""
    return None, "no start that every sample leaves unmoved violates the claimed limit; no method here proves a limit"


def _degree(node: Node) -> int:
    """Return an upper estimate of the degree of what a parsed line holds, without expanding it."""
    kind = node[0]
    if kind in ("name", "entry"):
        return 1
    if kind == "**":
        exponent = node[2][1] if node[2][0] == "number" else 1
        return _degree(node[1]) * max(1, int(abs(exponent)))
    if kind in ("*", "/"):
        return _degree(node[1]) + _degree(node[2])
    inner = [p for p in node if isinstance(p, tuple)]
    if kind in ("call", "compare"):
        inner = list(node[2])
    return max((_degree(part) for part in inner if part and isinstance(part[0], str)), default=0)


def _induction(formal: Mapping[str, Any], hint: Mapping[str, Any], budget: Budget) -> tuple[dict[str, Any] | None, str]:
    invariant = list(hint.get("invariant") or formal["always"])
    proofs = []
    for position, statement in enumerate(trajectory.obligations(formal, invariant)):
        try:
            proofs.append({"verdict": "proved", "steps": [prove_goal(g, budget) for g in goals(statement)]})
        except (NotFound, NotRational, Rejected) as error:
            return (
                None,
                f"no violating run among small exact starts; induction stops at obligation {position + 1} "
                f"({'; '.join(statement['show'])}): {error}",
            )
    return {"verdict": "proved", "kind": "induction", "invariant": invariant, "proofs": proofs}, ""


def search_run(formal: Mapping[str, Any], hint: Mapping[str, Any], budget: Budget) -> dict[str, Any] | None:
    """Return a violating run of one step from an exact admissible start, or None."""
    shared = {"form": "forall", "let": list(formal["let"])}
    given = [*formal["parameters"], *formal["start"]]
    if formal["always"]:
        point = search.find_point({**shared, "given": given, "show": formal["always"]}, budget, rational=True)
        if point is not None:
            return {"verdict": "refuted", "kind": "run", "values": point["values"], "steps": []}
    for position, branch in enumerate(formal["branches"]):
        nexts = steps.nexts(formal, branch)
        shown = [*branch["then"], *(steps.prime(line, steps.moving(formal)) for line in formal["always"])]
        if not shown:
            continue
        statement = {**shared, "let": [*formal["let"], *nexts], "given": [*given, *branch["inputs"]], "show": shown}
        point = search.find_point(statement, budget, rational=True)
        if point is None:
            continue
        certificate = {
            "verdict": "refuted",
            "kind": "run",
            "values": point["values"],
            "steps": [{"branch": position, "inputs": {}}],
        }
        try:
            trajectory.refute(formal, certificate)
        except (Rejected, ArithmeticError, ValueError, KeyError):
            continue
        return certificate
    return None


def _method(certificate: Mapping[str, Any]) -> str:
    if certificate["verdict"] == "refuted":
        return METHODS[certificate["kind"]]
    steps = [step for proof in certificate.get("proofs", [certificate]) for step in proof["steps"]]
    kinds = list(dict.fromkeys(kind for step in steps for kind in _kinds(step)))
    shown = [kind for kind in kinds if kind not in PLAIN] or kinds
    words = ", ".join(dict.fromkeys(METHODS.get(kind, kind) for kind in shown))
    if certificate.get("kind") in ("chernoff", "convergence"):
        return f"{METHODS[certificate['kind']]} ({words})"
    return f"induction ({words})" if "proofs" in certificate else words


def _kinds(step: Mapping[str, Any]) -> Iterator[str]:
    """Yield the kinds of a certificate and of all that it rests on."""
    yield step["kind"]
    inner = step.get("by", [])
    for part in inner if isinstance(inner, list) else [inner]:
        yield from _kinds(part)
    for factor in (*step.get("factors", ()), *step.get("denominator", {}).get("factors", ())):
        if "by" in factor:
            yield from _kinds(factor["by"])


def _point(formal: Mapping[str, Any], certificate: Mapping[str, Any]) -> dict[str, str]:
    if certificate["kind"] == "matrices":
        return matrix_point(formal, certificate)
    if certificate["kind"] == "algebraic":
        return point_text(certificate)
    found = {name: str(value) for name, value in certificate.get("values", {}).items()}
    for family, entries in certificate.get("arrays", {}).items():
        found[family] = "(" + ", ".join(str(e) for e in entries) + ")"
    for atom, members in certificate.get("layout", {}).items():
        found[f"positions in {atom}"] = "{" + ", ".join(str(i + 1) for i in members) + "}"
    for index, position in certificate.get("indices", {}).items():
        found[f"index {index}"] = str(int(position) + 1)
    return found
