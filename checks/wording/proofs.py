"""What a certificate establishes, as a tree of steps: the one entry point of this package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.checker import steps as run_steps
from checks.checker.goal import NEGATED, goals, lines
from checks.checker.kinds import convergence, instance, quantified, tail, trajectory
from checks.wording import matrices, points
from checks.wording.notation import line_latex, name_latex
from checks.wording.printer import Printer, number
from checks.wording.replay import FAULTS, forall, replay
from checks.wording.structure import Block, Step


class NoProof(ValueError):
    """There is no certificate, or none that can be shown as a proof; the message says why."""


def proof(formal: Mapping[str, Any] | None, certificate: Mapping[str, Any] | None, out: Printer | None = None) -> Step:
    """Return the proof or refutation that a certificate gives of a formal statement.

    Parameters
    ----------
    formal
        The statement in the checker's grammar.
    certificate
        What the checker accepted for it.
    out
        How formulas are printed: how long they, tables and sums may be.

    Raises
    ------
    NoProof
        When one of them is missing, or they do not belong together.
    """
    if not isinstance(formal, Mapping) or not isinstance(certificate, Mapping):
        raise NoProof("there is no certificate")
    out = out or Printer()
    try:
        if certificate["verdict"] == "proved":
            return _proved(formal, certificate, out)
        return _refuted(formal, certificate, out)
    except FAULTS as error:
        raise NoProof(f"the certificate cannot be shown: {type(error).__name__}: {error}") from error


def _tail(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return Chernoff's method: what is shown of the multiplier and the exponent."""
    wanted = tail.obligations(formal, certificate)
    parts = [replay(goal, step, out) for goal, step in zip(wanted, certificate["steps"], strict=True)]
    t, e = (out.text(certificate[key]) for key in ("multiplier", "exponent"))
    words = (
        rf"Markov's inequality for $\exp(\tau X)$ with $\tau =$ {t}: with the threshold $a$, "
        rf"$\log E[\exp(\tau X)] - \tau a$ is at most {e}, and the exponential of that at most the bound."
    )
    return Step("Chernoff's method", body=(words,), parts=tuple(parts))


