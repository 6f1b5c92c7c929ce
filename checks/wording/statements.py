"""Formal statements as LaTeX mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checks.wording import matrices
from checks.wording.notation import line_latex, name_latex


def formal_latex(formal: Mapping[str, Any]) -> str:
    """Return a formal statement as one line of LaTeX mathematics."""
    if formal["form"] == "matrices":
        return matrices.formal_latex(formal)
    shown = list(formal.get("show") or formal.get("always") or formal.get("limit") or [])
    if formal["form"] == "trajectory":
        shown += [line for branch in formal["branches"] for line in branch["then"]]
    given = [*formal.get("parameters", ()), *formal.get("given", ()), *formal.get("start", ())]
    text = r",\quad ".join(line_latex(line) for line in shown)
    if formal["form"] == "limit":
        text = r"\lim_t w_t \in \left\{ c : " + text + r"\right\}"
    if given:
        text = r",\; ".join(line_latex(line) for line in given) + r"\ \Longrightarrow\ " + text
    if formal["form"] == "trajectory":
        steps = [
            r",\; ".join(f"{name_latex(name)}' = {line_latex(value)}" for name, value in branch["next"].items())
            + (r"\ [" + r",\; ".join(line_latex(x) for x in branch["inputs"]) + "]" if branch.get("inputs") else "")
            for branch in formal["branches"]
        ]
        text += r"\quad\text{at all times of every run with } " + r"\ \text{ or }\ ".join(steps)
    let = [line.partition("=") for line in formal.get("let", ())]
    if let:
        text += r"\quad\text{where } " + r",\; ".join(f"{name_latex(a.strip())} = {line_latex(b)}" for a, _, b in let)
    return text
