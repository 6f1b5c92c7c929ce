"""Judge claims: load a paper, decide every part of a claim, and combine the parts into one verdict."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
import time
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources, util
from pathlib import Path
from typing import Any

import checks.papers
from checks.claim import Part, Statement, all_statements, statements
from checks.engine import IllFormed, decide
from checks.engine.sharpen.steps import bounded, end, least, sharp_step
from checks.verdict import Evidence, Status, Verdict


class ClaimError(ValueError):
    """A paper or claim that does not exist, or a claim that cannot be read."""


# what the papers and the design call the step size
STEP_SIZE = "eta"


@dataclass(frozen=True)
class Entry:
    """One entry of a paper's claim list."""

    paper: str
    id: str
    title: str
    where: str
    kind: str
    statement: str
    depends_on: tuple[str, ...]
    source: str = ""

    @property
    def key(self) -> str:
        """Full name, for example ``ghosh2023.P15``."""
        return f"{self.paper}.{self.id}"


@dataclass(frozen=True)
class Paper:
    """A paper: its claim list in the order of the list, and the statements that its modules register."""

    key: str
    title: str
    entries: tuple[Entry, ...]
    statements: Mapping[str, Callable[[], Statement]]


@dataclass(frozen=True)
class Settings:
    """What a judge may use: level (``quick`` or ``full``), master seed, backend, and its share of the error budget."""

    level: str = "quick"
    seed: int = 0
    backend: str = "jit"
    error_probability: float = 1e-6 / 64
    seconds: float = 20.0


def papers() -> list[str]:
    """Return the keys of all papers, found by their folders."""
    return sorted(info.name for info in pkgutil.iter_modules(checks.papers.__path__) if info.ispkg)


def load(key: str) -> Paper:
    """Read a paper's claim list and import the modules that state its claims.

    Raises
    ------
    ClaimError
        For an unknown key, with the nearest ones.
    """
    if key not in papers():
        raise ClaimError(_unknown("paper", key, papers()))
    package = f"checks.papers.{key}"
    raw = tomllib.loads(resources.files(package).joinpath("claims.toml").read_text(encoding="utf-8"))
    for info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        importlib.import_module(f"{package}.{info.name}")
    entries = tuple(
        Entry(key, c["id"], c["title"], c["where"], c["kind"], c["statement"], tuple(c["depends_on"]))
        for c in raw["claim"]
    )
    unlisted = set(statements(key)) - {e.id for e in entries}
    if unlisted:
        raise ClaimError(f"{key}: stated but not in claims.toml: {', '.join(sorted(unlisted))}")
    return Paper(key, raw["paper"]["title"], entries, statements(key))