def _proved(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    if formal["form"] == "matrices":
        return matrices.proof(formal, certificate, out)
    if formal["form"] == "tail":
        return _tail(formal, certificate, out)
    if formal["form"] == "tends":
        return _contraction(formal, certificate, out)
    if formal["form"] == "trajectory":
        return _induction(formal, certificate, out)
    if formal.get("exists"):
        own, rest = quantified.split(formal)
        plain = quantified.at_values(formal, certificate["witness"])
        parts = [forall({**plain, "given": rest}, certificate, out, "at these values")]
        if certificate.get("own"):
            chosen_well = {**plain, "given": [], "show": own}
            parts.insert(0, forall(chosen_well, {"steps": certificate["own"]}, out, "these values are allowed"))
        chosen = out.listed(f"{name_latex(n)} = {out.text(t)[1:-1]}" for n, t in certificate["witness"].items())
        return Step("witness", body=(f"Take {chosen}.",), parts=tuple(parts))
    if certificate.get("kind") == "contradiction":
        (goal,) = goals({**formal, "show": ["0 > 0"]})
        inner = replay(goal, certificate["by"], out)
        return Step("contradictory hypotheses", body=("No point satisfies the hypotheses.",), parts=(inner,))
    return forall(formal, certificate, out)


def _induction(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return an induction along a run: start, steps, conclusion."""
    invariant = list(certificate["invariant"])
    branches = [f"step {k + 1} keeps it" for k in range(len(formal["branches"]))]
    if len(branches) == 1:
        branches = ["a step keeps it"]
    roles = ["the start satisfies the invariant", *branches, "the invariant implies the claim"]
    wanted = trajectory.obligations(formal, invariant)
    found = [
        forall(statement, inner, out, role)
        for role, statement, inner in zip(roles, wanted, certificate["proofs"], strict=True)
        if inner["steps"]
    ]
    words = f"By induction on the time, with the invariant {out.listed((line_latex(x) for x in invariant), most=8)}."
    return Step("induction along the run", body=(words, *_moves(formal, out)), parts=tuple(found))


def _contraction(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return a limit by potentials that fall to zero: start, steps, and how the potentials bound the distance."""
    wanted = convergence.obligations(formal, certificate)
    last = len(certificate["invariants"])
    moving = len(wanted) - 1 - last
    roles = ["the start satisfies the invariant"]
    roles += ["a step keeps the invariant and lowers the potentials"] * moving
    roles += ["the potentials are not negative and bound the distance to the limit"] * last
    found = [
        forall(statement, inner, out, role)
        for role, statement, inner in zip(roles, wanted, certificate["proofs"], strict=True)
        if inner["steps"]
    ]
    body: list[Block] = [*_abbreviations(formal, out)]
    for phase, invariant in enumerate(certificate["invariants"]):
        falls = [f"{out.text(x['values'][phase])} by {out.text(x['drops'][phase])}" for x in certificate["potentials"]]
        when = f"Before step {phase + 1}" if last > 1 else "At all times"
        holds = out.listed((line_latex(line) for line in invariant), most=len(invariant))
        body.append(f"{when} the invariant is {holds}; potentials and what they fall by: {', '.join(falls)}.")
    body.append(
        "The potentials are not negative. In a step each of them falls by what is said there times a power of itself, "
        "up to multiples of the ones before it. So they tend to zero, and they bound the distance."
    )
    return Step("limit by potentials", body=(*_moves(formal, out), *body), parts=tuple(found))


def _abbreviations(formal: Mapping[str, Any], out: Printer) -> list[Block]:
    """Say what the abbreviations of a statement on runs stand for."""
    pairs = [line.partition("=") for line in formal.get("let", ())]
    shown = out.listed((f"{name_latex(n.strip())} = {out.text(text)[1:-1]}" for n, _, text in pairs), most=len(pairs))
    return [f"Here {shown}."] if pairs else []


def _moves(formal: Mapping[str, Any], out: Printer) -> list[Block]:
    """Say what each kind of step does."""
    body: list[Block] = []
    for k, branch in enumerate(formal["branches"]):
        which = f"Step {k + 1}" if len(formal["branches"]) > 1 else "A step"
        moved = out.listed(f"{name_latex(n)}' = {out.text(text)[1:-1]}" for n, text in branch["next"].items())
        inputs = out.listed(line_latex(line) for line in branch.get("inputs", ()))
        body.append(f"{which}: {moved}" + (f", for any {inputs}." if inputs else "."))
    return body


def _refuted(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    form = formal["form"]
    if form == "matrices":
        return matrices.refutation(formal, certificate, out)
    if form == "trajectory":
        return _run(formal, certificate, out)
    if form == "limit":
        return _stationary(formal, certificate, out)
    if form == "mirror":
        words = (
            r"Each per-sample loss is even in the state, so the run from $-w_0$ with the same batches is minus the run "
            r"from $w_0$; the law of the start is invariant under $w_0 \to -w_0$.",
            r"The event and its mirror image have the same probability and exclude each other: it is at most "
            r"$\tfrac{1}{2}$, for all sizes.",
        )
        return Step("mirror symmetry of law and step", body=words)
    if formal.get("exists"):
        return _for_no_choice(formal, certificate, out)
    return points.refutation(formal, certificate, out)


def _for_no_choice(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return a point at which the claim fails whatever the existential names are."""
    if "points" in certificate:
        return _for_no_choice_together(formal, certificate, out)
    values = {name: str(text) for name, text in certificate["values"].items()}
    own, rest = quantified.split(formal)
    fixed = quantified.at_values(formal, values)
    wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
    parts = [
        replay(goal, step, out, "a hypothesis holds") for goal, step in zip(wanted, certificate["given"], strict=True)
    ]
    conclusion = goals({**fixed, "given": own})[int(certificate["relation"])]
    left, sign, right = conclusion.relation
    parts.append(replay(conclusion.showing(left, NEGATED[sign], right), certificate["by"], out, "the claim fails"))
    names = out.listed(name_latex(name) for name in formal["exists"])
    point = out.listed(f"{name_latex(name)} = {out.text(text)[1:-1]}" for name, text in values.items())
    words = f"Whatever {names} {'is' if len(formal['exists']) == 1 else 'are'}, the claim fails at {point}."
    return Step("a counterexample for every choice", body=(words,), parts=tuple(parts))


def _for_no_choice_together(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return points at which the claim cannot hold together, whatever the existential names are."""
    own, rest = quantified.split(formal)
    parts, found, shown = [], [], []
    for point in certificate["points"]:
        fixed = quantified.at_values(formal, point["values"])
        wanted = goals({**fixed, "given": own, "show": rest}) if rest else []
        parts += [
            replay(goal, step, out, "a hypothesis holds") for goal, step in zip(wanted, point["given"], strict=True)
        ]
        found += lines(fixed, "show")
        shown.append(out.listed(f"{name_latex(n)} = {out.text(t)[1:-1]}" for n, t in point["values"].items()))
    (start,) = goals({**quantified.at_values(formal, {}), "given": own, "show": ["0 > 0"]})
    parts.append(replay(start.assuming(*found), certificate["by"], out, "the claim cannot hold at all these points"))
    names = out.listed(name_latex(name) for name in formal["exists"])
    words = (
        f"Whatever {names} {'is' if len(formal['exists']) == 1 else 'are'}, the claim fails at one of these points: "
    )
    return Step("points against every choice", body=(words + "; ".join(shown) + ".",), parts=tuple(parts))


def _run(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return a run that violates the claim: its start and each step."""
    state, taken = dict(certificate["values"]), certificate.get("steps", ())
    when = "at the start" if not taken else f"after {len(taken)} step{'' if len(taken) == 1 else 's'}"
    shared = {"let": formal.get("let", ()), "integers": formal.get("integers", ())}
    body: list[Block] = [f"Every hypothesis holds at this start and on the way, and the claim fails {when}."]
    for position, step in enumerate(taken):
        branch = formal["branches"][int(step["branch"])]
        state = {**state, **step.get("inputs", {})}
        at = points.exact(instance.read_point(shared, {"values": state}))
        let = [*shared["let"], *run_steps.nexts(formal, branch)]
        inside = {**shared, "next": list(branch["next"].values())}
        found = [points.rational(node, at) for node in instance.lines(inside, "next")]
        shown = out.listed(
            f"{name_latex(name)}' = {number(value)}" for name, value in zip(branch["next"], found, strict=True)
        )
        body.append(f"Step {position + 1} gives {shown}.")
        then = instance.lines({"let": let, "then": branch.get("then", ())}, "then")
        if then:
            body.append(points.values(points.statements(then), at, out, f"What step {position + 1} should satisfy"))
        state = {**state, **{name: str(value) for name, value in zip(branch["next"], found, strict=True)}}
    always = instance.lines(formal, "always")
    if always:
        at = points.exact(instance.read_point(shared, {"values": state}))
        body.append(points.values(points.statements(always), at, out, f"What should hold {when}"))
    return Step("exact run", body=tuple(body))


def _stationary(formal: Mapping[str, Any], certificate: Mapping[str, Any], out: Printer) -> Step:
    """Return a start that no sample moves and that is no limit of the claim."""
    at = points.exact(instance.read_point(formal, certificate))
    words = (
        "Every per-sample gradient vanishes at this start, so the iterates stay there under every sequence of batches. "
        "It satisfies all hypotheses and is not a limit that the claim allows."
    )
    nodes = [*instance.lines(formal, "limit"), *instance.lines(formal, "given")]
    return Step("stationary start", body=(words, points.values(points.statements(nodes), at, out, "At the start")))
