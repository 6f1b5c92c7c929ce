"""Claim files: a user's own lemmas in TOML, read without evaluating anything, and judged one by one.

The file format is that of ``gdproof check``: ``schema = 1``, ``[paper]`` with its ``key``, and a ``[[claim]]`` for each
claim.  Every line is parsed by the checker's own parser; whatever is wrong ends in one `ClaimFileError` that names the
file, the claim, the field, the line and the column, and says what would parse.
"""

from __future__ import annotations

import difflib
import time
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checks.checker import grammar
from checks.checker.accept import FAULTS
from checks.checker.grammar import Node
from checks.claim import forall
from checks.claimline import RESERVED, STATEMENTS, BadLine, parse_line
from checks.suite import ClaimError
from checks.verdict import Evidence, Status, Verdict

VACUOUS = "vacuous: no point satisfies the hypotheses"
_TOP, _PAPER, _SHARPEN = ("schema", "paper", "claim"), ("key",), ("parameter", "bound")
_FIELDS = ("id", "title", "where", "let", "given", "show", "integers", "exists", "sharpen")


class ClaimFileError(ClaimError):
    """A claim file that cannot be read; the message names the place and says what would work."""


@dataclass(frozen=True)
class FileClaim:
    """One claim of a file, as written.

    ``sharpen`` is the parameter and the side (``upper`` or ``lower``), or None.
    """

    paper: str
    id: str
    show: tuple[str, ...]
    title: str = ""
    where: str = ""
    let: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    integers: tuple[str, ...] = ()
    exists: tuple[str, ...] = ()
    sharpen: tuple[str, str] | None = None

    @property
    def formal(self) -> dict[str, Any]:
        """The statement for the checker, without ``exists``."""
        part = forall(self.id, self.show, given=self.given, let=self.let, integers=self.integers)
        return dict(part.formal or {})

    @property
    def text(self) -> str:
        """The claim in one line, as written."""
        start = f"there are {', '.join(self.exists)} such that " if self.exists else ""
        where = f", where {', '.join(self.let)}" if self.let else ""
        return f"{start}{'; '.join(self.given)}{' implies ' if self.given else ''}{'; '.join(self.show)}{where}"


@dataclass(frozen=True)
class ClaimFile:
    """A claim file: the paper's key, and its claims in order."""

    path: Path
    paper: str
    claims: tuple[FileClaim, ...]


@dataclass(frozen=True)
class Result:
    """What was found on one claim; ``sharp`` is the entry of the result file, ``vacuous`` says why it is proved."""

    claim: FileClaim
    evidence: Evidence
    seconds: float
    sharp: Mapping[str, Any] | None = None
    reason: str | None = None

    @property
    def status(self) -> Status:
        """The verdict."""
        return self.evidence.status

    @property
    def vacuous(self) -> bool:
        """Whether no point satisfies the hypotheses."""
        return self.evidence.data.get("vacuous") is True

    def as_json(self, certificate: str | None = None) -> dict[str, Any]:
        """Return the entry of the result file; ``certificate`` is the path under which it was written."""
        point = self.evidence.counterexample
        return {
            "id": self.claim.id,
            "status": self.status.value,
            "method": self.evidence.method,
            "seconds": round(self.seconds, 4),
            "counterexample": None if point is None else dict(point),
            "certificate": certificate,
            "sharp": None if self.sharp is None else dict(self.sharp),
            "reason": self.reason,
        }

    def as_verdict(self) -> Verdict:
        """Return the record that every report reads."""
        claim, found = self.claim, self.evidence
        sharp = None if self.sharp is None or claim.sharpen is None else {**self.sharp, "parameter": claim.sharpen[0]}
        return Verdict(
            paper=claim.paper,
            id=claim.id,
            title=claim.title,
            where=claim.where,
            kind="claim",
            status=found.status,
            scope="",
            method="" if found.method == "none" else found.method,
            seconds=self.seconds,
            claim_text=claim.text,
            evidence=(found,),
            depends_on=(),
            counterexample=found.counterexample,
            reason=self.reason,
            sharp=sharp,
        )


def judge_file(path: Path, seconds: float = 20.0) -> list[Result]:
    """Read a claim file and judge its claims in order, each within a budget in seconds.

    Raises
    ------
    ClaimFileError
        When the file cannot be read.
    """
    return [judge_claim(claim, seconds) for claim in read(path).claims]


