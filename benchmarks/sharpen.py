"""The sharp values of parameters on a table of known thresholds: exact, bracket or none, and whether they are right.

``python benchmarks/sharpen.py [--seconds S] [--only TEXT]`` prints one row a claim and the totals, and ends with 1 if
an answer contradicts what is known.  The claims are in ``benchmarks/claims/thresholds.toml``, their values in
``benchmarks/sharp.toml``, which only this report and the tests read.
"""

from __future__ import annotations

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mpmath as mp

from checks.checker.grammar import Node, parse
from checks.claimfile import FileClaim, read
from checks.engine.sharpen.search import sharpen

FOLDER = Path(__file__).resolve().parent
DIGITS = 40
FUNCTIONS = {name: getattr(mp, name) for name in ("sqrt", "exp", "log", "sin", "cos", "tan")}


def claims() -> dict[str, FileClaim]:
    """Return the claims by id, in file order."""
    return {claim.id: claim for claim in read(FOLDER / "claims" / "thresholds.toml").claims}


def known() -> dict[str, dict[str, Any]]:
    """Return what is known by id: ``value`` or ``interval``, ``attained``, maybe ``polynomial``."""
    return tomllib.loads((FOLDER / "sharp.toml").read_text())


def ask(claim: FileClaim, seconds: float) -> dict[str, Any] | None:
    """Return the sharp entry of a claim."""
    assert claim.sharpen is not None
    return sharpen(claim.formal, list(claim.exists), *claim.sharpen, seconds)


def number(text: str) -> mp.mpf:
    """Return the value of an expression without names, or an infinity."""
    if text.strip() in ("oo", "-oo"):
        return mp.mpf("inf") * (-1 if text.strip() == "-oo" else 1)
    with mp.workdps(DIGITS):
        return _value(parse(text))


def _value(node: Node) -> mp.mpf:
    kind = node[0]
    if kind == "number":
        return mp.mpf(node[1].numerator) / node[1].denominator
    if kind == "call":
        return mp.mpf(mp.pi) if node[1] == "pi" else FUNCTIONS[node[1]](*(_value(part) for part in node[2]))
    a, b = _value(node[1]), _value(node[2])
    return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b, "**": lambda: a**b}[kind]()


def verdict(found: Mapping[str, Any] | None, truth: Mapping[str, Any]) -> str:
    """Return ``exact`` or ``bracket`` where the answer agrees with the truth, ``none``, or ``WRONG``."""
    if found is None:
        return "none"
    low, high = map(number, found["interval"])
    ends = [number(truth["value"])] * 2 if "value" in truth else list(map(number, truth["interval"]))
    inside = ends[0] == low == high if mp.isinf(ends[0]) else low <= ends[1] and ends[0] <= high
    if found["status"] == "bracket":
        inside = low <= ends[1] and ends[0] <= high
        return "bracket" if inside else "WRONG"
    right = inside and found["attained"] is truth["attained"]
    if "value" in truth and not mp.isinf(ends[0]) and not found["value"].startswith("root of"):
        right = right and abs(number(found["value"]) - ends[0]) < mp.mpf(10) ** (5 - DIGITS)
    if "polynomial" in truth:
        right = right and found["minimal_polynomial"] == truth["polynomial"]
    return "exact" if right else "WRONG"


def main() -> int:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="budget of a claim")
    parser.add_argument("--only", default="", help="only the claims whose id contains this text")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args()
    truths = known()
    rows: list[dict[str, Any]] = []
    for name, claim in claims().items():
        if options.only not in name:
            continue
        started = time.process_time()
        try:
            found, reason = ask(claim, options.seconds), ""
        except Exception as error:  # a crash is a row of the table as well
            found, reason = None, f"{type(error).__name__}: {error}"
        spent = time.process_time() - started
        word = "CRASH" if reason else verdict(found, truths[name])
        shown = reason if found is None else f"{found['value']}  {found['interval']}  attained: {found['attained']}"
        rows.append({"id": name, "answer": word, "seconds": spent, "sharp": found})
        wanted = truths[name].get("value", truths[name].get("interval"))
        print(f"{name:22} {word:8} {spent:6.1f} s  {wanted!s:22}  {shown}", flush=True)
    print(dict(Counter(row["answer"] for row in rows)), f"{sum(row['seconds'] for row in rows):.0f} s")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    return 1 if any(row["answer"] in ("WRONG", "CRASH") for row in rows) else 0


if __name__ == "__main__":
    raise SystemExit(main())
