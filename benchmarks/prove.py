"""The proof engine on a table of known claims: what it decides, how, how fast, with how large a certificate.

``python benchmarks/prove.py [--seconds S] [--only TEXT] [--mutants]`` prints one row a claim and the totals, and ends
with 1 if a verdict contradicts what is known.  ``seconds`` is processor time, ``recheck`` that of the checker alone,
``MB`` the largest memory that the process has held so far (a claim that raised it is the one to look at).  The claims
are in ``benchmarks/claims/*.toml``, the truth values in ``benchmarks/claims/expected.toml``, which only this report and
the tests read.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from checks.checker.accept import check
from checks.claim import forall
from checks.engine import decide
from checks.verdict import Evidence, Status

FOLDER = Path(__file__).resolve().parent / "claims"
TRUTH = "expected.toml"


@dataclass(frozen=True)
class Claim:
    """One claim of a claim file; ``key`` is the file's key and the claim's id."""

    key: str
    show: Sequence[str]
    given: Sequence[str] = ()
    let: Sequence[str] = ()
    integers: Sequence[str] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    def decide(self, seconds: float) -> Evidence:
        """Ask the engine."""
        part = forall(self.key, self.show, given=self.given, let=self.let, integers=self.integers)
        return decide(part, seconds)


def claims() -> list[Claim]:
    """Return the claims without ``exists`` and ``sharpen``, in file order."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        if path.name == TRUTH:
            continue
        content = tomllib.loads(path.read_text())
        for raw in content["claim"]:
            if raw.get("exists") or raw.get("sharpen"):
                continue
            fields = {name: tuple(raw.get(name, ())) for name in ("show", "given", "let", "integers")}
            found.append(Claim(f"{content['paper']['key']}.{raw['id']}", **fields, more=raw))
    return found


def expected() -> dict[str, dict[str, Any]]:
    """Return what is known: ``{"truth": bool, "at": {name: exact value}}`` by key."""
    content = tomllib.loads((FOLDER / TRUTH).read_text())
    return {f"{file}.{name}": entry for file, entries in content.items() for name, entry in entries.items()}


TOKEN = re.compile(r"\d+\.\d*|\.\d+|\d+|[A-Za-z_][A-Za-z_0-9]*|\*\*|<=|>=|==|!=|\S")
COMPARE = {"<", "<=", "==", "!=", ">=", ">"}


def mutants(claim: Claim) -> Iterator[tuple[str, Claim]]:
    """Yield three near misses of a claim, each with what was changed.

    ``sign``: in the first conclusion, the last ``+`` or ``-`` between two terms is turned round (the last comparison,
    where there is none).  ``constant``: in the first conclusion, the last number that is no exponent grows by a
    seventh of itself and at least by 1/7 (the right side grows by 1/7, where there is none).  ``hypothesis``: the last
    comparison of the last hypothesis is dropped (without hypotheses: the first conclusion's right side shrinks by 1/7).
    """
    first, *rest = claim.show
    tokens = TOKEN.findall(first)
    yield "sign", replace(claim, key=f"{claim.key}~sign", show=(_turned(tokens), *rest))
    yield "constant", replace(claim, key=f"{claim.key}~constant", show=(_moved(tokens, first), *rest))
    if not claim.given:
        yield "hypothesis", replace(claim, key=f"{claim.key}~hypothesis", show=(f"{first} - 1/7", *rest))
        return
    *kept, last = claim.given
    parts = TOKEN.findall(last)
    places = [n for n, token in enumerate(parts) if token in COMPARE]
    plain = not {"and", "or", "not", "implies", "min", "max"} & set(parts)
    left = [*kept, " ".join(parts[: places[-1]])] if len(places) > 1 and plain else kept
    yield "hypothesis", replace(claim, key=f"{claim.key}~hypothesis", given=tuple(left))


def _turned(tokens: Sequence[str]) -> str:
    ends = {")", "]"}
    for n in range(len(tokens) - 1, 0, -1):
        binary = tokens[n - 1] in ends or re.match(r"[\w.]", tokens[n - 1])
        word = tokens[n - 1] in {"and", "or", "not", "implies"}
        if tokens[n] in ("+", "-") and binary and not word:
            return " ".join([*tokens[:n], "-" if tokens[n] == "+" else "+", *tokens[n + 1 :]])
    other = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "!=", "!=": "=="}
    place = max(n for n, token in enumerate(tokens) if token in COMPARE)
    return " ".join([*tokens[:place], other[tokens[place]], *tokens[place + 1 :]])