@cache
def load_file(path: Path) -> Paper:
    """Read a user's own claims: a Python file whose functions are marked ``@states(KEY, ID)``.

    The title of a claim is the first line of its docstring.  The file is code: run only files that you trust.

    Raises
    ------
    ClaimError
        When the file cannot be read, fails when it is run, or states no claim.
    """
    if not path.is_file():
        raise ClaimError(f"{path} is not a file; give a paper's key, KEY.ID, or a .py file with claims")
    before = {key: set(table) for key, table in all_statements().items()}
    spec = util.spec_from_file_location(f"claims_of_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    try:
        spec.loader.exec_module(util.module_from_spec(spec))
    except Exception as error:
        raise ClaimError(f"{path} cannot be run: {type(error).__name__}: {error}") from error
    fresh = [
        (key, claim) for key, table in all_statements().items() for claim in table if claim not in before.get(key, ())
    ]
    keys = {key for key, _ in fresh}
    if len(keys) != 1 or keys & set(papers()):
        found = ", ".join(sorted(keys)) or "none"
        raise ClaimError(
            f"{path} must state claims of one key that is no paper of the suite, with @states(KEY, ID); found: {found}"
        )
    (key,) = keys
    table = statements(key)
    entries = []
    for _, claim in fresh:
        words = (table[claim].__doc__ or claim).strip().splitlines()
        entries.append(Entry(key, claim, words[0].rstrip("."), str(path), "claim", "\n".join(words), (), str(path)))
    return Paper(key, path.name, tuple(entries), table)


def _unknown(what: str, given: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(given, known, n=4, cutoff=0.3) or list(known)[:4]
    return f"unknown {what} {given!r}; nearest: {', '.join(near)}"


def select(names: Iterable[str]) -> list[tuple[Paper, Entry]]:
    """Return the claims that the names ask for: ``KEY``, ``KEY.ID``; none asks for every paper.

    Raises
    ------
    ClaimError
        For an unknown paper or claim, with the nearest names.
    """
    chosen: list[tuple[Paper, Entry]] = []
    for name in names or papers():
        if name.endswith(".py"):
            own = load_file(Path(name))
            chosen += [(own, e) for e in own.entries]
            continue
        key, _, claim = name.partition(".")
        paper = load(key)
        found = [e for e in paper.entries if not claim or e.id == claim]
        if not found:
            raise ClaimError(_unknown("claim", name, [e.key for e in paper.entries]))
        chosen += [(paper, e) for e in found if (paper, e) not in chosen]
    return chosen


def judge(paper: Paper, entry: Entry, settings: Settings) -> Verdict:
    """Decide every part of one claim and combine them.

    The claim is refuted when one of its parts is; proved when all are; undecided when a part is, or when the readings
    of an ambiguous statement disagree.  Repairs and context never count.
    """
    started = time.perf_counter()
    stated = Statement((), reason="not stated formally: no method of the ladder takes it yet")
    if entry.id in paper.statements:
        stated = paper.statements[entry.id]()
    try:
        evidence = tuple(decide(part, settings.seconds, settings) for part in stated.parts)
        if settings.level == "full":
            evidence = tuple(_sharpened(p, e, settings) for p, e in zip(stated.parts, evidence, strict=True))
    except IllFormed as error:
        raise ClaimError(f"{entry.key}: {error}") from error
    status, reason = combine(stated, evidence)
    return Verdict(
        paper=entry.paper,
        id=entry.id,
        title=entry.title,
        where=entry.where,
        kind=entry.kind,
        status=status,
        scope=_scope(stated, evidence, status),
        method=_methods(stated, evidence, status),
        seconds=time.perf_counter() - started,
        claim_text=entry.statement,
        evidence=evidence,
        depends_on=entry.depends_on,
        counterexample=_counterexample(stated, evidence) if status is Status.REFUTED else None,
        repair=_repair(stated, evidence) if status.value.startswith("refuted") else None,
        reason=reason if status is Status.UNDECIDED else None,
        sharp=_sharp(stated, evidence),
        derivation=stated.derivation,
    )


def _sharpened(part: Part, found: Evidence, settings: Settings) -> Evidence:
    """Put the sharp value of the bound of a part into its evidence, where it has one: None when none was found."""
    if part.formal is None or not (part.sharpen or (part.role == "claim" and bounded(part.formal, STEP_SIZE))):
        return found
    parameter, bound = part.sharpen or (STEP_SIZE, "upper")
    try:
        seconds = settings.seconds * (1.0 if part.sharpen else 0.5)
        value = sharp_step(part.formal, part.hint, parameter, bound, seconds)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return found  # a statement that the search cannot take must not cost its verdict
    named = value and {"parameter": parameter, "bound": bound, "part": part.name, **value}
    return replace(found, data={**found.data, "sharp": named})


def _sharp(stated: Statement, evidence: Sequence[Evidence]) -> dict[str, Any] | None:
    """Return the sharp value that a part asks for, else the least sharp step size of the parts that count.

    There is none where nothing is known of one of them, or where the least one leaves open whether any positive step
    size is admissible.
    """
    asked = [e.data.get("sharp") for p, e in zip(stated.parts, evidence, strict=True) if p.sharpen is not None]
    if any(asked):
        return next(dict(value) for value in asked if value)
    counted = [
        e.data.get("sharp")
        for p, e in zip(stated.parts, evidence, strict=True)
        if p.role == "claim" and p.formal is not None and bounded(p.formal, STEP_SIZE)
    ]
    known = [dict(value) for value in counted if value]
    if not known or len(known) < len(counted):
        return None
    found = least(known)
    return None if found["status"] == "bracket" and end(found["interval"][0]) <= 0 else found


def _counterexample(stated: Statement, evidence: Sequence[Evidence]) -> Mapping[str, str] | None:
    for part, found in zip(stated.parts, evidence, strict=True):
        if part.role == "claim" and found.status is Status.REFUTED:
            return found.counterexample
    return None


def combine(stated: Statement, evidence: Sequence[Evidence]) -> tuple[Status, str]:
    """Return the status of a claim from its parts, and why it is undecided where it is."""
    counted = [(p, e) for p, e in zip(stated.parts, evidence, strict=True) if p.role == "claim"]
    if not counted:
        return Status.UNDECIDED, stated.reason or "no part of it is stated formally"
    readings = sorted({p.reading for p, _ in counted if p.reading}) or [""]
    verdicts = {r: _combined([e for p, e in counted if p.reading in ("", r)]) for r in readings}
    if len(set(verdicts.values())) > 1:
        words = "; ".join(f"read as {r}: {v.value}" for r, v in verdicts.items())
        return Status.UNDECIDED, f"its readings differ ({words})" + (f". {stated.reason}" if stated.reason else "")
    status = next(iter(verdicts.values()))
    if status is not Status.UNDECIDED:
        return status, ""
    return status, stated.reason or next(
        (
            f"{e.part}: {e.detail[-1] if e.detail else 'no method decided it'}"
            for _, e in counted
            if e.status is Status.UNDECIDED
        ),
        "",
    )


def _combined(evidence: Sequence[Evidence]) -> Status:
    found = {e.status for e in evidence}
    order = (Status.REFUTED, Status.REFUTED_STATISTICALLY, Status.UNDECIDED, Status.SUPPORTED, Status.PROVED_FOR)
    return next((s for s in order if s in found), Status.PROVED)


def _scope(stated: Statement, evidence: Sequence[Evidence], status: Status) -> str:
    if status is Status.UNDECIDED:
        counted = [e for p, e in zip(stated.parts, evidence, strict=True) if p.role == "claim"]
        done = sum(e.status.decided for e in counted)
        return f"{done} of {len(counted)} parts decided" if done else ""
    if status.value.startswith("refuted"):
        parts = [
            e.part for p, e in zip(stated.parts, evidence, strict=True) if p.role == "claim" and e.status is status
        ]
        return f"fails: {'; '.join(parts)}"
    surrogate = [str(e.data["scope"]) for e in evidence if "scope" in e.data]
    return "; ".join([*([stated.scope] if stated.scope else []), *surrogate]) or "all values that the hypotheses allow"


def _methods(stated: Statement, evidence: Sequence[Evidence], status: Status) -> str:
    counted = [e for p, e in zip(stated.parts, evidence, strict=True) if p.role == "claim"]
    if status.value.startswith("refuted"):
        counted = [e for e in counted if e.status is status]
    words = [word for e in counted if e.method != "none" for word in re.split(r", (?![^(]*\))", e.method)]
    return ", ".join(dict.fromkeys(words))


def _repair(stated: Statement, evidence: Sequence[Evidence]) -> str | None:
    fixed = [
        e
        for p, e in zip(stated.parts, evidence, strict=True)
        if p.role == "repair" and e.status in (Status.PROVED, Status.PROVED_FOR)
    ]
    return "; ".join(f"{e.part}: ${e.statement}$ ({e.status.value})" for e in fixed) or None


def suite_header(settings: Settings) -> dict[str, Any]:
    """Return the ``suite`` entry of a ledger: versions, seed, level, error budget."""
    import numpy
    import sympy

    from checks.version import __version__

    return {
        "gdproof": __version__,
        "sympy": sympy.__version__,
        "numpy": numpy.__version__,
        "level": settings.level,
        "seed": settings.seed,
        "backend": settings.backend,
        "error_budget": 1e-6,
    }