def judge_claim(claim: FileClaim, seconds: float = 20.0) -> Result:
    """Judge one claim; where the engine fails on it, the claim is undecided and the reason says how."""
    from checks.engine.quantified import decide_claim
    from checks.engine.sharpen.search import sharpen

    started = time.perf_counter()
    formal, sharp = claim.formal, None
    try:
        evidence = decide_claim(formal, list(claim.exists), seconds)
    except FAULTS as error:
        evidence = _undecided(f"the engine cannot take this statement ({type(error).__name__}: {error})")
    if claim.sharpen is not None:
        try:
            sharp = sharpen(formal, list(claim.exists), *claim.sharpen, seconds)
        except FAULTS:
            sharp = None
    return Result(claim, evidence, time.perf_counter() - started, sharp, _reason(evidence))


def _reason(evidence: Evidence) -> str | None:
    if evidence.data.get("vacuous") is True:
        return VACUOUS
    if evidence.status is not Status.UNDECIDED:
        return None
    return next((text for text in reversed(evidence.detail) if text), "no method decided it")


def _undecided(reason: str) -> Evidence:
    return Evidence("claim", Status.UNDECIDED, "none", detail=(reason,))


def read(path: Path) -> ClaimFile:
    """Read a claim file.

    Raises
    ------
    ClaimFileError
        With the file, the claim, the field, the line and the column, and what would parse.
    """
    raw = _toml(path)
    _only(raw, _TOP, f"{path}")
    if raw.get("schema") != 1 or isinstance(raw["schema"], bool):
        raise ClaimFileError(f"{path}: 'schema' is {_shown(raw, 'schema')}; write schema = 1 at the top of the file")
    paper = _table(raw, "paper", f"{path}", '[paper] with key = "demo"')
    _only(paper, _PAPER, f"{path}: [paper]")
    key = paper.get("key")
    if not isinstance(key, str) or not key.strip():
        raise ClaimFileError(f"{path}: [paper]: 'key' is {_shown(paper, 'key')}; write a text: key = \"demo\"")
    entries = raw.get("claim")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ClaimFileError(f"{path}: 'claim' is {_shown(raw, 'claim')}; start each claim with a line [[claim]]")
    claims: dict[str, FileClaim] = {}
    for position, entry in enumerate(entries, 1):
        claim = read_claim(entry, key, f"{path}: claim {position}", str(path))
        if claim.id in claims:
            raise ClaimFileError(f"{path}: claim {position}: 'id' is {claim.id!r}, as in an earlier claim; ids differ")
        claims[claim.id] = claim
    return ClaimFile(path, key, tuple(claims.values()))


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ClaimFileError(f"{path}: cannot be read ({error.strerror}); give the path of a claim file") from error
    except UnicodeDecodeError as error:
        raise ClaimFileError(f"{path}: byte {error.start} is not UTF-8 text; a claim file is TOML in UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        hint = 'what parses: given = ["0 < x < 1", "y >= 0"]'
        raise ClaimFileError(f"{path}: this is not TOML: {error}; {hint}") from error
    except RecursionError as error:
        raise ClaimFileError(f"{path}: nested too deeply; a claim file holds lists of texts") from error


def read_claim(raw: Mapping[str, Any], paper: str, place: str, file: str = "") -> FileClaim:
    """Read one claim from its fields; ``place`` says where it stands until its id is known.

    Raises
    ------
    ClaimFileError
        When a field is unknown, missing or of the wrong type, or a line does not parse.
    """
    name = raw.get("id")
    if not isinstance(name, str) or not name.strip():
        raise ClaimFileError(f"{place}: 'id' is {_shown(raw, 'id')}; write a text: id = \"L2\"")
    place = f"{file}: claim {name!r}" if file else place
    _only(raw, _FIELDS, place)
    title, where = (_text(raw, field, place) for field in ("title", "where"))
    let, given, show, integers, exists = (
        _texts(raw, field, place) for field in ("let", "given", "show", "integers", "exists")
    )
    if not show:
        raise ClaimFileError(f"{place}: 'show' is {_shown(raw, 'show')}; write what is claimed: show = [\"x < 1\"]")
    lines = _Lines(place)
    for position, line in enumerate(let, 1):
        lines.define(position, line)
    for field, texts in (("given", given), ("show", show)):
        for position, line in enumerate(texts, 1):
            lines.state(field, position, line)
    for field, names in (("integers", integers), ("exists", exists)):
        for word in names:
            lines.known(field, word)
    sharp = None
    if "sharpen" in raw:
        example = 'sharpen = { parameter = "c", bound = "upper" }'
        table = _table(raw, "sharpen", place, example)
        _only(table, _SHARPEN, f"{place}: sharpen")
        sharp = (_text(table, "parameter", f"{place}: sharpen"), _text(table, "bound", f"{place}: sharpen"))
        if "parameter" not in table:
            raise ClaimFileError(f"{place}: sharpen.parameter is missing; write {example}")
        lines.known("sharpen.parameter", sharp[0])
        if sharp[0] in exists:
            raise ClaimFileError(f"{place}: sharpen.parameter {sharp[0]!r} is in 'exists'; name one of the others")
        if sharp[1] not in ("upper", "lower"):
            raise ClaimFileError(f'{place}: sharpen.bound is {_shown(table, "bound")}; write "upper" or "lower"')
    return FileClaim(
        paper=paper,
        id=name,
        show=show,
        title=title,
        where=where,
        let=let,
        given=given,
        integers=tuple(dict.fromkeys(integers)),
        exists=tuple(dict.fromkeys(exists)),
        sharpen=sharp,
    )


class _Lines:
    """The lines of one claim, read in order: abbreviations with their sorts, and the names that stay free."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.let: dict[str, tuple[bool, set[str]]] = {}
        self.free: set[str] = set()

    def define(self, position: int, line: str) -> None:
        """Read one ``let`` line."""
        name, sign, text = line.partition("=")
        name, column = name.strip(), len(line) - len(line.lstrip()) + 1
        example = "write name = expression, for example x1 = x*(1 - x)"

        def fail(message: str, column: int = column) -> ClaimFileError:
            return ClaimFileError(f"{self.place}: let line {position} {_quoted(line)}: column {column}: {message}")

        if not sign:
            raise fail(f"no = in it; {example}", len(line) + 1)
        if text.startswith("="):
            raise fail(f"== compares, one = abbreviates; {example}", line.index("=") + 1)
        if not text.strip():
            raise fail(f"nothing after =; {example}", len(line.rstrip()) + 1)
        if name in RESERVED:
            raise fail(f"{name!r} is a word of the grammar; choose another name")
        if not grammar.is_name(name):
            raise fail(f"{name!r} is no name (letters, digits and _); {example}")
        if name in self.let:
            raise fail(f"{name!r} is abbreviated twice; choose another name")
        node, free = self._read("let", position, line, len(line) - len(text), None)
        if name in free or name in self.free:
            how = "its own definition" if name in free else "an earlier line"
            raise fail(f"{name!r} is used in {how}; choose another name, or move the line up")
        self.free |= free
        statement = node[0] in STATEMENTS or (node[0] == "name" and self.let.get(node[1], (False,))[0])
        self.let[name] = (statement, free)

    def state(self, field: str, position: int, line: str) -> None:
        """Read one line of ``given`` or ``show``."""
        self.free |= self._read(field, position, line, 0, True)[1]

    def known(self, field: str, word: str) -> None:
        """Refuse a name that is no variable of the claim."""
        if word in self.let:
            raise ClaimFileError(f"{self.place}: {field}: {word!r} is an abbreviation ('let'); name a variable")
        if word not in self.free:
            near = difflib.get_close_matches(word, sorted(self.free), n=3, cutoff=0.3) or sorted(self.free)
            raise ClaimFileError(
                f"{self.place}: {field}: {word!r} occurs in no line; names that do: {', '.join(near) or 'none'}"
            )

    def _read(self, field: str, position: int, line: str, start: int, wanted: bool | None) -> tuple[Node, set[str]]:
        place = f"{self.place}: {field} line {position} {_quoted(line)}"
        statements = {name for name, (statement, _) in self.let.items() if statement}
        try:
            node = parse_line(" " * start + line[start:], statements, wanted)
        except BadLine as error:
            raise ClaimFileError(f"{place}: column {error.column}: {error}") from error
        found = grammar.names(node)
        return node, {name for word in found for name in (self.let[word][1] if word in self.let else {word})}


def _only(raw: Mapping[str, Any], fields: Sequence[str], place: str) -> None:
    for field in raw:
        if field not in fields:
            near = difflib.get_close_matches(field, fields, n=3, cutoff=0.5) or fields
            raise ClaimFileError(f"{place}: unknown field {field!r}; nearest: {', '.join(near)}")


def _shown(raw: Mapping[str, Any], field: str) -> str:
    return "missing" if field not in raw else _quoted(raw[field])


def _quoted(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}..."


def _table(raw: Mapping[str, Any], field: str, place: str, example: str) -> Mapping[str, Any]:
    if not isinstance(raw.get(field), dict):
        raise ClaimFileError(f"{place}: {field!r} is {_shown(raw, field)}; write {example}")
    return raw[field]


def _text(raw: Mapping[str, Any], field: str, place: str) -> str:
    value = raw.get(field, "")
    if not isinstance(value, str):
        raise ClaimFileError(f'{place}: {field!r} is {_quoted(value)}; write a text: {field} = "..."')
    return value


def _texts(raw: Mapping[str, Any], field: str, place: str) -> tuple[str, ...]:
    value = raw.get(field, [])
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ClaimFileError(f'{place}: {field!r} is {_quoted(value)}; write a list of texts: {field} = ["..."]')
    return tuple(value)