def _moved(tokens: Sequence[str], line: str) -> str:
    for n in range(len(tokens) - 1, -1, -1):
        exponent = n > 0 and tokens[n - 1] == "**"
        if re.match(r"[\d.]", tokens[n]) and not exponent:
            grown = f"({tokens[n]} + 1/7)" if float(tokens[n]) == 0 else f"({tokens[n]}*8/7)"
            return " ".join([*tokens[:n], grown, *tokens[n + 1 :]])
    return f"{line} + 1/7"


def wrong(truth: bool | None, status: Status) -> bool:
    """Return whether a verdict contradicts what is known."""
    return truth is not None and status is (Status.REFUTED if truth else Status.PROVED)


def ask(task: tuple[Claim, float]) -> dict[str, Any]:
    """Decide one claim in a worker process."""
    claim, seconds = task
    row: dict[str, Any] = {"key": claim.key, "method": "", "bytes": 0, "recheck": 0.0}
    started = time.process_time()
    try:
        evidence = claim.decide(seconds)
    except Exception as error:  # a crash is a row of the table as well
        row |= {"status": "error", "reason": f"{type(error).__name__}: {error}"}
        return row | {"seconds": time.process_time() - started, "megabytes": _megabytes()}
    row |= {"seconds": time.process_time() - started, "megabytes": _megabytes()}
    row |= {"status": str(evidence.status.value), "method": evidence.method}
    if evidence.certificate:
        text = json.dumps(evidence.certificate, separators=(",", ":"))
        begun = time.process_time()
        accepted = check(evidence.formal, json.loads(text))
        row |= {"bytes": len(text), "recheck": time.process_time() - begun, "accepted": accepted}
    row["reason"] = evidence.detail[-1] if evidence.detail and evidence.status is Status.UNDECIDED else ""
    return row | {"counterexample": dict(evidence.counterexample or {})}


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


#: What most claims should stay under (seconds of processor time, bytes, seconds, megabytes).
SIZES = {"seconds": 2.0, "bytes": 10_000, "recheck": 0.2, "megabytes": 1024}


def main() -> int:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="budget of the engine a claim")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--only", default="", help="only the claims whose key contains this text")
    parser.add_argument("--mutants", action="store_true", help="run the mutants of the true claims instead")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    known = expected()
    listed = [claim for claim in claims() if options.only in claim.key]
    if options.mutants:
        listed = [m for claim in listed if known[claim.key]["truth"] for _, m in mutants(claim)]
    rows = []
    print(f"{'claim':42} {'status':9} {'expected':9} {'seconds':>7} {'bytes':>7} {'recheck':>7} {'MB':>5}  method")
    with ProcessPoolExecutor(options.jobs) as pool:
        for row in pool.map(ask, [(claim, options.seconds) for claim in listed]):
            truth = known.get(row["key"], {}).get("truth")
            row["expected"] = {True: "true", False: "false", None: "-"}[truth]
            row["wrong"] = row["status"] in ("proved", "refuted") and wrong(truth, Status(row["status"]))
            rows.append(row)
            mark = "  WRONG" if row["wrong"] else ""
            shown = row["method"] if row["status"] in ("proved", "refuted") else row["reason"]
            print(
                f"{row['key']:42} {row['status']:9} {row['expected']:9} {row['seconds']:7.2f} {row['bytes']:7d} "
                f"{row['recheck']:7.2f} {row['megabytes']:5.0f}  {shown[:110]}{mark}",
                flush=True,
            )
    table = Counter((row["expected"], row["status"]) for row in rows)
    print()
    for (truth, status), count in sorted(table.items()):
        print(f"{truth:6} {status:10} {count:4}")
    decided = sum(row["status"] in ("proved", "refuted") for row in rows)
    bad = sum(row["wrong"] for row in rows)
    spent = sum(row["seconds"] for row in rows)
    share = 100 * decided / max(1, len(rows))
    print(f"{len(rows)} claims, {decided} decided ({share:.1f} %), {bad} wrong, {spent:.1f} s of the engine")
    for name, most in SIZES.items():
        above = [row["key"] for row in rows if row[name] > most]
        print(f"{name} above {most:g}: {len(above)}{': ' if above else ''}{' '.join(above[:12])}")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
