"""A run of the suite: claims judged in parallel, every verdict kept in a store as soon as it is known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from checks.suite import ClaimError, Entry, Paper, Settings, judge, load, load_file, suite_header
from checks.verdict import Ledger, Verdict
from numerics.store import Store, key_of
from numerics.sweep import finished

STORE = "store.sqlite"


@cache
def code_digest() -> str:
    """Return a digest of every source file that a verdict may depend on (reports and command line left out)."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for folder in ("theory", "numerics", "checks"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".py", ".toml") and not {"report", "cli", "__pycache__"} & set(
                path.relative_to(root).parts
            ):
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def point_key(entry: Entry, settings: Settings) -> str:
    """Return the store's key of one verdict: claim, settings, versions and code."""
    header = suite_header(settings)
    return key_of(
        {
            "claim": entry.key,
            "statement": entry.statement,
            "settings": asdict(settings),
            "suite": header,
            "source": hashlib.sha256(Path(entry.source).read_bytes()).hexdigest() if entry.source else "",
            "code": code_digest(),
        }
    )


def _judge_entry(entry: Entry, settings: Settings) -> Verdict:
    loaded = load_file(Path(entry.source)) if entry.source else load(entry.paper)
    return judge(loaded, next(e for e in loaded.entries if e.id == entry.id), settings)


def _judge_point(settings: Settings, entry: Entry) -> tuple[str, Verdict]:
    """Return the store's key, as the process that judges sees code and versions, and the verdict."""
    return point_key(entry, settings), _judge_entry(entry, settings)


def run(
    chosen: Sequence[tuple[Paper, Entry]],
    settings: Settings,
    store_path: Path,
    jobs: int | None = None,
    fresh: bool = False,
    report: Callable[[Verdict], None] = lambda verdict: None,
    scheduler: str | None = None,
) -> Ledger:
    """Judge the chosen claims and return the ledger, in the order of the papers' lists.

    Verdicts that the store already has for this code and these settings are served from it; each new one is stored
    before the next is waited for, so a run that is killed loses at most the claims in flight.

    Parameters
    ----------
    chosen
        Claims, as `checks.suite.select` returns them.
    settings
        Level, seed, backend.
    store_path
        The SQLite file.
    jobs
        Processes (default: one a core).
    fresh
        Judge again what the store has.
    report
        Called with every verdict as it becomes known.
    scheduler
        Address of a ``dask.distributed`` scheduler, instead of processes on this machine.
    """
    verdicts: dict[str, Verdict] = {}
    with Store(store_path) as store:
        todo = []
        for _paper, entry in chosen:
            stored = None if fresh else store.get(point_key(entry, settings))
            if stored is None:
                todo.append(entry)
            else:
                verdicts[entry.key] = Verdict.from_json(stored)
                report(verdicts[entry.key])
        for entry, verdict in _judged(todo, settings, jobs, scheduler):
            store.put(point_key(entry, settings), verdict.as_json(), replace=True)
            verdicts[entry.key] = verdict
            report(verdict)
    ledger = Ledger(suite_header(settings), tuple(verdicts[entry.key] for _, entry in chosen))
    return Ledger({**ledger.suite, **error_budget(ledger)}, ledger.verdicts)


def error_budget(ledger: Ledger) -> dict[str, float]:
    """Return how much of the suite's error probability its sequential tests use, by the union bound.

    Raises
    ------
    ClaimError
        When the tests together exceed the budget of the suite.
    """
    used = sum(float(t["alpha"]) for v in ledger.verdicts for e in v.evidence for t in e.data.get("tests", ()))
    total = float(ledger.suite["error_budget"])
    if used > total * (1 + 1e-9):
        raise ClaimError(f"the sequential tests use an error probability of {used:.3g}; the suite allows {total:.3g}")
    return {"error_budget_used": used}


def _judged(
    todo: Sequence[Entry], settings: Settings, jobs: int | None, scheduler: str | None
) -> Iterator[tuple[Entry, Verdict]]:
    if scheduler is None:
        jobs = min(jobs or os.cpu_count() or 1, max(1, len(todo)))
    for done in finished(partial(_judge_point, settings), todo, jobs=jobs, scheduler=scheduler):
        for entry, (key, verdict) in done:
            if key != point_key(entry, settings):
                raise ClaimError(
                    f"{entry.key} was judged by a worker with other code or versions: install the same gdproof, "
                    "SymPy and python-flint on every worker"
                )
            yield entry, verdict
